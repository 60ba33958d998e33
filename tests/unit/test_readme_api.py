"""README's tables of the API, held to what the code serves, takes and reads."""

import re

import structlog
from starlette.routing import Route

from api.app import build_app
from api.queries import ListQuery
from api.schemas import ProcedureCall
from api.settings import VARIABLES, ApiSettings
from deploy.stack import ROOT
from tests.unit.scripted import ScriptedJobs, scripted_services

README = (ROOT / "README.md").read_text(encoding="utf-8")
SECTION = README.partition("## The REST API")[2].partition("\n## ")[0]


def test_every_route_is_in_the_table_and_no_other() -> None:
    settings = ApiSettings.model_validate({"token": "a long enough secret"})
    app = build_app(settings, scripted_services(ScriptedJobs(None)), structlog.get_logger())
    served = {
        f"{method} {route.path}"
        for route in app.routes
        if isinstance(route, Route)
        for method in route.methods or ()
        if method != "HEAD"
    }

    rows = [line.split("|")[1] for line in SECTION.splitlines() if line.startswith("| `")]
    told = re.findall(r"`((?:GET|POST|DELETE) /[^`?]*)", " ".join(rows))
    assert set(told) == served
    assert len(told) == len(served)


def test_every_option_is_named() -> None:
    for name, field in ProcedureCall.model_fields.items():
        if name not in ("name", "params"):
            assert f"`{field.alias or name}`" in SECTION


def test_every_filter_is_named() -> None:
    for name in ListQuery.model_fields:
        assert f"`{name}`" in SECTION


def test_every_variable_is_named() -> None:
    for name in (*VARIABLES.values(), "API_NO_AUTH", "API_TOKEN_FILE", "API_TOKENS_FILE"):
        assert f"`{name}`" in SECTION
