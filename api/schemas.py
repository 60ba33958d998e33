"""The bodies that clients send, field by field: the contract's names, and ours after them."""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from sql.exact_json import JsonValue
from sql.jobs import Submission
from sql.names import NAME_LIMIT, InvalidName, split_name
from sql.values import CLIENT_KINDS

#: How clients write a direction, to the one that is stored.
_DIRECTIONS: Final = {
    "IN": "IN",
    "OUT": "OUT",
    "INOUT": "INOUT",
    "IN/OUT": "INOUT",
    "IN OUT": "INOUT",
}


class ProcedureParameter(BaseModel):
    """One argument's value."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str = Field(min_length=1, max_length=NAME_LIMIT)
    #: Any JSON value; left out for OUT.
    value: Any = None
    direction: str = "IN"
    #: None: the dictionary's.
    type: str | None = None

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
        kind = " ".join(value.upper().split()) if isinstance(value, str) else ""
        if kind not in CLIENT_KINDS:
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
    """The body of POST /procedure/async."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    name: str = Field(min_length=1, max_length=NAME_LIMIT)
    params: tuple[ProcedureParameter, ...] = ()
    schema_name: str | None = Field(default=None, alias="schema", max_length=NAME_LIMIT)
    is_function: bool = Field(default=False, alias="isFunction")
    priority: int = Field(default=5, ge=1, le=9)
    #: Seconds until the job may start.
    delay_seconds: float = Field(default=0, alias="delay", ge=0, le=31_536_000)
    #: Seconds after which the call is broken off. None: never.
    timeout_seconds: float | None = Field(default=None, alias="timeout", gt=0, le=31_536_000)
    max_attempts: int = Field(default=1, ge=1, le=1000)
    #: Seconds until the second call of a procedure that raised; doubles.
    backoff_seconds: float = Field(default=5, alias="backoff", ge=0, le=3600)
    fresh_session: bool = False
    on_loss: Literal["ask", "rerun", "fail"] = "ask"
    transaction: Literal["managed", "own"] = "managed"

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

    @field_validator("params", mode="before")
    @classmethod
    def _null_is_none(cls, value: object) -> object:
        return () if value is None else value

    @field_validator("is_function", mode="before")
    @classmethod
    def _null_is_false(cls, value: object) -> object:
        return False if value is None else value

    @model_validator(mode="after")
    def _distinct_names(self) -> ProcedureCall:
        seen: set[str] = set()
        for number, parameter in enumerate(self.params):
            if parameter.name.upper() in seen:
                raise ValueError(f"params.{number}.name: {parameter.name} is there twice")
            seen.add(parameter.name.upper())
        return self

    def submission(self, submitter: str | None = None) -> Submission:
        return Submission(
            procedure_name=self.name,
            params=[parameter.stored() for parameter in self.params],
            is_function=self.is_function,
            schema=self.schema_name,
            priority=self.priority,
            delay_seconds=self.delay_seconds,
            timeout_seconds=self.timeout_seconds,
            max_attempts=self.max_attempts,
            backoff_seconds=self.backoff_seconds,
            fresh_session=self.fresh_session,
            on_loss=self.on_loss,
            transaction=self.transaction,
            submitter=submitter,
        )
