"""A queue full of jobs: nothing is lost, memory and claim times stay flat, the API stays quick.

    python -m tests.chaos.load                    # 100,000 jobs, 8 clients, 4 workers, 1,000 waiting
    python -m tests.chaos.load --jobs 5000 --waiting 200

All jobs are queued first, in batches; then the workers run them while clients wait for some of them
with `?wait=`, and the health of the API is asked for. That claims do not get slower is seen from the
jobs a second in each quarter. Exit code 0: all held.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import psutil

from tests.chaos.lab import Lab
from tests.provenance import commit, machine

BATCH: Final = 1000
HEALTH_P99_SECONDS: Final = 0.25
#: Of the second half of a run.
GROWTH_PERCENT: Final = 5.0
#: How much slower the last quarter of the jobs may be than the second one.
CLAIM_FACTOR: Final = 1.5
#: Measures of less than this say nothing of growth.
WARM_SECONDS: Final = 20.0


@dataclass
class Load:
    """What was measured."""

    jobs: int
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)
    #: By process: (seconds since the start, bytes).
    memory: dict[str, list[tuple[float, int]]] = field(default_factory=dict)
    health: list[float] = field(default_factory=list)
    #: (seconds since the start, jobs that have ended).
    rates: list[tuple[float, int]] = field(default_factory=list)
    waited: int = 0
    waiting: int = 0
    #: Connections that ended under a waiting client.
    reconnected: int = 0

    def rate_of_quarters(self) -> list[float]:
        """Jobs a second in each quarter of the jobs."""
        rates = []
        for quarter in range(4):
            low, high = self.jobs * quarter / 4, self.jobs * (quarter + 1) / 4
            times = [at for at, done in self.rates if low <= done <= high]
            dones = [done for _, done in self.rates if low <= done <= high]
            span = times[-1] - times[0] if len(times) > 1 else 0
            rates.append((dones[-1] - dones[0]) / span if span else 0.0)
        return rates

    def growth(self, name: str) -> float:
        """Percent of memory that a process has grown by in the second half."""
        measures = self.memory[name]
        half = [size for _, size in measures[len(measures) // 2 :]]
        if len(half) < 4:
            return 0.0
        first, last = half[: len(half) // 4], half[-(len(half) // 4) :]
        return (statistics.median(last) / statistics.median(first) - 1) * 100


def run_load(jobs: int, *, workers: int = 4, clients: int = 8, waiting: int = 1000) -> Load:
    """Queue, run, measure, judge."""
    load = Load(jobs, waiting=waiting)
    with (
        tempfile.TemporaryDirectory(prefix="oraq-load-") as folder,
        Lab(Path(folder), lease=15, heartbeat=5) as lab,
    ):
        lab.install_procedures()
        lab.start_api()
        ids = _queue_jobs(lab, jobs, clients)
        began = time.monotonic()
        stopping = threading.Event()
        watchers = [
            threading.Thread(target=_measure, args=(lab, load, began, stopping)),
            threading.Thread(target=_ask_health, args=(lab, load, stopping)),
        ]
        waiters = threading.Thread(target=lambda: asyncio.run(_wait_for(lab, load, ids)))
        for _ in range(workers):
            lab.start_worker()
        for thread in (*watchers, waiters):
            thread.start()
        try:
            _await_end(lab, load, began)
        finally:
            stopping.set()
            for thread in (*watchers, waiters):
                thread.join(90)
        load.seconds = time.monotonic() - began
        _judge(lab, load)
    return load


def _queue_jobs(lab: Lab, jobs: int, clients: int) -> list[str]:
    def submit(first: int) -> list[str]:
        batch = [
            {"name": "CHAOS_PLAIN", "params": [{"name": "p_key", "value": f"l{n}"}]}
            for n in range(first, min(first + BATCH, jobs))
        ]
        with httpx.Client(base_url=lab.url, headers=lab.headers, timeout=120) as http:
            answer = http.post("/procedures/async", json={"jobs": batch})
        assert answer.status_code == 201, answer.text
        body: Any = answer.json()
        return [str(item if isinstance(item, str) else item["job_id"]) for item in _ids(body)]

    with ThreadPoolExecutor(clients) as pool:
        return [job for part in pool.map(submit, range(0, jobs, BATCH)) for job in part]


def _ids(body: dict[str, Any]) -> list[Any]:
    return next(value for name, value in body.items() if name in ("job_ids", "jobs"))


def _await_end(lab: Lab, load: Load, began: float) -> None:
    deadline = time.monotonic() + 120 + load.jobs / 5
    while time.monotonic() < deadline:
        live = lab.one("select count(*) from async_jobs where status in ('pending', 'running')")
        load.rates.append((time.monotonic() - began, load.jobs - int(live)))
        if not live:
            return
        time.sleep(0.5)
    load.faults.append("the jobs have not ended")


def _measure(lab: Lab, load: Load, began: float, stopping: threading.Event) -> None:
    while not stopping.wait(0.5):
        for place in (*lab.workers, lab.api):
            with suppress(psutil.Error):
                size = psutil.Process(place.process.pid).memory_info().rss
                sizes = load.memory.setdefault(place.name, [])
                sizes.append((time.monotonic() - began, size))


def _ask_health(lab: Lab, load: Load, stopping: threading.Event) -> None:
    with httpx.Client(base_url=lab.url, timeout=10) as http:
        while not stopping.wait(0.05):
            began = time.monotonic()
            assert http.get("/healthz").status_code == 200
            load.health.append(time.monotonic() - began)


async def _wait_for(lab: Lab, load: Load, ids: list[str]) -> None:
    """The last jobs of the queue, each by a client of its own, that asks until its job has ended."""

    async def wait(http: httpx.AsyncClient, job_id: str) -> None:
        deadline = time.monotonic() + 120 + load.jobs / 5
        while time.monotonic() < deadline:
            try:
                answer = await http.get(f"/jobs/{job_id}", params={"wait": "30"})
            except httpx.TransportError:
                # The server closes a connection that was silent for 5 s, perhaps just as the next
                # request is on its way: a busy machine lets clients be as slow.
                load.reconnected += 1
                continue
            if answer.status_code != 200:
                await asyncio.sleep(0.5)
            elif answer.json()["status"] in ("completed", "failed"):
                load.waited += 1
                return

    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(
        base_url=lab.url, headers=lab.headers, timeout=90, limits=limits
    ) as http:
        await asyncio.gather(*(wait(http, job_id) for job_id in ids[-load.waiting :]))


def _judge(lab: Lab, load: Load) -> None:
    completed = lab.one("select count(*) from async_jobs where status = 'completed'")
    effects, distinct = lab.ask("select count(*), count(distinct key) from chaos_ledger")[0]
    if not completed == effects == distinct == load.jobs:
        load.faults.append(f"{completed} completed, {effects} effects of {distinct} jobs")
    if load.waited != min(load.waiting, load.jobs):
        load.faults.append(f"{load.waited} of {load.waiting} waiting clients have been answered")
    if p99(load.health) > HEALTH_P99_SECONDS:
        load.faults.append(f"/healthz p99 {p99(load.health):.3f} s")
    if load.seconds >= WARM_SECONDS:
        for name in load.memory:
            if load.growth(name) > GROWTH_PERCENT:
                load.faults.append(f"{name} has grown by {load.growth(name):.1f} %")
        rates = load.rate_of_quarters()
        if rates[3] * CLAIM_FACTOR < rates[1]:
            load.faults.append(f"slower and slower: {rates}")


def p99(values: list[float]) -> float:
    """The 99th percentile; 0 of nothing."""
    return statistics.quantiles(values, n=100)[-1] if len(values) > 1 else max(values, default=0.0)


def describe(load: Load) -> str:
    """The measures as text."""
    lines = [
        f"commit {commit()} on {machine()}",
        f"{load.jobs} jobs in {load.seconds:.0f} s; jobs a second by quarters "
        + " ".join(f"{rate:.0f}" for rate in load.rate_of_quarters()),
        f"{load.waited} of {load.waiting} waiting clients answered, "
        f"{load.reconnected} connections made again; "
        f"/healthz p99 {p99(load.health) * 1000:.0f} ms of {len(load.health)}",
    ]
    for name, sizes in sorted(load.memory.items()):
        growth = load.growth(name)
        lines.append(f"{name:10} {sizes[-1][1] / 2**20:6.0f} MiB, second half {growth:+.1f} %")
    lines += [f"FAULT: {fault}" for fault in load.faults]
    return "\n".join(lines)


def main() -> int:
    """The command; gives its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.load", description=__doc__)
    parser.add_argument("--jobs", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--waiting", type=int, default=1000)
    options = parser.parse_args()
    load = run_load(
        options.jobs,
        workers=options.workers,
        clients=options.clients,
        waiting=options.waiting,
    )
    print(describe(load))
    return 1 if load.faults else 0


if __name__ == "__main__":
    sys.exit(main())
