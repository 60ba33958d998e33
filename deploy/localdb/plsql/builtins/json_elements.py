"""JSON in memory, as the JSON_..._T types refer to it.

Source: PL/SQL Packages and Types Reference 19c, JSON Data Structures; JSON Developer's Guide 19c,
"Overview of PL/SQL Object Types for JSON".
"""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from typing import Any, NoReturn

from deploy.localdb.errors import OraError
from deploy.localdb.values import Date, Lob, Value

#: A text that is longer is a CLOB.
_MOST_BYTES = 32767


class JsonElement:
    """A reference to a place in a JSON tree: dict, list, str, int, Decimal, bool or None.

    Attributes:
        value: the tree from here on; several references may share it.
        error_mode: what ON_ERROR has set: 0 gives NULL where a value does not fit.
    """

    __slots__ = ("error_mode", "value")

    def __init__(self, value: Any) -> None:
        self.value = value
        self.error_mode = 0

    @property
    def type_name(self) -> str:
        """The object type that it is of."""
        if isinstance(self.value, dict):
            return "JSON_OBJECT_T"
        return "JSON_ARRAY_T" if isinstance(self.value, list) else "JSON_SCALAR_T"


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def parse(text: Value) -> JsonElement | None:
    """A tree from text or UTF-8; NULL of NULL.

    Raises:
        OraError: 40441, it is no JSON.
    """
    if isinstance(text, Lob):
        text = text.data
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    if not text:
        return None
    try:
        return JsonElement(json.loads(text, parse_float=Decimal, parse_constant=_no_constant))
    except (ValueError, RecursionError):
        raise OraError(40441, "JSON syntax error") from None


def stringify(value: Any) -> str:
    """JSON text, compact."""
    match value:
        case dict():
            pairs = (f"{_quoted(key)}:{stringify(item)}" for key, item in value.items())
            return "{" + ",".join(pairs) + "}"
        case list():
            return "[" + ",".join(map(stringify, value)) + "]"
        case str():
            return _quoted(value)
        case bool():
            return "true" if value else "false"
        case None:
            return "null"
        case Decimal():
            return _number(value)
    return str(value)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _number(value: Decimal) -> str:
    return format(value, "f") if abs(value.adjusted()) < 40 else str(value)


def as_json(value: Value) -> Any:
    """What a value of PL/SQL is in a tree."""
    match value:
        case JsonElement():
            return value.value
        case Lob():
            return str(value.data)
        case Date():
            return value.isoformat(timespec="seconds")
        case datetime.datetime():
            return value.replace(tzinfo=None).isoformat()
        case float():
            return Decimal(repr(value))
    return value


def as_text(value: Any) -> str | None:
    """A scalar as a text; a container as JSON."""
    if value is None:
        return None
    return value if isinstance(value, str) else stringify(value)


def as_moment(value: Any) -> datetime.datetime | None:
    """A text in ISO 8601 as a time; None: it is none."""
    if not isinstance(value, str):
        return None
    try:
        return datetime.datetime.fromisoformat(value).replace(tzinfo=None)
    except ValueError:
        return None


def fits_varchar2(text: str) -> bool:
    return len(text.encode("utf-8", "surrogatepass")) <= _MOST_BYTES
