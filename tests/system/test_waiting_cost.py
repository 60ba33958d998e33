"""What a thousand waiting clients cost the database: one round trip an interval."""

import asyncio
import resource
import time
from collections.abc import Iterator

import httpx
import oracledb
import pytest

from deploy.stack import Stack
from tests.bench.wire import WireCounter

CLIENTS = 1000
INTERVAL_SECONDS = 0.5


@pytest.fixture(autouse=True)
def open_files() -> Iterator[None]:
    """Room for the clients' sockets here and, inherited, for those of the API."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CLIENTS * 2
    if hard != resource.RLIM_INFINITY and hard < wanted:
        pytest.skip(f"may not open {wanted} files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_a_thousand_waiting_clients_cost_one_round_trip_an_interval(
    stack: Stack, db: oracledb.Connection
) -> None:
    address, _, service = stack.database.dsn.partition("/")
    host, _, port = address.rpartition(":")
    with WireCounter(host, int(port)) as wire:
        api = stack.start_api(
            ORACLE_DSN=f"127.0.0.1:{wire.port}/{service}",
            API_WATCH_SECONDS=str(INTERVAL_SECONDS),
        )
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
        async with httpx.AsyncClient(
            base_url=api.url, headers=api.headers, timeout=90, limits=limits
        ) as http:
            call = {"name": "SYSTEM_NOTHING", "run_after": 3600}
            made = await http.post("/procedures/async", json={"jobs": [call] * CLIENTS})
            job_ids = made.json()["job_ids"]
            waiting = [
                asyncio.create_task(http.get(f"/jobs/{job_id}", params={"wait": 60}))
                for job_id in job_ids
            ]
            # All have been looked at once when nothing is sent but the common question.
            before, calm = wire.round_trips, 0
            while calm < 3:
                await asyncio.sleep(INTERVAL_SECONDS)
                calm = calm + 1 if wire.round_trips - before <= 2 else 0
                before = wire.round_trips

            started, before = time.monotonic(), wire.round_trips
            await asyncio.sleep(6 * INTERVAL_SECONDS)
            intervals = (time.monotonic() - started) / INTERVAL_SECONDS
            asked = wire.round_trips - before
            still_waiting = sum(not task.done() for task in waiting)

            with db.cursor() as cursor:
                cursor.execute(
                    "update async_jobs set status = 'failed', progress = 100 "
                    "where procedure_name = 'SYSTEM_NOTHING'"
                )
            db.commit()
            answers = await asyncio.wait_for(asyncio.gather(*waiting), 60)
        api.process.stop(seconds=10)

    assert still_waiting == CLIENTS
    assert 1 <= asked <= intervals + 1
    assert [answer.json()["status"] for answer in answers] == ["failed"] * CLIENTS
    assert [answer.json()["id"] for answer in answers] == job_ids
