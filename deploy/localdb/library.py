"""The stored units: their sources, what they compile to, and what the dictionary shows of them."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from deploy.localdb.bridge import can_wait, wait_for
from deploy.localdb.database import Database
from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.plsql.compile_triggers import fatal
from deploy.localdb.plsql.conditional import BYTES, Settings
from deploy.localdb.plsql.exceptions import CompileError, CompileErrors
from deploy.localdb.plsql.parser import parse_block, read_header
from deploy.localdb.plsql.syntax import Block
from deploy.localdb.plsql.units import ParameterInfo, SubprogramInfo, TypeInfo, Unit, system_package
from deploy.localdb.rights import owner_rights
from deploy.localdb.triggers import Triggers

if TYPE_CHECKING:
    from deploy.localdb.host import SessionHost
    from deploy.localdb.plsql.interpreter import Interpreter

_SYS = "SYS"
_PUBLIC = "PUBLIC"
#: Characters of a source that takes more than some milliseconds.
_LONG_SOURCE = 10_000
#: Client blocks that are kept parsed.
_MOST_BLOCKS = 1000
_CALLABLE = ("PACKAGE", "PROCEDURE", "FUNCTION")
#: What other code may name.
_NAMED = (*_CALLABLE, "TYPE")
#: Other types that a new unit of the type may not share its name with.
_NAMESPACE = ("TABLE", "VIEW", "SEQUENCE", "SYNONYM", "PACKAGE", "PROCEDURE", "FUNCTION", "TYPE")


def _parse(source: str, owner: str, settings: Settings) -> Unit:
    """A unit, parsed; a long one on a thread, so that the other sessions go on.

    Raises:
        CompileErrors: of syntax.
    """
    if len(source) < _LONG_SOURCE or not can_wait():
        return Unit.parse(source, owner, settings)
    return wait_for(asyncio.to_thread(Unit.parse, source, owner, settings))


#: The status and the errors of a unit; nothing where another transaction has changed it.
_NOTE = """
with unit as (
    select o.owner, o.name, o.type from localdb.objects as o
    where o.owner = $1 and o.name = $2 and o.type = $3 for update skip locked
),
gone as (
    delete from localdb.unit_errors as e using unit as u
    where (e.owner, e.name, e.type) = (u.owner, u.name, u.type) and $4 = 'VALID'
),
added as (
    insert into localdb.unit_errors (owner, name, type, sequence, line, position, text)
    select u.owner, u.name, u.type, r.n, r.line, r.place, r.text
    from unit as u
    cross join jsonb_to_recordset($5::jsonb) as r (n int, line int, place int, text text)
    on conflict do nothing
)
update localdb.objects as o set status = $4
from unit as u where (o.owner, o.name, o.type) = (u.owner, u.name, u.type)
"""


class Library:
    """All units of the database, in memory.

    Attributes:
        version: another number after each change.
    """

    def __init__(self, database: Database) -> None:
        self.version = 0
        self._database = database
        self._sources: dict[tuple[str, str, str], str] = {}
        self._units: dict[tuple[str, str, str], Unit] = {}
        #: What they were compiled with.
        self._settings: dict[tuple[str, str, str], Settings] = {}
        self._invalid: set[tuple[str, str, str]] = set()
        #: They are being created or compiled by a statement.
        self._changing: set[tuple[str, str, str]] = set()
        self._types = database.catalog.unit_types
        self._blocks: OrderedDict[tuple[Settings, str], Block] = OrderedDict()
        self.triggers = Triggers(self, database)

    async def load(self) -> None:
        """Read the sources; they are parsed when they are used."""
        rows = await self._database.run(
            "select u.owner, u.name, u.type, u.source, u.flags, u.in_characters, o.status from localdb.units u"
            " join localdb.objects o on (o.owner, o.name, o.type) = (u.owner, u.name, u.type)"
        )
        for owner, name, type_, source, flags, in_characters, status in rows:
            self._sources[owner, name, type_] = source
            self._settings[owner, name, type_] = Settings(flags or "", in_characters)
            self._note_type((owner, name, type_))
            if status == "INVALID":
                self._invalid.add((owner, name, type_))

    # ---- look-ups ----

    def block(self, text: str, settings: Settings) -> Block:
        """A client's block, parsed; settings: its session's.

        Raises:
            CompileErrors: of syntax.
        """
        key = settings, text
        known = self._blocks.get(key)
        if known is not None:
            self._blocks.move_to_end(key)
            return known
        block = parse_block(text, settings)
        self._blocks[key] = block
        if len(self._blocks) > _MOST_BLOCKS:
            self._blocks.popitem(last=False)
        return block

    def find(self, owner: str | None, name: str, schema: str) -> Unit | None:
        """A package specification, procedure or function, as code in schema names it.

        Raises:
            OraError: 4063, it is there and does not compile.
        """
        if owner is not None:
            return system_package(name) if owner == _SYS else self._find_in(owner, name)
        return self._find_in(schema, name) or self._find_in(_PUBLIC, name) or system_package(name)

    def _find_in(self, owner: str, name: str) -> Unit | None:
        for type_ in _NAMED:
            unit = self._unit(owner, name, type_)
            if unit is not None:
                return unit
        synonym = self._database.catalog.synonym(owner, name)
        if synonym is None or (synonym.target_owner, synonym.target_name) == (owner, name):
            return None
        return self._find_in(synonym.target_owner, synonym.target_name)

    def find_body(self, owner: str, name: str) -> Unit | None:
        return self._unit(owner, name, "PACKAGE BODY")

    def _unit(self, owner: str, name: str, type_: str) -> Unit | None:
        try:
            return self.parsed((owner, name, type_))
        except CompileErrors:
            raise OraError(4063, f'{type_.lower()} "{owner}.{name}" has errors') from None

    def parsed(self, key: tuple[str, str, str]) -> Unit | None:
        """A unit, valid or not; None: there is none.

        Raises:
            CompileErrors: of syntax.
        """
        owner = key[0]
        source = self._sources.get(key)
        if source is None:
            return None
        unit = self._units.get(key)
        if unit is None:
            unit = _parse(source, owner, self._settings.get(key, BYTES))
            if self._sources.get(key) is not source:
                # Another session has changed it meanwhile.
                return self.parsed(key)
            unit = self._units.setdefault(key, unit)
        return unit

    # ---- changes; inside bridge.run ----

    def create(self, host: SessionHost, interpreter: Interpreter, text: str) -> bool:
        """CREATE [OR REPLACE] of a unit; whether it compiles.

        Raises:
            OraError: 955, the name is another object's.
            Unsupported: a type that is no collection.
        """
        header = read_header(text)
        if header is None:
            raise OraError(900, "invalid SQL statement")
        if header.kind == "TRIGGER":
            return self.triggers.create(host, interpreter, header, text)
        if header.kind not in ("PACKAGE BODY", *_NAMED):
            raise Unsupported(f"CREATE {header.kind}")
        owner = header.owner or host.current_schema
        key = (owner, header.name, header.kind)
        host.require_unit(*key, "CREATE")
        self._check_name(
            host, key, replaces="REPLACE" in text[: len(text) - len(header.source)].upper()
        )
        host.commit()
        before, settings = self._sources.get(key), self._settings.get(key)
        self.replace(key, header.source.rstrip(), host.compile_settings)
        self._note_type(key)
        try:
            errors = self.compile_key(host, interpreter, key)
        except OraError:
            self._put_back(key, before, settings)
            raise
        host.commit()
        return not errors

    def source(self, key: tuple[str, str, str]) -> str | None:
        """The source of a unit, by owner, name and type."""
        return self._sources.get(key)

    def replace(
        self, key: tuple[str, str, str], source: str, settings: Settings | None = None
    ) -> None:
        """Give a unit another source; it is to be compiled, with other settings where not None."""
        self._sources[key] = source
        if settings is not None:
            self._settings[key] = settings
        self._units.pop(key, None)
        self._invalid.discard(key)
        self.version += 1

    def _put_back(
        self, key: tuple[str, str, str], source: str | None, settings: Settings | None
    ) -> None:
        """What was refused leaves the unit as it was."""
        if source is not None:
            self.replace(key, source, settings)
            return
        self.forget(key)
        if key[2] in _NAMED:
            self._types.pop(key[:2], None)

    def forget(self, key: tuple[str, str, str]) -> None:
        """There is no such unit any more."""
        self._sources.pop(key, None)
        self._units.pop(key, None)
        self._invalid.discard(key)
        self.version += 1

    def _check_name(self, host: SessionHost, key: tuple[str, str, str], *, replaces: bool) -> None:
        owner, name, type_ = key
        if type_ == "PACKAGE BODY":
            return
        if key in self._sources and replaces:
            return
        found = host.native(
            "select type from localdb.objects where owner = $1 and name = $2"
            " and type = any(string_to_array($3, ','))",
            owner,
            name,
            ",".join(_NAMESPACE),
        )
        if found:
            raise OraError(955, "name is already used by an existing object")

    def compile(
        self,
        host: SessionHost,
        interpreter: Interpreter,
        type_: str,
        owner: str | None,
        name: str,
        settings: Settings | None,
    ) -> bool:
        """ALTER ... COMPILE; whether it compiles.

        Args:
            host: the session.
            interpreter: its.
            type_: 'PACKAGE' is its body as well.
            owner: None: of the current schema.
            name: the unit's.
            settings: None: those that it was compiled with.
        """
        owner = owner or host.current_schema
        if type_ == "TRIGGER":
            return self.triggers.compile(host, interpreter, owner, name, settings)
        keys = [key for key in self._sources if key[:2] == (owner, name)]
        keys = [key for key in keys if key[2].startswith(type_)]
        if not keys:
            raise OraError(4043, f"object {owner}.{name} does not exist")
        host.require_unit(owner, name, type_, "ALTER")
        host.commit()
        valid = True
        for key in sorted(keys, key=lambda k: k[2]):
            self._units.pop(key, None)
            self._invalid.discard(key)
            if settings is not None:
                self._settings[key] = settings
            self.version += 1
            valid = not self.compile_key(host, interpreter, key) and valid
        host.commit()
        return valid

    def note_compiled(self, unit: Unit, errors: Sequence[CompileError]) -> None:
        """A unit was compiled when it was used, and is not what it was before: valid, or invalid.

        Whoever is changing it at this moment says himself what it is.
        """
        key = (unit.owner, unit.name, unit.type)
        is_known = self._units.get(key) is unit and key not in self._changing
        if not is_known or bool(errors) == (key in self._invalid) or not can_wait():
            return
        if errors:
            self._invalid.add(key)
        else:
            self._invalid.discard(key)
        rows = [
            {"n": number, "line": error.line, "place": error.column, "text": error.text}
            for number, error in enumerate(errors, 1)
        ]
        wait_for(
            self._database.run(_NOTE, *key, "INVALID" if errors else "VALID", json.dumps(rows))
        )

    def drop(self, host: SessionHost, type_: str, owner: str | None, name: str) -> None:
        """DROP of a unit.

        Raises:
            OraError: 4043, there is none.
        """
        owner = owner or host.current_schema
        if type_ == "TRIGGER":
            self.triggers.drop(host, owner, name)
            return
        types = [type_, "PACKAGE BODY"] if type_ == "PACKAGE" else [type_]
        if (owner, name, type_) not in self._sources:
            raise OraError(4043, f"object {name} does not exist")
        host.require_unit(owner, name, type_, "DROP")
        host.commit()
        for each in types:
            key = (owner, name, each)
            if self._sources.pop(key, None) is None:
                continue
            self._units.pop(key, None)
            self._invalid.discard(key)
            self._forget(host, key)
            for table in ("units", "objects"):
                host.native(
                    f"delete from localdb.{table} where owner = $1 and name = $2 and type = $3",
                    *key,
                )
        if type_ in _NAMED:
            self._types.pop((owner, name), None)
            host.native(
                "delete from localdb.grants where object_owner = $1 and object_name = $2",
                owner,
                name,
            )
            self._database.catalog.privileges.forget_object(owner, name)
        host.commit()
        self.version += 1

    def _note_type(self, key: tuple[str, str, str]) -> None:
        owner, name, type_ = key
        if type_ in _NAMED:
            self._types[owner, name] = type_

    def _forget(self, host: SessionHost, key: tuple[str, str, str]) -> None:
        owner, name, type_ = key
        host.native(
            "delete from localdb.unit_errors where owner = $1 and name = $2 and type = $3", *key
        )
        if type_ != "PACKAGE BODY":
            host.native(
                "delete from localdb.procedures where owner = $1 and object_name = $2", owner, name
            )
            host.native(
                "delete from localdb.arguments where owner = $1"
                " and (package_name = $2 or (package_name is null and object_name = $2))",
                owner,
                name,
            )
            host.native(
                "delete from localdb.types where owner = $1"
                " and (package_name = $2 or (package_name is null and name = $2))",
                owner,
                name,
            )

    def compile_key(
        self, host: SessionHost, interpreter: Interpreter, key: tuple[str, str, str]
    ) -> list[CompileError]:
        """Compile a unit and note what comes of it; its errors.

        Raises:
            OraError: what ends the CREATE of a trigger.
        """
        owner, _, type_ = key
        schema, rights = host.current_schema, host.rights
        # Not with the creator's roles.
        host.current_schema, host.rights = owner, owner_rights(owner)
        self._changing.add(key)
        routines: list[SubprogramInfo] = []
        types: list[TypeInfo] = []
        authid = "DEFINER"
        try:
            source = self._sources[key]
            unit = _parse(source, owner, self._settings.get(key, BYTES))
            if self._sources.get(key) is source:
                self._units[key] = unit
            errors = interpreter.check(unit)
            if not errors and type_ != "PACKAGE BODY":
                routines = interpreter.describe(unit)
                types = interpreter.describe_types(unit)
                authid = "DEFINER" if unit.syntax.is_definer else "CURRENT_USER"
        except CompileErrors as found:
            errors = found.errors
        finally:
            self._changing.discard(key)
            host.current_schema, host.rights = schema, rights
        if (failure := fatal(errors)) is not None:
            raise failure
        if errors:
            self._invalid.add(key)
            self.version += 1
        self._forget(host, key)
        settings = self._settings.get(key, BYTES)
        host.native(
            "insert into localdb.units (owner, name, type, source, flags, in_characters)"
            " values ($1, $2, $3, $4, $5, $6) on conflict (owner, name, type) do update"
            " set source = excluded.source, flags = excluded.flags,"
            " in_characters = excluded.in_characters",
            *key,
            self._sources[key],
            settings.flags,
            settings.in_characters,
        )
        host.native(
            "insert into localdb.objects (owner, name, type, status) values ($1, $2, $3, $4)"
            " on conflict (owner, name, type) do update"
            " set status = excluded.status, last_ddl = now()",
            *key,
            "INVALID" if errors else "VALID",
        )
        for number, error in enumerate(errors, 1):
            host.native(
                "insert into localdb.unit_errors"
                " (owner, name, type, sequence, line, position, text)"
                " values ($1, $2, $3, $4, $5, $6, $7)",
                *key,
                number,
                error.line,
                error.column,
                error.text,
            )
        if type_ != "PACKAGE BODY":
            self._describe(host, key, authid, routines)
            self._describe_types(host, key, types)
        return errors

    def _describe(
        self,
        host: SessionHost,
        key: tuple[str, str, str],
        authid: str,
        routines: list[SubprogramInfo],
    ) -> None:
        """Fill what ALL_PROCEDURES and ALL_ARGUMENTS show."""
        owner, name, type_ = key
        in_package = type_ == "PACKAGE"
        if in_package:
            self._insert_procedure(host, owner, name, None, type_, authid, 0, None)
        for routine in routines:
            overload = str(routine.overload) if routine.overload else None
            procedure = routine.name if in_package else None
            number = routine.subprogram_id
            self._insert_procedure(
                host, owner, name, procedure, type_, routine.authid, number, overload
            )
            rows: list[tuple[int, ParameterInfo]] = []
            if routine.returns is not None:
                rows.append((0, routine.returns))
            rows.extend(enumerate(routine.parameters, 1))
            for sequence, (position, argument) in enumerate(rows, 1):
                host.native(
                    "insert into localdb.arguments (owner, package_name, object_name, overload,"
                    " position, sequence, argument_name, in_out, data_type, pls_type, defaulted,"
                    " type_owner, type_name, type_subname, subprogram_id)"
                    " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
                    owner,
                    name if in_package else None,
                    routine.name,
                    overload,
                    position,
                    sequence,
                    argument.name or None,
                    argument.mode,
                    argument.data_type,
                    argument.pls_type,
                    "Y" if argument.defaulted else "N",
                    argument.type_owner,
                    argument.type_name,
                    argument.type_subname,
                    number,
                )

    def _describe_types(
        self, host: SessionHost, key: tuple[str, str, str], types: list[TypeInfo]
    ) -> None:
        """Fill what ALL_PLSQL_TYPES, ALL_COLL_TYPES and their kin show."""
        owner, name, type_ = key
        for each in types:
            for number, attribute in enumerate(each.attributes, 1):
                host.native(
                    "insert into localdb.types (owner, package_name, name, kind, upper_bound,"
                    " index_by, attribute_number, attribute_name, type_owner, type_name,"
                    " type_package, length, precision, scale)"
                    " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
                    owner,
                    name if type_ == "PACKAGE" else None,
                    each.name,
                    each.kind,
                    each.upper_bound,
                    each.index_by,
                    number,
                    attribute.name,
                    attribute.type_owner,
                    attribute.type_name,
                    attribute.type_package,
                    attribute.length,
                    attribute.precision,
                    attribute.scale,
                )

    def _insert_procedure(
        self,
        host: SessionHost,
        owner: str,
        name: str,
        procedure: str | None,
        type_: str,
        authid: str,
        number: int,
        overload: str | None,
    ) -> None:
        host.native(
            "insert into localdb.procedures (owner, object_name, procedure_name, object_type,"
            " authid, subprogram_id, overload) values ($1, $2, $3, $4, $5, $6, $7)",
            owner,
            name,
            procedure,
            type_,
            authid,
            number,
            overload,
        )
