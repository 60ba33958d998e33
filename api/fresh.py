"""A value that is asked for at most once at a time, and kept for a moment.

However many ask, and however often, what stands behind is asked as rarely as the moment allows. An
error is kept like a value, so that a database that is down is left alone as well.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Fresh(Generic[T]):
    """Keeps what a call gave.

    Args:
        ask: the call.
        seconds: how long a value is kept.
        patience_seconds: how long anyone waits for a new one.
    """

    def __init__(
        self,
        ask: Callable[[], Coroutine[Any, Any, T]],
        *,
        seconds: float,
        patience_seconds: float,
    ) -> None:
        self._ask = ask
        self._seconds = seconds
        self._patience_seconds = patience_seconds
        self._task: asyncio.Task[T] | None = None
        self._done_at = 0.0

    async def get(self) -> T:
        """The value, asked for now if the last one is too old.

        Raises:
            TimeoutError: there was no answer for so long; the question goes on.
            Exception: whatever the call raised.
        """
        task = self._task
        if task is None or (task.done() and time.monotonic() - self._done_at >= self._seconds):
            task = self._task = asyncio.create_task(self._ask())
            task.add_done_callback(self._note)
        # Not cancelled when time is up: a call that is broken off helps nobody, and blocks for longer.
        await asyncio.wait({task}, timeout=self._patience_seconds)
        if not task.done():
            raise TimeoutError
        return task.result()

    def _note(self, task: asyncio.Task[T]) -> None:
        self._done_at = time.monotonic()
        if not task.cancelled():
            # Looked at here, as perhaps nobody waits for it any more.
            task.exception()
