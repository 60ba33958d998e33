"""Connections: a pool for the API, single ones for the worker.

Every session runs in UTC. The driver sends the zone with the log-on when ORA_SDTZ is set, which
spares each new connection a round trip; so it is set here, for this process, before connecting.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import oracledb

from sql.errors import DatabaseAway, convert_error, converted_errors
from sql.limit import break_call, drop, time_limit
from sql.settings import DatabaseSettings

#: Seconds to wait for a free connection, or for a new one. The driver has no limit of its own.
ACQUIRE_SECONDS = 10.0
#: Minutes of silence after which a peer that has vanished is looked for.
EXPIRE_MINUTES = 2
#: Idle seconds after which the pool asks whether a connection still lives, and how long it waits for
#: the answer.
PING_SECONDS = 60.0
PONG_SECONDS = 5.0
#: Seconds that calls in flight may take when the pool is closed, and then their breaks.
CALLS_SECONDS = 1.0
BREAK_SECONDS = 1.0
#: Statements kept open on each connection.
CACHED_STATEMENTS = 50


class Pool:
    """Connections for short calls, made as they are needed, each for one task at a time.

    Not the driver's own pool: that one has no way to cut a connection whose call does not end, makes
    and closes its connections one after the other, and asks idle ones with the driver's time limit
    (see `sql.limit`).
    """

    def __init__(
        self, settings: DatabaseSettings, *, size: int, program: str, call_seconds: float
    ) -> None:
        self._settings = settings
        self._program = program
        self._call_seconds = call_seconds
        self._turns = asyncio.Semaphore(size)
        #: Those that wait for work, with the time of their last; the last one is taken first.
        self._idle: list[tuple[oracledb.AsyncConnection, float]] = []
        self._in_use: set[oracledb.AsyncConnection] = set()
        self._returned = asyncio.Event()
        self._is_closed = False
        self.max = size

    @property
    def busy(self) -> int:
        return len(self._in_use)

    @property
    def opened(self) -> int:
        return len(self._in_use) + len(self._idle)

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[oracledb.AsyncConnection]:
        """A connection for calls that together stay in the time limit.

        What they leave open is rolled back. A connection on which they were cancelled is cut.

        Raises:
            DatabaseError: DatabaseAway or LogonRefused, mostly: no connection to be had.
        """
        await self._wait_for_turn()
        try:
            connection = await self._take()
            self._in_use.add(connection)
            try:
                with time_limit(connection, self._call_seconds):
                    yield connection
            finally:
                try:
                    await self._put_back(connection)
                finally:
                    self._in_use.discard(connection)
                    self._returned.set()
        finally:
            self._turns.release()

    async def close(self) -> None:
        """Log off. Calls in flight get a moment; then they are broken, and then cut off."""
        self._is_closed = True
        await self._all_returned(CALLS_SECONDS)
        for connection in self._in_use:
            break_call(connection)
        await self._all_returned(BREAK_SECONDS)
        for connection in self._in_use:
            drop(connection)
        await self._all_returned(BREAK_SECONDS)
        idle, self._idle = self._idle, []
        await asyncio.gather(*(close_quietly(connection) for connection, _ in idle))

    async def _wait_for_turn(self) -> None:
        try:
            async with asyncio.timeout(ACQUIRE_SECONDS):
                await self._turns.acquire()
        except TimeoutError:
            text = "DPY-4005: timed out waiting for the connection pool to return a connection"
            raise DatabaseAway("DPY-4005", text) from None

    async def _take(self) -> oracledb.AsyncConnection:
        """A connection that was heard of not long ago."""
        while self._idle:
            connection, used_at = self._idle.pop()
            if not connection.is_healthy():
                drop(connection)
            elif time.monotonic() - used_at < PING_SECONDS or await _answers(connection):
                return connection
        return await connect(self._settings, program=self._program)

    async def _put_back(self, connection: oracledb.AsyncConnection) -> None:
        if connection.is_healthy() and connection.transaction_in_progress:
            await _roll_back(connection)
        if connection.is_healthy() and not self._is_closed:
            self._idle.append((connection, time.monotonic()))
        else:
            drop(connection)

    async def _all_returned(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._in_use:
                    self._returned.clear()
                    await self._returned.wait()


def create_pool(
    settings: DatabaseSettings, *, size: int, program: str, call_seconds: float = 0
) -> Pool:
    """A pool that opens its connections as they are needed.

    Args:
        settings: the user and the database.
        size: most connections at once.
        program: what V$SESSION shows.
        call_seconds: longest time of the calls of one use; 0: no limit.

    Raises:
        DatabaseError: the connect string is none. Nothing is connected yet.
    """
    folder = {} if settings.config_dir is None else {"config_dir": settings.config_dir}
    with converted_errors():
        oracledb.ConnectParams(**folder).parse_connect_string(settings.connect_string)
    return Pool(settings, size=size, program=program, call_seconds=call_seconds)


async def connect(settings: DatabaseSettings, *, program: str) -> oracledb.AsyncConnection:
    """One connection outside any pool.

    Raises:
        DatabaseError: DatabaseAway or LogonRefused, mostly.
    """
    _prepare_driver()
    try:
        async with asyncio.timeout(ACQUIRE_SECONDS):
            arguments = _connect_arguments(settings, program)
            connection: oracledb.AsyncConnection = await oracledb.connect_async(**arguments)
    except oracledb.Error as error:
        raise convert_error(error) from error
    except (TimeoutError, OSError) as error:
        raise DatabaseAway("DPY-6005", f"DPY-6005: cannot connect to database: {error}") from error
    return connection


async def close_quietly(connection: oracledb.AsyncConnection) -> None:
    """Log off; a connection that is gone already is no reason to complain."""
    try:
        with time_limit(connection, ACQUIRE_SECONDS):
            await connection.close()
    except (oracledb.Error, OSError):
        drop(connection)


async def _answers(connection: oracledb.AsyncConnection) -> bool:
    try:
        with time_limit(connection, PONG_SECONDS):
            await connection.ping()
    except (oracledb.Error, OSError):
        drop(connection)
        return False
    return True


async def _roll_back(connection: oracledb.AsyncConnection) -> None:
    try:
        with time_limit(connection, PONG_SECONDS):
            await connection.rollback()
    except (oracledb.Error, OSError):
        drop(connection)


def _prepare_driver() -> None:
    os.environ["ORA_SDTZ"] = "+00:00"
    oracledb.defaults.fetch_lobs = False
    oracledb.defaults.fetch_decimals = True


def _connect_arguments(settings: DatabaseSettings, program: str) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "user": settings.user,
        "password": settings.password.get_secret_value(),
        "dsn": settings.connect_string,
        "expire_time": EXPIRE_MINUTES,
        "stmtcachesize": CACHED_STATEMENTS,
        "program": program,
    }
    optional = {
        "config_dir": settings.config_dir,
        "wallet_location": settings.wallet_location,
        "wallet_password": settings.wallet_password and settings.wallet_password.get_secret_value(),
    }
    return arguments | {name: value for name, value in optional.items() if value is not None}
