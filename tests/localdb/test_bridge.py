import asyncio
import weakref

import pytest

from deploy.localdb.bridge import run, wait_for
from deploy.localdb.channels import Channels
from deploy.localdb.errors import OraError
from deploy.localdb.interruption import Interruption


async def test_run_returns_what_the_function_returns():
    assert await run(lambda: 42) == 42


async def test_wait_for_lets_others_run_and_gives_the_result():
    steps: list[str] = []

    async def work() -> int:
        steps.append("work")
        await asyncio.sleep(0)
        return 7

    async def other() -> None:
        steps.append("other")

    task = asyncio.create_task(other())

    assert await run(lambda: wait_for(work()) + 1) == 8
    await task
    assert list(steps) == ["work", "other"]


async def test_what_the_awaited_raises_is_raised_inside():
    async def work() -> None:
        raise OraError(1, "unique constraint violated")

    def function() -> str:
        try:
            wait_for(work())
        except OraError as error:
            return error.text
        return ""

    assert await run(function) == "ORA-00001: unique constraint violated"


async def test_two_runs_interleave():
    turn = asyncio.Event()

    def first() -> str:
        wait_for(turn.wait())
        return "first"

    def second() -> str:
        turn.set()
        return "second"

    assert [*await asyncio.gather(run(first), run(second))] == ["first", "second"]


async def test_a_signal_between_look_and_wait_is_not_lost():
    channels = Channels()
    generation = channels.generation("queue:A.Q")

    channels.signal(["queue:A.Q"])

    await asyncio.wait_for(channels.wait("queue:A.Q", generation), timeout=1)


async def test_a_break_ends_a_wait_with_ora_01013():
    interruption = Interruption()
    waiting = asyncio.create_task(interruption.wait(None, None))
    await asyncio.sleep(0)

    interruption.request()

    with pytest.raises(OraError, match="ORA-01013"):
        await waiting


async def test_a_break_is_heard_once_unless_the_session_closes():
    interruption = Interruption()
    interruption.request()
    with pytest.raises(OraError):
        interruption.check()
    interruption.check()

    interruption.request(closing=True)

    for _ in range(2):
        with pytest.raises(OraError):
            interruption.check()


async def test_what_a_function_raises_comes_out_and_does_not_meet_the_next_one():
    def fails() -> None:
        wait_for(asyncio.sleep(0))
        raise OraError(1, "unique constraint violated")

    with pytest.raises(OraError, match="ORA-00001"):
        await run(fails)
    assert await run(lambda: wait_for(asyncio.sleep(0, 3))) == 3


async def test_nothing_of_what_has_run_is_kept():
    class Large:
        pass

    def work() -> Large:
        return Large()

    function, result = weakref.ref(work), weakref.ref(await run(work))
    del work

    assert function() is None
    assert result() is None


async def test_a_cancelled_run_is_cancelled_inside_and_hands_its_greenlet_on():
    steps: list[str] = []

    def waits() -> None:
        try:
            wait_for(asyncio.Event().wait())
        except asyncio.CancelledError:
            steps.append("cancelled")
            raise

    task = asyncio.create_task(run(waits))
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert steps == ["cancelled"]
    assert await run(lambda: 1) == 1
