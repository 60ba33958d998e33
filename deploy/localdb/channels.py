"""Wake-ups between sessions: a committed transaction tells those who wait for what it has done.

A channel is a name with a counter, its generation. Who waits reads the generation first, looks for
work, and then waits for another generation: a signal in between is not lost.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable


class Channels:
    """All channels of one server."""

    def __init__(self) -> None:
        self._generations: defaultdict[str, int] = defaultdict(int)
        self._waiters: defaultdict[str, set[asyncio.Future[None]]] = defaultdict(set)

    def generation(self, channel: str) -> int:
        return self._generations[channel]

    def signal(self, channels: Iterable[str]) -> None:
        for channel in channels:
            self._generations[channel] += 1
            for waiter in self._waiters.pop(channel, ()):
                if not waiter.done():
                    waiter.set_result(None)

    async def wait(self, channel: str, generation: int) -> None:
        """Returns once the channel's generation is another than this one."""
        if self._generations[channel] != generation:
            return
        waiter = asyncio.get_running_loop().create_future()
        self._waiters[channel].add(waiter)
        try:
            await waiter
        finally:
            self._waiters[channel].discard(waiter)
            if not self._waiters[channel]:
                del self._waiters[channel]
