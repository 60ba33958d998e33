"""Tokens, methods, routes, health: the contract's form of everything that goes wrong."""

import httpx
import oracledb
import pytest

from deploy.stack import Api, Stack


def test_ping(http: httpx.Client) -> None:
    answer = http.get("/ping")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "message": "pong"}


def test_healthz_is_about_the_process_and_needs_no_token(api: Api) -> None:
    answer = httpx.get(f"{api.url}/healthz")

    assert answer.status_code == 200


def test_readyz_has_looked_at_the_database(http: httpx.Client) -> None:
    answer = http.get("/readyz")

    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    "authorization",
    [None, "Bearer", "Bearer wrong", "Basic dXNlcjpwYXNz", "Bearer é"],
    ids=str,
)
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/jobs"), ("GET", "/jobs/" + "0" * 32), ("POST", "/procedure/async")],
    ids=str,
)
def test_without_the_token_it_is_401(
    api: Api, method: str, path: str, authorization: str | None
) -> None:
    headers = [] if authorization is None else [(b"Authorization", authorization.encode())]

    answer = httpx.request(method, api.url + path, headers=headers)

    assert answer.status_code == 401
    assert isinstance(answer.json()["error"], str)
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", "/jobs"), ("POST", "/ping"), ("GET", "/procedure/async"), ("PATCH", "/jobs/x")],
    ids=str,
)
def test_a_wrong_method_is_405(http: httpx.Client, method: str, path: str) -> None:
    answer = http.request(method, path)

    assert answer.status_code == 405
    assert isinstance(answer.json()["error"], str)
    assert answer.headers["allow"]


@pytest.mark.parametrize("path", ["/", "/nada", "/procedure", "/jobs/a/b"])
def test_an_unknown_route_is_404(http: httpx.Client, path: str) -> None:
    answer = http.get(path)

    assert answer.status_code == 404
    assert isinstance(answer.json()["error"], str)


def test_a_database_that_is_away_is_503_with_retry_after(stack: Stack, api: Api) -> None:
    nowhere = stack.start_api(ORACLE_DSN="127.0.0.1:1/NONE")
    try:
        with httpx.Client(base_url=nowhere.url, headers=nowhere.headers, timeout=60) as client:
            alive = client.get("/healthz")
            ready = client.get("/readyz")
            listed = client.get("/jobs")
    finally:
        nowhere.process.stop(seconds=5)

    assert alive.status_code == 200
    assert ready.status_code == 503
    assert listed.status_code == 503
    assert int(listed.headers["retry-after"]) > 0
    assert isinstance(listed.json()["error"], str)


def test_secrets_stay_out_of_logs_and_answers(
    stack: Stack, api: Api, http: httpx.Client, db: oracledb.Connection
) -> None:
    http.get("/readyz")
    http.get("/nada")

    logs = "".join(process.read_log() for process in stack.processes)
    assert api.token not in logs
    assert stack.database.password not in logs
