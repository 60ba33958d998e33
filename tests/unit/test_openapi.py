"""The API's description: complete, valid, and true of what is served."""

import json
import re
from typing import Any

import httpx
import pytest
import structlog
from jsonschema import Draft202012Validator
from starlette.applications import Starlette
from starlette.routing import Route

from api.app import build_app
from api.settings import ApiSettings
from tests.unit.scripted import ScriptedJobs, scripted_services

METHODS = ("get", "post", "delete")


@pytest.fixture(scope="module")
def app() -> Starlette:
    settings = ApiSettings.model_validate({"token": "a long enough secret"})
    return build_app(settings, scripted_services(ScriptedJobs(None)), structlog.get_logger())


@pytest.fixture
async def document(app: Starlette) -> dict[str, Any]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as http:
        answer: dict[str, Any] = (await http.get("/openapi.json")).json()
    return answer


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


async def test_every_route_is_described_and_no_other(
    app: Starlette, document: dict[str, Any]
) -> None:
    served = {
        (route.path, method.lower())
        for route in app.routes
        if isinstance(route, Route)
        for method in route.methods or ()
        if method != "HEAD"
    }

    assert {(path, method) for path, method, _ in operations(document)} == served


async def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    references = set(re.findall(r'"\$ref": "([^"]+)"', json.dumps(document)))

    assert references
    for reference in references:
        node: Any = document
        for key in reference.removeprefix("#/").split("/"):
            node = node[key]
        assert node


async def test_every_schema_is_one(document: dict[str, Any]) -> None:
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


async def test_operations_have_what_openapi_asks_for(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]

    assert document["openapi"].startswith("3.1.")
    assert len(names) == len(set(names))
    for path, method, operation in operations(document):
        assert method in METHODS
        assert operation["summary"]
        assert operation["responses"]
        in_path = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
        assert in_path == set(re.findall(r"{(\w+)}", path))


async def test_what_needs_a_token_says_so_and_may_answer_401(document: dict[str, Any]) -> None:
    for _, _, operation in operations(document):
        needs_token = bool(operation["security"])

        assert ("401" in operation["responses"]) == needs_token


async def test_absent_values_are_described_as_absent_and_not_as_null(
    document: dict[str, Any],
) -> None:
    job = document["components"]["schemas"]["JobBody"]

    assert job["properties"]["end_time"]["type"] == "string"
    assert set(job["required"]) >= {"id", "status", "procedure_name"}
    assert "end_time" not in job["required"]


async def test_the_page_needs_nothing_from_outside(app: Starlette) -> None:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as http:
        answer = await http.get("/docs")

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert not re.search(r"https?://|src=|@import|url\(", answer.text)
    assert "default-src 'none'" in answer.headers["content-security-policy"]
