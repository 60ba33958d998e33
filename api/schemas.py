"""The bodies that clients send, field by field: the contract's names, and ours after them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from api.queries import TagWord, parse_time
from sql.exact_json import JsonValue
from sql.jobs import BATCH_LIMIT, Submission
from sql.names import NAME_LIMIT, InvalidName, dictionary_name, split_name
from sql.submission import KEY_LIMIT
from sql.values import client_type

#: How clients write a direction, to the one that is stored.
_DIRECTIONS: Final = {
    "IN": "IN",
    "OUT": "OUT",
    "INOUT": "INOUT",
    "IN/OUT": "INOUT",
    "IN OUT": "INOUT",
}

#: Seconds: a year.
DELAY_LIMIT: Final = 31_536_000


def _read_run_after(value: object) -> datetime | float:
    """An ISO 8601 time, in UTC where it has no zone; or seconds from now."""
    if isinstance(value, str):
        return parse_time(value)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError("has to be an ISO 8601 time or a number of seconds")
    if not 0 <= value <= DELAY_LIMIT:
        raise ValueError(f"has to be between 0 and {DELAY_LIMIT} seconds")
    return float(value)


RunAfter = Annotated[
    datetime | float,
    PlainValidator(_read_run_after),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "format": "date-time"},
                {"type": "number", "minimum": 0, "maximum": DELAY_LIMIT},
            ]
        }
    ),
]


class ProcedureParameter(BaseModel):
    """One argument's value."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str = Field(min_length=1, max_length=NAME_LIMIT)
    value: Any = Field(
        default=None,
        description="Any JSON value; left out for OUT. A record is an object, a collection a list, "
        "one that is indexed by text an object",
    )
    direction: str = Field(default="IN", description="`IN`, `OUT` or `INOUT`, in any case")
    type: str | None = Field(
        default=None,
        description="`STRING NUMBER INTEGER DATE TIMESTAMP BOOLEAN CLOB BLOB RAW CURSOR JSON` or "
        "Oracle's name, in any case; without one, the dictionary's. `JSON`: a text of the "
        "procedure's, any JSON value here",
    )

    @field_validator("direction", mode="before")
    @classmethod
    def _known_direction(cls, value: object) -> object:
        if value is None:
            return "IN"
        direction = _DIRECTIONS.get(value.strip().upper()) if isinstance(value, str) else None
        if direction is None:
            raise ValueError("has to be IN, OUT or INOUT")
        return direction

    @field_validator("type", mode="before")
    @classmethod
    def _known_type(cls, value: object) -> object:
        if value is None:
            return None
        kind = client_type(value) if isinstance(value, str) else None
        if kind is None:
            raise ValueError("has to be STRING, NUMBER, DATE or another type of Oracle's")
        return kind

    def stored(self) -> dict[str, JsonValue]:
        """As ASYNC_JOBS.PARAMS keeps it: what the client left out is left out."""
        kept: dict[str, JsonValue] = {"name": self.name}
        if "value" in self.model_fields_set:
            kept["value"] = self.value
        kept["direction"] = self.direction
        if self.type is not None:
            kept["type"] = self.type
        return kept


class ProcedureCall(BaseModel):
    """The body of POST /procedure/async. A field that is null counts as left out."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        populate_by_name=True,
        json_schema_extra={
            "examples": [
                {
                    "name": "PROC_TEST",
                    "params": [
                        {"name": "p_input", "value": "hola"},
                        {"name": "p_output", "direction": "OUT", "type": "STRING"},
                    ],
                }
            ]
        },
    )

    name: str = Field(
        min_length=1, max_length=NAME_LIMIT, description="`[schema.][package.]procedure`"
    )
    params: tuple[ProcedureParameter, ...] = Field(
        default=(),
        description="By name where every name is an argument's; by position where none is",
    )
    schema_name: str | None = Field(
        default=None,
        alias="schema",
        max_length=NAME_LIMIT,
        description="Where a procedure named without a schema is looked for",
    )
    is_function: bool = Field(
        default=False,
        alias="isFunction",
        description="The first OUT parameter, or one named `return_value`, takes the result",
    )
    priority: int = Field(default=5, ge=1, le=9, description="1 is first, 9 is last")
    run_after: RunAfter | None = Field(
        default=None, description="Not before this time, or not for so many seconds"
    )
    delay_seconds: float = Field(
        default=0, alias="delay", ge=0, le=DELAY_LIMIT, description="Seconds until it may start"
    )
    timeout_seconds: float | None = Field(
        default=None,
        alias="timeout",
        ge=0.001,
        le=DELAY_LIMIT,
        description="Seconds after which the call is broken off",
    )
    max_attempts: int = Field(
        default=1, ge=1, le=1000, description="How many times a procedure that raises is called"
    )
    backoff_seconds: float = Field(
        default=5,
        alias="backoff",
        ge=0,
        le=3600,
        description="Seconds until the second call; doubles up to an hour",
    )
    on_loss: Literal["ask", "rerun", "fail"] = Field(
        default="ask",
        description="After a crash: run again unless a part was committed; always; never",
    )
    transaction: Literal["managed", "own"] = Field(
        default="managed",
        description="`own`: the procedure starts without a transaction, as parallel DML needs",
    )
    fresh_session: bool = Field(default=False, description="Run on a new database session")
    tags: tuple[TagWord, ...] = Field(
        default=(), max_length=16, description="Words to find the job by, without commas and blanks"
    )
    idempotency_key: str | None = Field(
        default=None,
        min_length=1,
        max_length=KEY_LIMIT,
        description="As the header `Idempotency-Key`, which wins",
    )

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, body: Any) -> Any:
        if not isinstance(body, dict):
            return body
        return {name: value for name, value in body.items() if value is not None}

    @field_validator(
        "priority",
        "delay_seconds",
        "timeout_seconds",
        "max_attempts",
        "backoff_seconds",
        mode="before",
    )
    @classmethod
    def _no_boolean(cls, value: Any) -> Any:
        # To Python `true` is the number 1; a client that sends it means something else.
        if isinstance(value, bool):
            raise PydanticCustomError("number", "has to be a number, not {value}", {"value": value})
        return value

    @field_validator("name")
    @classmethod
    def _procedure_name(cls, value: str) -> str:
        try:
            split_name(value)
        except InvalidName as error:
            raise ValueError(str(error)) from None
        return value.strip()

    @field_validator("schema_name")
    @classmethod
    def _schema_name(cls, value: str | None) -> str | None:
        if not value:
            return None
        try:
            parts = split_name(value)
        except InvalidName as error:
            raise ValueError(str(error)) from None
        if len(parts) != 1:
            raise ValueError("has to be one identifier")
        return value.strip()

    @field_validator("params")
    @classmethod
    def _distinct_names(
        cls, params: tuple[ProcedureParameter, ...]
    ) -> tuple[ProcedureParameter, ...]:
        seen: set[str] = set()
        for number, parameter in enumerate(params):
            name = _argument_name(parameter.name)
            if name in seen:
                reason = {"place": f"{number}.name", "name": parameter.name}
                raise PydanticCustomError("repeated", "{name} is there twice", reason)
            seen.add(name)
        return params

    @field_validator("tags")
    @classmethod
    def _distinct_tags(cls, tags: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(tags))

    def submission(
        self,
        submitter: str | None = None,
        *,
        idempotency_key: str | None = None,
        trace_context: str | None = None,
    ) -> Submission:
        """As the database takes it.

        Args:
            submitter: name of the caller's token.
            idempotency_key: the header's; it wins over the body's.
            trace_context: W3C traceparent.
        """
        relative = self.run_after if isinstance(self.run_after, float) else 0
        return Submission(
            procedure_name=self.name,
            params=[parameter.stored() for parameter in self.params],
            is_function=self.is_function,
            schema=self.schema_name,
            priority=self.priority,
            delay_seconds=max(self.delay_seconds, relative),
            run_after=self.run_after if isinstance(self.run_after, datetime) else None,
            timeout_seconds=self.timeout_seconds,
            max_attempts=self.max_attempts,
            backoff_seconds=self.backoff_seconds,
            fresh_session=self.fresh_session,
            on_loss=self.on_loss,
            transaction=self.transaction,
            tags=self.tags,
            submitter=submitter,
            idempotency_key=idempotency_key or self.idempotency_key,
            trace_context=trace_context,
        )


class ProcedureBatch(BaseModel):
    """The body of POST /procedures/async."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    jobs: tuple[ProcedureCall, ...] = Field(
        min_length=1, max_length=BATCH_LIMIT, description="All become jobs, or none"
    )


def read_idempotency_key(text: str | None) -> str | None:
    """The header's value; None: there is none.

    Raises:
        ValueError: it is too long, or not printable.
    """
    if not text:
        return None
    if len(text) > KEY_LIMIT or not text.isprintable():
        raise ValueError(f"Idempotency-Key: 1 a {KEY_LIMIT} caracteres visibles")
    return text


def _argument_name(name: str) -> str:
    """As the dictionary has it, so that `a` and `"A"` are the same."""
    try:
        return dictionary_name(name)
    except InvalidName:
        return name.upper()
