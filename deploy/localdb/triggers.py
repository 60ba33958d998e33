"""The triggers on tables and views, as the library keeps them: created, switched, compiled, dropped."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deploy.localdb.database import Database
from deploy.localdb.dialect.catalog import Relation, RelationKind
from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.plsql.compiled import CompiledUnit
from deploy.localdb.plsql.conditional import Settings
from deploy.localdb.plsql.exceptions import CompileErrors
from deploy.localdb.plsql.parse_triggers import read_trigger
from deploy.localdb.plsql.parser import UnitHeader
from deploy.localdb.plsql.syntax import TriggerSyntax
from deploy.localdb.rights import owner_rights

if TYPE_CHECKING:
    from deploy.localdb.host import SessionHost
    from deploy.localdb.library import Library
    from deploy.localdb.plsql.interpreter import Interpreter

_TRIGGER = "TRIGGER"
_SWITCH = re.compile(r"\b(ENABLE|DISABLE)\s*\Z", re.IGNORECASE)
_STORE = """
insert into localdb.triggers (
    owner, name, table_owner, table_name, base_type, timing, each_row, events, columns, enabled,
    referencing, condition, description, body, follows
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
on conflict (owner, name) do update
set base_type = excluded.base_type, timing = excluded.timing, each_row = excluded.each_row,
    events = excluded.events, columns = excluded.columns, enabled = excluded.enabled,
    referencing = excluded.referencing, condition = excluded.condition,
    description = excluded.description, body = excluded.body, follows = excluded.follows
"""


def _missing(name: str) -> OraError:
    return OraError(4080, f"trigger '{name}' does not exist")


class Triggers:
    """What CREATE, ALTER and DROP TRIGGER do, and which unit fires."""

    def __init__(self, library: Library, database: Database) -> None:
        self._library = library
        self._database = database

    # ---- firing ----

    def ready(self, host: SessionHost, owner: str, name: str) -> CompiledUnit:
        """A trigger, compiled anew where what it depends on has changed.

        Raises:
            OraError: 4098, it does not compile.
        """
        invalid = OraError(4098, f"trigger '{owner}.{name}' is invalid and failed re-validation")
        try:
            unit = self._library.parsed((owner, name, _TRIGGER))
        except CompileErrors:
            raise invalid from None
        if unit is None:
            raise invalid
        table = self._database.catalog.trigger_table(owner, name)
        if table != unit.table:
            unit.table, unit.compiled = table, None
        schema, rights = host.current_schema, host.rights
        host.current_schema, host.rights = owner, owner_rights(owner)
        try:
            compiled = host.interpreter.compile_unit(unit)
        finally:
            host.current_schema, host.rights = schema, rights
        if compiled.errors:
            raise invalid
        return compiled

    # ---- changes; inside bridge.run ----

    def create(
        self, host: SessionHost, interpreter: Interpreter, header: UnitHeader, text: str
    ) -> bool:
        """CREATE [OR REPLACE] TRIGGER; whether it compiles.

        Raises:
            OraError: what is wrong with its head; 4081, there is one; 4084, 4085.
            Unsupported: a trigger of another kind.
        """
        owner = header.owner or host.current_schema
        settings = host.compile_settings
        syntax = read_trigger(header.source, owner, settings)
        key = (owner, header.name, _TRIGGER)
        host.require_unit(*key, "CREATE")
        relation = self._relation(host, syntax)
        _check(relation, syntax)
        if relation.owner != owner:
            host.require_system("CREATE ANY TRIGGER")
        known = self._database.catalog.trigger_table(owner, header.name)
        before = self._library.source(key) if known is not None else None
        if known is not None:
            head = text[: len(text) - len(header.source)].upper()
            if "REPLACE" not in head:
                raise OraError(4081, f"trigger '{header.name}' already exists")
            if known != (relation.owner, relation.name):
                raise OraError(
                    4095,
                    f"trigger '{header.name}' already exists on another table, cannot replace it",
                )
        follows = [_qualified(parts, owner) for parts in syntax.follows]
        for followed_owner, name in follows:
            if self._database.catalog.trigger_table(followed_owner, name) is None:
                raise _missing(name)
        host.commit()
        self._library.replace(key, header.source.rstrip(), settings)
        try:
            errors = self._library.compile_key(host, interpreter, key)
        except BaseException:
            if before is None:
                self._library.forget(key)
            else:
                self._library.replace(key, before)
            raise
        host.native(
            _STORE,
            owner,
            header.name,
            relation.owner,
            relation.name,
            relation.kind.value,
            syntax.timing,
            syntax.each_row,
            " OR ".join(syntax.events),
            "\n".join(syntax.columns),
            syntax.enabled,
            syntax.referencing,
            syntax.condition,
            syntax.description,
            header.source[syntax.body_at :].rstrip(),
            "\n".join(".".join(names) for names in follows),
        )
        host.commit()
        host.reload_catalog()
        return not errors

    def _relation(self, host: SessionHost, syntax: TriggerSyntax) -> Relation:
        owner = syntax.table[0] if len(syntax.table) > 1 else None
        catalog = self._database.catalog
        relation = catalog.find_relation(owner, syntax.table[-1], host.current_schema)
        access = self._database.access(host.rights)
        if relation is None or not access.sees(relation.owner, relation.name, relation.kind.value):
            raise OraError(942, "table or view does not exist")
        if relation.owner == "SYS":
            raise OraError(4089, "cannot create triggers on objects owned by SYS")
        return relation

    def alter(self, host: SessionHost, owner: str | None, name: str, text: str) -> None:
        """ALTER TRIGGER ENABLE or DISABLE.

        Raises:
            OraError: 4080, there is none.
            Unsupported: RENAME and others.
        """
        owner = owner or host.current_schema
        self._require(host, owner, name, "ALTER")
        found = _SWITCH.search(text)
        if found is None:
            raise Unsupported("ALTER TRIGGER but for ENABLE, DISABLE and COMPILE")
        host.commit()
        host.native(
            "update localdb.triggers set enabled = $3 where owner = $1 and name = $2",
            owner,
            name,
            found[1].upper() == "ENABLE",
        )
        host.commit()
        host.reload_catalog()

    def compile(
        self,
        host: SessionHost,
        interpreter: Interpreter,
        owner: str,
        name: str,
        settings: Settings | None,
    ) -> bool:
        """ALTER TRIGGER COMPILE; whether it compiles. settings: as for `Library.compile`.

        Raises:
            OraError: 4080, there is none.
        """
        self._require(host, owner, name, "ALTER")
        key = (owner, name, _TRIGGER)
        source = self._library.source(key)
        assert source is not None
        host.commit()
        self._library.replace(key, source, settings)
        errors = self._library.compile_key(host, interpreter, key)
        host.commit()
        return not errors

    def drop(self, host: SessionHost, owner: str, name: str) -> None:
        """DROP TRIGGER.

        Raises:
            OraError: 4080, there is none.
        """
        self._require(host, owner, name, "DROP")
        host.commit()
        self._library.forget((owner, name, _TRIGGER))
        host.native("delete from localdb.triggers where owner = $1 and name = $2", owner, name)
        for table in ("unit_errors", "units", "objects"):
            host.native(
                f"delete from localdb.{table} where owner = $1 and name = $2 and type = 'TRIGGER'",
                owner,
                name,
            )
        host.commit()
        host.reload_catalog()

    def _require(self, host: SessionHost, owner: str, name: str, action: str) -> None:
        if self._database.catalog.trigger_table(owner, name) is None:
            raise _missing(name)
        host.require_unit(owner, name, _TRIGGER, action)


def _qualified(parts: tuple[str, ...], owner: str) -> tuple[str, str]:
    return (parts[0], parts[1]) if len(parts) > 1 else (owner, parts[0])


def _check(relation: Relation, syntax: TriggerSyntax) -> None:
    """See that a trigger fits what it is on.

    Raises:
        OraError: 904, 4073, 25001, 25002.
        Unsupported: on a temporary table.
    """
    is_instead = syntax.timing == "INSTEAD OF"
    if relation.kind is RelationKind.VIEW and not is_instead:
        raise OraError(25001, "cannot create this trigger type on this type of view")
    if relation.kind is RelationKind.TABLE and is_instead:
        raise OraError(25002, "cannot create INSTEAD OF triggers on tables")
    if is_instead and syntax.columns:
        raise OraError(4073, "column list not valid for this trigger type")
    if relation.temporary:
        raise Unsupported("triggers on temporary tables")
    for column in syntax.columns:
        if column not in relation.by_name:
            raise OraError(904, f'"{column}": invalid identifier')
