"""User locks: who holds which lock in which mode. Pure: who has to wait does so elsewhere.

Source: PL/SQL Packages and Types Reference 19c, DBMS_LOCK, "Lock Compatibility Rules".
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TypeAlias

#: SID and SERIAL#.
SessionId: TypeAlias = tuple[int, int]

#: The first and last identifier of a lock with a name.
_FIRST_NAMED, _LAST_NAMED = 1_073_741_824, 1_999_999_999


class LockMode(IntEnum):
    """DBMS_LOCK's constants."""

    NL = 1
    SS = 2
    SX = 3
    S = 4
    SSX = 5
    X = 6


#: Held mode -> modes that others may get beside it.
_COMPATIBLE: dict[LockMode, frozenset[LockMode]] = {
    LockMode.NL: frozenset(LockMode),
    LockMode.SS: frozenset(LockMode) - {LockMode.X},
    LockMode.SX: frozenset({LockMode.NL, LockMode.SS, LockMode.SX}),
    LockMode.S: frozenset({LockMode.NL, LockMode.SS, LockMode.S}),
    LockMode.SSX: frozenset({LockMode.NL, LockMode.SS}),
    LockMode.X: frozenset({LockMode.NL}),
}


@dataclass
class _Held:
    """A session's hold of a lock."""

    mode: LockMode
    until_commit: bool = False


@dataclass
class LockTable:
    """All user locks of one database."""

    _holders: defaultdict[int, dict[SessionId, _Held]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    #: Which lock a session waits for.
    _waiting: dict[SessionId, int] = field(default_factory=dict)
    _named: dict[str, int] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(_FIRST_NAMED))

    @staticmethod
    def channel(lock: int) -> str:
        """What is signalled when the lock may have become free."""
        return f"lock:{lock}"

    def named(self, name: str) -> int:
        """The identifier of a lock with a name; always the same one."""
        if name not in self._named:
            number = next(self._numbers)
            if number > _LAST_NAMED:
                raise OverflowError("all identifiers for named locks are used")
            self._named[name] = number
        return self._named[name]

    def mode(self, session: SessionId, lock: int) -> LockMode | None:
        """How the session holds the lock."""
        held = self._holders[lock].get(session) if lock in self._holders else None
        return None if held is None else held.mode

    def take(
        self, session: SessionId, lock: int, mode: LockMode, *, until_commit: bool = False
    ) -> bool:
        """Get the lock, or another mode of it, if that is possible now."""
        holders = self._holders[lock]
        if any(
            other != session and mode not in _COMPATIBLE[held.mode]
            for other, held in holders.items()
        ):
            return False
        own = holders.get(session)
        holders[session] = _Held(mode, own.until_commit if own else until_commit)
        return True

    def is_deadlock(self, session: SessionId, lock: int) -> bool:
        """Whether a holder of the lock waits, at the end, for this session."""
        seen: set[SessionId] = set()
        todo = [other for other in self._holders.get(lock, {}) if other != session]
        while todo:
            other = todo.pop()
            if other == session:
                return True
            if other not in seen and other in self._waiting:
                todo += self._holders.get(self._waiting[other], {})
            seen.add(other)
        return False

    def begin_wait(self, session: SessionId, lock: int) -> None:
        self._waiting[session] = lock

    def end_wait(self, session: SessionId) -> None:
        self._waiting.pop(session, None)

    def release(self, session: SessionId, lock: int) -> bool:
        """Give the lock back; False: the session did not hold it."""
        holders = self._holders.get(lock, {})
        if session not in holders:
            return False
        del holders[session]
        if not holders:
            del self._holders[lock]
        return True

    def release_transaction(self, session: SessionId) -> list[str]:
        """A transaction has ended: release what was requested until then.

        Returns:
            The channels to signal.
        """
        return self._release_where(session, only_until_commit=True)

    def release_session(self, session: SessionId) -> list[str]:
        """A session has ended: release all it held.

        Returns:
            The channels to signal.
        """
        self.end_wait(session)
        return self._release_where(session, only_until_commit=False)

    def _release_where(self, session: SessionId, *, only_until_commit: bool) -> list[str]:
        locks = [
            lock
            for lock, holders in self._holders.items()
            if session in holders and (holders[session].until_commit or not only_until_commit)
        ]
        for lock in locks:
            self.release(session, lock)
        return [self.channel(lock) for lock in locks]
