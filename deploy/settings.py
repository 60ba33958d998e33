"""What the environment says: read once, at the start of a command, and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values
from pydantic import ValidationError

from api.settings import VARIABLES as API_VARIABLES
from sql.names import InvalidName
from sql.settings import VARIABLES as DATABASE_VARIABLES
from sql.settings import DatabaseSettings
from worker.settings import VARIABLES as WORKER_VARIABLES

#: Fields of the settings, and the names that people set.
VARIABLES = DATABASE_VARIABLES | API_VARIABLES | WORKER_VARIABLES

_STARS = "********"
#: Passwords in a connect string: as an element of a descriptor, and as a parameter of Easy Connect.
_PASSWORD_ELEMENT = re.compile(r"(\(\s*\w*password\w*\s*=\s*)[^()]*", re.IGNORECASE)
_PASSWORD_PARAMETER = re.compile(r"([?&]\w*password\w*=)[^&]*", re.IGNORECASE)


class ConfigurationError(Exception):
    """A setting is missing or does not fit. The message names it and never shows its value."""


class Environment(dict[str, str]):
    """Variables, and which of them a file has set."""

    def __init__(
        self,
        variables: Mapping[str, str],
        *,
        file: str | None = None,
        from_file: Iterable[str] = (),
    ) -> None:
        super().__init__(variables)
        self.file = file
        self._from_file = frozenset(from_file)

    def source(self, name: str) -> str:
        """Where a variable that is set comes from, for people."""
        return f"{name} in {self.file}" if name in self._from_file else name


def read_environment(environ: Mapping[str, str], *, env_file: str | None = None) -> Environment:
    """The environment, over what stands in a file of NAME=value lines.

    Args:
        environ: the process's own; it wins.
        env_file: the file. None: what ENV_FILE names, if anything.

    Raises:
        ConfigurationError: the file cannot be read.
    """
    name = env_file or environ.get("ENV_FILE")
    if not name:
        return Environment(environ)
    try:
        text = Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigurationError(f"the environment file {name} cannot be read: {reason}") from error
    values = dotenv_values(stream=StringIO(text), interpolate=False)
    given = {key: value for key, value in values.items() if value is not None}
    return Environment(given | dict(environ), file=name, from_file=given.keys() - environ.keys())


def read_database(environ: Mapping[str, str]) -> DatabaseSettings:
    """How to connect.

    Raises:
        ConfigurationError: a variable is missing or does not fit.
    """
    try:
        settings = DatabaseSettings.from_environment(environ)
    except ValidationError as error:
        raise ConfigurationError(explain(error)) from None
    for field, name in (("owner", "ORAQ_OWNER"), ("default_schema", "ORAQ_DEFAULT_SCHEMA")):
        try:
            getattr(settings, field)
        except InvalidName:
            # Without a schema it is the user's own.
            source = name if environ.get(name) else f"ORACLE_USER (or set {name})"
            raise ConfigurationError(f"{source}: not a schema's name") from None
    return settings


def read_port(environ: Mapping[str, str], name: str, default: int) -> int:
    """A port number; 0 is a free one.

    Raises:
        ConfigurationError: it is none.
    """
    text = environ.get(name) or str(default)
    if not text.isdecimal() or int(text) > 65535:
        raise ConfigurationError(f"{name} has to be a port number, not {text!r}")
    return int(text)


def explain(error: ValidationError) -> str:
    """One line: which variables are missing, which do not fit. Values stay out: one is a password."""
    faults = []
    for fault in error.errors(include_input=False, include_url=False):
        field = str(fault["loc"][0]) if fault["loc"] else ""
        name = VARIABLES.get(field, field)
        text = fault["msg"].removeprefix("Value error, ")
        match fault["type"]:
            case "missing":
                faults.append(f"{name} is not set")
            case _ if name:
                faults.append(f"{name}: {text}")
            case _:
                # A rule about several fields says by itself which.
                faults.append(text)
    return "; ".join(faults)


def mask_dsn(dsn: str) -> str:
    """A connect string without the passwords that may stand in it: `scott/tiger@host/service`."""
    masked = _PASSWORD_ELEMENT.sub(rf"\1{_STARS}", dsn)
    masked = _PASSWORD_PARAMETER.sub(rf"\1{_STARS}", masked)
    left, at, right = masked.rpartition("@")
    if at and not left.lstrip().startswith("(") and re.search(r"[/:]", left):
        # Whatever stands before an @ is a user and a password, of a proxy as well.
        user = re.split(r"[/:]", left, maxsplit=1)
        scheme = "://" in left
        masked = f"{_STARS}@{right}" if scheme else f"{user[0]}/{_STARS}@{right}"
    return masked
