"""What the data dictionary knows of a procedure: where it is, and its arguments.

A name is looked for as Oracle resolves it: in the default schema as a procedure or package of that
name, then through a private and a public synonym, then with its first part as a schema. What was
found stays in memory for a while, or until a call says that it no longer fits: PL/SQL converts so much
that a procedure replaced by one of other types may go on being called in the old way.
"""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

import oracledb

from sql.composites import DATA_TYPES, Composite, TypeName, read_types
from sql.errors import DatabaseError, converted_errors
from sql.names import InvalidName, quote_if_needed, split_name
from sql.statements import Statements

#: So many procedures are remembered, and for so long.
CACHE_SIZE = 1000
CACHE_SECONDS = 30.0
#: So many synonyms are followed before they are taken for a circle.
SYNONYM_DEPTH = 10
#: So many names are offered instead of one that does not exist.
NEAR_NAMES = 3
#: Lines that tell what a procedure's records and collections are made of, and their size.
TYPE_LINES = 5000
TYPE_LINE_BYTES = 1200
#: OraQ's own units.
_OWN = re.compile(r"ASYNC_JOBS_\w+|CLEANUP_OLD_ASYNC_JOBS")


class Mode(StrEnum):
    """An argument's mode, as ALL_ARGUMENTS.IN_OUT has it."""

    IN = "IN"
    OUT = "OUT"
    IN_OUT = "IN/OUT"


@dataclass(frozen=True, slots=True)
class Argument:
    """A formal parameter, or a function's result (position 0, no name)."""

    name: str | None
    position: int
    mode: Mode
    #: ALL_ARGUMENTS.DATA_TYPE: VARCHAR2, REF CURSOR, PL/SQL BOOLEAN ...
    data_type: str
    #: Whether the call may leave it out.
    defaulted: bool = False
    #: Of a record, collection or object type. None: of another type.
    type_name: TypeName | None = None
    #: What it is made of. None: no record and no collection, or the dictionary does not tell.
    composite: Composite | None = None

    @property
    def type_shown(self) -> str:
        """The type as a signature shows it."""
        return f"{self.data_type} {self.composite}" if self.composite else self.data_type


@dataclass(frozen=True, slots=True)
class Signature:
    """One subprogram, or one of several overloaded ones."""

    owner: str
    package: str | None
    name: str
    arguments: tuple[Argument, ...]
    #: What a function returns; None: a procedure.
    result: Argument | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The dictionary names from the schema down."""
        return (self.owner, *([self.package] if self.package else []), self.name)

    def __str__(self) -> str:
        formals = ", ".join(
            f"{quote_if_needed(a.name or '')} {a.mode.replace('/', ' ')} {a.type_shown}"
            + (" DEFAULT" if a.defaulted else "")
            for a in self.arguments
        )
        result = f" RETURN {self.result.type_shown}" if self.result else ""
        return f"{quote_if_needed(self.name)}({formals}){result}"


@dataclass(frozen=True, slots=True)
class Procedure:
    """What a name means: one subprogram with all its overloads."""

    owner: str
    package: str | None
    name: str
    signatures: tuple[Signature, ...]
    #: Whether it is Oracle's own.
    is_oracles: bool = False

    @property
    def full_name(self) -> str:
        parts = (self.owner, *([self.package] if self.package else []), self.name)
        return ".".join(quote_if_needed(part) for part in parts)


class ProcedureNotFound(DatabaseError):
    """No such procedure, or none that this user may see."""

    def __init__(self, name: str, *, near: Sequence[str] = ()) -> None:
        hint = f"¿Quiso decir {', '.join(near)}?" if near else ""
        text = f"PLS-00201: identifier '{name}' must be declared"
        super().__init__("PLS-00201", text, hint=hint)


class ProcedureRefused(DatabaseError):
    """A procedure that is not to be run through OraQ, though the worker's user may execute it."""

    def __init__(self, name: str, why: str) -> None:
        text = f"ORA-01031: insufficient privileges: {name} may not be run: {why}"
        super().__init__("ORA-01031", text)


class Signatures:
    """Descriptions of procedures, read once per process."""

    def __init__(
        self,
        statements: Statements,
        *,
        owner: str,
        default_schema: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Remember nothing yet.

        Args:
            statements: for the owner of the job tables.
            owner: that owner, as the dictionary writes it; its own packages are no one's to call.
            default_schema: where names without a schema are looked for, as the dictionary writes it.
            clock: in seconds.
        """
        self._statements = statements
        self._owner = owner
        self._default_schema = default_schema
        self._clock = clock
        #: With the time until when it counts.
        self._found: OrderedDict[tuple[str, str], tuple[Procedure, float]] = OrderedDict()

    async def resolve(
        self, connection: oracledb.AsyncConnection, name: str, *, schema: str | None = None
    ) -> Procedure:
        """Find and describe a procedure; no round trip where it is known already.

        Args:
            connection: of the user who will call it.
            name: `[schema.][package.]procedure`.
            schema: where a name without a schema is looked for. None: the default schema.

        Raises:
            ProcedureNotFound: no such procedure, or the name is no name.
            ProcedureRefused: it is OraQ's own.
            DatabaseError: the dictionary could not be read.
        """
        key = (schema or "", name)
        known = self.recall(name, schema=schema)
        if known is not None:
            return known
        try:
            parts = split_name(name)
            home = split_name(schema)[0] if schema else self._default_schema
        except InvalidName:
            raise ProcedureNotFound(name) from None
        with converted_errors():
            procedure = await self._look_up(connection, parts, home)
            if procedure is None:
                near = await self._near(connection, parts, home)
        if procedure is None:
            raise ProcedureNotFound(".".join(quote_if_needed(part) for part in parts), near=near)
        if procedure.owner == self._owner and _OWN.fullmatch(procedure.package or procedure.name):
            raise ProcedureRefused(procedure.full_name, "it is OraQ's own")
        with converted_errors():
            procedure = await self._with_composites(connection, procedure)
        self._found[key] = (procedure, self._clock() + CACHE_SECONDS)
        self._found.move_to_end(key)
        if len(self._found) > CACHE_SIZE:
            self._found.popitem(last=False)
        return procedure

    def recall(self, name: str, *, schema: str | None = None) -> Procedure | None:
        """What `resolve` would answer from memory; None: it would have to ask."""
        key = (schema or "", name)
        known = self._found.get(key)
        if known is None or self._clock() >= known[1]:
            return None
        self._found.move_to_end(key)
        return known[0]

    def forget(self, name: str, *, schema: str | None = None) -> None:
        """Describe this one again at its next call: it may have been recompiled."""
        self._found.pop((schema or "", name), None)

    async def _look_up(
        self, connection: oracledb.AsyncConnection, parts: Sequence[str], home: str
    ) -> Procedure | None:
        for candidate in _candidates(parts, home):
            found = await self._describe(connection, *candidate)
            if found:
                return found
        # The first part as a synonym, or, where a schema is named, the second.
        places = [(home, parts[0], parts[1:]), ("PUBLIC", parts[0], parts[1:])]
        if len(parts) > 1:
            places.append((parts[0], parts[1], parts[2:]))
        for owner, synonym, rest in places:
            target = await self._follow(connection, owner, synonym)
            if target is None:
                continue
            owner, base = target
            if not rest:
                return await self._describe(connection, owner, None, base)
            return await self._describe(connection, owner, base, rest[0])
        return None

    async def _near(
        self, connection: oracledb.AsyncConnection, parts: Sequence[str], home: str
    ) -> list[str]:
        """Names that are nearly that one, the nearest first."""
        binds = {"home": home, "first_part": parts[0]}
        rows = await self._fetch(connection, "list_callable_names", binds)
        names = {}
        for owner, object_name, procedure_name in rows:
            found = (object_name, *([procedure_name] if procedure_name else []))
            if len(parts) == 3 or (len(parts) == 2 and owner == parts[0] != home):
                found = (owner, *found)
            names[".".join(found)] = ".".join(quote_if_needed(part) for part in found)
        nearest = get_close_matches(".".join(parts), names, n=NEAR_NAMES, cutoff=0.7)
        return [names[name] for name in nearest]

    async def _with_composites(
        self, connection: oracledb.AsyncConnection, procedure: Procedure
    ) -> Procedure:
        """Fill in what records and collections hold; asks only where there are any."""
        if not any(
            argument and argument.type_name and argument.data_type in DATA_TYPES
            for signature in procedure.signatures
            for argument in (*signature.arguments, signature.result)
        ):
            return procedure
        cursor = connection.cursor()
        lines = cursor.arrayvar(oracledb.DB_TYPE_VARCHAR, TYPE_LINES, TYPE_LINE_BYTES)
        binds = _binds_of(procedure.owner, procedure.package, procedure.name)
        await cursor.execute(self._statements["describe_types"], {**binds, "lines": lines})
        found = read_types(lines.getvalue())

        def with_composite(argument: Argument) -> Argument:
            composite = found.get(argument.type_name) if argument.type_name else None
            return replace(argument, composite=composite) if composite else argument

        return replace(
            procedure,
            signatures=tuple(
                replace(
                    signature,
                    arguments=tuple(map(with_composite, signature.arguments)),
                    result=signature.result and with_composite(signature.result),
                )
                for signature in procedure.signatures
            ),
        )

    async def _follow(
        self, connection: oracledb.AsyncConnection, owner: str, synonym: str
    ) -> tuple[str, str] | None:
        """Where a synonym leads in the end; None: there is none, or it leaves the database."""
        target: tuple[str, str] | None = None
        for _ in range(SYNONYM_DEPTH):
            binds = {"owner": owner, "synonym_name": synonym}
            rows = await self._fetch(connection, "find_synonym", binds)
            if not rows:
                return target
            owner, synonym, link = rows[0]
            if link:
                return None
            target = (owner, synonym)
        return None

    async def _describe(
        self, connection: oracledb.AsyncConnection, owner: str, package: str | None, name: str
    ) -> Procedure | None:
        """Read a procedure and its arguments; None: not there."""
        binds = _binds_of(owner, package, name)
        rows = await self._fetch(connection, "describe_procedure", binds)
        if not rows:
            return None
        return read_procedure(owner, package, name, rows)

    async def _fetch(
        self, connection: oracledb.AsyncConnection, name: str, binds: dict[str, Any]
    ) -> list[tuple[Any, ...]]:
        cursor = connection.cursor()
        cursor.arraysize = CACHE_SIZE
        await cursor.execute(self._statements[name], binds)
        return list(await cursor.fetchall())


def _binds_of(owner: str, package: str | None, name: str) -> dict[str, Any]:
    return {"owner": owner, "package_name": package, "procedure_name": name}


def _candidates(parts: Sequence[str], home: str) -> list[tuple[str, str | None, str]]:
    """(owner, package, procedure) in the order in which Oracle would take them."""
    match list(parts):
        case [name]:
            return [(home, None, name)]
        case [first, name]:
            return [(home, first, name), (first, None, name)]
        case [owner, package, name]:
            return [(owner, package, name)]
        case _:
            return []


def read_procedure(
    owner: str, package: str | None, name: str, rows: Sequence[tuple[Any, ...]]
) -> Procedure:
    """Put the rows of `describe_procedure` together.

    Args:
        owner: the schema.
        package: None: it stands alone.
        name: the subprogram.
        rows: (subprogram_id, position, argument_name, in_out, data_type, pls_type, defaulted,
            type_owner, type_name, type_subname, oracle_maintained), ordered; a subprogram without
            arguments is one row with no position.
    """
    by_subprogram: dict[int, list[Argument]] = {}
    is_oracles = False
    for row in rows:
        subprogram, position, argument_name, in_out, data_type, pls_type, defaulted = row[:7]
        *type_name, maintained = row[7:]
        is_oracles = maintained == "Y"
        arguments = by_subprogram.setdefault(int(subprogram), [])
        if position is None or data_type is None:
            continue
        argument = Argument(
            name=argument_name,
            position=int(position),
            mode=Mode(in_out),
            data_type=str(pls_type) if data_type == "UNDEFINED" and pls_type else str(data_type),
            defaulted=defaulted == "Y",
            type_name=(type_name[0], type_name[1], type_name[2]) if all(type_name[:2]) else None,
        )
        arguments.append(argument)
    signatures = tuple(
        Signature(
            owner=owner,
            package=package,
            name=name,
            arguments=tuple(a for a in arguments if a.position > 0),
            result=next((a for a in arguments if a.position == 0), None),
        )
        for arguments in by_subprogram.values()
    )
    return Procedure(owner, package, name, signatures, is_oracles)
