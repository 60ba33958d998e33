"""Which submissions leave everything to the defaults of async_jobs_api.submit."""

import re
from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest

from deploy.stack import ROOT
from sql.submission import Submission

PLAIN = Submission(procedure_name="P")

#: For every option another value than its default.
OPTIONS = {
    "is_function": True,
    "schema": "S",
    "priority": 1,
    "delay_seconds": 1,
    "run_after": datetime(2026, 1, 1, tzinfo=UTC),
    "max_attempts": 2,
    "on_loss": "fail",
    "transaction": "own",
    "timeout_seconds": 1,
    "backoff_seconds": 1,
    "fresh_session": True,
    "max_losses": 1,
    "idempotency_key": "k",
    "tags": ("t",),
}


@pytest.mark.parametrize(("option", "value"), OPTIONS.items(), ids=OPTIONS)
def test_a_submission_with_any_option_is_not_plain(option: str, value: object) -> None:
    assert not replace(PLAIN, **{option: value}).is_plain  # type: ignore[arg-type]


def test_all_other_fields_are_bound_either_way() -> None:
    bound = {"procedure_name", "params", "submitter", "trace_context"}

    assert {field.name for field in fields(Submission)} == set(OPTIONS) | bound
    assert replace(PLAIN, submitter="s", trace_context="t", params=[1]).is_plain


def test_the_defaults_are_those_of_the_package() -> None:
    spec = (ROOT / "plsql/async_jobs_api.pks").read_text(encoding="utf-8")
    first = spec[spec.index("procedure submit(") :].split(");", 1)[0]
    defaults = dict(re.findall(r"p_(\w+)\s+in\s+\w+\s+default\s+(\S+?),?\n", first))

    assert (float(defaults["priority"]), float(defaults["delay_seconds"])) == (5, 0)
    assert (float(defaults["max_attempts"]), float(defaults["max_losses"])) == (1, 3)
    assert (defaults["on_loss"], defaults["transaction"]) == ("'ask'", "'managed'")
    assert float(defaults["backoff_seconds"]) == PLAIN.backoff_seconds
