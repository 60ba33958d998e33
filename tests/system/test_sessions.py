"""What a DBA sees of a worker's sessions in V$SESSION."""

from collections.abc import Callable
from typing import Any

import oracledb
import pytest

from deploy.processes import Process
from tests.client import JobClient

StartWorker = Callable[..., Process]


@pytest.fixture
def restless(db: oracledb.Connection) -> str:
    """A procedure that describes its session by itself, as many of a house's own do."""
    with db.cursor() as cursor:
        cursor.execute(
            """create or replace procedure system_restless(p_found out varchar2) is
            begin
              p_found := sys_context('USERENV', 'MODULE') || '/'
                || sys_context('USERENV', 'ACTION') || '/'
                || sys_context('USERENV', 'CLIENT_INFO');
              dbms_application_info.set_module('own module', 'own action');
              dbms_application_info.set_client_info('own info');
              dbms_session.set_identifier('own identifier');
            end system_restless;"""
        )
    return "SYSTEM_RESTLESS"


def worker_sessions(db: oracledb.Connection) -> list[tuple[str | None, ...]]:
    with db.cursor() as cursor:
        cursor.execute(
            "select module, action, client_identifier, client_info from v$session "
            "where program = 'oraq-worker' and module = 'oraq-worker'"
        )
        return list(cursor.fetchall())


def test_a_running_job_and_its_worker_show_in_v_session(
    client: JobClient, db: oracledb.Connection, effects: Any, start_worker: StartWorker
) -> None:
    worker = start_worker("--slots", "2")
    job_id = client.submit("SYSTEM_WORK_AND_WAIT", {"p_job": "shown"})
    client.wait(job_id, "running")
    with db.cursor() as cursor:
        cursor.execute("select worker from async_jobs where job_id = :id", id=job_id)
        (identity,) = cursor.fetchone() or ("",)

    assert ("oraq-worker", job_id, identity, None) in worker_sessions(db)
    assert str(worker.pid) in identity

    effects.let_go("shown")
    client.wait(job_id)
    # Whoever reads V$SESSION later finds no job there that is over.
    assert job_id not in [action for _, action, _, _ in worker_sessions(db)]


def test_what_a_job_writes_into_v_session_does_not_reach_the_next_one(
    client: JobClient, db: oracledb.Connection, restless: str, start_worker: StartWorker
) -> None:
    start_worker("--slots", "1")
    first = client.run(restless, {}, {"p_found": None})
    before = [row[:3] for row in worker_sessions(db)]

    second = client.run(restless, {}, {"p_found": None})

    assert first["result"] == {"p_found": f"oraq-worker/{first['id']}/"}
    assert second["result"] == {"p_found": f"oraq-worker/{second['id']}/"}
    # On the same session: a new one costs a log-on, and none was needed.
    assert [row[:3] for row in worker_sessions(db)] == before
