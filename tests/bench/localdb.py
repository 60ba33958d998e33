"""`make bench-localdb`: what localdb costs beside PostgreSQL itself, as a table and as a file.

The same work is done through the driver and localdb, and with asyncpg on the very PostgreSQL that
stands behind it, by turns, so that whatever else the machine does meets both.

Exit code: 0 all floors hold; 1 one does not.
"""

import asyncio
import json
import os
import platform
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import asyncpg
import oracledb
from rich.console import Console
from rich.table import Table

from deploy.interruption import INTERRUPTED, Interrupted, hear_interruptions
from deploy.localdb.postgres.cluster import SUPERUSER
from deploy.stack import ROOT, Database, Stack
from tests.bench.durability import find_socket
from tests.bench.turns import BUSY, measure_wait
from tests.bench.works import (
    Anonymous,
    ByKey,
    Compilation,
    Embedded,
    Executemany,
    FetchMany,
    LoopTurn,
    NoOp,
    Work,
    prepare,
)

#: By turns; the median of them counts.
ROUNDS = 7
#: The longest that a session may wait because another one is busy.
WAIT_MS = 50.0


@dataclass(frozen=True, kw_only=True)
class Cost:
    """One line of the table.

    value is the time for one piece of work through localdb, in `unit`; direct the same on
    PostgreSQL, None where there is no such thing.
    """

    what: str
    unit: str
    value: float
    direct: float | None
    #: The most that value, or value / direct, may be; None: it is only shown.
    floor: float | None

    @property
    def judged(self) -> float:
        return self.value if self.direct is None else self.value / self.direct

    @property
    def holds(self) -> bool:
        return self.floor is None or self.judged <= self.floor

    def as_json(self) -> dict[str, object]:
        ratio = None if self.direct is None else self.judged
        return asdict(self) | {"ratio": ratio, "holds": self.holds}


def main() -> int:
    hear_interruptions()
    console = Console(highlight=False)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="localdb-bench-") as folder,
            Stack(folder=Path(folder), environment=os.environ) as stack,
        ):
            with console.status("Starting localdb ..."):
                database = stack.start_database(data=stack.folder / "database")
            costs = asyncio.run(_measure(database, stack.folder / "database", console))
    except Interrupted:
        console.print("Interrupted; everything is stopped and removed.")
        return INTERRUPTED
    _print(console, costs)
    _write(costs)
    return 0 if all(cost.holds for cost in costs) else 1


async def _measure(database: Database, data: Path, console: Console) -> list[Cost]:
    socket = find_socket(data)
    direct = await asyncpg.connect(
        host=str(socket.parent),
        port=int(socket.suffix.removeprefix(".")),
        user=SUPERUSER,
        database="postgres",
    )
    try:
        with oracledb.connect(
            user=database.user, password=database.password, dsn=database.dsn
        ) as connection:
            await prepare(connection, direct)
            costs = [
                await _compare(work, connection, direct, console)
                for work in (
                    NoOp(),
                    ByKey(),
                    Anonymous(),
                    Embedded(),
                    FetchMany(),
                    Executemany(),
                    LoopTurn(),
                    Compilation(),
                )
            ]
            for name, text in BUSY.items():
                with console.status(f"Waiting beside PL/SQL with {name} ..."):
                    costs.append(_wait(name, measure_wait(database, text)))
            return costs
    finally:
        await direct.close()


def _wait(name: str, seconds: float) -> Cost:
    return Cost(
        what=f"statement of a session beside PL/SQL with {name}, at most",
        unit="ms",
        value=seconds * 1e3,
        direct=None,
        floor=WAIT_MS,
    )


async def _compare(
    work: Work, connection: oracledb.Connection, direct: asyncpg.Connection, console: Console
) -> Cost:
    ours: list[float] = []
    theirs: list[float] = []
    with console.status(f"{work.what} ..."):
        for _ in range(ROUNDS):
            ours.append(work.through_localdb(connection))
            seconds = await work.directly(direct)
            if seconds is not None:
                theirs.append(seconds)
    scale = {"s": 1.0, "ms": 1e3, "µs": 1e6}[work.unit]
    return Cost(
        what=work.what,
        unit=work.unit,
        value=_median(ours) * scale,
        direct=_median(theirs) * scale if theirs else None,
        floor=work.floor,
    )


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def _print(console: Console, costs: list[Cost]) -> None:
    console.print("[bold]localdb beside PostgreSQL[/]")
    table = Table()
    table.add_column("what")
    for heading in ("through\nlocaldb", "asyncpg,\ndirect", "times", "floor", ""):
        table.add_column(heading, justify="right")
    for cost in costs:
        relative = cost.direct is not None
        table.add_row(
            cost.what,
            _show(cost.value, f" {cost.unit}"),
            _show(cost.direct, f" {cost.unit}"),
            _show(cost.judged if relative else None, ""),
            _show(cost.floor, " times" if relative else f" {cost.unit}"),
            "" if cost.floor is None else "[green]met[/]" if cost.holds else "[red]missed[/]",
        )
    console.print(table)


def _show(value: float | None, unit: str) -> str:
    return "" if value is None else f"{value:.2f}{unit}"


def _write(costs: list[Cost]) -> None:
    report = {
        "driver": oracledb.__version__,
        "asyncpg": asyncpg.__version__,
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "costs": [cost.as_json() for cost in costs],
    }
    (ROOT / "bench-localdb.json").write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
