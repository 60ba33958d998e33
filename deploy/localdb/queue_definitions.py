"""Queues as the dictionary has them, and the names by which they are called."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from deploy.localdb.errors import OraError
from deploy.localdb.plsql.host import Host
from deploy.localdb.queue_buffers import Buffers
from deploy.localdb.rights import Rights
from deploy.localdb.values import Value

#: Signalled when a queue or queue table has changed.
DEFINITIONS_CHANNEL = "queues"

#: DBMS_AQ.NEVER, of an expiration.
NEVER = -1

#: Values of STATE.
READY, WAITING, PROCESSED, EXPIRED = 0, 1, 2, 3


class QueueHost(Host, Protocol):
    """What queues need of a session beyond its PL/SQL."""

    @property
    def buffers(self) -> Buffers:
        """The buffered messages of all queues."""

    def signal(self, channel: str) -> None:
        """Wake those who wait for the channel, now and not at the commit."""

    def native(self, sql: str, *values: Value) -> list[tuple[Any, ...]]:
        """Run PostgreSQL's own SQL with $1... on the current transaction."""

    def on_rollback(self, channel: str, action: Callable[[], None]) -> None:
        """Should the current transaction not commit: signal the channel after its end.

        Where it ends by a ROLLBACK and not by the session's death, action runs before that, in a
        transaction of its own, which it has to commit.
        """

    def reload_catalog(self) -> None:
        """Tables have changed otherwise than by DDL."""

    def has_system(self, privilege: str) -> bool:
        """Whether the code that runs has a system privilege."""


@dataclass(frozen=True)
class Queue:
    """A queue as USER_QUEUES has it, and the order of its table."""

    owner: str
    name: str
    table: str
    #: Columns of the queue table, without quotes.
    order: tuple[str, ...]
    is_exception: bool
    max_retries: int
    retry_delay: float
    retention: float
    enqueue_enabled: bool
    dequeue_enabled: bool

    @property
    def channel(self) -> str:
        return f"queue:{self.owner}.{self.name}"

    @property
    def relation(self) -> str:
        return f"{quote(self.owner)}.{quote(self.table)}"

    @property
    def default_exception_queue(self) -> str:
        return f"AQ$_{self.table}_E"


@dataclass
class _Definitions:
    """What a session remembers until something changes."""

    generation: int = -1
    queues: dict[tuple[str, str], Queue | None] = field(default_factory=dict)
    #: By owner, queue, privilege, and who asks.
    allowed: dict[tuple[str, str, str, Rights], bool] = field(default_factory=dict)


_definitions: WeakKeyDictionary[Host, _Definitions] = WeakKeyDictionary()


def quote(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def parse_name(text: str | None, schema: str) -> tuple[str, str] | None:
    """'[schema.]name' as the dictionary spells both, or None where it is no such thing."""
    parts: list[str] = []
    rest = (text or "").strip()
    while rest:
        if rest.startswith('"'):
            end = rest.find('"', 1)
            part, rest = rest[1:end], rest[end + 1 :].lstrip()
            if end < 0 or not part:
                return None
        else:
            part, dot, after = rest.partition(".")
            rest = dot + after
            part = part.strip().upper()
            if not part or any(not (c.isalnum() or c in "_$#") for c in part):
                return None
        parts.append(part)
        if rest and not (rest.startswith(".") and rest[1:].strip()):
            return None
        rest = rest[1:].lstrip()
    match parts:
        case [name]:
            return schema, name
        case [owner, name]:
            return owner, name
        case _:
            return None


def find_queue(host: QueueHost, owner: str, name: str) -> Queue | None:
    """The definition of a queue, from the session's memory as long as nothing has changed."""
    known = _definitions.setdefault(host, _Definitions())
    generation = host.generation(DEFINITIONS_CHANNEL)
    if known.generation != generation:
        known.queues.clear()
        known.allowed.clear()
        known.generation = generation
    key = (owner, name)
    if key not in known.queues:
        known.queues[key] = _load_queue(host, owner, name)
    return known.queues[key]


def _load_queue(host: QueueHost, owner: str, name: str) -> Queue | None:
    rows = host.native(
        "select q.queue_table, t.sort_list, q.queue_type, q.max_retries, q.retry_delay,"
        " q.retention, q.enqueue_enabled, q.dequeue_enabled"
        " from localdb.queues q"
        " join localdb.queue_tables t on t.owner = q.owner and t.name = q.queue_table"
        " where q.owner = $1 and q.name = $2",
        owner,
        name,
    )
    if not rows:
        return None
    table, sort_list, queue_type, max_retries, retry_delay, retention, enqueue, dequeue = rows[0]
    return Queue(
        owner=owner,
        name=name,
        table=str(table),
        order=_order(str(sort_list)),
        is_exception=queue_type == "EXCEPTION_QUEUE",
        max_retries=int(max_retries or 0),
        retry_delay=float(retry_delay or 0),
        retention=float(retention or 0),
        enqueue_enabled=bool(enqueue),
        dequeue_enabled=bool(dequeue),
    )


def _order(sort_list: str) -> tuple[str, ...]:
    """The columns that order a queue; ENQ_TIME is never the same twice, so it ends every order."""
    columns = tuple(sort_list.split(","))
    return columns if "ENQ_TIME" in columns else (*columns, "ENQ_TIME")


def required_queue(host: QueueHost, text: str | None) -> Queue:
    if not text:
        raise OraError(25202, "invalid value NULL, QUEUE_NAME should be non-NULL")
    found = parse_name(text, host.current_schema)
    if found is None:
        raise OraError(25200, f"invalid value {text}, QUEUE_NAME should be [SCHEMA.]NAME")
    owner, name = found
    queue = find_queue(host, owner, name)
    if queue is None:
        raise OraError(24010, f"QUEUE {owner}.{name} does not exist")
    return queue


def check_privilege(host: QueueHost, queue: Queue, privilege: str) -> None:
    """Whoever is not the owner, nor runs with his rights, needs a grant.

    Raises:
        OraError: 1031.
    """
    rights = host.rights
    if queue.owner == rights.user:
        return
    key = (queue.owner, queue.name, privilege, rights)
    allowed = _definitions[host].allowed
    if key not in allowed:
        allowed[key] = host.has_system(f"{privilege} ANY QUEUE") or bool(
            host.native(
                "select 1 from localdb.queue_privileges where owner = $1 and queue = $2"
                " and privilege = $3 and grantee = any (string_to_array($4, e'\\n'))",
                queue.owner,
                queue.name,
                privilege,
                "\n".join((rights.user, "PUBLIC", *rights.roles)),
            )
        )
    if not allowed[key]:
        raise OraError(1031, "insufficient privileges")


def utc_now(host: QueueHost) -> datetime.datetime:
    return host.now().astimezone(datetime.UTC).replace(tzinfo=None)


def run_autonomously(host: QueueHost, work: Callable[[], None]) -> None:
    host.begin_autonomous()
    try:
        work()
        host.commit()
    except BaseException:
        host.end_autonomous(failed=True)
        raise
    host.end_autonomous(failed=False)
