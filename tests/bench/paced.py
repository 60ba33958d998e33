"""Jobs that keep a slot busy for a while, and no-op jobs over a slow network: how well slots are used."""

from dataclasses import asdict, dataclass

from deploy.stack import Stack
from tests.bench.database import PAUSE, BenchDatabase
from tests.bench.floors import Floor
from tests.bench.wire import WireCounter
from tests.waiting import eventually

#: Slots of the worker.
SLOTS = 8
#: How long all slots would be busy with a measure's jobs.
BUSY_SECONDS = 4.0
#: Each way, as between two hosts of a data centre.
NETWORK_SECONDS = 0.001

#: Milliseconds of a job, and the least share of the ideal.
SHARES = {200: 0.95, 20: 0.85}


@dataclass(frozen=True, kw_only=True)
class Paced:
    """A backlog of jobs of one length on SLOTS slots."""

    job_ms: int
    #: Each way, in milliseconds.
    network_ms: float
    jobs: int
    jobs_per_second: float
    #: Round trips a job; counted only with a network.
    round_trips: float | None
    #: The time that the jobs need on slots that are never idle, of the time that they took. None: a
    #: job of no length has no ideal.
    share: float | None

    def as_json(self) -> dict[str, object]:
        return asdict(self)

    def floors(self) -> list[Floor]:
        bound = SHARES.get(self.job_ms) if self.network_ms == 0 else None
        if bound is None or self.share is None:
            return []
        what = f"{self.job_ms} ms jobs on {SLOTS} slots, share of the ideal"
        return [Floor(what=what, value=self.share, bound=bound, at_least=True)]


def measure_paced(
    stack: Stack, database: BenchDatabase, *, job_ms: int, network_seconds: float = 0, jobs: int = 0
) -> Paced:
    """Run a backlog to its end.

    Args:
        stack: with a database that has no jobs.
        database: of the stack.
        job_ms: how long each job lasts.
        network_seconds: each way between worker and database.
        jobs: how many. 0: as many as keep the slots busy for BUSY_SECONDS.
    """
    jobs = jobs or round(SLOTS * BUSY_SECONDS / (job_ms / 1000))
    host, _, rest = stack.database.dsn.partition(":")
    port, _, service = rest.partition("/")
    with WireCounter(host, int(port), delay_seconds=network_seconds) as wire:
        through = {"ORACLE_DSN": f"127.0.0.1:{wire.port}/{service}"} if network_seconds else {}
        worker = stack.start_worker("--slots", str(SLOTS), **through)
        try:
            _run(database, SLOTS * 4, job_ms)
            database.clear()
            before = wire.round_trips
            _run(database, jobs, job_ms)
            round_trips = wire.round_trips - before
            seconds = database.drain_seconds()
        finally:
            worker.stop(seconds=10)
    database.clear()
    return Paced(
        job_ms=job_ms,
        network_ms=network_seconds * 1000,
        jobs=jobs,
        jobs_per_second=jobs / seconds,
        round_trips=round_trips / jobs if network_seconds else None,
        share=jobs * job_ms / 1000 / SLOTS / seconds if job_ms else None,
    )


def _run(database: BenchDatabase, count: int, job_ms: int) -> None:
    if job_ms:
        params = f'[{{"name":"p_seconds","value":{job_ms / 1000}}}]'
        database.submit_many(count, PAUSE, params)
    else:
        database.submit_many(count)
    eventually(lambda: database.unfinished() == 0, seconds=180, what="the end of the backlog")
