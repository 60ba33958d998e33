"""How long jobs wait for another worker, with the lease and the heartbeat that users have.

Minutes of waiting, so for `make verify`; the figures are printed.
"""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import httpx
import pytest

from tests.chaos.lab import Lab
from tests.chaos.proxy import Moment, Trap, Verdict
from tests.chaos.run import p95
from tests.client import JobClient
from tests.waiting import eventually

pytestmark = [pytest.mark.whole, pytest.mark.timeout(600)]

#: The defaults of `oraq worker`.
LEASE_SECONDS = 15
HEARTBEAT_SECONDS = 5

#: 95 % of the jobs are taken back in this time, once the database has noticed the death of a worker...
NOTICED_SECONDS = 7.0
#: ... and where nothing but the lease tells.
LEASE_ONLY_SECONDS = 25.0

PARTITION_SECONDS = 60.0

Say = Callable[[str], None]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("recovery")
    with Lab(folder, lease=LEASE_SECONDS, heartbeat=HEARTBEAT_SECONDS) as lab:
        lab.install_procedures()
        lab.start_api()
        yield lab


@pytest.fixture
def client(lab: Lab) -> Iterator[JobClient]:
    with httpx.Client(base_url=lab.url, headers=lab.headers, timeout=30) as http:
        yield JobClient(http)
    lab.drop_workers()


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    def say(text: str) -> None:
        with capsys.disabled():
            print(f"\n  {text}")

    return say


def summary(what: str, seconds: list[float]) -> str:
    return (
        f"{what}: {len(seconds)} jobs, after {min(seconds):.1f} to {max(seconds):.1f} s, "
        f"p95 {p95(seconds):.1f} s"
    )


def seconds_since(moment: float, times: list[datetime]) -> list[float]:
    """By the database's clock, which is this host's."""
    return [at.replace(tzinfo=UTC).timestamp() - moment for at in times]


def lost_at(lab: Lab, job_id: str) -> datetime:
    """When the first attempt was seen to be lost."""
    text = (
        "select ended_at from async_job_attempts "
        "where job_id = :id and attempt = 1 and outcome = 'lost'"
    )
    moment: datetime = eventually(lambda: lab.one(text, id=job_id), seconds=60)
    return moment


def submit_batch(client: JobClient, name: str, keys: list[str]) -> list[str]:
    jobs = [{"name": name, "params": [{"name": "p_key", "value": key}]} for key in keys]
    answer = client.http.post("/procedures/async", json={"jobs": jobs})
    assert answer.status_code == 201, answer.text
    return [str(job_id) for job_id in answer.json()["job_ids"]]


def test_jobs_of_a_killed_worker_are_taken_back_at_once(
    lab: Lab, client: JobClient, say: Say
) -> None:
    waited: list[float] = []
    for turn in range(5):
        first = lab.start_worker()
        keys = [f"killed{turn}_{n}" for n in range(lab.slots)]
        job_ids = [client.submit("CHAOS_LOOPS", {"p_key": key}) for key in keys]
        for job_id in job_ids:
            client.wait(job_id, "running")
        lab.start_worker()
        # At another time of the survivor's rhythm in each turn.
        time.sleep(turn)
        moment = first.kill()
        waited += seconds_since(moment, [lost_at(lab, job_id) for job_id in job_ids])
        for job_id in job_ids:
            client.http.delete(f"/jobs/{job_id}")
        lab.drop_workers()

    say(summary("killed, taken back", waited))
    assert p95(waited) < NOTICED_SECONDS


def test_jobs_of_which_only_the_lease_tells_are_taken_back_in_time(
    lab: Lab, client: JobClient, say: Say
) -> None:
    """The worker is cut off as it claims: it has the jobs, and neither side knows of the other."""
    waited: list[float] = []
    for turn in range(3):
        silent = lab.start_worker()
        trap = silent.listener.arm(Trap("claim", Moment.ANSWER, names_job=True))
        submit_batch(client, "CHAOS_PLAIN", [f"lease{turn}_{n}" for n in range(8)])
        hit = trap.wait(20)
        assert hit is not None
        assert hit.jobs
        silent.listener.freeze_all()
        hit.decide(Verdict.HALF_OPEN)
        lab.start_worker()
        for job_id in hit.jobs:
            assert client.wait(job_id, seconds=60)["status"] == "completed"
            waited += seconds_since(
                hit.at,
                [lab.one("select start_time from async_jobs where job_id = :id", id=job_id)],
            )
        lab.drop_workers()

    say(summary("claimed and silent, started again", waited))
    assert min(waited) > HEARTBEAT_SECONDS
    assert p95(waited) < LEASE_ONLY_SECONDS


def test_a_partition_of_a_minute_costs_no_job(lab: Lab, client: JobClient, say: Say) -> None:
    """A worker and the API are cut off from the database; another worker is not."""
    cut_off = lab.start_worker()
    lab.start_worker()
    before = submit_batch(client, "CHAOS_SLEEPS", [f"before{n}" for n in range(24)])
    pid = cut_off.process.pid
    mine = "select count(*) from async_jobs where status = 'running' and worker like :w"
    eventually(lambda: lab.one(mine, w=f"%:{pid}:%") == lab.slots, what="jobs of the first worker")

    meanwhile: list[str] = []
    stopping = threading.Event()

    def submit_on() -> None:
        with httpx.Client(base_url=lab.url, headers=lab.headers, timeout=90) as http:
            for number in range(100_000):
                key = f"meanwhile{number}"
                body = {"name": "CHAOS_PLAIN", "params": [{"name": "p_key", "value": key}]}
                while True:
                    answer = http.post(
                        "/procedure/async", json=body, headers={"Idempotency-Key": key}
                    )
                    if answer.status_code == 201:
                        meanwhile.append(answer.json()["job_id"])
                        break
                    assert answer.status_code == 503, answer.text
                if stopping.wait(0.5):
                    return

    began = time.monotonic()
    for place in (cut_off, lab.api):
        place.listener.freeze_all()
    submitter = threading.Thread(target=submit_on)
    submitter.start()
    time.sleep(PARTITION_SECONDS)
    for place in (cut_off, lab.api):
        place.listener.cut_all()
    ended = time.monotonic()
    count = len(meanwhile)
    eventually(lambda: len(meanwhile) > count, what="a submission after the partition")
    back = time.monotonic() - ended
    stopping.set()
    submitter.join(120)
    assert not submitter.is_alive()
    jobs = [client.wait(job_id, seconds=120) for job_id in (*before, *meanwhile)]

    say(
        f"partition of {ended - began:.0f} s: {len(before)} jobs before and {len(meanwhile)} "
        f"since then, API back after {back:.1f} s, worker {cut_off.process.pid} lives"
    )
    assert {job["status"] for job in jobs} == {"completed"}
    keys = "(key like 'before%' or key like 'meanwhile%') and part = 1"
    effects = lab.ask(f"select count(*), count(distinct key) from chaos_ledger where {keys}")
    assert effects == [(len(jobs), len(jobs))]
    assert cut_off.process.is_running
