"""A submission: the call of a procedure that is to become a job, and how it is bound."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import oracledb

from sql.binds import TEXT_BYTES, round_span
from sql.exact_json import JsonValue, dump_json
from sql.job import JOB_ID_LIMIT
from sql.names import NAME_LIMIT

#: Most submissions in one transaction.
BATCH_LIMIT = 1000
#: The longest texts that ASYNC_JOBS takes, in characters.
KEY_LIMIT = 255
TAGS_LIMIT = 998
TRACE_LIMIT = 512

#: What async_jobs_api.submit takes, and the type and size of its bind; always the same ones, or the
#: driver would have the statement parsed again.
_SUBMISSION_BINDS: Final[dict[str, tuple[oracledb.DbType, int]]] = {
    "job_id": (oracledb.DB_TYPE_VARCHAR, JOB_ID_LIMIT),
    "procedure_name": (oracledb.DB_TYPE_VARCHAR, NAME_LIMIT),
    "params": (oracledb.DB_TYPE_VARCHAR, TEXT_BYTES),
    "is_function": (oracledb.DB_TYPE_NUMBER, 0),
    "schema_name": (oracledb.DB_TYPE_VARCHAR, NAME_LIMIT),
    "priority": (oracledb.DB_TYPE_NUMBER, 0),
    "delay_seconds": (oracledb.DB_TYPE_NUMBER, 0),
    "run_after": (oracledb.DB_TYPE_TIMESTAMP, 0),
    "max_attempts": (oracledb.DB_TYPE_NUMBER, 0),
    "on_loss": (oracledb.DB_TYPE_VARCHAR, NAME_LIMIT),
    "transaction": (oracledb.DB_TYPE_VARCHAR, NAME_LIMIT),
    "timeout_seconds": (oracledb.DB_TYPE_NUMBER, 0),
    "backoff_seconds": (oracledb.DB_TYPE_NUMBER, 0),
    "fresh_session": (oracledb.DB_TYPE_NUMBER, 0),
    "max_losses": (oracledb.DB_TYPE_NUMBER, 0),
    "submitter": (oracledb.DB_TYPE_VARCHAR, NAME_LIMIT),
    "trace_context": (oracledb.DB_TYPE_VARCHAR, TRACE_LIMIT),
    "idempotency_key": (oracledb.DB_TYPE_VARCHAR, KEY_LIMIT * 4),
    "request_hash": (oracledb.DB_TYPE_VARCHAR, NAME_LIMIT),
    "tags": (oracledb.DB_TYPE_VARCHAR, TAGS_LIMIT * 4),
}
#: Those that a submission without options needs.
_PLAIN_BINDS: Final = ("job_id", "procedure_name", "params", "submitter", "trace_context")


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
    #: Not before this time, in UTC. With a delay: the later of both.
    run_after: datetime | None = None
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
    #: How many times the job may lose its worker and run again.
    max_losses: int = 3
    #: Who submits. None: the database user.
    submitter: str | None = None
    #: The submitter's name for this submission: a repeat makes no second job.
    idempotency_key: str | None = None
    #: Words to find the job by, without commas.
    tags: tuple[str, ...] = ()
    #: W3C traceparent.
    trace_context: str | None = None

    @property
    def is_plain(self) -> bool:
        """Whether no option is given: then the call needs few binds."""
        return _options(self) == _DEFAULTS

    def request_hash(self) -> str | None:
        """What tells another submission with the same key from a repeat. None: there is no key."""
        if self.idempotency_key is None:
            return None
        content: list[JsonValue] = [
            self.procedure_name,
            self.params,
            self.is_function,
            self.schema,
            self.priority,
            self.delay_seconds,
            None if self.run_after is None else self.run_after.isoformat(),
            self.max_attempts,
            self.on_loss,
            self.transaction,
            self.timeout_seconds,
            self.backoff_seconds,
            self.fresh_session,
            self.max_losses,
            self.tags,
        ]
        return hashlib.sha256(dump_json(content).encode()).hexdigest()


def _options(submission: Submission) -> tuple[object, ...]:
    """All that `submit_plain_job` leaves to the defaults of async_jobs_api.submit."""
    return (
        submission.is_function,
        submission.schema,
        submission.priority,
        submission.delay_seconds,
        submission.run_after,
        submission.max_attempts,
        submission.on_loss,
        submission.transaction,
        submission.timeout_seconds,
        submission.backoff_seconds,
        submission.fresh_session,
        submission.max_losses,
        submission.idempotency_key,
        submission.tags,
    )


_DEFAULTS: Final = _options(Submission(procedure_name=""))


class SubmissionRefused(Exception):
    """The database did not take the job.

    Attributes:
        status: what async_jobs_api.submit answered.
        index: which one of a batch, from 0.
    """

    def __init__(self, status: str, index: int = 0) -> None:
        super().__init__(status)
        self.status = status
        self.index = index


class IdempotencyConflict(SubmissionRefused):
    """The key was used for another submission.

    Attributes:
        job_id: of that one; None: it is gone by now.
    """

    def __init__(self, job_id: str | None, index: int = 0) -> None:
        super().__init__("conflict", index)
        self.job_id = job_id


def submission_values(submission: Submission, job_id: str) -> dict[str, Any]:
    """The values of _SUBMISSION_BINDS."""
    return {
        "job_id": job_id,
        "procedure_name": submission.procedure_name,
        "params": dump_json(submission.params),
        "is_function": int(submission.is_function),
        "schema_name": submission.schema,
        "priority": submission.priority,
        "delay_seconds": round_span(submission.delay_seconds),
        "run_after": submission.run_after,
        "max_attempts": submission.max_attempts,
        "on_loss": submission.on_loss,
        "transaction": submission.transaction,
        "timeout_seconds": round_span(submission.timeout_seconds),
        "backoff_seconds": round_span(submission.backoff_seconds),
        "fresh_session": int(submission.fresh_session),
        "max_losses": submission.max_losses,
        "submitter": submission.submitter,
        "trace_context": submission.trace_context,
        "idempotency_key": submission.idempotency_key,
        "request_hash": submission.request_hash(),
        "tags": ",".join(submission.tags) or None,
    }


def bind_submissions(
    cursor: oracledb.AsyncCursor, rows: Sequence[dict[str, Any]], *, are_plain: bool = False
) -> dict[str, oracledb.Var]:
    """A variable for each bind, with the values of all rows.

    Args:
        cursor: of the connection that will use them.
        rows: of submission_values.
        are_plain: only the binds of `submit_plain_job`.

    Raises:
        UnicodeEncodeError: a text is not Unicode.
    """
    variables = {}
    for name in _PLAIN_BINDS if are_plain else _SUBMISSION_BINDS:
        kind, size = _SUBMISSION_BINDS[name]
        values = [row[name] for row in rows]
        if kind is oracledb.DB_TYPE_VARCHAR:
            longest = max((len(value.encode()) for value in values if value is not None), default=0)
            # The driver makes a temporary CLOB of what is longer than PL/SQL's string.
            size = size if longest <= size else max(longest, TEXT_BYTES + 1)
        variable = cursor.var(kind, size, arraysize=len(rows))
        for place, value in enumerate(values):
            if value is not None:
                variable.setvalue(place, value)
        variables[name] = variable
    return variables
