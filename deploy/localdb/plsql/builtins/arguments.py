"""What STANDARD's functions do with their arguments: conversions, NULL, results.

Source: SQL Language Reference 19c, Data Types, "Implicit Data Conversion".
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from deploy.localdb.plsql.builtins import formats
from deploy.localdb.plsql.builtins.nls import session_nls
from deploy.localdb.plsql.host import Host
from deploy.localdb.values import Lob, Value

#: The default of an argument that may be left out where that is not the same as NULL.
MISSING: Any = object()

#: The longest VARCHAR2 of PL/SQL; a longer result of a CLOB stays a CLOB.
_MAX_TEXT = 32767


def text_of(host: Host, value: Value) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return formats.to_char(value, None, session_nls(host))


def number_of(host: Host, value: Value) -> int | Decimal | float | None:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return value
    return formats.to_number(value, session_nls(host))


def integer_of(host: Host, value: Value) -> int | None:
    number = number_of(host, value)
    return None if number is None else int(number)


def decimal_of(host: Host, value: Value) -> Decimal | None:
    number = number_of(host, value)
    return None if number is None else formats.to_decimal(number)


def datetime_of(host: Host, value: Value) -> datetime.datetime | None:
    if isinstance(value, datetime.datetime):
        return value
    return formats.to_datetime(value, host.now().date(), session_nls(host))


def as_text(text: str | None, *sources: Value) -> Value:
    """Text as a VARCHAR2, or as a CLOB where it came from one and is too long."""
    if not text:
        return None
    if len(text) > _MAX_TEXT and any(isinstance(source, Lob) for source in sources):
        return Lob(text)
    return text
