"""A whole OraQ in a temporary folder: runs jobs, shows them live, checks them, leaves nothing.

Exit code: 0 all results are as they have to be; 1 something is not; 130 interrupted.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from deploy.demo_cases import BURST, CASES, Case, Watched, burst_case
from deploy.interruption import INTERRUPTED, Interrupted, hear_interruptions
from deploy.processes import ProcessFailed
from deploy.stack import Api, Stack

WORKERS = 2
#: Calls that each worker runs at once.
SLOTS = 4
#: Submissions at once, in the burst.
CLIENTS = 8
#: How often the jobs are looked at.
LOOK_SECONDS = 0.2
#: When waiting for the jobs is given up.
PATIENCE_SECONDS = 45.0
#: Columns of the table where nobody's terminal says how many there are.
FILE_WIDTH = 140

STATUS_STYLES = {
    "pending": "dim",
    "running": "yellow",
    "completed": "green",
    "failed": "red",
}


@dataclass
class Board:
    """Everything that the screen shows."""

    named: list[Watched] = field(default_factory=list)
    burst: list[Watched] = field(default_factory=list)
    burst_began: float = 0.0
    submit_seconds: float = 0.0
    drain_seconds: float = 0.0

    @property
    def ended(self) -> bool:
        return all(watched.ended for watched in self.everything())

    def everything(self) -> Iterator[Watched]:
        yield from self.named
        yield from self.burst

    def __rich__(self) -> Group:
        table = Table(title="Jobs", title_justify="left", expand=False)
        for heading in ("procedure", "status", "progress", "duration"):
            table.add_column(heading, no_wrap=True)
        table.add_column("result or error", overflow="fold")
        for watched in self.named:
            answer = watched.answer
            status = str(answer.get("status", "submitted"))
            table.add_row(
                watched.case.name,
                Text(status, STATUS_STYLES.get(status, "")),
                _bar(float(answer.get("progress", 0))),
                str(answer.get("duration", "")),
                _outcome(watched),
            )
        done = sum(watched.ended for watched in self.burst)
        if self.burst:
            table.add_section()
            table.add_row(
                f"{len(self.burst)} x {self.burst[0].case.name}",
                "done" if done == len(self.burst) else "running",
                _bar(100 * done / len(self.burst)),
                f"{self.drain_seconds:.2f}s" if self.drain_seconds else "",
                f"{done} of {len(self.burst)} ended",
            )
        return Group(table)


def main() -> int:
    hear_interruptions()
    console = Console(width=None if sys.stdout.isatty() else FILE_WIDTH)
    began = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="oraq-demo-") as folder:
            with Stack(folder=Path(folder), environment=os.environ) as stack:
                api = _start(stack, console)
                board = Board()
                asyncio.run(_run_jobs(api, board, console))
                complaints = _judge(board)
            _report(board, complaints, console)
    except Interrupted:
        console.print("Interrupted; everything is stopped and removed.")
        return INTERRUPTED
    except (ProcessFailed, httpx.HTTPError, TimeoutError) as error:
        console.print(
            f"[red]The demo failed:[/] {escape(str(error) or 'it took too long')}", highlight=False
        )
        return 1
    console.print(f"Took {time.monotonic() - began:.1f} s. Nothing is left running.")
    return 1 if complaints else 0


def _start(stack: Stack, console: Console) -> Api:
    with _step(console, "localdb, an Oracle stand-in, on a free port"):
        database = stack.start_database()
    with _step(console, "schema and sample procedures installed"):
        stack.install(samples=True)
    with _step(console, "API"):
        api = stack.start_api()
    with _step(console, f"{WORKERS} workers with {SLOTS} slots each"):
        for _ in range(WORKERS):
            stack.start_worker("--slots", str(SLOTS))
    console.print(f"Database {database.dsn}   API {api.url}", highlight=False)
    return api


@contextmanager
def _step(console: Console, what: str) -> Iterator[None]:
    began = time.monotonic()
    with console.status(f"{what} ..."):
        yield
    console.print(f"[green]✓[/] {what} [dim]({time.monotonic() - began:.1f} s)[/]", highlight=False)


async def _run_jobs(api: Api, board: Board, console: Console) -> None:
    """Submit everything and watch until all has ended.

    Raises:
        TimeoutError: something never ended.
    """
    async with httpx.AsyncClient(base_url=api.url, headers=api.headers, timeout=20) as client:
        with Live(board, console=console, refresh_per_second=8):
            for case in CASES:
                board.named.append(await _submit(client, case))
            submitting = asyncio.create_task(_submit_burst(client, board))
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not (submitting.done() and board.ended):
                    await _look(client, board)
                    await asyncio.sleep(LOOK_SECONDS)
            await submitting


async def _submit_burst(client: httpx.AsyncClient, board: Board) -> None:
    cases = iter([burst_case(number) for number in range(1, BURST + 1)])
    board.burst_began = time.monotonic()

    async def submit_some() -> None:
        for case in cases:
            board.burst.append(await _submit(client, case))

    await asyncio.gather(*(submit_some() for _ in range(CLIENTS)))
    board.submit_seconds = time.monotonic() - board.burst_began


async def _submit(client: httpx.AsyncClient, case: Case) -> Watched:
    answer = await client.post("/procedure/async", json=case.body)
    answer.raise_for_status()
    return Watched(case, answer.json()["job_id"])


async def _look(client: httpx.AsyncClient, board: Board) -> None:
    """Ask for all jobs at once, and note what they say."""
    answer = await client.get("/jobs", params={"limit": 1000})
    answer.raise_for_status()
    jobs = {job["id"]: job for job in answer.json()["jobs"]}
    for watched in board.everything():
        if job := jobs.get(watched.id):
            watched.answer = job
            watched.progress.add(float(job.get("progress", 0)))
    submitted = board.submit_seconds and len(board.burst) == BURST
    if submitted and not board.drain_seconds and all(watched.ended for watched in board.burst):
        board.drain_seconds = time.monotonic() - board.burst_began


def _judge(board: Board) -> list[str]:
    complaints = [complaint for watched in board.everything() if (complaint := watched.complaint())]
    if len({watched.id for watched in board.everything()}) != len(CASES) + BURST:
        complaints.append("jobs were lost, or share an id")
    return complaints


def _report(board: Board, complaints: list[str], console: Console) -> None:
    console.print(
        f"\nBurst: {BURST} jobs submitted over HTTP at {BURST / board.submit_seconds:.0f}/s, "
        f"submitted and run at {BURST / board.drain_seconds:.0f}/s.",
        highlight=False,
    )
    for complaint in complaints:
        console.print(f"[red]✗[/] {escape(complaint)}", highlight=False)
    if not complaints:
        total = len(CASES) + BURST
        console.print(f"[green]✓[/] All {total} jobs ended as they have to.", highlight=False)


def _bar(percent: float) -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.add_row(ProgressBar(total=100, completed=percent, width=10), f"{percent:3.0f}%")
    return grid


def _outcome(watched: Watched) -> Text:
    answer = watched.answer
    if "error" in answer:
        return Text(str(answer["error"]), "red")
    if "result" in answer:
        return Text(json.dumps(answer["result"], ensure_ascii=False))
    return Text(str(answer.get("progress_note", "")), "dim")


if __name__ == "__main__":
    sys.exit(main())
