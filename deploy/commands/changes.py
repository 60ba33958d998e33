"""Changing jobs: cancel, retry, delete, and clean up."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Awaitable, Callable, Mapping

from deploy.commands.exits import Exit
from deploy.commands.options import AddCommand, add_json, number
from deploy.commands.screen import open_console, print_json
from deploy.commands.session import Session, run_in_session
from sql.exact_json import JsonValue
from sql.job import JobStatus
from sql.jobs import Jobs

#: What the database answers, as a person reads it; a status in no list is shown as it is.
ANSWERS = {
    "missing": "there is no such job",
    "ended": "it has ended already",
    "not failed": "only a failed job can run again",
    "session alive": "the session of its last attempt still lives in the database; try again later",
    "invalid": "it was not submitted by OraQ and cannot be run",
}

Change = Callable[[Jobs, str], Awaitable[str]]


def add_commands(add: AddCommand) -> None:
    for name, run, text in (
        ("cancel", cancel, "Stop jobs: each ends as failed, its open work rolled back."),
        ("retry", retry, "Run failed jobs again."),
        ("delete", delete, "Remove jobs; running ones are rolled back."),
    ):
        command = add(name, run, text)
        command.add_argument(
            "ids", metavar="ID", nargs="+", help="as `oraq jobs --ids` prints them"
        )
        add_json(command)

    cleanup = add("cleanup", clean_up, "Delete jobs that ended long ago, with their attempts.")
    cleanup.add_argument("--days", type=number, default=7.0, metavar="N", help="(default 7)")
    cleanup.add_argument(
        "--status",
        action="append",
        choices=[JobStatus.COMPLETED.value, JobStatus.FAILED.value],
        help="only these (default both)",
    )
    add_json(cleanup)


def cancel(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    return _change(options, environ, "cancelled", lambda jobs, job_id: jobs.cancel(job_id))


def retry(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    return _change(options, environ, "will run again", lambda jobs, job_id: jobs.retry(job_id))


def delete(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    async def change(jobs: Jobs, job_id: str) -> str:
        return "ok" if await jobs.delete(job_id) else "missing"

    return _change(options, environ, "deleted", change)


def clean_up(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    async def work(session: Session) -> int:
        if options.status:
            return await session.jobs.delete_many(
                statuses=options.status, older_than_days=options.days
            )
        return await session.jobs.clean_up(options.days)

    with open_console(errors=True).status("deleting ..."):
        deleted = run_in_session(environ, work)
    if options.json:
        print_json({"deleted": deleted})
    else:
        print(f"{deleted} jobs deleted")
    return Exit.DONE


def _change(
    options: argparse.Namespace, environ: Mapping[str, str], done: str, change: Change
) -> int:
    """Change each job, say what became of each, and give the worst exit code."""

    async def work(session: Session) -> dict[str, str]:
        # In the order given, each once.
        return {job_id: await change(session.jobs, job_id) for job_id in dict.fromkeys(options.ids)}

    answers = run_in_session(environ, work)
    if options.json:
        rows: list[JsonValue] = [{"id": job_id, "answer": a} for job_id, a in answers.items()]
        print_json({"jobs": rows})
    else:
        for job_id, answer in answers.items():
            if answer == "ok":
                print(f"{job_id} {done}")
            else:
                print(f"oraq: job {job_id}: {ANSWERS.get(answer, answer)}", file=sys.stderr)
    refused = set(answers.values()) - {"ok"}
    if not refused:
        return Exit.DONE
    return Exit.MISSING if refused == {"missing"} else Exit.FAILED
