"""The ASGI application: routes, the error table, the guard in front."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from api.authentication import Authentication
from api.health import health_routes
from api.jobs import job_routes
from api.responses import RequestRefused, error_response
from api.settings import ApiSettings
from sql.errors import (
    CallInterrupted,
    ConnectionLost,
    DatabaseAway,
    DatabaseError,
    LogonRefused,
    NotInstalled,
    PackageDiscarded,
    PrivilegeMissing,
    QueueStopped,
    RowBusy,
)
from sql.jobs import Jobs

#: What the client is told when the database does not do its part; the rest is a 500.
DATABASE_STATUS: Final[dict[type[DatabaseError], tuple[int, str]]] = {
    DatabaseAway: (503, "Base de datos no disponible"),
    ConnectionLost: (503, "Base de datos no disponible"),
    LogonRefused: (503, "La base de datos rechaza el usuario del servicio"),
    CallInterrupted: (503, "La base de datos no responde a tiempo"),
    PackageDiscarded: (503, "El esquema se está actualizando"),
    RowBusy: (503, "El job está ocupado"),
    QueueStopped: (503, "La cola de jobs está detenida"),
    NotInstalled: (503, "El esquema no está instalado"),
    PrivilegeMissing: (403, "Faltan privilegios en la base de datos"),
}

HTTP_MESSAGES: Final = {404: "Ruta no encontrada", 405: "Método no permitido"}

ExceptionHandler = Callable[[Request, Any], Response]


def build_app(
    settings: ApiSettings, jobs: Jobs, logger: structlog.typing.FilteringBoundLogger
) -> Starlette:
    """Put the application together.

    Args:
        settings: who may call, and how much.
        jobs: on a pool that its maker also closes.
        logger: of the entry point.
    """
    if settings.no_auth:
        logger.warning("API serves without a token", variable="API_NO_AUTH")

    async def refuse_request(_request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestRefused)
        return error.response()

    async def refuse_route(_request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        message = HTTP_MESSAGES.get(error.status_code, error.detail)
        return error_response(error.status_code, message, headers=error.headers)

    async def blame_database(request: Request, error: Exception) -> Response:
        assert isinstance(error, DatabaseError)
        status_code, message = DATABASE_STATUS.get(type(error), (500, "Error de base de datos"))
        path = request.url.path
        logger.error("database call failed", path=path, code=error.code, error=error.text)
        wait = {"retry-after": str(settings.retry_after_seconds)} if status_code == 503 else {}
        return error_response(status_code, message, headers=wait, facts={"code": error.code})

    async def admit_fault(request: Request, error: Exception) -> Response:
        logger.error("request failed", path=request.url.path, exc_info=error)
        return error_response(500, "Error interno")

    return Starlette(
        routes=[*health_routes(jobs), *job_routes(settings, jobs)],
        middleware=[
            Middleware(
                Authentication,
                token=None if settings.no_auth else settings.token,
                allowed_ips=settings.allowed_ips,
            )
        ],
        exception_handlers={
            RequestRefused: refuse_request,
            HTTPException: refuse_route,
            DatabaseError: blame_database,
            Exception: admit_fault,
        },
    )
