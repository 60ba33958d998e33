"""How many jobs to claim next: enough for every idle slot, more while short jobs queue up."""

from __future__ import annotations

#: Weight of the newest job in the moving average of durations.
_WEIGHT = 0.2


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
        average = self._average_seconds
        if not self._backlog or average is None or average >= self._short_seconds:
            return max(idle - reserved, 0)
        # Few large claims: not before half of those claimed ahead are gone.
        ahead = reserved - idle
        return self._slots - ahead if ahead <= self._slots // 2 else 0
