"""Holds answers against the service's own OpenAPI document."""

import re
from collections.abc import Mapping
from typing import Any

import httpx
from jsonschema import Draft202012Validator

#: Answers that belong to no operation: an unknown path, a method that a path does not have.
UNROUTED = (404, 405)


class AnswerChecker:
    """Finds the operation of a request, and asserts that its answer is described."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self._paths = [
            (re.compile(re.sub(r"{\w+}", "[^/]+", path)), methods)
            for path, methods in document["paths"].items()
        ]

    def check(self, response: httpx.Response) -> None:
        operation = self._find(response.request)
        if operation is None:
            assert response.status_code in (*UNROUTED, 400, 401, 403), response.status_code
            self._check_body(response, {"$ref": "#/components/schemas/Problem"})
            return
        described = operation["responses"].get(str(response.status_code))
        name = operation["operationId"]
        assert described, f"{name} does not describe {response.status_code}"
        described = self._resolve(described)
        for header in described.get("headers", {}):
            assert header in response.headers, f"{name} {response.status_code} has no {header}"
        media_type = response.headers.get("content-type", "").partition(";")[0]
        assert media_type in described["content"], f"{name} does not describe {media_type}"
        if media_type == "application/json":
            self._check_body(response, described["content"][media_type]["schema"])

    def _find(self, request: httpx.Request) -> Any:
        path = request.url.raw_path.decode().partition("?")[0]
        for pattern, methods in self._paths:
            if pattern.fullmatch(path):
                return methods.get(request.method.lower())
        return None

    def _resolve(self, node: Any) -> Any:
        while "$ref" in node:
            target: Any = self.document
            for key in node["$ref"].removeprefix("#/").split("/"):
                target = target[key]
            node = target
        return node

    def _check_body(self, response: httpx.Response, schema: Mapping[str, Any]) -> None:
        response.read()
        whole = {**schema, "components": self.document["components"]}
        Draft202012Validator(whole).validate(response.json())
