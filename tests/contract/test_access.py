"""Who gets in: addresses behind proxies, tokens in files, the warning of an open service."""

import hashlib
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.stack import Api, Stack
from tests.waiting import eventually

FORWARDED = {"X-Forwarded-For": "10.1.2.3"}


@pytest.mark.parametrize(
    ("environment", "status"),
    [
        ({}, 403),
        ({"FORWARDED_ALLOW_IPS": "192.0.2.1"}, 403),
        ({"FORWARDED_ALLOW_IPS": "127.0.0.0/8"}, 200),
    ],
    ids=["no proxy", "another proxy", "this proxy"],
)
def test_a_forwarded_address_counts_only_where_a_proxy_is_named(
    stack: Stack, environment: dict[str, Any], status: int
) -> None:
    api = stack.start_api(API_ALLOWED_IPS="10.0.0.0/8", **environment)
    try:
        assert httpx.get(f"{api.url}/ping", headers=FORWARDED).status_code == status
        assert httpx.get(f"{api.url}/ping").status_code == 403
    finally:
        api.process.stop(seconds=5)


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
@pytest.mark.parametrize("proxies", ["127.0.0.1", "127.0.0.9/8"])
def test_a_proxy_is_known_where_the_service_listens_on_ipv6_too(stack: Stack, proxies: str) -> None:
    api = stack.start_api(
        host="::", API_ALLOWED_IPS="127.0.0.1, 2001:db8::/32", FORWARDED_ALLOW_IPS=proxies
    )
    url = f"http://127.0.0.1:{httpx.URL(api.url).port}/ping"
    statuses = {"2001:db8::5": 200, "[2001:db8::5]:4711": 200, "192.0.2.1": 403, "x": 403}
    try:
        for address, status in statuses.items():
            answer = httpx.get(url, headers={"X-Forwarded-For": address})
            assert answer.status_code == status, address
    finally:
        api.process.stop(seconds=5)


def test_tokens_come_from_a_file_of_hashes(stack: Stack, tmp_path: Path) -> None:
    digest = hashlib.sha256(b"a long enough secret").hexdigest()
    file = tmp_path / "tokens"
    file.write_text(f"# who may look\npanel:read:sha256:{digest}\n")

    api = stack.start_api(API_TOKENS_FILE=str(file))
    try:
        headers = {"Authorization": "Bearer a long enough secret"}
        listed = httpx.get(f"{api.url}/jobs", headers=headers)
        deleted = httpx.delete(f"{api.url}/jobs?status=failed", headers=headers)
        log = api.process.read_log()
    finally:
        api.process.stop(seconds=5)

    assert listed.status_code == 200
    assert deleted.status_code == 403
    assert "panel" in log
    assert "a long enough secret" not in log
    assert digest not in log


def test_a_file_of_tokens_is_read_again_when_it_changes(stack: Stack, tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    file.write_text("panel:read:the-first-secret")
    api = stack.start_api(API_TOKENS_FILE=str(file))

    def status(secret: str) -> int:
        headers = {"Authorization": f"Bearer {secret}"}
        return httpx.get(f"{api.url}/jobs", params={"limit": 1}, headers=headers).status_code

    try:
        assert (status("the-first-secret"), status("the-next-secret")) == (200, 401)
        new = tmp_path / "new"
        new.write_text("panel:read:the-next-secret")
        new.rename(file)
        eventually(lambda: status("the-next-secret") == 200, what="the new token")

        assert status("the-first-secret") == 401
        # What cannot be read changes nothing.
        file.write_text("panel:read")
        eventually(
            lambda: status("x") and "not read again" in api.process.read_log(), what="a line"
        )
        assert status("the-next-secret") == 200
        assert "secret" not in api.process.read_log()
    finally:
        api.process.stop(seconds=5)


def test_an_open_service_says_so_at_its_start(stack: Stack) -> None:
    api = stack.start_api(API_TOKEN="", API_NO_AUTH="1")
    try:
        answer = httpx.get(f"{api.url}/jobs")
        log = api.process.read_log()
    finally:
        api.process.stop(seconds=5)

    assert answer.status_code == 200
    assert "API_NO_AUTH" in log
    assert "warning" in log


def test_pages_read_answers_and_refusals(api: Api) -> None:
    origin = {"Origin": "https://page.example"}
    asked = httpx.options(
        f"{api.url}/procedure/async",
        headers=origin
        | {
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        },
    )
    refused = httpx.get(f"{api.url}/jobs", headers=origin)

    assert asked.status_code == 200
    assert refused.status_code == 401
    assert refused.headers["access-control-allow-origin"] == "*"
