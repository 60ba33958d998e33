"""The endpoints that say whether the service lives: /ping, /healthz and /readyz."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.responses import ExactJsonResponse
from sql.exact_json import JsonValue
from sql.jobs import Jobs


def health_routes(jobs: Jobs) -> list[Route]:
    """Routes that need no token."""

    async def ping(_request: Request) -> Response:
        return ExactJsonResponse({"status": "ok", "message": "pong"})

    async def live(_request: Request) -> Response:
        return ExactJsonResponse({"status": "ok"})

    async def ready(_request: Request) -> Response:
        readiness = await jobs.readiness()
        content: dict[str, JsonValue] = {
            "status": "ok" if readiness.is_ready else "error",
            "database": "ok",
            "schema_version": readiness.schema_version,
            "queue": "open" if readiness.queue_open else "stopped",
        }
        if readiness.is_ready:
            return ExactJsonResponse(content)
        content["error"] = "La cola o el esquema no están listos"
        return ExactJsonResponse(content, status_code=503, headers={"retry-after": "5"})

    return [
        Route("/ping", ping, methods=["GET"]),
        Route("/healthz", live, methods=["GET"]),
        Route("/readyz", ready, methods=["GET"]),
    ]
