"""DBMS_SESSION.

Source: PL/SQL Packages and Types Reference 19c, DBMS_SESSION.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Protocol

from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.plsql.builtins.registry import implements
from deploy.localdb.plsql.host import Host
from deploy.localdb.plsql.values import Ref
from deploy.localdb.values import Value

_FREE_ALL_RESOURCES, _REINITIALIZE = 1, 2
_IDENTIFIER_BYTES = 64
#: SID, SERIAL# and instance, four hexadecimal digits each.
_UNIQUE_ID = re.compile(r"([0-9A-F]{4})([0-9A-F]{4})0001")


class SettingsHost(Host, Protocol):
    """A session whose NLS settings can be changed."""

    def alter_session(self, assignments: dict[str, str]) -> None:
        """ALTER SESSION SET name = value."""


class ContextHost(Host, Protocol):
    """A session with an application context that it may write to."""

    def set_client_context(self, namespace: str, attributes: Mapping[str, str | None]) -> None:
        """Set attributes of CLIENTCONTEXT; none: clear them all."""


@implements("DBMS_SESSION.UNIQUE_SESSION_ID")
def unique_session_id(host: Host) -> Value:
    sid, serial = host.session_id()
    return f"{sid:04X}{serial:04X}0001"


@implements("DBMS_SESSION.IS_SESSION_ALIVE")
def is_session_alive(host: Host, uniqueid: Ref) -> Value:
    match = _UNIQUE_ID.fullmatch(uniqueid.value or "")
    return match is not None and host.session_alive(int(match[1], 16), int(match[2], 16))


@implements("DBMS_SESSION.SLEEP")
def sleep(host: Host, seconds: Ref) -> None:
    if seconds.value is None or seconds.value < 0:
        raise OraError(38148, "invalid time limit specified")
    host.sleep(float(seconds.value))


@implements("DBMS_SESSION.MODIFY_PACKAGE_STATE")
def modify_package_state(host: Host, action_flags: Ref) -> None:
    if action_flags.value not in (_FREE_ALL_RESOURCES, _REINITIALIZE):
        raise OraError(6502, "PL/SQL: numeric or value error")
    host.reset_packages()


@implements("DBMS_SESSION.RESET_PACKAGE")
def reset_package(host: Host) -> None:
    host.reset_packages()


@implements("DBMS_SESSION.SET_IDENTIFIER")
def set_identifier(host: Host, client_id: Ref) -> None:
    host.set_attribute("CLIENT_IDENTIFIER", cut(client_id.value, _IDENTIFIER_BYTES))


@implements("DBMS_SESSION.CLEAR_IDENTIFIER")
def clear_identifier(host: Host) -> None:
    host.set_attribute("CLIENT_IDENTIFIER", None)


@implements("DBMS_SESSION.SET_NLS")
def set_nls(host: SettingsHost, param: Ref, value: Ref) -> None:
    name = (param.value or "").upper()
    if not name.startswith("NLS_"):
        raise OraError(922, "missing or invalid option")
    text = value.value or ""
    if len(text) > 1 and text[0] == text[-1] == "'":
        text = text[1:-1].replace("''", "'")
    host.alter_session({name: text})


@implements("DBMS_SESSION.FREE_UNUSED_USER_MEMORY")
def free_unused_user_memory(host: Host) -> None:
    """Nothing to do: memory is free as soon as nothing refers to it."""


@implements("DBMS_SESSION.IS_ROLE_ENABLED")
def is_role_enabled(host: Host, rolename: Ref) -> Value:
    raise Unsupported("DBMS_SESSION.IS_ROLE_ENABLED")


@implements("DBMS_SESSION.SET_ROLE")
def set_role(host: Host, role_cmd: Ref) -> None:
    raise Unsupported("DBMS_SESSION.SET_ROLE")


@implements("DBMS_SESSION.SET_SQL_TRACE")
def set_sql_trace(host: Host, sql_trace: Ref) -> None:
    raise Unsupported("DBMS_SESSION.SET_SQL_TRACE")


@implements("DBMS_SESSION.SET_CONTEXT")
def set_context(
    host: ContextHost,
    namespace: Ref,
    attribute: Ref,
    value: Ref,
    username: Ref | None = None,
    client_id: Ref | None = None,
) -> None:
    if any(given is not None and given.value is not None for given in (username, client_id)):
        raise Unsupported("DBMS_SESSION.SET_CONTEXT for other sessions")
    host.set_client_context(str(namespace.value), {str(attribute.value): value.value})


@implements("DBMS_SESSION.CLEAR_CONTEXT")
def clear_context(
    host: ContextHost, namespace: Ref, client_id: Ref | None = None, attribute: Ref | None = None
) -> None:
    if client_id is not None and client_id.value is not None:
        raise Unsupported("DBMS_SESSION.CLEAR_CONTEXT for other sessions")
    named = attribute is not None and attribute.value is not None
    attributes = {str(attribute.value): None} if attribute is not None and named else {}
    host.set_client_context(str(namespace.value), attributes)


@implements("DBMS_SESSION.CLEAR_ALL_CONTEXT")
def clear_all_context(host: ContextHost, namespace: Ref) -> None:
    host.set_client_context(str(namespace.value), {})


def cut(text: str | None, size: int) -> str | None:
    """The text cut to so many bytes, between characters."""
    if text is None:
        return None
    return text.encode()[:size].decode(errors="ignore") or None
