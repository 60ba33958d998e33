"""What stands behind the `?` of a URL, field by field. An empty value counts as none."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
)
from starlette.requests import Request

from api.faults import refuse_fields
from sql.jobs import LIST_LIMIT, JobFilter, JobStatus
from sql.names import NAME_LIMIT

Q = TypeVar("Q", bound="Query")

_LOST_PLUS = re.compile(r"(T\S*) (\d\d(?::?\d\d)?)$")

#: What libraries of browsers add, so that no answer comes from a cache.
_CACHE_BUSTER = "_"

#: Longest wait of `?wait=` in seconds.
WAIT_LIMIT = 300


def parse_time(value: object) -> datetime:
    """ISO 8601, or a date alone; without a zone it is UTC.

    Returns:
        In UTC, without a zone.

    Raises:
        ValueError: it is no such text.
    """
    if not isinstance(value, str):
        raise ValueError("has to be an ISO 8601 time")
    try:
        # In a URL a plus sign that was not escaped arrives as a blank.
        parsed = datetime.fromisoformat(_LOST_PLUS.sub(r"\1+\2", value.strip()))
        if parsed.tzinfo is not None:
            parsed = parsed.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise ValueError("has to be an ISO 8601 time, as 2026-01-31T08:30:00Z") from None
    return parsed


def _split(value: object) -> object:
    """Commas between the values; a state in any case."""
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list):
        return parts
    return [part.strip().lower() for part in parts if part.strip()]


Time = Annotated[
    datetime,
    PlainValidator(parse_time),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Statuses = Annotated[list[JobStatus], BeforeValidator(_split)]
Word = Annotated[str, StringConstraints(max_length=NAME_LIMIT, pattern=r"^[^\x00]*$")]

#: A tag: a word without commas, which the database puts between them.
TagWord = Annotated[str, StringConstraints(max_length=60, pattern=r"^[^,\s\x00-\x1f\x7f]+$")]


class Query(BaseModel):
    """Parameters; others than these are not looked at, unless a query says so."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @classmethod
    def read(cls: type[Q], request: Request) -> Q:
        """Check a request's parameters. Repeating one is as writing commas.

        Raises:
            RequestRefused: 422; one does not fit.
        """
        given: dict[str, Any] = {}
        for name in request.query_params:
            if name == _CACHE_BUSTER:
                continue
            text = ",".join(request.query_params.getlist(name))
            if text.strip():
                given[name] = text
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            raise refuse_fields(error) from error


class ListQuery(Query):
    """Which jobs, and which page of them.

    A name that is not known is refused: without it the answer would be another than was meant.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: Statuses = Field(default=[], description="Any of these states")
    procedure_name: Word | None = Field(default=None, description="In any case")
    submitter: Word | None = Field(default=None, description="Name of the token")
    tag: TagWord | None = Field(default=None, description="One of the job's tags")
    created_from: Time | None = Field(default=None, description="Submitted then or later")
    created_to: Time | None = Field(default=None, description="Submitted before")
    limit: int = Field(
        default=LIST_LIMIT, ge=1, le=LIST_LIMIT, description="Most jobs in the answer"
    )
    cursor: str | None = Field(default=None, description="`next_cursor` of the page before")

    def matching(self) -> JobFilter:
        return JobFilter(
            statuses=self.status,
            procedure_name=self.procedure_name,
            submitter=self.submitter,
            tag=self.tag,
            created_from=self.created_from,
            created_to=self.created_to,
        )


class DeleteQuery(Query):
    """Which jobs go. A name that is not known is refused: without it more would go than meant."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: Statuses = Field(default=[], description="Any of these; running ones go only if named")
    older_than: float | None = Field(
        default=None, ge=0, le=36500, description="Days since the end, or since the submission"
    )


class WaitQuery(Query):
    """How long to wait."""

    wait: float = Field(
        default=0, ge=0, le=WAIT_LIMIT, description="Seconds to wait for the job's end"
    )
