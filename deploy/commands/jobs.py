"""Looking at jobs: the list, live or not, and one job with its attempts."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Mapping
from datetime import datetime, timedelta

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from deploy.commands.exits import CommandFailed, Exit
from deploy.commands.options import AddCommand, add_json, add_watch, count, moment
from deploy.commands.screen import (
    is_terminal,
    iso_time,
    new_facts,
    new_table,
    open_console,
    print_json,
    progress_bar,
    show_span,
    show_time,
    status_text,
    watch,
)
from deploy.commands.session import Clock, Session, run_in_session
from sql.exact_json import JsonValue, dump_json
from sql.job import InvalidCursor, Job, JobFilter, JobList, JobStatus
from sql.operations import Attempt, QueueState

STATUSES = [status.value for status in JobStatus]
#: The jobs that each word of `oraq jobs` means.
LISTS = {
    "all": (),
    "active": (JobStatus.PENDING.value, JobStatus.RUNNING.value),
    **{status: (status,) for status in STATUSES},
}
#: Lines of the live view that are no job.
FRAME_LINES = 6
#: Where a terminal has fewer columns, a list has no column of times.
WIDE = 120


def add_commands(add: AddCommand) -> None:
    listing = add("jobs", show_many, "List jobs, newest first.")
    listing.add_argument(
        "which", nargs="?", choices=list(LISTS), default="all", help="(default all)"
    )
    listing.add_argument("--status", action="append", choices=STATUSES, help="repeatable")
    listing.add_argument("--procedure", metavar="NAME", help="of this name, in any case")
    listing.add_argument("--submitter", metavar="NAME", help="submitted by this user or token")
    listing.add_argument("--tag", metavar="TAG", help="with this tag")
    listing.add_argument(
        "--since",
        type=moment,
        metavar="TIME",
        help="submitted since: 30m, 2h, 7d, or a time in UTC",
    )
    listing.add_argument("--until", type=moment, metavar="TIME", help="submitted before")
    listing.add_argument("--limit", type=count, default=50, metavar="N", help="(default 50)")
    listing.add_argument("--cursor", metavar="TEXT", help="the next page, as --json names it")
    form = listing.add_mutually_exclusive_group()
    form.add_argument("--ids", action="store_true", help="print the ids alone, for xargs")
    add_json(form)
    add_watch(form)

    one = add("job", show_one, "Show one job and its attempts.")
    one.add_argument("id", metavar="ID")
    add_json(one)


def show_many(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    async def work(session: Session) -> None:
        clock = await session.read_clock()
        wanted = _read_filter(options, clock)
        if options.watch:
            await watch(lambda: _look(session, wanted, clock, options.limit))
        found = await session.jobs.find(wanted, limit=options.limit, cursor=options.cursor)
        _print_many(found, clock, options)

    try:
        run_in_session(environ, work)
    except InvalidCursor as error:
        raise CommandFailed(str(error), Exit.USAGE) from error
    return Exit.DONE


def show_one(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    async def work(session: Session) -> None:
        job = await session.jobs.get(options.id)
        if job is None:
            raise missing(options.id)
        attempts = await session.operations.attempts(job.id)
        if options.json:
            print_json(job_as_json(job) | {"attempts": [_attempt_as_json(a) for a in attempts]})
            return
        clock = await session.read_clock()
        console = open_console()
        console.print(job_facts(job, clock.now()))
        if attempts:
            console.print(Text("\nAttempts", "bold"))
            console.print(_attempt_table(attempts, clock.now()))

    run_in_session(environ, work)
    return Exit.DONE


def missing(job_id: str) -> CommandFailed:
    return CommandFailed(f"there is no job {job_id}", Exit.MISSING)


def job_as_json(job: Job) -> dict[str, JsonValue]:
    """A job with the names of the REST API, and what it leaves out; absent values are left out."""
    fields: dict[str, JsonValue] = {
        "id": job.id,
        "status": job.status,
        "procedure_name": job.procedure_name,
        "params": job.params,
        "created_at": iso_time(job.created_at),
        "run_after": iso_time(job.run_after),
        "start_time": iso_time(job.start_time),
        "end_time": iso_time(job.end_time),
        "duration": job.duration,
        "progress": job.progress,
        "progress_note": job.progress_note,
        "result": job.result,
        "error": job.error,
        "priority": job.priority,
        "attempt": job.attempt,
        "max_attempts": job.max_attempts,
        "failures": job.failures,
        "losses": job.losses,
        "worker": job.worker,
        "cancel_requested": None if job.cancel_requested == "no" else job.cancel_requested,
        "submitter": job.submitter,
        "tags": list(job.tags) or None,
        "idempotency_key": job.idempotency_key,
    }
    return {name: value for name, value in fields.items() if value is not None}


def job_facts(job: Job, now: datetime) -> RenderableType:
    """A job for people: what matters, in the order in which it is asked for."""
    facts: dict[str, RenderableType] = {
        "job": job.id,
        "procedure": job.procedure_name,
        "status": Text.assemble(status_text(job.status), *_status_remark(job, now)),
    }
    if job.status == JobStatus.RUNNING:
        facts["progress"] = progress_bar(float(job.progress or 0))
    facts |= {
        "submitted": f"{show_time(job.created_at)} UTC"
        + (f" by {job.submitter}" if job.submitter else ""),
    }
    if job.attempt:
        facts["started"] = f"{show_time(job.start_time)} UTC"
    if job.end_time:
        # Without a duration it was ended before it ran.
        took = f", after {job.duration}" if job.duration else ""
        facts["ended"] = f"{show_time(job.end_time)} UTC{took}"
    if job.worker:
        facts["worker"] = job.worker
    facts["attempts"] = _attempts_text(job)
    if job.priority != 5:
        facts["priority"] = str(job.priority)
    if job.tags:
        facts["tags"] = ", ".join(job.tags)
    if job.idempotency_key:
        facts["idempotency key"] = job.idempotency_key
    if job.params:
        facts["params"] = _values(job.params)
    if job.result is not None:
        facts["result"] = _values(job.result)
    if job.error:
        facts["error"] = Text(job.error, "red")
    return new_facts(facts)


def _status_remark(job: Job, now: datetime) -> list[str]:
    if job.status == JobStatus.RUNNING and job.cancel_requested != "no":
        return [" (being cancelled)"]
    note = _note(job, now).plain
    return [f" ({note})"] if note and job.status != JobStatus.FAILED else []


def _attempts_text(job: Job) -> str:
    text = f"{job.attempt}"
    if job.failures:
        text += f", {job.failures} of at most {job.max_attempts} raised"
    if job.losses:
        text += f", {job.losses} lost their worker"
    return text


def _values(value: JsonValue) -> Text:
    """Values by name, one a line; of the stored parameters name, direction, type and value."""
    if isinstance(value, list) and all(isinstance(item, dict) and "name" in item for item in value):
        lines = []
        for item in value:
            assert isinstance(item, dict)
            marks = [str(item[key]) for key in ("direction", "type") if item.get(key)]
            given = f" = {dump_json(item['value'])}" if "value" in item else ""
            lines.append(f"{item['name']} {' '.join(marks)}{given}".replace("  ", " "))
        return Text("\n".join(lines))
    if isinstance(value, dict):
        return Text("\n".join(f"{name} = {dump_json(item)}" for name, item in value.items()))
    return Text(value if isinstance(value, str) else dump_json(value))


def _attempt_as_json(attempt: Attempt) -> dict[str, JsonValue]:
    fields: dict[str, JsonValue] = {
        "attempt": attempt.attempt,
        "worker": attempt.worker,
        "started_at": iso_time(attempt.started_at),
        "ended_at": iso_time(attempt.ended_at),
        "outcome": attempt.outcome,
        "error_code": attempt.error_code,
        "committed": attempt.committed,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _attempt_table(attempts: list[Attempt], now: datetime) -> Table:
    return new_table(
        ("#", "STARTED (UTC)", "TIME", "OUTCOME", "ERROR", "WORKER"),
        [_attempt_row(attempt, now) for attempt in attempts],
        right=("#", "TIME"),
        flexible=("WORKER",),
    )


def _attempt_row(attempt: Attempt, now: datetime) -> tuple[str, ...]:
    seconds = ((attempt.ended_at or now) - attempt.started_at).total_seconds()
    outcome = attempt.outcome or "running"
    if attempt.outcome in ("failed", "lost") and attempt.committed:
        outcome += ", a part is committed"
    return (
        str(attempt.attempt),
        show_time(attempt.started_at),
        show_span(seconds),
        outcome,
        attempt.error_code or "",
        attempt.worker,
    )


def _read_filter(options: argparse.Namespace, clock: Clock) -> JobFilter:
    def read_moment(value: timedelta | datetime | None) -> datetime | None:
        return clock.now() - value if isinstance(value, timedelta) else value

    try:
        return JobFilter(
            statuses=tuple(options.status or LISTS[options.which]),
            procedure_name=options.procedure,
            submitter=options.submitter,
            tag=options.tag,
            created_from=read_moment(options.since),
            created_to=read_moment(options.until),
        )
    except OverflowError:
        raise CommandFailed("--since and --until: too long ago", Exit.USAGE) from None


def _print_many(found: JobList, clock: Clock, options: argparse.Namespace) -> None:
    if options.ids:
        for job in found.jobs:
            print(job.id)
        return
    if options.json:
        rows: list[JsonValue] = [job_as_json(job) for job in found.jobs]
        document: dict[str, JsonValue] = {"total": found.total, "jobs": rows}
        if found.next_cursor:
            document["next_cursor"] = found.next_cursor
        print_json(document)
        return
    console = open_console()
    if not found.jobs:
        console.print("No jobs." if not _is_narrowed(options) else "No jobs match.")
        return
    console.print(job_table(found.jobs, clock.now()))
    more = ""
    if found.next_cursor:
        # Long, so only for whoever turns pages already.
        next_page = f"--cursor {found.next_cursor}" if options.cursor else "--limit N"
        more = f"; more with {next_page}"
    console.print(Text(f"{len(found.jobs)} of {found.total}{more}", "dim"))


def _is_narrowed(options: argparse.Namespace) -> bool:
    names = ("status", "procedure", "submitter", "tag", "since", "until", "cursor")
    return options.which != "all" or any(getattr(options, name) for name in names)


async def _look(session: Session, wanted: JobFilter, clock: Clock, limit: int) -> RenderableType:
    rows = min(limit, max(shutil.get_terminal_size().lines - FRAME_LINES, 3))
    found = await session.jobs.find(wanted, limit=rows)
    state = await session.operations.queue()
    return Group(
        _headline(state, clock.now()),
        job_table(found.jobs, clock.now()),
        Text(f"\n{len(found.jobs)} of {found.total} that match. Ctrl-C ends this view.", "dim"),
    )


def _headline(state: QueueState, now: datetime) -> Text:
    text = Text.assemble(
        (f"{now:%H:%M:%S} UTC  ", "bold"),
        (f"{state.running} running", "yellow"),
        f", {state.reserved} about to start, {state.free} waiting",
    )
    if state.oldest_seconds is not None:
        text.append(f", the oldest for {show_span(state.oldest_seconds)}")
    if not state.is_open:
        text.append("  The queue is stopped: oraq health", "bold red")
    return text.append("\n")


def job_table(jobs: list[Job], now: datetime) -> Table:
    is_wide = not is_terminal() or shutil.get_terminal_size().columns >= WIDE
    times = ["STARTED (UTC)"] if is_wide else []
    rows = [
        (
            job.id,
            status_text(job.status),
            _progress(job),
            *([show_time(job.start_time)] if is_wide else []),
            _time(job, now),
            Text(job.procedure_name),
            _note(job, now),
        )
        for job in jobs
    ]
    return new_table(
        ("ID", "STATUS", "PROGRESS", *times, "TIME", "PROCEDURE", "NOTE"),
        rows,
        right=("TIME",),
        flexible=("PROCEDURE", "NOTE"),
    )


def _progress(job: Job) -> RenderableType:
    if job.status in (JobStatus.COMPLETED, JobStatus.PENDING) or job.progress is None:
        return ""
    return progress_bar(float(job.progress)) if job.status == JobStatus.RUNNING else ""


def _time(job: Job, now: datetime) -> str:
    """How long it ran, or runs; for one that waits, how long it has been due."""
    if job.end_time:
        return job.duration or ""
    since = job.start_time if job.status == JobStatus.RUNNING else job.run_after or job.created_at
    if since is None or since > now:
        return ""
    return show_span((now - since).total_seconds())


def _note(job: Job, now: datetime) -> Text:
    """The one thing that is worth knowing about a job beside its state."""
    match job.status:
        case JobStatus.FAILED:
            return Text(next(iter((job.error or "").splitlines()), ""), "red")
        case JobStatus.RUNNING if job.cancel_requested != "no":
            return Text("being cancelled")
        case JobStatus.RUNNING:
            return Text(job.progress_note or "")
        case JobStatus.PENDING if job.worker:
            return Text("about to start")
        case JobStatus.PENDING if job.run_after and job.run_after > now:
            return Text(f"in {show_span((job.run_after - now).total_seconds())}")
        case _:
            return Text("")
