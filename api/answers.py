"""The bodies that clients get, field by field: the contract's names, and ours after them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from sql.exact_json import JsonValue
from sql.jobs import Job, JobList, JobState, JobStatus


class AnswerBody(BaseModel):
    """What an answer holds. Made from our own values, so nothing is checked again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def content(self) -> dict[str, JsonValue]:
        """As JSON has it; what is absent is left out."""
        return {name: value for name, value in self.__dict__.items() if value is not None}


class JobAccepted(AnswerBody):
    """A job has been made, and is durable."""

    status: Literal["ok"]
    job_id: str = Field(description="32 hexadecimal digits")
    message: Literal["Job creado y ejecutándose"]

    @classmethod
    def of(cls, job_id: str) -> Self:
        return cls(status="ok", job_id=job_id, message="Job creado y ejecutándose")


class JobsAccepted(AnswerBody):
    """Jobs have been made in one transaction, and are durable."""

    status: Literal["ok"]
    job_ids: list[str] = Field(description="In the order of the submissions")
    message: Literal["Jobs creados"]

    @classmethod
    def of(cls, job_ids: list[str]) -> Self:
        return cls(status="ok", job_ids=job_ids, message="Jobs creados")


class JobDeleted(AnswerBody):
    """A job is gone; if it ran, its open work is rolled back."""

    message: Literal["Job eliminado correctamente"]
    job_id: str

    @classmethod
    def of(cls, job_id: str) -> Self:
        return cls(message="Job eliminado correctamente", job_id=job_id)


class JobsDeleted(AnswerBody):
    """Jobs are gone."""

    message: Literal["Jobs eliminados correctamente"]
    deleted: int = Field(ge=0, description="How many")

    @classmethod
    def of(cls, deleted: int) -> Self:
        return cls(message="Jobs eliminados correctamente", deleted=deleted)


class JobChanged(AnswerBody):
    """A cancel or retry was taken."""

    message: str
    job_id: str
    status: Literal["ok"]


class JobBody(AnswerBody):
    """A job. Absent values are left out. Times are ISO 8601, UTC, with a Z."""

    id: str = Field(description="32 hexadecimal digits")
    status: JobStatus
    procedure_name: str
    params: Any = Field(default=None, description="The values that were sent, by name")
    start_time: str | None = Field(
        default=None, description="Of the start; of the submission until then"
    )
    end_time: str | None = None
    duration: str | None = Field(default=None, description="From start to end", examples=["5.2s"])
    progress: float | None = Field(default=None, ge=0, le=100)
    result: Any = Field(default=None, description="Values of the OUT parameters, by name")
    error: str | None = Field(
        default=None, description="Why it failed: Oracle's whole stack, and a hint"
    )
    created_at: str | None = Field(default=None, description="Of the submission")
    run_after: str | None = Field(default=None, description="Not before this time")
    priority: int = Field(description="1 is first, 9 is last")
    attempt: int = Field(description="How many times a worker has taken it")
    max_attempts: int = Field(description="How many times a procedure that raises is called")
    failures: int = Field(description="Calls that raised and were repeated")
    losses: int = Field(description="Workers that were lost with it")
    worker: str | None = Field(default=None, description="Who has it now")
    progress_note: str | None = Field(default=None, description="What the procedure says it does")
    cancel_requested: str | None = Field(default=None, examples=["cancel", "timeout"])
    submitter: str | None = Field(default=None, description="Name of the token")
    tags: list[str] | None = None
    idempotency_key: str | None = None

    @classmethod
    def of(cls, job: Job) -> Self:
        return cls.model_construct(
            id=job.id,
            status=job.status,
            procedure_name=job.procedure_name,
            params=_present_params(job.params),
            start_time=_present_time(job.start_time),
            end_time=_present_time(job.end_time),
            duration=job.duration,
            progress=job.progress,
            result=job.result,
            error=job.error,
            created_at=_present_time(job.created_at),
            run_after=_present_time(_later(job.run_after, job.created_at)),
            priority=job.priority,
            attempt=job.attempt,
            max_attempts=job.max_attempts,
            failures=job.failures,
            losses=job.losses,
            worker=job.worker,
            progress_note=job.progress_note,
            cancel_requested=None if job.cancel_requested == "no" else job.cancel_requested,
            submitter=job.submitter,
            tags=list(job.tags) or None,
            idempotency_key=job.idempotency_key,
        )


class JobListBody(AnswerBody):
    """A page of jobs, newest first."""

    total: int = Field(ge=0, description="How many match in all")
    jobs: list[JobBody]
    next_cursor: str | None = Field(
        default=None, description="`cursor` of the next page; absent on the last one"
    )

    @classmethod
    def of(cls, found: JobList) -> Self:
        jobs = [JobBody.of(job) for job in found.jobs]
        return cls.model_construct(total=found.total, jobs=jobs, next_cursor=found.next_cursor)

    def content(self) -> dict[str, JsonValue]:
        return super().content() | {"jobs": [job.content() for job in self.jobs]}


class Pong(AnswerBody):
    """The service answers."""

    status: Literal["ok"]
    message: Literal["pong"]


class Alive(AnswerBody):
    """The process lives."""

    status: Literal["ok"]


class ReadinessBody(AnswerBody):
    """What jobs need, part by part."""

    status: Literal["ok", "degraded", "error"]
    database: Literal["ok", "error"]
    schema_version: int | None = Field(default=None, description="Of the tables and packages")
    schema_expected: int | None = Field(default=None, description="What this release works with")
    queue: Literal["open", "stopped"] | None = None
    scheduler: Literal["running", "stopped"] | None = None
    error: str | None = Field(default=None, description="Names all that is wrong")
    code: str | None = Field(default=None, description="Oracle's or the driver's code")


class SchemaInstalled(AnswerBody):
    """The schema is there and up to date."""

    status: Literal["ok"]
    message: Literal["Esquema instalado"]
    schema_version: int
    steps: list[str] = Field(description="What was made or replaced; empty: all was there")

    @classmethod
    def of(cls, version: int, steps: list[str]) -> Self:
        return cls(status="ok", message="Esquema instalado", schema_version=version, steps=steps)


class FieldFault(AnswerBody):
    """A field that does not fit."""

    field: str
    message: str


class Problem(BaseModel):
    """Any error; more facts may stand beside the message."""

    model_config = ConfigDict(extra="allow")

    error: str = Field(description="What is wrong; names the field where one is")
    field: str | None = Field(default=None, description="The field that does not fit")
    details: list[FieldFault] | None = Field(default=None, description="All that do not fit")
    code: str | None = Field(default=None, description="Oracle's or the driver's code")
    status: str | None = Field(default=None, description="Why the database did not do it")
    index: int | None = Field(default=None, description="Which submission of a batch, from 0")
    job_id: str | None = None
    scope: str | None = Field(default=None, description="What the token would have to be allowed")


def present_job(job: Job) -> dict[str, JsonValue]:
    """A job as clients read it; what is absent is left out."""
    return JobBody.of(job).content()


def present_state(job_id: str, state: JobState) -> dict[str, JsonValue]:
    """How far a job is; what is absent is left out."""
    fields: dict[str, JsonValue] = {
        "id": job_id,
        "status": state.status,
        "progress": state.progress,
        "progress_note": state.progress_note,
        "attempt": state.attempt,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _present_params(params: JsonValue) -> JsonValue:
    """{name: value} of the stored array; a parameter without a value is left out."""
    if not isinstance(params, list):
        return params
    return {
        str(item["name"]): item["value"]
        for item in params
        if isinstance(item, dict) and "name" in item and "value" in item
    }


def _later(run_after: datetime | None, created_at: datetime | None) -> datetime | None:
    """Not of a job that could run at once."""
    if run_after is None or created_at is None or run_after > created_at:
        return run_after
    return None


def _present_time(time: datetime | None) -> str | None:
    """UTC with a Z, to the millisecond, as the existing service wrote it."""
    return f"{time.isoformat(timespec='milliseconds')}Z" if time else None
