"""Tokens that stand in files, as secrets are mounted: read again when a file changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import ValidationError
from structlog.typing import FilteringBoundLogger

from api.tokens import Token

#: Seconds between two looks at the files.
LOOK_SECONDS = 1.0

#: What tells that a file was written or replaced: its number, size and time. None: it is not there.
_Mark = tuple[int, int, int] | None


class TokenFiles:
    """The tokens in force. A file that cannot be read changes nothing: it may be half written."""

    def __init__(
        self,
        tokens: Sequence[Token],
        files: Sequence[Path],
        read: Callable[[], Sequence[Token]],
        logger: FilteringBoundLogger,
    ) -> None:
        """Begin with what was read at the start.

        Args:
            tokens: in force until a file changes.
            files: that hold some of them.
            read: all tokens anew; raises OSError, UnicodeDecodeError or ValidationError.
            logger: told of each change.
        """
        self._tokens = tuple(tokens)
        self._files = tuple(files)
        self._read = read
        self._logger = logger
        self._marks = self._look()
        self._next_look = time.monotonic() + LOOK_SECONDS

    def current(self) -> tuple[Token, ...]:
        """The tokens in force now."""
        now = time.monotonic()
        if self._files and now >= self._next_look:
            self._next_look = now + LOOK_SECONDS
            marks = self._look()
            if marks != self._marks:
                self._marks = marks
                self._renew()
        return self._tokens

    def _renew(self) -> None:
        try:
            self._tokens = tuple(self._read())
        except (OSError, UnicodeDecodeError, ValidationError) as error:
            # The error's own text may quote a secret.
            self._logger.error("tokens not read again", error=type(error).__name__)
        else:
            self._logger.info("tokens read again", names=[token.name for token in self._tokens])

    def _look(self) -> list[_Mark]:
        return [_mark(path) for path in self._files]


def _mark(path: Path) -> _Mark:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
