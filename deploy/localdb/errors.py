"""Oracle's errors.

OraError            an error of the database, with number and text, as a client sees it
└─ Unsupported      ORA-03001 and the name of what localdb does not do
"""

from __future__ import annotations


class OraError(Exception):
    """An Oracle error.

    Attributes:
        code: number without sign, 942.
        message: text without prefix, 'table or view does not exist'; may hold further lines.
        position: 0-based offset in the statement where it is wrong, or None.
        backtrace: the ORA-06512 lines, innermost first, added while it propagates through PL/SQL.
        exception: the declared exception of PL/SQL that it is, where that has no number of its own.
        level: the PL/SQL call whose line the backtrace has already.
    """

    def __init__(
        self, code: int, message: str, *, position: int | None = None, prefix: str = "ORA"
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.position = position
        self.prefix = prefix
        self.backtrace: list[str] = []
        self.exception: object = None
        self.level: object = None

    @property
    def text(self) -> str:
        """The first message with its prefix: 'ORA-00942: table or view does not exist'."""
        return f"{self.prefix}-{self.code:05d}: {self.message}"

    @property
    def stack(self) -> str:
        """The whole text for the client, with the ORA-06512 lines."""
        return "\n".join([self.text, *self.backtrace])

    @property
    def handled_stack(self) -> list[str]:
        """The lines that its handler sees: not yet the one of the handler's own call."""
        return [self.text, *self.backtrace[:-1]]

    def __str__(self) -> str:
        return self.stack


class Unsupported(OraError):
    """A feature that localdb does not have: ORA-03001 names it, so nothing is done silently."""

    def __init__(self, feature: str, *, position: int | None = None) -> None:
        super().__init__(3001, f"unimplemented feature: {feature}", position=position)
        self.feature = feature
