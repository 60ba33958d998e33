"""Jobs as the API and the command line see them: one method per statement.

Reads and submissions are repeated when the connection breaks, for a few seconds. A submission can
be: its caller makes the id, so a second one with the same id changes nothing. Cancel, delete and
retry are repeated as well; having been done already is then told apart from not being there.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

import oracledb
from tenacity import (
    AsyncRetrying,
    retry_if_exception_type,
    stop_after_delay,
    wait_exponential_jitter,
)

from sql.binds import TEXT_BYTES, bind_number, bind_text
from sql.errors import ConnectionLost, DatabaseAway, RowBusy, convert_error
from sql.exact_json import InvalidJson, JsonValue, dump_json, parse_json
from sql.names import NAME_LIMIT
from sql.statements import Statements

T = TypeVar("T")

#: Seconds for which a call is repeated while the database is away.
PATIENCE_SECONDS = 5.0
#: Longest list of jobs in one answer.
LIST_LIMIT = 1000


class JobStatus(StrEnum):
    """The four states; clients wait for the last two."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A procedure call to be run."""

    #: `[schema.][package.]procedure`, as the client wrote it.
    procedure_name: str
    #: Objects with name, value, direction, type; or one object {name: value}.
    params: JsonValue = field(default_factory=list)
    #: Whether a function is called.
    is_function: bool = False
    #: The schema of a procedure that is named without one. None: the default schema.
    schema: str | None = None
    #: 1 is first, 9 is last.
    priority: int = 5
    #: Seconds until the job may start.
    delay_seconds: float = 0
    #: How many times a procedure that raises is called.
    max_attempts: int = 1
    #: After a crash: ask, rerun or fail.
    on_loss: str = "ask"
    #: managed or own.
    transaction: str = "managed"
    #: Seconds after which the call is broken off. None: never.
    timeout_seconds: float | None = None
    #: Seconds until the second call of a procedure that raised; doubles.
    backoff_seconds: float = 5
    #: Whether the job gets a new database session.
    fresh_session: bool = False
    #: Who submits. None: the database user.
    submitter: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A row of ASYNC_JOBS. Times are UTC, without a zone."""

    id: str
    status: str
    procedure_name: str
    params: JsonValue
    start_time: datetime | None
    end_time: datetime | None
    duration: str | None
    progress: int | float | Decimal | None
    result: JsonValue
    error: str | None
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class JobList:
    """A page of jobs, newest first, and how many match in all."""

    total: int
    jobs: list[Job]


@dataclass(frozen=True, slots=True)
class Readiness:
    """What /readyz looks at."""

    #: None: nothing is installed.
    schema_version: int | None
    #: Whether the queue takes and gives messages.
    queue_open: bool

    @property
    def is_ready(self) -> bool:
        return self.queue_open and self.schema_version is not None


class SubmissionRefused(Exception):
    """The database did not take the job.

    Attributes:
        status: what async_jobs_api.submit answered.
    """

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


def new_job_id() -> str:
    return secrets.token_hex(16)


class Jobs:
    """The job table and its calls, on connections of a pool."""

    def __init__(
        self,
        pool: oracledb.AsyncConnectionPool,
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
            The job's id.

        Raises:
            SubmissionRefused: the allow list or a check says no.
            DatabaseError: DatabaseAway or ConnectionLost after some seconds of trying.
        """
        job_id = job_id or new_job_id()
        params = dump_json(submission.params)

        async def call(connection: oracledb.AsyncConnection) -> str:
            cursor = connection.cursor()
            binds = {
                "job_id": job_id,
                "procedure_name": bind_text(cursor, submission.procedure_name, NAME_LIMIT),
                "params": bind_text(cursor, params),
                "is_function": int(submission.is_function),
                "schema_name": bind_text(cursor, submission.schema, NAME_LIMIT),
                "priority": submission.priority,
                "delay_seconds": submission.delay_seconds,
                "max_attempts": submission.max_attempts,
                "on_loss": bind_text(cursor, submission.on_loss, NAME_LIMIT),
                "transaction": bind_text(cursor, submission.transaction, NAME_LIMIT),
                "timeout_seconds": bind_number(cursor, submission.timeout_seconds),
                "backoff_seconds": submission.backoff_seconds,
                "fresh_session": int(submission.fresh_session),
                "submitter": bind_text(cursor, submission.submitter, NAME_LIMIT),
            }
            return await self._read_status(connection, "submit_job", binds)

        status = await self._call(call)
        if status not in ("ok", "exists"):
            raise SubmissionRefused(status)
        return job_id

    async def get(self, job_id: str) -> Job | None:
        """One job, or None where there is none."""
        rows = await self._rows("get_job", {"job_id": job_id})
        return rows[0] if rows else None

    async def find(
        self,
        *,
        statuses: Sequence[str] = (),
        procedure_name: str | None = None,
        limit: int = LIST_LIMIT,
    ) -> JobList:
        """The newest jobs that match.

        Args:
            statuses: any of these; empty: all.
            procedure_name: exactly this one, without regard to case. None: all.
            limit: at most so many.
        """
        binds = {"statuses": _joined(statuses), "procedure_name": procedure_name}
        jobs = await self._rows("list_jobs", {**binds, "row_limit": limit})
        if len(jobs) < limit:
            return JobList(len(jobs), jobs)
        total = await self._call(lambda connection: self._fetch(connection, "count_jobs", binds))
        return JobList(int(total[0][0]), jobs)

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
            binds = {"statuses": _joined(statuses), "older_than_days": older_than_days}
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
            binds = {"days_old": days_old, "deleted": deleted}
            await cursor.execute(self._statements["cleanup_jobs"], binds)
            return int(deleted.getvalue() or 0)

        return await self._call(call)

    async def readiness(self) -> Readiness:
        """Whether jobs can be submitted and run: schema and queue are there."""

        async def call(connection: oracledb.AsyncConnection) -> Readiness:
            cursor = connection.cursor()
            version = cursor.var(int)
            queue_open = cursor.var(str, 30)
            binds = {"schema_version": version, "queue_open": queue_open}
            await cursor.execute(self._statements["check_readiness"], binds)
            number = int(version.getvalue() or 0)
            return Readiness(number or None, queue_open.getvalue() == "YES")

        # Whoever asks will ask again soon.
        return await self._attempt(call)

    async def health(self) -> list[str]:
        """What is wrong with the installation, a line each; empty: nothing."""

        async def call(connection: oracledb.AsyncConnection) -> list[str]:
            cursor = connection.cursor()
            findings = cursor.var(str, TEXT_BYTES)
            await cursor.execute(self._statements["check_health"], {"findings": findings})
            return str(findings.getvalue() or "").splitlines()

        return await self._call(call)

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

    async def _rows(self, name: str, binds: dict[str, Any]) -> list[Job]:
        async def call(connection: oracledb.AsyncConnection) -> list[Job]:
            cursor = connection.cursor()
            cursor.arraysize = LIST_LIMIT
            await cursor.execute(self._statements[name], binds)
            columns = [str(column[0]).lower() for column in cursor.description or ()]
            return [
                _read_job(dict(zip(columns, row, strict=True))) for row in await cursor.fetchall()
            ]

        return await self._call(call)

    async def _fetch(
        self, connection: oracledb.AsyncConnection, name: str, binds: dict[str, Any]
    ) -> list[tuple[Any, ...]]:
        cursor = connection.cursor()
        await cursor.execute(self._statements[name], binds)
        return list(await cursor.fetchall())

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


def _read_job(row: dict[str, Any]) -> Job:
    return Job(
        id=row["job_id"],
        status=row["status"],
        procedure_name=row["procedure_name"],
        params=_read_json(row["params"]),
        start_time=row["start_time"],
        end_time=row["end_time"],
        duration=row["duration"],
        progress=row["progress"],
        result=_read_json(row["result"]),
        error=row["error_msg"],
        created_at=row["created_at"],
    )


def _read_json(stored: Any) -> JsonValue:
    """What a CLOB holds; the driver parses it by itself where the column is declared IS JSON."""
    if not isinstance(stored, str):
        return stored  # type: ignore[no-any-return]
    try:
        return parse_json(stored)
    except InvalidJson:
        # A row of the older service may hold any text.
        return stored
