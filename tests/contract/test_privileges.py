"""Least privilege: owner, API and worker are three users with what grants.sql gives, and no more."""

import os
from collections.abc import Iterator

import httpx
import oracledb
import pytest

from deploy.processes import Process
from deploy.stack import Api, Database, Stack
from tests.client import JobClient
from tests.schemas import GRANTS, Users, fresh_users, log_on
from tests.sqlplus import ROOT, run_script

KILL = ROOT / "sql" / "kill_procedure.sql"
EXAMPLE = ROOT / "sql" / "examples" / "jobs_from_plsql.sql"


@pytest.fixture(scope="module")
def users(dba: Database) -> Iterator[Users]:
    with fresh_users(dba, "ORAQ_LP") as users:
        yield users


@pytest.fixture(scope="module")
def installed(
    dba: Database, users: Users, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """Installed by the owner; the rights on what is now there are given by a second grants.sql."""
    folder = tmp_path_factory.mktemp("privileges")
    with Stack(folder=folder, environment=os.environ, database=users.owner) as stack:
        stack.install(samples=True)
        with log_on(dba) as connection:
            run_script(connection, GRANTS, users.defines())
        yield stack


def _environment(users: Users, user: Database) -> dict[str, str]:
    return {
        "ORACLE_USER": user.user,
        "ORACLE_PASSWORD": user.password,
        "ORAQ_OWNER": users.owner.user,
        "ORAQ_DEFAULT_SCHEMA": users.owner.user,
    }


@pytest.fixture(scope="module")
def api_as_user(installed: Stack, users: Users) -> Api:
    return installed.start_api(port=0, token=None, **_environment(users, users.api))


@pytest.fixture(scope="module")
def worker_as_user(installed: Stack, users: Users) -> Process:
    return installed.start_worker("--slots", "2", **_environment(users, users.worker))


@pytest.fixture(scope="module")
def client(api_as_user: Api, worker_as_user: Process) -> Iterator[JobClient]:
    with httpx.Client(base_url=api_as_user.url, headers=api_as_user.headers, timeout=20) as http:
        yield JobClient(http)


# ---- What has to work ----


def test_the_three_users_run_every_sample(client: JobClient) -> None:
    done = {
        "PROC_TEST": client.run("PROC_TEST", {"p_input": "x"}, {"p_output": "STRING"}),
        "PROC_TEST_DEMORA": client.run("PROC_TEST_DEMORA", {"segundos": 0}),
        "PROC_TEST_PARAMS": client.run(
            "PROC_TEST_PARAMS",
            {"p_number": 1, "p_varchar": "a", "p_date": "2026-02-28"},
            {"p_result": "STRING"},
        ),
        "PROC_TEST_CURSOR": client.run("PROC_TEST_CURSOR", {"p_limit": 2}, {"p_cursor": None}),
        "PROC_TEST_ERROR": client.run("PROC_TEST_ERROR", {"p_should_fail": 1}),
        "PROC_TEST_DML": client.run(
            "PROC_TEST_DML", {"p_table_name": "least"}, {"p_rows_created": "NUMBER"}
        ),
        "PROC_TEST_PROGRESS": client.run("PROC_TEST_PROGRESS", {"p_seconds": 1}),
    }

    failed = {name: job.get("error") for name, job in done.items() if job["status"] == "failed"}
    assert list(failed) == ["PROC_TEST_ERROR"], failed
    assert "ORA-20001" in str(failed["PROC_TEST_ERROR"])
    assert done["PROC_TEST"]["result"] == {"p_output": "Procesado: x"}
    assert done["PROC_TEST_PARAMS"]["result"] == {
        "p_result": "Number: 1, String: a, Date: 28/02/2026"
    }
    assert [row["NOMBRE"] for row in done["PROC_TEST_CURSOR"]["result"]["p_cursor"]] == [
        "Item 1",
        "Item 2",
    ]
    assert done["PROC_TEST_DML"]["result"] == {"p_rows_created": 100}


def test_the_api_user_does_all_that_clients_ask_for(client: JobClient) -> None:
    http = client.http
    failed = client.run("PROC_TEST_ERROR", {"p_should_fail": 1})["id"]
    slow = client.submit("PROC_TEST_DEMORA", {"segundos": 60})
    client.wait(slow, "running")

    ready = http.get("/readyz")
    assert ready.status_code == 200, ready.text
    assert http.post(f"/jobs/{slow}/cancel").status_code == 200
    assert client.wait(slow)["status"] == "failed"
    assert http.post(f"/jobs/{failed}/retry").status_code == 200
    client.wait(failed)
    assert http.get("/jobs", params={"status": "failed"}).json()["total"] >= 2
    assert http.delete(f"/jobs/{failed}").status_code == 200
    assert http.delete("/jobs", params={"status": "failed"}).json()["deleted"] >= 1


def test_the_api_user_may_not_install_and_is_told_what_is_missing(
    client: JobClient, users: Users
) -> None:
    answer = client.http.post("/setup/tables")

    assert answer.status_code == 403, answer.text
    assert answer.json()["missing"] == [f"LOG ON AS {users.owner.user}"]


def test_the_viewers_role_shows_jobs_and_views(
    client: JobClient, dba: Database, users: Users
) -> None:
    job_id = client.run("PROC_TEST_DEMORA", {"segundos": 0})["id"]
    with log_on(dba) as connection, connection.cursor() as cursor:
        cursor.execute(f"grant {users.defines()['viewer_role']} to {users.stranger.user}")
        try:
            with log_on(users.stranger) as viewer, viewer.cursor() as looking:
                owner = users.owner.user
                looking.execute(
                    f"select status from {owner}.async_jobs_local where job_id = :id", id=job_id
                )
                assert looking.fetchall() == [("completed",)]
                looking.execute(
                    f"select completed from {owner}.async_jobs_slowest "
                    "where procedure_name = 'PROC_TEST_DEMORA'"
                )
                (row,) = looking.fetchall()
                assert row[0] >= 1
        finally:
            cursor.execute(f"revoke {users.defines()['viewer_role']} from {users.stranger.user}")


# ---- Procedures of another schema ----


@pytest.fixture(scope="module")
def application(installed: Stack, dba: Database, users: Users) -> Users:
    """A schema whose procedure reports progress, with the rights that README names."""
    with log_on(dba) as connection, connection.cursor() as cursor:
        cursor.execute(
            f"grant execute on {users.owner.user}.async_jobs_progress to {users.application.user}"
        )
        cursor.execute(
            f"grant execute on {users.owner.user}.async_jobs_api to {users.application.user}"
        )
    with log_on(users.application) as connection, connection.cursor() as cursor:
        cursor.execute("create table loads (note varchar2(100))")
        cursor.execute(f"""
            create or replace procedure load_rows(p_rows in number, p_loaded out number)
              authid definer
            is
            begin
              for i in 1 .. p_rows loop
                insert into loads (note) values ('row ' || i);
              end loop;
              {users.owner.user}.async_jobs_progress.set_progress(42, 'loaded');
              p_loaded := p_rows;
            end load_rows;""")
        cursor.execute(f"grant execute on load_rows to {users.worker.user}")
        cursor.execute("""
            create or replace procedure not_granted authid definer is
            begin
              null;
            end not_granted;""")
    return users


def test_records_need_execute_and_rows_of_tables_the_right_to_read(
    client: JobClient, application: Users
) -> None:
    schema, worker = application.application.user, application.worker.user
    with log_on(application.application) as connection, connection.cursor() as cursor:
        cursor.execute("create table kinds (note varchar2(100))")
        cursor.execute("""
            create or replace package shapes authid definer is
              type t_pair is record (a number, b varchar2(10));
              type t_pairs is table of t_pair;
              function pairs(p_pair in t_pair) return t_pairs;
              procedure load_row(p_row in out kinds%rowtype);
            end shapes;""")
        cursor.execute("""
            create or replace package body shapes is
              function pairs(p_pair in t_pair) return t_pairs is
              begin
                return t_pairs(p_pair, p_pair);
              end pairs;

              procedure load_row(p_row in out kinds%rowtype) is
              begin
                p_row.note := upper(p_row.note);
              end load_row;
            end shapes;""")
        cursor.execute(f"grant execute on shapes to {worker}")
        pairs = client.run(f"{schema}.SHAPES.PAIRS", {"p_pair": {"a": 1, "b": "x"}})
        unseen = client.run(f"{schema}.SHAPES.LOAD_ROW", {"p_row": {"note": "n"}})
        cursor.execute(f"grant read on kinds to {worker}")
        # The refusal above was remembered with the signature; this spelling is another name.
        seen = client.run(f"{schema.lower()}.shapes.load_row", {"p_row": {"note": "n"}})

    assert pairs["result"] == {"return_value": [{"A": 1, "B": "x"}] * 2}
    assert f"PL/SQL RECORD {schema}.KINDS cannot be passed" in unseen["error"]
    assert "does not show the worker's user" in unseen["error"]
    assert seen["result"] == {"p_row": {"NOTE": "N"}}


def test_a_procedure_of_another_schema_runs_under_its_full_name(
    client: JobClient, application: Users
) -> None:
    job = client.run(
        f"{application.application.user}.LOAD_ROWS", {"p_rows": 3}, {"p_loaded": "NUMBER"}
    )

    assert job["status"] == "completed", job
    assert job["result"] == {"p_loaded": 3}
    with log_on(application.application) as connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from loads")
        assert cursor.fetchone() == (3,)


def test_names_without_a_schema_are_looked_for_in_the_default_schema(
    installed: Stack, client: JobClient, application: Users
) -> None:
    # The schema goes with the submission, so that any worker finds the procedure.
    job_id = client.submit(
        "LOAD_ROWS", {"p_rows": 1}, {"p_loaded": None}, schema=application.application.user
    )
    unqualified = client.run("LOAD_ROWS", {"p_rows": 1}, {"p_loaded": None})

    assert client.wait(job_id)["status"] == "completed"
    assert unqualified["status"] == "failed"
    assert "PLS-00201" in unqualified["error"]


def test_without_a_list_of_its_own_another_schema_may_submit_nothing(
    application: Users, client: JobClient
) -> None:
    assert _submit_as(application, "LOAD_ROWS") == (None, "refused")


def test_a_row_in_the_list_lets_another_schema_submit(
    application: Users, client: JobClient
) -> None:
    name = f"{application.application.user}.LOAD_ROWS"
    with log_on(application.owner) as connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into async_job_procedures (procedure_name, submitted_by) values (:name, :submitter)",
            name=name,
            submitter=application.application.user,
        )
        connection.commit()

    job_id, status = _submit_as(application, name)

    assert status == "ok"
    assert job_id is not None
    assert client.wait(job_id)["result"] == {"p_loaded": 2}
    assert _submit_as(application, f"{application.owner.user}.PROC_TEST") == (None, "refused")


def _submit_as(users: Users, name: str) -> tuple[str | None, str]:
    """Submit from the application's own transaction; gives the job's id where it was taken."""
    with log_on(users.application) as connection, connection.cursor() as cursor:
        job_id, status = cursor.var(str), cursor.var(str)
        cursor.execute(
            f"""
            declare
              l_status varchar2(30);
            begin
              :job_id := lower(rawtohex(sys_guid()));
              {users.owner.user}.async_jobs_api.submit(
                p_job_id         => :job_id,
                p_procedure_name => :name,
                p_params         => '[{{"name": "p_rows", "value": 2}},'
                  || '{{"name": "p_loaded", "direction": "OUT"}}]',
                p_status         => l_status
              );
              :status := l_status;
            end;""",
            job_id=job_id,
            name=name,
            status=status,
        )
        connection.commit()
        answer = str(status.getvalue())
        return (str(job_id.getvalue()) if answer == "ok" else None), answer


def test_the_example_script_runs_in_another_schema(
    client: JobClient, dba: Database, application: Users
) -> None:
    users = application
    with log_on(dba) as connection, connection.cursor() as cursor:
        cursor.execute(f"grant {users.defines()['viewer_role']} to {users.application.user}")
        cursor.execute(
            f"insert into {users.owner.user}.async_job_procedures (procedure_name, submitted_by) "
            "values (:name, :submitter)",
            name=f"{users.application.user}.EXAMPLE_LOAD_ROWS",
            submitter=users.application.user,
        )
        connection.commit()
    with log_on(users.application) as connection:
        output = run_script(
            connection, EXAMPLE, {"oraq": users.owner.user, "worker_user": users.worker.user}
        )

    assert 'result: {"p_loaded":25}' in output
    assert output[-1] == "same job: yes"


def test_operators_kill_the_session_of_a_job_and_no_other(
    installed: Stack, client: JobClient, dba: Database, users: Users
) -> None:
    killer = f"{users.owner.user}_KILLER"
    names = {"killer": killer, "worker_user": users.worker.user, "operator": users.owner.user}
    with log_on(dba) as connection, connection.cursor() as cursor:
        for _turn in range(2):
            run_script(connection, KILL, names)
        try:
            job_id = client.submit("PROC_TEST_DEMORA", {"segundos": 100}, on_loss="fail")
            client.wait(job_id, "running")
            with log_on(users.owner) as operator, operator.cursor() as killing:
                killing.callproc(f"{killer}.kill_job", [job_id])
                with pytest.raises(oracledb.DatabaseError, match="No session runs this job"):
                    killing.callproc(f"{killer}.kill_job", ["0" * 32])
                # Its own session runs no job, whatever it says.
                operator.module, operator.action = "oraq-worker", "f" * 32
                with pytest.raises(oracledb.DatabaseError, match="No session runs this job"):
                    killing.callproc(f"{killer}.kill_job", ["f" * 32])
            with (
                log_on(users.api) as other,
                other.cursor() as killing,
                pytest.raises(oracledb.DatabaseError, match=UNKNOWN_UNIT),
            ):
                killing.callproc(f"{killer}.kill_job", [job_id])

            # Found by recovery once the lease is over.
            ended = client.wait(job_id, seconds=60)
            assert ended["status"] == "failed"
            assert ended["error"].startswith("The worker was lost while the procedure ran")
            assert client.run("PROC_TEST_DEMORA", {"segundos": 0})["status"] == "completed"
        finally:
            cursor.execute(f"drop user {killer} cascade")


# ---- What must not work ----

#: What Oracle says of a table that the user may not even know, and of one that it may only read.
UNKNOWN_TABLE = r"ORA-00942"
READ_ONLY = r"ORA-01031|ORA-41900"
#: Of a package without EXECUTE. 23ai says PLS-00904 where the user may do anything else with it.
UNKNOWN_UNIT = r"PLS-00201|PLS-00904"

#: Who, what, and what Oracle answers. {o} is the owner, {a} the application's schema.
FORBIDDEN = [
    # The API's user: no call of the protocol.
    ("api", "begin {o}.async_jobs_worker.forget_attempt; end;", UNKNOWN_UNIT),
    (
        "api",
        "declare n varchar2(9); begin {o}.async_jobs_worker.release('a', 'b', 1, n); end;",
        UNKNOWN_UNIT,
    ),
    ("api", "begin {o}.async_jobs_progress.set_progress(1); end;", UNKNOWN_UNIT),
    ("api", "declare n number; begin {o}.async_jobs_recovery.recover(n); end;", UNKNOWN_UNIT),
    ("api", "begin {o}.async_jobs_state.delete_attempts('a'); end;", UNKNOWN_UNIT),
    # None of the operators' calls.
    ("api", "declare n number; begin {o}.async_jobs_admin.recover(n); end;", UNKNOWN_UNIT),
    ("api", "declare n number; begin {o}.async_jobs_admin.drain(null, n); end;", UNKNOWN_UNIT),
    ("api", "begin {o}.async_jobs_admin.drop_scheduler_jobs; end;", UNKNOWN_UNIT),
    ("worker", "declare n number; begin {o}.async_jobs_admin.clean_up(0, n); end;", UNKNOWN_UNIT),
    ("worker", "begin {o}.async_jobs_admin.drop_scheduler_jobs; end;", UNKNOWN_UNIT),
    # It writes no table, and says nothing about who may submit what.
    ("api", "update {o}.async_jobs set status = 'completed'", READ_ONLY),
    ("api", "delete from {o}.async_jobs", READ_ONLY),
    ("api", "insert into {o}.async_job_procedures (procedure_name) values ('*')", UNKNOWN_TABLE),
    ("api", "select count(*) from {o}.async_job_procedures", UNKNOWN_TABLE),
    ("api", "select count(*) from {o}.async_jobs_test_rows", UNKNOWN_TABLE),
    ("api", "select count(*) from {a}.loads", UNKNOWN_TABLE),
    ("api", "begin {a}.not_granted; end;", UNKNOWN_UNIT),
    ("api", "begin {o}.proc_test_demora(0); end;", UNKNOWN_UNIT),
    ("api", "drop table {o}.async_jobs", r"ORA-01031"),
    ("api", "truncate table {o}.async_jobs", r"ORA-01031"),
    ("api", "drop package {o}.async_jobs_api", r"ORA-01031|ORA-04043"),
    ("api", "create table mine (n number)", r"ORA-01031"),
    ("api", "begin dbms_aqadm.stop_queue('{o}.async_jobs_queue'); end;", r"PLS-00201|ORA-24"),
    # The worker's user: it neither submits nor deletes nor cleans up, and drops nothing.
    (
        "worker",
        "declare s varchar2(9); begin {o}.async_jobs_api.delete_job('a', s); end;",
        UNKNOWN_UNIT,
    ),
    (
        "worker",
        "declare n number; begin {o}.async_jobs_api.delete_jobs('failed', 0, n); end;",
        UNKNOWN_UNIT,
    ),
    (
        "worker",
        "declare s varchar2(32); begin s := {o}.async_jobs_api.submit('P'); end;",
        UNKNOWN_UNIT,
    ),
    ("worker", "declare n number; begin {o}.cleanup_old_async_jobs(0, n); end;", UNKNOWN_UNIT),
    ("worker", "delete from {o}.async_jobs", READ_ONLY),
    ("worker", "update {o}.async_jobs set status = 'completed'", READ_ONLY),
    ("worker", "delete from {o}.async_job_attempts", UNKNOWN_TABLE),
    ("worker", "delete from {o}.async_jobs_test_rows", UNKNOWN_TABLE),
    ("worker", "select count(*) from {o}.async_jobs_test_rows", UNKNOWN_TABLE),
    ("worker", "select count(*) from {a}.loads", UNKNOWN_TABLE),
    ("worker", "begin {a}.not_granted; end;", UNKNOWN_UNIT),
    ("worker", "drop table {o}.async_jobs", r"ORA-01031"),
    ("worker", "truncate table {o}.async_jobs", r"ORA-01031"),
    ("worker", "drop procedure {o}.proc_test", r"ORA-01031|ORA-04043"),
    ("worker", "drop package {o}.async_jobs_worker", r"ORA-01031|ORA-04043"),
    ("worker", "create table mine (n number)", r"ORA-01031"),
    # Another schema reads no job, and neither cleans up nor claims.
    ("stranger", "select count(*) from {o}.async_jobs", UNKNOWN_TABLE),
    ("stranger", "select count(*) from {o}.async_jobs_local", UNKNOWN_TABLE),
    ("stranger", "select count(*) from {o}.async_jobs_running", UNKNOWN_TABLE),
    (
        "stranger",
        "declare s varchar2(32); begin s := {o}.async_jobs_api.submit('P'); end;",
        UNKNOWN_UNIT,
    ),
    ("stranger", "begin {o}.async_jobs_progress.set_progress(1); end;", UNKNOWN_UNIT),
    ("stranger", "begin {o}.async_jobs_worker.forget_attempt; end;", UNKNOWN_UNIT),
]


@pytest.mark.parametrize(
    ("who", "text", "answer"), FORBIDDEN, ids=[f"{who}: {text}" for who, text, _ in FORBIDDEN]
)
def test_what_was_not_granted_is_refused(
    installed: Stack, application: Users, who: str, text: str, answer: str
) -> None:
    names = {"o": application.owner.user, "a": application.application.user}
    with (
        log_on(getattr(application, who)) as connection,
        connection.cursor() as cursor,
        pytest.raises(oracledb.DatabaseError, match=answer),
    ):
        cursor.execute(text.format_map(names))


def test_a_procedure_that_the_workers_user_may_not_execute_does_not_run(
    client: JobClient, application: Users
) -> None:
    job = client.run(f"{application.application.user}.NOT_GRANTED")

    assert job["status"] == "failed"
    assert "PLS-00201" in job["error"]


def test_orders_to_oraq_itself_are_no_procedures_to_submit(
    client: JobClient, application: Users
) -> None:
    for name in ("CLEANUP_OLD_ASYNC_JOBS", "ASYNC_JOBS_WORKER.FORGET_ATTEMPT"):
        for full_name in (name, f"{application.owner.user}.{name}"):
            answer = client.http.post("/procedure/async", json={"name": full_name})

            assert answer.status_code == 403, full_name


def test_a_narrower_list_narrows_what_clients_may_submit(
    client: JobClient, application: Users
) -> None:
    def rows(cursor: oracledb.Cursor, *names: str) -> None:
        cursor.execute(
            "delete from async_job_procedures where submitted_by = :submitter",
            submitter=application.api.user,
        )
        for name in names:
            cursor.execute(
                "insert into async_job_procedures (procedure_name, submitted_by) "
                "values (:name, :submitter)",
                name=name,
                submitter=application.api.user,
            )
        cursor.connection.commit()

    with log_on(application.owner) as connection, connection.cursor() as cursor:
        delayed = client.submit("PROC_TEST_DEMORA", {"segundos": 0}, delay=2)
        rows(cursor, "PROC_TEST_DEMORA")
        try:
            refused = client.http.post("/procedure/async", json={"name": "PROC_TEST"})
            taken = client.run("PROC_TEST_DEMORA", {"segundos": 0})
            rows(cursor)
            nothing = client.http.post("/procedure/async", json={"name": "PROC_TEST_DEMORA"})
            # The worker looks again, at the rows of the user who has submitted.
            refused_late = client.wait(delayed)
        finally:
            rows(cursor, "*")

    assert refused.status_code == 403
    assert taken["status"] == "completed"
    assert nothing.status_code == 403
    assert refused_late["error"].startswith("ORA-01031")


def test_a_worker_looks_for_names_without_a_schema_in_its_default_schema(
    installed: Stack, client: JobClient, worker_as_user: Process, application: Users
) -> None:
    """The last test here, as it ends the worker of the others."""
    worker_as_user.stop(seconds=20)
    environment = _environment(application, application.worker)
    environment["ORAQ_DEFAULT_SCHEMA"] = application.application.user
    installed.start_worker("--slots", "2", **environment)

    job = client.run("LOAD_ROWS", {"p_rows": 1}, {"p_loaded": None})

    assert job["status"] == "completed", job
    assert job["result"] == {"p_loaded": 1}
