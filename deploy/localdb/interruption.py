"""A break: ends what a session is doing, wherever it waits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from deploy.localdb.errors import OraError

T = TypeVar("T")


class Interruption:
    """The break state of one session.

    A break is heard once, as ORA-01013, by what runs or by the next thing that asks. A session that
    is closing hears it for ever, so that no handler can go on with a client that is gone.
    """

    def __init__(self) -> None:
        self._requested = False
        self._closing = False
        self._waiting: asyncio.Future[None] | None = None
        self._cancel: Callable[[], Coroutine[Any, Any, None]] | None = None
        self._cancelling: asyncio.Task[None] | None = None

    def request(self, *, closing: bool = False) -> None:
        """Break off what runs now."""
        self._requested = True
        self._closing = self._closing or closing
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)
        if self._cancel is not None and (self._cancelling is None or self._cancelling.done()):
            self._cancelling = asyncio.get_running_loop().create_task(self._cancel())

    def check(self) -> None:
        """Raises OraError 1013 where a break was requested."""
        if self._requested:
            self._requested = self._closing
            raise OraError(1013, "user requested cancel of current operation")

    def heard(self, error: OraError) -> None:
        """A statement has ended with the error: perhaps the one of the break."""
        if error.code == 1013:
            self._requested = self._closing

    @property
    def is_settled(self) -> bool:
        """Whether nothing was requested: `settle` would do nothing."""
        return not self._requested and self._cancelling is None

    async def settle(self) -> None:
        """At the end of a request: a break that came too late must not meet the next one."""
        if self._cancelling is not None:
            await self._cancelling
            self._cancelling = None
        self._requested = self._closing

    async def statement(
        self, work: Awaitable[T], cancel: Callable[[], Coroutine[Any, Any, None]]
    ) -> T:
        """Await a statement of the database, which `cancel` breaks (with ORA-01013)."""
        try:
            self.check()
        except OraError:
            if isinstance(work, Coroutine):
                work.close()  # it is not begun
            raise
        self._cancel = cancel
        try:
            return await work
        except OraError as error:
            self.heard(error)
            raise
        finally:
            self._cancel = None

    async def wait(self, event: Awaitable[object] | None, seconds: float | None) -> bool:
        """Wait for the event (True) or until time is up (False)."""
        self.check()
        waiting = self._waiting = asyncio.get_running_loop().create_future()
        watched: set[asyncio.Future[Any]] = {waiting}
        task = asyncio.ensure_future(event) if event is not None else None
        if task is not None:
            watched.add(task)
        try:
            done, _ = await asyncio.wait(
                watched, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            self._waiting = None
            if task is not None and not task.done():
                task.cancel()
        self.check()
        return task is not None and task in done
