"""DBMS_UTILITY.

Source: PL/SQL Packages and Types Reference 19c, DBMS_UTILITY.
"""

from __future__ import annotations

import re
import sys
import time
import zlib
from typing import Protocol, TypeAlias

from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.plsql.builtins.registry import implements
from deploy.localdb.plsql.builtins.structures import elements, fill
from deploy.localdb.plsql.host import Host
from deploy.localdb.plsql.values import Ref
from deploy.localdb.statement import Kind
from deploy.localdb.values import SqlType, Value

_PROCEDURE, _FUNCTION, _PACKAGE = 7, 8, 9
_TYPE_NUMBERS = {"PROCEDURE": _PROCEDURE, "FUNCTION": _FUNCTION, "PACKAGE": _PACKAGE}
_VERSION, _COMPATIBLE = "19.0.0.0.0", "19.0.0"


class ErrorHost(Host, Protocol):
    """A session whose interpreter says where it is. What it tells is in Oracle's layout."""

    def error_stack(self) -> str | None:
        """The messages of the exception that is being handled."""

    def error_backtrace(self) -> str | None:
        """The ORA-06512 lines of that exception."""

    def call_stack(self) -> str | None:
        """The calls that are under way, innermost first."""


@implements("DBMS_UTILITY.FORMAT_ERROR_STACK")
def format_error_stack(host: ErrorHost) -> Value:
    return host.error_stack()


@implements("DBMS_UTILITY.FORMAT_ERROR_BACKTRACE")
def format_error_backtrace(host: ErrorHost) -> Value:
    return host.error_backtrace()


@implements("DBMS_UTILITY.FORMAT_CALL_STACK")
def format_call_stack(host: ErrorHost) -> Value:
    return host.call_stack()


def _signed(number: int) -> int:
    """As a signed number of 32 bits, which starts again at its other end."""
    return (number + 2**31) % 2**32 - 2**31


@implements("DBMS_UTILITY.GET_TIME")
def get_time(host: Host) -> Value:
    return _signed(time.monotonic_ns() // 10_000_000)


@implements("DBMS_UTILITY.GET_CPU_TIME")
def get_cpu_time(host: Host) -> Value:
    return _signed(time.process_time_ns() // 10_000_000)


@implements("DBMS_UTILITY.GET_HASH_VALUE")
def get_hash_value(host: Host, name: Ref, base: Ref, hash_size: Ref) -> Value:
    """Even, but not Oracle's numbers."""
    if name.value is None or base.value is None or not hash_size.value:
        raise OraError(6502, "PL/SQL: numeric or value error")
    return int(base.value) + zlib.crc32(name.value.encode()) % int(hash_size.value)


@implements("DBMS_UTILITY.DB_VERSION")
def db_version(host: Host, version: Ref, compatibility: Ref) -> None:
    version.value, compatibility.value = _VERSION, _COMPATIBLE


@implements("DBMS_UTILITY.PORT_STRING")
def port_string(host: Host) -> Value:
    return "x86_64/Linux 2.4.xx"


@implements("DBMS_UTILITY.GET_ENDIANNESS")
def get_endianness(host: Host) -> Value:
    return 1 if sys.byteorder == "big" else 2


@implements("DBMS_UTILITY.IS_CLUSTER_DATABASE")
def is_cluster_database(host: Host) -> Value:
    return False


@implements("DBMS_UTILITY.CURRENT_INSTANCE")
def current_instance(host: Host) -> Value:
    return 1


@implements("DBMS_UTILITY.IS_BIT_SET")
def is_bit_set(host: Host, r: Ref, n: Ref) -> Value:
    if r.value is None or n.value is None or n.value < 1:
        raise OraError(6502, "PL/SQL: numeric or value error")
    return int.from_bytes(r.value, "big") >> (int(n.value) - 1) & 1


@implements("DBMS_UTILITY.OLD_CURRENT_SCHEMA")
def old_current_schema(host: Host) -> Value:
    return host.current_schema


@implements("DBMS_UTILITY.OLD_CURRENT_USER")
def old_current_user(host: Host) -> Value:
    return host.user


class _NoNames:
    """The scope of a statement that no PL/SQL surrounds."""

    def variable(self, parts: tuple[str, ...]) -> SqlType | None:
        return None

    def function(self, parts: tuple[str, ...]) -> bool:
        return False

    def call(self, parts: object, names: object, types: object) -> None:
        return None

    def rows(self, text: str) -> tuple[tuple[str, SqlType], ...]:
        raise OraError(22905, "cannot access rows from a non-nested table item")

    def of_owner(self, schema: str) -> _NoNames:
        return self


@implements("DBMS_UTILITY.EXEC_DDL_STATEMENT")
def exec_ddl_statement(host: Host, parse_string: Ref) -> None:
    statement = host.prepare(parse_string.value or "", _NoNames(), host.current_schema)
    if statement.kind is not Kind.DDL:
        raise Unsupported("DBMS_UTILITY.EXEC_DDL_STATEMENT with another statement than DDL")
    host.execute(statement, ())


# ---- lists of names ----

#: A formal is called `list`, as in Oracle.
Names: TypeAlias = "list[str]"

_NAME = re.compile(r'\s*(?:"([^"]+)"|([A-Za-z][\w$#]*))\s*')
_DOTTED = re.compile(rf"{_NAME.pattern}(?:\.{_NAME.pattern}){{0,2}}(?:@.+)?")


@implements("DBMS_UTILITY.COMMA_TO_TABLE")
def comma_to_table(host: Host, list: Ref, tablen: Ref, tab: Ref) -> None:
    """The names between the commas, as they are written; one element more, NULL, at the end."""
    parts = (list.value or "").split(",")
    for part in parts:
        if _DOTTED.fullmatch(part) is None:
            raise (
                OraError(20001, f"comma-separated list invalid near {part[:20].strip()}")
                if part.strip()
                else OraError(931, "missing identifier")
            )
    fill(tab, [*parts, None])
    tablen.value = len(parts)


@implements("DBMS_UTILITY.TABLE_TO_COMMA")
def table_to_comma(host: Host, tab: Ref, tablen: Ref, list: Ref) -> None:
    parts: Names = []
    for element in elements(tab):
        if element is None:
            break
        parts.append(element)
    tablen.value = len(parts)
    list.value = ",".join(parts) or None


@implements("DBMS_UTILITY.CANONICALIZE")
def canonicalize(host: Host, name: Ref, canon_name: Ref, canon_len: Ref) -> None:
    """'a' as A; "a" as a; 'a.b' as "A"."B"."""
    parts, end = _tokenize(name.value)
    if end < len((name.value or "").rstrip()):
        raise OraError(20000, "ORU-10022: invalid name")
    text = parts[0] if len(parts) == 1 else ".".join(f'"{part}"' for part in parts)
    canon_name.value = text.encode()[: int(canon_len.value)].decode(errors="ignore")


def _tokenize(text: str | None) -> tuple[Names, int]:
    """One to three names with dots between them, and where they end.

    Raises:
        OraError: 931 where a name is missing.
    """
    parts: Names = []
    position = 0
    source = text or ""
    while True:
        match = _NAME.match(source, position)
        if match is None:
            raise OraError(931, "missing identifier")
        parts.append(match[1] or match[2].upper())
        position = match.end()
        if len(parts) == 3 or not source.startswith(".", position):
            return parts, position
        position += 1


@implements("DBMS_UTILITY.NAME_TOKENIZE")
def name_tokenize(host: Host, name: Ref, a: Ref, b: Ref, c: Ref, dblink: Ref, nextpos: Ref) -> None:
    parts, position = _tokenize(name.value)
    source = name.value or ""
    dblink.value = None
    if source.startswith("@", position):
        link = _DOTTED.match(source, position + 1)
        if link is None:
            raise OraError(931, "missing identifier")
        dblink.value = link[0].strip().upper()
        position = link.end()
    a.value, b.value, c.value = (*parts, None, None)[:3]
    nextpos.value = position


@implements("DBMS_UTILITY.NAME_RESOLVE")
def name_resolve(
    host: Host,
    name: Ref,
    context: Ref,
    schema: Ref,
    part1: Ref,
    part2: Ref,
    dblink: Ref,
    part1_type: Ref,
    object_number: Ref,
) -> None:
    """For PL/SQL units, context 1.

    Raises:
        OraError: 6564 no such object, 6563 something else stands where the name should end.
    """
    if context.value != 1:
        raise Unsupported(f"DBMS_UTILITY.NAME_RESOLVE with context {context.value}")
    source = name.value or ""
    parts, end = _tokenize(source)
    if source.startswith("@", end):
        raise Unsupported("database links")
    if source[end:].strip():
        raise OraError(6563, "top level procedure/function specified, cannot have subparts")
    for owner, names in ((None, parts), (parts[0], parts[1:])):
        if not names or len(names) > 2:
            continue
        unit = host.find_unit(owner, names[0], host.current_schema)
        if unit is None:
            continue
        if len(names) == 2 and unit.type != "PACKAGE":
            raise OraError(6563, "top level procedure/function specified, cannot have subparts")
        subprogram = names[1] if len(names) == 2 else None
        is_package = unit.type == "PACKAGE"
        schema.value = unit.owner
        part1.value = unit.name if is_package else None
        part2.value = subprogram if is_package else unit.name
        dblink.value = None
        part1_type.value = _TYPE_NUMBERS[unit.type]
        object_number.value = 0
        return
    raise OraError(6564, f"object {source.strip()} does not exist")
