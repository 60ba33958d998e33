"""JSON with exact numbers: what has 38 digits keeps 38 digits, both ways.

Decimals are written digit by digit, and read for every number that is not an integer. So no number
of a client or of the database passes through a binary float.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from json.encoder import encode_basestring
from typing import NoReturn

#: A JSON value in Python.
JsonValue = (
    None
    | bool
    | int
    | float
    | Decimal
    | str
    | list["JsonValue"]
    | tuple["JsonValue", ...]
    | Mapping[str, "JsonValue"]
)

#: Integers up to this many digits are written out; beyond, Oracle's exponent is (1E+125).
_PLAIN_DIGITS = 60

#: Arrays and objects may stand in each other so deep.
DEPTH_LIMIT = 100
_TOO_DEEP = f"nested deeper than {DEPTH_LIMIT} levels"


class InvalidJson(ValueError):
    """The text is not JSON."""


class RepeatedKey(InvalidJson):
    """An object has a key twice.

    Attributes:
        key: as it was sent.
    """

    def __init__(self, key: str) -> None:
        super().__init__(f"the key {key!r:.100} is there twice")
        self.key = key


def parse_json(text: str | bytes, *, unique_keys: bool = False) -> JsonValue:
    """Read JSON text; numbers become int or Decimal.

    Args:
        text: UTF-8 where it is bytes.
        unique_keys: refuse an object with a key twice; otherwise the last one counts.

    Raises:
        InvalidJson: not JSON; NaN and Infinity are not. Or not UTF-8, or too deep.
        RepeatedKey: with `unique_keys` alone.
    """
    hook = _unique if unique_keys else None
    try:
        text = text if isinstance(text, str) else text.decode("utf-8-sig")
        value: JsonValue = json.loads(
            text, parse_float=Decimal, parse_constant=_refuse_constant, object_pairs_hook=hook
        )
    except RepeatedKey:
        raise
    except RecursionError as error:
        raise InvalidJson(_TOO_DEEP) from error
    except ValueError as error:
        raise InvalidJson(str(error)) from error
    # A text with few brackets cannot be deep, so most are not walked through.
    if text.count("[") + text.count("{") > DEPTH_LIMIT and _is_deep(value):
        raise InvalidJson(_TOO_DEEP)
    return value


def _unique(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise RepeatedKey(key)
            seen.add(key)
    return found


def _is_deep(value: JsonValue) -> bool:
    level: list[JsonValue] = [value]
    for _ in range(DEPTH_LIMIT):
        level = [inner for outer in level for inner in _parts(outer)]
    return any(isinstance(inner, list | dict) for inner in level)


def _parts(value: JsonValue) -> Iterable[JsonValue]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def dump_json(value: JsonValue) -> str:
    """Write JSON text, compact, in Unicode.

    Raises:
        TypeError: a value that JSON does not have.
    """
    parts: list[str] = []
    _write(value, parts)
    return "".join(parts)


def format_number(value: int | float | Decimal) -> str:
    """The digits of a number as JSON has them; what is no number becomes null."""
    if isinstance(value, Decimal):
        if not value.is_finite():
            return "null"
        return format(value, "f") if abs(value.adjusted()) < _PLAIN_DIGITS else str(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else "null"
    return str(value)


def _write(value: JsonValue, parts: list[str]) -> None:
    if isinstance(value, str):
        parts.append(encode_basestring(value))
    elif value is None:
        parts.append("null")
    elif isinstance(value, bool):
        parts.append("true" if value else "false")
    elif isinstance(value, int | float | Decimal):
        parts.append(format_number(value))
    elif isinstance(value, Mapping):
        _write_object(value, parts)
    elif isinstance(value, list | tuple):
        _write_array(value, parts)
    else:
        raise TypeError(f"JSON has no {type(value).__name__}")


def _write_object(value: Mapping[str, JsonValue], parts: list[str]) -> None:
    separator = "{"
    for key, item in value.items():
        parts.append(separator)
        parts.append(encode_basestring(key))
        parts.append(":")
        _write(item, parts)
        separator = ","
    parts.append("{}" if separator == "{" else "}")


def _write_array(value: Sequence[JsonValue], parts: list[str]) -> None:
    separator = "["
    for item in value:
        parts.append(separator)
        _write(item, parts)
        separator = ","
    parts.append("[]" if separator == "[" else "]")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"JSON has no {name}")
