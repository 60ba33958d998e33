"""Records and collections as arguments: what the dictionary says of them, and what can be passed.

A composite is made of scalars, one level deep: a record, a collection of scalars, a collection of
records. Nothing else travels, so a type that holds more is refused by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sql.names import InvalidName, join_names, quote_if_needed
from sql.values import LOB_SOURCES, Kind, dictionary_kind

#: ALL_ARGUMENTS.DATA_TYPE of an associative array, of a record, and of an object type.
ARRAY: Final = "PL/SQL TABLE"
RECORD: Final = "PL/SQL RECORD"
OBJECT: Final = "OBJECT"
#: All of them.
DATA_TYPES: Final = frozenset({ARRAY, RECORD, OBJECT, "TABLE", "VARRAY"})

#: TYPE_OWNER, TYPE_NAME and TYPE_SUBNAME of ALL_ARGUMENTS: the last one None where it is no type of a
#: package, but a table's row or a type of the schema.
TypeName = tuple[str, str, str | None]
#: Its owner, package and name; the package empty where there is none.
_Key = tuple[str, str, str]

#: Bytes of a text or RAW whose length the dictionary does not tell.
TEXT_LENGTH: Final = 4000
#: Bytes of the largest character, and of the largest text.
_CHARACTER_BYTES: Final = 4
_LONGEST: Final = 32767
#: Attributes that a description shows.
_SHOWN: Final = 30
_ROW: Final = "%ROWTYPE"


class Shape(StrEnum):
    """How a composite holds its scalars."""

    RECORD = "record"
    TABLE = "nested table"
    VARRAY = "varray"
    #: An associative array by integer.
    ARRAY = "array"
    #: An associative array by text.
    MAP = "array by text"


_SHAPES: Final = {
    "TABLE": Shape.TABLE,
    "VARYING ARRAY": Shape.VARRAY,
    "PL/SQL INDEX TABLE": Shape.ARRAY,
}


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of a record, or a collection's element (name None)."""

    name: str | None
    #: As the dictionary writes it.
    data_type: str
    #: None: it cannot be passed.
    kind: Kind | None
    #: That a value may have, where it is text or RAW.
    length: int = TEXT_LENGTH


@dataclass(frozen=True, slots=True)
class Composite:
    """The type of an argument."""

    shape: Shape
    #: As PL/SQL names it, every part quoted; that of the records that a collection holds, if it does.
    text: str
    attributes: tuple[Attribute, ...]
    record_text: str | None = None
    #: Elements of a varray, bytes of an array's text index. None: not limited, or not known.
    limit: int | None = None
    #: As a person would write it.
    name: str = ""
    #: Why it cannot be passed. Empty: it can.
    refusal: str = ""

    @property
    def holds_records(self) -> bool:
        """Whether an element is a record."""
        return self.record_text is not None

    def __str__(self) -> str:
        shown = [f"{quote_if_needed(a.name)} {a.data_type}" for a in self.attributes if a.name]
        listed = ", ".join(shown[:_SHOWN]) + (", ..." if len(shown) > _SHOWN else "")
        inner = f"({listed})" if shown else "".join(a.data_type for a in self.attributes)
        return f"{self.name} {inner}" if self.shape is Shape.RECORD else f"{self.name} OF {inner}"


def read_types(lines: Sequence[str]) -> dict[TypeName, Composite]:
    """Put the lines of `describe_types` together.

    Args:
        lines: fields parted by double quotes: "A" or "C", the type's owner, package and name; an
            attribute's name; owner, name, package and length of its type or the element's; of a
            collection its kind, bound and index.

    Returns:
        Without the types that no quoting makes an identifier.
    """
    records: dict[_Key, list[Attribute]] = {}
    collections: dict[_Key, list[str]] = {}
    for line in lines:
        kind, owner, package, type_name, name, *rest = line.split('"')
        key = (owner, package, type_name)
        if kind == "C":
            collections[key] = rest
            continue
        records.setdefault(key, []).append(_read_attribute(name, *rest))
    found: dict[TypeName, Composite] = {}
    for key in [*records, *collections]:
        owner, package, type_name = key
        try:
            if key in collections:
                composite = _read_collection(key, collections[key], records)
            else:
                composite = _read_record(key, records[key])
        except InvalidName:
            continue
        found[(owner, package, type_name) if package else (owner, type_name, None)] = composite
    return found


def _read_attribute(
    name: str | None, owner: str, type_name: str, package: str, length: str
) -> Attribute:
    if owner:
        return Attribute(name, _shown(owner, package, type_name), None)
    size = min(int(float(length)) * _CHARACTER_BYTES, _LONGEST) if length else TEXT_LENGTH
    return Attribute(name, type_name, dictionary_kind(type_name), max(size, 1))


def _read_record(key: _Key, attributes: Sequence[Attribute]) -> Composite:
    return Composite(
        Shape.RECORD,
        _type_text(*key, is_record=True),
        tuple(attributes),
        name=_shown(*key),
        refusal=_refusal(attributes, in_collection=False),
    )


def _read_collection(
    key: _Key, rest: Sequence[str], records: Mapping[_Key, Sequence[Attribute]]
) -> Composite:
    *element, kind, bound, index_by = rest
    owner, type_name, package, _ = element
    held = (owner, package, type_name if package else type_name.removesuffix(_ROW))
    record = records.get(held, ()) if owner else ()
    attributes = tuple(record) or (_read_attribute(None, *element),)
    return Composite(
        Shape.MAP if index_by == "VARCHAR2" else _SHAPES.get(kind, Shape.TABLE),
        _type_text(*key),
        attributes,
        record_text=_type_text(*held, is_record=True) if record else None,
        limit=int(float(bound)) if bound else None,
        name=_shown(*key),
        refusal=_refusal(attributes, in_collection=True),
    )


def _refusal(attributes: Sequence[Attribute], *, in_collection: bool) -> str:
    for attribute in attributes:
        what = f"its attribute {_shown(attribute.name)}" if attribute.name else "its element"
        if attribute.kind is None or attribute.kind is Kind.CURSOR:
            return f"{what} is a {attribute.data_type}"
        if in_collection and attribute.kind in LOB_SOURCES:
            return f"{what} is a {attribute.data_type}, which a collection cannot bring along"
    return ""


def _type_text(owner: str, package: str, name: str, *, is_record: bool = False) -> str:
    """A type as PL/SQL names it; a record of no package is the row of a table or view.

    Raises:
        InvalidName: no quoting makes that an identifier.
    """
    parts = (owner, package, name.removesuffix(_ROW)) if package else (owner, name)
    is_row = name.endswith(_ROW) if package else is_record
    return join_names(parts) + ("%rowtype" if is_row else "")


def _shown(*names: str | None) -> str:
    shown = (n if n.endswith(_ROW) else quote_if_needed(n) for n in names if n)
    return ".".join(shown)
