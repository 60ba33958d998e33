"""The views for DBAs: each shows what has just happened, and what happens now."""

import re
from typing import Any

import oracledb
import pytest

from deploy.stack import Stack
from tests.client import JobClient
from tests.sqlplus import ROOT
from tests.waiting import eventually

Row = dict[str, Any]

VIEWS = (
    "ASYNC_JOBS_BACKLOG",
    "ASYNC_JOBS_RUNNING",
    "ASYNC_JOBS_WAITS",
    "ASYNC_JOBS_SLOWEST",
    "ASYNC_JOBS_FAILURES",
    "ASYNC_JOBS_WORKER_LOAD",
)

#: The indented queries on these views; that on GV$SESSION asks for what localdb does not know.
README_QUERIES = [
    re.sub(r"\s+", " ", query)
    for query in re.findall(
        r"^    (select .*?);$",
        (ROOT / "README.md").read_text(encoding="utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    if "$session" not in query
]


def look(db: oracledb.Connection, view: str, where: str = "1 = 1", **binds: object) -> list[Row]:
    with db.cursor() as cursor:
        cursor.execute(f"select * from {view} where {where}", binds)
        names = [column.name.lower() for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor]


def test_a_job_that_is_not_due_is_delayed_in_the_backlog(db: oracledb.Connection) -> None:
    with db.cursor() as cursor:
        job_id = cursor.callfunc(
            "async_jobs_api.submit",
            str,
            keyword_parameters={
                "p_procedure_name": "PROC_TEST_DEMORA",
                "p_priority": 8,
                "p_delay_seconds": 3600,
            },
        )
        db.commit()

        (row,) = look(db, "async_jobs_backlog", "priority = 8")

        assert (row["procedure_name"], row["ready"], row["delayed"], row["reserved"]) == (
            "PROC_TEST_DEMORA",
            0,
            1,
            0,
        )
        assert row["oldest_seconds"] is None
        status = cursor.var(str)
        cursor.callproc("async_jobs_api.delete_job", [job_id, status])
        assert status.getvalue() == "ok"
        assert look(db, "async_jobs_backlog", "priority = 8") == []


def test_jobs_that_no_worker_has_taken_are_ready_in_the_backlog(db: oracledb.Connection) -> None:
    """Uncommitted, so that no worker sees it, and this session alone does."""
    with db.cursor() as cursor:
        cursor.callfunc(
            "async_jobs_api.submit",
            str,
            keyword_parameters={"p_procedure_name": "PROC_TEST", "p_priority": 9},
        )

        (row,) = look(db, "async_jobs_backlog", "priority = 9")
        db.rollback()

    assert (row["procedure_name"], row["ready"], row["delayed"]) == ("PROC_TEST", 1, 0)
    assert 0 <= row["oldest_seconds"] < 60


def test_a_running_job_is_shown_with_its_progress(
    client: JobClient, db: oracledb.Connection
) -> None:
    job_id = client.submit("PROC_TEST_PROGRESS", {"p_seconds": 60})

    def reported() -> Row | None:
        rows = look(db, "async_jobs_running", "job_id = :id", id=job_id)
        return rows[0] if rows and rows[0]["progress_note"] else None

    row = eventually(reported, what="progress in async_jobs_running")
    (load,) = look(db, "async_jobs_worker_load", "worker = :worker", worker=row["worker"])
    client.http.delete(f"/jobs/{job_id}")

    assert row["procedure_name"] == "PROC_TEST_PROGRESS"
    assert row["progress_note"].startswith("step ")
    assert 0 < row["running_seconds"] < 60
    assert row["lease_seconds"] > 0
    assert row["has_committed"] == "N"
    assert row["host"]
    assert load["running"] >= 1
    assert load["free_slots"] == load["slots"] - load["running"]
    assert load["silent_seconds"] < 60
    assert look(db, "async_jobs_running", "job_id = :id", id=job_id) == []


def test_procedures_are_ordered_by_what_they_cost(
    client: JobClient, db: oracledb.Connection
) -> None:
    client.run("PROC_TEST_DEMORA", {"segundos": 0})
    slow = client.run("PROC_TEST_DEMORA", {"segundos": 1.5})["id"]

    (row,) = look(db, "async_jobs_slowest", "procedure_name = 'PROC_TEST_DEMORA'")

    assert row["runs"] >= 2
    assert row["completed"] + row["not_completed"] == row["runs"]
    assert row["longest_seconds"] >= 1.5
    assert row["longest_seconds"] >= row["p95_seconds"] >= row["median_seconds"] >= 0
    assert row["total_seconds"] >= row["longest_seconds"] >= row["average_seconds"]
    longest = client.get(row["longest_job_id"])
    assert slow == longest["id"] or float(longest["duration"].rstrip("s")) >= 1.5


def test_failures_are_counted_by_code(client: JobClient, db: oracledb.Connection) -> None:
    def count(procedure: str, code: str) -> int:
        rows = look(
            db,
            "async_jobs_failures",
            "procedure_name = :procedure and error_code = :code",
            procedure=procedure,
            code=code,
        )
        return int(rows[0]["failures"]) if rows else 0

    before = count("PROC_TEST_ERROR", "ORA-20001")
    failed = [client.run("PROC_TEST_ERROR", {"p_should_fail": 1})["id"] for _ in range(2)]
    client.run("NO_SUCH_PROCEDURE")
    slow = client.submit("PROC_TEST_DEMORA", {"segundos": 60})
    client.wait(slow, "running")
    client.http.post(f"/jobs/{slow}/cancel")
    client.wait(slow)

    assert count("PROC_TEST_ERROR", "ORA-20001") == before + 2
    (row,) = look(
        db,
        "async_jobs_failures",
        "procedure_name = 'PROC_TEST_ERROR' and error_code = 'ORA-20001'",
    )
    assert row["last_job_id"] == failed[-1]
    assert "Error intencional de prueba" in row["last_error"]
    assert row["first_at"] <= row["last_at"]
    assert count("NO_SUCH_PROCEDURE", "PLS-00201") == 1
    assert count("PROC_TEST_DEMORA", "cancelled") >= 1


def test_waits_are_shown_by_hour(client: JobClient, db: oracledb.Connection) -> None:
    client.run("PROC_TEST", {"p_input": "x"}, {"p_output": None}, priority=2)

    rows = look(db, "async_jobs_waits", "priority = 2")

    assert sum(row["started"] for row in rows) >= 1
    for row in rows:
        assert row["longest_seconds"] >= row["p95_seconds"] >= row["median_seconds"] >= 0
        # Whatever became of it: others use this priority too.
        assert client.get(row["longest_job_id"])["priority"] == 2


@pytest.mark.parametrize("query", README_QUERIES)
def test_the_queries_of_the_readme_run(db: oracledb.Connection, query: str) -> None:
    with db.cursor() as cursor:
        cursor.execute(query)
        cursor.fetchall()


def test_the_readme_has_a_query_for_each_view() -> None:
    assert {re.search(r"from (\w+)", query)[1].upper() for query in README_QUERIES} == set(VIEWS)  # type: ignore[index]


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_says_what_it_is(db: oracledb.Connection, view: str) -> None:
    with db.cursor() as cursor:
        cursor.execute(
            "select comments from user_tab_comments where table_name = :view_name", view_name=view
        )
        (comment,) = cursor.fetchone() or (None,)
        assert str(comment).startswith("OraQ: ")
        cursor.execute(
            "select column_name from user_tab_columns where table_name = :view_name", view_name=view
        )
        columns = {name for (name,) in cursor}
        cursor.execute(
            "select column_name from user_col_comments "
            "where table_name = :view_name and comments is not null",
            view_name=view,
        )
        assert {name for (name,) in cursor} <= columns


def test_a_view_of_another_text_is_made_anew(stack: Stack, db: oracledb.Connection) -> None:
    with db.cursor() as cursor:
        cursor.execute("create or replace view async_jobs_backlog as select 1 as old from dual")
        stack.install(samples=True)

        cursor.execute("select count(*) from async_jobs_backlog where ready < 0")
        assert cursor.fetchone() == (0,)
