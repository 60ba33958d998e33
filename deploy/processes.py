"""One child process: started, waited for until it says that it is ready, stopped for certain.

Rules: a child leads a session of its own, so that Ctrl-C in a terminal reaches only the parent,
which then stops its children in order. On Linux a child gets SIGTERM when the thread that started
it ends, however that happened: start children from the main thread.
"""

from __future__ import annotations

import contextlib
import os
import re
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

#: Lines of a failed child's log that are shown.
SHOWN_LINES = 15

_LEASH = Path(__file__).with_name("leash.py")


class ProcessFailed(Exception):
    """A child ended, or did not get ready in time."""

    def __init__(self, name: str, what: str, log: str) -> None:
        tail = "\n".join(f"    {line}" for line in log.splitlines()[-SHOWN_LINES:])
        super().__init__(f"{name} {what}" + (f"; its last words:\n{tail}" if tail else ""))
        self.name = name


class Process:
    """A running child. Its standard error goes to a file, its standard output is the ready line."""

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        log: Path,
    ) -> None:
        self.name = name
        self.log = log
        with log.open("ab") as error_output:
            self._child = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_LEASH), str(os.getpid()), *arguments],
                env=dict(environment),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=error_output,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def is_running(self) -> bool:
        return self._child.poll() is None

    @property
    def has_ended_in_order(self) -> bool:
        """Whether it has ended with exit code 0."""
        return self._child.poll() == 0

    def wait_until_ready(self, pattern: str, *, seconds: float) -> str:
        """Wait for a line on standard output that matches, and give its first group.

        Raises:
            ProcessFailed: the process ended first, or took longer.
        """
        output = self._child.stdout
        assert output is not None
        deadline = time.monotonic() + seconds
        received = b""
        with selectors.DefaultSelector() as selector:
            selector.register(output, selectors.EVENT_READ)
            while (left := deadline - time.monotonic()) > 0:
                if not selector.select(left):
                    continue
                part = os.read(output.fileno(), 65536)
                if not part:
                    self._child.wait()
                    raise ProcessFailed(
                        self.name, f"ended with exit code {self._child.returncode}", self.read_log()
                    )
                received += part
                for line in received.decode(errors="replace").splitlines():
                    if found := re.fullmatch(pattern, line.strip()):
                        return found.group(1)
        self.kill()
        raise ProcessFailed(self.name, f"was not ready after {seconds:.0f} s", self.read_log())

    def wait(self, *, seconds: float) -> int:
        """Wait for the end, and give the exit code.

        Raises:
            TimeoutError: it still runs.
        """
        try:
            return self._child.wait(seconds)
        except subprocess.TimeoutExpired as error:
            raise TimeoutError(f"{self.name} still runs after {seconds} s") from error

    def terminate(self) -> None:
        """Ask it to end; do not wait."""
        with contextlib.suppress(ProcessLookupError):
            self._child.terminate()

    def pause(self) -> None:
        """Freeze it, as a host that hangs would."""
        self._child.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._child.send_signal(signal.SIGCONT)

    def stop(self, *, seconds: float) -> None:
        """Ask it to end, and end it where it does not. Twice is fine."""
        try:
            self.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(seconds)
        finally:
            self.kill()

    def kill(self) -> None:
        """End it at once, as a crash would. Twice is fine."""
        with contextlib.suppress(ProcessLookupError):
            self._child.kill()
        self._child.wait()
        if self._child.stdout is not None:
            self._child.stdout.close()

    def read_log(self) -> str:
        return self.log.read_text(errors="replace")
