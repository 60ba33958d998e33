"""Jobs as the API and the command line see them: one method per statement.

Reads and submissions are repeated when the connection breaks, for a few seconds. A submission can
be: its caller makes the id, so a second one with the same id changes nothing. Cancel, delete and
retry are repeated as well; having been done already is then told apart from not being there.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import oracledb
from tenacity import (
    AsyncRetrying,
    retry_if_exception_type,
    stop_after_delay,
    wait_exponential_jitter,
)

from sql.binds import SQL_TEXT_BYTES, bind_text, bind_timestamp, round_span
from sql.errors import ConnectionLost, DatabaseAway, RowBusy, convert_error
from sql.exact_json import JsonValue, dump_json
from sql.install import SCHEMA_VERSION
from sql.job import (
    InvalidCursor,
    Job,
    JobFilter,
    JobList,
    JobState,
    JobStatus,
    read_cursor,
    read_job,
    write_cursor,
)
from sql.names import NAME_LIMIT
from sql.pool import Pool
from sql.statements import Statements
from sql.submission import (
    BATCH_LIMIT,
    IdempotencyConflict,
    Submission,
    SubmissionRefused,
    bind_submissions,
    submission_values,
)

__all__ = [
    "BATCH_LIMIT",
    "LIST_LIMIT",
    "IdempotencyConflict",
    "InvalidCursor",
    "Job",
    "JobFilter",
    "JobList",
    "JobState",
    "JobStatus",
    "Jobs",
    "Readiness",
    "Submission",
    "SubmissionRefused",
    "new_job_id",
]

T = TypeVar("T")

#: Seconds for which a call is repeated while the database is away.
PATIENCE_SECONDS = 5.0
#: Longest list of jobs in one answer.
LIST_LIMIT = 1000
EVERY_JOB = JobFilter()
#: How many ids are asked for at once, and how many of them in each of the statement's binds: as JSON
#: they stay below SQL's 4,000 bytes of text.
STATES_LIMIT = 1000
STATES_PART = 100


@dataclass(frozen=True, slots=True)
class Readiness:
    """What /readyz looks at."""

    #: None: nothing is installed.
    schema_version: int | None
    #: Whether the queue takes and gives messages.
    queue_open: bool
    #: Whether recovery and clean-up will run.
    scheduler_running: bool
    #: What this release works with.
    schema_expected: int = SCHEMA_VERSION

    @property
    def is_ready(self) -> bool:
        """Whether jobs are taken and run. Recovery is done by the workers as well."""
        return self.queue_open and self.schema_version == self.schema_expected


def new_job_id() -> str:
    return secrets.token_hex(16)


class Jobs:
    """The job table and its calls, on connections of a pool."""

    def __init__(
        self,
        pool: Pool,
        statements: Statements,
        *,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._pool = pool
        self._statements = statements
        self._patience_seconds = patience_seconds

    async def submit(self, submission: Submission, *, job_id: str | None = None) -> str:
        """Make a job: row and wake-up, durable when this returns. One round trip.

        Args:
            submission: what to run.
            job_id: 32 hexadecimal digits. None: a new one.

        Returns:
            The job's id; of a known idempotency key, that of its first job (two round trips).

        Raises:
            IdempotencyConflict: the key was used for another submission.
            SubmissionRefused: the allow list or a check says no.
            DatabaseError: DatabaseAway or ConnectionLost after some seconds of trying.
        """
        job_id = job_id or new_job_id()
        row = submission_values(submission, job_id)
        is_plain = submission.is_plain

        async def call(connection: oracledb.AsyncConnection) -> str:
            binds = bind_submissions(connection.cursor(), [row], are_plain=is_plain)
            name = "submit_plain_job" if is_plain else "submit_job"
            return await self._read_status(connection, name, binds)

        status = await self._call(call)
        if status not in ("ok", "exists", "conflict"):
            raise SubmissionRefused(status)
        if status == "ok" or submission.idempotency_key is None:
            return job_id
        first = await self._find_job_of_key(submission)
        if status == "conflict":
            raise IdempotencyConflict(first)
        # A repeat by which the first job is gone already has made none, and has nothing to show.
        return first or job_id

    async def submit_many(self, submissions: Sequence[Submission]) -> list[str]:
        """Make several jobs in one transaction, all or none. Two round trips.

        Args:
            submissions: at most BATCH_LIMIT.

        Returns:
            The jobs' ids, in the same order.

        Raises:
            IdempotencyConflict, SubmissionRefused: as of submit, with the index of the first one.
            DatabaseError: DatabaseAway or ConnectionLost after some seconds of trying.
            ValueError: too many.
        """
        if len(submissions) > BATCH_LIMIT:
            raise ValueError(f"more than {BATCH_LIMIT} submissions in a batch")
        if not submissions:
            return []
        job_ids = [new_job_id() for _ in submissions]
        rows = [
            submission_values(submission, job_id)
            for submission, job_id in zip(submissions, job_ids, strict=True)
        ]

        async def call(connection: oracledb.AsyncConnection) -> list[str]:
            cursor = connection.cursor()
            status = cursor.var(str, 30, arraysize=len(rows))
            cursor.setinputsizes(**bind_submissions(cursor, rows), status=status)
            try:
                await cursor.executemany(self._statements["add_job"], len(rows))
                statuses = [str(status.getvalue(place)) for place in range(len(rows))]
                if all(status in ("ok", "exists") for status in statuses):
                    await cursor.execute(self._statements["commit_jobs"])
                else:
                    await connection.rollback()
            except BaseException:
                # Or the pool would give the next one a connection with half a batch in it.
                await _roll_back(connection)
                raise
            return statuses

        statuses = await self._call(call)
        for index, status in enumerate(statuses):
            if status == "conflict":
                first = await self._find_job_of_key(submissions[index])
                raise IdempotencyConflict(first, index)
            if status not in ("ok", "exists"):
                raise SubmissionRefused(status, index)
        for index, status in enumerate(statuses):
            if status == "exists" and submissions[index].idempotency_key is not None:
                first = await self._find_job_of_key(submissions[index])
                job_ids[index] = first or job_ids[index]
        return job_ids

    async def get(self, job_id: str) -> Job | None:
        """One job, or None where there is none."""
        rows = await self._rows("get_job", lambda _cursor: {"job_id": job_id})
        return rows[0] if rows else None

    async def find(
        self,
        matching: JobFilter = EVERY_JOB,
        *,
        limit: int = LIST_LIMIT,
        cursor: str | None = None,
    ) -> JobList:
        """The newest jobs that match.

        Args:
            matching: which ones.
            limit: at most so many.
            cursor: next_cursor of the page before. None: the first page.

        Raises:
            InvalidCursor: no list has given this one.
        """
        last_created, last_id = read_cursor(cursor) if cursor else (None, None)

        def binds(sender: oracledb.AsyncCursor) -> dict[str, Any]:
            return {
                **matching.binds(sender),
                "last_created": bind_timestamp(sender, last_created),
                "last_id": last_id,
                # One more tells whether there is a next page.
                "row_limit": limit + 1,
            }

        jobs = await self._rows("list_jobs", binds)
        is_last = len(jobs) <= limit
        jobs = jobs[:limit]
        if is_last and cursor is None:
            return JobList(len(jobs), jobs)

        async def count(connection: oracledb.AsyncConnection) -> int:
            sender = connection.cursor()
            await sender.execute(self._statements["count_jobs"], matching.binds(sender))
            row = await sender.fetchone()
            return int(row[0]) if row else 0

        total = await self._call(count)
        return JobList(total, jobs, None if is_last else write_cursor(jobs[-1]))

    async def states(self, job_ids: Sequence[str]) -> dict[str, JobState]:
        """How far these jobs are, by id; missing ones are left out. A round trip per 1,000."""

        async def call(connection: oracledb.AsyncConnection) -> dict[str, JobState]:
            states = {}
            for first in range(0, len(job_ids), STATES_LIMIT):
                cursor = connection.cursor()
                cursor.arraysize = STATES_LIMIT + 1
                cursor.prefetchrows = STATES_LIMIT + 1
                wanted: list[JsonValue] = list(job_ids[first : first + STATES_LIMIT])
                binds = {
                    f"job_ids_{part}": bind_text(
                        cursor,
                        dump_json(wanted[part * STATES_PART : (part + 1) * STATES_PART]),
                        SQL_TEXT_BYTES,
                    )
                    for part in range(STATES_LIMIT // STATES_PART)
                }
                await cursor.execute(self._statements["job_states"], binds)
                for job_id, status, progress, note, attempt in await cursor.fetchall():
                    states[job_id] = JobState(status, progress, note, int(attempt))
            return states

        return await self._attempt(call)

    async def delete(self, job_id: str) -> bool:
        """Remove a job whatever its state; a running one is rolled back. False: there is none."""
        calls = 0

        async def call(connection: oracledb.AsyncConnection) -> str:
            nonlocal calls
            calls += 1
            return await self._read_status(connection, "delete_job", {"job_id": job_id})

        answer = await self._call(call)
        # A call whose answer got lost may have deleted it.
        return answer == "ok" or calls > 1

    async def delete_many(
        self, *, statuses: Sequence[str] = (), older_than_days: float | None = None
    ) -> int:
        """Remove the jobs to which both filters apply; a running one only where it is named.

        Returns:
            How many are gone.
        """

        async def call(connection: oracledb.AsyncConnection) -> int:
            cursor = connection.cursor()
            deleted = cursor.var(int)
            days = round_span(older_than_days)
            binds = {"statuses": _joined(statuses), "older_than_days": days}
            await cursor.execute(self._statements["delete_jobs"], {**binds, "deleted": deleted})
            return int(deleted.getvalue() or 0)

        return await self._call(call)

    async def cancel(self, job_id: str) -> str:
        """Stop a job. Returns ok, missing or ended."""
        return await self._status("cancel_job", {"job_id": job_id})

    async def retry(self, job_id: str) -> str:
        """Run a failed job again. Returns ok, missing, not failed, session alive or invalid."""
        return await self._status("retry_job", {"job_id": job_id})

    async def clean_up(self, days_old: float) -> int:
        """Delete completed and failed jobs that ended so many days ago. Returns how many."""

        async def call(connection: oracledb.AsyncConnection) -> int:
            cursor = connection.cursor()
            deleted = cursor.var(int)
            binds = {"days_old": round_span(days_old), "deleted": deleted}
            await cursor.execute(self._statements["cleanup_jobs"], binds)
            return int(deleted.getvalue() or 0)

        return await self._call(call)

    async def readiness(self) -> Readiness:
        """Whether jobs can be submitted and run: schema and queue are there."""

        async def call(connection: oracledb.AsyncConnection) -> Readiness:
            cursor = connection.cursor()
            version = cursor.var(int)
            queue_open = cursor.var(str, 30)
            scheduler_running = cursor.var(str, 30)
            binds = {
                "schema_version": version,
                "queue_open": queue_open,
                "scheduler_running": scheduler_running,
            }
            await cursor.execute(self._statements["check_readiness"], binds)
            number = int(version.getvalue() or 0)
            return Readiness(
                number or None,
                queue_open.getvalue() == "YES",
                scheduler_running.getvalue() == "YES",
            )

        # Whoever asks will ask again soon.
        return await self._attempt(call)

    async def _status(self, name: str, binds: dict[str, Any]) -> str:
        return await self._call(lambda connection: self._read_status(connection, name, binds))

    async def _read_status(
        self, connection: oracledb.AsyncConnection, name: str, binds: dict[str, Any]
    ) -> str:
        """Run a call that answers with a status."""
        cursor = connection.cursor()
        status = cursor.var(str, 30)
        await cursor.execute(self._statements[name], {**binds, "status": status})
        answer = str(status.getvalue())
        if answer == "busy":
            raise RowBusy("ORA-30006", f"{name}: the row is locked")
        return answer

    async def _find_job_of_key(self, submission: Submission) -> str | None:
        async def call(connection: oracledb.AsyncConnection) -> str | None:
            cursor = connection.cursor()
            job_id = cursor.var(str, 32)
            binds = {
                "job_id": job_id,
                "idempotency_key": submission.idempotency_key,
                "submitter": bind_text(cursor, submission.submitter, NAME_LIMIT),
            }
            await cursor.execute(self._statements["find_job_of_key"], binds)
            found: str | None = job_id.getvalue()
            return found

        return await self._call(call)

    async def _rows(
        self, name: str, binds: Callable[[oracledb.AsyncCursor], dict[str, Any]]
    ) -> list[Job]:
        async def call(connection: oracledb.AsyncConnection) -> list[Job]:
            cursor = connection.cursor()
            cursor.arraysize = LIST_LIMIT
            await cursor.execute(self._statements[name], binds(cursor))
            columns = [str(column[0]).lower() for column in cursor.description or ()]
            return [
                read_job(dict(zip(columns, row, strict=True))) for row in await cursor.fetchall()
            ]

        return await self._call(call)

    async def _call(self, call: Callable[[oracledb.AsyncConnection], Awaitable[T]]) -> T:
        """Run on a connection of the pool; again for a while where the database went away."""
        try:
            return await self._attempt(call)
        except (ConnectionLost, DatabaseAway, RowBusy):
            if self._patience_seconds <= 0:
                raise
        async for attempt in AsyncRetrying(
            stop=stop_after_delay(self._patience_seconds),
            wait=wait_exponential_jitter(initial=0.05, max=1, jitter=0.05),
            retry=retry_if_exception_type((ConnectionLost, DatabaseAway, RowBusy)),
            reraise=True,
        ):
            with attempt:
                return await self._attempt(call)
        raise AssertionError("tenacity ends by an answer or an error")

    async def _attempt(self, call: Callable[[oracledb.AsyncConnection], Awaitable[T]]) -> T:
        try:
            async with self._pool.acquire() as connection:
                return await call(connection)
        except oracledb.Error as error:
            raise convert_error(error) from error
        except OSError as error:
            raise DatabaseAway("DPY-6005", f"DPY-6005: {error}") from error


def _joined(values: Sequence[str]) -> str | None:
    return ",".join(values) or None


async def _roll_back(connection: oracledb.AsyncConnection) -> None:
    try:
        await connection.rollback()
    except (oracledb.Error, OSError):
        # The connection is gone, and with it its transaction.
        return
