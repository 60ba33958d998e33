"""POST /setup/tables: installs or upgrades the schema, where the API's user may."""

from __future__ import annotations

from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

from api.answers import SchemaInstalled
from api.endpoints import Answer, Endpoint
from api.observation import Logger
from api.responses import ExactJsonResponse, RequestRefused
from api.tokens import Scope
from sql.exact_json import JsonValue
from sql.install import SCHEMA_VERSION, CompilationFailed, InstallerBusy, Report


class Installer(Protocol):
    """Installs the schema as the API's own user."""

    async def missing(self) -> list[str]: ...

    async def live_workers(self) -> list[str]: ...

    async def install(self, report: Report) -> None: ...


def installation_endpoints(installer: Installer, logger: Logger) -> list[Endpoint]:
    """The one that makes the tables."""

    async def install(_request: Request) -> Response:
        missing: list[JsonValue] = [*await installer.missing()]
        if missing:
            raise RequestRefused(403, "Faltan privilegios", facts={"missing": missing})
        workers: list[JsonValue] = [*await installer.live_workers()]
        if workers:
            # They would wait for each other with whoever replaces a package.
            message = "Hay workers activos: deténgalos antes con oraq drain --all"
            raise RequestRefused(409, message, facts={"workers": workers})
        steps: list[str] = []
        try:
            await installer.install(steps.append)
        except InstallerBusy as error:
            raise RequestRefused(503, "Otro instalador está en marcha") from error
        except CompilationFailed as error:
            faults: list[JsonValue] = [str(fault) for fault in error.errors]
            logger.error("stored units do not compile", faults=faults)
            facts: dict[str, JsonValue] = {"code": error.code, "faults": faults}
            raise RequestRefused(500, "Hay errores de compilación", facts=facts) from error
        logger.info("schema installed", version=SCHEMA_VERSION, steps=len(steps))
        return ExactJsonResponse(SchemaInstalled.of(SCHEMA_VERSION, steps).content())

    return [
        Endpoint(
            method="POST",
            path="/setup/tables",
            call=install,
            scope=Scope.ADMIN,
            group="Service",
            name="installSchema",
            summary="Install the schema, or bring it up to date",
            description="As `oraq install` does, in the schema of the service's own user; doing it "
            "twice is harmless. 403 names the privileges that are `missing`; 409 the `workers` that "
            "have to end before an upgrade.",
            answers={200: Answer(description="It is up to date", model=SchemaInstalled)},
            refusals=(409,),
            # It takes as long as it takes, and half of it would be no answer.
            timed=False,
        )
    ]
