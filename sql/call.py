"""A job's procedure call: which arguments take which parameters, the block, its binds.

This is the one place that builds a statement's text. It is built from dictionary names only, every
part of them quoted; whatever a client sent travels in binds. The text depends on the procedure and
on which arguments are given, never on values, so that the driver finds it in its statement cache.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import oracledb

from sql.binds import bind_long, bind_text
from sql.composite_call import (
    Passing,
    bind_composite,
    build_after,
    build_before,
    build_declarations,
    build_procedures,
    is_ragged,
    name_attributes,
)
from sql.composites import ARRAY, DATA_TYPES, OBJECT, RECORD, TEXT_LENGTH, Shape
from sql.errors import DatabaseError, convert_error
from sql.exact_json import InvalidJson, JsonValue, parse_json
from sql.names import InvalidName, dictionary_name, join_names, quote
from sql.signature import Argument, Mode, Procedure, Signature
from sql.values import (
    CARRIERS,
    CLIENT_KINDS,
    DICTIONARY_KINDS,
    FIXED_KINDS,
    JSON_TYPE,
    LOB_SOURCES,
    Kind,
    ValueMismatch,
    client_type,
    keep_locators,
    text_to_json,
    to_oracle,
)

#: The name of a function's result where the client gave none.
RETURN_VALUE: Final = "return_value"
#: Elements that an array may have when it comes back.
ARRAY_ELEMENTS: Final = 1000

#: What an array may hold.
ELEMENT_KINDS: Final = frozenset(
    {
        *(Kind.STRING, Kind.NATIONAL_STRING, Kind.NUMBER, Kind.BINARY_FLOAT, Kind.BINARY_DOUBLE),
        *(Kind.DATE, Kind.TIMESTAMP, Kind.RAW),
    }
)
_TEXT_KINDS: Final = frozenset({Kind.STRING, Kind.CLOB})
#: What is more than a value in the answer: it is made before a call, or read after it.
_LASTING_KINDS: Final = frozenset({Kind.CURSOR, *LOB_SOURCES})


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a client sent for one argument."""

    name: str
    value: JsonValue = None
    #: IN, OUT or INOUT.
    direction: str = "IN"
    #: In upper case. None: the dictionary's.
    type: str | None = None


class CallMismatch(DatabaseError):
    """The parameters fit no way in which the procedure can be called."""

    def __init__(self, procedure: Procedure, *, ambiguous: bool = False, why: str = "") -> None:
        if ambiguous:
            code, what = "PLS-00307", "too many declarations of '{}' match this call"
        else:
            code, what = "PLS-00306", "wrong number or types of arguments in call to '{}'"
        text = f"{code}: {what.format(procedure.name)}" + (f": {why}" if why else "")
        super().__init__(code, text, hint=describe_signatures(procedure))


def describe_signatures(procedure: Procedure) -> str:
    """How a procedure is to be called, as a hint says it."""
    return "Firma: " + "; ".join(str(signature) for signature in procedure.signatures)


@dataclass(frozen=True, slots=True)
class Slot:
    """An argument and the parameter that it takes."""

    argument: Argument
    parameter: Parameter
    #: Of an array that travels as one, that of its elements. None: see passing.
    kind: Kind | None
    #: How a record or collection travels. None: a scalar, or an array that travels as one.
    passing: Passing | None = None

    @property
    def kinds(self) -> list[Kind]:
        """Those of all that travels."""
        if self.passing is not None:
            return self.passing.kinds
        return [self.kind] if self.kind else []


@dataclass(frozen=True, slots=True)
class Call:
    """A call that fits: the statement's part for the procedure, and its slots, bind by bind."""

    text: str
    slots: tuple[Slot, ...]

    @property
    def is_plain(self) -> bool:
        """Whether all travels in the call itself: no LOB or cursor outlives it, none comes before."""
        return all(
            kind not in _LASTING_KINDS or (kind in _TEXT_KINDS and slot.argument.mode is Mode.IN)
            for slot in self.slots
            for kind in slot.kinds
        )


def parse_parameters(text: str | None) -> list[Parameter]:
    """Read ASYNC_JOBS.PARAMS: an array of objects, or one object {name: value}.

    Raises:
        DatabaseError: something else is stored there.
    """
    if not text:
        return []
    try:
        stored = parse_json(text)
    except InvalidJson as error:
        raise DatabaseError("ORA-40441", f"ORA-40441: JSON syntax error: {error}") from error
    if isinstance(stored, dict):
        return [Parameter(name, value) for name, value in stored.items()]
    if not isinstance(stored, list):
        raise DatabaseError("ORA-40441", "ORA-40441: the parameters are no array and no object")
    return [_read_parameter(item) for item in stored]


def _read_parameter(item: JsonValue) -> Parameter:
    if not isinstance(item, dict) or not isinstance(item.get("name"), str):
        raise DatabaseError("ORA-40441", "ORA-40441: a parameter is an object with a name")
    direction = item.get("direction")
    type_name = item.get("type")
    return Parameter(
        name=item["name"],
        value=item.get("value"),
        direction=str(direction).upper().replace("/", "").replace(" ", "") if direction else "IN",
        # From PL/SQL anything may come; what is no type is as none.
        type=client_type(str(type_name)) if type_name else None,
    )


def plan_call(
    procedure: Procedure, parameters: Sequence[Parameter], *, is_function: bool = False
) -> Call:
    """Choose the overload and give each argument its parameter.

    By name where every parameter's name is an argument's; by position where none is.

    Args:
        procedure: from the dictionary.
        parameters: in the client's order.
        is_function: the parameter named return_value, or else the first OUT one, is the result.

    Raises:
        CallMismatch: no overload fits, or several do.
    """
    functions = [s for s in procedure.signatures if s.result]
    procedures = [s for s in procedure.signatures if not s.result]
    candidates = functions if is_function or not procedures else procedures
    fits: list[tuple[Signature, list[tuple[Argument, Parameter]]]] = []
    for signature in candidates:
        given, _ = _split_result(signature, parameters, is_function)
        pairs = _pair(signature, given)
        if pairs is not None:
            fits.append((signature, pairs))
    fits = _closest(fits)
    if len(fits) != 1:
        raise CallMismatch(procedure, ambiguous=len(fits) > 1)
    signature, pairs = fits[0]
    if signature.result:
        _, result = _split_result(signature, parameters, is_function)
        pairs = [(signature.result, result), *pairs]
    slots = []
    for number, (argument, parameter) in enumerate(pairs):
        try:
            slots.append(_plan_slot(number, argument, parameter))
        except ValueError as error:
            name = argument.name or RETURN_VALUE
            raise CallMismatch(procedure, why=f"{error} (parameter {name})") from None
    return Call(build_call(signature, slots), tuple(slots))


def _plan_slot(number: int, argument: Argument, parameter: Parameter) -> Slot:
    """How an argument is passed.

    Raises:
        ValueError: it cannot be, and why.
    """
    composite = argument.composite
    if argument.data_type in DATA_TYPES and isinstance(parameter.value, str):
        # None of them is a text: so it is JSON, as PL/SQL and command lines have it.
        value = text_to_json(parameter.value) if parameter.value else None
        parameter = replace(parameter, value=value)
    if composite is not None and not _is_plain_array(argument):
        if composite.refusal:
            raise ValueError(
                f"{argument.data_type} {composite.name} cannot be passed: {composite.refusal}"
            )
        fills = argument.mode is not Mode.OUT
        given = name_attributes(composite, parameter.value) if fills else ()
        gives = argument.mode is not Mode.IN
        passing = Passing(
            composite,
            number,
            parameter.name,
            given,
            fills=fills,
            gives=gives,
            is_ragged=fills and is_ragged(composite, parameter.value),
        )
        return Slot(argument, parameter, None, passing)
    kind = _kind_of(argument, parameter)
    if kind is not None:
        return Slot(argument, parameter, kind)
    if argument.data_type == ARRAY:
        raise ValueError("say in 'type' what the elements of the array are")
    if argument.data_type not in DATA_TYPES:
        raise ValueError(f"{argument.data_type} cannot be passed")
    what = " ".join([argument.data_type, ".".join(filter(None, argument.type_name or ()))]).strip()
    why = "the dictionary does not show the worker's user what it is made of"
    if argument.data_type == OBJECT:
        why = "object types are not passed"
    raise ValueError(f"{what} cannot be passed: {why}")


def _is_plain_array(argument: Argument) -> bool:
    """Whether an array can be bound as it is: its elements come in one type, and none come back."""
    composite = argument.composite
    if composite is None or composite.shape is not Shape.ARRAY or composite.holds_records:
        return False
    return argument.mode is Mode.IN and composite.attributes[0].kind in ELEMENT_KINDS


def _split_result(
    signature: Signature, parameters: Sequence[Parameter], is_function: bool
) -> tuple[list[Parameter], Parameter]:
    """The parameters for the arguments, and the one that takes a function's result."""
    rest = list(parameters)
    named = next((p for p in rest if p.name.lower() == RETURN_VALUE), None)
    if signature.result and named is None and is_function:
        named = next((p for p in rest if p.direction == "OUT"), None)
    if not signature.result or named is None:
        return rest, Parameter(RETURN_VALUE, direction="OUT")
    rest.remove(named)
    return rest, named


def _pair(
    signature: Signature, parameters: Sequence[Parameter]
) -> list[tuple[Argument, Parameter]] | None:
    """Arguments with their parameters, in the arguments' order; None: it does not fit."""
    if len(parameters) > len(signature.arguments):
        return None
    by_name = {a.name: a for a in signature.arguments if a.name}
    found = [_find_argument(by_name, p.name) for p in parameters]
    if not any(found):
        pairs = list(zip(signature.arguments, parameters, strict=False))
    elif all(found) and len({a.name for a in found if a}) == len(parameters):
        pairs = [(a, p) for a, p in zip(found, parameters, strict=True) if a]
        pairs.sort(key=lambda pair: pair[0].position)
    else:
        return None
    given = {argument.position for argument, _ in pairs}
    if any(not a.defaulted and a.position not in given for a in signature.arguments):
        return None
    return pairs


def _find_argument(by_name: dict[str, Argument], name: str) -> Argument | None:
    if name in by_name:
        return by_name[name]
    try:
        return by_name.get(dictionary_name(name))
    except InvalidName:
        return None


def _closest(
    fits: list[tuple[Signature, list[tuple[Argument, Parameter]]]],
) -> list[tuple[Signature, list[tuple[Argument, Parameter]]]]:
    """Of several overloads that fit, those bound by name, then those whose types fit best."""
    if len(fits) < 2:
        return fits
    named = [f for f in fits if any(_find_argument({a.name or "": a}, p.name) for a, p in f[1])]
    fits = named or fits
    scores = [sum(_resembles(a, p) for a, p in pairs) for _, pairs in fits]
    return [fit for fit, score in zip(fits, scores, strict=True) if score == max(scores)]


def _resembles(argument: Argument, parameter: Parameter) -> bool:
    """Whether a parameter looks like the argument's type, by its own type or its JSON value."""
    kind = DICTIONARY_KINDS.get(argument.data_type)
    if argument.data_type in DATA_TYPES:
        is_object = argument.data_type == RECORD
        if argument.composite:
            is_object = argument.composite.shape in (Shape.RECORD, Shape.MAP)
        return isinstance(parameter.value, dict if is_object else list)
    if parameter.type:
        return CLIENT_KINDS.get(parameter.type) == kind
    match parameter.value:
        case bool():
            return kind is Kind.BOOLEAN
        case str():
            return kind in (Kind.STRING, Kind.CLOB)
        case None | list() | dict():
            return False
        case _:
            return kind is Kind.NUMBER


def _kind_of(argument: Argument, parameter: Parameter) -> Kind | None:
    """How the value travels: as the client says where PL/SQL can convert, else as the dictionary.

    Of an array, its elements: PL/SQL converts none of them.
    """
    if argument.data_type == ARRAY:
        return _element_kind(argument, parameter)
    declared = DICTIONARY_KINDS.get(argument.data_type)
    if parameter.type == JSON_TYPE:
        # It says what the text is, not how it travels.
        return declared
    wanted = CLIENT_KINDS.get(parameter.type) if parameter.type else None
    if declared is None or declared in FIXED_KINDS or wanted is None or wanted in FIXED_KINDS:
        return declared
    if declared in (Kind.CLOB, Kind.NATIONAL_CLOB) and wanted is Kind.STRING:
        return declared
    return wanted


def _element_kind(argument: Argument, parameter: Parameter) -> Kind | None:
    """By the dictionary, by the client's type, or by what the client has sent."""
    kind: Kind | None = None
    if argument.composite:
        kind = argument.composite.attributes[0].kind
    elif parameter.type:
        kind = CLIENT_KINDS.get(parameter.type)
    elif isinstance(parameter.value, list):
        values = [value for value in parameter.value if value is not None]
        if values and all(isinstance(value, str) for value in values):
            kind = Kind.STRING
        elif values and not any(isinstance(value, str | bool | list | dict) for value in values):
            kind = Kind.NUMBER
    return kind if kind in ELEMENT_KINDS else None


def build_call(signature: Signature, slots: Sequence[Slot]) -> str:
    """The PL/SQL statement that calls a procedure, its binds numbered :a0, :a1 ... in this order.

    Where records or collections are passed it is a block, and their binds are :a0_0, :a0_1 ...

    Args:
        signature: what is called.
        slots: of the arguments given a value, a function's result first.
    """
    target = ""
    actuals = []
    for number, slot in enumerate(slots):
        value = slot.passing.variable if slot.passing else f":a{number}"
        if slot.argument.position == 0:
            target = f"{value} := "
        elif slot.argument.name:
            actuals.append(f"{quote(slot.argument.name)} => {value}")
        else:
            actuals.append(value)
    listed = f"({', '.join(actuals)})" if actuals else ""
    text = f"{target}{join_names(signature.names)}{listed};"
    passings = [slot.passing for slot in slots if slot.passing]
    if not passings:
        return text
    declared = "".join(map(build_declarations, passings))
    declared += "".join(map(build_procedures, passings))
    before, after = ("".join(map(build, passings)) for build in (build_before, build_after))
    return f"declare\n{declared}begin\n{before}{text}\n{after}end;"


def bind_call(
    connection: oracledb.AsyncConnection, cursor: oracledb.AsyncCursor, call: Call
) -> dict[str, Any]:
    """The driver's variables for a call, by bind name, with the values set.

    Raises:
        DatabaseError: a value does not fit its argument (ORA-06502).
    """
    binds: dict[str, Any] = {}
    for number, slot in enumerate(call.slots):
        if slot.passing is None:
            binds[f"a{number}"] = _bind_slot(connection, cursor, slot)
            continue

        def bind_scalar(label: str, kind: Kind, value: JsonValue, only_in: bool) -> Any:
            return _bind_scalar(cursor, label, kind, value, only_in=only_in)

        binds |= bind_composite(cursor, slot.passing, slot.parameter.value, bind_scalar)
    return binds


def _bind_slot(
    connection: oracledb.AsyncConnection, cursor: oracledb.AsyncCursor, slot: Slot
) -> Any:
    if slot.kind is Kind.CURSOR:
        opened = connection.cursor()
        opened.outputtypehandler = keep_locators
        return opened
    if slot.argument.data_type == ARRAY:
        return _bind_array(cursor, slot)
    assert slot.kind is not None
    mode = slot.argument.mode
    given = slot.parameter.value if mode is not Mode.OUT else None
    return _bind_scalar(cursor, slot.parameter.name, slot.kind, given, only_in=mode is Mode.IN)


def _bind_scalar(
    cursor: oracledb.AsyncCursor, label: str, kind: Kind, given: JsonValue, *, only_in: bool
) -> Any:
    value = to_oracle(label, given, kind)
    if isinstance(value, str) and only_in and kind in _TEXT_KINDS:
        # PL/SQL makes a CLOB out of a string, and a string out of a CLOB.
        return bind_text(cursor, value)
    if value is not None and kind in LOB_SOURCES:
        return bind_long(cursor, LOB_SOURCES[kind], value)
    carrier = CARRIERS[kind]
    variable = cursor.var(carrier.type, carrier.size)
    if value is None:
        return variable
    try:
        variable.setvalue(0, value)
    except (oracledb.Error, TypeError, ValueError) as error:
        raise convert_error(error) from error
    return variable


def _bind_array(cursor: oracledb.AsyncCursor, slot: Slot) -> oracledb.Var:
    """An associative array: its elements come and go as a list, from index 1 on."""
    values: list[Any] = []
    assert slot.kind is not None
    composite = slot.argument.composite
    size = composite.attributes[0].length if composite else TEXT_LENGTH
    if slot.argument.mode is not Mode.OUT and slot.parameter.value is not None:
        given = slot.parameter.value
        if not isinstance(given, list):
            raise ValueMismatch(slot.parameter.name, "an array is a JSON list")
        values = [to_oracle(slot.parameter.name, value, slot.kind) for value in given]
        # PL/SQL says for itself whether an element is too long.
        size = max([size, *(len(v.encode()) for v in values if isinstance(v, str))])
    # Few different sizes: the driver has a statement parsed again when one changes.
    most = 1 << max(len(values) - 1, 0).bit_length()
    if slot.argument.mode is not Mode.IN:
        most = max(most, ARRAY_ELEMENTS)
    carrier = CARRIERS[slot.kind]
    variable = cursor.arrayvar(carrier.type, most, size if carrier.size else 0)
    try:
        variable.setvalue(0, values)
    except (oracledb.Error, TypeError, ValueError) as error:
        raise convert_error(error) from error
    return variable
