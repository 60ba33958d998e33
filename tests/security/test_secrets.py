"""Passwords and tokens are in nothing that the processes say, whatever goes wrong."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import psutil
import pytest

from deploy.stack import Api, Stack
from tests.client import JobClient
from tests.security.conftest import (
    ADMIN_SECRET,
    READ_SECRET,
    SECRETS,
    SUBMIT_SECRET,
    Answers,
)

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
COMMANDS = (
    ["config"],
    ["config", "--json"],
    ["health"],
    ["jobs", "--json"],
    ["submit", "PROC_TEST_ERROR", "p_should_fail:number=1", "--wait"],
    ["submit", "NO_SUCH_PROCEDURE", "--wait"],
    ["--help"],
)


#: What each token may do, in order; None: no token at all.
SCOPES = (None, "read", "submit", "admin")


@pytest.mark.parametrize(
    "name", ["token", "access_token", "API_TOKEN", "api_key", "Authorization", "%74oken"]
)
def test_a_token_in_the_url_is_refused_and_is_not_tried(api: Api, name: str) -> None:
    for headers in ({}, api.headers):
        answer = httpx.get(f"{api.url}/jobs?{name}={ADMIN_SECRET}", headers=headers)

        assert answer.status_code == 400, headers
        assert ADMIN_SECRET not in answer.text


def test_every_operation_refuses_tokens_of_a_lesser_scope(api: Api) -> None:
    """As the service's own description says; what needs no token says that as well."""
    secrets = {None: None, "read": READ_SECRET, "submit": SUBMIT_SECRET}
    paths = httpx.get(f"{api.url}/openapi.json", headers=api.headers).json()["paths"]
    asked = []
    for path, operations in paths.items():
        for method, operation in operations.items():
            needed = operation["security"][0]["token"][0] if operation["security"] else None
            for scope in SCOPES[: SCOPES.index(needed)]:
                headers = {"authorization": f"Bearer {secrets[scope]}"} if scope else {}
                url = f"{api.url}{path.format(job_id='x')}"
                answer = httpx.request(method, url, headers=headers)
                asked.append((needed, scope))

                assert answer.status_code == (403 if scope else 401), (method, path, scope)
    open_paths = {
        path
        for path, operations in paths.items()
        if all(o["security"] == [] for o in operations.values())
    }

    assert {("read", None), ("submit", "read"), ("admin", "submit")} <= set(asked)
    (row,) = re.findall(r"^\| anyone who reaches the port \| (.*?) \|", README, re.MULTILINE)
    assert open_paths == set(re.findall(r"`(/[\w.]+)`", row))


def test_a_revoked_token_is_a_wrong_one(stack: Stack) -> None:
    """The next start knows only what is configured then."""
    before = stack.start_api(token=ADMIN_SECRET, API_TOKENS=f"gone:read:{READ_SECRET}")
    headers = {"authorization": f"Bearer {READ_SECRET}"}
    assert httpx.get(f"{before.url}/jobs", headers=headers).status_code == 200
    before.process.stop(seconds=10)
    after = stack.start_api(token=ADMIN_SECRET)

    assert httpx.get(f"{after.url}/jobs", headers=headers).status_code == 401


def test_an_address_that_a_stranger_claims_is_not_believed(stack: Stack) -> None:
    api = stack.start_api(token=ADMIN_SECRET, API_ALLOWED_IPS="10.9.8.7")

    for header in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Client-IP"):
        headers = {**api.headers, header: "for=10.9.8.7" if header == "Forwarded" else "10.9.8.7"}
        assert httpx.get(f"{api.url}/jobs", headers=headers).status_code == 403


@pytest.mark.slow
def test_no_output_of_a_whole_run_holds_a_secret(stack: Stack, api: Api, answers: Answers) -> None:
    client = JobClient(answers.http)
    stack.start_worker()
    client.run("PROC_TEST", {"p_input": "x"}, {"p_output": "STRING"})
    client.run("PROC_TEST_ERROR", {"p_should_fail": 1})
    for secret in (READ_SECRET, SUBMIT_SECRET, ADMIN_SECRET + "x"):
        headers = {"authorization": f"Bearer {secret}"}
        for path in ("/jobs", "/metrics", "/jobs/x", "/openapi.json"):
            answers.http.get(path, headers=headers)
        answers.http.post("/procedure/async", content=b"{", headers=headers)
    for path in ("/ping", "/healthz", "/readyz", "/metrics", "/docs", "/nothing"):
        answers.http.get(path)
    answers.http.get("/jobs", params={"token": ADMIN_SECRET})
    outputs = {"answers": "\n".join(answers.said)}
    for arguments in COMMANDS:
        done = stack.run(arguments, seconds=60, API_TOKEN=ADMIN_SECRET)
        outputs[" ".join(arguments)] = done.stdout + done.stderr
    wrong = stack.run(["jobs"], seconds=60, ORACLE_PASSWORD=SUBMIT_SECRET)
    assert wrong.returncode != 0
    outputs["a wrong password"] = wrong.stdout + wrong.stderr
    lines = [
        " ".join(child.cmdline())
        for process in stack.processes
        if process.is_running
        for child in [
            psutil.Process(process.pid),
            *psutil.Process(process.pid).children(recursive=True),
        ]
    ]
    outputs["process list"] = "\n".join(lines)
    stack.stop()
    for log in stack.folder.glob("*.log"):
        outputs[log.name] = log.read_text(errors="replace")

    found = [
        (name, secret) for name, text in outputs.items() for secret in SECRETS if secret in text
    ]
    assert found == []
    # The run has said something at all.
    assert "PROC_TEST_ERROR" in outputs["answers"]
    assert len(outputs["process list"]) > 100
