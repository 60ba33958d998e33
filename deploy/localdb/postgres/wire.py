"""A connection to PostgreSQL in its own protocol.

The drivers hide what localdb needs: where a column comes from, several statements in one round trip
with one error between them, portals fetched some rows at a time.

An exchange is everything that is sent up to a Sync, and all that comes back up to ReadyForQuery.
Exchanges may follow each other without waiting; each has a future of its own. If whoever waits for
one goes away, the exchange still ends in order, and the connection stays usable.
"""

from __future__ import annotations

import asyncio
import struct
from collections import deque
from dataclasses import dataclass
from typing import cast

from deploy.localdb.postgres import messages

_HEADER_BYTES = 5
_unpack_header = struct.Struct("!BI").unpack_from
_unpack_int = struct.Struct("!I").unpack_from
_unpack_count = struct.Struct("!H").unpack_from
_unpack_field = struct.Struct("!IhIhih").unpack_from
_FIELD_BYTES = 18

_AUTHENTICATION = ord("R")
_BACKEND_KEY = ord("K")
_COMMAND_COMPLETE = ord("C")
_COPY_IN = ord("G")
_DATA_ROW = ord("D")
_EMPTY_QUERY = ord("I")
_NOTICE = ord("N")
_ERROR = ord("E")
_PARAMETER_DESCRIPTION = ord("t")
_PARAMETER_STATUS = ord("S")
_PORTAL_SUSPENDED = ord("s")
_READY = ord("Z")
_ROW_DESCRIPTION = ord("T")
#: The SQLSTATE of a notice that asks what a PL/SQL function gives, as `dialect/functions.sql` sends it.
_QUESTION = b"CORAFN\0"
#: Completions of Parse, Bind and Close, and that there are no rows: nothing that is needed.
_SILENT = frozenset(b"123n")


class ServerError(Exception):
    """An error that PostgreSQL has reported.

    Attributes:
        fields: by the protocol's letter: C sqlstate, M message, D detail, H hint, P position,
            s schema, t table, c column, d data type, n constraint.
    """

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(f"{fields.get('C', '?')}: {fields.get('M', '')}")
        self.fields = fields

    @property
    def sqlstate(self) -> str:
        return self.fields.get("C", "")

    @property
    def message(self) -> str:
        return self.fields.get("M", "")


class ConnectionLost(Exception):
    """PostgreSQL has ended the connection, or was never there."""


@dataclass(frozen=True)
class Field:
    """A column of a result as PostgreSQL describes it.

    table and attribute say where the column comes from; 0: an expression.
    """

    name: str
    table: int
    attribute: int
    type: int
    size: int
    modifier: int


class Result:
    """What one Execute brought; a row is still in the form of the protocol, see `backend`.

    Attributes:
        suspended: the portal has more rows.
    """

    __slots__ = ("rows", "suspended", "tag")

    def __init__(self) -> None:
        self.rows: list[bytes] = []
        self.tag = ""
        self.suspended = False


class Exchange:
    """All that came back for one Sync.

    Attributes:
        results: one per Execute; where there was an error, the last one holds the rows before it.
        parameters: per Describe.
        fields: per Describe.
    """

    __slots__ = ("error", "fields", "parameters", "results")

    def __init__(self) -> None:
        self.results: list[Result] = []
        self.parameters: tuple[int, ...] = ()
        self.fields: tuple[Field, ...] = ()
        self.error: ServerError | None = None

    def check(self) -> Exchange:
        """Raises ServerError where there was an error."""
        if self.error is not None:
            raise self.error
        return self


class Wire(asyncio.Protocol):
    """One connection.

    Attributes:
        pid: of the server process.
        status: 'I' no transaction, 'T' in one, 'E' in one that has failed; as of the last answer.
        questions: notices that ask what PL/SQL functions give, with the fields of an error.
    """

    def __init__(self) -> None:
        self.pid = 0
        self.status = "I"
        self.questions: list[dict[str, str]] = []
        self._key = b""
        self._path = ""
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        #: Length of the message whose beginning is in the buffer.
        self._needed = 0
        self._pending: deque[tuple[Exchange, asyncio.Future[Exchange]]] = deque()
        self._exchange = Exchange()
        self._result: Result | None = None
        self._lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @classmethod
    async def connect(
        cls, path: str, user: str, database: str, settings: dict[str, str] | None = None
    ) -> Wire:
        """Open a connection over a unix socket.

        Raises:
            OSError: nothing listens there.
            ServerError: refused, or still starting.
            ConnectionLost: ended during log-on.
        """
        loop = asyncio.get_running_loop()
        _, wire = await loop.create_unix_connection(cls, path)
        wire._path = path
        options = {"user": user, "database": database, **(settings or {})}
        try:
            exchange = await wire.exchange(messages.startup(options))
            exchange.check()
        except BaseException:
            wire.abort()
            raise
        return wire

    def exchange(self, data: bytes) -> asyncio.Future[Exchange]:
        """Send messages that end in one Sync (or a simple query); the future brings the answer.

        An error of a statement is in the answer, not raised.

        Raises:
            ConnectionLost: by the future.
        """
        future: asyncio.Future[Exchange] = asyncio.get_running_loop().create_future()
        if self._transport is None or self._lost.done():
            future.set_exception(ConnectionLost("the connection to PostgreSQL is closed"))
            return future
        exchange = Exchange()
        if not self._pending:
            self._exchange = exchange
        self._pending.append((exchange, future))
        self._transport.write(data)
        return future

    @property
    def current(self) -> asyncio.Future[Exchange] | None:
        """The exchange that the server works at."""
        return self._pending[0][1] if self._pending else None

    @property
    def is_idle(self) -> bool:
        """Whether no exchange is under way."""
        return not self._pending

    @property
    def is_lost(self) -> bool:
        return self._lost.done()

    async def cancel(self) -> None:
        """Break what runs now; returns once the signal is on its way."""
        if not self._pending or self._lost.done():
            return
        loop = asyncio.get_running_loop()
        transport, ended = await loop.create_unix_connection(_Cancel, self._path)
        try:
            transport.write(messages.cancel_request(self.pid, self._key))
            await ended.closed
        finally:
            transport.close()

    async def close(self) -> None:
        """End the connection; what is open is rolled back. Twice is fine."""
        if self._transport is not None and not self._lost.done():
            self._transport.write(messages.TERMINATE)
            self._transport.close()
            await self._lost

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    # ---- asyncio.Protocol ----

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not asked: uvloop's transports are none by type.
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        while self._pending:
            exchange, future = self._pending.popleft()
            if not future.done():
                lost = ConnectionLost("PostgreSQL has ended the connection")
                lost.__cause__ = exchange.error or exc
                future.set_exception(lost)
        if not self._lost.done():
            self._lost.set_result(None)

    def data_received(self, data: bytes) -> None:
        # The usual answer comes whole: then nothing is copied.
        if self._buffer:
            self._buffer += data
            if len(self._buffer) < self._needed:
                return
            data = bytes(self._buffer)
            self._buffer.clear()
        position = 0
        end = len(data)
        self._needed = 0
        while end - position >= _HEADER_BYTES:
            kind, length = _unpack_header(data, position)
            following = position + 1 + length
            if following > end:
                # A long message must not be looked at again with each piece.
                self._needed = following - position
                break
            if kind == _DATA_ROW:
                if self._result is None:
                    self._result = self._new_result()
                self._result.rows.append(data[position + _HEADER_BYTES : following])
            elif kind == _COMMAND_COMPLETE:
                result = self._result
                if result is None:
                    result = self._new_result()
                else:
                    self._result = None
                result.tag = data[position + _HEADER_BYTES : following - 1].decode()
            elif kind not in _SILENT:
                self._receive(kind, data[position + _HEADER_BYTES : following])
            position = following
        if position < end:
            self._buffer += data[position:]

    def _new_result(self) -> Result:
        result = Result()
        self._exchange.results.append(result)
        return result

    def _receive(self, kind: int, body: bytes) -> None:
        if kind == _READY:
            self._ready(chr(body[0]))
        elif kind == _ERROR:
            self._exchange.error = ServerError(_parse_error(body))
        elif kind == _PORTAL_SUSPENDED:
            result = self._result or self._new_result()
            result.suspended = True
            self._result = None
        elif kind == _ROW_DESCRIPTION:
            self._exchange.fields = _parse_fields(body)
        elif kind == _PARAMETER_DESCRIPTION:
            (count,) = _unpack_count(body, 0)
            self._exchange.parameters = struct.unpack_from(f"!{count}I", body, 2)
        elif kind == _EMPTY_QUERY:
            self._new_result()
            self._result = None
        elif kind == _BACKEND_KEY:
            (self.pid,) = _unpack_int(body, 0)
            self._key = body[4:]
        elif kind == _COPY_IN and self._transport is not None:
            self._transport.write(messages.COPY_FAIL)
        elif kind == _AUTHENTICATION and _unpack_int(body, 0)[0] != 0:
            self._exchange.error = ServerError({"C": "28000", "M": "a password is asked for"})
            self.abort()
        elif kind == _NOTICE and _QUESTION in body:
            self.questions.append(_parse_error(body))
        # All others, most notices and settings, say nothing that is needed.

    def _ready(self, status: str) -> None:
        self.status = status
        self._result = None
        if not self._pending:
            return
        exchange, future = self._pending.popleft()
        if self._pending:
            self._exchange = self._pending[0][0]
        if not future.done():
            future.set_result(exchange)


class _Cancel(asyncio.Protocol):
    """The connection of a cancel request, which PostgreSQL closes once it has passed it on."""

    def __init__(self) -> None:
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_result(None)


def _parse_error(body: bytes) -> dict[str, str]:
    return {chr(part[0]): part[1:].decode(errors="replace") for part in body.split(b"\0") if part}


def _parse_fields(body: bytes) -> tuple[Field, ...]:
    (count,) = _unpack_count(body, 0)
    position = 2
    fields = []
    for _ in range(count):
        end = body.index(0, position)
        table, attribute, type_, size, modifier, _format = _unpack_field(body, end + 1)
        fields.append(Field(body[position:end].decode(), table, attribute, type_, size, modifier))
        position = end + 1 + _FIELD_BYTES
    return tuple(fields)
