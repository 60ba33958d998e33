"""An ASYNC_JOBS of the older service is taken over with its rows, and nothing of it is ever run."""

import json
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import oracledb
import pytest

from deploy.stack import Database, Stack
from tests.client import JobClient
from tests.schemas import Users, fresh_users, log_on
from tests.sqlplus import ROOT, run_script

#: As its installation guide had it.
OLD_TABLE = """
    create table async_jobs (
        job_id varchar2(32) primary key,
        status varchar2(20) check (status in ('pending', 'running', 'completed', 'failed')),
        procedure_name varchar2(200) not null,
        params clob,
        start_time timestamp not null,
        end_time timestamp,
        duration varchar2(50),
        result clob,
        error_msg clob,
        progress number check (progress between 0 and 100),
        created_at timestamp default systimestamp
    )"""

#: Without a zone, as the column is.
START = datetime.fromisoformat("2025-03-30T02:30:00.123")
END = START + timedelta(seconds=5.2)
BIG = json.dumps({"rows": [{"n": n, "text": "ñandú " * 20} for n in range(2000)]})

#: As somebody may have made it by hand: no key, no checks, a column of his own.
LOOSE_TABLE = """
    create table async_jobs (
        job_id varchar2(32) not null,
        status varchar2(20),
        procedure_name varchar2(200) not null,
        params clob,
        start_time timestamp not null,
        end_time timestamp,
        duration varchar2(50),
        result clob,
        error_msg clob,
        progress number,
        created_at timestamp,
        requested_by varchar2(100)
    )"""

#: job_id, status, params, end_time, duration, result, error_msg, progress, created_at.
Row = tuple[
    str,
    str | None,
    str | None,
    datetime | None,
    str | None,
    str | None,
    str | None,
    float | None,
    datetime | None,
]

ENDED: dict[str, Row] = {
    "completed": ("a" * 32, "completed", '{"p": 1}', END, "5.2s", '{"r": "x"}', None, 100, START),
    "failed": ("b" * 32, "failed", None, END, "5.2s", None, "ORA-00942: no está", 100, START),
    "completed without anything": ("c" * 32, "completed", None, None, None, None, None, None, None),
    "failed without an error": ("d" * 32, "failed", None, None, None, None, None, 30, None),
    "an id that OraQ would not make": (
        "JOB-1",
        "completed",
        None,
        END,
        None,
        None,
        None,
        100,
        START,
    ),
    "an id in upper case": ("E" * 32, "failed", None, END, None, None, "no", 100, START),
    "large values": ("f" * 32, "completed", BIG, END, "1.0s", BIG, None, 100, START),
    "text instead of JSON": (
        "1" * 32,
        "completed",
        "{'p': 1}",
        END,
        None,
        "no JSON",
        None,
        100,
        START,
    ),
    "JSON that is no object": (
        "2" * 32,
        "completed",
        "[1, null]",
        END,
        None,
        '"text"',
        None,
        99.5,
        START,
    ),
    "a list as it is submitted": (
        "3" * 32,
        "completed",
        '[{"name": "p", "value": "x", "direction": "IN"}, {"name": "o", "direction": "OUT"}]',
        END,
        "0.1s",
        '{"o": [{"ID": 1}]}',
        None,
        100,
        START,
    ),
    "numbers of any length": (
        "4" * 32,
        "completed",
        '{"p": 1e400}',
        END,
        None,
        "{}",
        None,
        100,
        START,
    ),
    "cut-off JSON": ("5" * 32, "failed", '{"p": "x', END, None, '{"r"', "x" * 9000, 100, START),
}
OPEN: dict[str, Row] = {
    "pending": ("6" * 32, "pending", '{"p_input": "x"}', None, None, None, None, 0, START),
    "running": ("7" * 32, "running", '{"p_input": "x"}', None, None, None, None, 45.5, START),
    "no status": ("8" * 32, None, None, None, None, None, None, None, None),
    "running with an end": ("9" * 32, "running", None, END, "5.2s", '{"r": 1}', None, 80, START),
}
PROCEDURE = "PROC_TEST"


@pytest.fixture(scope="module")
def users(dba: Database) -> Iterator[Users]:
    with fresh_users(dba, "ORAQ_TK") as users:
        yield users


@pytest.fixture(scope="module")
def taken_over(users: Users, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Old rows, then two installations, and with a worker that would run what may be run."""
    with log_on(users.owner) as connection, connection.cursor() as cursor:
        cursor.execute(OLD_TABLE)
        cursor.execute("create index async_jobs_status_idx on async_jobs (status)")
        for job_id, status, params, *rest in (*ENDED.values(), *OPEN.values()):
            # A datetime is bound as a DATE otherwise, without its fraction.
            clob, moment = oracledb.DB_TYPE_CLOB, oracledb.DB_TYPE_TIMESTAMP
            cursor.setinputsizes(
                None, None, None, clob, moment, moment, None, clob, clob, None, moment
            )
            cursor.execute(
                "insert into async_jobs (job_id, status, procedure_name, params, start_time, "
                "end_time, duration, result, error_msg, progress, created_at) "
                "values (:1, :2, :3, :4, :5, :6, :7, :8, :9, :10, :11)",
                [job_id, status, PROCEDURE, params, START, *rest],
            )
        connection.commit()
    folder = tmp_path_factory.mktemp("takeover")
    with Stack(folder=folder, environment=os.environ, database=users.owner) as stack:
        for _turn in range(2):
            stack.install(samples=True)
        stack.start_worker("--slots", "2")
        yield stack


@pytest.fixture(scope="module")
def client(taken_over: Stack) -> Iterator[JobClient]:
    api = taken_over.start_api()
    with httpx.Client(base_url=api.url, headers=api.headers, timeout=20) as http:
        yield JobClient(http)


@pytest.fixture
def owner(taken_over: Stack, users: Users) -> Iterator[oracledb.Connection]:
    with log_on(users.owner) as connection:
        yield connection


def read(owner: oracledb.Connection, job_id: str) -> Row:
    with owner.cursor() as cursor:
        cursor.execute(
            "select job_id, status, params, end_time, duration, result, error_msg, progress, "
            "created_at from async_jobs where job_id = :id",
            id=job_id,
        )
        row = cursor.fetchone()
        assert row is not None
        values = [value.read() if isinstance(value, oracledb.LOB) else value for value in row]
        values[7] = None if values[7] is None else float(values[7])
        return tuple(values)


@pytest.mark.parametrize("shape", ENDED)
def test_what_has_ended_stays_as_it_was(owner: oracledb.Connection, shape: str) -> None:
    row = ENDED[shape]

    found = read(owner, row[0])

    # Lists are ordered by the submission, so that has a value now.
    assert found == (*row[:8], row[8] or START)


@pytest.mark.parametrize("shape", OPEN)
def test_what_had_not_ended_is_failed(owner: oracledb.Connection, shape: str) -> None:
    before = OPEN[shape]
    after = read(owner, before[0])

    assert (after[1], after[7], after[8]) == ("failed", 100, START)
    assert after[6] == "The job had not ended when OraQ was installed. It is not run."
    assert after[3] is not None
    assert after[2] == before[2]


@pytest.mark.parametrize("shape", [*ENDED, *OPEN])
def test_clients_see_every_old_row(client: JobClient, shape: str) -> None:
    row = (ENDED | OPEN)[shape]

    job = client.get(row[0])

    assert job["id"] == row[0]
    assert job["status"] == ("failed" if shape in OPEN else row[1])
    assert job["procedure_name"] == PROCEDURE
    assert job["start_time"] == "2025-03-30T02:30:00.123Z"


def test_old_results_are_given_as_they_were(client: JobClient) -> None:
    assert client.get("a" * 32)["result"] == {"r": "x"}
    assert client.get("a" * 32)["params"] == {"p": 1}
    assert client.get("3" * 32)["params"] == {"p": "x"}
    assert client.get("3" * 32)["result"] == {"o": [{"ID": 1}]}
    assert client.get("f" * 32)["result"] == json.loads(BIG)


def test_lists_show_all_of_them(client: JobClient) -> None:
    listed = client.http.get("/jobs").json()

    assert listed["total"] >= len(ENDED) + len(OPEN)
    assert {row[0] for row in (ENDED | OPEN).values()} <= {job["id"] for job in listed["jobs"]}


def test_the_fixed_columns_come_first_and_ours_after_them(owner: oracledb.Connection) -> None:
    with owner.cursor() as cursor:
        cursor.execute(
            "select column_name from user_tab_columns where table_name = 'ASYNC_JOBS' "
            "order by column_id"
        )
        names = [name for (name,) in cursor]

    assert names[:11] == [
        "JOB_ID",
        "STATUS",
        "PROCEDURE_NAME",
        "PARAMS",
        "START_TIME",
        "END_TIME",
        "DURATION",
        "RESULT",
        "ERROR_MSG",
        "PROGRESS",
        "CREATED_AT",
    ]
    assert {"ATTEMPT", "PRIORITY", "TAGS", "ON_LOSS"} <= set(names[11:])


def test_no_old_job_is_ever_run(client: JobClient, owner: oracledb.Connection) -> None:
    """A new job runs, and recovery has looked, and still no old one has an attempt."""
    done = client.run(PROCEDURE, {"p_input": "new"}, {"p_output": None})
    with owner.cursor() as cursor:
        recovered = cursor.var(int)
        cursor.callproc("async_jobs_admin.recover", [recovered])
        again = client.run(PROCEDURE, {"p_input": "new"}, {"p_output": None})

        cursor.execute("select distinct job_id from async_job_attempts")
        attempted = {job_id for (job_id,) in cursor}

    assert done["result"] == again["result"] == {"p_output": "Procesado: new"}
    assert attempted == {done["id"], again["id"]}


def test_a_later_installation_leaves_open_jobs_alone(
    taken_over: Stack, users: Users, owner: oracledb.Connection
) -> None:
    with owner.cursor() as cursor:
        job_id = cursor.callfunc(
            "async_jobs_api.submit",
            str,
            keyword_parameters={"p_procedure_name": PROCEDURE, "p_delay_seconds": 3600},
        )
        owner.commit()
        taken_over.install(samples=True)
        run_script(owner, ROOT / "sql" / "install.sql")
        run_script(owner, ROOT / "sql" / "create_test_procedures.sql")

        assert read(owner, job_id)[1] == "pending"
        status = cursor.var(str)
        cursor.callproc("async_jobs_api.delete_job", [job_id, status])
        assert status.getvalue() == "ok"


def test_old_jobs_can_be_deleted_one_by_one_and_cleaned_up(
    client: JobClient, owner: oracledb.Connection
) -> None:
    assert client.http.delete("/jobs/JOB-1").status_code == 200
    with owner.cursor() as cursor:
        deleted = cursor.var(int)
        cursor.callproc("cleanup_old_async_jobs", [7, deleted])

        cursor.execute("select job_id from async_jobs")
        left = {job_id for (job_id,) in cursor}

    # Those that takeover has failed ended today.
    assert {row[0] for row in OPEN.values() if row[1] != "running" or row[3] is None} <= left
    assert not left & {row[0] for row in ENDED.values()}


#: Status and error of the older service, and what becomes of them.
LOOSE_ROWS = [
    ("COMPLETED", None, "completed", None),
    (" Failed ", "ORA-00001: duplicada", "failed", "ORA-00001: duplicada"),
    ("cancelled", "por el usuario", "failed", "por el usuario"),
    ("PENDING", None, "failed", "It is not run."),
    ("en curso", None, "failed", "It is not run."),
    (None, None, "failed", "It is not run."),
]


def test_a_table_without_checks_is_taken_over_too(dba: Database, tmp_path: Path) -> None:
    with (
        fresh_users(dba, "ORAQ_TL") as users,
        Stack(folder=tmp_path, environment=os.environ, database=users.owner) as stack,
        log_on(users.owner) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(LOOSE_TABLE)
        cursor.executemany(
            "insert into async_jobs (job_id, status, procedure_name, start_time, error_msg, "
            "requested_by) values (:1, :2, 'P', timestamp '2025-01-01 00:00:00', :3, 'ana')",
            [(f"{n:032}", status, error) for n, (status, error, *_) in enumerate(LOOSE_ROWS)],
        )
        connection.commit()
        for _turn in range(2):
            run_script(connection, ROOT / "sql" / "install.sql")
        stack.install()

        cursor.execute(
            "select status, to_char(error_msg), requested_by, attempt "
            "from async_jobs order by job_id"
        )
        found = cursor.fetchall()
        cursor.execute(
            "select constraint_name from user_constraints "
            "where table_name = 'ASYNC_JOBS' and constraint_type = 'P'"
        )
        assert cursor.fetchall() == [("ASYNC_JOBS_PK",)]

    for (_, _, status, error), row in zip(LOOSE_ROWS, found, strict=True):
        assert (row[0], row[2], row[3]) == (status, "ana", 0)
        assert error is None or row[1].endswith(error)
