"""Lets synchronous code wait for asynchronous work without a thread.

The PL/SQL interpreter is plain synchronous Python. `run` gives it a greenlet on the event loop's own
thread; where it needs the loop it calls `wait_for`, which hands the awaitable to `run` and comes back
with its result. Meanwhile the loop serves the other sessions.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from greenlet import getcurrent, greenlet

T = TypeVar("T")


async def run(function: Callable[[], T]) -> T:
    """Run function in a greenlet and await what it waits for.

    Raises:
        Exception: what function raises. Cancelling the task raises CancelledError inside function.
    """
    worker = greenlet(function)
    step: Any = worker.switch()
    while not worker.dead:
        try:
            result = await step
        except BaseException as error:
            step = worker.throw(error)
        else:
            step = worker.switch(result)
    return step  # type: ignore[no-any-return]


def can_wait() -> bool:
    """Whether this is inside `run`."""
    return getcurrent().parent is not None


def wait_for(work: Awaitable[T]) -> T:
    """From inside `run`: the result of work; what it raises is raised here."""
    parent = getcurrent().parent
    assert parent is not None, "wait_for is called inside run only"
    return parent.switch(work)  # type: ignore[no-any-return]
