"""One attempt on its way through the worker: what was called, when, and how it ended."""

from __future__ import annotations

import asyncio

from structlog.typing import FilteringBoundLogger

from sql.claims import Claim, Run
from sql.metrics import Recorder
from worker.execution import Execution


class Attempt:
    """A claim from its call to its outcome, which is told once."""

    def __init__(
        self, execution: Execution, logger: FilteringBoundLogger, recorder: Recorder
    ) -> None:
        self.execution = execution
        claim = execution.claim
        trace_id = claim.options.trace_id
        bound = {"trace_id": trace_id} if trace_id else {}
        #: With job and attempt bound, and the trace where there is one.
        self.log = logger.bind(job_id=claim.job_id, attempt=claim.attempt, **bound)
        #: The call as bound to the connection. None: not bound yet.
        self.run: Run | None = None
        #: What the database said to its start: started, lost or busy. None: not asked yet.
        self.status: str | None = None
        #: From its call to its outcome, in seconds.
        self.run_seconds = 0.0
        self._recorder = recorder
        self._timer: asyncio.TimerHandle | None = None
        self._began_at: float | None = None
        self._is_over = False

    @property
    def claim(self) -> Claim:
        return self.execution.claim

    @property
    def is_unstarted(self) -> bool:
        """Whether no call has gone out that could have started it."""
        return self._began_at is None

    def begin(self, timer: asyncio.TimerHandle | None) -> None:
        """The call goes out now."""
        self.stop_timer()
        self._timer = timer
        self._began_at = asyncio.get_running_loop().time()

    def stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def unbegin(self) -> None:
        """The call that went out has not started it."""
        self.stop_timer()
        self._began_at = self.run = self.status = None

    def over(self, outcome: str) -> None:
        """Count how it ended; only the first time counts.

        Args:
            outcome: one of sql.metrics.OUTCOMES.
        """
        self.stop_timer()
        if self._is_over:
            return
        self._is_over = True
        now = asyncio.get_running_loop().time()
        began_at = self._began_at if self._began_at is not None else now
        reserved_seconds = began_at - self.execution.claimed_at
        self._recorder.started(wait_seconds=self.claim.waited_seconds + reserved_seconds)
        self.run_seconds = now - began_at
        self._recorder.ended(outcome, run_seconds=self.run_seconds)
