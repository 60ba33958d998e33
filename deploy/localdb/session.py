"""One login: runs what the client asks for, keeps its cursors and LOBs.

Each request runs inside a greenlet of its own (`bridge.run`), one at a time.
"""

from __future__ import annotations

import datetime
import itertools
import time
from collections import OrderedDict
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, TypeVar

from deploy.localdb import bridge, client_queues
from deploy.localdb.commands import Classified, Command, classify
from deploy.localdb.errors import OraError
from deploy.localdb.host import HostCursor, SessionHost
from deploy.localdb.lobs import LobTable
from deploy.localdb.plsql.builtins.dbms_application_info import long_operations
from deploy.localdb.plsql.conditional import BYTES, Settings
from deploy.localdb.plsql.exceptions import CompileErrors
from deploy.localdb.plsql.interpreter import bind_directions
from deploy.localdb.plsql.syntax import Block, ParameterMode
from deploy.localdb.plsql.values import Cell, Cursor
from deploy.localdb.statement import Answers, Kind, Outcome, Placeholder, Prepared
from deploy.localdb.tns import requests
from deploy.localdb.tns.authentication import Exchange
from deploy.localdb.tns.constants import SCROLLS, Orientation
from deploy.localdb.tns.replies import (
    Dequeued,
    Direction,
    Enqueued,
    Executed,
    LobResult,
    OpenCursor,
)
from deploy.localdb.tns.requests import Bind, Execute, Fetch, LobOperation
from deploy.localdb.turns import Turns
from deploy.localdb.values import Column, Lob, SqlType, TypeName, Value, in_class

if TYPE_CHECKING:
    from deploy.localdb.sessions import Sessions

T = TypeVar("T")

_KILLED = 28, "your session has been killed"
#: As many as the wire has numbers for, and more than any client keeps.
_MOST_CURSORS = 60_000
_DIRECTIONS = {
    ParameterMode.IN: Direction.IN,
    ParameterMode.OUT: Direction.OUT,
    ParameterMode.IN_OUT: Direction.IN_OUT,
}

_LOB_TYPES = frozenset({TypeName.CLOB, TypeName.NCLOB, TypeName.BLOB, TypeName.JSON})
#: Values that stay here; the client gets what names them.
_BY_REFERENCE = _LOB_TYPES | {TypeName.CURSOR}


_BREAK = 1013
#: Rows of values that go to the database together.
_ROWS_AT_ONCE = 250


def _takes_binds_only(prepared: Prepared) -> bool:
    """DML whose inputs are the client's: nothing of PL/SQL runs between the rows."""
    return (
        prepared.kind is Kind.DML
        and not prepared.fires_triggers
        and all(isinstance(wanted, Placeholder) for wanted in prepared.inputs)
    )


def free_number(numbers: Iterator[int], taken: Container[int]) -> int:
    """The next number of 16 bits, from 1, that is not taken."""
    return next(number for n in numbers if (number := n % 65_535 + 1) not in taken)


@dataclass
class Statement:
    """A statement that the client has parsed, under its cursor id."""

    cursor_id: int
    sql: str
    classified: Classified
    #: Of a query that is open.
    cursor: HostCursor | None = None
    #: SQL, as prepared for the types of the last binds, and for which catalogue.
    prepared: Prepared | None = None
    prepared_for: tuple[object, ...] = ()
    #: The binds of the last execution, and their types.
    binds: Sequence[Bind] | None = None
    types: tuple[SqlType | None, ...] = ()
    described: bool = False
    #: PL/SQL.
    block: Block | None = None
    #: What the block is compiled with.
    settings: Settings = BYTES
    directions: tuple[Direction, ...] = ()
    #: How often it has committed when it ran last.
    commits: int = 0


@dataclass
class Batch:
    """What the executions of one request have added up to."""

    row_count: int = 0
    row_counts: list[int] = field(default_factory=list)
    errors: list[tuple[int, OraError]] = field(default_factory=list)
    returned: list[tuple[list[Value], ...]] = field(default_factory=list)
    rowid: str | None = None

    def failed(self, number: int, failure: OraError, prepared: Prepared) -> None:
        """An execution whose error does not end the request."""
        self.errors.append((number, failure))
        self.row_counts.append(0)
        if prepared.into:
            # The client counts on an answer for each execution.
            self.returned.append(tuple([] for _ in prepared.into))


class Session:
    """What `server.Session` asks for."""

    def __init__(self, sessions: Sessions, host: SessionHost) -> None:
        self.host = host
        self.sid, self.serial = host.session_id()
        self._sessions = sessions
        self._interpreter = host.interpreter
        self._lobs = LobTable()
        self._statements: OrderedDict[int, Statement] = OrderedDict()
        self._cursor_ids = itertools.count(1)
        #: Cursors that the client has closed; they are closed with its next request.
        self._forgotten: list[HostCursor] = []
        self._turns = Turns()
        self._closed = False
        self._killed = False
        self._idle_since = time.monotonic()
        #: What the client takes for the current schema.
        self._told_schema = host.user
        self._logon_time = datetime.datetime.now().replace(microsecond=0)

    @property
    def in_transaction(self) -> bool:
        return self.host.in_transaction()

    async def start(self) -> None:
        self.host.start()

    # ---- requests ----

    async def execute(self, request: Execute) -> Executed:
        return await self._run(lambda: self._execute(request))

    async def fetch(self, request: Fetch) -> Executed:
        return await self._run(lambda: self._fetch(request.cursor_id, request.rows))

    async def lob(self, request: LobOperation) -> LobResult:
        return await self._run(lambda: self._lobs.run(request, self.host.turn))

    async def enqueue(self, request: requests.Enqueue) -> Enqueued:
        return await self._run(lambda: client_queues.enqueue(self.host, request, self._call))

    async def dequeue(self, request: requests.Dequeue) -> Dequeued:
        return await self._run(lambda: client_queues.dequeue(self.host, request, self._call))

    async def commit(self) -> None:
        await self._run(self.host.commit)

    async def rollback(self) -> None:
        await self._run(self.host.rollback)

    async def ping(self) -> None:
        await self._run(lambda: None)

    async def change_password(self, new: str, old: str | None = None) -> None:
        """Give the user a new password; old None: log-on has checked it.

        Raises:
            OraError: 28008, the old one is not the user's (any more); 28218, the new one is too long.
        """
        database = self._sessions.database
        if old is not None:
            verifier = await database.verifier(self.host.user)
            if verifier is None or not Exchange(verifier).knows(old.encode()):
                raise OraError(28008, "invalid old password")
        await database.set_password(self.host.user, new)

    async def run_block(self, text: str) -> None:
        """Run a block without binds, as a scheduler job does."""
        reply = await self.execute(Execute(cursor_id=0, sql=text))
        if reply.error is not None:
            raise reply.error

    def interrupt(self) -> None:
        """What runs ends soon with ORA-01013."""
        self.host.interruption.request()

    async def close(self) -> None:
        """End what runs, roll back, free everything. Twice is fine."""
        if self._closed:
            return
        self._closed = True
        self.host.interruption.request(closing=True)
        await self._turns.take()
        try:
            await self.host.close()
            self._sessions.closed(self)
        finally:
            self._turns.give()

    async def kill(self) -> None:
        """As ALTER SYSTEM KILL SESSION: all that the client asks for from now on is ORA-00028."""
        self._killed = True
        await self.close()

    async def _run(self, work: Callable[[], T]) -> T:
        if not self._turns.take_at_once():
            await self._turns.take()
        try:
            self.host.statistics.round_trips += 1
            if self._killed:
                raise OraError(*_KILLED)
            try:
                return await bridge.run(lambda: self._work(work))
            except OraError:
                if self._killed:
                    raise OraError(*_KILLED) from None
                raise
            finally:
                self._idle_since = time.monotonic()
                if not self.host.interruption.is_settled:
                    await self.host.interruption.settle()
        finally:
            self._turns.give()

    def _work(self, work: Callable[[], T]) -> T:
        self.host.restart_slice()
        while self._forgotten:
            self._forgotten.pop().close()
        return work()

    def piggyback(self, message: requests.Piggyback) -> None:
        match message:
            case requests.CloseCursors(ids):
                for cursor_id in ids:
                    statement = self._statements.pop(cursor_id, None)
                    if statement is not None and statement.cursor is not None:
                        self._forgotten.append(statement.cursor)
            case requests.FreeLobs(locators):
                self._lobs.free(locators)
            case requests.SetSchema(schema):
                self.host.set_current_schema(schema.upper())
                self._told_schema = self.host.current_schema
            case requests.SetContext(namespace, attributes):
                self.host.set_client_context(namespace, attributes)
            case requests.EndToEnd(attributes):
                for name, value in attributes.items():
                    self.host.set_attribute(name.upper(), value or None)

    def describe(self) -> Mapping[str, object]:
        """This session's row of V$SESSION, by lower-case column name."""
        attribute = self.host.attribute
        return {
            "sid": self.sid,
            "serial#": self.serial,
            "username": self.host.user,
            "schemaname": self.host.current_schema,
            "status": "ACTIVE" if self._turns.taken else "INACTIVE",
            "logon_time": self._logon_time.isoformat(sep=" "),
            "type": "USER",
            **{
                name: attribute(name.upper())
                for name in (
                    "program",
                    "machine",
                    "osuser",
                    "terminal",
                    "module",
                    "action",
                    "client_identifier",
                    "client_info",
                    "dbop",
                )
            },
            "process": attribute("PID"),
            "client_driver": attribute("DRIVER"),
            "pids": [] if self._closed else self.host.backend_pids,
            "longops": [asdict(one) for one in long_operations(self.host)],
            "idle_seconds": 0 if self._turns.taken else int(time.monotonic() - self._idle_since),
        }

    # ---- execute ----

    def _execute(self, request: Execute) -> Executed:
        statement = self._statement(request)
        try:
            if not request.execute and statement.cursor is not None:
                if request.scrollable and request.orientation in SCROLLS:
                    return self._scroll(statement, request)
                return self._fetch(statement.cursor_id, request.fetch_rows)
            reply = self._dispatch(statement, request)
            if request.commit and not request.parse_only:
                self.host.commit()
        except OraError as error:
            return Executed(cursor_id=statement.cursor_id, error=error)
        reply.cursor_id = statement.cursor_id
        if self.host.current_schema != self._told_schema:
            reply.current_schema = self._told_schema = self.host.current_schema
        return reply

    def _statement(self, request: Execute) -> Statement:
        known = self._statements.get(request.cursor_id)
        if (known is not None and known.sql in (request.sql, "")) or (known and not request.sql):
            return known
        if request.cursor_id and not request.sql:
            raise OraError(1001, "invalid cursor")
        self.host.statistics.parse_count += 1
        cursor_id = request.cursor_id or self._new_cursor_id()
        statement = Statement(cursor_id, request.sql, classify(request.sql))
        self._statements[cursor_id] = statement
        return statement

    def _new_cursor_id(self) -> int:
        """A number that no statement has: the wire has 16 bits for it, so they come round again.

        Raises:
            OraError: 1000, all are taken.
        """
        if len(self._statements) >= _MOST_CURSORS:
            raise OraError(1000, "maximum open cursors exceeded")
        return free_number(self._cursor_ids, self._statements)

    def _dispatch(self, statement: Statement, request: Execute) -> Executed:
        match statement.classified.command:
            case Command.SQL:
                return self._execute_sql(statement, request)
            case Command.BLOCK | Command.CALL:
                return self._execute_block(statement, request)
            case _ if request.parse_only:
                return Executed()
            case Command.CREATE_UNIT:
                return Executed(compiled_with_errors=not self.host.create_unit(statement.sql))
            case Command.COMPILE_UNIT:
                found = statement.classified
                valid = self.host.compile_unit(found, statement.sql)
                return Executed(compiled_with_errors=not valid)
            case _:
                self.host.execute_command(statement.sql)
                return Executed()

    # ---- SQL ----

    def _execute_sql(self, statement: Statement, request: Execute) -> Executed:
        prepared = self._prepare(statement, request.binds)
        if request.parse_only:
            return Executed(columns=prepared.columns if prepared.kind is Kind.QUERY else None)
        if len(request.binds) < prepared.binds_needed:
            raise OraError(1008, "not all variables bound")
        if prepared.kind is Kind.QUERY:
            return self._execute_query(statement, prepared, request)
        return self._execute_changes(prepared, request)

    def _prepare(self, statement: Statement, binds: Sequence[Bind]) -> Prepared:
        if statement.binds is not binds:
            statement.binds = binds
            statement.types = tuple([in_class(bind.type) for bind in binds])
        types = statement.types
        key = (types, self.host.current_schema, self.host.catalog_version)
        if statement.prepared is None or statement.prepared_for != key:
            statement.prepared = self.host.prepare(
                statement.sql,
                self._interpreter.sql_scope(),
                self.host.current_schema,
                types,
            )
            statement.prepared_for = key
            statement.described = False
        return statement.prepared

    def _execute_query(
        self, statement: Statement, prepared: Prepared, request: Execute
    ) -> Executed:
        if request.scrollable and request.position > 1 and statement.cursor is not None:
            return self._fetch(statement.cursor_id, request.fetch_rows)  # it goes on
        values = self._inputs(prepared, request.binds, request.rows[0] if request.rows else ())
        self._close_cursor(statement)
        statement.cursor = self.host.open(prepared, values)
        if request.scrollable:
            statement.cursor.cursor.make_scrollable()
        columns = statement.cursor.columns
        first = not statement.described
        statement.described = True
        if first and any(column.type.name in _LOB_TYPES for column in columns):
            return Executed(columns=columns, more=True)
        reply = self._fetch(statement.cursor_id, request.fetch_rows)
        reply.columns = columns if first else None
        return reply

    def _fetch(self, cursor_id: int, rows: int) -> Executed:
        statement = self._statements.get(cursor_id)
        if statement is None or statement.cursor is None:
            return Executed(cursor_id=cursor_id, error=OraError(1001, "invalid cursor"))
        if rows <= 0:
            return Executed(cursor_id=cursor_id, more=True)
        try:
            found = statement.cursor.fetch(rows)
        except OraError as error:
            return Executed(cursor_id=cursor_id, error=error)
        columns = statement.cursor.columns
        if any(column.type.name in _BY_REFERENCE for column in columns):
            types = [column.type.name for column in columns]
            found = [tuple(map(self._outward, row, types)) for row in found]
        # Of a scrollable cursor the client wants to know where it is.
        position = statement.cursor.cursor.position
        return Executed(
            cursor_id=cursor_id,
            rows=found,
            more=len(found) == rows,
            row_count=position or len(found),
        )

    def _scroll(self, statement: Statement, request: Execute) -> Executed:
        """Rows from elsewhere in a scrollable cursor; none, where that is outside of it."""
        assert statement.cursor is not None
        cursor = statement.cursor.cursor
        position = request.position
        if request.orientation == Orientation.LAST:
            position = cursor.row_count
        if not 1 <= position <= cursor.row_count:
            return Executed(cursor_id=statement.cursor_id, more=False)
        cursor.seek(position - 1)
        return self._fetch(statement.cursor_id, max(request.fetch_rows, 1))

    def _close_cursor(self, statement: Statement) -> None:
        if statement.cursor is not None:
            cursor, statement.cursor = statement.cursor, None
            cursor.close()

    def _execute_changes(self, prepared: Prepared, request: Execute) -> Executed:
        batch = Batch()
        if len(request.rows) > 1 and _takes_binds_only(prepared):
            error = self._execute_together(prepared, request, batch)
        else:
            error = self._execute_in_turn(prepared, request, batch)
        return Executed(
            row_count=batch.row_count,
            rowid=batch.rowid,
            returned=batch.returned if prepared.into else None,
            row_counts=batch.row_counts if request.row_counts else None,
            batch_errors=batch.errors,
            error=error,
        )

    def _execute_in_turn(
        self, prepared: Prepared, request: Execute, batch: Batch
    ) -> OraError | None:
        """Once for each row of values; the error of the one that ended it."""
        for number, row in enumerate(request.rows):
            try:
                outcome = self.host.execute(prepared, self._inputs(prepared, request.binds, row))
            except OraError as failure:
                if not request.batch_errors:
                    return failure
                batch.failed(number, failure, prepared)
            else:
                self._add_outcome(prepared, request, batch, outcome)
        return None

    def _execute_together(
        self, prepared: Prepared, request: Execute, batch: Batch
    ) -> OraError | None:
        """The same, many in one exchange with the database."""
        waiting: list[tuple[int, list[Value]]] = []
        for number, row in enumerate(request.rows):
            values: list[Value] | OraError
            try:
                values = self._inputs(prepared, request.binds, row)
            except OraError as failure:
                values = failure
            else:
                waiting.append((number, values))
            if len(waiting) == _ROWS_AT_ONCE or isinstance(values, OraError):
                error = self._send(prepared, request, batch, waiting)
                waiting = []
                if error is None and isinstance(values, OraError):
                    if not request.batch_errors:
                        error = values
                    else:
                        batch.failed(number, values, prepared)
                if error is not None:
                    return error
        return self._send(prepared, request, batch, waiting)

    def _send(
        self,
        prepared: Prepared,
        request: Execute,
        batch: Batch,
        rows: Sequence[tuple[int, list[Value]]],
    ) -> OraError | None:
        while rows:
            outcomes, failure = self.host.execute_batch([(prepared, values) for _, values in rows])
            for outcome in outcomes:
                self._add_outcome(prepared, request, batch, outcome)
            if failure is None:
                return None
            if not request.batch_errors or failure.code == _BREAK:
                return failure
            batch.failed(rows[len(outcomes)][0], failure, prepared)
            rows = rows[len(outcomes) + 1 :]
        return None

    def _add_outcome(
        self, prepared: Prepared, request: Execute, batch: Batch, outcome: Outcome
    ) -> None:
        batch.row_count += outcome.row_count
        batch.row_counts.append(outcome.row_count)
        batch.rowid = outcome.rowid
        if prepared.into:
            types = [request.binds[target.index].type.name for target in prepared.into]
            batch.returned.append(
                tuple(
                    [self._outward(row[i], types[i]) for row in outcome.rows]
                    for i in range(len(types))
                )
            )

    def _inputs(
        self, prepared: Prepared, binds: Sequence[Bind], row: Sequence[Value]
    ) -> list[Value]:
        """The values of a statement's inputs: the client's, and PL/SQL that it calls."""
        values: list[Value] = []
        for wanted in prepared.inputs:
            if isinstance(wanted, Placeholder):
                values.append(self._inward(binds[wanted.index], row[wanted.index]))
            elif isinstance(wanted, Answers):
                values.append(None)
            else:
                values.append(self._interpreter.evaluate_for(prepared, wanted))
        return values

    # ---- PL/SQL ----

    def _execute_block(self, statement: Statement, request: Execute) -> Executed:
        settings = self.host.compile_settings
        if statement.block is None or statement.settings != settings:
            try:
                statement.block = self._sessions.library.block(statement.sql, settings)
                statement.settings = settings
            except CompileErrors as errors:
                raise errors.as_ora_error(statement.sql) from None
        block = statement.block
        if len(request.binds) < len(block.bind_names):
            raise OraError(1008, "not all variables bound")
        if request.parse_only:
            return Executed()
        reply = Executed()
        for number, row in enumerate(request.rows):
            try:
                reply.out_values.append(self._run_once(statement, block, request.binds, row))
            except OraError as error:
                # A client that has no position takes the row count for the failed execution.
                return Executed(row_count=number, error=error)
        reply.directions = statement.directions
        reply.implicit_results = []
        return reply

    def _run_once(
        self, statement: Statement, block: Block, binds: Sequence[Bind], row: Sequence[Value]
    ) -> tuple[Value, ...]:
        cells = {
            name: self._cell(bind, value)
            for name, bind, value in zip(block.bind_names, binds, row, strict=False)
        }
        with self._call(statement):
            self._interpreter.run_block(block, cells)
        statement.directions = tuple(_DIRECTIONS[mode] for mode in bind_directions(block))
        return tuple(
            self._out_value(bind, cells[name])
            for name, bind, direction in zip(
                block.bind_names, binds, statement.directions, strict=False
            )
            if direction is not Direction.IN
        )

    @contextmanager
    def _call(self, statement: Statement | None = None) -> Iterator[None]:
        """A call by the client: what fails undoes its own work, and packages may be reset after."""
        open_before = self.host.in_transaction()
        self.host.begin_call(statement.commits if statement is not None else 0)
        try:
            yield
        except BaseException:
            self.host.undo_call(open_before=open_before)
            raise
        finally:
            commits = self.host.end_call()
            if statement is not None:
                statement.commits = commits
            if self.host.packages_to_reset:
                self.host.packages_to_reset = False
                self._interpreter.reset_packages()

    def _cell(self, bind: Bind, value: Value) -> Cell:
        if bind.is_array:
            items = [self._inward(bind, item) for item in value or ()]
            return Cell(items, type=bind.type, is_array=True)
        if bind.type.name is TypeName.CURSOR:
            return Cell(self._cursor_value(value), type=bind.type)
        return Cell(self._inward(bind, value), type=bind.type)

    def _cursor_value(self, cursor_id: Value) -> Cursor | None:
        """A REF CURSOR that the client passes back."""
        statement = self._statements.get(cursor_id) if isinstance(cursor_id, int) else None
        if statement is None or statement.cursor is None:
            return None
        return Cursor(statement.cursor)

    def _out_value(self, bind: Bind, cell: Cell) -> Value:
        if bind.is_array:
            return [self._outward(item, bind.type.name) for item in cell.value or ()]
        if bind.type.name is TypeName.CURSOR:
            return self._open_cursor(cell.value)
        return self._outward(cell.value, bind.type.name)

    # ---- values ----

    def _inward(self, bind: Bind, value: Value) -> Value:
        """A value of the client's: its locators and cursors become what they name."""
        if value is None:
            return None
        if bind.type.name in _LOB_TYPES and isinstance(value, bytes):
            return self._lobs.find(value)
        return value

    def _outward(self, value: Value, type_: TypeName) -> Value:
        if isinstance(value, Lob):
            return self._lobs.locator(value, national=type_ is TypeName.NCLOB)
        if isinstance(value, Cursor):
            return self._open_cursor(value)
        return value

    def _open_cursor(self, value: Value) -> OpenCursor:
        """A REF CURSOR for the client, which fetches by the id from now on."""
        if not (isinstance(value, Cursor) and isinstance(value.host_cursor, HostCursor)):
            # Never opened: a client knows it by its id.
            return OpenCursor(0, (Column("NULL", SqlType(TypeName.VARCHAR2, 1)),))
        cursor, columns = value.host_cursor, value.columns
        cursor_id = self._new_cursor_id()
        self._statements[cursor_id] = Statement(
            cursor_id, "", Classified(Command.SQL), cursor, described=True
        )
        return OpenCursor(cursor_id, columns)
