"""Users."""

from __future__ import annotations

from deploy.localdb.dialect.ddl_reader import DdlReader
from deploy.localdb.dialect.definition import Definition
from deploy.localdb.dialect.naming import check_new
from deploy.localdb.dialect.translation import (
    DefaultRoles,
    ProxyChanged,
    UserChanged,
    UserCreated,
    UserDropped,
)
from deploy.localdb.errors import OraError, Unsupported


def create_user(reader: DdlReader, definition: Definition) -> None:
    reader.take("IF", "NOT", "EXISTS")
    name = check_new(reader.name())
    definition.writer.require_system("CREATE USER")
    if definition.writer.catalog.is_user(name) or definition.writer.catalog.is_role(name):
        raise OraError(1920, f"user name '{name}' conflicts with another user or role name")
    password: str | None = None
    if reader.take("IDENTIFIED", "BY"):
        password = _password(reader)
    elif not reader.take("NO", "AUTHENTICATION"):
        raise Unsupported("users without a password of their own", position=reader.position)
    locked = _user_options(reader, definition, name)
    definition.effects.append(UserCreated(name, password))
    if locked:
        definition.effects.append(UserChanged(name, locked=True))


def alter_user(reader: DdlReader, definition: Definition) -> None:
    name = reader.name()
    access = definition.writer.access
    # One's own password needs no privilege.
    if access is None or access.user != name or reader.peek() != "IDENTIFIED":
        definition.writer.require_system("ALTER USER")
    if not definition.writer.catalog.is_user(name):
        raise OraError(1918, f"user '{name}' does not exist")
    for verb in ("GRANT", "REVOKE"):
        if reader.take(verb, "CONNECT", "THROUGH"):
            definition.effects.append(_proxy(reader, definition, name, granted=verb == "GRANT"))
            return
    password = None
    if reader.take("IDENTIFIED", "BY"):
        password = _password(reader)
        if reader.take("REPLACE"):
            _password(reader)
    if access is not None and access.user == name and not reader.at_end:
        definition.writer.require_system("ALTER USER")
    locked = _user_options(reader, definition, name)
    definition.effects.append(UserChanged(name, password=password, locked=locked))


def _proxy(
    reader: DdlReader, definition: Definition, client: str, *, granted: bool
) -> ProxyChanged:
    proxy = reader.name()
    if not definition.writer.catalog.is_user(proxy):
        raise OraError(1918, f"user '{proxy}' does not exist")
    if not reader.at_end:
        raise Unsupported(f"a proxy {reader.peek()} ...", position=reader.position)
    return ProxyChanged(client, proxy, granted)


def _password(reader: DdlReader) -> str:
    """As it was written: it distinguishes the case."""
    return reader.any_value()


def _user_options(reader: DdlReader, definition: Definition, user: str) -> bool | None:
    """LOCK or UNLOCK; what is about space is passed over."""
    locked = None
    while not reader.at_end:
        if reader.take("DEFAULT", "TABLESPACE") or reader.take("TEMPORARY", "TABLESPACE"):
            reader.name()
        elif reader.take("QUOTA"):
            if not reader.take("UNLIMITED") and reader.number() is None:
                raise OraError(2187, "invalid quota specification", position=reader.position)
            for unit in ("K", "M", "G", "T"):
                reader.take(unit)
            reader.require("ON")
            reader.name()
        elif reader.take("PROFILE"):
            reader.name()
        elif reader.take("ACCOUNT", "LOCK"):
            locked = True
        elif reader.take("ACCOUNT", "UNLOCK"):
            locked = False
        elif reader.take("DEFAULT", "ROLE"):
            definition.effects.append(_default_roles(reader, definition, user))
        elif reader.take("ENABLE", "EDITIONS") or reader.take("CONTAINER", "=", "CURRENT"):
            pass
        elif reader.peek() in ("GRANT", "REVOKE", "PASSWORD", "DEFAULT"):
            raise Unsupported(
                f"USER ... {reader.peek()} {reader.peek(1)}", position=reader.position
            )
        else:
            raise OraError(922, "missing or invalid option", position=reader.position)
    return locked


def _default_roles(reader: DdlReader, definition: Definition, user: str) -> DefaultRoles:
    names: list[str] = []
    everything = reader.take("ALL")
    if (everything and reader.take("EXCEPT")) or not (everything or reader.take("NONE")):
        while True:
            position = reader.position
            names.append(reader.name())
            if not definition.writer.catalog.is_role(names[-1]):
                raise OraError(1919, f"role '{names[-1]}' does not exist", position=position)
            if not reader.take(","):
                break
    return DefaultRoles(user, everything, tuple(names))


def drop_user(reader: DdlReader, definition: Definition) -> None:
    may_lack = reader.take("IF", "EXISTS")
    name = reader.name()
    cascade = reader.take("CASCADE")
    definition.writer.require_system("DROP USER")
    if not definition.writer.catalog.is_user(name):
        if may_lack:
            return
        raise OraError(1918, f"user '{name}' does not exist")
    definition.effects.append(UserDropped(name, cascade))
