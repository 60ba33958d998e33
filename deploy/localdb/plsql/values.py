"""The language's own values: records, collections, cursors, and the holders of a value.

Scalars are as `deploy.localdb.values` says. A variable holds a Record or a Collection of its own: an
assignment copies. A nested table or varray that was never initialised is None, as is a NULL record.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from deploy.localdb.errors import OraError
from deploy.localdb.values import Column, Rows, SqlType, Value

if TYPE_CHECKING:
    from deploy.localdb.plsql.host import SqlCursor
    from deploy.localdb.plsql.types import CollectionType, RecordType

Key: TypeAlias = int | str


class Ref:
    """A formal parameter of a built-in package's subprogram: read and set `value`.

    Attributes:
        value: of an OUT formal at the call: an empty record or collection of its type, else None.
        type: as the formal is declared, of a generic one as the argument is; None: not known.
    """

    __slots__ = ("type", "value")

    def __init__(
        self, value: Value = None, type: SqlType | RecordType | CollectionType | None = None
    ) -> None:
        # As the declaration of the formal has it: who reads it knows its type.
        self.value: Any = value
        self.type = type


class Cell:
    """A bind of the client's.

    Attributes:
        value: None, a value, a Cursor, or for an array a list of values.
        type: as the client describes it; None: unknown.
        is_array: a PL/SQL array: an index-by table, dense from 1, as a list.
        assigned: the block has set it.
    """

    __slots__ = ("assigned", "is_array", "type", "value")

    def __init__(
        self, value: Value = None, type: SqlType | None = None, is_array: bool = False
    ) -> None:
        self.value = value
        self.type = type
        self.is_array = is_array
        self.assigned = False


class Record:
    """A record: values in the order of its type's fields."""

    __slots__ = ("type", "values")

    def __init__(self, type: RecordType, values: list[Value]) -> None:
        self.type = type
        self.values = values

    def get(self, name: str) -> Any:
        """The field of this upper-case name."""
        return self.values[self.type.index[name]]

    def set(self, name: str, value: Value) -> None:
        """Set a field; the value is as the field's type has it."""
        self.values[self.type.index[name]] = value

    def copy(self) -> Record:
        return Record(self.type, [copy_value(value) for value in self.values])

    @property
    def is_empty(self) -> bool:
        """Whether all fields are NULL."""
        return all(value is None for value in self.values)

    def __repr__(self) -> str:
        pairs = zip(self.type.index, self.values, strict=False)
        return "(" + ", ".join(f"{name} => {value!r}" for name, value in pairs) + ")"


class Collection:
    """An associative array, nested table or varray.

    `items` holds what exists, by subscript; `extent` counts what a nested table or varray has
    allocated, elements deleted since included.
    """

    __slots__ = ("_keys", "extent", "items", "type")

    def __init__(self, type: CollectionType, items: dict[Key, Value] | None = None) -> None:
        self.type = type
        self.items: dict[Key, Value] = items if items is not None else {}
        self.extent = len(self.items)
        self._keys: list[Key] | None = None

    @classmethod
    def of(cls, type: CollectionType, values: Iterable[Value]) -> Collection:
        """Elements 1 to n."""
        return cls(type, dict(enumerate(values, 1)))

    def copy(self) -> Collection:
        copied = Collection(self.type, {k: copy_value(v) for k, v in self.items.items()})
        copied.extent = self.extent
        return copied

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Value]:
        """The elements in order of their subscripts."""
        items = self.items
        return iter([items[key] for key in self.keys()])

    def keys(self) -> list[Key]:
        """The subscripts in order; not to be changed."""
        keys = self._keys
        if keys is None or len(keys) != len(self.items):
            keys = self._keys = sorted(self.items)
        return keys

    # ---- elements ----

    def get(self, key: Key) -> Value:
        """An element.

        Raises:
            OraError: 1403 where there is none; 6532, 6533 outside a nested table or varray.
        """
        try:
            return self.items[key]
        except KeyError:
            raise self._missing(key) from None

    def _missing(self, key: Key) -> OraError:
        if not self.type.is_indexed:
            self._check_bounds(key)
        return OraError(1403, "no data found")

    def _check_bounds(self, key: Key) -> None:
        limit = self.type.limit
        if not isinstance(key, int) or key < 1 or (limit is not None and key > limit):
            raise OraError(6532, "Subscript outside of limit")
        if key > self.extent:
            raise OraError(6533, "Subscript beyond count")

    def set(self, key: Key, value: Value) -> None:
        """Set an element; of an associative array it may be new."""
        items = self.items
        if key not in items:
            if self.type.is_indexed:
                keys = self._keys
                if keys is not None:
                    if len(keys) == len(items) and (not keys or keys[-1] < key):  # type: ignore[operator]
                        keys.append(key)
                    else:
                        self._keys = None
            else:
                self._check_bounds(key)
                self._keys = None
        items[key] = value

    # ---- methods ----

    @property
    def first(self) -> Key | None:
        keys = self.keys()
        return keys[0] if keys else None

    @property
    def last(self) -> Key | None:
        keys = self.keys()
        return keys[-1] if keys else None

    def prior(self, key: Key) -> Key | None:
        keys = self.keys()
        at = bisect_left(keys, key)
        return keys[at - 1] if at > 0 else None

    def next(self, key: Key) -> Key | None:
        keys = self.keys()
        at = bisect_right(keys, key)
        return keys[at] if at < len(keys) else None

    def exists(self, key: Key | None) -> bool:
        return key in self.items

    def clear(self) -> None:
        """DELETE without arguments."""
        self.items = {}
        self.extent = 0
        self._keys = None

    def delete(self, first: Key | None, last: Key | None) -> None:
        """DELETE(m, n); nothing where a bound is NULL."""
        if first is None or last is None:
            return
        if first == last:
            self.items.pop(first, None)
        else:
            for key in [k for k in self.items if first <= k <= last]:  # type: ignore[operator]
                del self.items[key]
        self._keys = None

    def extend(self, count: int = 1, value: Value = None) -> None:
        limit = self.type.limit
        if limit is not None and self.extent + count > limit:
            raise OraError(6532, "Subscript outside of limit")
        for _ in range(count):
            self.extent += 1
            self.items[self.extent] = copy_value(value)
        self._keys = None

    def trim(self, count: int = 1) -> None:
        if count > self.extent:
            raise OraError(6533, "Subscript beyond count")
        for _ in range(count):
            self.items.pop(self.extent, None)
            self.extent -= 1
        self._keys = None

    def __repr__(self) -> str:
        return f"{self.type.name}{self.items!r}"


class Cursor:
    """An explicit cursor or a cursor variable's query.

    Attributes:
        host_cursor: the open query; None: closed.
        row_count: rows fetched so far.
        found: what the last fetch found; None: nothing fetched yet.
        rowid: of the row fetched last, where the query hides one behind its columns; None: no row.
    """

    __slots__ = (
        "_ahead",
        "_hides_rowid",
        "for_update",
        "found",
        "host_cursor",
        "row_count",
        "rowid",
    )

    def __init__(
        self,
        host_cursor: SqlCursor | None = None,
        for_update: bool = False,
        *,
        hides_rowid: bool = False,
    ) -> None:
        self.host_cursor = host_cursor
        self.for_update = for_update
        self.rowid: Value = None
        self._hides_rowid = hides_rowid
        self.row_count = 0
        self.found: bool | None = None
        self._ahead: list[tuple[Value, ...]] = []

    @property
    def is_open(self) -> bool:
        return self.host_cursor is not None

    @property
    def columns(self) -> tuple[Column, ...]:
        columns = self._opened().columns
        return columns[:-1] if self._hides_rowid else columns

    def _opened(self) -> SqlCursor:
        if self.host_cursor is None:
            raise OraError(1001, "invalid cursor")
        return self.host_cursor

    def fetch(self, rows: int) -> list[tuple[Value, ...]]:
        """At most so many rows."""
        fetched = self._opened().fetch(rows)
        self.row_count += len(fetched)
        self.found = len(fetched) == rows
        if self._hides_rowid:
            self.rowid = fetched[-1][-1] if fetched else None
            fetched = [row[:-1] for row in fetched]
        return fetched

    def close(self) -> None:
        opened = self._opened()
        self.host_cursor = None
        opened.close()


def as_rows(value: Collection | None) -> Rows | None:
    """What TABLE() of a collection gives: its elements in order."""
    if value is None:
        return None
    return Rows(tuple(tuple(one.values) if isinstance(one, Record) else (one,) for one in value))


def copy_value(value: Value) -> Value:
    """A value for another variable: records and collections are copied, the rest never changes."""
    if value.__class__ is Record or value.__class__ is Collection:
        return value.copy()
    return value
