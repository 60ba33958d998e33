"""The language's types.

    ScalarType       numbers, text, dates..., with bounds
    RecordType       also of %ROWTYPE
    CollectionType   associative array, nested table, varray
    CursorType       REF CURSOR
    ObjectType       supplied types with methods

Scalars are equal by value; records and collections only as the same declaration, as in Oracle.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, TypeAlias

from deploy.localdb.plsql.values import Collection, Record
from deploy.localdb.values import Column, SqlType, TypeName, Value


class Family(Enum):
    """Types that one overloading cannot tell apart, and that convert alike."""

    NUMBER = "NUMBER"
    INTEGER = "PLS_INTEGER"
    FLOAT = "BINARY_DOUBLE"
    TEXT = "VARCHAR2"
    LOB = "CLOB"
    BINARY_LOB = "BLOB"
    RAW = "RAW"
    ROWID = "ROWID"
    DATE = "DATE"
    TIMESTAMP = "TIMESTAMP"
    TIMESTAMP_TZ = "TIMESTAMP WITH TIME ZONE"
    INTERVAL_DS = "INTERVAL DAY TO SECOND"
    INTERVAL_YM = "INTERVAL YEAR TO MONTH"
    BOOLEAN = "BOOLEAN"
    NULL = "NULL"
    UNKNOWN = "UNKNOWN"


NUMERIC = frozenset({Family.NUMBER, Family.INTEGER, Family.FLOAT})
DATETIME = frozenset({Family.DATE, Family.TIMESTAMP, Family.TIMESTAMP_TZ})
INTERVAL = frozenset({Family.INTERVAL_DS, Family.INTERVAL_YM})
TEXTUAL = frozenset({Family.TEXT, Family.LOB, Family.ROWID})
#: Each of these converts to and from text.
_FROM_TEXT = NUMERIC | DATETIME | INTERVAL | {Family.RAW, Family.ROWID, Family.LOB, Family.TEXT}


@dataclass(frozen=True)
class ScalarType:
    """A scalar type.

    Attributes:
        name: as the dictionary shows it.
        sql: what SQL knows it as; None for BOOLEAN.
        low, high: bounds of whole numbers.
        wraps: SIMPLE_INTEGER: no overflow.
        fixed: CHAR: padded with blanks.
        in_bytes: the size of a text counts bytes, not characters.
    """

    name: str
    family: Family
    sql: SqlType | None = None
    low: int | None = None
    high: int | None = None
    not_null: bool = False
    fixed: bool = False
    wraps: bool = False
    in_bytes: bool = False

    def initial(self, session: Any = None) -> Value:
        return None


@dataclass(frozen=True)
class Field:
    """A field of a record; default(frame) gives what a new record has in it."""

    name: str
    type: Type
    not_null: bool = False
    default: Callable[[list[Any]], Value] | None = None


#: Where a composite type is declared, as ALL_ARGUMENTS tells it: TYPE_OWNER, TYPE_NAME (a package,
#: a table, a type of the schema) and TYPE_SUBNAME (a package's type).
Origin: TypeAlias = tuple[str, str, str | None]


class RecordType:
    """A record type; origin None: not declared where others see it."""

    def __init__(self, name: str, fields: Sequence[Field], origin: Origin | None = None) -> None:
        self.name = name
        self.origin = origin
        self.fields = tuple(fields)
        self.index = {field.name: number for number, field in enumerate(self.fields)}
        self._plain = all(
            field.default is None and isinstance(field.type, ScalarType) for field in self.fields
        )

    def initial(self, session: Any = None) -> Record:
        """A new record, its fields with their defaults."""
        if self._plain:
            return Record(self, [None] * len(self.fields))
        frame = [None, session, None]
        return Record(
            self,
            [
                field.type.initial(session) if field.default is None else field.default(frame)
                for field in self.fields
            ],
        )


class CollectionType:
    """An associative array (key: of its subscripts), nested table, or varray (limit)."""

    def __init__(
        self, name: str, element: Type, key: ScalarType | None = None, limit: int | None = None
    ) -> None:
        self.name = name
        self.element = element
        self.key = key
        self.limit = limit
        self.is_indexed = key is not None
        self.origin: Origin | None = None

    def initial(self, session: Any = None) -> Collection | None:
        """Empty, or NULL where it wants a constructor."""
        return Collection(self) if self.is_indexed else None


@dataclass(eq=False)
class CursorType:
    """A REF CURSOR type; returns None: weak."""

    name: str
    returns: RecordType | None = None

    def initial(self, session: Any = None) -> Value:
        return None


@dataclass(eq=False)
class ObjectType:
    """An object type of SYS: its methods stand in a package of its name, parent's are inherited.

    A variable refers to an object; an assignment makes another reference to the same one.
    """

    name: str
    parent: ObjectType | None = None

    def initial(self, session: Any = None) -> Value:
        return None

    def is_under(self, other: Type) -> bool:
        """Whether it is that type or a subtype of it."""
        return self is other or (self.parent is not None and self.parent.is_under(other))


@dataclass(eq=False)
class ArrayBind:
    """What a client's array is until it meets a collection type."""

    element: SqlType | None
    name: str = "array bind"

    def initial(self, session: Any = None) -> Value:
        return None


Type: TypeAlias = ScalarType | RecordType | CollectionType | CursorType | ObjectType | ArrayBind

NULL = ScalarType("NULL", Family.NULL)
#: Of a client's bind that does not say, and of a query's column that nobody knows.
UNKNOWN = ScalarType("UNKNOWN", Family.UNKNOWN)
#: Of a variable whose declaration is wrong.
BROKEN = ScalarType("BROKEN", Family.UNKNOWN)
BOOLEAN = ScalarType("PL/SQL BOOLEAN", Family.BOOLEAN)
NUMBER = ScalarType("NUMBER", Family.NUMBER, SqlType(TypeName.NUMBER))
WHOLE = ScalarType("NUMBER", Family.NUMBER, SqlType(TypeName.NUMBER, precision=38, scale=0))
PLS_INTEGER = ScalarType(
    "BINARY_INTEGER", Family.INTEGER, SqlType(TypeName.BINARY_INTEGER), -(2**31), 2**31 - 1
)
DOUBLE = ScalarType("BINARY_DOUBLE", Family.FLOAT, SqlType(TypeName.BINARY_DOUBLE))
SINGLE = ScalarType("BINARY_FLOAT", Family.FLOAT, SqlType(TypeName.BINARY_FLOAT))
VARCHAR2 = ScalarType("VARCHAR2", Family.TEXT, SqlType(TypeName.VARCHAR2))
#: Of a text literal: compared with blanks padded.
CHAR = ScalarType("CHAR", Family.TEXT, SqlType(TypeName.CHAR), fixed=True)
RAW = ScalarType("RAW", Family.RAW, SqlType(TypeName.RAW))
ROWID = ScalarType("ROWID", Family.ROWID, SqlType(TypeName.ROWID))
DATE = ScalarType("DATE", Family.DATE, SqlType(TypeName.DATE))
TIMESTAMP = ScalarType("TIMESTAMP", Family.TIMESTAMP, SqlType(TypeName.TIMESTAMP))
TIMESTAMP_TZ = ScalarType(
    "TIMESTAMP WITH TIME ZONE", Family.TIMESTAMP_TZ, SqlType(TypeName.TIMESTAMP_TZ)
)
TIMESTAMP_LTZ = ScalarType(
    "TIMESTAMP WITH LOCAL TIME ZONE", Family.TIMESTAMP_TZ, SqlType(TypeName.TIMESTAMP_LTZ)
)
INTERVAL_DS = ScalarType(
    "INTERVAL DAY TO SECOND", Family.INTERVAL_DS, SqlType(TypeName.INTERVAL_DS)
)
INTERVAL_YM = ScalarType(
    "INTERVAL YEAR TO MONTH", Family.INTERVAL_YM, SqlType(TypeName.INTERVAL_YM)
)
CLOB = ScalarType("CLOB", Family.LOB, SqlType(TypeName.CLOB))
BLOB = ScalarType("BLOB", Family.BINARY_LOB, SqlType(TypeName.BLOB))
SYS_REFCURSOR = CursorType("REF CURSOR")
JSON_ELEMENT = ObjectType("JSON_ELEMENT_T")
#: By name.
OBJECT_TYPES: dict[str, ObjectType] = {
    JSON_ELEMENT.name: JSON_ELEMENT,
    **{
        name: ObjectType(name, JSON_ELEMENT)
        for name in ("JSON_OBJECT_T", "JSON_ARRAY_T", "JSON_SCALAR_T")
    },
}
_JSON_KEY = ScalarType("VARCHAR2", Family.TEXT, SqlType(TypeName.VARCHAR2, 4000))

#: Source: PL/SQL Language Reference 19c, "PL/SQL Data Types"; subtypes as STANDARD declares them.
NAMED: dict[str, Type] = {
    "NUMBER": NUMBER,
    "DEC": WHOLE,
    "DECIMAL": WHOLE,
    "NUMERIC": WHOLE,
    "INTEGER": WHOLE,
    "INT": WHOLE,
    "SMALLINT": WHOLE,
    "FLOAT": NUMBER,
    "REAL": NUMBER,
    "DOUBLE PRECISION": NUMBER,
    "PLS_INTEGER": PLS_INTEGER,
    "BINARY_INTEGER": PLS_INTEGER,
    "NATURAL": replace(PLS_INTEGER, low=0),
    "NATURALN": replace(PLS_INTEGER, low=0, not_null=True),
    "POSITIVE": replace(PLS_INTEGER, low=1),
    "POSITIVEN": replace(PLS_INTEGER, low=1, not_null=True),
    "SIGNTYPE": replace(PLS_INTEGER, low=-1, high=1),
    "SIMPLE_INTEGER": replace(PLS_INTEGER, not_null=True, wraps=True),
    "BINARY_FLOAT": SINGLE,
    "BINARY_DOUBLE": DOUBLE,
    "SIMPLE_FLOAT": replace(SINGLE, not_null=True),
    "SIMPLE_DOUBLE": replace(DOUBLE, not_null=True),
    "VARCHAR2": VARCHAR2,
    "VARCHAR": VARCHAR2,
    "STRING": VARCHAR2,
    "LONG": ScalarType("LONG", Family.TEXT, SqlType(TypeName.LONG, 32760)),
    "NVARCHAR2": ScalarType("NVARCHAR2", Family.TEXT, SqlType(TypeName.NVARCHAR2)),
    "CHAR": CHAR,
    "CHARACTER": CHAR,
    "NCHAR": ScalarType("NCHAR", Family.TEXT, SqlType(TypeName.NCHAR), fixed=True),
    "RAW": RAW,
    "LONG RAW": ScalarType("LONG RAW", Family.RAW, SqlType(TypeName.LONG_RAW, 32760)),
    "ROWID": ROWID,
    "UROWID": ROWID,
    "BOOLEAN": BOOLEAN,
    "DATE": DATE,
    "TIMESTAMP": TIMESTAMP,
    "TIMESTAMP WITH TIME ZONE": TIMESTAMP_TZ,
    "TIMESTAMP WITH LOCAL TIME ZONE": TIMESTAMP_LTZ,
    "INTERVAL DAY TO SECOND": INTERVAL_DS,
    "INTERVAL YEAR TO MONTH": INTERVAL_YM,
    "TIMESTAMP_UNCONSTRAINED": TIMESTAMP,
    "TIMESTAMP_TZ_UNCONSTRAINED": TIMESTAMP_TZ,
    "TIMESTAMP_LTZ_UNCONSTRAINED": TIMESTAMP_LTZ,
    "DSINTERVAL_UNCONSTRAINED": INTERVAL_DS,
    "YMINTERVAL_UNCONSTRAINED": INTERVAL_YM,
    "CLOB": CLOB,
    "NCLOB": ScalarType("NCLOB", Family.LOB, SqlType(TypeName.NCLOB)),
    "BLOB": BLOB,
    "SYS_REFCURSOR": SYS_REFCURSOR,
    **OBJECT_TYPES,
    "JSON_KEY_LIST": CollectionType("JSON_KEY_LIST", _JSON_KEY, limit=32767),
    # Of supplied packages: whatever the caller passes.
    "<ADT_1>": UNKNOWN,
    "<COLLECTION_1>": UNKNOWN,
}

_OF_SQL: dict[TypeName, ScalarType] = {
    type_.sql.name: type_
    for type_ in reversed(list(NAMED.values()))
    if isinstance(type_, ScalarType) and type_.sql is not None
} | {
    TypeName.FLOAT: NUMBER,
    TypeName.NUMBER: NUMBER,
    TypeName.BINARY_INTEGER: PLS_INTEGER,
    TypeName.BOOLEAN: BOOLEAN,
    TypeName.JSON: CLOB,
}


def of_sql(type_: SqlType | None) -> Type:
    """The language's type for SQL's."""
    if type_ is None:
        return UNKNOWN
    if type_.name is TypeName.CURSOR:
        return SYS_REFCURSOR
    found = _OF_SQL.get(type_.name, UNKNOWN)
    if found.sql is None or found.sql == type_ or found.family is Family.INTEGER:
        return found
    return replace(found, sql=type_)


def of_column(column: Column) -> Type:
    """The type of a table's or a query's column."""
    return counted(of_sql(column.type), in_bytes=column.in_bytes)


def counted(type_: Type, *, in_bytes: bool) -> Type:
    """A text's type whose size counts bytes or not; those of national types never do."""
    if not isinstance(type_, ScalarType) or type_.family is not Family.TEXT or type_.sql is None:
        return type_
    if type_.sql.name in (TypeName.NVARCHAR2, TypeName.NCHAR) or type_.sql.size is None:
        in_bytes = False
    return replace(type_, in_bytes=in_bytes) if in_bytes is not type_.in_bytes else type_


def to_sql(type_: Type) -> SqlType | None:
    """What a SQL statement is told of a value's type; None: nothing, or SQL has no such type."""
    if isinstance(type_, ScalarType):
        if type_.family is Family.BOOLEAN:
            return SqlType(TypeName.BOOLEAN)
        return type_.sql
    if isinstance(type_, CursorType):
        return SqlType(TypeName.CURSOR)
    return None


def of_columns(name: str, columns: Sequence[Column], origin: Origin | None = None) -> RecordType:
    """A %ROWTYPE; origin: of a table or view."""
    return RecordType(name, [Field(c.name, of_column(c)) for c in columns], origin)


#: What a conversion costs when an overloading is chosen.
_EXACT, _WIDER, _CONVERTED = 0, 1, 3
_WIDENING = {
    (Family.INTEGER, Family.NUMBER),
    (Family.NUMBER, Family.FLOAT),
    (Family.INTEGER, Family.FLOAT),
    (Family.DATE, Family.TIMESTAMP),
    (Family.TEXT, Family.LOB),
    (Family.RAW, Family.BINARY_LOB),
    (Family.TIMESTAMP, Family.TIMESTAMP_TZ),
    (Family.DATE, Family.TIMESTAMP_TZ),
}


def cost(actual: Type, formal: Type) -> int | None:
    """What it costs to pass actual for formal; None: it does not fit."""
    if isinstance(actual, ScalarType) and actual.family in (Family.UNKNOWN, Family.NULL):
        if actual.family is Family.NULL and isinstance(formal, CollectionType):
            # An associative array is never NULL.
            return None if formal.is_indexed else _WIDER
        return _WIDER
    if isinstance(formal, ScalarType):
        if formal.family is Family.UNKNOWN:
            return _WIDER
        return (
            _scalar_cost(actual.family, formal.family) if isinstance(actual, ScalarType) else None
        )
    if isinstance(formal, CursorType):
        return _EXACT if isinstance(actual, CursorType) else None
    if isinstance(formal, ObjectType):
        if not isinstance(actual, ObjectType) or not actual.is_under(formal):
            return None
        return _EXACT if actual is formal else _WIDER
    if isinstance(formal, CollectionType):
        if isinstance(actual, ArrayBind):
            return _EXACT if formal.is_indexed else None
        return _EXACT if actual is formal else None
    if isinstance(formal, ArrayBind):
        fits = isinstance(actual, CollectionType) and actual.is_indexed
        return _EXACT if fits else None
    if isinstance(actual, RecordType):
        if actual is formal:
            return _EXACT
        # A %ROWTYPE record fits another type of as many fields, if they fit.
        if "%" not in actual.name and "%" not in formal.name:
            return None
        if len(actual.fields) != len(formal.fields):
            return None
        costs = [cost(a.type, f.type) for a, f in zip(actual.fields, formal.fields, strict=True)]
        return None if None in costs else _WIDER
    return None


def _scalar_cost(actual: Family, formal: Family) -> int | None:
    if actual is formal:
        return _EXACT
    if (actual, formal) in _WIDENING:
        return _WIDER
    if actual in NUMERIC and formal in NUMERIC:
        return _WIDER + 1
    if (actual in TEXTUAL and formal in _FROM_TEXT) or (formal in TEXTUAL and actual in _FROM_TEXT):
        return _CONVERTED
    if actual in DATETIME and formal in DATETIME:
        return _WIDER + 1
    if {actual, formal} == {Family.RAW, Family.BINARY_LOB}:
        return _CONVERTED
    return None
