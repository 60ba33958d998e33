"""How to reach the database: what every process of the product needs to connect.

Values come from the environment, which only the entry points read:
`DatabaseSettings.from_environment(os.environ)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from sql.names import dictionary_name


class DatabaseSettings(BaseModel):
    """One user of one database, and the schema that owns the job tables."""

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)

    #: Who connects.
    user: str = Field(min_length=1)
    #: The password; never shown.
    password: SecretStr
    #: Easy Connect string, full descriptor or alias. None: built from host, port and service.
    dsn: str | None = None
    #: Host name or address. Only used without a dsn. Default: this machine.
    host: str = "localhost"
    #: Listener's port. Only used without a dsn. Default: 1521.
    port: int = Field(default=1521, ge=1, le=65535)
    #: Service name. Only used without a dsn. Default: FREEPDB1, that of Oracle Database Free.
    service: str = "FREEPDB1"
    #: The schema that owns ASYNC_JOBS and the packages. None: the user's own.
    owner_schema: str | None = None
    #: Where a procedure named without a schema is looked for. None: the user's own schema.
    procedure_schema: str | None = None
    #: Folder with tnsnames.ora. None: the driver's own default.
    config_dir: str | None = None
    #: Folder with ewallet.pem, or SYSTEM for the host's trust store. None: no wallet.
    wallet_location: str | None = None
    #: Opens the wallet. None: the wallet has no password.
    wallet_password: SecretStr | None = None

    @property
    def connect_string(self) -> str:
        return self.dsn or f"{self.host}:{self.port}/{self.service}"

    @property
    def owner(self) -> str:
        """The owning schema, as the dictionary writes it."""
        return dictionary_name(self.owner_schema or self.user)

    @property
    def default_schema(self) -> str:
        """The schema of procedures named without one, as the dictionary writes it."""
        return dictionary_name(self.procedure_schema or self.user)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Read the names of the existing deployments (ORACLE_*), and ours beside them.

        Raises:
            ValidationError: a value is missing or does not fit; it names the fields.
        """
        given = {field: environ[name] for field, name in VARIABLES.items() if environ.get(name)}
        return cls.model_validate(given)


#: Fields, and the variables that people set.
VARIABLES = {
    "user": "ORACLE_USER",
    "password": "ORACLE_PASSWORD",
    "dsn": "ORACLE_DSN",
    "host": "ORACLE_HOST",
    "port": "ORACLE_PORT",
    "service": "ORACLE_SERVICE",
    "owner_schema": "ORAQ_OWNER",
    "procedure_schema": "ORAQ_DEFAULT_SCHEMA",
    "config_dir": "TNS_ADMIN",
    "wallet_location": "ORACLE_WALLET_LOCATION",
    "wallet_password": "ORACLE_WALLET_PASSWORD",
}
