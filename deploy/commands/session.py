"""A command's connection to the database."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from deploy.commands.exits import CommandFailed
from deploy.settings import read_database
from sql.errors import NotInstalled, PrivilegeMissing
from sql.jobs import Jobs
from sql.names import dictionary_name
from sql.operations import Operations
from sql.pool import create_pool
from sql.settings import DatabaseSettings
from sql.statements import load_statements

T = TypeVar("T")

PROGRAM = "oraq"


@dataclass(frozen=True)
class Session:
    """What a command may ask of the database."""

    settings: DatabaseSettings
    jobs: Jobs
    operations: Operations

    @property
    def is_owner(self) -> bool:
        """Whether the user owns the schema."""
        return dictionary_name(self.settings.user) == self.settings.owner

    @contextmanager
    def as_owner(self, what: str) -> Iterator[None]:
        """Around what only the owner may do: others are told so.

        Raises:
            CommandFailed: the user is another one, and may not.
        """
        try:
            yield
        except (NotInstalled, PrivilegeMissing) as error:
            if self.is_owner:
                raise
            raise CommandFailed(
                f"user {self.settings.user} may not {what}: connect as {self.settings.owner}"
            ) from error

    async def read_clock(self) -> Clock:
        return Clock(await self.operations.database_time(), time.monotonic())


@dataclass(frozen=True)
class Clock:
    """The database's clock, read once and carried on."""

    read: datetime
    at: float

    def now(self) -> datetime:
        """UTC, without a zone."""
        return self.read + timedelta(seconds=time.monotonic() - self.at)


@asynccontextmanager
async def open_session(environ: Mapping[str, str]) -> AsyncIterator[Session]:
    settings = read_database(environ)
    pool = create_pool(settings, size=1, program=PROGRAM)
    statements = load_statements(settings.owner)
    try:
        yield Session(settings, Jobs(pool, statements), Operations(pool, statements))
    finally:
        await pool.close()


def run_in_session(environ: Mapping[str, str], work: Callable[[Session], Awaitable[T]]) -> T:
    """Connect, do the work, log off."""

    async def run() -> T:
        async with open_session(environ) as session:
            return await work(session)

    return asyncio.run(run())
