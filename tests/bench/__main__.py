"""`make bench`: what a job costs and how fast it goes, as a table and as bench.json.

Exit code: 0 all floors hold; 1 one does not.
"""

import json
import os
import platform
import sys
import tempfile
from pathlib import Path

import oracledb
from rich.console import Console
from rich.table import Table

from deploy.interruption import INTERRUPTED, Interrupted, hear_interruptions
from deploy.stack import ROOT, Stack
from tests.bench.database import BenchDatabase
from tests.bench.durability import read_durability
from tests.bench.measures import (
    Idle,
    Row,
    WakeUp,
    measure_drain,
    measure_idle,
    measure_submit,
    measure_wake_up,
)

CONCURRENCIES = (1, 8)

#: Most round trips a job, by what and how many at once; heartbeats and empty claims included.
FLOORS = {("submit", 1): 1.0, ("submit", 8): 1.0, ("drain", 8): 2.3}
#: Most waits for the log a job; commits of one call wait once, at its end.
LOG_WAIT_FLOORS = {("submit", 1): 1.0, ("submit", 8): 1.0, ("drain", 8): 2.3}
#: Milliseconds in which 95 of 100 jobs have started on an idle worker.
WAKE_UP_FLOOR_MS = 10.0
#: Round trips a job that the two ways of counting may differ by: the database counts after a call,
#: the wire before.
COUNT_TOLERANCE = 0.05


def main() -> int:
    hear_interruptions()
    console = Console(highlight=False)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="oraq-bench-") as folder,
            Stack(folder=Path(folder), environment=os.environ) as stack,
        ):
            return _run(stack, console)
    except Interrupted:
        console.print("Interrupted; everything is stopped and removed.")
        return INTERRUPTED


def _run(stack: Stack, console: Console) -> int:
    with console.status("Starting localdb and installing ..."):
        target = stack.start_database(data=stack.folder / "database")
        stack.install(samples=True)
    durability = read_durability(stack.folder / "database")
    with oracledb.connect(user=target.user, password=target.password, dsn=target.dsn) as connection:
        database = BenchDatabase(connection)
        database.prepare()
        rows: list[Row] = []
        for concurrency in CONCURRENCIES:
            with console.status(f"Submitting, {concurrency} at once ..."):
                rows.append(measure_submit(stack, database, concurrency=concurrency))
        for concurrency in CONCURRENCIES:
            with console.status(f"Draining, {concurrency} at once ..."):
                rows.append(measure_drain(stack, database, concurrency=concurrency))
        with console.status("Waking an idle worker ..."):
            wake_up = measure_wake_up(stack, database)
        with console.status("Watching an idle worker ..."):
            idle = measure_idle(stack)
        version = database.version()
    complaints = _judge(rows, wake_up, idle, durability)
    _print(console, rows, wake_up, idle, durability, version)
    _write(rows, wake_up, idle, durability, version)
    for complaint in complaints:
        console.print(f"[red]✗[/] {complaint}")
    if not complaints:
        console.print("[green]✓[/] All floors hold.")
    return 1 if complaints else 0


def _judge(rows: list[Row], wake_up: WakeUp, idle: Idle, durability: dict[str, str]) -> list[str]:
    complaints = [f"{name} is {value}" for name, value in durability.items() if value != "on"]
    for row in rows:
        name = f"{row.what} at {row.concurrency}"
        floor = FLOORS.get((row.what, row.concurrency))
        if floor is not None and row.round_trips > floor:
            complaints.append(f"{name}: {row.round_trips:.3f} round trips a job, at most {floor}")
        floor = LOG_WAIT_FLOORS.get((row.what, row.concurrency))
        if floor is not None and row.log_waits > floor:
            complaints.append(f"{name}: {row.log_waits:.3f} log waits a job, at most {floor}")
        if abs(row.round_trips - row.database_round_trips) > COUNT_TOLERANCE:
            complaints.append(
                f"{name}: {row.round_trips:.3f} round trips on the wire,"
                f" {row.database_round_trips:.3f} in the database's own count"
            )
    if wake_up.p95_ms > WAKE_UP_FLOOR_MS:
        complaints.append(
            f"wake-up: p95 {wake_up.p95_ms:.1f} ms, at most {WAKE_UP_FLOOR_MS:.0f} ms"
        )
    if idle.round_trips > idle.most_round_trips:
        complaints.append(
            f"idle: {idle.round_trips} round trips in {idle.seconds:.0f} s,"
            f" at most {idle.most_round_trips}"
        )
    return complaints


def _print(
    console: Console,
    rows: list[Row],
    wake_up: WakeUp,
    idle: Idle,
    durability: dict[str, str],
    version: str,
) -> None:
    console.print(f"[bold]No-op jobs on {version}[/]")
    table = Table(caption="All but the rate: per job. CPU: of the API's or worker's process.")
    table.add_column("what")
    for heading in (
        "at\nonce",
        "jobs",
        "round\ntrips",
        "by the\ndatabase",
        "commits",
        "log\nwaits",
        "CPU\nms",
        "jobs/s",
    ):
        table.add_column(heading, justify="right")
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
    console.print(
        f"Wake-up of an idle worker, submission to start: p50 {wake_up.p50_ms:.1f} ms, "
        f"p95 {wake_up.p95_ms:.1f} ms ({wake_up.jobs} jobs)."
    )
    console.print(
        f"An idle worker of 8 slots: {idle.round_trips} round trips in {idle.seconds:.0f} s, "
        f"{idle.most_round_trips} claims and heartbeats due."
    )
    console.print("PostgreSQL: " + ", ".join(f"{name} {on}" for name, on in durability.items()))


def _write(
    rows: list[Row], wake_up: WakeUp, idle: Idle, durability: dict[str, str], version: str
) -> None:
    report = {
        "database": version,
        "driver": oracledb.__version__,
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "postgresql": durability,
        "jobs": [row.as_json() for row in rows],
        "wake_up": wake_up.as_json(),
        "idle": idle.as_json(),
    }
    (ROOT / "bench.json").write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
