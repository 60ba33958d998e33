"""JSON_ELEMENT_T, JSON_OBJECT_T, JSON_ARRAY_T, JSON_SCALAR_T: their methods.

A value that does not fit is NULL, or an error where ON_ERROR says so.

Source: PL/SQL Packages and Types Reference 19c, JSON Data Structures.
"""

from __future__ import annotations

import copy
import datetime
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from deploy.localdb.errors import OraError
from deploy.localdb.plsql.builtins.formats import as_date, as_timestamp
from deploy.localdb.plsql.builtins.json_elements import (
    JsonElement,
    as_json,
    as_moment,
    as_text,
    fits_varchar2,
    parse,
    stringify,
)
from deploy.localdb.plsql.builtins.registry import implements
from deploy.localdb.plsql.exceptions import value_error
from deploy.localdb.plsql.host import Host
from deploy.localdb.plsql.types import NAMED, CollectionType
from deploy.localdb.plsql.values import Collection, Ref
from deploy.localdb.values import Lob, Value

_OBJECT, _ARRAY, _ELEMENT, _SCALAR = (
    "JSON_OBJECT_T",
    "JSON_ARRAY_T",
    "JSON_ELEMENT_T",
    "JSON_SCALAR_T",
)
_MISSING = object()


def _element(self: Ref) -> JsonElement:
    if not isinstance(self.value, JsonElement):
        raise OraError(30625, "method dispatch on NULL SELF argument is disallowed")
    return self.value


def _misfit(element: JsonElement) -> Value:
    if element.error_mode:
        raise OraError(40566, "JSON path expression selected a value of different data type.")
    return None


# ---- making them ----


def _parsed(type_name: str, text: Value) -> JsonElement | None:
    found = text if isinstance(text, JsonElement) else parse(text)
    if found is not None and type_name not in (_ELEMENT, found.type_name):
        raise OraError(40587, "invalid JSON type")
    return found


def _register_parsers(type_name: str) -> None:
    @implements(f"{type_name}.PARSE")
    def parse_text(host: Host, jsn: Ref) -> Value:
        return _parsed(type_name, jsn.value)


for _name in (_ELEMENT, _OBJECT, _ARRAY, _SCALAR):
    _register_parsers(_name)


def _construct(type_name: str, empty: type[Any], jsn: Ref | None) -> Value:
    if jsn is None or jsn.value is None:
        return JsonElement(empty())
    return _parsed(type_name, jsn.value)


@implements("JSON_OBJECT_T.CONSTRUCT")
def construct_object(host: Host, jsn: Ref | None = None) -> Value:
    return _construct(_OBJECT, dict, jsn)


@implements("JSON_ARRAY_T.CONSTRUCT")
def construct_array(host: Host, jsn: Ref | None = None) -> Value:
    return _construct(_ARRAY, list, jsn)


def _register_clone(type_name: str) -> None:
    @implements(f"{type_name}.CLONE")
    def clone(host: Host, self: Ref) -> Value:
        return JsonElement(copy.deepcopy(_element(self).value))


for _name in (_OBJECT, _ARRAY, _SCALAR):
    _register_clone(_name)


# ---- any element ----


@implements("JSON_ELEMENT_T.ON_ERROR")
def on_error(host: Host, self: Ref, val: Ref) -> None:
    _element(self).error_mode = int(val.value or 0)


def _text(element: JsonElement, text: str) -> Value:
    if not fits_varchar2(text):
        raise OraError(40478, "output value too large (maximum: 32767)")
    return text or None


@implements("JSON_ELEMENT_T.STRINGIFY")
@implements("JSON_ELEMENT_T.TO_STRING")
def to_string(host: Host, self: Ref) -> Value:
    element = _element(self)
    return _text(element, stringify(element.value))


@implements("JSON_ELEMENT_T.TO_CLOB")
def to_clob(host: Host, self: Ref) -> Value:
    return Lob(stringify(_element(self).value))


@implements("JSON_ELEMENT_T.TO_BLOB")
def to_blob(host: Host, self: Ref) -> Value:
    return Lob(stringify(_element(self).value).encode())


@implements("JSON_ELEMENT_T.GET_SIZE")
def get_size(host: Host, self: Ref) -> Value:
    value = _element(self).value
    return len(value) if isinstance(value, dict | list) else 1


# ---- a value as one of PL/SQL's types; None: it is none ----


def _as_string(value: Any) -> Value:
    text = as_text(value)
    if isinstance(value, dict | list) or text is None or not fits_varchar2(text):
        return None
    return text or None


def _as_number(value: Any) -> Value:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | Decimal):
        return value
    try:
        return Decimal(value) if isinstance(value, str) else None
    except ArithmeticError:
        return None


def _as_boolean(value: Any) -> Value:
    if isinstance(value, str) and value in ("true", "false"):
        return value == "true"
    return value if isinstance(value, bool) else None


def _as_date(value: Any) -> Value:
    moment = as_moment(value)
    return None if moment is None else as_date(moment)


def _as_timestamp(value: Any) -> Value:
    moment = as_moment(value)
    return None if moment is None else as_timestamp(moment)


def _as_clob(value: Any) -> Value:
    text = as_text(value)
    return None if text is None else Lob(text)


def _as_blob(value: Any) -> Value:
    text = as_text(value)
    return None if text is None else Lob(text.encode())


def _as_object(value: Any) -> Value:
    return JsonElement(value) if isinstance(value, dict) else None


def _as_array(value: Any) -> Value:
    return JsonElement(value) if isinstance(value, list) else None


def _register_conversion(name: str, convert: Callable[[Any], Value]) -> None:
    @implements(f"JSON_ELEMENT_T.{name}")
    def converted(host: Host, self: Ref) -> Value:
        element = _element(self)
        if element.value is None:
            return None
        found = convert(element.value)
        return _misfit(element) if found is None else found


for _name, _convert in (
    ("TO_NUMBER", _as_number),
    ("TO_BOOLEAN", _as_boolean),
    ("TO_DATE", _as_date),
    ("TO_TIMESTAMP", _as_timestamp),
):
    _register_conversion(_name, _convert)


def _register_test(name: str, test: Callable[[Any], bool]) -> None:
    @implements(f"JSON_ELEMENT_T.IS_{name}")
    def is_one(host: Host, self: Ref) -> Value:
        return test(_element(self).value)


for _name, _test in {
    "OBJECT": lambda value: isinstance(value, dict),
    "ARRAY": lambda value: isinstance(value, list),
    "SCALAR": lambda value: not isinstance(value, dict | list),
    "STRING": lambda value: isinstance(value, str),
    "NUMBER": lambda value: isinstance(value, int | Decimal) and not isinstance(value, bool),
    "BOOLEAN": lambda value: isinstance(value, bool),
    "TRUE": lambda value: value is True,
    "FALSE": lambda value: value is False,
    "NULL": lambda value: value is None,
    # Text of a JSON document is never taken for a date.
    "DATE": lambda value: False,
    "TIMESTAMP": lambda value: False,
}.items():
    _register_test(_name, _test)


# ---- members and items ----


def _at(container: Any, place: Value) -> Any:
    """What stands under a key or at a position from 0; _MISSING: nothing."""
    if isinstance(container, dict):
        return container.get(place, _MISSING)
    position = -1 if place is None else int(place)
    return container[position] if 0 <= position < len(container) else _MISSING


def _register_getter(type_name: str, name: str, convert: Callable[[Any], Value]) -> None:
    def get(host: Host, self: Ref, place: Ref) -> Value:
        element = _element(self)
        value = _at(element.value, place.value)
        if value is _MISSING or (value is None and name != "GET"):
            return None
        found = convert(value)
        return _misfit(element) if found is None and value != "" else found

    if type_name == _OBJECT:
        implements(f"{type_name}.{name}")(lambda host, self, key: get(host, self, key))
    else:
        implements(f"{type_name}.{name}")(lambda host, self, pos: get(host, self, pos))


def _kind(value: Any) -> Value:
    match value:
        case dict():
            return "OBJECT"
        case list():
            return "ARRAY"
    return "SCALAR"


for _type in (_OBJECT, _ARRAY):
    for _name, _convert in (
        ("GET", JsonElement),
        ("GET_STRING", _as_string),
        ("GET_NUMBER", _as_number),
        ("GET_BOOLEAN", _as_boolean),
        ("GET_DATE", _as_date),
        ("GET_TIMESTAMP", _as_timestamp),
        ("GET_CLOB", _as_clob),
        ("GET_BLOB", _as_blob),
        ("GET_OBJECT", _as_object),
        ("GET_ARRAY", _as_array),
        ("GET_TYPE", _kind),
    ):
        _register_getter(_type, _name, _convert)


def _json(val: Ref) -> Any:
    value = as_json(val.value)
    if isinstance(value, datetime.timedelta | bytes):
        raise value_error()
    return value


@implements("JSON_OBJECT_T.HAS")
def has(host: Host, self: Ref, key: Ref) -> Value:
    return key.value in _element(self).value


@implements("JSON_OBJECT_T.GET_KEYS")
def get_keys(host: Host, self: Ref) -> Value:
    type_ = NAMED["JSON_KEY_LIST"]
    assert isinstance(type_, CollectionType)
    keys = list(_element(self).value)
    return Collection.of(type_, keys) if keys else None


@implements("JSON_OBJECT_T.PUT")
def put_member(host: Host, self: Ref, key: Ref, val: Ref) -> None:
    _element(self).value[key.value] = _json(val)


@implements("JSON_OBJECT_T.PUT_NULL")
def put_null_member(host: Host, self: Ref, key: Ref) -> None:
    _element(self).value[key.value] = None


@implements("JSON_OBJECT_T.REMOVE")
def remove_member(host: Host, self: Ref, key: Ref) -> None:
    _element(self).value.pop(key.value, None)


@implements("JSON_OBJECT_T.RENAME_KEY")
def rename_key(host: Host, self: Ref, keyold: Ref, keynew: Ref) -> None:
    members = _element(self).value
    if keynew.value in members:
        raise OraError(40642, "duplicate key name")
    if keyold.value not in members:
        return
    renamed = {keynew.value if k == keyold.value else k: v for k, v in members.items()}
    members.clear()
    members.update(renamed)


@implements("JSON_ARRAY_T.APPEND")
def append(host: Host, self: Ref, val: Ref) -> None:
    _element(self).value.append(_json(val))


@implements("JSON_ARRAY_T.APPEND_NULL")
def append_null(host: Host, self: Ref) -> None:
    _element(self).value.append(None)


def _put_item(self: Ref, pos: Ref, value: Any, overwrite: Ref) -> None:
    items = _element(self).value
    position = -1 if pos.value is None else int(pos.value)
    if position < 0:
        return
    if overwrite.value is True and position < len(items):
        items[position] = value
        return
    # Behind the end, the items in between are JSON's null.
    items.extend([None] * (position - len(items)))
    items.insert(position, value)


@implements("JSON_ARRAY_T.PUT")
def put_item(host: Host, self: Ref, pos: Ref, val: Ref, overwrite: Ref) -> None:
    _put_item(self, pos, _json(val), overwrite)


@implements("JSON_ARRAY_T.PUT_NULL")
def put_null_item(host: Host, self: Ref, pos: Ref, overwrite: Ref) -> None:
    _put_item(self, pos, None, overwrite)


@implements("JSON_ARRAY_T.REMOVE")
def remove_item(host: Host, self: Ref, pos: Ref) -> None:
    items = _element(self).value
    position = -1 if pos.value is None else int(pos.value)
    if 0 <= position < len(items):
        del items[position]
