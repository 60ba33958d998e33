"""POST /procedure/async: what is accepted, what is refused, and what is in the answer."""

import re

import httpx
import oracledb
import pytest

from tests.client import JobClient


def test_submit_answers_201_with_the_contracts_fields(http: httpx.Client) -> None:
    answer = http.post("/procedure/async", json={"name": "PROC_TEST", "params": []})

    body = answer.json()
    assert answer.status_code == 201
    assert re.fullmatch(r"[0-9a-f]{32}", body["job_id"])
    assert {name: body[name] for name in ("status", "message")} == {
        "status": "ok",
        "message": "Job creado y ejecutándose",
    }
    assert answer.headers["location"].endswith(f"/jobs/{body['job_id']}")


def test_submit_is_durable_when_answered(client: JobClient, db: oracledb.Connection) -> None:
    job_id = client.submit("PROC_TEST_DEMORA", {"segundos": 0})

    with db.cursor() as cursor:
        cursor.execute("select procedure_name from async_jobs where job_id = :id", id=job_id)
        assert cursor.fetchone() == ("PROC_TEST_DEMORA",)


def test_direction_and_type_come_in_any_case(http: httpx.Client, client: JobClient) -> None:
    params = [
        {"name": "p_input", "value": "x", "direction": "in", "type": "string"},
        {"name": "p_output", "direction": "Out", "type": "String"},
    ]
    answer = http.post("/procedure/async", json={"name": "proc_test", "params": params})

    job = client.wait(answer.json()["job_id"])
    assert job["result"] == {"p_output": "Procesado: x"}


def test_params_are_bound_by_name_in_any_order(http: httpx.Client, client: JobClient) -> None:
    params = [
        {"name": "p_result", "direction": "OUT", "type": "STRING"},
        {"name": "p_date", "value": "2025-12-31"},
        {"name": "p_varchar", "value": "b"},
        {"name": "p_number", "value": 1},
    ]
    answer = http.post("/procedure/async", json={"name": "PROC_TEST_PARAMS", "params": params})

    job = client.wait(answer.json()["job_id"])
    assert job["result"] == {"p_result": "Number: 1, String: b, Date: 31/12/2025"}


def test_foreign_names_are_bound_by_position(client: JobClient) -> None:
    job = client.run("PROC_TEST", {"cualquiera": "x"}, {"otro": "STRING"})

    assert job["status"] == "completed"
    assert job["result"] == {"otro": "Procesado: x"}


def test_function_gives_its_value_to_the_first_out_parameter(
    client: JobClient, db: oracledb.Connection
) -> None:
    with db.cursor() as cursor:
        cursor.execute(
            "create or replace function contract_double(p_n in number) return number is "
            "begin return p_n * 2; end contract_double;"
        )

    body = {"isFunction": True}
    job = client.run("CONTRACT_DOUBLE", {"p_n": 21}, {"resultado": "NUMBER"}, **body)

    assert job["result"] == {"resultado": 42}


def test_schema_names_the_procedures_owner(client: JobClient, db: oracledb.Connection) -> None:
    owner = db.username.upper()

    job = client.run("PROC_TEST", {"p_input": "x"}, {"p_output": "STRING"}, schema=owner)

    assert job["result"] == {"p_output": "Procesado: x"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'"PROC_TEST"',
        b"\xff",
        '{"name": "PROC_TEST"}'.encode("utf-16"),
        b'{"name": "PROC_TEST", "params": [{"name": "p", "value": NaN}]}',
        b'{"name": "PROC_TEST", "params": [{"name": "p", "value": %b}]}' % (b"1" * 5000),
        b'{"name": "PROC_TEST", "params": [{"name": "p", "value": %b%b}]}'
        % (b"[" * 900, b"]" * 900),
        b"[" * 100_000,
    ],
    ids=[
        *("empty", "cut", "array", "text", "not UTF-8", "UTF-16", "NaN", "5000 digits"),
        *("deep", "deeper"),
    ],
)
def test_what_is_no_json_object_is_refused_with_400(http: httpx.Client, content: bytes) -> None:
    headers = {"Content-Type": "application/json"}

    answer = http.post("/procedure/async", content=content, headers=headers)

    assert answer.status_code == 400
    assert isinstance(answer.json()["error"], str)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": 5}, "name"),
        ({"name": "X" * 201}, "name"),
        ({"name": "PROC_TEST", "params": "x"}, "params"),
        ({"name": "PROC_TEST", "params": ["x"]}, "params"),
        ({"name": "PROC_TEST", "params": [{"value": 1}]}, "name"),
        ({"name": "PROC_TEST", "params": [{"name": "p", "direction": "UP"}]}, "direction"),
        ({"name": "PROC_TEST", "params": [{"name": "p", "type": "COSA"}]}, "type"),
        ({"name": "PROC_TEST", "isFunction": "quizás"}, "isFunction"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_field_that_does_not_fit_is_named(
    http: httpx.Client, body: dict[str, object], field: str
) -> None:
    answer = http.post("/procedure/async", json=body)

    assert answer.status_code in (400, 422)
    assert field in answer.json()["error"]


def test_refused_bodies_leave_no_row(http: httpx.Client, db: oracledb.Connection) -> None:
    def count() -> int:
        with db.cursor() as cursor:
            cursor.execute("select count(*) from async_jobs")
            return int(cursor.fetchone()[0])

    before = count()
    http.post("/procedure/async", json={"name": "PROC_TEST", "params": [{"value": 1}]})

    assert count() == before


def test_a_body_over_the_limit_is_refused_with_413(http: httpx.Client) -> None:
    params = [{"name": "p_input", "value": "x" * (1024 * 1024)}]

    answer = http.post("/procedure/async", json={"name": "PROC_TEST", "params": params})

    assert answer.status_code == 413
    assert isinstance(answer.json()["error"], str)
