"""Refusals that say which field does not fit, or why the database did not take a submission."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import ValidationError

from api.responses import RequestRefused
from sql.exact_json import JsonValue
from sql.jobs import IdempotencyConflict, Submission, SubmissionRefused


def refuse_fields(error: ValidationError) -> RequestRefused:
    """422 that names the first field that does not fit, and all of them in `details`."""
    details: list[JsonValue] = []
    for fault in error.errors(include_url=False, include_input=False):
        # A fault that is found above its place says the rest of the way to it.
        place = fault.get("ctx", {}).get("place")
        steps = [*fault["loc"], *([place] if place else [])]
        field = ".".join(str(step) for step in steps if not str(step).startswith("function-"))
        message = fault["msg"].removeprefix("Value error, ")
        details.append({"field": field, "message": message})
    first = details[0]
    assert isinstance(first, dict)
    message = f"{first['field']}: {first['message']}"
    return RequestRefused(422, message, facts={"field": first["field"], "details": details})


def refuse_submission(
    error: SubmissionRefused, submissions: Sequence[Submission], *, of_batch: bool = False
) -> RequestRefused:
    """403 where the allow list says no, 409 for a used key, 422 where a value is out of range.

    Args:
        error: what the database said.
        submissions: what it was asked.
        of_batch: whether to say which of several it was.
    """
    place = f"jobs.{error.index}" if of_batch else ""
    facts: dict[str, JsonValue] = {"status": error.status}
    if of_batch:
        facts |= {"field": place, "index": error.index}
    if isinstance(error, IdempotencyConflict):
        if error.job_id:
            facts["job_id"] = error.job_id
        message = "La clave de idempotencia ya se usó con otro cuerpo"
        return RequestRefused(409, message, facts=facts)
    if error.status == "refused":
        return RequestRefused(403, "Procedimiento no permitido", facts=facts)
    if submissions[error.index].run_after is not None:
        # All else has been checked already; this one needs the database's clock.
        field = f"{place}.run_after".lstrip(".")
        return RequestRefused(422, f"{field}: demasiado lejos", facts=facts | {"field": field})
    return RequestRefused(422, "Un valor está fuera de rango", facts=facts)
