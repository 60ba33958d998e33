"""Connections: a pool for the API, single ones for the worker.

Every session runs in UTC. The driver sends the zone with the log-on when ORA_SDTZ is set, which
spares each new connection a round trip; so it is set here, for this process, before connecting.
"""

from __future__ import annotations

import asyncio
import os
from typing import Any

import oracledb

from sql.errors import DatabaseAway, convert_error, converted_errors
from sql.settings import DatabaseSettings

#: Seconds to wait for a free connection, or for a new one. The driver has no limit of its own.
ACQUIRE_SECONDS = 10.0
#: Minutes of silence after which a peer that has vanished is looked for.
EXPIRE_MINUTES = 2
#: Idle seconds after which the pool asks whether a connection still lives.
PING_SECONDS = 60
#: Statements kept open on each connection.
CACHED_STATEMENTS = 50


def create_pool(
    settings: DatabaseSettings, *, size: int, program: str, call_seconds: float = 0
) -> oracledb.AsyncConnectionPool:
    """A pool that opens its connections as they are needed. Needs a running event loop.

    Args:
        settings: the user and the database.
        size: most connections at once.
        program: what V$SESSION shows.
        call_seconds: longest time of one round trip; 0: no limit.

    Raises:
        DatabaseError: the connect string is none. Nothing is connected yet.
    """
    _prepare_driver()

    async def limit_calls(connection: oracledb.AsyncConnection, _tag: str | None) -> None:
        connection.call_timeout = round(call_seconds * 1000)

    with converted_errors():
        return oracledb.create_pool_async(
            **_connect_arguments(settings, program),
            min=1,
            max=size,
            increment=1,
            getmode=oracledb.POOL_GETMODE_TIMEDWAIT,
            wait_timeout=round(ACQUIRE_SECONDS * 1000),
            ping_interval=PING_SECONDS,
            session_callback=limit_calls,
        )


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
        async with asyncio.timeout(ACQUIRE_SECONDS):
            await connection.close()
    except (oracledb.Error, TimeoutError, OSError):
        drop(connection)


def drop(connection: oracledb.AsyncConnection) -> None:
    """Cut the connection without a word; the database rolls its transaction back."""
    try:
        connection.terminate()
    except (oracledb.Error, OSError):
        return


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
