"""How a command ends other than well."""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class Exit(IntEnum):
    """Exit codes of `oraq`."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    AWAY = 3
    MISSING = 4
    INTERRUPTED = 130


#: What `oraq --help` and the README say.
MEANINGS: Final = {
    Exit.DONE: "done",
    Exit.FAILED: "refused or failed: by OraQ, by the database, or the job itself (submit --wait)",
    Exit.USAGE: "wrong usage, or a setting is missing or does not fit",
    Exit.AWAY: "the database cannot be reached",
    Exit.MISSING: "there is no such job, worker or rule",
    Exit.INTERRUPTED: "interrupted by Ctrl-C; what was submitted goes on",
}


class CommandFailed(Exception):
    """Ends the command with one line on standard error."""

    def __init__(self, text: str, exit_code: Exit = Exit.FAILED) -> None:
        super().__init__(text)
        self.exit = exit_code
