"""What stands in for the database below the application: answers as the test says."""

import asyncio
from typing import Any, cast

from api.app import Services
from api.installation import Installer
from api.metrics import StatisticsSource
from sql.jobs import Jobs


class ScriptedJobs:
    """Answers every call with the same error or value, or with that of its name."""

    def __init__(self, answer: object, *, until: asyncio.Event | None = None) -> None:
        self.answer = answer
        self.until = until
        self.answered = asyncio.Event()
        self.calls: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Any:
        async def call(*args: object, **kwargs: object) -> object:
            self.calls.append(args)
            if self.until:
                await self.until.wait()
            self.answered.set()
            if isinstance(self.answer, Exception):
                raise self.answer
            return self.answer[name] if isinstance(self.answer, dict) else self.answer

        return call


class FixedPool:
    """Three of four connections are open, one is busy."""

    busy = 1
    opened = 3
    max = 4


def scripted_services(jobs: ScriptedJobs) -> Services:
    """All services, answering as the jobs do."""
    return Services(
        jobs=cast(Jobs, jobs),
        operations=cast(StatisticsSource, jobs),
        pool=FixedPool(),
        installer=cast(Installer, jobs),
    )
