"""A command on a terminal, as a person runs it: a pseudo-terminal that is read and typed into."""

import os
import pty
import re
import signal
import subprocess
import sys
import threading

from deploy.stack import ROOT, Stack
from tests.waiting import eventually

#: Cursor movements and modes; colours are kept.
_MOVEMENTS = re.compile(r"\x1b\[[0-9;?]*[A-HJ-lsu]")


class Terminal:
    """A running `oraq` command. Use it as a context manager."""

    def __init__(self, stack: Stack, *arguments: str, **environment: str) -> None:
        self._master, slave = pty.openpty()
        variables = _environment(stack) | environment
        self.process = subprocess.Popen(
            [sys.executable, "-m", "deploy.cli", *arguments],
            cwd=ROOT,
            env=variables,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self._received = b""
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join()
        os.close(self._master)

    @property
    def text(self) -> str:
        """All that was shown, colours included."""
        return _MOVEMENTS.sub("", self._received.decode(errors="replace")).replace("\r\n", "\n")

    def wait_for(self, pattern: str, *, seconds: float = 30) -> None:
        try:
            eventually(lambda: re.search(pattern, self.text), seconds=seconds)
        except AssertionError:
            raise AssertionError(f"not within {seconds} s: {pattern} in {self.text}") from None

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def interrupt(self) -> None:
        """Ctrl-C."""
        self.process.send_signal(signal.SIGINT)

    def wait(self, *, seconds: float = 30) -> int:
        """Wait for the end and for all that was shown; gives the exit code."""
        code = self.process.wait(seconds)
        self._reader.join(seconds)
        return code

    def _read(self) -> None:
        while True:
            try:
                part = os.read(self._master, 65536)
            except OSError:
                # Linux says EIO when the last process has closed its end.
                return
            if not part:
                return
            self._received += part


def _environment(stack: Stack) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    size = {"COLUMNS": "160", "LINES": "40", "TERM": "xterm-256color"}
    return kept | size | stack.database.environment()
