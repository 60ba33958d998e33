"""The application without a database: tokens, addresses, limits, the error table."""

from collections.abc import AsyncIterator
from typing import Any, cast

import httpx
import pytest
import structlog

from api.app import build_app
from api.settings import ApiSettings
from sql.errors import DatabaseAway, DatabaseError, PrivilegeMissing
from sql.jobs import Jobs, SubmissionRefused

TOKEN = {"Authorization": "Bearer secret"}


class ScriptedJobs:
    """Answers every call with the same error or value."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def __getattr__(self, name: str) -> Any:
        async def call(*args: object, **kwargs: object) -> object:
            if isinstance(self.answer, Exception):
                raise self.answer
            return self.answer

        return call


def client(
    answer: object = None, *, peer: str = "127.0.0.1", **settings: object
) -> httpx.AsyncClient:
    api = ApiSettings.model_validate({"token": "secret", **settings})
    app = build_app(api, cast(Jobs, ScriptedJobs(answer)), structlog.get_logger())
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
