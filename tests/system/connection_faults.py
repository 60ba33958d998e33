"""Ends connections at the moments at which the driver's own limits and breaks end the process.

Run by test_connections in a process of its own: `python -m tests.system.connection_faults FAULT`,
with the database's variables in the environment. A proxy cuts the connections.
"""

import asyncio
import os
import socket
import sys
import time
from collections.abc import Awaitable, Callable

from sql.claims import Claims, WorkerIdentity
from sql.errors import DatabaseError, convert_error
from sql.pool import create_pool
from sql.session import FreshState, WorkerSession
from sql.settings import DatabaseSettings
from sql.statements import load_statements
from tests.chaos.proxy import Listener, Proxy
from tests.waiting import eventually

SLEEP = "begin dbms_session.sleep(20); end;"


def cut_unseen(listener: Listener, seconds: float) -> None:
    """Cut all connections, while this process' event loop looks at nothing, as if it was frozen."""
    listener.cut_all()
    time.sleep(seconds)


async def begin_as_it_ends(settings: DatabaseSettings, listener: Listener) -> None:
    """A call begins in the turn of the loop in which the end of its connection is read."""
    pool = create_pool(settings, size=1, program="tests", call_seconds=5)
    loop = asyncio.get_running_loop()
    async with pool.acquire() as connection:
        await connection.ping()
        turn = loop.create_future()

        async def call() -> None:
            await turn
            await connection.ping()

        task = asyncio.create_task(call())
        await asyncio.sleep(0)
        cut_unseen(listener, 0.2)
        loop.call_soon(turn.set_result, None)
        await task


async def end_as_it_ends(settings: DatabaseSettings, listener: Listener) -> None:
    """A call's time is over in that turn."""
    pool = create_pool(settings, size=1, program="tests", call_seconds=0.3)
    async with pool.acquire() as connection:
        call = asyncio.create_task(connection.cursor().execute(SLEEP))
        await asyncio.sleep(0.1)
        cut_unseen(listener, 0.5)
        await call


async def break_what_ended(settings: DatabaseSettings, listener: Listener) -> None:
    """A job is broken off whose connection has just ended."""
    identity = WorkerIdentity("tests", socket.gethostname(), os.getpid(), 1, "0")
    claims = Claims(load_statements(settings.owner), identity, lease_seconds=15)
    session = WorkerSession(settings, claims, FreshState(), program="tests")
    await session.open()
    connection = session.connection
    listener.cut_all()
    await asyncio.to_thread(eventually, lambda: not connection.is_healthy())
    session.cancel()
    await connection.ping()


Fault = Callable[[DatabaseSettings, Listener], Awaitable[None]]
FAULTS: dict[str, Fault] = {
    fault.__name__: fault for fault in (begin_as_it_ends, end_as_it_ends, break_what_ended)
}


async def main(fault: Fault) -> None:
    settings = DatabaseSettings.from_environment(os.environ)
    address, _, service = settings.connect_string.partition("/")
    host, _, port = address.partition(":")
    with Proxy() as proxy:
        listener = proxy.listen(host, int(port))
        dsn = f"127.0.0.1:{listener.port}/{service}"
        try:
            await fault(settings.model_copy(update={"dsn": dsn}), listener)
        except DatabaseError as error:
            print(error.code)
        except Exception as error:
            print(convert_error(error).code)


if __name__ == "__main__":
    asyncio.run(main(FAULTS[sys.argv[1]]))
