"""From one schema version to the next: rows stay, two installers at once are safe, none goes back."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import oracledb
import pytest

from deploy.stack import Stack

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
        stack.install()
        yield stack


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
