"""Oracle's values <-> PostgreSQL's text, by PostgreSQL's type."""

from __future__ import annotations

import datetime
import json
import re
import struct
from binascii import hexlify
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.postgres.wire import Field
from deploy.localdb.values import (
    NUMBER_CONTEXT,
    Date,
    Lob,
    Rowid,
    Rows,
    SqlType,
    TypeName,
    Value,
    YearMonth,
)
from deploy.localdb.zones import Region, region_of

Decoder: TypeAlias = Callable[[bytes], Value]

BOOL = 16
BYTEA = 17
NAME = 19
INT8 = 20
INT2 = 21
INT4 = 23
TEXT = 25
OID = 26
TID = 27
JSON = 114
FLOAT4 = 700
FLOAT8 = 701
UNKNOWN = 705
BPCHAR = 1042

#: Of the form of a time with a zone, without a region.
_ZONED_LENGTH = len("2024-01-01 10:00:00.000000+02:00")
VARCHAR = 1043
DATE = 1082
TIMESTAMP = 1114
TIMESTAMPTZ = 1184
INTERVAL = 1186
NUMERIC = 1700
JSONB = 3802

#: A NUMBER of so many characters may have more digits than Oracle keeps.
_LONG_NUMBER = 40
_MICROSECONDS = datetime.timedelta(microseconds=1)
_unpack_length = struct.Struct("!i").unpack_from


@dataclass(frozen=True)
class OwnTypes:
    """The OIDs of the types in schema `ora`, different in each cluster; 0: there is none."""

    date: int = 0
    clob: int = 0
    blob: int = 0
    tstz: int = 0


# ---- PostgreSQL -> Oracle ----


def _decode_text(data: bytes) -> Value:
    return data.decode() or None


def _decode_number(data: bytes) -> Value:
    if b"." not in data:
        if len(data) <= _LONG_NUMBER:
            return int(data)
        return _integral(NUMBER_CONTEXT.create_decimal(data.decode()))
    text = data.decode()
    if len(text) > _LONG_NUMBER:
        return _integral(NUMBER_CONTEXT.create_decimal(text))
    text = text.rstrip("0")
    return int(text[:-1]) if text[-1] == "." else Decimal(text)


def _integral(number: Decimal) -> Value:
    return int(number) if number == number.to_integral_value() else number


def _decode_integer(data: bytes) -> Value:
    return int(data)


def _decode_float(data: bytes) -> Value:
    return float(data)


def _decode_bool(data: bytes) -> Value:
    return data == b"t"


def _decode_bytes(data: bytes) -> Value:
    return bytes(data) or None  # in binary format


def _decode_clob(data: bytes) -> Value:
    return Lob(data.decode(), temporary=False)


def _decode_blob(data: bytes) -> Value:
    return Lob(bytes(data), temporary=False)


def _decode_date(data: bytes) -> Value:
    try:
        found = Date.fromisoformat(data.decode())
    except ValueError:
        raise Unsupported(f"a date outside of the years 1 to 9999: {data.decode()}") from None
    return found.replace(microsecond=0) if found.microsecond else found


def _decode_timestamp(data: bytes) -> Value:
    try:
        return datetime.datetime.fromisoformat(data.decode())
    except ValueError:
        raise Unsupported(f"a time outside of the years 1 to 9999: {data.decode()}") from None


def _decode_zoned(data: bytes) -> Value:
    """'2024-01-01 10:00:00.000000+02:00', after a blank the region."""
    moment, region = data[:_ZONED_LENGTH], data[_ZONED_LENGTH + 1 :]
    value = _decode_timestamp(moment)
    if not region or not isinstance(value, datetime.datetime):
        return value
    offset = value.utcoffset() or datetime.timedelta()
    return value.replace(tzinfo=Region(region.decode(), offset))


_INTERVAL = re.compile(
    rb"(?:(?P<years>[+-]?\d+) years?)? ?(?:(?P<months>[+-]?\d+) mons?)? ?"
    rb"(?:(?P<days>[+-]?\d+) days?)? ?"
    rb"(?:(?P<sign>[+-]?)(?P<hours>\d+):(?P<minutes>\d\d):(?P<seconds>\d\d(?:\.\d+)?))?"
)


def _decode_interval(data: bytes) -> Value:
    match = _INTERVAL.fullmatch(data)
    if match is None:
        raise Unsupported(f"an interval {data.decode()}")
    if match["years"] or match["months"]:
        return YearMonth(int(match["years"] or 0) * 12 + int(match["months"] or 0))
    seconds, _, fraction = (match["seconds"] or b"0").partition(b".")
    time = datetime.timedelta(
        hours=int(match["hours"] or 0),
        minutes=int(match["minutes"] or 0),
        seconds=int(seconds),
        microseconds=int(fraction.ljust(6, b"0")[:6] or 0),
    )
    if match["sign"] == b"-":
        time = -time
    return datetime.timedelta(days=int(match["days"] or 0)) + time


def _decode_year_month(data: bytes) -> Value:
    found = _decode_interval(data)
    return found if isinstance(found, YearMonth) else YearMonth(0)


#: Digits of a ROWID: OOOOOO FFF BBBBBB RRR for data object, file, block and row.
_ROWID_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_ROWID = re.compile(r"[A-Za-z0-9+/]{18}")


def _decode_rowid(data: bytes) -> Value:
    """PostgreSQL's '(block,row)'; object and file, which it does not tell, are zero."""
    block, _, row = data[1:-1].partition(b",")
    return Rowid("A" * 9 + _rowid_part(int(block), 6) + _rowid_part(int(row), 3))


def _rowid_part(number: int, size: int) -> str:
    digits = ""
    for _ in range(size):
        number, digit = divmod(number, 64)
        digits = _ROWID_DIGITS[digit] + digits
    return digits


def _encode_rowid(text: str) -> bytes:
    """As PostgreSQL reads it.

    Raises:
        OraError: 1410, the text is no ROWID.
    """
    if not _ROWID.fullmatch(text):
        raise OraError(1410, "invalid ROWID")
    block = row = 0
    for digit in text[9:15]:
        block = block * 64 + _ROWID_DIGITS.index(digit)
    for digit in text[15:]:
        row = row * 64 + _ROWID_DIGITS.index(digit)
    return b"(%d,%d)" % (block & 0xFFFFFFFF, row & 0xFFFF)


_DECODERS: Mapping[int, Decoder] = {
    BOOL: _decode_bool,
    BYTEA: _decode_bytes,
    INT2: _decode_integer,
    INT4: _decode_integer,
    INT8: _decode_integer,
    OID: _decode_integer,
    FLOAT4: _decode_float,
    FLOAT8: _decode_float,
    NUMERIC: _decode_number,
    DATE: _decode_date,
    TIMESTAMP: _decode_timestamp,
    TIMESTAMPTZ: _decode_timestamp,
    INTERVAL: _decode_interval,
    TID: _decode_rowid,
}

#: Of an interval's type modifier: it has the fields YEAR and MONTH only.
_YEAR_TO_MONTH = 0x0006
_MODIFIER_FIELDS = 0x7FFF


def _is_year_month(field: Field) -> bool:
    return field.modifier >= 0 and (field.modifier >> 16) & _MODIFIER_FIELDS == _YEAR_TO_MONTH


class Codec:
    """Decodes and encodes for one cluster."""

    def __init__(self, own: OwnTypes) -> None:
        self.own = own
        self._decoders = dict(_DECODERS)
        for oid, decoder in (
            (own.date, _decode_date),
            (own.clob, _decode_clob),
            (own.blob, _decode_blob),
            (own.tstz, _decode_zoned),
        ):
            if oid:
                self._decoders[oid] = decoder

    def is_binary(self, field: Field) -> bool:
        """Whether a column comes in binary format: RAW and BLOB, whose text is twice as long."""
        return field.type == BYTEA or (field.type == self.own.blob and field.type != 0)

    def decoders(self, fields: Sequence[Field]) -> tuple[Decoder, ...]:
        return tuple(
            _decode_year_month
            if field.type == INTERVAL and _is_year_month(field)
            else self._decoders.get(field.type, _decode_text)
            for field in fields
        )

    def decode(self, text: str, type_: SqlType | None) -> Value:
        """A value from PostgreSQL's text for a type; text itself where the type is not known."""
        oid = TID if type_ == SqlType(TypeName.ROWID) else self.parameter_type(type_)
        if oid == BYTEA:
            return bytes.fromhex(text.removeprefix("\\x")) or None
        if oid == INTERVAL and type_ is not None and type_.name is TypeName.INTERVAL_YM:
            return _decode_year_month(text.encode())
        return self._decoders.get(oid, _decode_text)(text.encode())

    def sql_type(self, field: Field) -> SqlType:
        """A result's type where the catalogue does not know its column."""
        match field.type:
            case 1700:
                if field.modifier < 0:
                    return SqlType(TypeName.NUMBER)
                modifier = field.modifier - 4
                scale = modifier & 0x7FF
                if scale & 0x400:
                    scale -= 0x800
                return SqlType(TypeName.NUMBER, precision=modifier >> 16, scale=scale)
            case 20 | 21 | 23 | 26:
                return SqlType(TypeName.NUMBER)
            case 700:
                return SqlType(TypeName.BINARY_FLOAT)
            case 701:
                return SqlType(TypeName.BINARY_DOUBLE)
            case 16:
                return SqlType(TypeName.BOOLEAN)
            case 17:
                return SqlType(TypeName.RAW, size=2000)
            case 27:
                return SqlType(TypeName.ROWID)
            case 1082:
                return SqlType(TypeName.DATE)
            case 1114:
                return SqlType(TypeName.TIMESTAMP, scale=_fraction(field))
            case 1184:
                return SqlType(TypeName.TIMESTAMP_TZ, scale=_fraction(field))
            case 1186:
                if _is_year_month(field):
                    return SqlType(TypeName.INTERVAL_YM, precision=2)
                return SqlType(TypeName.INTERVAL_DS, precision=2, scale=6)
            case oid if oid and oid == self.own.date:
                return SqlType(TypeName.DATE)
            case oid if oid and oid == self.own.tstz:
                return SqlType(TypeName.TIMESTAMP_TZ, scale=6)
            case oid if oid and oid == self.own.clob:
                return SqlType(TypeName.CLOB)
            case oid if oid and oid == self.own.blob:
                return SqlType(TypeName.BLOB)
            case _:
                return SqlType(TypeName.VARCHAR2, size=4000)

    def parameter_type(self, type_: SqlType | None) -> int:
        """The OID to declare a bind with; 0: PostgreSQL finds out, as Oracle converts text."""
        if type_ is None:
            return 0
        match type_.name:
            case TypeName.NUMBER | TypeName.FLOAT | TypeName.BINARY_INTEGER:
                return NUMERIC
            case TypeName.BINARY_DOUBLE:
                return FLOAT8
            case TypeName.BINARY_FLOAT:
                return FLOAT4
            case TypeName.DATE:
                return self.own.date
            case TypeName.TIMESTAMP | TypeName.TIMESTAMP_LTZ:
                return TIMESTAMP
            case TypeName.TIMESTAMP_TZ:
                return self.own.tstz
            case TypeName.INTERVAL_DS | TypeName.INTERVAL_YM:
                return INTERVAL
            case TypeName.RAW | TypeName.LONG_RAW:
                return BYTEA
            case TypeName.CLOB | TypeName.NCLOB:
                return self.own.clob
            case TypeName.BLOB:
                return self.own.blob
            case TypeName.BOOLEAN:
                return BOOL
            case _:
                return 0


def _fraction(field: Field) -> int:
    return field.modifier if field.modifier >= 0 else 6


def decode_row(row: bytes, decoders: Sequence[Decoder]) -> tuple[Value, ...]:
    """A DataRow message as values."""
    values: list[Value] = []
    position = 2
    for decoder in decoders:
        (length,) = _unpack_length(row, position)
        position += 4
        if length < 0:
            values.append(None)
        else:
            end = position + length
            values.append(decoder(row[position:end]))
            position = end
    return tuple(values)


# ---- Oracle -> PostgreSQL ----


def encode(value: Value) -> bytes | None:
    """A value as text that PostgreSQL reads as the type of the parameter.

    Raises:
        Unsupported: there is no such type in SQL.
    """
    if value is None:
        return None
    encoder = _ENCODERS.get(value.__class__)
    if encoder is not None:
        return encoder(value)
    for type_, inherited in _ENCODERS.items():
        if isinstance(value, type_):
            return inherited(value)
    raise Unsupported(f"a bind of {type(value).__name__} in SQL")


def encode_row(values: Sequence[Value], types: Sequence[int]) -> list[bytes | None]:
    """The values of a statement's parameters, of these OIDs as far as they are known.

    Raises:
        Unsupported: there is no such type in SQL.
    """
    encoded = [encode(value) for value in values]
    for number, (value, oid) in enumerate(zip(values, types, strict=False)):
        # PostgreSQL's own types keep no region.
        if oid in (TIMESTAMP, TIMESTAMPTZ) and isinstance(value, datetime.datetime):
            encoded[number] = _encode_time(_without_region(value), "microseconds")
    return encoded


def _without_region(value: datetime.datetime) -> datetime.datetime:
    offset = value.utcoffset()
    return value if offset is None else value.replace(tzinfo=datetime.timezone(offset))


def _encode_bytes(value: bytes | bytearray) -> bytes | None:
    return b"\\x" + hexlify(value) if value else None


def _encode_lob(value: Lob) -> bytes:
    if isinstance(value.data, bytes):
        return b"\\x" + hexlify(value.data)
    return _encode_text(value.data)


def _encode_rows(value: Rows) -> bytes:
    """As JSON: arrays of texts, each as `encode` gives it."""
    rows = [
        [None if one is None else one.decode() for one in map(encode, row)] for row in value.values
    ]
    return json.dumps(rows, ensure_ascii=False).encode()


def _encode_text(text: str) -> bytes:
    if "\0" in text:
        raise Unsupported("the character U+0000 in a text that goes to SQL")
    return text.encode()


def _encode_time(value: datetime.datetime, precision: str) -> bytes:
    text = value.isoformat(sep=" ", timespec=precision)
    region = region_of(value) if value.tzinfo is not None else None
    return f"{text} {region}".encode() if region else text.encode()


#: By class; of a class that is not here the first that it inherits from counts.
_ENCODERS: Mapping[type, Callable[[Any], bytes | None]] = {
    Rowid: lambda value: _encode_rowid(value) if value else None,
    str: lambda value: _encode_text(value) or None,
    bool: lambda value: b"true" if value else b"false",
    int: lambda value: b"%d" % value,
    Decimal: lambda value: format(value, "f").encode(),
    float: lambda value: repr(value).encode(),
    bytes: _encode_bytes,
    bytearray: _encode_bytes,
    Date: lambda value: _encode_time(value, "seconds"),
    datetime.datetime: lambda value: _encode_time(value, "microseconds"),
    datetime.timedelta: lambda value: b"%d microseconds" % (value // _MICROSECONDS),
    YearMonth: lambda value: b"%d months" % value.months,
    Lob: _encode_lob,
    Rows: _encode_rows,
}
