"""Binds that look the same at every call, so that the driver does not have a statement parsed again.

The driver sends a statement's text again whenever a bind's type or size differs from the last call.
A text that is bound by its own length differs nearly always; here it gets a fixed size. What is
longer than PL/SQL's VARCHAR2 becomes a temporary CLOB, which costs a round trip.
"""

from __future__ import annotations

from typing import Final

import oracledb

#: The largest VARCHAR2 of PL/SQL, in bytes.
TEXT_BYTES: Final = 32767


def is_inline(text: str) -> bool:
    """Whether a text travels in the call itself."""
    # Four bytes is the longest character, so most texts need no encoding to know.
    return len(text) * 4 <= TEXT_BYTES or len(text.encode()) <= TEXT_BYTES


def bind_text(
    cursor: oracledb.AsyncCursor, text: str | None, size: int = TEXT_BYTES
) -> oracledb.Var:
    """A variable for a text.

    Args:
        cursor: of the connection that will use it.
        text: None is null.
        size: the largest that this bind ever holds; longer ones become a CLOB.
    """
    if text is None or (len(text) <= size and is_inline(text)):
        variable = cursor.var(oracledb.DB_TYPE_VARCHAR, size)
    else:
        variable = cursor.var(oracledb.DB_TYPE_CLOB)
    if text is not None:
        variable.setvalue(0, text)
    return variable


def bind_number(cursor: oracledb.AsyncCursor, number: float | None) -> oracledb.Var:
    """A variable for a number that may be null."""
    variable = cursor.var(oracledb.DB_TYPE_NUMBER)
    if number is not None:
        variable.setvalue(0, number)
    return variable
