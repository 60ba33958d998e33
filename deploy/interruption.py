"""Ctrl-C, SIGTERM and a closed terminal end a command in one way: as KeyboardInterrupt.

Also where the shell started the command in the background and made it deaf to Ctrl-C.
"""

from __future__ import annotations

import signal
from types import FrameType

#: Exit code of a command that was interrupted, as shells have it.
INTERRUPTED = 130


def hear_interruptions() -> None:
    """From now on each of these signals raises KeyboardInterrupt in the main thread."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    signal.raise_signal(signal.SIGINT)
