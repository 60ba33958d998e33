"""Binds that look the same at every call, so that the driver does not have a statement parsed again.

The driver sends a statement's text again whenever a bind's type or size differs from the last call.
A text that is bound by its own length differs nearly always; here it gets a fixed size. What is
longer than PL/SQL's VARCHAR2 becomes a temporary CLOB, which costs a round trip.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import oracledb

#: The largest VARCHAR2 of PL/SQL, in bytes.
TEXT_BYTES: Final = 32767
#: Decimals of a span of time. Smaller ones than 1e-130, NUMBER's least, the driver would refuse.
SPAN_DECIMALS: Final = 9
#: The largest VARCHAR2 of SQL where MAX_STRING_SIZE is STANDARD, in bytes.
SQL_TEXT_BYTES: Final = 4000


def is_inline(text: str) -> bool:
    """Whether a text travels in the call itself."""
    # Four bytes is the longest character, so most texts need no encoding to know.
    return len(text) * 4 <= TEXT_BYTES or len(text.encode()) <= TEXT_BYTES


def bind_long(
    cursor: oracledb.AsyncCursor, kind: oracledb.DbType, value: str | bytes
) -> oracledb.Var:
    """A variable for a text or bytes of any length, which become a temporary LOB.

    Args:
        cursor: of the connection that will use it.
        kind: VARCHAR for a CLOB, NVARCHAR for an NCLOB, RAW for a BLOB: the driver makes the LOB
            of what is longer than PL/SQL's string, which an asynchronous LOB variable refuses.
        value: empty is null.
    """
    length = len(value.encode() if isinstance(value, str) else value)
    variable = cursor.var(kind, max(length, TEXT_BYTES + 1))
    if value:
        variable.setvalue(0, value)
    return variable


def bind_text(
    cursor: oracledb.AsyncCursor, text: str | None, size: int = TEXT_BYTES
) -> oracledb.Var:
    """A variable for a text.

    Args:
        cursor: of the connection that will use it.
        text: None is null.
        size: the largest that this bind ever holds; longer ones become a CLOB.
    """
    if text is not None and (len(text) > size or not is_inline(text)):
        return bind_long(cursor, oracledb.DB_TYPE_VARCHAR, text)
    variable = cursor.var(oracledb.DB_TYPE_VARCHAR, size)
    if text is not None:
        variable.setvalue(0, text)
    return variable


def round_span(span: float | None) -> float | None:
    """A span of seconds or days that NUMBER can hold, whatever a client has sent."""
    return None if span is None else round(span, SPAN_DECIMALS)


def bind_number(cursor: oracledb.AsyncCursor, number: float | None) -> oracledb.Var:
    """A variable for a number that may be null."""
    variable = cursor.var(oracledb.DB_TYPE_NUMBER)
    if number is not None:
        variable.setvalue(0, number)
    return variable


def bind_timestamp(cursor: oracledb.AsyncCursor, moment: datetime | None) -> oracledb.Var:
    """A variable for a time without a zone that may be null."""
    variable = cursor.var(oracledb.DB_TYPE_TIMESTAMP)
    if moment is not None:
        variable.setvalue(0, moment)
    return variable
