"""Submitting one call, or many from a file, and waiting for their end with live progress."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from api.schemas import ProcedureCall
from deploy.commands.arguments import parse_params
from deploy.commands.exits import CommandFailed, Exit
from deploy.commands.jobs import job_as_json, job_facts, missing
from deploy.commands.options import AddCommand, add_json, count, number, seconds
from deploy.commands.screen import open_console, print_json
from deploy.commands.session import Session, run_in_session
from sql.exact_json import InvalidJson, JsonValue, parse_json
from sql.job import JobState, JobStatus
from sql.jobs import IdempotencyConflict, SubmissionRefused
from sql.submission import BATCH_LIMIT, Submission

#: How often jobs are looked at with --wait.
LOOK_SECONDS = 0.25

#: What the database answers, as a person reads it; a status in no list is shown as it is.
REFUSALS = {
    "refused": "the allow list does not have it for this user (oraq procedures)",
    "invalid": "an option is out of range",
}
PARAMS_HELP = "p=value, p:number=5, p:date=2026-02-28, p:out, p:out:number, p:inout=x"


def add_commands(add: AddCommand) -> None:
    command = add(
        "submit", submit, "Submit a procedure call, or many from a file, and print the jobs' ids."
    )
    command.add_argument("name", metavar="NAME", nargs="?", help="[schema.][package.]procedure")
    command.add_argument("params", metavar="p=v", nargs="*", help=PARAMS_HELP)
    command.add_argument(
        "--file",
        metavar="FILE",
        help="JSON lines, each a body of POST /procedure/async; -: standard input",
    )
    command.add_argument("--wait", action="store_true", help="until it ends; print its outcome")
    command.add_argument("--function", action="store_true", help="NAME is a function")
    command.add_argument("--schema", metavar="NAME", help="where NAME is looked for")
    command.add_argument("--priority", type=count, metavar="1-9", help="1 is first (default 5)")
    command.add_argument("--delay", type=seconds, metavar="TIME", help="until it may start: 90, 5m")
    command.add_argument("--run-after", metavar="TIME", help="not before this time: ISO 8601")
    command.add_argument("--time-limit", type=seconds, metavar="TIME", help="of one call: 90, 5m")
    command.add_argument("--max-attempts", type=count, metavar="N", help="(default 1)")
    command.add_argument("--backoff", type=number, metavar="SECONDS", help="(default 5; doubles)")
    command.add_argument("--on-loss", choices=("ask", "rerun", "fail"), help="(default ask)")
    command.add_argument("--transaction", choices=("managed", "own"), help="(default managed)")
    command.add_argument("--fresh-session", action="store_true", help="on a new database session")
    command.add_argument("--tag", action="append", metavar="TAG", help="to find it by; repeatable")
    command.add_argument("--key", metavar="TEXT", help="idempotency key: a repeat makes no new job")
    add_json(command)


def submit(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    if bool(options.name) == bool(options.file):
        raise CommandFailed("write a procedure's NAME, or --file FILE", Exit.USAGE)
    if options.file:
        submissions = _read_file(options.file)
        return run_in_session(environ, lambda session: _submit_many(session, submissions, options))
    submission = read_call(_body(options), "").submission()
    return run_in_session(environ, lambda session: _submit_one(session, submission, options))


def _body(options: argparse.Namespace) -> dict[str, Any]:
    """The body of POST /procedure/async that says the same; what was not given is left out."""
    given: dict[str, Any] = {
        "name": options.name,
        "params": parse_params(options.params),
        "isFunction": options.function or None,
        "schema": options.schema,
        "priority": options.priority,
        "delay": options.delay,
        "run_after": options.run_after,
        "timeout": options.time_limit,
        "max_attempts": options.max_attempts,
        "backoff": options.backoff,
        "on_loss": options.on_loss,
        "transaction": options.transaction,
        "fresh_session": options.fresh_session or None,
        "tags": options.tag,
        "idempotency_key": options.key,
    }
    return {name: value for name, value in given.items() if value is not None}


def read_call(body: object, place: str) -> ProcedureCall:
    """Check a body as the API does.

    Args:
        body: what JSON gave.
        place: put before what is wrong.

    Raises:
        CommandFailed: it does not fit.
    """
    if not isinstance(body, dict):
        raise CommandFailed(f"{place}has to be a JSON object", Exit.USAGE)
    try:
        return ProcedureCall.model_validate(body)
    except ValidationError as error:
        faults = []
        for fault in error.errors(include_url=False, include_input=False):
            field = ".".join(str(part) for part in fault["loc"])
            text = fault["msg"].removeprefix("Value error, ")
            faults.append(f"{field}: {text}" if field else text)
        raise CommandFailed(place + "; ".join(faults), Exit.USAGE) from None


def _read_file(name: str) -> list[Submission]:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise CommandFailed(f"{name} cannot be read: {reason}", Exit.USAGE) from error
    submissions = []
    for line_number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            body = parse_json(line)
        except InvalidJson as error:
            raise CommandFailed(f"line {line_number}: not JSON: {error}", Exit.USAGE) from error
        submissions.append(read_call(body, f"line {line_number}: ").submission())
    if not submissions:
        raise CommandFailed(f"there is nothing to submit in {name}", Exit.USAGE)
    return submissions


async def _submit_one(session: Session, submission: Submission, options: argparse.Namespace) -> int:
    try:
        job_id = await session.jobs.submit(submission)
    except SubmissionRefused as error:
        raise CommandFailed(_refusal(submission, error)) from error
    if not options.wait:
        if options.json:
            print_json({"job_id": job_id})
        else:
            print(job_id)
        return Exit.DONE
    return await _wait_for_one(session, job_id, submission.procedure_name, options)


def _refusal(submission: Submission, error: SubmissionRefused) -> str:
    if isinstance(error, IdempotencyConflict):
        other = f"job {error.job_id}" if error.job_id else "a job that is gone by now"
        return f"the key {submission.idempotency_key!r} was used for another submission: {other}"
    reason = REFUSALS.get(error.status, error.status)
    return f"{submission.procedure_name} was refused: {reason}"


async def _wait_for_one(
    session: Session, job_id: str, name: str, options: argparse.Namespace
) -> int:
    console = open_console(errors=True)
    if console.is_terminal and not options.json:
        console.print(f"job {job_id}", style="dim")
    with _new_progress() as progress:
        task = progress.add_task(name, total=100, note="")
        while True:
            states = await session.jobs.states([job_id])
            if job_id not in states:
                raise missing(job_id)
            _show_state(progress, task, states[job_id])
            if states[job_id].has_ended:
                break
            await asyncio.sleep(LOOK_SECONDS)
    job = await session.jobs.get(job_id)
    if job is None:
        raise missing(job_id)
    if options.json:
        print_json(job_as_json(job))
    else:
        open_console().print(job_facts(job, (await session.read_clock()).now()))
    return Exit.DONE if job.status == JobStatus.COMPLETED else Exit.FAILED


def _show_state(progress: Progress, task: TaskID, state: JobState) -> None:
    note = state.progress_note if state.status == JobStatus.RUNNING else ""
    if state.attempt > 1:
        note = f"{note or ''} (attempt {state.attempt})".strip()
    progress.update(
        task, completed=float(state.progress or 0), note=f"{state.status}  {note or ''}"
    )


async def _submit_many(
    session: Session, submissions: Sequence[Submission], options: argparse.Namespace
) -> int:
    job_ids = await _submit_batches(session, submissions)
    if not options.wait:
        if options.json:
            print_json({"job_ids": list(job_ids)})
        else:
            print("\n".join(job_ids))
        return Exit.DONE
    ended = await _wait_for_all(session, job_ids)
    outcomes = [ended[job_id].status if job_id in ended else "deleted" for job_id in job_ids]
    if options.json:
        rows: list[JsonValue] = [
            {"id": job_id, "status": status}
            for job_id, status in zip(job_ids, outcomes, strict=True)
        ]
        print_json({"jobs": rows})
    else:
        for job_id, status in zip(job_ids, outcomes, strict=True):
            print(f"{job_id} {status}")
        counts = Counter(outcomes).items()
        print(", ".join(f"{number} {status}" for status, number in counts), file=sys.stderr)
    return Exit.FAILED if set(outcomes) != {JobStatus.COMPLETED} else Exit.DONE


async def _submit_batches(session: Session, submissions: Sequence[Submission]) -> list[str]:
    """Submit BATCH_LIMIT at a time, each time all or none."""
    job_ids: list[str] = []
    for first in range(0, len(submissions), BATCH_LIMIT):
        batch = submissions[first : first + BATCH_LIMIT]
        try:
            job_ids += await session.jobs.submit_many(batch)
        except SubmissionRefused as error:
            text = f"call {first + error.index + 1}: {_refusal(batch[error.index], error)}"
            if first:
                text += f"; the {first} calls before this batch of {len(batch)} were submitted"
            raise CommandFailed(text) from error
    return job_ids


async def _wait_for_all(session: Session, job_ids: Sequence[str]) -> dict[str, JobState]:
    """Wait until all have ended or are gone; the states of those that have ended."""
    ended: dict[str, JobState] = {}
    waiting = list(dict.fromkeys(job_ids))
    with _new_progress() as progress:
        task = progress.add_task("jobs", total=len(waiting), note="")
        while waiting:
            states = await session.jobs.states(waiting)
            ended |= {job_id: state for job_id, state in states.items() if state.has_ended}
            waiting = [job_id for job_id in waiting if job_id in states and job_id not in ended]
            running = sum(state.status == JobStatus.RUNNING for state in states.values())
            failed = sum(state.status == JobStatus.FAILED for state in ended.values())
            progress.update(
                task,
                completed=len(ended),
                note=f"{len(ended)} ended, {failed} failed, {running} run",
            )
            if waiting:
                await asyncio.sleep(LOOK_SECONDS)
    return ended


def _new_progress() -> Progress:
    """Bars on standard error, which go when all is done; nothing where that is no terminal."""
    console = open_console(errors=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
