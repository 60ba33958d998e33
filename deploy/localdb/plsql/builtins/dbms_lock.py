"""DBMS_LOCK: locks that sessions agree on.

Source: PL/SQL Packages and Types Reference 19c, DBMS_LOCK.
"""

from __future__ import annotations

import time
from typing import Protocol

from deploy.localdb.errors import OraError
from deploy.localdb.plsql.builtins.locks import LockMode, LockTable
from deploy.localdb.plsql.builtins.registry import implements
from deploy.localdb.plsql.host import Host
from deploy.localdb.plsql.values import Ref
from deploy.localdb.values import Value

_GRANTED, _TIMEOUT, _DEADLOCK, _WRONG_PARAMETER, _OWNERSHIP, _WRONG_HANDLE = range(6)
_MAX_WAIT = 32767
#: Locks with a number of the caller's choice.
_LARGEST_ID = 1_073_741_823


class LockHost(Host, Protocol):
    """What user locks need of a session.

    At the end of each of its transactions the session calls locks.release_transaction, and at its
    own end locks.release_session, and signals the channels that these return.
    """

    locks: LockTable

    def signal(self, channel: str) -> None:
        """Wake those who wait for the channel, now and not at the commit."""


def _lock(host: LockHost, id: Ref | None, lockhandle: Ref | None) -> int | None:
    """The identifier that a call means, or None."""
    value = id.value if id is not None else lockhandle.value if lockhandle is not None else None
    text = str(value) if value is not None else ""
    if lockhandle is not None and id is None:
        text = text[:10]  # a check value follows
    if not text.isdecimal():
        return None
    return int(text)


@implements("DBMS_LOCK.ALLOCATE_UNIQUE")
def allocate_unique(
    host: LockHost, lockname: Ref, lockhandle: Ref, expiration_secs: Ref | None = None
) -> None:
    allocate_unique_autonomous(host, lockname, lockhandle, expiration_secs)
    host.commit()


@implements("DBMS_LOCK.ALLOCATE_UNIQUE_AUTONOMOUS")
def allocate_unique_autonomous(
    host: LockHost, lockname: Ref, lockhandle: Ref, expiration_secs: Ref | None = None
) -> None:
    name = lockname.value
    if not name or name.upper().startswith("ORA$"):
        raise OraError(20000, "ORU-10003: Unable to find or insert lock ORA$ into catalog")
    number = host.locks.named(name)
    lockhandle.value = f"{number}{number}{number % 1000:03d}"


@implements("DBMS_LOCK.REQUEST")
def request(
    host: LockHost,
    id: Ref | None = None,
    lockhandle: Ref | None = None,
    lockmode: Ref | None = None,
    timeout: Ref | None = None,
    release_on_commit: Ref | None = None,
) -> Value:
    lock = _lock(host, id, lockhandle)
    if lock is None or (id is not None and lock > _LARGEST_ID):
        return _WRONG_HANDLE if id is None else _WRONG_PARAMETER
    mode = _mode(lockmode)
    seconds = _seconds(timeout)
    if mode is None or (seconds is not None and seconds < 0):
        return _WRONG_PARAMETER
    if host.locks.mode(host.session_id(), lock) is not None:
        return _OWNERSHIP
    until_commit = release_on_commit is not None and bool(release_on_commit.value)
    return _acquire(host, lock, mode, seconds, until_commit=until_commit)


@implements("DBMS_LOCK.CONVERT")
def convert(
    host: LockHost,
    id: Ref | None = None,
    lockhandle: Ref | None = None,
    lockmode: Ref | None = None,
    timeout: Ref | None = None,
) -> Value:
    lock = _lock(host, id, lockhandle)
    if lock is None:
        return _WRONG_HANDLE if id is None else _WRONG_PARAMETER
    mode = _mode(lockmode)
    if mode is None:
        return _WRONG_PARAMETER
    if host.locks.mode(host.session_id(), lock) is None:
        return _OWNERSHIP
    result = _acquire(host, lock, mode, _seconds(timeout), until_commit=False)
    host.signal(LockTable.channel(lock))
    return result


@implements("DBMS_LOCK.RELEASE")
def release(host: LockHost, id: Ref | None = None, lockhandle: Ref | None = None) -> Value:
    lock = _lock(host, id, lockhandle)
    if lock is None:
        return _WRONG_HANDLE if id is None else _WRONG_PARAMETER
    if not host.locks.release(host.session_id(), lock):
        return _OWNERSHIP
    host.signal(LockTable.channel(lock))
    return _GRANTED


@implements("DBMS_LOCK.SLEEP")
def sleep(host: LockHost, seconds: Ref) -> None:
    if seconds.value is None or seconds.value < 0:
        raise OraError(38148, "invalid time limit specified")
    host.sleep(float(seconds.value))


def _mode(lockmode: Ref | None) -> LockMode | None:
    if lockmode is None:
        return LockMode.X
    try:
        return LockMode(lockmode.value)
    except ValueError:
        return None


def _seconds(timeout: Ref | None) -> float | None:
    """How long to wait; None: without limit."""
    value = _MAX_WAIT if timeout is None or timeout.value is None else timeout.value
    return None if value >= _MAX_WAIT else float(value)


def _acquire(
    host: LockHost, lock: int, mode: LockMode, seconds: float | None, *, until_commit: bool
) -> int:
    session, locks, channel = host.session_id(), host.locks, LockTable.channel(lock)
    deadline = None if seconds is None else time.monotonic() + seconds
    try:
        while True:
            generation = host.generation(channel)
            if locks.take(session, lock, mode, until_commit=until_commit):
                return _GRANTED
            if locks.is_deadlock(session, lock):
                return _DEADLOCK
            rest = None if deadline is None else deadline - time.monotonic()
            if rest is not None and rest <= 0:
                return _TIMEOUT
            locks.begin_wait(session, lock)
            host.wait(channel, generation, rest)
    finally:
        locks.end_wait(session)
