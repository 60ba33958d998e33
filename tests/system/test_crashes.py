"""Workers that die: nothing is lost, and effects happen once (design guarantees 1 to 3)."""

from collections.abc import Callable
from typing import Any

import oracledb

from deploy.processes import Process
from tests.client import JobClient
from tests.waiting import eventually

StartWorker = Callable[..., Process]


def column(db: oracledb.Connection, job_id: str, name: str) -> Any:
    with db.cursor() as cursor:
        cursor.execute(f"select {name} from async_jobs where job_id = :id", id=job_id)
        row = cursor.fetchone()
    return row[0] if row else None


def test_an_untouched_job_of_a_killed_worker_runs_again_and_once(
    client: JobClient, db: oracledb.Connection, effects: Any, start_worker: StartWorker
) -> None:
    first = start_worker()
    job_id = client.submit("SYSTEM_WORK_AND_WAIT", {"p_job": "killed"})
    client.wait(job_id, "running")
    first.kill()

    start_worker()
    eventually(lambda: column(db, job_id, "attempt") == 2, what="a second attempt")
    effects.let_go("killed")

    assert client.wait(job_id)["status"] == "completed"
    assert effects.notes("killed") == ["work"]


def test_a_half_done_job_of_a_killed_worker_fails_and_says_so(
    client: JobClient, db: oracledb.Connection, effects: Any, start_worker: StartWorker
) -> None:
    first = start_worker()
    job_id = client.submit("SYSTEM_COMMIT_HALF", {"p_job": "half"})
    eventually(lambda: effects.notes("half") == ["half"], what="the committed half")
    first.kill()

    start_worker()
    job = client.wait(job_id)

    assert job["status"] == "failed"
    assert "had committed a part of its work" in job["error"]
    assert column(db, job_id, "attempt") == 1
    assert effects.notes("half") == ["half"]


def test_a_half_done_job_may_ask_to_be_run_again(
    client: JobClient, effects: Any, start_worker: StartWorker
) -> None:
    first = start_worker()
    job_id = client.submit("SYSTEM_COMMIT_HALF", {"p_job": "rerun"}, on_loss="rerun")
    eventually(lambda: effects.notes("rerun") == ["half"], what="the committed half")
    first.kill()

    start_worker()
    eventually(lambda: effects.notes("rerun") == ["half", "half"], what="a second run")
    effects.let_go("rerun")

    assert client.wait(job_id)["status"] == "completed"
    assert effects.notes("rerun") == ["half", "half", "rest"]


def test_a_procedure_that_commits_half_and_raises_is_not_called_again(
    client: JobClient, db: oracledb.Connection, effects: Any, start_worker: StartWorker
) -> None:
    with db.cursor() as cursor:
        cursor.execute(
            "create or replace procedure system_half_then_raise(p_job in varchar2) is begin "
            "insert into system_effects values (p_job, 'half'); commit; "
            "raise_application_error(-20007, 'after the commit'); end system_half_then_raise;"
        )
    start_worker()

    job_id = client.submit("SYSTEM_HALF_THEN_RAISE", {"p_job": "raised"}, max_attempts=3)
    job = client.wait(job_id)

    assert job["status"] == "failed"
    assert "ORA-20007" in job["error"]
    assert "had committed a part of its work" in job["error"]
    assert column(db, job_id, "attempt") == 1
    assert effects.notes("raised") == ["half"]


def test_a_job_that_keeps_killing_its_worker_is_failed(
    client: JobClient, start_worker: StartWorker, db: oracledb.Connection
) -> None:
    job_id = client.submit("SYSTEM_WORK_AND_WAIT", {"p_job": "killer"})

    for attempt in (1, 2, 3, 4):
        worker = start_worker()
        eventually(lambda attempt=attempt: is_running(db, job_id, attempt))  # type: ignore[misc]
        worker.kill()
        eventually(lambda: recover(db) is not None and column(db, job_id, "status") != "running")

    job = client.get(job_id)
    assert job["status"] == "failed"
    assert "lost its worker 4 times" in job["error"]


def is_running(db: oracledb.Connection, job_id: str, attempt: int) -> bool:
    return bool(
        column(db, job_id, "attempt") == attempt and column(db, job_id, "status") == "running"
    )


def recover(db: oracledb.Connection) -> int:
    """What the scheduler does every minute and workers every few seconds."""
    with db.cursor() as cursor:
        recovered = cursor.var(int)
        cursor.execute("begin async_jobs_admin.recover(:recovered); end;", recovered=recovered)
    return int(recovered.getvalue() or 0)


def test_all_jobs_of_a_killed_worker_are_finished_by_the_others(
    client: JobClient, start_worker: StartWorker
) -> None:
    first = start_worker("--slots", "4")
    start_worker("--slots", "4")
    ids = [
        client.submit("PROC_TEST", {"p_input": str(n)}, {"p_output": "STRING"}) for n in range(60)
    ]
    client.wait(ids[5])
    first.kill()

    jobs = [client.wait(job_id, seconds=60) for job_id in ids]

    assert [job["status"] for job in jobs] == ["completed"] * 60
    assert [job["result"]["p_output"] for job in jobs] == [f"Procesado: {n}" for n in range(60)]


def test_a_stopped_worker_lets_its_jobs_end(
    client: JobClient, effects: Any, start_worker: StartWorker
) -> None:
    worker = start_worker("--grace", "20")
    job_id = client.submit("SYSTEM_WORK_AND_WAIT", {"p_job": "gentle"})
    client.wait(job_id, "running")
    worker.terminate()
    effects.let_go("gentle")

    assert worker.wait(seconds=20) == 0
    assert client.get(job_id)["status"] == "completed"


def test_a_stopped_worker_gives_back_what_does_not_end(
    client: JobClient, db: oracledb.Connection, effects: Any, start_worker: StartWorker
) -> None:
    worker = start_worker("--grace", "0.5")
    job_id = client.submit("SYSTEM_WORK_AND_WAIT", {"p_job": "given back"})
    client.wait(job_id, "running")
    worker.terminate()
    assert worker.wait(seconds=30) == 0

    start_worker()
    eventually(lambda: column(db, job_id, "attempt") == 2, what="a second attempt")
    effects.let_go("given back")

    assert client.wait(job_id)["status"] == "completed"
    assert effects.notes("given back") == ["work"]
