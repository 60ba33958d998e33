"""Bodies of requests and answers."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError
from starlette.requests import Request

from api.answers import present_job
from api.faults import refuse_fields
from api.queries import DeleteQuery, ListQuery, Query, WaitQuery
from api.responses import RequestRefused
from api.schemas import ProcedureCall
from api.settings import ApiSettings
from api.tokens import Caller, Scope, find_caller
from sql.jobs import Job

JOB = Job(
    id="a" * 32,
    status="completed",
    procedure_name="P",
    params=[{"name": "p", "value": Decimal("1.5"), "direction": "IN"}, {"name": "o"}],
    start_time=datetime.fromisoformat("2026-01-02T03:04:05.678901"),
    end_time=None,
    duration="5.2s",
    progress=Decimal(100),
    result={"o": None},
    error=None,
    created_at=None,
)


def test_a_call_is_stored_as_it_was_sent_and_normalized() -> None:
    body = {
        "name": " pkg.p ",
        "params": [
            {"name": "a", "value": None, "direction": "in out", "type": "varchar2"},
            {"name": "b", "direction": "Out"},
        ],
        "schema": "own",
        "isFunction": True,
        "more": 1,
    }

    submission = ProcedureCall.model_validate(body).submission()

    assert submission.procedure_name == "pkg.p"
    assert submission.schema == "own"
    assert submission.is_function
    assert submission.params == [
        {"name": "a", "value": None, "direction": "INOUT", "type": "VARCHAR2"},
        {"name": "b", "direction": "OUT"},
    ]


@pytest.mark.parametrize(
    ("given", "delay", "time"),
    [
        (90, 90, None),
        (Decimal("0.5"), 0.5, None),
        ("2026-01-02T03:04:05+02:00", 0, datetime.fromisoformat("2026-01-02T01:04:05")),
        ("2026-01-02", 0, datetime.fromisoformat("2026-01-02")),
    ],
)
def test_a_job_starts_later_by_seconds_or_by_a_time(
    given: object, delay: float, time: datetime | None
) -> None:
    submission = ProcedureCall.model_validate({"name": "p", "run_after": given}).submission()

    assert (submission.delay_seconds, submission.run_after) == (delay, time)


def test_null_is_as_left_out() -> None:
    nulls = {field.alias or name: None for name, field in ProcedureCall.model_fields.items()}

    assert ProcedureCall.model_validate(nulls | {"name": "p"}) == ProcedureCall(name="p")


def test_the_headers_key_wins_and_tags_are_distinct() -> None:
    body = {"name": "p", "tags": ["a", "b", "a"], "idempotency_key": "body"}
    call = ProcedureCall.model_validate(body)

    assert call.submission(idempotency_key="header").idempotency_key == "header"
    assert call.submission().idempotency_key == "body"
    assert call.submission().tags == ("a", "b")


@pytest.mark.parametrize("params", [None, []])
def test_a_call_may_have_no_params(params: object) -> None:
    assert ProcedureCall.model_validate({"name": "p", "params": params}).submission().params == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": "a;b"}, "name"),
        ({"name": "p", "params": {}}, "params"),
        ({"name": "p", "params": [{"name": 1}]}, "params.0.name"),
        ({"name": "p", "params": [{"name": "a"}, {"name": "A"}]}, "params.1.name"),
        ({"name": "p", "params": [{"name": "a", "direction": 1}]}, "params.0.direction"),
        ({"name": "p", "params": [{"name": "a", "type": "COSA"}]}, "params.0.type"),
        ({"name": "p", "schema": "a.b"}, "schema"),
        ({"name": "p", "priority": 10}, "priority"),
        ({"name": "p", "timeout": 0}, "timeout"),
        ({"name": "p", "params": [{"name": "a"}, {"name": '"A"'}]}, "params.1.name"),
        ({"name": "p", "run_after": "soon"}, "run_after"),
        ({"name": "p", "run_after": -1}, "run_after"),
        ({"name": "p", "run_after": True}, "run_after"),
        ({"name": "p", "tags": ["a,b"]}, "tags.0"),
        ({"name": "p", "tags": ["a", "a b"]}, "tags.1"),
        ({"name": "p", "tags": [""]}, "tags.0"),
        ({"name": "p", "tags": ["x" * 61]}, "tags.0"),
        ({"name": "p", "tags": "a"}, "tags"),
        ({"name": "p", "on_loss": "again"}, "on_loss"),
        ({"name": "p", "transaction": "none"}, "transaction"),
        ({"name": "p", "max_attempts": 0}, "max_attempts"),
        ({"name": "p", "backoff": 3601}, "backoff"),
        ({"name": "p", "idempotency_key": "x" * 256}, "idempotency_key"),
    ],
)
def test_a_field_that_does_not_fit_is_named(body: object, field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ProcedureCall.model_validate(body)

    refusal = refuse_fields(caught.value)
    assert refusal.status_code == 422
    assert refusal.message.startswith(f"{field}: ")
    assert refusal.facts["field"] == field


def test_a_job_is_presented_without_what_is_absent() -> None:
    assert present_job(JOB) == {
        "id": "a" * 32,
        "status": "completed",
        "procedure_name": "P",
        "params": {"p": Decimal("1.5")},
        "start_time": "2026-01-02T03:04:05.678Z",
        "duration": "5.2s",
        "progress": Decimal(100),
        "result": {"o": None},
        "priority": 5,
        "attempt": 0,
        "max_attempts": 1,
        "failures": 0,
        "losses": 0,
    }


def test_parameters_stored_as_an_object_are_presented_as_such() -> None:
    assert present_job(replace(JOB, params={"a": 1}))["params"] == {"a": 1}


def query(text: str) -> Request:
    return Request({"type": "http", "query_string": text.encode(), "headers": []})


def test_query_values_are_read() -> None:
    filled = ListQuery.read(
        query(
            "status=Completed, failed,&status=pending&limit=7&tag=a-b&procedure_name=&_=1"
            "&created_from=2026-01-02&created_to=2026-01-02T03:04:05.500-03:00"
        )
    )

    assert filled.status == ["completed", "failed", "pending"]
    assert filled.limit == 7
    assert filled.tag == "a-b"
    assert filled.procedure_name is None
    assert filled.created_from == datetime.fromisoformat("2026-01-02")
    assert filled.created_to == datetime.fromisoformat("2026-01-02T06:04:05.500")
    assert ListQuery.read(query("")) == ListQuery()
    assert DeleteQuery.read(query("older_than=0.5")).older_than == 0.5
    assert WaitQuery.read(query("wait=30")).wait == 30


def test_a_plus_sign_that_was_not_escaped_is_understood() -> None:
    assert ListQuery.read(
        query("created_to=2026-01-02T03:04:05+02:00")
    ).created_to == datetime.fromisoformat("2026-01-02T01:04:05")


@pytest.mark.parametrize(
    ("kind", "text", "field"),
    [
        *((DeleteQuery, f"older_than={days}", "older_than") for days in ("x", "-1", "nan", "1e9")),
        (DeleteQuery, "older_then=7&status=failed", "older_then"),
        (ListQuery, "created_from=yesterday", "created_from"),
        (ListQuery, "created_from=1700000000", "created_from"),
        (ListQuery, "created_from=0001-01-01T00:00:00%2B14:00", "created_from"),
        (ListQuery, "status=done", "status"),
        (WaitQuery, "wait=-1", "wait"),
        (WaitQuery, "wait=301", "wait"),
    ],
)
def test_query_values_that_do_not_fit_are_named(kind: type[Query], text: str, field: str) -> None:
    with pytest.raises(RequestRefused) as caught:
        kind.read(query(text))

    assert caught.value.status_code == 422
    assert str(caught.value.facts["field"]).startswith(field)


def test_settings_come_from_the_environment() -> None:
    environ = {"API_TOKEN": "t", "API_ALLOWED_IPS": "10.0.0.1, 192.168.0.0/16"}

    settings = ApiSettings.from_environment(environ)

    assert [str(network) for network in settings.allowed_ips] == ["10.0.0.1/32", "192.168.0.0/16"]
    assert "t" not in str(settings.token)
    assert ApiSettings.from_environment({"API_NO_AUTH": "1"}).no_auth


def test_tokens_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("s3cret\n")
    (tmp_path / "many").write_text("# people\na:read:x\nb:submit:y\n")
    environ = {
        "API_TOKEN_FILE": str(tmp_path / "one"),
        "API_TOKENS_FILE": str(tmp_path / "many"),
    }

    settings = ApiSettings.from_environment(environ)

    assert [token.name for token in settings.all_tokens] == ["default", "a", "b"]
    assert find_caller(settings.all_tokens, "s3cret") == Caller("default", Scope.ADMIN)


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"API_TOKEN": ""},
        {"API_TOKENS": "# none"},
        {"API_TOKEN": "t", "API_ALLOWED_IPS": "x"},
        {"API_TOKEN": "t", "API_TOKENS": "default:read:x"},
        {"API_TOKEN": "t", "API_CORS_ORIGINS": "page.example"},
        {"API_TOKEN": "t", "FORWARDED_ALLOW_IPS": "proxy"},
    ],
)
def test_settings_that_let_nobody_in_or_do_not_fit_are_refused(environ: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        ApiSettings.from_environment(environ)


@pytest.mark.parametrize("field", ["priority", "delay", "timeout", "max_attempts", "backoff"])
def test_a_boolean_is_no_number(field: str) -> None:
    with pytest.raises(ValidationError, match="has to be a number"):
        ProcedureCall.model_validate({"name": "P", field: True})
