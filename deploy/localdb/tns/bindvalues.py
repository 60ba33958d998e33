"""The values of binds and of columns, by type."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable
from decimal import Decimal
from typing import TypeAlias

from deploy.localdb.errors import OraError
from deploy.localdb.tns import datatypes
from deploy.localdb.tns.buffer import SHORT_LIMIT, Reader, Writer
from deploy.localdb.tns.constants import FORM_NATIONAL, WireType
from deploy.localdb.tns.metadata import Metadata
from deploy.localdb.tns.replies import Locator
from deploy.localdb.values import Rowid, Value, YearMonth

_BOOLEAN_NULL = 253
#: What clients take as the best size of a piece of a LOB.
_CHUNK_SIZE = 8132
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
    WireType.ROWID: lambda data: Rowid(data.decode("ascii", "replace")),
    WireType.UROWID: lambda data: Rowid(data.decode("ascii", "replace")),
}


def read_value(reader: Reader, metadata: Metadata) -> Value:
    """One value of a bind; a LOB's is its locator, a cursor's its id.

    A value of a type that localdb does not have is passed over: its statement is refused.
    """
    kind = metadata.wire_type
    if kind in _TEXT:
        data = reader.b1()
        if data is None:
            return None
        return data.decode("utf-16-be" if metadata.form == FORM_NATIONAL else "utf-8", "replace")
    if (decode := _DECODERS.get(kind)) is not None:
        data = reader.b1()
        return None if data is None else decode(data)
    match kind:
        case WireType.BOOLEAN:
            size = reader.u8()
            if size == _BOOLEAN_NULL:
                reader.u8()
                return None
            return reader.raw(size)[-1] == 1 if size else None
        case WireType.CLOB | WireType.BLOB:
            return reader.b2()
        case WireType.CURSOR:
            if reader.u8() and reader.u8():
                return reader.ub()
        case WireType.BFILE:
            reader.b2()
        case WireType.JSON | WireType.VECTOR:
            if size := reader.ub():
                reader.skip(1 + size)
                reader.b1()
        case WireType.OBJECT:
            reader.b2()  # type OID
            reader.b2()  # OID
            reader.b2()  # snapshot
            reader.ub()  # version
            size = reader.ub()
            reader.ub()  # flags
            if size:
                reader.b1()
    return None


Encoder: TypeAlias = Callable[[Writer, Value], None]


def encoder(kind: WireType, form: int) -> Encoder:
    """Who writes the values of a column or bind, as long as they are not None (a zero byte).

    An encoder raises:
        OraError: 932, the value is of no type that fits; 1426, it is too large; 1722, no number.
    """
    if kind in _TEXT:
        return _write_national if form == FORM_NATIONAL else _write_text
    return _ENCODERS.get(kind, _write_unknown)


def _write_text(writer: Writer, value: Value) -> None:
    data = (value if isinstance(value, str) else _text(value)).encode("utf-8", "replace")
    size = len(data)
    if size <= SHORT_LIMIT:
        writer.data.append(size)
        writer.data += data
    else:
        writer.b1(data)


def _write_national(writer: Writer, value: Value) -> None:
    writer.b1(_text(value).encode("utf-16-be", "replace"))


def _write_number(writer: Writer, value: Value) -> None:
    if type(value) is not int:
        if isinstance(value, str):
            value = _number(value)
        if not isinstance(value, int | Decimal | float):
            raise _inconsistent("NUMBER", value)
        if isinstance(value, int):
            value = int(value)
    data = datatypes.encode_number(value)
    writer.data.append(len(data))
    writer.data += data


def _write_integer(writer: Writer, value: Value) -> None:
    if isinstance(value, str):
        value = _number(value)
    if isinstance(value, Decimal | float):
        value = math.trunc(value)
    _write_number(writer, value)


def _write_date(writer: Writer, value: Value) -> None:
    writer.b1(datatypes.encode_date(_moment(value)))


def _write_timestamp(writer: Writer, value: Value) -> None:
    writer.b1(datatypes.encode_timestamp(_moment(value)))


def _write_timestamp_tz(writer: Writer, value: Value) -> None:
    writer.b1(datatypes.encode_timestamp_tz(_moment(value)))


def _write_bytes(writer: Writer, value: Value) -> None:
    writer.b1(_bytes(value))


def _write_lob(writer: Writer, value: Value) -> None:
    if not isinstance(value, Locator):
        raise _inconsistent("CLOB or BLOB", value)
    writer.ub(len(value.locator))
    writer.ub(value.length)
    writer.ub(_CHUNK_SIZE)
    writer.b1(value.locator)


def _write_boolean(writer: Writer, value: Value) -> None:
    writer.raw(b"\x02\x01\x01" if value else b"\x01\x00")


def _write_interval_ds(writer: Writer, value: Value) -> None:
    if not isinstance(value, datetime.timedelta):
        raise _inconsistent("INTERVAL DAY TO SECOND", value)
    writer.b1(datatypes.encode_interval_ds(value))


def _write_interval_ym(writer: Writer, value: Value) -> None:
    if not isinstance(value, YearMonth):
        raise _inconsistent("INTERVAL YEAR TO MONTH", value)
    writer.b1(datatypes.encode_interval_ym(value))


def _write_double(writer: Writer, value: Value) -> None:
    writer.b1(datatypes.encode_double(_float(value)))


def _write_float(writer: Writer, value: Value) -> None:
    try:
        writer.b1(datatypes.encode_float(_float(value)))
    except OverflowError:
        raise OraError(1426, "numeric overflow") from None


def _write_unknown(writer: Writer, value: Value) -> None:
    raise _inconsistent("a type of localdb", value)


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
    if isinstance(value, str):
        try:
            return bytes.fromhex(value if len(value) % 2 == 0 else f"0{value}")
        except ValueError:
            raise OraError(1465, "invalid hex number") from None
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


def _write_rowid(writer: Writer, value: Value) -> None:
    rba, partition, block, slot = rowid_parts(str(value))
    writer.u8(1)
    writer.ub(rba)
    writer.ub(partition)
    writer.u8(0)
    writer.ub(block)
    writer.ub(slot)


_ENCODERS: dict[WireType, Encoder] = {
    WireType.NUMBER: _write_number,
    WireType.BINARY_INTEGER: _write_integer,
    WireType.DATE: _write_date,
    WireType.TIMESTAMP: _write_timestamp,
    WireType.TIMESTAMP_LTZ: _write_timestamp,
    WireType.TIMESTAMP_TZ: _write_timestamp_tz,
    WireType.RAW: _write_bytes,
    WireType.LONG_RAW: _write_bytes,
    WireType.CLOB: _write_lob,
    WireType.BLOB: _write_lob,
    WireType.ROWID: _write_rowid,
    WireType.UROWID: _write_rowid,
    WireType.BOOLEAN: _write_boolean,
    WireType.INTERVAL_DS: _write_interval_ds,
    WireType.INTERVAL_YM: _write_interval_ym,
    WireType.BINARY_DOUBLE: _write_double,
    WireType.BINARY_FLOAT: _write_float,
}
