"""Values that only the language has: records, collections, cursors, and places that hold a value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from deploy.localdb.errors import OraError
from deploy.localdb.values import SqlType, Value

if TYPE_CHECKING:
    from deploy.localdb.plsql.host import SqlCursor


class Ref:
    """A formal parameter of a built-in: its value, which an OUT parameter's body replaces."""

    __slots__ = ("value",)

    def __init__(self, value: Value = None) -> None:
        self.value = value

    def __repr__(self) -> str:
        return f"Ref({self.value!r})"


class Cell(Ref):
    """A placeholder of a block: its value, and how the client describes it."""

    __slots__ = ("assigned", "is_array", "type")

    def __init__(
        self, value: Value = None, type: SqlType | None = None, *, is_array: bool = False
    ) -> None:
        super().__init__(value)
        self.type = type
        self.is_array = is_array
        self.assigned = False


class Record:
    """A record: values by field name, in the order of its declaration."""

    __slots__ = ("fields",)

    def __init__(self, fields: dict[str, Value]) -> None:
        self.fields = fields

    def get(self, name: str) -> Value:
        return self.fields[name]

    def set(self, name: str, value: Value) -> None:
        self.fields[name] = value

    def copy(self) -> Record:
        return Record({name: copy_value(value) for name, value in self.fields.items()})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Record) and self.fields == other.fields

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Record({self.fields!r})"


class Collection:
    """An index-by table, a nested table or a varray.

    kind is INDEX, NESTED or VARRAY. Nested tables and varrays are dense from 1 when made; only a
    nested table may lose elements in between.
    """

    __slots__ = ("_keys", "_sorted", "items", "kind", "limit", "size")

    def __init__(
        self, kind: str = "INDEX", items: Iterable[Value] = (), limit: int | None = None
    ) -> None:
        self.kind = kind
        self.items: dict[Any, Value] = dict(enumerate(items, 1))
        self.limit = limit
        #: Highest index that EXTEND has made, deleted or not.
        self.size = len(self.items)
        self._keys: list[Any] = list(self.items)
        self._sorted = True

    # ---- elements ----

    def get(self, key: Any) -> Value:
        try:
            return self.items[key]
        except KeyError:
            self._missing(key)

    def _missing(self, key: Any) -> Any:
        if key is None:
            raise OraError(6502, "PL/SQL: numeric or value error: NULL index table key value")
        if self.kind == "INDEX" or 0 < key <= self.size:
            raise OraError(1403, "no data found")
        if self.kind == "VARRAY" and self.limit is not None and not 0 < key <= self.limit:
            raise OraError(6532, "Subscript outside of limit")
        raise OraError(6533, "Subscript beyond count")

    def set(self, key: Any, value: Value) -> None:
        if key not in self.items:
            if key is None:
                raise OraError(6502, "PL/SQL: numeric or value error: NULL index table key value")
            if self.kind != "INDEX" and not 0 < key <= self.size:
                self._missing(key)
            self._sorted = self._sorted and (not self._keys or key > self._keys[-1])
            self._keys.append(key)
        self.items[key] = value

    def keys(self) -> list[Any]:
        """All keys in order."""
        if not self._sorted:
            self._keys.sort()
            self._sorted = True
        return self._keys

    def values(self) -> list[Value]:
        """All values in the order of their keys."""
        return [self.items[key] for key in self.keys()]

    def __iter__(self) -> Iterator[Value]:
        return iter(self.values())

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        return f"Collection({self.kind}, {self.items!r})"

    def copy(self) -> Collection:
        other = Collection(self.kind, (), self.limit)
        other.items = {key: copy_value(value) for key, value in self.items.items()}
        other.size = self.size
        other._keys = list(self._keys)
        other._sorted = self._sorted
        return other

    # ---- methods ----

    def first(self) -> Any:
        keys = self.keys()
        return keys[0] if keys else None

    def last(self) -> Any:
        keys = self.keys()
        return keys[-1] if keys else None

    def next(self, key: Any) -> Any:
        """The next key after this one, whether that exists or not."""
        return next((k for k in self.keys()[self._position(key, after=True) :]), None)

    def prior(self, key: Any) -> Any:
        position = self._position(key, after=False)
        return self.keys()[position - 1] if position else None

    def _position(self, key: Any, *, after: bool) -> int:
        from bisect import bisect_left, bisect_right

        return (bisect_right if after else bisect_left)(self.keys(), key)

    def extend(self, count: int = 1, value: Value = None) -> None:
        if self.limit is not None and self.size + count > self.limit:
            raise OraError(6532, "Subscript outside of limit")
        for _ in range(count):
            self.size += 1
            self.items[self.size] = copy_value(value)
            self._keys.append(self.size)

    def trim(self, count: int = 1) -> None:
        if count > self.size:
            raise OraError(6533, "Subscript beyond count")
        for key in range(self.size, self.size - count, -1):
            self._remove(key)
        self.size -= count

    def delete(self, low: Any = None, high: Any = None) -> None:
        """All elements, one, or a range."""
        if low is None:
            self.items.clear()
            self._keys.clear()
            self._sorted = True
            self.size = 0
        elif high is None:
            self._remove(low)
        else:
            for key in [k for k in self.keys() if low <= k <= high]:
                self._remove(key)

    def _remove(self, key: Any) -> None:
        if key in self.items:
            del self.items[key]
            self._keys.remove(key)


class Cursor:
    """A cursor: explicit, or what a REF CURSOR variable refers to."""

    __slots__ = ("buffer", "bulk_rowcount", "found", "host_cursor", "row_count")

    def __init__(self) -> None:
        self.host_cursor: SqlCursor | None = None
        #: %FOUND; None before the first fetch.
        self.found: bool | None = None
        self.row_count = 0
        self.bulk_rowcount: list[int] = []

    @property
    def is_open(self) -> bool:
        return self.host_cursor is not None


def copy_value(value: Value) -> Value:
    """What an assignment stores: records and collections are copied, the rest is immutable."""
    if isinstance(value, Record | Collection):
        return value.copy()
    return value
