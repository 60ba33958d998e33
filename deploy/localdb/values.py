"""Oracle's values and types as Python objects: what the wire, the language and SQL hand each other.

How a value of each type looks in Python (NULL and the empty string are both None):

    NUMBER, PLS_INTEGER        int where integral, else decimal.Decimal (at most 40 digits)
    BINARY_FLOAT, _DOUBLE      float
    VARCHAR2, CHAR, LONG       str, never ''
    RAW, LONG RAW              bytes, never b''
    DATE                       Date
    TIMESTAMP [LTZ]            datetime without tzinfo
    TIMESTAMP WITH TIME ZONE   datetime whose tzinfo is datetime.timezone or zones.Region
    INTERVAL DAY TO SECOND     timedelta
    INTERVAL YEAR TO MONTH     YearMonth
    BOOLEAN                    bool
    CLOB, NCLOB, BLOB          Lob
    ROWID                      Rowid
    REF CURSOR                 a cursor of the session
"""

from __future__ import annotations

import datetime
from bisect import bisect_right
from dataclasses import dataclass, replace
from decimal import Context
from enum import Enum
from functools import lru_cache
from typing import Any, TypeAlias

#: Oracle's NUMBER has up to 40 significant digits; Python's default context would round at 28.
NUMBER_CONTEXT = Context(prec=40, Emin=-130, Emax=126)
#: What a LOB gets in smaller pieces is put together first.
_LOB_PIECE = 32_768


class Date(datetime.datetime):
    """A DATE: to the second and without a zone; a plain datetime is a TIMESTAMP."""


@dataclass(frozen=True, order=True)
class YearMonth:
    """An INTERVAL YEAR TO MONTH as a signed number of months."""

    months: int


class Rowid(str):
    """A ROWID in its text form."""

    __slots__ = ()


class Lob:
    """A CLOB or BLOB held in memory; two variables may share one, as locators do.

    It grows, and is copied, at no cost that depends on its length.

    Attributes:
        temporary: False: read from a table; writing to it is refused.
        national: an NCLOB.
        is_binary: a BLOB; its data are bytes.
    """

    __slots__ = (
        "__weakref__",
        "_count",
        "_ends",
        "_length",
        "_pieces",
        "_tail",
        "is_binary",
        "national",
        "temporary",
    )

    def __init__(self, data: str | bytes, temporary: bool = True, national: bool = False) -> None:
        self.temporary = temporary
        self.national = national
        self.data = data

    def __repr__(self) -> str:
        return f"Lob({self.data!r})"

    @property
    def data(self) -> str | bytes:
        """All of it."""
        if self._tail or self._count != 1:
            self.data = self._tail[:0].join([*self._pieces[: self._count], self._tail])
        return self._pieces[0]  # type: ignore[no-any-return]

    @data.setter
    def data(self, data: str | bytes) -> None:
        self.is_binary = isinstance(data, bytes)
        self._length = len(data)
        #: Copies share the list; so many of its pieces are this one's, and behind them the tail.
        #: All are of one kind, which no type can say.
        self._pieces: list[Any] = [data]
        #: Where in the LOB each of them ends.
        self._ends = [len(data)]
        self._count = 1
        self._tail: Any = data[:0]

    @property
    def length(self) -> int:
        """Characters or bytes."""
        return self._length

    def cut(self, start: int, stop: int) -> list[Any]:
        """What is between two places, counted from 0, in pieces; whole ones are not copied."""
        stop = min(stop, self._length)
        index = bisect_right(self._ends, start, 0, self._count)
        begin = self._ends[index - 1] if index else 0
        found: list[Any] = []
        while start < stop:
            piece = self._pieces[index] if index < self._count else self._tail
            found.append(piece[start - begin : stop - begin])
            begin += len(piece)
            start = begin
            index += 1
        return found

    def append(self, piece: str | bytes) -> None:
        """Put a piece of the same kind to the end."""
        if not self._length:
            self.data = piece  # as it is, not copied
            return
        self._tail += piece
        self._length += len(piece)
        if len(self._tail) < _LOB_PIECE:
            return
        if len(self._pieces) != self._count:
            # A copy has grown too.
            self._pieces = self._pieces[: self._count]
            self._ends = self._ends[: self._count]
        self._pieces.append(self._tail)
        self._ends.append(self._length)
        self._count += 1
        self._tail = self._tail[:0]

    def copy(self, *, national: bool = False) -> Lob:
        """A temporary LOB of its own with the same data."""
        found = Lob.__new__(Lob)
        found.temporary = True
        found.national = national
        found.is_binary = self.is_binary
        found._length = self._length
        found._pieces = self._pieces
        found._ends = self._ends
        found._count = self._count
        found._tail = self._tail
        return found


#: Any of these, or None. A union would only make every reader narrow what the statement or the
#: variable around it has already told.
Value: TypeAlias = Any


@dataclass(frozen=True)
class Rows:
    """The elements of a collection, each the values of a row."""

    values: tuple[tuple[Value, ...], ...]


class TypeName(Enum):
    """The SQL types; the value is the name that the dictionary shows."""

    # A member is itself only: Enum's own hash, of the name, is Python code.
    __hash__ = object.__hash__

    VARCHAR2 = "VARCHAR2"
    NVARCHAR2 = "NVARCHAR2"
    CHAR = "CHAR"
    NCHAR = "NCHAR"
    LONG = "LONG"
    NUMBER = "NUMBER"
    FLOAT = "FLOAT"
    BINARY_INTEGER = "BINARY_INTEGER"
    BINARY_FLOAT = "BINARY_FLOAT"
    BINARY_DOUBLE = "BINARY_DOUBLE"
    DATE = "DATE"
    TIMESTAMP = "TIMESTAMP"
    TIMESTAMP_TZ = "TIMESTAMP WITH TIME ZONE"
    TIMESTAMP_LTZ = "TIMESTAMP WITH LOCAL TIME ZONE"
    INTERVAL_DS = "INTERVAL DAY TO SECOND"
    INTERVAL_YM = "INTERVAL YEAR TO MONTH"
    RAW = "RAW"
    LONG_RAW = "LONG RAW"
    CLOB = "CLOB"
    NCLOB = "NCLOB"
    BLOB = "BLOB"
    ROWID = "ROWID"
    BOOLEAN = "BOOLEAN"
    JSON = "JSON"
    CURSOR = "REF CURSOR"


@dataclass(frozen=True)
class SqlType:
    """A type with its bounds.

    size is in characters for text and in bytes for RAW (None: the type's maximum); precision and
    scale are NUMBER's, or scale alone the fraction digits of a TIMESTAMP or an INTERVAL.
    """

    name: TypeName
    size: int | None = None
    precision: int | None = None
    scale: int | None = None


_SIZE_CLASSES = (32, 128, 2000, 4000, 32_767)


@lru_cache(maxsize=256)
def in_class(type_: SqlType | None) -> SqlType | None:
    """The type of a client's bind with its size rounded up to one of few, as Oracle rounds it.

    A statement is translated for the types of its binds; it shall not be for every length of a text.
    """
    if type_ is None or type_.size is None:
        return type_
    return replace(type_, size=next((n for n in _SIZE_CLASSES if type_.size <= n), None))


@dataclass(frozen=True)
class Column:
    """A column of a query or of a table; its name as the dictionary spells it."""

    name: str
    type: SqlType
    nullable: bool = True
    #: A text whose length counts bytes; of a query's column nobody knows.
    in_bytes: bool = False
