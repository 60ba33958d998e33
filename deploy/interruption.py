"""Ctrl-C, SIGTERM and a closed terminal end a command in one way: as KeyboardInterrupt.

Also where the shell started the command in the background and made it deaf to Ctrl-C.
"""

from __future__ import annotations

import signal
from types import FrameType

#: Exit code of a command that was interrupted, as shells have it.
INTERRUPTED = 130


_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def hear_interruptions() -> None:
    """From now on the first of these signals raises KeyboardInterrupt in the main thread.

    Later ones are ignored: what is cleaned up by then takes seconds, and shall not be cut short.
    """
    for number in _SIGNALS:
        signal.signal(number, _interrupt)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt
