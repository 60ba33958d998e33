"""A connection with a transaction that behaves as Oracle's.

Rules:

1. A statement that fails undoes itself and nothing else: it runs behind a savepoint, the guard, which
   goes along in the same round trip. The first statement of a transaction needs none, nor does one
   right behind another savepoint. Several that are sent together have one guard between them; where
   one fails, those before it are done again.
2. A transaction begins with the first statement that changes or locks something, in the same round
   trip; a query outside of one leaves nothing open, so that readers never block DDL.
3. What PostgreSQL forgets with a rollback (settings) is sent again.
4. A savepoint, and the BEGIN of SET TRANSACTION, go along with the next statement.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, TypeAlias, TypeVar

from deploy.localdb.errors import OraError
from deploy.localdb.postgres import messages, steps
from deploy.localdb.postgres.codec import Codec, decode_row, encode_row
from deploy.localdb.postgres.errors import CANCELLED, Context, to_oracle
from deploy.localdb.postgres.prepared import Described, PreparedNames
from deploy.localdb.postgres.settings import FLUSHING, Settings
from deploy.localdb.postgres.wire import ConnectionLost, Exchange, Result, ServerError, Wire
from deploy.localdb.turns import Turns
from deploy.localdb.values import Value

P = ParamSpec("P")
T = TypeVar("T")

#: Of a query whose columns the caller knows.
Row: TypeAlias = tuple[Any, ...]
#: Statements, each with its values and the context of its error.
Batch: TypeAlias = Sequence[tuple[Described, Sequence[Value], Context]]
#: Runs a statement of PostgreSQL's with $1.. and returns its rows.
Query: TypeAlias = Callable[..., Awaitable[list[Row]]]

#: A statement that takes longer is looked at: it may wait for ever.
_SUSPICIOUS_SECONDS = 0.2
#: PostgreSQL has set the guard by then.
_GUARD_SECONDS = 0.002
_MOST_BREAKS = 5
_ROWS_AT_ONCE = 250
_LOST = 3113, "end-of-file on communication channel"


@dataclass(slots=True)
class _Wrapped:
    """Steps with all that has to go along.

    Attributes:
        first: the number of their first result.
        undo: what undoes them after an error, and nothing else; empty: a rollback.
        commits: whether they end with a commit.
    """

    data: bytes
    first: int
    undo: bytes
    commits: bool = False


@dataclass
class Counters:
    """What a connection has done."""

    executes: int = 0
    commits: int = 0
    rollbacks: int = 0


def _alone(
    method: Callable[Concatenate[Backend, P], Awaitable[T]],
) -> Callable[Concatenate[Backend, P], Coroutine[Any, Any, T]]:
    """One at a time, and not before what somebody has abandoned is cleaned up."""

    @functools.wraps(method)
    async def alone(self: Backend, /, *args: P.args, **kwargs: P.kwargs) -> T:
        turns = self._turns
        if not turns.take_at_once():
            await turns.take()
        try:
            if self._cancelling is not None or self._unfinished is not None:
                await self._settle()
            return await method(self, *args, **kwargs)
        finally:
            turns.give()

    return alone


class Backend:
    """One connection to PostgreSQL and its transaction.

    Attributes:
        is_blocked: asks whether this connection waits for somebody who waits for it; None where that
            cannot be.
    """

    def __init__(self, wire: Wire, codec: Codec) -> None:
        self.counters = Counters()
        self.is_blocked: Callable[[], Awaitable[bool]] | None = None
        self._wire = wire
        self._codec = codec
        self._settings = Settings()
        self._savepoints: list[str] = []
        self._names = PreparedNames()
        #: Rises with each end of a transaction: portals of an older one are gone.
        self.transaction_number = 0
        self._broken_by_deadlock = False
        self._sent = 0.0
        self._look: asyncio.TimerHandle | None = None
        self._begin = steps.BEGIN
        #: A transaction has been begun of which PostgreSQL has yet to hear.
        self._begin_due = False
        #: Savepoints of the open transaction of which PostgreSQL has yet to hear, in their order.
        self._savepoints_due: list[str] = []
        self._cancelling: asyncio.Future[None] | None = None
        self._turns = Turns()
        self._unfinished: Callable[[], Awaitable[None]] | None = None

    @classmethod
    async def connect(cls, path: str, user: str, database: str, codec: Codec) -> Backend:
        wire = await Wire.connect(
            path, user, database, {"search_path": "ora, pg_catalog", "client_encoding": "UTF8"}
        )
        (await wire.exchange(steps.PREPARE_FIXED)).check()
        return cls(wire, codec)

    @property
    def pid(self) -> int:
        return self._wire.pid

    @property
    def in_transaction(self) -> bool:
        return self._is_open or self._begin_due

    @property
    def _is_open(self) -> bool:
        """Whether PostgreSQL has begun the transaction."""
        return self._wire.status != "I"

    @property
    def is_lost(self) -> bool:
        return self._wire.is_lost

    def set(self, name: str, value: str | None) -> None:
        """A setting of the session, sent along with the next statement."""
        self._settings.set(name, value or "")

    def set_serializable(self, on: bool) -> None:
        """From now on transactions see one snapshot, taken by their first statement."""
        self._begin = steps.BEGIN_SERIALIZABLE if on else steps.BEGIN

    def take_questions(self) -> list[dict[str, str]]:
        """What the statements since the last time have asked of PL/SQL; see `Wire.questions`."""
        questions, self._wire.questions = self._wire.questions, []
        return questions

    # ---- statements ----

    @_alone
    async def describe(self, sql: str, types: Sequence[int]) -> Described:
        """Have PostgreSQL parse a statement.

        Raises:
            OraError: it is wrong; the transaction goes on.
        """
        name = self._names.new_statement()
        guarded = self._is_open
        parts = [
            self._names.take_closed(),
            steps.SET_GUARD if guarded else b"",
            messages.parse(name, sql, types),
            messages.describe_statement(name),
            steps.TO_GUARD if guarded else b"",
            messages.SYNC,
        ]
        exchange = await self._exchange(
            b"".join(parts), Context(), undo=steps.UNDO if guarded else b""
        )
        described = Described(
            sql,
            tuple(types),
            exchange.parameters,
            exchange.fields,
            self._codec.decoders(exchange.fields),
            messages.result_formats([self._codec.is_binary(f) for f in exchange.fields]),
        )
        self._names.keep(described, name)
        return described

    @_alone
    async def run(
        self,
        statement: Described,
        values: Sequence[Value],
        *,
        begins: bool = True,
        lock_seconds: float | None = None,
        context: Context | None = None,
        portal: str = "",
        rows: int = 0,
        reads: bool = False,
    ) -> Result:
        """Run a statement; should it fail, its effects are undone and the transaction goes on.

        Args:
            statement: as described.
            values: one per parameter.
            begins: a transaction, where none is open.
            lock_seconds: the longest wait for a lock; None: for ever.
            context: for the text of an error.
            portal: bind to this portal, which can be fetched from; it is not run where rows is 0.
            rows: at most so many; 0: all.
            reads: it changes and locks nothing, so it leaves no lock on what it has read.

        Raises:
            OraError: it has failed.
        """
        self.counters.executes += 1
        parameters = encode_row(values, statement.parameters or statement.types)
        name, parse = self._names.find(statement)
        run = parse + messages.bind(portal, name, parameters, statement.result_formats)
        if rows or not portal:
            run += messages.execute(portal, rows)
        if lock_seconds is not None:
            timeout = b"%d" % max(1, int(lock_seconds * 1000))
            run = steps.step("local", b"lock_timeout", timeout) + run + steps.NO_LOCK_TIMEOUT
        wrapped = self._wrapped(run, begins=begins, reads=reads)
        exchange = await self._send(wrapped)
        if exchange.error is not None:
            error = await self._undone(exchange, context or Context(), wrapped.undo)
            if parse or _is_outdated(error):
                self._names.forget(statement)
            raise error from exchange.error
        if portal and not rows:
            return Result()
        return exchange.results[wrapped.first if lock_seconds is None else wrapped.first + 1]

    async def run_many(
        self, statement: Described, rows: Sequence[Sequence[Value]], context: Context
    ) -> tuple[list[Result], OraError | None]:
        """Run a statement once for each row of values, many of them in one round trip.

        Returns:
            A result for each row up to the first that failed, whose error comes with them.
        """
        results: list[Result] = []
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            part = rows[start : start + _ROWS_AT_ONCE]
            found, error = await self.run_batch([(statement, row, context) for row in part])
            results += found
            if error is not None:
                return results, error
        return results, None

    @_alone
    async def run_batch(
        self, batch: Batch, *, commits: bool = False, flushes: bool = True
    ) -> tuple[list[Result], OraError | None]:
        """Run statements one after the other, in one round trip.

        Args:
            batch: the statements, each with its values and the context of an error.
            commits: once all have succeeded.
            flushes: as for `commit`.

        Returns:
            A result for each up to the first that failed, whose error comes with them; with a result
            for each it is the commit's. What was done before stays, and is not committed.

        Raises:
            OraError: 2091 where the commit has failed, as for `commit`.
        """
        self.counters.executes += len(batch)
        return await self._run_batch(batch, commits, flushes)

    async def _run_batch(
        self, batch: Batch, commits: bool, flushes: bool
    ) -> tuple[list[Result], OraError | None]:
        encoded: list[list[bytes | None]] = []
        for statement, values, _ in batch:
            try:
                encoded.append(encode_row(values, statement.parameters or statement.types))
            except OraError as refused:
                if not encoded:
                    return [], refused
                results, earlier = await self._run_batch(batch[: len(encoded)], False, flushes)
                return results, earlier or refused
        parsed: list[Described] = []
        run: list[bytes] = []
        for (statement, _, _), parameters in zip(batch, encoded, strict=True):
            name, parse = self._names.find(statement)
            if parse:
                parsed.append(statement)
                run.append(parse)
            run.append(messages.bind("", name, parameters, statement.result_formats))
            run.append(messages.EXECUTE)
        wrapped = self._wrapped(b"".join(run), begins=True, commits=commits, flushes=flushes)
        exchange = await self._send(wrapped)
        if exchange.error is None:
            return exchange.results[wrapped.first : wrapped.first + len(batch)], None
        done = max(0, sum(1 for result in exchange.results if result.tag) - wrapped.first)
        done = min(done, len(batch))
        if done == len(batch) and self._wire.status != "E":
            raise await self._commit_failed(exchange.error)
        # At the end: a break that came just before the commit.
        context = batch[done][2] if done < len(batch) else Context("COMMIT")
        error = await self._undone(exchange, context, wrapped.undo)
        if done < len(batch) and _is_outdated(error):
            parsed.append(batch[done][0])
        for statement in parsed:
            # Whether it was parsed is not known; closing what is not there is no error.
            self._names.forget(statement)
        if not done:
            return [], error
        # All are undone: those before the one that failed are done again.
        results, another = await self._run_batch(batch[:done], False, flushes)
        return results, another or error

    @_alone
    async def fetch(self, portal: str, rows: int, context: Context) -> Result:
        """The next rows of a portal; only these are locked."""
        wrapped = self._wrapped(messages.execute(portal, rows), begins=True)
        exchange, error = await self._try(wrapped, context)
        if error is not None:
            raise error from exchange.error
        return exchange.results[wrapped.first]

    @_alone
    async def run_script(self, text: str, context: Context | None = None) -> None:
        """Several statements without parameters, in the open transaction or one of their own.

        Raises:
            OraError: one has failed; the whole transaction is undone.
        """
        await self._exchange(messages.query(text), context or Context())

    def decode(self, statement: Described, rows: Sequence[bytes]) -> list[tuple[Value, ...]]:
        decoders = statement.decoders
        return [decode_row(row, decoders) for row in rows]

    def close_portal(self, name: str) -> None:
        """Forget a portal; PostgreSQL hears of it with the next statement."""
        if self._is_open:
            self._names.close_portal(name)

    def new_portal(self) -> str:
        return self._names.new_portal()

    def forget_statements(self) -> None:
        """The catalogue has changed: what was prepared may not fit any more."""
        self._names.forget_all()

    # ---- transactions ----

    def begin_read_committed(self) -> None:
        """Begin a transaction of Oracle's usual isolation level, whatever the session's is."""
        self._begin_due = True

    @_alone
    async def begin(self, text: str) -> None:
        """Begin a transaction of another isolation level, and take its snapshot."""
        settings = self._settings.take_unsent()
        if settings:  # not in the same transaction: they would take its snapshot
            await self._exchange(settings + messages.SYNC, Context())
        await self._exchange(messages.query(f"{text}; select 1"), Context())

    @_alone
    async def begin_changes(self, lock_seconds: float) -> None:
        """Begin a transaction in which no wait for a lock is longer."""
        timeout = steps.step("local", b"lock_timeout", b"%d" % int(lock_seconds * 1000))
        await self._exchange(
            steps.BEGIN + self._settings.take_unsent() + timeout + messages.SYNC,
            Context(),
        )

    @_alone
    async def commit(self, *, flushes: bool = True) -> None:
        """Commit the transaction; nothing where none is open.

        Args:
            flushes: it is durable when this returns; else after the next flush or durable commit of
                any connection.

        Raises:
            OraError: 2091 where a deferred constraint is violated; all is rolled back.
        """
        self._begin_due = False
        if not self._is_open:
            return
        self._set_flushing(flushes)
        data = self._settings.take_unsent() + steps.COMMIT + messages.SYNC
        try:
            exchange = await self._wait(self._wire.exchange(data))
        finally:
            self._transaction_ended()
        if exchange.error is not None:
            raise await self._commit_failed(exchange.error)
        self._settings.committed()
        self.counters.commits += 1

    async def _commit_failed(self, error: ServerError) -> OraError:
        """All is rolled back."""
        await self._undo(b"")
        cause = to_oracle(error)
        failed = OraError(2091, f"transaction rolled back\n{cause.text}")
        failed.__cause__ = error
        return failed

    def _set_flushing(self, flushes: bool) -> None:
        """Whether the commits of this connection wait until they are on disk."""
        self._settings.set(FLUSHING, "on" if flushes else "off")

    @_alone
    async def flush(self) -> None:
        """Make durable what any connection has committed."""
        await self._exchange(steps.FLUSH, Context())

    @_alone
    async def rollback(self) -> None:
        """Undo the transaction; nothing where none is open."""
        self._begin_due = False
        if not self._is_open:
            return
        try:
            await self._wait(self._wire.exchange(steps.ROLLBACK))
        finally:
            self._transaction_ended()
            self._settings.rolled_back()
        self.counters.rollbacks += 1

    @_alone
    async def savepoint(self, name: str) -> None:
        """Set a savepoint, or move it to here."""
        if self._is_open:
            self._savepoints_due.append(name)
        else:
            data = self._beginning() + self._savepoint_step(name) + messages.SYNC
            await self._exchange(data, Context())
        if name in self._savepoints:
            self._savepoints.remove(name)
        self._savepoints.append(name)

    @_alone
    async def rollback_to(self, name: str) -> None:
        """Undo what came after the savepoint.

        Raises:
            OraError: 1086, there is no such savepoint.
        """
        if name not in self._savepoints:
            raise OraError(
                1086, f"savepoint '{name}' never established in this session or is invalid"
            )
        data = self._take_savepoints() + _rollback_to(name) + messages.SYNC
        exchange = await self._wait(self._wire.exchange(data))
        if exchange.error is not None:
            raise to_oracle(exchange.error)
        del self._savepoints[self._savepoints.index(name) + 1 :]
        self._settings.rolled_back()

    @_alone
    async def release(self, name: str) -> None:
        """Forget a savepoint and those behind it; what was done since stays."""
        if name in self._savepoints_due:
            del self._savepoints_due[self._savepoints_due.index(name) :]
        else:
            prepared, parse = self._names.find(Described(f"release savepoint {_quote(name)}", ()))
            data = parse + messages.bind("", prepared) + messages.EXECUTE + messages.SYNC
            await self._exchange(data, Context())
            self._savepoints_due.clear()
        del self._savepoints[self._savepoints.index(name) :]

    def _beginning(self) -> bytes:
        return steps.BEGIN if self._begin_due else self._begin

    def _take_savepoints(self) -> bytes:
        due = b"".join([self._savepoint_step(name) for name in self._savepoints_due])
        self._savepoints_due.clear()
        return due

    def _savepoint_step(self, name: str) -> bytes:
        prepared, parse = self._names.find(Described(f"savepoint {_quote(name)}", ()))
        return parse + messages.bind("", prepared) + messages.EXECUTE

    def _transaction_ended(self) -> None:
        self._savepoints.clear()
        self._savepoints_due.clear()
        self._names.transaction_ended()
        self.transaction_number += 1

    # ---- life ----

    async def cancel(self) -> None:
        """From another task: break what runs."""
        target = self._wire.current
        if target is None or self._cancelling is not None:
            return
        # Nothing else is sent until the break is on its way, or that would be hit.
        loop = asyncio.get_running_loop()
        self._cancelling = cancelling = loop.create_future()
        try:
            # Not before the guard is set, or the whole transaction would break.
            since = time.monotonic() - self._sent
            if since < _GUARD_SECONDS:
                await asyncio.wait({target}, timeout=_GUARD_SECONDS - since)
            if self._wire.current is target:
                await self._wire.cancel()
        finally:
            self._cancelling = None
            cancelling.set_result(None)

    async def reset(self) -> None:
        """Make it as new for the next user: rolled back, without settings.

        Raises:
            OraError: the connection is lost.
        """
        # Who is still at work here gets an error, and has cleaned up before the next one comes.
        while self._turns.taken or not self._wire.is_idle:
            await self.cancel()
            current = self._wire.current
            await (asyncio.wait({current}) if current is not None else asyncio.sleep(0))
        await self.rollback()
        self._settings.clear()
        self._set_flushing(True)
        self.is_blocked = None
        self.counters = Counters()
        self._begin = steps.BEGIN

    async def close(self) -> None:
        if self._look is not None:
            self._look.cancel()
        with contextlib.suppress(OSError):
            await self.cancel()
        await self._wire.close()

    # ---- inside ----

    def _wrapped(
        self,
        run: bytes,
        *,
        begins: bool,
        commits: bool = False,
        flushes: bool = True,
        reads: bool = False,
    ) -> _Wrapped:
        undo = after = b""
        settings_sent = len(self._settings.unsent)
        settings = self._settings.take_unsent()
        ahead = b""
        if self._wire.status != "I":
            if self._savepoints_due:
                first = len(self._savepoints_due)
                # Nothing has been done since the last of them: it is the guard.
                undo = _rollback_to(self._savepoints_due[-1]) + messages.SYNC
                after = _rollback_to(self._savepoints_due[-1]) if reads else b""
                before = self._take_savepoints()
            else:
                first, before, undo = 1, steps.SET_GUARD, steps.UNDO
                after = steps.TO_GUARD if reads else steps.RELEASE_GUARD
            if reads:
                # Behind the guard they would be taken back with it.
                ahead, settings = settings, b""
        elif begins or self._begin_due:
            first, before = 1, self._beginning()
        else:
            first, before = 0, b""
            # PostgreSQL commits it by itself.
            self._set_flushing(True)
        if commits:
            self._set_flushing(flushes)
            # It ends the guard too.
            after = steps.COMMIT
        first += settings_sent
        data = self._names.take_closed() + ahead + before + settings + run + after + messages.SYNC
        return _Wrapped(data, first, undo, commits)

    async def _exchange(self, data: bytes, context: Context, *, undo: bytes = b"") -> Exchange:
        exchange, error = await self._try(_Wrapped(data, 0, undo), context)
        if error is not None:
            raise error from exchange.error
        return exchange

    async def _try(self, wrapped: _Wrapped, context: Context) -> tuple[Exchange, OraError | None]:
        """Send and wait; an error is undone, to the guard or altogether."""
        exchange = await self._send(wrapped)
        if exchange.error is None:
            return exchange, None
        return exchange, await self._undone(exchange, context, wrapped.undo)

    async def _send(self, wrapped: _Wrapped) -> Exchange:
        """Send and wait; after an error nothing is undone yet."""
        future = self._wire.exchange(wrapped.data)
        self._note_sent()
        try:
            exchange = await future
        except asyncio.CancelledError:
            # Who waited is gone; the next one to come cleans up.
            self._unfinished = lambda: self._finish(wrapped)
            raise
        except ConnectionLost as error:
            raise OraError(*_LOST) from error
        if exchange.error is None:
            if wrapped.commits:
                self._begin_due = False
                self._transaction_ended()
                self._settings.committed()
                self.counters.commits += 1
            elif self._begin_due and self._is_open:
                self._begin_due = False
        return exchange

    async def _undone(self, exchange: Exchange, context: Context, undo: bytes) -> OraError:
        """Undo what has failed; gives its error."""
        assert exchange.error is not None
        undone = await self._undo(undo)
        if self._broken_by_deadlock:
            context = Context(context.verb, context.waits, broken_by_deadlock=True)
            self._broken_by_deadlock = False
        found = to_oracle(exchange.error, context)
        if not undone:
            found = OraError(2091, f"transaction rolled back\n{found.text}")
        found.__cause__ = exchange.error
        return found

    async def _finish(self, wrapped: _Wrapped) -> None:
        if not self._wire.is_idle:
            await self.cancel()
            await self._wait(self._wire.exchange(messages.SYNC))
        if self._wire.status == "E":
            await self._undo(wrapped.undo)
        elif wrapped.commits:
            self._transaction_ended()

    async def _undo(self, undo: bytes) -> bool:
        """After an error; False: what came before the statement could not be kept."""
        self._settings.rolled_back()
        if self._cancelling is not None:
            await self._cancelling
        # A break may hit the undoing itself.
        for _ in range(_MOST_BREAKS):
            if self._wire.status != "E" or not undo:
                break
            exchange = await self._wait(self._wire.exchange(undo))
            if exchange.error is None:
                return True
            if exchange.error.sqlstate != CANCELLED:
                break
        while self._wire.status != "I":
            await self._wait(self._wire.exchange(steps.ROLLBACK))
        self._transaction_ended()
        return not undo

    async def _settle(self) -> None:
        """Before anything is sent: let a break arrive, and clean up what was abandoned."""
        if self._cancelling is not None:
            await self._cancelling
        if self._unfinished is not None:
            finish, self._unfinished = self._unfinished, None
            await finish()

    async def _wait(self, future: asyncio.Future[Exchange]) -> Exchange:
        self._note_sent()
        try:
            return await future
        except ConnectionLost as error:
            raise OraError(*_LOST) from error

    def _note_sent(self) -> None:
        """For those who look whether it takes long."""
        self._sent = time.monotonic()
        if self.is_blocked is not None and self._look is None:
            self._look_later(_SUSPICIOUS_SECONDS)

    def _look_later(self, seconds: float) -> None:
        self._look = asyncio.get_running_loop().call_later(seconds, self._look_at)

    def _look_at(self) -> None:
        """Watch what runs if it has run for long; one look for all the short ones meanwhile."""
        self._look = None
        current = self._wire.current
        if current is None or self.is_blocked is None:
            return
        remaining = self._sent + _SUSPICIOUS_SECONDS - time.monotonic()
        if remaining > 0:
            self._look_later(remaining)
        else:
            self._start_watching(current)

    def _start_watching(self, future: asyncio.Future[Exchange]) -> None:
        watcher = asyncio.get_running_loop().create_task(self._watch(future))
        future.add_done_callback(lambda _: watcher.cancel())

    async def _watch(self, future: asyncio.Future[Exchange]) -> None:
        """Break the statement should it wait for itself by way of others."""
        while not future.done() and self.is_blocked is not None:
            if await self.is_blocked() and not future.done():
                self._broken_by_deadlock = True
                await self.cancel()
                return
            await asyncio.sleep(_SUSPICIOUS_SECONDS)


def _is_outdated(error: OraError) -> bool:
    cause = error.__cause__
    return isinstance(cause, ServerError) and "cached plan" in cause.message


def _rollback_to(savepoint: str) -> bytes:
    return messages.parse("", f"rollback to {_quote(savepoint)}") + steps.step("")


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
