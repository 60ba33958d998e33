"""What the API process needs to know beside the database."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator


class ApiSettings(BaseModel):
    """Who may call, and how much at once."""

    model_config = ConfigDict(frozen=True)

    #: The bearer token that every call has to carry. None only together with no_auth.
    token: SecretStr | None = None
    #: Serve anyone without a token. Default: no.
    no_auth: bool = False
    #: Addresses and networks that may call. Empty: all.
    allowed_ips: tuple[IPv4Network | IPv6Network, ...] = ()
    #: The largest request body in bytes. Default: 1 MiB.
    body_bytes: int = Field(default=1024 * 1024, ge=1)
    #: Most database connections at once. Default: 8.
    pool_size: int = Field(default=8, ge=1)
    #: Longest time of one database round trip in seconds; 0: no limit. Default: 30.
    call_seconds: float = Field(default=30, ge=0)
    #: Seconds to tell a client to wait while the database is away. Default: 5.
    retry_after_seconds: int = Field(default=5, ge=1)

    @field_validator("allowed_ips", mode="before")
    @classmethod
    def _split_networks(cls, value: object) -> object:
        """From `10.0.0.1, 192.168.0.0/16`; an address is a network of one."""
        if not isinstance(value, str):
            return value
        parts = [part.strip() for part in value.split(",")]
        return tuple(ip_network(part, strict=False) for part in parts if part)

    @model_validator(mode="after")
    def _need_token(self) -> Self:
        if not self.no_auth and not (self.token and self.token.get_secret_value()):
            raise ValueError("API_TOKEN is not set, and API_NO_AUTH is not 1")
        return self

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Read API_TOKEN, API_NO_AUTH, API_ALLOWED_IPS, API_POOL_SIZE and API_BODY_BYTES.

        Raises:
            ValidationError: a value does not fit, or nobody could call.
        """
        names = {
            "token": "API_TOKEN",
            "allowed_ips": "API_ALLOWED_IPS",
            "pool_size": "API_POOL_SIZE",
            "body_bytes": "API_BODY_BYTES",
        }
        given: dict[str, object] = {
            field: environ[name] for field, name in names.items() if environ.get(name)
        }
        given["no_auth"] = environ.get("API_NO_AUTH") == "1"
        return cls.model_validate(given)
