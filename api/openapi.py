"""The OpenAPI 3.1 document, made from the endpoints and their pydantic models."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from api.answers import Problem
from api.endpoints import Answer, Endpoint

JSON: Final = "application/json"
EVENTS: Final = "text/event-stream"
_REFERENCE: Final = "#/components/schemas/{model}"
_PATH_PARAMETER: Final = re.compile(r"{(\w+)}")

ABOUT: Final = """\
Runs Oracle stored procedures asynchronously: submit a call, get a `job_id` at once, look at the job \
until it has `completed` or `failed`.

Send `Authorization: Bearer TOKEN`. A token may `read`; or `submit` as well, which is also to cancel, \
retry and delete single jobs; or do everything as `admin`. Bodies are JSON. Errors are always \
`{"error": "..."}`, with more facts beside it. Every answer has an `X-Request-Id`; send your own to \
find the request in the logs, and a W3C `traceparent` to find it in your traces. An unknown path is \
404, a wrong method 405."""

#: What an error says, wherever it comes from.
REFUSALS: Final[Mapping[int, str]] = {
    400: "The body is no JSON object, or a secret is in the URL",
    401: "There is no token, or it is nobody's",
    403: "The address, the token's scope or the list of allowed procedures does not permit this",
    404: "There is no such job",
    408: "The body did not come in time",
    409: "The job's state, or an earlier request with this key, does not permit this",
    413: "The body is too large",
    422: "A field does not fit; `field` names it",
    500: "A fault of the service or the database",
    503: "The database is away, busy or too slow: try again",
}
#: Beside what the endpoint may answer: of any, and of those that need a token.
ANYWHERE: Final = (400, 403, 500)
BEHIND_A_TOKEN: Final = (401, 503)


class _PlainSchema(GenerateJsonSchema):
    """Without a title for each field, which only repeats its name."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


class _BodySchema(_PlainSchema):
    """Of what clients send: a field that may be left out may be null."""

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        described = super().default_schema(schema)
        inner = {name: value for name, value in described.items() if name != "default"}
        if not inner or {"type": "null"} in inner.get("anyOf", ()):
            return described
        default = {"default": described["default"]} if "default" in described else {}
        return {"anyOf": [inner, {"type": "null"}], **default}


class _AnswerSchema(_PlainSchema):
    """Of answers: what is absent is left out and never null."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])


def build_document(endpoints: Iterable[Endpoint], *, version: str) -> dict[str, Any]:
    """The whole document, as JSON has it.

    Args:
        endpoints: all that the application serves.
        version: of the product.
    """
    endpoints = list(endpoints)
    bodies = {e.body for e in endpoints if e.body}
    answers = {a.model for e in endpoints for a in e.answers.values() if a.model} | {Problem}
    queries = {e.query for e in endpoints if e.query}
    schemas = _schemas(bodies, _BodySchema) | _schemas(answers | queries, _AnswerSchema)
    for query in queries:
        # Its fields are parameters; only what they refer to is a schema.
        del schemas[query.__name__]
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        operation = _describe(endpoint)
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "OraQ",
            "version": version,
            "description": ABOUT,
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in dict.fromkeys(e.group for e in endpoints)],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "headers": {
                "X-Request-Id": {
                    "description": "Finds the request in the logs",
                    "schema": {"type": "string"},
                },
                "Retry-After": {
                    "description": "Seconds to wait before the next try",
                    "schema": {"type": "integer", "minimum": 1},
                },
            },
            "responses": {f"Error{status}": _describe_refusal(status) for status in REFUSALS},
            "schemas": schemas,
        },
    }


def _schemas(
    models: Iterable[type[BaseModel]], generator: type[GenerateJsonSchema]
) -> dict[str, Any]:
    ordered = sorted(models, key=lambda model: model.__name__)
    _, schema = models_json_schema(
        [(model, "validation") for model in ordered],
        ref_template=_REFERENCE,
        schema_generator=generator,
    )
    definitions: dict[str, Any] = schema.get("$defs", {})
    return definitions


def _describe(endpoint: Endpoint) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.name,
        "tags": [endpoint.group],
        "summary": endpoint.summary,
    }
    if endpoint.description:
        operation["description"] = endpoint.description
    # OpenAPI 3.1 lets a bearer scheme name the roles that are needed.
    operation["security"] = [] if endpoint.scope is None else [{"token": [_scope(endpoint)]}]
    parameters = [*_path_parameters(endpoint), *_query_parameters(endpoint)]
    parameters += [
        {"name": name, "in": "header", "description": text, "schema": {"type": "string"}}
        for name, text in endpoint.headers.items()
    ]
    if parameters:
        operation["parameters"] = parameters
    if endpoint.body:
        operation["requestBody"] = {
            "required": True,
            "content": {JSON: {"schema": _refer(endpoint.body)}},
        }
    refusals = {*endpoint.refusals, *ANYWHERE, *(BEHIND_A_TOKEN if endpoint.scope else ())}
    responses = {status: _describe_answer(a) for status, a in endpoint.answers.items()}
    for status in sorted(refusals - set(responses)):
        responses[status] = {"$ref": f"#/components/responses/Error{status}"}
    operation["responses"] = {str(status): text for status, text in responses.items()}
    return operation


def _scope(endpoint: Endpoint) -> str:
    return endpoint.scope.name.lower() if endpoint.scope else ""


def _refer(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REFERENCE.format(model=model.__name__)}


def _path_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": "The job's id",
            "schema": {"type": "string", "maxLength": 32},
        }
        for name in _PATH_PARAMETER.findall(endpoint.path)
    ]


def _query_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    if endpoint.query is None:
        return []
    schema = endpoint.query.model_json_schema(
        schema_generator=_AnswerSchema, ref_template=_REFERENCE
    )
    parameters = []
    for name, described in schema["properties"].items():
        description = described.pop("description", "")
        parameter = {"name": name, "in": "query", "description": description, "schema": described}
        if described.get("type") == "array":
            # One parameter with commas; repeating it is understood as well.
            parameter |= {"style": "form", "explode": False}
        parameters.append(parameter)
    return parameters


def _describe_answer(answer: Answer) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": {"type": "string"}}
    if answer.model or answer.media_type == JSON:
        content = {"schema": _refer(answer.model) if answer.model else {"type": "object"}}
    elif answer.media_type == EVENTS:
        # A stream has no schema before OpenAPI 3.2.
        content = {}
    headers = {
        name: {"description": text, "schema": {"type": "string"}}
        for name, text in answer.headers.items()
    }
    described: dict[str, Any] = {
        "description": answer.description,
        "headers": headers | _common_headers("X-Request-Id"),
        "content": {answer.media_type: content},
    }
    if answer.leads_to:
        described["links"] = {
            name: {"operationId": name, "parameters": {"job_id": "$response.body#/job_id"}}
            for name in answer.leads_to
        }
    return described


def _describe_refusal(status: int) -> dict[str, Any]:
    names = ("X-Request-Id", "Retry-After") if status == 503 else ("X-Request-Id",)
    headers: dict[str, Any] = _common_headers(*names)
    if status == 401:
        headers["WWW-Authenticate"] = {"schema": {"const": "Bearer"}}
    return {
        "description": f"{HTTPStatus(status).phrase}: {REFUSALS[status]}",
        "headers": headers,
        "content": {JSON: {"schema": _refer(Problem)}},
    }


def _common_headers(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
