"""The worker's parts that need no database: demand, holdings, breaking off."""

import asyncio

import pytest

from sql.claims import Claim, Options
from worker.demand import Demand
from worker.execution import Execution, Interrupted, Reason
from worker.holdings import Holdings
from worker.settings import WorkerSettings


def claim(job_id: str = "a", attempt: int = 1) -> Claim:
    return Claim(job_id, attempt, "P", "[]", Options())


class TestDemand:
    def test_idle_slots_are_filled_and_no_more(self) -> None:
        demand = Demand(8, short_seconds=1)

        assert demand.room(idle=8, reserved=0) == 8
        assert demand.room(idle=8, reserved=3) == 5
        assert demand.room(idle=0, reserved=0) == 0

    def test_a_backlog_of_short_jobs_is_claimed_ahead(self) -> None:
        demand = Demand(8, short_seconds=1)
        demand.job_took(0.5)
        demand.claimed(8, limit=8)

        assert demand.room(idle=0, reserved=0) == 8
        assert demand.room(idle=8, reserved=0) == 16
        assert demand.room(idle=0, reserved=5) == 0

    @pytest.mark.parametrize(("seconds", "ahead"), [(0.125, 16), (0.0625, 32), (0.0001, 32)])
    def test_the_shorter_the_jobs_the_more_are_claimed_ahead(
        self, seconds: float, ahead: int
    ) -> None:
        demand = Demand(8, short_seconds=1)
        demand.job_took(seconds)
        demand.claimed(8, limit=8)

        assert demand.room(idle=0, reserved=0) == ahead
        assert demand.room(idle=0, reserved=ahead // 2) == ahead // 2
        assert demand.room(idle=0, reserved=ahead // 2 + 1) == 0

    @pytest.mark.parametrize(("seconds", "count"), [(5.0, 8), (0.01, 7)])
    def test_long_jobs_and_no_backlog_are_not(self, seconds: float, count: int) -> None:
        demand = Demand(8, short_seconds=1)
        demand.job_took(seconds)
        demand.claimed(count, limit=8)

        assert demand.room(idle=0, reserved=0) == 0


class TestHoldings:
    async def test_reserved_claims_are_given_in_order_and_once(self) -> None:
        holdings = Holdings()
        holdings.reserve(claim("a"))
        holdings.reserve(claim("b"))
        holdings.remove(claim("a"))

        holding = await holdings.next_reserved()
        holdings.end()

        assert holding is not None
        assert holding.claim.job_id == "b"
        assert holdings.reserved == 0
        assert await holdings.next_reserved() is None

    async def test_overdue_claims_are_taken_out(self) -> None:
        holdings = Holdings()
        holdings.reserve(claim("a"))

        assert holdings.take_overdue(older_than=0) == []
        assert holdings.take_overdue(older_than=float("inf")) == [claim("a")]
        assert holdings.all() == []

    async def test_a_lost_reservation_is_dropped_and_a_running_job_broken_off(self) -> None:
        holdings = Holdings()
        holdings.reserve(claim("a"))
        holdings.reserve(claim("b"))
        holding = await holdings.next_reserved()
        assert holding is not None
        holding.execution = Execution(holding.claim, FakeSession(), grace_seconds=1)

        holdings.tell(claim("a"), "lost")
        holdings.tell(claim("b"), "lost")
        holdings.tell(claim("c"), "lost")

        assert holding.execution.reason is Reason.LOST
        assert holdings.all() == [claim("a")]


class FakeSession:
    """A connection whose call ends when it is broken, dropped, or never."""

    def __init__(self, *, hears: str = "") -> None:
        self.hears = hears
        self.ended = asyncio.Event()
        self.cancels = 0
        self.is_dropped = False

    def cancel(self) -> None:
        self.cancels += 1
        if self.hears == "cancel":
            self.ended.set()

    def drop(self) -> None:
        self.is_dropped = True
        if self.hears == "drop":
            self.ended.set()


class TestExecution:
    @pytest.mark.parametrize(("hears", "dropped"), [("cancel", False), ("drop", True)])
    async def test_a_call_is_broken_then_its_connection_dropped(
        self, hears: str, dropped: bool
    ) -> None:
        session = FakeSession(hears=hears)
        execution = Execution(claim(), session, grace_seconds=0.05)
        with execution.breakable():
            execution.interrupt(Reason.CANCELLED)
            await session.ended.wait()

        assert session.cancels >= 1
        assert session.is_dropped is dropped

    async def test_a_call_that_hears_nothing_is_given_up(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("worker.execution.DROP_SECONDS", 0.02)
        session = FakeSession()
        execution = Execution(claim(), session, grace_seconds=0.02)

        async def call() -> None:
            with execution.breakable():
                execution.interrupt(Reason.TIMED_OUT)
                await session.ended.wait()

        with pytest.raises(Interrupted):
            await call()

        task = asyncio.current_task()
        assert task is not None
        assert task.cancelling() == 0

    async def test_nothing_is_broken_between_calls_and_no_call_begins_after(self) -> None:
        session = FakeSession(hears="cancel")
        execution = Execution(claim(), session, grace_seconds=0.05)

        execution.interrupt(Reason.LOST)
        execution.interrupt(Reason.SHUTDOWN)

        assert session.cancels == 0
        assert execution.reason is Reason.LOST
        with pytest.raises(Interrupted), execution.breakable():
            pass


def test_a_lease_outlasts_two_heartbeats() -> None:
    with pytest.raises(ValueError, match="two heartbeats"):
        WorkerSettings(lease_seconds=5, heartbeat_seconds=3)


def test_settings_come_from_the_environment_and_options_win() -> None:
    environ = {"WORKER_SLOTS": "7", "WORKER_GRACE_SECONDS": "2.5", "WORKER_POLL_SECONDS": "9"}

    settings = WorkerSettings.from_environment(environ, slots=3, lease_seconds=None)

    assert (settings.slots, settings.grace_seconds, settings.wait_seconds) == (3, 2.5, 9)
    assert settings.lease_seconds == 15
