"""The application without a database: tokens, addresses, limits, the error table."""

import asyncio
from collections.abc import AsyncIterator, MutableMapping
from typing import Any

import httpx
import pytest
import structlog
from pydantic import SecretStr

from api.app import build_app
from api.observation import read_traceparent
from api.settings import ApiSettings
from sql.errors import DatabaseAway, DatabaseError, PrivilegeMissing
from sql.jobs import SubmissionRefused
from tests.unit.scripted import ScriptedJobs, scripted_services

TOKEN = {"Authorization": "Bearer secret"}


def client(
    answer: object = None,
    *,
    jobs: ScriptedJobs | None = None,
    peer: str = "127.0.0.1",
    **settings: Any,
) -> httpx.AsyncClient:
    api = ApiSettings.model_validate({"token": "secret", **settings})
    app = build_app(api, scripted_services(jobs or ScriptedJobs(answer)), structlog.get_logger())
    transport = httpx.ASGITransport(app, client=(peer, 1), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://api")


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with client(True) as http:
        yield http


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer x", "Basic secret", "secret"])
async def test_a_wrong_token_is_401(http: httpx.AsyncClient, authorization: str) -> None:
    answer = await http.get("/jobs", headers={"Authorization": authorization})

    assert answer.status_code == 401
    assert answer.json()["error"]


async def test_probes_need_no_token(http: httpx.AsyncClient) -> None:
    assert (await http.get("/ping")).json() == {"status": "ok", "message": "pong"}
    assert (await http.get("/healthz")).status_code == 200


async def test_without_authentication_any_token_passes() -> None:
    async with client(True, token=None, no_auth=True) as http:
        assert (await http.delete("/jobs/x")).status_code == 200


SCOPED = "look:read:aaaa work:submit:bbbb all:admin:cccc"


@pytest.mark.parametrize(
    ("secret", "statuses"),
    [("aaaa", (200, 403, 403, 403)), ("bbbb", (200, 200, 200, 403)), ("cccc", (200,) * 4)],
    ids=["read", "submit", "admin"],
)
async def test_a_token_may_do_what_its_scope_says(secret: str, statuses: tuple[int, ...]) -> None:
    requests = [
        ("GET", "/ping"),
        ("POST", "/jobs/x/cancel"),
        ("DELETE", "/jobs/x"),
        ("DELETE", "/jobs?status=failed"),
    ]
    answers_of_jobs = {"cancel": "ok", "delete": True, "delete_many": 3}
    async with client(answers_of_jobs, tokens=SCOPED) as http:
        headers = {"Authorization": f"Bearer {secret}"}
        answers = [await http.request(*request, headers=headers) for request in requests]

    assert tuple(answer.status_code for answer in answers) == statuses
    for answer in answers:
        if answer.status_code == 403:
            assert answer.json()["scope"] in ("submit", "admin")


@pytest.mark.parametrize(
    ("settings", "secret", "submitter"),
    [
        ({"tokens": SCOPED}, "bbbb", "work"),
        ({}, "secret", "default"),
        ({"token": None, "no_auth": True}, "", None),
    ],
)
async def test_a_job_is_submitted_in_the_tokens_name(
    settings: dict[str, Any], secret: str, submitter: str | None
) -> None:
    jobs = ScriptedJobs("a" * 32)
    async with client(jobs=jobs, **settings) as http:
        headers = {"Authorization": f"Bearer {secret}"}
        await http.post("/procedure/async", json={"name": "p"}, headers=headers)

    assert jobs.calls[0][0].submitter == submitter


@pytest.mark.parametrize("name", ["token", "access_token", "Api_Key"])
async def test_a_token_in_the_url_is_refused(http: httpx.AsyncClient, name: str) -> None:
    answer = await http.get("/jobs", params={name: "secret"}, headers=TOKEN)

    assert answer.status_code == 400
    assert "secret" not in answer.text


async def preflight(http: httpx.AsyncClient, origin: str) -> httpx.Response:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,x-mine",
    }
    return await http.options("/procedure/async", headers=headers)


async def test_pages_of_any_origin_may_call_with_a_token(http: httpx.AsyncClient) -> None:
    asked = await preflight(http, "https://page.example")
    refused = await http.get("/jobs", headers={"Origin": "https://page.example"})

    assert asked.status_code == 200
    assert asked.headers["access-control-allow-origin"] == "*"
    assert "DELETE" in asked.headers["access-control-allow-methods"]
    assert "x-mine" in asked.headers["access-control-allow-headers"]
    # A page has to be able to read why it was refused.
    assert refused.status_code == 401
    assert refused.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in refused.headers


@pytest.mark.parametrize(
    "settings",
    [{"token": None, "no_auth": True}, {"cors_origins": "none"}, {"cors_origins": "https://a.b"}],
    ids=["no token", "none", "another"],
)
async def test_pages_of_other_origins_may_not_call(settings: dict[str, Any]) -> None:
    async with client(True, **settings) as http:
        asked = await preflight(http, "https://page.example")
        answer = await http.get("/ping", headers={"Origin": "https://page.example"})

    assert asked.status_code == 400
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 200),
        ("http://api", 200),
        ("https://named.example", 200),
        ("https://page.example", 403),
        ("null", 403),
    ],
)
async def test_without_tokens_a_page_cannot_even_send_what_a_browser_does_not_ask_about(
    origin: str | None, status: int
) -> None:
    headers = {"Origin": origin} if origin else {}
    settings: dict[str, Any] = {
        "token": None,
        "no_auth": True,
        "cors_origins": "https://named.example",
    }
    async with client("ok", **settings) as http:
        answer = await http.post("/jobs/x/cancel", headers=headers)

    assert answer.status_code == status


async def test_a_token_may_have_letters_of_every_language() -> None:
    async with client(True, token="contraseña-largísima") as http:
        headers = [(b"Authorization", "Bearer contraseña-largísima".encode())]
        answer = await http.delete("/jobs/x", headers=headers)

    assert answer.status_code == 200


async def test_named_origins_may_call() -> None:
    async with client(True, cors_origins="https://a.b, http://localhost:5173") as http:
        asked = await preflight(http, "http://localhost:5173")

    assert asked.headers["access-control-allow-origin"] == "http://localhost:5173"


async def test_serving_without_tokens_is_said_loudly() -> None:
    with structlog.testing.capture_logs() as logs:
        client(token=None, no_auth=True)

    assert [(log["log_level"], log["variable"]) for log in logs] == [("warning", "API_NO_AUTH")]


async def test_each_request_has_an_id_and_one_line_in_the_log() -> None:
    with structlog.testing.capture_logs(
        [structlog.contextvars.merge_contextvars],
    ) as logs:
        async with client(None, tokens="look:read:aaaaaaaaaaaaaaaa") as http:
            headers = {
                "Authorization": "Bearer aaaaaaaaaaaaaaaa",
                "X-Request-Id": "mine-1",
                "traceparent": "00-" + "a" * 32 + "-" + "b" * 16 + "-01",
            }
            answer = await http.get("/jobs/%0Aforged?secret=s3cret", headers=headers)

    assert answer.headers["x-request-id"] == "mine-1"
    logs = [log for log in logs if log["event"] == "request"]
    assert len(logs) == 1
    log = logs[0]
    assert log["request_id"] == "mine-1"
    assert log["trace_id"] == "a" * 32
    assert (log["method"], log["path"], log["status"]) == ("GET", "/jobs/%0Aforged", 404)
    assert (log["caller"], log["client"]) == ("look", "127.0.0.1")
    assert "s3cret" not in str(logs)
    assert "aaaaaaaaaaaaaaaa" not in str({**log, "trace_id": ""})


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "a\x1b"])
async def test_a_request_id_that_does_not_fit_is_replaced(
    http: httpx.AsyncClient, given: str
) -> None:
    answer = await http.get("/ping", headers=[(b"X-Request-Id", given.encode())])

    assert answer.headers["x-request-id"] not in ("", given)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("00-" + "a" * 32 + "-" + "b" * 16 + "-01", True),
        ("01-" + "a" * 32 + "-" + "b" * 16 + "-01-more", True),
        ("00-" + "a" * 32 + "-" + "b" * 16 + "-01-more", False),
        ("ff-" + "a" * 32 + "-" + "b" * 16 + "-01", False),
        ("00-" + "0" * 32 + "-" + "b" * 16 + "-01", False),
        ("00-" + "a" * 32 + "-" + "0" * 16 + "-01", False),
        ("00-" + "A" * 32 + "-" + "b" * 16 + "-01", False),
        ("nonsense", False),
        (None, False),
    ],
)
def test_a_traceparent_is_taken_where_it_is_valid(text: str | None, found: bool) -> None:
    assert read_traceparent(text) == (text[:55] if found and text else None)


async def test_a_body_that_comes_too_slowly_is_408() -> None:
    async def drip() -> AsyncIterator[bytes]:
        yield b'{"name":'
        await asyncio.Event().wait()

    api = ApiSettings(token=SecretStr("secret"), body_seconds=0.05)
    app = build_app(api, scripted_services(ScriptedJobs(None)), structlog.get_logger())
    sent: list[MutableMapping[str, Any]] = []
    body = drip()

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": await anext(body), "more_body": True}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/procedure/async",
        "query_string": b"",
        "headers": [(b"authorization", b"Bearer secret")],
    }
    await app(scope, receive, send)

    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]


async def test_a_request_over_its_time_limit_is_503_and_ends_by_itself() -> None:
    go_on = asyncio.Event()
    jobs = ScriptedJobs("a" * 32, until=go_on)
    async with client(jobs=jobs, request_seconds=0.05) as http:
        answer = await http.post("/procedure/async", json={"name": "p"}, headers=TOKEN)
        go_on.set()
        await asyncio.wait_for(jobs.answered.wait(), 5)

    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("peer", "status"), [("10.1.2.3", 200), ("::ffff:10.1.2.3", 200), ("11.0.0.1", 403)]
)
async def test_addresses_are_checked_first(peer: str, status: int) -> None:
    async with client(True, peer=peer, allowed_ips="10.0.0.0/8") as http:
        assert (await http.get("/ping")).status_code == status


async def test_errors_of_routing_have_the_contracts_form(http: httpx.AsyncClient) -> None:
    missing = await http.get("/nada", headers=TOKEN)
    wrong = await http.put("/jobs", headers=TOKEN)

    assert missing.status_code == 404
    assert missing.json()["error"] == "Ruta no encontrada"
    assert wrong.status_code == 405
    assert set(wrong.headers["allow"].split(", ")) == {"GET", "HEAD", "DELETE"}


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"[]", 400), (b"{", 400), (b"\xff", 400), (b"{}", 422), (b'{"name":"' + b"x" * 99, 413)],
)
async def test_bodies_are_refused_before_the_database(content: bytes, status: int) -> None:
    async with client(body_bytes=64) as http:
        answer = await http.post("/procedure/async", content=content, headers=TOKEN)

    assert answer.status_code == status
    assert answer.json()["error"]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (DatabaseAway("DPY-6005", "away"), 503),
        (PrivilegeMissing("ORA-01031", "no"), 403),
        (DatabaseError("ORA-00600", "odd"), 500),
        (SubmissionRefused("refused"), 403),
        (SubmissionRefused("invalid"), 422),
        (ZeroDivisionError(), 500),
    ],
)
async def test_failures_become_a_status_and_an_error(error: Exception, status: int) -> None:
    async with client(error) as http:
        answer = await http.post("/procedure/async", json={"name": "p"}, headers=TOKEN)

    assert answer.status_code == status
    assert answer.json()["error"]
    assert ("retry-after" in answer.headers) == (status == 503)


async def test_a_job_that_is_not_there_is_404_in_the_contracts_words() -> None:
    async with client(None) as http:
        answer = await http.get("/jobs/" + "0" * 32, headers=TOKEN)

    assert (answer.status_code, answer.json()) == (404, {"error": "Job no encontrado"})


async def test_submit_answers_the_contracts_fields() -> None:
    async with client("a" * 32) as http:
        answer = await http.post("/procedure/async", json={"name": "p"}, headers=TOKEN)

    assert answer.status_code == 201
    assert answer.headers["location"] == "/jobs/" + "a" * 32
    assert answer.json() == {
        "status": "ok",
        "job_id": "a" * 32,
        "message": "Job creado y ejecutándose",
    }
