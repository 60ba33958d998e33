"""Who may call: a bearer token, compared in constant time, and a list of addresses."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

from pydantic import SecretStr
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from api.responses import ExactJsonResponse, error_response

#: Probes of load balancers and clusters; they tell nothing about jobs.
OPEN_PATHS = frozenset({"/ping", "/healthz", "/readyz"})


class Authentication:
    """Lets a request through, or answers 401 or 403 in its place."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        token: SecretStr | None,
        allowed_ips: Sequence[IPv4Network | IPv6Network] = (),
    ) -> None:
        """Guard an application.

        Args:
            app: what is guarded.
            token: None: any request may pass.
            allowed_ips: empty: any address may pass.
        """
        self._app = app
        self._digest = _digest(token.get_secret_value()) if token else None
        self._allowed_ips = tuple(allowed_ips)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            refusal = self._refuse(HTTPConnection(scope))
            if refusal is not None:
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _refuse(self, connection: HTTPConnection) -> ExactJsonResponse | None:
        if self._allowed_ips and not self._is_allowed(connection):
            return error_response(403, "Dirección IP no permitida")
        if self._digest is None or connection.url.path in OPEN_PATHS:
            return None
        scheme, _, given = connection.headers.get("authorization", "").partition(" ")
        # The digests have one length, so the comparison tells nothing about the token's.
        fits = hmac.compare_digest(_digest(given.strip()), self._digest)
        if scheme.lower() == "bearer" and fits:
            return None
        return error_response(
            401, "Token inválido o ausente", headers={"www-authenticate": "Bearer"}
        )

    def _is_allowed(self, connection: HTTPConnection) -> bool:
        try:
            address = ip_address(connection.client.host if connection.client else "")
        except ValueError:
            return False
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        return any(address in network for network in self._allowed_ips)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
