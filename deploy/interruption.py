"""Ctrl-C, SIGTERM and a closed terminal end a command in one way: as Interrupted.

Also where the shell started the command in the background and made it deaf to Ctrl-C.
"""

from __future__ import annotations

import signal
from types import FrameType

#: Exit code of a command that was interrupted, as shells have it.
INTERRUPTED = 130


_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(SystemExit):
    """The command was interrupted.

    No KeyboardInterrupt: one that meets `exec` of a text (as imports and dataclasses use it) makes
    Python end by SIGINT whatever the exit code is, although it was handled.
    Source: CPython 3.11, run_eval_code_obj and Py_RunMain.
    """


def hear_interruptions() -> None:
    """From now on the first of these signals raises Interrupted in the main thread.

    Later ones are ignored: what is cleaned up by then takes seconds, and shall not be cut short.
    """
    for number in _SIGNALS:
        signal.signal(number, _interrupt)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise Interrupted(INTERRUPTED)
