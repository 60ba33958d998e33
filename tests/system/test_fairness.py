"""Neither a flood nor a job that kills its worker keeps other jobs from running."""

from collections.abc import Callable

import httpx
import oracledb

from deploy.processes import Process
from tests.client import JobClient
from tests.waiting import eventually

StartWorker = Callable[..., Process]


def test_a_flood_does_not_hold_up_a_job_of_higher_priority(
    client: JobClient, http: httpx.Client, db: oracledb.Connection, start_worker: StartWorker
) -> None:
    flood = [
        {"name": "PROC_TEST_DEMORA", "params": [{"name": "segundos", "value": 0}], "priority": 9}
        for _ in range(400)
    ]
    answer = http.post("/procedures/async", json={"jobs": flood})
    assert answer.status_code == 201, answer.text
    start_worker("--slots", "1")
    eventually(lambda: ended(db) > 5, what="some of the flood")

    urgent = client.submit("PROC_TEST", {"p_input": "u"}, {"p_output": "STRING"}, priority=1)
    client.wait(urgent)

    with db.cursor() as cursor:
        cursor.execute(
            "select count(*) from async_jobs f join async_jobs u on u.job_id = :id "
            "where f.priority = 9 and f.start_time > u.start_time",
            id=urgent,
        )
        (later,) = cursor.fetchone() or (0,)
        cursor.execute("select count(*) from async_jobs where priority = 9 and status = 'pending'")
        (waiting,) = cursor.fetchone() or (0,)
    # Most of the flood was there before it, and had to wait for it.
    assert later + waiting > 200
    http.delete("/jobs?status=pending")


def ended(db: oracledb.Connection) -> int:
    with db.cursor() as cursor:
        cursor.execute("select count(*) from async_jobs where status = 'completed'")
        (count,) = cursor.fetchone() or (0,)
    return int(count)


def test_a_job_that_kills_its_worker_harms_no_other_job(
    client: JobClient, db: oracledb.Connection, start_worker: StartWorker
) -> None:
    poison = client.submit("SYSTEM_WORK_AND_WAIT", {"p_job": "poison"})
    others = [
        client.submit("PROC_TEST", {"p_input": str(n)}, {"p_output": "STRING"}) for n in range(20)
    ]

    for attempt in (1, 2, 3, 4):
        worker = start_worker("--slots", "2")
        eventually(lambda attempt=attempt: attempts(db, poison) == attempt)  # type: ignore[misc]
        worker.kill()
        eventually(lambda: recover(db) and client.get(poison)["status"] != "running")
    start_worker()

    job = client.wait(poison)
    assert job["status"] == "failed"
    assert "lost its worker 4 times" in job["error"]
    assert [client.wait(job_id)["status"] for job_id in others] == ["completed"] * 20


def recover(db: oracledb.Connection) -> bool:
    """What the scheduler does every minute, and workers every few seconds."""
    with db.cursor() as cursor:
        cursor.execute("declare l_n number; begin async_jobs_admin.recover(l_n); end;")
    return True


def attempts(db: oracledb.Connection, job_id: str) -> int:
    """Those that have started."""
    with db.cursor() as cursor:
        cursor.execute("select count(*) from async_job_attempts where job_id = :id", id=job_id)
        (count,) = cursor.fetchone() or (0,)
    return int(count)
