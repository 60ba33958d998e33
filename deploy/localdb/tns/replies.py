"""What the session answers, not yet encoded."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TypeAlias

from deploy.localdb.errors import OraError
from deploy.localdb.values import Column, Value


class Direction(IntEnum):
    """How a PL/SQL block uses a bind; the values are the wire's."""

    OUT = 16
    IN = 32
    IN_OUT = 48


@dataclass(frozen=True)
class OpenCursor:
    """A REF CURSOR as a value (OUT bind, column or implicit result): the client fetches by its id."""

    cursor_id: int
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Locator:
    """A LOB as a value: the bytes that name it, and its length in characters or bytes."""

    locator: bytes
    length: int
    binary: bool
    national: bool = False
    #: The content, for a client that wants it inline as a LONG.
    data: str | bytes | None = None


@dataclass
class Executed:
    """The answer to Execute and Fetch.

    An error may come with rows that were found before it; it is then sent after them.
    """

    cursor_id: int = 0
    #: Set on the first execution of a query (or a re-parse): to be described to the client.
    columns: tuple[Column, ...] | None = None
    rows: list[tuple[Value, ...]] = field(default_factory=list)
    #: False: the last row of the query was sent (ORA-01403 goes with it).
    more: bool = False
    row_count: int = 0
    rowid: str | None = None
    #: PL/SQL: a direction per bind; None for SQL.
    directions: tuple[Direction, ...] | None = None
    #: PL/SQL: per execution the values of all binds that are not IN, in order; arrays are lists.
    out_values: list[tuple[Value, ...]] = field(default_factory=list)
    #: DML RETURNING: per execution, per returning bind, a list of values (one a row).
    #: None where the statement has no RETURNING.
    returned: list[tuple[list[Value], ...]] | None = None
    #: Positions of the RETURNING binds among the binds.
    batch_errors: list[tuple[int, OraError]] = field(default_factory=list)
    row_counts: list[int] | None = None
    implicit_results: list[OpenCursor] = field(default_factory=list)
    compiled_with_errors: bool = False
    #: Set where it has become another one: the client is told.
    current_schema: str | None = None
    error: OraError | None = None


@dataclass
class Done:
    """The answer to everything that returns nothing."""


@dataclass
class Failed:
    """An error as an answer to anything but Execute and Fetch."""

    error: OraError


@dataclass
class LobResult:
    """The answer to LobOperation; what is None is not sent."""

    locator: bytes
    #: What was read, in pieces that are sent as one.
    data: Sequence[str] | Sequence[bytes] | None = None
    amount: int | None = None
    flag: bool | None = None


@dataclass
class Enqueued:
    """The answer to Enqueue: a msgid per message."""

    msgids: list[bytes]


@dataclass(frozen=True)
class TakenMessage:
    """A message that was dequeued."""

    msgid: bytes
    payload: bytes | None
    priority: int
    expiration: int
    correlation: str | None
    attempts: int
    exception_queue: str | None
    state: int
    #: In the session's time zone, without a zone.
    enqueue_time: datetime.datetime | None
    is_buffered: bool


@dataclass
class Dequeued:
    """The answer to Dequeue."""

    messages: list[TakenMessage]


Reply: TypeAlias = Executed | Done | Failed | LobResult | Enqueued | Dequeued
