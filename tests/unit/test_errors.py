"""From the driver's errors to ours."""

from dataclasses import dataclass

import oracledb
import pytest

from sql.errors import (
    CallInterrupted,
    ConnectionLost,
    DatabaseAway,
    DatabaseError,
    LogonRefused,
    NotInstalled,
    RowBusy,
    code_of,
    convert_error,
    strip_help,
    with_hint,
)

COMPILE_ERROR = (
    "ORA-06550: line 4, column 9:\n"
    "PLS-00306: wrong number or types of arguments in call to 'P'\n"
    "ORA-06550: line 4, column 9:\nPL/SQL: Statement ignored"
)


@dataclass
class Details:
    """What the driver keeps in args[0]."""

    full_code: str
    message: str
    is_session_dead: bool = False

    def __str__(self) -> str:
        return self.message


@pytest.mark.parametrize(
    ("full_code", "message", "kind", "code"),
    [
        ("DPY-6005", "DPY-6005: cannot connect to database", DatabaseAway, "DPY-6005"),
        ("DPY-4005", "DPY-4005: timed out waiting for the pool", DatabaseAway, "DPY-4005"),
        ("ORA-01017", "ORA-01017: invalid credential", LogonRefused, "ORA-01017"),
        ("ORA-01013", "ORA-01013: user requested cancel", CallInterrupted, "ORA-01013"),
        ("DPY-4024", "DPY-4024: call timeout of 5 ms exceeded", CallInterrupted, "DPY-4024"),
        ("ORA-30006", "ORA-30006: resource busy", RowBusy, "ORA-30006"),
        ("ORA-00942", "ORA-00942: table or view does not exist", NotInstalled, "ORA-00942"),
        ("ORA-04063", "ORA-04063: package body has errors", NotInstalled, "ORA-04063"),
        ("ORA-20001", "ORA-20001: own", DatabaseError, "ORA-20001"),
        ("ORA-06550", COMPILE_ERROR, DatabaseError, "PLS-00306"),
    ],
)
def test_codes_decide_the_class(
    full_code: str, message: str, kind: type[DatabaseError], code: str
) -> None:
    error = convert_error(oracledb.DatabaseError(Details(full_code, message)))

    assert type(error) is kind
    assert error.code == code
    assert error.text == message


def test_a_dead_session_is_a_lost_connection_whatever_ora_code_is_inside() -> None:
    details = Details("DPY-4011", "DPY-4011: closed\nORA-00028: killed", is_session_dead=True)

    assert type(convert_error(oracledb.DatabaseError(details))) is ConnectionLost


def test_the_drivers_help_line_goes_and_the_stack_stays() -> None:
    text = 'ORA-01403: no data found\nORA-06512: at "O.P", line 3\n'
    help_line = "Help: https://docs.oracle.com/error-help/db/ora-01403/"

    assert strip_help(text + help_line) == text.rstrip()


def test_code_of_a_text_without_one_is_empty() -> None:
    assert code_of("nada") == ""


def test_hints_follow_the_whole_text() -> None:
    assert with_hint("ORA-01403: no data found", "ORA-01403").startswith(
        "ORA-01403: no data found\nSug"
    )
    assert with_hint("ORA-20001: own", "ORA-20001") == "ORA-20001: own"
