"""Submissions through the database layer alone: what they cost the client's CPU, in this process."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass

from pydantic import SecretStr

from deploy.commands.processes import new_loop
from deploy.stack import Database
from sql.jobs import Jobs
from sql.pool import create_pool
from sql.settings import DatabaseSettings
from sql.statements import load_statements
from sql.submission import Submission
from tests.bench.database import NO_OP
from tests.bench.floors import Floor

#: Submissions of a measure, and those before it.
SUBMISSIONS = 400
WARM_UP = 50
#: Submissions of a batch.
BATCH = 200
#: The most milliseconds of CPU for a submission by itself.
CPU_MS = 0.3


@dataclass(frozen=True, kw_only=True)
class Submitting:
    """One way of submitting."""

    what: str
    jobs: int
    client_cpu_ms: float
    jobs_per_second: float

    def as_json(self) -> dict[str, object]:
        return asdict(self)

    def floors(self) -> list[Floor]:
        if self.what == "batch":
            return []
        what = f"submit, {self.what}, client CPU in the database layer"
        return [Floor(what=what, value=self.client_cpu_ms, bound=CPU_MS, unit=" ms")]


def measure_layer(database: Database) -> list[Submitting]:
    """One after the other, eight at once, and in batches."""
    with asyncio.Runner(loop_factory=new_loop) as runner:
        return runner.run(_measure_all(database))


async def _measure_all(database: Database) -> list[Submitting]:
    settings = DatabaseSettings(
        user=database.user, password=SecretStr(database.password), dsn=database.dsn
    )
    pool = create_pool(settings, size=8, program="oraq-bench")
    jobs = Jobs(pool, load_statements(settings.owner))
    submission = Submission(procedure_name=NO_OP, params=[{"name": "p", "value": "x" * 50}])

    async def one_after_the_other() -> None:
        for _ in range(SUBMISSIONS):
            await jobs.submit(submission)

    async def eight_at_once() -> None:
        async def client() -> None:
            for _ in range(SUBMISSIONS // 8):
                await jobs.submit(submission)

        await asyncio.gather(*(client() for _ in range(8)))

    async def batches() -> None:
        for _ in range(SUBMISSIONS // BATCH):
            await jobs.submit_many([submission] * BATCH)

    try:
        for _ in range(WARM_UP // 8):
            await asyncio.gather(*(jobs.submit(submission) for _ in range(8)))
        await jobs.submit_many([submission] * BATCH)
        return [
            await _measure("one client", one_after_the_other),
            await _measure("8 clients", eight_at_once),
            await _measure("batch", batches),
        ]
    finally:
        await pool.close()


async def _measure(what: str, work: Callable[[], Awaitable[None]]) -> Submitting:
    cpu, began = time.process_time(), time.perf_counter()
    await work()
    spent, seconds = time.process_time() - cpu, time.perf_counter() - began
    return Submitting(
        what=what,
        jobs=SUBMISSIONS,
        client_cpu_ms=1000 * spent / SUBMISSIONS,
        jobs_per_second=SUBMISSIONS / seconds,
    )
