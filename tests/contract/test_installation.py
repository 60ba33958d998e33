"""POST /setup/tables: installs where the API's user may, says what is missing where he may not."""

import uuid
from collections.abc import Iterator

import httpx
import pytest

from deploy.stack import Api, Database, Stack
from tests.schemas import log_on


def test_setup_where_all_is_there_changes_nothing(http: httpx.Client) -> None:
    answer = http.post("/setup/tables")

    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "ok"
    assert answer.json()["steps"] == []


def test_setup_needs_an_admin(stack: Stack) -> None:
    api = stack.start_api(API_TOKENS="worker:submit:a-secret-of-some-length")
    try:
        headers = {"Authorization": "Bearer a-secret-of-some-length"}
        answer = httpx.post(f"{api.url}/setup/tables", headers=headers)
    finally:
        api.process.stop(seconds=5)

    assert answer.status_code == 403
    assert answer.json()["scope"] == "admin"


@pytest.fixture
def poor_api(stack: Stack, dba: Database) -> Iterator[Api]:
    """The API of a user who may only log on."""
    name, password = f"POOR_{uuid.uuid4().hex[:8]}".upper(), f"Pw_{uuid.uuid4().hex[:12]}"
    with log_on(dba) as connection, connection.cursor() as cursor:
        cursor.execute(f'create user {name} identified by "{password}"')
        cursor.execute(f"grant create session to {name}")
        api = stack.start_api(ORACLE_USER=name, ORACLE_PASSWORD=password)
        yield api
        api.process.stop(seconds=5)
        cursor.execute(f"drop user {name} cascade")


def test_setup_names_the_privileges_that_are_missing(poor_api: Api) -> None:
    answer = httpx.post(f"{poor_api.url}/setup/tables", headers=poor_api.headers, timeout=30)

    assert answer.status_code == 403, answer.text
    missing = answer.json()["missing"]
    assert {"CREATE TABLE", "CREATE VIEW", "CREATE PROCEDURE", "CREATE JOB"} <= set(missing)
    assert "EXECUTE ON DBMS_AQADM" in missing


def test_setup_by_another_user_than_the_owner_is_refused(stack: Stack) -> None:
    api = stack.start_api(ORAQ_OWNER="SOMEBODY_ELSE")
    try:
        answer = httpx.post(f"{api.url}/setup/tables", headers=api.headers, timeout=30)
    finally:
        api.process.stop(seconds=5)

    assert answer.status_code == 403
    assert answer.json()["missing"] == ["LOG ON AS SOMEBODY_ELSE"]
