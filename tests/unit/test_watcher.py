"""One question an interval for all who wait, whatever they wait for."""

import asyncio
from collections.abc import Sequence

import pytest
import structlog

from api.watcher import Watcher, WatchingEnded
from sql.errors import DatabaseAway
from sql.jobs import JobState

RUNNING = JobState("running", 50, None, 1)
ENDED = JobState("completed", 100, None, 1)


class Source:
    """Knows some jobs, and what it was asked."""

    def __init__(self) -> None:
        self.known: dict[str, JobState] = {}
        self.asked: list[list[str]] = []
        self.is_away = False
        self._turns: asyncio.Queue[None] = asyncio.Queue()

    async def be_asked(self, times: int = 1) -> None:
        """Wait until there have been so many questions more."""
        for _ in range(times):
            await asyncio.wait_for(self._turns.get(), 10)

    async def states(self, job_ids: Sequence[str]) -> dict[str, JobState]:
        self.asked.append(list(job_ids))
        self._turns.put_nowait(None)
        await asyncio.sleep(0)
        if self.is_away:
            raise DatabaseAway("DPY-6005", "away")
        return {job_id: self.known[job_id] for job_id in job_ids if job_id in self.known}


@pytest.fixture
def source() -> Source:
    return Source()


def make(source: Source, interval_seconds: float = 0.01) -> Watcher:
    return Watcher(source, interval_seconds=interval_seconds, logger=structlog.get_logger())


async def wait_for(watcher: Watcher, job_id: str) -> JobState | None:
    with watcher.watch(job_id, RUNNING) as watch:
        return await asyncio.wait_for(watch.until_end(), 10)


async def test_a_thousand_clients_cost_one_question_an_interval(source: Source) -> None:
    names = [f"job-{number}" for number in range(1000)]
    source.known = dict.fromkeys(names, RUNNING)
    watcher = make(source, interval_seconds=0.2)

    clients = [asyncio.create_task(wait_for(watcher, name)) for name in names for _ in range(2)]
    await source.be_asked(2)
    source.known = dict.fromkeys(names, ENDED)
    found = await asyncio.gather(*clients)

    assert found == [ENDED] * 2000
    assert [sorted(asked) for asked in source.asked] == [sorted(names)] * 3
    assert watcher.waiting == 0


async def test_nobody_waits_and_nothing_is_asked(source: Source) -> None:
    source.known = {"a": ENDED}
    watcher = make(source)

    await wait_for(watcher, "a")
    asked = len(source.asked)
    await asyncio.sleep(0.1)

    assert len(source.asked) == asked
    assert await wait_for(watcher, "a") == ENDED


async def test_a_job_that_is_gone_is_told(source: Source) -> None:
    assert await wait_for(make(source), "a") is None


async def test_every_change_is_told_once(source: Source) -> None:
    source.known = {"a": RUNNING}
    watcher = make(source)

    with watcher.watch("a", RUNNING) as watch:
        half = JobState("running", 60, "half", 1)
        source.known["a"] = half
        first = await asyncio.wait_for(watch.next(), 10)
        source.known["a"] = ENDED
        second = await asyncio.wait_for(watch.next(), 10)

    assert (first, second) == (half, ENDED)


async def test_waiting_outlasts_a_database_that_is_away(source: Source) -> None:
    source.is_away = True
    source.known = {"a": ENDED}
    watcher = make(source)

    client = asyncio.create_task(wait_for(watcher, "a"))
    await source.be_asked(3)
    source.is_away = False

    assert await client == ENDED


async def test_stopping_lets_everyone_go(source: Source) -> None:
    source.known = {"a": RUNNING}
    watcher = make(source)
    client = asyncio.create_task(wait_for(watcher, "a"))
    await source.be_asked()

    watcher.stop()
    watcher.stop()

    with pytest.raises(WatchingEnded):
        await client
    with pytest.raises(WatchingEnded):
        await wait_for(watcher, "a")


async def test_a_job_that_many_have_waited_for_is_read_once(source: Source) -> None:
    watcher = make(source)
    reads = 0

    async def read() -> None:
        nonlocal reads
        reads += 1
        await asyncio.sleep(0.01)

    found = await asyncio.gather(*(watcher.read_once("a", read) for _ in range(10)))

    assert found == [None] * 10
    assert reads == 1
