"""Waiting for what another process does: looked at often, given up after a limit."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

#: How often the outside world is looked at.
LOOK_SECONDS = 0.05


def eventually(look: Callable[[], T | None], *, seconds: float = 20.0, what: str = "") -> T:
    """Look until there is something (neither None nor False), and give it.

    Raises:
        AssertionError: there was nothing for so long.
    """
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found is not None and found is not False:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what or look}")
        time.sleep(LOOK_SECONDS)
