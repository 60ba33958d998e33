"""What comes of a call: the samples, types, wrong calls, progress."""

import base64
import json
import re
from decimal import Decimal

import httpx
import oracledb
import pytest

from tests.client import JobClient
from tests.waiting import eventually

#: Progress that OraQ sets by itself.
STAGES = {0, 30, 50, 80, 100}


def test_proc_test(client: JobClient) -> None:
    job = client.run("PROC_TEST", {"p_input": "señal €"}, {"p_output": "STRING"})

    assert job["result"] == {"p_output": "Procesado: señal €"}


def test_proc_test_params(client: JobClient) -> None:
    params = {"p_number": 7, "p_varchar": "s", "p_date": "2024-02-29"}

    job = client.run("PROC_TEST_PARAMS", params, {"p_result": "STRING"})

    assert job["result"] == {"p_result": "Number: 7, String: s, Date: 29/02/2024"}


def test_proc_test_cursor(client: JobClient) -> None:
    job = client.run("PROC_TEST_CURSOR", {"p_limit": 2}, {"p_cursor": None})

    rows = job["result"]["p_cursor"]
    assert [(row["ID"], row["NOMBRE"]) for row in rows] == [(1, "Item 1"), (2, "Item 2")]
    assert all(not row["FECHA"].endswith("Z") for row in rows)


def test_proc_test_cursor_without_rows(client: JobClient) -> None:
    job = client.run("PROC_TEST_CURSOR", {"p_limit": 0}, {"p_cursor": None})

    assert job["result"] == {"p_cursor": []}


def test_proc_test_error_may_not_fail(client: JobClient) -> None:
    job = client.run("PROC_TEST_ERROR", {"p_should_fail": 0})

    assert job["status"] == "completed"


def test_proc_test_dml_commits_its_rows(client: JobClient, db: oracledb.Connection) -> None:
    job = client.run("PROC_TEST_DML", {"p_table_name": "contract"}, {"p_rows_created": "NUMBER"})

    assert job["result"] == {"p_rows_created": 100}
    with db.cursor() as cursor:
        cursor.execute(
            "select count(*) from async_jobs_test_rows where table_name = :name", name="contract"
        )
        assert cursor.fetchone()[0] >= 100


def test_proc_test_demora_takes_its_time(client: JobClient) -> None:
    job = client.run("PROC_TEST_DEMORA", {"segundos": 1})

    assert 1 <= float(job["duration"].removesuffix("s")) < 5


@pytest.mark.parametrize(
    ("name", "params", "code"),
    [
        ("PROC_QUE_NO_EXISTE", {}, "PLS-00201"),
        ("NADIE.PROC_TEST", {"p_input": "x"}, "PLS-00201"),
        ("PROC_TEST", {"p_input": "x", "p_output": "y", "p_sobra": 1}, "PLS-00306"),
        ("PROC_TEST", {}, "PLS-00306"),
        (
            "PROC_TEST_PARAMS",
            {"p_number": "x", "p_varchar": "s", "p_date": "2024-01-01"},
            "ORA-06502",
        ),
    ],
    ids=["missing", "missing schema", "too many", "too few", "no number"],
)
def test_a_call_that_cannot_be_is_accepted_and_fails_with_oracles_code(
    client: JobClient, name: str, params: dict[str, object], code: str
) -> None:
    out: dict[str, str | None] | None = {"p_result": None} if name == "PROC_TEST_PARAMS" else None

    job = client.run(name, params, out)

    assert job["status"] == "failed"
    assert code in job["error"]


def test_an_unhandled_error_keeps_its_stack(client: JobClient) -> None:
    job = client.run("PROC_TEST_ERROR", {"p_should_fail": 1})

    assert job["error"].startswith("ORA-20001: Error intencional de prueba")
    assert "ORA-06512" in job["error"]
    assert "https://" not in job["error"]


@pytest.fixture
def echo(db: oracledb.Connection) -> str:
    """A procedure that gives back what it gets, in each type."""
    with db.cursor() as cursor:
        cursor.execute(
            "create or replace procedure contract_echo("
            "p_n in number, p_n_out out number, p_s in varchar2, p_s_out out varchar2, "
            "p_d in date, p_d_out out date, p_io in out number) is "
            "begin p_n_out := p_n; p_s_out := p_s; p_d_out := p_d; p_io := p_io + 1; "
            "end contract_echo;"
        )
    return "CONTRACT_ECHO"


def call_echo(
    client: JobClient, http: httpx.Client, echo: str, **values: object
) -> dict[str, object]:
    given = {"p_n": None, "p_s": None, "p_d": None, "p_io": 1, **values}
    params: list[dict[str, object]] = [
        {"name": name, "value": value, **({"direction": "INOUT"} if name == "p_io" else {})}
        for name, value in given.items()
    ]
    params += [{"name": name, "direction": "OUT"} for name in ("p_n_out", "p_s_out", "p_d_out")]
    answer = http.post("/procedure/async", json={"name": echo, "params": params})
    job = client.wait(answer.json()["job_id"])
    assert job["status"] == "completed", job
    result: dict[str, object] = job["result"]
    return result


def test_in_out_comes_back_changed(client: JobClient, http: httpx.Client, echo: str) -> None:
    assert call_echo(client, http, echo, p_io=41)["p_io"] == 42


@pytest.mark.parametrize("number", [0, -1, 42, 1.5, -0.001, 12345678901234567890], ids=str)
def test_numbers_come_back_as_they_went(
    client: JobClient, http: httpx.Client, echo: str, number: float
) -> None:
    assert call_echo(client, http, echo, p_n=number)["p_n_out"] == number


def test_no_digit_of_a_number_is_lost(http: httpx.Client, client: JobClient, echo: str) -> None:
    digits = "12345678901234567890123456789012345.678"
    body = (
        '{"name": "CONTRACT_ECHO", "params": [{"name": "p_n", "value": ' + digits + "}, "
        '{"name": "p_n_out", "direction": "OUT"}, {"name": "p_s", "value": "x"}, '
        '{"name": "p_s_out", "direction": "OUT"}, {"name": "p_d", "value": null}, '
        '{"name": "p_d_out", "direction": "OUT"}, '
        '{"name": "p_io", "value": 1, "direction": "INOUT"}]}'
    )
    headers = {"Content-Type": "application/json"}
    job_id = http.post("/procedure/async", content=body, headers=headers).json()["job_id"]
    client.wait(job_id, "completed")

    text = http.get(f"/jobs/{job_id}").text
    assert text.count(digits) >= 2
    assert Decimal(digits).as_tuple().digits == tuple(int(c) for c in digits if c != ".")


@pytest.mark.parametrize(
    "text", ["x", "ñandú €", "a'b\"c", "line\nline", "😀", "x" * 4000], ids=lambda text: text[:8]
)
def test_texts_come_back_as_they_went(
    client: JobClient, http: httpx.Client, echo: str, text: str
) -> None:
    assert call_echo(client, http, echo, p_s=text)["p_s_out"] == text


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("2026-02-28", "2026-02-28T00:00:00"),
        ("2026-02-28T23:59:58", "2026-02-28T23:59:58"),
        ("2026-02-28T23:59:58Z", "2026-02-28T23:59:58"),
        ("2026-02-28T23:30:00-03:00", "2026-03-01T02:30:00"),
    ],
    ids=str,
)
def test_dates_are_utc_and_come_back_without_a_zone(
    client: JobClient, http: httpx.Client, echo: str, given: str, found: str
) -> None:
    assert call_echo(client, http, echo, p_d=given)["p_d_out"] == found


def test_nulls_come_back_as_null(client: JobClient, http: httpx.Client, echo: str) -> None:
    result = call_echo(client, http, echo, p_io=0)

    assert result == {"p_n_out": None, "p_s_out": None, "p_d_out": None, "p_io": 1}


@pytest.mark.parametrize(
    ("number", "found"),
    [("1e125", 10**125), ("-1e-130", Decimal("-1e-130")), ("1e-131", 0), ("9" * 40, 10**40 - 1)],
)
def test_numbers_at_oracles_edges(
    http: httpx.Client, client: JobClient, db: oracledb.Connection, number: str, found: object
) -> None:
    with db.cursor() as cursor:
        cursor.execute(
            "create or replace procedure contract_number(p_n in number, p_back out number) is "
            "begin p_back := p_n; end contract_number;"
        )
    body = (
        '{"name": "CONTRACT_NUMBER", "params": [{"name": "p_n", "value": ' + number + "}, "
        '{"name": "p_back", "direction": "OUT"}]}'
    )
    job_id = http.post("/procedure/async", content=body).json()["job_id"]
    client.wait(job_id, "completed")

    job = json.loads(http.get(f"/jobs/{job_id}").text, parse_float=Decimal)
    assert job["result"] == {"p_back": found}


@pytest.fixture
def long_echo(db: oracledb.Connection) -> str:
    """A procedure that takes and gives LOBs and strings of any length."""
    with db.cursor() as cursor:
        cursor.execute(
            "create or replace procedure contract_long("
            "p_c in clob, p_c_out out clob, p_c_io in out clob, p_n_io in out nclob, "
            "p_b_io in out blob, p_length out number) is "
            "begin p_c_out := p_c; p_c_io := p_c_io || '!'; p_length := dbms_lob.getlength(p_c); "
            "end contract_long;"
        )
    return "CONTRACT_LONG"


@pytest.mark.parametrize(
    "length", [0, 1, 4001, 10922, 10923, 32767, 32768, 70_000], ids=lambda length: str(length)
)
def test_lobs_of_any_length_come_back(
    client: JobClient, http: httpx.Client, long_echo: str, length: int
) -> None:
    text = "€" * length
    blob = base64.b64encode(b"\x00\xff" * length).decode()
    params: list[dict[str, object]] = [
        {"name": "p_c", "value": text},
        {"name": "p_c_out", "direction": "OUT"},
        {"name": "p_c_io", "value": "ñ" * length, "direction": "INOUT"},
        {"name": "p_n_io", "value": text, "direction": "INOUT"},
        {"name": "p_b_io", "value": blob, "direction": "INOUT"},
        {"name": "p_length", "direction": "OUT"},
    ]
    answer = http.post("/procedure/async", json={"name": long_echo, "params": params})
    job = client.wait(answer.json()["job_id"])

    assert job["status"] == "completed", job
    # An empty text is a null.
    assert job["result"] == {
        "p_c_out": text or None,
        "p_c_io": "ñ" * length + "!",
        "p_n_io": text or None,
        "p_b_io": blob or None,
        "p_length": length or None,
    }


def test_params_of_many_long_texts(client: JobClient, db: oracledb.Connection) -> None:
    with db.cursor() as cursor:
        cursor.execute(
            "create or replace procedure contract_texts("
            "p_a in varchar2, p_b in varchar2, p_c in varchar2, p_length out number) is "
            "begin p_length := length(p_a) + length(p_b) + length(p_c); end contract_texts;"
        )
    params: dict[str, object] = {"p_a": "a" * 30000, "p_b": "b" * 30000, "p_c": "c" * 30000}

    job = client.run("CONTRACT_TEXTS", params, {"p_length": None})

    assert job["result"] == {"p_length": 90000}


def test_a_text_too_long_for_a_varchar2_fails_with_oracles_code(client: JobClient) -> None:
    job = client.run("PROC_TEST", {"p_input": "x" * 32768}, {"p_output": None})

    assert job["status"] == "failed"
    assert job["error"].startswith("ORA-06502")


def test_an_invalid_procedure_fails_with_oracles_code(
    client: JobClient, db: oracledb.Connection
) -> None:
    with db.cursor() as cursor:
        cursor.execute("create or replace procedure contract_invalid is begin nada_de_esto; end;")

    job = client.run("CONTRACT_INVALID")

    assert job["status"] == "failed"
    # A dictionary that does not describe what is invalid makes it one that is not there.
    assert re.search("PLS-00905|PLS-00201", job["error"])


def test_a_procedures_own_progress_is_seen_while_it_runs(client: JobClient) -> None:
    job_id = client.submit("PROC_TEST_PROGRESS", {"p_seconds": 2})

    def own_progress() -> object:
        job = client.get(job_id)
        return job["status"] == "running" and job["progress"] not in STAGES and job

    seen = eventually(own_progress, seconds=10, what="progress of the procedure's own")
    job = client.wait(job_id)
    assert isinstance(seen, dict)
    assert 0 < seen["progress"] < 100
    assert job["status"] == "completed"
    assert job["progress"] == 100
