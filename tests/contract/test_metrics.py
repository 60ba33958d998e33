"""GET /metrics and /readyz: what they say, how fast, and at what cost."""

import contextlib
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import oracledb
import pytest
from prometheus_client.parser import text_string_to_metric_families

from deploy.stack import Api, Stack
from tests.client import JobClient
from tests.waiting import eventually

Samples = dict[str, dict[tuple[tuple[str, str], ...], float]]


def scrape(http: httpx.Client) -> Samples:
    answer = http.get("/metrics")
    assert answer.status_code == 200, answer.text
    samples: Samples = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            labels = tuple(sorted(sample.labels.items()))
            samples.setdefault(sample.name, {})[labels] = sample.value
    return samples


def total(samples: Samples, name: str, **labels: str) -> float:
    return sum(
        value
        for found, value in samples.get(name, {}).items()
        if labels.items() <= dict(found).items()
    )


def test_metrics_need_a_token(api: Api) -> None:
    assert httpx.get(f"{api.url}/metrics").status_code == 401


def test_metrics_count_jobs_by_state_and_what_workers_did(
    http: httpx.Client, client: JobClient
) -> None:
    before = scrape(http)
    client.run("PROC_TEST_DEMORA", {"segundos": 0})
    client.run("PROC_TEST_ERROR", {"p_should_fail": 1}, max_attempts=2, backoff=0)

    def counted() -> Samples | None:
        after = scrape(http)
        grown = {
            outcome: total(after, "oraq_attempts_total", outcome=outcome)
            - total(before, "oraq_attempts_total", outcome=outcome)
            for outcome in ("completed", "failed", "retried")
        }
        return after if all(value >= 1 for value in grown.values()) else None

    # A worker tells its counts at a heartbeat, and they are kept for some seconds here.
    after = eventually(counted, seconds=40, what="the worker's counts in /metrics")
    assert total(after, "oraq_database_up") == 1
    assert total(after, "oraq_jobs", state="completed") >= 1
    assert total(after, "oraq_jobs", state="failed") >= 1
    assert {dict(labels)["state"] for labels in after["oraq_jobs"]} == {
        *("pending", "running", "completed", "failed")
    }
    assert total(after, "oraq_workers") >= 1
    assert total(after, "oraq_worker_slots") >= 4
    assert total(after, "oraq_queue_open") == 1
    assert total(after, "oraq_lost_attempts_total") >= 0
    for name in ("oraq_run_seconds", "oraq_wait_seconds"):
        assert total(after, f"{name}_bucket", le="+Inf") == total(after, f"{name}_count") >= 2
        assert total(after, f"{name}_sum") >= 0


def test_metrics_tell_what_waits(stack: Stack, client: JobClient, db: oracledb.Connection) -> None:
    job_id = client.submit("PROC_TEST_DEMORA", {"segundos": 0}, run_after=3600)
    api = stack.start_api()
    try:
        with httpx.Client(base_url=api.url, headers=api.headers, timeout=20) as http:
            samples = scrape(http)
    finally:
        api.process.stop(seconds=5)

    assert total(samples, "oraq_jobs", state="pending") >= 1
    assert total(samples, "oraq_pending_jobs", state="free") >= 1
    assert total(samples, "oraq_queue_delayed") >= 1
    assert total(samples, "oraq_queue_oldest_seconds") >= 0
    client.http.delete(f"/jobs/{job_id}")


def test_metrics_count_requests_by_route_and_never_by_path(http: httpx.Client) -> None:
    labels = {"method": "GET", "route": "/jobs/{job_id}", "status": "404"}
    before = scrape(http)
    for number in range(3):
        http.get(f"/jobs/{number}")
        http.get(f"/nada/{number}")
    after = scrape(http)

    name = "oraq_http_requests_total"
    assert total(after, name, **labels) - total(before, name, **labels) == 3
    assert total(after, name, route="other", status="404") >= 3
    assert total(after, "oraq_http_request_seconds_count", route="/jobs/{job_id}") >= 3
    assert not any("nada" in str(found) for found in after[name])


def test_metrics_show_the_pool(http: httpx.Client) -> None:
    samples = scrape(http)

    assert total(samples, "oraq_pool_limit") == 8
    assert 1 <= total(samples, "oraq_pool_connections") <= 8


@contextlib.contextmanager
def silent_server() -> Iterator[int]:
    """Takes connections and never says a word, as a database behind a broken network."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_silent_database_makes_neither_metrics_nor_probes_hang(stack: Stack) -> None:
    with silent_server() as port:
        api = stack.start_api(ORACLE_DSN=f"127.0.0.1:{port}/NONE")
        try:
            with (
                httpx.Client(base_url=api.url, headers=api.headers, timeout=20) as http,
                ThreadPoolExecutor(8) as pool,
            ):
                started = time.monotonic()
                probes = list(pool.map(lambda _: http.get("/readyz"), range(8)))
                took = time.monotonic() - started
                samples = scrape(http)
                live = http.get("/healthz")
        finally:
            api.process.stop(seconds=15)

    assert {probe.status_code for probe in probes} == {503}
    assert {probe.json()["database"] for probe in probes} == {"error"}
    assert all(int(probe.headers["retry-after"]) > 0 for probe in probes)
    assert took < 5
    assert total(samples, "oraq_database_up") == 0
    assert "oraq_jobs" not in samples
    assert live.status_code == 200


def test_readyz_names_all_that_jobs_need(http: httpx.Client) -> None:
    answer = http.get("/readyz")

    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["schema_version"] == body["schema_expected"]
    assert body | {"schema_version": 0, "schema_expected": 0} == {
        "status": "ok",
        "database": "ok",
        "schema_version": 0,
        "schema_expected": 0,
        "queue": "open",
        "scheduler": "running",
    }


def test_readyz_is_503_while_the_queue_is_stopped(
    http: httpx.Client, db: oracledb.Connection
) -> None:
    with db.cursor() as cursor:
        cursor.execute("begin dbms_aqadm.stop_queue('ASYNC_JOBS_QUEUE', wait => false); end;")
        try:
            answer = eventually(
                lambda: (found := http.get("/readyz")).status_code == 503 and found,
                what="503 of /readyz",
            )
            assert isinstance(answer, httpx.Response)
            assert answer.json()["queue"] == "stopped"
            assert "cola" in answer.json()["error"]
            assert answer.json()["database"] == "ok"
        finally:
            cursor.execute("begin dbms_aqadm.start_queue('ASYNC_JOBS_QUEUE'); end;")
    eventually(lambda: http.get("/readyz").status_code == 200, what="200 of /readyz")


def test_readyz_names_scheduler_jobs_that_are_off(
    http: httpx.Client, db: oracledb.Connection
) -> None:
    with db.cursor() as cursor:
        cursor.execute("select job_name from user_scheduler_jobs")
        names = [name for (name,) in cursor]
        assert names
        for name in names:
            cursor.execute("begin dbms_scheduler.disable(:name); end;", name=name)
        try:
            answer = eventually(
                lambda: (found := http.get("/readyz")).json()["scheduler"] == "stopped" and found,
                what="the scheduler in /readyz",
            )
            # Jobs are run all the same, so no load balancer is to take the service out.
            assert isinstance(answer, httpx.Response)
            assert answer.status_code == 200
            assert answer.json()["status"] == "degraded"
            assert "DBMS_SCHEDULER" in answer.json()["error"]
        finally:
            for name in names:
                cursor.execute("begin dbms_scheduler.enable(:name); end;", name=name)


def test_a_scrape_in_the_form_of_openmetrics(http: httpx.Client) -> None:
    accept = "application/openmetrics-text; version=1.0.0"

    answer = httpx.get(f"{http.base_url}/metrics", headers={**http.headers, "accept": accept})

    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")


@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
def test_many_scrapers_ask_the_database_once(
    stack: Stack, db: oracledb.Connection, path: str
) -> None:
    api = stack.start_api(API_POOL_SIZE="1")
    try:
        with (
            httpx.Client(base_url=api.url, headers=api.headers, timeout=20) as http,
            ThreadPoolExecutor(32) as pool,
        ):
            started = time.monotonic()
            statuses = list(pool.map(lambda _: http.get(path).status_code, range(200)))
    finally:
        api.process.stop(seconds=5)

    assert set(statuses) == {200}
    assert time.monotonic() - started < 10
