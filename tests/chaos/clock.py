"""A process whose host's clock is wrong: the C library's wall clock, shifted.

The monotonic clock goes on as it is: no host's wrong date changes that. Needs a C compiler, and a
system that preloads libraries by LD_PRELOAD (Linux).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

_SOURCE = """
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long shift(void) {
    const char *text = getenv("CHAOS_CLOCK_SECONDS");
    return text ? atol(text) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int answer = syscall(SYS_clock_gettime, clock, now);
    if (!answer && clock == CLOCK_REALTIME) now->tv_sec += shift();
    return answer;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *out) {
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (out) *out = exact.tv_sec;
    return exact.tv_sec;
}
"""


class NoClock(Exception):
    """This machine cannot shift a process's clock."""


def wrong_clock(folder: Path, *, days: float) -> dict[str, str]:
    """The environment of a process whose clock is wrong by so many days.

    Args:
        folder: where the library goes.
        days: may be negative.

    Raises:
        NoClock: no Linux, or no C compiler.
    """
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if sys.platform != "linux" or compiler is None:
        raise NoClock("shifting a clock needs Linux and a C compiler")
    library = folder / "clock.so"
    if not library.exists():
        source = folder / "clock.c"
        source.write_text(_SOURCE)
        subprocess.run(
            [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(source)], check=True
        )
    return {"LD_PRELOAD": str(library), "CHAOS_CLOCK_SECONDS": str(round(days * 86400))}
