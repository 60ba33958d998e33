"""Collections and records as the built-in packages fill them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deploy.localdb.plsql.values import Collection, Record, Ref
from deploy.localdb.values import Value


def fill(target: Ref, values: Sequence[Value]) -> None:
    """Make these the elements 1 to n of a collection that the caller passed."""
    collection = target.value
    if not isinstance(collection, Collection):
        type_: Any = target.type
        collection = Collection(type_)
    collection.clear()
    if not collection.type.is_indexed:
        collection.extend(len(values))
    for number, value in enumerate(values, 1):
        collection.set(number, value)
    target.value = collection


def elements(source: Ref) -> list[Any]:
    """The elements of a collection in the order of their subscripts."""
    return list(source.value) if isinstance(source.value, Collection) else []


def new_element(target: Ref) -> Record:
    """A record with the defaults of a collection's element type."""
    type_: Any = target.value.type if isinstance(target.value, Collection) else target.type
    element = type_.element.initial()
    assert isinstance(element, Record)
    return element
