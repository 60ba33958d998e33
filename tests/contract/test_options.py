"""What a submission may ask for beside the call: times, keys, tags, batches, traces."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import oracledb
import pytest

from deploy.processes import Process
from tests.client import JobClient
from tests.waiting import eventually

NOTHING: dict[str, Any] = {"name": "PROC_TEST_DEMORA", "params": [{"name": "segundos", "value": 0}]}


def count(db: oracledb.Connection, tag: str) -> int:
    with db.cursor() as cursor:
        cursor.execute(
            "select count(*) from async_jobs where instr(tags, ',' || :tag || ',') > 0", tag=tag
        )
        (found,) = cursor.fetchone()
    return int(found)


@pytest.fixture
def key() -> str:
    return uuid.uuid4().hex


def test_a_job_starts_after_the_seconds_that_it_was_given(client: JobClient) -> None:
    job = client.run("PROC_TEST_DEMORA", {"segundos": 0}, run_after=1.5)

    waited = datetime.fromisoformat(job["start_time"]) - datetime.fromisoformat(job["created_at"])
    assert timedelta(seconds=1.5) <= waited < timedelta(seconds=10)


def test_a_job_starts_after_the_time_that_it_was_given(client: JobClient) -> None:
    soon = (datetime.now(UTC) + timedelta(seconds=3)).isoformat().replace("+00:00", "Z")

    job = client.run("PROC_TEST_DEMORA", {"segundos": 0}, run_after=soon)

    assert job["run_after"][:19] == soon[:19]
    assert job["start_time"] >= job["run_after"]


def test_a_job_of_a_time_that_is_past_starts_at_once(client: JobClient) -> None:
    job = client.run("PROC_TEST_DEMORA", {"segundos": 0}, run_after="2020-01-01")

    assert job["status"] == "completed"


@pytest.mark.parametrize("path", ["/procedure/async", "/procedures/async"])
def test_a_time_too_far_ahead_is_named(http: httpx.Client, path: str) -> None:
    call = NOTHING | {"run_after": "9999-12-31"}

    answer = http.post(path, json=call if path == "/procedure/async" else {"jobs": [call]})

    assert answer.status_code == 422
    assert answer.json()["field"].endswith("run_after")


def test_a_repeat_with_its_key_makes_no_second_job(
    http: httpx.Client, db: oracledb.Connection, key: str
) -> None:
    body = NOTHING | {"tags": [key]}
    headers = {"Idempotency-Key": key}

    answers = [http.post("/procedure/async", json=body, headers=headers) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [201] * 3
    assert len({answer.json()["job_id"] for answer in answers}) == 1
    assert count(db, key) == 1


def test_of_repeats_at_the_same_time_one_makes_the_job(
    http: httpx.Client, db: oracledb.Connection, key: str
) -> None:
    body = NOTHING | {"tags": [key]}
    headers = {"Idempotency-Key": key}

    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: http.post("/procedure/async", json=body, headers=headers), range(16))
        )

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["job_id"] for answer in answers}) == 1
    assert count(db, key) == 1


def test_another_body_with_the_same_key_is_409_and_names_the_job(
    http: httpx.Client, db: oracledb.Connection, key: str
) -> None:
    headers = {"Idempotency-Key": key}
    first = http.post("/procedure/async", json=NOTHING | {"tags": [key]}, headers=headers)

    other = http.post(
        "/procedure/async", json=NOTHING | {"tags": [key], "priority": 1}, headers=headers
    )

    assert other.status_code == 409
    assert other.json()["job_id"] == first.json()["job_id"]
    assert isinstance(other.json()["error"], str)
    assert count(db, key) == 1


@pytest.mark.parametrize("given", [b"x" * 256, b"a\tb"], ids=["long", "tab"])
def test_a_key_that_does_not_fit_is_named(http: httpx.Client, given: bytes) -> None:
    answer = http.post("/procedure/async", json=NOTHING, headers=[(b"Idempotency-Key", given)])

    assert answer.status_code == 422
    assert answer.json()["field"] == "Idempotency-Key"


def test_a_batch_becomes_jobs_in_its_order(http: httpx.Client, client: JobClient, key: str) -> None:
    calls = [
        {
            "name": "PROC_TEST",
            "params": [
                {"name": "p_input", "value": str(n)},
                {"name": "p_output", "direction": "OUT"},
            ],
        }
        for n in range(3)
    ]

    answer = http.post("/procedures/async", json={"jobs": calls})

    assert answer.status_code == 201
    jobs = [client.wait(job_id) for job_id in answer.json()["job_ids"]]
    assert [job["result"]["p_output"] for job in jobs] == [f"Procesado: {n}" for n in range(3)]


def test_a_batch_of_a_thousand_is_taken_and_one_more_is_not(
    http: httpx.Client, key: str, db: oracledb.Connection
) -> None:
    call = NOTHING | {"tags": [key], "run_after": 86400}

    taken = http.post("/procedures/async", json={"jobs": [call] * 1000}, timeout=60)
    refused = http.post("/procedures/async", json={"jobs": [call] * 1001})

    assert taken.status_code == 201, taken.text
    assert len(set(taken.json()["job_ids"])) == 1000
    assert refused.status_code == 422
    assert refused.json()["field"] == "jobs"
    assert count(db, key) == 1000
    with db.cursor() as cursor:
        cursor.execute("delete from async_jobs where instr(tags, ',' || :tag || ',') > 0", tag=key)
    db.commit()


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        ({"name": "a b"}, "jobs.1.name"),
        ({"priority": 10}, "jobs.1.priority"),
        ({"params": [{"name": "a", "type": "COSA"}]}, "jobs.1.params.0.type"),
        ({"params": [{"name": "a"}, {"name": "A"}]}, "jobs.1.params.1.name"),
    ],
    ids=["name", "option", "type", "repeated name"],
)
def test_a_batch_with_a_fault_names_it_and_makes_no_job(
    http: httpx.Client, db: oracledb.Connection, key: str, fault: dict[str, Any], field: str
) -> None:
    good = NOTHING | {"tags": [key]}

    answer = http.post("/procedures/async", json={"jobs": [good, good | fault, good]})

    assert answer.status_code == 422
    assert answer.json()["field"] == field
    assert answer.json()["error"].startswith(field)
    assert count(db, key) == 0


def test_a_batch_with_a_key_that_is_taken_makes_no_job(
    http: httpx.Client, db: oracledb.Connection, key: str
) -> None:
    first = http.post("/procedure/async", json=NOTHING | {"idempotency_key": key})
    good = NOTHING | {"tags": [key]}

    answer = http.post(
        "/procedures/async",
        json={"jobs": [good, good | {"idempotency_key": key, "priority": 9}]},
    )

    assert answer.status_code == 409
    assert answer.json()["index"] == 1
    assert answer.json()["field"] == "jobs.1"
    assert answer.json()["job_id"] == first.json()["job_id"]
    assert count(db, key) == 0


def test_a_repeated_batch_with_its_key_gives_the_same_jobs(
    http: httpx.Client, db: oracledb.Connection, key: str
) -> None:
    body = {"jobs": [NOTHING | {"tags": [key]}] * 3}
    headers = {"Idempotency-Key": key}

    first, second = (
        http.post("/procedures/async", json=body, headers=headers).json()["job_ids"]
        for _ in range(2)
    )

    assert first == second
    assert count(db, key) == 3


@pytest.mark.parametrize("jobs", [[], None, "x", {}], ids=str)
def test_a_batch_that_is_none_is_refused(http: httpx.Client, jobs: object) -> None:
    answer = http.post("/procedures/async", json={"jobs": jobs})

    assert answer.status_code == 422
    assert answer.json()["field"] == "jobs"


def test_a_trace_stays_with_the_job(http: httpx.Client, db: oracledb.Connection) -> None:
    trace = f"00-{uuid.uuid4().hex}-{uuid.uuid4().hex[:16]}-01"

    answer = http.post("/procedure/async", json=NOTHING, headers={"traceparent": trace})

    with db.cursor() as cursor:
        cursor.execute(
            "select trace_context from async_jobs where job_id = :id", id=answer.json()["job_id"]
        )
        assert cursor.fetchone() == (trace,)


def test_the_workers_log_names_the_trace_of_a_job(
    http: httpx.Client, client: JobClient, worker: Process
) -> None:
    def lines_of(job_id: str) -> list[str]:
        client.wait(job_id)
        lines = [line for line in worker.read_log().splitlines() if job_id in line]
        return [line for line in lines if "job completed" in line]

    trace_id = uuid.uuid4().hex
    headers = {"traceparent": f"00-{trace_id}-{uuid.uuid4().hex[:16]}-01"}
    traced = http.post("/procedure/async", json=NOTHING, headers=headers).json()["job_id"]
    other = http.post("/procedure/async", json=NOTHING).json()["job_id"]

    # A job may be seen as ended a moment before its worker has the answer.
    (line,) = eventually(lambda: lines_of(traced) or None, what="the worker's line")
    (line_of_other,) = eventually(lambda: lines_of(other) or None, what="the worker's other line")
    assert f"trace_id={trace_id}" in line
    assert "trace_id" not in line_of_other


def test_a_time_limit_ends_the_call(client: JobClient) -> None:
    job = client.run("PROC_TEST_DEMORA", {"segundos": 20}, timeout=1)

    assert job["status"] == "failed"
    assert float(job["duration"].removesuffix("s")) < 15


@pytest.mark.parametrize(
    ("isolation", "ending", "hint"),
    [
        ("read only", "null", None),
        ("isolation level serializable", "commit", None),
        # The job's row changes while the procedure runs, so its outcome cannot be in there.
        ("isolation level serializable", "null", "ha de terminar (COMMIT)"),
    ],
    ids=["read only", "serializable", "serializable and left open"],
)
def test_a_procedure_may_set_a_transaction_of_its_own(
    client: JobClient, db: oracledb.Connection, isolation: str, ending: str, hint: str | None
) -> None:
    with db.cursor() as cursor:
        cursor.execute(
            f"""create or replace procedure contract_isolation(p_count out number) is
            begin
              set transaction {isolation};
              select count(*) into p_count from dual;
              {ending};
            end contract_isolation;"""
        )

    managed = client.run("CONTRACT_ISOLATION", {}, {"p_count": None})
    own = client.run("CONTRACT_ISOLATION", {}, {"p_count": None}, transaction="own")

    assert "ORA-01453" in managed["error"]
    assert '"transaction": "own"' in managed["error"]
    if hint is None:
        assert own["status"] == "completed", own["error"]
    else:
        assert "ORA-08177" in own["error"]
        assert hint in own["error"]


def test_a_fresh_session_is_nobody_elses(client: JobClient, db: oracledb.Connection) -> None:
    with db.cursor() as cursor:
        cursor.execute(
            """create or replace procedure contract_session(p_session out varchar2) is
            begin
              p_session := dbms_session.unique_session_id;
            end contract_session;"""
        )

    def run(**options: object) -> str:
        job = client.run("CONTRACT_SESSION", {}, {"p_session": None}, **options)
        return str(job["result"]["p_session"])

    used = {run() for _ in range(4)}
    fresh = {run(fresh_session=True) for _ in range(3)}

    assert len(fresh) == 3
    assert not fresh & used
