"""The endpoints that say whether the service lives: /ping, /healthz and /readyz."""

from __future__ import annotations

from typing import Any, Final, Protocol

from starlette.requests import Request
from starlette.responses import Response

from api.answers import Alive, Pong, ReadinessBody
from api.endpoints import Answer, Call, Endpoint
from api.fresh import Fresh
from api.responses import ExactJsonResponse
from api.settings import ApiSettings
from sql.errors import DatabaseError, NotInstalled
from sql.jobs import Readiness

#: How long an answer about the database is kept, and how long a probe waits for one.
KEPT_SECONDS: Final = 1.0
PATIENCE_SECONDS: Final = 2.0


class ReadinessSource(Protocol):
    """Knows whether jobs can be submitted and run."""

    async def readiness(self) -> Readiness: ...


def health_endpoints(settings: ApiSettings, source: ReadinessSource) -> list[Endpoint]:
    """What needs no token."""
    readiness = Fresh(source.readiness, seconds=KEPT_SECONDS, patience_seconds=PATIENCE_SECONDS)

    async def ping(_request: Request) -> Response:
        return ExactJsonResponse(Pong(status="ok", message="pong").content())

    async def live(_request: Request) -> Response:
        return ExactJsonResponse(Alive(status="ok").content())

    async def ready(_request: Request) -> Response:
        try:
            body = describe_readiness(await readiness.get())
        except NotInstalled as error:
            body = _not_ready("ok", "el esquema no está instalado", error.code)
        except DatabaseError as error:
            body = _not_ready("error", "la base de datos no está disponible", error.code)
        except TimeoutError:
            body = _not_ready("error", "la base de datos no responde a tiempo", None)
        if body.status != "error":
            return ExactJsonResponse(body.content())
        headers = {"retry-after": str(settings.retry_after_seconds)}
        return ExactJsonResponse(body.content(), status_code=503, headers=headers)

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
            description=f"Answered within {PATIENCE_SECONDS:g} seconds, whatever the database does.",
            answers={
                200: Answer(description="They can; `degraded` names a fault", model=ReadinessBody),
                503: Answer(
                    description="They cannot; `error` says why",
                    model=ReadinessBody,
                    headers={"Retry-After": "Seconds to wait before the next try"},
                ),
            },
        ),
    ]


def describe_readiness(found: Readiness) -> ReadinessBody:
    """Part by part; every part that is not as it should be is named in `error`."""
    faults = []
    if found.schema_version is None:
        faults.append("el esquema no está instalado")
    elif found.schema_version != found.schema_expected:
        faults.append(
            f"el esquema tiene la versión {found.schema_version}, no la {found.schema_expected}"
        )
    if not found.queue_open:
        faults.append("la cola está detenida")
    if not found.scheduler_running:
        faults.append("los jobs de DBMS_SCHEDULER no se ejecutan")
    # Without the scheduler jobs are taken and run all the same, and recovered by the workers.
    broken = "degraded" if found.is_ready else "error"
    return ReadinessBody.model_construct(
        status=broken if faults else "ok",
        database="ok",
        schema_version=found.schema_version,
        schema_expected=found.schema_expected,
        queue="open" if found.queue_open else "stopped",
        scheduler="running" if found.scheduler_running else "stopped",
        error="; ".join(faults) or None,
        code=None,
    )


def _not_ready(database: str, fault: str, code: str | None) -> ReadinessBody:
    return ReadinessBody.model_construct(
        status="error",
        database=database,
        schema_version=None,
        schema_expected=None,
        queue=None,
        scheduler=None,
        error=fault,
        code=code,
    )
