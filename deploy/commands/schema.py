"""Installing the schema, and looking after it."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Mapping

from deploy.commands.exits import CommandFailed, Exit
from deploy.commands.jobs import open_jobs
from deploy.settings import read_database
from sql.install import CompilationFailed
from sql.install import install as install_schema


def install(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    settings = read_database(environ)
    try:
        asyncio.run(install_schema(settings, samples=options.samples, report=_report))
    except CompilationFailed as error:
        for fault in error.errors:
            print(fault, file=sys.stderr)
        raise CommandFailed(f"{len(error.errors)} faults in stored units, see above") from error
    return Exit.DONE


def check_health(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    async def run() -> list[str]:
        async with open_jobs(environ) as jobs:
            return await jobs.health()

    findings = asyncio.run(run())
    for finding in findings:
        print(finding)
    return Exit.FAILED if findings else Exit.DONE


def _report(line: str) -> None:
    print(line, flush=True)
