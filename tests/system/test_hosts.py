"""API, workers and database on hosts of their own, with a cable that is pulled and a line that is slow."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import oracledb
import pytest

from deploy.stack import Api, Stack
from sql.scripts import read_script
from tests.chaos.lab import PROCEDURES
from tests.client import JobClient
from tests.system.network import Network, NetworkRefused, SlowLine
from tests.waiting import eventually

pytestmark = [pytest.mark.whole, pytest.mark.timeout(400)]

HOSTS = ("database", "api", "first", "second", "clients")
LEASE = ("--lease", "3", "--heartbeat", "1")
#: Twenty leases.
PULLED_SECONDS = 60.0
#: Each way, as between two continents.
SLOW_SECONDS = 0.04
JOBS = 80
#: Not those that are failed by intent when their worker is lost.
KINDS = ("CHAOS_SLEEPS", "CHAOS_PROGRESS", "CHAOS_PLAIN")


@pytest.fixture
def network() -> Iterator[Network]:
    try:
        network = Network(HOSTS)
    except NetworkRefused as refused:
        pytest.skip(str(refused))
    with network.inside("clients"):
        yield network
    network.close()


@pytest.fixture
def stack(network: Network, tmp_path: Path) -> Iterator[Stack]:
    with Stack(folder=tmp_path, environment=os.environ) as stack:
        with network.inside("database"):
            stack.start_database(host=network.address("database"))
        stack.install()
        with connect(stack) as connection, connection.cursor() as cursor:
            for statement in read_script(PROCEDURES):
                cursor.execute(statement.text)
        yield stack


def connect(stack: Stack) -> oracledb.Connection:
    database = stack.database
    return oracledb.connect(user=database.user, password=database.password, dsn=database.dsn)


@pytest.fixture
def api(network: Network, stack: Stack) -> Api:
    with network.inside("api"):
        return stack.start_api(host=network.address("api"), API_REQUEST_SECONDS="3")


class Submitter:
    """Submits a job until it is accepted, whatever becomes of the network."""

    def __init__(self, network: Network, api: Api) -> None:
        self._network, self._api = network, api

    def __call__(self, number: int) -> str:
        key = f"hosts{number}"
        body = {
            "name": KINDS[number % len(KINDS)],
            "params": [{"name": "p_key", "value": key}],
            "max_losses": 9,
        }
        headers = {**self._api.headers, "Idempotency-Key": key}
        # A new thread is on no host of ours.
        with (
            self._network.inside("clients"),
            httpx.Client(base_url=self._api.url, headers=headers, timeout=5) as http,
        ):
            while True:
                try:
                    answer = http.post("/procedure/async", json=body)
                except httpx.TransportError:
                    continue
                if answer.status_code == 201:
                    return str(answer.json()["job_id"])
                assert answer.status_code == 503, answer.text


@pytest.fixture
def line(network: Network, stack: Stack) -> Iterator[SlowLine]:
    """To the database."""
    host, _, rest = stack.database.dsn.partition(":")
    with network.inside("database"):
        line = SlowLine((host, int(rest.partition("/")[0])), seconds=SLOW_SECONDS)
    yield line
    line.close()


def test_a_cable_pulled_for_a_minute_loses_and_doubles_nothing(
    network: Network,
    stack: Stack,
    api: Api,
    line: SlowLine,
    capsys: pytest.CaptureFixture[str],
) -> None:
    slow_dsn = f"{network.address('database')}:{line.port}/FREEPDB1"
    submit = Submitter(network, api)
    with (
        ThreadPoolExecutor(4) as threads,
        httpx.Client(base_url=api.url, headers=api.headers, timeout=10) as http,
    ):
        early = list(threads.map(submit, range(JOBS // 2)))
        with network.inside("second"):
            second = stack.start_worker(*LEASE, ORACLE_DSN=slow_dsn)
        with network.inside("first"):
            first = stack.start_worker(*LEASE)

        def is_first_busy() -> bool:
            jobs = http.get("/jobs", params={"status": "running"}).json()["jobs"]
            return any(f":{first.pid}:" in (job["worker"] or "") for job in jobs)

        eventually(is_first_busy, what="a job that runs on the first host")
        network.pull("first")
        network.pull("api")
        late = threads.map(submit, range(JOBS // 2, JOBS))
        # The fault itself, not a wait for something.
        time.sleep(PULLED_SECONDS)
        network.plug("api")
        network.plug("first")
        client = JobClient(http)
        ended = [client.wait(job_id, seconds=120) for job_id in (*early, *late)]
    with connect(stack) as connection, connection.cursor() as cursor:
        cursor.execute("select count(*), count(distinct key) from chaos_ledger where part = 1")
        effects = cursor.fetchone()
        # Told by the number of the attempt: how the first one ended cannot be noted while a session
        # that nobody reaches any more holds its row.
        cursor.execute("select count(*) from async_jobs where attempt > 1")
        (lost,) = cursor.fetchone() or (0,)
    carried = line.carried
    still_running = first.is_running and second.is_running
    stack.stop()
    with capsys.disabled():
        print(
            f"\n  cables pulled for {PULLED_SECONDS:.0f} s: {len(early)} jobs accepted before and "
            f"{len(ended) - len(early)} since, {lost} taken over, {carried} bytes on the slow line"
        )

    assert [job["error"] for job in ended if job["status"] != "completed"] == []
    assert effects == (JOBS, JOBS)
    # The cable was pulled under running jobs; the slow line has carried some.
    assert lost > 0
    assert carried > 10_000
    assert "job completed" in second.read_log()
    assert still_running
