"""The API as a user with what grants.sql gives, and no more: everything but what is the owner's."""

import os
from collections.abc import Iterator

import httpx
import pytest

from deploy.stack import Api, Database, Stack
from tests.schemas import GRANTS, fresh_users, log_on
from tests.sqlplus import run_script

NOTHING = {"name": "PROC_TEST_DEMORA", "params": [{"name": "segundos", "value": 0}]}


@pytest.fixture(scope="module")
def http(dba: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("api-user")
    with (
        fresh_users(dba, "ORAQ_AU") as users,
        Stack(folder=folder, environment=os.environ, database=users.owner) as stack,
    ):
        stack.install(samples=True)
        with log_on(dba) as connection:
            run_script(connection, GRANTS, users.defines())
        names = {"ORAQ_OWNER": users.owner.user, "ORAQ_DEFAULT_SCHEMA": users.owner.user}

        def environment(user: Database) -> dict[str, str]:
            return {"ORACLE_USER": user.user, "ORACLE_PASSWORD": user.password, **names}

        api: Api = stack.start_api(port=0, token=None, **environment(users.api))
        stack.start_worker("--slots", "2", **environment(users.worker))
        with httpx.Client(base_url=api.url, headers=api.headers, timeout=30) as client:
            yield client


def test_the_apis_user_waits_for_a_job(http: httpx.Client) -> None:
    job_id = http.post("/procedure/async", json=NOTHING | {"tags": ["au"]}).json()["job_id"]

    job = http.get(f"/jobs/{job_id}", params={"wait": 20}).json()

    assert job["status"] == "completed"
    assert http.get("/jobs", params={"tag": "au"}).json()["total"] == 1


def test_the_apis_user_makes_a_batch_with_a_key(http: httpx.Client) -> None:
    headers = {"Idempotency-Key": "au"}
    body = {"jobs": [NOTHING] * 3}

    first, second = (
        http.post("/procedures/async", json=body, headers=headers).json() for _ in range(2)
    )

    assert len(first["job_ids"]) == 3
    assert first == second


def test_the_apis_user_sees_readiness_and_metrics(http: httpx.Client) -> None:
    ready = http.get("/readyz")
    metrics = http.get("/metrics")

    assert ready.status_code == 200, ready.text
    assert ready.json()["status"] == "ok"
    assert "oraq_database_up 1.0" in metrics.text
    assert "oraq_workers 1.0" in metrics.text


def test_the_apis_user_may_not_install(http: httpx.Client) -> None:
    answer = http.post("/setup/tables")

    assert answer.status_code == 403
    assert answer.json()["missing"] == ["LOG ON AS ORAQ_AU_OWNER"]
