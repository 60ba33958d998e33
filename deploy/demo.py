"""A whole OraQ in a temporary folder: runs jobs, shows them live, checks them, leaves nothing.

Exit code: 0 all results are as they have to be; 1 something is not; 130 interrupted.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
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

from deploy.demo_cases import BURST, CASES, CRASH, Case, Watched, burst_case
from deploy.interruption import INTERRUPTED, Interrupted, hear_interruptions
from deploy.processes import ProcessFailed
from deploy.stack import Api, Stack

WORKERS = 2
#: Calls that each worker runs at once.
SLOTS = 4
WORKER_ARGUMENTS = ("--slots", str(SLOTS), "--heartbeat", "1", "--lease", "5")
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
    #: What has just been done to the processes.
    event: str = ""
    killed_at: float = 0.0
    #: Between the death of the worker and the second start of its job.
    takeover_seconds: float = 0.0

    @property
    def ended(self) -> bool:
        return all(watched.ended for watched in self.everything())

    def everything(self) -> Iterator[Watched]:
        yield from self.named
        yield from self.burst

    def __rich__(self) -> Group:
        done = sum(watched.ended for watched in self.everything())
        total = 1 + len(CASES) + BURST
        overall = Table.grid(padding=(0, 1))
        overall.add_row(
            Text("All jobs", "bold"),
            ProgressBar(total=total, completed=done, width=40),
            f"{done} of {total}",
            Text(self.event, "bold yellow"),
        )
        return Group(overall, self._table())

    def _table(self) -> Table:
        table = Table(expand=False)
        for heading in ("procedure", "status", "progress", "try", "duration"):
            table.add_column(heading, no_wrap=True)
        table.add_column("result or error", overflow="ellipsis", no_wrap=True)
        for watched in self.named:
            answer = watched.answer
            table.add_row(
                watched.case.name,
                Text(watched.status, STATUS_STYLES.get(watched.status, "")),
                _bar(float(answer.get("progress", 0))),
                str(answer.get("attempt", "")),
                str(answer.get("duration", "")),
                _outcome(watched),
            )
        if self.burst:
            done = sum(watched.ended for watched in self.burst)
            table.add_section()
            table.add_row(
                f"{len(self.burst)} x {self.burst[0].case.name}",
                "done" if done == len(self.burst) else "running",
                _bar(100 * done / len(self.burst)),
                "",
                f"{self.drain_seconds:.2f}s" if self.drain_seconds else "",
                f"{done} of {len(self.burst)} ended",
            )
        return table


def main() -> int:
    hear_interruptions()
    console = Console(width=None if sys.stdout.isatty() else FILE_WIDTH)
    began = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="oraq-demo-") as folder:
            with Stack(folder=Path(folder), environment=os.environ) as stack:
                api = _start(stack, console)
                board = Board()
                asyncio.run(_run_jobs(stack, api, board, console))
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
        stack.start_workers(WORKERS, *WORKER_ARGUMENTS)
    console.print(f"Database {database.dsn}   API {api.url}", highlight=False)
    return api


@contextmanager
def _step(console: Console, what: str) -> Iterator[None]:
    began = time.monotonic()
    with console.status(f"{what} ..."):
        yield
    console.print(f"[green]✓[/] {what} [dim]({time.monotonic() - began:.1f} s)[/]", highlight=False)


async def _run_jobs(stack: Stack, api: Api, board: Board, console: Console) -> None:
    """Submit everything and watch until all has ended.

    Raises:
        TimeoutError: something never ended.
    """
    async with (
        asyncio.timeout(PATIENCE_SECONDS),
        httpx.AsyncClient(base_url=api.url, headers=api.headers, timeout=20) as client,
    ):
        with Live(board, console=console, refresh_per_second=8):
            await _kill_a_worker(stack, client, board)
            for case in CASES:
                board.named.append(await _submit(client, case))
            submitting = asyncio.create_task(_submit_burst(client, board))
            while not (submitting.done() and board.ended):
                await _look(client, board)
                await asyncio.sleep(LOOK_SECONDS)
            await submitting
            board.event = ""


async def _kill_a_worker(stack: Stack, client: httpx.AsyncClient, board: Board) -> None:
    """Wait until a worker is in the middle of a job, and kill it as a crash would."""
    watched = await _submit(client, CRASH)
    board.named.append(watched)
    while watched.status != "running":
        await asyncio.sleep(LOOK_SECONDS / 4)
        await _look(client, board)
    # A worker's name is host:pid:number.
    pid = int(str(watched.answer["worker"]).split(":")[-2])
    next(process for process in stack.processes if process.pid == pid).kill()
    board.killed_at = time.monotonic()
    board.event = f"worker {pid} was killed (kill -9); its job goes to the other one"


async def _submit_burst(client: httpx.AsyncClient, board: Board) -> None:
    cases = iter([burst_case(number) for number in range(1, BURST + 1)])
    board.burst_began = time.monotonic()

    async def submit_some() -> None:
        for case in cases:
            board.burst.append(await _submit(client, case))

    await asyncio.gather(*(submit_some() for _ in range(CLIENTS)))
    board.submit_seconds = time.monotonic() - board.burst_began


async def _submit(client: httpx.AsyncClient, case: Case) -> Watched:
    headers = {"Idempotency-Key": secrets.token_hex(8)} if case.repeat else {}
    answer = await client.post("/procedure/async", json=case.body, headers=headers)
    answer.raise_for_status()
    watched = Watched(case, answer.json()["job_id"])
    if case.repeat:
        again = await client.post("/procedure/async", json=case.body, headers=headers)
        again.raise_for_status()
        watched.second_id = again.json()["job_id"]
    return watched


async def _look(client: httpx.AsyncClient, board: Board) -> None:
    """Ask for all jobs at once, and note what they say."""
    answer = await client.get("/jobs", params={"limit": 1000})
    answer.raise_for_status()
    jobs = {job["id"]: job for job in answer.json()["jobs"]}
    for watched in board.everything():
        if job := jobs.get(watched.id):
            watched.answer = job
            watched.progress.add(float(job.get("progress", 0)))
        if watched.case.cancel and not watched.cancelled and watched.status == "running":
            watched.cancelled = True
            (await client.post(f"/jobs/{watched.id}/cancel")).raise_for_status()
    if board.killed_at and not board.takeover_seconds:
        crashed = board.named[0]
        if crashed.answer.get("attempt") == 2 and crashed.status != "pending":
            board.takeover_seconds = time.monotonic() - board.killed_at
    submitted = board.submit_seconds and len(board.burst) == BURST
    if submitted and not board.drain_seconds and all(watched.ended for watched in board.burst):
        board.drain_seconds = time.monotonic() - board.burst_began


def _judge(board: Board) -> list[str]:
    complaints = [complaint for watched in board.everything() if (complaint := watched.complaint())]
    if len({watched.id for watched in board.everything()}) != 1 + len(CASES) + BURST:
        complaints.append("jobs were lost, or share an id")
    return complaints


def _report(board: Board, complaints: list[str], console: Console) -> None:
    total = 1 + len(CASES) + BURST
    facts = Table.grid(padding=(0, 2))
    facts.add_row(
        "burst",
        f"{BURST} jobs submitted over HTTP at {BURST / board.submit_seconds:.0f}/s, "
        f"submitted and run at {BURST / board.drain_seconds:.0f}/s",
    )
    facts.add_row(
        "crash",
        f"a worker was killed in the middle of a job; it ran again after "
        f"{board.takeover_seconds:.1f} s, its effects once",
    )
    facts.add_row("rest", "cancelled, repeated, delayed and failed jobs ended as they have to")
    console.print()
    if not complaints:
        console.print(facts, highlight=False)
    for complaint in complaints:
        console.print(f"[red]✗[/] {escape(complaint)}", highlight=False)
    if not complaints:
        console.print(f"[green]✓[/] All {total} jobs ended as they have to.", highlight=False)


def _bar(percent: float) -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.add_row(ProgressBar(total=100, completed=percent, width=10), f"{percent:3.0f}%")
    return grid


def _outcome(watched: Watched) -> Text:
    """One line: the first of an error, the start of a result, or what it is doing."""
    answer = watched.answer
    if "error" in answer:
        said = Text(str(answer["error"]).splitlines()[0], "red")
    elif "result" in answer:
        said = Text(json.dumps(answer["result"], ensure_ascii=False))
    else:
        said = Text(str(answer.get("progress_note", "")), "dim")
    title = watched.case.title
    return Text.assemble(title, ": " if title and said else "", said)


if __name__ == "__main__":
    sys.exit(main())
