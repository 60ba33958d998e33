"""What the database and the driver can say, as classes.

    DatabaseError            any other number; `.code` says which
    ├── DatabaseAway         no connection to be had; nothing was sent
    ├── LogonRefused         wrong user or password, locked or expired account
    ├── ConnectionLost       the connection broke in a call: its outcome is unknown
    ├── CallInterrupted      cancelled, or over its time limit; the connection lives
    ├── PrivilegeMissing     the user may not do this
    ├── SchemaMismatch       the tables and packages are of another release
    ├── NotInstalled         OraQ's tables or packages are missing or invalid
    ├── PackageDiscarded     a unit was recompiled under the session
    ├── RowBusy              a lock was not to be had in time
    └── QueueStopped         the queue does not take or give messages

The driver's classes do not tell these apart (DPY-4011, a lost connection, is a plain
DatabaseError), its codes do. Messages are kept whole but for the driver's Help line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import oracledb


class DatabaseError(Exception):
    """The database or the driver refused something.

    Attributes:
        code: as a person looks it up: ORA-20001, PLS-00306, DPY-4024.
        text: everything that was said, without the driver's Help line.
        hint: what else helps, beside the hint that goes with the code; mostly nothing.
    """

    def __init__(self, code: str, text: str, *, hint: str = "") -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.hint = hint

    @property
    def line(self) -> str:
        """The line that says what is wrong, out of a stack."""
        lines = self.text.splitlines() or [self.text]
        return next((line for line in lines if self.code and self.code in line), lines[0])


class DatabaseAway(DatabaseError):
    """No connection to be had, so nothing was sent."""


class LogonRefused(DatabaseError):
    """Wrong user or password, or an account that may not log on."""


class ConnectionLost(DatabaseError):
    """The connection broke in a call. Whether the call took effect is unknown."""


class CallInterrupted(DatabaseError):
    """A call was cancelled or over its time limit; its transaction may be open."""


class PrivilegeMissing(DatabaseError):
    """The user may not do this."""


class NotInstalled(DatabaseError):
    """A table or unit of ours is missing or invalid."""


class SchemaMismatch(DatabaseError):
    """The tables and packages are of another version than this program works with.

    Attributes:
        found: their version.
        wanted: the program's.
    """

    def __init__(self, found: int, wanted: int) -> None:
        what = "run oraq upgrade" if found < wanted else "use the newer oraq"
        super().__init__("", f"the schema has version {found}, this oraq needs {wanted}: {what}")
        self.found = found
        self.wanted = wanted


class PackageDiscarded(DatabaseError):
    """The state of a package was discarded, as the package was recompiled."""


class RowBusy(DatabaseError):
    """A lock was not to be had in time, or waiting for it would have been a deadlock."""


class QueueStopped(DatabaseError):
    """The queue does not take or give messages."""


#: By the code of the first message. What is in no list stays a DatabaseError.
CLASSES: Final[dict[str, type[DatabaseError]]] = {
    # The listener or the instance, before a session exists.
    **dict.fromkeys(["ORA-00018", "ORA-00020", "ORA-01033", "ORA-01034"], DatabaseAway),
    **dict.fromkeys(["ORA-01090", "ORA-12514", "ORA-12516", "ORA-12519"], DatabaseAway),
    **dict.fromkeys(["ORA-12520", "ORA-12541", "DPY-4005"], DatabaseAway),
    **dict.fromkeys(["ORA-01017", "ORA-01045", "ORA-28000", "ORA-28001"], LogonRefused),
    **dict.fromkeys(["DPY-4011", "DPY-1001"], ConnectionLost),
    **dict.fromkeys(["ORA-01013", "DPY-4024"], CallInterrupted),
    "ORA-01031": PrivilegeMissing,
    **dict.fromkeys(["ORA-00942", "PLS-00201", "PLS-00904", "PLS-00905"], NotInstalled),
    # Not those of its state, after a change: these do not go away by themselves.
    **dict.fromkeys(["ORA-04063", "ORA-06508"], NotInstalled),
    **dict.fromkeys(["ORA-04061", "ORA-04065", "ORA-04068"], PackageDiscarded),
    **dict.fromkeys(["ORA-00054", "ORA-00060", "ORA-30006"], RowBusy),
    **dict.fromkeys(["ORA-24010", "ORA-25207", "ORA-25226"], QueueStopped),
}

#: What the existing service told its users, by code; the last three are ours.
HINTS: Final[dict[str, str]] = {
    "ORA-06502": "Error de conversión: revise el tipo y la longitud de los parámetros.",
    "ORA-01403": "No se encontraron datos para los parámetros indicados.",
    "PLS-00201": "El procedimiento no existe o el usuario no tiene permisos para ejecutarlo.",
    "PLS-00306": "Número o tipo de parámetros incorrecto: revise la firma del procedimiento.",
    "ORA-01453": 'Envíe el job con "transaction": "own" para que empiece sin transacción.',
    "ORA-12841": 'Envíe el job con "transaction": "own" para que empiece sin transacción.',
    # Also at the outcome: the job's row has changed since such a transaction of his began.
    "ORA-08177": "Una transacción SERIALIZABLE ha de terminar (COMMIT) dentro del procedimiento.",
}

#: Errors that say nothing about the procedure: the same call may well succeed later.
RETRYABLE: Final = frozenset(
    {
        # Deadlock, a recompiled package, a serializable transaction that came too late.
        *("ORA-00060", "ORA-04061", "ORA-04065", "ORA-04068", "ORA-08177"),
        # The connection to another database, through a link of the procedure's.
        *("ORA-02068", "ORA-03113", "ORA-03114", "ORA-03135", "ORA-12152", "ORA-12170"),
        *("ORA-12514", "ORA-12528", "ORA-12537", "ORA-12541", "ORA-12543", "ORA-12545"),
    }
)

_HELP = re.compile(r"\n?^Help: https?://\S+$", re.MULTILINE)
_CODE = re.compile(r"\b(?:ORA|PLS|DPY|SP2)-\d{4,5}\b")


def strip_help(message: str) -> str:
    """A message without the line that the driver appends to it."""
    return _HELP.sub("", message).rstrip()


def code_of(text: str) -> str:
    """The code that says what is wrong: inside a compile error the first PLS code, else the first.

    Returns:
        Empty where the text has no code.
    """
    codes: list[str] = _CODE.findall(text)
    if codes and codes[0] == "ORA-06550":
        return next((code for code in codes if code.startswith("PLS-")), codes[-1])
    return codes[0] if codes else ""


def convert_error(error: Exception) -> DatabaseError:
    """The driver's error as one of ours. Raise it `from` the original."""
    details = error.args[0] if error.args else None
    text = strip_help(str(error))
    full_code = str(getattr(details, "full_code", "") or "")
    if getattr(details, "is_session_dead", False):
        return ConnectionLost(full_code or "DPY-4011", text)
    code = code_of(text) or full_code
    if full_code.startswith("DPY-"):
        code = full_code
    kind = CLASSES.get(code)
    if kind is None and full_code.startswith("DPY-6"):
        # All of DPY-6xxx is about making a connection; the listener's own code may be inside.
        kind = DatabaseAway
    return (kind or DatabaseError)(code, text)


def error_of(code: str, text: str) -> DatabaseError:
    """An error that was told as a text, with the class of its code."""
    return CLASSES.get(code, DatabaseError)(code, text)


@contextmanager
def converted_errors() -> Iterator[None]:
    """Around calls of the driver: its errors leave as ours."""
    try:
        yield
    except oracledb.Error as error:
        raise convert_error(error) from error


def hint_for(code: str) -> str | None:
    return HINTS.get(code)


def with_hint(text: str, code: str, more: str = "") -> str:
    """An error text for the job's owner: the whole stack, then the hints if there are any."""
    hints = " ".join(hint for hint in (HINTS.get(code), more) if hint)
    return f"{text}\nSugerencia: {hints}" if hints else text
