"""How many jobs to claim next: enough for every idle slot, more while short jobs queue up."""

from __future__ import annotations

#: Weight of the newest job in the moving average of durations.
_WEIGHT = 0.2
#: Short jobs are claimed for so long ahead, so that no slot waits for the claim call ...
_AHEAD_SECONDS = 0.25
#: ... but no more than so many for each slot: another worker may become idle meanwhile.
_MOST_ROUNDS = 4


class Demand:
    """Decides by what the last claims and jobs were like. Knows no clock and no database."""

    def __init__(self, slots: int, *, short_seconds: float) -> None:
        """Start without a backlog.

        Args:
            slots: jobs that run at once.
            short_seconds: jobs that last less may be claimed ahead of a free slot.
        """
        self._slots = slots
        self._short_seconds = short_seconds
        self._average_seconds: float | None = None
        self._backlog = False

    def job_took(self, seconds: float) -> None:
        average = self._average_seconds
        if average is None:
            self._average_seconds = seconds
        else:
            self._average_seconds = average + _WEIGHT * (seconds - average)

    def claimed(self, count: int, *, limit: int) -> None:
        """A claim brought `count` jobs of at most `limit`: as many mean that more are waiting."""
        self._backlog = count >= limit

    def room(self, *, idle: int, reserved: int) -> int:
        """How many to claim now; 0: none before something changes.

        Args:
            idle: slots without a job.
            reserved: claims that wait for a slot.
        """
        most = self._most_ahead()
        if most == 0:
            return max(idle - reserved, 0)
        # Few large claims: not before half of those claimed ahead are gone.
        ahead = reserved - idle
        return most - ahead if ahead <= most // 2 else 0

    def _most_ahead(self) -> int:
        """How many claims may wait for a slot; 0: none, each is for a slot that is idle."""
        average = self._average_seconds
        if not self._backlog or average is None or average >= self._short_seconds:
            return 0
        rounds = _AHEAD_SECONDS / max(average, _AHEAD_SECONDS / _MOST_ROUNDS)
        return round(self._slots * max(rounds, 1))
