"""Become another program that gets SIGTERM when its parent is gone: `leash.py PARENT PROGRAM ...`.

A program of its own, since code between fork and exec is not safe in a process with threads.
The wish for the signal survives exec. Linux only; elsewhere the program just starts.
"""

import ctypes
import os
import signal
import sys

#: Source: Linux, prctl(2).
PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, program = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            sys.exit(1)
    os.execv(program[0], program)  # noqa: S606


if __name__ == "__main__":
    main()
