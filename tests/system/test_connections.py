"""Connections that end, hang or are given up while they are used."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator

import oracledb
import pytest

from deploy.stack import Stack
from sql import pool as pool_module
from sql.errors import DatabaseAway
from sql.pool import Pool, create_pool
from sql.settings import DatabaseSettings
from tests.chaos.proxy import Listener, Proxy
from tests.system.connection_faults import FAULTS, SLEEP
from tests.waiting import eventually


@pytest.mark.parametrize("fault", FAULTS)
def test_no_end_of_a_connection_ends_the_process(stack: Stack, fault: str) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "tests.system.connection_faults", fault],
        env=os.environ | stack.database.environment(),
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert (process.returncode, process.stdout) == (0, "DPY-4011\n"), process.stderr


@pytest.fixture
def listener(stack: Stack) -> Iterator[Listener]:
    """In front of the database."""
    host, _, port = stack.database.dsn.partition("/")[0].partition(":")
    with Proxy() as proxy:
        yield proxy.listen(host, int(port))


@pytest.fixture
def settings(stack: Stack, listener: Listener) -> DatabaseSettings:
    """Through the proxy."""
    return DatabaseSettings.from_environment(
        stack.database.environment() | {"ORACLE_DSN": f"127.0.0.1:{listener.port}/FREEPDB1"}
    )


@pytest.fixture
async def pool(settings: DatabaseSettings) -> AsyncIterator[Pool]:
    """Of one connection; its calls may take 0.3 s."""
    pool = create_pool(settings, size=1, program="tests", call_seconds=0.3)
    yield pool
    await pool.close()


async def until(look: Callable[[], bool]) -> None:
    await asyncio.to_thread(eventually, look)


def are_called(listener: Listener) -> bool:
    """Whether the database owes an answer on every connection."""
    return all(not link.is_answered for link in list(listener.links))


async def ask_session(pool: Pool) -> tuple[int, int]:
    async with pool.acquire() as connection:
        await connection.ping()
        return connection.session_id, connection.serial_num


async def sleep_in_database(pool: Pool) -> None:
    async with pool.acquire() as connection:
        await connection.cursor().execute(SLEEP)


async def test_call_over_its_time_is_broken_and_its_connection_kept(pool: Pool) -> None:
    before = await ask_session(pool)
    with pytest.raises(oracledb.Error, match="ORA-01013"):
        await sleep_in_database(pool)

    assert await ask_session(pool) == before


async def test_call_that_hears_no_break_is_cut_off(
    pool: Pool, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sql.limit.ANSWER_SECONDS", 0.2)
    before = await ask_session(pool)
    listener.freeze_all()
    with pytest.raises(oracledb.Error, match="DPY-4011"):
        await sleep_in_database(pool)

    assert pool.busy == 0
    assert await ask_session(pool) != before


async def test_cancelled_call_takes_its_connection_with_it(pool: Pool, listener: Listener) -> None:
    before = await ask_session(pool)
    task = asyncio.create_task(sleep_in_database(pool))
    await until(lambda: are_called(listener))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert pool.opened == 0
    assert await ask_session(pool) != before


async def test_what_a_use_leaves_open_is_rolled_back(pool: Pool) -> None:
    async with pool.acquire() as connection:
        await connection.cursor().execute(
            "insert into async_jobs_test_rows (table_name, n) values ('left open', 1)"
        )
    async with pool.acquire() as connection:
        cursor = connection.cursor()
        await cursor.execute(
            "select count(*) from async_jobs_test_rows where table_name = 'left open'"
        )

        assert await cursor.fetchone() == (0,)


async def test_connection_that_ended_idle_is_replaced(pool: Pool, listener: Listener) -> None:
    before = await ask_session(pool)
    async with pool.acquire() as connection:
        pass
    listener.cut_all()
    await until(lambda: not connection.is_healthy())

    assert await ask_session(pool) != before


async def test_connection_that_went_silent_idle_is_replaced(
    pool: Pool, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await ask_session(pool)
    monkeypatch.setattr(pool_module, "PING_SECONDS", 0.0)
    monkeypatch.setattr(pool_module, "PONG_SECONDS", 0.1)
    monkeypatch.setattr("sql.limit.ANSWER_SECONDS", 0.1)
    listener.freeze_all()

    assert await ask_session(pool) != before


async def test_who_finds_no_connection_free_is_told_so(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_module, "ACQUIRE_SECONDS", 0.1)
    async with pool.acquire():
        with pytest.raises(DatabaseAway, match="DPY-4005"):
            await ask_session(pool)

    assert await ask_session(pool)


async def test_close_breaks_what_is_in_flight(
    settings: DatabaseSettings, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_module, "CALLS_SECONDS", 0.1)
    pool = create_pool(settings, size=3, program="tests")
    calls = [asyncio.create_task(sleep_in_database(pool)) for _ in range(3)]
    await until(lambda: pool.busy == 3 and are_called(listener))
    started = time.monotonic()
    await pool.close()
    errors = await asyncio.gather(*calls, return_exceptions=True)

    assert all("ORA-01013" in str(error) for error in errors)
    assert time.monotonic() - started < 2
    assert pool.opened == 0
