"""What names and types in a text mean: declarations around, STANDARD, then other units."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from deploy.localdb.errors import OraError
from deploy.localdb.plsql.compiled import Program
from deploy.localdb.plsql.exceptions import (
    PREDEFINED,
    CompileError,
    ExceptionValue,
    Failure,
)
from deploy.localdb.plsql.scopes import (
    AROUND,
    SESSION,
    Ambiguous,
    Entity,
    Frame,
    NamedCursor,
    NamedException,
    NamedPackage,
    NamedType,
    Overloads,
    PlaceholderVariable,
    Qualifier,
    Run,
    Scope,
    Shape,
    Store,
    Variable,
)
from deploy.localdb.plsql.supplied import is_missing, is_missing_subprogram
from deploy.localdb.plsql.syntax import (
    AnchoredType,
    Apply,
    Attribute,
    Expression,
    Member,
    Name,
    Placeholder,
    TypeSyntax,
)
from deploy.localdb.plsql.syntax import (
    NamedType as NamedTypeSyntax,
)
from deploy.localdb.plsql.types import (
    BROKEN,
    NAMED,
    UNKNOWN,
    CursorType,
    Family,
    ObjectType,
    RecordType,
    ScalarType,
    Type,
    counted,
    of_column,
)
from deploy.localdb.values import Value

if TYPE_CHECKING:
    from deploy.localdb.plsql.interpreter import Interpreter
    from deploy.localdb.plsql.units import Unit

_EXCEPTIONS = {
    name: NamedException(name, ExceptionValue(name, code)) for name, code in PREDEFINED.items()
}
_TYPES = {name: NamedType(name, type_) for name, type_ in NAMED.items() if " " not in name}
#: Packages whose names need no qualifier.
_STANDARD = frozenset({"STANDARD", "DBMS_STANDARD"})
_SIZED = frozenset({Family.TEXT, Family.RAW})
_MOST_TEXT, _MOST_PRECISION = 32767, 38


class Code:
    """A compiled expression.

    Attributes:
        run: gives its value on a frame.
        place: of a variable in the frame itself; None: something else.
        is_constant: a literal, of this value.
    """

    __slots__ = ("is_constant", "place", "run", "type", "value")

    def __init__(
        self,
        run: Run,
        type: Type,
        *,
        place: int | None = None,
        is_constant: bool = False,
        value: Value = None,
    ) -> None:
        self.run = run
        self.type = type
        self.place = place
        self.is_constant = is_constant
        self.value = value


@dataclass(eq=False)
class Method:
    """`collection.NAME` before its arguments."""

    collection: Expression
    base: Code
    name: str


@dataclass(eq=False)
class ObjectMethod:
    """`object.NAME` before its arguments: the object is the first of them."""

    object: Expression
    overloads: Overloads


@dataclass(eq=False)
class Standard:
    """A function of STANDARD."""

    name: str


@dataclass(eq=False)
class SequenceValue:
    """`sequence.NEXTVAL` or CURRVAL."""

    text: str


Denoted: TypeAlias = Entity | Code | Method | ObjectMethod | Standard | SequenceValue


class Resolver:
    """Looks names up while a text is compiled.

    Attributes:
        session: the interpreter for which it is compiled; the result serves all sessions.
        scope: where the next name is looked up.
        shape: of the frame on which what is compiled will run.
        detached: it will run on a frame that has nothing around (defaults of record fields).
    """

    def __init__(self, session: Interpreter, program: Program, scope: Scope) -> None:
        self.session = session
        self.host = session.host
        self.program = program
        self.scope = scope
        self.shape = scope.shape
        self.errors: list[CompileError] = []
        self.detached = False

    # ---- errors ----

    def fail(self, text: str, at: int) -> NoReturn:
        raise Failure(text, at)

    def undeclared(self, name: str, at: int) -> NoReturn:
        supplied = name.removeprefix("SYS.").partition(".")[0]
        if is_missing(supplied):
            self.fail(f"ORA-03001: unimplemented feature: {supplied}", at)
        self.fail(f"PLS-00201: identifier '{name}' must be declared", at)

    def note(self, failure: Failure) -> None:
        """Keep what is wrong, to go on with the next statement."""
        line, column = self.program.lines.position(failure.at)
        error = CompileError(line, column, failure.text)
        if error not in self.errors:
            self.errors.append(error)

    def note_ignored(self, what: str, at: int) -> None:
        line, column = self.program.lines.position(at)
        self.errors.append(CompileError(line, column, f"PL/SQL: {what} ignored"))

    def note_terminated(self) -> None:
        """A header or a handler is wrong: the unit has no sense as a whole."""
        error = CompileError(0, 0, "PL/SQL: Compilation unit analysis terminated")
        if error not in self.errors:
            self.errors.append(error)

    # ---- other units ----

    def unit(self, owner: str | None, name: str, at: int = 0) -> Unit | None:
        key = (owner, name, self.program.schema)
        units = self.program.dependencies.units
        if key not in units:
            try:
                units[key] = self.host.find_unit(
                    owner, name, self.program.schema, owned=self.program.unit is not None
                )
            except OraError as error:
                if error.code != 4063:
                    raise
                self.fail(f"PLS-00905: object {owner or self.program.schema}.{name} is invalid", at)
        return units[key]

    def unit_entity(self, owner: str | None, name: str, at: int) -> Entity | None:
        """A package, or the subprogram of a stored procedure or function."""
        unit = self.unit(owner, name, at)
        if unit is None:
            return None
        self._check_access(unit, at)
        compiled = self.session.compile_unit(unit)
        self.program.dependencies.compiled[unit] = compiled
        if compiled.errors and unit not in self.session.compiling:
            self.fail(f"PLS-00905: object {unit.owner}.{unit.name} is invalid", at)
        if unit.type == "PACKAGE":
            return NamedPackage(compiled)
        if unit.type == "TYPE":
            return compiled.scope.names[unit.name]
        return Overloads(unit.name, compiled.subprograms)

    def _check_access(self, unit: Unit, at: int) -> None:
        accessors = unit.syntax.properties.get("ACCESSIBLE BY")
        if not accessors:
            return
        own = self.program.unit
        if own is not None:
            if own == (unit.owner, unit.name):
                return
            for _, owner, name in accessors:
                if (owner or unit.owner, name) == own:
                    return
        self.fail(f"PLS-00904: insufficient privilege to access object {unit.name}", at)

    # ---- names ----

    def find(self, name: str, at: int) -> Denoted | None:
        """What a simple name means."""
        found = self.scope.find(name)
        if found is not None:
            if isinstance(found, Ambiguous):
                self.fail(f"PLS-00371: at most one declaration for '{name}' is permitted", at)
            if isinstance(found, Variable) and found.type is BROKEN:
                if found.read_only == "loop index":
                    self.fail(f"PLS-00364: loop index variable '{name}' use is invalid", at)
                self.fail(
                    "PLS-00320: the declaration of the type of this expression is incomplete"
                    " or malformed",
                    at,
                )
            return found
        if name in _EXCEPTIONS:
            return _EXCEPTIONS[name]
        if self.session.is_standard(name):
            return Standard(name)
        if name in _TYPES:
            return _TYPES[name]
        unit = self.unit_entity(None, name, at)
        if unit is None and self.session.is_known_to_sql(name):
            return Standard(name)
        return unit

    def denote(self, node: Expression) -> Denoted:
        """What a name, qualified or not, means; any other expression as Code.

        Raises:
            Failure: PLS-00201, PLS-00302.
        """
        match node:
            case Name():
                found = self.find(node.name, node.at)
                if found is None:
                    self.undeclared(node.name, node.at)
                return found
            case Member():
                return self._member(node)
            case _:
                return self.expression(node)

    def expression(self, node: Expression) -> Code:
        raise NotImplementedError

    def component(self, base: Code, node: Member) -> Denoted:
        raise NotImplementedError

    def _member(self, node: Member) -> Denoted:
        base_node = node.base
        if isinstance(base_node, Name):
            around = self.scope.qualifier(base_node.name)
            if around is not None and node.name in around.scope.names:
                member = around.scope.names[node.name]
                if isinstance(member, Ambiguous):
                    self.fail(
                        f"PLS-00371: at most one declaration for '{node.name}' is permitted",
                        node.at,
                    )
                return member
            if base_node.name in _STANDARD:
                standard = self._standard(node.name)
                if standard is not None:
                    return standard
            base: Denoted | None = self.find(base_node.name, base_node.at)
            if isinstance(base, Standard):
                # A package may be called as a function of STANDARD is.
                base = self.unit_entity(None, base_node.name, base_node.at) or base
            if base is None:
                return self._in_schema(base_node.name, node)
        elif isinstance(base_node, Member) and node.name in ("NEXTVAL", "CURRVAL"):
            parts = dotted(node)
            if parts is not None and self.scope.find(parts[0]) is None:
                return SequenceValue(_sequence_text(parts))
            base = self._member(base_node)
        elif (
            isinstance(base_node, Member)
            and base_node.name in _STANDARD
            and isinstance(base_node.base, Name)
            and base_node.base.name == "SYS"
        ):
            base = self._standard(node.name)
            if base is None:
                self._missing(node)
            return base
        elif isinstance(base_node, Placeholder) and isinstance(
            row := self.scope.find(f":{base_node.name}"), Variable
        ):
            # A row of a trigger; without a field it is nothing.
            base = row
        else:
            base = self.denote(base_node)
        match base:
            case Qualifier():
                inner = base.scope.names.get(node.name)
                if inner is None:
                    self._missing(node)
                return inner
            case NamedPackage():
                inner = base.compiled.scope.names.get(node.name)
                if inner is None:
                    owner, package = base.compiled.key
                    if owner == "SYS" and is_missing_subprogram(package, node.name):
                        self.fail(
                            f"ORA-03001: unimplemented feature: {package}.{node.name}", node.at
                        )
                    self._missing(node)
                return inner
            case NamedType(type=ObjectType() as type_):
                return self.object_member(type_, node.name, node)
            case _:
                return self.component(self.value_of(base, base_node), node)

    def object_member(self, type_: ObjectType, name: str, node: Expression) -> Overloads:
        """A method of an object type, its own or inherited.

        Raises:
            Failure: PLS-00302.
        """
        at = start_of(node)
        level: ObjectType | None = type_
        while level is not None:
            package = self.unit_entity("SYS", level.name, at)
            if isinstance(package, NamedPackage):
                found = package.compiled.scope.names.get(name)
                if isinstance(found, Overloads):
                    return found
            level = level.parent
        return self.fail(f"PLS-00302: component '{name}' must be declared", at)

    def _standard(self, name: str) -> Denoted | None:
        """What STANDARD declares."""
        if name in _EXCEPTIONS:
            return _EXCEPTIONS[name]
        return Standard(name) if self.session.is_standard(name) else _TYPES.get(name)

    def _in_schema(self, name: str, node: Member) -> Denoted:
        """`name.member` where name is nothing that is declared: a schema, or a sequence."""
        if node.name in ("NEXTVAL", "CURRVAL"):
            return SequenceValue(_sequence_text((name, node.name)))
        found = self.unit_entity(name, node.name, node.at)
        if found is None:
            self.undeclared(f"{name}.{node.name}", node.base.at)
        return found

    def _missing(self, node: Member) -> NoReturn:
        self.fail(f"PLS-00302: component '{node.name}' must be declared", node.at)

    def value_of(self, denoted: Denoted, node: Expression) -> Code:
        raise NotImplementedError

    def package_member(self, parts: tuple[str, ...], at: int) -> Denoted | None:
        """What a qualified name means, None instead of an error."""
        node: Expression = Name(parts[0], at)
        for part in parts[1:]:
            node = Member(node, part, at)
        try:
            return self.denote(node)
        except Failure:
            return None

    # ---- places ----

    def hops(self, shape: Shape) -> int | None:
        """How many frames outward a shape's frame is; None: not around here."""
        if self.detached:
            return None
        found: Shape | None = self.shape
        count = 0
        while found is not None:
            if found is shape or (found.unit is not None and found.unit == shape.unit):
                return count
            found = found.around
            count += 1
        return None

    def frame_reader(self, shape: Shape, at: int) -> Run:
        """Gives the frame of a shape."""
        hops = self.hops(shape)
        match hops:
            case 0:
                return lambda f: f
            case 1:
                return lambda f: f[AROUND]
            case 2:
                return lambda f: f[AROUND][AROUND]
            case None:
                key = shape.unit
                if key is None:
                    self.fail("ORA-03001: unimplemented feature: a variable in this place", at)
                return lambda f: f[SESSION].instance(key).frame

        def far(f: Frame) -> Any:
            for _ in range(hops):
                f = f[AROUND]
            return f

        return far

    def reader(self, shape: Shape, place: int, at: int) -> Run:
        """Gives the value in a place."""
        match self.hops(shape):
            case 0:
                return lambda f: f[place]
            case 1:
                return lambda f: f[AROUND][place]
            case 2:
                return lambda f: f[AROUND][AROUND][place]
        frame = self.frame_reader(shape, at)
        return lambda f: frame(f)[place]

    def storer(self, shape: Shape, place: int, at: int) -> Store:
        """Sets the value in a place."""
        match self.hops(shape):
            case 0:

                def store(f: Frame, value: Value) -> None:
                    f[place] = value

                return store
            case 1:

                def store_around(f: Frame, value: Value) -> None:
                    f[AROUND][place] = value

                return store_around
        frame = self.frame_reader(shape, at)

        def store_far(f: Frame, value: Value) -> None:
            frame(f)[place] = value

        return store_far

    # ---- types ----

    def type(self, syntax: TypeSyntax, *, parameter: bool = False) -> Type:
        """A type as written; parameter: text needs no length."""
        if isinstance(syntax, AnchoredType):
            return self._row_type(syntax) if syntax.is_row else self._anchored(syntax)
        if len(syntax.parts) == 1:
            name = syntax.parts[0]
            if name.startswith("<"):
                # "<COLLECTION_1>" of Oracle's own declarations: whatever is passed.
                return UNKNOWN
            found = self.scope.find(name)
            if name in NAMED and (found is None or isinstance(found, Qualifier)):
                # The unit around may be the one with the methods of the type.
                return self._constrained(NAMED[name], syntax, parameter=parameter)
            if found is None:
                found = self._as_entity(self.find(name, syntax.at))
            if found is None:
                self.undeclared(name, syntax.at)
            if not isinstance(found, NamedType):
                self.fail(f"PLS-00488: '{name}' must be a type", syntax.at)
            return self._constrained(found.type, syntax, parameter=True)
        denoted = self.denote(_name_of(syntax.parts, syntax.at))
        if not isinstance(denoted, NamedType):
            self.fail(f"PLS-00488: '{'.'.join(syntax.parts)}' must be a type", syntax.at)
        return self._constrained(denoted.type, syntax, parameter=True)

    @staticmethod
    def _as_entity(denoted: Denoted | None) -> Entity | None:
        if isinstance(denoted, Code | Method | ObjectMethod | Standard | SequenceValue):
            return None
        return denoted

    def _constrained(self, type_: Type, syntax: NamedTypeSyntax, *, parameter: bool) -> Type:
        numbers = syntax.numbers
        if not isinstance(type_, ScalarType):
            return type_
        sql = type_.sql
        if not numbers:
            if type_.fixed and not parameter and sql is not None and sql.size is None:
                return counted(
                    replace(type_, sql=replace(sql, size=1)), in_bytes=not syntax.in_characters
                )
            if type_.family in _SIZED and not parameter and sql is not None and sql.size is None:
                self.fail(
                    "PLS-00215: String length constraints must be in range (1 .. 32767)", syntax.at
                )
            return type_
        if sql is None or type_.family is Family.INTEGER:
            self.fail("PLS-00566: type name may not be constrained", syntax.at)
        if type_.family in _SIZED:
            if not 1 <= numbers[0] <= _MOST_TEXT:
                self.fail(
                    "PLS-00215: String length constraints must be in range (1 .. 32767)", syntax.at
                )
            sized = replace(type_, sql=replace(sql, size=numbers[0]))
            return counted(sized, in_bytes=not syntax.in_characters)
        if type_.family is Family.NUMBER:
            if syntax.parts[0] in ("FLOAT", "REAL"):
                return type_
            if not 1 <= numbers[0] <= _MOST_PRECISION:
                self.fail(
                    "PLS-00216: NUMBER precision constraint must be in range (1 .. 38)", syntax.at
                )
            scale = numbers[1] if len(numbers) > 1 else 0
            return replace(type_, sql=replace(sql, precision=numbers[0], scale=scale))
        return replace(type_, sql=replace(sql, scale=numbers[-1]))

    def _anchored(self, syntax: AnchoredType) -> Type:
        """name%TYPE: of a variable, a record's field, or a column."""
        parts = syntax.parts
        first = self.scope.find(parts[0])
        if first is None and len(parts) >= 2:
            column = self._column_type(parts)
            if column is not None:
                return column
            if self.table_columns(parts[0] if len(parts) == 3 else None, parts[-2]) is not None:
                at = syntax.at + len(".".join(parts[:-1])) + 1
                self.fail(f"PLS-00302: component '{parts[-1]}' must be declared", at)
        denoted = self.denote(_name_of(parts, syntax.at))
        match denoted:
            case Variable() | PlaceholderVariable():
                return _without_null_check(denoted.type)
            case Code():
                return _without_null_check(denoted.type)
            case _:
                return self.fail(
                    f"PLS-00206: %TYPE must be applied to a variable, column, field or"
                    f" attribute, not to '{'.'.join(parts)}'",
                    syntax.at,
                )

    def _column_type(self, parts: tuple[str, ...]) -> Type | None:
        owner = parts[0] if len(parts) == 3 else None
        columns = self.table_columns(owner, parts[-2])
        if columns is None:
            return None
        for column in columns:
            if column.name == parts[-1]:
                return of_column(column)
        return None

    def table_columns(self, owner: str | None, table: str) -> Any:
        key = (owner, table, self.program.schema)
        tables = self.program.dependencies.tables
        if key not in tables:
            tables[key] = self.host.table_columns(*key, owned=self.program.unit is not None)
        return tables[key]

    def _row_type(self, syntax: AnchoredType) -> Type:
        """name%ROWTYPE: of a table, view, cursor or cursor variable."""
        parts = syntax.parts
        found = self.scope.find(parts[0])
        if found is None and len(parts) <= 2:
            owner = parts[0] if len(parts) == 2 else None
            columns = self.table_columns(owner, parts[-1])
            if columns is not None:
                table = self.host.table_name(owner, parts[-1], self.program.schema)
                origin = (*table, None) if table is not None else None
                return self.session.row_type(f"{parts[-1]}%ROWTYPE", columns, origin)
        denoted = self.denote(_name_of(parts, syntax.at))
        match denoted:
            case NamedCursor():
                return self.cursor_row(denoted, syntax.at)
            case Variable(type=CursorType(returns=RecordType() as row)):
                return row
            case Variable(type=CursorType()):
                self.fail(
                    "PLS-00320: the declaration of the type of this expression is incomplete"
                    " or malformed",
                    syntax.at,
                )
        return self.fail(
            f"PLS-00310: with %ROWTYPE attribute, '{'.'.join(parts)}' must name a table,"
            " cursor or cursor-variable",
            syntax.at,
        )

    def cursor_row(self, cursor: NamedCursor, at: int) -> RecordType:
        raise NotImplementedError


def _without_null_check(type_: Type) -> Type:
    """%TYPE takes over NOT NULL of a variable only for a default that is not there."""
    if isinstance(type_, ScalarType) and type_.not_null:
        return replace(type_, not_null=False)
    return type_


def _name_of(parts: tuple[str, ...], at: int) -> Expression:
    node: Expression = Name(parts[0], at)
    for part in parts[1:]:
        node = Member(node, part, at)
    return node


def _sequence_text(parts: tuple[str, ...]) -> str:
    """`"SCHEMA"."NAME".nextval`."""
    return ".".join([*(f'"{part}"' for part in parts[:-1]), parts[-1].lower()])


def dotted(node: Expression) -> tuple[str, ...] | None:
    """The parts of a qualified name; None: it is something else."""
    if isinstance(node, Name):
        return (node.name,)
    if isinstance(node, Member):
        base = dotted(node.base)
        return None if base is None else (*base, node.name)
    return None


def start_of(node: Expression) -> int:
    """Where an expression of names begins."""
    while isinstance(node, Member | Apply | Attribute):
        node = node.base
    return node.at
