"""The endpoints under /jobs: read the request, one call, the contract's answer."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.answers import (
    JobChanged,
    JobDeleted,
    JobListBody,
    JobsDeleted,
)
from api.endpoints import Answer, Call, Endpoint
from api.queries import DeleteQuery, ListQuery
from api.responses import ExactJsonResponse, RequestRefused, error_response
from api.targets import JOB_NOT_FOUND, read_id
from api.tokens import Scope
from sql.exact_json import JsonValue
from sql.jobs import InvalidCursor, Jobs


def job_endpoints(jobs: Jobs) -> list[Endpoint]:
    """What lists jobs, ends them and removes them."""

    async def show_many(request: Request) -> Response:
        query = ListQuery.read(request)
        try:
            found = await jobs.find(query.matching(), limit=query.limit, cursor=query.cursor)
        except InvalidCursor as error:
            message = "cursor: no es de una página anterior"
            raise RequestRefused(422, message, facts={"field": "cursor"}) from error
        return ExactJsonResponse(JobListBody.of(found).content())

    async def delete(request: Request) -> Response:
        job_id = read_id(request)
        if not await jobs.delete(job_id):
            return error_response(404, JOB_NOT_FOUND)
        return ExactJsonResponse(JobDeleted.of(job_id).content())

    async def delete_many(request: Request) -> Response:
        query = DeleteQuery.read(request)
        if not query.status and query.older_than is None:
            raise RequestRefused(400, "Indique al menos un filtro: status u older_than")
        deleted = await jobs.delete_many(statuses=query.status, older_than_days=query.older_than)
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
            "GET",
            "/jobs",
            show_many,
            Scope.READ,
            name="listJobs",
            summary="List jobs, newest first",
            description="All filters have to hold. To see more, ask again with the same filters and "
            "`next_cursor` as `cursor`: jobs that come meanwhile shift nothing.",
            query=ListQuery,
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
            query=DeleteQuery,
            answers={200: Answer(description="They are gone", model=JobsDeleted)},
            refusals=(400, 422),
        ),
        endpoint(
            "DELETE",
            "/jobs/{job_id}",
            delete,
            Scope.SUBMIT,
            name="deleteJob",
            summary="Delete a job, whatever its state",
            description="A running job is cancelled, and its open work rolled back.",
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
