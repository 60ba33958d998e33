"""The API's description: /openapi.json for programs, /docs for people."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from api.endpoints import Answer, Endpoint
from api.openapi import build_document

_PAGE: Final = Path(__file__).with_name("docs.html").read_text(encoding="utf-8")
#: The page needs nothing but itself and this service.
_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def documentation_endpoints(others: Sequence[Endpoint]) -> list[Endpoint]:
    """What describes the other endpoints, and itself. Needs no token: it tells nothing of jobs."""

    async def show_document(_request: Request) -> Response:
        return JSONResponse(document)

    async def show_page(_request: Request) -> Response:
        headers = {"content-security-policy": _POLICY, "referrer-policy": "no-referrer"}
        return HTMLResponse(_PAGE, headers=headers)

    own = [
        Endpoint(
            method="GET",
            path="/openapi.json",
            call=show_document,
            scope=None,
            group="Service",
            name="describeApi",
            summary="This description, as OpenAPI 3.1",
            answers={200: Answer(description="The document")},
        ),
        Endpoint(
            method="GET",
            path="/docs",
            call=show_page,
            scope=None,
            group="Service",
            name="showDocs",
            summary="This description, as a page",
            answers={200: Answer(description="The page", media_type="text/html")},
        ),
    ]
    document = build_document([*others, *own], version=version("oraq"))
    return own
