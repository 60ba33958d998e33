"""Roles, GRANT and REVOKE."""

from __future__ import annotations

from dataclasses import dataclass

from deploy.localdb.dialect.catalog import PUBLIC
from deploy.localdb.dialect.ddl_reader import DdlReader
from deploy.localdb.dialect.definition import Definition
from deploy.localdb.dialect.naming import check_new
from deploy.localdb.dialect.privileges import (
    ALL_OBJECT_PRIVILEGES,
    NOT_FOR_TYPE,
    OBJECT_PRIVILEGES,
    SYSTEM_PRIVILEGES,
)
from deploy.localdb.dialect.translation import Granted, Revoked, RoleCreated, RoleDropped
from deploy.localdb.errors import OraError, Unsupported

_GRANT_ANY = "GRANT ANY OBJECT PRIVILEGE"
#: What ALL PRIVILEGES leaves out.
_NOT_IN_ALL = frozenset({"SELECT ANY DICTIONARY", "ANALYZE ANY DICTIONARY"})


def create_role(reader: DdlReader, definition: Definition) -> None:
    w = definition.writer
    name = check_new(reader.name())
    w.require_system("CREATE ROLE")
    if w.catalog.is_role(name) or w.catalog.is_user(name):
        raise OraError(1921, f"role name '{name}' conflicts with another user or role name")
    reader.take("NOT", "IDENTIFIED")
    if reader.peek() == "IDENTIFIED":
        raise Unsupported("roles with a password", position=reader.position)
    definition.effects.append(RoleCreated(name, w.access.user if w.access else None))


def drop_role(reader: DdlReader, definition: Definition) -> None:
    w = definition.writer
    name = reader.name()
    if not w.catalog.is_role(name):
        raise OraError(1919, f"role '{name}' does not exist")
    if w.access is not None and not w.access.may_grant(name):
        w.require_system("DROP ANY ROLE")
    definition.effects.append(RoleDropped(name))


# ---- GRANT and REVOKE ----


@dataclass(frozen=True)
class _Object:
    owner: str
    name: str
    type: str


@dataclass(frozen=True)
class _Named:
    """What is granted or taken back, as it was written."""

    words: tuple[str, ...]
    positions: tuple[int, ...]
    object: _Object | None

    @property
    def everything(self) -> bool:
        return self.words == ("ALL",)


def grant(reader: DdlReader, definition: Definition) -> None:
    named = _named(reader, definition)
    reader.require("TO")
    grantees = _grantees(reader, definition)
    with_option = False
    while reader.take("WITH"):
        if reader.take("HIERARCHY"):
            reader.require("OPTION")
            continue
        if not (reader.take("GRANT") or reader.take("ADMIN") or reader.take("DELEGATE")):
            raise Unsupported(f"GRANT ... WITH {reader.peek()}", position=reader.position)
        reader.require("OPTION")
        with_option = True
    if named.object is None:
        _grant_system(definition, named, grantees, with_option)
    else:
        _grant_on_object(definition, named, named.object, grantees, with_option)


def revoke(reader: DdlReader, definition: Definition) -> None:
    named = _named(reader, definition)
    reader.require("FROM")
    grantees = _grantees(reader, definition)
    reader.take("CASCADE", "CONSTRAINTS")
    reader.take("FORCE")
    if named.object is None:
        privileges = _system_privileges(definition, named)
        for privilege in privileges:
            _require_passing_on(definition, privilege)
        definition.effects.append(Revoked(privileges, None, grantees, everything=named.everything))
        return
    target = named.object
    privileges = _object_privileges(named, target)
    grantor = _revoker(definition, target)
    for grantee in grantees:
        if grantee == grantor:
            raise OraError(1749, "you may not GRANT/REVOKE privileges to/from yourself")
    definition.effects.append(
        Revoked(privileges, (target.owner, target.name), grantees, grantor, named.everything)
    )


def _named(reader: DdlReader, definition: Definition) -> _Named:
    found: list[str] = []
    positions: list[int] = []
    while True:
        words: list[str] = []
        positions.append(reader.position)
        while not reader.at_end and reader.peek() not in (",", "ON", "TO", "FROM", "("):
            words.append(reader.name())
        if reader.peek() == "(":
            raise Unsupported("privileges on columns", position=reader.position)
        if not words:
            raise OraError(990, "missing or invalid privilege", position=reader.position)
        privilege = " ".join(words)
        found.append("ALL" if privilege == "ALL PRIVILEGES" else privilege)
        if not reader.take(","):
            break
    if not reader.take("ON"):
        return _Named(tuple(found), tuple(positions), None)
    for word in ("DIRECTORY", "USER", "EDITION"):
        if reader.peek() == word and reader.peek(1) not in ("TO", "FROM", "."):
            raise Unsupported(f"privileges on {word}", position=reader.position)
    position = reader.position
    owner, name = reader.qualified_name()
    target = _find_object(definition, owner, name)
    if target is None:
        if found == ["EXECUTE"]:
            text = "procedure, function, package, or package body does not exist"
            raise OraError(4042, text, position=position)
        raise OraError(942, "table or view does not exist", position=position)
    return _Named(tuple(found), tuple(positions), target)


def _find_object(definition: Definition, owner: str | None, name: str) -> _Object | None:
    w = definition.writer
    relation = w.find_relation(owner, name)
    if relation is not None:
        return _Object(relation.owner, relation.name, relation.kind.value)
    sequence = w.find_sequence(owner, name)
    if sequence is not None:
        return _Object(sequence.owner, sequence.name, "SEQUENCE")
    catalog = w.catalog
    places = [(owner or w.schema, name)]
    synonym = catalog.synonym(*places[0])
    if synonym is None and owner is None:
        synonym = catalog.synonym(PUBLIC, name)
    if synonym is not None:
        places.append((synonym.target_owner, synonym.target_name))
    if owner is None:
        places.append(("SYS", name))
    for place in places:
        type_ = catalog.unit_type(*place)
        if type_ is not None:
            return _Object(*place, type_)
    return None


def _grantees(reader: DdlReader, definition: Definition) -> tuple[str, ...]:
    catalog = definition.writer.catalog
    found = []
    while True:
        position = reader.position
        name = reader.name()
        if not (name == PUBLIC or catalog.is_user(name) or catalog.is_role(name)):
            raise OraError(1917, f"user or role '{name}' does not exist", position=position)
        found.append(name)
        if not reader.take(","):
            break
    if reader.peek() == "IDENTIFIED":
        raise Unsupported("GRANT ... IDENTIFIED BY", position=reader.position)
    return tuple(found)


# ---- of the system ----


def _system_privileges(definition: Definition, named: _Named) -> tuple[str, ...]:
    if named.everything:
        return tuple(sorted(SYSTEM_PRIVILEGES - _NOT_IN_ALL))
    for word, position in zip(named.words, named.positions, strict=True):
        if word in SYSTEM_PRIVILEGES or definition.writer.catalog.is_role(word):
            continue
        if " " in word or word in ALL_OBJECT_PRIVILEGES:
            raise OraError(990, "missing or invalid privilege", position=position)
        raise OraError(1919, f"role '{word}' does not exist", position=position)
    return named.words


def _require_passing_on(definition: Definition, privilege: str) -> None:
    """Raises 1031, or 1932 of a role."""
    w = definition.writer
    if w.access is None or w.access.may_grant(privilege):
        return
    if privilege in SYSTEM_PRIVILEGES:
        w.require_system("GRANT ANY PRIVILEGE")
    elif not w.access.has("GRANT ANY ROLE"):
        raise OraError(1932, f"ADMIN option not granted for role '{privilege}'")


def _grant_system(
    definition: Definition, named: _Named, grantees: tuple[str, ...], with_option: bool
) -> None:
    catalog = definition.writer.catalog
    privileges = _system_privileges(definition, named)
    for privilege in privileges:
        _require_passing_on(definition, privilege)
        if privilege in SYSTEM_PRIVILEGES:
            continue
        for grantee in grantees:
            if catalog.is_role(grantee) and catalog.contains_role(privilege, grantee):
                raise OraError(1934, "circular role grant detected")
    definition.effects.append(Granted(privileges, None, grantees, with_option))


# ---- on objects ----


def _object_privileges(named: _Named, target: _Object) -> tuple[str, ...]:
    allowed = OBJECT_PRIVILEGES[target.type]
    if named.everything:
        return allowed
    for word, position in zip(named.words, named.positions, strict=True):
        if word not in ALL_OBJECT_PRIVILEGES:
            raise OraError(990, "missing or invalid privilege", position=position)
        if word not in allowed:
            raise OraError(*NOT_FOR_TYPE[target.type], position=position)
    return named.words


def _grant_on_object(
    definition: Definition,
    named: _Named,
    target: _Object,
    grantees: tuple[str, ...],
    with_option: bool,
) -> None:
    w = definition.writer
    privileges = _object_privileges(named, target)
    grantor = target.owner
    access = w.access
    if access is not None and access.user != target.owner:
        if all(access.may_grant_on(target.owner, target.name, one) for one in privileges):
            grantor = access.user
        elif not access.has(_GRANT_ANY):
            if not access.sees(target.owner, target.name, target.type):
                raise OraError(942, "table or view does not exist")
            raise OraError(1031, "insufficient privileges")
    for grantee in grantees:
        # To the owner it says nothing, from a user to himself it is an error.
        if grantee == grantor or (access is not None and grantee == access.user == target.owner):
            raise OraError(1749, "you may not GRANT/REVOKE privileges to/from yourself")
        if w.catalog.is_role(grantee):
            if with_option:
                raise OraError(1926, "cannot GRANT to a role WITH GRANT OPTION")
            for privilege in ("REFERENCES", "INDEX"):
                if privilege in privileges and not named.everything:
                    raise OraError(1931, f"cannot grant {privilege} to a role")
    definition.effects.append(
        Granted(privileges, (target.owner, target.name), grantees, with_option, grantor)
    )


def _revoker(definition: Definition, target: _Object) -> str:
    """Whose grants are taken back."""
    access = definition.writer.access
    if access is None or access.user == target.owner or access.has(_GRANT_ANY):
        return target.owner
    if not access.sees(target.owner, target.name, target.type):
        raise OraError(942, "table or view does not exist")
    return access.user
