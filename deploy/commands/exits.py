"""How a command ends other than well."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of `oraq`."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    AWAY = 3
    MISSING = 4


class CommandFailed(Exception):
    """Ends the command with one line on standard error."""

    def __init__(self, text: str, exit_code: Exit = Exit.FAILED) -> None:
        super().__init__(text)
        self.exit = exit_code
