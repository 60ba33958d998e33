"""The ASGI application: routes, the error table, the guard in front."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response

from api.authentication import Authentication
from api.documentation import documentation_endpoints
from api.endpoints import Deadline, build_routes
from api.events import waiting_endpoints
from api.health import health_endpoints
from api.installation import Installer, installation_endpoints
from api.jobs import job_endpoints
from api.metrics import Metrics, PoolUse, StatisticsSource, metrics_endpoints
from api.observation import Logger, Observation
from api.responses import RequestRefused, error_response
from api.settings import ApiSettings
from api.submissions import submission_endpoints
from api.tokens import Token
from api.watcher import Watcher
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

CORS_METHODS: Final = ("GET", "POST", "DELETE")
#: Headers of answers that a page's script may read.
CORS_EXPOSED: Final = ("Location", "Retry-After", "X-Request-Id")

ExceptionHandler = Callable[[Request, Any], Coroutine[Any, Any, Response]]


@dataclass(frozen=True, slots=True)
class Services:
    """What the application stands on; all of it is closed by its maker."""

    jobs: Jobs
    #: Asked for /metrics.
    operations: StatisticsSource
    pool: PoolUse
    installer: Installer


def build_app(
    settings: ApiSettings,
    services: Services,
    logger: Logger,
    *,
    tokens: Callable[[], Sequence[Token]] | None = None,
) -> Starlette:
    """Put the application together.

    Args:
        settings: who may call, and how much.
        services: what does the work.
        logger: of the entry point.
        tokens: gives those in force, where they may change. None: the settings'.
    """
    known = settings.all_tokens
    warn_of_openness(settings, logger)
    jobs = services.jobs
    deadline = Deadline(settings.request_seconds, logger=logger)
    watcher = Watcher(jobs, interval_seconds=settings.watch_seconds, logger=logger)
    metrics = Metrics(services.operations, services.pool, watcher, logger=logger)
    endpoints = [
        *submission_endpoints(settings, jobs),
        *job_endpoints(jobs),
        *waiting_endpoints(settings, jobs, watcher, deadline, logger),
        *health_endpoints(settings, jobs),
        *metrics_endpoints(metrics),
        *installation_endpoints(services.installer, logger),
    ]
    endpoints += documentation_endpoints(endpoints)
    app = Starlette(
        routes=build_routes(endpoints, deadline),
        middleware=[
            Middleware(
                CORSMiddleware,
                allow_origins=settings.origins,
                allow_methods=CORS_METHODS,
                # What existing pages send beside the token is not known; no header gives rights.
                allow_headers=["*"],
                expose_headers=CORS_EXPOSED,
            ),
            Middleware(Observation, logger=logger, counter=metrics),
            Middleware(
                Authentication,
                tokens=None if settings.no_auth else tokens or (lambda: known),
                allowed_ips=settings.allowed_ips,
                open_paths={endpoint.path for endpoint in endpoints if endpoint.scope is None},
                origins=settings.origins,
            ),
        ],
        exception_handlers=_exception_handlers(settings, logger),
    )
    app.state.watcher = watcher
    return app


def release_waiting(app: Starlette) -> None:
    """Answer all who wait for a job, as the process ends. Twice is fine."""
    app.state.watcher.stop()


def warn_of_openness(settings: ApiSettings, logger: Logger) -> None:
    """Say what lets in more callers than a person may have meant."""
    if settings.no_auth:
        reached = "any address" if not settings.allowed_ips else "API_ALLOWED_IPS"
        logger.warning(
            "API serves without a token: anyone can run and delete jobs",
            variable="API_NO_AUTH",
            callers=reached,
        )
    for token in () if settings.no_auth else settings.all_tokens:
        if token.is_weak:
            logger.warning("token is short enough to be guessed", token=token.name)
    if settings.forwarded_allow_ips == "*" and settings.allowed_ips:
        logger.warning(
            "any client can name the address that API_ALLOWED_IPS checks",
            variable="FORWARDED_ALLOW_IPS",
        )


def _exception_handlers(
    settings: ApiSettings, logger: Logger
) -> dict[type[Exception], ExceptionHandler]:
    """Every error in the contract's form. What is in no list is Observation's."""
    wait = {"retry-after": str(settings.retry_after_seconds)}

    async def refuse_request(_request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestRefused)
        headers = error.headers | (wait if error.status_code == 503 else {})
        return error_response(error.status_code, error.message, headers=headers, facts=error.facts)

    async def refuse_route(_request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        message = HTTP_MESSAGES.get(error.status_code, error.detail)
        return error_response(error.status_code, message, headers=error.headers)

    async def blame_database(_request: Request, error: Exception) -> Response:
        assert isinstance(error, DatabaseError)
        status_code, message = DATABASE_STATUS.get(type(error), (500, "Error de base de datos"))
        logger.error("database call failed", code=error.code, error=error.text)
        headers = wait if status_code == 503 else {}
        return error_response(status_code, message, headers=headers, facts={"code": error.code})

    return {
        RequestRefused: refuse_request,
        HTTPException: refuse_route,
        DatabaseError: blame_database,
    }
