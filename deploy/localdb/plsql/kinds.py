"""PL/SQL's types: how a value becomes one of a type when it is assigned."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from deploy.localdb.errors import OraError
from deploy.localdb.plsql.builtins.arguments import datetime_of, number_of, text_of
from deploy.localdb.plsql.host import Host
from deploy.localdb.plsql.values import Collection, Cursor, Record
from deploy.localdb.values import (
    NUMBER_CONTEXT,
    Column,
    Date,
    Lob,
    SqlType,
    TypeName,
    Value,
    YearMonth,
)

#: The longest VARCHAR2 of PL/SQL, in bytes.
MAX_TEXT = 32767


def value_error(detail: str) -> OraError:
    return OraError(6502, f"PL/SQL: numeric or value error: {detail}")


def _conversion(what: str) -> OraError:
    return value_error(f"character to {what} conversion error")


class Type:
    """A type; `family` is what overloads are told apart by."""

    family = "any"

    def coerce(self, host: Host, value: Value) -> Value:
        """The value as this type has it.

        Raises:
            OraError: 6502 and others where it does not fit.
        """
        return value

    def sql(self) -> SqlType | None:
        """As SQL knows the type; None: it does not."""
        return None

    def initial(self) -> Value:
        return None


class AnyType(Type):
    """Whatever is assigned: parameters of built-ins such as <ADT_1>."""


ANY = AnyType()


@dataclass(frozen=True)
class Text(Type):
    size: int = MAX_TEXT
    fixed: bool = False
    in_characters: bool = False
    national: bool = False
    family = "text"

    def coerce(self, host: Host, value: Value) -> Value:
        if value is None:
            return None
        if type(value) is not str:
            if isinstance(value, Lob) and isinstance(value.data, str):
                value = value.data or None
            elif isinstance(value, bool | Record | Collection | Cursor):
                raise value_error("expression is of wrong type")
            else:
                value = text_of(host, value)
            if value is None:
                return None
        if len(value) > self.size or (
            not self.in_characters and not value.isascii() and len(value.encode()) > self.size
        ):
            raise value_error("character string buffer too small")
        return value.ljust(self.size) if self.fixed else value

    def sql(self) -> SqlType:
        if self.fixed:
            return SqlType(TypeName.CHAR, self.size)
        return SqlType(TypeName.VARCHAR2, self.size)


@dataclass(frozen=True)
class Number(Type):
    precision: int | None = None
    scale: int | None = None
    family = "number"

    def coerce(self, host: Host, value: Value) -> Value:
        if type(value) is int and self.precision is None:
            return value
        if value is None:
            return None
        if isinstance(value, bool | Record | Collection | Cursor):
            raise value_error("expression is of wrong type")
        if not isinstance(value, int | Decimal):
            try:
                value = number_of(host, value)
            except OraError as error:
                if error.code in (1722, 6502):
                    raise _conversion("number") from error
                raise
            if isinstance(value, float):
                value = plain(NUMBER_CONTEXT.create_decimal(repr(value)))
        if self.precision is not None:
            scale = self.scale or 0
            exact = Decimal(value).quantize(
                Decimal(1).scaleb(-scale), ROUND_HALF_UP, NUMBER_CONTEXT
            )
            if exact and exact.adjusted() + 1 > self.precision - scale:
                raise value_error("number precision too large")
            value = plain(exact)
        return value

    def sql(self) -> SqlType:
        return SqlType(TypeName.NUMBER, None, self.precision, self.scale)


@dataclass(frozen=True)
class Integer(Type):
    """PLS_INTEGER and its subtypes."""

    low: int = -(2**31)
    high: int = 2**31 - 1
    family = "integer"

    def coerce(self, host: Host, value: Value) -> Value:
        if type(value) is not int:
            value = NUMBER.coerce(host, value)
            if value is None:
                return None
            if type(value) is not int:
                value = int(Decimal(value).to_integral_value(ROUND_HALF_UP))
        if not self.low <= value <= self.high:
            if -(2**31) <= value < 2**31:
                raise OraError(6502, "PL/SQL: numeric or value error")
            raise OraError(1426, "numeric overflow")
        return value

    def sql(self) -> SqlType:
        return SqlType(TypeName.NUMBER)


@dataclass(frozen=True)
class Float(Type):
    single: bool = False
    family = "float"

    def coerce(self, host: Host, value: Value) -> Value:
        if value is None or isinstance(value, float):
            return value
        number = NUMBER.coerce(host, value)
        return None if number is None else float(number)

    def sql(self) -> SqlType:
        return SqlType(TypeName.BINARY_FLOAT if self.single else TypeName.BINARY_DOUBLE)


class Boolean(Type):
    family = "boolean"

    def coerce(self, host: Host, value: Value) -> Value:
        if value is None or isinstance(value, bool):
            return value
        raise value_error("expression is of wrong type")

    def sql(self) -> SqlType:
        return SqlType(TypeName.BOOLEAN)


class DateType(Type):
    family = "date"

    def coerce(self, host: Host, value: Value) -> Value:
        if value is None or type(value) is Date:
            return value
        moment = datetime_of(host, value)
        return None if moment is None else to_date(moment)

    def sql(self) -> SqlType:
        return SqlType(TypeName.DATE)


@dataclass(frozen=True)
class Timestamp(Type):
    zone: str = ""  # TZ, LTZ
    scale: int = 6
    family = "timestamp"

    def coerce(self, host: Host, value: Value) -> Value:
        if value is None:
            return None
        moment = datetime_of(host, value)
        if moment is None:
            return None
        if type(moment) is Date:
            moment = datetime.datetime(*moment.timetuple()[:6])
        if self.zone == "TZ":
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=host.session_time_zone())
        elif moment.tzinfo is not None:
            if self.zone == "LTZ":
                moment = moment.astimezone(host.session_time_zone())
            moment = moment.replace(tzinfo=None)
        if self.scale < 6:
            step = 10 ** (6 - self.scale)
            micro = (moment.microsecond + step // 2) // step * step
            moment = moment.replace(microsecond=0) + datetime.timedelta(microseconds=micro)
        return moment

    def sql(self) -> SqlType:
        name = {
            "": TypeName.TIMESTAMP,
            "TZ": TypeName.TIMESTAMP_TZ,
            "LTZ": TypeName.TIMESTAMP_LTZ,
        }[self.zone]
        return SqlType(name, scale=self.scale)


@dataclass(frozen=True)
class Interval(Type):
    year_month: bool = False
    family = "interval"

    def coerce(self, host: Host, value: Value) -> Value:
        if value is None or isinstance(value, YearMonth if self.year_month else datetime.timedelta):
            return value
        if isinstance(value, str):
            from deploy.localdb.plsql.builtins import intervals

            if self.year_month:
                return intervals.parse_year_month(value)
            return intervals.parse_day_second(value)
        raise value_error("expression is of wrong type")

    def sql(self) -> SqlType:
        return SqlType(TypeName.INTERVAL_YM if self.year_month else TypeName.INTERVAL_DS)


@dataclass(frozen=True)
class Raw(Type):
    size: int = MAX_TEXT
    family = "raw"

    def coerce(self, host: Host, value: Value) -> Value:
        if value is None:
            return None
        if isinstance(value, str):
            try:
                value = bytes.fromhex(value if len(value) % 2 == 0 else "0" + value)
            except ValueError:
                raise value_error("hex to raw conversion error") from None
        elif isinstance(value, Lob) and isinstance(value.data, bytes):
            value = value.data
        if not isinstance(value, bytes):
            raise value_error("expression is of wrong type")
        if len(value) > self.size:
            raise value_error("raw variable length too long")
        return value or None

    def sql(self) -> SqlType:
        return SqlType(TypeName.RAW, self.size)


@dataclass(frozen=True)
class LobType(Type):
    binary: bool = False
    national: bool = False
    family = "lob"

    def coerce(self, host: Host, value: Value) -> Value:
        if value is None or isinstance(value, Lob):
            return value
        if self.binary:
            data = Raw().coerce(host, value)
            return None if data is None else Lob(data)
        text = text_of(host, value)
        return None if text is None else Lob(text, national=self.national)

    def sql(self) -> SqlType:
        return SqlType(TypeName.BLOB if self.binary else TypeName.CLOB)


class RecordType(Type):
    """A record; index is each field's number by name."""

    family = "record"

    def __init__(
        self,
        name: str,
        fields: dict[str, Type],
        defaults: dict[str, Callable[[], Value]] | None = None,
    ) -> None:
        self.name = name
        self.fields = fields
        self.types = list(fields.values())
        self.index = {field: number for number, field in enumerate(fields)}
        self.defaults = defaults or {}

    def coerce(self, host: Host, value: Value) -> Value:
        if value is None:
            return self.initial()
        if not isinstance(value, Record) or len(value.values) != len(self.types):
            raise value_error("expression is of wrong type")
        if value.type is self:
            return value.copy()
        return Record(
            self, [t.coerce(host, v) for t, v in zip(self.types, value.values, strict=True)]
        )

    def from_row(self, host: Host, row: tuple[Value, ...]) -> Record:
        """A row of a query, by position."""
        if len(row) != len(self.types):
            raise OraError(913, "too many values")
        return Record(self, [t.coerce(host, v) for t, v in zip(self.types, row, strict=True)])

    def initial(self) -> Record:
        values = [
            self.defaults[name]() if name in self.defaults else wanted.initial()
            for name, wanted in self.fields.items()
        ]
        return Record(self, values)


class CollectionType(Type):
    """An associative array (is_indexed), nested table, or varray (with a limit)."""

    family = "collection"

    def __init__(
        self, name: str, element: Type, key: Type | None = None, limit: int | None = None
    ) -> None:
        self.name = name
        self.element = element
        self.key = key
        self.limit = limit
        self.is_indexed = key is not None

    def coerce(self, host: Host, value: Value) -> Value:
        if value is None:
            return self.initial()
        if isinstance(value, list):  # an array bind
            return Collection.of(self, [self.element.coerce(host, item) for item in value])
        if isinstance(value, Collection):
            if value.type is self:
                return value.copy()
            copied = value.copy()
            copied.type = self
            return copied
        raise value_error("expression is of wrong type")

    def initial(self) -> Value:
        return Collection(self) if self.is_indexed else None


class CursorType(Type):
    family = "cursor"

    def coerce(self, host: Host, value: Value) -> Value:
        if value is None or isinstance(value, Cursor):
            return value
        raise value_error("expression is of wrong type")

    def sql(self) -> SqlType:
        return SqlType(TypeName.CURSOR)


NUMBER = Number()
TEXT = Text()
INTEGER = Integer()
BOOLEAN = Boolean()
DATE = DateType()
CURSOR = CursorType()

#: Types by name; those with arguments are made by `named`.
SCALARS: dict[str, Type] = {
    "NUMBER": NUMBER,
    "DECIMAL": Number(38, 0),
    "DEC": Number(38, 0),
    "NUMERIC": Number(38, 0),
    "INTEGER": Number(38, 0),
    "INT": Number(38, 0),
    "SMALLINT": Number(38, 0),
    "FLOAT": NUMBER,
    "REAL": NUMBER,
    "PLS_INTEGER": INTEGER,
    "BINARY_INTEGER": INTEGER,
    "SIMPLE_INTEGER": INTEGER,
    "NATURAL": Integer(0),
    "NATURALN": Integer(0),
    "POSITIVE": Integer(1),
    "POSITIVEN": Integer(1),
    "SIGNTYPE": Integer(-1, 1),
    "BINARY_FLOAT": Float(single=True),
    "BINARY_DOUBLE": Float(),
    "SIMPLE_DOUBLE": Float(),
    "SIMPLE_FLOAT": Float(single=True),
    "BOOLEAN": BOOLEAN,
    "DATE": DATE,
    "TIMESTAMP": Timestamp(),
    "TIMESTAMP_UNCONSTRAINED": Timestamp(),
    "TIMESTAMP_TZ_UNCONSTRAINED": Timestamp("TZ"),
    "TIMESTAMP_LTZ_UNCONSTRAINED": Timestamp("LTZ"),
    "DSINTERVAL_UNCONSTRAINED": Interval(),
    "YMINTERVAL_UNCONSTRAINED": Interval(year_month=True),
    "INTERVAL DAY TO SECOND": Interval(),
    "INTERVAL YEAR TO MONTH": Interval(year_month=True),
    "VARCHAR2": TEXT,
    "VARCHAR": TEXT,
    "STRING": TEXT,
    "NVARCHAR2": Text(national=True),
    "LONG": TEXT,
    "CHAR": Text(1, fixed=True),
    "NCHAR": Text(1, fixed=True, national=True),
    "CHARACTER": Text(1, fixed=True),
    "RAW": Raw(),
    "LONG RAW": Raw(),
    "CLOB": LobType(),
    "NCLOB": LobType(national=True),
    "BLOB": LobType(binary=True),
    "ROWID": Text(18),
    "UROWID": Text(4000),
    "SYS_REFCURSOR": CURSOR,
    "<ADT_1>": ANY,
    "<COLLECTION_1>": ANY,
    "TIMESTAMP WITH TIME ZONE": Timestamp("TZ"),
    "TIMESTAMP WITH LOCAL TIME ZONE": Timestamp("LTZ"),
}


def named(name: str, arguments: list[int]) -> Type | None:
    """A scalar type as declared; None: there is none of that name."""
    base = SCALARS.get(name)
    if isinstance(base, Timestamp):
        return Timestamp(base.zone, min(arguments[0], 6) if arguments else 6)
    if base is None or not arguments:
        return base
    match base:
        case Text():
            return Text(arguments[0], base.fixed, national=base.national)
        case Raw():
            return Raw(arguments[0])
        case Number() if name not in ("FLOAT", "REAL"):
            return Number(arguments[0], arguments[1] if len(arguments) > 1 else 0)
        case _:
            return base


def unconstrained(wanted: Type) -> Type:
    """What a parameter is of that type: lengths and precisions do not count."""
    match wanted:
        case Text():
            return TEXT
        case Number():
            return NUMBER
        case Raw():
            return Raw()
        case _:
            return wanted


def of_sql(found: SqlType) -> Type:
    """A column's type."""
    match found.name:
        case TypeName.VARCHAR2 | TypeName.NVARCHAR2 | TypeName.LONG:
            return Text(found.size or MAX_TEXT, in_characters=True)
        case TypeName.CHAR | TypeName.NCHAR:
            return Text(found.size or 1, fixed=True, in_characters=True)
        case TypeName.NUMBER:
            return Number(found.precision, found.scale)
        case TypeName.FLOAT:
            return NUMBER
        case TypeName.BINARY_INTEGER:
            return INTEGER
        case TypeName.BINARY_FLOAT:
            return Float(single=True)
        case TypeName.BINARY_DOUBLE:
            return Float()
        case TypeName.DATE:
            return DATE
        case TypeName.TIMESTAMP:
            return Timestamp(scale=6 if found.scale is None else found.scale)
        case TypeName.TIMESTAMP_TZ:
            return Timestamp("TZ")
        case TypeName.TIMESTAMP_LTZ:
            return Timestamp("LTZ")
        case TypeName.INTERVAL_DS:
            return Interval()
        case TypeName.INTERVAL_YM:
            return Interval(year_month=True)
        case TypeName.RAW | TypeName.LONG_RAW:
            return Raw(found.size or MAX_TEXT)
        case TypeName.CLOB | TypeName.NCLOB | TypeName.JSON:
            return LobType()
        case TypeName.BLOB:
            return LobType(binary=True)
        case TypeName.ROWID:
            return Text(18)
        case TypeName.BOOLEAN:
            return BOOLEAN
        case TypeName.CURSOR:
            return CURSOR


def of_columns(name: str, columns: tuple[Column, ...]) -> RecordType:
    """%ROWTYPE."""
    return RecordType(name, {column.name: of_sql(column.type) for column in columns})


def to_date(moment: datetime.datetime) -> Date:
    """A timestamp as a DATE: rounded to the second, without zone."""
    moment = moment.replace(tzinfo=None)
    if moment.microsecond >= 500_000:
        moment += datetime.timedelta(seconds=1)
    return Date(moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)


def plain(value: Decimal) -> int | Decimal:
    """Int where integral, else a Decimal without trailing zeros."""
    if value == value.to_integral_value():
        return int(value)
    return value.normalize(NUMBER_CONTEXT)
