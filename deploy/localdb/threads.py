"""Work on threads of its own.

Not on those of asyncio's executor: a program waits for those at its end, however long they take.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def start(work: Callable[[Callable[[], bool]], T]) -> asyncio.Future[T]:
    """Run work on a thread that nobody waits for at the end of the program.

    Args:
        work: gets a function that tells whether its result is still wanted: not so once the future
            is cancelled.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def run() -> None:
        try:
            result = work(lambda: not future.done())
        except BaseException as error:
            failure = error
            tell(lambda: future.set_exception(failure))
        else:
            tell(lambda: future.set_result(result))

    def tell(settle: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(lambda: None if future.done() else settle())

    threading.Thread(target=run, name="aside", daemon=True).start()
    return future
