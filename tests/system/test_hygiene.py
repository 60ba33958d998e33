"""What one job leaves in its session does not reach the next one, in a backlog on a single slot."""

from collections.abc import Callable

import oracledb
import pytest

from deploy.processes import Process
from tests.client import JobClient

StartWorker = Callable[..., Process]

#: Statements that a job may leave its session with.
LEFT = {
    "date format": "alter session set nls_date_format = 'YYYY'",
    "language": "alter session set nls_date_language = spanish",
    "time zone": "alter session set time_zone = '-05:00'",
    "schema": "alter session set current_schema = sys",
}


@pytest.fixture
def looker(db: oracledb.Connection) -> str:
    """Tells how its session is, then runs a statement that changes it."""
    with db.cursor() as cursor:
        cursor.execute(
            """create or replace procedure system_look(
              p_statement in varchar2, p_found out varchar2) authid current_user is
              l_day date := date '2001-02-03';
            begin
              p_found := to_char(l_day) || ' ' || to_char(1.5) || ' ' || to_char(l_day, 'Month')
                || ' ' || sessiontimezone || ' ' || sys_context('USERENV', 'CURRENT_SCHEMA');
              if p_statement is not null then
                execute immediate p_statement;
              end if;
            end system_look;"""
        )
    return "SYSTEM_LOOK"


@pytest.mark.parametrize("statement", LEFT.values(), ids=LEFT)
def test_a_changed_session_is_not_the_next_jobs(
    client: JobClient, looker: str, start_worker: StartWorker, statement: str
) -> None:
    first = client.submit(looker, {"p_statement": None}, {"p_found": None})
    changes = [client.submit(looker, {"p_statement": statement}, {"p_found": None}) for _ in "ab"]
    last = client.submit(looker, {"p_statement": None}, {"p_found": None})

    start_worker("--slots", "1")
    jobs = [client.wait(job_id) for job_id in (first, *changes, last)]

    assert [job.get("error") for job in jobs] == [None] * 4
    assert {job["result"]["p_found"] for job in jobs} == {jobs[0]["result"]["p_found"]}


def test_an_open_transaction_is_committed_with_its_own_job(
    client: JobClient, db: oracledb.Connection, start_worker: StartWorker
) -> None:
    """`own`: the job that follows must not find, and not roll back, what it has left."""
    with db.cursor() as cursor:
        cursor.execute(
            """create or replace procedure system_own(p_job in varchar2) is
            begin
              insert into system_effects (job, note) values (p_job, 'own');
            end system_own;"""
        )
        cursor.execute(
            """create or replace procedure system_rolls_back is
            begin
              rollback;
            end system_rolls_back;"""
        )
    own = client.submit("SYSTEM_OWN", {"p_job": "own"}, transaction="own")
    after = client.submit("SYSTEM_ROLLS_BACK")

    start_worker("--slots", "1")

    assert client.wait(own)["status"] == "completed"
    assert client.wait(after)["status"] == "completed"
    with db.cursor() as cursor:
        cursor.execute("select count(*) from system_effects where job = 'own'")
        assert cursor.fetchone() == (1,)
