"""A value that many ask for is asked for once."""

import asyncio

import pytest

from api.fresh import Fresh
from api.health import describe_readiness
from sql.jobs import Readiness


class Counted:
    """Counts its calls; the answer comes when it is let."""

    def __init__(self) -> None:
        self.calls = 0
        self.go_on = asyncio.Event()
        self.error: Exception | None = None

    async def ask(self) -> int:
        self.calls += 1
        number = self.calls
        await self.go_on.wait()
        if self.error:
            raise self.error
        return number


async def test_who_asks_at_once_shares_one_answer() -> None:
    counted = Counted()
    fresh = Fresh(counted.ask, seconds=60, patience_seconds=10)

    asking = [asyncio.create_task(fresh.get()) for _ in range(100)]
    await asyncio.sleep(0)
    counted.go_on.set()

    assert await asyncio.gather(*asking) == [1] * 100
    assert await fresh.get() == 1


async def test_an_old_value_is_asked_for_again() -> None:
    counted = Counted()
    counted.go_on.set()
    fresh = Fresh(counted.ask, seconds=0, patience_seconds=10)

    assert [await fresh.get(), await fresh.get()] == [1, 2]


async def test_an_error_is_kept_like_a_value() -> None:
    counted = Counted()
    counted.go_on.set()
    counted.error = ValueError("no")
    fresh = Fresh(counted.ask, seconds=60, patience_seconds=10)

    for _ in range(3):
        with pytest.raises(ValueError, match="no"):
            await fresh.get()
    assert counted.calls == 1


async def test_nobody_waits_for_longer_than_the_patience_and_one_question_goes_on() -> None:
    counted = Counted()
    fresh = Fresh(counted.ask, seconds=60, patience_seconds=0.01)

    for _ in range(3):
        with pytest.raises(TimeoutError):
            await fresh.get()
    counted.go_on.set()

    assert await fresh.get() == 1
    assert counted.calls == 1


@pytest.mark.parametrize(
    ("version", "queue_open", "scheduler", "status", "named"),
    [
        (2, True, True, "ok", []),
        (None, False, False, "error", ["no está instalado", "cola", "DBMS_SCHEDULER"]),
        (1, True, True, "error", ["la versión 1, no la 2"]),
        (3, True, True, "error", ["la versión 3, no la 2"]),
        (2, False, True, "error", ["la cola está detenida"]),
        (2, True, False, "degraded", ["DBMS_SCHEDULER"]),
    ],
)
def test_every_part_that_is_wrong_is_named(
    version: int | None, queue_open: bool, scheduler: bool, status: str, named: list[str]
) -> None:
    body = describe_readiness(Readiness(version, queue_open, scheduler, schema_expected=2))

    assert body.status == status
    assert (body.error or "").count(";") == max(len(named) - 1, 0)
    for text in named:
        assert text in (body.error or "")
