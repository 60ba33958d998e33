"""Turns at something that one can use at a time."""

from __future__ import annotations

import asyncio
from collections import deque


class Turns:
    """As asyncio.Lock, but where nobody else wants it, it costs no more than a flag.

    Attributes:
        taken: whether somebody has it.
    """

    __slots__ = ("_waiting", "taken")

    def __init__(self) -> None:
        self.taken = False
        self._waiting: deque[asyncio.Future[None]] = deque()

    def take_at_once(self) -> bool:
        """Take it where it is free; False: await `take`."""
        if self.taken:
            return False
        self.taken = True
        return True

    async def take(self) -> None:
        """Take it, behind those who have asked before."""
        if self.take_at_once():
            return
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if not mine.cancelled():
                # It was given just before.
                self.give()
            raise

    def give(self) -> None:
        """To the next one who waits, if any."""
        while self._waiting:
            next_one = self._waiting.popleft()
            if not next_one.done():
                next_one.set_result(None)
                return
        self.taken = False
