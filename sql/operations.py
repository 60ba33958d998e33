"""What operators and monitoring see and do: workers, queue, statistics, health, drain, allow list.

Every method but `health` and those of the allow list is one round trip. Nothing here waits for a
job's row lock.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, TypeVar

import oracledb

from sql.binds import bind_number, bind_text
from sql.errors import DatabaseAway, NotInstalled, convert_error
from sql.exact_json import JsonValue, parse_json
from sql.metrics import WorkerMetrics
from sql.names import NAME_LIMIT
from sql.pool import Pool
from sql.statements import Statements

T = TypeVar("T")

#: Most workers in one answer; those seen last come first.
WORKER_LIMIT: Final = 500
#: Most findings in one answer.
FINDING_LIMIT: Final = 200
#: Seconds of silence after which a worker counts as gone. It beats every 5 s, and its claims last 15.
SILENT_SECONDS: Final = 30.0

_TEXT_BYTES: Final = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerRow:
    """A row of ASYNC_JOB_WORKERS, and what the worker holds. Times are UTC, without a zone."""

    worker: str
    host: str | None
    pid: int | None
    slots: int
    version: str | None
    started_at: datetime
    last_seen: datetime
    #: Since last_seen, by the database's clock.
    idle_seconds: float
    #: Asked to finish its jobs and end.
    draining: bool
    #: Jobs that it runs now.
    running: int
    #: Jobs that it has claimed and not started.
    reserved: int
    #: Counts since its start. None: it has left none, or none that this version understands.
    metrics: WorkerMetrics | None = None

    @property
    def is_alive(self) -> bool:
        return self.idle_seconds < SILENT_SECONDS

    @property
    def clock_seconds(self) -> float | None:
        """How far its clock is ahead of the database's, less the way there. None: unknown."""
        if self.metrics is None or self.metrics.clock is None:
            return None
        return self.metrics.clock - self.last_seen.replace(tzinfo=UTC).timestamp()


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueState:
    """The wake-ups in the queue, and the jobs that are not ended."""

    #: Whether the queue takes and gives messages.
    is_open: bool
    #: Messages that a worker would get now.
    ready: int
    #: Free jobs that are not due.
    delayed: int
    #: Since when the job that has waited longest could run. None: none waits.
    oldest_seconds: float | None
    #: Jobs that are pending and held by no worker, due or not.
    free: int
    #: Jobs that are claimed and not started.
    reserved: int
    #: Jobs that run.
    running: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Everything that `/metrics` shows of the database."""

    #: By state, all four of them.
    jobs: Mapping[str, int]
    queue: QueueState
    workers: Sequence[WorkerRow]
    #: How many claims have lost their worker, ever; only grows.
    lost_attempts: int


class Severity(StrEnum):
    """How bad a finding is."""

    #: Jobs are not taken or not run, or will not be.
    ERROR = "error"
    #: Worth to be mended; jobs are run.
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is wrong, and what mends it."""

    #: Stable, for scripts: queue_stopped, unit_invalid, ...
    name: str
    severity: Severity
    #: A sentence.
    problem: str
    #: A statement or a command. Empty: nothing that could be written down.
    remedy: str
    #: Who runs the remedy: owner (SQL), dba (SQL) or shell.
    run_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A row of ASYNC_JOB_ATTEMPTS. Times are UTC, without a zone."""

    attempt: int
    worker: str
    started_at: datetime
    #: None: it runs, or its worker was lost and nobody has noticed yet.
    ended_at: datetime | None
    #: completed, failed, retried, cancelled, lost or released.
    outcome: str | None
    #: As ORA-20001.
    error_code: str | None
    #: Whether the procedure has committed something by itself.
    committed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureRule:
    """A row of the allow list ASYNC_JOB_PROCEDURES."""

    #: In upper case: [SCHEMA.][PACKAGE.]PROCEDURE; *: all.
    procedure_name: str
    #: Database user in upper case; *: all.
    submitted_by: str
    #: Longest time limit. None: any.
    timeout_seconds: float | None
    #: Most calls of a procedure that raises. None: any.
    max_attempts: int | None


class Operations:
    """The operators' calls, on connections of a pool. None of them is repeated."""

    def __init__(self, pool: Pool, statements: Statements) -> None:
        self._pool = pool
        self._statements = statements

    async def workers(self) -> list[WorkerRow]:
        """At most WORKER_LIMIT, those seen last first; also those that are gone.

        Raises:
            DatabaseError: no connection, no right, or OraQ is not installed.
        """

        async def call(cursor: oracledb.AsyncCursor) -> list[WorkerRow]:
            binds = _worker_binds(cursor)
            await cursor.execute(self._statements["list_workers"], binds)
            return _read_workers(binds)

        return await self._call(call)

    async def seen_workers(self) -> list[WorkerRow]:
        """As `workers`, for the owner alone and without what they hold; of any schema version."""

        async def call(cursor: oracledb.AsyncCursor) -> list[WorkerRow]:
            await cursor.execute(self._statements["list_seen_workers"])
            return [
                WorkerRow(
                    worker=worker,
                    host=host,
                    pid=None if pid is None else int(pid),
                    slots=int(slots or 0),
                    version=version,
                    started_at=started_at,
                    last_seen=last_seen,
                    idle_seconds=(now - last_seen).total_seconds(),
                    draining=False,
                    running=0,
                    reserved=0,
                )
                for worker, host, pid, slots, version, started_at, last_seen, now in (
                    await cursor.fetchall()
                )
            ]

        return await self._call(call)

    async def schema_version(self) -> int:
        """The version of the installed tables; 0: the installation was not finished.

        Raises:
            DatabaseError: NotInstalled, mostly.
        """
        try:
            return await self._schema_version()
        except NotInstalled:
            # Version 1 has no such package, and a broken one has to be mended. The owner can read
            # the table.
            return int((await self._fetch("read_schema_version"))[0][0])

    async def _schema_version(self) -> int:
        async def call(cursor: oracledb.AsyncCursor) -> int:
            version = cursor.var(int)
            binds = {"schema_version": version}
            await cursor.execute(self._statements["schema_version"], binds)
            return int(version.getvalue() or 0)

        return await self._call(call)

    async def _fetch(self, name: str) -> list[tuple[Any, ...]]:
        async def call(cursor: oracledb.AsyncCursor) -> list[tuple[Any, ...]]:
            await cursor.execute(self._statements[name])
            return list(await cursor.fetchall())

        return await self._call(call)

    async def queue(self) -> QueueState:
        """The queue and the jobs that are not ended; costs nothing for those that are.

        Raises:
            DatabaseError: no connection, no right, or OraQ is not installed.
        """

        async def call(cursor: oracledb.AsyncCursor) -> QueueState:
            binds = _queue_binds(cursor)
            await cursor.execute(self._statements["queue_state"], binds)
            return _read_queue(binds)

        return await self._call(call)

    async def statistics(self) -> Statistics:
        """All of it in ONE round trip.

        What is live is counted in the index that only has live rows. Of the ended jobs the failed
        ones are counted in an index of their own, and all rows together in the narrowest index that
        has them all (the primary key's), which is read once: at 1,000,000 rows some 60 MB, mostly
        from memory; the table itself is not touched. What is completed is the difference.

        Raises:
            DatabaseError: no connection, no right, or OraQ is not installed.
        """

        async def call(cursor: oracledb.AsyncCursor) -> Statistics:
            ended = {name: cursor.var(int) for name in ("completed", "failed", "lost_attempts")}
            queue, workers = _queue_binds(cursor), _worker_binds(cursor)
            await cursor.execute(self._statements["statistics"], ended | queue | workers)
            state = _read_queue(queue)
            counts = {name: int(variable.getvalue() or 0) for name, variable in ended.items()}
            return Statistics(
                jobs={
                    "pending": state.free + state.reserved,
                    "running": state.running,
                    "completed": counts["completed"],
                    "failed": counts["failed"],
                },
                queue=state,
                workers=_read_workers(workers),
                lost_attempts=counts["lost_attempts"],
            )

        return await self._call(call)

    async def health(self) -> list[Finding]:
        """What is wrong in the database, the worst first; empty: nothing.

        Raises:
            DatabaseError: no connection, no right, or OraQ is not installed.
        """

        async def call(cursor: oracledb.AsyncCursor) -> list[Finding]:
            binds = {
                name: cursor.arrayvar(oracledb.DB_TYPE_VARCHAR, FINDING_LIMIT, _TEXT_BYTES)
                for name in ("names", "severities", "problems", "remedies", "runners")
            }
            await cursor.execute(self._statements["list_findings"], binds)
            rows = zip(*(variable.getvalue() for variable in binds.values()), strict=True)
            findings = [
                Finding(
                    name=name,
                    severity=Severity(severity),
                    problem=problem,
                    remedy=remedy or "",
                    run_by=run_by,
                )
                for name, severity, problem, remedy, run_by in rows
            ]
            return sorted(findings, key=lambda finding: list(Severity).index(finding.severity))

        return await self._call(call)

    async def drain(self, worker: str | None = None) -> int:
        """Ask a worker, or all that are alive, to finish their jobs and end. Waits for none.

        Args:
            worker: as `workers` names it. None: all.

        Returns:
            How many were asked, those asked before included; 0: there is no such worker.

        Raises:
            DatabaseError: no connection, no right, or OraQ is not installed.
        """

        async def call(cursor: oracledb.AsyncCursor) -> int:
            asked = cursor.var(int)
            binds = {"worker": bind_text(cursor, worker, NAME_LIMIT), "asked": asked}
            await cursor.execute(self._statements["drain_workers"], binds)
            return int(asked.getvalue() or 0)

        return await self._call(call)

    async def attempts(self, job_id: str) -> list[Attempt]:
        """A job's started attempts, the first one first.

        Raises:
            DatabaseError: no connection, no right, or OraQ is not installed.
        """

        async def call(cursor: oracledb.AsyncCursor) -> list[Attempt]:
            await cursor.execute(self._statements["list_attempts"], {"job_id": job_id})
            return [
                Attempt(
                    attempt=int(number),
                    worker=worker,
                    started_at=started_at,
                    ended_at=ended_at,
                    outcome=outcome,
                    error_code=error_code,
                    committed=touched == "Y",
                )
                for number, worker, started_at, ended_at, outcome, error_code, touched in (
                    await cursor.fetchall()
                )
            ]

        return await self._call(call)

    async def database_time(self) -> datetime:
        """The database's clock, in UTC without a zone."""

        async def call(cursor: oracledb.AsyncCursor) -> datetime:
            await cursor.execute(self._statements["database_time"])
            row = await cursor.fetchone()
            assert row is not None
            moment: datetime = row[0]
            return moment

        return await self._call(call)

    async def procedures(self) -> list[ProcedureRule]:
        """The allow list, by name. Empty: no list is in force.

        Raises:
            DatabaseError: NotInstalled where the user may not read it.
        """

        async def call(cursor: oracledb.AsyncCursor) -> list[ProcedureRule]:
            await cursor.execute(self._statements["list_procedures"])
            return [
                ProcedureRule(
                    procedure_name=name,
                    submitted_by=user,
                    timeout_seconds=None if timeout is None else float(timeout),
                    max_attempts=None if attempts is None else int(attempts),
                )
                for name, user, timeout, attempts in await cursor.fetchall()
            ]

        return await self._call(call)

    async def set_procedure(self, rule: ProcedureRule) -> bool:
        """Put a rule on the allow list, or change its limits. Commits.

        Returns:
            Whether it is new.

        Raises:
            DatabaseError: NotInstalled or PrivilegeMissing where the user may not write it.
        """

        async def call(cursor: oracledb.AsyncCursor) -> bool:
            is_new = cursor.var(int)
            binds = {
                **_rule_key(cursor, rule.procedure_name, rule.submitted_by),
                "timeout_seconds": bind_number(cursor, rule.timeout_seconds),
                "max_attempts": bind_number(cursor, rule.max_attempts),
                "is_new": is_new,
            }
            await cursor.execute(self._statements["set_procedure"], binds)
            return bool(is_new.getvalue())

        return await self._call(call)

    async def remove_procedure(self, procedure_name: str, submitted_by: str) -> bool:
        """Take a rule off the allow list. Commits.

        Returns:
            Whether it was there.

        Raises:
            DatabaseError: NotInstalled or PrivilegeMissing where the user may not write it.
        """

        async def call(cursor: oracledb.AsyncCursor) -> bool:
            removed = cursor.var(int)
            binds = {**_rule_key(cursor, procedure_name, submitted_by), "removed": removed}
            await cursor.execute(self._statements["remove_procedure"], binds)
            return bool(removed.getvalue())

        return await self._call(call)

    async def _call(self, call: Callable[[oracledb.AsyncCursor], Awaitable[T]]) -> T:
        try:
            async with self._pool.acquire() as connection:
                return await call(connection.cursor())
        except oracledb.Error as error:
            raise convert_error(error) from error
        except OSError as error:
            raise DatabaseAway("DPY-6005", f"DPY-6005: {error}") from error


def _rule_key(
    cursor: oracledb.AsyncCursor, procedure_name: str, submitted_by: str
) -> dict[str, oracledb.Var]:
    return {
        "procedure_name": bind_text(cursor, procedure_name, NAME_LIMIT * 4),
        "submitted_by": bind_text(cursor, submitted_by, NAME_LIMIT * 4),
    }


def _queue_binds(cursor: oracledb.AsyncCursor) -> dict[str, oracledb.Var]:
    counts = ("ready", "delayed", "free", "reserved", "running")
    return {
        "queue_open": cursor.var(str, 30),
        "oldest_seconds": cursor.var(float),
        **{name: cursor.var(int) for name in counts},
    }


def _read_queue(binds: Mapping[str, oracledb.Var]) -> QueueState:
    found = {name: variable.getvalue() for name, variable in binds.items()}
    return QueueState(
        is_open=found["queue_open"] == "YES",
        ready=int(found["ready"] or 0),
        delayed=int(found["delayed"] or 0),
        oldest_seconds=found["oldest_seconds"],
        free=int(found["free"] or 0),
        reserved=int(found["reserved"] or 0),
        running=int(found["running"] or 0),
    )


def _worker_binds(cursor: oracledb.AsyncCursor) -> dict[str, oracledb.Var]:
    return {
        name: cursor.arrayvar(oracledb.DB_TYPE_VARCHAR, WORKER_LIMIT, _TEXT_BYTES)
        for name in ("workers", "metrics")
    }


def _read_workers(binds: Mapping[str, oracledb.Var]) -> list[WorkerRow]:
    rows = zip(binds["workers"].getvalue(), binds["metrics"].getvalue(), strict=True)
    return [_read_worker(parse_json(text), metrics) for text, metrics in rows]


def _read_worker(row: JsonValue, metrics: str | None) -> WorkerRow:
    """A worker's row, from the JSON object that async_jobs_monitor.list_workers makes of it."""
    assert isinstance(row, dict)
    found: dict[str, Any] = row
    return WorkerRow(
        worker=found["worker"],
        host=found["host"],
        pid=None if found["pid"] is None else int(found["pid"]),
        slots=int(found["slots"] or 0),
        version=found["version"],
        started_at=datetime.fromisoformat(found["started_at"]),
        last_seen=datetime.fromisoformat(found["last_seen"]),
        idle_seconds=int(found["idle_milliseconds"]) / 1000,
        draining=found["drain"] == "Y",
        running=int(found["running"]),
        reserved=int(found["reserved"]),
        metrics=WorkerMetrics.from_text(metrics),
    )
