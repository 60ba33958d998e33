"""Who may call: bearer tokens, compared in constant time, and a list of addresses.

What a caller may do is decided by the endpoint, which knows the scope that it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from api.responses import ExactJsonResponse, error_response
from api.tokens import Caller, Token, find_caller
from api.tokens import Scope as TokenScope

#: A URL ends up in logs and histories, so a secret in one is refused and not tried.
SECRET_PARAMETERS = frozenset({"token", "access_token", "api_token", "api_key", "authorization"})


class Authentication:
    """Lets a request through with its caller in the state, or answers 400, 401 or 403."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        tokens: Callable[[], Sequence[Token]] | None,
        allowed_ips: Sequence[IPv4Network | IPv6Network] = (),
        open_paths: Collection[str] = (),
        origins: Collection[str] = (),
    ) -> None:
        """Guard an application.

        Args:
            app: what is guarded.
            tokens: gives those in force. None: any request may pass, and do everything.
            allowed_ips: empty: any address may pass.
            open_paths: need no token.
            origins: of pages that may call where there are no tokens; `*`: any.
        """
        self._app = app
        self._tokens = tokens
        self._allowed_ips = tuple(allowed_ips)
        self._open_paths = frozenset(open_paths)
        self._origins = frozenset(origins)

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
        if not SECRET_PARAMETERS.isdisjoint(name.lower() for name in connection.query_params):
            return error_response(400, "El token va en la cabecera Authorization, nunca en la URL")
        if self._tokens is None:
            if self._is_foreign_page(connection):
                return error_response(403, "Origen no permitido")
            connection.state.caller = Caller(None, TokenScope.ADMIN)
            return None
        scheme, _, secret = connection.headers.get("authorization", "").partition(" ")
        # Headers are read as Latin-1, whatever they are.
        secret = secret.strip().encode("latin-1").decode("utf-8", "surrogateescape")
        caller = find_caller(self._tokens(), secret)
        if scheme.lower() == "bearer" and caller is not None:
            connection.state.caller = caller
            return None
        if connection.url.path in self._open_paths:
            return None
        return error_response(
            401, "Token inválido o ausente", headers={"www-authenticate": "Bearer"}
        )

    def _is_foreign_page(self, connection: HTTPConnection) -> bool:
        """Whether a page of another origin asks, which without tokens could do everything.

        A browser sends simple requests before it asks whether it may, so CORS does not stop them.
        """
        origin = connection.headers.get("origin")
        if origin is None or not self._origins.isdisjoint({"*", origin}):
            return False
        return origin.partition("://")[2] != connection.headers.get("host")

    def _is_allowed(self, connection: HTTPConnection) -> bool:
        try:
            address = ip_address(connection.client.host if connection.client else "")
        except ValueError:
            return False
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        return any(address in network for network in self._allowed_ips)
