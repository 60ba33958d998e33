"""Runs PL/SQL: turns the tree into closures, once a session, and calls them.

A frame is a list: the frame of the routine around (or None), then a slot for each variable. A package
has one frame a session. Every closure takes the frame of the routine in which it stands. A statement
returns None, or a signal that ends the statements around it.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias

from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.plsql import kinds as t
from deploy.localdb.plsql import syntax as s
from deploy.localdb.plsql.arithmetic import (
    add,
    compare,
    concat,
    divide,
    like,
    multiply,
    negate,
    power,
    subtract,
)
from deploy.localdb.plsql.builtins.registry import FUNCTIONS, IMPLEMENTATIONS
from deploy.localdb.plsql.exceptions import (
    PREDEFINED,
    CompileError,
    CompileErrors,
    ExceptionValue,
    Failure,
    message,
    sqlerrm,
    value_error,
)
from deploy.localdb.plsql.host import Host
from deploy.localdb.plsql.parser import parse_expression
from deploy.localdb.plsql.units import Unit
from deploy.localdb.plsql.values import Cell, Collection, Cursor, Record, Ref
from deploy.localdb.statement import Expression, Kind, Placeholder, Prepared
from deploy.localdb.values import Date, SqlType, TypeName, Value, YearMonth

Frame: TypeAlias = "list[Any]"
Fn: TypeAlias = Callable[[Any], Any]
Store: TypeAlias = Callable[[Any, Any], None]

_MOST_CALLS = 900
_MOST_BLOCKS = 300
_FETCH = 500
_SQL_ONLY = {"DECODE"}


# ---- signals ----


class Returned:
    """RETURN."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value = value


@dataclass(frozen=True)
class Left:
    """EXIT or CONTINUE."""

    continues: bool
    label: str | None


# ---- what names mean ----


@dataclass
class Variable:
    """A slot of a routine's frame, or of a package's."""

    slot: int
    type: t.Type
    level: int = 0
    readonly: bool = False
    instance: Instance | None = None


@dataclass
class CursorSymbol:
    """An explicit cursor: its state is in the slot."""

    variable: Variable
    declaration: s.CursorDeclaration
    scope: Scope
    row: t.RecordType | None = None


@dataclass
class Formal:
    name: str
    mode: s.ParameterMode
    type: t.Type
    slot: int
    has_default: bool
    default: Fn | None = None


@dataclass
class Routine:
    """A subprogram."""

    name: str
    formals: list[Formal]
    returns: t.Type | None
    level: int
    label: str
    syntax: s.Subprogram | None
    scope: Scope | None
    size: int = 0
    run: Fn | None = None
    autonomous: bool = False
    native: Callable[..., Any] | None = None
    overload: int | None = None
    #: Of a package's subprogram.
    home: Instance | None = None
    properties: dict[str, Any] = field(default_factory=dict)


@dataclass
class Overloads:
    """All subprograms of one name."""

    routines: list[Routine]


@dataclass
class Instance:
    """A package in this session: its frame, once it is initialised."""

    unit: Unit
    scope: Scope
    frame: Frame | None = None
    initialise: Callable[[], None] | None = None
    has_state: bool = False
    body: Unit | None = None
    #: Of the body: the steps that initialise its variables, and its statements.
    code: tuple[list[Fn], Fn | None] | None = None

    def get(self) -> Frame:
        if self.frame is None:
            assert self.initialise is not None
            self.initialise()
        assert self.frame is not None
        return self.frame


Symbol: TypeAlias = (
    "Variable | CursorSymbol | Overloads | t.Type | ExceptionValue | Scope | Instance"
)


class Scope:
    """Names of a block, a routine or a package; level and counter are the routine's."""

    def __init__(
        self,
        parent: Scope | None,
        *,
        level: int,
        counter: list[int],
        schema: str | None,
        label: str,
        lines: Any,
        instance: Instance | None = None,
    ) -> None:
        self.parent = parent
        self.names: dict[str, Any] = {}
        self.level = level
        self.counter = counter
        self.schema = schema
        self.label = label
        self.lines = lines
        self.instance = instance
        #: Of a routine: its name, by which its variables can be qualified.
        self.title = ""

    def nested(self) -> Scope:
        return Scope(
            self,
            level=self.level,
            counter=self.counter,
            schema=self.schema,
            label=self.label,
            lines=self.lines,
            instance=self.instance,
        )

    def routine(self) -> Scope:
        level = 1 if self.instance is not None and self.level == 0 else self.level + 1
        return Scope(
            self,
            level=level,
            counter=[1],
            schema=self.schema,
            label=self.label,
            lines=self.lines,
        )

    def find(self, name: str) -> Any:
        scope: Scope | None = self
        while scope is not None:
            found = scope.names.get(name)
            if found is not None:
                return found
            scope = scope.parent
        return None

    def slot(self) -> int:
        number = self.counter[0]
        self.counter[0] += 1
        return number

    def line(self, at: int) -> int:
        line: int = self.lines.position(at)[0]
        return line


class SqlScope:
    """The names that an embedded statement may mention."""

    def __init__(self, interpreter: Interpreter, scope: Scope | None) -> None:
        self._interpreter = interpreter
        self._scope = scope

    def variable(self, parts: tuple[str, ...]) -> SqlType | None:
        expression: s.Expression = s.Name(parts[0], 0)
        if self._scope is None or self._interpreter.is_unknown(self._scope, parts[0]):
            return None
        for part in parts[1:]:
            expression = s.Member(expression, part, 0)
        try:
            found = self._interpreter.static_type(expression, self._scope)
        except (Failure, OraError):
            return None
        if found is None or isinstance(found, t.RecordType | t.CollectionType | t.CursorType):
            return None
        return found.sql() or SqlType(TypeName.VARCHAR2)

    def function(self, parts: tuple[str, ...]) -> bool:
        return self._interpreter.is_function(parts, self._scope)


class Interpreter:
    """The PL/SQL of one session."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self._instances: dict[tuple[str, str], Instance] = {}
        self._routines: dict[Unit, Routine] = {}
        self._version = -1
        self.binds: Mapping[str, Cell] = {}
        self.errors: list[OraError] = []
        self._depth = 0
        self._turns = 0
        self.sql_found: bool | None = None
        self.sql_count: int | None = None
        self.bulk_count: list[int] = []
        self.bulk_errors: list[tuple[int, int]] = []
        self._compile_errors: list[CompileError] | None = None
        self._written: set[str] = set()
        #: The placeholders that the last block of the client's can assign.
        self.written: frozenset[str] = frozenset()
        self._code: dict[object, tuple[Fn, int, bool, frozenset[str]]] = {}

    # =====================================================================
    # entry points
    # =====================================================================

    def run_block(self, block: s.Block, binds: Mapping[str, Cell]) -> None:
        """Run a client's block; sets the cells that it assigns.

        Raises:
            CompileErrors: it does not compile.
            OraError: it failed.
        """
        self._refresh()
        outer, self.binds = self.binds, binds
        try:
            run, size, autonomous, written = self._code_of(block)
        except BaseException:
            self.binds = outer
            raise
        errors, self.errors = self.errors, []
        try:
            if autonomous:
                self._autonomous(run, [None] * size)
            else:
                run([None] * size)
        except RecursionError:
            raise OraError(6500, "PL/SQL: storage error") from None
        finally:
            self.binds = outer
            self.errors = errors
            self.written = written

    def _code_of(self, block: s.Block) -> tuple[Fn, int, bool, frozenset[str]]:
        types = tuple(cell.type and cell.type.name for cell in self.binds.values())
        key = (block, self.host.current_schema, types)
        code = self._code.get(key)
        if code is None:
            if len(self._code) > _MOST_BLOCKS:
                self._code.clear()
            code = self._code[key] = self._compile_block(block)
        return code

    def evaluate(self, text: str) -> Value:
        """An expression that a statement of the client's calls."""
        self._refresh()
        scope = self._top_scope(None, parse_lines(text))
        fn = self.expression(parse_expression(text), scope)
        return fn([None] * (scope.counter[0] + 1))

    def sql_scope(self) -> SqlScope:
        """The names that a client's own statement may mention: functions only."""
        return SqlScope(self, None)

    def check(self, unit: Unit) -> list[CompileError]:
        """Compile a unit; what is wrong with it."""
        self._compile_errors = []
        try:
            if unit.type in ("PROCEDURE", "FUNCTION"):
                self._compile_standalone(unit)
            elif unit.type == "PACKAGE":
                self._compile_spec(unit)
            else:
                spec = self.host.find_unit(unit.owner, unit.name, unit.owner)
                if spec is None or spec.type != "PACKAGE":
                    return [
                        CompileError(
                            0,
                            0,
                            f"PLS-00304: cannot compile body of '{unit.name}'"
                            " without its specification",
                        )
                    ]
                instance = self._compile_spec(spec)
                self._compile_body(instance, unit)
        except CompileErrors as errors:
            self._compile_errors.extend(errors.errors)
        found, self._compile_errors = self._compile_errors, None
        return found

    def describe(self, unit: Unit) -> list[Routine]:
        """The subprograms that others can call, in order."""
        if unit.type in ("PROCEDURE", "FUNCTION"):
            return [self._compile_standalone(unit)]
        instance = self._compile_spec(unit)
        return [
            routine
            for symbol in instance.scope.names.values()
            if isinstance(symbol, Overloads)
            for routine in symbol.routines
        ]

    def reset_packages(self) -> None:
        """Package state is gone; packages initialise again when they are used."""
        for instance in self._instances.values():
            instance.frame = None

    def _refresh(self) -> None:
        """Forget what was compiled against units that have changed."""
        version = self.host.catalog_version
        if version == self._version or self._depth:
            return
        self._version = version
        changed = None
        for (owner, name), instance in list(self._instances.items()):
            try:
                current = self.host.find_unit(owner, name, owner)
                body = self.host.find_body(owner, name)
            except OraError:
                current = body = None
            if current is not instance.unit or (
                instance.body is not None and body is not instance.body
            ):
                if instance.frame is not None and instance.has_state:
                    changed = f"{owner}.{name}"
        self._instances.clear()
        self._routines.clear()
        self._code.clear()
        if changed:
            raise OraError(
                4068,
                "existing state of packages has been discarded\n"
                f'ORA-04061: existing state of package body "{changed}" has been invalidated\n'
                f'ORA-04065: not executed, altered or dropped package body "{changed}"\n'
                f'ORA-06508: PL/SQL: could not find program unit being called: "{changed}"',
            )

    # =====================================================================
    # units
    # =====================================================================

    def _top_scope(self, schema: str | None, lines: Any, label: str = "") -> Scope:
        return Scope(None, level=1, counter=[1], schema=schema, label=label, lines=lines)

    def _compile_block(self, block: s.Block) -> tuple[Fn, int, bool, frozenset[str]]:
        scope = self._top_scope(None, block.lines)
        outer, self._compile_errors = self._compile_errors, []
        written, self._written = self._written, set()
        try:
            run = self.body(block.body, scope)
            found = self._compile_errors
            targets = frozenset(self._written)
        finally:
            self._compile_errors = outer
            self._written = written
        if found:
            raise CompileErrors(found)
        return run, scope.counter[0] + 1, _is_autonomous(block.body.declarations), targets

    def _compile_standalone(self, unit: Unit) -> Routine:
        known = self._routines.get(unit)
        if known is not None:
            return known
        subprogram = unit.syntax.subprogram
        assert subprogram is not None
        scope = Scope(
            None,
            level=0,
            counter=[1],
            schema=unit.owner,
            label=f'"{unit.owner}.{unit.name}", ',
            lines=unit.syntax.lines,
        )
        routine = self._declare(subprogram, scope)
        self._routines[unit] = routine
        self._finish(routine)
        return routine

    def instance(self, unit: Unit) -> Instance:
        """A package as this session knows it."""
        known = self._instances.get((unit.owner, unit.name))
        return known if known is not None else self._compile_spec(unit)

    def _compile_spec(self, unit: Unit) -> Instance:
        known = self._instances.get((unit.owner, unit.name))
        if known is not None and known.unit is unit:
            return known
        scope = Scope(
            None,
            level=0,
            counter=[1],
            schema=unit.owner,
            label=f'"{unit.owner}.{unit.name}", ',
            lines=unit.syntax.lines,
        )
        instance = Instance(unit, scope)
        scope.instance = instance
        self._instances[unit.owner, unit.name] = instance
        steps = self.declarations(list(unit.syntax.declarations), scope, specification=True)
        system = unit.owner == "SYS"
        if system:
            for symbol in scope.names.values():
                if isinstance(symbol, Overloads):
                    for routine in symbol.routines:
                        routine.native = IMPLEMENTATIONS.get(f"{unit.name}.{routine.name}")
        instance.has_state = any(
            isinstance(symbol, Variable | CursorSymbol) for symbol in scope.names.values()
        )

        def initialise() -> None:
            # Compiled once: its variables keep their slots when the state starts anew.
            if instance.code is None:
                body = None if system else self.host.find_body(unit.owner, unit.name)
                instance.code = ([], None)
                if body is not None:
                    instance.code = self._compile_body(instance, body)
            more, start = instance.code
            frame: Frame = [None] * (scope.counter[0] + 1)
            instance.frame = frame
            try:
                for step in (*steps, *more):
                    step(frame)
                if start is not None:
                    start(frame)
            except BaseException:
                instance.frame = None
                raise

        instance.initialise = initialise
        return instance

    def _compile_body(self, instance: Instance, body: Unit) -> tuple[list[Fn], Fn | None]:
        scope = Scope(
            instance.scope,
            level=0,
            counter=instance.scope.counter,
            schema=body.owner,
            label=instance.scope.label,
            lines=body.syntax.lines,
            instance=instance,
        )
        instance.body = body
        steps = self.declarations(list(body.syntax.declarations), scope)
        for name, symbol in instance.scope.names.items():
            if isinstance(symbol, Overloads):
                defined = scope.names.get(name)
                for routine in symbol.routines:
                    match = self._same_routine(routine, defined)
                    if match is None:
                        self._fail_at(
                            scope,
                            0,
                            f"PLS-00323: subprogram or cursor '{name}' is declared in a package"
                            " specification and must be defined in the package body",
                        )
                    else:
                        routine.run = match.run
                        routine.size = match.size
                        routine.autonomous = match.autonomous
        if any(isinstance(symbol, Variable | CursorSymbol) for symbol in scope.names.values()):
            instance.has_state = True
        start = None
        if body.syntax.initialisation is not None:
            start = self.body(body.syntax.initialisation, scope)
        return steps, start

    def _same_routine(self, declared: Routine, found: Any) -> Routine | None:
        if not isinstance(found, Overloads):
            return None
        wanted = [formal.name for formal in declared.formals]
        matches = [r for r in found.routines if [f.name for f in r.formals] == wanted]
        if len(matches) > 1:
            families = [formal.type.family for formal in declared.formals]
            matches = [
                r for r in matches if [f.type.family for f in r.formals] == families
            ] or matches
        return matches[0] if matches else None

    # =====================================================================
    # errors of the compiler
    # =====================================================================

    def _fail_at(self, scope: Scope, at: int, text: str) -> None:
        line, column = scope.lines.position(at)
        error = CompileError(line, column, text)
        if self._compile_errors is None:
            raise CompileErrors([error])
        self._compile_errors.append(error)

    def _guarded(self, scope: Scope, at: int, compile: Callable[[], Fn]) -> Fn:
        """Compile a statement; what is wrong is noted, and the next one compiled."""
        try:
            return compile()
        except Failure as failure:
            line, column = scope.lines.position(failure.at)
            error = CompileError(line, column, failure.text)
            if self._compile_errors is None:
                raise CompileErrors([error]) from None
            self._compile_errors.append(error)
            line, column = scope.lines.position(at)
            kind = "PL/SQL: Statement ignored"
            self._compile_errors.append(CompileError(line, column, kind))
            return _nothing

    # =====================================================================
    # declarations
    # =====================================================================

    def declarations(
        self, found: list[s.Declaration], scope: Scope, *, specification: bool = False
    ) -> list[Fn]:
        """Declare the names; the steps that initialise the variables."""
        steps: list[Fn] = []
        routines: list[Routine] = []
        for item in found:
            try:
                step = self._declaration(item, scope, routines)
            except Failure as failure:
                line, column = scope.lines.position(failure.at)
                error = CompileError(line, column, failure.text)
                if self._compile_errors is None:
                    raise CompileErrors([error]) from None
                self._compile_errors.append(error)
                line, column = scope.lines.position(item.at)
                self._compile_errors.append(CompileError(line, column, "PL/SQL: Item ignored"))
                continue
            if step is not None:
                steps.append(step)
        for routine in routines:
            if not specification:
                self._finish(routine)
        return steps

    def _new(self, scope: Scope, name: str, symbol: Any, at: int) -> None:
        known = scope.names.get(name)
        if known is not None and not isinstance(known, Overloads):
            raise Failure(f"PLS-00371: at most one declaration for '{name}' is permitted", at)
        scope.names[name] = symbol

    def _variable(
        self, scope: Scope, name: str, type_: t.Type, at: int, *, readonly: bool = False
    ) -> Variable:
        variable = Variable(
            scope.slot(),
            type_,
            scope.level,
            readonly,
            scope.instance if scope.level == 0 else None,
        )
        self._new(scope, name, variable, at)
        return variable

    def _declaration(self, item: s.Declaration, scope: Scope, routines: list[Routine]) -> Fn | None:
        host = self.host
        match item:
            case s.VariableDeclaration():
                type_ = self.type(item.type, scope)
                initial = self.expression(item.initial, scope) if item.initial is not None else None
                variable = self._variable(scope, item.name, type_, item.at, readonly=item.constant)
                slot = variable.slot
                line = scope.line(item.at)
                label = scope.label
                not_null = item.not_null

                def initialise(frame: Frame) -> None:
                    try:
                        if initial is None:
                            frame[slot] = type_.initial()
                        else:
                            frame[slot] = type_.coerce(host, initial(frame))
                            if not_null and frame[slot] is None:
                                raise value_error()
                    except OraError as error:
                        _note(error, frame, label, line)
                        raise

                return initialise
            case s.ExceptionDeclaration(name, at):
                self._new(scope, name, ExceptionValue(name), at)
            case s.Pragma():
                self._pragma(item, scope)
            case s.RecordDeclaration(name, fields, at):
                types = {f.name: self.type(f.type, scope) for f in fields}
                defaults: dict[str, Callable[[], Value]] = {}
                for f in fields:
                    if f.default is not None:
                        defaults[f.name] = self._default(types[f.name], f.default, scope)
                self._new(scope, name, t.RecordType(name, types, defaults), at)
            case s.CollectionDeclaration(name, element, index, limit, at):
                key = self.type(index, scope) if index is not None else None
                self._new(
                    scope, name, t.CollectionType(name, self.type(element, scope), key, limit), at
                )
            case s.CursorTypeDeclaration(name, _, at):
                self._new(scope, name, t.CURSOR, at)
            case s.SubtypeDeclaration(name, base, bounds, _, at):
                type_ = self.type(base, scope)
                if bounds is not None:
                    type_ = t.Integer(*bounds)
                self._new(scope, name, type_, at)
            case s.CursorDeclaration():
                return self._cursor(item, scope)
            case s.Subprogram():
                self._subprogram(item, scope, routines)
        return None

    def _default(self, type_: t.Type, default: s.Expression, scope: Scope) -> Callable[[], Value]:
        fn = self.expression(default, scope)
        return lambda: type_.coerce(self.host, fn([None]))

    def _pragma(self, item: s.Pragma, scope: Scope) -> None:
        if item.name == "EXCEPTION_INIT":
            name, number = item.arguments
            assert isinstance(name, s.Name)
            symbol = scope.find(name.name)
            if not isinstance(symbol, ExceptionValue):
                raise Failure(f"PLS-00109: unknown exception name '{name.name}'", item.at)
            code = self.expression(number, scope)([None])
            symbol.code = 1403 if code == 100 else abs(int(code))

    def _cursor(self, item: s.CursorDeclaration, scope: Scope) -> Fn:
        known = scope.find(item.name)
        if isinstance(known, CursorSymbol) and known.declaration.query is None:
            known.declaration = item
            known.scope = scope
            return _nothing
        slot = scope.slot()
        instance = scope.instance if scope.level == 0 else None
        variable = Variable(slot, t.CURSOR, scope.level, True, instance)
        self._new(scope, item.name, CursorSymbol(variable, item, scope), item.at)

        def initialise(frame: Frame) -> None:
            frame[slot] = Cursor()

        return initialise

    def _subprogram(self, item: s.Subprogram, scope: Scope, routines: list[Routine]) -> None:
        routine = self._declare(item, scope)
        known = scope.names.get(item.name)
        if isinstance(known, Overloads):
            if item.body is not None:
                forward = [
                    r
                    for r in known.routines
                    if (r.syntax is None or r.syntax.body is None)
                    and self._same_routine(r, Overloads([routine])) is not None
                ]
                families = [f.type.family for f in routine.formals]
                forward = [r for r in forward if [f.type.family for f in r.formals] == families]
                if forward:
                    target = forward[0]
                    target.syntax = item
                    target.scope = routine.scope
                    for mine, theirs in zip(target.formals, routine.formals, strict=True):
                        mine.slot = theirs.slot
                    routine.formals = target.formals
                    routines.append(target)
                    return
            routine.overload = len(known.routines) + 1
            if len(known.routines) == 1:
                known.routines[0].overload = 1
            known.routines.append(routine)
        else:
            self._new(scope, item.name, Overloads([routine]), item.at)
        if item.body is not None:
            routines.append(routine)

    def _declare(self, item: s.Subprogram, scope: Scope) -> Routine:
        inner = scope.routine()
        formals: list[Formal] = []
        for parameter in item.parameters:
            type_ = t.unconstrained(self.type(parameter.type, scope))
            variable = self._variable(
                inner,
                parameter.name,
                type_,
                parameter.at,
                readonly=parameter.mode is s.ParameterMode.IN,
            )
            formal = Formal(
                parameter.name,
                parameter.mode,
                type_,
                variable.slot,
                parameter.default is not None,
            )
            if parameter.default is not None:
                formal.default = self.expression(parameter.default, scope)
            formals.append(formal)
        returns = None
        if item.returns is not None:
            returns = t.unconstrained(self.type(item.returns, scope))
        return Routine(
            item.name,
            formals,
            returns,
            inner.level,
            scope.label,
            item,
            inner,
            properties=item.properties,
            home=scope.instance if scope.level == 0 else None,
        )

    def _finish(self, routine: Routine) -> None:
        """Compile a routine's body."""
        item, scope = routine.syntax, routine.scope
        if item is None or item.body is None or scope is None:
            return
        scope.title = item.name
        routine.autonomous = _is_autonomous(item.body.declarations)
        routine.run = self.body(item.body, scope.nested())
        routine.size = scope.counter[0] + 1

    # =====================================================================
    # types
    # =====================================================================

    def type(self, wanted: s.TypeSyntax, scope: Scope) -> t.Type:
        if isinstance(wanted, s.AnchoredType):
            return self._anchored(wanted, scope)
        parts = wanted.parts
        symbol = scope.find(parts[0])
        if isinstance(symbol, t.Type) and len(parts) == 1:
            return symbol
        if len(parts) == 1 or parts[0] == "SYS":
            found = t.named(parts[-1], wanted.numbers)
            if found is not None:
                return found
        if len(parts) == 1:
            raise Failure(f"PLS-00201: identifier '{parts[0]}' must be declared", wanted.at)
        instance = symbol if isinstance(symbol, Instance) else None
        if instance is None and symbol is None:
            instance = self._package(parts[:-1], scope)
        if instance is not None:
            found_symbol = instance.scope.names.get(parts[-1])
            if isinstance(found_symbol, t.Type):
                return found_symbol
            raise Failure(f"PLS-00302: component '{parts[-1]}' must be declared", wanted.at)
        raise Failure(f"PLS-00201: identifier '{'.'.join(parts)}' must be declared", wanted.at)

    def _package(self, parts: Sequence[str], scope: Scope) -> Instance | None:
        unit = self._find_unit(parts, scope)
        return self.instance(unit) if unit is not None and unit.type == "PACKAGE" else None

    def _find_unit(self, parts: Sequence[str], scope: Scope) -> Unit | None:
        schema = scope.schema or self.host.current_schema
        if len(parts) == 1:
            return self.host.find_unit(None, parts[0], schema)
        if len(parts) == 2:
            return self.host.find_unit(parts[0], parts[1], schema)
        return None

    def _anchored(self, wanted: s.AnchoredType, scope: Scope) -> t.Type:
        parts = wanted.parts
        schema = scope.schema or self.host.current_schema
        symbol = scope.find(parts[0])
        if wanted.is_row:
            if isinstance(symbol, CursorSymbol):
                return self._row_type(symbol)
            owner = parts[0] if len(parts) == 2 else None
            columns = self.host.table_columns(owner, parts[-1], schema)
            if columns is None:
                raise Failure(
                    f"PLS-00201: identifier '{'.'.join(parts)}' must be declared", wanted.at
                )
            return t.of_columns(parts[-1], columns)
        if symbol is not None:
            expression: s.Expression = s.Name(parts[0], wanted.at)
            for part in parts[1:]:
                expression = s.Member(expression, part, wanted.at)
            found = self.static_type(expression, scope)
            if found is not None:
                return found
        if len(parts) >= 2:
            owner = parts[0] if len(parts) == 3 else None
            columns = self.host.table_columns(owner, parts[-2], schema)
            for column in columns or ():
                if column.name == parts[-1]:
                    return t.of_sql(column.type)
            instance = self._package(parts[:-1], scope)
            if instance is not None:
                member = instance.scope.names.get(parts[-1])
                if isinstance(member, Variable):
                    return member.type
        raise Failure(f"PLS-00201: identifier '{'.'.join(parts)}' must be declared", wanted.at)

    def _row_type(self, symbol: CursorSymbol) -> t.RecordType:
        if symbol.row is None:
            query = symbol.declaration.query
            assert query is not None
            schema = symbol.scope.schema or self.host.current_schema
            prepared = self.host.prepare(query.text, SqlScope(self, symbol.scope), schema)
            symbol.row = t.of_columns(symbol.declaration.name, prepared.columns)
        return symbol.row

    def is_unknown(self, scope: Scope, name: str) -> bool:
        """Whether no variable, cursor or package is meant by the first part of a name."""
        if scope.find(name) is not None:
            return False
        unit = self.host.find_unit(None, name, scope.schema or self.host.current_schema)
        if unit is not None:
            return unit.type != "PACKAGE"
        return True

    def is_function(self, parts: tuple[str, ...], scope: Scope | None) -> bool:
        """Whether a PL/SQL function is called this."""
        if scope is None:
            scope = self._top_scope(None, None)
        try:
            found = self._resolve_call(parts, scope)
        except (Failure, OraError):
            return False
        return found is not None and any(r.returns is not None for r in found.routines)

    def _resolve_call(self, parts: Sequence[str], scope: Scope) -> Overloads | None:
        symbol = scope.find(parts[0])
        if isinstance(symbol, Overloads):
            return symbol if len(parts) == 1 else None
        if symbol is not None and not isinstance(symbol, Scope | Instance):
            return None
        if len(parts) > 1:
            instance = self._package(parts[:-1], scope)
            member = instance.scope.names.get(parts[-1]) if instance is not None else None
            if isinstance(member, Overloads):
                return member
        unit = self._find_unit(parts, scope)
        if unit is not None and unit.type in ("PROCEDURE", "FUNCTION"):
            return Overloads([self._compile_standalone(unit)])
        return None

    def static_type(self, expression: s.Expression, scope: Scope) -> t.Type | None:
        """What is known of an expression's type; None: nothing."""
        match expression:
            case s.Literal(kind):
                return {
                    s.LiteralKind.NUMBER: t.NUMBER,
                    s.LiteralKind.INTEGER: t.NUMBER,
                    s.LiteralKind.TEXT: t.TEXT,
                    s.LiteralKind.BOOLEAN: t.BOOLEAN,
                    s.LiteralKind.DATE: t.DATE,
                    s.LiteralKind.TIMESTAMP: t.Timestamp(),
                    s.LiteralKind.INTERVAL: t.Interval(),
                }.get(kind)
            case s.Name(name, _):
                symbol = scope.find(name)
                if isinstance(symbol, Variable):
                    return symbol.type
                if isinstance(symbol, CursorSymbol):
                    return t.CURSOR
                if isinstance(symbol, Overloads):
                    return symbol.routines[0].returns
                return None
            case s.Member(base, name, _):
                parts = _dotted(expression)
                base_type = self.static_type(base, scope)
                if isinstance(base_type, t.RecordType):
                    return base_type.fields.get(name)
                if parts is not None and base_type is None:
                    instance = self._package(parts[:-1], scope)
                    member = instance.scope.names.get(name) if instance is not None else None
                    if isinstance(member, Variable):
                        return member.type
                    if isinstance(member, Overloads):
                        return member.routines[0].returns
                if isinstance(base_type, t.CollectionType) and name == "COUNT":
                    return t.INTEGER
                return None
            case s.Apply(base, _, _):
                base_type = self.static_type(base, scope)
                if isinstance(base_type, t.CollectionType):
                    return base_type.element
                parts = _dotted(base)
                if parts is not None:
                    symbol = scope.find(parts[0])
                    if isinstance(symbol, t.Type):
                        return symbol
                return base_type
            case s.Binary(operator):
                if operator == "||":
                    return t.TEXT
                if operator in ("AND", "OR", "=", "<>", "<", ">", "<=", ">="):
                    return t.BOOLEAN
                left = self.static_type(expression.left, scope)
                return left if left is not None and left.family != "text" else t.NUMBER
            case s.Unary(operator, operand, _):
                return t.BOOLEAN if operator == "NOT" else self.static_type(operand, scope)
            case s.Placeholder(name, _):
                cell = self.binds.get(name)
                if cell is None or cell.type is None or cell.is_array:
                    return None
                return t.of_sql(cell.type)
            case _:
                return None

    # =====================================================================
    # expressions
    # =====================================================================

    def expression(self, expression: s.Expression, scope: Scope) -> Fn:
        """The closure that gives the expression's value."""
        host = self.host
        match expression:
            case s.Literal():
                value = self._literal(expression)
                return lambda frame: value
            case s.Name() | s.Member():
                return self._name(expression, scope)
            case s.Apply():
                return self._apply(expression, scope)
            case s.Attribute():
                return self._attribute(expression, scope)
            case s.Placeholder(name, _):
                return lambda frame: self._bind(name).value
            case s.Unary(operator, operand, _):
                fn = self.expression(operand, scope)
                if operator == "NOT":

                    def invert(frame: Frame) -> Value:
                        value = fn(frame)
                        return None if value is None else not value

                    return invert
                if operator == "-":
                    return lambda frame: negate(host, fn(frame))
                return fn
            case s.Binary():
                return self._binary(expression, scope)
            case s.IsNull(operand, negated, _):
                fn = self.expression(operand, scope)
                if negated:
                    return lambda frame: not _is_null(fn(frame))
                return lambda frame: _is_null(fn(frame))
            case s.Between(operand, low, high, negated, at):
                both = s.Binary(
                    "AND",
                    s.Binary(">=", operand, low, at),
                    s.Binary("<=", operand, high, at),
                    at,
                )
                return self.expression(s.Unary("NOT", both, at) if negated else both, scope)
            case s.InList(operand, items, negated, _):
                fn = self.expression(operand, scope)
                fns = [self.expression(item, scope) for item in items]

                def is_in(frame: Frame) -> Value:
                    value = fn(frame)
                    unknown = False
                    for item in fns:
                        order = compare(host, value, item(frame))
                        if order == 0:
                            return not negated
                        unknown = unknown or order is None
                    return None if unknown else negated

                return is_in
            case s.Like(operand, pattern, escape, negated, _):
                fn, pattern_fn = self.expression(operand, scope), self.expression(pattern, scope)
                escape_fn = self.expression(escape, scope) if escape is not None else _nothing

                def is_like(frame: Frame) -> Value:
                    found = like(host, fn(frame), pattern_fn(frame), escape_fn(frame))
                    return found if found is None or not negated else not found

                return is_like
            case s.CaseExpression(operand, branches, otherwise, _):
                return self._case(operand, branches, otherwise, scope)
            case s.Convert(operand, type_, _):
                fn = self.expression(operand, scope)
                wanted = self.type(type_, scope)
                return lambda frame: wanted.coerce(host, fn(frame))
            case s.Extract(part, operand, _):
                fn = self.expression(operand, scope)
                return self._function("EXTRACT", [lambda frame: part, fn])
            case s.AtTimeZone(operand, zone, _):
                fn = self.expression(operand, scope)
                zone_fn = self.expression(zone, scope) if zone is not None else None
                return lambda frame: _at_zone(host, fn(frame), zone_fn and zone_fn(frame))
            case s.Trim(side, characters, operand, _):
                fn = self.expression(operand, scope)
                chars = self.expression(characters, scope) if characters is not None else None
                return lambda frame: _trim(
                    t.TEXT.coerce(host, fn(frame)), side, chars(frame) if chars else " "
                )

    def _literal(self, literal: s.Literal) -> Value:
        value: Any = literal.value
        match literal.kind:
            case s.LiteralKind.DATE:
                moment = datetime.datetime.fromisoformat(value.strip())
                return Date(moment.year, moment.month, moment.day)
            case s.LiteralKind.TIMESTAMP:
                return _timestamp_literal(value)
            case s.LiteralKind.INTERVAL:
                return _interval_literal(value, literal.detail)
            case _:
                return value

    def _bind(self, name: str) -> Cell:
        cell = self.binds.get(name)
        if cell is None:
            raise OraError(1008, "not all variables bound")
        return cell

    def _binary(self, expression: s.Binary, scope: Scope) -> Fn:
        host = self.host
        left = self.expression(expression.left, scope)
        right = self.expression(expression.right, scope)
        match expression.operator:
            case "AND":

                def both(frame: Frame) -> Value:
                    a = left(frame)
                    if a is False:
                        return False
                    b = right(frame)
                    if b is False:
                        return False
                    return None if a is None or b is None else True

                return both
            case "OR":

                def either(frame: Frame) -> Value:
                    a = left(frame)
                    if a is True:
                        return True
                    b = right(frame)
                    if b is True:
                        return True
                    return None if a is None or b is None else False

                return either
            case "=":

                def equal(frame: Frame) -> Value:
                    order = compare(host, left(frame), right(frame))
                    return None if order is None else order == 0

                return equal
            case "<>" | "!=" | "^=" | "~=":

                def unequal(frame: Frame) -> Value:
                    order = compare(host, left(frame), right(frame))
                    return None if order is None else order != 0

                return unequal
            case "<":

                def less(frame: Frame) -> Value:
                    a, b = left(frame), right(frame)
                    if type(a) is int and type(b) is int:
                        return a < b
                    order = compare(host, a, b)
                    return None if order is None else order < 0

                return less
            case ">":

                def greater(frame: Frame) -> Value:
                    a, b = left(frame), right(frame)
                    if type(a) is int and type(b) is int:
                        return a > b
                    order = compare(host, a, b)
                    return None if order is None else order > 0

                return greater
            case "<=":

                def at_most(frame: Frame) -> Value:
                    order = compare(host, left(frame), right(frame))
                    return None if order is None else order <= 0

                return at_most
            case ">=":

                def at_least(frame: Frame) -> Value:
                    order = compare(host, left(frame), right(frame))
                    return None if order is None else order >= 0

                return at_least
            case "+":

                def plus(frame: Frame) -> Value:
                    a, b = left(frame), right(frame)
                    if type(a) is int and type(b) is int:
                        return a + b
                    return add(host, a, b)

                return plus
            case "-":

                def minus(frame: Frame) -> Value:
                    a, b = left(frame), right(frame)
                    if type(a) is int and type(b) is int:
                        return a - b
                    return subtract(host, a, b)

                return minus
            case "||":
                return lambda frame: concat(host, left(frame), right(frame))
            case "*":
                return lambda frame: multiply(host, left(frame), right(frame))
            case "/":
                return lambda frame: divide(host, left(frame), right(frame))
            case "**":
                return lambda frame: power(host, left(frame), right(frame))
            case "MOD":
                return self._function("MOD", [left, right])
            case operator:
                raise Failure(
                    f"ORA-03001: unimplemented feature: operator {operator}", expression.at
                )

    def _case(
        self,
        operand: s.Expression | None,
        branches: list[tuple[s.Expression, s.Expression]],
        otherwise: s.Expression | None,
        scope: Scope,
    ) -> Fn:
        host = self.host
        selector = self.expression(operand, scope) if operand is not None else None
        pairs = [(self.expression(a, scope), self.expression(b, scope)) for a, b in branches]
        last = self.expression(otherwise, scope) if otherwise is not None else _nothing

        def choose(frame: Frame) -> Value:
            if selector is not None:
                value = selector(frame)
                for condition, result in pairs:
                    if compare(host, value, condition(frame)) == 0:
                        return result(frame)
            else:
                for condition, result in pairs:
                    if condition(frame) is True:
                        return result(frame)
            return last(frame)

        return choose

    # ---- names ----

    def _load(self, variable: Variable, scope: Scope) -> Fn:
        slot = variable.slot
        if variable.instance is not None:
            instance = variable.instance
            return lambda frame: (instance.frame or instance.get())[slot]
        hops = scope.level - variable.level
        if hops == 0:
            return lambda frame: frame[slot]
        if hops == 1:
            return lambda frame: frame[0][slot]

        def outer(frame: Frame) -> Value:
            for _ in range(hops):
                frame = frame[0]
            return frame[slot]

        return outer

    def _put(self, variable: Variable, scope: Scope) -> Store:
        slot = variable.slot
        if variable.instance is not None:
            instance = variable.instance

            def set_package(frame: Frame, value: Value) -> None:
                (instance.frame or instance.get())[slot] = value

            return set_package
        hops = scope.level - variable.level

        def set_slot(frame: Frame, value: Value) -> None:
            for _ in range(hops):
                frame = frame[0]
            frame[slot] = value

        return set_slot

    def _member_of(self, instance: Instance, name: str) -> Any:
        return instance.scope.names.get(name)

    def _symbol(self, expression: s.Expression, scope: Scope) -> Any:
        """What a name without arguments means: a symbol; None: it is a value, or unknown."""
        parts = _dotted(expression)
        if parts is None:
            return None
        symbol = scope.find(parts[0])
        if symbol is not None and len(parts) == 1:
            return symbol
        if isinstance(symbol, Scope):
            return symbol.names.get(parts[1]) if len(parts) == 2 else None
        if isinstance(symbol, Overloads) and len(parts) == 2:
            around: Scope | None = scope
            while around is not None:
                if around.title == parts[0] and parts[1] in around.names:
                    return around.names[parts[1]]
                around = around.parent
        if symbol is not None and not isinstance(symbol, Instance | Overloads):
            return None
        if len(parts) == 1:
            unit = self._find_unit(parts, scope)
            if unit is None:
                return None
            if unit.type == "PACKAGE":
                return self.instance(unit)
            return Overloads([self._compile_standalone(unit)])
        owner = self._symbol(_without_last(expression), scope)
        if isinstance(owner, Instance):
            found = owner.scope.names.get(parts[-1])
            if found is None:
                raise Failure(f"PLS-00302: component '{parts[-1]}' must be declared", expression.at)
            return found
        if owner is None:
            unit = self._find_unit(parts, scope)
            if unit is not None:
                if unit.type == "PACKAGE":
                    return self.instance(unit)
                return Overloads([self._compile_standalone(unit)])
        return None

    def _name(self, expression: s.Name | s.Member, scope: Scope) -> Fn:
        symbol = self._symbol(expression, scope)
        match symbol:
            case Variable():
                return self._load(symbol, scope)
            case CursorSymbol():
                return self._load(symbol.variable, scope)
            case Overloads():
                return self._call(symbol, [], scope, expression, wants_value=True)
            case None:
                return self._unresolved(expression, scope)
            case _:
                raise Failure("PLS-00330: invalid use of type name or subtype name", expression.at)

    def _unresolved(self, expression: s.Name | s.Member, scope: Scope) -> Fn:
        if isinstance(expression, s.Name):
            name = expression.name
            if name == "SQLCODE":
                return lambda frame: _sqlcode(self.errors[-1]) if self.errors else 0
            if name == "SQLERRM":
                return lambda frame: _sqlerrm(self.errors[-1] if self.errors else None)
            if name in FUNCTIONS:
                return self._function(name, [])
            raise Failure(f"PLS-00201: identifier '{name}' must be declared", expression.at)
        if expression.name in ("NEXTVAL", "CURRVAL"):
            parts = _dotted(expression)
            text = f"select {'.'.join(_quoted(p) for p in parts or ())} from dual"
            return self._scalar_query(text, scope)
        base_type = self.static_type(expression.base, scope)
        name = expression.name
        if isinstance(base_type, t.CollectionType):
            return self._method(expression.base, name, [], scope, expression.at)
        if isinstance(base_type, t.RecordType):
            if name not in base_type.index:
                raise Failure(f"PLS-00302: component '{name}' must be declared", expression.at)
            fn = self.expression(expression.base, scope)
            number = base_type.index[name]
            return lambda frame: fn(frame).values[number]
        parts = _dotted(expression)
        if (
            parts is not None
            and base_type is None
            and self._symbol(s.Name(parts[0], expression.at), scope) is None
        ):
            raise Failure(
                f"PLS-00201: identifier '{'.'.join(parts)}' must be declared", expression.at
            )
        fn = self.expression(expression.base, scope)

        def member(frame: Frame) -> Value:
            value = fn(frame)
            if isinstance(value, Record):
                return value.get(name)
            if isinstance(value, Collection):
                return _collection_method(value, name, [])
            raise OraError(6530, "Reference to uninitialized composite")

        return member

    def _scalar_query(self, text: str, scope: Scope) -> Fn:
        def query(frame: Frame) -> Value:
            schema = scope.schema or self.host.current_schema
            cursor = self.host.open(self.host.prepare(text, SqlScope(self, None), schema), ())
            rows = cursor.fetch(1)
            cursor.close()
            return rows[0][0] if rows else None

        return query

    def _attribute(self, expression: s.Attribute, scope: Scope) -> Fn:
        base, name = expression.base, expression.name
        if isinstance(base, s.Name) and base.name == "SQL":
            match name:
                case "ROWCOUNT":
                    return lambda frame: self.sql_count
                case "FOUND":
                    return lambda frame: self.sql_found
                case "NOTFOUND":
                    return lambda frame: None if self.sql_found is None else not self.sql_found
                case "ISOPEN":
                    return lambda frame: False
                case _:
                    raise Failure(f"ORA-03001: unimplemented feature: SQL%{name}", expression.at)
        fn = self.expression(base, scope)

        def cursor(frame: Frame) -> Cursor:
            value = fn(frame)
            if not isinstance(value, Cursor) or (name != "ISOPEN" and not value.is_open):
                if name == "ISOPEN":
                    return Cursor()
                raise OraError(1001, "invalid cursor")
            return value

        match name:
            case "FOUND":
                return lambda frame: cursor(frame).found
            case "NOTFOUND":

                def not_found(frame: Frame) -> Value:
                    found = cursor(frame).found
                    return None if found is None else not found

                return not_found
            case "ROWCOUNT":
                return lambda frame: cursor(frame).row_count
            case "ISOPEN":
                return lambda frame: cursor(frame).is_open
            case _:
                raise Failure(f"ORA-03001: unimplemented feature: %{name}", expression.at)

    # ---- calls, elements, constructors ----

    def _apply(self, expression: s.Apply, scope: Scope) -> Fn:
        base, arguments = expression.base, expression.arguments
        if isinstance(base, s.Attribute):
            return self._sql_attribute(base, arguments, scope)
        symbol = self._symbol_or_none(base, scope)
        match symbol:
            case Overloads():
                return self._call(symbol, arguments, scope, expression, wants_value=True)
            case t.CollectionType():
                return self._constructor(symbol, arguments, scope)
            case t.Type():
                raise Failure("PLS-00222: no function with this name", expression.at)
        if symbol is None and isinstance(base, s.Name):
            name = base.name
            if name in ("NVL2", "COALESCE"):
                return self._lazy(name, arguments, scope)
            if name == "SQLERRM":
                fn = self.expression(arguments[0].value, scope)
                return lambda frame: sqlerrm(int(fn(frame)))
            if name == "RAISE_APPLICATION_ERROR":
                return self._raise_application_error(arguments, scope)
            if name in FUNCTIONS:
                fns = [self.expression(argument.value, scope) for argument in arguments]
                return self._function(name, fns)
            if name in _SQL_ONLY:
                text = f"PLS-00204: function or pseudo-column '{name}' may be used inside a SQL"
                raise Failure(text + " statement only", expression.at)
        if isinstance(base, s.Member):
            base_type = self.static_type(base.base, scope)
            if isinstance(base_type, t.CollectionType):
                return self._method(base.base, base.name, arguments, scope, expression.at)
        if symbol is None:
            parts = _dotted(base)
            if parts is not None and self.static_type(base, scope) is None:
                raise Failure(
                    f"PLS-00201: identifier '{'.'.join(parts)}' must be declared", expression.at
                )
        return self._element(base, arguments, scope)

    def _symbol_or_none(self, base: s.Expression, scope: Scope) -> Any:
        if not isinstance(base, s.Name | s.Member):
            return None
        return self._symbol(base, scope)

    def _sql_attribute(self, base: s.Attribute, arguments: list[s.Argument], scope: Scope) -> Fn:
        if base.name == "BULK_ROWCOUNT":
            index = self.expression(arguments[0].value, scope)
            return lambda frame: self.bulk_count[int(index(frame)) - 1]
        raise Failure(f"ORA-03001: unimplemented feature: %{base.name}", base.at)

    def _element(self, base: s.Expression, arguments: list[s.Argument], scope: Scope) -> Fn:
        fn = self.expression(base, scope)
        base_type = self.static_type(base, scope)
        key = self.expression(arguments[0].value, scope)
        convert = _key_conversion(self.host, base_type)

        def element(frame: Frame) -> Value:
            collection = fn(frame)
            if not isinstance(collection, Collection):
                raise OraError(6531, "Reference to uninitialized collection")
            return collection.get(convert(key(frame), collection))

        return element

    def _function(self, name: str, arguments: list[Fn]) -> Fn:
        function = FUNCTIONS.get(name)
        host = self.host
        if function is None:
            raise Unsupported(f"function {name}")
        match arguments:
            case []:
                return lambda frame: function(host)
            case [a]:
                return lambda frame: function(host, a(frame))
            case [a, b]:
                return lambda frame: function(host, a(frame), b(frame))
            case _:
                return lambda frame: function(host, *[fn(frame) for fn in arguments])

    def _lazy(self, name: str, arguments: list[s.Argument], scope: Scope) -> Fn:
        fns = [self.expression(argument.value, scope) for argument in arguments]
        if name == "NVL2":
            test, then, otherwise = fns
            return lambda frame: then(frame) if test(frame) is not None else otherwise(frame)

        def coalesce(frame: Frame) -> Value:
            for fn in fns:
                value = fn(frame)
                if value is not None:
                    return value
            return None

        return coalesce

    def _constructor(
        self, type_: t.CollectionType, arguments: list[s.Argument], scope: Scope
    ) -> Fn:
        fns = [self.expression(argument.value, scope) for argument in arguments]
        host, element = self.host, type_.element
        if type_.is_indexed and fns:
            raise Unsupported("qualified expressions")

        def construct(frame: Frame) -> Value:
            values = [element.coerce(host, fn(frame)) for fn in fns]
            if type_.limit is not None and len(values) > type_.limit:
                raise OraError(6532, "Subscript outside of limit")
            return Collection.of(type_, values)

        return construct

    def _method(
        self,
        base: s.Expression,
        name: str,
        arguments: list[s.Argument],
        scope: Scope,
        at: int,
    ) -> Fn:
        fn = self.expression(base, scope)
        fns = [self.expression(argument.value, scope) for argument in arguments]
        convert = _key_conversion(self.host, self.static_type(base, scope))
        if name not in _METHODS:
            raise Failure(f"PLS-00302: component '{name}' must be declared", at)

        def method(frame: Frame) -> Value:
            collection = fn(frame)
            if not isinstance(collection, Collection):
                if name == "EXISTS":
                    return False
                raise OraError(6531, "Reference to uninitialized collection")
            values = [f(frame) for f in fns]
            if name not in ("EXTEND", "TRIM"):
                values = [convert(v, collection) for v in values]
            elif name == "EXTEND" and len(values) == 2:
                values[1] = collection.get(values[1])
            return _collection_method(collection, name, values)

        return method

    def _call(
        self,
        overloads: Overloads,
        arguments: list[s.Argument],
        scope: Scope,
        expression: s.Expression,
        *,
        wants_value: bool,
    ) -> Fn:
        routine = self._choose(overloads, arguments, scope, expression, wants_value=wants_value)
        given = _arrange(routine, arguments)
        assert given is not None
        if routine.native is not None or routine.label.startswith('"SYS.'):
            return self._native_call(routine, given, scope)
        host = self.host
        inputs: list[tuple[int, Fn, t.Type]] = []
        outputs: list[tuple[int, Store]] = []
        initial: list[tuple[int, t.Type]] = []
        defaults: list[tuple[int, Fn, t.Type]] = []
        for formal, argument in zip(routine.formals, given, strict=True):
            if argument is None:
                assert formal.default is not None
                defaults.append((formal.slot, formal.default, formal.type))
                continue
            if formal.mode is not s.ParameterMode.OUT:
                inputs.append((formal.slot, self.expression(argument, scope), formal.type))
            else:
                initial.append((formal.slot, formal.type))
            if formal.mode is not s.ParameterMode.IN:
                outputs.append((formal.slot, self.target(argument, scope)))
        hops = scope.level - (routine.level - 1)
        standalone = routine.level == 1
        returns = routine.returns

        def call(frame: Frame) -> Value:
            run = routine.run
            if run is None:
                run = self._body_of(routine)
            self.enter(routine)
            outer = None
            if not standalone:
                outer = frame
                for _ in range(hops):
                    outer = outer[0]
            new: Frame = [None] * routine.size
            new[0] = outer
            try:
                for slot, fn, type_ in inputs:
                    new[slot] = type_.coerce(host, fn(frame))
                for slot, fn, type_ in defaults:
                    new[slot] = type_.coerce(host, fn(new))
                for slot, type_ in initial:
                    new[slot] = type_.initial()
                if routine.autonomous:
                    signal = self._autonomous(run, new)
                else:
                    signal = run(new)
            finally:
                self._depth -= 1
            for slot, store in outputs:
                store(frame, new[slot])
            if returns is None:
                return None
            if signal.__class__ is not Returned:
                raise OraError(6503, "PL/SQL: Function returned without value")
            return returns.coerce(host, signal.value)

        return call

    def _body_of(self, routine: Routine) -> Fn:
        """The body of a package's subprogram: the package is initialised on first use."""
        if routine.home is not None:
            routine.home.get()
        if routine.run is None:
            raise OraError(
                6508,
                f"PL/SQL: could not find program unit being called: {routine.label.rstrip(', ')}",
            )
        return routine.run

    def enter(self, routine: Routine) -> None:
        self._depth += 1
        if self._depth > _MOST_CALLS:
            self._depth -= 1
            raise OraError(36, "maximum number of recursive SQL levels (50) exceeded")
        self.host.turn()

    def _autonomous(self, run: Fn, frame: Frame) -> Any:
        self.host.begin_autonomous()
        try:
            signal = run(frame)
        except BaseException:
            self.host.end_autonomous(failed=True)
            raise
        self.host.end_autonomous(failed=False)
        return signal

    def _native_call(self, routine: Routine, given: list[s.Expression | None], scope: Scope) -> Fn:
        host = self.host
        slots: list[tuple[str, Fn | None, Store | None, t.Type, bool]] = []
        for formal, argument in zip(routine.formals, given, strict=True):
            if argument is None:
                slots.append((formal.name.lower(), formal.default, None, formal.type, True))
                continue
            load = None
            if formal.mode is not s.ParameterMode.OUT:
                load = self.expression(argument, scope)
            store = None
            type_ = formal.type
            if formal.mode is not s.ParameterMode.IN:
                store = self.target(argument, scope)
            if isinstance(type_, t.AnyType):
                type_ = self.static_type(argument, scope) or type_
            slots.append((formal.name.lower(), load, store, type_, False))
        body = routine.native
        returns = routine.returns
        label = routine.label.rstrip(", ").strip('"')

        def call(frame: Frame) -> Value:
            if body is None:
                raise Unsupported(f"{label}.{routine.name}")
            host.turn()
            refs: dict[str, Ref] = {}
            for name, load, _, type_, is_default in slots:
                if load is None:
                    value = type_.initial()
                elif is_default:
                    value = type_.coerce(host, load([None]))
                else:
                    value = load(frame)
                    if not isinstance(type_, t.RecordType | t.CollectionType):
                        value = type_.coerce(host, value)
                refs[name] = Ref(value, type_ if _is_composite(type_) else type_.sql())
            result = body(host, **refs)
            for name, _, store, _, _ in slots:
                if store is not None:
                    store(frame, refs[name].value)
            return result if returns is None else returns.coerce(host, result)

        return call

    def _choose(
        self,
        overloads: Overloads,
        arguments: list[s.Argument],
        scope: Scope,
        expression: s.Expression,
        *,
        wants_value: bool,
    ) -> Routine:
        fitting = [
            routine
            for routine in overloads.routines
            if _arrange(routine, arguments) is not None
            and (routine.returns is not None) == wants_value
        ]
        name = overloads.routines[0].name
        if not fitting:
            if wants_value and all(r.returns is None for r in overloads.routines):
                raise Failure(
                    f"PLS-00222: no function with name '{name}' exists in this scope", expression.at
                )
            if not wants_value and all(r.returns is not None for r in overloads.routines):
                raise Failure(
                    f"PLS-00221: '{name}' is not a procedure or is undefined", expression.at
                )
            raise Failure(
                f"PLS-00306: wrong number or types of arguments in call to '{name}'",
                expression.at,
            )
        if len(fitting) == 1:
            self._check_types(fitting[0], arguments, scope, expression)
            return fitting[0]
        scored = []
        for routine in fitting:
            given = _arrange(routine, arguments)
            assert given is not None
            score = 0
            for formal, argument in zip(routine.formals, given, strict=True):
                if argument is None:
                    continue
                score += _distance(formal.type, self.static_type(argument, scope))
            scored.append((score, len(routine.formals), routine))
        scored.sort(key=lambda item: item[:2])
        if len(scored) > 1 and scored[0][:2] == scored[1][:2]:
            raise Failure(
                f"PLS-00307: too many declarations of '{name}' match this call", expression.at
            )
        return scored[0][2]

    def _check_types(
        self, routine: Routine, arguments: list[s.Argument], scope: Scope, expression: s.Expression
    ) -> None:
        given = _arrange(routine, arguments) or []
        for formal, argument in zip(routine.formals, given, strict=True):
            if argument is None:
                continue
            found = self.static_type(argument, scope)
            if found is not None and _distance(formal.type, found) >= 100:
                raise Failure(
                    f"PLS-00306: wrong number or types of arguments in call to '{routine.name}'",
                    expression.at,
                )

    def _raise_application_error(self, arguments: list[s.Argument], scope: Scope) -> Fn:
        fns = [self.expression(argument.value, scope) for argument in arguments]
        host = self.host

        def raise_error(frame: Frame) -> Value:
            number = int(fns[0](frame))
            text = t.TEXT.coerce(host, fns[1](frame))
            if not -20999 <= number <= -20000:
                raise OraError(
                    21000,
                    f"error number argument to raise_application_error of {number} is out of range",
                )
            error = OraError(-number, str(text or "")[:2048])
            if len(fns) > 2 and fns[2](frame) and self.errors:
                error.message += "\n" + self.errors[-1].stack
            raise error

        return raise_error

    # =====================================================================
    # targets
    # =====================================================================

    def target(self, expression: s.Expression, scope: Scope) -> Store:
        """The closure that assigns, as the target's type has it."""
        host = self.host
        match expression:
            case s.Placeholder(name, _):
                self._written.add(name)

                def set_bind(frame: Frame, value: Value) -> None:
                    cell = self._bind(name)
                    cell.value = _to_client(host, cell, value)
                    cell.assigned = True

                return set_bind
            case s.Name() | s.Member():
                symbol = self._symbol(expression, scope)
                if isinstance(symbol, Variable):
                    if symbol.readonly:
                        raise Failure(
                            f"PLS-00363: expression '{_shown(expression)}' cannot be used as an"
                            " assignment target",
                            expression.at,
                        )
                    type_, put = symbol.type, self._put(symbol, scope)
                    return lambda frame, value: put(frame, type_.coerce(host, value))
                if isinstance(expression, s.Member):
                    base_type = self.static_type(expression.base, scope)
                    self._check_writable(expression.base, scope)
                    fn = self._writable(expression.base, scope)
                    name = expression.name
                    if isinstance(base_type, t.RecordType):
                        if name not in base_type.index:
                            raise Failure(
                                f"PLS-00302: component '{name}' must be declared", expression.at
                            )
                        number = base_type.index[name]
                        field_type = base_type.types[number]

                        def set_field(frame: Frame, value: Value) -> None:
                            fn(frame).values[number] = field_type.coerce(host, value)

                        return set_field
                raise Failure(
                    f"PLS-00201: identifier '{_shown(expression)}' must be declared", expression.at
                )
            case s.Apply(base, arguments, _):
                base_type = self.static_type(base, scope)
                if not isinstance(base_type, t.CollectionType):
                    raise Failure(
                        f"PLS-00363: expression '{_shown(base)}' cannot be used as an assignment"
                        " target",
                        expression.at,
                    )
                self._check_writable(base, scope)
                fn = self.expression(base, scope)
                key = self.expression(arguments[0].value, scope)
                element = base_type.element
                convert = _key_conversion(host, base_type)

                def set_element(frame: Frame, value: Value) -> None:
                    collection = fn(frame)
                    if not isinstance(collection, Collection):
                        raise OraError(6531, "Reference to uninitialized collection")
                    collection.set(convert(key(frame), collection), element.coerce(host, value))

                # a(i).f := x on a new element: as in Oracle, the element springs into being
                return set_element
            case _:
                raise Failure(
                    "PLS-00363: expression cannot be used as an assignment target", expression.at
                )

    def _writable(self, base: s.Expression, scope: Scope) -> Fn:
        """Like expression, but an element of an associative array springs into being."""
        if not isinstance(base, s.Apply):
            return self.expression(base, scope)
        base_type = self.static_type(base.base, scope)
        if not isinstance(base_type, t.CollectionType) or not base_type.is_indexed:
            return self.expression(base, scope)
        fn = self._writable(base.base, scope)
        key = self.expression(base.arguments[0].value, scope)
        convert = _key_conversion(self.host, base_type)

        def element(frame: Frame) -> Value:
            collection = fn(frame)
            at = convert(key(frame), collection)
            if not collection.exists(at):
                collection.set(at, base_type.element.initial())
            return collection.get(at)

        return element

    def _check_writable(self, base: s.Expression, scope: Scope) -> None:
        while isinstance(base, s.Member | s.Apply):
            symbol = self._symbol_or_none(base, scope)
            if isinstance(symbol, Variable):
                break
            base = base.base
        symbol = self._symbol_or_none(base, scope)
        if isinstance(symbol, Variable) and symbol.readonly:
            raise Failure(
                f"PLS-00363: expression '{_shown(base)}' cannot be used as an assignment target",
                base.at,
            )

    # =====================================================================
    # statements
    # =====================================================================

    def body(self, body: s.Body, scope: Scope) -> Fn:
        """Declarations, statements and handlers, as one closure."""
        steps = self.declarations(body.declarations, scope)
        run = self.statements(body.statements, scope)
        handlers: list[tuple[list[ExceptionValue] | None, Fn]] = []
        for handler in body.handlers:
            caught: list[ExceptionValue] | None = None
            if handler.exceptions:
                caught = []
                for name in handler.exceptions:
                    found = self._exception(name, scope)
                    if found is not None:
                        caught.append(found)
            handlers.append((caught, self.statements(handler.body, scope)))
        if not handlers and not steps:
            return run

        def block(frame: Frame) -> Any:
            for step in steps:
                step(frame)
            if not handlers:
                return run(frame)
            depth = self._depth
            try:
                return run(frame)
            except RecursionError:
                error = OraError(6500, "PL/SQL: storage error")
            except OraError as caught_error:
                error = caught_error
            self._depth = depth
            for wanted, handle in handlers:
                if wanted is None or any(one.catches(error) for one in wanted):
                    self.errors.append(error)
                    try:
                        return handle(frame)
                    finally:
                        self.errors.pop()
            raise error

        return block

    def _exception(self, name: s.Expression, scope: Scope) -> ExceptionValue | None:
        symbol = self._symbol_or_none(name, scope)
        if isinstance(symbol, ExceptionValue):
            return symbol
        parts = _dotted(name)
        if parts is not None and parts[-1] in PREDEFINED and len(parts) <= 2:
            return ExceptionValue(parts[-1], PREDEFINED[parts[-1]])
        self._fail_at(
            scope, name.at, f"PLS-00201: identifier '{'.'.join(parts or ())}' must be declared"
        )
        return None

    def statements(self, found: list[s.Statement], scope: Scope) -> Fn:
        """A sequence; an error gets the line of its statement."""
        pairs = [
            (
                self._guarded(scope, item.at, lambda item=item: self.statement(item, scope)),  # type: ignore[misc]
                scope.line(item.at),
            )
            for item in found
        ]
        label = scope.label
        if len(pairs) == 1:
            only, only_line = pairs[0]

            def single(frame: Frame) -> Any:
                try:
                    return only(frame)
                except OraError as error:
                    _note(error, frame, label, only_line)
                    raise

            return single

        def run(frame: Frame) -> Any:
            line = 0
            try:
                for fn, line in pairs:
                    signal = fn(frame)
                    if signal is not None:
                        return signal
            except OraError as error:
                _note(error, frame, label, line)
                raise
            return None

        return run

    def statement(self, item: s.Statement, scope: Scope) -> Fn:
        host = self.host
        match item:
            case s.Assignment(target, value, _):
                return self._assignment(target, value, scope)
            case s.CallStatement(call, _):
                return self._call_statement(call, scope)
            case s.NullStatement():
                return _nothing
            case s.IfStatement(branches, otherwise, _):
                pairs = [
                    (self.expression(c, scope), self.statements(b, scope)) for c, b in branches
                ]
                last = self.statements(otherwise, scope) if otherwise is not None else _nothing
                if len(pairs) == 1:
                    condition, then = pairs[0]

                    def if_one(frame: Frame) -> Any:
                        return then(frame) if condition(frame) is True else last(frame)

                    return if_one

                def if_many(frame: Frame) -> Any:
                    for condition, then in pairs:
                        if condition(frame) is True:
                            return then(frame)
                    return last(frame)

                return if_many
            case s.CaseStatement(operand, branches, otherwise, _):
                selector = self.expression(operand, scope) if operand is not None else None
                pairs = [
                    (self.expression(c, scope), self.statements(b, scope)) for c, b in branches
                ]
                default = self.statements(otherwise, scope) if otherwise is not None else None

                def case(frame: Frame) -> Any:
                    value = selector(frame) if selector is not None else None
                    for condition, then in pairs:
                        found = condition(frame)
                        if selector is not None:
                            found = compare(host, value, found) == 0
                        if found is True:
                            return then(frame)
                    if default is None:
                        raise OraError(6592, message(6592))
                    return default(frame)

                return case
            case s.Loop(condition, body, label, _):
                return self._loop(condition, body, label, scope)
            case s.NumericFor():
                return self._numeric_for(item, scope)
            case s.CursorFor():
                return self._cursor_for(item, scope)
            case s.Leave(continues, label, condition, _):
                signal = Left(continues, label)
                if condition is None:
                    return lambda frame: signal
                test = self.expression(condition, scope)
                return lambda frame: signal if test(frame) is True else None
            case s.Return(value, _):
                if value is None:
                    done = Returned(None)
                    return lambda frame: done
                fn = self.expression(value, scope)
                return lambda frame: Returned(fn(frame))
            case s.Raise(exception, at):
                return self._raise(exception, scope, at)
            case s.BlockStatement(body, label, _):
                inner = scope.nested()
                if label is not None:
                    inner.names[label] = inner
                return self.body(body, inner)
            case s.Open():
                return self._open(item, scope)
            case s.OpenFor():
                return self._open_for(item, scope)
            case s.Fetch():
                return self._fetch(item, scope)
            case s.Close(cursor, _):
                fn = self.expression(cursor, scope)

                def close(frame: Frame) -> None:
                    found = fn(frame)
                    if not isinstance(found, Cursor) or not found.is_open:
                        raise OraError(1001, "invalid cursor")
                    found.close()

                return close
            case s.SqlStatement(sql, _):
                return self._sql(sql, scope)
            case s.ForAll():
                return self._forall(item, scope)
            case s.ExecuteImmediate():
                return self._execute_immediate(item, scope)
            case s.TransactionControl(verb, name, _):
                match verb:
                    case "COMMIT":
                        return lambda frame: host.commit()
                    case "ROLLBACK" if name is None:
                        return lambda frame: host.rollback()
                    case "ROLLBACK":
                        return lambda frame: host.rollback_to(name or "")
                    case _:
                        return lambda frame: host.savepoint(name or "")
            case s.SetTransaction(text, _):
                return lambda frame: host.set_transaction(text)
            case s.Goto():
                raise Failure("ORA-03001: unimplemented feature: GOTO", item.at)
            case s.PipeRow():
                raise Failure("ORA-03001: unimplemented feature: pipelined functions", item.at)

    def _assignment(self, target: s.Expression, value: s.Expression, scope: Scope) -> Fn:
        fn = self.expression(value, scope)
        if isinstance(target, s.Name):
            symbol = self._symbol(target, scope)
            if (
                isinstance(symbol, Variable)
                and not symbol.readonly
                and symbol.instance is None
                and symbol.level == scope.level
            ):
                slot, host, coerce = symbol.slot, self.host, symbol.type.coerce

                def assign_local(frame: Frame) -> None:
                    frame[slot] = coerce(host, fn(frame))

                return assign_local
        store = self.target(target, scope)

        def assign(frame: Frame) -> None:
            store(frame, fn(frame))

        return assign

    def _call_statement(self, call: s.Expression, scope: Scope) -> Fn:
        arguments: list[s.Argument] = []
        base = call
        if isinstance(call, s.Apply):
            base, arguments = call.base, call.arguments
        if isinstance(base, s.Name | s.Member):
            symbol = self._symbol(base, scope)
            if isinstance(symbol, Overloads):
                run = self._call(symbol, arguments, scope, call, wants_value=False)
                return lambda frame: _drop(run(frame))
            if isinstance(base, s.Name) and symbol is None:
                if base.name == "RAISE_APPLICATION_ERROR":
                    return self._raise_application_error(arguments, scope)
                raise Failure(f"PLS-00201: identifier '{base.name}' must be declared", base.at)
            if isinstance(base, s.Member):
                base_type = self.static_type(base.base, scope)
                if isinstance(base_type, t.CollectionType):
                    self._check_writable(base.base, scope)
                    run = self._method(base.base, base.name, arguments, scope, base.at)
                    return lambda frame: _drop(run(frame))
                if symbol is None:
                    raise Failure(
                        f"PLS-00201: identifier '{_shown(base)}' must be declared", base.at
                    )
        raise Failure(f"PLS-00221: '{_shown(base)}' is not a procedure or is undefined", call.at)

    def _loop(
        self,
        condition: s.Expression | None,
        body: list[s.Statement],
        label: str | None,
        scope: Scope,
    ) -> Fn:
        test = self.expression(condition, scope) if condition is not None else None
        run = self.statements(body, scope)
        turn = self.turn

        def loop(frame: Frame) -> Any:
            while test is None or test(frame) is True:
                turn()
                signal = run(frame)
                if signal is not None:
                    if signal.__class__ is Left and signal.label in (None, label):
                        if signal.continues:
                            continue
                        return None
                    return signal
            return None

        return loop

    def turn(self) -> None:
        self._turns += 1
        if not self._turns & 63:
            self.host.turn()

    def _numeric_for(self, item: s.NumericFor, scope: Scope) -> Fn:
        low, high = self.expression(item.low, scope), self.expression(item.high, scope)
        inner = scope.nested()
        variable = self._variable(inner, item.variable, t.INTEGER, item.at, readonly=True)
        run = self.statements(item.body, inner)
        put = self._put(variable, inner)
        local = variable.instance is None
        slot, label, reverse = variable.slot, item.label, item.reverse
        host, turn = self.host, self.turn

        def loop(frame: Frame) -> Any:
            first, last = low(frame), high(frame)
            if first is None or last is None:
                raise value_error()
            first, last = t.INTEGER.coerce(host, first), t.INTEGER.coerce(host, last)
            values = range(first, last + 1)
            for value in reversed(values) if reverse else values:
                turn()
                if local:
                    frame[slot] = value
                else:
                    put(frame, value)
                signal = run(frame)
                if signal is not None:
                    if signal.__class__ is Left and signal.label in (None, label):
                        if signal.continues:
                            continue
                        return None
                    return signal
            return None

        return loop

    def _raise(self, exception: s.Expression | None, scope: Scope, at: int) -> Fn:
        if exception is None:

            def again(frame: Frame) -> None:
                if not self.errors:
                    raise OraError(6510, "PL/SQL: unhandled user-defined exception")
                error = self.errors[-1]
                error.level = None
                raise error

            return again
        found = self._exception(exception, scope)
        if found is None:
            return _nothing

        def raise_named(frame: Frame) -> None:
            raise found.error()

        return raise_named

    # =====================================================================
    # SQL
    # =====================================================================

    def _sql(self, sql: s.SqlText, scope: Scope) -> Fn:
        code = SqlCode(self, sql.text, scope)
        targets = [self.target(target, scope) for target in sql.into]
        if sql.verb in ("SELECT", "WITH"):
            return self._select_into(code, sql, targets, scope)
        row = self._row_target(sql.into, scope)
        bulk = self._bulk_targets(sql.into, scope) if sql.bulk else []

        def run(frame: Frame) -> None:
            statement, values = code.bind(frame)
            outcome = self.host.execute(statement, values)
            if statement.kind is Kind.DML:
                self.sql_count = outcome.row_count
                self.sql_found = outcome.row_count > 0
            if not sql.into:
                return
            rows = list(outcome.rows)
            if bulk:
                _fill(frame, bulk, rows, self.host)
            elif len(rows) > 1:
                raise OraError(1422, message(1422))
            elif rows:
                _assign_row(frame, rows[0], targets, row)

        return run

    def _row_target(self, into: list[s.Expression], scope: Scope) -> Any:
        """The record that takes a whole row; None: a variable for each column."""
        if len(into) != 1:
            return None
        found = self.static_type(into[0], scope)
        if isinstance(found, t.RecordType):
            store, host = self.target(into[0], scope), self.host
            return lambda frame, row: store(frame, found.from_row(host, row))
        return None

    def _bulk_targets(
        self, into: list[s.Expression], scope: Scope
    ) -> list[tuple[Store, t.CollectionType]]:
        found: list[tuple[Store, t.CollectionType]] = []
        for target in into:
            type_ = self.static_type(target, scope)
            if not isinstance(type_, t.CollectionType):
                raise Failure(
                    "PLS-00497: cannot mix between single row and multi-row (BULK) in INTO list",
                    target.at,
                )
            found.append((self.target(target, scope), type_))
        return found

    def _select_into(self, code: SqlCode, sql: s.SqlText, targets: list[Store], scope: Scope) -> Fn:
        if not sql.into:
            raise Failure("PLS-00428: an INTO clause is expected in this SELECT statement", sql.at)
        if sql.bulk:
            bulk = self._bulk_targets(sql.into, scope)

            def select_bulk(frame: Frame) -> None:
                statement, values = code.bind(frame)
                cursor = self.host.open(statement, values)
                rows: list[tuple[Value, ...]] = []
                while True:
                    more = cursor.fetch(_FETCH)
                    rows += more
                    if len(more) < _FETCH:
                        break
                cursor.close()
                self.sql_count = len(rows)
                self.sql_found = bool(rows)
                _fill(frame, bulk, rows, self.host)

            return select_bulk
        row_target = self._row_target(sql.into, scope)

        def select(frame: Frame) -> None:
            statement, values = code.bind(frame)
            cursor = self.host.open(statement, values)
            rows = cursor.fetch(2)
            cursor.close()
            self.sql_count = min(len(rows), 1)
            self.sql_found = bool(rows)
            if not rows:
                raise OraError(1403, "no data found")
            if len(rows) > 1:
                self.sql_count = 2
                raise OraError(1422, message(1422))
            _assign_row(frame, rows[0], targets, row_target)

        return select

    # ---- cursors ----

    def _query_of(self, symbol: CursorSymbol) -> tuple[SqlCode, list[Variable]]:
        declaration = symbol.declaration
        if declaration.query is None:
            raise Failure("PLS-00341: declaration of cursor is incomplete", declaration.at)
        inner = symbol.scope.nested()
        variables = [
            self._variable(
                inner, p.name, t.unconstrained(self.type(p.type, symbol.scope)), p.at, readonly=True
            )
            for p in declaration.parameters
        ]
        return SqlCode(self, declaration.query.text, inner), variables

    def _opener(self, symbol: CursorSymbol, arguments: list[s.Argument], scope: Scope) -> Fn:
        """Evaluates the arguments, and opens: gives the cursor."""
        code, variables = self._query_of(symbol)
        parameters = symbol.declaration.parameters
        by_name = {a.name: a.value for a in arguments if a.name is not None}
        positional = [a.value for a in arguments if a.name is None]
        loads: list[tuple[Fn, Store, t.Type]] = []
        for number, (parameter, variable) in enumerate(zip(parameters, variables, strict=True)):
            value = (
                positional[number]
                if number < len(positional)
                else by_name.get(parameter.name, parameter.default)
            )
            if value is None:
                raise Failure(
                    f"PLS-00306: wrong number or types of arguments in call to"
                    f" '{symbol.declaration.name}'",
                    symbol.declaration.at,
                )
            loads.append(
                (self.expression(value, scope), self._put(variable, symbol.scope), variable.type)
            )
        load = self._load(symbol.variable, scope)
        hops = scope.level - symbol.scope.level if symbol.variable.instance is None else 0
        package = symbol.variable.instance
        host = self.host

        def open_cursor(frame: Frame) -> Cursor:
            cursor = load(frame)
            if cursor.is_open:
                raise OraError(6511, message(6511))
            home = frame
            if package is not None:
                home = package.get()
            else:
                for _ in range(hops):
                    home = home[0]
            for fn, put, type_ in loads:
                put(home, type_.coerce(host, fn(frame)))
            statement, values = code.bind(home)
            cursor.host_cursor = host.open(statement, values)
            cursor.row_count = 0
            cursor.found = None
            return cursor

        return open_cursor

    def _open(self, item: s.Open, scope: Scope) -> Fn:
        base = item.cursor
        arguments = item.arguments
        if isinstance(base, s.Apply):
            base, arguments = base.base, base.arguments
        symbol = self._symbol_or_none(base, scope)
        if not isinstance(symbol, CursorSymbol):
            raise Failure(f"PLS-00456: item '{_shown(base)}' is not a cursor", item.at)
        run = self._opener(symbol, arguments, scope)
        return lambda frame: _drop(run(frame))

    def _open_for(self, item: s.OpenFor, scope: Scope) -> Fn:
        store = self.target(item.cursor, scope)
        host = self.host
        if isinstance(item.query, s.SqlText):
            code = SqlCode(self, item.query.text, scope)

            def open_static(frame: Frame) -> None:
                statement, values = code.bind(frame)
                store(frame, Cursor(host.open(statement, values), statement.for_update))

            return open_static
        text = self.expression(item.query, scope)
        using = [self.expression(one.value, scope) for one in item.using]
        schema = scope.schema

        def open_dynamic(frame: Frame) -> None:
            sql = t.TEXT.coerce(host, text(frame))
            values = [fn(frame) for fn in using]
            statement = host.prepare(
                str(sql), SqlScope(self, None), schema or host.current_schema, _types_of(values)
            )
            bound = self._by_position(statement, values)
            store(frame, Cursor(host.open(statement, bound), statement.for_update))

        return open_dynamic

    def _by_position(self, statement: Prepared, values: list[Value]) -> list[Value]:
        bound: list[Value] = []
        for wanted in statement.inputs:
            if isinstance(wanted, Placeholder):
                if wanted.index >= len(values):
                    raise OraError(1008, "not all variables bound")
                bound.append(values[wanted.index])
            else:
                bound.append(self.evaluate(wanted.text))
        return bound

    def _fetch(self, item: s.Fetch, scope: Scope) -> Fn:
        fn = self.expression(item.cursor, scope)
        host = self.host

        def opened(frame: Frame) -> Cursor:
            cursor = fn(frame)
            if not isinstance(cursor, Cursor) or not cursor.is_open:
                raise OraError(1001, "invalid cursor")
            return cursor

        if item.bulk:
            bulk = self._bulk_targets(item.into, scope)
            limit = self.expression(item.limit, scope) if item.limit is not None else None

            def fetch_bulk(frame: Frame) -> None:
                cursor = opened(frame)
                if limit is not None:
                    wanted = t.INTEGER.coerce(host, limit(frame))
                    if wanted is None or wanted < 1:
                        raise value_error()
                    rows = cursor.fetch(wanted)
                else:
                    rows = []
                    while True:
                        more = cursor.fetch(_FETCH)
                        rows += more
                        if len(more) < _FETCH:
                            break
                    cursor.found = False
                _fill(frame, bulk, rows, host)

            return fetch_bulk
        targets = [self.target(target, scope) for target in item.into]
        row_target = self._row_target(item.into, scope)

        def fetch(frame: Frame) -> None:
            rows = opened(frame).fetch(1)
            if rows:
                _assign_row(frame, rows[0], targets, row_target)

        return fetch

    def _cursor_for(self, item: s.CursorFor, scope: Scope) -> Fn:
        host = self.host
        inner = scope.nested()
        opener: Fn
        if isinstance(item.source, s.SqlText):
            code = SqlCode(self, item.source.text, scope)
            row_of: Callable[[], t.RecordType] = code.row_type

            def open_query(frame: Frame) -> Cursor:
                statement, values = code.bind(frame)
                return Cursor(host.open(statement, values))

            opener = open_query
        else:
            base, arguments = item.source, []
            if isinstance(base, s.Apply):
                base, arguments = base.base, base.arguments
            symbol = self._symbol_or_none(base, scope)
            if not isinstance(symbol, CursorSymbol):
                raise Failure(f"PLS-00456: item '{_shown(base)}' is not a cursor", item.at)
            opener = self._opener(symbol, arguments, scope)
            cursor_symbol = symbol
            row_of = lambda: self._row_type(cursor_symbol)  # noqa: E731
        row_type = row_of()
        variable = self._variable(inner, item.variable, row_type, item.at, readonly=True)
        put = self._put(variable, inner)
        run = self.statements(item.body, inner)
        label, turn = item.label, self.turn

        def loop(frame: Frame) -> Any:
            cursor = opener(frame)
            try:
                while True:
                    rows = cursor.fetch(1)
                    if not rows:
                        return None
                    turn()
                    put(frame, row_type.from_row(host, rows[0]))
                    signal = run(frame)
                    if signal is not None:
                        if signal.__class__ is Left and signal.label in (None, label):
                            if signal.continues:
                                continue
                            return None
                        return signal
            finally:
                if cursor.is_open:
                    cursor.close()

        return loop

    # ---- FORALL ----

    def _forall(self, item: s.ForAll, scope: Scope) -> Fn:
        inner = scope.nested()
        variable = self._variable(inner, item.variable, t.INTEGER, item.at, readonly=True)
        put = self._put(variable, inner)
        low = self.expression(item.low, scope) if item.low is not None else None
        high = self.expression(item.high, scope) if item.high is not None else None
        indices = self.expression(item.indices_of, scope) if item.indices_of is not None else None
        values = self.expression(item.values_of, scope) if item.values_of is not None else None
        host = self.host
        bulk: list[tuple[Store, t.CollectionType]] = []
        if isinstance(item.body, s.SqlStatement):
            sql = item.body.sql
            code = SqlCode(self, sql.text, inner)
            if sql.into:
                bulk = self._bulk_targets(sql.into, scope)

            def execute(frame: Frame) -> tuple[int, Sequence[tuple[Value, ...]]]:
                statement, bound = code.bind(frame)
                outcome = host.execute(statement, bound)
                return outcome.row_count, outcome.rows

        else:
            dynamic = self._execute_immediate(item.body, inner)

            def execute(frame: Frame) -> tuple[int, Sequence[tuple[Value, ...]]]:
                dynamic(frame)
                return self.sql_count or 0, ()

        def forall(frame: Frame) -> None:
            if indices is not None:
                keys = [
                    key
                    for key in indices(frame).keys()
                    if (low is None or key >= low(frame)) and (high is None or key <= high(frame))
                ]
            elif values is not None:
                keys = list(values(frame))
            else:
                assert low is not None and high is not None
                keys = list(
                    range(
                        t.INTEGER.coerce(host, low(frame)),
                        t.INTEGER.coerce(host, high(frame)) + 1,
                    )
                )
            counts: list[int] = []
            rows: list[tuple[Value, ...]] = []
            failures: list[tuple[int, int]] = []
            self.bulk_count = counts
            for number, key in enumerate(keys, 1):
                put(frame, key)
                try:
                    count, returned = execute(frame)
                except OraError as error:
                    if not item.save_exceptions:
                        self.sql_count = sum(counts)
                        raise
                    failures.append((number, error.code))
                    counts.append(0)
                    continue
                counts.append(count)
                rows += returned
            self.sql_count = sum(counts)
            self.sql_found = self.sql_count > 0
            if bulk:
                _fill(frame, bulk, rows, host)
            self.bulk_errors = failures
            if failures:
                raise OraError(24381, "error(s) in array DML")

        return forall

    # ---- EXECUTE IMMEDIATE ----

    def _execute_immediate(self, item: s.ExecuteImmediate, scope: Scope) -> Fn:
        host = self.host
        text = self.expression(item.text, scope)
        using: list[tuple[s.ParameterMode, Fn, Store | None, t.Type | None]] = []
        for one in item.using:
            load = (
                self.expression(one.value, scope)
                if one.mode is not s.ParameterMode.OUT
                else _nothing
            )
            store = self.target(one.value, scope) if one.mode is not s.ParameterMode.IN else None
            using.append((one.mode, load, store, self.static_type(one.value, scope)))
        targets = [self.target(target, scope) for target in item.into]
        row_target = self._row_target(item.into, scope)
        bulk = self._bulk_targets(item.into, scope) if item.bulk else []
        returning = [self.target(target, scope) for target in item.returning]
        returning_bulk = self._bulk_targets(item.returning, scope) if item.returning_bulk else []
        schema = scope.schema

        def execute(frame: Frame) -> None:
            sql = str(t.LobType().coerce(host, text(frame)).data).strip()
            values = [load(frame) for _, load, _, _ in using]
            if _is_block(sql):
                self._dynamic_block(sql, using, values, frame)
                return
            if host.execute_command(sql):
                return
            statement = host.prepare(
                sql.rstrip(";") if sql.endswith(";") else sql,
                SqlScope(self, None),
                schema or host.current_schema,
                _types_of(values),
            )
            bound = self._by_position(statement, values)
            if statement.kind is Kind.QUERY:
                cursor = host.open(statement, bound)
                rows = cursor.fetch(_FETCH if bulk else 2)
                while bulk and (more := cursor.fetch(_FETCH)):
                    rows += more
                cursor.close()
                if bulk:
                    _fill(frame, bulk, rows, host)
                elif not item.into:
                    return
                elif not rows:
                    raise OraError(1403, "no data found")
                elif len(rows) > 1:
                    raise OraError(1422, message(1422))
                else:
                    _assign_row(frame, rows[0], targets, row_target)
                self.sql_count = len(rows)
                self.sql_found = bool(rows)
                return
            outcome = host.execute(statement, bound)
            if statement.kind is Kind.DML:
                self.sql_count = outcome.row_count
                self.sql_found = outcome.row_count > 0
            rows = list(outcome.rows)
            if returning_bulk:
                _fill(frame, returning_bulk, rows, host)
            elif returning and rows:
                _assign_row(frame, rows[0], returning, None)
            elif statement.into:
                outs = [store for mode, _, store, _ in using if mode is s.ParameterMode.OUT]
                if rows:
                    _assign_row(frame, rows[0], [o for o in outs if o is not None], None)

        return execute

    def _dynamic_block(
        self,
        sql: str,
        using: list[tuple[s.ParameterMode, Fn, Store | None, t.Type | None]],
        values: list[Value],
        frame: Frame,
    ) -> None:
        from deploy.localdb.plsql.parser import parse_block

        try:
            block = parse_block(sql)
            if len(using) < len(block.bind_names):
                raise OraError(1008, "not all variables bound")
            cells = {
                name: Cell(value, type_.sql() if type_ is not None else None)
                for name, value, (_, _, _, type_) in zip(
                    block.bind_names, values, using, strict=False
                )
            }
            depth, self._depth = self._depth, self._depth + 1
            try:
                self.run_block(block, cells)
            finally:
                self._depth = depth
        except CompileErrors as errors:
            raise errors.as_ora_error() from None
        for name, (_, _, store, _) in zip(block.bind_names, using, strict=False):
            if store is not None:
                store(frame, cells[name].value)


class SqlCode:
    """An embedded statement: prepared again only when names may have changed."""

    def __init__(self, interpreter: Interpreter, text: str, scope: Scope) -> None:
        self._interpreter = interpreter
        self._text = text
        self._scope = scope
        self._names = SqlScope(interpreter, scope)
        self._key: tuple[object, ...] = ()
        self._statement: Prepared | None = None
        self._inputs: list[Fn] = []
        self._placeholders = _placeholder_names(text)

    def prepare(self) -> Prepared:
        interpreter = self._interpreter
        host = interpreter.host
        types = tuple(
            cell.type if (cell := interpreter.binds.get(name)) is not None else None
            for name in self._placeholders
        )
        schema = self._scope.schema or host.current_schema
        key = (host.catalog_version, schema, types)
        if self._statement is None or self._key != key:
            statement = host.prepare(self._text, self._names, schema, types)
            self._inputs = [self._input(wanted) for wanted in statement.inputs]
            self._statement = statement
            self._key = key
        return self._statement

    def _input(self, wanted: Placeholder | Expression) -> Fn:
        if isinstance(wanted, Placeholder):
            name = wanted.name
            return lambda frame: self._interpreter._bind(name).value
        return self._interpreter.expression(parse_expression(wanted.text), self._scope)

    def bind(self, frame: Frame) -> tuple[Prepared, list[Value]]:
        statement = self.prepare()
        return statement, [fn(frame) for fn in self._inputs]

    def row_type(self) -> t.RecordType:
        return t.of_columns("", self.prepare().columns)


# ---- helpers ----


def parse_lines(text: str) -> Any:
    from deploy.localdb.plsql.scanner import LineTable

    return LineTable(text)


def _nothing(frame: Frame) -> None:
    return None


def _drop(value: object) -> None:
    return None


def _is_null(value: Value) -> bool:
    return value is None or (isinstance(value, Record) and value.is_empty)


def _note(error: OraError, frame: Frame, label: str, line: int) -> None:
    """Add the line to the error's backtrace: once for each call that it leaves."""
    if error.level is not frame:
        error.level = frame
        error.backtrace.append(f"ORA-06512: at {label}line {line}")


def _is_autonomous(declarations: Sequence[s.Declaration]) -> bool:
    return any(
        isinstance(item, s.Pragma) and item.name == "AUTONOMOUS_TRANSACTION"
        for item in declarations
    )


def _dotted(expression: s.Expression) -> tuple[str, ...] | None:
    """a.b.c as its parts; None where it is something else."""
    match expression:
        case s.Name(name, _):
            return (name,)
        case s.Member(base, name, _):
            parts = _dotted(base)
            return None if parts is None else (*parts, name)
        case _:
            return None


def _without_last(expression: s.Expression) -> s.Expression:
    assert isinstance(expression, s.Member)
    return expression.base


def _shown(expression: s.Expression) -> str:
    return ".".join(_dotted(expression) or ("expression",))


def _quoted(name: str) -> str:
    return f'"{name}"'


def _arrange(routine: Routine, arguments: list[s.Argument]) -> list[s.Expression | None] | None:
    """The argument for each formal, None for a default; None: they do not fit."""
    formals = routine.formals
    found: dict[str, s.Expression] = {}
    for number, argument in enumerate(arguments):
        if argument.name is None:
            if number >= len(formals):
                return None
            found[formals[number].name] = argument.value
        else:
            if argument.name in found or all(f.name != argument.name for f in formals):
                return None
            found[argument.name] = argument.value
    for formal in formals:
        if formal.name not in found and not formal.has_default:
            return None
    return [found.get(formal.name) for formal in formals]


_ALIKE = {"number", "integer", "float"}
_SCALAR = {"text", "number", "integer", "float", "date", "timestamp", "interval", "raw", "lob"}


def _distance(formal: t.Type, actual: t.Type | None) -> int:
    """How far an argument's type is from the formal's; 100 and more: it does not fit."""
    if actual is None or isinstance(formal, t.AnyType):
        return 1
    a, b = formal.family, actual.family
    if a == b:
        if a == "record" and formal is not actual:
            return 2
        if isinstance(formal, t.LobType) and isinstance(actual, t.LobType):
            return 0 if formal.binary == actual.binary else 100
        return 0
    if isinstance(formal, t.LobType) and {a, b} == {"lob", "raw"}:
        return 2 if formal.binary else 100
    if isinstance(formal, t.LobType) and formal.binary:
        return 100
    if a in _ALIKE and b in _ALIKE:
        return 1
    if {a, b} == {"date", "timestamp"} or {a, b} == {"text", "lob"}:
        return 2
    if a in _SCALAR and b in _SCALAR:
        return 10
    return 100


def _is_composite(type_: t.Type) -> bool:
    return isinstance(type_, t.RecordType | t.CollectionType)


def _key_conversion(host: Host, type_: t.Type | None) -> Callable[[Value, Any], Any]:
    if isinstance(type_, t.CollectionType) and type_.key is not None:
        key_type = type_.key

        def convert(value: Value, _: Any) -> Any:
            if value is None:
                raise value_error("NULL index table key value")
            return key_type.coerce(host, value)

        return convert

    def convert_number(value: Value, collection: Any) -> Any:
        if type(value) is int:
            return value
        if value is None:
            raise value_error("NULL index table key value")
        key = getattr(collection.type, "key", None) or t.INTEGER
        return key.coerce(host, value)

    return convert_number


_METHODS = {
    "COUNT", "FIRST", "LAST", "NEXT", "PRIOR", "EXISTS", "DELETE", "EXTEND", "TRIM", "LIMIT",
}  # fmt: skip


def _collection_method(collection: Collection, name: str, values: list[Value]) -> Value:
    match name:
        case "COUNT":
            return len(collection)
        case "FIRST":
            return collection.first
        case "LAST":
            return collection.last
        case "NEXT":
            return collection.next(values[0])
        case "PRIOR":
            return collection.prior(values[0])
        case "EXISTS":
            return collection.exists(values[0])
        case "LIMIT":
            return collection.type.limit
        case "DELETE":
            if not values:
                collection.clear()
            else:
                collection.delete(values[0], values[-1])
        case "EXTEND":
            count = int(values[0]) if values else 1
            value = values[1] if len(values) > 1 else collection.type.element.initial()
            collection.extend(count, value)
        case "TRIM":
            collection.trim(int(values[0]) if values else 1)
        case _:
            raise Unsupported(f"collection method {name}")
    return None


def _assign_row(
    frame: Frame, row: tuple[Value, ...], targets: list[Store], row_target: Any
) -> None:
    if row_target is not None:
        row_target(frame, row)
        return
    if len(row) > len(targets):
        raise OraError(913, "too many values")
    if len(row) < len(targets):
        raise OraError(947, "not enough values")
    for store, value in zip(targets, row, strict=True):
        store(frame, value)


def _fill(
    frame: Frame,
    targets: list[tuple[Store, t.CollectionType]],
    rows: Sequence[tuple[Value, ...]],
    host: Host,
) -> None:
    if len(targets) == 1 and isinstance(targets[0][1].element, t.RecordType):
        store, type_ = targets[0]
        element = type_.element
        assert isinstance(element, t.RecordType)
        store(frame, Collection.of(type_, [element.from_row(host, row) for row in rows]))
        return
    for number, (store, type_) in enumerate(targets):
        values = [type_.element.coerce(host, row[number]) for row in rows]
        store(frame, Collection.of(type_, values))


def _types_of(values: list[Value]) -> tuple[SqlType | None, ...]:
    found: list[SqlType | None] = []
    for value in values:
        if isinstance(value, bool):
            name: TypeName | None = TypeName.BOOLEAN
        elif isinstance(value, int | Decimal):
            name = TypeName.NUMBER
        elif isinstance(value, float):
            name = TypeName.BINARY_DOUBLE
        elif isinstance(value, Date):
            name = TypeName.DATE
        elif isinstance(value, datetime.datetime):
            name = TypeName.TIMESTAMP if value.tzinfo is None else TypeName.TIMESTAMP_TZ
        elif isinstance(value, bytes):
            name = TypeName.RAW
        elif isinstance(value, datetime.timedelta):
            name = TypeName.INTERVAL_DS
        else:
            name = TypeName.VARCHAR2 if isinstance(value, str) else None
        found.append(SqlType(name) if name is not None else None)
    return tuple(found)


def _is_block(sql: str) -> bool:
    return sql[:7].upper().startswith(("BEGIN", "DECLARE", "<<"))


def _to_client(host: Host, cell: Cell, value: Value) -> Value:
    """A value as the client's bind has it."""
    if cell.is_array:
        if not isinstance(value, Collection):
            raise value_error("expression is of wrong type")
        element = t.of_sql(cell.type) if cell.type is not None else t.ANY
        return [element.coerce(host, item) for item in value]
    if cell.type is None or cell.type.name is TypeName.CURSOR:
        return value
    return t.of_sql(cell.type).coerce(host, value)


def _sqlcode(error: OraError) -> int:
    if error.code == 1403:
        return 100
    if error.code == 6510 and error.exception is not None:
        return 1
    return -error.code


def _sqlerrm(error: OraError | None) -> str:
    if error is None:
        return "ORA-0000: normal, successful completion"
    if error.code == 6510 and error.exception is not None:
        return "User-Defined Exception"
    return error.text


def _placeholder_names(text: str) -> tuple[str, ...]:
    if ":" not in text:
        return ()
    from deploy.localdb.plsql.scanner import TokenKind, scan

    return tuple(token.value for token in scan(text) if token.kind is TokenKind.PLACEHOLDER)


def _timestamp_literal(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text.strip())


def _interval_literal(text: str, qualifier: str) -> Value:
    from deploy.localdb.plsql.builtins import intervals

    words = [word for word in qualifier.upper().replace("(", " ").split() if word.isalpha()]
    if "YEAR" in words or "MONTH" in words:
        if len([w for w in words if w != "TO"]) == 1:
            number = int(text)
            return YearMonth(number * (12 if words[0] == "YEAR" else 1))
        return intervals.parse_year_month(text)
    units = [word for word in words if word != "TO"]
    if len(units) == 1:
        seconds = {"DAY": 86400, "HOUR": 3600, "MINUTE": 60, "SECOND": 1}[units[0]]
        exact = Decimal(text) * seconds
        return datetime.timedelta(seconds=int(exact), microseconds=int(exact % 1 * 1_000_000))
    if units[0] == "DAY" and units[-1] == "SECOND":
        return intervals.parse_day_second(text)
    order = ["DAY", "HOUR", "MINUTE", "SECOND"]
    names = order[order.index(units[0]) : order.index(units[-1]) + 1]
    sign = -1 if text.strip().startswith("-") else 1
    numbers = text.strip().lstrip("+-").replace(":", " ").split()
    parts = {f"{name.lower()}s": float(n) for name, n in zip(names, numbers, strict=True)}
    return sign * datetime.timedelta(**parts)


def _at_zone(host: Host, value: Value, zone: Value) -> Value:
    if value is None:
        return None
    if not isinstance(value, datetime.datetime):
        raise value_error("expression is of wrong type")
    if value.tzinfo is None:
        value = value.replace(tzinfo=host.session_time_zone())
    if zone is None:
        return value.astimezone(host.session_time_zone())
    from deploy.localdb.plsql.builtins.date_parsing import find_zone

    return value.astimezone(find_zone(str(zone)))


def _trim(text: Value, side: str, characters: Value) -> Value:
    if not isinstance(text, str) or not isinstance(characters, str):
        return None
    if side in ("LEADING", "BOTH", ""):
        text = text.lstrip(characters)
    if side in ("TRAILING", "BOTH", ""):
        text = text.rstrip(characters)
    return text or None
