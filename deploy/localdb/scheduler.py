"""The scheduler's engine: runs each job when it is due, in a session of its owner.

It sleeps until the next date, or until `wake` says that something has changed; it never polls. A
job never runs twice at the same time: what comes due while it runs, or while localdb was down, is
run once, late. At most job_queue_processes jobs run at once; 0 stops them all.

Source: PL/SQL Packages and Types Reference 19c, DBMS_SCHEDULER; Administrator's Guide 19c,
Scheduling Jobs with Oracle Scheduler.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from deploy.localdb.errors import OraError
from deploy.localdb.plsql.builtins.dbms_output import start_output, take_output
from deploy.localdb.plsql.host import Host
from deploy.localdb.scheduler_jobs import (
    ARGUMENTS_QUERY,
    COLUMNS,
    DROP_STATEMENTS,
    Job,
    as_job,
    job_arguments,
)
from deploy.localdb.values import Value

_logger = logging.getLogger(__name__)

#: Log rows older than this go when localdb starts.
_LOG_HISTORY_DAYS = 30
#: The event loop's clock and the calendar's may drift apart: it looks again after this time.
_LONGEST_SLEEP_SECONDS = 3600.0
_ERRORS_LENGTH = 4000


class JobSession(Protocol):
    """A session of the job's owner."""

    sid: int
    serial: int

    @property
    def host(self) -> Host:
        """The session as PL/SQL sees it."""

    async def run_block(self, text: str) -> None:
        """Run an anonymous block.

        Raises:
            OraError: it failed.
        """

    async def close(self) -> None:
        """End what runs, roll back. Twice is fine."""


class JobDatabase(Protocol):
    """Where jobs are kept."""

    async def run(self, sql: str, *params: Value) -> list[tuple[Value, ...]]:
        """PostgreSQL's own SQL, committed at once."""


@dataclass
class _Run:
    """A run that is under way."""

    session: JobSession | None = None
    stopped: bool = False


class Scheduler:
    """`start`, then `wake` after each change; `stop` ends the runs that are under way."""

    def __init__(
        self, database: JobDatabase, open_session: Callable[[str], Awaitable[JobSession]]
    ) -> None:
        self._database = database
        self._open_session = open_session
        self._changed = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None
        self._runs: dict[tuple[str, str], _Run] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Take up the jobs; those that were running when localdb ended are scheduled again."""
        await self._database.run(
            "update localdb.scheduler_jobs set state = case when not enabled then 'DISABLED'"
            " when next_run is null then 'STOPPED' else 'SCHEDULED' end,"
            " enabled = enabled and next_run is not null where state = 'RUNNING'"
        )
        await self._database.run(
            "delete from localdb.scheduler_runs where log_date < now() - $1::int * interval '1 day'",
            _LOG_HISTORY_DAYS,
        )
        self._loop = asyncio.create_task(self._run_due_jobs(), name="scheduler")

    async def stop(self) -> None:
        """Twice is fine."""
        if self._loop is not None:
            self._loop.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._loop
            self._loop = None
        for run in self._runs.values():
            await self._end(run)
        if self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def wake(self) -> None:
        self._changed.set()

    def stop_job(self, owner: str, name: str) -> bool:
        """End a run that is under way; False: there is none."""
        run = self._runs.get((owner, name))
        if run is None:
            return False
        self._spawn(self._end(run))
        return True

    def run_now(self, owner: str, name: str) -> None:
        """Run a job once, besides its schedule."""
        self._spawn(self._run_once(owner, name))

    @staticmethod
    async def _end(run: _Run) -> None:
        run.stopped = True
        if run.session is not None:
            await run.session.close()

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _logger.error("the scheduler failed", exc_info=task.exception())
        self._changed.set()

    # ---- when ----

    async def _run_due_jobs(self) -> None:
        while True:
            self._changed.clear()
            try:
                seconds = await self._start_due_jobs()
            except OraError:
                _logger.exception("the scheduler could not read its jobs")
                seconds = _LONGEST_SLEEP_SECONDS
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._changed.wait()

    async def _start_due_jobs(self) -> float | None:
        """Start what is due; how long to sleep then, None: until something changes."""
        free = await self._limit() - len(self._runs)
        rows = await self._database.run(
            f"select {COLUMNS} from localdb.effective_jobs"
            " where enabled and program_enabled and state in ('SCHEDULED', 'RETRY SCHEDULED')"
            " and next_run is not null order by next_run"
        )
        now = datetime.datetime.now(datetime.UTC)
        for row in rows:
            job = as_job(row)
            assert job.next_run is not None
            if (job.owner, job.name) in self._runs:
                continue
            if job.next_run > now:
                seconds = (job.next_run - now).total_seconds()
                return min(seconds, _LONGEST_SLEEP_SECONDS)
            if free <= 0:
                return None
            free -= 1
            self._runs[job.owner, job.name] = _Run()
            self._spawn(self._run_scheduled(job, job.next_run))
        return None

    async def _limit(self) -> int:
        rows = await self._database.run(
            "select value from localdb.parameters where name = 'job_queue_processes'"
        )
        return int(str(rows[0][0])) if rows else 0

    # ---- running ----

    async def _run_scheduled(self, job: Job, requested: datetime.datetime) -> None:
        run = self._runs[job.owner, job.name]
        try:
            started = datetime.datetime.now(datetime.UTC)
            next_date = job.run_after(started)
            rows = await self._database.run(
                "update localdb.scheduler_jobs set state = 'RUNNING', last_start = $3, next_run = $4"
                " where owner = $1 and name = $2 and enabled"
                " and state in ('SCHEDULED', 'RETRY SCHEDULED') returning 1",
                job.owner,
                job.name,
                started,
                next_date,
            )
            if not rows:
                return
            error = await self._run_action(job, run, requested, started)
            await self._record_end(job, run, started, next_date, error)
        finally:
            del self._runs[job.owner, job.name]

    async def _run_once(self, owner: str, name: str) -> None:
        """RUN_JOB in a session of its own: the schedule stays as it is."""
        if (owner, name) in self._runs:
            return
        run = self._runs[owner, name] = _Run()
        try:
            started = datetime.datetime.now(datetime.UTC)
            rows = await self._database.run(
                "update localdb.scheduler_jobs set state = 'RUNNING', last_start = $3"
                " where owner = $1 and name = $2 and state <> 'RUNNING' returning 1",
                owner,
                name,
                started,
            )
            if not rows:
                return
            rows = await self._database.run(
                f"select {COLUMNS} from localdb.effective_jobs where owner = $1 and name = $2",
                owner,
                name,
            )
            if not rows:
                return
            job = as_job(rows[0])
            error = await self._run_action(job, run, started, started)
            await self._database.run(
                "update localdb.scheduler_jobs set run_count = run_count + 1, failure_count ="
                " failure_count + $3::int, last_duration = $4::interval, state ="
                " case when enabled then 'SCHEDULED' else 'DISABLED' end"
                " where owner = $1 and name = $2",
                owner,
                name,
                int(error is not None),
                datetime.datetime.now(datetime.UTC) - started,
            )
        finally:
            del self._runs[owner, name]

    async def _run_action(
        self, job: Job, run: _Run, requested: datetime.datetime, started: datetime.datetime
    ) -> OraError | None:
        """Run a job's action and log it; its error, None: it succeeded."""
        error: OraError | None = None
        try:
            arguments = await self._database.run(ARGUMENTS_QUERY, job.owner, job.name)
            block = job.block(job_arguments(job, arguments))
            run.session = await self._open_session(job.owner)
            start_output(run.session.host)
            if not run.stopped:
                await run.session.run_block(f"begin {block}\ncommit;\nend;")
        except OraError as failure:
            error = failure
        finally:
            if run.session is not None:
                await run.session.close()
        await self._log(job, run, requested, started, error)
        return error

    async def _log(
        self,
        job: Job,
        run: _Run,
        requested: datetime.datetime,
        started: datetime.datetime,
        error: OraError | None,
    ) -> None:
        session = run.session
        status = "STOPPED" if run.stopped else "FAILED" if error is not None else "SUCCEEDED"
        info = error.stack if error is not None else None
        if run.stopped:
            info = 'REASON="Stop job called by user"'
        await self._database.run(
            "insert into localdb.scheduler_runs (log_date, owner, job_name, status, error, errors,"
            " output, requested_start, actual_start, run_duration, session_id, additional_info)"
            " values (clock_timestamp(), $1, $2, $3, $4::int, $5, $6, $7, $8,"
            " clock_timestamp() - $8, $9, $10)",
            job.owner,
            job.name,
            status,
            0 if error is None or run.stopped else error.code,
            None if error is None else error.stack[:_ERRORS_LENGTH],
            None if session is None else take_output(session.host),
            requested,
            started,
            None if session is None else f"{session.sid},{session.serial}",
            info,
        )

    async def _record_end(
        self,
        job: Job,
        run: _Run,
        started: datetime.datetime,
        next_date: datetime.datetime | None,
        error: OraError | None,
    ) -> None:
        failed = error is not None and not run.stopped
        failures = job.failure_count + failed
        state, enabled, retries = "SCHEDULED", True, 0
        retry = job.retry_after(datetime.datetime.now(datetime.UTC), next_date) if failed else None
        if retry is not None:
            # The last try is the run that counts.
            state, next_date, retries = "RETRY SCHEDULED", retry, job.retry_count + 1
            failures = job.failure_count
        elif failed and job.max_failures is not None and failures >= job.max_failures:
            state, enabled = "BROKEN", False
        elif next_date is None:
            enabled = False
            if job.repeat_interval is not None:
                state = "COMPLETED"
            else:
                state = "STOPPED" if run.stopped else "FAILED" if failed else "SUCCEEDED"
        if not enabled and job.auto_drop:
            for statement in DROP_STATEMENTS:
                await self._database.run(statement, job.owner, job.name)
            return
        # It may have been disabled, or scheduled otherwise, while it ran.
        await self._database.run(
            "update localdb.scheduler_jobs set run_count = run_count + $9::int, failure_count = $3::int,"
            " last_duration = $4::interval, state = case when enabled then $5 else 'DISABLED' end,"
            " enabled = enabled and $6, retry_count = $7::int,"
            " next_run = case when enabled and $6 then coalesce($8, next_run) end"
            " where owner = $1 and name = $2",
            job.owner,
            job.name,
            failures,
            datetime.datetime.now(datetime.UTC) - started,
            state,
            enabled,
            retries,
            retry,
            int(retry is None),
        )
