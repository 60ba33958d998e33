"""One Oracle transaction context on one PostgreSQL connection: statements, cursors, transactions."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from deploy.localdb.dialect import translation as control
from deploy.localdb.dialect.translation import Translation, Waiting
from deploy.localdb.effects import apply_effects
from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.postgres.backend import Backend, Counters, Row
from deploy.localdb.postgres.errors import Context
from deploy.localdb.postgres.prepared import Described
from deploy.localdb.postgres.wire import Result
from deploy.localdb.rights import Rights
from deploy.localdb.statement import Input, Kind, Outcome, Placeholder, Scope
from deploy.localdb.values import Column, SqlType, Value

if TYPE_CHECKING:
    from deploy.localdb.database import Database

#: DDL tries so long at least, then it is ORA-00054: longer than statements that are on their way, and
#: PostgreSQL's own housekeeping, take to get out of the way.
_DDL_LOCK_SECONDS = 2.0
#: It asks for its locks for so long, and begins again after as long: who comes later to PostgreSQL waits
#: behind whoever waits there, readers as well.
_DDL_TURN_SECONDS = 0.05
_BUSY = 54
_VIEW_TEXT = re.compile(
    r"\bas\b\s*(?P<text>[(\s]*\b(?:select|with)\b.*)", re.IGNORECASE | re.DOTALL
)
#: Rows that are decoded before other sessions have their turn.
_ROWS_AT_ONCE = 500
_NOT_IN_SEQUENCE = 1002, "fetch out of sequence"


@dataclass(frozen=True)
class PreparedStatement:
    """A translated statement; `statement.Prepared` for those who run it."""

    text: str
    translation: Translation
    #: What PostgreSQL says of it; None: DDL and transaction control are not prepared there.
    described: Described | None
    #: Of a query, or of RETURNING.
    columns: tuple[Column, ...] = ()
    #: With whose rights it runs, where what it gives depends on that.
    shown_rights: Rights | None = None
    #: Of CURSOR expressions, in the order of translation.nested.
    nested: tuple[PreparedStatement, ...] = ()
    #: Of DML that fires triggers: the query of its rows.
    source: PreparedStatement | None = None

    # Of the translation; asked for all the time.
    kind: Kind = field(init=False)
    verb: str = field(init=False)
    inputs: tuple[Input, ...] = field(init=False)
    into: tuple[Placeholder, ...] = field(init=False)
    for_update: bool = field(init=False)
    binds_needed: int = field(init=False)
    fires_triggers: bool = field(init=False)
    #: Of an error in it.
    context: Context = field(init=False)

    def __post_init__(self) -> None:
        placeholders = (
            i.index
            for i in (*self.translation.inputs, *self.translation.into)
            if isinstance(i, Placeholder)
        )
        object.__setattr__(self, "binds_needed", max(placeholders, default=-1) + 1)
        object.__setattr__(self, "fires_triggers", self.translation.triggered is not None)
        waits = isinstance(self.translation.wait, int)
        object.__setattr__(self, "context", Context(self.translation.verb, waits=waits))
        for name in ("kind", "verb", "inputs", "into", "for_update"):
            object.__setattr__(self, name, getattr(self.translation, name))

    @property
    def relations(self) -> set[tuple[str, str]]:
        return {(use.owner, use.name) for use in self.translation.uses}


class AsyncCursor:
    """An open query.

    Its rows are those of the moment when it was opened. They are in memory, so that they outlive the
    transaction, but for SKIP LOCKED: there a row is looked for, and locked, when it is fetched.
    """

    def __init__(
        self,
        backend: Backend,
        statement: PreparedStatement,
        described: Described,
        columns: tuple[Column, ...],
        rows: list[bytes],
        portal: str = "",
    ) -> None:
        self.columns = columns
        self._backend = backend
        self._statement = statement
        self._described = described
        self._rows = rows
        self._next = 0
        self._stays = False
        self._portal = portal
        # A cursor that locks belongs to its transaction.
        self._transaction = backend.transaction_number if statement.for_update else None

    async def fetch(self, rows: int) -> list[tuple[Value, ...]]:
        """At most so many rows; fewer only at the end.

        Raises:
            OraError: 1002, the transaction of a cursor FOR UPDATE has ended.
        """
        if self._transaction is not None and self._transaction != self._backend.transaction_number:
            self._portal = ""
            raise OraError(*_NOT_IN_SEQUENCE)
        if self._portal:
            result = await self._backend.fetch(self._portal, rows, self._statement.context)
            if not result.suspended:
                self._close_portal()
            return await self._decode(result.rows)
        return await self._decode(self._take(rows))

    def fetch_at_once(self, rows: int) -> list[tuple[Value, ...]] | None:
        """As fetch, where nothing has to be waited for; None: use fetch."""
        if self._transaction is not None or min(rows, len(self._rows)) > _ROWS_AT_ONCE:
            return None
        return self._backend.decode(self._described, self._take(rows))

    def _take(self, rows: int) -> list[bytes]:
        found = self._rows[self._next : self._next + rows]
        self._next += len(found)
        if self._next == len(self._rows) and not self._stays:
            self._rows = []
            self._next = 0
        return found

    async def _decode(self, rows: list[bytes]) -> list[tuple[Value, ...]]:
        values = self._backend.decode(self._described, rows[:_ROWS_AT_ONCE])
        for start in range(_ROWS_AT_ONCE, len(rows), _ROWS_AT_ONCE):
            await asyncio.sleep(0)
            values += self._backend.decode(self._described, rows[start : start + _ROWS_AT_ONCE])
        return values

    def make_scrollable(self) -> None:
        """Keep the rows that are fetched: the client may go back to them.

        Raises:
            Unsupported: SKIP LOCKED, whose rows are not known before they are fetched.
        """
        if self._portal:
            raise Unsupported("scrollable cursors FOR UPDATE SKIP LOCKED")
        self._stays = True

    @property
    def row_count(self) -> int:
        """Of a scrollable cursor: how many rows there are."""
        return len(self._rows)

    @property
    def position(self) -> int:
        """How many rows are before the next one."""
        return self._next

    def seek(self, position: int) -> None:
        """Of a scrollable cursor: fetch from here on; 0 is before the first row."""
        self._next = min(max(position, 0), len(self._rows))

    def close(self) -> None:
        """Forget the rows; twice is fine."""
        self._rows = []
        self._next = 0
        self._close_portal()

    def _close_portal(self) -> None:
        if self._portal:
            portal, self._portal = self._portal, ""
            if self._transaction == self._backend.transaction_number:
                self._backend.close_portal(portal)


class SqlConnection:
    """What a session, or an autonomous transaction in it, runs its SQL on.

    Attributes:
        parent: of an autonomous transaction, the connection of the session around it.
    """

    def __init__(
        self, database: Database, backend: Backend, parent: SqlConnection | None = None
    ) -> None:
        self.parent = parent
        self._database = database
        self._given: Backend | None = backend
        #: NLS_LENGTH_SEMANTICS = CHAR.
        self._in_characters = False
        #: DDL_LOCK_TIMEOUT.
        self._ddl_lock_seconds = 0

    @property
    def _backend(self) -> Backend:
        if self._given is None:
            raise OraError(1012, "not logged on")
        return self._given

    @property
    def in_transaction(self) -> bool:
        return self._given is not None and self._given.in_transaction

    @property
    def backend_pid(self) -> int:
        return self._backend.pid

    @property
    def counters(self) -> Counters:
        """Executions, commits and rollbacks so far."""
        return self._backend.counters

    def take_questions(self) -> list[dict[str, str]]:
        """What the statements since the last time have asked of PL/SQL; see `answers`."""
        return self._backend.take_questions()

    def decode(self, text: str, type_: SqlType | None) -> Value:
        """An argument of a PL/SQL function, as `dialect/functions.py` has it written."""
        return self._database.codec.decode(text, type_)

    # ---- statements ----

    async def prepare(
        self,
        text: str,
        *,
        schema: str,
        types: Sequence[SqlType | None] = (),
        scope: Scope | None = None,
        rights: Rights | None = None,
    ) -> PreparedStatement:
        """Translate a statement and have PostgreSQL check it.

        Args:
            text: the statement.
            schema: where names without an owner are looked up.
            types: of the placeholders, as far as they are known.
            scope: the PL/SQL names around it.
            rights: what it may do; None: everything.

        Raises:
            OraError: it is wrong, or localdb cannot do it.
        """
        return await self._database.statements.prepare(
            self._backend,
            text,
            schema=schema,
            types=tuple(types),
            scope=scope,
            rights=rights,
            in_characters=self._in_characters,
        )

    async def execute(self, prepared: PreparedStatement, values: Sequence[Value]) -> Outcome:
        """Run DML, DDL or transaction control; what fails undoes itself alone.

        Args:
            prepared: by any connection of this database.
            values: one for each of its inputs.
        """
        translation = prepared.translation
        match translation.kind:
            case Kind.DML:
                return await self._execute_dml(prepared, values)
            case Kind.DDL:
                await self._execute_ddl(prepared)
                return Outcome()
            case Kind.CONTROL:
                await self._control(prepared)
                return Outcome()
            case Kind.QUERY:
                cursor = await self.open(prepared, values)
                cursor.close()
                return Outcome()

    async def _execute_dml(self, prepared: PreparedStatement, values: Sequence[Value]) -> Outcome:
        described = _described(prepared)
        self._show_rights(prepared)
        result = await self._backend.run(described, values, context=prepared.context)
        return self._outcome(described, result)

    async def execute_many(
        self, prepared: PreparedStatement, rows: Sequence[Sequence[Value]]
    ) -> tuple[list[Outcome], OraError | None]:
        """Run DML once for each row of values, many in one round trip.

        Returns:
            An outcome for each row up to the first that failed, whose error comes with them; what
            was done before it stays.
        """
        described = _described(prepared)
        self._show_rights(prepared)
        results, error = await self._backend.run_many(described, rows, prepared.context)
        return [self._outcome(described, result) for result in results], error

    async def execute_batch(
        self,
        batch: Sequence[tuple[PreparedStatement, Sequence[Value]]],
        *,
        commits: bool = False,
        flushes: bool = True,
    ) -> tuple[list[Outcome], OraError | None]:
        """Run DML statements one after the other, in one round trip.

        Args:
            batch: the statements, each with its values.
            commits: once all have succeeded.
            flushes: as for `commit`.

        Returns:
            An outcome for each up to the first that failed, whose error comes with them; with an
            outcome for each it is the commit's. What was done before stays, and is not committed.

        Raises:
            OraError: 2091, the commit has failed.
        """
        for prepared, _ in batch:
            self._show_rights(prepared)
        steps = [(_described(prepared), values, prepared.context) for prepared, values in batch]
        results, error = await self._backend.run_batch(steps, commits=commits, flushes=flushes)
        return [
            self._outcome(described, result)
            for (described, _, _), result in zip(steps, results, strict=False)
        ], error

    def _outcome(self, described: Described, result: Result) -> Outcome:
        # INSERT ALL returns rows without columns, which only count.
        rows = (
            self._backend.decode(described, result.rows) if result.rows and described.fields else ()
        )
        return Outcome(row_count=_row_count(result), rows=rows)

    async def open(self, prepared: PreparedStatement, values: Sequence[Value]) -> AsyncCursor:
        """Open a query."""
        translation = prepared.translation
        described = _described(prepared)
        self._show_rights(prepared)
        skips = translation.wait is Waiting.SKIP
        portal = self._backend.new_portal() if translation.for_update and skips else ""
        result = await self._backend.run(
            described,
            values,
            begins=translation.for_update,
            lock_seconds=_lock_seconds(translation),
            context=prepared.context,
            portal=portal,
            reads=not translation.for_update,
        )
        return AsyncCursor(
            self._backend, prepared, described, prepared.columns, result.rows, portal
        )

    async def select(
        self, prepared: PreparedStatement, values: Sequence[Value], most: int
    ) -> list[tuple[Value, ...]]:
        """The first rows of a query, which is not open afterwards.

        Only these rows are looked for, but of a query that locks without SKIP LOCKED: that locks
        all its rows.
        """
        translation = prepared.translation
        described = _described(prepared)
        self._show_rights(prepared)
        locks_all = translation.for_update and translation.wait is not Waiting.SKIP
        result = await self._backend.run(
            described,
            values,
            begins=translation.for_update,
            lock_seconds=_lock_seconds(translation),
            context=prepared.context,
            rows=0 if locks_all else most,
            reads=not translation.for_update,
        )
        return self._backend.decode(described, result.rows[:most])

    def _show_rights(self, prepared: PreparedStatement) -> None:
        """Tell the dictionary who asks."""
        rights = prepared.shown_rights
        if rights is not None:
            self._backend.set("ora.current_user", rights.user)
            self._backend.set("ora.enabled_roles", "\n".join(sorted(rights.roles)))

    async def native(self, sql: str, *params: Value) -> list[Row]:
        """PostgreSQL's own SQL with $1.. on the current transaction; begins one where none is open."""
        return await self._native(sql, params, begins=True)

    async def read(self, sql: str, *params: Value) -> list[Row]:
        """Like native, but where no transaction is open it leaves none: what it does is committed."""
        return await self._native(sql, params, begins=False)

    async def _native(self, sql: str, params: Sequence[Value], *, begins: bool) -> list[Row]:
        described = await self._database.statements.describe(self._backend, sql)
        result = await self._backend.run(
            described, params, begins=begins, context=Context(sql.split(None, 1)[0].upper())
        )
        return self._backend.decode(described, result.rows)

    async def _execute_ddl(self, prepared: PreparedStatement) -> None:
        await self._backend.commit()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + max(self._ddl_lock_seconds, _DDL_LOCK_SECONDS)
        while True:
            try:
                await self._change_once(prepared)
                break
            except OraError as error:
                if error.code != _BUSY or loop.time() > deadline:
                    raise
            await asyncio.sleep(_DDL_TURN_SECONDS)
        await self._database.catalogue_changed()

    async def _change_once(self, prepared: PreparedStatement) -> None:
        backend, translation = self._backend, prepared.translation
        await backend.begin_changes(_DDL_TURN_SECONDS)
        try:
            if translation.sql:
                await backend.run_script(translation.sql, Context(translation.verb))
            await apply_effects(self.native, self._database.codec, translation.effects)
            await self._keep_view_text(prepared)
        except BaseException:
            await backend.rollback()
            raise
        await backend.commit()

    async def _keep_view_text(self, prepared: PreparedStatement) -> None:
        if prepared.translation.verb != "CREATE VIEW":
            return
        found = _VIEW_TEXT.search(prepared.text)
        for effect in prepared.translation.effects:
            if isinstance(effect, control.ObjectCreated) and effect.type == "VIEW" and found:
                await self.native(
                    """
                    insert into localdb.view_texts (owner, name, text) values ($1, $2, $3)
                    on conflict (owner, name) do update set text = excluded.text
                    """,
                    effect.owner,
                    effect.name,
                    found["text"].strip(),
                )

    async def _control(self, prepared: PreparedStatement) -> None:
        translation = prepared.translation
        match translation.control:
            case control.Commit():
                await self.commit()
            case control.Rollback(savepoint=None):
                await self.rollback()
            case control.Rollback(savepoint=str(name)):
                await self.rollback_to(name)
            case control.Savepoint(name):
                await self.savepoint(name)
            case control.SetTransaction():
                await self._set_transaction(translation.control)
            case control.LockTable() | control.SetConstraints():
                await self._backend.run(
                    Described(translation.sql, ()),
                    (),
                    lock_seconds=_lock_seconds(translation),
                    context=Context(translation.verb),
                )
            case _:
                raise Unsupported(f"{translation.verb} here")

    # ---- transactions ----

    async def commit(self, *, flushes: bool = True) -> None:
        """Commit; what does not flush is durable after the next flush, or commit that does."""
        await self._backend.commit(flushes=flushes)

    async def flush(self) -> None:
        """Make durable what was committed before."""
        await self._backend.flush()

    async def rollback(self) -> None:
        await self._backend.rollback()

    async def savepoint(self, name: str) -> None:
        await self._backend.savepoint(name)

    async def rollback_to(self, name: str) -> None:
        await self._backend.rollback_to(name)

    async def release(self, name: str) -> None:
        """Forget a savepoint; what was done since stays."""
        await self._backend.release(name)

    async def set_transaction(self, text: str) -> None:
        """SET TRANSACTION, the whole statement."""
        prepared = await self.prepare(text, schema="")
        await self._control(prepared)

    async def _set_transaction(self, wanted: control.SetTransaction) -> None:
        if self.in_transaction:
            raise OraError(1453, "SET TRANSACTION must be first statement of transaction")
        # Oracle's SERIALIZABLE is a snapshot, which PostgreSQL calls REPEATABLE READ.
        if wanted.read_only:
            await self._backend.begin("begin isolation level repeatable read read only")
        elif wanted.isolation == "SERIALIZABLE":
            await self._backend.begin("begin isolation level repeatable read")
        else:
            self._backend.begin_read_committed()

    def set_serializable(self, on: bool) -> None:
        """ALTER SESSION SET ISOLATION_LEVEL: for the transactions that begin from now on."""
        self._backend.set_serializable(on)

    # ---- session ----

    def set_context(self, name: str, value: str | None) -> None:
        """A setting that SQL functions read, 'ora.current_schema'; sent with the next statement."""
        if name == "ora.nls_length_semantics":
            self._in_characters = (value or "").upper() == "CHAR"
        elif name == "ora.ddl_lock_timeout":
            self._ddl_lock_seconds = int(value or 0)
        self._backend.set(name, value)

    async def cancel(self) -> None:
        """From another task: what runs here ends with ORA-01013; the transaction stays."""
        await self._backend.cancel()

    async def reset(self) -> None:
        """Break what runs, roll back, and forget all settings."""
        await self._backend.reset()

    async def close(self) -> None:
        """Roll back and give the connection back; twice is fine."""
        backend, self._given = self._given, None
        self.parent = None
        if backend is not None:
            await self._database.give_back(backend)


def _described(prepared: PreparedStatement) -> Described:
    assert prepared.described is not None, f"{prepared.verb} is not run this way"
    return prepared.described


def _lock_seconds(translation: Translation) -> float | None:
    return float(translation.wait) if isinstance(translation.wait, int) else None


def _row_count(result: Result) -> int:
    """'INSERT 0 5', 'UPDATE 5', 'SELECT 5'."""
    last = result.tag.rpartition(" ")[2]
    return int(last) if last.isdigit() else 0
