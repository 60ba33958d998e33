"""The time limit of calls, and their break; kept here, as the driver's own ends the process.

With `call_timeout` set, python-oracledb 26.1 writes to a transport that is no more, and the process
dies of it (SIGSEGV), when a connection ends in the very turn of the event loop in which a call
begins (Python 3.11) or in which its time is over, as both are when a process was frozen for a while.
Its `cancel()` does so whenever the connection has ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import oracledb

#: Seconds for which the database may take its time to answer a break.
ANSWER_SECONDS = 5.0


@contextmanager
def time_limit(connection: oracledb.AsyncConnection, seconds: float) -> Iterator[None]:
    """Around calls of one task: broken when their time is over, and then cut off.

    A call that is broken raises ORA-01013; one that is cut off, DPY-4011. A task that is cancelled
    in here gives its connection up: the database may still answer, and the next call on it would take
    that for its own answer.

    Args:
        connection: which nobody else uses meanwhile.
        seconds: until the break. 0: no limit.
    """
    loop = asyncio.get_running_loop()
    timers: list[asyncio.TimerHandle] = []

    def interrupt() -> None:
        timers.append(loop.call_later(ANSWER_SECONDS, drop, connection))
        break_call(connection)

    if seconds > 0:
        timers.append(loop.call_later(seconds, interrupt))
    try:
        yield
    except asyncio.CancelledError:
        drop(connection)
        raise
    finally:
        for timer in timers:
            timer.cancel()


def break_call(connection: oracledb.AsyncConnection) -> None:
    """Break the call in flight, unless the connection has ended by itself."""
    if connection.is_healthy():
        with suppress(oracledb.Error, OSError):
            connection.cancel()


def drop(connection: oracledb.AsyncConnection) -> None:
    """Cut the connection without a word; the database rolls its transaction back.

    At most one task may be in a call on it: the driver survives no second one that waits for its turn.
    """
    with suppress(oracledb.Error, OSError):
        connection.terminate()
