"""`make bench`: what a job costs and how fast it goes, as tables and as bench.json.

`make bench ARGS="drain paced"` runs these parts only; ARGS=--full adds what takes minutes: the cost
of a claim with up to 100,000 jobs that wait.

Exit code: 0 all floors hold; 1 one does not, and it is said by how much; 2 wrong usage.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import oracledb
from rich.console import Console
from rich.table import Table

from deploy.interruption import INTERRUPTED, Interrupted, hear_interruptions
from deploy.stack import ROOT, Stack
from tests.bench.claims import ClaimCost, measure_claims
from tests.bench.database import BenchDatabase
from tests.bench.durability import read_durability
from tests.bench.floors import Floor
from tests.bench.layer import Submitting, measure_layer
from tests.bench.measures import (
    Idle,
    Row,
    WakeUp,
    measure_drain,
    measure_idle,
    measure_submit,
    measure_wake_up,
)
from tests.bench.paced import NETWORK_SECONDS, SLOTS, Paced, measure_paced

#: The parts in their order.
PARTS = ("submit", "layer", "drain", "paced", "network", "wake", "idle", "claims")

#: No-op jobs of the run over a slow network.
NETWORK_JOBS = 400
#: Finished rows, and numbers of waiting jobs, beside which a claim is measured.
FINISHED, PENDING = 1_000_000, [1, 1_000]
FULL_PENDING = [*PENDING, 10_000, 100_000]


class Measure(Protocol):
    """Figures that have floors."""

    def floors(self) -> list[Floor]:
        """Those of this measure; none: it is only shown."""


@dataclass
class Report:
    """All that was measured."""

    database: str = "unknown"
    durability: dict[str, str] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    layer: list[Submitting] = field(default_factory=list)
    paced: list[Paced] = field(default_factory=list)
    wake_up: WakeUp | None = None
    idle: Idle | None = None
    claims: list[ClaimCost] = field(default_factory=list)

    def floors(self) -> list[Floor]:
        measures: list[Measure] = [*self.rows, *self.layer, *self.paced, *self.claims]
        measures += [measure for measure in (self.wake_up, self.idle) if measure is not None]
        return [floor for measure in measures for floor in measure.floors()]

    def as_json(self) -> dict[str, object]:
        return {
            "database": self.database,
            "driver": oracledb.__version__,
            "python": platform.python_version(),
            "machine": f"{platform.machine()}, {os.cpu_count()} cores",
            "postgresql": self.durability,
            "jobs": [row.as_json() for row in self.rows],
            "database_layer": [row.as_json() for row in self.layer],
            "paced": [row.as_json() for row in self.paced],
            "wake_up": self.wake_up and self.wake_up.as_json(),
            "idle": self.idle and self.idle.as_json(),
            "claims": [row.as_json() for row in self.claims],
            "floors": [floor.as_json() for floor in self.floors()],
        }


def main(arguments: Sequence[str] | None = None) -> int:
    options = _read_options(arguments)
    hear_interruptions()
    console = Console(highlight=False)
    report = Report()
    try:
        with tempfile.TemporaryDirectory(prefix="oraq-bench-") as name:
            folder = Path(name)
            with Stack(folder=folder, environment=os.environ) as stack:
                _run(stack, report, options, console)
            if "claims" in options.parts:
                pending = FULL_PENDING if options.full else PENDING
                with console.status(f"Claiming beside {FINISHED:,} finished rows ..."):
                    report.claims = measure_claims(folder, finished=FINISHED, pending=pending)
    except Interrupted:
        console.print("Interrupted; everything is stopped and removed.")
        return INTERRUPTED
    _print(console, report)
    (ROOT / "bench.json").write_text(json.dumps(report.as_json(), indent=2) + "\n")
    return _judge(console, report)


def _read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)} (default: all)")
    parser.add_argument("--full", action="store_true", help="with up to 100,000 waiting jobs")
    parser.add_argument(
        "--at-once", default="1,8,32", help="slots and clients, with commas (default 1,8,32)"
    )
    options = parser.parse_args(arguments)
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    options.parts = options.parts or list(PARTS)
    options.concurrencies = [int(number) for number in options.at_once.split(",")]
    return options


def _run(stack: Stack, report: Report, options: argparse.Namespace, console: Console) -> None:
    with console.status("Starting localdb and installing ..."):
        target = stack.start_database(data=stack.folder / "database")
        stack.install(samples=True)
    report.durability = read_durability(stack.folder / "database")
    with oracledb.connect(user=target.user, password=target.password, dsn=target.dsn) as connection:
        database = BenchDatabase(connection)
        database.prepare()
        report.database = database.version()
        for part, what, work in _steps(stack, database, report, options.concurrencies):
            if part in options.parts:
                with console.status(f"{what} ..."):
                    work()


def _steps(
    stack: Stack, database: BenchDatabase, report: Report, concurrencies: Sequence[int]
) -> list[tuple[str, str, Callable[[], object]]]:
    """(part, what, work): each leaves its figures in the report."""

    def submit(number: int) -> None:
        report.rows.append(measure_submit(stack, database, concurrency=number))

    def layer() -> None:
        report.layer = measure_layer(stack.database)
        database.clear_all()

    def drain(number: int) -> None:
        report.rows.append(measure_drain(stack, database, concurrency=number))

    def paced(job_ms: int, network_seconds: float, jobs: int) -> None:
        report.paced.append(
            measure_paced(
                stack, database, job_ms=job_ms, network_seconds=network_seconds, jobs=jobs
            )
        )

    def wake() -> None:
        report.wake_up = measure_wake_up(stack, database)

    def idle() -> None:
        report.idle = measure_idle(stack)

    clients = [number for number in concurrencies if number <= 8]
    return [
        *(("submit", f"Submitting, {n} at once", lambda n=n: submit(n)) for n in clients),
        ("layer", "Submitting without HTTP", layer),
        *(("drain", f"Draining, {n} at once", lambda n=n: drain(n)) for n in concurrencies),
        ("paced", "Draining jobs of 200 ms", lambda: paced(200, 0, 0)),
        ("paced", "Draining jobs of 20 ms", lambda: paced(20, 0, 0)),
        (
            "network",
            "Draining over a slow network",
            lambda: paced(0, NETWORK_SECONDS, NETWORK_JOBS),
        ),
        ("wake", "Waking an idle worker", wake),
        ("idle", "Watching an idle worker", idle),
    ]


def _judge(console: Console, report: Report) -> int:
    floors = report.floors()
    complaints = [f"{name} is {on}" for name, on in report.durability.items() if on != "on"]
    for complaint in complaints:
        console.print(f"[red]✗[/] {complaint}")
    for floor in floors:
        console.print(f"{'[green]✓[/]' if floor.is_met else '[red]✗[/]'} {floor}")
    is_well = not complaints and all(floor.is_met for floor in floors)
    return 0 if is_well else 1


def _print(console: Console, report: Report) -> None:
    console.print(f"[bold]On {report.database}[/]")
    if report.rows:
        _print_rows(console, report.rows)
    if report.layer:
        table = _table("submit through", "jobs", "CPU\nms", "jobs/s")
        table.caption = "Without HTTP. CPU: of the submitting process, per job."
        for way in report.layer:
            cells = (way.jobs, f"{way.client_cpu_ms:.2f}", f"{way.jobs_per_second:.0f}")
            table.add_row(way.what, *map(str, cells))
        console.print(table)
    if report.paced:
        table = _table(
            "jobs of", "network\nms", "jobs", "round\ntrips", "jobs/s", "share of\nideal"
        )
        table.caption = f"On {SLOTS} slots. Network: each way."
        for paced in report.paced:
            table.add_row(
                f"{paced.job_ms} ms",
                f"{paced.network_ms:g}",
                str(paced.jobs),
                "" if paced.round_trips is None else f"{paced.round_trips:.3f}",
                f"{paced.jobs_per_second:.0f}",
                "" if paced.share is None else f"{paced.share:.3f}",
            )
        console.print(table)
    if report.claims:
        table = _table("finished", "waiting", "ms\nwithout", "ms\nwith", "ratio")
        table.caption = "A claim, per job: in a database without and with the finished rows."
        for cost in report.claims:
            table.add_row(
                f"{cost.finished:,}",
                f"{cost.pending:,}",
                *(f"{value:.2f}" for value in (cost.ms_without, cost.ms_with, cost.ratio)),
            )
        console.print(table)
    if report.wake_up:
        console.print(
            f"Wake-up of an idle worker, submission to start: p50 {report.wake_up.p50_ms:.1f} ms, "
            f"p95 {report.wake_up.p95_ms:.1f} ms ({report.wake_up.jobs} jobs)."
        )
    if report.idle:
        console.print(
            f"An idle worker of 8 slots: {report.idle.round_trips} round trips in "
            f"{report.idle.seconds:.0f} s, {report.idle.most_round_trips} claims and heartbeats due."
        )
    console.print("PostgreSQL: " + ", ".join(f"{n} {on}" for n, on in report.durability.items()))


def _print_rows(console: Console, rows: Sequence[Row]) -> None:
    table = _table(
        "no-op jobs",
        *("at\nonce", "jobs", "round\ntrips", "by the\ndatabase", "commits", "log\nwaits"),
        *("CPU\nms", "jobs/s"),
    )
    table.caption = "All but the rate: per job. CPU: of the API's or worker's process."
    for row in rows:
        table.add_row(
            row.what,
            str(row.concurrency),
            str(row.jobs),
            f"{row.round_trips:.3f}",
            f"{row.database_round_trips:.3f}",
            f"{row.commits:.2f}",
            f"{row.log_waits:.2f}",
            f"{row.client_cpu_ms:.2f}",
            f"{row.jobs_per_second:.0f}",
        )
    console.print(table)


def _table(first: str, *others: str) -> Table:
    table = Table()
    table.add_column(first)
    for heading in others:
        table.add_column(heading, justify="right")
    return table


if __name__ == "__main__":
    sys.exit(main())
