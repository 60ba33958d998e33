"""One job being run: which call is in flight, and how it is broken off.

A break is sent again and again, as a server that sleeps or waits for a lock may not hear it. After
the grace time the connection is dropped: the fence then refuses whatever the session still does.
Only the procedure's call and the reading of its result are ever broken off, never a call that ends
the attempt.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Protocol

from sql.claims import Claim

#: Seconds between two breaks.
BREAK_SECONDS = 1.0
#: Seconds after dropping a connection until its call is given up, should it not notice by itself.
DROP_SECONDS = 2.0


class Reason(StrEnum):
    """Why a job is broken off."""

    CANCELLED = "cancelled"
    TIMED_OUT = "timed out"
    LOST = "claim lost"
    SHUTDOWN = "shutdown"


class Breakable(Protocol):
    """What is needed of a connection."""

    def cancel(self) -> None:
        """Break the call in flight."""

    def drop(self) -> None:
        """Cut the connection."""


class Interrupted(Exception):
    """The job is not to go on."""


class Execution:
    """A claim that has left the queue for a connection."""

    def __init__(
        self,
        claim: Claim,
        session: Breakable,
        *,
        grace_seconds: float,
        claimed_at: float | None = None,
    ) -> None:
        """Nothing is called yet.

        Args:
            claim: what is to run.
            session: that will run it.
            grace_seconds: between the first break and the drop of the connection.
            claimed_at: by the event loop's clock. None: now.
        """
        self.claim = claim
        #: By the event loop's clock.
        self.claimed_at = asyncio.get_running_loop().time() if claimed_at is None else claimed_at
        #: The first reason wins. None: nothing is to be broken off.
        self.reason: Reason | None = None
        self._session = session
        self._grace_seconds = grace_seconds
        self._task: asyncio.Task[None] | None = None
        self._breaker: asyncio.Task[None] | None = None
        self._call_over = asyncio.Event()
        self._call_over.set()
        self._given_up = False

    def interrupt(self, reason: Reason, *, grace_seconds: float | None = None) -> None:
        """Ask for the end of the job; twice does no harm.

        Args:
            reason: kept if it is the first.
            grace_seconds: until the connection is dropped. None: the usual time.
        """
        if grace_seconds is not None:
            self._grace_seconds = grace_seconds
            if self._breaker is not None:
                self._breaker.cancel()
                self._breaker = None
        self.reason = self.reason or reason
        if not self._call_over.is_set() and self._breaker is None:
            self._breaker = asyncio.create_task(self._break_off())

    @contextmanager
    def breakable(self) -> Iterator[None]:
        """Around a call that may be broken off.

        Raises:
            Interrupted: the job was to end before the call began, or the call was given up.
        """
        if self.reason is not None:
            raise Interrupted
        self._task = asyncio.current_task()
        self._call_over.clear()
        try:
            yield
        except asyncio.CancelledError:
            if not self._given_up:
                raise
            if self._task is not None:
                self._task.uncancel()
            raise Interrupted from None
        finally:
            self._call_over.set()
            if self._breaker is not None:
                self._breaker.cancel()
                self._breaker = None

    async def _break_off(self) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._grace_seconds
        while loop.time() < deadline:
            self._session.cancel()
            if await self._is_over(min(BREAK_SECONDS, deadline - loop.time())):
                return
        self._session.drop()
        if not await self._is_over(DROP_SECONDS) and self._task is not None:
            self._given_up = True
            self._task.cancel()

    async def _is_over(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(max(seconds, 0)):
                await self._call_over.wait()
        except TimeoutError:
            return False
        return True
