"""Submitting, looking at and changing jobs from the command line, straight in the database."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from deploy.commands.arguments import parse_params
from deploy.commands.exits import CommandFailed, Exit
from deploy.settings import read_database
from sql.exact_json import JsonValue, dump_json
from sql.jobs import Job, JobFilter, Jobs, JobStatus, Submission, SubmissionRefused
from sql.pool import create_pool
from sql.statements import load_statements

PROGRAM = "oraq"
#: How often a job is looked at with --wait.
LOOK_SECONDS = 0.25
#: The jobs that each word of `oraq jobs` means.
LISTS = {
    None: (),
    "active": (JobStatus.PENDING, JobStatus.RUNNING),
    "completed": (JobStatus.COMPLETED,),
    "failed": (JobStatus.FAILED,),
}
ENDED = (JobStatus.COMPLETED, JobStatus.FAILED)
STYLES = {"pending": "dim", "running": "yellow", "completed": "green", "failed": "red"}


def submit(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    submission = Submission(
        procedure_name=options.name,
        params=parse_params(options.params),
        is_function=options.function,
        priority=options.priority,
        delay_seconds=options.delay,
        max_attempts=options.max_attempts,
        on_loss=options.on_loss,
        transaction=options.transaction,
    )
    return asyncio.run(_submit(submission, options, environ))


async def _submit(
    submission: Submission, options: argparse.Namespace, environ: Mapping[str, str]
) -> int:
    async with open_jobs(environ) as jobs:
        try:
            job_id = await jobs.submit(submission)
        except SubmissionRefused as error:
            raise CommandFailed(f"{submission.procedure_name} was refused: {error}") from error
        if not options.wait:
            print(dump_json({"job_id": job_id}) if options.json else job_id)
            return Exit.DONE
        job = await _wait_for_end(jobs, job_id)
    _print_one(job, as_json=options.json)
    return Exit.DONE if job.status == JobStatus.COMPLETED else Exit.FAILED


async def _wait_for_end(jobs: Jobs, job_id: str) -> Job:
    while True:
        job = await jobs.get(job_id)
        if job is None:
            raise _missing(job_id)
        if job.status in ENDED:
            return job
        await asyncio.sleep(LOOK_SECONDS)


def show_many(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    async def run() -> int:
        async with open_jobs(environ) as jobs:
            found = await jobs.find(JobFilter(statuses=LISTS[options.which]), limit=options.limit)
        if options.json:
            rows: list[JsonValue] = [_as_json(job) for job in found.jobs]
            print(dump_json({"total": found.total, "jobs": rows}))
        else:
            _print_many(found.jobs, found.total)
        return Exit.DONE

    return asyncio.run(run())


def show_one(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    async def run() -> int:
        async with open_jobs(environ) as jobs:
            job = await jobs.get(options.id)
        if job is None:
            raise _missing(options.id)
        _print_one(job, as_json=options.json)
        return Exit.DONE

    return asyncio.run(run())


def cancel(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    async def run() -> str:
        async with open_jobs(environ) as jobs:
            return await jobs.cancel(options.id)

    return _report(asyncio.run(run()), options.id, "cancelled")


def retry(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    async def run() -> str:
        async with open_jobs(environ) as jobs:
            return await jobs.retry(options.id)

    return _report(asyncio.run(run()), options.id, "will run again")


def delete(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    async def run() -> bool:
        async with open_jobs(environ) as jobs:
            return await jobs.delete(options.id)

    return _report("ok" if asyncio.run(run()) else "missing", options.id, "deleted")


def clean_up(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    async def run() -> int:
        async with open_jobs(environ) as jobs:
            return await jobs.clean_up(options.days)

    print(f"{asyncio.run(run())} jobs deleted")
    return Exit.DONE


@asynccontextmanager
async def open_jobs(environ: Mapping[str, str]) -> AsyncIterator[Jobs]:
    settings = read_database(environ)
    pool = create_pool(settings, size=1, program=PROGRAM)
    try:
        yield Jobs(pool, load_statements(settings.owner))
    finally:
        await pool.close(force=True)


def _report(status: str, job_id: str, done: str) -> int:
    match status:
        case "ok":
            print(f"{job_id} {done}")
            return Exit.DONE
        case "missing":
            raise _missing(job_id)
        case _:
            raise CommandFailed(f"job {job_id}: {status}")


def _missing(job_id: str) -> CommandFailed:
    return CommandFailed(f"there is no job {job_id}", Exit.MISSING)


def _as_json(job: Job) -> JsonValue:
    fields: dict[str, JsonValue] = {
        "id": job.id,
        "status": job.status,
        "procedure_name": job.procedure_name,
        "params": job.params,
        "created_at": _iso(job.created_at),
        "start_time": _iso(job.start_time),
        "end_time": _iso(job.end_time),
        "duration": job.duration,
        "progress": job.progress,
        "result": job.result,
        "error": job.error,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment.isoformat()}Z"


def _print_one(job: Job, *, as_json: bool) -> None:
    if as_json:
        print(dump_json(_as_json(job)))
        return
    fields = _as_json(job)
    assert isinstance(fields, dict)
    table = Table.grid(padding=(0, 2))
    for name, value in fields.items():
        shown = value if isinstance(value, str) else dump_json(value)
        style = STYLES.get(job.status, "") if name in ("status", "error") else ""
        table.add_row(
            f"[bold]{name}[/]", f"[{style}]{escape(shown)}[/]" if style else escape(shown)
        )
    Console(highlight=False, soft_wrap=not sys.stdout.isatty()).print(table)


def _print_many(jobs: list[Job], total: int) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("ID", "STATUS", "PROGRESS", "STARTED (UTC)", "DURATION", "PROCEDURE"):
        table.add_column(heading, no_wrap=True)
    for job in jobs:
        started = "" if job.start_time is None else f"{job.start_time:%Y-%m-%d %H:%M:%S}"
        table.add_row(
            job.id,
            f"[{STYLES.get(job.status, 'default')}]{job.status}[/]",
            "" if job.progress is None else f"{job.progress}%",
            started,
            job.duration or "",
            escape(job.procedure_name),
        )
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 200)
    console.print(table)
    console.print(f"{len(jobs)} of {total}")
