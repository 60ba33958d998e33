"""The job that a path names."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request

from api.responses import RequestRefused
from sql.job import JOB_ID_LIMIT

JOB_NOT_FOUND: Final = "Job no encontrado"


def read_id(request: Request) -> str:
    """The job's id in the path.

    Raises:
        RequestRefused: 404; no job can have this id, and the database would not take it.
    """
    job_id: str = request.path_params["job_id"]
    if "\x00" in job_id or len(job_id.encode(errors="replace")) > JOB_ID_LIMIT:
        raise RequestRefused(404, JOB_NOT_FOUND)
    return job_id
