"""Bodies of requests and answers."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from api.answers import present_job
from api.jobs import read_days, read_limit, read_statuses, refuse_fields
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
    }


def test_parameters_stored_as_an_object_are_presented_as_such() -> None:
    assert present_job(replace(JOB, params={"a": 1}))["params"] == {"a": 1}


def test_query_values_are_read() -> None:
    assert read_statuses("Completed, failed,") == ["completed", "failed"]
    assert read_statuses(None) == []
    assert read_days("0.5") == 0.5
    assert read_days("") is None
    assert read_limit("7") == 7


@pytest.mark.parametrize("text", ["x", "-1", "nan", "1e9"])
def test_days_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(RequestRefused):
        read_days(text)


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
