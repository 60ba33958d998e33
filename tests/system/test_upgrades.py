"""From one schema version to the next: rows stay, two installers at once are safe, none goes back."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import oracledb
import pytest

from deploy.stack import Stack
from tests.waiting import eventually

#: What turns version 3 into version 2, and that into version 1.
DOWNGRADE = [
    *(
        f"drop view async_jobs_{name}"
        for name in (
            *("local", "backlog", "failures", "running", "slowest", "waits", "worker_load"),
        )
    ),
    "drop index async_jobs_key_ux",
    "alter table async_jobs drop (tags, request_hash, submitted_by)",
    "alter table async_job_workers drop (metrics, drain)",
    "alter table async_job_recovery drop (lost_attempts)",
    "delete from async_job_schema where version > 1",
]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A schema of its own to be taken apart."""
    folder = tmp_path_factory.mktemp("upgrades")
    with Stack(folder=folder, environment=os.environ) as stack:
        stack.start_database()
        stack.install(samples=True)
        yield stack


@pytest.fixture(scope="module")
def http(stack: Stack) -> Iterator[httpx.Client]:
    api = stack.start_api()
    with httpx.Client(base_url=api.url, headers=api.headers, timeout=90) as http:
        yield http


@pytest.fixture
def version_1(db: oracledb.Connection) -> None:
    with db.cursor() as cursor:
        for statement in DOWNGRADE:
            cursor.execute(statement)
    db.commit()


def versions(db: oracledb.Connection) -> list[int]:
    with db.cursor() as cursor:
        cursor.execute("select version from async_job_schema order by version")
        return [int(version) for (version,) in cursor]


@pytest.mark.usefixtures("version_1")
def test_an_upgrade_keeps_the_rows_and_brings_the_columns(
    stack: Stack, db: oracledb.Connection
) -> None:
    with db.cursor() as cursor:
        cursor.execute(
            "insert into async_jobs (job_id, status, procedure_name, start_time) "
            "values ('old', 'completed', 'P', sys_extract_utc(systimestamp))"
        )
    db.commit()
    assert versions(db) == [1]

    stack.install()

    assert versions(db) == [1, 2, 3]
    with db.cursor() as cursor:
        cursor.execute("select procedure_name, tags from async_jobs_local where job_id = 'old'")
        assert cursor.fetchall() == [("P", None)]
        cursor.execute("select object_name from user_objects where status <> 'VALID'")
        assert cursor.fetchall() == []


@pytest.mark.usefixtures("version_1")
def test_two_installers_at_once_upgrade_once(stack: Stack, db: oracledb.Connection) -> None:
    with ThreadPoolExecutor() as threads:
        runs = [threads.submit(stack.run, ["install"], seconds=100) for _ in range(2)]
        done = [run.result() for run in runs]

    assert [(run.returncode, run.stderr) for run in done] == [(0, ""), (0, "")]
    assert versions(db) == [1, 2, 3]


def test_a_newer_schema_is_left_alone(stack: Stack, db: oracledb.Connection) -> None:
    with db.cursor() as cursor:
        cursor.execute("insert into async_job_schema (version, description) values (99, 'future')")
        db.commit()
        try:
            refused = stack.run(["install"], seconds=60)
        finally:
            cursor.execute("delete from async_job_schema where version = 99")
            db.commit()

    assert refused.returncode == 1
    assert "version 99" in refused.stderr
    assert "this oraq knows 3" in refused.stderr


@pytest.mark.parametrize(
    ("change", "back", "told"),
    [
        (
            "insert into async_job_schema (version, description) values (99, 'future')",
            "delete from async_job_schema where version = 99",
            "the schema has version 99, this oraq needs 3: use the newer oraq",
        ),
        (
            "update async_job_schema set version = -3 where version = 3",
            "update async_job_schema set version = 3 where version = -3",
            "the schema has version 2, this oraq needs 3: run oraq upgrade",
        ),
    ],
    ids=["an old worker, a new schema", "a new worker, an old schema"],
)
def test_a_worker_claims_nothing_from_a_schema_of_another_release(
    stack: Stack, http: httpx.Client, db: oracledb.Connection, change: str, back: str, told: str
) -> None:
    """It says so and waits: the upgrade, or the newer worker, comes by itself."""
    with db.cursor() as cursor, ThreadPoolExecutor() as threads:
        cursor.execute(change)
        db.commit()
        starting = threads.submit(stack.start_worker)
        eventually(
            lambda: stack.processes[-1].name == "worker" and told in stack.processes[-1].read_log(),
            what="the worker's refusal",
        )
        body = {"name": "PROC_TEST_DEMORA", "params": [{"name": "segundos", "value": 0}]}
        job_id = http.post("/procedure/async", json=body).json()["job_id"]
        ready = http.get("/readyz")

        assert ready.status_code == 503
        assert not starting.done()
        assert http.get(f"/jobs/{job_id}").json()["status"] == "pending"
        cursor.execute(back)
        db.commit()
        worker = starting.result(timeout=30)
        assert http.get(f"/jobs/{job_id}", params={"wait": 20}).json()["status"] == "completed"
    worker.stop(seconds=10)


def test_an_upgrade_under_running_jobs_loses_none(
    stack: Stack, http: httpx.Client, db: oracledb.Connection
) -> None:
    """Forced under a live worker, whose packages are replaced beneath it while jobs run and wait."""
    worker = stack.start_worker("--slots", "2")

    def submit(seconds: int) -> str:
        params = [{"name": "segundos", "value": seconds}]
        body = {"name": "PROC_TEST_DEMORA", "params": params}
        return str(http.post("/procedure/async", json=body).json()["job_id"])

    with db.cursor() as cursor:
        jobs = [submit(2), submit(2), submit(0), submit(0)]
        eventually(
            lambda: (
                [http.get(f"/jobs/{job}").json()["status"] for job in jobs[:2]]
                == ["running", "running"]
            ),
            what="both jobs",
        )
        cursor.execute(
            "select text from user_source where name = 'ASYNC_JOBS_WORKER' "
            "and type = 'PACKAGE BODY' order by line"
        )
        # What an older release would have left: a unit in another text.
        text = "".join(line for (line,) in cursor)
        cursor.execute(f"create or replace {text.rstrip().removesuffix(';')} ;")
        done = stack.run(["upgrade", "--force"], seconds=100)
        jobs.append(submit(0))
        ended = [http.get(f"/jobs/{job}", params={"wait": 60}).json() for job in jobs]

    assert done.returncode == 0, done.stderr
    assert "package body async_jobs_worker replaced" in done.stdout
    assert [job["status"] for job in ended] == ["completed"] * 5, ended
    worker.stop(seconds=20)
