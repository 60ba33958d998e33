"""DBMS_OUTPUT: a buffer of lines per session.

Source: PL/SQL Packages and Types Reference 19c, DBMS_OUTPUT.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from deploy.localdb.errors import OraError
from deploy.localdb.plsql.builtins import formats
from deploy.localdb.plsql.builtins.nls import session_nls
from deploy.localdb.plsql.builtins.registry import implements
from deploy.localdb.plsql.builtins.structures import fill
from deploy.localdb.plsql.host import Host
from deploy.localdb.plsql.values import Ref

_LINE_BYTES = 32767
_SMALLEST_BUFFER = 2000


@dataclass
class _Buffer:
    """What a session has put and not got yet."""

    enabled: bool = False
    #: In bytes; None: no limit.
    limit: int | None = None
    lines: deque[str] = field(default_factory=deque)
    #: Put without an end of line.
    partial: str = ""
    size: int = 0
    #: Lines have been got: the next put discards the others.
    was_read: bool = False

    def begin_put(self) -> None:
        if self.was_read:
            self.lines.clear()
            self.size = 0
            self.was_read = False

    def end_line(self) -> None:
        self.lines.append(self.partial)
        self.partial = ""


_buffers: WeakKeyDictionary[Host, _Buffer] = WeakKeyDictionary()


def _buffer(host: Host) -> _Buffer:
    return _buffers.setdefault(host, _Buffer())


@implements("DBMS_OUTPUT.ENABLE")
def enable(host: Host, buffer_size: Ref | None = None) -> None:
    buffer = _buffer(host)
    buffer.enabled = True
    size = 20000 if buffer_size is None else buffer_size.value
    buffer.limit = None if size is None else max(_SMALLEST_BUFFER, int(size))


@implements("DBMS_OUTPUT.DISABLE")
def disable(host: Host) -> None:
    _buffers[host] = _Buffer()


def _put(host: Host, text: Ref) -> None:
    buffer = _buffer(host)
    if not buffer.enabled:
        return
    buffer.begin_put()
    added = formats.to_char(text.value, None, session_nls(host)) or ""
    if len((buffer.partial + added).encode()) > _LINE_BYTES:
        raise OraError(
            20000, f"ORU-10028: line length overflow, limit of {_LINE_BYTES} bytes per line"
        )
    buffer.size += len(added.encode())
    if buffer.limit is not None and buffer.size > buffer.limit:
        raise OraError(20000, f"ORU-10027: buffer overflow, limit of {buffer.limit} bytes")
    buffer.partial += added


@implements("DBMS_OUTPUT.PUT")
def put(host: Host, a: Ref) -> None:
    _put(host, a)


@implements("DBMS_OUTPUT.PUT_LINE")
def put_line(host: Host, a: Ref) -> None:
    _put(host, a)
    new_line(host)


@implements("DBMS_OUTPUT.NEW_LINE")
def new_line(host: Host) -> None:
    buffer = _buffer(host)
    if buffer.enabled:
        buffer.begin_put()
        buffer.end_line()


@implements("DBMS_OUTPUT.GET_LINE")
def get_line(host: Host, line: Ref, status: Ref) -> None:
    buffer = _buffer(host)
    buffer.was_read = True
    if buffer.lines:
        line.value = buffer.lines.popleft() or None
        status.value = 0
    else:
        line.value = None
        status.value = 1


@implements("DBMS_OUTPUT.GET_LINES")
def get_lines(host: Host, lines: Ref, numlines: Ref) -> None:
    buffer = _buffer(host)
    buffer.was_read = True
    count = min(int(numlines.value or 0), len(buffer.lines))
    fill(lines, [buffer.lines.popleft() or None for _ in range(count)])
    numlines.value = count


def start_output(host: Host) -> None:
    """An empty buffer without limit."""
    _buffers[host] = _Buffer(enabled=True)


def take_output(host: Host) -> str | None:
    """All lines at once, for the log of a scheduler job."""
    buffer = _buffer(host)
    lines = [*buffer.lines, buffer.partial] if buffer.partial else list(buffer.lines)
    _buffers[host] = _Buffer(enabled=buffer.enabled, limit=buffer.limit)
    return "\n".join(lines) or None
