"""Declarations: names into scopes, places into frames, subprograms into routines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from deploy.localdb.errors import OraError
from deploy.localdb.plsql.compile_expressions import start
from deploy.localdb.plsql.compile_statements import RETURNED, LoopNames, StatementCompiler, note
from deploy.localdb.plsql.compiled import Program, Routine
from deploy.localdb.plsql.exceptions import ExceptionValue, Failure
from deploy.localdb.plsql.resolver import dotted
from deploy.localdb.plsql.scopes import (
    AROUND,
    FIRST,
    SESSION,
    Ambiguous,
    Formal,
    Frame,
    NamedCursor,
    NamedException,
    NamedSubprogram,
    NamedType,
    Overloads,
    Run,
    Scope,
    Shape,
    Variable,
)
from deploy.localdb.plsql.syntax import (
    CollectionDeclaration,
    CursorDeclaration,
    CursorTypeDeclaration,
    Declaration,
    ExceptionDeclaration,
    Expression,
    FieldSyntax,
    Literal,
    Parameter,
    ParameterMode,
    Pragma,
    RecordDeclaration,
    Subprogram,
    SubtypeDeclaration,
    Unary,
    VariableDeclaration,
)
from deploy.localdb.plsql.types import (
    BROKEN,
    CollectionType,
    CursorType,
    Family,
    Field,
    RecordType,
    ScalarType,
    Type,
)

if TYPE_CHECKING:
    from deploy.localdb.plsql.interpreter import Interpreter

_NO_DATA_FOUND = 1403
_DUPLICATE = "PLS-00410: duplicate fields in RECORD,TABLE or argument list are not permitted"


class DeclarationCompiler(StatementCompiler):
    """The compiler of blocks and units."""

    def __init__(
        self, session: Interpreter, program: Program, scope: Scope, shape: Shape | None = None
    ) -> None:
        super().__init__(session, program, scope)
        self.shape = shape or scope.shape
        self.loops: list[LoopNames] = []
        self.labels: list[set[str]] = []
        self.jumped: set[str] = set()
        self.handling = 0
        self.returns: Type | None = None
        #: The last subprogram list that is compiled has PRAGMA AUTONOMOUS_TRANSACTION.
        self.autonomous = False
        #: What the unit or subprogram is called in a call stack; None: an anonymous block.
        self.path = program.title

    # ---- lists ----

    def declare(self, declarations: Sequence[Declaration]) -> Run:
        """Names into the current scope; gives what initialises their places."""
        steps: list[Run] = []
        lines: dict[Run, int] = {}
        for declaration in declarations:
            try:
                step = self.declaration(declaration)
            except Failure as failure:
                self.note(failure)
                self.note_ignored("Item", declaration.at)
                self._declare_broken(declaration)
                continue
            if step is not None:
                lines[step] = self.program.lines.line(declaration.at)
                steps.append(step)
        self._check_defined()
        return self.steps(steps, lines)

    def _declare_broken(self, declaration: Declaration) -> None:
        """What is declared wrongly exists all the same, so that its uses are not wrong as well."""
        if isinstance(declaration, VariableDeclaration):
            self.scope.names.setdefault(
                declaration.name,
                Variable(declaration.name, BROKEN, self.shape, self.shape.place()),
            )

    def _check_defined(self) -> None:
        for entity in self.scope.names.values():
            if isinstance(entity, Overloads):
                for member in entity.members:
                    if member.routine is not None and not member.defined and member.unit is None:
                        text = (
                            "PLS-00328: A subprogram body must be defined for the forward"
                            f" declaration of {member.name}."
                        )
                        self.note(Failure(text, member.at))

    def declaration(self, node: Declaration) -> Run | None:
        match node:
            case VariableDeclaration():
                return self._variable(node)
            case ExceptionDeclaration():
                self._add(node.name, NamedException(node.name, ExceptionValue(node.name)), node.at)
            case RecordDeclaration():
                fields = [self._record_field(field) for field in node.fields]
                for number, field in enumerate(node.fields):
                    if any(field.name == other.name for other in node.fields[:number]):
                        self.fail(_DUPLICATE, field.at)
                self._add_type(node.name, RecordType(node.name, fields), node.at)
            case CollectionDeclaration():
                self._add_type(node.name, self._collection(node), node.at)
            case CursorTypeDeclaration():
                self._add_type(node.name, self._cursor_type(node), node.at)
            case SubtypeDeclaration():
                self._add_type(node.name, self._subtype(node), node.at)
            case CursorDeclaration():
                return self._cursor(node)
            case Subprogram():
                self.subprogram(node)
            case Pragma():
                self._pragma(node)
        return None

    def _add(self, name: str, entity: Any, at: int) -> None:
        known = self.scope.names.get(name)
        if name in self.scope.formals:
            self.fail(_DUPLICATE, at)
        if isinstance(known, Overloads):
            self.fail(f"PLS-00371: at most one declaration for '{name}' is permitted", at)
        self.scope.names[name] = entity if known is None else Ambiguous(name)

    def _add_type(self, name: str, type_: Type, at: int) -> None:
        self._add(name, NamedType(name, type_), at)

    # ---- variables ----

    def _variable(self, node: VariableDeclaration) -> Run:
        type_ = self.type(node.type)
        if node.not_null and isinstance(type_, ScalarType):
            type_ = _not_null(type_)
        needs_value = isinstance(type_, ScalarType) and type_.not_null
        if needs_value and node.initial is None:
            self.fail(
                "PLS-00218: a variable declared NOT NULL must have an initialization assignment",
                node.at,
            )
        initial = None
        if node.initial is not None:
            code = self.expression(node.initial)
            initial = self.converted(code, type_, start(node.initial))
        place = self.shape.place()
        read_only = "constant" if node.constant else None
        self._add(node.name, Variable(node.name, type_, self.shape, place, read_only), node.at)
        return _initialiser(place, type_, initial)

    def _record_field(self, node: FieldSyntax) -> Field:
        type_ = self.type(node.type)
        if node.not_null and isinstance(type_, ScalarType):
            type_ = _not_null(type_)
        default = None
        if node.default is not None:
            self.detached = True
            try:
                default = self.converted(self.expression(node.default), type_, start(node.default))
            finally:
                self.detached = False
        return Field(node.name, type_, node.not_null, default)

    def _collection(self, node: CollectionDeclaration) -> CollectionType:
        element = self.type(node.element)
        key: ScalarType | None = None
        if node.index is not None:
            index = self.type(node.index)
            if not isinstance(index, ScalarType) or index.family not in (
                Family.INTEGER,
                Family.TEXT,
            ):
                self.fail(
                    "PLS-00315: Implementation restriction: unsupported table index type",
                    node.index.at,
                )
            key = index
        return CollectionType(node.name, element, key, node.limit)

    def _cursor_type(self, node: CursorTypeDeclaration) -> CursorType:
        if node.returns is None:
            return CursorType(node.name)
        row = self.type(node.returns)
        if not isinstance(row, RecordType):
            self.fail(
                "PLS-00362: invalid cursor return type; must be a record type", node.returns.at
            )
        return CursorType(node.name, row)

    def _subtype(self, node: SubtypeDeclaration) -> Type:
        type_ = self.type(node.type, parameter=True)
        if not isinstance(type_, ScalarType):
            return type_
        if node.range is not None:
            low, high = node.range
            type_ = _ranged(type_, low, high)
        return _not_null(type_) if node.not_null else type_

    # ---- cursors ----

    def _cursor(self, node: CursorDeclaration) -> Run:
        scope = Scope(self.shape, self.scope)
        formals: list[Formal] = []
        places: list[int] = []
        for parameter in node.parameters:
            formal = self._formal(parameter)
            place = self.shape.place()
            formals.append(formal)
            places.append(place)
            scope.names[formal.name] = Variable(
                formal.name, formal.type, self.shape, place, "IN parameter"
            )
        returns = None
        if node.returns is not None:
            row = self.type(node.returns)
            if not isinstance(row, RecordType):
                self.fail(
                    "PLS-00362: invalid cursor return type; must be a record type", node.returns.at
                )
            returns = row
        place = self.shape.place()
        cursor = NamedCursor(node.name, self.shape, place, formals, places, returns)
        if node.query is not None:
            outer, self.scope = self.scope, scope
            try:
                cursor.site = self.cursor_site(node.query)
            except Failure as failure:
                cursor.is_broken = True
                self.note(failure)
                self.note_ignored("SQL Statement", node.query.at)
            finally:
                self.scope = outer
        known = self.scope.names.get(node.name)
        if isinstance(known, NamedCursor) and known.site is None:
            # Declared in the specification, defined here.
            del self.scope.names[node.name]
        self._add(node.name, cursor, node.at)

        def close(f: Frame) -> None:
            f[place] = None

        return close

    # ---- pragmas ----

    def _pragma(self, node: Pragma) -> None:
        match node.name:
            case "AUTONOMOUS_TRANSACTION":
                self.autonomous = True
            case "EXCEPTION_INIT":
                self._exception_init(node)

    def _exception_init(self, node: Pragma) -> None:
        if len(node.arguments) != 2:
            self.fail("PLS-00701: illegal ORACLE error number for PRAGMA EXCEPTION_INIT", node.at)
        parts = dotted(node.arguments[0])
        found = self.scope.names.get(parts[0]) if parts is not None and len(parts) == 1 else None
        if not isinstance(found, NamedException):
            self.fail("PLS-00109: unknown exception name in PRAGMA EXCEPTION_INIT", node.at)
        number = _constant_number(node.arguments[1])
        if number is None or (number >= 0 and number != 100) or number == -1403:
            self.fail(
                f"PLS-00701: illegal ORACLE error number {number} for PRAGMA EXCEPTION_INIT",
                node.at,
            )
        found.value.code = _NO_DATA_FOUND if number == 100 else -number

    # ---- subprograms ----

    def _formal(self, node: Parameter) -> Formal:
        type_ = self.type(node.type, parameter=True)
        default = None
        if node.default is not None:
            if node.mode is not ParameterMode.IN:
                self.fail(
                    "PLS-00230: OUT and IN OUT formal parameters may not have default expressions",
                    node.at,
                )
            default = self.converted(self.expression(node.default), type_, start(node.default))
        return Formal(node.name, node.mode, type_, default, node.by_reference)

    def subprogram(self, node: Subprogram) -> NamedSubprogram:
        """Declare a subprogram, or define one that is declared."""
        formals = [self._formal(parameter) for parameter in node.parameters]
        seen: set[str] = set()
        for formal, parameter in zip(formals, node.parameters, strict=True):
            if formal.name in seen:
                self.fail(_DUPLICATE, parameter.at)
            seen.add(formal.name)
        returns = self.type(node.returns, parameter=True) if node.returns is not None else None
        member = self._known(node.name, formals, returns)
        if member is None:
            member = self._new_member(node, formals, returns)
        elif node.body is None or member.defined:
            self.fail(f"PLS-00305: previous use of '{node.name}' conflicts with this use", node.at)
        else:
            # The body's own formals have its names; the defaults of the declaration count.
            member.returns = returns
        if node.body is not None:
            member.defined = True
            assert member.routine is not None
            self.define(member.routine, node, formals, returns)
        return member

    def _new_member(
        self, node: Subprogram, formals: list[Formal], returns: Type | None
    ) -> NamedSubprogram:
        existing = self.scope.names.get(node.name)
        if existing is not None and not isinstance(existing, Overloads):
            self.fail(f"PLS-00371: at most one declaration for '{node.name}' is permitted", node.at)
        member = NamedSubprogram(
            node.name, formals, returns, self.shape,
            Routine(node.name, self.program.where), properties=node.properties, at=node.at,
        )  # fmt: skip
        if isinstance(existing, Overloads):
            existing.members.append(member)
        else:
            self.scope.names[node.name] = Overloads(node.name, [member])
        return member

    def _known(
        self, name: str, formals: list[Formal], returns: Type | None
    ) -> NamedSubprogram | None:
        """A subprogram of the scope that is declared just like this one."""
        existing = self.scope.names.get(name)
        if not isinstance(existing, Overloads):
            return None
        for member in existing.members:
            if (member.returns is None) is not (returns is None):
                continue
            if [_signature(f) for f in member.formals] == [_signature(f) for f in formals]:
                return member
        return None

    def define(
        self, routine: Routine, node: Subprogram, formals: list[Formal], returns: Type | None
    ) -> None:
        """Compile a body into its routine."""
        assert node.body is not None
        shape = Shape(self.shape)
        scope = Scope(shape, self.scope, node.name)
        for formal in formals:
            read_only = "IN parameter" if formal.mode is ParameterMode.IN else None
            scope.names[formal.name] = Variable(
                formal.name, formal.type, shape, shape.place(), read_only
            )
        scope.formals = frozenset(scope.names)
        compiler = self.session.compiler(self.program, scope, shape)
        compiler.errors = self.errors
        compiler.returns = returns
        compiler.path = self._title(node)
        routine.title = compiler.path or routine.title
        body = compiler.block(node.body)
        where = self.program.where
        ends = self.program.lines.line(node.body.ends)
        run = _function(body, where, ends) if returns is not None else body
        routine.run = autonomous(run, where, ends) if compiler.autonomous else run
        routine.blank = [None] * (shape.size - AROUND - 2)
        assert shape.size >= FIRST + len(formals)

    def _title(self, node: Subprogram) -> str | None:
        """As in a call stack; a procedure or function of its own is called as its unit is."""
        if self.path is None or (self.scope.around is None and not self._is_package):
            return self.path
        return f"{self.path}.{node.name}"

    @property
    def _is_package(self) -> bool:
        return self.program.title is not None and self.program.title.startswith("package")


def autonomous(run: Run, where: str, ends: int) -> Run:
    """Runs in a transaction of its own."""

    def in_own_transaction(f: Frame) -> Any:
        host = f[SESSION].host
        host.begin_autonomous()
        try:
            signal = run(f)
        except BaseException:
            host.end_autonomous(failed=True)
            raise
        try:
            host.end_autonomous(failed=False)
        except OraError as error:
            note(error, f, where, ends)
            raise
        return signal

    return in_own_transaction


def _function(body: Run, where: str, ends: int) -> Run:
    def function(f: Frame) -> Any:
        if body(f) is not RETURNED:
            error = OraError(6503, "PL/SQL: Function returned without value")
            note(error, f, where, ends)
            raise error

    return function


def _initialiser(place: int, type_: Type, initial: Run | None) -> Run:
    if initial is not None:
        given = initial

        def initialise(f: Frame) -> None:
            f[place] = given(f)

        return initialise
    if isinstance(type_, ScalarType | CursorType):

        def clear(f: Frame) -> None:
            f[place] = None

        return clear

    def renew(f: Frame) -> None:
        f[place] = type_.initial(f[SESSION])

    return renew


def _not_null(type_: ScalarType) -> ScalarType:
    return replace(type_, not_null=True)


def _ranged(type_: ScalarType, low: int, high: int) -> ScalarType:
    return replace(type_, low=low, high=high)


def _signature(formal: Formal) -> tuple[object, ...]:
    type_: object = formal.type
    if isinstance(formal.type, ScalarType):
        type_ = formal.type.family, formal.type.name
    return formal.name, formal.mode, type_


def _constant_number(node: Expression) -> int | None:
    if isinstance(node, Unary) and node.operator == "-":
        value = _constant_number(node.operand)
        return None if value is None else -value
    if isinstance(node, Literal) and isinstance(node.value, int):
        return node.value
    return None
