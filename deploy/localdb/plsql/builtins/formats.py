"""Conversions between Oracle's types and text, explicit and implicit. Pure.

Source: SQL Language Reference 19c, Data Types, "Implicit Data Conversion"; Functions, TO_CHAR,
TO_DATE, TO_TIMESTAMP, TO_TIMESTAMP_TZ, TO_NUMBER.
"""

from __future__ import annotations

import datetime
from decimal import Decimal, InvalidOperation

from deploy.localdb.errors import OraError
from deploy.localdb.plsql.builtins import date_parsing
from deploy.localdb.plsql.builtins.date_formats import format_date
from deploy.localdb.plsql.builtins.intervals import (
    interval_text,
    parse_day_second,
    parse_year_month,
)
from deploy.localdb.plsql.builtins.nls import DEFAULT, Nls
from deploy.localdb.plsql.builtins.number_formats import (
    as_number,
    format_number,
    number_text,
    parse_number,
)
from deploy.localdb.values import NUMBER_CONTEXT, Date, Lob, Value, YearMonth
from deploy.localdb.zones import on_clock


def to_char(value: Value, model: str | None = None, nls: Nls = DEFAULT) -> str | None:
    """TO_CHAR, and what implicit conversion to text gives."""
    match value:
        case None:
            return None
        case str():
            return value
        case bool():
            raise OraError(
                6502, "PL/SQL: numeric or value error: character to number conversion error"
            )
        case int() | Decimal() | float():
            return format_number(value, model, nls) or None
        case datetime.datetime():
            return format_date(value, model, nls) or None
        case datetime.timedelta() | YearMonth():
            return interval_text(value)
        case bytes():
            return value.hex().upper() or None
        case Lob():
            if isinstance(value.data, bytes):
                return value.data.hex().upper() or None
            return value.data or None
        case _:
            return str(value)


def to_number(value: Value, nls: Nls = DEFAULT) -> int | Decimal | float | None:
    """What implicit conversion to a number gives.

    Raises:
        OraError: 1722 for text that is none, 932 for a type that has no conversion.
    """
    match value:
        case None:
            return None
        case bool():
            raise OraError(932, "inconsistent datatypes: expected NUMBER got BOOLEAN")
        case int() | Decimal() | float():
            return value
        case str():
            return parse_number(value, nls)
        case Lob() if isinstance(value.data, str):
            return parse_number(value.data, nls) if value.data else None
        case _:
            raise OraError(932, f"inconsistent datatypes: expected NUMBER got {type_text(value)}")


def to_decimal(value: int | Decimal | float) -> Decimal:
    """A number for arithmetic in NUMBER_CONTEXT.

    Raises:
        OraError: 1426 for an infinite or undefined BINARY_DOUBLE.
    """
    try:
        if isinstance(value, float):
            return NUMBER_CONTEXT.create_decimal(repr(value))
        return NUMBER_CONTEXT.create_decimal(value)
    except InvalidOperation:
        raise OraError(1426, "numeric overflow") from None


def to_integer(value: Value, nls: Nls = DEFAULT) -> int | None:
    """A number without what is behind its point, for positions and lengths."""
    number = to_number(value, nls)
    return None if number is None else int(number)


def to_datetime(value: Value, today: datetime.date, nls: Nls = DEFAULT) -> datetime.datetime | None:
    """What implicit conversion to a DATE or TIMESTAMP gives.

    Raises:
        OraError: as `date_parsing.to_date`, 932 for a type that has no conversion.
    """
    match value:
        case None:
            return None
        case datetime.datetime():
            return value
        case str():
            return date_parsing.to_date(value, None, today, nls)
        case _:
            raise OraError(932, f"inconsistent datatypes: expected DATE got {type_text(value)}")


def to_date(
    value: Value, model: str | None, today: datetime.date, nls: Nls = DEFAULT
) -> Date | None:
    """TO_DATE."""
    if value is None:
        return None
    if isinstance(value, datetime.datetime):
        if model is None:
            return Date(*value.timetuple()[:6])
        value = format_date(value, None, nls)
    return date_parsing.to_date(to_char(value, None, nls) or "", model, today, nls)


def to_timestamp(
    value: Value, model: str | None, today: datetime.date, nls: Nls = DEFAULT
) -> datetime.datetime | None:
    """TO_TIMESTAMP."""
    if value is None:
        return None
    if isinstance(value, datetime.datetime):
        return as_timestamp(value.replace(tzinfo=None))
    text = to_char(value, None, nls) or ""
    found = date_parsing.parse_date(text, model or nls.timestamp_format, today, nls)
    return found.replace(tzinfo=None)


def to_timestamp_tz(
    value: Value,
    model: str | None,
    today: datetime.date,
    zone: datetime.tzinfo,
    nls: Nls = DEFAULT,
) -> datetime.datetime | None:
    """TO_TIMESTAMP_TZ; zone: the session's, for what names none."""
    if value is None:
        return None
    if isinstance(value, datetime.datetime):
        moment: datetime.datetime = as_timestamp(value)
        return moment if moment.tzinfo is not None else on_clock(moment, zone)
    text = to_char(value, None, nls) or ""
    return date_parsing.parse_date(text, model or nls.timestamp_tz_format, today, nls, zone=zone)


def as_timestamp(value: datetime.datetime) -> datetime.datetime:
    """A DATE as a TIMESTAMP; a timestamp as it is."""
    if isinstance(value, Date):
        return datetime.datetime.combine(value.date(), value.time(), value.tzinfo)
    return value


def as_date(value: datetime.datetime) -> Date:
    """A timestamp as a DATE, its fraction cut off."""
    if isinstance(value, Date):
        return value
    return Date(value.year, value.month, value.day, value.hour, value.minute, value.second)


def type_text(value: Value) -> str:
    """The name of a value's type as error messages have it."""
    match value:
        case bool():
            return "BOOLEAN"
        case Date():
            return "DATE"
        case datetime.datetime():
            return "TIMESTAMP" if value.tzinfo is None else "TIMESTAMP WITH TIME ZONE"
        case datetime.timedelta():
            return "INTERVAL DAY TO SECOND"
        case YearMonth():
            return "INTERVAL YEAR TO MONTH"
        case int() | float() | Decimal():
            return "NUMBER"
        case str():
            return "CHAR"
        case bytes():
            return "BINARY"
        case Lob():
            return "BLOB" if value.is_binary else "CLOB"
        case _:
            return "UDT"


__all__ = [
    "as_date",
    "as_number",
    "as_timestamp",
    "number_text",
    "parse_day_second",
    "parse_number",
    "parse_year_month",
    "to_char",
    "to_date",
    "to_datetime",
    "to_decimal",
    "to_integer",
    "to_number",
    "to_timestamp",
    "to_timestamp_tz",
    "type_text",
]
