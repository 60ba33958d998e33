"""async_jobs_api as a PL/SQL developer calls it: parameters, keys, tags, and his own transaction."""

import json
from typing import Any

import oracledb
import pytest

from tests.client import JobClient

SUBMIT = """
    begin
        async_jobs_api.submit(
            p_job_id => :job_id,
            p_procedure_name => 'PROC_TEST_DEMORA',
            p_params => '{"segundos": 0}',
            p_delay_seconds => 3600,
            p_idempotency_key => :idempotency_key,
            p_request_hash => :request_hash,
            p_status => :status
        );
    end;"""


def call(db: oracledb.Connection, block: str, *outs: str, **binds: Any) -> list[Any]:
    """Run a block; gives the values of its OUT binds."""
    with db.cursor() as cursor:
        variables = {name: cursor.var(str, 32767) for name in outs}
        cursor.execute(block, {**binds, **variables})
        return [variable.getvalue() for variable in variables.values()]


def submit(
    db: oracledb.Connection, number: int, key: str | None, content: str | None = None
) -> str:
    (status,) = call(
        db, SUBMIT, "status", job_id=f"{number:032x}", idempotency_key=key, request_hash=content
    )
    return str(status)


def test_params_are_built_without_writing_json(db: oracledb.Connection, client: JobClient) -> None:
    block = """
        declare
            l_params clob;
        begin
            async_jobs_api.add_param(l_params, 'p_number', 12.5);
            async_jobs_api.add_param(l_params, 'p_varchar', :text);
            async_jobs_api.add_param(l_params, 'p_date', date '2025-12-31');
            async_jobs_api.add_out_param(l_params, 'p_result', 'string');
            :job_id := async_jobs_api.submit('PROC_TEST_PARAMS', l_params);
            commit;
        end;"""
    text = 'ñ "quoted" ] \\ \t\n'

    (job_id,) = call(db, block, "job_id", text=text)

    job = client.wait(job_id)
    assert job["result"] == {"p_result": f"Number: 12.5, String: {text}, Date: 31/12/2025"}


def test_a_built_list_is_json_for_every_type(db: oracledb.Connection) -> None:
    block = """
        declare
            l_params clob;
        begin
            async_jobs_api.add_param(l_params, 'a', cast(null as varchar2));
            async_jobs_api.add_param(l_params, 'b', 0.12345678901234567890123456789012345678);
            async_jobs_api.add_param(l_params, 'c', true);
            async_jobs_api.add_param(l_params, 'd', timestamp '2025-01-02 03:04:05.678901');
            async_jobs_api.add_out_param(l_params, 'e');
            :params := l_params;
        end;"""

    (text,) = call(db, block, "params")

    assert json.loads(text) == [
        {"name": "a", "value": None},
        {"name": "b", "value": ".12345678901234567890123456789012345678"},
        {"name": "c", "value": True},
        {"name": "d", "value": "2025-01-02T03:04:05.678901"},
        {"name": "e", "direction": "OUT"},
    ]


def test_a_key_makes_one_job_and_refuses_another_content(db: oracledb.Connection) -> None:
    key = "test-key-1"

    assert submit(db, 1, key, "content") == "ok"
    assert submit(db, 2, key, "content") == "exists"
    assert submit(db, 3, key, "other") == "conflict"
    (found,) = call(db, "begin :id := async_jobs_api.find_job(:key); end;", "id", key=key)
    assert found == f"{1:032x}"
    db.rollback()

    (found,) = call(db, "begin :id := async_jobs_api.find_job(:key); end;", "id", key=key)
    assert found is None
    assert submit(db, 2, key, "other") == "ok"
    db.rollback()


def test_the_function_gives_the_first_job_of_a_key(db: oracledb.Connection) -> None:
    block = """
        begin
            :first := async_jobs_api.submit('PROC_TEST', p_idempotency_key => 'test-key-2');
            :second := async_jobs_api.submit('PROC_TEST', p_idempotency_key => 'test-key-2');
            :other := async_jobs_api.submit('PROC_TEST');
        end;"""

    first, second, other = call(db, block, "first", "second", "other")
    db.rollback()

    assert first == second
    assert other not in (None, first)


def test_without_a_key_any_number_of_jobs_may_be_equal(db: oracledb.Connection) -> None:
    assert [submit(db, number, None) for number in (4, 5)] == ["ok", "ok"]
    assert submit(db, 4, None) == "exists"
    db.rollback()


@pytest.mark.parametrize("tags", ["a,b", "a, b"])
def test_tags_are_kept_between_commas(db: oracledb.Connection, tags: str) -> None:
    block = "begin :id := async_jobs_api.submit('PROC_TEST', p_tags => :tags); end;"

    (job_id,) = call(db, block, "id", tags=tags)

    with db.cursor() as cursor:
        cursor.execute("select tags from async_jobs where job_id = :id", id=job_id)
        assert cursor.fetchall() == [(",a,b,",)]
    db.rollback()


def test_run_after_is_a_time_in_utc(db: oracledb.Connection) -> None:
    block = """
        begin
            :id := async_jobs_api.submit(
                p_procedure_name => 'PROC_TEST',
                p_run_after => sys_extract_utc(systimestamp) + interval '1' hour
            );
        end;"""

    (job_id,) = call(db, block, "id")

    with db.cursor() as cursor:
        cursor.execute(
            "select round((cast(run_after as date) - cast(created_at as date)) * 1440) "
            "from async_jobs where job_id = :id",
            id=job_id,
        )
        assert cursor.fetchall() == [(60,)]
    db.rollback()
