"""Looking at workers and the queue, and draining workers."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Mapping, Sequence

from rich.console import Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from deploy.commands.exits import CommandFailed, Exit
from deploy.commands.options import AddCommand, add_json, add_watch, seconds
from deploy.commands.screen import (
    iso_time,
    new_facts,
    new_table,
    open_console,
    print_json,
    progress_bar,
    show_span,
    watch,
)
from deploy.commands.session import Session, run_in_session
from sql.errors import NotInstalled
from sql.exact_json import JsonValue
from sql.operations import QueueState, WorkerRow

STYLES = {"silent": "red", "draining": "yellow", "alive": "green"}
#: How often draining workers are looked at.
LOOK_SECONDS = 0.5


def add_commands(add: AddCommand) -> None:
    workers = add("workers", show_workers, "Show the workers and what they hold.")
    form = workers.add_mutually_exclusive_group()
    add_json(form)
    add_watch(form)

    queue = add("queue", show_queue, "Show the queue, and how busy the workers are.")
    form = queue.add_mutually_exclusive_group()
    add_json(form)
    add_watch(form)

    drain = add(
        "drain",
        drain_workers,
        "Ask workers to finish their jobs and end, and wait until they have.",
    )
    which = drain.add_mutually_exclusive_group(required=True)
    which.add_argument("worker", metavar="WORKER", nargs="?", help="as `oraq workers` names it")
    which.add_argument("--all", action="store_true", help="all that are alive")
    drain.add_argument("--timeout", type=seconds, metavar="TIME", help="wait so long: 90, 10m")
    drain.add_argument("--no-wait", action="store_true", help="ask them and return")
    add_json(drain)


def show_workers(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    async def work(session: Session) -> None:
        async def look() -> RenderableType:
            return worker_table(await session.operations.workers())

        if options.watch:
            await watch(look)
        workers = await session.operations.workers()
        if options.json:
            rows: list[JsonValue] = [worker_as_json(worker) for worker in workers]
            print_json({"workers": rows})
        elif workers:
            open_console().print(worker_table(workers))
        else:
            open_console().print("No workers. Start one: oraq worker")

    run_in_session(environ, work)
    return Exit.DONE


def show_queue(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    async def work(session: Session) -> None:
        async def look() -> RenderableType:
            state = await session.operations.queue()
            return _queue_facts(state, await session.operations.workers())

        if options.watch:
            await watch(look)
        if options.json:
            state, workers = await session.operations.queue(), await session.operations.workers()
            print_json(_queue_as_json(state, workers))
        else:
            open_console().print(await look())

    run_in_session(environ, work)
    return Exit.DONE


def drain_workers(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    async def work(session: Session) -> int:
        with session.as_owner("drain workers"):
            return await _drain(session, options)

    return run_in_session(environ, work)


async def _drain(session: Session, options: argparse.Namespace) -> int:
    before = [w for w in await _list_workers(session) if w.is_alive]
    wanted = {w.worker for w in before if options.worker in (None, w.worker)}
    if options.worker and not await session.operations.drain(options.worker):
        raise CommandFailed(f"there is no worker {options.worker} (oraq workers)", Exit.MISSING)
    if options.all:
        await session.operations.drain()
    left = [] if options.no_wait else await _wait_until_gone(session, wanted, options.timeout)
    if options.json:
        print_json(
            {
                "asked": tuple(sorted(wanted)),
                "left": tuple(sorted(w.worker for w in left)),
                "waited": not options.no_wait,
            }
        )
    if left:
        shown = ", ".join(f"{w.worker} (runs {w.running})" for w in left)
        raise CommandFailed(f"after {show_span(options.timeout)} still there: {shown}")
    if not options.json:
        shown = "1 worker" if len(wanted) == 1 else f"{len(wanted)} workers"
        verb = "asked to end" if options.no_wait else "ended"
        open_console().print(f"{shown} {verb}." if wanted else "No worker is alive.")
    return Exit.DONE


async def _list_workers(session: Session) -> list[WorkerRow]:
    try:
        return await session.operations.workers()
    except NotInstalled:
        # Before an upgrade the package that tells may be missing; the owner can read the table.
        return await session.operations.seen_workers()


async def _wait_until_gone(
    session: Session, wanted: set[str], wait_seconds: float | None
) -> list[WorkerRow]:
    """Wait until these workers have ended, or are silent.

    Returns:
        Those that are left when the time is up.
    """
    console = open_console(errors=True)
    loop = asyncio.get_running_loop()
    until = None if wait_seconds is None else loop.time() + wait_seconds
    with Live(console=console, transient=True, auto_refresh=False) as live:
        while True:
            workers = await _list_workers(session)
            left = [w for w in workers if w.worker in wanted and w.is_alive]
            if not left or (until is not None and loop.time() >= until):
                return left
            if console.is_terminal:
                live.update(Group("Waiting for", worker_table(left)), refresh=True)
            await asyncio.sleep(LOOK_SECONDS)


def worker_as_json(worker: WorkerRow) -> dict[str, JsonValue]:
    return {
        "worker": worker.worker,
        "state": _state(worker),
        "host": worker.host,
        "pid": worker.pid,
        "slots": worker.slots,
        "running": worker.running,
        "reserved": worker.reserved,
        "version": worker.version,
        "started_at": iso_time(worker.started_at),
        "last_seen": iso_time(worker.last_seen),
        "idle_seconds": round(worker.idle_seconds, 3),
        "outcomes": dict(worker.metrics.outcomes) if worker.metrics else None,
    }


def _state(worker: WorkerRow) -> str:
    if not worker.is_alive:
        return "silent"
    return "draining" if worker.draining else "alive"


def worker_table(workers: Sequence[WorkerRow]) -> Table:
    return new_table(
        ("WORKER", "STATE", "BUSY", "AHEAD", "DONE", "FAILED", "SEEN", "UP", "VERSION"),
        [_worker_row(worker) for worker in workers],
        right=("AHEAD", "DONE", "FAILED", "SEEN", "UP"),
        flexible=("WORKER",),
    )


def _worker_row(worker: WorkerRow) -> tuple[RenderableType, ...]:
    outcomes = worker.metrics.outcomes if worker.metrics else {}
    state = _state(worker)
    return (
        worker.worker,
        Text(state, STYLES[state]),
        progress_bar(worker.running, worker.slots, label=f"{worker.running}/{worker.slots}"),
        str(worker.reserved),
        str(outcomes.get("completed", "")),
        str(outcomes.get("failed", "")),
        f"{show_span(worker.idle_seconds)} ago",
        show_span((worker.last_seen - worker.started_at).total_seconds()),
        worker.version or "",
    )


def _slots(workers: Sequence[WorkerRow]) -> int:
    return sum(worker.slots for worker in workers if worker.is_alive and not worker.draining)


def _queue_as_json(state: QueueState, workers: Sequence[WorkerRow]) -> dict[str, JsonValue]:
    oldest = state.oldest_seconds
    return {
        "open": state.is_open,
        "ready": state.ready,
        "delayed": state.delayed,
        "oldest_seconds": None if oldest is None else round(oldest, 3),
        "free": state.free,
        "reserved": state.reserved,
        "running": state.running,
        "workers": sum(worker.is_alive for worker in workers),
        "slots": _slots(workers),
    }


def _queue_facts(state: QueueState, workers: Sequence[WorkerRow]) -> RenderableType:
    slots, alive = _slots(workers), sum(worker.is_alive for worker in workers)
    oldest = "nothing waits"
    if state.oldest_seconds is not None:
        oldest = f"waits for {show_span(state.oldest_seconds)}"
    is_open = Text("open", "green") if state.is_open else Text("stopped (oraq health)", "red")
    return new_facts(
        {
            "queue": is_open,
            "wake-ups": f"{state.ready} ready",
            "jobs": f"{state.free} waiting, {state.delayed} of them not due, "
            f"{state.reserved} about to start, {state.running} running",
            "oldest": oldest,
            "workers": f"{alive} alive" if alive else Text("none alive (oraq worker)", "red"),
            "slots": progress_bar(state.running, slots, label=f"{state.running} of {slots} busy"),
        }
    )
