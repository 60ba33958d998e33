"""Settings of a session that PostgreSQL hears of along with the next statement."""

from __future__ import annotations

from dataclasses import dataclass, field

from deploy.localdb.postgres.steps import step

#: Whether a commit waits until it is on disk.
FLUSHING = "synchronous_commit"


@dataclass
class Settings:
    """Session settings: what they are, and which of them PostgreSQL has yet to hear of."""

    values: dict[str, str] = field(default_factory=lambda: {FLUSHING: "on"})
    unsent: set[str] = field(default_factory=set)
    #: Sent in the open transaction: a rollback takes them back.
    uncertain: set[str] = field(default_factory=set)

    def set(self, name: str, value: str) -> None:
        if self.values.get(name) != value:
            self.values[name] = value
            self.unsent.add(name)

    def clear(self) -> None:
        for name in self.values:
            if name != FLUSHING:
                self.set(name, "")

    def take_unsent(self) -> bytes:
        if not self.unsent:
            return b""
        sent = b"".join(
            step("setting", name.encode(), self.values[name].encode()) for name in self.unsent
        )
        self.uncertain |= self.unsent
        self.unsent = set()
        return sent

    def rolled_back(self) -> None:
        self.unsent |= self.uncertain
        self.uncertain = set()

    def committed(self) -> None:
        self.uncertain = set()
