"""Cancel and delete of running jobs, and what outlives a crash of the database."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import oracledb

from deploy.processes import Process
from deploy.stack import Stack
from tests.client import JobClient
from tests.waiting import eventually

StartWorker = Callable[..., Process]


def test_deleting_a_running_job_rolls_its_work_back(
    client: JobClient, http: httpx.Client, effects: Any, start_worker: StartWorker
) -> None:
    start_worker()
    job_id = client.submit("SYSTEM_WORK_AND_WAIT", {"p_job": "deleted"})
    client.wait(job_id, "running")

    assert http.delete(f"/jobs/{job_id}").status_code == 200
    effects.let_go("deleted")

    assert http.get(f"/jobs/{job_id}").status_code == 404
    # The same worker is free again, so the deleted attempt is over.
    later = client.run("PROC_TEST", {"p_input": "x"}, {"p_output": "STRING"})
    assert later["status"] == "completed"
    assert effects.notes("deleted") == []


def test_cancelling_a_running_job_fails_it_and_rolls_back(
    client: JobClient, stack: Stack, effects: Any, start_worker: StartWorker
) -> None:
    start_worker()
    job_id = client.submit("SYSTEM_WORK_AND_WAIT", {"p_job": "cancelled"})
    client.wait(job_id, "running")

    done = stack.run(["cancel", job_id], seconds=30)
    job = client.wait(job_id)

    assert done.returncode == 0, done.stderr
    assert job["status"] == "failed"
    assert "cancel" in job["error"].lower()
    assert effects.notes("cancelled") == []


def test_cancelling_a_waiting_job_fails_it_at_once(
    client: JobClient, stack: Stack, start_worker: StartWorker
) -> None:
    job_id = client.submit("SYSTEM_WORK_AND_WAIT", {"p_job": "waiting"})

    done = stack.run(["cancel", job_id], seconds=30)

    assert done.returncode == 0, done.stderr
    assert client.get(job_id)["status"] == "failed"


def test_a_failed_job_can_be_retried(
    client: JobClient, stack: Stack, db: oracledb.Connection, start_worker: StartWorker
) -> None:
    def define(body: str) -> None:
        with db.cursor() as cursor:
            cursor.execute(f"create or replace procedure system_retry is begin {body}; end;")

    define("raise_application_error(-20008, 'not yet')")
    start_worker()
    job_id = client.submit("SYSTEM_RETRY")
    assert client.wait(job_id)["status"] == "failed"

    define("null")
    done = stack.run(["retry", job_id], seconds=30)

    assert done.returncode == 0, done.stderr
    assert client.wait(job_id, "completed")["status"] == "completed"


def test_what_was_committed_is_there_after_kill_9_of_the_database(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with Stack(folder=tmp_path, environment=os.environ) as stack:
        stack.start_database(data=data, password="keep_me_1")
        stack.install(samples=True)
        done = stack.run(["submit", "PROC_TEST", "p_input=x", "p_output:out"], seconds=30)
        job_id = done.stdout.strip()
        assert done.returncode == 0, done.stderr
        for process in stack.processes:
            process.kill()

    with Stack(folder=tmp_path, environment=os.environ) as stack:
        stack.start_database(data=data, password="keep_me_1")
        stack.start_worker()

        def result() -> str | None:
            shown = stack.run(["job", job_id], seconds=30).stdout
            return shown if "completed" in shown else None

        assert "Procesado: x" in eventually(result, seconds=60)


def test_a_worker_outlives_a_restart_of_the_database(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with Stack(folder=tmp_path, environment=os.environ) as stack:
        database = stack.start_database(data=data, password="keep_me_1")
        stack.install(samples=True)
        stack.start_worker()
        port = int(database.dsn.partition(":")[2].partition("/")[0])
        stack.processes[0].stop(seconds=10)

        stack.start_database(data=data, password="keep_me_1", port=port)
        arguments = ["submit", "PROC_TEST", "p_input=x", "p_output:out", "--wait"]
        done = stack.run(arguments, seconds=90)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Procesado: x" in done.stdout
