"""What operators and monitoring ask the database, and what the health check finds wrong."""

from collections.abc import AsyncIterator, Callable

import oracledb
import pytest

from deploy.stack import Stack
from sql.operations import Finding, Operations, ProcedureRule, Severity
from sql.pool import create_pool
from sql.settings import DatabaseSettings
from sql.statements import load_statements
from tests.bench.wire import WireCounter
from tests.client import JobClient


@pytest.fixture
async def operations(stack: Stack) -> AsyncIterator[Operations]:
    settings = DatabaseSettings.from_environment(stack.database.environment())
    pool = create_pool(settings, size=1, program="tests")
    yield Operations(pool, load_statements(settings.owner))
    await pool.close()


async def test_statistics_count_every_state(
    operations: Operations, client: JobClient, db: oracledb.Connection
) -> None:
    client.run("PROC_TEST_DEMORA", {"segundos": 0})
    client.run("PROC_TEST_ERROR", {"p_should_fail": 1})
    delayed = client.submit("PROC_TEST_DEMORA", {"segundos": 0}, delay=3600)

    found = await operations.statistics()

    with db.cursor() as cursor:
        rows = cursor.execute("select status, count(*) from async_jobs group by status").fetchall()
    assert dict(found.jobs) == dict.fromkeys(
        ("pending", "running", "completed", "failed"), 0
    ) | dict(rows)
    assert found.queue.is_open
    before = found.queue.delayed
    assert before >= 1
    client.http.delete(f"/jobs/{delayed}")
    # Its message stays in the queue until it is due, and counts no more.
    assert (await operations.queue()).delayed == before - 1


async def test_the_oldest_waiting_job_counts_from_when_it_could_run(
    operations: Operations, client: JobClient, db: oracledb.Connection
) -> None:
    job_id = client.submit("PROC_TEST_DEMORA", {"segundos": 0}, delay=3600)
    assert (await operations.queue()).oldest_seconds is None
    with db.cursor() as cursor:
        cursor.execute(
            "update async_jobs set run_after = sys_extract_utc(systimestamp)"
            " - interval '90' second where job_id = :1",
            [job_id],
        )
        db.commit()

    oldest = (await operations.queue()).oldest_seconds

    client.http.delete(f"/jobs/{job_id}")
    assert oldest is not None
    assert 90 <= oldest < 120


async def test_a_worker_is_shown_with_what_it_runs(
    operations: Operations, client: JobClient
) -> None:
    job_id = client.submit("PROC_TEST_DEMORA", {"segundos": 60})
    client.wait(job_id, "running")

    workers = [worker for worker in await operations.workers() if worker.is_alive]

    client.http.delete(f"/jobs/{job_id}")
    assert sum(worker.running for worker in workers) == 1
    assert all(worker.idle_seconds < 15 and worker.slots == 4 for worker in workers)


async def test_an_unknown_worker_is_not_drained(operations: Operations) -> None:
    assert await operations.drain("nobody") == 0


async def test_the_allow_list_is_kept_by_name_and_user(operations: Operations) -> None:
    rule = ProcedureRule(
        procedure_name="PROC_X", submitted_by="NOBODY", timeout_seconds=1.5, max_attempts=2
    )

    assert await operations.set_procedure(rule) is True
    assert await operations.set_procedure(rule) is False
    assert await operations.procedures() == [rule]
    assert await operations.remove_procedure("PROC_X", "NOBODY") is True
    assert await operations.remove_procedure("PROC_X", "NOBODY") is False


async def test_health_finds_nothing_wrong(operations: Operations) -> None:
    findings = await operations.health()

    assert [finding for finding in findings if finding.severity is Severity.ERROR] == []


#: What is found, and what breaks it. The finding's own remedy has to mend it.
FAULTS = {
    "queue_stopped": "begin dbms_aqadm.stop_queue(queue_name => 'ASYNC_JOBS_QUEUE'); end;",
    "scheduler_job_disabled": "begin dbms_scheduler.disable(name => 'ASYNC_JOBS_EVERY_DAY'); end;",
    "scheduler_job_missing": (
        "begin dbms_scheduler.drop_job(job_name => 'ASYNC_JOBS_EVERY_DAY'); end;"
    ),
    "recovery_overdue": (
        "update async_job_recovery set last_recovery = timestamp '2026-01-01 00:00:00'"
    ),
    "recovery_failed": (
        "update async_job_recovery set last_error = 'ORA-00001: unique constraint',"
        " last_error_at = sys_extract_utc(systimestamp)"
    ),
    "workers_silent": (
        "insert into async_job_workers (worker, slots, started_at, last_seen) values"
        " ('gone', 1, timestamp '2026-01-01 00:00:00', timestamp '2026-01-01 00:00:00')"
    ),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_is_found_and_its_remedy_mends_it(
    name: str, operations: Operations, connect: Callable[[], oracledb.Connection]
) -> None:
    connection = connect()

    def run(statement: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            connection.commit()

    async def find() -> Finding | None:
        return next((found for found in await operations.health() if found.name == name), None)

    run(FAULTS[name])
    finding = await find()
    # A worker may have recovered meanwhile, which is what was overdue.
    assert finding is not None or name == "recovery_overdue"
    if finding is not None:
        assert finding.run_by == "owner"
        run(finding.remedy)

    assert await find() is None


def test_the_text_for_people_says_the_same(stack: Stack, db: oracledb.Connection) -> None:
    with db.cursor() as cursor:
        cursor.execute("begin dbms_scheduler.disable(name => 'ASYNC_JOBS_EVERY_DAY'); end;")
        (text,) = cursor.execute("select async_jobs_admin.health from dual").fetchone() or ("",)
        cursor.execute("begin dbms_scheduler.enable(name => 'ASYNC_JOBS_EVERY_DAY'); end;")

    assert "ASYNC_JOBS_EVERY_DAY is disabled: nothing is cleaned up." in text
    assert "begin dbms_scheduler.enable(name => 'ASYNC_JOBS_EVERY_DAY'); end;" in text


@pytest.mark.parametrize("name", ["statistics", "queue", "workers", "health"])
async def test_each_question_is_one_round_trip(stack: Stack, name: str) -> None:
    address, _, service = stack.database.dsn.partition("/")
    host, _, port = address.partition(":")
    if not port.isdecimal():
        pytest.skip("the connect string is not host:port/service")
    with WireCounter(host, int(port)) as wire:
        environment = stack.database.environment()
        environment["ORACLE_DSN"] = f"127.0.0.1:{wire.port}/{service}"
        settings = DatabaseSettings.from_environment(environment)
        pool = create_pool(settings, size=1, program="tests")
        operations = Operations(pool, load_statements(settings.owner))
        await getattr(operations, name)()
        before = wire.round_trips
        await getattr(operations, name)()
        round_trips = wire.round_trips - before
        await pool.close()

    assert round_trips == 1
