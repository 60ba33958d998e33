"""Types as the wire describes them: binds and defines that come in, columns that go out."""

from __future__ import annotations

from dataclasses import dataclass

from deploy.localdb.errors import Unsupported
from deploy.localdb.tns.buffer import Reader, Writer
from deploy.localdb.tns.constants import (
    CHARSET,
    FIELD_VERSION_12_2,
    FIELD_VERSION_23_1,
    FIELD_VERSION_23_1_EXT3,
    FIELD_VERSION_23_4,
    FORM_DATABASE,
    FORM_NATIONAL,
    LONGEST_INLINE,
    NATIONAL_CHARSET,
    WireType,
)
from deploy.localdb.tns.errors import RemoteProtocolError
from deploy.localdb.tns.requests import Bind
from deploy.localdb.values import Column, SqlType, TypeName

_ARRAY = 0x40
_WIRE_TYPES = {int(kind): kind for kind in WireType}
#: Their buffer size is no size of values.
_NEVER_LONG = frozenset({WireType.JSON, WireType.VECTOR})
_NUMBER_WITHOUT_SCALE = -127
_TEXT = {TypeName.VARCHAR2, TypeName.CHAR, TypeName.NVARCHAR2, TypeName.NCHAR}
_NATIONAL = {TypeName.NVARCHAR2, TypeName.NCHAR, TypeName.NCLOB}

BIND_TYPES = {
    WireType.VARCHAR: TypeName.VARCHAR2,
    WireType.NUMBER: TypeName.NUMBER,
    # A client's native integer: any NUMBER goes in, and what comes out loses its fraction.
    WireType.BINARY_INTEGER: TypeName.NUMBER,
    WireType.LONG: TypeName.LONG,
    WireType.ROWID: TypeName.ROWID,
    WireType.UROWID: TypeName.ROWID,
    WireType.DATE: TypeName.DATE,
    WireType.RAW: TypeName.RAW,
    WireType.LONG_RAW: TypeName.LONG_RAW,
    WireType.CHAR: TypeName.CHAR,
    WireType.BINARY_FLOAT: TypeName.BINARY_FLOAT,
    WireType.BINARY_DOUBLE: TypeName.BINARY_DOUBLE,
    WireType.CURSOR: TypeName.CURSOR,
    WireType.CLOB: TypeName.CLOB,
    WireType.BLOB: TypeName.BLOB,
    WireType.TIMESTAMP: TypeName.TIMESTAMP,
    WireType.TIMESTAMP_TZ: TypeName.TIMESTAMP_TZ,
    WireType.TIMESTAMP_LTZ: TypeName.TIMESTAMP_LTZ,
    WireType.INTERVAL_YM: TypeName.INTERVAL_YM,
    WireType.INTERVAL_DS: TypeName.INTERVAL_DS,
    WireType.BOOLEAN: TypeName.BOOLEAN,
}
_WITH_NATIONAL_FORM = {
    TypeName.VARCHAR2: TypeName.NVARCHAR2,
    TypeName.CHAR: TypeName.NCHAR,
    TypeName.CLOB: TypeName.NCLOB,
}
COLUMN_TYPES = {
    TypeName.VARCHAR2: WireType.VARCHAR,
    TypeName.NVARCHAR2: WireType.VARCHAR,
    TypeName.CHAR: WireType.CHAR,
    TypeName.NCHAR: WireType.CHAR,
    TypeName.LONG: WireType.LONG,
    TypeName.NUMBER: WireType.NUMBER,
    TypeName.FLOAT: WireType.NUMBER,
    TypeName.BINARY_INTEGER: WireType.NUMBER,
    TypeName.BINARY_FLOAT: WireType.BINARY_FLOAT,
    TypeName.BINARY_DOUBLE: WireType.BINARY_DOUBLE,
    TypeName.DATE: WireType.DATE,
    TypeName.TIMESTAMP: WireType.TIMESTAMP,
    TypeName.TIMESTAMP_TZ: WireType.TIMESTAMP_TZ,
    TypeName.TIMESTAMP_LTZ: WireType.TIMESTAMP_LTZ,
    TypeName.INTERVAL_DS: WireType.INTERVAL_DS,
    TypeName.INTERVAL_YM: WireType.INTERVAL_YM,
    TypeName.RAW: WireType.RAW,
    TypeName.LONG_RAW: WireType.LONG_RAW,
    TypeName.CLOB: WireType.CLOB,
    TypeName.NCLOB: WireType.CLOB,
    TypeName.BLOB: WireType.BLOB,
    TypeName.JSON: WireType.CLOB,
    TypeName.ROWID: WireType.ROWID,
    TypeName.BOOLEAN: WireType.BOOLEAN,
    TypeName.CURSOR: WireType.CURSOR,
}
#: Bytes of a value; 0 would tell the client that the column is always NULL.
_SIZES = {
    WireType.NUMBER: 22,
    WireType.BINARY_FLOAT: 4,
    WireType.BINARY_DOUBLE: 8,
    WireType.DATE: 7,
    WireType.TIMESTAMP: 11,
    WireType.TIMESTAMP_LTZ: 11,
    WireType.TIMESTAMP_TZ: 13,
    WireType.INTERVAL_DS: 11,
    WireType.INTERVAL_YM: 5,
    WireType.CLOB: 4000,
    WireType.BLOB: 4000,
    WireType.ROWID: 18,
    WireType.BOOLEAN: 1,
    WireType.CURSOR: 4,
    WireType.LONG: 0x7FFFFFFF,
    WireType.LONG_RAW: 0x7FFFFFFF,
}


@dataclass(frozen=True)
class Metadata:
    """A bind or define as the client sent it."""

    wire_type: WireType
    form: int
    buffer_size: int
    max_elements: int
    is_array: bool

    @property
    def is_long(self) -> bool:
        """Whether SQL gets the value behind the others of its row."""
        return self.buffer_size > LONGEST_INLINE and self.wire_type not in _NEVER_LONG

    def bind(self) -> Bind:
        """For the session.

        Raises:
            Unsupported: a type that localdb does not have.
        """
        name = BIND_TYPES.get(self.wire_type)
        if name is None:
            raise Unsupported(f"binds of type {self.wire_type.name}")
        if self.form == FORM_NATIONAL:
            name = _WITH_NATIONAL_FORM.get(name, name)
        size = None
        if name in _TEXT:
            size = max(1, self.buffer_size // (2 if self.form == FORM_NATIONAL else 4))
        elif name is TypeName.RAW:
            size = max(1, self.buffer_size)
        return Bind(
            SqlType(name, size),
            self.buffer_size,
            self.max_elements if self.is_array else 0,
        )


def read_metadata(reader: Reader, field_version: int) -> Metadata:
    """One bind or define.

    Source: wire layout as in python-oracledb, messages/base.pyx, _write_column_metadata.
    """
    number = reader.u8()
    flags = reader.u8()
    reader.skip(2)  # precision, scale
    buffer_size = reader.ub()
    max_elements = reader.ub()
    reader.ub()  # cont flags
    reader.b2()  # type OID
    reader.ub()  # version
    reader.ub()  # charset
    form = reader.u8()
    reader.ub()  # LOB prefetch length
    if field_version >= FIELD_VERSION_12_2:
        reader.ub()
    wire_type = _WIRE_TYPES.get(number)
    if wire_type is None:
        raise RemoteProtocolError(f"a bind of type {number}")
    return Metadata(wire_type, form, buffer_size, max_elements, bool(flags & _ARRAY))


def wire_type(type_: SqlType) -> WireType:
    return COLUMN_TYPES[type_.name]


def write_columns(writer: Writer, columns: tuple[Column, ...], field_version: int) -> None:
    """Describe information: all columns of a result.

    Source: python-oracledb, messages/base.pyx, _process_describe_info and _process_metadata.
    """
    writer.ub(sum(_size(column.type) for column in columns))
    writer.ub(len(columns))
    if columns:
        writer.u8(0)
    for position, column in enumerate(columns, 1):
        _write_column(writer, column, position, field_version)
    writer.u8(0)  # current date
    for _ in range(4):
        writer.ub(0)
    writer.ub(0)


def _size(type_: SqlType) -> int:
    kind = wire_type(type_)
    if kind in _SIZES:
        return _SIZES[kind]
    if type_.name in _TEXT:
        return (type_.size or 4000) * (2 if type_.name in _NATIONAL else 4)
    return type_.size or 2000


def _write_column(writer: Writer, column: Column, position: int, field_version: int) -> None:
    type_ = column.type
    kind = wire_type(type_)
    precision, scale = _precision(type_, kind)
    is_text = kind in (WireType.VARCHAR, WireType.CHAR, WireType.CLOB, WireType.LONG)
    national = type_.name in _NATIONAL
    writer.u8(kind)
    writer.u8(0)
    writer.u8(precision & 0xFF)
    writer.u8(scale & 0xFF)
    writer.ub(_size(type_))
    writer.ub(0)  # array elements
    writer.ub(0)  # cont flags
    writer.ub(0)  # type OID
    writer.ub(0)  # version
    writer.ub((NATIONAL_CHARSET if national else CHARSET) if is_text else 0)
    writer.u8((FORM_NATIONAL if national else FORM_DATABASE) if is_text else 0)
    writer.ub((type_.size or 4000) if type_.name in _TEXT else 0)
    if field_version >= FIELD_VERSION_12_2:
        writer.ub(0)
    writer.u8(1 if column.nullable else 0)
    name = column.name.encode()
    writer.u8(min(len(name), 255))
    writer.b2(name)
    writer.ub(0)  # schema
    writer.ub(0)  # type name
    writer.ub(position)
    writer.ub(0)  # user defined string flags
    if field_version >= FIELD_VERSION_23_1:
        writer.ub(0)  # domain schema
        writer.ub(0)  # domain name
    if field_version >= FIELD_VERSION_23_1_EXT3:
        writer.ub(0)  # annotations
    if field_version >= FIELD_VERSION_23_4:
        writer.ub(0)  # vector dimensions
        writer.u8(0)
        writer.u8(0)


def _precision(type_: SqlType, kind: WireType) -> tuple[int, int]:
    if kind is WireType.NUMBER:
        if type_.name is TypeName.FLOAT:
            return type_.precision or 126, _NUMBER_WITHOUT_SCALE
        if type_.precision is None:
            return 0, 0 if type_.scale == 0 else _NUMBER_WITHOUT_SCALE
        return type_.precision, type_.scale or 0
    if kind in (WireType.TIMESTAMP, WireType.TIMESTAMP_TZ, WireType.TIMESTAMP_LTZ):
        return 0, 6 if type_.scale is None else type_.scale
    if kind is WireType.INTERVAL_DS:
        return (
            9 if type_.precision is None else type_.precision,
            6 if type_.scale is None else type_.scale,
        )
    if kind is WireType.INTERVAL_YM:
        return 9 if type_.precision is None else type_.precision, 0
    return 0, 0
