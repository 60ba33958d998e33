"""Installing the schema, upgrading and removing it."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Mapping

from deploy.commands.exits import CommandFailed, Exit
from deploy.commands.options import AddCommand, add_json
from deploy.commands.screen import open_console, print_json, show_span
from deploy.commands.session import Session, run_in_session
from deploy.settings import mask_dsn, read_database
from sql.errors import NotInstalled
from sql.install import SCHEMA_VERSION, CompilationFailed, changed_units
from sql.install import install as install_schema
from sql.install import uninstall as uninstall_schema
from sql.names import dictionary_name
from sql.operations import WorkerRow
from sql.settings import DatabaseSettings

#: Workers of this version of the schema and later ones can be drained.
DRAIN_VERSION = 2


def add_commands(add: AddCommand) -> None:
    install = add("install", install_new, "Install the schema; twice is harmless.")
    upgrade = add("upgrade", upgrade_old, "Bring an installed schema up to this version of oraq.")
    for command in (install, upgrade):
        command.add_argument("--samples", action="store_true", help="the PROC_TEST procedures too")
        command.add_argument(
            "--force", action="store_true", help="although workers are alive: their jobs may fail"
        )
        add_json(command)

    uninstall = add("uninstall", uninstall_all, "Remove the schema, all jobs included.")
    uninstall.add_argument("--yes", action="store_true", help="do not ask")
    uninstall.add_argument("--force", action="store_true", help="although workers are alive")
    add_json(uninstall)


def install_new(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    settings = _read_owner(environ)
    version = _installed_version(environ)
    if version is not None:
        _refuse_newer(version)
        _check_workers(settings, environ, version, options)
    steps = _install(settings, options)
    if options.json:
        _print_installed(settings, steps, version)
        return Exit.DONE
    print(f"schema {settings.owner} has version {SCHEMA_VERSION}; next: oraq health")
    return Exit.DONE


def upgrade_old(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    settings = _read_owner(environ)
    version = _installed_version(environ)
    if version is None:
        raise CommandFailed(f"there is nothing to upgrade in schema {settings.owner}: oraq install")
    _refuse_newer(version)
    _check_workers(settings, environ, version, options)
    steps = _install(settings, options)
    if options.json:
        _print_installed(settings, steps, version)
        return Exit.DONE
    before = f", before it had {version}" if version < SCHEMA_VERSION else ""
    print(f"schema {settings.owner} has version {SCHEMA_VERSION}{before}")
    return Exit.DONE


def uninstall_all(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    settings = _read_owner(environ)
    if not options.force:
        _refuse_live_workers(environ)
    if not options.yes:
        _ask(settings)
    asyncio.run(uninstall_schema(settings))
    if options.json:
        print_json({"schema": settings.owner, "removed": True})
    else:
        print(f"OraQ is removed from schema {settings.owner}")
    return Exit.DONE


def _read_owner(environ: Mapping[str, str]) -> DatabaseSettings:
    """The settings, of the schema's owner: the installer works in the user's own schema.

    Raises:
        CommandFailed: the user is another one.
    """
    settings = read_database(environ)
    if dictionary_name(settings.user) != settings.owner:
        raise CommandFailed(
            f"only the owner can do this: connect as {settings.owner}, not as {settings.user}",
            Exit.USAGE,
        )
    return settings


def _install(settings: DatabaseSettings, options: argparse.Namespace) -> list[str]:
    """Install, and tell each step at once, or with --json give all of them back."""
    steps: list[str] = []
    report = steps.append if options.json else _report
    try:
        asyncio.run(install_schema(settings, samples=options.samples, report=report))
    except CompilationFailed as error:
        for fault in error.errors:
            print(fault, file=sys.stderr)
        raise CommandFailed(f"{len(error.errors)} faults in stored units, see above") from error
    return steps


def _print_installed(settings: DatabaseSettings, steps: list[str], before: int | None) -> None:
    print_json(
        {"schema": settings.owner, "version": SCHEMA_VERSION, "before": before, "steps": [*steps]}
    )


def _report(line: str) -> None:
    print(line, flush=True)


def _ask(settings: DatabaseSettings) -> None:
    """Have the schema's name typed: a stray `y` shall not remove all jobs."""
    name = settings.owner
    if not sys.stdin.isatty():
        raise CommandFailed("uninstall asks before it removes all jobs: --yes", Exit.USAGE)
    question = (
        f"Type {name} to remove OraQ and all of its jobs from {mask_dsn(settings.connect_string)}: "
    )
    try:
        answer = input(question)
    except EOFError:
        answer = ""
    if answer.strip().upper() != name:
        raise CommandFailed("nothing was removed")


def _installed_version(environ: Mapping[str, str]) -> int | None:
    """None: nothing is installed, or not wholly."""

    async def work(session: Session) -> int | None:
        try:
            return await session.operations.schema_version()
        except NotInstalled:
            return None

    return run_in_session(environ, work)


def _refuse_newer(version: int) -> None:
    if version > SCHEMA_VERSION:
        raise CommandFailed(
            f"the schema has version {version}, this oraq knows {SCHEMA_VERSION}: use the newer one"
        )


def _check_workers(
    settings: DatabaseSettings,
    environ: Mapping[str, str],
    version: int,
    options: argparse.Namespace,
) -> None:
    """Refuse to change under live workers what they use; what stays as it is hurts nobody."""
    if options.force:
        return
    if version < SCHEMA_VERSION or asyncio.run(changed_units(settings)):
        _refuse_live_workers(environ, version)


def _refuse_live_workers(environ: Mapping[str, str], version: int = SCHEMA_VERSION) -> None:
    """A package that is replaced waits for every call in it, and makes all sessions lose its state.

    Raises:
        CommandFailed: one has been seen lately.
    """

    async def work(session: Session) -> list[WorkerRow]:
        try:
            return [w for w in await session.operations.seen_workers() if w.is_alive]
        except NotInstalled:
            return []

    alive = run_in_session(environ, work)
    if not alive:
        return
    console = open_console(errors=True)
    for worker in alive:
        console.print(f"{worker.worker} was seen {show_span(worker.idle_seconds)} ago")
    shown = "a worker is" if len(alive) == 1 else f"{len(alive)} workers are"
    stop = "oraq drain --all" if version >= DRAIN_VERSION else "end them with SIGTERM"
    raise CommandFailed(f"{shown} alive; first: {stop} (or --force, and running jobs may fail)")
