"""Advanced Queuing: the messages of classic single-consumer queues with RAW payload.

A queue table is a PostgreSQL table with AQ's columns (`queue_tables` makes it), a message is a row.
How the columns are used:

    STATE 0 READY      waits for a consumer
          1 WAIT       DELAY says until when
          2 PROCESSED  kept for the queue's retention time, DEQ_TIME says since when
          3 EXPIRED    in an exception queue
    TIME_MANAGER_INFO  when a READY message expires
    EXCEPTION_QUEUE    where it goes if it does; in an exception queue: where it came from
    times              UTC

Rules. A consumer takes rows with FOR UPDATE SKIP LOCKED, so that consumers never wait for each
other, and a session that dies gives back what it had taken. Who finds nothing waits for the queue's
channel, which a commit of an enqueue signals, and for the time when the next delayed message is due:
nobody polls. Due and expired messages change their state in a transaction of their own, which
whoever dequeues runs when it is time.

Source: Database Advanced Queuing User's Guide 19c; PL/SQL Packages and Types Reference 19c, DBMS_AQ.
"""

from __future__ import annotations

import datetime
import functools
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any
from weakref import WeakKeyDictionary

from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.plsql.host import Host
from deploy.localdb.queue_buffers import Selection
from deploy.localdb.queue_clock import Times, advance, expect_rollback, is_stale
from deploy.localdb.queue_conditions import parse_condition
from deploy.localdb.queue_definitions import (
    EXPIRED,
    NEVER,
    PROCESSED,
    READY,
    WAITING,
    Queue,
    QueueHost,
    check_privilege,
    quote,
    required_queue,
    run_autonomously,
    utc_now,
)
from deploy.localdb.values import Value

#: DBMS_AQ.FOREVER: wait without limit.
FOREVER = -1

_INSERT_LIMIT = 500  # rows; PostgreSQL takes 65,535 parameters


class Mode(IntEnum):
    """dequeue_options_t.dequeue_mode."""

    BROWSE = 1
    LOCKED = 2
    REMOVE = 3
    REMOVE_NODATA = 4


class Navigation(IntEnum):
    """dequeue_options_t.navigation."""

    FIRST_MESSAGE = 1
    NEXT_TRANSACTION = 2
    NEXT_MESSAGE = 3


class Visibility(IntEnum):
    """visibility of both options records."""

    IMMEDIATE = 1
    ON_COMMIT = 2


class Delivery(IntEnum):
    """delivery_mode of both options records."""

    PERSISTENT = 1
    BUFFERED = 2
    PERSISTENT_OR_BUFFERED = 3


@dataclass
class Message:
    """A message to send, or one that was taken."""

    payload: bytes | None
    priority: int = 1
    delay: int = 0
    expiration: int = NEVER
    correlation: str | None = None
    exception_queue: str | None = None
    msgid: bytes = b""
    attempts: int = 0
    #: UTC.
    enqueue_time: datetime.datetime | None = None
    state: int = READY
    is_buffered: bool = False


@dataclass(frozen=True)
class Dequeue:
    """dequeue_options_t."""

    mode: Mode = Mode.REMOVE
    navigation: Navigation = Navigation.NEXT_MESSAGE
    visibility: Visibility = Visibility.ON_COMMIT
    #: Seconds; FOREVER, or 0 for NO_WAIT.
    wait: int = FOREVER
    msgid: bytes | None = None
    correlation: str | None = None
    condition: str | None = None
    delivery: Delivery = Delivery.PERSISTENT

    @classmethod
    def read(
        cls,
        *,
        mode: Value,
        navigation: Value,
        visibility: Value,
        wait: Value,
        msgid: bytes | None,
        correlation: str | None,
        condition: str | None,
        delivery: Value,
    ) -> Dequeue:
        """Options as a client or PL/SQL has set them.

        Raises:
            OraError: 25225, 25233, 25201, 25202: there is no such one.
        """
        try:
            known_mode = Mode(mode)
        except ValueError:
            raise OraError(
                25225,
                f"invalid value {mode}, DEQUEUE_MODE should be REMOVE or BROWSE or LOCKED",
            ) from None
        try:
            known_navigation = Navigation(navigation)
        except ValueError:
            raise OraError(25233, "invalid parameter specified for NAVIGATION") from None
        if wait is None:
            raise OraError(25202, "invalid value NULL, WAIT should be non-NULL")
        return cls(
            mode=known_mode,
            navigation=known_navigation,
            visibility=read_visibility(visibility),
            wait=int(wait),
            msgid=msgid,
            correlation=correlation,
            condition=condition,
            delivery=Delivery(delivery),
        )


def read_visibility(value: Value) -> Visibility:
    """A visibility as a client or PL/SQL has set it.

    Raises:
        OraError: 25201.
    """
    try:
        return Visibility(value)
    except ValueError:
        raise OraError(
            25201, "invalid value, VISIBILITY should be ON_COMMIT or IMMEDIATE"
        ) from None


#: Where BROWSE and LOCKED go on with NEXT_MESSAGE, by channel: after these values of the order's
#: columns.
_positions: WeakKeyDictionary[Host, dict[str, tuple[Value, ...]]] = WeakKeyDictionary()


# ---- enqueue ----

_last_enqueue = datetime.datetime.min


def _next_enqueue_time(now: datetime.datetime) -> datetime.datetime:
    """Never the same twice: the order of messages is the order of the calls."""
    global _last_enqueue
    _last_enqueue = max(now, _last_enqueue + datetime.timedelta(microseconds=1))
    return _last_enqueue


def _new_msgid() -> bytes:
    return time.time_ns().to_bytes(8, "big") + os.urandom(8)


_INSERT_COLUMNS = (
    "Q_NAME",
    "MSGID",
    "CORRID",
    "PRIORITY",
    "STATE",
    "DELAY",
    "EXPIRATION",
    "TIME_MANAGER_INFO",
    "ENQ_TIME",
    "ENQ_UID",
    "EXCEPTION_QUEUE",
    "USER_DATA",
)


@functools.lru_cache(maxsize=64)
def _insert(relation: str, rows: int) -> str:
    width = len(_INSERT_COLUMNS)
    values = ", ".join(
        "(" + ", ".join(f"${row * width + n + 1}" for n in range(width)) + ")"
        for row in range(rows)
    )
    columns = ", ".join(quote(name) for name in _INSERT_COLUMNS)
    return f"insert into {relation} ({columns}) values {values}"


def enqueue(
    host: QueueHost,
    queue_name: str | None,
    messages: Sequence[Message],
    visibility: Visibility = Visibility.ON_COMMIT,
    delivery: Delivery = Delivery.PERSISTENT,
) -> None:
    """Send messages, in their order; each gets its msgid.

    Raises:
        OraError: 24010 no such queue, 25207 stopped, 25206 an exception queue, 25203 and 25209 for
            a wrong delay or expiration.
    """
    queue = required_queue(host, queue_name)
    check_privilege(host, queue, "ENQUEUE")
    if queue.is_exception:
        raise OraError(
            25206,
            f"enqueue failed, enqueue to exception queue {queue.owner}.{queue.name} not permitted",
        )
    if not queue.enqueue_enabled:
        raise OraError(
            25207,
            f"enqueue failed, queue {queue.owner}.{queue.name} is disabled from enqueueing",
        )
    if delivery is Delivery.BUFFERED:
        _buffer(host, queue, messages, visibility)
    elif visibility is Visibility.IMMEDIATE:
        run_autonomously(host, lambda: _send(host, queue, messages))
    else:
        _send(host, queue, messages)


def _send(host: QueueHost, queue: Queue, messages: Sequence[Message]) -> None:
    for start in range(0, len(messages), _INSERT_LIMIT):
        part = messages[start : start + _INSERT_LIMIT]
        values = [value for message in part for value in _row(host, queue, message)]
        host.native(_insert(queue.relation, len(part)), *values)
    host.notify(queue.channel)


def _buffer(
    host: QueueHost, queue: Queue, messages: Sequence[Message], visibility: Visibility
) -> None:
    if visibility is not Visibility.IMMEDIATE:
        raise OraError(
            25305,
            f"enqueue failed, visibility must be IMMEDIATE for queue {queue.owner}.{queue.name}",
        )
    for message in messages:
        if message.delay:
            raise Unsupported("a delay of buffered messages")
        _row(host, queue, message)
        message.is_buffered = True
        host.buffers.add((queue.owner, queue.name), message)
    host.signal(queue.channel)


def _row(host: QueueHost, queue: Queue, message: Message) -> tuple[Value, ...]:
    if message.delay < 0:
        raise OraError(25203, f"invalid value {message.delay}, DELAY should be non-negative")
    if message.expiration < NEVER:
        raise OraError(
            25209,
            f"invalid value {message.expiration}, EXPIRATION should be non-negative or NEVER",
        )
    if message.correlation is not None and len(message.correlation) > 128:
        raise OraError(
            24019, "identifier for CORRELATION too long, should not be greater than 128 characters"
        )
    message.msgid = _new_msgid()
    enqueued = message.enqueue_time = _next_enqueue_time(utc_now(host))
    due = enqueued + datetime.timedelta(seconds=message.delay) if message.delay else None
    message.state = WAITING if due else READY
    expires = None
    if message.expiration != NEVER and due is None:
        expires = enqueued + datetime.timedelta(seconds=message.expiration)
    return (
        queue.name,
        message.msgid,
        message.correlation,
        message.priority,
        message.state,
        due,
        message.expiration,
        expires,
        enqueued,
        host.user,
        message.exception_queue,
        message.payload,
    )


# ---- dequeue ----

_MESSAGE_COLUMNS = (
    "MSGID",
    "CORRID",
    "PRIORITY",
    "STATE",
    "EXPIRATION",
    "ENQ_TIME",
    "RETRY_COUNT",
    "EXCEPTION_QUEUE",
    "USER_DATA",
)


def _message(row: tuple[Any, ...]) -> Message:
    msgid, corrid, priority, state, expiration, enq_time, retry_count, exception_queue, data = row
    return Message(
        payload=data,
        priority=int(priority),
        expiration=NEVER if expiration is None else int(expiration),
        correlation=corrid,
        exception_queue=exception_queue,
        msgid=msgid,
        attempts=int(retry_count),
        enqueue_time=enq_time,
        state=int(state),
    )


def dequeue(
    host: QueueHost, queue_name: str | None, options: Dequeue, limit: int = 1
) -> list[Message]:
    """Take up to limit messages; waits only while there is none.

    Raises:
        OraError: 25228 nothing came in time, 25263 no message of that msgid, 24010 no such queue,
            25226 stopped; 1013 on a break.
    """
    queue = required_queue(host, queue_name)
    check_privilege(host, queue, "DEQUEUE")
    _check_dequeue(options)
    condition = parse_condition(options.condition) if options.condition else None
    deadline = None if options.wait == FOREVER else time.monotonic() + options.wait
    while True:
        # Read before looking: what is committed after the look ends the wait.
        generation = host.generation(queue.channel)
        if not queue.dequeue_enabled:
            raise OraError(
                25226,
                f"dequeue failed, queue {queue.owner}.{queue.name} is not enabled for dequeue",
            )
        now = utc_now(host)
        times = advance(host, queue, now) if is_stale(host, queue, now) else None
        messages = _take(host, queue, options, condition, limit, now)
        if not messages and times is None:
            times = advance(host, queue, now)
            if times.advanced:
                messages = _take(host, queue, options, condition, limit, now)
        if messages:
            return messages
        if options.msgid is not None:
            raise OraError(
                25263,
                f"no message in queue {queue.owner}.{queue.name} with message ID"
                f" {options.msgid.hex().upper()}",
            )
        seconds = _seconds_to_wait(deadline, times, now)
        if seconds is not None and seconds <= 0 and _is_over(deadline):
            raise OraError(
                25228,
                f"timeout or end-of-fetch during message dequeue from {queue.owner}.{queue.name}",
            )
        host.wait(queue.channel, generation, seconds)
        queue = required_queue(host, queue_name)


def _is_over(deadline: float | None) -> bool:
    return deadline is not None and time.monotonic() >= deadline


def _seconds_to_wait(
    deadline: float | None, times: Times | None, now: datetime.datetime
) -> float | None:
    """Until the deadline, or until a message will be due."""
    limits = []
    if deadline is not None:
        limits.append(deadline - time.monotonic())
    if times is not None and times.next_due is not None:
        limits.append((times.next_due - now).total_seconds())
    return max(0.0, min(limits)) if limits else None


def _check_dequeue(options: Dequeue) -> None:
    if options.wait < FOREVER:
        raise OraError(25230, f"invalid value {options.wait}, WAIT should be non-negative")
    if options.navigation is Navigation.NEXT_TRANSACTION:
        raise Unsupported("DBMS_AQ.NEXT_TRANSACTION")
    if options.msgid is not None and (options.correlation or options.condition):
        raise OraError(
            25240,
            "message ID and dequeue condition/correlation ID specified in dequeue options",
        )


def _take(
    host: QueueHost,
    queue: Queue,
    options: Dequeue,
    condition: str | None,
    limit: int,
    now: datetime.datetime,
) -> list[Message]:
    found: list[Message] = []
    if options.delivery is not Delivery.PERSISTENT:
        found.extend(_take_buffered(host, queue, options, limit, now))
        if found or options.delivery is Delivery.BUFFERED:
            return found

    def work() -> None:
        found.extend(_select(host, queue, options, condition, limit, now))

    if options.visibility is Visibility.IMMEDIATE and options.mode is not Mode.BROWSE:
        run_autonomously(host, work)
    else:
        work()
    return found


def _take_buffered(
    host: QueueHost, queue: Queue, options: Dequeue, limit: int, now: datetime.datetime
) -> list[Message]:
    if options.condition:
        raise Unsupported("DEQ_CONDITION of buffered messages")
    if options.visibility is not Visibility.IMMEDIATE:
        raise Unsupported("VISIBILITY ON_COMMIT of buffered messages")
    if options.mode is Mode.LOCKED:
        raise Unsupported("DEQUEUE_MODE LOCKED of buffered messages")
    selection = Selection(
        msgid=options.msgid,
        correlation=options.correlation,
        limit=limit,
        removes=options.mode is not Mode.BROWSE,
        now=now,
        order=queue.order,
    )
    found: list[Message] = host.buffers.take((queue.owner, queue.name), selection)
    if options.mode is Mode.REMOVE_NODATA:
        for message in found:
            message.payload = None
    return found


def _select(
    host: QueueHost,
    queue: Queue,
    options: Dequeue,
    condition: str | None,
    limit: int,
    now: datetime.datetime,
) -> list[Message]:
    """One statement that finds the messages, and removes or locks them."""
    values: list[Value] = []

    def bind(value: Value) -> str:
        values.append(value)
        return f"${len(values)}"

    filters = [f'"Q_NAME" = {bind(queue.name)}']
    if options.msgid is not None:
        filters.append(f'"MSGID" = {bind(options.msgid)}')
        filters.append(f'"STATE" <> {PROCESSED}')
    else:
        filters.append(f'"STATE" = {EXPIRED if queue.is_exception else READY}')
        if not queue.is_exception:
            filters.append(f'("TIME_MANAGER_INFO" is null or "TIME_MANAGER_INFO" > {bind(now)})')
    if options.correlation:
        pattern = any(c in options.correlation for c in "%_")
        filters.append(f'"CORRID" {"like" if pattern else "="} {bind(options.correlation)}')
    if condition:
        filters.append(f"({condition})")
    positions = _positions.setdefault(host, {})
    keeps = options.mode in (Mode.BROWSE, Mode.LOCKED)
    position = positions.get(queue.channel)
    if options.navigation is Navigation.FIRST_MESSAGE:
        positions.pop(queue.channel, None)
    elif keeps and position is not None and options.msgid is None:
        binds = ", ".join(bind(value) for value in position)
        filters.append(f"({_columns(queue.order)}) > ({binds})")

    search = (
        f"from {queue.relation} where {' and '.join(filters)}"
        f" order by {_columns(queue.order)} limit {bind(limit)}"
    )
    returned = _columns(_MESSAGE_COLUMNS)
    if options.mode is Mode.BROWSE:
        rows = host.native(f"select {returned} {search}", *values)
    elif options.mode is Mode.LOCKED:
        rows = host.native(f"select {returned} {search} for update skip locked", *values)
    else:
        # By MSGID and not by ctid: the row may have moved between the snapshot and the lock.
        chosen = f'"MSGID" = any(array(select "MSGID" {search} for update skip locked))'
        if queue.retention:
            removal = (
                f'update {queue.relation} set "STATE" = {PROCESSED}, "DEQ_TIME" = {bind(now)},'
                f' "DEQ_UID" = {bind(host.user)} where {chosen}'
            )
        else:
            removal = f"delete from {queue.relation} where {chosen}"
        rows = host.native(f"{removal} returning {returned}", *values)
    messages = [_message(row) for row in rows]
    if len(messages) > 1:
        messages.sort(key=lambda message: _order_key(queue, message))
    if keeps and messages:
        positions[queue.channel] = _order_key(queue, messages[-1])
    elif messages:
        expect_rollback(host, queue, [message.msgid for message in messages])
    if options.mode is Mode.REMOVE_NODATA:
        for message in messages:
            message.payload = None
    return messages


def _columns(names: Sequence[str]) -> str:
    return ", ".join(quote(name) for name in names)


def _order_key(queue: Queue, message: Message) -> tuple[Value, ...]:
    values = {"PRIORITY": message.priority, "ENQ_TIME": message.enqueue_time}
    return tuple(values[name] for name in queue.order)


def exception_queue_of(name: str | None) -> str | None:
    """The name of a message's own exception queue, which has to be in the same queue table."""
    if name is None:
        return None
    return name.rpartition(".")[2].strip('"') if '"' in name else name.rpartition(".")[2].upper()


def enqueue_time_in_session(host: QueueHost, message: Message) -> datetime.datetime | None:
    """ENQUEUE_TIME as the session reads it: in its time zone, without a zone."""
    if message.enqueue_time is None:
        return None
    moment = message.enqueue_time.replace(tzinfo=datetime.UTC)
    return moment.astimezone(host.session_time_zone()).replace(tzinfo=None)
