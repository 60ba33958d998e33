"""Each request as operators see it: an id, a trace, one line in the log, a count.

Neither the query nor any header but the two named here is logged: secrets are written there by
mistake. What a client chooses is cut and has no control characters.
"""

from __future__ import annotations

import re
import secrets
import time
from typing import Final, Protocol

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.responses import error_response

REQUEST_ID: Final = "x-request-id"
#: A client that left before it was answered; no such answer is ever sent.
CLIENT_GONE: Final = 499
#: Characters of a path that are logged.
_PATH_LENGTH: Final = 200

_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_TRACE = re.compile(r"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?")

Logger = structlog.typing.FilteringBoundLogger


class RequestCounter(Protocol):
    """What is told of every request that has ended."""

    def count_request(self, *, method: str, route: str, status: int, seconds: float) -> None: ...


def read_traceparent(text: str | None) -> str | None:
    """A W3C traceparent, to be handed on as it came; None: there is none that is valid.

    Source: W3C Trace Context, section 3.2: lower case, version ff and all-zero ids are invalid, a
    later version may have more behind.
    """
    found = _TRACE.fullmatch(text or "")
    if not found or not int(found[1], 16) or not int(found[2], 16):
        return None
    if found[0].startswith("00-") and len(found[0]) > 55:
        return None
    return found[0][:55]


class Observation:
    """Around everything that serves a request; turns a fault of ours into an answer."""

    def __init__(self, app: ASGIApp, *, logger: Logger, counter: RequestCounter) -> None:
        self._app = app
        self._logger = logger
        self._counter = counter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given_id = headers.get(REQUEST_ID, "")
        request_id = given_id if _ID.fullmatch(given_id) else secrets.token_hex(8)
        trace = read_traceparent(headers.get("traceparent"))
        state = scope.setdefault("state", {})
        state["trace_context"] = trace
        status = CLIENT_GONE
        started = time.perf_counter()

        async def send_observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            await send(message)

        bound = {"request_id": request_id} | ({"trace_id": trace[3:35]} if trace else {})
        with structlog.contextvars.bound_contextvars(**bound):
            try:
                await self._app(scope, receive, send_observed)
            except Exception as error:
                self._logger.error("request failed", path=_path(scope), exc_info=error)
                if status != CLIENT_GONE:
                    # The answer has begun: the server cuts it, so that it does not look whole.
                    return
                await error_response(500, "Error interno")(scope, receive, send_observed)
            finally:
                seconds = time.perf_counter() - started
                self._note(scope, status, seconds)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        state = scope["state"]
        route = state.get("route")
        caller = state.get("caller")
        # Probes come every few seconds, and one that fails is logged by what it found.
        log = self._logger.debug if state.get("is_probe") else self._logger.info
        client = scope.get("client")
        log(
            "request",
            method=scope["method"],
            path=_path(scope),
            status=status,
            seconds=round(seconds, 4),
            client=client[0] if client else None,
            caller=caller.name if caller else None,
        )
        # Not the path of a request that has no route: its variants have no end.
        self._counter.count_request(
            method=scope["method"] if route else "other",
            route=route or "other",
            status=status,
            seconds=seconds,
        )


def _path(scope: Scope) -> str:
    """The path as it was sent: in ASCII, escaped, so without control characters."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode("ascii", "backslashreplace")
    text = raw.partition(b"?")[0].decode("ascii", "backslashreplace")
    return "".join(char if char.isprintable() else "?" for char in text[:_PATH_LENGTH])
