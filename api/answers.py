"""The bodies that clients get, field by field: the contract's names, and ours after them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from sql.exact_json import JsonValue
from sql.jobs import Job


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
    status: str = Field(
        description="Wait for the last two",
        json_schema_extra={"enum": ["pending", "running", "completed", "failed"]},
    )
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
        )


class JobListBody(AnswerBody):
    """A page of jobs, newest first."""

    total: int = Field(ge=0, description="How many match in all")
    jobs: list[JobBody]


class Pong(AnswerBody):
    """The service answers."""

    status: Literal["ok"]
    message: Literal["pong"]


class Alive(AnswerBody):
    """The process lives."""

    status: Literal["ok"]


class ReadinessBody(AnswerBody):
    """What jobs need, part by part."""

    status: Literal["ok", "error"]
    database: str
    schema_version: int | None = None
    queue: str | None = None
    error: str | None = None


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


def present_job(job: Job) -> dict[str, JsonValue]:
    """A job as clients read it; what is absent is left out."""
    return JobBody.of(job).content()


def _present_params(params: JsonValue) -> JsonValue:
    """{name: value} of the stored array; a parameter without a value is left out."""
    if not isinstance(params, list):
        return params
    return {
        str(item["name"]): item["value"]
        for item in params
        if isinstance(item, dict) and "name" in item and "value" in item
    }


def _present_time(time: datetime | None) -> str | None:
    """UTC with a Z, to the millisecond, as the existing service wrote it."""
    return f"{time.isoformat(timespec='milliseconds')}Z" if time else None
