"""The values of binds and of columns, by type."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal

from deploy.localdb.errors import OraError
from deploy.localdb.tns import datatypes
from deploy.localdb.tns.buffer import Reader, Writer
from deploy.localdb.tns.constants import FORM_NATIONAL, WireType
from deploy.localdb.tns.metadata import Metadata
from deploy.localdb.tns.replies import Locator
from deploy.localdb.values import Value, YearMonth

_BOOLEAN_NULL = 253
_TEXT = frozenset({WireType.VARCHAR, WireType.CHAR, WireType.LONG})
_BYTES = frozenset({WireType.RAW, WireType.LONG_RAW})
_DECODERS: dict[WireType, Callable[[bytes], Value]] = {
    WireType.NUMBER: datatypes.decode_number,
    WireType.BINARY_INTEGER: datatypes.decode_number,
    WireType.DATE: datatypes.decode_date,
    WireType.TIMESTAMP: datatypes.decode_timestamp,
    WireType.TIMESTAMP_LTZ: datatypes.decode_timestamp,
    WireType.TIMESTAMP_TZ: datatypes.decode_timestamp_tz,
    WireType.INTERVAL_DS: datatypes.decode_interval_ds,
    WireType.INTERVAL_YM: datatypes.decode_interval_ym,
    WireType.BINARY_DOUBLE: datatypes.decode_double,
    WireType.BINARY_FLOAT: datatypes.decode_float,
    WireType.RAW: bytes,
    WireType.LONG_RAW: bytes,
    WireType.ROWID: lambda data: data.decode("ascii", "replace"),
    WireType.UROWID: lambda data: data.decode("ascii", "replace"),
}


def read_value(reader: Reader, metadata: Metadata) -> Value:
    """One value of a bind; a LOB's is its locator, a cursor's its id."""
    kind = metadata.wire_type
    if kind in _TEXT:
        data = reader.b1()
        if data is None:
            return None
        if metadata.form == FORM_NATIONAL:
            return data.decode("utf-16-be", "replace")
        return data.decode("utf-8", "replace")
    if kind is WireType.BOOLEAN:
        size = reader.u8()
        if size == _BOOLEAN_NULL:
            reader.u8()
            return None
        return reader.raw(size)[-1] == 1 if size else None
    if kind in (WireType.CLOB, WireType.BLOB):
        return reader.b2()
    if kind is WireType.CURSOR:
        return (reader.ub() or None) if reader.u8() else None
    data = reader.b1()
    if data is None:
        return None
    return _DECODERS[kind](data)


def write_value(writer: Writer, kind: WireType, form: int, value: Value) -> None:
    """One value as a column or bind of that type has it.

    Raises:
        OraError: 932, the value is of no type that fits.
    """
    if value is None:
        writer.u8(0)
        return
    match kind:
        case WireType.VARCHAR | WireType.CHAR | WireType.LONG:
            text = _text(value)
            writer.b1(text.encode("utf-16-be") if form == FORM_NATIONAL else text.encode())
        case WireType.NUMBER | WireType.BINARY_INTEGER:
            if isinstance(value, str):
                value = _number(value)
            if not isinstance(value, int | Decimal | float):
                raise _inconsistent("NUMBER", value)
            writer.b1(datatypes.encode_number(int(value) if isinstance(value, bool) else value))
        case WireType.DATE:
            writer.b1(datatypes.encode_date(_moment(value)))
        case WireType.TIMESTAMP | WireType.TIMESTAMP_LTZ:
            writer.b1(datatypes.encode_timestamp(_moment(value)))
        case WireType.TIMESTAMP_TZ:
            writer.b1(datatypes.encode_timestamp_tz(_moment(value)))
        case WireType.RAW | WireType.LONG_RAW:
            writer.b1(_bytes(value))
        case WireType.CLOB | WireType.BLOB:
            if not isinstance(value, Locator):
                raise _inconsistent(kind.name, value)
            writer.ub(len(value.locator))
            writer.ub(value.length)
            writer.ub(8132)
            writer.b1(value.locator)
        case WireType.ROWID | WireType.UROWID:
            _write_rowid(writer, str(value))
        case WireType.BOOLEAN:
            writer.raw(b"\x02\x01\x01" if value else b"\x01\x00")
        case WireType.INTERVAL_DS if isinstance(value, datetime.timedelta):
            writer.b1(datatypes.encode_interval_ds(value))
        case WireType.INTERVAL_YM if isinstance(value, YearMonth):
            writer.b1(datatypes.encode_interval_ym(value))
        case WireType.BINARY_DOUBLE:
            writer.b1(datatypes.encode_double(_float(value)))
        case WireType.BINARY_FLOAT:
            writer.b1(datatypes.encode_float(_float(value)))
        case _:
            raise _inconsistent(kind.name, value)


def _inconsistent(wanted: str, value: object) -> OraError:
    return OraError(932, f"inconsistent datatypes: expected {wanted} got {type(value).__name__}")


def _text(value: Value) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Locator) and isinstance(value.data, str):
        return value.data
    if isinstance(value, bool):
        raise _inconsistent("CHAR", value)
    if isinstance(value, int | Decimal | float):
        text = str(value)
        return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text
    if isinstance(value, bytes):
        return value.hex().upper()
    return str(value)


def _float(value: Value) -> float:
    if isinstance(value, int | Decimal | float | str):
        return float(value)
    raise _inconsistent("BINARY_DOUBLE", value)


def _bytes(value: Value) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, Locator) and isinstance(value.data, bytes):
        return value.data
    raise _inconsistent("RAW", value)


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError:
        raise OraError(1722, "invalid number") from None


def _moment(value: Value) -> datetime.datetime:
    if isinstance(value, datetime.datetime):
        return value
    raise _inconsistent("DATE", value)


_ROWID_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def rowid_parts(text: str) -> tuple[int, int, int, int]:
    """OOOOOOFFFBBBBBBRRR as data object, file, block, row; zeros where it is something else."""
    if len(text) != 18 or any(c not in _ROWID_DIGITS for c in text):
        return 0, 0, 0, 0
    numbers = []
    for low, high in ((0, 6), (6, 9), (9, 15), (15, 18)):
        number = 0
        for c in text[low:high]:
            number = number * 64 + _ROWID_DIGITS.index(c)
        numbers.append(number)
    return numbers[0], numbers[1], numbers[2], numbers[3]


def _write_rowid(writer: Writer, text: str) -> None:
    rba, partition, block, slot = rowid_parts(text)
    writer.u8(1)
    writer.ub(rba)
    writer.ub(partition)
    writer.u8(0)
    writer.ub(block)
    writer.ub(slot)
