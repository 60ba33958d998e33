"""What a client asks for once it has logged on, decoded: the session's input."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from deploy.localdb.values import SqlType, Value


@dataclass(frozen=True)
class Bind:
    """A placeholder as the client describes it."""

    type: SqlType
    #: Bytes that the client's buffer holds; an OUT value that is longer is ORA-06502.
    buffer_size: int
    #: More than 0: a PL/SQL array (index-by table) of at most so many elements.
    max_elements: int = 0

    @property
    def is_array(self) -> bool:
        return self.max_elements > 0


@dataclass(slots=True)
class Execute:
    """Parse, describe, execute and/or fetch.

    binds are in order of appearance in the text (PL/SQL: each name once). rows holds one tuple per
    execution with a value per bind; a RETURNING bind or an OUT bind left out by the client is None;
    an array bind is a list. A REF CURSOR bind is None or the cursor id.
    """

    cursor_id: int  # 0: a new one
    sql: str  # always the text, also when the client sent only the cursor id; '' for a REF CURSOR
    binds: tuple[Bind, ...] = ()
    rows: tuple[tuple[Value, ...], ...] = ((),)
    parse_only: bool = False  # describe, do not execute
    execute: bool = True  # False: define and/or fetch on an open cursor
    fetch_rows: int = 0  # how many rows of a query to send with the answer
    commit: bool = False
    batch_errors: bool = False
    row_counts: bool = False  # array DML row counts wanted
    scrollable: bool = False
    orientation: int = 1
    position: int = 0


@dataclass(frozen=True)
class Fetch:
    """Rows of an open cursor."""

    cursor_id: int
    rows: int


@dataclass(frozen=True)
class Commit:
    """COMMIT without a statement."""


@dataclass(frozen=True)
class Rollback:
    """ROLLBACK without a statement."""


@dataclass(frozen=True)
class Ping:
    """Are you there."""


@dataclass(frozen=True)
class Logoff:
    """The client ends its session."""


@dataclass(frozen=True)
class CloseCursors:
    """Piggyback: cursors that the client has forgotten. Unknown ids are ignored."""

    ids: tuple[int, ...]


@dataclass(frozen=True)
class FreeLobs:
    """Piggyback: temporary LOBs that the client has forgotten."""

    locators: tuple[bytes, ...]


@dataclass(frozen=True)
class SetSchema:
    """Piggyback: ALTER SESSION SET CURRENT_SCHEMA."""

    schema: str


@dataclass(frozen=True)
class EndToEnd:
    """Piggyback: what V$SESSION shows; only what is not None changes."""

    attributes: dict[str, str] = field(default_factory=dict)  # module, action, client_identifier...


@dataclass(frozen=True)
class SetContext:
    """Piggyback: attributes of an application context; none: all of them are cleared."""

    namespace: str
    attributes: dict[str, str]


class Parts(Protocol):
    """A long value, as it has come."""

    def parts(self, size: int) -> Iterator[bytes]:
        """The value in pieces of about so many bytes."""


@dataclass
class LobOperation:
    """One operation on a LOB; offset is 1-based, in characters or bytes."""

    operation: str  # length read write trim create_temp chunk_size open close is_open free
    locator: bytes
    offset: int = 0
    amount: int = 0
    #: What to write; of a CLOB in this encoding.
    data: Parts | None = None
    encoding: str = ""
    binary: bool = False  # create_temp: a BLOB
    national: bool = False


@dataclass(frozen=True)
class QueueMessage:
    """A message of Advanced Queuing, as a client sends it."""

    payload: bytes
    priority: int = 0
    delay: int = 0
    expiration: int = -1
    correlation: str | None = None
    exception_queue: str | None = None


@dataclass(frozen=True)
class Enqueue:
    """Send messages to a queue; the numbers are those of DBMS_AQ."""

    queue: str
    messages: tuple[QueueMessage, ...]
    visibility: int
    buffered: bool


@dataclass(frozen=True)
class Dequeue:
    """Take up to limit messages from a queue; the numbers are those of DBMS_AQ."""

    queue: str
    mode: int
    navigation: int
    visibility: int
    wait: int
    limit: int = 1
    consumer: str | None = None
    msgid: bytes | None = None
    correlation: str | None = None
    condition: str | None = None
    delivery: int = 1


@dataclass(frozen=True)
class ChangePassword:
    """The password of the session's user; the session checks the old one."""

    old_password: str
    new_password: str


@dataclass(frozen=True)
class Refused:
    """A function of the protocol that localdb does not have."""

    feature: str


Piggyback: TypeAlias = CloseCursors | FreeLobs | SetSchema | EndToEnd | SetContext
Request: TypeAlias = (
    Execute
    | Fetch
    | Commit
    | Rollback
    | Ping
    | Logoff
    | LobOperation
    | Enqueue
    | Dequeue
    | ChangePassword
    | Refused
)
