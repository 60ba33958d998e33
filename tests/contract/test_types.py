"""Types of parameters as clients write them, what their values may be, and what comes back."""

import base64
import json
from decimal import Decimal
from typing import Any

import httpx
import oracledb
import pytest

from tests.client import Job, JobClient

#: Oracle's type of both arguments of an echo, by a short name.
DECLARED = {
    "varchar2": "varchar2",
    "char": "char",
    "nvarchar2": "nvarchar2",
    "number": "number",
    "integer": "pls_integer",
    "float": "binary_double",
    "date": "date",
    "timestamp": "timestamp",
    "zoned": "timestamp with time zone",
    "boolean": "boolean",
    "clob": "clob",
    "nclob": "nclob",
    "blob": "blob",
    "raw": "raw",
}


@pytest.fixture(scope="module", autouse=True)
def echoes(stack: Any) -> None:
    """A procedure for each type that gives back what it gets."""
    database = stack.database
    with (
        oracledb.connect(
            user=database.user, password=database.password, dsn=database.dsn
        ) as connection,
        connection.cursor() as cursor,
    ):
        for name, declared in DECLARED.items():
            cursor.execute(
                f"create or replace procedure echo_{name}(p_in in {declared}, p_out out {declared})"
                f" is begin p_out := p_in; end echo_{name};"
            )


def echo(client: JobClient, declared: str, value: object, kind: str | None) -> Job:
    typed = {"type": kind} if kind else {}
    params = [
        {"name": "p_in", "value": value, **typed},
        {"name": "p_out", "direction": "out", **typed},
    ]
    answer = client.http.post(
        "/procedure/async", json={"name": f"echo_{declared}", "params": params}
    )
    assert answer.status_code == 201, answer.text
    return client.wait(answer.json()["job_id"])


BYTES = base64.b64encode(b"\x00\x01\xfe\xff").decode()


@pytest.mark.parametrize(
    ("declared", "kinds", "value", "back"),
    [
        ("varchar2", ["STRING", "string", "VARCHAR2", "varchar", "VarChar2(100 char)"], "ñ", "ñ"),
        ("varchar2", ["string", None], 1.5, "1.5"),
        ("varchar2", ["string", None], {"a": [1, None]}, '{"a":[1,null]}'),
        ("nvarchar2", ["NVARCHAR2", None], "€", "€"),
        ("number", ["NUMBER", "number(10, 2)", "Decimal", "numeric", None], "1.5", 1.5),
        ("number", ["NUMBER", "INTEGER", "int"], "42", 42),
        ("number", ["NUMBER", None], "1e3", 1000),
        ("integer", ["INTEGER", "pls_integer", "NUMBER", None], 42, 42),
        ("float", ["BINARY_DOUBLE", "double precision", None], 0.1, 0.1),
        ("date", ["DATE", "date", None], "2026-02-28", "2026-02-28T00:00:00"),
        ("date", ["DATE"], "2026-02-28T10:11:12Z", "2026-02-28T10:11:12"),
        ("date", ["DATE"], "2026-02-28T10:11:12.6-05:00", "2026-02-28T15:11:13"),
        ("date", ["DATE"], "2026-02-28 10:11:12", "2026-02-28T10:11:12"),
        (
            "timestamp",
            ["TIMESTAMP", "timestamp(6)", None],
            "2026-02-28T10:11:12.123456+02:00",
            "2026-02-28T08:11:12.123456",
        ),
        (
            "zoned",
            ["TIMESTAMP WITH TIME ZONE", "timestamp (6) with time zone", None],
            "2026-02-28T10:11:12+02:00",
            "2026-02-28T08:11:12Z",
        ),
        ("boolean", ["BOOLEAN", "boolean", None], True, True),
        ("boolean", ["BOOLEAN"], "false", False),
        ("clob", ["CLOB", "STRING", None], "x" * 40_000, "x" * 40_000),
        ("nclob", ["NCLOB", None], "€" * 40_000, "€" * 40_000),
        ("blob", ["BLOB", None], BYTES, BYTES),
        ("raw", ["RAW", "raw(2000)", None], "00fe", "00FE"),
        ("clob", ["JSON", "json"], {"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}),
        ("varchar2", ["JSON"], [1, "x"], [1, "x"]),
    ],
    ids=lambda value: str(value)[:24] if isinstance(value, str) else None,
)
def test_a_value_comes_back_in_every_spelling_of_its_type(
    client: JobClient, declared: str, kinds: list[str | None], value: object, back: object
) -> None:
    for kind in kinds:
        job = echo(client, declared, value, kind)

        assert job["status"] == "completed", (kind, job)
        assert job["result"] == {"p_out": back}, kind


@pytest.mark.parametrize("declared", sorted(DECLARED))
def test_null_comes_back_as_null(client: JobClient, declared: str) -> None:
    assert echo(client, declared, None, None)["result"] == {"p_out": None}


@pytest.mark.parametrize("as_text", [False, True], ids=["number", "text"])
@pytest.mark.parametrize("kind", ["NUMBER", None], ids=str)
@pytest.mark.parametrize(
    "digits",
    [
        "12345678901234567890123456789012345678",
        "-0.12345678901234567890123456789012345678",
        "1234567890123456789.0123456789012345678",
        "0.1",
    ],
)
def test_38_digits_in_are_38_digits_out(
    client: JobClient, digits: str, kind: str | None, as_text: bool
) -> None:
    typed = f', "type": "{kind}"' if kind else ""
    value = f'"{digits}"' if as_text else digits
    content = (
        f'{{"name": "ECHO_NUMBER", "params": [{{"name": "p_in", "value": {value}{typed}}},'
        f' {{"name": "p_out", "direction": "OUT"{typed}}}]}}'
    )
    job_id = client.http.post("/procedure/async", content=content).json()["job_id"]
    client.wait(job_id, "completed")

    job = json.loads(client.http.get(f"/jobs/{job_id}").text, parse_float=Decimal)
    assert Decimal(job["result"]["p_out"]) == Decimal(digits)


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        ("number", "cinco"),
        ("number", [1]),
        ("number", "NaN"),
        ("number", "9" * 41),
        ("date", "28/02/2026"),
        ("date", "2026-02-30"),
        ("date", 20260228),
        ("timestamp", "ayer"),
        ("boolean", "quizás"),
        ("blob", "no base64!"),
        ("raw", "xyz"),
        ("integer", "99999999999"),
    ],
)
def test_a_value_that_cannot_be_of_the_type_fails_the_job(
    client: JobClient, declared: str, value: object
) -> None:
    job = echo(client, declared, value, None)

    assert job["status"] == "failed"
    assert "ORA-06502" in job["error"] or "ORA-01426" in job["error"], job["error"]


@pytest.mark.parametrize(
    "name",
    [
        *("a b", "a;b", "a--b", "a/b", "1a", "a.", ".a", "a..b", "a.b.c.d", "a@link", "a()", "'a'"),
        *('"a', 'a"', '""', "a\nb", "a\0b", "_a", "$a", "a" * 129, "ñ" * 65, '"' + "a" * 129 + '"'),
        ".".join(["a" * 67] * 3),
    ],
    ids=ascii,
)
def test_a_name_that_is_none_is_refused(http: httpx.Client, name: str) -> None:
    answer = http.post("/procedure/async", json={"name": name})

    assert answer.status_code == 422
    assert answer.json()["field"] == "name"


@pytest.mark.parametrize(
    "name",
    [
        *("a", "A.b", "a.b.c", "a1_$#", "ñandú", '"a b"', '"a.b"', 'a."B;c".d', " a . b "),
        *("a" * 128, ".".join(["a" * 66] * 3)),
    ],
    ids=ascii,
)
def test_a_name_that_is_one_is_taken(http: httpx.Client, client: JobClient, name: str) -> None:
    job = client.run(name)

    assert job["status"] == "failed"
    assert "PLS-00201" in job["error"]
    http.delete(f"/jobs/{job['id']}")


def test_a_quoted_name_calls_what_it_names(client: JobClient, db: oracledb.Connection) -> None:
    with db.cursor() as cursor:
        cursor.execute(
            "create or replace procedure \"Con espacios\"(p out varchar2) is begin p := 'sí'; end;"
        )

    job = client.run('"Con espacios"', out={"p": None})

    assert job["result"] == {"p": "sí"}


@pytest.mark.parametrize(
    ("param", "field"),
    [
        ({"name": "p", "direction": "SIDEWAYS"}, "params.0.direction"),
        ({"name": "p", "direction": "IN_OUT"}, "params.0.direction"),
        ({"name": "p", "direction": ""}, "params.0.direction"),
        ({"name": "p", "type": "COSA"}, "params.0.type"),
        ({"name": "p", "type": ""}, "params.0.type"),
        ({"name": "p", "type": "VARCHAR2(x"}, "params.0.type"),
        ({"name": "p", "type": 5}, "params.0.type"),
        ({"name": ""}, "params.0.name"),
        ({"name": "p" * 201}, "params.0.name"),
        ({"name": None}, "params.0.name"),
    ],
    ids=str,
)
def test_a_parameter_that_does_not_fit_is_named(
    http: httpx.Client, param: dict[str, object], field: str
) -> None:
    answer = http.post("/procedure/async", json={"name": "PROC_TEST", "params": [param]})

    assert answer.status_code == 422
    assert answer.json()["field"] == field


@pytest.mark.parametrize(("first", "second"), [("p", "p"), ("p", "P"), ("p", '"P"')])
def test_a_repeated_parameter_is_named(http: httpx.Client, first: str, second: str) -> None:
    params = [{"name": first, "value": 1}, {"name": second, "value": 2}]

    answer = http.post("/procedure/async", json={"name": "PROC_TEST", "params": params})

    assert answer.status_code == 422
    assert answer.json()["field"] == "params.1.name"


@pytest.mark.parametrize("direction", ["INOUT", "in out", "In/Out"])
def test_in_out_is_understood_in_every_spelling(
    http: httpx.Client, client: JobClient, db: oracledb.Connection, direction: str
) -> None:
    with db.cursor() as cursor:
        cursor.execute(
            "create or replace procedure contract_add(p in out number) is "
            "begin p := p + 1; end contract_add;"
        )
    params = [{"name": "p", "value": "41", "direction": direction, "type": "Number"}]
    answer = http.post("/procedure/async", json={"name": "contract_add", "params": params})

    assert client.wait(answer.json()["job_id"])["result"] == {"p": 42}
