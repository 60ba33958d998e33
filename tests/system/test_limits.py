"""Jobs that are to end but do not by themselves: time limits, deaf procedures, frozen workers."""

import os
import signal
import time
from collections.abc import Callable
from typing import Any

import httpx
import oracledb
import psutil
import pytest

from deploy.processes import Process
from tests.client import JobClient
from tests.system.conftest import LEASE_SECONDS
from tests.waiting import eventually

StartWorker = Callable[..., Process]

#: Design: a break is heard or not for so long, then the worker cuts the connection.
CANCEL_GRACE_SECONDS = 10


@pytest.fixture
def deaf(db: oracledb.Connection) -> str:
    """A procedure that hears no break: it handles every error and goes on."""
    with db.cursor() as cursor:
        cursor.execute(
            """create or replace procedure system_deaf(p_job in varchar2) is
            begin
              insert into system_effects (job, note) values (p_job, 'deaf');
              for turn in 1 .. 1200 loop
                begin
                  dbms_session.sleep(0.05);
                exception
                  when others then null;
                end;
              end loop;
            end system_deaf;"""
        )
    return "SYSTEM_DEAF"


def test_a_job_over_its_time_limit_fails_says_so_and_is_rolled_back(
    client: JobClient, effects: Any, start_worker: StartWorker
) -> None:
    start_worker("--slots", "1")
    began = time.monotonic()

    job = client.run("SYSTEM_WORK_AND_WAIT", {"p_job": "limit"}, timeout=0.5, max_attempts=3)

    assert job["status"] == "failed"
    assert "over its time limit" in job["error"]
    assert "The time limit was 0.5 s" in job["error"]
    assert time.monotonic() - began < CANCEL_GRACE_SECONDS
    # Its slot is free again, with nothing of the job left in the session.
    later = client.run("PROC_TEST", {"p_input": "x"}, {"p_output": "STRING"})
    assert later["status"] == "completed"
    assert effects.notes("limit") == []


def test_a_job_that_ends_within_its_time_limit_is_not_touched_by_it(
    client: JobClient, start_worker: StartWorker
) -> None:
    start_worker("--slots", "1")

    first = client.run("PROC_TEST_DEMORA", {"segundos": 0}, timeout=1)
    # Runs on the same session while the other one's time would be over.
    second = client.run("PROC_TEST_DEMORA", {"segundos": 2})

    assert (first["status"], second["status"]) == ("completed", "completed")


def test_jobs_that_hear_no_break_end_after_the_grace_time(
    client: JobClient, http: httpx.Client, effects: Any, deaf: str, start_worker: StartWorker
) -> None:
    start_worker("--slots", "3")
    limited = client.submit(deaf, {"p_job": "deaf limit"}, timeout=0.5)
    deleted = client.submit(deaf, {"p_job": "deaf delete"})
    for job_id in (limited, deleted):
        client.wait(job_id, "running")
    assert http.delete(f"/jobs/{deleted}").status_code == 200

    job = client.wait(limited, seconds=CANCEL_GRACE_SECONDS + 15)
    assert job["status"] == "failed"
    assert "over its time limit" in job["error"]
    # Three at once again: none of the slots has gone with its connection.
    later = [client.submit("SYSTEM_WORK_AND_WAIT", {"p_job": "after deaf"}) for _ in range(3)]
    for job_id in later:
        client.wait(job_id, "running")
    effects.let_go("after deaf")
    assert [client.wait(job_id)["status"] for job_id in later] == ["completed"] * 3
    assert effects.notes("deaf limit") == []
    assert effects.notes("deaf delete") == []


def test_a_frozen_worker_that_comes_back_completes_what_nobody_else_could_run(
    client: JobClient, db: oracledb.Connection, effects: Any, start_worker: StartWorker
) -> None:
    """Its lease is over, but its session lives: nobody may run the job a second time."""
    frozen = start_worker()
    job_id = client.submit("SYSTEM_WORK_AND_WAIT", {"p_job": "frozen"})
    client.wait(job_id, "running")
    os.kill(frozen.pid, signal.SIGSTOP)
    eventually(lambda: psutil.Process(frozen.pid).status() == psutil.STATUS_STOPPED)
    start_worker()
    eventually(lambda: lease_is_over(db, job_id), seconds=LEASE_SECONDS + 5)
    with db.cursor() as cursor:
        recovered = cursor.var(int)
        cursor.execute("begin async_jobs_admin.recover(:recovered); end;", recovered=recovered)
    assert client.get(job_id)["status"] == "running"

    os.kill(frozen.pid, signal.SIGCONT)
    effects.let_go("frozen")

    assert client.wait(job_id)["status"] == "completed"
    assert effects.notes("frozen") == ["work"]


def lease_is_over(db: oracledb.Connection, job_id: str) -> bool:
    with db.cursor() as cursor:
        cursor.execute(
            "select count(*) from async_jobs where job_id = :id "
            "and lease_until < sys_extract_utc(systimestamp)",
            id=job_id,
        )
        (count,) = cursor.fetchone() or (0,)
    return bool(count)
