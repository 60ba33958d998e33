"""OraQ as a PL/SQL developer meets it: the example script, his transaction, the two errors."""

import re
from collections.abc import Iterator

import oracledb
import pytest

from deploy.stack import Stack
from tests.client import JobClient
from tests.sqlplus import ROOT, run_script
from tests.waiting import eventually

EXAMPLE = ROOT / "sql" / "examples" / "jobs_from_plsql.sql"
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_example_runs_twice_and_says_what_it_does(
    stack: Stack, db: oracledb.Connection
) -> None:
    owner = stack.database.user.upper()
    for _turn in range(2):
        output = run_script(db, EXAMPLE, {"oraq": owner, "worker_user": owner})

    assert output[0] == "after a rollback: 0 jobs"
    assert output[1] == "submit: ok"
    assert any(re.fullmatch(r"running \d+ % row \d+ of 25", line) for line in output), output
    # The last rows come within the second in which a note was written.
    assert re.fullmatch(r"completed 100 % row \d+ of 25", output[-8])
    assert output[-7:] == [
        'result: {"p_loaded":25}',
        "cancel: ok",
        "cancel again: ended",
        "retry: ok",
        "delete: ok",
        "delete again: missing",
        "same job: yes",
    ]


@pytest.fixture(scope="module")
def developer(stack: Stack) -> Iterator[oracledb.Connection]:
    """With procedures that ask themselves to stop, and note which error that brings them."""
    database = stack.database
    with (
        oracledb.connect(
            user=database.user, password=database.password, dsn=database.dsn
        ) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("select count(*) from user_tables where table_name = 'DEVELOPER_NOTES'")
        if cursor.fetchone() == (0,):
            cursor.execute("create table developer_notes (job_id varchar2(32), note varchar2(200))")
            cursor.execute("create table developer_work (job_id varchar2(32))")
        cursor.execute("""
            create or replace procedure developer_note(p_job_id in varchar2, p_note in varchar2) is
              pragma autonomous_transaction;
            begin
              insert into developer_notes (job_id, note) values (p_job_id, p_note);
              commit;
            end developer_note;""")
        cursor.execute("""
            create or replace procedure developer_stop(p_how in varchar2) is
              l_job_id varchar2(32) := async_jobs_progress.current_job_id;
              l_status varchar2(30);
            begin
              insert into developer_work (job_id) values (l_job_id);
              if p_how = 'cancel' then
                async_jobs_api.cancel_job(p_job_id => l_job_id, p_status => l_status);
              else
                async_jobs_api.delete_job(p_job_id => l_job_id, p_status => l_status);
              end if;
              async_jobs_progress.set_progress(p_percent => 42, p_note => 'too late');
              developer_note(l_job_id, 'went on');
            exception
              when async_jobs_progress.e_cancelled then
                developer_note(l_job_id, 'cancelled ' || sqlcode);
                raise;
              when async_jobs_progress.e_claim_lost then
                developer_note(l_job_id, 'lost ' || sqlcode);
                raise;
            end developer_stop;""")
        yield connection


def notes_of(connection: oracledb.Connection, job_id: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("select note from developer_notes where job_id = :id", id=job_id)
        return [note for (note,) in cursor]


def work_of(connection: oracledb.Connection, job_id: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from developer_work where job_id = :id", id=job_id)
        (count,) = cursor.fetchone() or (0,)
        return int(count)


def test_set_progress_raises_20990_where_the_job_was_cancelled(
    client: JobClient, developer: oracledb.Connection
) -> None:
    job = client.run("DEVELOPER_STOP", {"p_how": "cancel"})

    assert job["status"] == "failed"
    assert job["error"].startswith("The job was cancelled.")
    assert notes_of(developer, job["id"]) == ["cancelled -20990"]
    assert work_of(developer, job["id"]) == 0


def test_set_progress_raises_20991_where_the_claim_is_lost(
    client: JobClient, developer: oracledb.Connection
) -> None:
    job_id = client.submit("DEVELOPER_STOP", {"p_how": "delete"})

    assert eventually(lambda: notes_of(developer, job_id) or None) == ["lost -20991"]
    assert client.http.get(f"/jobs/{job_id}").status_code == 404
    assert work_of(developer, job_id) == 0


def test_texts_of_four_bytes_a_character_fit_wherever_a_job_keeps_them(
    client: JobClient, developer: oracledb.Connection
) -> None:
    with developer.cursor() as cursor:
        cursor.execute("""
            create or replace procedure developer_wide(p_text in varchar2) is
            begin
              async_jobs_progress.set_progress(p_percent => 7, p_note => p_text || p_text);
              raise_application_error(-20001, p_text);
            end developer_wide;""")
    text = "\N{GRINNING FACE}" * 510
    tags = ["\N{GRINNING FACE}" * 58 + f"{number:02}" for number in range(16)]

    job = client.wait(client.submit("DEVELOPER_WIDE", {"p_text": text}, tags=tags))

    assert job["progress_note"] == (text + text)[:1000]
    assert job["error"].startswith(f"ORA-20001: {text}")
    assert job["tags"] == tags


def test_outside_of_a_job_progress_is_nothing(developer: oracledb.Connection) -> None:
    with developer.cursor() as cursor:
        assert cursor.callfunc("async_jobs_progress.current_job_id", str) is None
        cursor.callproc("async_jobs_progress.set_progress", [50, "nobody sees this"])


def test_the_builder_writes_every_type_to_the_last_digit(
    client: JobClient, developer: oracledb.Connection
) -> None:
    with developer.cursor() as cursor:
        cursor.execute("""
            create or replace procedure developer_types(
              p_text in varchar2, p_number in number, p_day in date, p_moment in timestamp,
              p_yes in boolean, p_nothing in varchar2, p_all out varchar2
            ) is
            begin
              p_all := p_text || '|' || to_char(p_number, 'TM9') || '|'
                || to_char(p_day, 'YYYY-MM-DD HH24:MI:SS') || '|'
                || to_char(p_moment, 'YYYY-MM-DD HH24:MI:SS.FF6') || '|'
                || case when p_yes then 'yes' else 'no' end || '|' || nvl(p_nothing, 'null');
            end developer_types;""")
        job_id = cursor.var(str)
        cursor.execute(
            """
            declare
              l_params clob;
            begin
              async_jobs_api.add_param(l_params, 'p_text', 'a "quoted" \\ ñandú' || chr(10) || chr(9));
              async_jobs_api.add_param(l_params, 'p_number', 12345678901234567890123456789012345678);
              async_jobs_api.add_param(l_params, 'p_day', to_date('2026-02-28 23:59:58',
                'YYYY-MM-DD HH24:MI:SS'));
              async_jobs_api.add_param(l_params, 'p_moment',
                timestamp '2026-02-28 23:59:58.123456');
              async_jobs_api.add_param(l_params, 'p_yes', true);
              async_jobs_api.add_param(l_params, 'p_nothing', cast(null as varchar2));
              async_jobs_api.add_out_param(l_params, 'p_all');
              :job_id := async_jobs_api.submit(
                p_procedure_name => 'DEVELOPER_TYPES', p_params => l_params);
              commit;
            end;""",
            job_id=job_id,
        )

    job = client.wait(job_id.getvalue())

    assert job["status"] == "completed", job
    assert job["result"]["p_all"] == (
        'a "quoted" \\ ñandú\n\t|12345678901234567890123456789012345678|2026-02-28 23:59:58|'
        "2026-02-28 23:59:58.123456|yes|null"
    )


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        ("submit(p_job_id => '{id}', p_procedure_name => 'PROC_TEST', p_status => s)", "ok"),
        ("submit(p_job_id => 'NO ID', p_procedure_name => 'PROC_TEST', p_status => s)", "invalid"),
        ("submit(p_job_id => '{id}', p_procedure_name => 'A.B@C', p_status => s)", "refused"),
        ("cancel_job(p_job_id => '{id}', p_status => s)", "missing"),
        ("retry_job(p_job_id => '{id}', p_status => s)", "missing"),
        ("delete_job(p_job_id => '{id}', p_status => s)", "missing"),
    ],
)
def test_calls_answer_with_a_status_that_the_readme_lists(
    developer: oracledb.Connection, call: str, answer: str
) -> None:
    text = call.format(id="0123456789abcdef" * 2)
    with developer.cursor() as cursor:
        status = cursor.var(str)
        cursor.execute(
            f"declare s varchar2(30); begin async_jobs_api.{text}; :status := s; end;",
            status=status,
        )
        developer.rollback()

    assert status.getvalue() == answer
    assert f"`{answer}`" in README


def test_the_readme_lists_every_status_of_the_specification() -> None:
    spec = (ROOT / "plsql" / "async_jobs_api.pks").read_text(encoding="utf-8")
    said = "".join(re.findall(r"@param p_status(.*?)(?:@|\*/)", spec, re.DOTALL))
    statuses = set(re.findall(r"'([a-z ]+)'", said))

    assert {"ok", "exists", "refused", "session alive"} <= statuses
    assert {status for status in statuses if f"`{status}`" not in README} == set()
    assert "ORA-20990" in README
    assert "ORA-20991" in README
