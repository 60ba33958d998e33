"""The worker's signs of life, on a connection of its own.

Every few seconds the leases of all claims are renewed, by name. In between, while a job runs, a
light query sees cancel requests. Reserved claims that found no slot in time are given back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from structlog.typing import FilteringBoundLogger

from sql.claims import CLAIM_LIMIT, Claim, Claims
from sql.errors import DatabaseError, LogonRefused
from sql.metrics import Recorder
from sql.session import WorkerSession
from worker.holdings import Holdings
from worker.settings import WorkerSettings

#: Longest time of one call in seconds.
CALL_SECONDS = 10.0
#: How long the mark of a time limit is tried, and the pause between two attempts.
MARK_SECONDS = 60.0
MARK_PAUSE_SECONDS = 0.1


class Heartbeat:
    """Keeps the claims of one worker until it is stopped."""

    def __init__(
        self,
        settings: WorkerSettings,
        claims: Claims,
        holdings: Holdings,
        session: WorkerSession,
        logger: FilteringBoundLogger,
        *,
        recorder: Recorder,
        on_refused: Callable[[LogonRefused], None],
        on_drain: Callable[[], None],
    ) -> None:
        """Prepare the first beat.

        Args:
            settings: how often.
            claims: the calls.
            holdings: whose leases are renewed.
            session: of its own.
            logger: with the worker bound.
            recorder: whose counters the heartbeat leaves in the database.
            on_refused: told when the database refuses the user, which ends the heartbeat.
            on_drain: told when the worker is asked to finish its jobs and end.
        """
        self._recorder = recorder
        self._on_drain = on_drain
        self._on_refused = on_refused
        self._settings = settings
        self._claims = claims
        self._holdings = holdings
        self._session = session
        self._logger = logger
        self._stopped = asyncio.Event()
        #: Whether it is known that the file of the sign of life cannot be written.
        self._is_untouchable = False
        #: One at a time: when a connection is cut while a second call waits for it inside the driver
        #: (python-oracledb 26.1), the process crashes.
        self._turn = asyncio.Lock()

    async def run(self) -> None:
        """Beat until stopped. While the database is away it tries again and again."""
        loop = asyncio.get_running_loop()
        next_beat = loop.time()
        failures = 0
        while not self._stopped.is_set():
            self._touch()
            try:
                async with self._turn:
                    try:
                        await self._session.open(call_seconds=CALL_SECONDS)
                        if loop.time() >= next_beat:
                            next_beat = loop.time() + self._settings.heartbeat_seconds
                            await self._beat()
                        elif self._holdings.running:
                            await self._look_for_cancels()
                        await self._return_overdue()
                    except DatabaseError:
                        self._session.drop()
                        raise
                failures = 0
            except LogonRefused as error:
                self._on_refused(error)
                return
            except DatabaseError as error:
                failures += 1
                if failures == 1:
                    self._logger.warning("heartbeat failed", code=error.code, error=error.text)
                next_beat = loop.time()
            await self._pause(next_beat - loop.time(), failures)
        if self._session.is_open:
            # Where it fails the worker is seen as silent for a while, which is true as well.
            with suppress(DatabaseError), self._session.limited():
                await self._claims.leave(self._session.connection)
        await self._session.close()

    def stop(self) -> None:
        self._stopped.set()

    def _touch(self) -> None:
        """Show who watches the process that it goes on; the database being away is no reason not to."""
        if self._settings.alive_file is None:
            return
        try:
            self._settings.alive_file.touch()
        except OSError as error:
            if not self._is_untouchable:
                self._logger.warning("sign of life not written", error=str(error))
            self._is_untouchable = True

    async def give_back(self, claims: list[Claim]) -> None:
        """Release reserved claims; those for which it fails expire by themselves."""
        async with self._turn:
            await self._release(claims)

    async def _release(self, claims: list[Claim]) -> None:
        try:
            for claim in claims:
                with self._session.limited():
                    ending = await self._claims.release(self._session.connection, claim)
                self._logger.info(
                    "reservation given back",
                    job_id=claim.job_id,
                    attempt=claim.attempt,
                    status=ending.status,
                )
        except (DatabaseError, RuntimeError) as error:
            self._logger.warning("reservations left to expire", error=str(error))

    async def mark_timeout(self, claim: Claim) -> None:
        """Tell the database that a job's time is over; tried until it is known there.

        Also after the job has been broken off: were its connection dropped without the mark, it
        would run again.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + MARK_SECONDS
        while loop.time() < until:
            async with self._turn:
                # Where the connection is out of order, the heartbeat makes a new one.
                if self._session.is_open:
                    try:
                        with self._session.limited():
                            status = await self._claims.time_out(self._session.connection, claim)
                        if status != "busy":
                            return
                    except DatabaseError as error:
                        self._logger.warning(
                            "time limit not marked yet", job_id=claim.job_id, error=error.text
                        )
                elif self._stopped.is_set():
                    return
            await asyncio.sleep(MARK_PAUSE_SECONDS)

    async def _beat(self) -> None:
        claims = self._holdings.all()
        metrics = self._recorder.snapshot().to_text()
        states: list[str] = []
        # At least one call, as it also shows that the worker lives.
        for first in range(0, len(claims) or 1, CLAIM_LIMIT):
            part = claims[first : first + CLAIM_LIMIT]
            with self._session.limited():
                beat = await self._claims.heartbeat(self._session.connection, part, metrics=metrics)
            states += beat.states
        self._tell(claims, states)
        if beat.drain:
            self._on_drain()

    async def _look_for_cancels(self) -> None:
        claims = [execution.claim for execution in self._holdings.running][:CLAIM_LIMIT]
        with self._session.limited():
            states = await self._claims.cancel_requests(self._session.connection, claims)
        self._tell(claims, states)

    def _tell(self, claims: list[Claim], states: list[str]) -> None:
        for claim, state in zip(claims, states, strict=True):
            self._holdings.tell(claim, state)

    async def _return_overdue(self) -> None:
        limit = asyncio.get_running_loop().time() - self._settings.start_seconds
        overdue = self._holdings.take_overdue(older_than=limit)
        if overdue:
            await self._release(overdue)

    async def _pause(self, until_beat: float, failures: int) -> None:
        """Sleep until there is something to look at, or until stopped."""
        seconds = min(max(until_beat, 0.0), self._settings.cancel_check_seconds)
        if failures:
            seconds = min(0.2 * 2 ** min(failures, 10), self._settings.heartbeat_seconds)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopped.wait()
