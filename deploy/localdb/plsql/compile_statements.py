"""Statements to closures. A statement gives None, or a Signal to leave what is around it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter as clock
from typing import TypeAlias, assert_never

from deploy.localdb.errors import OraError
from deploy.localdb.plsql import operators
from deploy.localdb.plsql.batches import Batch, gather
from deploy.localdb.plsql.compile_expressions import start
from deploy.localdb.plsql.compile_sql import SqlCompiler, SqlSite
from deploy.localdb.plsql.exceptions import (
    ApplicationError,
    ExceptionValue,
    Failure,
    FailureAlone,
    value_error,
)
from deploy.localdb.plsql.resolver import dotted
from deploy.localdb.plsql.scopes import (
    RESULT,
    SESSION,
    Frame,
    NamedCursor,
    NamedException,
    Run,
    Scope,
    Variable,
)
from deploy.localdb.plsql.syntax import (
    Apply,
    Argument,
    Assignment,
    BlockStatement,
    Body,
    CallStatement,
    CaseStatement,
    Close,
    CursorFor,
    Declaration,
    ExecuteImmediate,
    Expression,
    Fetch,
    ForAll,
    Goto,
    Handler,
    IfStatement,
    Label,
    Leave,
    Loop,
    NullStatement,
    NumericFor,
    Open,
    OpenFor,
    PipeRow,
    Raise,
    Return,
    SetTransaction,
    SqlStatement,
    SqlText,
    Statement,
    TransactionControl,
)
from deploy.localdb.plsql.types import BROKEN, PLS_INTEGER, RecordType, ScalarType, Type
from deploy.localdb.plsql.values import Cursor, Record


class Signal:
    """Why a list of statements is left early: for a loop's end or next turn, or for RETURN."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class Jump(Signal):
    """GOTO; the name is the label's."""

    __slots__ = ()


RETURNED = Signal("RETURN")
#: Statements that are SQL's where the compiler says that it has ignored one.
_OF_SQL = SqlStatement | Open | OpenFor | Fetch | Close
#: One kind of exception: those that a handler catches, None: all; and what it does.
_Handler: TypeAlias = "tuple[list[ExceptionValue] | None, Run]"

_BREAK = 1013
#: Turns after which a loop looks at the clock; the functions that it calls do as well.
_TURNS = 16
#: Rows that a cursor FOR loop fetches at a time, as Oracle does.
_PREFETCH = 100


class LoopNames:
    """A loop around the statement that is compiled."""

    def __init__(self, label: str | None) -> None:
        self.label = label
        self.exit = Signal("EXIT")
        self.next = Signal("CONTINUE")


def note(error: OraError, f: Frame, where: str, line: int) -> None:
    """Add a line to the stack, one for each call that the error passes through."""
    if error.level is not f:
        error.level = f
        error.backtrace.append(f"ORA-06512: {where}{line}")


class StatementCompiler(SqlCompiler):
    """Everything between BEGIN and END."""

    #: Loops around, outermost first.
    loops: list[LoopNames]
    #: Labels of the lists of statements around, and those that a GOTO names.
    labels: list[set[str]]
    jumped: set[str]
    #: Handlers around.
    handling: int
    #: Of the function that is compiled; None: RETURN has no value.
    returns: Type | None

    def declare(self, declarations: Sequence[Declaration]) -> Run:
        raise NotImplementedError

    # ---- lists ----

    def sequence(self, statements: Sequence[Statement]) -> Run:
        """Statements one after the other; each that is wrong is noted."""
        steps: list[Run] = []
        lines: dict[Run, int] = {}
        marks = {s.name: n for n, s in enumerate(statements) if isinstance(s, Label)}
        self.labels.append(set(marks))
        jumps: dict[str, int] = {}
        for statement in gather(statements):
            if isinstance(statement, Batch):
                batch = self._batch(statement)
                lines[batch] = self.program.lines.line(statement.at)
                steps.append(batch)
                continue
            if isinstance(statement, Label):
                jumps[statement.name] = len(steps)
                continue
            if clock() > self.session.host.deadline:
                self.session.host.turn()
            try:
                step = self.statement(statement)
            except Failure as failure:
                self.note(failure)
                if not isinstance(failure, FailureAlone):
                    is_sql = isinstance(statement, _OF_SQL)
                    self.note_ignored("SQL Statement" if is_sql else "Statement", statement.at)
                continue
            lines[step] = self.program.lines.line(statement.at)
            steps.append(step)
        self.labels.pop()
        if self.jumped & jumps.keys():
            return self._jumping(steps, lines, jumps)
        return self.steps(steps, lines)

    def _jumping(self, steps: list[Run], lines: dict[Run, int], jumps: dict[str, int]) -> Run:
        """Statements among which GOTO jumps."""
        where = self.program.where

        def run(f: Frame) -> Signal | None:
            at = 0
            while at < len(steps):
                step = steps[at]
                try:
                    signal: Signal | None = step(f)
                except OraError as error:
                    note(error, f, where, lines[step])
                    raise
                at += 1
                if signal is None:
                    continue
                if not isinstance(signal, Jump) or signal.name not in jumps:
                    return signal
                f[SESSION].count_turns(1)
                at = jumps[signal.name]
            return None

        return run

    def _batch(self, node: Batch) -> Run:
        """DML statements, and perhaps a COMMIT, that go to the database together.

        Only their values are wanted before: where those are more than variables, or one cannot be
        had, they go one after the other.
        """
        sites: list[SqlSite] = []
        numbers: list[int] = []
        for statement in node.changes:
            numbers.append(self.program.lines.line(statement.at))
            try:
                sites.append(self.site(statement.sql))
            except Failure as failure:
                self.note(failure)
                self.note_ignored("SQL Statement", statement.at)
        commit = node.commit
        waits = commit is not None and commit.waits
        steps: list[Run] = [_executing(site) for site in sites]
        if commit is not None:
            numbers.append(self.program.lines.line(commit.at))
            steps.append(_transaction_control(commit))
        one_by_one = self.steps(steps, dict(zip(steps, numbers, strict=False)))
        where = self.program.where

        def run(f: Frame) -> None:
            session = f[SESSION]
            try:
                ready = [site.simple(f) for site in sites]
            except OraError:
                ready = [None]
            batch = [each for each in ready if each is not None]
            if len(batch) < len(sites):
                one_by_one(f)
                return
            try:
                outcomes, error = session.host.execute_batch(
                    batch, commits=commit is not None, waits=waits
                )
            except OraError as failed:
                # Before the first, or with the commit.
                note(failed, f, where, numbers[0 if failed.code == _BREAK else -1])
                raise
            if outcomes:
                session.sql_rows = outcomes[-1].row_count
            if error is not None:
                note(error, f, where, numbers[len(outcomes)])
                raise error

        return run

    def _goto(self, node: Goto) -> Run:
        if not any(node.label in labels for labels in self.labels):
            self.fail(
                f"PLS-00375: illegal GOTO statement; this GOTO cannot branch to label"
                f" '{node.label}'",
                node.at,
            )
        self.jumped.add(node.label)
        jump = Jump(node.label)
        return lambda f: jump

    def steps(self, steps: list[Run], lines: dict[Run, int]) -> Run:
        """Closures one after the other; an error gets the line."""
        where = self.program.where
        if len(steps) == 1:
            only = steps[0]
            line = lines[only]

            def run_one(f: Frame) -> Signal | None:
                try:
                    signal: Signal | None = only(f)
                    return signal
                except OraError as error:
                    note(error, f, where, line)
                    raise

            return run_one

        def run(f: Frame) -> Signal | None:
            step: Run = _nothing
            try:
                for step in steps:
                    signal: Signal | None = step(f)
                    if signal is not None:
                        return signal
            except OraError as error:
                note(error, f, where, lines[step])
                raise
            return None

        return run

    def statement(self, node: Statement) -> Run:
        match node:
            case Assignment():
                target = self.target(node.target)
                return self.assign(target, self.expression(node.value), start(node.value))
            case CallStatement():
                return self._call(node)
            case IfStatement():
                return self._if(node)
            case CaseStatement():
                return self._case_statement(node)
            case Loop():
                return self._loop(node)
            case NumericFor():
                return self._numeric_for(node)
            case CursorFor():
                return self._cursor_for(node)
            case Leave():
                return self._leave(node)
            case Goto():
                return self._goto(node)
            case Label() | NullStatement():
                return lambda f: None
            case Return():
                return self._return(node)
            case Raise():
                return self._raise(node)
            case BlockStatement():
                return self._nested(node)
            case Open():
                return self.open_cursor(node)
            case OpenFor():
                return self.open_for(node)
            case Fetch():
                return self.fetch(node)
            case Close():
                return self.close(node)
            case SqlStatement():
                return self.sql_statement(node)
            case ForAll():
                return self.forall(node)
            case ExecuteImmediate():
                return self.execute_immediate(node)
            case TransactionControl():
                return _transaction_control(node)
            case SetTransaction():
                text = node.text
                return lambda f: f[SESSION].host.set_transaction(text)
            case PipeRow():
                return self.fail("ORA-03001: unimplemented feature: pipelined functions", node.at)
            case _:
                assert_never(node)

    # ---- simple ones ----

    def _call(self, node: CallStatement) -> Run:
        run = self.procedure_call(node.call)

        def call(f: Frame) -> None:
            run(f)

        return call

    def _if(self, node: IfStatement) -> Run:
        branches = [
            (self.condition(condition), self.sequence(body)) for condition, body in node.branches
        ]
        otherwise = self.sequence(node.otherwise) if node.otherwise is not None else None
        if len(branches) == 1:
            condition, body = branches[0]
            if otherwise is None:

                def if_then(f: Frame) -> Signal | None:
                    if condition(f):
                        signal: Signal | None = body(f)
                        return signal
                    return None

                return if_then
            last = otherwise

            def if_else(f: Frame) -> Signal | None:
                signal: Signal | None = body(f) if condition(f) else last(f)
                return signal

            return if_else

        def if_elsif(f: Frame) -> Signal | None:
            for condition, body in branches:
                if condition(f):
                    signal: Signal | None = body(f)
                    return signal
            last: Signal | None = otherwise(f) if otherwise is not None else None
            return last

        return if_elsif

    def _case_statement(self, node: CaseStatement) -> Run:
        operand = self.expression(node.operand).run if node.operand is not None else None
        branches: list[tuple[Run, Run]] = []
        for condition, body in node.branches:
            test = self.condition(condition) if operand is None else self.expression(condition).run
            branches.append((test, self.sequence(body)))
        otherwise = self.sequence(node.otherwise) if node.otherwise is not None else None
        equal = operators.equal

        def case(f: Frame) -> Signal | None:
            value = operand(f) if operand is not None else None
            for test, body in branches:
                found = test(f)
                if operand is not None:
                    found = equal(f[SESSION], value, found)
                if found:
                    signal: Signal | None = body(f)
                    return signal
            if otherwise is None:
                raise OraError(6592, "CASE not found while executing CASE statement")
            last: Signal | None = otherwise(f)
            return last

        return case

    def _return(self, node: Return) -> Run:
        if node.value is None:
            if self.returns is not None:
                self.fail(
                    "PLS-00503: RETURN <value> statement required for this return from function",
                    node.at,
                )
            return lambda f: RETURNED
        if self.returns is None:
            self.fail(
                "PLS-00372: In a procedure, RETURN statement cannot contain an expression", node.at
            )
        run = self.converted(self.expression(node.value), self.returns, start(node.value))

        def return_(f: Frame) -> Signal:
            f[RESULT] = run(f)
            return RETURNED

        return return_

    def _raise(self, node: Raise) -> Run:
        if node.exception is None:
            if not self.handling:
                self.fail(
                    "PLS-00367: a RAISE statement with no exception name must be inside an"
                    " exception handler",
                    node.at,
                )
            return self._raise_again(node)
        exception = self.exception(node.exception)

        def raise_(f: Frame) -> None:
            raise exception.error()

        return raise_

    def _raise_again(self, node: Raise) -> Run:
        where, line = self.program.where, self.program.lines.line(node.at)

        def raise_again(f: Frame) -> None:
            error = f[SESSION].error
            error.backtrace.insert(0, f"ORA-06512: {where}{line}")
            error.level = f
            raise error

        return raise_again

    def exception(self, node: Expression) -> ExceptionValue:
        """A declared or predefined exception, by name."""
        parts = dotted(node)
        found = self.denote(node) if parts is not None else None
        if not isinstance(found, NamedException):
            self.fail(
                f"PLS-00485: in exception handler, '{'.'.join(parts or ('?',))}' must be an"
                " exception name",
                start(node),
            )
        return found.value

    # ---- loops ----

    def _leave(self, node: Leave) -> Run:
        loop = None
        for candidate in reversed(self.loops):
            if node.label is None or candidate.label == node.label:
                loop = candidate
                break
        if loop is None:
            if node.label is not None:
                self.fail(f"PLS-00201: identifier '{node.label}' must be declared", node.at)
            self.fail(
                "PLS-00376: illegal EXIT/CONTINUE statement; it must appear inside a loop", node.at
            )
        signal = loop.next if node.continues else loop.exit
        if node.condition is None:
            return lambda f: signal
        condition = self.condition(node.condition)

        def leave(f: Frame) -> Signal | None:
            return signal if condition(f) else None

        return leave

    def _loop_body(self, body: list[Statement], label: str | None) -> tuple[LoopNames, Run]:
        names = LoopNames(label)
        self.loops.append(names)
        try:
            return names, self.sequence(body)
        finally:
            self.loops.pop()

    def _loop(self, node: Loop) -> Run:
        condition = self.condition(node.condition) if node.condition is not None else None
        names, body = self._loop_body(node.body, node.label)
        leaves, continues = names.exit, names.next

        def loop(f: Frame) -> Signal | None:
            turns = 0
            while condition is None or condition(f):
                signal: Signal | None = body(f)
                if signal is not None:
                    if signal is leaves:
                        break
                    if signal is not continues:
                        return signal
                turns += 1
                if not turns % _TURNS and clock() > f[SESSION].host.deadline:
                    f[SESSION].host.turn()
            f[SESSION].count_turns(turns)
            return None

        return loop

    def _numeric_for(self, node: NumericFor) -> Run:
        low = self.converted(self.expression(node.low), PLS_INTEGER, start(node.low))
        high = self.converted(self.expression(node.high), PLS_INTEGER, start(node.high))
        place = self.shape.place()
        scope = Scope(self.shape, self.scope, node.label)
        scope.names[node.variable] = Variable(
            node.variable, PLS_INTEGER, self.shape, place, "loop index"
        )
        outer, self.scope = self.scope, scope
        try:
            names, body = self._loop_body(node.body, node.label)
        finally:
            self.scope = outer
        leaves, continues, reverse = names.exit, names.next, node.reverse

        def loop(f: Frame) -> Signal | None:
            first, last = low(f), high(f)
            if first is None or last is None:
                raise value_error()
            numbers = range(last, first - 1, -1) if reverse else range(first, last + 1)
            turns = 0
            for turns, number in enumerate(numbers, 1):
                f[place] = number
                signal: Signal | None = body(f)
                if signal is not None:
                    if signal is leaves:
                        break
                    if signal is not continues:
                        return signal
                if not turns % _TURNS and clock() > f[SESSION].host.deadline:
                    f[SESSION].host.turn()
            f[SESSION].count_turns(turns)
            return None

        return loop

    def _cursor_for(self, node: CursorFor) -> Run:
        row, opens = self._for_source(node)
        variable = self.shape.place()
        scope = Scope(self.shape, self.scope, node.label)
        index = Variable(node.variable, row, self.shape, variable)
        scope.names[node.variable] = index
        if not isinstance(row, RecordType):
            index.read_only = "loop index"
            row = RecordType(node.variable, [])
        outer, self.scope = self.scope, scope
        try:
            names, body = self._loop_body(node.body, node.label)
        finally:
            self.scope = outer
        leaves, continues = names.exit, names.next

        def loop(f: Frame) -> Signal | None:
            cursor = opens(f)
            size = 1 if cursor.for_update else _PREFETCH
            host = f[SESSION].host
            done = 0
            try:
                while True:
                    rows = cursor.fetch(size)
                    for values in rows:
                        done += 1
                        cursor.row_count, cursor.found = done, True
                        f[variable] = Record(row, list(values))
                        signal: Signal | None = body(f)
                        if signal is not None:
                            if signal is leaves:
                                return None
                            if signal is not continues:
                                return signal
                    host.turn()
                    if len(rows) < size:
                        cursor.found = False
                        return None
            finally:
                if cursor.is_open:
                    cursor.close()

        return loop

    def _for_source(
        self, node: CursorFor
    ) -> tuple[RecordType | ScalarType, Callable[[Frame], Cursor]]:
        """The rows' type, BROKEN of a wrong cursor, and what opens the cursor."""
        source = node.source
        if isinstance(source, SqlText):
            site = self.site(source)
            row = self.query_row(site, f"{node.variable}%ROWTYPE")
            return row, site.open
        arguments: list[Argument] = []
        if isinstance(source, Apply):
            arguments = source.arguments
            source = source.base
        named: NamedCursor | None = self.declared_cursor(source)
        if named is None:
            name = ".".join(dotted(source) or ("?",))
            self.fail(f"PLS-00221: '{name}' is not a procedure or is undefined", start(source))
        run, frame = self.opening(named, arguments, start(source))
        if named.is_broken:
            return BROKEN, run
        row, place = self.cursor_row(named, start(source)), named.place

        def opens(f: Frame) -> Cursor:
            current = frame(f)[place]
            if current is not None and current.is_open:
                raise OraError(6511, "PL/SQL: cursor already open")
            run(f)
            found: Cursor = frame(f)[place]
            return found

        return row, opens

    # ---- blocks ----

    def _nested(self, node: BlockStatement) -> Run:
        outer, self.scope = self.scope, Scope(self.shape, self.scope, node.label)
        try:
            return self.block(node.body)
        finally:
            self.scope = outer

    def block(self, body: Body) -> Run:
        """A block in the current scope: declarations, statements, handlers."""
        declare = self.declare(body.declarations) if body.declarations else None
        statements = self.sequence(body.statements)
        seen: set[ExceptionValue] = set()
        handlers = [self._handler(handler, seen) for handler in body.handlers]
        guarded = _guarded(statements, handlers) if handlers else statements
        cursors = [
            entity.place
            for entity in self.scope.names.values()
            if isinstance(entity, NamedCursor) and entity.shape is self.shape
        ]
        if declare is None:
            return guarded
        begin = declare

        def run(f: Frame) -> Signal | None:
            begin(f)
            signal: Signal | None = guarded(f)
            return signal

        return _closing(run, cursors) if cursors else run

    def _handler(self, handler: Handler, seen: set[ExceptionValue]) -> _Handler:
        """A handler; seen: what the handlers before it catch."""
        exceptions: list[ExceptionValue] | None = []
        try:
            exceptions = [self.exception(node) for node in handler.exceptions] or None
            for node, exception in zip(handler.exceptions, exceptions or (), strict=True):
                if exception in seen:
                    self.fail(
                        f"PLS-00483: exception '{'.'.join(dotted(node) or ())}' may appear in at"
                        " most one exception handler in this block",
                        start(node),
                    )
                seen.add(exception)
        except Failure as failure:
            self.note(failure)
            self.note_terminated()
        self.handling += 1
        try:
            return exceptions, self.sequence(handler.body)
        finally:
            self.handling -= 1


def _executing(site: SqlSite) -> Run:
    def execute(f: Frame) -> None:
        site.execute(f)

    return execute


def _nothing(f: Frame) -> None:
    return None


def _guarded(body: Run, handlers: list[_Handler]) -> Run:
    def run(f: Frame) -> Signal | None:
        try:
            signal: Signal | None = body(f)
            return signal
        except OraError as raised:
            error = raised
        for exceptions, handler in handlers:
            if exceptions is None or any(known.catches(error) for known in exceptions):
                return _handle(f, error, handler)
        raise error

    return run


def _handle(f: Frame, error: OraError, handler: Run) -> Signal | None:
    session = f[SESSION]
    around, session.error = session.error, error
    try:
        signal: Signal | None = handler(f)
        return signal
    except OraError as later:
        if later is not error and (not isinstance(later, ApplicationError) or later.keeps):
            # An error on the way out of a handler stands above the one that was handled.
            later.backtrace.extend(error.handled_stack)
        raise
    finally:
        session.error = around


def _closing(run: Run, places: list[int]) -> Run:
    """Closes the block's own cursors, however it is left."""

    def closing(f: Frame) -> Signal | None:
        try:
            signal: Signal | None = run(f)
            return signal
        finally:
            for place in places:
                cursor = f[place]
                if cursor is not None and cursor.is_open:
                    cursor.close()

    return closing


def _transaction_control(node: TransactionControl) -> Run:
    name = node.name
    waits = node.waits
    match node.verb:
        case "COMMIT":
            return lambda f: f[SESSION].host.commit(waits=waits)
        case "SAVEPOINT":
            return lambda f: f[SESSION].host.savepoint(name)
        case _ if name is not None:
            return lambda f: f[SESSION].host.rollback_to(name)
    return lambda f: f[SESSION].host.rollback()
