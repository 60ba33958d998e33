"""A session as its PL/SQL sees it: `plsql.host.Host` on PostgreSQL connections.

Runs inside `bridge.run`; every wait for the database lets the other sessions go on.
"""

from __future__ import annotations

import asyncio
import datetime
import json
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar, cast
from zoneinfo import ZoneInfo

from deploy.localdb import performance, settings, threads
from deploy.localdb.answers import Rounds
from deploy.localdb.bridge import wait_for
from deploy.localdb.channels import Channels
from deploy.localdb.commands import Classified, Command, classify
from deploy.localdb.database import AsyncCursor, Database, PreparedStatement, SqlConnection
from deploy.localdb.dialect.translation import Commit, Rollback, Savepoint, SetRole
from deploy.localdb.errors import OraError
from deploy.localdb.firing import Change, Firings
from deploy.localdb.interruption import Interruption
from deploy.localdb.library import Library
from deploy.localdb.plsql.builtins.locks import LockTable
from deploy.localdb.plsql.compiled import CompiledUnit
from deploy.localdb.plsql.conditional import Settings, parse_flags, settings_of
from deploy.localdb.plsql.exceptions import CompileError, CompileErrors
from deploy.localdb.plsql.interpreter import Interpreter
from deploy.localdb.plsql.units import Unit
from deploy.localdb.plsql.values import Cursor
from deploy.localdb.queue_buffers import Buffers
from deploy.localdb.rights import Rights, owner_rights
from deploy.localdb.scheduler import Scheduler
from deploy.localdb.statement import Call, Kind, Outcome, Placeholder, Prepared, Scope
from deploy.localdb.values import Column, SqlType, Value
from deploy.localdb.zones import find_zone

if TYPE_CHECKING:
    from deploy.localdb.sessions import Sessions

T = TypeVar("T")

#: Longest time that PL/SQL keeps the event loop for itself.
SLICE_SECONDS = 0.002
#: The application context that a client may write to.
CLIENT_CONTEXT = "CLIENTCONTEXT"
#: What a session knows of itself and SQL shows by SYS_CONTEXT('USERENV').
SHOWN_ATTRIBUTES = frozenset(
    {
        "ACTION",
        "CLIENT_IDENTIFIER",
        "CLIENT_INFO",
        "CLIENT_PROGRAM_NAME",
        "HOST",
        "MODULE",
        "OS_USER",
        "PROXY_USER",
        "TERMINAL",
    }
)
_NO_DATA_FOUND = 1403
#: Since when SQL has the type BOOLEAN.
_BOOLEAN_RELEASE = 23
#: The savepoint to which a failed block of the client goes back.
CALL_SAVEPOINT = "localdb$call"


#: The parameters of USERENV that the client says, as `ora.<name>` -> the attribute of the session.
_CONTEXT = {
    "module": "MODULE",
    "action": "ACTION",
    "client_info": "CLIENT_INFO",
    "client_identifier": "CLIENT_IDENTIFIER",
    "client_program_name": "PROGRAM",
    "host": "MACHINE",
    "os_user": "OSUSER",
    "terminal": "TERMINAL",
    "proxy_user": "PROXY_USER",
}


#: Of DDL_LOCK_TIMEOUT.
_MOST_LOCK_SECONDS = 1_000_000
#: Seconds; no zone changes its offset but at a quarter of an hour.
_QUARTER = 900


@lru_cache(maxsize=2)
def _local_zone(quarter: int) -> datetime.tzinfo:
    """The host's offset in a quarter of an hour, counted from the epoch."""
    zone = datetime.datetime.fromtimestamp(quarter * _QUARTER).astimezone().tzinfo
    assert zone is not None
    return zone


class CallSavepoint(Enum):
    """Whether a client's block has a savepoint to go back to; it is set only before the first change."""

    NONE = "none"
    WANTED = "wanted"
    SET = "set"


@dataclass
class Transaction:
    """The session's own transaction, or an autonomous one inside it."""

    connection: SqlConnection
    #: Channels to signal when it has committed.
    notifications: set[str] = field(default_factory=set)
    #: Channels to signal when it has ended otherwise, and what to do before, in a transaction of its own.
    reversals: dict[str, list[Callable[[], None]]] = field(default_factory=dict)
    call_savepoint: CallSavepoint = CallSavepoint.NONE
    firings: Firings = field(default_factory=Firings)


class HostCursor:
    """An open query, synchronous for the interpreter."""

    def __init__(self, host: SessionHost, connection: SqlConnection, cursor: AsyncCursor) -> None:
        self._host = host
        self._connection = connection
        self.cursor = cursor

    @property
    def columns(self) -> tuple[Column, ...]:
        return self.cursor.columns

    def fetch(self, rows: int) -> list[tuple[Value, ...]]:
        self._host.interruption.check()
        found = self.cursor.fetch_at_once(rows)
        if found is None:
            found = self._host.run_statement(self.cursor.fetch(rows), self._connection)
        return found

    def close(self) -> None:
        self.cursor.close()


class NestingCursor(HostCursor):
    """An open query with CURSOR expressions: they are opened when their row is fetched."""

    def __init__(
        self,
        host: SessionHost,
        connection: SqlConnection,
        cursor: AsyncCursor,
        statement: PreparedStatement,
    ) -> None:
        super().__init__(host, connection, cursor)
        self._statement = statement

    def fetch(self, rows: int) -> list[tuple[Value, ...]]:
        return [self._nest(row) for row in super().fetch(rows)]

    def _nest(self, row: tuple[Value, ...]) -> tuple[Value, ...]:
        width = len(self.columns)
        visible, delivered = list(row[:width]), row[width:]
        translation = self._statement.translation
        for nested, statement in zip(translation.nested, self._statement.nested, strict=True):
            values = [
                delivered[wanted.index]
                for wanted in nested.inputs
                if isinstance(wanted, Placeholder)
            ]
            visible[nested.place] = Cursor(self._host.open(statement, values))
        return tuple(visible)


class SessionHost:
    """Names, statements, transactions and time for the interpreter of one session."""

    def __init__(
        self,
        sessions: Sessions,
        connection: SqlConnection,
        user: str,
        identity: tuple[int, int],
        attributes: dict[str, str | None],
    ) -> None:
        self.user = user
        self.current_schema = user
        self.rights: Rights = sessions.database.catalog.privileges.default_rights(user)
        self.sql_knows_boolean = int(sessions.release.partition(".")[0]) >= _BOOLEAN_RELEASE
        self.interruption = Interruption()
        self.statistics = performance.Statistics()
        self._sessions = sessions
        self._database: Database = sessions.database
        self._library: Library = sessions.library
        self._channels: Channels = sessions.channels
        self._identity = identity
        self._attributes = attributes
        self._first_time_zone = attributes.get("TIME_ZONE") or "+00:00"
        self._transactions = [Transaction(connection)]
        #: A connection kept for the next autonomous transaction.
        self._spare: SqlConnection | None = None
        self._client_context: dict[str, str | None] = {}
        #: Settings that SQL functions read, on every connection of the session.
        self._contexts: dict[str, str] = {}
        #: The statements for whose rows functions run: their kind, and how many transactions there were.
        self._callers: list[tuple[Kind, int]] = []
        self.deadline = 0.0
        self.packages_to_reset = False
        #: Whether the PL/SQL of a call by the client runs, and whether it has committed what is not
        #: on disk yet.
        self._in_call = False
        self._unflushed = False
        #: Commits of that call so far, and the number of the one that is likely its last.
        self._commits = 0
        self._last_commit = 0
        #: The PL/SQL of this session.
        self.interpreter = Interpreter(self)

    # ---- what all sessions share ----

    @property
    def locks(self) -> LockTable:
        """The user locks of DBMS_LOCK."""
        return self._sessions.locks

    @property
    def buffers(self) -> Buffers:
        """The buffered messages of all queues."""
        return self._sessions.buffers

    @property
    def scheduler(self) -> Scheduler:
        return self._sessions.scheduler

    def signal(self, channel: str) -> None:
        """Wake those who wait for the channel, now and not at the commit."""
        self._channels.signal([channel])

    # ---- names ----

    def find_unit(
        self, owner: str | None, name: str, schema: str, *, owned: bool = False
    ) -> Unit | None:
        unit = self._library.find(owner, name, schema)
        if unit is None:
            return None
        access = self._database.access(owner_rights(schema) if owned else self.rights)
        return unit if access.may(unit.owner, unit.name, unit.type, "EXECUTE") else None

    def find_body(self, owner: str, name: str) -> Unit | None:
        return self._library.find_body(owner, name)

    def note_compiled(self, unit: Unit, errors: Sequence[CompileError]) -> None:
        self._library.note_compiled(unit, errors)

    def table_columns(
        self, owner: str | None, table: str, schema: str, *, owned: bool = False
    ) -> tuple[Column, ...] | None:
        rights = owner_rights(schema) if owned else self.rights
        return self._database.catalog.table_columns(owner, table, schema, rights)

    def table_name(self, owner: str | None, table: str, schema: str) -> tuple[str, str] | None:
        relation = self._database.catalog.find_relation(owner, table, schema)
        return (relation.owner, relation.name) if relation is not None else None

    def require_system(self, privilege: str) -> None:
        """See that the code that runs has a system privilege.

        Raises:
            OraError: 1031.
        """
        if not self.has_system(privilege):
            raise OraError(1031, "insufficient privileges")

    def has_system(self, privilege: str) -> bool:
        """Whether the code that runs has a system privilege."""
        return self._database.access(self.rights).has(privilege)

    def require_unit(self, owner: str, name: str, type_: str, action: str) -> None:
        """See that the code that runs may CREATE, ALTER or DROP a unit.

        Raises:
            OraError: 1031; 4043 where it may not know that it is there.
        """
        access = self._database.access(self.rights)
        what = "TYPE" if type_.startswith("TYPE") else "PROCEDURE"
        if type_ == "TRIGGER":
            what = type_
        if owner == access.user and (action != "CREATE" or access.has(f"CREATE {what}")):
            return
        if owner not in (access.user, "SYS") and access.has(f"{action} ANY {what}"):
            return
        if action != "CREATE" and not access.sees(owner, name, type_):
            raise OraError(4043, f"object {name} does not exist")
        raise OraError(1031, "insufficient privileges")

    # ---- statements ----

    @property
    def transaction(self) -> Transaction:
        return self._transactions[-1]

    @property
    def connection(self) -> SqlConnection:
        return self._transactions[-1].connection

    @property
    def backend_pids(self) -> list[int]:
        """PostgreSQL's processes behind the session: its own, and those of autonomous transactions."""
        return [transaction.connection.backend_pid for transaction in self._transactions]

    def run_statement(self, work: Awaitable[T], connection: SqlConnection) -> T:
        """Await a statement on a connection so that a break reaches it."""
        result = wait_for(self.interruption.statement(work, connection.cancel))
        self.restart_slice()
        return result

    def _show_attributes(self, connection: SqlConnection) -> None:
        """Tell SYS_CONTEXT what the client says of itself."""
        for name, attribute in _CONTEXT.items():
            connection.set_context(f"ora.{name}", self._attributes.get(attribute) or "")

    def prepare(
        self,
        text: str,
        scope: Scope | None,
        schema: str,
        types: Sequence[SqlType | None] = (),
        *,
        owned: bool = False,
    ) -> PreparedStatement:
        connection = self.connection
        rights = owner_rights(schema) if owned else self.rights
        return self.run_statement(
            connection.prepare(text, schema=schema, types=types, scope=scope, rights=rights),
            connection,
        )

    def execute(self, statement: Prepared, values: Sequence[Value]) -> Outcome:
        assert isinstance(statement, PreparedStatement)
        transaction = self.transaction
        connection = transaction.connection
        if transaction.firings.levels:
            self._in_trigger(transaction, statement)
        if statement.kind is Kind.CONTROL:
            return self._control(statement, values)
        if statement.fires_triggers:
            return self._fire(statement, values)
        if statement.kind is Kind.DDL:
            self._refuse_in_statement()
            # DDL commits what is open, and with it its wake-ups.
            transaction.call_savepoint = CallSavepoint.NONE
            outcome = self.run_statement(connection.execute(statement, values), connection)
            self._committed(transaction)
            return outcome
        self._before_change(transaction)
        self.statistics.execute_count += 1
        if statement.shown_rights is not None:
            self._show_attributes(connection)
        if statement.translation.calls:
            return Rounds(self, statement).run(
                values,
                lambda row: self.run_statement(connection.execute(statement, row), connection),
            )
        return self.run_statement(connection.execute(statement, values), connection)

    @property
    def call_depth(self) -> int:
        """How many statements around wait for functions that they call."""
        return len(self._callers)

    def call_for_row(self, kind: Kind, call: Call, values: Sequence[Value]) -> Value:
        """Call a PL/SQL function for a row of a statement of this kind."""
        return self.called_by(kind, lambda: self.interpreter.call_for_row(call, values))

    def called_by(self, kind: Kind, function: Callable[[], Value]) -> Value:
        self._callers.append((kind, len(self._transactions)))
        try:
            return function()
        except OraError as error:
            if error.code == _NO_DATA_FOUND and error.exception is None:
                return None
            raise
        finally:
            self._callers.pop()

    def _refuse_in_query(self) -> None:
        """Refuse a change by a function that a query calls; in an autonomous transaction it may.

        Raises:
            OraError: 14551.
        """
        if self._callers and self._callers[-1] == (Kind.QUERY, len(self._transactions)):
            raise OraError(14551, "cannot perform a DML operation inside a query")

    def _refuse_in_statement(self) -> None:
        """The same of the end of the transaction, in any statement.

        Raises:
            OraError: 14552.
        """
        if self._callers and self._callers[-1][1] == len(self._transactions):
            raise OraError(14552, "cannot perform a DDL, commit or rollback inside a query or DML")

    # ---- triggers ----

    def _in_trigger(self, transaction: Transaction, statement: PreparedStatement) -> None:
        """See that the code of a trigger may run a statement."""
        if statement.kind is Kind.DDL:
            transaction.firings.refuse_control("COMMIT")
        transaction.firings.see(statement.translation.uses)

    def _fire(self, statement: PreparedStatement, values: Sequence[Value]) -> Outcome:
        self._before_change(self.transaction)
        if statement.shown_rights is not None:
            self._show_attributes(self.connection)
        return Change(self, statement, values).run()

    def ready_trigger(self, owner: str, name: str) -> CompiledUnit:
        """A trigger that is about to fire.

        Raises:
            OraError: 4098, it does not compile.
        """
        return self._library.triggers.ready(self, owner, name)

    @contextmanager
    def undone_on_error(self, savepoint: str) -> Iterator[None]:
        """What an error ends is undone as a whole."""
        connection = self.connection
        self.run_cleanup(connection.savepoint(savepoint))
        try:
            yield
        except BaseException:
            # After a deadlock nothing may be there to go back to.
            with suppress(OraError):
                self.run_cleanup(connection.rollback_to(savepoint))
                self.run_cleanup(connection.release(savepoint))
            raise
        self.run_cleanup(connection.release(savepoint))

    def execute_batch(
        self,
        batch: Sequence[tuple[Prepared, Sequence[Value]]],
        *,
        commits: bool = False,
        waits: bool = True,
    ) -> tuple[list[Outcome], OraError | None]:
        """Run DML statements one after the other in one round trip, and commit once all are done."""
        transaction = self.transaction
        connection = transaction.connection
        statements = cast("Sequence[tuple[PreparedStatement, Sequence[Value]]]", batch)
        if transaction.firings.levels or any(one.fires_triggers for one, _ in statements):
            return self._execute_in_turn(statements, commits=commits, waits=waits)
        self._before_change(transaction)
        self.statistics.execute_count += len(batch)
        if any(statement.shown_rights is not None for statement, _ in statements):
            self._show_attributes(connection)
        flushes = commits and self._counts_commit(waits=waits)
        outcomes, error = self.run_statement(
            connection.execute_batch(statements, commits=commits, flushes=flushes), connection
        )
        if error is not None:
            self.interruption.heard(error)
        elif commits:
            self._note_commit(transaction, flushes=flushes)
        return outcomes, error

    def _execute_in_turn(
        self,
        batch: Sequence[tuple[PreparedStatement, Sequence[Value]]],
        *,
        commits: bool,
        waits: bool,
    ) -> tuple[list[Outcome], OraError | None]:
        """The same where triggers fire, or the code is one's."""
        outcomes: list[Outcome] = []
        try:
            for statement, values in batch:
                outcomes.append(self.execute(statement, values))
            if commits:
                self.commit(waits=waits)
        except OraError as error:
            return outcomes, error
        return outcomes, None

    def _control(self, statement: PreparedStatement, values: Sequence[Value]) -> Outcome:
        match statement.translation.control:
            case Commit():
                self.commit()
            case Rollback(savepoint=None):
                self.rollback()
            case Rollback(savepoint=str(name)):
                self.rollback_to(name)
            case Savepoint(name):
                self.savepoint(name)
            case SetRole() as wanted:
                self._set_role(wanted)
            case _:
                connection = self.connection
                return self.run_statement(connection.execute(statement, values), connection)
        return Outcome()

    def _set_role(self, wanted: SetRole) -> None:
        """Enable roles of the session's user.

        Raises:
            OraError: 1924, one was not granted.
        """
        privileges = self._database.catalog.privileges
        granted = privileges.granted_roles(self.user)
        for name in wanted.names:
            if name not in granted:
                raise OraError(1924, f"role '{name}' not granted or does not exist")
        if self.rights.user != self.user:
            raise OraError(6565, "cannot execute SET ROLE from within stored procedure")
        names = granted - set(wanted.names) if wanted.everything else wanted.names
        self.rights = privileges.rights_with(self.user, names)

    def open(self, statement: Prepared, values: Sequence[Value]) -> HostCursor:
        assert isinstance(statement, PreparedStatement)
        transaction = self.transaction
        connection = transaction.connection
        self._before_query(transaction, statement)
        if statement.translation.calls:
            cursor = Rounds(self, statement).run(
                values, lambda row: self.run_statement(connection.open(statement, row), connection)
            )
        else:
            cursor = self.run_statement(connection.open(statement, values), connection)
        if statement.nested:
            return NestingCursor(self, connection, cursor, statement)
        return HostCursor(self, connection, cursor)

    def select(
        self, statement: Prepared, values: Sequence[Value], most: int
    ) -> list[tuple[Value, ...]]:
        assert isinstance(statement, PreparedStatement)
        transaction = self.transaction
        connection = transaction.connection
        self._before_query(transaction, statement)
        if statement.translation.calls:
            return Rounds(self, statement).run(
                values,
                lambda row: self.run_statement(connection.select(statement, row, most), connection),
            )
        return self.run_statement(connection.select(statement, values, most), connection)

    def _before_query(self, transaction: Transaction, statement: PreparedStatement) -> None:
        if transaction.firings.mutating:
            transaction.firings.see(statement.translation.uses)
        if statement.for_update:
            self._before_change(transaction)
        self.statistics.execute_count += 1
        if performance.is_mentioned(statement.text):
            for name, value in self._sessions.performance_settings(self._identity[0]).items():
                transaction.connection.set_context(name, value)
        if statement.shown_rights is not None:
            self._show_attributes(transaction.connection)

    def native(self, sql: str, *values: Value) -> list[tuple[Value, ...]]:
        """PostgreSQL's own SQL on the current transaction, for queues and the scheduler."""
        transaction = self.transaction
        self._before_change(transaction)
        connection = transaction.connection
        return self.run_statement(connection.native(sql, *values), connection)

    def reload_catalog(self) -> None:
        """Tables have changed otherwise than by DDL of the client's."""
        wait_for(self._database.catalogue_changed())

    @property
    def catalog_version(self) -> int:
        return self._database.catalog.version + self._library.version

    # ---- stored units and blocks ----

    def execute_command(self, text: str) -> bool:
        """Run a statement that is not SQL's: stored units, ALTER SESSION; False: it is SQL."""
        found = classify(text)
        match found.command:
            case Command.CREATE_UNIT:
                self._library.create(self, self.interpreter, text)
            case Command.COMPILE_UNIT:
                self.compile_unit(found, text)
            case Command.DROP_UNIT:
                self._library.drop(self, found.unit_type, found.owner, found.name)
            case Command.ALTER_TRIGGER:
                self._library.triggers.alter(self, found.owner, found.name, text)
            case Command.ALTER_SESSION:
                self.alter_session(settings.parse_alter(text))
            case Command.ALTER_SYSTEM:
                target = settings.parse_kill(text)
                if target is not None:
                    self._kill_session(*target)
                else:
                    self.alter_system(settings.parse_alter(text))
            case _:
                return False
        return True

    def create_unit(self, text: str) -> bool:
        return self._library.create(self, self.interpreter, text)

    def compile_unit(self, found: Classified, text: str) -> bool:
        """ALTER ... COMPILE; whether it compiles."""
        chosen = settings.compile_settings(text, self.compile_settings)
        return self._library.compile(
            self, self.interpreter, found.unit_type, found.owner, found.name, chosen
        )

    @property
    def compile_settings(self) -> Settings:
        """What units and blocks of this session are compiled with."""
        return settings_of(self.attribute("PLSQL_CCFLAGS"), self.attribute("NLS_LENGTH_SEMANTICS"))

    def run_block(self, text: str) -> None:
        """Run an anonymous block without binds, now and in this session."""
        try:
            block = self._library.block(text, self.compile_settings)
        except CompileErrors as errors:
            raise errors.as_ora_error() from None
        self.interpreter.run_block(block, {})

    def error_stack(self) -> str | None:
        """The messages of the exception that is being handled."""
        return self.interpreter.error_stack()

    def error_backtrace(self) -> str | None:
        """The ORA-06512 lines of that exception."""
        return self.interpreter.error_backtrace()

    def call_stack(self) -> str | None:
        """The calls that are under way, innermost first."""
        return self.interpreter.call_stack()

    # ---- settings ----

    def start(self) -> None:
        """What the client said at log-on becomes visible to SQL."""
        sid, serial = self._identity
        self.set_context("ora.sid", str(sid))
        self.set_context("ora.serial", str(serial))
        self.set_context("ora.release", self._sessions.release)
        self.set_context("ora.time_zone", self._attributes.get("TIME_ZONE") or "+00:00")
        for name in SHOWN_ATTRIBUTES:
            if value := self._attributes.get(name):
                self.set_context(f"ora.{name.lower()}", value)

    def set_context(self, name: str, value: str) -> None:
        self._contexts[name] = value
        for transaction in self._transactions:
            transaction.connection.set_context(name, value)
        if self._spare is not None:
            self._spare.set_context(name, value)

    def set_current_schema(self, schema: str) -> None:
        """ALTER SESSION SET CURRENT_SCHEMA.

        Raises:
            OraError: 1435 where there is no such user.
        """
        if not self._database.catalog.is_user(schema):
            raise OraError(1435, "user does not exist")
        self.current_schema = schema
        self.set_context("ora.current_schema", schema)

    def alter_session(self, assignments: dict[str, str]) -> None:
        for name, value in assignments.items():
            settings.check(name, value)
        for name, value in assignments.items():
            match name:
                case "CURRENT_SCHEMA":
                    self.set_current_schema(value)
                case "TIME_ZONE":
                    self._set_time_zone(value)
                case "ISOLATION_LEVEL":
                    self.connection.set_serializable(value == "SERIALIZABLE")
                    self._attributes[name] = value
                case "DDL_LOCK_TIMEOUT":
                    if not value.isdigit():
                        raise OraError(2017, "integer value required")
                    if int(value) > _MOST_LOCK_SECONDS:
                        raise OraError(
                            68,
                            f"invalid value {value} for parameter ddl_lock_timeout,"
                            f" must be between 0 and {_MOST_LOCK_SECONDS}",
                        )
                    self.set_context("ora.ddl_lock_timeout", value)
                case "PLSQL_CCFLAGS":
                    parse_flags(value)
                    self._attributes[name] = value
                case _ if name in settings.SESSION:
                    self._set_nls(name, value)
                    if name == "NLS_LANGUAGE":
                        self._set_nls("NLS_DATE_LANGUAGE", value)
                    elif name == "NLS_TERRITORY":
                        for derived, text in settings.TERRITORIES[value.upper()].items():
                            self._set_nls(derived, text)
                case _ if name not in settings.IGNORED:
                    raise OraError(2248, "invalid option for ALTER SESSION")

    def _set_time_zone(self, value: str) -> None:
        """ALTER SESSION SET TIME_ZONE: an offset, a region, LOCAL or DBTIMEZONE.

        Raises:
            OraError: 1882, there is no such region; 1874, the offset is too large.
        """
        match value.upper():
            case "LOCAL":
                value = self._first_time_zone
            case "DBTIMEZONE":
                value = "+00:00"
        zone = find_zone(value)
        value = zone.key if isinstance(zone, ZoneInfo) else value.strip()
        self._attributes["TIME_ZONE"] = value
        self.set_context("ora.time_zone", value)

    def _set_nls(self, name: str, value: str) -> None:
        self._attributes[name] = value
        self.set_context(f"ora.{name.lower()}", value)

    def set_client_context(self, namespace: str, attributes: Mapping[str, str | None]) -> None:
        """Set attributes of CLIENTCONTEXT, the application context that a client may write to.

        Args:
            namespace: its name.
            attributes: by name; none: all are cleared.

        Raises:
            OraError: 28267, another namespace.
        """
        if namespace.upper() != CLIENT_CONTEXT:
            raise OraError(28267, "Invalid NameSpace Value")
        if not attributes:
            self._client_context.clear()
        for name, value in attributes.items():
            self._client_context[name.upper()] = value
        self.set_context("ora.client_context", json.dumps(self._client_context))

    def client_context(self, name: str) -> str | None:
        """An attribute of CLIENTCONTEXT, by its name in upper case."""
        return self._client_context.get(name)

    def alter_system(self, assignments: dict[str, str]) -> None:
        self.require_system("ALTER SYSTEM")
        for name, value in assignments.items():
            if name not in settings.SYSTEM:
                raise OraError(2065, "illegal option for ALTER SYSTEM")
            if not value.isdigit():
                raise OraError(2017, "integer value required")
            wait_for(self._sessions.set_parameter(name.lower(), value))

    def _kill_session(self, sid: int, serial: int) -> None:
        """ALTER SYSTEM KILL SESSION.

        Raises:
            OraError: 1031; 27 its own session, 30 no such session.
        """
        self.require_system("ALTER SYSTEM")
        if (sid, serial) == self._identity:
            raise OraError(27, "cannot kill current session")
        if not wait_for(self._sessions.kill(sid, serial)):
            raise OraError(30, "User session ID does not exist.")

    # ---- transactions ----

    def begin_call(self, last_commit: int = 0) -> None:
        """A client's block begins: should it fail, the work before it has to stay.

        Args:
            last_commit: the number of the commit that is likely its last; 0: who knows.
        """
        self._in_call = True
        self._commits = 0
        self._last_commit = last_commit
        transaction = self.transaction
        open_before = transaction.connection.in_transaction
        transaction.call_savepoint = CallSavepoint.WANTED if open_before else CallSavepoint.NONE

    def end_call(self) -> int:
        """The block has ended: what it has committed is durable before the client hears of it.

        Returns:
            How often it has committed.
        """
        self._in_call = False
        if self._unflushed:
            connection = self._spare or self.connection
            self.run_cleanup(connection.flush())
            self._flushed()
        return self._commits

    def _flushed(self) -> None:
        self._unflushed = False
        self.statistics.synch_writes += 1

    def undo_call(self, *, open_before: bool) -> None:
        """The block failed: undo what it did since it began, or since it last committed."""
        while len(self._transactions) > 1:
            self.end_autonomous(failed=True)
        transaction = self.transaction
        if transaction.call_savepoint is CallSavepoint.SET:
            self.run_cleanup(transaction.connection.rollback_to(CALL_SAVEPOINT))
        elif transaction.connection.in_transaction and (
            not open_before or transaction.call_savepoint is CallSavepoint.NONE
        ):
            self.run_cleanup(transaction.connection.rollback())
            self._rolled_back(transaction)
        transaction.call_savepoint = CallSavepoint.NONE

    def run_cleanup(self, work: Awaitable[T]) -> T:
        """Like run_statement, but no break stops it."""
        return wait_for(work)

    def _before_change(self, transaction: Transaction) -> None:
        if self._callers:
            self._refuse_in_query()
        if transaction.call_savepoint is CallSavepoint.WANTED:
            transaction.call_savepoint = CallSavepoint.SET
            self.run_statement(
                transaction.connection.savepoint(CALL_SAVEPOINT), transaction.connection
            )

    def commit(self, *, waits: bool = True) -> None:
        """Commit. A call by the client waits for the disk once, at its end, however often it commits.

        Args:
            waits: it does not, but for this commit: COMMIT WRITE WAIT.
        """
        self._refuse_in_statement()
        transaction = self.transaction
        transaction.firings.refuse_control("COMMIT")
        if transaction.connection.in_transaction:
            flushes = self._counts_commit(waits=waits)
            self.run_cleanup(transaction.connection.commit(flushes=flushes))
            self._note_commit(transaction, flushes=flushes)
        else:
            self._committed(transaction)

    def _counts_commit(self, *, waits: bool) -> bool:
        """A commit is on its way; whether it waits for the disk itself.

        The last one of a call does, if it can be foreseen: it saves the wait at the end.
        """
        self.statistics.user_commits += 1
        self._commits += 1
        return waits or not self._in_call or self._commits == self._last_commit

    def _note_commit(self, transaction: Transaction, *, flushes: bool) -> None:
        if flushes:
            self._flushed()
        else:
            self._unflushed = True
        self._committed(transaction)

    def _committed(self, transaction: Transaction) -> None:
        transaction.call_savepoint = CallSavepoint.NONE
        if transaction.notifications:
            self._channels.signal(transaction.notifications)
            transaction.notifications.clear()
        transaction.reversals.clear()
        self._channels.signal(self.locks.release_transaction(self._identity))

    def rollback(self) -> None:
        self._refuse_in_statement()
        transaction = self.transaction
        transaction.firings.refuse_control("ROLLBACK")
        if transaction.connection.in_transaction:
            self.statistics.user_rollbacks += 1
            self.run_cleanup(transaction.connection.rollback())
        self._rolled_back(transaction)

    def _rolled_back(self, transaction: Transaction) -> None:
        transaction.call_savepoint = CallSavepoint.NONE
        transaction.notifications.clear()
        reversals, transaction.reversals = transaction.reversals, {}
        for actions in reversals.values():
            for action in actions:
                self.begin_autonomous()
                try:
                    action()
                finally:
                    self.end_autonomous(failed=True)
        self._channels.signal(reversals)
        self._channels.signal(self.locks.release_transaction(self._identity))

    def on_rollback(self, channel: str, action: Callable[[], None]) -> None:
        """Should the transaction not commit: signal the channel after its end.

        Where it ends by a ROLLBACK and not with the session, action runs before that.
        """
        self.transaction.reversals.setdefault(channel, []).append(action)

    def savepoint(self, name: str) -> None:
        self._refuse_in_statement()
        self.transaction.firings.refuse_control("SAVEPOINT")
        self._before_change(self.transaction)
        self.run_statement(self.connection.savepoint(name), self.connection)

    def rollback_to(self, name: str) -> None:
        self._refuse_in_statement()
        self.transaction.firings.refuse_control("ROLLBACK")
        self.run_statement(self.connection.rollback_to(name), self.connection)

    def set_transaction(self, text: str) -> None:
        self.transaction.firings.refuse_control("SET TRANSACTION")
        self.run_statement(self.connection.set_transaction(text), self.connection)

    def begin_autonomous(self) -> None:
        connection, self._spare = self._spare, None
        if connection is None:
            connection = wait_for(self._database.connect(user=self.user, parent=self.connection))
            for name, value in self._contexts.items():
                connection.set_context(name, value)
        self._transactions.append(Transaction(connection))

    def end_autonomous(self, *, failed: bool) -> None:
        transaction = self._transactions.pop()
        connection = transaction.connection
        left_open = connection.in_transaction
        if left_open:
            self.run_cleanup(connection.rollback())
            self._channels.signal(transaction.reversals)
        if self._spare is None and len(self._transactions) == 1:
            self._spare = connection
        else:
            wait_for(connection.close())
        if left_open and not failed:
            raise OraError(6519, "active autonomous transaction detected and rolled back")

    def in_transaction(self) -> bool:
        return self.connection.in_transaction

    async def close(self) -> None:
        """Roll back everything and give the connections back."""
        connections = [transaction.connection for transaction in self._transactions]
        if self._spare is not None:
            connections.append(self._spare)
            self._spare = None
        reversals = [channel for t in self._transactions for channel in t.reversals]
        self._transactions = self._transactions[:1]
        for connection in connections:
            await connection.close()
        if self._database.catalog.has_temporary_tables:
            sid, serial = self._identity
            await self._database.run("select localdb.forget_session($1)", f"{sid}.{serial}")
        self._channels.signal(reversals)
        self._channels.signal(self.locks.release_session(self._identity))

    # ---- time and others ----

    def turn(self) -> None:
        self.interruption.check()
        if time.perf_counter() > self.deadline:
            wait_for(asyncio.sleep(0))
            self.restart_slice()
            self.interruption.check()

    def restart_slice(self) -> None:
        """The others have had their turn."""
        self.deadline = time.perf_counter() + SLICE_SECONDS

    def aside(self, work: Callable[[Callable[[], bool]], T]) -> T:
        result = wait_for(self._aside(work))
        self.restart_slice()
        return result

    async def _aside(self, work: Callable[[Callable[[], bool]], T]) -> T:
        future = threads.start(work)
        try:
            await self.interruption.wait(future, None)
        finally:
            future.cancel()
        return future.result()

    def sleep(self, seconds: float) -> None:
        wait_for(self.interruption.wait(None, max(0.0, seconds)))

    def generation(self, channel: str) -> int:
        return self._channels.generation(channel)

    def notify(self, channel: str) -> None:
        self.transaction.notifications.add(channel)

    def wait(self, channel: str, generation: int, seconds: float | None) -> bool:
        event = self._channels.wait(channel, generation)
        return wait_for(self.interruption.wait(event, seconds))

    def now(self) -> datetime.datetime:
        seconds = time.time()
        return datetime.datetime.fromtimestamp(seconds, _local_zone(int(seconds) // _QUARTER))

    def session_time_zone(self) -> datetime.tzinfo:
        return self._sessions.zone(self._attributes.get("TIME_ZONE"))

    def attribute(self, name: str) -> str | None:
        return self._attributes.get(name)

    def set_attribute(self, name: str, value: str | None) -> None:
        self._attributes[name] = value
        if name in SHOWN_ATTRIBUTES:
            self.set_context(f"ora.{name.lower()}", value or "")

    def session_id(self) -> tuple[int, int]:
        return self._identity

    def session_alive(self, sid: int, serial: int) -> bool:
        return self._sessions.is_alive(sid, serial)

    def reset_packages(self) -> None:
        self.packages_to_reset = True
