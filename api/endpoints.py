"""One list of what the API answers: routes, the rights that they need and the OpenAPI document.

All three are made from the same `Endpoint`s, so that none can say what another does not know.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.responses import RequestRefused
from api.tokens import Scope

T = TypeVar("T")
Call = Callable[[Request], Coroutine[Any, Any, Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an endpoint answers with one status."""

    description: str
    #: Of the JSON. None: no JSON, see `media_type`.
    model: type[BaseModel] | None = None
    media_type: str = "application/json"
    #: Headers of its own, and what they say.
    headers: Mapping[str, str] = field(default_factory=dict)
    #: Names of endpoints that take the answer's `job_id` in their path.
    leads_to: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A method of a path."""

    method: str
    #: As Starlette and OpenAPI write it, with {names}.
    path: str
    #: A verb and a noun, unique: OpenAPI's operationId.
    name: str
    call: Call
    #: What the caller has to be allowed. None: anyone, without a token.
    scope: Scope | None
    summary: str
    description: str = ""
    group: str = "Jobs"
    #: By status; the first is the usual one.
    answers: Mapping[int, Answer]
    #: Errors that the client can bring about, beside those that every endpoint may answer.
    refusals: Sequence[int] = ()
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    #: Headers of the request, and what they do.
    headers: Mapping[str, str] = field(default_factory=dict)
    #: Whether the request's time limit is kept here; otherwise the endpoint keeps it itself.
    timed: bool = True
    #: Whether it is asked all the time, and not worth a line in the log.
    is_probe: bool = False


class Deadline:
    """The time limit of requests.

    What is over its limit goes on by itself: a database call that is broken off is in doubt, one
    that ends late is not, and its own limit ends it.
    """

    def __init__(self, seconds: float, *, logger: structlog.typing.FilteringBoundLogger) -> None:
        self._seconds = seconds
        self._logger = logger
        self._late: set[asyncio.Task[Any]] = set()

    async def limit(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for something, but not too long.

        Raises:
            RequestRefused: 503; it has not ended in time.
        """
        task = asyncio.ensure_future(work)
        try:
            done, _ = await asyncio.wait({task}, timeout=self._seconds)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if not done:
            self._late.add(task)
            task.add_done_callback(self._forget)
            raise RequestRefused(503, "La solicitud no terminó a tiempo")
        return task.result()

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._late.discard(task)
        error = None if task.cancelled() else task.exception()
        self._logger.warning("request ended late", error=str(error) if error else None)


def build_routes(endpoints: Iterable[Endpoint], deadline: Deadline) -> list[Route]:
    """One route a path, so that a wrong method is told every right one."""
    paths: dict[str, dict[str, Endpoint]] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method] = endpoint
    return [
        Route(path, _serve(methods, deadline), methods=list(methods))
        for path, methods in paths.items()
    ]


def _serve(
    methods: Mapping[str, Endpoint], deadline: Deadline
) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        endpoint = methods["GET" if request.method == "HEAD" else request.method]
        request.state.route = endpoint.path
        request.state.is_probe = endpoint.is_probe
        if endpoint.scope is not None and request.state.caller.scope < endpoint.scope:
            needed = endpoint.scope.name.lower()
            raise RequestRefused(
                403, f"El token no permite esto: necesita {needed}", facts={"scope": needed}
            )
        call = endpoint.call(request)
        return await (deadline.limit(call) if endpoint.timed else call)

    return serve
