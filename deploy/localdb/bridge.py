"""Lets synchronous code wait for asynchronous work without a thread.

The PL/SQL interpreter is plain synchronous Python. `run` gives it a greenlet on the event loop's own
thread; where it needs the loop it calls `wait_for`, which hands the awaitable to `run` and comes back
with its result. Meanwhile the loop serves the other sessions.

A greenlet is used again: its stack costs more to make than a short statement takes in it.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from greenlet import getcurrent, greenlet

T = TypeVar("T")

#: So many greenlets are kept.
_MOST_IDLE = 32


class _Work:
    """A function to run, then what it has come to; holds nothing any more once that is taken."""

    __slots__ = ("error", "function", "result")

    def __init__(self, function: Callable[[], Any]) -> None:
        self.function: Callable[[], Any] | None = function
        self.result: Any = None
        self.error: BaseException | None = None

    def do(self) -> None:
        function, self.function = self.function, None
        assert function is not None
        try:
            self.result = function()
        except BaseException as error:
            self.error = error

    def take(self) -> Any:
        error, result = self.error, self.result
        if error is None:
            self.result = None
            return result
        self.error = None
        try:
            raise error
        finally:
            del error  # whose traceback holds this frame


class _Worker(greenlet):  # type: ignore[misc]  # greenlet has no types
    """Does one work after the other."""

    def run(self, work: _Work) -> None:
        parent = self.parent
        assert parent is not None
        while True:
            work.do()
            work = parent.switch(work)


class _Idle(threading.local):
    """The greenlets of this thread that wait for work."""

    def __init__(self) -> None:
        self.workers: list[_Worker] = []


_idle = _Idle()


async def run(function: Callable[[], T]) -> T:
    """Run function in a greenlet and await what it waits for.

    Raises:
        Exception: what function raises. Cancelling the task raises CancelledError inside function.
    """
    workers = _idle.workers
    worker = workers.pop() if workers else _Worker()
    work = _Work(function)
    step: Any = worker.switch(work)
    while step is not work:
        try:
            result = await step
        except BaseException as error:
            step = worker.throw(error)
        else:
            step = worker.switch(result)
    if len(workers) < _MOST_IDLE:
        workers.append(worker)
    return work.take()  # type: ignore[no-any-return]


def can_wait() -> bool:
    """Whether this is inside `run`."""
    return getcurrent().parent is not None


def wait_for(work: Awaitable[T]) -> T:
    """From inside `run`: the result of work; what it raises is raised here."""
    parent = getcurrent().parent
    assert parent is not None, "wait_for is called inside run only"
    return parent.switch(work)  # type: ignore[no-any-return]
