"""What can be passed to a procedure beside plain values, and what a refused call says."""

from collections.abc import Iterator

import httpx
import oracledb
import pytest

from tests.client import JobClient


@pytest.fixture
def arrays(db: oracledb.Connection) -> str:
    """A package whose procedures take and give associative arrays."""
    with db.cursor() as cursor:
        cursor.execute(
            """create or replace package contract_arrays is
              type t_numbers is table of number index by pls_integer;
              type t_texts is table of varchar2(100) index by pls_integer;
              procedure add_up(p_numbers in t_numbers, p_sum out number);
              procedure double(p_numbers in out t_numbers, p_texts out t_texts);
            end contract_arrays;"""
        )
        cursor.execute(
            """create or replace package body contract_arrays is
              procedure add_up(p_numbers in t_numbers, p_sum out number) is
              begin
                p_sum := 0;
                for i in 1 .. p_numbers.count loop
                  p_sum := p_sum + p_numbers(i);
                end loop;
              end add_up;

              procedure double(p_numbers in out t_numbers, p_texts out t_texts) is
              begin
                for i in 1 .. p_numbers.count loop
                  p_numbers(i) := p_numbers(i) * 2;
                  p_texts(i) := 'n' || p_numbers(i);
                end loop;
              end double;
            end contract_arrays;"""
        )
    return "CONTRACT_ARRAYS"


def test_an_array_is_a_json_list(client: JobClient, arrays: str) -> None:
    job = client.run(f"{arrays}.ADD_UP", {"p_numbers": [1, 2.5, 3]}, {"p_sum": None})
    many = client.run(f"{arrays}.ADD_UP", {"p_numbers": list(range(1, 601))}, {"p_sum": None})

    assert job["result"] == {"p_sum": 6.5}
    assert many["result"] == {"p_sum": 180300}


def test_arrays_come_back_as_lists(client: JobClient, http: httpx.Client, arrays: str) -> None:
    params = [
        {"name": "p_numbers", "value": [1, 2, 3], "direction": "INOUT"},
        {"name": "p_texts", "direction": "OUT", "type": "STRING"},
    ]
    answer = http.post("/procedure/async", json={"name": f"{arrays}.DOUBLE", "params": params})

    job = client.wait(answer.json()["job_id"])

    assert job["status"] == "completed", job
    assert job["result"] == {"p_numbers": [2, 4, 6], "p_texts": ["n2", "n4", "n6"]}


def test_what_is_no_list_is_no_array(client: JobClient, arrays: str) -> None:
    job = client.run(f"{arrays}.ADD_UP", {"p_numbers": 1}, {"p_sum": None})

    assert job["status"] == "failed"
    assert "p_numbers" in job["error"].lower()


def test_an_empty_text_for_a_number_or_a_date_is_null(client: JobClient) -> None:
    params: dict[str, object] = {"p_number": "", "p_varchar": "s", "p_date": ""}

    job = client.run("PROC_TEST_PARAMS", params, {"p_result": "STRING"})

    assert job["result"] == {"p_result": "Number: , String: s, Date: "}


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("PROC_TEST_DEMROA", "PROC_TEST_DEMORA"),
        ("proc_tst", "PROC_TEST"),
        ("CONTRACT_NEAR.COUNT_PU", "CONTRACT_NEAR.COUNT_UP"),
    ],
)
def test_a_missing_procedure_names_those_that_may_have_been_meant(
    client: JobClient, db: oracledb.Connection, name: str, near: str
) -> None:
    with db.cursor() as cursor:
        cursor.execute(
            "create or replace package contract_near is procedure count_up; end contract_near;"
        )

    job = client.run(name)

    assert job["error"].startswith("PLS-00201")
    assert "El procedimiento no existe" in job["error"]
    assert near in job["error"].split("¿Quiso decir ")[1]


def test_a_wrong_call_shows_the_signature(client: JobClient) -> None:
    job = client.run("PROC_TEST", {"p_input": "x", "p_sobra": 1, "p_output": "y"})

    hint = job["error"].split("Sugerencia: ")[1]
    assert "Número o tipo de parámetros incorrecto" in hint
    assert "PROC_TEST(P_INPUT IN VARCHAR2, P_OUTPUT OUT VARCHAR2)" in hint


def test_several_cursors_come_back_each_with_its_rows(
    client: JobClient, db: oracledb.Connection
) -> None:
    with db.cursor() as cursor:
        cursor.execute(
            """create or replace procedure contract_cursors(
              p_first out sys_refcursor, p_second out sys_refcursor, p_none out sys_refcursor) is
            begin
              open p_first for select level as n from dual connect by level <= 3;
              open p_second for select level as n from dual connect by level <= 10001;
            end contract_cursors;"""
        )

    job = client.run(
        "CONTRACT_CURSORS", {}, {"p_first": None, "p_second": None, "p_none": "CURSOR"}
    )

    assert job["status"] == "completed", job["error"]
    result = job["result"]
    assert result["p_first"] == [{"N": 1}, {"N": 2}, {"N": 3}]
    assert len(result["p_second"]) == 10_000
    assert result["p_none"] is None
    assert result["_truncated"] == ["p_second"]


@pytest.fixture
def stored(db: oracledb.Connection) -> Iterator[None]:
    """A table with a row, of types that no expression has."""
    with db.cursor() as cursor:
        cursor.execute(
            "create table contract_stored (n nclob, l timestamp with local time zone)",
        )
        cursor.execute(
            "insert into contract_stored values ('ñu', timestamp '2026-01-02 03:04:05.5 +02:00')"
        )
        db.commit()
        yield
        cursor.execute("drop table contract_stored")


@pytest.mark.usefixtures("stored")
def test_lobs_of_rows_come_back_whole_short_and_long(
    client: JobClient, db: oracledb.Connection
) -> None:
    with db.cursor() as cursor:
        cursor.execute(
            """create or replace procedure contract_row_lobs(p_rows out sys_refcursor) is
              l_long clob := rpad('ñ', 20000, 'ñ');
              l_none clob;
            begin
              open p_rows for
                select level as id,
                  case when level = 1 then l_long when level < 70 then to_clob('c' || level)
                    when level = 70 then empty_clob() else l_none end as c,
                  n,
                  to_blob(hextoraw('00ff')) as b,
                  cursor(select to_clob('in') as c from dual) as q
                from contract_stored connect by level <= 71;
            end contract_row_lobs;"""
        )

    rows = client.run("CONTRACT_ROW_LOBS", {}, {"p_rows": None})["result"]["p_rows"]

    texts = ["ñ" * 20000, *(f"c{number}" for number in range(2, 70)), "", None]
    assert [row["C"] for row in rows] == texts
    assert [row["N"] for row in rows] == ["ñu"] * 71
    assert {row["B"] for row in rows} == {"AP8="}
    assert all(row["Q"] == [{"C": "in"}] for row in rows)


def test_lobs_of_rows_are_counted_before_they_are_read(
    client: JobClient, db: oracledb.Connection
) -> None:
    with db.cursor() as cursor:
        cursor.execute(
            """create or replace procedure contract_large_rows(p_rows out sys_refcursor) is
              l_long clob;
            begin
              for i in 1 .. 40 loop
                l_long := l_long || rpad('x', 30000, 'x');
              end loop;
              open p_rows for select l_long as c from dual connect by level <= 9;
            end contract_large_rows;"""
        )

    job = client.run("CONTRACT_LARGE_ROWS", {}, {"p_rows": None})

    assert job["status"] == "failed"
    assert "ORA-22835" in job["error"]


def test_a_row_with_a_named_zone_fails_and_says_why(
    client: JobClient, db: oracledb.Connection
) -> None:
    with db.cursor() as cursor:
        cursor.execute(
            """create or replace procedure contract_row_region(p_rows out sys_refcursor) is
            begin
              open p_rows for
                select timestamp '2026-01-02 03:04:05 Europe/Madrid' as z from dual;
            end contract_row_region;"""
        )

    job = client.run("CONTRACT_ROW_REGION", {}, {"p_rows": None})

    assert job["status"] == "failed"
    assert "DPY-3022" in job["error"]


@pytest.mark.usefixtures("stored")
def test_times_of_rows_in_the_local_zone_say_that_they_are_in_utc(
    client: JobClient, db: oracledb.Connection
) -> None:
    with db.cursor() as cursor:
        cursor.execute(
            """create or replace procedure contract_row_times(p_rows out sys_refcursor) is
            begin
              open p_rows for select
                l, timestamp '2026-01-02 03:04:05 +02:00' z, timestamp '2026-01-02 03:04:05' t
              from contract_stored;
            end contract_row_times;"""
        )

    rows = client.run("CONTRACT_ROW_TIMES", {}, {"p_rows": None})["result"]["p_rows"]

    assert rows == [
        {
            "L": "2026-01-02T01:04:05.500000Z",
            # The driver keeps the local time and drops the zone.
            "Z": "2026-01-02T03:04:05",
            "T": "2026-01-02T03:04:05",
        }
    ]


def test_columns_of_a_cursor_come_back_as_results_do(
    client: JobClient, db: oracledb.Connection
) -> None:
    with db.cursor() as cursor:
        cursor.execute(
            """create or replace procedure contract_columns(p_rows out sys_refcursor) is
            begin
              open p_rows for select
                to_blob(hextoraw('00FF10')) as b, hextoraw('00FF10') as r,
                interval '1 02:03:04.5' day to second as d, interval '-1-2' year to month as y,
                cursor(select level as n from dual connect by level <= 2) as c from dual;
            end contract_columns;"""
        )

    job = client.run("CONTRACT_COLUMNS", {}, {"p_rows": None})

    assert job["status"] == "completed", job["error"]
    assert job["result"]["p_rows"] == [
        {
            "B": "AP8Q",
            "R": "00FF10",
            "D": "+000000001 02:03:04.500000000",
            "Y": "-000000001-02",
            "C": [{"N": 1}, {"N": 2}],
        }
    ]


def test_what_oracle_maintains_is_not_run(client: JobClient) -> None:
    job = client.run("SYS.DBMS_SESSION.SLEEP", {"seconds": 0})

    assert job["status"] == "failed"
    # Where the worker's user sees it at all.
    assert job["error"].startswith(("ORA-01031", "PLS-00201"))


@pytest.fixture
def allow(db: oracledb.Connection) -> Iterator[oracledb.Cursor]:
    """A cursor to change the list of procedures with; afterwards the list is as before."""
    with db.cursor() as cursor:
        yield cursor
        cursor.execute("delete from async_job_procedures where procedure_name like 'CONTRACT%'")
        db.commit()


def test_a_procedure_that_left_the_list_is_not_run_any_more(
    client: JobClient, db: oracledb.Connection, allow: oracledb.Cursor
) -> None:
    """Submitted while it was allowed; the worker looks again."""
    allow.execute("create or replace procedure contract_listed is begin null; end;")
    job_id = client.submit("CONTRACT_LISTED", delay=2)
    allow.execute("insert into async_job_procedures (procedure_name) values ('CONTRACT_OTHER')")
    db.commit()

    delayed = client.wait(job_id)

    assert delayed["status"] == "failed"
    assert delayed["error"].startswith("ORA-01031")
    assert "CONTRACT_LISTED" in delayed["error"]
    allow.execute("insert into async_job_procedures (procedure_name) values ('CONTRACT_LISTED')")
    db.commit()
    assert client.run("CONTRACT_LISTED")["status"] == "completed"


def test_what_is_listed_for_another_user_alone_is_not_run(
    client: JobClient, db: oracledb.Connection, allow: oracledb.Cursor
) -> None:
    allow.execute("create or replace procedure contract_listed is begin null; end;")
    job_id = client.submit("CONTRACT_LISTED", delay=2)
    rows = [("CONTRACT_LISTED", "SOMEBODY_ELSE"), ("CONTRACT_OTHER", db.username.upper())]
    allow.executemany(
        "insert into async_job_procedures (procedure_name, submitted_by) values (:1, :2)", rows
    )
    db.commit()

    delayed = client.wait(job_id)

    assert delayed["status"] == "failed"
    assert delayed["error"].startswith("ORA-01031")


def test_a_deadlock_is_tried_again_though_the_submission_asks_for_one_attempt(
    client: JobClient, db: oracledb.Connection
) -> None:
    """It says nothing about the procedure; what that raises by itself is not tried again."""
    with db.cursor() as cursor:
        cursor.execute("create sequence contract_calls start with 1 nocache")
        cursor.execute(
            """create or replace procedure contract_deadlock(p_calls out number) is
              e_deadlock exception;
              pragma exception_init(e_deadlock, -60);
            begin
              select contract_calls.nextval into p_calls from dual;
              if p_calls < 3 then
                raise e_deadlock;
              end if;
            end contract_deadlock;"""
        )
    try:
        job = client.run("CONTRACT_DEADLOCK", {}, {"p_calls": "NUMBER"}, backoff=0)
    finally:
        with db.cursor() as cursor:
            cursor.execute("drop sequence contract_calls")

    assert job["status"] == "completed", job
    assert job["result"] == {"p_calls": 3}


@pytest.mark.parametrize(
    ("data_type", "expression", "found"),
    [
        ("varchar2", "'ñ'", "ñ"),
        ("nvarchar2", "'ñ'", "ñ"),
        ("char", "'c'", "c"),
        ("number", "1.50", 1.5),
        ("pls_integer", "7", 7),
        ("binary_float", "1.5", 1.5),
        ("binary_double", "-2.25", -2.25),
        ("date", "date '2026-02-28'", "2026-02-28T00:00:00"),
        ("timestamp", "timestamp '2026-02-28 01:02:03.5'", "2026-02-28T01:02:03.500000"),
        ("interval day to second", "interval '1' day", "+000000001 00:00:00.000000000"),
        ("interval year to month", "interval '3' month", "+000000000-03"),
        ("raw", "hextoraw('00FF')", "00FF"),
        ("clob", "to_clob('text')", "text"),
        ("blob", "to_blob(hextoraw('00FF'))", "AP8="),
        ("boolean", "true", True),
        ("boolean", "null", None),
    ],
)
def test_a_function_returns_any_scalar(
    client: JobClient, db: oracledb.Connection, data_type: str, expression: str, found: object
) -> None:
    name = f"contract_returns_{data_type.replace(' ', '_')}"
    with db.cursor() as cursor:
        cursor.execute(
            f"create or replace function {name} return {data_type} is "
            f"begin return {expression}; end {name};"
        )

    job = client.run(name, {}, {"result": None}, isFunction=True)

    assert job["status"] == "completed", job["error"]
    assert job["result"] == {"result": found}
