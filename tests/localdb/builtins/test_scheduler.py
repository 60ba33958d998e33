"""Jobs: what DBMS_SCHEDULER says of them, and how they run."""

import asyncio
import dataclasses
import datetime
import itertools
from typing import Any

import pytest
import pytest_asyncio

from deploy.localdb import scheduler_jobs, scheduler_programs
from deploy.localdb.errors import OraError
from deploy.localdb.scheduler import Scheduler
from tests.localdb.builtins.hosts import PlainHost, call

pytestmark = pytest.mark.asyncio(loop_scope="module")

_numbers = itertools.count(1)
_PATIENCE = 10  # seconds


class FakeSession:
    """A session in which a job's block does what the test says."""

    def __init__(self, runs, owner):
        self.sid, self.serial = 7, 8
        self.closed = asyncio.Event()
        self.host = PlainHost()
        self._runs = runs
        self._owner = owner

    async def run_block(self, text):
        await self._runs.run(self, self._owner, text)

    async def close(self):
        self.closed.set()


class Runs:
    """The blocks that were run, and how many at once."""

    def __init__(self):
        self.texts = []
        self.owners = []
        self.now = self.most = 0
        self.changed = asyncio.Condition()
        #: Jobs whose text holds 'wait' go on when this is set.
        self.release = asyncio.Event()

    async def run(self, session, owner, text):
        self.texts.append(text)
        self.owners.append(owner)
        self.now += 1
        self.most = max(self.most, self.now)
        await self.tell()
        try:
            call(session.host, "DBMS_OUTPUT.PUT_LINE", a="said")
            if "fail" in text:
                raise OraError(20001, "it failed")
            if "wait" in text:
                waits = [
                    asyncio.ensure_future(event.wait()) for event in (self.release, session.closed)
                ]
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
                for wait in waits:
                    wait.cancel()
                if session.closed.is_set():
                    raise OraError(1013, "user requested cancel of current operation")
        finally:
            self.now -= 1
            await self.tell()

    async def tell(self):
        async with self.changed:
            self.changed.notify_all()

    async def count(self, number):
        async with asyncio.timeout(_PATIENCE), self.changed:
            await self.changed.wait_for(lambda: len(self.texts) >= number)


@pytest.fixture
async def client(log_on):
    return await log_on()


@pytest.fixture
def runs():
    return Runs()


@pytest_asyncio.fixture(loop_scope="module")
async def scheduler(database, runs, client):
    await client.native("delete from localdb.scheduler_jobs")
    await client.native("delete from localdb.scheduler_runs")
    await client.commit()

    async def open_session(owner):
        return FakeSession(runs, owner)

    scheduler = Scheduler(database, open_session)
    told = client.host.scheduler
    told.wake, told.stop_job, told.run_now = scheduler.wake, scheduler.stop_job, scheduler.run_now
    await scheduler.start()
    yield scheduler
    await scheduler.stop()


async def create(client, action="null;", **options):
    name = f"J{next(_numbers)}"
    options = {"enabled": True, "auto_drop": False} | options
    await client.do(scheduler_jobs.create_job, name, "PLSQL_BLOCK", action, **options)
    return name


async def row(client, name, columns):
    rows = await client.native(
        f"select {columns} from localdb.scheduler_jobs where name = $1", name
    )
    await client.rollback()
    return rows[0] if rows else None


async def until(client, name, wanted, columns="state"):
    """The row, once the scheduler has written what it did."""
    async with asyncio.timeout(_PATIENCE):
        # Nothing signals the scheduler's own writing.
        while (found := await row(client, name, columns)) != wanted:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return found


async def log(client, name):
    rows = await client.native(
        "select status, error from localdb.scheduler_runs where job_name = $1 order by log_id", name
    )
    await client.rollback()
    return rows


async def code(work):
    with pytest.raises(OraError) as caught:
        await work
    return caught.value.code


def utc_now():
    return datetime.datetime.now(datetime.UTC)


# ---- running ----


async def test_a_job_without_date_runs_at_once(client, scheduler, runs):
    name = await create(client, "my_call;")
    await runs.count(1)

    assert runs.owners == ["SCOTT"]
    assert "begin my_call;\nend;" in runs.texts[0]
    await until(client, name, ("SUCCEEDED",))
    assert await row(client, name, "enabled, run_count, failure_count") == (False, 1, 0)
    assert await log(client, name) == [("SUCCEEDED", 0)]


async def test_a_job_drops_itself(client, scheduler, runs):
    name = await create(client, auto_drop=True)
    await runs.count(1)

    await until(client, name, None)


async def test_a_disabled_job_waits_to_be_enabled(client, scheduler, runs):
    name = await create(client, enabled=False)
    assert await row(client, name, "state, next_run") == ("DISABLED", None)
    assert runs.texts == []
    await client.do(scheduler_jobs.enable, name)

    await runs.count(1)


async def test_a_job_repeats(client, scheduler, runs):
    await create(client, repeat_interval="FREQ=SECONDLY", start_date=utc_now())

    await runs.count(3)


async def test_a_later_date(client, scheduler, runs):
    start = utc_now() + datetime.timedelta(hours=2)
    name = await create(client, start_date=start, repeat_interval="FREQ=DAILY")

    assert await row(client, name, "state, next_run") == ("SCHEDULED", start)
    assert runs.texts == []


async def test_a_job_never_overlaps_itself(client, scheduler, runs):
    name = await create(client, "wait;", repeat_interval="FREQ=SECONDLY", start_date=utc_now())
    await runs.count(1)
    await asyncio.sleep(1.1)  # its next date goes by
    scheduler.wake()
    assert (await row(client, name, "state"), runs.most) == (("RUNNING",), 1)
    runs.release.set()

    await runs.count(2)
    assert runs.most == 1


async def test_what_was_missed_runs_once(client, scheduler, runs):
    name = await create(
        client, start_date=utc_now() + datetime.timedelta(days=1), repeat_interval="FREQ=HOURLY"
    )
    await scheduler.stop()
    await client.native(
        "update localdb.scheduler_jobs set state = 'RUNNING', start_date = now() - interval '1 day',"
        " next_run = now() - interval '5 hours' where name = $1",
        name,
    )
    await client.commit()
    await scheduler.start()
    await runs.count(1)
    await until(client, name, ("SCHEDULED", 1), "state, run_count")
    (next_run,) = await row(client, name, "next_run")

    assert next_run > utc_now()
    assert len(runs.texts) == 1


async def test_failures_are_logged_and_counted(client, scheduler, runs):
    name = await create(client, "fail;")
    await until(client, name, ("FAILED", 1), "state, failure_count")

    assert await log(client, name) == [("FAILED", 20001)]
    assert await client.native(
        "select errors, output, session_id from localdb.scheduler_runs where job_name = $1", name
    ) == [("ORA-20001: it failed", "said", "7,8")]


async def test_a_job_breaks_after_too_many_failures(client, scheduler, runs):
    name = await create(client, "fail;", enabled=False, repeat_interval="FREQ=SECONDLY")
    await client.do(scheduler_jobs.set_attribute, name, "max_failures", 2)
    await client.do(scheduler_jobs.enable, name)

    await until(client, name, ("BROKEN", False, 2), "state, enabled, failure_count")


async def test_a_run_that_failed_is_tried_again(client, scheduler, runs):
    name = await create(client, "fail;", enabled=False)
    await client.do(scheduler_jobs.set_attribute, name, "restart_on_failure", True)
    await client.do(scheduler_jobs.enable, name)
    columns = (
        "state, retry_count, run_count, failure_count, next_run - last_start > interval '1 second'"
    )

    await until(client, name, ("RETRY SCHEDULED", 1, 0, 0, True), columns)
    await runs.count(2)
    await until(client, name, ("RETRY SCHEDULED", 2, 0, 0, True), columns)
    assert await log(client, name) == [("FAILED", 20001)] * 2


async def test_retries_come_later_and_later_and_not_beyond_the_next_date():
    now = utc_now()

    def seconds(retries, next_date=None, *, wanted=True):
        columns: dict[str, Any] = dict.fromkeys(
            field.name for field in dataclasses.fields(scheduler_jobs.Job)
        )
        columns |= {"restart_on_failure": wanted, "retry_count": retries}
        job = scheduler_jobs.Job(**columns)
        found = job.retry_after(now, next_date)
        return found and (found - now).total_seconds()

    assert [seconds(retries) for retries in range(7)] == [1, 10, 100, 1000, 10_000, 86_400, None]
    assert seconds(0, wanted=False) is None
    assert seconds(1, now + datetime.timedelta(seconds=10)) is None
    assert seconds(1, now + datetime.timedelta(seconds=11)) == 10


async def test_a_job_of_a_disabled_program_waits_for_it(client, scheduler, runs):
    names = [f"{kind}{next(_numbers)}" for kind in "PJ"]
    program, job = names
    await client.do(
        scheduler_programs.create_program, program, "PLSQL_BLOCK", "null;", enabled=True
    )
    await client.do(
        scheduler_jobs.create_job,
        job,
        program=(client.host.user, program),
        start_date=utc_now() + datetime.timedelta(hours=1),
        enabled=True,
        auto_drop=False,
    )
    change = scheduler_programs.enable_program
    assert await code(client.do(change, program, enabled=False)) == 27479
    await client.do(change, program, enabled=False, force=True)
    await client.do(scheduler_jobs.set_attribute, job, "comments", "due")
    await client.native("update localdb.scheduler_jobs set next_run = now() where name = $1", job)
    await client.commit()
    scheduler.wake()
    other = await create(client)
    await until(client, other, ("SUCCEEDED",))
    assert len(runs.texts) == 1
    assert await code(client.do(scheduler_jobs.run_job, job)) == 3001

    await client.do(change, program, enabled=True)
    await until(client, job, ("SUCCEEDED",))


async def test_the_last_date(client, scheduler, runs):
    now = utc_now()
    name = await create(
        client,
        start_date=now,
        repeat_interval="FREQ=MINUTELY",
        end_date=now + datetime.timedelta(seconds=30),
    )

    await until(client, name, ("COMPLETED", False), "state, enabled")
    assert len(runs.texts) == 1


async def test_no_more_jobs_at_once_than_allowed(client, scheduler, runs):
    async def allow(number):
        await client.native(
            "update localdb.parameters set value = $1 where name = 'job_queue_processes'", number
        )
        await client.commit()
        scheduler.wake()

    await allow("0")
    first = await create(client, "wait;")
    second = await create(client, "wait;")
    assert runs.texts == []
    await allow("1")
    await runs.count(1)
    assert sorted([await row(client, n, "state") for n in (first, second)]) == [
        ("RUNNING",),
        ("SCHEDULED",),
    ]
    runs.release.set()
    await runs.count(2)

    assert runs.most == 1
    await allow("20")


async def test_stopping_a_run(client, scheduler, runs):
    name = await create(client, "wait;")
    await runs.count(1)
    await client.do(scheduler_jobs.stop_job, name)

    await until(client, name, ("STOPPED",))
    assert await log(client, name) == [("STOPPED", 0)]
    assert await code(client.do(scheduler_jobs.stop_job, name)) == 27366


async def test_dropping_a_running_job(client, scheduler, runs):
    name = await create(client, "wait;")
    await runs.count(1)
    await until(client, name, ("RUNNING",))
    assert await code(client.do(scheduler_jobs.drop_job, name)) == 27478
    await client.do(scheduler_jobs.drop_job, name, force=True)

    assert await row(client, name, "state") is None


async def test_run_job_in_another_session(client, scheduler, runs):
    name = await create(client, enabled=False)
    await client.do(scheduler_jobs.run_job, name, use_current_session=False)

    await until(client, name, ("DISABLED", 1), "state, run_count")


async def test_arguments_of_a_procedure(client, scheduler, runs):
    await client.do(
        scheduler_jobs.create_job, "PROC_JOB", "stored_procedure", "pkg.proc", number_of_arguments=2
    )
    await client.do(scheduler_jobs.set_argument, "PROC_JOB", 1, "it's")
    assert await code(client.do(scheduler_jobs.enable, "PROC_JOB")) == 27457
    await client.do(scheduler_jobs.set_argument, "PROC_JOB", 2, None)
    await client.do(scheduler_jobs.enable, "PROC_JOB")
    await runs.count(1)

    assert "pkg.proc('it''s', null);" in runs.texts[0]


# ---- definitions ----


async def test_unknown_jobs(client):
    for function in (
        scheduler_jobs.enable,
        scheduler_jobs.disable,
        scheduler_jobs.drop_job,
        scheduler_jobs.run_job,
        scheduler_jobs.stop_job,
    ):
        with pytest.raises(OraError) as caught:
            await client.do(function, "nowhere")
        assert caught.value.text == 'ORA-27475: unknown job "SCOTT"."NOWHERE"'


async def test_names_are_taken_once(client):
    name = await create(client, enabled=False)
    again = client.do(scheduler_jobs.create_job, name, "PLSQL_BLOCK", "null;")
    with pytest.raises(OraError) as caught:
        await again
    assert caught.value.text == f'ORA-27477: "SCOTT"."{name}" already exists'


@pytest.mark.parametrize(
    ("arguments", "options", "expected"),
    [
        ((None, "PLSQL_BLOCK", "null;"), {}, 27451),
        (("a.b.c", "PLSQL_BLOCK", "null;"), {}, 27452),
        (("X", "FOO", "null;"), {}, 27465),
        (("X", "CHAIN", "c"), {}, 3001),
        (("X", "PLSQL_BLOCK", None), {}, 27465),
        (("X", "PLSQL_BLOCK", "null;"), {"number_of_arguments": 1}, 27465),
        (("X", "PLSQL_BLOCK", "null;"), {"repeat_interval": "FREQ=FOO"}, 3001),
        (("X", "PLSQL_BLOCK", "null;"), {"repeat_interval": "FREQ=DAILY;BYHOUR=x"}, 27418),
        (("X", "PLSQL_BLOCK", "null;"), {"repeat_interval": "sysdate + 1"}, 3001),
    ],
)
async def test_wrong_jobs(client, arguments, options, expected):
    assert await code(client.do(scheduler_jobs.create_job, *arguments, **options)) == expected


async def test_attributes(client):
    name = await create(client, enabled=False)
    set_attribute = scheduler_jobs.set_attribute
    await client.do(set_attribute, name, "job_action", "other;")
    await client.do(set_attribute, name, "COMMENTS", None)
    await client.do(set_attribute, name, "LOGGING_LEVEL", 256)
    assert await row(client, name, "job_action, comments, logging_level") == (
        "other;",
        None,
        "FULL",
    )
    assert await code(client.do(set_attribute, name, "FOO", 1)) == 27469
    assert await code(client.do(set_attribute, name, "MAX_RUN_DURATION", 1)) == 3001
    assert await code(client.do(set_attribute, name, "JOB_ACTION", None)) == 27465
    assert await code(client.do(set_attribute, name, "MAX_FAILURES", 0)) == 27465


async def test_copying(client):
    name = await create(client, "original;", repeat_interval="FREQ=DAILY")
    await client.do(scheduler_jobs.copy_job, name, f"{name}_COPY")

    assert await row(client, f"{name}_COPY", "job_action, repeat_interval, enabled") == (
        "original;",
        "FREQ=DAILY",
        False,
    )


async def test_purging_the_log(client, scheduler, runs):
    name = await create(client)
    await until(client, name, ("SUCCEEDED",))
    await client.do(scheduler_jobs.purge_log, 1, name)
    assert len(await log(client, name)) == 1
    await client.do(scheduler_jobs.purge_log, 0, name)

    assert await log(client, name) == []
