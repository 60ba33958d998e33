"""GET /jobs/{id}?wait= and /events: told when it happens, cheap while it does not."""

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import oracledb
import pytest

from deploy.stack import Api, Stack
from tests.client import JobClient
from tests.waiting import eventually

UNKNOWN = "0" * 32
#: Progress that OraQ sets by itself.
STAGES = {0, 30, 50, 80, 100}


def read_events(lines: Iterator[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and data of each event; a comment is named by its colon."""
    name = ""
    for line in lines:
        field, _, text = line.partition(": ")
        if line.startswith(":"):
            yield ":", {}
        elif field == "event":
            name = text
        elif field == "data":
            yield name, json.loads(text)


@pytest.fixture
def held(client: JobClient, db: oracledb.Connection) -> Iterator[str]:
    """A pending job that no worker takes for now."""
    yield client.submit("PROC_TEST_DEMORA", {"segundos": 0}, run_after=3600)
    with db.cursor() as cursor:
        cursor.execute("delete from async_jobs where run_after > sys_extract_utc(systimestamp)")
    db.commit()


def test_waiting_is_over_when_the_job_ends(http: httpx.Client, client: JobClient) -> None:
    job_id = client.submit("PROC_TEST_DEMORA", {"segundos": 1})

    started = time.monotonic()
    job = http.get(f"/jobs/{job_id}", params={"wait": 15}).json()

    assert job["status"] == "completed"
    assert job["progress"] == 100
    assert time.monotonic() - started < 10


def test_waiting_is_over_when_the_time_is_up(http: httpx.Client, held: str) -> None:
    started = time.monotonic()
    job = http.get(f"/jobs/{held}", params={"wait": 1}).json()

    assert job["status"] == "pending"
    assert 1 <= time.monotonic() - started < 10


def test_waiting_for_an_ended_job_takes_no_time(http: httpx.Client, client: JobClient) -> None:
    job_id = client.run("PROC_TEST_DEMORA", {"segundos": 0})["id"]

    started = time.monotonic()
    http.get(f"/jobs/{job_id}", params={"wait": 15})

    assert time.monotonic() - started < 5


def test_waiting_for_a_job_that_is_deleted_ends_with_404(http: httpx.Client, held: str) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(http.get, f"/jobs/{held}", params={"wait": 15})
        time.sleep(0.3)
        http.delete(f"/jobs/{held}")
        answer = waiting.result(timeout=10)

    assert answer.status_code == 404
    assert answer.json() == {"error": "Job no encontrado"}


@pytest.mark.parametrize("wait", ["-1", "301", "x", "nan"])
def test_a_wait_that_does_not_fit_is_named(http: httpx.Client, wait: str) -> None:
    answer = http.get(f"/jobs/{UNKNOWN}", params={"wait": wait})

    assert answer.status_code == 422
    assert answer.json()["field"] == "wait"


def test_events_tell_progress_and_the_end(http: httpx.Client, client: JobClient) -> None:
    job_id = client.submit("PROC_TEST_PROGRESS", {"p_seconds": 3})

    with http.stream("GET", f"/jobs/{job_id}/events") as answer:
        events = list(read_events(answer.iter_lines()))

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    names = [name for name, _ in events]
    assert names[-1] == "end"
    assert set(names[:-1]) == {"state"}
    states = [data for name, data in events if name == "state"]
    assert all(state["id"] == job_id for state in states)
    progress = [state["progress"] for state in states]
    assert set(progress) - STAGES, "the procedure's own progress"
    assert progress[-1] == 100
    end = events[-1][1]
    assert end == client.get(job_id)
    assert end["status"] == "completed"


def test_events_of_an_ended_job_are_its_state_and_its_end(
    http: httpx.Client, client: JobClient
) -> None:
    job_id = client.run("PROC_TEST_ERROR", {"p_should_fail": 1})["id"]

    with http.stream("GET", f"/jobs/{job_id}/events") as answer:
        events = list(read_events(answer.iter_lines()))

    assert [name for name, _ in events] == ["state", "end"]
    assert "ORA-20001" in events[1][1]["error"]


def test_events_tell_that_a_job_is_gone(http: httpx.Client, held: str) -> None:
    with http.stream("GET", f"/jobs/{held}/events") as answer:
        events = read_events(answer.iter_lines())
        first = next(events)
        http.delete(f"/jobs/{held}")
        rest = list(events)

    assert first[0] == "state"
    assert rest == [("gone", {"id": held, "error": "Job no encontrado"})]


def test_events_of_no_job_are_404(http: httpx.Client) -> None:
    assert http.get(f"/jobs/{UNKNOWN}/events").status_code == 404


def test_a_quiet_stream_is_kept_open_by_comments(stack: Stack, held: str) -> None:
    api = stack.start_api(API_KEEP_ALIVE_SECONDS="0.2")
    try:
        with httpx.stream(
            "GET", f"{api.url}/jobs/{held}/events", headers=api.headers, timeout=20
        ) as answer:
            events = read_events(answer.iter_lines())
            names = [next(events)[0] for _ in range(4)]
    finally:
        api.process.stop(seconds=5)

    assert names == ["state", ":", ":", ":"]


def waiting_clients(
    api: Api, job_id: str, count: int, answers: list[httpx.Response | Exception]
) -> list[threading.Thread]:
    def wait() -> None:
        try:
            url = f"{api.url}/jobs/{job_id}?wait=60"
            answers.append(httpx.get(url, headers=api.headers, timeout=90))
        except httpx.HTTPError as error:
            answers.append(error)

    threads = [threading.Thread(target=wait) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads


def test_at_shutdown_everyone_who_waits_is_answered(stack: Stack, held: str) -> None:
    api = stack.start_api()
    answers: list[httpx.Response | Exception] = []
    threads = waiting_clients(api, held, 5, answers)
    with httpx.stream(
        "GET", f"{api.url}/jobs/{held}/events", headers=api.headers, timeout=90
    ) as following:
        events = read_events(following.iter_lines())
        assert next(events)[0] == "state"
        time.sleep(0.5)

        started = time.monotonic()
        api.process.terminate()
        rest = list(events)
    for thread in threads:
        thread.join(timeout=20)
    took = time.monotonic() - started
    eventually(lambda: not api.process.is_running, what="the end of the API")

    assert rest == []
    assert [a.json()["status"] for a in answers if isinstance(a, httpx.Response)] == ["pending"] * 5
    assert took < 5


def test_a_client_that_leaves_is_noticed(stack: Stack, held: str) -> None:
    api = stack.start_api()
    try:
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{api.url}/jobs/{held}?wait=60", headers=api.headers, timeout=0.5)

        eventually(
            lambda: "status=499" in api.process.read_log(),
            what="a line in the log that the client has gone",
        )
    finally:
        api.process.stop(seconds=5)


def test_who_leaves_a_stream_is_forgotten(stack: Stack, held: str) -> None:
    api = stack.start_api()
    try:
        with httpx.Client(base_url=api.url, headers=api.headers, timeout=20) as http:
            with http.stream("GET", f"/jobs/{held}/events") as answer:
                events = read_events(answer.iter_lines())
                assert next(events)[0] == "state"
                assert "oraq_waiting_clients 1.0" in http.get("/metrics").text
            eventually(
                lambda: "oraq_waiting_clients 0.0" in http.get("/metrics").text,
                what="the end of the stream",
            )
        log = api.process.read_log()
    finally:
        api.process.stop(seconds=5)

    assert "error" not in log


def test_waiting_outlasts_an_api_that_is_asked_for_much(
    http: httpx.Client, client: JobClient
) -> None:
    job_ids = [client.submit("PROC_TEST_DEMORA", {"segundos": 1}) for _ in range(12)]

    with ThreadPoolExecutor(24) as pool:
        jobs = list(
            pool.map(lambda job_id: http.get(f"/jobs/{job_id}?wait=18").json(), job_ids * 2)
        )

    assert {job["status"] for job in jobs} == {"completed"}
    assert [job["id"] for job in jobs] == job_ids * 2
