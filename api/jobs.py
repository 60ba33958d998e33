"""The endpoints under /procedure and /jobs: read the request, one call, the contract's answer."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from api.answers import (
    JobAccepted,
    JobBody,
    JobChanged,
    JobDeleted,
    JobListBody,
    JobsDeleted,
    present_job,
)
from api.endpoints import Answer, Call, Endpoint
from api.responses import ExactJsonResponse, RequestRefused, error_response, read_object
from api.schemas import ProcedureCall
from api.settings import ApiSettings
from api.tokens import Scope
from sql.exact_json import JsonValue
from sql.jobs import LIST_LIMIT, JobFilter, Jobs, JobStatus, SubmissionRefused
from sql.names import NAME_LIMIT

JOB_NOT_FOUND = "Job no encontrado"
#: The longest id, as ASYNC_JOBS.JOB_ID has it.
ID_BYTES = 32


def job_endpoints(settings: ApiSettings, jobs: Jobs) -> list[Endpoint]:
    """All that touches jobs."""

    async def submit(request: Request) -> Response:
        body = await read_object(request, limit=settings.body_bytes, seconds=settings.body_seconds)
        try:
            call = ProcedureCall.model_validate(body)
            job_id = await jobs.submit(call.submission(request.state.caller.name))
        except ValidationError as error:
            raise refuse_fields(error) from error
        except SubmissionRefused as error:
            raise refuse_submission(error) from error
        except UnicodeEncodeError as error:
            raise RequestRefused(422, "El cuerpo contiene texto que no es Unicode") from error
        accepted = JobAccepted.of(job_id)
        return ExactJsonResponse(accepted.content(), 201, headers={"location": f"/jobs/{job_id}"})

    async def show(request: Request) -> Response:
        job = await jobs.get(read_id(request))
        return ExactJsonResponse(present_job(job)) if job else error_response(404, JOB_NOT_FOUND)

    async def show_many(request: Request) -> Response:
        found = await jobs.find(
            JobFilter(
                statuses=read_statuses(_joined(request, "status")),
                procedure_name=read_name(request.query_params.get("procedure_name")),
            ),
            limit=read_limit(request.query_params.get("limit")),
        )
        return ExactJsonResponse(
            {"total": found.total, "jobs": [present_job(job) for job in found.jobs]}
        )

    async def delete(request: Request) -> Response:
        job_id = read_id(request)
        if not await jobs.delete(job_id):
            return error_response(404, JOB_NOT_FOUND)
        return ExactJsonResponse(JobDeleted.of(job_id).content())

    async def delete_many(request: Request) -> Response:
        statuses = read_statuses(_joined(request, "status"))
        days = read_days(request.query_params.get("older_than"))
        if not statuses and days is None:
            raise RequestRefused(400, "Indique al menos un filtro: status u older_than")
        deleted = await jobs.delete_many(statuses=statuses, older_than_days=days)
        return ExactJsonResponse(JobsDeleted.of(deleted).content())

    async def cancel(request: Request) -> Response:
        job_id = read_id(request)
        status = await jobs.cancel(job_id)
        return _answer_change(job_id, status, "Cancelación solicitada")

    async def retry(request: Request) -> Response:
        job_id = read_id(request)
        status = await jobs.retry(job_id)
        return _answer_change(job_id, status, "Job reencolado")

    def endpoint(method: str, path: str, call: Call, scope: Scope, **more: Any) -> Endpoint:
        return Endpoint(method=method, path=path, call=call, scope=scope, **more)

    return [
        endpoint(
            "POST",
            "/procedure/async",
            submit,
            Scope.SUBMIT,
            name="submitJob",
            summary="Run a procedure or function",
            body=ProcedureCall,
            answers={
                201: Answer(
                    description="The job is durable",
                    model=JobAccepted,
                    headers={"Location": "Path of the job"},
                )
            },
            refusals=(400, 408, 413, 422),
        ),
        endpoint(
            "GET",
            "/jobs",
            show_many,
            Scope.READ,
            name="listJobs",
            summary="List jobs, newest first",
            answers={200: Answer(description="A page of jobs", model=JobListBody)},
            refusals=(422,),
        ),
        endpoint(
            "DELETE",
            "/jobs",
            delete_many,
            Scope.ADMIN,
            name="deleteJobs",
            summary="Delete the jobs to which all filters apply",
            answers={200: Answer(description="They are gone", model=JobsDeleted)},
            refusals=(400, 422),
        ),
        endpoint(
            "GET",
            "/jobs/{job_id}",
            show,
            Scope.READ,
            name="getJob",
            summary="Look at a job",
            answers={200: Answer(description="The job", model=JobBody)},
            refusals=(404,),
        ),
        endpoint(
            "DELETE",
            "/jobs/{job_id}",
            delete,
            Scope.SUBMIT,
            name="deleteJob",
            summary="Delete a job, whatever its state",
            answers={200: Answer(description="It is gone", model=JobDeleted)},
            refusals=(404,),
        ),
        endpoint(
            "POST",
            "/jobs/{job_id}/cancel",
            cancel,
            Scope.SUBMIT,
            name="cancelJob",
            summary="End a job as failed",
            answers={200: Answer(description="It will end", model=JobChanged)},
            refusals=(404, 409),
        ),
        endpoint(
            "POST",
            "/jobs/{job_id}/retry",
            retry,
            Scope.SUBMIT,
            name="retryJob",
            summary="Run a failed job again",
            answers={200: Answer(description="It is pending", model=JobChanged)},
            refusals=(404, 409),
        ),
    ]


def _answer_change(job_id: str, status: str, message: str) -> Response:
    if status == "ok":
        changed = JobChanged(message=message, job_id=job_id, status="ok")
        return ExactJsonResponse(changed.content())
    if status == "missing":
        return error_response(404, JOB_NOT_FOUND)
    facts: dict[str, JsonValue] = {"job_id": job_id, "status": status}
    return error_response(409, "El estado del job no lo permite", facts=facts)


def _joined(request: Request, name: str) -> str:
    """A list that may be written with commas, by repeating the parameter, or both."""
    return ",".join(request.query_params.getlist(name))


def read_id(request: Request) -> str:
    """The job's id in the path.

    Raises:
        RequestRefused: 404; no job can have this id, and the database would not take it.
    """
    job_id: str = request.path_params["job_id"]
    if "\x00" in job_id or len(job_id.encode(errors="replace")) > ID_BYTES:
        raise RequestRefused(404, JOB_NOT_FOUND)
    return job_id


def read_name(text: str | None) -> str | None:
    """A procedure's name to look for; None where there is none.

    Raises:
        RequestRefused: the text is no name.
    """
    if not text:
        return None
    if "\x00" in text or len(text) > NAME_LIMIT:
        raise RequestRefused(422, "procedure_name: no es un nombre", field="procedure_name")
    return text


def read_statuses(text: str | None) -> list[str]:
    """`completed,failed`; empty where none is named.

    Raises:
        RequestRefused: a word is no status.
    """
    statuses = [part.strip().lower() for part in (text or "").split(",") if part.strip()]
    for status in statuses:
        if status not in tuple(JobStatus):
            raise RequestRefused(422, f"status: desconocido: {status}", field="status")
    return statuses


def read_days(text: str | None) -> float | None:
    """A number of days that is not negative; None where there is none.

    Raises:
        RequestRefused: no such number.
    """
    if not text:
        return None
    try:
        days = float(text)
    except ValueError:
        days = -1
    if not 0 <= days <= 36500:
        raise RequestRefused(422, "older_than: debe ser un número de días", field="older_than")
    return days


def read_limit(text: str | None) -> int:
    """How many jobs in one list.

    Raises:
        RequestRefused: not between 1 and the largest.
    """
    if not text:
        return LIST_LIMIT
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text) <= LIST_LIMIT:
        raise RequestRefused(422, f"limit: debe estar entre 1 y {LIST_LIMIT}", field="limit")
    return int(text)


def refuse_submission(error: SubmissionRefused) -> RequestRefused:
    """403 where the allow list says no, 422 where a value is out of range."""
    if error.status == "refused":
        return RequestRefused(403, "Procedimiento no permitido", status=error.status)
    return RequestRefused(422, "Un valor está fuera de rango", status=error.status)


def refuse_fields(error: ValidationError) -> RequestRefused:
    """422 that names the first field that does not fit, and all of them in `details`."""
    details: list[JsonValue] = []
    for fault in error.errors(include_url=False, include_input=False, include_context=False):
        field = ".".join(str(part) for part in fault["loc"])
        message = fault["msg"].removeprefix("Value error, ")
        if not field:
            # A fault of the whole body names its field by itself.
            field, _, message = message.partition(": ")
        details.append({"field": field, "message": message})
    first = details[0]
    assert isinstance(first, dict)
    message = f"{first['field']}: {first['message']}"
    return RequestRefused(422, message, field=first["field"], details=details)
