"""What a DBA sees: the table's fixed columns, valid units, scheduler jobs, clean-up."""

import os
from pathlib import Path

import oracledb
import pytest

from deploy.stack import ROOT, Database, Stack
from tests.client import JobClient
from tests.schemas import UNINSTALL, fresh_users, log_on
from tests.sqlplus import run_script

FIXED_COLUMNS = [
    ("JOB_ID", "VARCHAR2", 32),
    ("STATUS", "VARCHAR2", 20),
    ("PROCEDURE_NAME", "VARCHAR2", 200),
    ("PARAMS", "CLOB", None),
    ("START_TIME", "TIMESTAMP(6)", None),
    ("END_TIME", "TIMESTAMP(6)", None),
    ("DURATION", "VARCHAR2", 50),
    ("RESULT", "CLOB", None),
    ("ERROR_MSG", "CLOB", None),
    ("PROGRESS", "NUMBER", None),
    ("CREATED_AT", "TIMESTAMP(6)", None),
]


def test_the_fixed_columns_come_first_with_name_type_and_order(db: oracledb.Connection) -> None:
    with db.cursor() as cursor:
        cursor.execute(
            "select column_name, data_type, char_length from user_tab_columns "
            "where table_name = 'ASYNC_JOBS' order by column_id"
        )
        columns = cursor.fetchall()

    found = [(name, kind, size or None) for name, kind, size in columns[: len(FIXED_COLUMNS)]]
    assert found == FIXED_COLUMNS


@pytest.mark.parametrize(
    "change",
    ["status = 'done'", "progress = 101", "progress = -1", "procedure_name = null"],
)
def test_the_table_refuses_values_that_cannot_be(
    client: JobClient, db: oracledb.Connection, change: str
) -> None:
    job_id = client.run("PROC_TEST_DEMORA", {"segundos": 0})["id"]

    with db.cursor() as cursor, pytest.raises(oracledb.DatabaseError, match=r"ORA-0(2290|1407)"):
        cursor.execute(f"update async_jobs set {change} where job_id = :id", id=job_id)


def test_every_unit_is_valid(db: oracledb.Connection) -> None:
    with db.cursor() as cursor:
        cursor.execute(
            "select object_name, object_type from user_objects "
            "where status <> 'VALID' and object_name like '%ASYNC_JOBS%'"
        )
        assert cursor.fetchall() == []


def test_the_packages_and_the_procedure_are_there(db: oracledb.Connection) -> None:
    with db.cursor() as cursor:
        cursor.execute(
            "select object_name, object_type from user_objects "
            "where object_type in ('PACKAGE', 'PACKAGE BODY', 'PROCEDURE')"
        )
        found = set(cursor.fetchall())

    for name in ("API", "PROGRESS", "WORKER", "ADMIN"):
        assert {(f"ASYNC_JOBS_{name}", kind) for kind in ("PACKAGE", "PACKAGE BODY")} <= found
    assert ("CLEANUP_OLD_ASYNC_JOBS", "PROCEDURE") in found


def test_recovery_and_cleanup_are_scheduler_jobs(db: oracledb.Connection) -> None:
    with db.cursor() as cursor:
        cursor.execute("select job_name, job_type, enabled from user_scheduler_jobs")
        jobs = cursor.fetchall()

    assert len(jobs) >= 2
    assert {(kind, enabled) for _, kind, enabled in jobs} == {("PLSQL_BLOCK", "TRUE")}


def test_cleanup_deletes_only_old_ended_jobs(client: JobClient, db: oracledb.Connection) -> None:
    old, new = (client.run("PROC_TEST_DEMORA", {"segundos": 0})["id"] for _ in range(2))
    with db.cursor() as cursor:
        cursor.execute(
            "update async_jobs set start_time = start_time - 8, end_time = end_time - 8, "
            "created_at = created_at - 8 where job_id = :id",
            id=old,
        )
        db.commit()

        deleted = cursor.var(int)
        cursor.callproc("cleanup_old_async_jobs", [7, deleted])

        cursor.execute("select job_id from async_jobs where job_id in (:a, :b)", a=old, b=new)
        left = cursor.fetchall()
    assert deleted.getvalue() >= 1
    assert left == [(new,)]


def test_install_twice_changes_nothing(stack: Stack, db: oracledb.Connection) -> None:
    def objects() -> list[tuple[object, ...]]:
        with db.cursor() as cursor:
            cursor.execute(
                "select object_name, object_type, last_ddl_time from user_objects "
                "where object_name like 'ASYNC_JOBS%' and object_type <> 'JOB' order by 1, 2"
            )
            return list(cursor.fetchall())

    before = objects()
    stack.install(samples=True)

    assert objects() == before


def test_the_scripts_make_what_the_command_makes(dba: Database, tmp_path: Path) -> None:
    """As a DBA runs them, each twice; then `oraq install` finds nothing to do."""

    def objects(cursor: oracledb.Cursor) -> list[tuple[object, ...]]:
        cursor.execute(
            "select object_name, object_type, status, last_ddl_time from user_objects "
            "where object_type in ('TABLE', 'VIEW', 'INDEX', 'PACKAGE', 'PACKAGE BODY', "
            "'PROCEDURE', 'QUEUE') order by 1, 2"
        )
        return list(cursor.fetchall())

    with (
        fresh_users(dba, "ORAQ_SC") as users,
        Stack(folder=tmp_path, environment=os.environ, database=users.owner) as stack,
        log_on(users.owner) as connection,
        connection.cursor() as cursor,
    ):
        for script in ("create_async_jobs_table", "install", "create_test_procedures"):
            for _turn in range(2):
                run_script(connection, ROOT / "sql" / f"{script}.sql")
        before = objects(cursor)
        stack.install(samples=True)

        assert objects(cursor) == before
        assert {status for _, _, status, _ in before} == {"VALID"}
        assert {name for name, *_ in before} >= {
            "ASYNC_JOBS",
            "ASYNC_JOBS_LOCAL",
            "ASYNC_JOBS_QUEUE",
            "ASYNC_JOBS_WAITS",
            "CLEANUP_OLD_ASYNC_JOBS",
            "PROC_TEST_DML",
        }


def test_uninstall_leaves_nothing_and_may_run_twice(dba: Database, tmp_path: Path) -> None:
    with (
        fresh_users(dba, "ORAQ_UN") as users,
        Stack(folder=tmp_path, environment=os.environ, database=users.owner) as stack,
    ):
        stack.install(samples=True)
        with log_on(users.owner) as connection, connection.cursor() as cursor:
            for _turn in range(2):
                run_script(connection, UNINSTALL)

                cursor.execute("select object_type, object_name from user_objects")
                # Dropped tables may stay in the recycle bin for a while.
                left = [(kind, name) for kind, name in cursor if not name.startswith("BIN$")]
                assert left == []
                cursor.execute("select count(*) from user_scheduler_jobs")
                assert cursor.fetchone() == (0,)


def test_submit_from_plsql_belongs_to_the_callers_transaction(
    client: JobClient, db: oracledb.Connection
) -> None:
    block = """
        begin
          :id := async_jobs_api.submit(
            p_procedure_name => 'PROC_TEST',
            p_params => '[{"name": "p_input", "value": "x"}, {"name": "p_output", "direction": "OUT"}]'
          );
        end;"""
    with db.cursor() as cursor:
        job_id = cursor.var(str)
        cursor.execute(block, id=job_id)
        rolled_back = job_id.getvalue()
        db.rollback()
        cursor.execute(block, id=job_id)
        committed = job_id.getvalue()
        db.commit()

    assert client.wait(committed)["result"] == {"p_output": "Procesado: x"}
    assert client.http.get(f"/jobs/{rolled_back}").status_code == 404
