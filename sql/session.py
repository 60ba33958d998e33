"""A worker's database session: opened when needed, used again only while it is clean.

What a job leaves behind must not reach the next one. The answer to its call tells the
session's state; where that differs from a fresh session's, the connection is not used again.
"""

from __future__ import annotations

import asyncio
from contextlib import AbstractContextManager

import oracledb

from sql.claims import Claims
from sql.limit import break_call, drop, time_limit
from sql.pool import close_quietly, connect
from sql.settings import DatabaseSettings


class FreshState:
    """The fingerprint of a session right after its log-on; the same for all of a user's sessions.

    Read once per process, and again at the next log-on when a session differs: the database's own
    defaults may have been changed since. Until then the other sessions are measured by the old one.
    """

    def __init__(self) -> None:
        self._fingerprint: str | None = None
        self._is_doubtful = False

    def knows(self) -> bool:
        return self._fingerprint is not None and not self._is_doubtful

    def remember(self, fingerprint: str | None) -> None:
        self._fingerprint = fingerprint
        self._is_doubtful = False

    def matches(self, fingerprint: str | None) -> bool:
        if fingerprint is not None and fingerprint == self._fingerprint:
            return True
        self._is_doubtful = True
        return False


class WorkerSession:
    """One connection at a time, with the rules for keeping it."""

    def __init__(
        self, settings: DatabaseSettings, claims: Claims, fresh: FreshState, *, program: str
    ) -> None:
        self._settings = settings
        self._claims = claims
        self._fresh = fresh
        self._program = program
        self._connection: oracledb.AsyncConnection | None = None
        self._call_seconds = 0.0
        self._closing: set[asyncio.Task[None]] = set()
        #: Whether a job has run on the present connection.
        self.is_used = False
        #: The calls that have compiled on the present connection.
        self._compiled: set[str] = set()

    @property
    def connection(self) -> oracledb.AsyncConnection:
        """The open connection; `open` comes first."""
        if self._connection is None:
            raise RuntimeError("the session is not open")
        return self._connection

    @property
    def is_open(self) -> bool:
        """Whether there is a connection that the database has not closed; asks nobody."""
        if self._connection is not None and not self._connection.is_healthy():
            self.drop()
        return self._connection is not None

    async def open(self, *, call_seconds: float = 0) -> None:
        """Connect, unless there is a connection.

        Args:
            call_seconds: what `limited` gives to a call; 0: no limit.

        Raises:
            DatabaseError: no connection to be had.
        """
        self._call_seconds = call_seconds
        if self.is_open:
            return
        connection = await connect(self._settings, program=self._program)
        try:
            if not self._fresh.knows():
                with time_limit(connection, call_seconds):
                    self._fresh.remember(await self._claims.session_fingerprint(connection))
        except BaseException:
            drop(connection)
            raise
        self._connection = connection
        self.is_used = False
        self._compiled.clear()

    def limited(self) -> AbstractContextManager[None]:
        """Around one call, which is broken when its time is over."""
        return time_limit(self.connection, self._call_seconds)

    def cancel(self) -> None:
        """Break the call in flight."""
        if self._connection is not None:
            break_call(self._connection)

    def drop(self) -> None:
        """Cut the connection at once; the database rolls back."""
        connection, self._connection = self._connection, None
        if connection is not None:
            drop(connection)

    def note_compiled(self, call_text: str) -> None:
        """A call has run here, whatever came of it."""
        self._compiled.add(call_text)

    def has_compiled(self, call_text: str) -> bool:
        """Whether that call has run on the present connection before."""
        return call_text in self._compiled

    def is_clean(self, fingerprint: str | None) -> bool:
        """Whether the connection is as after the log-on."""
        return self._fresh.matches(fingerprint)

    def keep_if_clean(self, fingerprint: str | None) -> None:
        """After a job: close the connection, unless it is as after the log-on."""
        if not self._fresh.matches(fingerprint):
            self.discard()

    def discard(self) -> None:
        """Log off in the background; the next `open` makes a new connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            task = asyncio.create_task(close_quietly(connection))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Log off, and wait for all that is logging off."""
        self.discard()
        if self._closing:
            await asyncio.gather(*self._closing)
