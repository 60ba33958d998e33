"""DBMS_LOCK by the tables of its chapter in PL/SQL Packages and Types Reference 19c."""

import asyncio
import time

import pytest

from deploy.localdb.plsql.builtins import dbms_lock  # noqa: F401 - registers the subprograms
from deploy.localdb.plsql.builtins.locks import LockMode, LockTable
from deploy.localdb.plsql.values import Ref
from tests.localdb.builtins.hosts import PlainHost, call

pytestmark = pytest.mark.asyncio(loop_scope="module")

ONE, TWO, THREE = (1, 1), (2, 2), (3, 3)
#: Held -> what others may get, from the table "Lock Compatibility Rules".
COMPATIBLE = {
    "NL": "NL SS SX S SSX X",
    "SS": "NL SS SX S SSX",
    "SX": "NL SS SX",
    "S": "NL SS S",
    "SSX": "NL SS",
    "X": "NL",
}


@pytest.mark.parametrize("held", LockMode)
@pytest.mark.parametrize("wanted", LockMode)
async def test_compatibility(held, wanted):
    locks = LockTable()
    assert locks.take(ONE, 1, held)
    assert locks.take(TWO, 1, wanted) == (wanted.name in COMPATIBLE[held.name].split())


async def test_a_deadlock_over_three_sessions():
    locks = LockTable()
    for lock, session in enumerate((ONE, TWO, THREE)):
        locks.take(session, lock, LockMode.X)
    locks.begin_wait(ONE, 1)
    locks.begin_wait(TWO, 2)
    assert locks.is_deadlock(THREE, 0)
    locks.end_wait(TWO)
    assert not locks.is_deadlock(THREE, 0)


async def test_the_end_of_a_session_releases():
    locks = LockTable()
    locks.take(ONE, 7, LockMode.X)
    locks.take(ONE, 8, LockMode.X, until_commit=True)
    assert locks.release_transaction(ONE) == ["lock:8"]
    assert locks.release_session(ONE) == ["lock:7"]
    assert locks.take(TWO, 7, LockMode.X)


async def test_results():
    host, other = PlainHost(identity=ONE), None
    other = PlainHost(identity=TWO, locks=host.locks)
    assert call(host, "DBMS_LOCK.REQUEST", id=1) == 0
    assert call(host, "DBMS_LOCK.REQUEST", id=1) == 4
    assert call(other, "DBMS_LOCK.REQUEST", id=1, timeout=0) == 1
    assert call(other, "DBMS_LOCK.RELEASE", id=1) == 4
    assert call(host, "DBMS_LOCK.CONVERT", id=1, lockmode=4) == 0
    assert call(other, "DBMS_LOCK.REQUEST", id=1, lockmode=4, timeout=0) == 0
    assert call(host, "DBMS_LOCK.RELEASE", id=1) == 0
    assert call(host, "DBMS_LOCK.REQUEST", id=-1) == 3
    assert call(host, "DBMS_LOCK.REQUEST", id=1, lockmode=9) == 3
    assert call(host, "DBMS_LOCK.REQUEST", lockhandle="x") == 5
    assert "lock:1" in host.signals


async def test_names():
    host = PlainHost()
    first, second, third = Ref(), Ref(), Ref()
    call(host, "DBMS_LOCK.ALLOCATE_UNIQUE_AUTONOMOUS", lockname="a", lockhandle=first)
    call(host, "DBMS_LOCK.ALLOCATE_UNIQUE_AUTONOMOUS", lockname="a", lockhandle=second)
    assert host.signals == []
    call(host, "DBMS_LOCK.ALLOCATE_UNIQUE", lockname="b", lockhandle=third)
    assert host.signals == ["commit"]
    assert first.value == second.value != third.value
    assert call(host, "DBMS_LOCK.REQUEST", lockhandle=first) == 0
    assert call(host, "DBMS_LOCK.REQUEST", lockhandle=second) == 4
    assert call(host, "DBMS_LOCK.REQUEST", lockhandle=third) == 0


async def test_a_release_wakes_who_waits(log_on):
    client, other = await log_on(), await log_on()

    async def run(session, name, **values):
        return await session.do(lambda host: call(host, f"DBMS_LOCK.{name}", **values))

    assert await run(client, "REQUEST", id=5) == 0
    waiting = asyncio.create_task(run(other, "REQUEST", id=5, timeout=30))
    done, _ = await asyncio.wait([waiting], timeout=0.1)
    assert not done
    started = time.monotonic()
    await run(client, "RELEASE", id=5)

    assert await waiting == 0
    assert time.monotonic() - started < 1


async def test_two_sessions_that_wait_for_each_other(log_on):
    client, other = await log_on(), await log_on()

    async def request(session, lock):
        return await session.do(lambda host: call(host, "DBMS_LOCK.REQUEST", id=lock, timeout=30))

    assert [await request(client, 1), await request(other, 2)] == [0, 0]
    waiting = asyncio.create_task(request(client, 2))
    await asyncio.wait([waiting], timeout=0.1)
    assert await request(other, 1) == 2
    await other.close()

    assert await waiting == 0
