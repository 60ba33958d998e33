"""What the API process needs to know beside the database."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from api.tokens import SINGLE_TOKEN_NAME, Scope, Token, check_distinct, make_token, parse_tokens

_ORIGIN = re.compile(r"\*|null|[a-z][a-z0-9+.-]*://[^/\s?#]+", re.IGNORECASE)


class ApiSettings(BaseModel):
    """Who may call, and how much at once."""

    model_config = ConfigDict(frozen=True)

    #: The one bearer token of the existing deployments, which may do everything. None: there is none.
    token: SecretStr | None = None
    #: Named tokens with scopes, `name:scope:secret`. Default: none.
    tokens: tuple[Token, ...] = ()
    #: Serve anyone without a token. Default: no.
    no_auth: bool = False
    #: Addresses and networks that may call. Empty: all.
    allowed_ips: tuple[IPv4Network | IPv6Network, ...] = ()
    #: Proxies whose X-Forwarded-For is believed: addresses, networks, or `*`. None: none.
    forwarded_allow_ips: str | None = None
    #: Origins of pages that may call from a browser; `*`: any. None: any where a token is needed, else
    #: none.
    cors_origins: tuple[str, ...] | None = None
    #: Seconds for a client to send the head of a request. Default: 20.
    head_seconds: float = Field(default=20, gt=0)
    #: Seconds for which a client may take nothing of its answer. Default: 60.
    stall_seconds: float = Field(default=60, gt=0)
    #: The largest request body in bytes. Default: 1 MiB.
    body_bytes: int = Field(default=1024 * 1024, ge=1)
    #: Seconds for a client to send its body. Default: 20.
    body_seconds: float = Field(default=20, gt=0)
    #: Seconds for a request to be answered, waiting that it asks for not counted. Default: 60.
    request_seconds: float = Field(default=60, gt=0)
    #: Seconds between two looks at all jobs that clients wait for. Default: 0.5.
    watch_seconds: float = Field(default=0.5, gt=0)
    #: Seconds after which a stream that has nothing to tell sends a comment. Default: 15.
    keep_alive_seconds: float = Field(default=15, gt=0)
    #: Most database connections at once. Default: 8.
    pool_size: int = Field(default=8, ge=1)
    #: Longest time of one database call in seconds; 0: no limit. Default: 30.
    call_seconds: float = Field(default=30, ge=0)
    #: Seconds to tell a client to wait while the database is away. Default: 5.
    retry_after_seconds: int = Field(default=5, ge=1)

    @field_validator("tokens", mode="before")
    @classmethod
    def _parse_tokens(cls, value: object) -> object:
        return parse_tokens(value) if isinstance(value, str) else value

    @field_validator("allowed_ips", mode="before")
    @classmethod
    def _split_networks(cls, value: object) -> object:
        """From `10.0.0.1, 192.168.0.0/16`; an address is a network of one."""
        if not isinstance(value, str):
            return value
        return tuple(ip_network(part, strict=False) for part in _split(value))

    @field_validator("forwarded_allow_ips")
    @classmethod
    def _check_proxies(cls, value: str | None) -> str | None:
        parts = _split(value or "")
        if parts != ("*",):
            for part in parts:
                ip_network(part, strict=False)
        return ",".join(parts) or None

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _split_origins(cls, value: object) -> object:
        """From `https://a.example, https://b.example`; `none`: no origin."""
        if not isinstance(value, str):
            return value
        parts = () if value.strip().lower() == "none" else _split(value)
        for part in parts:
            if not _ORIGIN.fullmatch(part):
                raise ValueError(f"not an origin, as https://host:port: {part}")
        return parts

    @model_validator(mode="after")
    def _need_token(self) -> Self:
        check_distinct(self.all_tokens)
        if not self.no_auth and not self.all_tokens:
            raise ValueError("API_TOKEN is not set, and API_NO_AUTH is not 1")
        return self

    @property
    def all_tokens(self) -> tuple[Token, ...]:
        """The named tokens, and API_TOKEN as one more."""
        secret = self.token.get_secret_value() if self.token else ""
        single = (make_token(SINGLE_TOKEN_NAME, Scope.ADMIN, secret),) if secret else ()
        return (*single, *self.tokens)

    @property
    def origins(self) -> tuple[str, ...]:
        """Origins of pages that may call.

        A page cannot make a browser add a token that it does not know, so any page may ask where a
        token is needed: that is what existing browser clients rely on. Without tokens any page that
        someone opens could submit jobs from his machine, so none may unless it is named.
        """
        if self.cors_origins is not None:
            return self.cors_origins
        return () if self.no_auth else ("*",)

    @property
    def trusted_proxies(self) -> str:
        """The proxies as the server compares them; empty: none.

        A server that listens on IPv6 as well sees an IPv4 proxy as `::ffff:10.0.0.1`. A proxy that is
        not known by that name would stand for all of its clients.
        """
        parts = _split(self.forwarded_allow_ips or "")
        if parts in ((), ("*",)):
            return "".join(parts)
        networks = [ip_network(part, strict=False) for part in parts]
        mapped = [
            IPv6Network(f"::ffff:{network.network_address}/{96 + network.prefixlen}")
            for network in networks
            if isinstance(network, IPv4Network)
        ]
        return ",".join(str(network) for network in (*networks, *mapped))

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Read API_TOKEN, API_NO_AUTH, API_ALLOWED_IPS and the others of VARIABLES.

        A name with _FILE behind it names a file that holds the value, as secrets are mounted.

        Raises:
            ValidationError: a value does not fit, or nobody could call.
            OSError: a file cannot be read.
        """
        given: dict[str, object] = {
            field: environ[name] for field, name in VARIABLES.items() if environ.get(name)
        }
        for field, path in _files(environ).items():
            given[field] = path.read_text(encoding="utf-8").strip()
        given["no_auth"] = environ.get("API_NO_AUTH") == "1"
        return cls.model_validate(given)


def token_files(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """The files of tokens that `ApiSettings.from_environment` reads."""
    return tuple(_files(environ).values())


def _files(environ: Mapping[str, str]) -> dict[str, Path]:
    """By field; a value of its own wins over a file."""
    return {
        field: Path(environ[f"{VARIABLES[field]}_FILE"])
        for field in ("token", "tokens")
        if environ.get(f"{VARIABLES[field]}_FILE") and not environ.get(VARIABLES[field])
    }


#: Fields, and the variables that people set.
VARIABLES = {
    "token": "API_TOKEN",
    "tokens": "API_TOKENS",
    "allowed_ips": "API_ALLOWED_IPS",
    "forwarded_allow_ips": "FORWARDED_ALLOW_IPS",
    "cors_origins": "API_CORS_ORIGINS",
    "pool_size": "API_POOL_SIZE",
    "watch_seconds": "API_WATCH_SECONDS",
    "keep_alive_seconds": "API_KEEP_ALIVE_SECONDS",
    "head_seconds": "API_HEAD_SECONDS",
    "stall_seconds": "API_STALL_SECONDS",
    "body_bytes": "API_BODY_BYTES",
    "body_seconds": "API_BODY_SECONDS",
    "request_seconds": "API_REQUEST_SECONDS",
}


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
