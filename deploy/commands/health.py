"""What is wrong with an installation, and what mends it."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from datetime import UTC, datetime

from rich.text import Text

from deploy.commands.exits import Exit
from deploy.commands.options import AddCommand, add_json
from deploy.commands.schema import DRAIN_VERSION
from deploy.commands.screen import open_console, print_json, show_span
from deploy.commands.session import Session, run_in_session
from sql.errors import DatabaseError, NotInstalled
from sql.exact_json import JsonValue
from sql.install import SCHEMA_VERSION
from sql.operations import Finding, Severity, WorkerRow

#: How far a host's clock may be from the database's.
CLOCK_SECONDS = 5.0
RUN_BY = {"owner": "SQL, as the owner", "dba": "SQL, as a DBA", "shell": "in a shell"}
STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow"}


def add_commands(add: AddCommand) -> None:
    health = add(
        "health",
        check_health,
        "Say what is wrong, and the statement that mends it. Exit code 1 if there is an error.",
    )
    health.add_argument("--strict", action="store_true", help="exit code 1 for warnings as well")
    add_json(health)


def check_health(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    findings, facts = run_in_session(environ, _examine)
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    if options.json:
        rows: list[JsonValue] = [
            {
                "name": finding.name,
                "severity": finding.severity.value,
                "problem": finding.problem,
                "remedy": finding.remedy or None,
                "run_by": finding.run_by,
            }
            for finding in findings
        ]
        print_json({"healthy": not errors, "findings": rows})
    else:
        _print(findings, facts)
    return Exit.FAILED if errors or (options.strict and findings) else Exit.DONE


async def _examine(session: Session) -> tuple[list[Finding], str]:
    """All findings, the worst first, and a line on what was found well."""
    try:
        version = await session.operations.schema_version()
        if version != SCHEMA_VERSION:
            # Another version may have other packages: what they would say is not to be relied on.
            return [_other_version(version)], ""
        findings = await session.operations.health()
        workers = [worker for worker in await session.operations.workers() if worker.is_alive]
    except NotInstalled as error:
        return [_not_installed(session, error)], ""
    findings += _check_versions(workers)
    findings += _check_clocks(workers)
    findings += await _check_own_clock(session)
    slots = sum(worker.slots for worker in workers)
    shown = "1 worker" if len(workers) == 1 else f"{len(workers)} workers"
    facts = f"Schema version {SCHEMA_VERSION}, {shown} alive with {slots} slots."
    return sorted(findings, key=lambda finding: list(Severity).index(finding.severity)), facts


def _not_installed(session: Session, error: DatabaseError) -> Finding:
    settings = session.settings
    if not session.is_owner:
        return Finding(
            name="not_installed",
            severity=Severity.ERROR,
            problem=f"OraQ is not installed in schema {settings.owner}, or user {settings.user} may "
            f"not use it: {error.line}",
            remedy="@sql/grants.sql",
            run_by="dba",
        )
    return Finding(
        name="not_installed",
        severity=Severity.ERROR,
        problem=f"OraQ is not installed in schema {settings.owner}, or not wholly: {error.line}",
        remedy="oraq install",
        run_by="shell",
    )


def _other_version(version: int) -> Finding:
    if version > SCHEMA_VERSION:
        return Finding(
            name="schema_newer",
            severity=Severity.ERROR,
            problem=f"The schema has version {version}, this oraq knows {SCHEMA_VERSION}: it is too "
            "old. Use the newer one.",
            remedy="",
            run_by="shell",
        )
    if version == 0:
        return Finding(
            name="schema_unfinished",
            severity=Severity.ERROR,
            problem="The installation was not finished.",
            remedy="oraq install",
            run_by="shell",
        )
    stop = "" if version >= DRAIN_VERSION else " Stop the workers first (SIGTERM)."
    return Finding(
        name="schema_older",
        severity=Severity.ERROR,
        problem=f"The schema has version {version}, this oraq needs {SCHEMA_VERSION}.{stop}",
        remedy="oraq upgrade" if stop else "oraq drain --all && oraq upgrade",
        run_by="shell",
    )


def _check_versions(workers: list[WorkerRow]) -> list[Finding]:
    versions = sorted({worker.version or "unknown" for worker in workers})
    if len(versions) < 2:
        return []
    return [
        Finding(
            name="versions_mixed",
            severity=Severity.WARNING,
            problem=f"Workers of several versions are alive: {', '.join(versions)}.",
            remedy="oraq drain WORKER",
            run_by="shell",
        )
    ]


def _check_clocks(workers: list[WorkerRow]) -> list[Finding]:
    off = {
        worker.host or worker.worker: worker.clock_seconds
        for worker in workers
        if worker.clock_seconds is not None and abs(worker.clock_seconds) > CLOCK_SECONDS
    }
    return [_clock_off(f"The clock of {host}", seconds) for host, seconds in off.items()]


async def _check_own_clock(session: Session) -> list[Finding]:
    before = datetime.now(UTC).replace(tzinfo=None)
    database = await session.operations.database_time()
    after = datetime.now(UTC).replace(tzinfo=None)
    ahead, behind = (before - database).total_seconds(), (database - after).total_seconds()
    if max(ahead, behind) <= CLOCK_SECONDS:
        return []
    return [_clock_off("This host's clock", ahead if ahead > behind else -behind)]


def _clock_off(whose: str, seconds: float) -> Finding:
    direction = "ahead of" if seconds > 0 else "behind"
    return Finding(
        name="clock_off",
        severity=Severity.WARNING,
        problem=f"{whose} is {show_span(abs(seconds))} {direction} the database's. Jobs do not mind; "
        "logs and dashboards will not fit together.",
        remedy="timedatectl set-ntp true",
        run_by="shell",
    )


def _print(findings: list[Finding], facts: str) -> None:
    console = open_console()
    for finding in findings:
        style = STYLES[finding.severity]
        console.print(
            Text.assemble((finding.severity.value.upper(), style), f"  {finding.problem}")
        )
        if finding.remedy:
            console.print(Text(f"  {RUN_BY[finding.run_by]}:", "dim"))
            for line in _pasteable(finding).splitlines():
                console.print(Text(f"    {line}", "bold"), soft_wrap=True)
    if not findings:
        console.print(Text("Nothing is wrong.", "green"))
    if facts:
        console.print(Text(facts, "dim"))


def _pasteable(finding: Finding) -> str:
    """The remedy as SQL*Plus and SQLcl take it."""
    if finding.run_by == "shell" or finding.remedy.startswith("@"):
        return finding.remedy
    if finding.remedy.endswith(";"):
        # A block ends in its own semicolon and is run by a slash.
        return f"{finding.remedy}\n/"
    is_change = finding.remedy.startswith(("delete", "update"))
    return f"{finding.remedy};\ncommit;" if is_change else f"{finding.remedy};"
