"""The endpoints that say whether the service lives: /ping, /healthz and /readyz."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.answers import Alive, Pong, ReadinessBody
from api.endpoints import Answer, Call, Endpoint
from api.responses import ExactJsonResponse
from sql.exact_json import JsonValue
from sql.jobs import Jobs


def health_endpoints(jobs: Jobs) -> list[Endpoint]:
    """What needs no token."""

    async def ping(_request: Request) -> Response:
        return ExactJsonResponse(Pong(status="ok", message="pong").content())

    async def live(_request: Request) -> Response:
        return ExactJsonResponse(Alive(status="ok").content())

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

    def probe(path: str, call: Call, name: str, summary: str, **more: Any) -> Endpoint:
        return Endpoint(
            method="GET",
            path=path,
            call=call,
            name=name,
            summary=summary,
            scope=None,
            group="Service",
            is_probe=True,
            **more,
        )

    return [
        probe(
            "/ping",
            ping,
            "ping",
            "Whether the service answers",
            answers={200: Answer(description="It does", model=Pong)},
        ),
        probe(
            "/healthz",
            live,
            "checkProcess",
            "Whether the process lives",
            answers={200: Answer(description="It does", model=Alive)},
        ),
        probe(
            "/readyz",
            ready,
            "checkReadiness",
            "Whether jobs can be submitted and run",
            answers={
                200: Answer(description="They can", model=ReadinessBody),
                503: Answer(description="They cannot; says why", model=ReadinessBody),
            },
        ),
    ]
