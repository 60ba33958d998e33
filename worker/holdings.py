"""What the worker holds: every claim from its answer until its end, reserved or running.

The heartbeat names exactly these. A claim that was lost, or whose call's outcome is unknown, is
taken out at once, so that its lease runs out and the database decides.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from sql.claims import Claim
from worker.execution import Execution, Reason


@dataclass(slots=True)
class Holding:
    """A claim, reserved until it has an execution."""

    claim: Claim
    #: By the event loop's clock.
    claimed_at: float
    execution: Execution | None = None


class Holdings:
    """All claims of the process; reserved ones wait in order."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, int], Holding] = {}
        self._waiting: deque[Holding] = deque()
        #: Slots that wait for a claim.
        self._idle: deque[asyncio.Future[None]] = deque()
        self._reserved = 0
        self._has_ended = False

    @property
    def reserved(self) -> int:
        return self._reserved

    @property
    def running(self) -> list[Execution]:
        return [holding.execution for holding in self._held.values() if holding.execution]

    def all(self) -> list[Claim]:
        return [holding.claim for holding in self._held.values()]

    def reserve(self, claim: Claim) -> None:
        holding = Holding(claim, asyncio.get_running_loop().time())
        self._held[_key(claim)] = holding
        self._reserved += 1
        self._waiting.append(holding)
        self._wake_one()

    async def next_reserved(self) -> Holding | None:
        """The next claim to run, once there is one. None: no more will come.

        The caller sets its execution before it awaits anything.
        """
        while (holding := self.take_reserved()) is None and not self._has_ended:
            woken = asyncio.get_running_loop().create_future()
            self._idle.append(woken)
            try:
                await woken
            except asyncio.CancelledError:
                # What this one was woken for, another has to take.
                self._wake_one()
                raise
        return holding

    def take_reserved(self, suits: Callable[[Claim], bool] = lambda _: True) -> Holding | None:
        """The next claim to run, if there is one now and it suits; else it stays where it is."""
        while self._waiting:
            holding = self._waiting[0]
            if self._held.get(_key(holding.claim)) is not holding:
                # Lost or given back meanwhile.
                self._waiting.popleft()
                continue
            if not suits(holding.claim):
                return None
            self._waiting.popleft()
            self._reserved -= 1
            return holding
        return None

    def end(self) -> None:
        """Tell the waiting slots that no more will come."""
        self._has_ended = True
        while self._idle:
            self._wake_one()

    def remove(self, claim: Claim) -> None:
        """The claim is over, or no longer ours; twice does no harm."""
        holding = self._held.pop(_key(claim), None)
        if holding is not None and holding.execution is None:
            self._reserved -= 1

    def take_overdue(self, *, older_than: float) -> list[Claim]:
        """Take out the reserved claims that have waited since before a time of the loop's clock."""
        overdue = [
            holding.claim
            for holding in self._held.values()
            if holding.execution is None and holding.claimed_at <= older_than
        ]
        for claim in overdue:
            self.remove(claim)
        return overdue

    def tell(self, claim: Claim, state: str) -> None:
        """What the database says of a claim: ok, lost or cancelled."""
        holding = self._held.get(_key(claim))
        if holding is None or state == "ok":
            return
        if holding.execution is None:
            self.remove(claim)
        elif state == "lost":
            holding.execution.interrupt(Reason.LOST)
        elif state == "cancelled":
            holding.execution.interrupt(Reason.CANCELLED)

    def _wake_one(self) -> None:
        while self._idle:
            waiting = self._idle.popleft()
            if not waiting.done():
                waiting.set_result(None)
                return


def _key(claim: Claim) -> tuple[str, int]:
    return claim.job_id, claim.attempt
