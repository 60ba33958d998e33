"""GET /jobs: filters, pages, and what a job says of itself beside the contract's fields."""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta

import httpx
import pytest

from deploy.stack import Api, Stack
from tests.client import JobClient


@pytest.fixture
def tag() -> str:
    return f"t-{uuid.uuid4().hex}"


def ids(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [job["id"] for job in answer.json()["jobs"]]


def test_list_filters_by_tag(http: httpx.Client, client: JobClient, tag: str) -> None:
    tagged = client.submit("PROC_TEST_DEMORA", {"segundos": 0}, tags=["año", tag])
    client.submit("PROC_TEST_DEMORA", {"segundos": 0}, tags=[tag + "x"])

    found = http.get("/jobs", params={"tag": tag})

    assert ids(found) == [tagged]
    assert found.json()["jobs"][0]["tags"] == ["año", tag]
    assert ids(http.get("/jobs", params={"tag": tag[:-1]})) == []


@pytest.fixture(scope="module")
def two_tokens(stack: Stack) -> Iterator[Api]:
    api = stack.start_api(API_TOKENS="ana:submit:ana-has-a-secret eva:submit:eva-has-a-secret")
    yield api
    api.process.stop(seconds=5)


def test_list_filters_by_submitter(two_tokens: Api, tag: str) -> None:
    with httpx.Client(base_url=two_tokens.url, timeout=20) as http:
        made = {}
        for name in ("ana", "eva"):
            headers = {"Authorization": f"Bearer {name}-has-a-secret"}
            body = {"name": "PROC_TEST_DEMORA", "params": [{"name": "segundos", "value": 0}]}
            answer = http.post("/procedure/async", json=body | {"tags": [tag]}, headers=headers)
            made[name] = answer.json()["job_id"]
        headers = {"Authorization": "Bearer eva-has-a-secret"}
        found = http.get("/jobs", params={"submitter": "ana", "tag": tag}, headers=headers)

    assert ids(found) == [made["ana"]]
    assert found.json()["jobs"][0]["submitter"] == "ana"


def test_list_filters_by_time_of_submission(
    http: httpx.Client, client: JobClient, tag: str
) -> None:
    jobs = [client.submit("PROC_TEST_DEMORA", {"segundos": 0}, tags=[tag]) for _ in range(3)]
    second = datetime.fromisoformat(client.get(jobs[1])["created_at"])
    before, after = (
        (second + timedelta(milliseconds=step)).isoformat(timespec="milliseconds")
        for step in (0, 1)
    )

    only_second = http.get(
        "/jobs", params={"tag": tag, "created_from": before, "created_to": after}
    )
    # The same moment in another zone.
    shifted = (second + timedelta(hours=2)).isoformat().replace("+00:00", "+02:00")
    from_second = http.get("/jobs", params={"tag": tag, "created_from": shifted})

    assert jobs[1] in ids(only_second)
    assert jobs[1] in ids(from_second)
    assert jobs[0] not in ids(from_second) or client.get(jobs[0])["created_at"] >= before
    assert ids(http.get("/jobs", params={"tag": tag, "created_to": "2020-01-01"})) == []


def test_pages_show_every_job_once_whatever_comes_meanwhile(
    http: httpx.Client, client: JobClient, tag: str
) -> None:
    jobs = [client.submit("PROC_TEST_DEMORA", {"segundos": 0}, tags=[tag]) for _ in range(5)]
    query: dict[str, str | int] = {"tag": tag, "limit": 2}

    first = http.get("/jobs", params=query).json()
    late = client.submit("PROC_TEST_DEMORA", {"segundos": 0}, tags=[tag])
    second = http.get("/jobs", params=query | {"cursor": first["next_cursor"]}).json()
    third = http.get("/jobs", params=query | {"cursor": second["next_cursor"]}).json()

    seen = [job["id"] for page in (first, second, third) for job in page["jobs"]]
    assert seen == jobs[::-1]
    assert late not in seen
    assert first["total"] == 5
    assert second["total"] == third["total"] == 6
    assert "next_cursor" not in third


@pytest.mark.parametrize("cursor", ["x", "", "%00", "MjAyNi0wMS0wMQ", "é", "A" * 500], ids=ascii)
def test_a_cursor_of_no_list_is_refused(http: httpx.Client, cursor: str) -> None:
    answer = http.get("/jobs", params={"cursor": cursor})

    assert answer.status_code == (422 if cursor else 200)
    assert cursor == "" or answer.json()["field"] == "cursor"


def test_a_job_says_more_of_itself(client: JobClient) -> None:
    job = client.run("PROC_TEST_ERROR", {"p_should_fail": 1}, priority=8, max_attempts=2, backoff=0)

    assert job["status"] == "failed"
    assert (job["priority"], job["max_attempts"], job["attempt"]) == (8, 2, 2)
    assert job["failures"] == 1
    assert job["losses"] == 0
    assert job["submitter"] == "default"
    assert job["created_at"] <= job["start_time"] <= job["end_time"]
    assert not {"tags", "cancel_requested", "idempotency_key"} & job.keys()


def test_deleting_refuses_a_filter_that_it_does_not_know(http: httpx.Client) -> None:
    answer = http.delete("/jobs", params={"status": "failed", "older_then": "7"})

    assert answer.status_code == 422
    assert answer.json()["field"] == "older_then"


def test_a_list_refuses_a_filter_that_it_does_not_know(http: httpx.Client) -> None:
    answer = http.get("/jobs", params={"statuss": "failed"})

    assert answer.status_code == 422
    assert answer.json()["field"] == "statuss"
    # What libraries of browsers add to every address is none.
    assert http.get("/jobs", params={"limit": "1", "_": "1732471200000"}).status_code == 200
