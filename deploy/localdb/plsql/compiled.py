"""What units and blocks become, and the state that a session has of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from deploy.localdb.errors import OraError
from deploy.localdb.plsql.exceptions import CompileError
from deploy.localdb.plsql.scanner import LineTable
from deploy.localdb.plsql.scopes import (
    Frame,
    NamedCursor,
    NamedSubprogram,
    PlaceholderVariable,
    Run,
    Scope,
    Shape,
    UnitKey,
    Variable,
)
from deploy.localdb.plsql.types import RecordType
from deploy.localdb.values import Column

if TYPE_CHECKING:
    from deploy.localdb.plsql.host import Host
    from deploy.localdb.plsql.interpreter import Interpreter
    from deploy.localdb.plsql.units import Unit


@dataclass
class Dependencies:
    """What was looked up while a unit was compiled, with the answers."""

    units: dict[tuple[str | None, str, str], Unit | None] = field(default_factory=dict)
    bodies: dict[UnitKey, Unit | None] = field(default_factory=dict)
    tables: dict[tuple[str | None, str, str], tuple[Column, ...] | None] = field(
        default_factory=dict
    )
    #: What was taken from other units.
    compiled: dict[Unit, CompiledUnit] = field(default_factory=dict)
    #: By a stored unit: with its owner's privileges.
    owned: bool = False
    #: The catalogue that the answers were last compared with.
    version: int = -1

    def hold(self, session: Interpreter) -> bool:
        """Whether all answers are still the same."""
        host = session.host
        version = host.catalog_version
        if version == self.version:
            return True
        # Packages may depend on one another in a circle.
        self.version = version
        try:
            if self._compare(session, host):
                return True
        except OraError as error:
            if error.code != 4063:
                raise
        self.version = -1
        return False

    def _compare(self, session: Interpreter, host: Host) -> bool:
        for (owner, name, schema), unit in self.units.items():
            if host.find_unit(owner, name, schema, owned=self.owned) is not unit:
                return False
        for (owner, name), body in self.bodies.items():
            if host.find_body(owner, name) is not body:
                return False
        for (table_owner, table, schema), columns in self.tables.items():
            if host.table_columns(table_owner, table, schema, owned=self.owned) != columns:
                return False
        return all(
            session.compile_unit(unit) is compiled for unit, compiled in self.compiled.items()
        )


@dataclass(eq=False)
class Program:
    """The text that is compiled: whose it is, and what it is called in error stacks.

    Attributes:
        schema: where unqualified names are looked up.
        where: 'at "OWNER.NAME", line ' or 'at line '.
        title: what calls of it are called: 'procedure ORAQ.P'; None: of an anonymous block.
        invoker: AUTHID CURRENT_USER: SQL resolves in the caller's schema.
    """

    schema: str
    where: str
    lines: LineTable
    unit: UnitKey | None = None
    invoker: bool = False
    title: str | None = None
    dependencies: Dependencies = field(default_factory=Dependencies)

    def __post_init__(self) -> None:
        self.dependencies.owned = self.unit is not None

    @property
    def is_definers(self) -> bool:
        """Whether its SQL runs with the privileges of its owner."""
        return self.unit is not None and not self.invoker


class Routine:
    """A subprogram that can run: `run(frame)` on a frame of `size` places.

    A subprogram is known before it is defined, so run and size come later.
    """

    __slots__ = ("blank", "name", "run", "title", "where")

    def __init__(self, name: str, where: str) -> None:
        self.name = name
        self.where = where
        #: What a call of it is called: 'package body ORAQ.K.P'.
        self.title = "anonymous block"
        self.run: Run | None = None
        #: The places of a new frame after AROUND and SESSION.
        self.blank: list[Any] = []


@dataclass(eq=False)
class CompiledTrigger:
    """What a trigger adds to its unit: the type of a row, the places of its frame, and what runs.

    Attributes:
        when: the condition, on the trigger's frame.
        routine: the block, on a frame that has the trigger's around it.
    """

    row: RecordType
    old: int
    new: int
    event: int
    columns: int
    inserting: int
    deleting: int
    routine: Routine
    when: Run | None = None


@dataclass(eq=False)
class CompiledUnit:
    """A compiled unit.

    Attributes:
        scope: names that others may use (a specification's), or those of the whole (a body's).
        subprograms: those with an index, in order.
        declare: gives a new frame of the unit its variables.
        initialise: a body's statements.
    """

    unit: Unit
    key: UnitKey
    program: Program
    scope: Scope
    shape: Shape
    subprograms: list[NamedSubprogram] = field(default_factory=list)
    declare: Run | None = None
    initialise: Run | None = None
    errors: list[CompileError] = field(default_factory=list)
    #: The specification of a body.
    specification: CompiledUnit | None = None
    is_system: bool = False
    #: PRAGMA SERIALLY_REUSABLE: its state ends with the client's call.
    is_reusable: bool = False
    trigger: CompiledTrigger | None = None
    #: The catalogue in which it failed: with another it may not.
    failed_at: int = -1

    @property
    def has_state(self) -> bool:
        """Whether a session keeps something of it: variables or cursors of a package."""
        return any(
            isinstance(entity, NamedCursor)
            or (isinstance(entity, Variable) and entity.read_only is None)
            for entity in self.scope.names.values()
        )


class Instance:
    """A session's state of a unit: its frame, and what its subprograms run."""

    __slots__ = ("body", "compiled", "frame", "routines")

    def __init__(
        self,
        compiled: CompiledUnit,
        body: CompiledUnit | None,
        frame: Frame,
        routines: list[Routine | None],
    ) -> None:
        self.compiled = compiled
        self.body = body
        self.frame = frame
        self.routines = routines


@dataclass(eq=False)
class CompiledBlock:
    """A compiled anonymous block."""

    program: Program
    shape: Shape
    run: Run
    placeholders: list[PlaceholderVariable]
    schema: str
