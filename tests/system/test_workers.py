"""What a worker does with a backlog, what it counts, and how it is drained."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import oracledb
import pytest

from deploy.processes import Process
from deploy.stack import Stack
from sql.metrics import WorkerMetrics
from tests.bench.wire import WireCounter
from tests.client import JobClient
from tests.waiting import eventually

StartWorker = Callable[..., Process]

#: Jobs of a backlog.
BACKLOG = 40


@pytest.fixture
def counter(db: oracledb.Connection) -> str:
    """A procedure that keeps a number in its package, fails when asked to, and leaves a row."""
    with db.cursor() as cursor:
        cursor.execute(
            """create or replace package system_counter is
              procedure count_up(p_job in varchar2, p_fail in number, p_count out number);
            end system_counter;"""
        )
        cursor.execute(
            """create or replace package body system_counter is
              g_count number := 0;
              procedure count_up(p_job in varchar2, p_fail in number, p_count out number) is
              begin
                g_count := g_count + 1;
                p_count := g_count;
                insert into system_effects (job, note) values (p_job, 'counted');
                if p_fail = 1 then
                  raise_application_error(-20001, 'asked to');
                end if;
              end count_up;
            end system_counter;"""
        )
    return "SYSTEM_COUNTER.COUNT_UP"


def submit_backlog(db: oracledb.Connection, name: str, fails: Callable[[int], bool]) -> list[str]:
    """All in one transaction: a worker sees them at once."""
    job_ids = []
    with db.cursor() as cursor:
        for n in range(BACKLOG):
            params = {"p_job": f"{n:02}", "p_fail": int(fails(n))}
            listed: list[dict[str, object]] = [{"name": k, "value": v} for k, v in params.items()]
            listed.append({"name": "p_count", "direction": "OUT"})
            job_id = cursor.callfunc("async_jobs_api.submit", str, [name, json.dumps(listed)])
            job_ids.append(job_id)
    db.commit()
    return job_ids


def test_a_backlog_costs_little_more_than_a_round_trip_a_job(
    stack: Stack, client: JobClient, db: oracledb.Connection, counter: str
) -> None:
    """Each job is completed in the call that starts the next one, and none sees another's state."""
    host, _, rest = stack.database.dsn.partition(":")
    port, _, service = rest.partition("/")
    with WireCounter(host, int(port)) as wire:
        worker = stack.start_worker("--slots", "1", ORACLE_DSN=f"127.0.0.1:{wire.port}/{service}")
        # Described and compiled.
        client.run(counter, {"p_job": "first", "p_fail": 0}, {"p_count": None})
        before = wire.round_trips
        job_ids = submit_backlog(db, counter, lambda n: False)
        jobs = [client.wait(job_id) for job_id in job_ids]
        round_trips = wire.round_trips - before
        worker.stop(seconds=10)

    assert [job["result"] for job in jobs] == [{"p_count": 1}] * BACKLOG
    # One for each job, and claims of a few at a time. Two without the common call.
    assert round_trips / BACKLOG < 1.8


def test_a_job_that_fails_in_a_backlog_takes_no_other_along(
    client: JobClient, db: oracledb.Connection, counter: str, start_worker: StartWorker
) -> None:
    with db.cursor() as cursor:
        cursor.execute("delete from system_effects where note = 'counted'")
    db.commit()
    job_ids = submit_backlog(db, counter, lambda n: n % 3 == 2)

    start_worker("--slots", "2")
    jobs = [client.wait(job_id) for job_id in job_ids]

    failed = [n for n, job in enumerate(jobs) if job["status"] == "failed"]
    assert failed == [n for n in range(BACKLOG) if n % 3 == 2]
    assert all(jobs[n]["error"].startswith("ORA-20001: asked to") for n in failed)
    with db.cursor() as cursor:
        cursor.execute("select job from system_effects where note = 'counted' order by job")
        counted = [int(job) for (job,) in cursor]
    assert counted == [n for n in range(BACKLOG) if n % 3 != 2]


def worker_row(db: oracledb.Connection, pid: int) -> tuple[str, WorkerMetrics] | None:
    with db.cursor() as cursor:
        cursor.execute("select worker, metrics from async_job_workers where pid = :pid", pid=pid)
        row = cursor.fetchone()
    if row is None or row[1] is None:
        return None
    return row[0], WorkerMetrics.model_validate(json.loads(row[1]))


def test_a_heartbeat_leaves_the_workers_counts(
    client: JobClient, db: oracledb.Connection, counter: str, start_worker: StartWorker
) -> None:
    worker = start_worker("--slots", "1")
    client.run(counter, {"p_job": "m", "p_fail": 0}, {"p_count": None})
    client.run(counter, {"p_job": "m", "p_fail": 1}, {"p_count": None})
    client.run("PROC_QUE_NO_EXISTE")

    def counted() -> WorkerMetrics | None:
        row = worker_row(db, worker.pid)
        return row[1] if row and row[1].run_seconds.count == 3 else None

    metrics = eventually(counted, what="the counts of three jobs")

    assert metrics.outcomes["completed"] == 1
    assert metrics.outcomes["failed"] == 2
    assert metrics.wait_seconds.count == 3


def test_a_drained_worker_finishes_its_job_claims_no_more_and_ends(
    client: JobClient, db: oracledb.Connection, effects: Any, start_worker: StartWorker
) -> None:
    worker = start_worker("--slots", "1")
    running = client.submit("SYSTEM_WORK_AND_WAIT", {"p_job": "drained"})
    client.wait(running, "running")
    with db.cursor() as cursor:
        cursor.execute("update async_job_workers set drain = 'Y' where pid = :pid", pid=worker.pid)
    db.commit()
    eventually(lambda: "worker drains" in worker.read_log(), what="the drain")
    left = client.submit("PROC_TEST_DEMORA", {"segundos": 0})

    assert worker.is_running
    effects.let_go("drained")

    assert worker.wait(seconds=15) == 0
    assert client.get(running)["status"] == "completed"
    assert client.get(left)["status"] == "pending"
    start_worker()
    assert client.wait(left)["status"] == "completed"


def test_a_worker_touches_its_file_as_long_as_it_goes_on(stack: Stack, tmp_path: Path) -> None:
    file = tmp_path / "alive"
    worker = stack.start_worker("--slots", "1", "--heartbeat", "0.2", WORKER_ALIVE_FILE=str(file))
    try:
        eventually(file.exists, what="the file")
        file.unlink()
        eventually(file.exists, what="the file again")
    finally:
        worker.stop(seconds=10)
