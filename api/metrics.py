"""GET /metrics: what Prometheus collects, of the database and of this process.

The database is asked at most once in a few seconds, whoever scrapes how often.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Final, Protocol

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from api.endpoints import Answer, Endpoint
from api.fresh import Fresh
from api.observation import Logger
from api.tokens import Scope
from api.watcher import Watcher
from sql.errors import DatabaseError
from sql.metrics import BUCKETS
from sql.metrics import Histogram as Durations
from sql.operations import Statistics, WorkerRow

#: How long what the database said is shown, and how long a scrape waits for it.
KEPT_SECONDS: Final = 5.0
PATIENCE_SECONDS: Final = 5.0

#: Of requests, in seconds. Those that wait for a job have a route of their own.
REQUEST_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class StatisticsSource(Protocol):
    """Knows what the database can tell, in one round trip."""

    async def statistics(self) -> Statistics: ...


class PoolUse(Protocol):
    """The pool of database connections, as the driver has it."""

    @property
    def busy(self) -> int: ...

    @property
    def opened(self) -> int: ...

    @property
    def max(self) -> int: ...


class Metrics:
    """Counts requests, and gathers all else when it is asked for."""

    def __init__(
        self, source: StatisticsSource, pool: PoolUse, watcher: Watcher, *, logger: Logger
    ) -> None:
        # They double the series, and nobody asks since when a count is kept.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = CollectorRegistry()
        self._statistics = Fresh(
            source.statistics, seconds=KEPT_SECONDS, patience_seconds=PATIENCE_SECONDS
        )
        self._logger = logger
        self._requests = Counter(
            "oraq_http_requests",
            "Requests that were answered",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "oraq_http_request_seconds",
            "Time to answer a request",
            ["method", "route"],
            buckets=REQUEST_BUCKETS,
            registry=self._registry,
        )
        Info("oraq", "The release", registry=self._registry).info({"version": version("oraq")})
        ProcessCollector(registry=self._registry)
        self._registry.register(_ProcessState(pool, watcher))

    def count_request(self, *, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    async def render(self, accepted: str) -> tuple[bytes, str]:
        """All of it, as text or OpenMetrics, and the content type.

        Args:
            accepted: the request's Accept header.
        """
        statistics = await self._ask_database()
        encode, content_type = choose_encoder(accepted)
        everything = _Everything([self._registry, _DatabaseState(statistics)])
        # With hundreds of workers this takes a while, and others are to be served meanwhile.
        return await asyncio.to_thread(encode, everything), content_type

    async def _ask_database(self) -> Statistics | None:
        """None: it does not answer, which is shown."""
        try:
            return await self._statistics.get()
        except DatabaseError as error:
            self._logger.warning("no statistics for metrics", code=error.code)
        except TimeoutError:
            self._logger.warning("no statistics for metrics in time")
        return None


def metrics_endpoints(metrics: Metrics) -> list[Endpoint]:
    """The one that Prometheus scrapes."""

    async def show(request: Request) -> Response:
        content, content_type = await metrics.render(request.headers.get("accept", ""))
        return Response(content, headers={"content-type": content_type})

    return [
        Endpoint(
            method="GET",
            path="/metrics",
            call=show,
            scope=Scope.READ,
            group="Service",
            name="showMetrics",
            summary="Metrics for Prometheus",
            description="Of the whole installation and of this process. The database is asked once "
            f"in {KEPT_SECONDS:g} seconds at most.",
            answers={200: Answer(description="The metrics", media_type="text/plain")},
            is_probe=True,
        )
    ]


class _Everything(Collector):
    """Several collectors as one: the registry's encoders take a single one."""

    def __init__(self, parts: Sequence[Collector]) -> None:
        self._parts = parts

    def collect(self) -> Iterator[Metric]:
        for part in self._parts:
            yield from part.collect()


class _ProcessState(Collector):
    """What this process holds now."""

    def __init__(self, pool: PoolUse, watcher: Watcher) -> None:
        self._pool = pool
        self._watcher = watcher

    def collect(self) -> Iterator[Metric]:
        busy = self._pool.busy
        yield _gauges(
            "oraq_pool_connections",
            "Database connections of this process",
            "state",
            {"busy": busy, "idle": max(self._pool.opened - busy, 0)},
        )
        yield _gauge("oraq_pool_limit", "Most database connections at once", self._pool.max)
        yield _gauge(
            "oraq_waiting_clients",
            "Clients that wait for a job or follow it",
            self._watcher.waiting,
        )


class _DatabaseState(Collector):
    """What the database has said; None: it does not answer."""

    def __init__(self, statistics: Statistics | None) -> None:
        self._statistics = statistics

    def collect(self) -> Iterator[Metric]:
        found = self._statistics
        yield _gauge("oraq_database_up", "Whether the database answers", int(found is not None))
        if found is None:
            return
        yield _gauges("oraq_jobs", "Jobs by state", "state", found.jobs)
        lost = CounterMetricFamily("oraq_lost_attempts", "Attempts that have lost their worker")
        lost.add_metric([], found.lost_attempts)
        yield lost
        yield from _queue_metrics(found)
        yield from _worker_metrics(found.workers)


def _queue_metrics(found: Statistics) -> Iterator[Metric]:
    queue = found.queue
    yield _gauge(
        "oraq_queue_open", "Whether the queue takes and gives messages", int(queue.is_open)
    )
    yield _gauge("oraq_queue_depth", "Wake-ups that a worker would get now", queue.ready)
    yield _gauge("oraq_queue_delayed", "Pending jobs that are not due", queue.delayed)
    yield _gauge(
        "oraq_queue_oldest_seconds",
        "Since when the job that has waited longest could run; 0: none waits",
        queue.oldest_seconds or 0,
    )
    yield _gauges(
        "oraq_pending_jobs",
        "Pending jobs by whether a worker has reserved them",
        "state",
        {"free": queue.free, "reserved": queue.reserved},
    )


def _worker_metrics(workers: Sequence[WorkerRow]) -> Iterator[Metric]:
    alive = [worker for worker in workers if worker.is_alive]
    yield _gauge("oraq_workers", "Workers that are alive", len(alive))
    for name, text, values in (
        ("slots", "Jobs that a worker may run at once", {w.worker: w.slots for w in alive}),
        ("running", "Jobs that a worker runs", {w.worker: w.running for w in alive}),
        ("reserved", "Jobs that a worker has claimed", {w.worker: w.reserved for w in alive}),
        ("draining", "Whether a worker is to end", {w.worker: int(w.draining) for w in alive}),
    ):
        yield _gauges(f"oraq_worker_{name}", text, "worker", values)
    run = HistogramMetricFamily("oraq_run_seconds", "Time of an attempt", labels=["worker"])
    wait = HistogramMetricFamily(
        "oraq_wait_seconds", "From when a job could run until its start", labels=["worker"]
    )
    attempts = CounterMetricFamily(
        "oraq_attempts",
        "Attempts by how they ended; retried: raised, and called again later",
        labels=["worker", "outcome"],
    )
    # Of workers that are gone as well, as long as the database knows them: a counter does not fall.
    for worker in workers:
        if worker.metrics is not None:
            _add_durations(run, worker.worker, worker.metrics.run_seconds)
            _add_durations(wait, worker.worker, worker.metrics.wait_seconds)
            for outcome, count in worker.metrics.outcomes.items():
                attempts.add_metric([worker.worker, outcome], count)
    yield from (run, wait, attempts)


def _add_durations(family: HistogramMetricFamily, worker: str, durations: Durations) -> None:
    buckets = [
        (str(float(bound)), count) for bound, count in zip(BUCKETS, durations.counts, strict=True)
    ]
    family.add_metric([worker], [*buckets, ("+Inf", durations.count)], durations.sum)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)


def _gauges(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
