"""Nested tables as multisets: their operators and functions.

Source: PL/SQL Language Reference 19c, "PL/SQL Collections and Records", section "Collection
Comparisons"; SQL Language Reference 19c, "Multiset Operators", "Multiset Conditions".
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from deploy.localdb.plsql.values import Collection
from deploy.localdb.values import Value

#: Two words of the language and a third: what a text has between two nested tables.
OPERATORS = frozenset(
    f"MULTISET {name}{which}"
    for name in ("UNION", "INTERSECT", "EXCEPT")
    for which in ("", " DISTINCT")
)
CONDITIONS = frozenset({"MEMBER", "SUBMULTISET"})
TESTS = frozenset({"IS EMPTY", "IS A SET"})


def combine(operator: str, left: Collection | None, right: Collection | None) -> Collection | None:
    """One of OPERATORS; NULL where an operand is."""
    if left is None or right is None:
        return None
    _, name, *which = operator.split()
    match name:
        case "UNION":
            values = [*left, *right]
        case "INTERSECT":
            values = _kept(left, Counter(right), among=True)
        case _:
            values = _kept(left, Counter(right), among=False)
    if which:
        values = list(dict.fromkeys(values))
        if name == "EXCEPT":
            # Of EXCEPT DISTINCT a value is gone however often it was there.
            gone = set(right)
            values = [value for value in values if value not in gone]
    return Collection.of(left.type, values)


def _kept(left: Collection, counts: Counter[Any], *, among: bool) -> list[Value]:
    kept = []
    for value in left:
        if counts[value] > 0:
            counts[value] -= 1
            if among:
                kept.append(value)
        elif not among:
            kept.append(value)
    return kept


def are_equal(left: Collection | None, right: Collection | None) -> bool | None:
    """`=`: the same elements, as often, in any order; NULL where it hangs on a NULL."""
    if left is None or right is None:
        return None
    if len(left) != len(right):
        return False
    known, wanted = Counter(left), Counter(right)
    if None not in known and None not in wanted:
        return known == wanted
    nulls = known.pop(None, 0), wanted.pop(None, 0)
    rest = sum((known - wanted).values()), sum((wanted - known).values())
    # Each value without a partner would have to be one of the other's NULLs.
    return None if rest[0] <= nulls[1] and rest[1] <= nulls[0] else False


def is_member(value: Value, collection: Collection | None) -> bool | None:
    """`value MEMBER OF collection`."""
    if value is None or collection is None:
        return None
    values = list(collection)
    if value in values:
        return True
    return None if None in values else False


def is_submultiset(left: Collection | None, right: Collection | None) -> bool | None:
    """`left SUBMULTISET OF right`."""
    if left is None or right is None:
        return None
    return not Counter(left) - Counter(right)


def is_set(collection: Collection | None) -> bool | None:
    """`IS A SET`: no element is there twice."""
    return None if collection is None else len(set(collection)) == len(collection)


def as_set(collection: Collection | None) -> Collection | None:
    """SET(collection): each element once."""
    if collection is None:
        return None
    return Collection.of(collection.type, dict.fromkeys(collection))


def cardinality(collection: Collection | None) -> int | None:
    """CARDINALITY(collection)."""
    return None if collection is None else len(collection)
