"""One eye on all jobs that clients of this process wait for.

However many clients wait, and for however many jobs, the database is asked once an interval for all
of them together, and not at all while nobody waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import structlog

from sql.errors import DatabaseError
from sql.jobs import Job, JobState

#: Most clients that may wait at once.
WAITING_LIMIT = 10_000


class StateSource(Protocol):
    """Knows how far jobs are."""

    async def states(self, job_ids: Sequence[str]) -> Mapping[str, JobState]: ...


class WatchingEnded(Exception):
    """The process ends, so nobody will be told anything any more."""


class TooManyWaiting(Exception):
    """WAITING_LIMIT clients wait already."""


class Watch:
    """One client's view of one job: what has changed since it looked last."""

    def __init__(self, state: JobState | None) -> None:
        self._state = state
        self._changed = asyncio.Event()
        self._ended = False

    async def next(self) -> JobState | None:
        """Wait for a change; of several meanwhile only the last is told.

        Returns:
            The state now. None: the job is gone.

        Raises:
            WatchingEnded: the process ends.
        """
        await self._changed.wait()
        if self._ended:
            raise WatchingEnded
        self._changed.clear()
        return self._state

    async def until_end(self) -> JobState | None:
        """Wait until the job has ended, or is gone (None).

        Raises:
            WatchingEnded: the process ends.
        """
        while True:
            state = await self.next()
            if state is None or state.has_ended:
                return state

    def tell(self, state: JobState | None) -> None:
        if state != self._state:
            self._state = state
            self._changed.set()

    def end(self) -> None:
        self._ended = True
        self._changed.set()


class Watcher:
    """Asks for all watched jobs at once, and tells each watch what has changed.

    Args:
        source: is asked once an interval.
        interval_seconds: between an answer and the next question.
        logger: of the process.
    """

    def __init__(
        self,
        source: StateSource,
        *,
        interval_seconds: float,
        logger: structlog.typing.FilteringBoundLogger,
    ) -> None:
        self._source = source
        self._interval_seconds = interval_seconds
        self._logger = logger
        self._watches: dict[str, set[Watch]] = {}
        self._count = 0
        self._asking: asyncio.Task[None] | None = None
        self._reading: dict[str, asyncio.Task[Job | None]] = {}
        self._stopped = False

    @property
    def waiting(self) -> int:
        """How many clients wait now."""
        return self._count

    @contextmanager
    def watch(self, job_id: str, known: JobState | None) -> Iterator[Watch]:
        """Watch a job while the context lasts.

        Args:
            job_id: a job that is there.
            known: what the client knows already, and is not told again.

        Raises:
            TooManyWaiting: there is no room.
            WatchingEnded: the process ends.
        """
        if self._stopped:
            raise WatchingEnded
        if self._count >= WAITING_LIMIT:
            raise TooManyWaiting
        watch = Watch(known)
        self._watches.setdefault(job_id, set()).add(watch)
        self._count += 1
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask_on())
        try:
            yield watch
        finally:
            self._count -= 1
            watches = self._watches[job_id]
            watches.discard(watch)
            if not watches:
                del self._watches[job_id]

    async def read_once(
        self, job_id: str, read: Callable[[], Coroutine[Any, Any, Job | None]]
    ) -> Job | None:
        """Read a job that has ended, once for all who have waited for it.

        Not for a job that may change: who comes later gets what the first has asked for.
        """
        task = self._reading.get(job_id)
        if task is None:
            task = asyncio.create_task(read())
            self._reading[job_id] = task
            task.add_done_callback(lambda _task: self._reading.pop(job_id, None))
        # One client that leaves takes the answer from none of the others.
        return await asyncio.shield(task)

    def stop(self) -> None:
        """Let everyone go who waits. Twice is fine."""
        self._stopped = True
        if self._asking is not None:
            self._asking.cancel()
        for watches in self._watches.values():
            for watch in watches:
                watch.end()

    async def _ask_on(self) -> None:
        """Ask until nobody waits any more."""
        is_away = False
        while True:
            await asyncio.sleep(self._interval_seconds)
            if not self._watches:
                return
            try:
                await self._ask()
                is_away = False
            except DatabaseError as error:
                # Who waits goes on waiting: the database may be back before their time is up.
                if not is_away:
                    self._logger.warning("jobs cannot be watched", code=error.code)
                is_away = True

    async def _ask(self) -> None:
        asked = list(self._watches)
        states = await self._source.states(asked)
        for job_id in asked:
            for watch in self._watches.get(job_id, ()):
                watch.tell(states.get(job_id))
