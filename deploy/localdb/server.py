"""The sockets: one connection a client, one task that runs its requests in their order."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections import deque
from collections.abc import Coroutine, Mapping
from typing import Any, Protocol, assert_never, cast

import structlog

from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.tns import requests
from deploy.localdb.tns.authentication import Verifier
from deploy.localdb.tns.connection import (
    CallReceived,
    Closed,
    Connect,
    Connection,
    Event,
    LogonProof,
    LogonRequest,
    MarkerReceived,
)
from deploy.localdb.tns.constants import PIPELINE_ABORT, Marker
from deploy.localdb.tns.errors import RemoteProtocolError
from deploy.localdb.tns.parsing import Call
from deploy.localdb.tns.replies import (
    Dequeued,
    Done,
    Enqueued,
    Executed,
    Failed,
    LobResult,
    Reply,
)

SERVICE = "FREEPDB1"
_DATABASE = "FREE"
_UNKNOWN_SERVICE = 12514
#: The error after which a session is at its end.
_KILLED = 28
_UNKNOWN_SID = 12505
#: Answers of more rows are written on a thread.
_MANY_ROWS = 1000
#: So long packets are read before others have their turn.
_READ_SECONDS = 0.002
#: So long an unauthenticated client may take.
_LOGON_SECONDS = 60.0
#: So long the requests that run when the server stops may take to end.
_STOP_SECONDS = 3.0

log = structlog.get_logger("localdb")


class Session(Protocol):
    """What runs the requests of one login. All methods may raise OraError.

    A query whose columns hold a LOB is described without rows when it is executed first; the client
    then says how it wants them, and the rows are fetched.
    """

    sid: int
    serial: int

    @property
    def in_transaction(self) -> bool: ...

    async def execute(self, request: requests.Execute) -> Executed: ...

    async def fetch(self, request: requests.Fetch) -> Executed: ...

    async def lob(self, request: requests.LobOperation) -> LobResult: ...

    async def enqueue(self, request: requests.Enqueue) -> Enqueued: ...

    async def dequeue(self, request: requests.Dequeue) -> Dequeued: ...

    async def commit(self) -> None: ...

    async def rollback(self) -> None: ...

    async def ping(self) -> None: ...

    async def change_password(self, new: str, old: str | None = None) -> None: ...

    def piggyback(self, message: requests.Piggyback) -> None: ...

    def interrupt(self) -> None:
        """What runs ends soon with ORA-01013."""

    async def close(self) -> None:
        """Break what runs, roll back, free everything."""


class SessionFactory(Protocol):
    """Opens sessions."""

    async def verifier(self, user: str) -> Verifier | None: ...

    async def open_session(
        self, user: str, attributes: Mapping[str, str], *, client: str | None = None
    ) -> Session:
        """Open a session for a user, or for the client whose proxy the user is."""


class Server:
    """Listens; `start` and `stop`."""

    def __init__(
        self,
        sessions: SessionFactory,
        *,
        classic: bool = False,
        sdu: int = 65_536,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Listen for nothing yet.

        Args:
            sessions: opens them.
            classic: the handshake of 19c, and its fields.
            sdu: longest packet.
            tls: what clients connect by (TCPS); None: plain TCP.
        """
        self.sessions = sessions
        self.classic = classic
        self.sdu = sdu
        self.tls = tls
        self.clients: set[Client] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen; returns the port.

        Raises:
            OSError: the address is not to be had.
        """
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Client(self), host, port, backlog=512, ssl=self.tls
        )
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Cut all connections, rolling back what is open. Twice is fine."""
        if self._server is not None:
            self._server.close()
        for client in list(self.clients):
            client.abort()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=_STOP_SECONDS)
            for task in late:
                log.error("a request does not end", task=task.get_name())
                task.cancel()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class Client(asyncio.Protocol):
    """One connection."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._connection = Connection(classic=server.classic, sdu=server.sdu)
        self._transport: asyncio.Transport
        self._events: deque[Event] = deque()
        #: What the runner waits for.
        self._waiting: asyncio.Future[None] | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._session: Session | None = None
        self._running = False
        self._lost = False
        #: Packets are there that will be read in a moment.
        self._reads_on = False
        self._is_paused = False
        #: A break is under way; whether our marker is sent, whether the client's RESET has come.
        self._breaking = False
        self._break_sent = False
        self._reset_seen = False
        self._deadline: asyncio.TimerHandle | None = None
        self._pipeline: int | None = None
        self._pipeline_error: OraError | None = None

    # ---- what the loop calls ----

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        sock = transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._server.clients.add(self)
        self._deadline = asyncio.get_running_loop().call_later(_LOGON_SECONDS, self.close)
        self._server.spawn(self._run())

    def data_received(self, data: bytes) -> None:
        self._connection.receive_data(data)
        if not self._reads_on:
            self._read()

    def _read(self) -> None:
        """Read the packets that are there; should it take long, the others go on in between."""
        self._reads_on = False
        end = time.perf_counter() + _READ_SECONDS
        try:
            while not self._lost:
                found, event = self._connection.take_packet()
                if event is not None:
                    self._take(event)
                if not found:
                    self._read_from_client()
                    break
                if time.perf_counter() > end:
                    self._read_on_later()
                    break
            self._write(self._connection.take_negotiated())
        except RemoteProtocolError as error:
            log.warning("protocol error", error=str(error), sid=self._sid)
            self.close()
        except Exception:
            log.exception("a message cannot be read", sid=self._sid)
            self.close()

    def _read_on_later(self) -> None:
        """What comes meanwhile stays where it is, or it would heap up here."""
        self._reads_on = True
        if not self._is_paused and not self._transport.is_closing():
            self._is_paused = True
            self._transport.pause_reading()
        asyncio.get_running_loop().call_soon(self._read)

    def _read_from_client(self) -> None:
        if self._is_paused and not self._transport.is_closing():
            self._is_paused = False
            self._transport.resume_reading()

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = True
        self._server.clients.discard(self)
        if self._deadline is not None:
            self._deadline.cancel()
        self._writable.set()
        self._wake()
        if self._session is not None and self._running:
            # The runner waits for the request: break it, or the locks would stay.
            self._server.spawn(self._session.close())

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def close(self) -> None:
        """End the connection when what is written has been sent."""
        self._transport.close()

    def abort(self) -> None:
        self._transport.abort()

    @property
    def _sid(self) -> int | None:
        return self._session.sid if self._session is not None else None

    def _write(self, data: bytes) -> None:
        if data and not self._lost:
            self._transport.write(data)

    # ---- events ----

    def _take(self, event: Event) -> None:
        if isinstance(event, MarkerReceived):
            if event.marker is Marker.RESET:
                self._reset_seen = self._breaking
            elif not self._breaking:
                self._breaking = True
                self._events.clear()
                self._connection.drop_partial()
                if self._session is not None and self._running:
                    self._session.interrupt()
        elif self._breaking and not self._reset_seen:
            # Void: its sender gets the error of the break. It may have dropped our marker, come
            # while nothing was waited for; more markers than one do no harm.
            if self._break_sent:
                self._write(self._connection.break_off())
            return
        else:
            self._events.append(event)
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def _run(self) -> None:
        """Handle events one after the other until the client is gone."""
        try:
            while not self._lost:
                if self._breaking:
                    self._answer_break()
                if self._events and not (self._breaking and not self._reset_seen):
                    if not await self._handle(self._events.popleft()):
                        break
                    continue
                if not self._has_work():
                    self._waiting = asyncio.get_running_loop().create_future()
                    await self._waiting
        except Exception:
            log.exception("session failed", sid=self._sid)
        finally:
            self._transport.close()
            if self._session is not None:
                await self._session.close()

    def _has_work(self) -> bool:
        return bool(self._events) or self._lost or (self._breaking and not self._break_sent)

    def _answer_break(self) -> None:
        if not self._break_sent:
            self._break_sent = True
            self._write(self._connection.break_off())
        if self._reset_seen:
            self._pipeline = self._pipeline_error = None
            self._breaking = self._break_sent = self._reset_seen = False
            self._write(self._connection.reset(in_transaction=self._in_transaction))

    @property
    def _in_transaction(self) -> bool:
        return self._session is not None and self._session.in_transaction

    async def _handle(self, event: Event) -> bool:
        """Whether the connection goes on."""
        match event:
            case Connect(service, sid):
                return self._connect(service, sid)
            case LogonRequest(user):
                verifier = await self._server.sessions.verifier(_spelled(user))
                self._write(self._connection.challenge(verifier))
            case LogonProof():
                return await self._logon(event)
            case CallReceived(call):
                return await self._call(call)
            case Closed():
                return False
        return True

    def _connect(self, service: str, sid: str) -> bool:
        name = service.partition(".")[0].upper()
        if service and name not in (SERVICE, _DATABASE):
            self._write(self._connection.refuse(_UNKNOWN_SERVICE))
            return False
        if not service and sid.upper() not in (SERVICE, _DATABASE):
            self._write(self._connection.refuse(_UNKNOWN_SID))
            return False
        self._write(self._connection.accept())
        return True

    async def _logon(self, proof: LogonProof) -> bool:
        connection = self._connection
        if not proof.accepted:
            text = "invalid username/password; logon denied"
            self._write(connection.refuse_logon(OraError(1017, text)))
            return False
        if proof.refused is not None:
            self._write(connection.refuse_logon(Unsupported(proof.refused)))
            return False
        try:
            session = await self._server.sessions.open_session(
                _spelled(proof.user),
                proof.attributes,
                client=_spelled(proof.client) if proof.client else None,
            )
            for namespace, name, value in proof.context:
                session.piggyback(requests.SetContext(namespace, {name: value}))
        except OraError as error:
            self._write(connection.refuse_logon(error))
            return False
        self._session = session
        if proof.new_password is not None:
            await session.change_password(proof.new_password)
        if self._deadline is not None:
            self._deadline.cancel()
        self._write(
            connection.accept_logon(
                session.sid, session.serial, database=_DATABASE, service=SERVICE
            )
        )
        return True

    async def _call(self, call: Call) -> bool:
        session = self._session
        assert session is not None
        for message in call.piggybacks:
            if isinstance(message, requests.CloseCursors):
                self._connection.forget(message.ids)
            try:
                session.piggyback(message)
            except OraError as error:
                call.refused = error
        if call.pipeline is not None:
            self._pipeline = call.pipeline
        self._running = True
        try:
            reply = await self._answer(session, call)
        finally:
            self._running = False
        if self._lost:
            return False
        if self._breaking or call.one_way:
            return True  # the answer is void
        self._follow_pipeline(call, reply)
        killed = isinstance(reply, Failed) and reply.error.code == _KILLED
        in_transaction = not isinstance(call.request, requests.Logoff) and session.in_transaction
        if isinstance(reply, LobResult) and call.lob is not None and reply.data is not None:
            for data in self._connection.reply_in_parts(call, reply, in_transaction=in_transaction):
                self._write(data)
                await (self._writable.wait() if not self._writable.is_set() else asyncio.sleep(0))
                if self._is_void:
                    return not self._transport.is_closing()
            return True
        if _is_long(reply):
            # On a thread, so that the other sessions go on.
            data = await asyncio.to_thread(
                self._connection.reply, call, reply, in_transaction=in_transaction
            )
            if self._is_void:
                return not self._transport.is_closing()
        else:
            data = self._connection.reply(call, reply, in_transaction=in_transaction)
        self._write(data)
        if not self._writable.is_set():
            await self._writable.wait()
        return not killed

    @property
    def _is_void(self) -> bool:
        """Whether nobody waits for the answer any more."""
        return self._lost or self._breaking

    def _follow_pipeline(self, call: Call, reply: Reply) -> None:
        """After an error in a pipeline that ends with it, all that follows is that error too."""
        if call.ends_pipeline:
            self._pipeline = self._pipeline_error = None
        elif self._pipeline == PIPELINE_ABORT and self._pipeline_error is None:
            match reply:
                case Failed(error) | Executed(error=OraError() as error):
                    self._pipeline_error = error
                case _:
                    pass

    async def _answer(self, session: Session, call: Call) -> Reply:
        if call.refused is not None:
            return Failed(call.refused)
        if self._pipeline_error is not None and not call.ends_pipeline:
            return Failed(self._pipeline_error)
        try:
            return await _run(session, call.request)
        except OraError as error:
            return Failed(error)
        except RecursionError:
            return Failed(OraError(6500, "PL/SQL: storage error"))
        except Exception as error:
            if self._lost:
                return Done()
            log.exception("request failed", sid=session.sid)
            return Failed(OraError(3001, f"unimplemented feature: internal error: {error!r}"))


def _is_long(reply: Reply) -> bool:
    """Whether an answer takes more than some milliseconds to write."""
    match reply:
        case Executed(rows=rows):
            return len(rows) > _MANY_ROWS
        case _:
            return False


async def _run(session: Session, request: requests.Request) -> Reply:
    match request:
        case requests.Execute():
            return await session.execute(request)
        case requests.Fetch():
            return await session.fetch(request)
        case requests.LobOperation():
            return await session.lob(request)
        case requests.Enqueue():
            return await session.enqueue(request)
        case requests.Dequeue():
            return await session.dequeue(request)
        case requests.Commit():
            await session.commit()
        case requests.Rollback():
            await session.rollback()
        case requests.ChangePassword(old, new):
            await session.change_password(new, old)
        case requests.Refused(feature):
            raise Unsupported(feature)
        case requests.Ping():
            await session.ping()
        case requests.Logoff():
            # Answered when all is free: a client that has logged off holds nothing.
            await session.close()
        case _:
            assert_never(request)
    return Done()


def _spelled(user: str) -> str:
    """A user's name as the dictionary has it."""
    if user.startswith('"') and user.endswith('"') and len(user) > 2:
        return user[1:-1]
    return user.upper()
