"""The heartbeat's connection serves one call at a time, whoever asks."""

import asyncio
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any, cast

import structlog

from sql.claims import Claim, Claims, Options
from sql.metrics import Recorder
from sql.session import WorkerSession
from worker.heartbeat import Heartbeat
from worker.holdings import Holdings
from worker.settings import WorkerSettings

CLAIM = Claim("a" * 32, 1, "P", "[]", Options())


class CountingClaims:
    """Answers after a while; knows how many calls were open at once."""

    def __init__(self) -> None:
        self.most = self.open = 0
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        async def call(*_arguments: object, **_more: object) -> Any:
            self.calls.append(name)
            self.open += 1
            self.most = max(self.most, self.open)
            await asyncio.sleep(0.01)
            self.open -= 1
            return SimpleNamespace(status="ok", states=[], drain=False)

        return call


async def test_no_call_waits_inside_the_driver_for_another_one() -> None:
    """There it would crash the process when the connection is cut (python-oracledb 26.1)."""
    claims = CountingClaims()
    session = SimpleNamespace(is_open=True, connection=None, drop=lambda: None, limited=nullcontext)
    heartbeat = Heartbeat(
        WorkerSettings(),
        cast(Claims, claims),
        Holdings(),
        cast(WorkerSession, session),
        structlog.get_logger(),
        recorder=Recorder(),
        on_refused=lambda refusal: None,
        on_drain=lambda: None,
    )

    async with asyncio.timeout(10):
        await asyncio.gather(heartbeat.give_back([CLAIM, CLAIM]), heartbeat.give_back([CLAIM]))

    assert claims.calls == ["release"] * 3
    assert claims.most == 1
