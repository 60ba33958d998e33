"""Where text of a client becomes part of a statement, a header or a log line: it stays text.

Each place is tried with payloads that would write to a table if they ran.
"""

from __future__ import annotations

import json
from typing import Any

import httpx
import oracledb
import pytest

from deploy.stack import Stack
from tests.client import JobClient

HIT = "insert into security_hits values (1)"
PAYLOADS = (
    f"PROC_TEST(p_input => 'x'); {HIT}; --",
    f"'; begin {HIT}; commit; end; --",
    "' || (select 1 from security_hits) || '",
    f'PROC_TEST"; begin {HIT}; end; --',
    "x) or 1=1 union select password from user$ --",
    f":1; {HIT}",
    f"/* */ {HIT}",
)
FORGED = "\n2026-01-01T00:00:00Z [info     ] FORGED LINE"


@pytest.fixture(scope="module", autouse=True)
def hits(stack: Stack) -> None:
    database = stack.database
    with oracledb.connect(
        user=database.user, password=database.password, dsn=database.dsn
    ) as connection:
        connection.cursor().execute("create table security_hits (n number)")
    stack.start_worker("--slots", "2")


@pytest.fixture
def client(http: httpx.Client) -> JobClient:
    return JobClient(http)


def body(**more: Any) -> dict[str, Any]:
    return {"name": "PROC_TEST", "params": [{"name": "p_input", "value": "x"}], **more}


def parameter(**more: Any) -> dict[str, Any]:
    return body(params=[{"name": "p_input", "value": "x", **more}])


#: Where a submission's text goes.
PLACES: dict[str, Any] = {
    "name": lambda text: body(name=text),
    "quoted name": lambda text: body(name=f'"{text}"'),
    "package and name": lambda text: body(name=f'"{text[:20]}"."{text[:60]}"'),
    "schema": lambda text: body(schema=text),
    "quoted schema": lambda text: body(schema=f'"{text}"'),
    "parameter's name": lambda text: parameter(name=text),
    "parameter's type": lambda text: parameter(type=text),
    "parameter's direction": lambda text: parameter(direction=text),
    "value": lambda text: parameter(value=text),
    "key of a value": lambda text: parameter(value={text: text}),
    "tag": lambda text: body(tags=[text[:30]]),
    "transaction": lambda text: body(transaction=text),
    "run_after": lambda text: body(run_after=text),
    "field": lambda text: body(**{text: text}),
    "result's name": lambda text: body(
        name="PROC_TEST",
        params=[
            {"name": "p_input", "value": "x"},
            {"name": text, "direction": "OUT", "type": "STRING"},
        ],
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_text_of_a_submission_stays_text(
    client: JobClient, db: oracledb.Connection, place: str
) -> None:
    for payload in PAYLOADS:
        answer = client.http.post("/procedure/async", json=PLACES[place](payload))
        assert answer.status_code in (201, 400, 403, 422), answer.text
        if answer.status_code == 201:
            client.wait(answer.json()["job_id"])

    assert count_hits(db) == 0


@pytest.mark.parametrize(
    "name",
    [
        "status",
        "procedure_name",
        "submitter",
        "tag",
        "created_from",
        "created_to",
        "limit",
        "cursor",
        "order",
        "older_than",
    ],
)
def test_text_of_a_filter_stays_text(client: JobClient, db: oracledb.Connection, name: str) -> None:
    sentinel = client.submit("PROC_TEST_DEMORA", {"segundos": 0}, delay=3600)
    for payload in PAYLOADS:
        found = client.http.get("/jobs", params={name: payload, "limit": "5"} | {name: payload})
        assert found.status_code in (200, 400, 422), found.text
        if found.status_code == 200 and name not in ("order", "older_than"):
            assert found.json()["jobs"] == []
        deleted = client.http.delete(
            "/jobs", params={"status": "completed,failed", "older_than": "36000"} | {name: payload}
        )
        assert deleted.status_code in (200, 400, 422), deleted.text

    assert count_hits(db) == 0
    assert client.get(sentinel)["status"] == "pending"
    client.http.delete(f"/jobs/{sentinel}")


def test_text_of_a_path_stays_text(client: JobClient, db: oracledb.Connection) -> None:
    for payload in PAYLOADS:
        for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/cancel"), ("POST", "/retry")):
            url = httpx.URL(f"{client.http.base_url}").copy_with(
                raw_path=b"/jobs/" + _percent(payload) + path.encode()
            )
            assert client.http.request(method, url).status_code in (404, 405)

    assert count_hits(db) == 0


def test_no_header_and_no_log_line_can_be_forged(
    stack: Stack, client: JobClient, db: oracledb.Connection
) -> None:
    http = client.http
    key = http.post("/procedure/async", json=body(), headers={"Idempotency-Key": "a b\tc"})
    assert key.status_code in (201, 400, 422)
    for text in (FORGED, "\r\nX-Injected: yes"):
        url = httpx.URL(f"{http.base_url}").copy_with(raw_path=b"/jobs/" + _percent(text))
        answers = [
            http.get(url),
            http.post("/procedure/async", json=body(name=f'"{text}"')),
            http.post("/procedure/async", json=parameter(name=text)),
            http.post("/procedure/async", json=body(tags=[text])),
            http.get("/jobs", params={"cursor": text, "tag": text}),
            http.post("/procedure/async", content=json.dumps({text: 1})),
        ]
        for answer in answers:
            assert "x-injected" not in answer.headers
            if answer.status_code == 201:
                client.wait(answer.json()["job_id"])

    for process in stack.processes:
        for line in process.read_log().splitlines():
            assert not line.startswith(("2026-01-01", "X-Injected")), (process.name, line)


def count_hits(db: oracledb.Connection) -> int:
    with db.cursor() as cursor:
        cursor.execute("select count(*) from security_hits")
        (count,) = cursor.fetchone() or (0,)
    return int(count)


def _percent(text: str) -> bytes:
    return "".join(f"%{byte:02X}" for byte in text.encode()).encode()
