"""The worker process: a dispatcher that waits on the queue, slots that run jobs, a heartbeat.

    dispatcher ── claims ──▶ holdings ──▶ slot 1 .. n, each with a session of its own
                                 ▲
                             heartbeat

The dispatcher claims what the idle slots can take. While there is a backlog of short jobs it claims
ahead, up to as many again as there are slots, so that one call serves several jobs.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress

from structlog.typing import FilteringBoundLogger
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    wait_exponential_jitter,
)

from sql.claims import CLAIM_LIMIT, Claim, Claims, WorkerIdentity
from sql.errors import ConnectionLost, DatabaseError, LogonRefused
from sql.metrics import Recorder
from sql.session import FreshState, WorkerSession
from sql.settings import DatabaseSettings
from sql.signature import Signatures
from sql.statements import load_statements
from worker.attempt import Attempt
from worker.demand import Demand
from worker.execution import Execution, Reason
from worker.heartbeat import Heartbeat
from worker.holdings import Holding, Holdings
from worker.runner import Runner, TakeNext
from worker.settings import WorkerSettings

#: Seconds that a call may last beyond the wait it asked for.
CALL_SLACK_SECONDS = 15.0
#: The dispatcher's connection is replaced after so many seconds: an old waiting one may go deaf.
DISPATCHER_SECONDS = 1800.0
#: Of the host's name in the worker's id, which has to fit 64 bytes: V$SESSION shows it.
HOST_LENGTH = 47
#: Grace of running jobs when the worker is to end at once.
HURRY_SECONDS = 1.0


class Worker:
    """One worker process. `run` until `stop`; a worker runs once."""

    def __init__(
        self, settings: WorkerSettings, database: DatabaseSettings, logger: FilteringBoundLogger
    ) -> None:
        host = socket.gethostname()
        pid = os.getpid()
        identity = WorkerIdentity(
            id=f"{host[:HOST_LENGTH]}:{pid}:{secrets.token_hex(4)}",
            host=host,
            pid=pid,
            slots=settings.slots,
            version=settings.version,
        )
        statements = load_statements(database.owner)
        #: Set once every connection stands and the queue is listened to.
        self.ready = asyncio.Event()
        self.id = identity.id
        self._settings = settings
        self._database = database
        self._logger = logger.bind(worker=identity.id)
        self._claims = Claims(statements, identity, lease_seconds=settings.lease_seconds)
        self._fresh = FreshState()
        self._holdings = Holdings()
        self._recorder = Recorder()
        self._demand = Demand(settings.slots, short_seconds=settings.start_seconds / 2)
        signatures = Signatures(
            statements, owner=database.owner, default_schema=database.default_schema
        )
        self._heartbeat = Heartbeat(
            settings,
            self._claims,
            self._holdings,
            self._session(),
            self._logger,
            recorder=self._recorder,
            on_refused=self._give_up,
            on_drain=self._drain,
        )
        self._runner = Runner(
            self._claims,
            signatures,
            self._logger,
            recorder=self._recorder,
            mark_timeout=self._heartbeat.mark_timeout,
        )
        self._dispatcher = self._session()
        self._idle = 0
        #: Slots that have had a connection.
        self._connected = 0
        #: Set whenever there may be room for more claims.
        self._changed = asyncio.Event()
        self._refusal: LogonRefused | None = None
        #: No more claims.
        self._stopping = asyncio.Event()
        #: The grace time of running jobs has begun.
        self._leaving = asyncio.Event()
        self._hurrying = asyncio.Event()
        self._ended = asyncio.Event()

    async def run(self) -> None:
        """Run jobs until stopped; then end in order: nothing reserved stays, jobs may finish.

        Raises:
            LogonRefused: the database refuses the user; trying on would lock the account.
        """
        self._logger.info("worker started", slots=self._settings.slots)
        beating = asyncio.create_task(self._heartbeat.run())
        slots = [asyncio.create_task(self._serve_slot()) for _ in range(self._settings.slots)]
        try:
            await self._dispatch()
            await self._heartbeat.give_back(self._holdings.take_overdue(older_than=float("inf")))
            self._holdings.end()
            await self._finish(slots)
        finally:
            for task in slots:
                task.cancel()
            await asyncio.gather(*slots, return_exceptions=True)
            self._heartbeat.stop()
            await beating
            await self._dispatcher.close()
            self._ended.set()
        self._logger.info("worker ended")
        if self._refusal is not None:
            raise self._refusal

    async def stop(self) -> None:
        """Ask for the end and wait for it; asked a second time, running jobs are broken off."""
        self.request_stop()
        await self._ended.wait()

    def request_stop(self) -> None:
        """As `stop`, for a signal handler: does not wait."""
        if self._leaving.is_set():
            self._hurrying.set()
            # What it was about to claim expires.
            self._dispatcher.drop()
        self._leaving.set()
        self._stopping.set()
        self._changed.set()

    def _drain(self) -> None:
        """Claim no more, and end when the running jobs have ended, however long they take."""
        if not self._stopping.is_set():
            self._logger.info("worker drains")
            self._stopping.set()
            self._changed.set()

    async def _dispatch(self) -> None:
        """Claim what there is room for, until the worker is to stop."""
        loop = asyncio.get_running_loop()
        opened_at = loop.time()
        while not self._stopping.is_set():
            if self._dispatcher.is_open and loop.time() - opened_at > DISPATCHER_SECONDS:
                self._dispatcher.discard()
            if not self._dispatcher.is_open:
                await self._open(self._dispatcher, self._settings.wait_seconds + CALL_SLACK_SECONDS)
                opened_at = loop.time()
                self._note_ready()
            limit = await self._wait_for_room()
            if self._stopping.is_set() or not self._dispatcher.is_open:
                continue
            for claim in await self._claim(limit):
                self._holdings.reserve(claim)

    def _note_ready(self) -> None:
        if self._connected == self._settings.slots and self._dispatcher.is_open:
            self.ready.set()

    async def _wait_for_room(self) -> int:
        while True:
            room = self._demand.room(idle=self._idle, reserved=self._holdings.reserved)
            if room > 0 or self._stopping.is_set():
                return max(1, min(room, CLAIM_LIMIT))
            self._changed.clear()
            await self._changed.wait()

    async def _claim(self, limit: int) -> list[Claim]:
        wait_seconds = self._settings.wait_seconds
        try:
            with self._dispatcher.limited():
                claims = await self._claims.claim(
                    self._dispatcher.connection, limit=limit, wait_seconds=wait_seconds
                )
        except DatabaseError as error:
            # Whatever was claimed is not named in any heartbeat, so its lease runs out.
            self._logger.warning("claim failed", code=error.code, error=error.text)
            self._dispatcher.drop()
            if not isinstance(error, ConnectionLost):
                await self._sleep(1.0)
            return []
        self._demand.claimed(len(claims), limit=limit)
        return claims

    async def _serve_slot(self) -> None:
        """Run one job after the other on a session of its own."""
        session = self._session()
        try:
            if await self._open(session):
                self._connected += 1
                self._note_ready()
            while await self._open(session):
                holding = await self._next_holding()
                if holding is None:
                    return
                await self._run_holding(session, holding)
        finally:
            await session.close()

    async def _next_holding(self) -> Holding | None:
        self._idle += 1
        self._changed.set()
        try:
            return await self._holdings.next_reserved()
        finally:
            self._idle -= 1

    async def _run_holding(self, session: WorkerSession, holding: Holding) -> None:
        """Run a job, and those that were started together with the end of the one before."""
        attempt: Attempt | None = self._runner.attempt(self._execution(session, holding))
        while attempt is not None:
            taken: list[Execution] = []

            def take_next(
                suits: Callable[[Claim], bool], taken: list[Execution] = taken
            ) -> Execution | None:
                # Idle slots come first: they can start the job at once.
                if self._stopping.is_set() or self._holdings.reserved <= self._idle:
                    return None
                following = self._holdings.take_reserved(suits)
                if following is None:
                    return None
                taken.append(self._execution(session, following))
                return taken[-1]

            following: Attempt | None = None
            try:
                following = await self._run_attempt(session, attempt, take_next)
            finally:
                self._holdings.remove(attempt.claim)
                for execution in taken:
                    if following is None or execution is not following.execution:
                        self._holdings.remove(execution.claim)
                self._demand.job_took(attempt.run_seconds)
            attempt = following

    def _execution(self, session: WorkerSession, holding: Holding) -> Execution:
        execution = Execution(
            holding.claim,
            session,
            grace_seconds=self._settings.cancel_grace_seconds,
            claimed_at=holding.claimed_at,
        )
        holding.execution = execution
        self._changed.set()
        return execution

    async def _run_attempt(
        self, session: WorkerSession, attempt: Attempt, take_next: TakeNext
    ) -> Attempt | None:
        try:
            options = attempt.claim.options
            if session.is_used and (options.fresh_session or options.own_transaction):
                session.discard()
            # The database may have closed the connection while there was nothing to do: its restart
            # must not cost each slot a job.
            if not await self._open(session):
                return None
            return await self._runner.run(session, attempt, take_next)
        except Exception as error:
            # A fault of ours must not end the slot; the job is left to the recovery.
            attempt.log.error("job dropped", exc_info=error)
            session.drop()
            return None

    async def _finish(self, slots: list[asyncio.Task[None]]) -> None:
        """Let running jobs end; after the grace time, or in a hurry, break them off."""
        await self._first_of(slots, self._leaving)
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.grace_seconds):
                await self._first_of(slots, self._hurrying)
        if not all(task.done() for task in slots):
            self._interrupt_all(HURRY_SECONDS if self._hurrying.is_set() else None)
            await self._first_of(slots, self._hurrying)
        if not all(task.done() for task in slots):
            self._interrupt_all(HURRY_SECONDS)
            await asyncio.wait(slots)

    async def _first_of(self, slots: list[asyncio.Task[None]], event: asyncio.Event) -> None:
        """Until all slots have ended, or something has happened."""
        ended = asyncio.create_task(asyncio.wait(slots))
        happened = asyncio.create_task(event.wait())
        try:
            await asyncio.wait((ended, happened), return_when=asyncio.FIRST_COMPLETED)
        finally:
            ended.cancel()
            happened.cancel()

    def _interrupt_all(self, grace_seconds: float | None) -> None:
        for execution in self._holdings.running:
            execution.interrupt(Reason.SHUTDOWN, grace_seconds=grace_seconds)

    async def _open(self, session: WorkerSession, call_seconds: float = 0) -> bool:
        """Connect, however long it takes. False: the worker stops before it could."""
        if session.is_open:
            return True
        if self._stopping.is_set():
            return False
        connecting = AsyncRetrying(
            retry=retry_if_exception(_may_connect_later),
            wait=wait_exponential_jitter(initial=0.1, max=self._settings.reconnect_seconds),
            stop=lambda state: self._stopping.is_set(),
            sleep=self._sleep,
            before_sleep=self._complain,
            retry_error_callback=lambda state: None,
        )
        try:
            await connecting(session.open, call_seconds=call_seconds)
        except LogonRefused as error:
            self._give_up(error)
        return session.is_open

    def _give_up(self, refusal: LogonRefused) -> None:
        self._refusal = refusal
        self._leaving.set()
        self._stopping.set()
        self._changed.set()

    def _complain(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, DatabaseError) and state.attempt_number in (1, 10, 100):
            self._logger.warning("no connection", code=error.code, error=error.text)

    async def _sleep(self, seconds: float) -> None:
        """Sleep, but not beyond a stop."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()

    def _session(self) -> WorkerSession:
        return WorkerSession(self._database, self._claims, self._fresh, program="oraq-worker")


def _may_connect_later(error: BaseException) -> bool:
    return isinstance(error, DatabaseError) and not isinstance(error, LogonRefused)
