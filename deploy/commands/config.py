"""The settings that are in force, and where each comes from. Secrets are never shown."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, SecretStr, ValidationError
from rich.console import RenderableType
from rich.text import Text

from api.settings import VARIABLES as API_VARIABLES
from api.settings import ApiSettings
from deploy.commands.exits import Exit
from deploy.commands.options import AddCommand, add_json
from deploy.commands.screen import new_table, open_console, print_json
from deploy.settings import ConfigurationError, Environment, explain, mask_dsn, read_database
from sql.exact_json import JsonValue
from sql.settings import VARIABLES as DATABASE_VARIABLES
from sql.settings import DatabaseSettings
from worker.settings import VARIABLES as WORKER_VARIABLES
from worker.settings import WorkerSettings

STARS: Final = "********"
#: Fields whose values are secrets, whatever their type.
SECRETS: Final = frozenset({"password", "wallet_password", "token", "tokens"})
#: A variable with this behind its name names a file that holds the value.
FILE_SUFFIX: Final = "_FILE"

#: Variables that belong to no settings: name, default, process.
OTHERS: Final = (
    ("PORT", "3000", "api"),
    ("API_HOST", "0.0.0.0", "api"),  # noqa: S104
    ("API_NO_AUTH", "0", "api"),
    ("LOG_LEVEL", "info", "log"),
    ("LOG_FORMAT", "text", "log"),
)


@dataclass(frozen=True)
class Setting:
    """One line of the output."""

    #: database, api, worker or log.
    section: str
    #: The variable that sets it.
    name: str
    #: What is in force. None: not set, and there is no default.
    value: str | None
    #: Where it comes from: a variable, a variable in a file, or the default.
    source: str


def add_commands(add: AddCommand) -> None:
    add_json(add("config", show, "Show the settings in force and where each comes from."))


def show(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    found = environ if isinstance(environ, Environment) else Environment(environ)
    settings = read_settings(found)
    if options.json:
        rows: list[JsonValue] = [
            {"section": s.section, "name": s.name, "value": s.value, "source": s.source}
            for s in settings
        ]
        print_json({"settings": rows, "faults": list(find_faults(found))})
    else:
        lines = [_line(setting) for setting in settings]
        open_console().print(
            new_table(("SETTING", "VALUE", "FROM"), lines, flexible=("VALUE", "FROM"))
        )
    faults = list(find_faults(found))
    if faults:
        raise ConfigurationError("; ".join(faults))
    return Exit.DONE


def _line(setting: Setting) -> tuple[RenderableType, ...]:
    style = "dim" if setting.source == "default" else ""
    value = "(not set)" if setting.value is None else setting.value
    return setting.name, Text(value, style), Text(setting.source, style)


def read_settings(environ: Environment) -> list[Setting]:
    """Every variable that OraQ knows, in the order of its sections."""
    models: tuple[tuple[str, type[BaseModel], Mapping[str, str]], ...] = (
        ("database", DatabaseSettings, DATABASE_VARIABLES),
        ("api", ApiSettings, API_VARIABLES),
        ("worker", WorkerSettings, WORKER_VARIABLES),
    )
    settings = [
        _read(environ, section, name, model.model_fields[field].get_default(), field in SECRETS)
        for section, model, variables in models
        for field, name in variables.items()
    ]
    settings += [
        _read(environ, section, name, default, is_secret=False) for name, default, section in OTHERS
    ]
    order = [section for section, _, _ in models]
    return sorted(settings, key=lambda s: order.index(s.section) if s.section in order else 9)


def _read(environ: Environment, section: str, name: str, default: Any, is_secret: bool) -> Setting:
    file_name = f"{name}{FILE_SUFFIX}"
    if given := environ.get(name):
        shown = STARS if is_secret else mask_dsn(given) if name == "ORACLE_DSN" else given
        return Setting(section, name, shown, environ.source(name))
    if is_secret and environ.get(file_name):
        return Setting(section, name, STARS, f"{environ[file_name]} ({environ.source(file_name)})")
    return Setting(section, name, _show_default(default), "default")


def _show_default(value: Any) -> str | None:
    match value:
        case SecretStr():
            return STARS
        case tuple() | list():
            return ",".join(str(item) for item in value) or None
        case float() if value.is_integer():
            return str(int(value))
        case None:
            return None
        case _:
            # PydanticUndefined has no other name to be asked for.
            return None if type(value).__name__ == "PydanticUndefinedType" else str(value)


def find_faults(environ: Environment) -> Iterable[str]:
    """What keeps a command from starting: a line for the database's settings, one for the rest."""
    readers: tuple[Callable[[], object], ...] = (
        lambda: read_database(environ),
        lambda: WorkerSettings.from_environment(environ),
    )
    for read in readers:
        try:
            read()
        except ConfigurationError as error:
            yield str(error)
        except ValidationError as error:
            yield explain(error)
