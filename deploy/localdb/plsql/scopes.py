"""What names mean while a unit is compiled, and where values stand at run time.

A frame is a list: [frame around, interpreter, result, values...]. A Shape counts its places. Each
call of a subprogram has a frame of its own; nested blocks share it; a package's frame is around
those of its subprograms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from deploy.localdb.plsql.exceptions import ExceptionValue
from deploy.localdb.plsql.syntax import ParameterMode
from deploy.localdb.plsql.types import RecordType, Type
from deploy.localdb.values import Value

if TYPE_CHECKING:
    from deploy.localdb.plsql.compile_sql import SqlSite
    from deploy.localdb.plsql.compiled import CompiledUnit, Routine

#: A run-time frame, and what is compiled to run on one.
Frame: TypeAlias = "list[Any]"
Run: TypeAlias = "Callable[[Frame], Any]"
Store: TypeAlias = "Callable[[Frame, Value], None]"

AROUND, SESSION, RESULT, FIRST = 0, 1, 2, 3

#: Owner and name of a unit.
UnitKey: TypeAlias = "tuple[str, str]"


class Shape:
    """The places of a frame; around: the shape of the frame around; unit: of a package's frame."""

    def __init__(self, around: Shape | None = None, unit: UnitKey | None = None) -> None:
        self.around = around
        self.depth: int = 0 if around is None else around.depth + 1
        self.size = FIRST
        self.unit = unit

    def place(self) -> int:
        self.size += 1
        return self.size - 1


@dataclass(eq=False)
class Variable:
    """A variable, constant, parameter or loop index; read_only says which, where it is not set."""

    name: str
    type: Type
    shape: Shape
    place: int
    read_only: str | None = None


@dataclass(eq=False)
class Ambiguous:
    """A name that is declared more than once: that is wrong where it is used."""

    name: str


@dataclass(eq=False)
class PlaceholderVariable:
    """The place of a client's bind: the Cell."""

    name: str
    type: Type
    shape: Shape
    place: int
    read: bool = False
    written: bool = False


@dataclass(eq=False)
class NamedType:
    """A declared type or subtype."""

    name: str
    type: Type


@dataclass(eq=False)
class NamedException:
    """A declared exception."""

    name: str
    value: ExceptionValue


@dataclass(eq=False)
class Formal:
    """A formal parameter; default runs on the frame around the subprogram's."""

    name: str
    mode: ParameterMode
    type: Type
    default: Run | None
    by_reference: bool = False


@dataclass(eq=False)
class NamedCursor:
    """An explicit cursor: its Cursor stands in a place; so do its parameters.

    Attributes:
        site: the query; None: it stands in the package body.
        is_broken: its query is wrong.
    """

    name: str
    shape: Shape
    place: int
    parameters: list[Formal]
    places: list[int]
    returns: RecordType | None
    site: SqlSite | None = None
    is_broken: bool = False


@dataclass(eq=False)
class NamedSubprogram:
    """A procedure or function.

    Attributes:
        shape: of the frame around it.
        routine: what runs; a package's specification does not have it, but an index.
        system: 'PACKAGE.NAME' of one that is Python.
    """

    name: str
    formals: list[Formal]
    returns: Type | None
    shape: Shape
    routine: Routine | None = None
    index: int = 0
    unit: UnitKey | None = None
    system: str | None = None
    defined: bool = False
    at: int = 0
    properties: dict[str, Any] = field(default_factory=dict)


@dataclass(eq=False)
class Overloads:
    """All subprograms of a name in one scope."""

    name: str
    members: list[NamedSubprogram]


@dataclass(eq=False)
class Qualifier:
    """A label or subprogram whose scope a qualified name looks in."""

    scope: Scope


@dataclass(eq=False)
class NamedPackage:
    """A package of another unit."""

    compiled: CompiledUnit


Entity: TypeAlias = (
    Variable
    | Ambiguous
    | PlaceholderVariable
    | NamedType
    | NamedException
    | NamedCursor
    | Overloads
    | Qualifier
    | NamedPackage
)


class Scope:
    """The names of one block, subprogram or package; around it those outside."""

    def __init__(self, shape: Shape, around: Scope | None = None, label: str | None = None) -> None:
        self.shape = shape
        self.around = around
        self.label = label
        self.names: dict[str, Entity] = {}
        #: Those of them that are parameters.
        self.formals: frozenset[str] = frozenset()

    def find(self, name: str) -> Entity | None:
        """What a name means here, inner scopes first."""
        scope: Scope | None = self
        while scope is not None:
            found = scope.names.get(name)
            if found is not None:
                return found
            scope = scope.around
        return self.qualifier(name)

    def qualifier(self, name: str) -> Qualifier | None:
        """The block, subprogram or package around that has this name."""
        scope: Scope | None = self
        while scope is not None:
            if scope.label == name:
                return Qualifier(scope)
            scope = scope.around
        return None
