"""Users, roles and privileges."""

from __future__ import annotations

from deploy.localdb.dialect.ddl_reader import DdlReader
from deploy.localdb.dialect.definition import Definition
from deploy.localdb.dialect.naming import check_new
from deploy.localdb.dialect.translation import (
    Granted,
    Revoked,
    RoleCreated,
    RoleDropped,
    UserChanged,
    UserCreated,
    UserDropped,
)
from deploy.localdb.errors import OraError, Unsupported


def create_user(reader: DdlReader, definition: Definition) -> None:
    reader.take("IF", "NOT", "EXISTS")
    name = check_new(reader.name())
    if definition.writer.catalog.is_user(name):
        raise OraError(1920, f"user name '{name}' conflicts with another user or role name")
    password: str | None = None
    if reader.take("IDENTIFIED", "BY"):
        password = _password(reader)
    elif not reader.take("NO", "AUTHENTICATION"):
        raise Unsupported("users without a password of their own", position=reader.position)
    locked = _user_options(reader)
    definition.effects.append(UserCreated(name, password))
    if locked:
        definition.effects.append(UserChanged(name, locked=True))


def alter_user(reader: DdlReader, definition: Definition) -> None:
    name = reader.name()
    if not definition.writer.catalog.is_user(name):
        raise OraError(1918, f"user '{name}' does not exist")
    password = None
    if reader.take("IDENTIFIED", "BY"):
        password = _password(reader)
        if reader.take("REPLACE"):
            _password(reader)
    locked = _user_options(reader)
    definition.effects.append(UserChanged(name, password=password, locked=locked))


def _password(reader: DdlReader) -> str:
    """As it was written: it distinguishes the case."""
    return reader.any_value()


def _user_options(reader: DdlReader) -> bool | None:
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
        elif reader.take("ENABLE", "EDITIONS") or reader.take("CONTAINER", "=", "CURRENT"):
            pass
        elif reader.peek() in ("GRANT", "REVOKE", "PASSWORD", "DEFAULT"):
            raise Unsupported(
                f"USER ... {reader.peek()} {reader.peek(1)}", position=reader.position
            )
        else:
            raise OraError(922, "missing or invalid option", position=reader.position)
    return locked


def drop_user(reader: DdlReader, definition: Definition) -> None:
    may_lack = reader.take("IF", "EXISTS")
    name = reader.name()
    cascade = reader.take("CASCADE")
    if not definition.writer.catalog.is_user(name):
        if may_lack:
            return
        raise OraError(1918, f"user '{name}' does not exist")
    definition.effects.append(UserDropped(name, cascade))


def create_role(reader: DdlReader, definition: Definition) -> None:
    name = check_new(reader.name())
    reader.take("NOT", "IDENTIFIED")
    definition.effects.append(RoleCreated(name))


def drop_role(reader: DdlReader, definition: Definition) -> None:
    definition.effects.append(RoleDropped(reader.name()))


# ---- GRANT and REVOKE ----


def grant(reader: DdlReader, definition: Definition) -> None:
    privileges, target = _privileges(reader, definition)
    reader.require("TO")
    grantees = _grantees(reader, definition)
    with_option = False
    while reader.take("WITH"):
        if not (reader.take("GRANT") or reader.take("ADMIN") or reader.take("DELEGATE")):
            raise Unsupported(f"GRANT ... WITH {reader.peek()}", position=reader.position)
        reader.require("OPTION")
        with_option = True
    definition.effects.append(Granted(privileges, target, grantees, with_option))


def revoke(reader: DdlReader, definition: Definition) -> None:
    privileges, target = _privileges(reader, definition)
    reader.require("FROM")
    grantees = _grantees(reader, definition)
    reader.take("CASCADE", "CONSTRAINTS")
    reader.take("FORCE")
    definition.effects.append(Revoked(privileges, target, grantees))


def _privileges(
    reader: DdlReader, definition: Definition
) -> tuple[tuple[str, ...], tuple[str, str] | None]:
    privileges = []
    while True:
        words = []
        while not reader.at_end and reader.peek() not in (",", "ON", "TO", "FROM", "("):
            words.append(reader.name())
        if reader.peek() == "(":
            raise Unsupported("privileges on columns", position=reader.position)
        if not words:
            raise OraError(990, "missing or invalid privilege", position=reader.position)
        privilege = " ".join(words)
        privileges.append("ALL" if privilege == "ALL PRIVILEGES" else privilege)
        if not reader.take(","):
            break
    if not reader.take("ON"):
        return tuple(privileges), None
    for word in ("DIRECTORY", "USER", "EDITION"):
        if reader.peek() == word and reader.peek(1) not in ("TO", "FROM", "."):
            raise Unsupported(f"privileges on {word}", position=reader.position)
    owner, name = reader.qualified_name()
    relation = definition.writer.find_relation(owner, name)
    if relation is not None:
        return tuple(privileges), (relation.owner, relation.name)
    return tuple(privileges), (owner or definition.writer.schema, name)


def _grantees(reader: DdlReader, definition: Definition) -> tuple[str, ...]:
    found = [reader.name()]
    while reader.take(","):
        found.append(reader.name())
    if reader.peek() == "IDENTIFIED":
        raise Unsupported("GRANT ... IDENTIFIED BY", position=reader.position)
    return tuple(found)
