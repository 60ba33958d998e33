"""The columns of a queue table and of its AQ$ view.

Source: Database Reference 19c, AQ$Queue_Table_Name; Advanced Queuing User's Guide 19c, Views.
"""

from __future__ import annotations

from dataclasses import dataclass

from deploy.localdb.queue_definitions import quote
from deploy.localdb.values import TypeName


@dataclass(frozen=True)
class QueueColumn:
    """A column of a queue table or its view."""

    name: str
    sql: str
    type: TypeName
    size: int | None = None
    precision: int | None = None
    nullable: bool = True


def _text(name: str, size: int) -> QueueColumn:
    return QueueColumn(name, "text", TypeName.VARCHAR2, size)


def _number(name: str) -> QueueColumn:
    return QueueColumn(name, "numeric", TypeName.NUMBER)


def _timestamp(name: str) -> QueueColumn:
    return QueueColumn(name, "timestamp", TypeName.TIMESTAMP)


TABLE_COLUMNS = (
    _text("Q_NAME", 128),
    QueueColumn("MSGID", "bytea not null primary key", TypeName.RAW, 16, nullable=False),
    _text("CORRID", 128),
    _number("PRIORITY"),
    _number("STATE"),
    _timestamp("DELAY"),
    _number("EXPIRATION"),
    _timestamp("TIME_MANAGER_INFO"),
    _number("LOCAL_ORDER_NO"),
    _number("CHAIN_NO"),
    _number("CSCN"),
    _number("DSCN"),
    _timestamp("ENQ_TIME"),
    _text("ENQ_UID", 128),
    _text("ENQ_TID", 30),
    _timestamp("DEQ_TIME"),
    _text("DEQ_UID", 128),
    _text("DEQ_TID", 30),
    QueueColumn("RETRY_COUNT", "numeric not null default 0", TypeName.NUMBER),
    _text("EXCEPTION_QSCHEMA", 128),
    _text("EXCEPTION_QUEUE", 128),
    _number("STEP_NO"),
    _number("RECIPIENT_KEY"),
    QueueColumn("DEQUEUE_MSGID", "bytea", TypeName.RAW, 16),
    _text("SENDER_NAME", 128),
    _text("SENDER_ADDRESS", 1024),
    _number("SENDER_PROTOCOL"),
    QueueColumn("USER_DATA", "bytea", TypeName.RAW, 32767),
)


#: The session's time zone; PostgreSQL reads an offset in a text with the other sign.
_ZONE = "current_setting('ora.time_zone', true)"


def _local(column: str) -> str:
    """A UTC column in the session's time zone, as a DATE."""
    instant = f"(date_trunc('second', q.{quote(column)}) at time zone 'UTC')"
    return (
        f"(case when {_ZONE} ~ '^[+-]' then {instant} at time zone {_ZONE}::interval"
        f" else {instant} at time zone coalesce(nullif({_ZONE}, ''), 'UTC') end)::ora.date"
    )


VIEW_COLUMNS = (
    QueueColumn("QUEUE", 'q."Q_NAME"', TypeName.VARCHAR2, 128),
    QueueColumn("MSG_ID", 'q."MSGID"', TypeName.RAW, 16),
    QueueColumn("CORR_ID", 'q."CORRID"', TypeName.VARCHAR2, 128),
    QueueColumn("MSG_PRIORITY", 'q."PRIORITY"', TypeName.NUMBER),
    QueueColumn(
        "MSG_STATE",
        "case q.\"STATE\" when 0 then 'READY' when 2 then 'PROCESSED' when 3 then 'EXPIRED'"
        " else case when q.\"DELAY\" <= (clock_timestamp() at time zone 'UTC') then 'READY'"
        " else 'WAIT' end end",
        TypeName.VARCHAR2,
        16,
    ),
    QueueColumn("DELAY", _local("DELAY"), TypeName.DATE),
    QueueColumn("DELAY_TIMESTAMP", 'q."DELAY"', TypeName.TIMESTAMP),
    QueueColumn("EXPIRATION", 'nullif(q."EXPIRATION", -1)', TypeName.NUMBER),
    QueueColumn("ENQ_TIME", _local("ENQ_TIME"), TypeName.DATE),
    QueueColumn("ENQ_TIMESTAMP", 'q."ENQ_TIME"', TypeName.TIMESTAMP),
    QueueColumn("ENQ_USER_ID", 'q."ENQ_UID"', TypeName.VARCHAR2, 128),
    QueueColumn("ENQ_TXN_ID", 'q."ENQ_TID"', TypeName.VARCHAR2, 30),
    QueueColumn("DEQ_TIME", _local("DEQ_TIME"), TypeName.DATE),
    QueueColumn("DEQ_TIMESTAMP", 'q."DEQ_TIME"', TypeName.TIMESTAMP),
    QueueColumn("DEQ_USER_ID", 'q."DEQ_UID"', TypeName.VARCHAR2, 128),
    QueueColumn("DEQ_TXN_ID", 'q."DEQ_TID"', TypeName.VARCHAR2, 30),
    QueueColumn("RETRY_COUNT", 'q."RETRY_COUNT"', TypeName.NUMBER),
    QueueColumn(
        "EXCEPTION_QUEUE_OWNER",
        'case when q."STATE" <> 3 then q."EXCEPTION_QSCHEMA" end',
        TypeName.VARCHAR2,
        128,
    ),
    QueueColumn(
        "EXCEPTION_QUEUE",
        'case when q."STATE" <> 3 then q."EXCEPTION_QUEUE" end',
        TypeName.VARCHAR2,
        128,
    ),
    QueueColumn("USER_DATA", 'q."USER_DATA"', TypeName.RAW, 32767),
    QueueColumn(
        "ORIGINAL_QUEUE_NAME",
        'case when q."STATE" = 3 then q."EXCEPTION_QUEUE" end',
        TypeName.VARCHAR2,
        128,
    ),
)
