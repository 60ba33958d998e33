"""Connections of clients, with the limits that the server itself has none of.

The head of a request has to come in time and may not be endless, and an answer has to be taken.
Whoever does not do his part is cut off, so that nobody holds connections and memory for nothing.
The limits of a body are kept where bodies are read.
"""

from __future__ import annotations

import asyncio
from asyncio.events import TimerHandle
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, cast

from api.responses import ExactJsonResponse, error_response

if TYPE_CHECKING:
    from uvicorn.protocols.http import httptools_impl

    ServerProtocol = httptools_impl.HttpToolsProtocol
else:
    from uvicorn.protocols.http.auto import AutoHTTPProtocol as ServerProtocol

#: Most bytes of a request line and its headers; h11, the other parser, has the same limit itself.
HEAD_BYTES: Final = 64 * 1024

_CLOSE: Final = {"connection": "close"}


class HeadTooLarge(Exception):
    """The head of a request has more than HEAD_BYTES."""


def limited_protocol(*, head_seconds: float, stall_seconds: float) -> type[asyncio.Protocol]:
    """What the server makes one of for each connection.

    Args:
        head_seconds: longest time from the connection, or from a later request's first byte, to the
            end of the request's head.
        stall_seconds: longest time for which a client may take nothing of its answer.
    """

    class Limited(LimitedProtocol):
        """With these limits."""

        limits = head_seconds, stall_seconds

    return cast("type[asyncio.Protocol]", Limited)


class LimitedProtocol(ServerProtocol):
    """uvicorn's protocol, over whichever parser there is."""

    #: Seconds for a head, and without progress of an answer.
    limits: tuple[float, float]

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._head_timer: TimerHandle | None = None
        self._stall_timer: TimerHandle | None = None
        #: Of a head that is not complete, from the second piece on. None: there is none.
        self._head_bytes: int | None = None
        self._refusal: ExactJsonResponse | None = None

    @property
    def _is_answering(self) -> bool:
        """Whether a request's head is complete, and its answer is not."""
        cycle = cast("httptools_impl.RequestResponseCycle | None", self.cycle)
        return cycle is not None and not cycle.response_complete

    # ---- What comes in ----

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._time_head()

    def data_received(self, data: bytes) -> None:
        if self._head_bytes is not None:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self._refuse_head()
                self.send_400_response("")
                return
        super().data_received(data)
        if self._is_answering:
            self._stop_head_timer()
        elif self._head_timer is None and not self.transport.is_closing():
            # A head's first byte; or more of a body that was refused, which is not to be endless.
            self._time_head()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_bytes = 0

    def on_headers_complete(self) -> None:
        self._head_bytes = None
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > HEAD_BYTES:
            self._refuse_head()
            # To the parser, which gives up, and then to send_400_response.
            raise HeadTooLarge
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_head_timer()
        self._stop_stall_timer()
        super().connection_lost(exc)

    def _refuse_head(self) -> None:
        message = f"Las cabeceras superan el límite de {HEAD_BYTES} bytes"
        self._refusal = error_response(431, message, headers=_CLOSE)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, in the form of every other error."""
        answer = self._refusal or error_response(
            400, "La petición HTTP no es válida", headers=_CLOSE
        )
        lines = [f"HTTP/1.1 {answer.status_code} {HTTPStatus(answer.status_code).phrase}".encode()]
        lines += [name + b": " + value for name, value in answer.raw_headers]
        self.transport.write(b"\r\n".join([*lines, b"", bytes(answer.body)]))
        self.transport.close()

    def _time_head(self) -> None:
        self._head_timer = self.loop.call_later(self.limits[0], self._give_head_up)

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_head_up(self) -> None:
        self.logger.info("A request's head did not come in time.")
        self.transport.close()
        self._watch_answer()

    # ---- What goes out ----

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch_answer()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._watch_answer()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch_answer()

    def _watch_answer(self) -> None:
        """See to it that what is not yet sent becomes less; called whenever that begins anew."""
        self._stop_stall_timer()
        untaken = self.transport.get_write_buffer_size()
        if untaken:
            self._stall_timer = self.loop.call_later(self.limits[1], self._check_answer, untaken)

    def _check_answer(self, before: int) -> None:
        # What an answer still adds to may have grown for that reason.
        is_still = self.flow.write_paused or not self._is_answering
        if is_still and self.transport.get_write_buffer_size() >= before:
            self.logger.warning("A client did not take its answer.")
            self.transport.abort()
        else:
            self._watch_answer()

    def _stop_stall_timer(self) -> None:
        if self._stall_timer is not None:
            self._stall_timer.cancel()
            self._stall_timer = None
