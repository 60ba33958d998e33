"""What a worker counts, as its heartbeat leaves it in ASYNC_JOB_WORKERS.METRICS.

All numbers count up from the worker's start. Who adds up several workers meets workers that started
later and workers that are gone: their rows, and with them their numbers, come and go.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Mapping
from itertools import accumulate
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

#: Upper bounds of the histograms' buckets in seconds; what is longer is in `count` alone.
BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600)

#: How an attempt can end.
OUTCOMES: Final = ("completed", "failed", "retried", "cancelled", "lost", "released")

#: Bytes that ASYNC_JOB_WORKERS.METRICS holds.
METRICS_BYTES: Final = 4000


class Histogram(BaseModel):
    """How many durations were at most so long."""

    model_config = ConfigDict(frozen=True)

    #: For each of BUCKETS, how many were at most that long: never falling.
    counts: tuple[int, ...] = (0,) * len(BUCKETS)
    #: All durations together, in seconds.
    sum: float = 0
    #: How many there were.
    count: int = 0

    @model_validator(mode="after")
    def _have_all_buckets(self) -> Self:
        if len(self.counts) != len(BUCKETS):
            raise ValueError(f"a histogram has {len(BUCKETS)} buckets")
        return self

    def __add__(self, other: Histogram) -> Histogram:
        """Both together, as of two workers."""
        return Histogram(
            counts=tuple(a + b for a, b in zip(self.counts, other.counts, strict=True)),
            sum=self.sum + other.sum,
            count=self.count + other.count,
        )


class WorkerMetrics(BaseModel):
    """One worker's counters."""

    model_config = ConfigDict(frozen=True)

    #: From the start of an attempt until its outcome is known.
    run_seconds: Histogram = Histogram()
    #: From when a job could have run (submission or run_after) until it started.
    wait_seconds: Histogram = Histogram()
    #: How many attempts ended how; see OUTCOMES.
    outcomes: Mapping[str, int] = Field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))
    #: The worker's clock when it was asked, in seconds since 1970 in UTC. None: it has not said.
    clock: float | None = None

    def to_text(self) -> str:
        """JSON for the table; `from_text` reads it. At most METRICS_BYTES as long as counts fit."""
        return self.model_dump_json()

    @classmethod
    def from_text(cls, text: str | None) -> Self | None:
        """What a worker left; None: nothing, or nothing that this version understands."""
        if not text:
            return None
        try:
            return cls.model_validate_json(text)
        except ValidationError:
            return None


class Recorder:
    """Counts as jobs end, at a few additions each; `snapshot` when the heartbeat asks."""

    def __init__(self) -> None:
        self._run = _Counts()
        self._wait = _Counts()
        self._outcomes = dict.fromkeys(OUTCOMES, 0)

    def started(self, *, wait_seconds: float) -> None:
        self._wait.add(wait_seconds)

    def ended(self, outcome: str, *, run_seconds: float) -> None:
        """An attempt is over.

        Args:
            outcome: one of OUTCOMES.
            run_seconds: since its start.
        """
        self._run.add(run_seconds)
        self._outcomes[outcome] += 1

    def snapshot(self) -> WorkerMetrics:
        return WorkerMetrics(
            run_seconds=self._run.histogram(),
            wait_seconds=self._wait.histogram(),
            outcomes=dict(self._outcomes),
            clock=round(time.time(), 3),
        )


class _Counts:
    """A histogram under construction: each duration in its own bucket only."""

    def __init__(self) -> None:
        self._counts = [0] * (len(BUCKETS) + 1)
        self._sum = 0.0

    def add(self, seconds: float) -> None:
        seconds = max(seconds, 0.0)
        self._counts[bisect_left(BUCKETS, seconds)] += 1
        self._sum += seconds

    def histogram(self) -> Histogram:
        running = tuple(accumulate(self._counts))
        return Histogram(counts=running[:-1], sum=round(self._sum, 6), count=running[-1])
