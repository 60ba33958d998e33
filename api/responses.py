"""Answers as JSON with exact numbers, errors in the contract's form, and bodies read with a limit."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from sql.exact_json import InvalidJson, JsonValue, RepeatedKey, dump_json, parse_json

#: Characters of a client's key in an error.
_KEY_SHOWN = 100


class ExactJsonResponse(Response):
    """A JSON answer that keeps every digit."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return dump_json(content).encode()


def error_response(
    status_code: int,
    message: str,
    *,
    headers: Mapping[str, str] | None = None,
    facts: Mapping[str, JsonValue] | None = None,
) -> ExactJsonResponse:
    """`{"error": message, ...}`, the facts after the message."""
    content = {"error": message, **(facts or {})}
    return ExactJsonResponse(content, status_code=status_code, headers=dict(headers or {}))


class RequestRefused(Exception):
    """A request that cannot be served, with the answer that says why."""

    def __init__(
        self,
        status_code: int,
        message: str,
        *,
        facts: Mapping[str, JsonValue] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Say no.

        Args:
            status_code: of the answer.
            message: under `error`.
            facts: beside it.
            headers: of the answer.
        """
        super().__init__(message)
        self.status_code = status_code
        self.message = message
        self.headers = dict(headers or {})
        self.facts = dict(facts or {})


async def read_object(request: Request, *, limit: int, seconds: float) -> dict[str, JsonValue]:
    """The body as a JSON object.

    Args:
        request: its body has not been read.
        limit: most bytes.
        seconds: longest time until it is all there.

    Raises:
        RequestRefused: 413 too large, 408 too slow, 400 no JSON or no object, 422 a key is there twice.
    """
    try:
        async with asyncio.timeout(seconds):
            body = await _read_body(request, limit)
    except TimeoutError as error:
        # The rest of the body may come yet, so nothing else can come over this connection.
        headers = {"connection": "close"}
        raise RequestRefused(408, "El cuerpo no llegó a tiempo", headers=headers) from error
    except ClientDisconnect as error:
        raise RequestRefused(400, "El cuerpo no llegó completo") from error
    try:
        value = parse_json(body, unique_keys=True)
    except RepeatedKey as error:
        # A client that sends two values means one of them; nobody knows which.
        field = error.key[:_KEY_SHOWN].encode("utf-8", "backslashreplace").decode()
        raise RequestRefused(422, f"{field}: está repetido", facts={"field": field}) from error
    except InvalidJson as error:
        raise RequestRefused(400, f"El cuerpo no es JSON válido: {error}") from error
    if not isinstance(value, dict):
        raise RequestRefused(400, "El cuerpo debe ser un objeto JSON")
    return value


async def _read_body(request: Request, limit: int) -> bytes:
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise _too_large(limit)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise _too_large(limit)
    return bytes(body)


def _too_large(limit: int) -> RequestRefused:
    return RequestRefused(413, f"El cuerpo supera el límite de {limit} bytes")
