"""What time and rollbacks do to messages.

Due and expired messages change their state in a transaction of their own, which whoever dequeues
runs when it is time; a message that a rollback gave back counts one attempt more.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from deploy.localdb.plsql.host import Host
from deploy.localdb.queue_definitions import (
    EXPIRED,
    NEVER,
    PROCESSED,
    READY,
    WAITING,
    Queue,
    QueueHost,
    run_autonomously,
    utc_now,
)

#: How often a session that always finds messages looks for those that have become due.
ADVANCE_SECONDS = 1.0

#: When a session has last looked, by channel.
_advanced: WeakKeyDictionary[Host, dict[str, datetime.datetime]] = WeakKeyDictionary()


def _array(msgids: Sequence[bytes]) -> str:
    """PostgreSQL's text of a bytea[]."""
    return "{" + ",".join(f'"\\\\x{msgid.hex()}"' for msgid in msgids) + "}"


def expect_rollback(host: QueueHost, queue: Queue, taken: Sequence[bytes]) -> None:
    """The current transaction has removed these messages."""
    msgids = _array(taken)
    host.on_rollback(queue.channel, lambda: _count_retry(host, queue, msgids))


#: Where an expired or too often returned message goes: its own exception queue where that is one
#: of the same table, else the table's.
def _exception_queue(queue: Queue, owner: str, table: str) -> str:
    return (
        "coalesce((select q.name from localdb.queues q"
        f" where q.owner = {owner} and q.queue_table = {table}"
        " and q.queue_type = 'EXCEPTION_QUEUE' and q.name = m.\"EXCEPTION_QUEUE\"),"
        f" '{queue.default_exception_queue}')"
    )


def _count_retry(host: QueueHost, queue: Queue, msgids: str) -> None:
    """After a rollback: one attempt more, and the exception queue when there were too many."""
    if queue.is_exception:
        return
    host.native(
        f'update {queue.relation} m set "RETRY_COUNT" = "RETRY_COUNT" + 1,'
        f' "Q_NAME" = case when "RETRY_COUNT" + 1 > $2 then {_exception_queue(queue, "$3", "$4")}'
        ' else "Q_NAME" end,'
        ' "EXCEPTION_QUEUE" = case when "RETRY_COUNT" + 1 > $2 then "Q_NAME"'
        ' else "EXCEPTION_QUEUE" end,'
        f' "STATE" = case when "RETRY_COUNT" + 1 > $2 then {EXPIRED}'
        f' when $5::timestamp is not null then {WAITING} else "STATE" end,'
        ' "DELAY" = case when "RETRY_COUNT" + 1 > $2 then null'
        ' when $5::timestamp is not null then $5::timestamp else "DELAY" end'
        ' where "MSGID" in (select "MSGID" from '
        f'{queue.relation} where "MSGID" = any($1::bytea[]) for update skip locked)',
        msgids,
        queue.max_retries,
        queue.owner,
        queue.table,
        utc_now(host) + datetime.timedelta(seconds=queue.retry_delay)
        if queue.retry_delay and queue.max_retries
        else None,
    )
    host.commit()


@dataclass(frozen=True)
class Times:
    """What the clock has to do with a queue."""

    #: Messages have become ready, or expired, just now.
    advanced: bool
    #: When the next ones will.
    next_due: datetime.datetime | None


def is_stale(host: QueueHost, queue: Queue, now: datetime.datetime) -> bool:
    checked = _advanced.get(host, {}).get(queue.channel)
    return checked is None or (now - checked).total_seconds() >= ADVANCE_SECONDS


def advance(host: QueueHost, queue: Queue, now: datetime.datetime) -> Times:
    """Let due messages become ready and old ones expire."""
    _advanced.setdefault(host, {})[queue.channel] = now
    if queue.is_exception:
        return Times(advanced=False, next_due=None)
    waiting = f'from {queue.relation} where "Q_NAME" = $1 and "STATE" = {WAITING}'
    expiring = f'from {queue.relation} where "Q_NAME" = $1 and "STATE" = {READY}'
    ((due, next_due),) = host.native(
        f'select least((select min("DELAY") {waiting} and "DELAY" <= $2),'
        f' (select min("TIME_MANAGER_INFO") {expiring} and "TIME_MANAGER_INFO" <= $2)),'
        f' least((select min("DELAY") {waiting} and "DELAY" > $2),'
        f' (select min("TIME_MANAGER_INFO") {expiring} and "TIME_MANAGER_INFO" > $2))',
        queue.name,
        now,
    )
    if due is not None or queue.retention > 0:
        run_autonomously(host, lambda: _run_due(host, queue, now))
    return Times(advanced=due is not None, next_due=next_due)


def _run_due(host: QueueHost, queue: Queue, now: datetime.datetime) -> None:
    locked = (
        f'"MSGID" in (select "MSGID" from {queue.relation} where "Q_NAME" = $1 and {{}}'
        " for update skip locked)"
    )
    waiting = f'"STATE" = {WAITING} and "DELAY" <= $2'
    host.native(
        f'update {queue.relation} set "STATE" = {READY}, "DELAY" = null, "TIME_MANAGER_INFO" ='
        f' case when "EXPIRATION" <> {NEVER} then "DELAY" + "EXPIRATION" * interval \'1 second\' end'
        f" where {locked.format(waiting)}",
        queue.name,
        now,
    )
    expired = f'"STATE" = {READY} and "TIME_MANAGER_INFO" <= $2'
    host.native(
        f'update {queue.relation} m set "STATE" = {EXPIRED}, "TIME_MANAGER_INFO" = null,'
        f' "Q_NAME" = {_exception_queue(queue, "$3", "$4")}, "EXCEPTION_QUEUE" = "Q_NAME"'
        f" where {locked.format(expired)}",
        queue.name,
        now,
        queue.owner,
        queue.table,
    )
    if queue.retention > 0:
        host.native(
            f'delete from {queue.relation} where "Q_NAME" = $1 and "STATE" = {PROCESSED}'
            ' and "DEQ_TIME" < $2',
            queue.name,
            now - datetime.timedelta(seconds=queue.retention),
        )
    host.notify(queue.channel)
