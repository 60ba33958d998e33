"""Oracle's types in the text of a statement, and what they are in PostgreSQL."""

from __future__ import annotations

from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.values import SqlType, TypeName

#: How a type is written in PostgreSQL, bounds aside.
POSTGRES: dict[TypeName, str] = {
    TypeName.VARCHAR2: "text",
    TypeName.NVARCHAR2: "text",
    TypeName.CHAR: "bpchar",
    TypeName.NCHAR: "bpchar",
    TypeName.LONG: "text",
    TypeName.NUMBER: "numeric",
    TypeName.FLOAT: "numeric",
    TypeName.BINARY_INTEGER: "numeric",
    TypeName.BINARY_FLOAT: "float4",
    TypeName.BINARY_DOUBLE: "float8",
    TypeName.DATE: "ora.date",
    TypeName.TIMESTAMP: "timestamp",
    TypeName.TIMESTAMP_LTZ: "timestamptz",
    TypeName.TIMESTAMP_TZ: "ora.tstz",
    TypeName.INTERVAL_DS: "interval",
    TypeName.INTERVAL_YM: "interval year to month",
    TypeName.RAW: "bytea",
    TypeName.LONG_RAW: "bytea",
    TypeName.CLOB: "ora.clob",
    TypeName.NCLOB: "ora.clob",
    TypeName.BLOB: "ora.blob",
    TypeName.ROWID: "tid",
    TypeName.BOOLEAN: "boolean",
    TypeName.JSON: "json",
}

#: A bind of these types is cast; text stays unknown, so that PostgreSQL converts it as Oracle would.
BIND_CASTS: dict[TypeName, str] = {
    name: text
    for name, text in POSTGRES.items()
    if name
    not in {
        TypeName.VARCHAR2,
        TypeName.NVARCHAR2,
        TypeName.CHAR,
        TypeName.NCHAR,
        TypeName.LONG,
        TypeName.ROWID,
        TypeName.JSON,
    }
}
BIND_CASTS[TypeName.INTERVAL_YM] = "interval"
BIND_CASTS[TypeName.TIMESTAMP_LTZ] = "timestamp"

NUMBER = SqlType(TypeName.NUMBER)
TEXT = SqlType(TypeName.VARCHAR2, size=4000)
NATIONAL_TEXT = SqlType(TypeName.NVARCHAR2, size=2000)
DATE = SqlType(TypeName.DATE)
TIMESTAMP = SqlType(TypeName.TIMESTAMP, scale=6)
TIMESTAMP_TZ = SqlType(TypeName.TIMESTAMP_TZ, scale=6)
INTERVAL_DS = SqlType(TypeName.INTERVAL_DS, precision=2, scale=6)
INTERVAL_YM = SqlType(TypeName.INTERVAL_YM, precision=2)
RAW = SqlType(TypeName.RAW, size=2000)
CLOB = SqlType(TypeName.CLOB)
BLOB = SqlType(TypeName.BLOB)
BINARY_DOUBLE = SqlType(TypeName.BINARY_DOUBLE)
BINARY_FLOAT = SqlType(TypeName.BINARY_FLOAT)
BOOLEAN = SqlType(TypeName.BOOLEAN)

TEXTUAL = frozenset(
    {TypeName.VARCHAR2, TypeName.NVARCHAR2, TypeName.CHAR, TypeName.NCHAR, TypeName.LONG}
)
NUMERIC = frozenset(
    {
        TypeName.NUMBER,
        TypeName.FLOAT,
        TypeName.BINARY_INTEGER,
        TypeName.BINARY_FLOAT,
        TypeName.BINARY_DOUBLE,
    }
)
TEMPORAL = frozenset(
    {TypeName.DATE, TypeName.TIMESTAMP, TypeName.TIMESTAMP_TZ, TypeName.TIMESTAMP_LTZ}
)


def postgres_type(type_: SqlType) -> str:
    """The type of a column, with what PostgreSQL can hold of its bounds."""
    name = type_.name
    if name is TypeName.NUMBER and type_.scale is not None:
        return f"numeric({type_.precision or _MOST_DIGITS}, {type_.scale})"
    if name in (TypeName.TIMESTAMP, TypeName.TIMESTAMP_LTZ):
        base = POSTGRES[name]
        return base if type_.scale is None else f"{base}({min(type_.scale, 6)})"
    if name in (TypeName.CHAR, TypeName.NCHAR):
        return f"character({type_.size or 1})"
    if name not in POSTGRES:
        raise Unsupported(f"type {name.value}")
    return POSTGRES[name]


def column_type(type_: SqlType, *, in_characters: bool) -> str:
    """As `postgres_type`, of a table's column: PostgreSQL would pad a CHAR by its characters."""
    if type_.name is TypeName.CHAR and not in_characters:
        return POSTGRES[type_.name]
    return postgres_type(type_)


def family(type_: SqlType | None) -> str | None:
    """'number', 'text', 'clob', 'time' ...: what Oracle converts into each other on its own."""
    if type_ is None:
        return None
    if type_.name in NUMERIC:
        return "number"
    if type_.name in TEXTUAL:
        return "text"
    if type_.name in TEMPORAL:
        return "time"
    return type_.name.value


#: The words of a type -> the type; those with a tail ("DOUBLE PRECISION") are put together before.
NAMED: dict[str, TypeName] = {
    "VARCHAR2": TypeName.VARCHAR2,
    "VARCHAR": TypeName.VARCHAR2,
    "NVARCHAR2": TypeName.NVARCHAR2,
    "CHAR": TypeName.CHAR,
    "CHARACTER": TypeName.CHAR,
    "CHARACTER VARYING": TypeName.VARCHAR2,
    "CHAR VARYING": TypeName.VARCHAR2,
    "NCHAR": TypeName.NCHAR,
    "LONG": TypeName.LONG,
    "LONG RAW": TypeName.LONG_RAW,
    "NUMBER": TypeName.NUMBER,
    "NUMERIC": TypeName.NUMBER,
    "DECIMAL": TypeName.NUMBER,
    "DEC": TypeName.NUMBER,
    "INTEGER": TypeName.NUMBER,
    "INT": TypeName.NUMBER,
    "SMALLINT": TypeName.NUMBER,
    "FLOAT": TypeName.FLOAT,
    "REAL": TypeName.FLOAT,
    "DOUBLE PRECISION": TypeName.FLOAT,
    "BINARY_FLOAT": TypeName.BINARY_FLOAT,
    "BINARY_DOUBLE": TypeName.BINARY_DOUBLE,
    "DATE": TypeName.DATE,
    "TIMESTAMP": TypeName.TIMESTAMP,
    "TIMESTAMP WITH TIME ZONE": TypeName.TIMESTAMP_TZ,
    "TIMESTAMP WITH LOCAL TIME ZONE": TypeName.TIMESTAMP_LTZ,
    "INTERVAL DAY TO SECOND": TypeName.INTERVAL_DS,
    "INTERVAL YEAR TO MONTH": TypeName.INTERVAL_YM,
    "RAW": TypeName.RAW,
    "CLOB": TypeName.CLOB,
    "NCLOB": TypeName.NCLOB,
    "BLOB": TypeName.BLOB,
    "ROWID": TypeName.ROWID,
    "UROWID": TypeName.ROWID,
    "BOOLEAN": TypeName.BOOLEAN,
    "JSON": TypeName.JSON,
}
_WHOLE = frozenset({"INTEGER", "INT", "SMALLINT"})
_DECIMAL = frozenset({"NUMERIC", "DECIMAL", "DEC"})
_BINARY_DIGITS = {"FLOAT": 126, "REAL": 63, "DOUBLE PRECISION": 126}
_MOST = {TypeName.VARCHAR2: 4000, TypeName.CHAR: 2000, TypeName.RAW: 2000}
_MOST_DIGITS = 38


def declared(word: str, numbers: list[int | None]) -> SqlType:
    """The type of a word and the numbers behind it; None stands for a `*`.

    Raises:
        OraError: the numbers are out of bounds.
        Unsupported: there is no such type here.
    """
    name = NAMED.get(word)
    if name is None:
        raise Unsupported(f"type {word}")
    first = numbers[0] if numbers else None
    second = numbers[1] if len(numbers) > 1 else None
    if word in _WHOLE:
        return SqlType(name, precision=None, scale=0)
    if name is TypeName.NUMBER:
        if word in _DECIMAL and not numbers:
            return SqlType(name, precision=None, scale=0)
        if first is not None and not 1 <= first <= _MOST_DIGITS:
            raise OraError(1727, "numeric precision specifier is out of range (1 to 38)")
        return SqlType(name, precision=first, scale=(second or 0) if numbers else None)
    if name is TypeName.FLOAT:
        return SqlType(name, precision=first or _BINARY_DIGITS[word])
    if name in TEMPORAL:
        return SqlType(name, scale=None if name is TypeName.DATE else 6 if first is None else first)
    if name is TypeName.INTERVAL_DS:
        return SqlType(
            name, precision=2 if first is None else first, scale=6 if second is None else second
        )
    if name is TypeName.INTERVAL_YM:
        return SqlType(name, precision=2 if first is None else first)
    if first is not None and first < 1:
        raise OraError(1723, "zero-length columns are not allowed")
    if first is not None and first > _MOST.get(name, 32767):
        raise OraError(910, f"specified length too long for its datatype; maximum is {_MOST[name]}")
    if first is None and name in (TypeName.CHAR, TypeName.NCHAR):
        first = 1
    return SqlType(name, size=first)
