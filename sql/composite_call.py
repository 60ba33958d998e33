"""The part of a call's block that fills a record or collection from binds, and gives it back.

The block declares a variable of the argument's type. A record's attributes travel as scalars. A
collection travels as its number of elements and an array for each attribute, which local procedures
take and give: they are filled by a loop, so that gaps, NULL collections and types that no array
has (BOOLEAN, times with a zone) are no matter. No object type is on the wire, so nothing has to
be asked for before the call.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import oracledb

from sql.composites import Attribute, Composite, Shape
from sql.exact_json import JsonValue
from sql.names import InvalidName, dictionary_name, quote, quote_if_needed
from sql.values import CARRIERS, Kind, ValueMismatch, to_json, to_oracle

#: Elements that come back of a collection, and bytes that its arrays may take meanwhile.
ELEMENTS: Final = 10_000
_ARRAYS_BYTES: Final = 32 * 1024 * 1024
_NUMBER_BYTES: Final = 22
#: Bytes of a text index whose length is not known.
_INDEX_BYTES: Final = 4000

#: Times travel in arrays as text, in this format of Oracle's.
_TIME: Final = "'YYYY-MM-DD\"T\"HH24:MI:SS.FF6'"
_TIME_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class _Column:
    """How a kind travels in an array."""

    #: That of the array's elements.
    carrier: Kind
    #: The type of PL/SQL that takes the array.
    type: str
    #: Expressions for {}: what an element becomes, and what becomes an element.
    fill: str = "{}"
    give: str = "{}"


_COLUMNS: Final[dict[Kind, _Column]] = {
    Kind.STRING: _Column(Kind.STRING, "varchar2(32767)"),
    Kind.NATIONAL_STRING: _Column(Kind.NATIONAL_STRING, "nvarchar2(16383)"),
    Kind.NUMBER: _Column(Kind.NUMBER, "number"),
    Kind.BINARY_FLOAT: _Column(Kind.BINARY_FLOAT, "binary_float"),
    Kind.BINARY_DOUBLE: _Column(Kind.BINARY_DOUBLE, "binary_double"),
    Kind.DATE: _Column(Kind.DATE, "date"),
    Kind.RAW: _Column(Kind.RAW, "raw(32767)"),
    Kind.BOOLEAN: _Column(
        Kind.NUMBER,
        "number",
        "case {} when 1 then true when 0 then false end",
        "case {} when true then 1 when false then 0 end",
    ),
    Kind.TIMESTAMP: _Column(
        Kind.STRING, "varchar2(32767)", f"to_timestamp({{}}, {_TIME})", f"to_char({{}}, {_TIME})"
    ),
    Kind.ZONED_TIMESTAMP: _Column(
        Kind.STRING,
        "varchar2(32767)",
        f"from_tz(to_timestamp({{}}, {_TIME}), 'UTC')",
        f"to_char(sys_extract_utc({{}}), {_TIME})",
    ),
}
_TIMES: Final = frozenset({Kind.TIMESTAMP, Kind.ZONED_TIMESTAMP})

#: Makes a variable for an attribute of a record: its label, kind, value, and whether it is only
#: passed in.
BindScalar = Callable[[str, Kind, JsonValue, bool], Any]
#: Reads what such a variable has got.
ReadScalar = Callable[[Any, Kind], Awaitable[JsonValue]]


class UnknownAttribute(ValueError):
    """A client names an attribute that the record does not have, or one twice."""


@dataclass(frozen=True, slots=True)
class Passing:
    """A composite in a call.

    Attributes:
        number: of the bind; its variables begin with a{number}.
        label: the parameter's name, for errors.
        given: numbers of the attributes that the client names; the others keep what the type's
            declaration says.
        is_ragged: of a collection of records, whether some name attributes that others do not. Then
            a text goes with each element, of '1' and '0': whether it names the first of given, the
            second ...
        fills, gives: whether the argument is passed in, and comes back.
    """

    composite: Composite
    number: int
    label: str
    given: tuple[int, ...]
    fills: bool
    gives: bool
    is_ragged: bool = False

    @property
    def variable(self) -> str:
        """What stands in the call. No name of a schema is like this one, which it would hide."""
        return f"oraq_v{self.number}"

    @property
    def used(self) -> list[int]:
        """Numbers of the attributes that have a variable."""
        if self.gives:
            return list(range(len(self.composite.attributes)))
        return list(self.given)

    @property
    def kinds(self) -> list[Kind]:
        """Those of what travels."""
        return [kind for n in self.used if (kind := self.composite.attributes[n].kind)]


def name_attributes(composite: Composite, value: JsonValue) -> tuple[int, ...]:
    """Which attributes a value names; of a collection of records, those that any of them names.

    What has another form than the type is refused when it is bound.

    Raises:
        UnknownAttribute: one that is not there, or one in two spellings.
    """
    if composite.shape is not Shape.RECORD and not composite.holds_records:
        return (0,)
    found: set[int] = set()
    for record in [value] if composite.shape is Shape.RECORD else _elements(value):
        if isinstance(record, Mapping):
            found.update(_numbered(composite, record))
    return tuple(sorted(found))


def is_ragged(composite: Composite, value: JsonValue) -> bool:
    """Whether the records of a collection name different attributes.

    Raises:
        UnknownAttribute: as of name_attributes.
    """
    if not composite.holds_records:
        return False
    named = {
        tuple(sorted(_numbered(composite, record))) if isinstance(record, Mapping) else ()
        for record in _elements(value)
    }
    return len(named) > 1


def _elements(value: JsonValue) -> list[JsonValue]:
    if isinstance(value, Mapping):
        return list(value.values())
    return value if isinstance(value, list) else []


def _numbered(composite: Composite, record: Mapping[str, JsonValue]) -> dict[int, JsonValue]:
    """The values of a record by the numbers of their attributes."""
    numbers = {a.name: number for number, a in enumerate(composite.attributes)}
    found: dict[int, JsonValue] = {}
    for key, value in record.items():
        number = numbers.get(key)
        if number is None:
            try:
                number = numbers.get(dictionary_name(key))
            except InvalidName:
                number = None
        if number is None:
            raise UnknownAttribute(f"{composite} has no attribute {key!r:.130}")
        if number in found:
            raise UnknownAttribute(f"the attribute {key!r:.130} is there twice")
        found[number] = value
    return found


# ---- the text ----


def build_declarations(passing: Passing) -> str:
    """What the block declares, but for its procedures, which PL/SQL wants after all else."""
    composite = passing.composite
    if composite.shape is Shape.RECORD:
        return f"{passing.variable} {composite.text};\n"
    lines = [f"{passing.variable} {composite.text};"]
    if composite.shape is Shape.MAP:
        lines += _array_type(passing, "k", "varchar2(32767)")
    if passing.is_ragged:
        lines += _array_type(passing, "m", "varchar2(32767)")
    for number in passing.used:
        lines += _array_type(passing, number, _column(composite.attributes[number]).type)
    return "\n".join(lines) + "\n"


def build_procedures(passing: Passing) -> str:
    """The procedures of the block."""
    if passing.composite.shape is Shape.RECORD:
        return ""
    lines = _filler(passing) if passing.fills else []
    if passing.gives:
        lines += _giver(passing)
    return "".join(f"{line}\n" for line in lines)


def _array_type(passing: Passing, of: int | str, element: str) -> list[str]:
    return [f"type {_array(passing, of)} is table of {element}", "index by binary_integer;"]


def _array(passing: Passing, of: int | str) -> str:
    return f"oraq_t{passing.number}_{of}"


def _column(attribute: Attribute) -> _Column:
    assert attribute.kind is not None
    return _COLUMNS[attribute.kind]


def _formals(passing: Passing, mode: str) -> str:
    formals = [f"oraq_n {mode} number"]
    if passing.composite.shape is Shape.MAP:
        formals.append(f"oraq_k {mode} {_array(passing, 'k')}")
    if passing.is_ragged and mode == "in":
        formals.append(f"oraq_m in {_array(passing, 'm')}")
    formals += [f"oraq_c{n} {mode} {_array(passing, n)}" for n in _sent(passing, mode)]
    return ", ".join(formals)


def _sent(passing: Passing, mode: str) -> list[int]:
    return list(passing.given) if mode == "in" else passing.used


def _filler(passing: Passing) -> list[str]:
    composite, variable = passing.composite, passing.variable
    lines = [f"procedure oraq_fill{passing.number}({_formals(passing, 'in')}) is", "begin"]
    is_dense = composite.shape in (Shape.TABLE, Shape.VARRAY)
    if is_dense:
        lines += ["if oraq_n is null then", "return;", "end if;"]
        lines.append(f"{variable} := {composite.text}();")
    index = "oraq_k(oraq_i)" if composite.shape is Shape.MAP else "oraq_i"
    lines.append("for oraq_i in 1 .. nvl(oraq_n, 0) loop")
    value = ""
    if composite.record_text:
        lines += ["declare", f"oraq_r {composite.record_text};", "begin"]
        value = "oraq_r"
    for place, number in enumerate(passing.given, 1):
        attribute = composite.attributes[number]
        source = _column(attribute).fill.format(f"oraq_c{number}(oraq_i)")
        if not attribute.name:
            value = source
            continue
        assignment = f"oraq_r.{quote(attribute.name)} := {source};"
        if passing.is_ragged:
            is_named = f"substr(oraq_m(oraq_i), {place}, 1) = '1'"
            lines += [f"if {is_named} then", assignment, "end if;"]
        else:
            lines.append(assignment)
    if is_dense:
        # Not by extend(n): where elements are NOT NULL, PL/SQL has none to fill up with.
        lines += ["if oraq_i = 1 then", f"{variable} := {composite.text}({value});"]
        lines += ["else", f"{variable}.extend(1, 1);", f"{variable}(oraq_i) := {value};", "end if;"]
    else:
        lines.append(f"{variable}({index}) := {value};")
    if composite.record_text:
        lines.append("end;")
    return [*lines, "end loop;", "end;"]


def _giver(passing: Passing) -> list[str]:
    composite, variable = passing.composite, passing.variable
    index = "varchar2(32767)" if composite.shape is Shape.MAP else "pls_integer"
    lines = [
        f"procedure oraq_give{passing.number}({_formals(passing, 'out')}) is",
        f"oraq_i {index};",
        "oraq_j pls_integer := 0;",
        "begin",
    ]
    if composite.shape in (Shape.TABLE, Shape.VARRAY):
        lines += [f"if {variable} is null then", "return;", "end if;"]
    lines += [
        f"oraq_n := {variable}.count;",
        f"oraq_i := {variable}.first;",
        f"while oraq_i is not null and oraq_j < {capacity(composite)} loop",
        "oraq_j := oraq_j + 1;",
    ]
    if composite.shape is Shape.MAP:
        lines.append("oraq_k(oraq_j) := oraq_i;")
    for number, attribute in enumerate(composite.attributes):
        element = f"{variable}(oraq_i)"
        source = f"{element}.{quote(attribute.name)}" if attribute.name else element
        lines.append(f"oraq_c{number}(oraq_j) := {_column(attribute).give.format(source)};")
    return [*lines, f"oraq_i := {variable}.next(oraq_i);", "end loop;", "end;"]


def build_before(passing: Passing) -> str:
    """What the block does before the call."""
    composite, number = passing.composite, passing.number
    if not passing.fills:
        return ""
    if composite.shape is Shape.RECORD:
        return "".join(
            f"{passing.variable}.{quote(composite.attributes[n].name or '')} := :a{number}_{n};\n"
            for n in passing.given
        )
    return f"oraq_fill{number}({_actuals(passing, 'in')});\n"


def build_after(passing: Passing) -> str:
    """What the block does after the call."""
    composite, number = passing.composite, passing.number
    if not passing.gives:
        return ""
    if composite.shape is Shape.RECORD:
        return "".join(
            f":a{number}_{n} := {passing.variable}.{quote(attribute.name or '')};\n"
            for n, attribute in enumerate(composite.attributes)
        )
    return f"oraq_give{number}({_actuals(passing, 'out')});\n"


def _actuals(passing: Passing, mode: str) -> str:
    names = ["n"]
    if passing.composite.shape is Shape.MAP:
        names.append("k")
    if passing.is_ragged and mode == "in":
        names.append("m")
    names += [str(n) for n in _sent(passing, mode)]
    return ", ".join(f":a{passing.number}_{name}" for name in names)


def capacity(composite: Composite) -> int:
    """So many elements come back."""
    sizes = [_size(attribute) for attribute in composite.attributes]
    if composite.shape is Shape.MAP:
        sizes.append(_index_size(composite))
    return max(1, min(ELEMENTS, _ARRAYS_BYTES // sum(sizes)))


def _size(attribute: Attribute) -> int:
    if attribute.kind in _TIMES:
        return _TIME_BYTES
    is_sized = CARRIERS[_column(attribute).carrier].size
    return attribute.length if is_sized else _NUMBER_BYTES


def _index_size(composite: Composite) -> int:
    return min(composite.limit * 4, 32767) if composite.limit else _INDEX_BYTES


# ---- the binds ----


def bind_composite(
    cursor: oracledb.AsyncCursor, passing: Passing, value: JsonValue, bind_scalar: BindScalar
) -> dict[str, Any]:
    """The driver's variables by bind name, with the values set.

    Raises:
        ValueMismatch: the value has not the type's form, or a part of it not the part's.
    """
    if not passing.fills:
        value = None
    prefix = f"a{passing.number}_"
    if passing.composite.shape is Shape.RECORD:
        bound = _bind_record(passing, value, bind_scalar)
    else:
        bound = _bind_collection(cursor, passing, value)
    return {prefix + name: variable for name, variable in bound.items()}


def _bind_record(passing: Passing, value: JsonValue, bind_scalar: BindScalar) -> dict[str, Any]:
    given: dict[int, JsonValue] = {}
    if isinstance(value, Mapping):
        given = _numbered(passing.composite, value)
    elif value is not None:
        raise ValueMismatch(passing.label, "a record is a JSON object")
    bound = {}
    for number in passing.used:
        attribute = passing.composite.attributes[number]
        assert attribute.kind is not None
        label = _label(passing.label, attribute)
        bound[str(number)] = bind_scalar(
            label, attribute.kind, given.get(number), not passing.gives
        )
    return bound


def _label(label: str, attribute: Attribute) -> str:
    return f"{label}.{quote_if_needed(attribute.name)}" if attribute.name else label


def _bind_collection(
    cursor: oracledb.AsyncCursor, passing: Passing, value: JsonValue
) -> dict[str, Any]:
    composite, label = passing.composite, passing.label
    keys: list[str] = []
    elements: list[JsonValue] = []
    if composite.shape is Shape.MAP:
        if value is not None and not isinstance(value, Mapping):
            raise ValueMismatch(label, "an array indexed by text is a JSON object")
        keys, elements = list(value or ()), list(value.values()) if value else []
    elif isinstance(value, list):
        elements = value
    elif value is not None:
        raise ValueMismatch(label, "a collection is a JSON list")
    limit = composite.limit
    if composite.shape is Shape.VARRAY and limit is not None and len(elements) > limit:
        raise ValueMismatch(label, f"{composite.name} holds at most {limit} elements")
    count = cursor.var(oracledb.DB_TYPE_NUMBER)
    if value is not None:
        count.setvalue(0, len(elements))
    bound: dict[str, Any] = {"n": count}
    most = _most(passing, len(elements))
    if composite.shape is Shape.MAP:
        bound["k"] = _bind_array(cursor, Kind.STRING, keys, most, _index_size(composite))
    columns = _columns(passing, elements)
    if passing.is_ragged:
        masks = [_mask(passing, element) for element in elements]
        bound["m"] = _bind_array(cursor, Kind.STRING, masks, most, len(passing.given))
    for number in passing.used:
        attribute = composite.attributes[number]
        column = _column(attribute)
        values = columns.get(number, [])
        bound[str(number)] = _bind_array(cursor, column.carrier, values, most, _size(attribute))
    return bound


def _most(passing: Passing, count: int) -> int:
    # Few different sizes: the driver has a statement parsed again when one changes.
    most = 1 << max(count - 1, 0).bit_length()
    return max(most, capacity(passing.composite)) if passing.gives else most


def _columns(passing: Passing, elements: list[JsonValue]) -> dict[int, list[Any]]:
    """The elements' attributes, each as a list of what the driver binds."""
    composite = passing.composite
    columns: dict[int, list[Any]] = {number: [] for number in passing.given}
    for place, element in enumerate(elements, 1):
        label = f"{passing.label}[{place}]"
        parts: Mapping[int, JsonValue] = {0: element}
        if composite.holds_records:
            if element is not None and not isinstance(element, Mapping):
                raise ValueMismatch(label, "a record is a JSON object")
            parts = _numbered(composite, element or {})
        for number, values in columns.items():
            attribute = composite.attributes[number]
            values.append(_to_element(_label(label, attribute), parts.get(number), attribute))
    return columns


def _mask(passing: Passing, element: JsonValue) -> str:
    named = _numbered(passing.composite, element) if isinstance(element, Mapping) else {}
    return "".join("1" if number in named else "0" for number in passing.given)


def _to_element(label: str, value: JsonValue, attribute: Attribute) -> Any:
    assert attribute.kind is not None
    converted = to_oracle(label, value, attribute.kind)
    if isinstance(converted, bool):
        return int(converted)
    if isinstance(converted, datetime) and attribute.kind in _TIMES:
        return converted.isoformat(timespec="microseconds")
    return converted


def _bind_array(
    cursor: oracledb.AsyncCursor, carrier: Kind, values: list[Any], most: int, size: int
) -> oracledb.Var:
    kind = CARRIERS[carrier]
    # PL/SQL says for itself whether an element is too long.
    longest = max((_length(v) for v in values if isinstance(v, str | bytes)), default=0)
    variable = cursor.arrayvar(kind.type, most, max(size, longest) if kind.size else 0)
    variable.setvalue(0, values)
    return variable


def _length(value: str | bytes) -> int:
    return len(value.encode()) if isinstance(value, str) else len(value)


# ---- what comes back ----


async def read_composite(
    passing: Passing, binds: Mapping[str, Any], read_scalar: ReadScalar
) -> tuple[JsonValue, bool]:
    """A composite as JSON, and whether it is all there."""
    composite, prefix = passing.composite, f"a{passing.number}_"
    if composite.shape is Shape.RECORD:
        record: dict[str, JsonValue] = {}
        for number, attribute in enumerate(composite.attributes):
            assert attribute.kind is not None
            bound = binds[f"{prefix}{number}"]
            record[attribute.name or ""] = await read_scalar(bound, attribute.kind)
        return record, True
    count = binds[f"{prefix}n"].getvalue()
    if count is None:
        return None, True
    columns = [
        [_from_element(value, attribute) for value in binds[f"{prefix}{number}"].getvalue()]
        for number, attribute in enumerate(composite.attributes)
    ]
    elements: list[JsonValue] = list(columns[0])
    if composite.holds_records:
        names = [attribute.name or "" for attribute in composite.attributes]
        elements = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
    complete = len(elements) >= int(count)
    if composite.shape is Shape.MAP:
        keys = binds[f"{prefix}k"].getvalue()
        return dict(zip(keys, elements, strict=True)), complete
    return elements, complete


def _from_element(value: Any, attribute: Attribute) -> JsonValue:
    kind = attribute.kind
    assert kind is not None
    if value is not None and kind in _TIMES:
        value = datetime.fromisoformat(value)
    if value is not None and kind is Kind.BOOLEAN:
        value = value == 1
    return to_json(value, kind)
