"""What a claim costs beside many finished rows, and with many that wait.

Two databases stand side by side, one without and one with the finished rows, and are asked by turns:
whatever else the machine does meets both.
"""

import os
import statistics
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import oracledb

from deploy.stack import Stack
from tests.bench.database import BenchDatabase
from tests.bench.floors import Floor

#: By turns; the median counts.
ROUNDS = 5
#: Jobs of a claim, and claims of a round.
CLAIMED = 8
CLAIMS = 10
#: How much more a claim may cost beside the finished rows.
MOST_RATIO = 1.2


@dataclass(frozen=True, kw_only=True)
class ClaimCost:
    """Milliseconds for each claimed job, medians of ROUNDS rounds."""

    finished: int
    pending: int
    ms_without: float
    ms_with: float

    @property
    def ratio(self) -> float:
        return self.ms_with / self.ms_without

    def as_json(self) -> dict[str, object]:
        return asdict(self) | {"ratio": self.ratio}

    def floors(self) -> list[Floor]:
        what = f"claim beside {self.finished:,} finished rows, {self.pending:,} waiting, ratio"
        return [Floor(what=what, value=self.ratio, bound=MOST_RATIO)]


def measure_claims(folder: Path, *, finished: int, pending: list[int]) -> list[ClaimCost]:
    """Claim from both databases at each number of waiting jobs, ascending.

    Args:
        folder: for the two databases.
        finished: rows of ended jobs in one of them.
        pending: so many jobs wait, at least.
    """
    with ExitStack() as stacks:
        without, beside = (
            stacks.enter_context(_database(folder / name)) for name in ("without", "with")
        )
        beside.insert_finished(finished)
        return [_measure(without, beside, finished, count) for count in sorted(pending)]


@contextmanager
def _database(folder: Path) -> Iterator[BenchDatabase]:
    folder.mkdir()
    with Stack(folder=folder, environment=os.environ) as stack:
        target = stack.start_database(data=folder / "database")
        stack.install(samples=False)
        with oracledb.connect(
            user=target.user, password=target.password, dsn=target.dsn
        ) as connection:
            database = BenchDatabase(connection)
            database.prepare()
            yield database


def _measure(
    without: BenchDatabase, beside: BenchDatabase, finished: int, pending: int
) -> ClaimCost:
    for database in (without, beside):
        database.fill_up(pending)
        # Statements are parsed and pages read.
        database.claim_seconds(min(CLAIMED, pending))
        database.fill_up(pending)
    limit = min(CLAIMED, pending)
    times: dict[BenchDatabase, list[float]] = {without: [], beside: []}
    for _ in range(ROUNDS):
        for database in (without, beside):
            spent = 0.0
            for _ in range(CLAIMS):
                spent += database.claim_seconds(limit)
                database.fill_up(pending)
            times[database].append(1000 * spent / CLAIMS / limit)
    return ClaimCost(
        finished=finished,
        pending=pending,
        ms_without=statistics.median(times[without]),
        ms_with=statistics.median(times[beside]),
    )
