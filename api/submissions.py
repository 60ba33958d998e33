"""The endpoints that make jobs: one, or many in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from api.answers import JobAccepted, JobsAccepted
from api.endpoints import Answer, Endpoint
from api.faults import refuse_fields, refuse_submission
from api.responses import ExactJsonResponse, RequestRefused, read_object
from api.schemas import ProcedureBatch, ProcedureCall, read_idempotency_key
from api.settings import ApiSettings
from api.tokens import Scope
from sql.exact_json import JsonValue
from sql.jobs import BATCH_LIMIT, Jobs, SubmissionRefused

KEY_HEADER: Final = "Idempotency-Key"
_HEADERS: Final[Mapping[str, str]] = {
    KEY_HEADER: "Your name for this request: a repeat with the same body gives the same job, "
    "another body 409",
    "traceparent": "W3C trace that the job belongs to",
}


def submission_endpoints(settings: ApiSettings, jobs: Jobs) -> list[Endpoint]:
    """POST /procedure/async and POST /procedures/async."""

    async def read_body(request: Request) -> dict[str, JsonValue]:
        return await read_object(request, limit=settings.body_bytes, seconds=settings.body_seconds)

    async def submit(request: Request) -> Response:
        body = await read_body(request)
        key = _read_key(request)
        try:
            submission = ProcedureCall.model_validate(body).submission(
                request.state.caller.name,
                idempotency_key=key,
                trace_context=request.state.trace_context,
            )
        except ValidationError as error:
            raise refuse_fields(error) from error
        try:
            job_id = await jobs.submit(submission)
        except SubmissionRefused as error:
            raise refuse_submission(error, [submission]) from error
        except UnicodeEncodeError as error:
            raise _refuse_text() from error
        headers = {"location": f"/jobs/{job_id}"}
        return ExactJsonResponse(JobAccepted.of(job_id).content(), 201, headers=headers)

    async def submit_many(request: Request) -> Response:
        body = await read_body(request)
        key = _read_key(request)
        try:
            batch = ProcedureBatch.model_validate(body)
            submissions = [
                call.submission(
                    request.state.caller.name,
                    # Each job needs a key of its own.
                    idempotency_key=f"{key}/{index}" if key else None,
                    trace_context=request.state.trace_context,
                )
                for index, call in enumerate(batch.jobs)
            ]
        except ValidationError as error:
            raise refuse_fields(error) from error
        try:
            job_ids = await jobs.submit_many(submissions)
        except SubmissionRefused as error:
            raise refuse_submission(error, submissions, of_batch=True) from error
        except UnicodeEncodeError as error:
            raise _refuse_text() from error
        return ExactJsonResponse(JobsAccepted.of(job_ids).content(), 201)

    return [
        Endpoint(
            method="POST",
            path="/procedure/async",
            call=submit,
            scope=Scope.SUBMIT,
            name="submitJob",
            summary="Run a procedure or function",
            description="The job exists when this is answered, and does not get lost. A procedure "
            "that does not exist, or that these parameters do not fit, makes a job that fails.",
            body=ProcedureCall,
            headers=_HEADERS,
            answers={
                201: Answer(
                    description="The job is durable",
                    model=JobAccepted,
                    headers={"Location": "Path of the job"},
                    leads_to=("getJob", "followJob", "cancelJob", "retryJob", "deleteJob"),
                )
            },
            refusals=(400, 408, 409, 413, 422),
        ),
        Endpoint(
            method="POST",
            path="/procedures/async",
            call=submit_many,
            scope=Scope.SUBMIT,
            name="submitJobs",
            summary=f"Run up to {BATCH_LIMIT:,} procedures",
            description="One transaction: all become jobs, or none. An error names the submission "
            "in `index` and `field`.",
            body=ProcedureBatch,
            headers=_HEADERS,
            answers={201: Answer(description="The jobs are durable", model=JobsAccepted)},
            refusals=(400, 408, 409, 413, 422),
        ),
    ]


def _read_key(request: Request) -> str | None:
    try:
        return read_idempotency_key(request.headers.get(KEY_HEADER))
    except ValueError as error:
        raise RequestRefused(422, str(error), facts={"field": KEY_HEADER}) from error


def _refuse_text() -> RequestRefused:
    return RequestRefused(422, "El cuerpo contiene texto que no es Unicode")
