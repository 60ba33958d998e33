"""A session's interpreter: runs blocks, keeps the state of packages, answers for SQL.

Interpreter(host).run_block(parse_block(text), {"1": Cell(...)})
Interpreter(host).check(unit)        the errors of a unit that is being created
bind_directions(block)               what the block did, or could do, with the client's binds
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Mapping, Sequence
from functools import cache

from deploy.localdb.errors import OraError
from deploy.localdb.plsql import builtins
from deploy.localdb.plsql.builtins.registry import FUNCTIONS
from deploy.localdb.plsql.call_stack import format_call_stack
from deploy.localdb.plsql.compile_calls import storage_error
from deploy.localdb.plsql.compile_declarations import DeclarationCompiler
from deploy.localdb.plsql.compile_triggers import Firing, run_trigger
from deploy.localdb.plsql.compile_units import compile_block, compile_unit, new_frame
from deploy.localdb.plsql.compiled import CompiledBlock, CompiledUnit, Instance, Program
from deploy.localdb.plsql.conditional import Settings, settings_of
from deploy.localdb.plsql.description import describe, describe_types
from deploy.localdb.plsql.exceptions import ApplicationError, CompileError, CompileErrors, Failure
from deploy.localdb.plsql.exceptions import sqlerrm as message_of
from deploy.localdb.plsql.host import Host, with_rights_of
from deploy.localdb.plsql.parser import parse_block, parse_expression
from deploy.localdb.plsql.row_calls import RowCalls, find_call
from deploy.localdb.plsql.scanner import LineTable
from deploy.localdb.plsql.scopes import NamedSubprogram, Run, Scope, Shape, UnitKey
from deploy.localdb.plsql.standard import BY_SQL, SPECIAL, SQL_ONLY
from deploy.localdb.plsql.statement_scope import StatementScope
from deploy.localdb.plsql.syntax import Block, ParameterMode
from deploy.localdb.plsql.types import Origin, RecordType, of_columns
from deploy.localdb.plsql.units import SubprogramInfo, TypeInfo, Unit
from deploy.localdb.plsql.values import Cell, Collection, Cursor, as_rows
from deploy.localdb.rights import owner_rights
from deploy.localdb.statement import Answers, Call, Expression, Kind, Outcome, Placeholder, Prepared
from deploy.localdb.values import Column, SqlType, Value

#: Python's frames for MOST_CALLS calls, some to each. They are not on the C stack, but the limit holds
#: for code in C as well, so that it must not be much higher.
_MOST_FRAMES = 10_000

_BLOCK_WORDS = ("BEGIN", "DECLARE", "<<")
_CALLS_A_TURN = 1024
#: Parsed texts of EXECUTE IMMEDIATE and of SQL's expressions, that a session keeps.
_MOST_TEXTS = 200
#: Forms of one block, for binds of other types.
_MOST_FORMS = 50


@cache
def _load_builtins() -> None:
    """Import the built-in packages, which register themselves."""
    for module in pkgutil.iter_modules(builtins.__path__):
        importlib.import_module(f"{builtins.__name__}.{module.name}")


class Interpreter:
    """The PL/SQL of one session.

    Attributes:
        error: what the handler around handles.
        sql_rows: SQL%ROWCOUNT.
        bulk_counts, bulk_exceptions: of the last FORALL.
        depth, calls: of subprograms, now and in all.
    """

    def __init__(self, host: Host) -> None:
        _load_builtins()
        if sys.getrecursionlimit() < _MOST_FRAMES:
            sys.setrecursionlimit(_MOST_FRAMES)
        self.host = host
        self.error: OraError | None = None
        self.sql_rows: int | None = None
        self.bulk_counts: Collection | None = None
        self.bulk_exceptions: Collection | None = None
        self.depth = 0
        self.calls = 0
        self._turns = 0
        #: Units that this session is compiling.
        self.compiling: dict[Unit, CompiledUnit] = {}
        self._instances: dict[UnitKey, Instance] = {}
        self._version = -1
        self._stateless_version = -1
        self._running = 0
        #: Packages with PRAGMA SERIALLY_REUSABLE that have a state in this call.
        self._reusable: set[UnitKey] = set()
        #: Functions of PL/SQL that SQL has called.
        self._in_sql = 0
        self._blocks: dict[tuple[Settings, str], Block] = {}
        self._expressions: dict[tuple[str, str], tuple[Program, Run]] = {}
        self._row_calls = RowCalls(self)
        self._row_types: dict[tuple[str, tuple[Column, ...], Origin | None], RecordType] = {}

    # ---- what clients ask for ----

    def run_block(
        self, block: Block, binds: Mapping[str, Cell], *, schema: str | None = None
    ) -> None:
        """Run an anonymous block; binds by the names in block.bind_names, which it sets.

        Raises:
            OraError: its unhandled exception, or 6550 with the errors of compilation.
        """
        if self._running:
            self._refresh_stateless()
        else:
            self._refresh()
        compiled = self._compile_block(block, binds, schema or self.host.current_schema)
        frame = new_frame(self, compiled.shape)
        for placeholder in compiled.placeholders:
            cell = binds.get(placeholder.name)
            if cell is None:
                raise OraError(1008, "not all variables bound")
            frame[placeholder.place] = cell
        depth, error = self.depth, self.error
        self._running += 1
        try:
            compiled.run(frame)
        except RecursionError:
            raise storage_error() from None
        finally:
            self._running -= 1
            self.depth, self.error = depth, error
            if self._reusable and not self._running:
                self._end_reusable()

    def _end_reusable(self) -> None:
        """The state of serially reusable packages ends with the client's call; cursors are closed."""
        for key in self._reusable:
            instance = self._instances.pop(key, None)
            for value in instance.frame if instance is not None else ():
                if isinstance(value, Cursor) and value.is_open:
                    value.close()
        self._reusable.clear()

    def _compile_block(self, block: Block, binds: Mapping[str, Cell], schema: str) -> CompiledBlock:
        # Not by their sizes: those differ with every text that a client passes.
        types = tuple(
            (cell.type and cell.type.name, cell.is_array)
            if (cell := binds.get(name)) is not None
            else None
            for name in block.bind_names
        )
        key = (schema, self.host.rights, types)
        known: CompiledBlock | None = block.compiled.get(key)
        if known is not None and known.program.dependencies.hold(self):
            return known
        try:
            compiled = compile_block(self, block, binds, schema)
        except CompileErrors as errors:
            raise errors.as_ora_error(block.source) from None
        block.compiled.pop(key, None)
        if len(block.compiled) >= _MOST_FORMS:
            block.compiled.clear()
        block.compiled[key] = compiled
        return compiled

    def evaluate_for(self, prepared: Prepared, wanted: Expression) -> Value:
        """What a statement gets of the expression."""
        value = self.host.called_by(prepared.kind, lambda: self.evaluate(wanted.text))
        return as_rows(value) if wanted.rows else value

    def evaluate(self, text: str) -> Value:
        """An expression that a client's statement of SQL calls."""
        schema = self.host.current_schema
        if not self._running:
            self._refresh()
        known = self._expressions.get((schema, text))
        if known is None or not known[0].dependencies.hold(self):
            known = self._compile_expression(text, schema)
            if len(self._expressions) >= _MOST_TEXTS:
                self._expressions.clear()
            self._expressions[schema, text] = known
        reusable = {k: self._instances.pop(k) for k in self._reusable if k in self._instances}
        self._running += 1
        self._in_sql += 1
        try:
            return known[1]([None, self, None])
        finally:
            self._running -= 1
            self._in_sql -= 1
            self._instances.update(reusable)

    def find_call(
        self,
        functions: Sequence[NamedSubprogram],
        names: tuple[str | None, ...],
        types: tuple[SqlType | None, ...],
        owner: str | None,
    ) -> Call:
        """Which function a call in SQL means; see `row_calls`."""
        with with_rights_of(self.host, owner):
            return find_call(self, functions, names, types, owner)

    def call_for_row(self, call: Call, values: Sequence[Value]) -> Value:
        """What a function gives that a statement calls for a row.

        Raises:
            OraError: its unhandled exception.
        """
        if not self._running:
            self._refresh()
        depth, error = self.depth, self.error
        self._running += 1
        try:
            with with_rights_of(self.host, call.owner):
                return self._row_calls.run(call, values)
        except RecursionError:
            raise storage_error() from None
        finally:
            self._running -= 1
            self.depth, self.error = depth, error

    def _compile_expression(self, text: str, schema: str) -> tuple[Program, Run]:
        program = Program(schema, "at line ", LineTable(text))
        compiler = DeclarationCompiler(self, program, Scope(Shape()))
        try:
            return program, compiler.expression(parse_expression(text)).run
        except Failure as failure:
            line, column = program.lines.position(failure.at)
            error = CompileErrors([CompileError(line, column, failure.text)])
            raise error.as_ora_error() from None

    def sql_scope(self, owner: str | None = None) -> StatementScope:
        """The names that a client's statement may mention: functions, constants of packages.

        Or a view of an owner.
        """
        program = Program(owner or self.host.current_schema, "at line ", LineTable(""))
        shape = Shape()
        return StatementScope(self, program, Scope(shape), shape, owner)

    def reset_packages(self) -> None:
        """Forget the state of all packages."""
        self._instances.clear()

    def check(self, unit: Unit) -> list[CompileError]:
        """Compile a unit that is being created."""
        return self.compile_unit(unit).errors

    def run_trigger(self, compiled: CompiledUnit, firing: Firing) -> None:
        """Run a trigger for a statement, or for a row of it, of this session.

        Raises:
            OraError: its unhandled exception.
        """
        depth, error, rows = self.depth, self.error, self.sql_rows
        bulk = self.bulk_counts, self.bulk_exceptions
        self.error, self.sql_rows = None, None
        self._running += 1
        try:
            run_trigger(self, compiled, firing)
        except RecursionError:
            raise storage_error() from None
        finally:
            self._running -= 1
            self.depth, self.error, self.sql_rows = depth, error, rows
            self.bulk_counts, self.bulk_exceptions = bulk

    def describe(self, unit: Unit) -> list[SubprogramInfo]:
        """The subprograms of a unit, for the dictionary."""
        return describe(self.compile_unit(unit))

    def describe_types(self, unit: Unit) -> list[TypeInfo]:
        """The records and collections that a unit declares, for the dictionary."""
        return describe_types(self.compile_unit(unit))

    # ---- error stacks ----

    def sqlcode(self) -> int:
        """SQLCODE."""
        error = self.error
        if error is None:
            return 0
        if error.exception is not None:
            return 1
        return 100 if error.code == 1403 else -error.code

    def sqlerrm(self) -> str:
        """SQLERRM without an argument."""
        error = self.error
        if error is None:
            return message_of(0)
        return message_of(1) if error.exception is not None else error.text

    def error_stack(self) -> str | None:
        """DBMS_UTILITY.FORMAT_ERROR_STACK."""
        error = self.error
        return None if error is None else "".join(f"{line}\n" for line in error.handled_stack)

    def error_backtrace(self) -> str | None:
        """DBMS_UTILITY.FORMAT_ERROR_BACKTRACE."""
        if self.error is None:
            return None
        return "".join(f"{line}\n" for line in self.error.backtrace if "ORA-06512" in line) or None

    def call_stack(self) -> str | None:
        """DBMS_UTILITY.FORMAT_CALL_STACK."""
        return format_call_stack(self)

    def application_error(self, code: int, text: str, keeps: bool) -> OraError:
        """What RAISE_APPLICATION_ERROR raises."""
        return ApplicationError(code, text, keeps=keeps)

    # ---- units and their state ----

    def is_standard(self, name: str) -> bool:
        """Whether STANDARD has a function of this name."""
        return name in FUNCTIONS or name in SPECIAL

    def is_known_to_sql(self, name: str) -> bool:
        """Whether it is a function or pseudo-column of SQL alone."""
        return name in SQL_ONLY or name in BY_SQL

    def compiler(self, program: Program, scope: Scope, shape: Shape) -> DeclarationCompiler:
        return DeclarationCompiler(self, program, scope, shape)

    def compile_unit(self, unit: Unit) -> CompiledUnit:
        """The compiled form of a unit, as of now."""
        under_way = self.compiling.get(unit)
        if under_way is not None:
            return under_way
        compiled = unit.compiled
        if compiled is None or not self._holds(compiled):
            try:
                compiled = unit.compiled = compile_unit(self, unit)
            finally:
                self.compiling.pop(unit, None)
            if not compiled.is_system:
                self.host.note_compiled(unit, compiled.errors)
                compiled.failed_at = self.host.catalog_version
        return compiled

    def _holds(self, compiled: CompiledUnit) -> bool:
        if compiled.errors and compiled.failed_at != self.host.catalog_version:
            return False
        return compiled.program.dependencies.hold(self)

    def row_type(self, name: str, columns: tuple[Column, ...], origin: Origin | None) -> RecordType:
        """One %ROWTYPE for each state of a table."""
        key = (name, columns, origin)
        found = self._row_types.get(key)
        if found is None:
            found = self._row_types[key] = of_columns(name, columns, origin)
        return found

    def instance(self, key: UnitKey) -> Instance:
        """The state of a unit in this session; it begins with the first use.

        Raises:
            OraError: 4063, 6508 where it is invalid or not there; 6534 where it is serially reusable
                and SQL has called.
        """
        found = self._instances.get(key)
        return found if found is not None else self._instantiate(key)

    def _instantiate(self, key: UnitKey) -> Instance:
        owner, name = key
        unit = self.host.find_unit(owner, name, owner, owned=True)
        if unit is None:
            raise OraError(
                6508, f'PL/SQL: could not find program unit being called: "{owner}.{name}"'
            )
        compiled = self._valid(unit)
        if unit.type != "PACKAGE":
            frame = new_frame(self, compiled.shape)
            instance = Instance(compiled, None, frame, [m.routine for m in compiled.subprograms])
            self._instances[key] = instance
            return instance
        if compiled.is_reusable:
            if self._in_sql:
                raise OraError(6534, f"Cannot access Serially Reusable package {owner}.{name}")
            self._reusable.add(key)
        body_unit = None if compiled.is_system else self.host.find_body(owner, name)
        if body_unit is None:
            if compiled.subprograms and not compiled.is_system:
                raise OraError(4067, f'not executed, package body "{owner}.{name}" does not exist')
            return self._start(key, Instance(compiled, None, new_frame(self, compiled.shape), []))
        body = self._valid(body_unit)
        routines = [member.routine for member in body.subprograms]
        return self._start(key, Instance(compiled, body, new_frame(self, body.shape), routines))

    def _valid(self, unit: Unit) -> CompiledUnit:
        compiled = self.compile_unit(unit)
        if compiled.errors:
            kind = unit.type.lower()
            raise OraError(4063, f'{kind} "{unit.owner}.{unit.name}" has errors')
        return compiled

    def _start(self, key: UnitKey, instance: Instance) -> Instance:
        """Initialise a package; should that fail, it has no state."""
        self._instances[key] = instance
        frame = instance.frame
        host = self.host
        schema, rights = host.current_schema, host.rights
        if not instance.compiled.program.invoker:
            host.current_schema = key[0]
            host.rights = owner_rights(key[0])
        try:
            if instance.compiled.declare is not None:
                instance.compiled.declare(frame)
            if instance.body is not None:
                if instance.body.declare is not None:
                    instance.body.declare(frame)
                if instance.body.initialise is not None:
                    instance.body.initialise(frame)
        except BaseException:
            self._instances.pop(key, None)
            raise
        finally:
            host.current_schema, host.rights = schema, rights
        return instance

    def _refresh(self) -> None:
        """At the start of a client's call: forget the state of units that have changed."""
        version = self.host.catalog_version
        if version == self._version:
            return
        self._version = version
        changed = None
        for key, instance in list(self._instances.items()):
            if not self._is_current(key, instance):
                del self._instances[key]
                if instance.compiled.has_state or (
                    instance.body is not None and instance.body.has_state
                ):
                    changed = ".".join(key)
        if changed is not None:
            raise OraError(
                4068,
                "existing state of packages has been discarded\n"
                f'ORA-04061: existing state of package body "{changed}" has been invalidated\n'
                f'ORA-04065: not executed, altered or dropped package body "{changed}"\n'
                f'ORA-06508: PL/SQL: could not find program unit being called: "{changed}"',
            )

    def _refresh_stateless(self) -> None:
        """At the start of a block inside a call: what the call has replaced is replaced, save its state."""
        version = self.host.catalog_version
        if version == self._stateless_version:
            return
        self._stateless_version = version
        for key, instance in list(self._instances.items()):
            has_state = instance.compiled.has_state or (
                instance.body is not None and instance.body.has_state
            )
            if not has_state and not self._is_current(key, instance):
                del self._instances[key]

    def _is_current(self, key: UnitKey, instance: Instance) -> bool:
        owner, name = key
        try:
            unit = self.host.find_unit(owner, name, owner, owned=True)
            body = self.host.find_body(owner, name)
        except OraError:
            return False
        if unit is None or self.compile_unit(unit) is not instance.compiled:
            return False
        if instance.body is None:
            return True
        return body is not None and self.compile_unit(body) is instance.body

    # ---- SQL at run time ----

    def count_turns(self, turns: int) -> None:
        """Turns of a loop that has ended: short loops inside others count as well."""
        self._turns += turns
        if self._turns > _CALLS_A_TURN:
            self._turns = 0
            self.host.turn()

    def evaluate_sql(
        self,
        text: str,
        types: Sequence[SqlType | None],
        values: Sequence[Value],
        schema: str | None = None,
    ) -> Value:
        """The only value of a query."""
        prepared = self.host.prepare(
            text, self.sql_scope(), schema or self.host.current_schema, types
        )
        cursor = self.host.open(prepared, self._inputs(prepared, values))
        try:
            rows = cursor.fetch(1)
        finally:
            cursor.close()
        return rows[0][0] if rows else None

    def _inputs(self, prepared: Prepared, values: Sequence[Value]) -> list[Value]:
        found: list[Value] = []
        for wanted in prepared.inputs:
            if isinstance(wanted, Answers):
                found.append(None)
                continue
            if not isinstance(wanted, Placeholder):
                found.append(self.evaluate_for(prepared, wanted))
                continue
            if wanted.index >= len(values):
                raise OraError(1008, "not all variables bound")
            found.append(values[wanted.index])
        return found

    def open_dynamic(
        self, program: Program, text: str | None, given: Sequence[tuple[Value, SqlType | None]]
    ) -> Cursor:
        """OPEN cursor FOR text USING values."""
        prepared = self._prepare_dynamic(program, text, given)
        if prepared.kind is not Kind.QUERY:
            raise OraError(6539, "target of OPEN must be a query")
        values = self._inputs(prepared, [value for value, _ in given])
        return Cursor(self.host.open(prepared, values), prepared.for_update)

    def _prepare_dynamic(
        self, program: Program, text: str | None, given: Sequence[tuple[Value, SqlType | None]]
    ) -> Prepared:
        if text is None:
            raise OraError(6535, "statement string in OPEN is NULL or 0 length")
        schema = self.host.current_schema if program.invoker else program.schema
        types = [type_ for _, type_ in given]
        return self.host.prepare(text, self.sql_scope(), schema, types, owned=program.is_definers)

    def execute_dynamic(
        self,
        program: Program,
        text: Value,
        given: Sequence[tuple[Value, SqlType | None]],
        most: int | None,
        returns: bool,
    ) -> tuple[Outcome, list[Value]]:
        """EXECUTE IMMEDIATE.

        Args:
            program: whose schema counts.
            text: the statement; a VARCHAR2 or CLOB.
            given: value and type of each argument of USING.
            most: how many rows of a query to fetch, 0: all, None: it has no INTO.
            returns: what a statement returns goes to RETURNING INTO, not to USING OUT.

        Returns:
            The outcome, and the values of the arguments after it.
        """
        source = getattr(text, "data", text)
        if not source:
            raise OraError(6535, "statement string in EXECUTE IMMEDIATE is NULL or 0 length")
        source = str(source)
        if source.lstrip().upper().startswith(_BLOCK_WORDS):
            return self._execute_block(program, source, given)
        if self.host.execute_command(source):
            return Outcome(), []
        prepared = self._prepare_dynamic(program, source, given)
        values = [value for value, _ in given]
        inputs = self._inputs(prepared, values)
        if prepared.kind is Kind.QUERY:
            return self._query(prepared, inputs, most), values
        outcome = self.host.execute(prepared, inputs)
        if prepared.kind is Kind.DML:
            self.sql_rows = outcome.row_count
        if prepared.into and not returns and outcome.rows:
            for target, value in zip(prepared.into, outcome.rows[0], strict=False):
                if target.index < len(values):
                    values[target.index] = value
        return outcome, values

    def _query(self, prepared: Prepared, inputs: list[Value], most: int | None) -> Outcome:
        cursor = Cursor(self.host.open(prepared, inputs))
        rows: list[tuple[Value, ...]] = []
        try:
            if most is not None:
                step = most or 500
                while True:
                    fetched = cursor.fetch(step)
                    rows.extend(fetched)
                    if most or len(fetched) < step:
                        break
        finally:
            cursor.close()
        self.sql_rows = len(rows)
        return Outcome(row_count=len(rows), rows=rows)

    def _execute_block(
        self, program: Program, text: str, given: Sequence[tuple[Value, SqlType | None]]
    ) -> tuple[Outcome, list[Value]]:
        host = self.host
        settings = settings_of(
            host.attribute("PLSQL_CCFLAGS"), host.attribute("NLS_LENGTH_SEMANTICS")
        )
        block = self._blocks.get((settings, text))
        if block is None:
            try:
                block = parse_block(text, settings)
            except CompileErrors as errors:
                raise errors.as_ora_error() from None
            if len(self._blocks) >= _MOST_TEXTS:
                self._blocks.clear()
            self._blocks[settings, text] = block
        if len(given) < len(block.bind_names):
            raise OraError(1008, "not all variables bound")
        if len(given) > len(block.bind_names):
            raise OraError(1006, "bind variable does not exist")
        cells = {
            name: Cell(value, type_)
            for name, (value, type_) in zip(block.bind_names, given, strict=True)
        }
        schema = self.host.current_schema if program.invoker else program.schema
        self.run_block(block, cells, schema=schema)
        self.sql_rows = 1
        return Outcome(), [cells[name].value for name in block.bind_names]


def bind_directions(block: Block) -> tuple[ParameterMode, ...]:
    """How a block that was run uses each of its binds, in the order of bind_names."""
    compiled: CompiledBlock | None = next(reversed(block.compiled.values()), None)
    if compiled is None:
        return tuple(ParameterMode.IN_OUT for _ in block.bind_names)
    return tuple(
        (ParameterMode.IN_OUT if p.read else ParameterMode.OUT) if p.written else ParameterMode.IN
        for p in compiled.placeholders
    )
