"""Buffered messages: in this process's memory, of no transaction, gone with a restart.

Source: Database Advanced Queuing User's Guide 19c, "Buffered Messaging".
"""

from __future__ import annotations

import datetime
import fnmatch
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Protocol


class BufferedMessage(Protocol):
    """What a buffer looks at."""

    msgid: bytes
    priority: int
    correlation: str | None
    expiration: int
    enqueue_time: datetime.datetime | None


@dataclass(frozen=True)
class Selection:
    """Which messages."""

    msgid: bytes | None
    correlation: str | None
    limit: int
    removes: bool
    #: UTC.
    now: datetime.datetime
    order: tuple[str, ...]


class Buffers:
    """The buffers of all queues, by owner and name."""

    def __init__(self) -> None:
        self._messages: defaultdict[tuple[str, str], list[Any]] = defaultdict(list)

    def add(self, queue: tuple[str, str], message: BufferedMessage) -> None:
        self._messages[queue].append(message)

    def drop(self, queue: tuple[str, str]) -> None:
        """The queue is gone, or purged."""
        self._messages.pop(queue, None)

    def take(self, queue: tuple[str, str], selection: Selection) -> list[Any]:
        """The first messages that fit, in the queue's order; expired ones are dropped."""
        kept = [m for m in self._messages.get(queue, ()) if not _is_expired(m, selection.now)]
        fitting = [m for m in kept if _fits(m, selection)]
        fitting.sort(key=lambda message: _key(message, selection.order))
        found = fitting[: selection.limit]
        if selection.removes:
            taken = {message.msgid for message in found}
            kept = [message for message in kept if message.msgid not in taken]
        if kept:
            self._messages[queue] = kept
        else:
            self._messages.pop(queue, None)
        return found


def _is_expired(message: BufferedMessage, now: datetime.datetime) -> bool:
    if message.expiration < 0 or message.enqueue_time is None:
        return False
    return message.enqueue_time + datetime.timedelta(seconds=message.expiration) <= now


def _fits(message: BufferedMessage, selection: Selection) -> bool:
    if selection.msgid is not None and message.msgid != selection.msgid:
        return False
    wanted = selection.correlation
    if wanted is None:
        return True
    if message.correlation is None:
        return False
    if any(sign in wanted for sign in "%_"):
        pattern = "".join(
            {"%": "*", "_": "?"}.get(c, f"[{c}]" if c in "*?[" else c) for c in wanted
        )
        return fnmatch.fnmatchcase(message.correlation, pattern)
    return message.correlation == wanted


def _key(message: BufferedMessage, order: tuple[str, ...]) -> tuple[Any, ...]:
    values = {"PRIORITY": message.priority, "ENQ_TIME": message.enqueue_time}
    return tuple(values[name] for name in order)
