"""The measures: each starts the processes it needs, warms them up, and gives numbers per job."""

import asyncio
import math
import statistics
import time
from dataclasses import asdict, dataclass

import httpx
import psutil

from deploy.processes import Process
from deploy.stack import Api, Stack
from tests.bench.database import NO_OP, BenchDatabase, Counted
from tests.bench.floors import Floor
from tests.bench.wire import WireCounter
from tests.waiting import eventually
from worker.settings import WorkerSettings

#: Jobs before the measured ones: log-ons, parses and descriptions are paid then.
WARM_UP = 64
#: Jobs of a measure.
JOBS = 400
#: Jobs of a wake-up measure, one after the other.
WAKE_UPS = 60
#: How long an idle worker is watched: several claims and heartbeats.
IDLE_SECONDS = 16.0

#: Most of each a job, by what and how many at once; heartbeats and empty claims included. Commits of
#: one call are waited for once, at its end.
ROUND_TRIPS = {("submit", 1): 1.0, ("submit", 8): 1.0, ("drain", 8): 2.3}
LOG_WAITS = {("submit", 1): 1.0, ("submit", 8): 1.0, ("drain", 8): 2.3}
#: Most milliseconds of the process's CPU a job.
CPU_MS = {("drain", 8): 0.5}
#: Milliseconds in which 95 of 100 jobs have started on an idle worker.
WAKE_UP_MS = 10.0
#: Round trips a job that the two ways of counting may differ by: the database counts after a call,
#: the wire before.
COUNT_TOLERANCE = 0.05

API_PROGRAM = "oraq-api"
WORKER_PROGRAM = "oraq-worker"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table; everything but the rate is per job."""

    what: str
    concurrency: int
    jobs: int
    #: Counted on the wire.
    round_trips: float
    #: Counted by the database.
    database_round_trips: float
    #: Those of autonomous transactions too.
    commits: float
    #: Waits until what was committed was on disk: one for all commits of a call.
    log_waits: float
    #: Milliseconds of the API's or worker's process.
    client_cpu_ms: float
    jobs_per_second: float

    def as_json(self) -> dict[str, object]:
        return asdict(self)

    def floors(self) -> list[Floor]:
        name = f"{self.what} at {self.concurrency}"
        differ = abs(self.round_trips - self.database_round_trips)
        found = [
            Floor(what=f"{name}, the two counts differ by", value=differ, bound=COUNT_TOLERANCE)
        ]
        figures = {
            "round trips": (self.round_trips, ROUND_TRIPS, ""),
            "commits waited for": (self.log_waits, LOG_WAITS, ""),
            "worker's CPU": (self.client_cpu_ms, CPU_MS, " ms"),
        }
        for figure, (value, bounds, unit) in figures.items():
            bound = bounds.get((self.what, self.concurrency))
            if bound is not None:
                found.append(Floor(what=f"{name}, {figure}", value=value, bound=bound, unit=unit))
        return found


@dataclass(frozen=True, kw_only=True)
class WakeUp:
    """Milliseconds from the submission to the start on an idle worker."""

    jobs: int
    p50_ms: float
    p95_ms: float

    def as_json(self) -> dict[str, object]:
        return asdict(self)

    def floors(self) -> list[Floor]:
        return [Floor(what="wake-up, p95", value=self.p95_ms, bound=WAKE_UP_MS, unit=" ms")]


def measure_submit(stack: Stack, database: BenchDatabase, *, concurrency: int) -> Row:
    """Jobs through the API, with no worker running."""
    with _proxy(stack) as wire:
        api = stack.start_api(ORACLE_DSN=_through(wire, stack))
        try:
            _submit(api, WARM_UP, concurrency)
            before = _Before(wire, database, api.process, API_PROGRAM)
            _submit(api, JOBS, concurrency)
            spent = before.spent()
        finally:
            api.process.stop(seconds=10)
    api = stack.start_api()
    try:
        _submit(api, WARM_UP, concurrency)
        seconds = _submit(api, JOBS, concurrency)
    finally:
        api.process.stop(seconds=10)
    _drain(stack, database)
    return spent.row("submit", concurrency, JOBS, seconds)


def measure_drain(stack: Stack, database: BenchDatabase, *, concurrency: int) -> Row:
    """Jobs that are there already, by one worker with so many slots."""
    with _proxy(stack) as wire:
        worker = stack.start_worker("--slots", str(concurrency), ORACLE_DSN=_through(wire, stack))
        try:
            _run_backlog(database, WARM_UP)
            before = _Before(wire, database, worker, WORKER_PROGRAM)
            _run_backlog(database, JOBS)
            spent = before.spent()
        finally:
            worker.stop(seconds=10)
    worker = stack.start_worker("--slots", str(concurrency))
    try:
        _run_backlog(database, WARM_UP)
        database.clear()
        _run_backlog(database, JOBS)
        seconds = database.drain_seconds()
    finally:
        worker.stop(seconds=10)
    database.clear()
    return spent.row("drain", concurrency, JOBS, seconds)


def measure_wake_up(stack: Stack, database: BenchDatabase) -> WakeUp:
    """One job at a time, each submitted when the one before has ended."""
    api = stack.start_api()
    worker = stack.start_worker("--slots", "1")
    times = []
    try:
        with httpx.Client(base_url=api.url, headers=api.headers, timeout=30) as client:
            for number in range(WAKE_UPS + 5):
                answer = client.post("/procedure/async", json={"name": NO_OP}).raise_for_status()
                eventually(lambda: database.unfinished() == 0, what="the job's end")
                if number >= 5:
                    times.append(1000 * database.wake_up_seconds(answer.json()["job_id"]))
    finally:
        worker.stop(seconds=10)
        api.process.stop(seconds=10)
    database.clear()
    return WakeUp(
        jobs=len(times),
        p50_ms=statistics.median(times),
        p95_ms=statistics.quantiles(times, n=20)[-1],
    )


@dataclass(frozen=True, kw_only=True)
class Idle:
    """Round trips of a worker that has nothing to do, and what its settings make of the time."""

    seconds: float
    round_trips: int
    most_round_trips: int

    def as_json(self) -> dict[str, object]:
        return asdict(self)

    def floors(self) -> list[Floor]:
        what = f"idle worker, round trips in {self.seconds:.0f} s"
        return [Floor(what=what, value=self.round_trips, bound=self.most_round_trips)]


def measure_idle(stack: Stack) -> Idle:
    """A worker without jobs: it waits in claims, and shows that it is alive."""
    settings = WorkerSettings()
    with _proxy(stack) as wire:
        worker = stack.start_worker("--slots", "8", ORACLE_DSN=_through(wire, stack))
        try:
            # Its log-ons are done and it waits when a whole second brings nothing.
            eventually(lambda: _is_quiet(wire), what="an idle worker")
            round_trips, began = wire.round_trips, time.monotonic()
            time.sleep(IDLE_SECONDS)
            seconds = time.monotonic() - began
            round_trips = wire.round_trips - round_trips
        finally:
            worker.stop(seconds=10)
    most = math.ceil(seconds / settings.wait_seconds) + math.ceil(
        seconds / settings.heartbeat_seconds
    )
    return Idle(seconds=seconds, round_trips=round_trips, most_round_trips=most)


def _is_quiet(wire: WireCounter) -> bool:
    before = wire.round_trips
    time.sleep(1)
    return wire.round_trips == before > 0


@dataclass(frozen=True)
class _Spent:
    """The difference between two readings of all counters."""

    round_trips: int
    counted: Counted
    cpu_seconds: float

    def row(self, what: str, concurrency: int, jobs: int, seconds: float) -> Row:
        return Row(
            what=what,
            concurrency=concurrency,
            jobs=jobs,
            round_trips=self.round_trips / jobs,
            database_round_trips=self.counted.round_trips / jobs,
            commits=self.counted.commits / jobs,
            log_waits=self.counted.log_waits / jobs,
            client_cpu_ms=1000 * self.cpu_seconds / jobs,
            jobs_per_second=jobs / seconds,
        )


class _Before:
    """All counters at the start of a measure."""

    def __init__(
        self, wire: WireCounter, database: BenchDatabase, process: Process, program: str
    ) -> None:
        self._wire = wire
        self._database = database
        self._process = psutil.Process(process.pid)
        self._program = program
        self._counted = database.counters(program)
        self._round_trips = wire.round_trips
        self._cpu = self._cpu_seconds()

    def spent(self) -> _Spent:
        cpu = self._cpu_seconds() - self._cpu
        round_trips = self._wire.round_trips - self._round_trips
        counted = self._database.counters(self._program)
        return _Spent(
            round_trips,
            counted - self._counted,
            cpu,
        )

    def _cpu_seconds(self) -> float:
        times = self._process.cpu_times()
        return float(times.user + times.system)


def _submit(api: Api, count: int, concurrency: int) -> float:
    """Submit over HTTP; gives the seconds it took."""

    async def run() -> float:
        numbers = iter(range(count))

        async def submit_some(client: httpx.AsyncClient) -> None:
            for _ in numbers:
                (await client.post("/procedure/async", json={"name": NO_OP})).raise_for_status()

        async with httpx.AsyncClient(base_url=api.url, headers=api.headers, timeout=60) as client:
            began = time.monotonic()
            await asyncio.gather(*(submit_some(client) for _ in range(concurrency)))
            return time.monotonic() - began

    return asyncio.run(run())


def _run_backlog(database: BenchDatabase, count: int) -> None:
    database.submit_many(count)
    eventually(lambda: database.unfinished() == 0, seconds=120, what="the end of the backlog")


def _drain(stack: Stack, database: BenchDatabase) -> None:
    """Run what a measure has left, and forget it."""
    worker = stack.start_worker("--slots", "8")
    try:
        eventually(lambda: database.unfinished() == 0, seconds=120, what="the end of the backlog")
    finally:
        worker.stop(seconds=10)
    database.clear()


def _proxy(stack: Stack) -> WireCounter:
    host, _, rest = stack.database.dsn.partition(":")
    return WireCounter(host, int(rest.partition("/")[0]))


def _through(wire: WireCounter, stack: Stack) -> str:
    service = stack.database.dsn.partition("/")[2]
    return f"127.0.0.1:{wire.port}/{service}"
