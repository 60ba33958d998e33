"""DBMS_ASSERT: names and literals that may go into SQL.

Source: PL/SQL Packages and Types Reference 19c, DBMS_ASSERT.
"""

from __future__ import annotations

import re

from deploy.localdb.errors import OraError
from deploy.localdb.plsql.builtins.registry import implements
from deploy.localdb.plsql.values import Ref
from deploy.localdb.queue_definitions import QueueHost, parse_name
from deploy.localdb.values import Value

_SIMPLE = r'(?:[A-Za-z][\w$#]*|"[^"\0]+")'
_SIMPLE_NAME = re.compile(rf"\s*{_SIMPLE}\s*")
_QUALIFIED_NAME = re.compile(
    rf"\s*{_SIMPLE}(?:\s*\.\s*{_SIMPLE})*(?:\s*@\s*{_SIMPLE}(?:\.{_SIMPLE})*(?:@{_SIMPLE})?)?\s*"
)


@implements("DBMS_ASSERT.NOOP")
def noop(host: QueueHost, str: Ref) -> Value:
    return str.value


@implements("DBMS_ASSERT.SIMPLE_SQL_NAME")
def simple_sql_name(host: QueueHost, str: Ref) -> Value:
    if not str.value or _SIMPLE_NAME.fullmatch(str.value) is None:
        raise OraError(44003, "invalid SQL name")
    return str.value.strip()


@implements("DBMS_ASSERT.QUALIFIED_SQL_NAME")
def qualified_sql_name(host: QueueHost, str: Ref) -> Value:
    if not str.value or _QUALIFIED_NAME.fullmatch(str.value) is None:
        raise OraError(44004, "invalid qualified SQL name")
    return str.value.strip()


@implements("DBMS_ASSERT.SCHEMA_NAME")
def schema_name(host: QueueHost, str: Ref) -> Value:
    name = str.value
    if not name or not host.native("select 1 from localdb.users where name = $1", name):
        raise OraError(44001, "invalid schema")
    return name


@implements("DBMS_ASSERT.SQL_OBJECT_NAME")
def sql_object_name(host: QueueHost, str: Ref) -> Value:
    found = parse_name(str.value, host.current_schema)
    if found is None or not host.native(
        "select 1 from localdb.objects where owner = $1 and name = $2", *found
    ):
        raise OraError(44002, "invalid object name")
    return str.value


@implements("DBMS_ASSERT.ENQUOTE_NAME")
def enquote_name(host: QueueHost, str: Ref, capitalize: Ref | None = None) -> Value:
    name = str.value or ""
    if name.startswith('"'):
        if _SIMPLE_NAME.fullmatch(name) is None:
            raise OraError(44003, "invalid SQL name")
        return name
    if not name or '"' in name:
        raise OraError(44003, "invalid SQL name")
    return f'"{name if capitalize is not None and not capitalize.value else name.upper()}"'


@implements("DBMS_ASSERT.ENQUOTE_LITERAL")
def enquote_literal(host: QueueHost, str: Ref) -> Value:
    text = str.value or ""
    if len(text) > 1 and text[0] == text[-1] == "'":
        text = text[1:-1]
    if "'" in text.replace("''", ""):
        raise OraError(6502, "PL/SQL: numeric or value error")
    return f"'{text}'"
