"""A job as the API and the command line see it: its row, its state, and places in lists of jobs."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import oracledb

from sql.binds import bind_timestamp
from sql.exact_json import InvalidJson, JsonValue, parse_json

#: The longest id, as ASYNC_JOBS.JOB_ID has it.
JOB_ID_LIMIT = 32


class JobStatus(StrEnum):
    """The four states; clients wait for the last two."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


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
    #: 1 is first, 9 is last.
    priority: int = 5
    #: Not before this time.
    run_after: datetime | None = None
    #: Claims so far.
    attempt: int = 0
    #: Claims that lost their worker, since the submission or retry.
    losses: int = 0
    #: Calls that raised, since the submission or retry.
    failures: int = 0
    max_attempts: int = 1
    #: Who holds the claim, or held the last one.
    worker: str | None = None
    #: What the procedure says that it is doing.
    progress_note: str | None = None
    #: no, cancel or timeout.
    cancel_requested: str = "no"
    submitter: str | None = None
    tags: tuple[str, ...] = ()
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFilter:
    """Which jobs; every condition that is given has to hold."""

    #: Any of these; empty: all.
    statuses: Sequence[str] = ()
    #: Exactly this one, without regard to case.
    procedure_name: str | None = None
    submitter: str | None = None
    #: One of the job's tags.
    tag: str | None = None
    #: Submitted at this time or later, in UTC.
    created_from: datetime | None = None
    #: Submitted before this time, in UTC.
    created_to: datetime | None = None

    def binds(self, cursor: oracledb.AsyncCursor) -> dict[str, Any]:
        return {
            "statuses": ",".join(self.statuses) or None,
            "procedure_name": self.procedure_name,
            "submitter": self.submitter,
            "tag": self.tag,
            "created_from": bind_timestamp(cursor, self.created_from),
            "created_to": bind_timestamp(cursor, self.created_to),
        }


@dataclass(frozen=True, slots=True)
class JobList:
    """A page of jobs, newest first."""

    #: How many match in all.
    total: int
    jobs: list[Job]
    #: Where the next page begins. None: this is the last one.
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class JobState:
    """How far a job is."""

    status: str
    progress: int | float | Decimal | None
    progress_note: str | None
    attempt: int

    @property
    def has_ended(self) -> bool:
        return self.status in (JobStatus.COMPLETED, JobStatus.FAILED)


class InvalidCursor(ValueError):
    """A text that no list of jobs has given as the place of its next page."""


def write_cursor(job: Job) -> str:
    """The place after a job in the list; opaque to clients."""
    assert job.created_at is not None, "the list has only rows with a creation time"
    text = f"{job.created_at.isoformat()} {job.id}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(text: str) -> tuple[datetime, str]:
    try:
        padded = text + "=" * (-len(text) % 4)
        plain = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
        moment, _, job_id = plain.partition(" ")
        created_at = datetime.fromisoformat(moment)
    except ValueError as error:
        raise InvalidCursor("the cursor is not one that a list of jobs has given") from error
    if created_at.tzinfo is not None or not 0 < len(job_id) <= JOB_ID_LIMIT or "\x00" in job_id:
        raise InvalidCursor("the cursor is not one that a list of jobs has given")
    return created_at, job_id


def read_job(row: dict[str, Any]) -> Job:
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
        priority=int(row["priority"]),
        run_after=row["run_after"],
        attempt=int(row["attempt"]),
        losses=int(row["losses"]),
        failures=int(row["failures"]),
        max_attempts=int(row["max_attempts"]),
        worker=row["worker"],
        progress_note=row["progress_note"],
        cancel_requested=row["cancel_requested"],
        submitter=row["submitter"],
        tags=_read_tags(row["tags"]),
        idempotency_key=row["idempotency_key"],
    )


def _read_tags(stored: str | None) -> tuple[str, ...]:
    return tuple(tag for tag in (stored or "").split(",") if tag)


def _read_json(stored: Any) -> JsonValue:
    """What a CLOB holds; the driver parses it by itself where the column is declared IS JSON."""
    if not isinstance(stored, str):
        return stored  # type: ignore[no-any-return]
    try:
        return parse_json(stored)
    except InvalidJson:
        # A row of the older service may hold any text.
        return stored
