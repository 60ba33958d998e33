"""JSON values <-> values of a procedure's arguments.

Numbers never pass through a binary float, except for BINARY_FLOAT and BINARY_DOUBLE, which are one.
Dates with a zone become UTC; results have no zone, except those of TIMESTAMP WITH (LOCAL) TIME
ZONE, which the session's zone makes UTC; a cursor's column WITH TIME ZONE is its local time, whose zone
the driver drops, whatever type it is fetched as. RAW is hexadecimal, BLOB is base64.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Final

import oracledb

from sql.binds import TEXT_BYTES
from sql.errors import DatabaseError
from sql.exact_json import InvalidJson, JsonValue, dump_json, format_number, parse_json

#: Oracle's NUMBER holds so many digits.
NUMBER_DIGITS: Final = 40
_NUMBER_LIMIT: Final = Decimal("1E126")
#: What is smaller becomes 0, in Oracle as well; the driver refuses it.
_NUMBER_FLOOR: Final = Decimal("1E-130")


class Kind(StrEnum):
    """How a value travels."""

    STRING = "STRING"
    NATIONAL_STRING = "NATIONAL_STRING"
    NUMBER = "NUMBER"
    BINARY_FLOAT = "BINARY_FLOAT"
    BINARY_DOUBLE = "BINARY_DOUBLE"
    DATE = "DATE"
    TIMESTAMP = "TIMESTAMP"
    ZONED_TIMESTAMP = "ZONED_TIMESTAMP"
    BOOLEAN = "BOOLEAN"
    CLOB = "CLOB"
    NATIONAL_CLOB = "NATIONAL_CLOB"
    BLOB = "BLOB"
    RAW = "RAW"
    CURSOR = "CURSOR"


#: ALL_ARGUMENTS.DATA_TYPE to kind. What is not here, a record or a collection, cannot be called.
DICTIONARY_KINDS: Final[dict[str, Kind]] = {
    **dict.fromkeys(["VARCHAR2", "VARCHAR", "CHAR", "LONG", "ROWID", "UROWID"], Kind.STRING),
    # As text: the driver has no exact counterpart of every interval.
    **dict.fromkeys(["INTERVAL DAY TO SECOND", "INTERVAL YEAR TO MONTH"], Kind.STRING),
    **dict.fromkeys(["NVARCHAR2", "NCHAR"], Kind.NATIONAL_STRING),
    **dict.fromkeys(["NUMBER", "INTEGER", "FLOAT", "BINARY_INTEGER", "PLS_INTEGER"], Kind.NUMBER),
    "BINARY_FLOAT": Kind.BINARY_FLOAT,
    "BINARY_DOUBLE": Kind.BINARY_DOUBLE,
    "DATE": Kind.DATE,
    "TIMESTAMP": Kind.TIMESTAMP,
    "TIMESTAMP WITH TIME ZONE": Kind.ZONED_TIMESTAMP,
    "TIMESTAMP WITH LOCAL TIME ZONE": Kind.ZONED_TIMESTAMP,
    **dict.fromkeys(["PL/SQL BOOLEAN", "BOOLEAN"], Kind.BOOLEAN),
    "CLOB": Kind.CLOB,
    "NCLOB": Kind.NATIONAL_CLOB,
    "BLOB": Kind.BLOB,
    **dict.fromkeys(["RAW", "LONG RAW"], Kind.RAW),
    "REF CURSOR": Kind.CURSOR,
}

#: Types that the views of records and collections name in another way than ALL_ARGUMENTS does, and the
#: names that SQL has for some.
_OTHER_NAMES: Final[dict[str, Kind]] = {
    **dict.fromkeys(["PL/SQL LONG", "PL/SQL ROWID", "PL/SQL UROWID", "PL/SQL STRING"], Kind.STRING),
    **dict.fromkeys(["PL/SQL PLS INTEGER", "PL/SQL BINARY INTEGER"], Kind.NUMBER),
    **dict.fromkeys(["PL/SQL NATURAL", "PL/SQL NATURALN", "PL/SQL SIGNTYPE"], Kind.NUMBER),
    **dict.fromkeys(["PL/SQL POSITIVE", "PL/SQL POSITIVEN"], Kind.NUMBER),
    **dict.fromkeys(["SMALLINT", "DECIMAL", "REAL", "DOUBLE PRECISION"], Kind.NUMBER),
    "PL/SQL LONG RAW": Kind.RAW,
    "TIMESTAMP WITH TZ": Kind.ZONED_TIMESTAMP,
    "TIMESTAMP WITH LOCAL TZ": Kind.ZONED_TIMESTAMP,
}

#: A type of clients: text in the database, any JSON value outside.
JSON_TYPE: Final = "JSON"

#: What a client may write as a parameter's type, to kind. The dictionary knows the last ones by other
#: names.
CLIENT_KINDS: Final[dict[str, Kind]] = DICTIONARY_KINDS | {
    "STRING": Kind.STRING,
    "CURSOR": Kind.CURSOR,
    JSON_TYPE: Kind.CLOB,
    "SYS_REFCURSOR": Kind.CURSOR,
    **dict.fromkeys(["CHARACTER", "CHARACTER VARYING", "CHAR VARYING"], Kind.STRING),
    **dict.fromkeys(["INT", "SMALLINT", "DECIMAL", "DEC", "NUMERIC", "REAL"], Kind.NUMBER),
    **dict.fromkeys(["NATURAL", "NATURALN", "POSITIVE", "POSITIVEN"], Kind.NUMBER),
    **dict.fromkeys(["SIGNTYPE", "SIMPLE_INTEGER"], Kind.NUMBER),
    "DOUBLE PRECISION": Kind.NUMBER,
}

#: The length, precision or scale of a type.
_LENGTH: Final = re.compile(r" *\( *(?:\*|\d+)(?: *, *-?\d+| +CHAR| +BYTE)? *\)")

#: Kinds for which an empty text means null, as it does to Oracle.
_EMPTY_IS_NULL: Final = frozenset(
    {
        *(Kind.NUMBER, Kind.BINARY_FLOAT, Kind.BINARY_DOUBLE, Kind.BOOLEAN),
        *(Kind.DATE, Kind.TIMESTAMP, Kind.ZONED_TIMESTAMP),
    }
)

#: Kinds that a client's type cannot replace: PL/SQL converts nothing to or from them.
FIXED_KINDS: Final = frozenset({Kind.CURSOR, Kind.BOOLEAN, Kind.BLOB})


def client_type(text: str) -> str | None:
    """A parameter's type as CLIENT_KINDS has it: in any case, with or without a length.

    Returns:
        None: it is no type.
    """
    name = " ".join(_LENGTH.sub(" ", text.upper()).split())
    return name if name in CLIENT_KINDS else None


def dictionary_kind(data_type: str) -> Kind | None:
    """The kind of a column's, attribute's or element's type, with or without a length.

    Returns:
        None: no scalar, or none that can be passed.
    """
    name = " ".join(_LENGTH.sub(" ", data_type).split())
    return DICTIONARY_KINDS.get(name) or _OTHER_NAMES.get(name)


class ValueMismatch(DatabaseError):
    """A parameter's value cannot be of the argument's type."""

    def __init__(self, parameter: str, reason: str) -> None:
        super().__init__(
            "ORA-06502",
            f"ORA-06502: PL/SQL: numeric or value error: {reason} (parameter {parameter})",
        )


@dataclass(frozen=True, slots=True)
class Carrier:
    """What the driver needs for a kind."""

    type: Any
    size: int
    read: Callable[[Any], JsonValue]


def _read_datetime(value: datetime) -> str:
    return value.isoformat()


def _read_zoned(value: datetime) -> str:
    return f"{value.isoformat()}Z"


def _read_raw(value: bytes) -> str:
    return value.hex().upper()


def _read_same(value: JsonValue) -> JsonValue:
    return value


def _read_number(value: Any) -> JsonValue:
    """A Decimal without digits after the point as an integer."""
    if isinstance(value, Decimal) and value == value.to_integral_value() and value < _NUMBER_LIMIT:
        return int(value)
    return value  # type: ignore[no-any-return]


CARRIERS: Final[dict[Kind, Carrier]] = {
    Kind.STRING: Carrier(oracledb.DB_TYPE_VARCHAR, TEXT_BYTES, _read_same),
    Kind.NATIONAL_STRING: Carrier(oracledb.DB_TYPE_NVARCHAR, TEXT_BYTES, _read_same),
    Kind.NUMBER: Carrier(Decimal, 0, _read_number),
    Kind.BINARY_FLOAT: Carrier(oracledb.DB_TYPE_BINARY_FLOAT, 0, _read_same),
    Kind.BINARY_DOUBLE: Carrier(oracledb.DB_TYPE_BINARY_DOUBLE, 0, _read_same),
    Kind.DATE: Carrier(oracledb.DB_TYPE_DATE, 0, _read_datetime),
    Kind.TIMESTAMP: Carrier(oracledb.DB_TYPE_TIMESTAMP, 0, _read_datetime),
    Kind.ZONED_TIMESTAMP: Carrier(oracledb.DB_TYPE_TIMESTAMP_LTZ, 0, _read_zoned),
    Kind.BOOLEAN: Carrier(oracledb.DB_TYPE_BOOLEAN, 0, _read_same),
    Kind.CLOB: Carrier(oracledb.DB_TYPE_CLOB, 0, _read_same),
    Kind.NATIONAL_CLOB: Carrier(oracledb.DB_TYPE_NCLOB, 0, _read_same),
    Kind.BLOB: Carrier(oracledb.DB_TYPE_BLOB, 0, lambda value: base64.b64encode(value).decode()),
    Kind.RAW: Carrier(oracledb.DB_TYPE_RAW, TEXT_BYTES, _read_raw),
}

#: The driver's types that become a LOB of each kind when they are long.
LOB_SOURCES: Final[dict[Kind, Any]] = {
    Kind.CLOB: oracledb.DB_TYPE_VARCHAR,
    Kind.NATIONAL_CLOB: oracledb.DB_TYPE_NVARCHAR,
    Kind.BLOB: oracledb.DB_TYPE_RAW,
}


def to_oracle(parameter: str, value: JsonValue, kind: Kind) -> Any:
    """A JSON value as the driver binds it.

    Args:
        parameter: its name, for the error.
        value: as the client sent it; None is null.
        kind: not CURSOR, which takes no value.

    Raises:
        ValueMismatch: the value cannot be of that kind.
    """
    if value is None or (value == "" and kind in _EMPTY_IS_NULL):
        return None
    try:
        return _CONVERTERS[kind](value)
    except (ValueError, InvalidOperation, OverflowError) as error:
        raise ValueMismatch(parameter, str(error) or "conversion error") from error


def to_text(value: JsonValue) -> str:
    """Any JSON value as a string; numbers with the digits they came with."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return format_number(value)
    return dump_json(value)


def to_number(value: JsonValue) -> Decimal | int:
    """A number, or a string that is one.

    Raises:
        ValueError: it is neither, or too long for a NUMBER.
    """
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        number = Decimal(value)
    elif isinstance(value, Decimal):
        number = value
    elif isinstance(value, str):
        try:
            number = Decimal(value.strip().replace("_", "?"))
        except InvalidOperation:
            raise ValueError("character to number conversion error") from None
    else:
        raise ValueError("character to number conversion error")
    if not number.is_finite():
        raise ValueError("character to number conversion error")
    if abs(number) < _NUMBER_FLOOR:
        return 0
    digits = "".join(map(str, number.as_tuple().digits)).strip("0")
    if len(digits) > NUMBER_DIGITS or abs(number) >= _NUMBER_LIMIT:
        raise ValueError("number precision too large")
    return number


def to_datetime(value: JsonValue) -> datetime:
    """ISO 8601, or a date alone; with a zone it is converted to UTC.

    Returns:
        Without a zone.

    Raises:
        ValueError: it is no such text.
    """
    if not isinstance(value, str):
        raise ValueError("a date is an ISO 8601 string")
    try:
        parsed = datetime.fromisoformat(value.strip())
    except ValueError:
        raise ValueError(f"not an ISO 8601 date: {value!r:.60}") from None
    if parsed.tzinfo is not None:
        parsed = parsed.astimezone(UTC).replace(tzinfo=None)
    return parsed


def _to_date(value: JsonValue) -> datetime:
    """A DATE has no fraction of a second; it is rounded as Oracle rounds a TIMESTAMP."""
    parsed = to_datetime(value)
    seconds = parsed.replace(microsecond=0)
    return seconds + timedelta(seconds=1) if parsed.microsecond >= 500_000 else seconds


def _to_boolean(value: JsonValue) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    if isinstance(value, int) and value in (0, 1):
        return value == 1
    raise ValueError("a BOOLEAN is true or false")


def _to_float(value: JsonValue) -> float:
    number = to_number(value) if not isinstance(value, float) else value
    return float(number)


def _to_bytes(value: JsonValue) -> bytes:
    if not isinstance(value, str):
        raise ValueError("a BLOB is a base64 string")
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError(f"not base64: {error}") from error


def _to_raw(value: JsonValue) -> bytes:
    if not isinstance(value, str):
        raise ValueError("a RAW is a hexadecimal string")
    try:
        return bytes.fromhex(value)
    except ValueError:
        raise ValueError("hex to raw conversion error") from None


def _to_cursor(value: JsonValue) -> None:
    raise ValueError("a cursor takes no value")


_CONVERTERS: Final[dict[Kind, Callable[[JsonValue], Any]]] = {
    Kind.STRING: to_text,
    Kind.NATIONAL_STRING: to_text,
    Kind.NUMBER: to_number,
    Kind.BINARY_FLOAT: _to_float,
    Kind.BINARY_DOUBLE: _to_float,
    Kind.DATE: _to_date,
    Kind.TIMESTAMP: to_datetime,
    Kind.ZONED_TIMESTAMP: to_datetime,
    Kind.BOOLEAN: _to_boolean,
    Kind.CLOB: to_text,
    Kind.NATIONAL_CLOB: to_text,
    Kind.BLOB: _to_bytes,
    Kind.RAW: _to_raw,
    Kind.CURSOR: _to_cursor,
}


def to_json(value: Any, kind: Kind) -> JsonValue:
    """A value that a procedure gave back, LOBs already read, as JSON has it."""
    if value is None:
        return None
    return CARRIERS[kind].read(value)


def text_to_json(value: JsonValue) -> JsonValue:
    """What a text says as JSON; as it is where it is none."""
    if not isinstance(value, str):
        return value
    try:
        return parse_json(value)
    except InvalidJson:
        return value


#: The driver's types of LOBs.
LOB_TYPES: Final[dict[Any, Kind]] = {
    oracledb.DB_TYPE_CLOB: Kind.CLOB,
    oracledb.DB_TYPE_NCLOB: Kind.NATIONAL_CLOB,
    oracledb.DB_TYPE_BLOB: Kind.BLOB,
}
#: What a column's Python type alone does not tell.
COLUMN_KINDS: Final[dict[Any, Kind]] = {
    oracledb.DB_TYPE_BLOB: Kind.BLOB,
    oracledb.DB_TYPE_TIMESTAMP_LTZ: Kind.ZONED_TIMESTAMP,
}
#: Rows that are fetched at once.
FETCH_ROWS: Final = 1000


def keep_locators(cursor: oracledb.AsyncCursor, column: oracledb.FetchInfo) -> oracledb.Var | None:
    """Of a cursor that a procedure opens: fetch locators of LOBs, not LOBs."""
    if column.type_code in LOB_TYPES and not column.is_oson:
        return cursor.var(column.type_code, arraysize=FETCH_ROWS)
    return None


def column_to_json(value: Any, kind: Kind | None = None) -> JsonValue:
    """A value of a cursor's row, told by its Python type; kind: of COLUMN_KINDS.

    Raises:
        DatabaseError: JSON has nothing for it (ORA-00932).
    """
    match value:
        case datetime():
            return to_json(value, kind or Kind.TIMESTAMP)
        case Decimal():
            return _read_number(value)
        case bytes():
            return to_json(value, kind or Kind.RAW)
        case timedelta():
            return _day_second_text(value)
        case oracledb.IntervalYM(years=years, months=months):
            sign = "-" if years < 0 or months < 0 else "+"
            return f"{sign}{abs(years):09}-{abs(months):02}"
        case None | bool() | int() | float() | str() | list() | dict():
            return value
        case _:
            what = getattr(getattr(value, "type", None), "name", type(value).__name__)
            text = (
                f"ORA-00932: inconsistent datatypes: a cursor's column of type {what} has no JSON"
            )
            raise DatabaseError("ORA-00932", text)


def _day_second_text(value: timedelta) -> str:
    """As Oracle writes an interval whose precision is not limited."""
    size = abs(value)
    minutes, seconds = divmod(size.seconds, 60)
    clock = f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}.{size.microseconds:06}000"
    return f"{'-' if value < timedelta(0) else '+'}{size.days:09} {clock}"
