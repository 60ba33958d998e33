"""The server's side of one connection: bytes to events, answers to bytes. No I/O.

    receive_data(bytes)   only stores
    next_event()          parses: an event, or None where more bytes are needed; any exception but
                          RemoteProtocolError is a bug here

The order of things: Connect, [accept], LogonRequest, [challenge], LogonProof, [accept_logon], then
CallReceived and [reply] until Closed. A MarkerReceived may come at any time after ACCEPT.

Source: python-oracledb 26.1.0, impl/thin/connection.pyx, protocol.pyx and messages/{connect,protocol,
data_types,fast_auth,auth}.pyx.
"""

from __future__ import annotations

import re
import struct
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.tns.authentication import Exchange, Verifier
from deploy.localdb.tns.buffer import Reader
from deploy.localdb.tns.capabilities import (
    data_types_reply,
    protocol_reply,
    read_data_types,
    read_protocol,
    server_field_version,
)
from deploy.localdb.tns.constants import (
    ACCEPT_END_OF_RESPONSE,
    ACCEPT_FAST_AUTH,
    FIELD_VERSION_23_1_EXT1,
    FIELD_VERSION_FAST_AUTH,
    DataFlag,
    Function,
    Marker,
    Message,
    PacketType,
)
from deploy.localdb.tns.encoding import ReplyWriter
from deploy.localdb.tns.errors import NeedMoreData, RemoteProtocolError
from deploy.localdb.tns.packets import (
    DATA_HEADER_SIZE,
    Packet,
    PacketReader,
    build_data,
    build_marker,
    build_packet,
)
from deploy.localdb.tns.parsing import (
    Call,
    CursorMemory,
    RequestParser,
    read_authentication,
)
from deploy.localdb.tns.replies import (
    Dequeued,
    Done,
    Enqueued,
    Executed,
    Failed,
    LobResult,
    Reply,
)
from deploy.localdb.tns.requests import ChangePassword, Execute

SDU = 65_536
_VERSION = 319
_VERSION_19 = 318
#: What a client may ask for at least, and what it gets when it does not say.
_SMALLEST_SDU = 512
_DEFAULT_SDU = 8192
_LONGEST_IN_CONNECT = 230
_LARGEST_REQUEST = 1 << 30
_LARGEST_BEFORE_LOGON = 1 << 16


@dataclass(frozen=True)
class Connect:
    """A client wants a service (or a SID)."""

    service: str
    sid: str


@dataclass(frozen=True)
class LogonRequest:
    """Who the client says that it is; name as it was sent."""

    user: str


@dataclass(frozen=True)
class LogonProof:
    """The proof of it has come: `accepted` tells whether it is one."""

    user: str
    accepted: bool
    attributes: dict[str, str]
    #: To be refused by name: something that localdb does not have.
    refused: str | None
    new_password: str | None
    #: As whom the user, a proxy, wants to work.
    client: str | None = None
    #: Application context: namespace, attribute, value.
    context: tuple[tuple[str, str, str], ...] = ()


@dataclass(slots=True)
class CallReceived:
    """A request of a session."""

    call: Call


@dataclass(frozen=True)
class MarkerReceived:
    """BREAK and INTERRUPT stop what runs; RESET ends the exchange."""

    marker: Marker


@dataclass(frozen=True)
class Closed:
    """The client is done."""


Event: TypeAlias = Connect | LogonRequest | LogonProof | CallReceived | MarkerReceived | Closed


class Connection:
    """One client."""

    def __init__(self, *, classic: bool = False, sdu: int = SDU) -> None:
        self._classic = classic
        self._sdu = sdu
        self._packets = PacketReader()
        self._waiting: deque[Packet] = deque()
        #: The begin of a message, and with how many bytes it is worth while to try again.
        self._message = bytearray()
        self._needed = 0
        self._state = "connect"
        self._end_of_response = False
        self._field_version = server_field_version(classic=classic)
        self._parser = RequestParser(self._field_version)
        self._cursors: dict[int, CursorMemory] = {}
        self._exchange = Exchange.begin("", None)
        self._user = ""
        self._machine: dict[str, str] = {}
        #: Answers of the negotiation: with the next reply, and at once.
        self._preamble = b""
        self._negotiated = b""

    # ---- in ----

    def receive_data(self, data: bytes) -> None:
        self._packets.feed(data)

    def next_event(self) -> Event | None:
        """The next thing that has happened.

        Raises:
            RemoteProtocolError: the client broke the protocol; nothing more can be read.
        """
        while True:
            found, event = self.take_packet()
            if event is not None or not found:
                return event

    def take_packet(self) -> tuple[bool, Event | None]:
        """Whether there was a packet, and what has happened with it.

        Raises:
            RemoteProtocolError: as `next_event`.
        """
        packet = self._packets.next()
        return (False, None) if packet is None else (True, self._packet(packet))

    def _packet(self, packet: Packet) -> Event | None:
        if packet.type == PacketType.CONNECT:
            if self._state != "connect":
                raise RemoteProtocolError("CONNECT in a session")
            return self._connect(packet.body)
        if packet.type == PacketType.MARKER:
            if self._state in ("connect", "connect data") or len(packet.body) < 3:
                raise RemoteProtocolError("a marker before the session")
            try:
                return MarkerReceived(Marker(packet.body[2]))
            except ValueError:
                raise RemoteProtocolError(f"marker {packet.body[2]}") from None
        if self._state == "connect":
            raise RemoteProtocolError("DATA before CONNECT")
        if self._state == "connect data":
            return self._connect_string(packet.body)
        if packet.flags & DataFlag.EOF:
            return Closed()
        return self._message_part(packet.body)

    def _message_part(self, part: bytes | bytearray) -> Event | None:
        """A packet's part of a message; the event when it is the last one."""
        message: bytes | bytearray = part
        if self._message:
            message = self._message
            message += part
            if len(message) < self._needed:
                return None
            limit = _LARGEST_REQUEST if self._state == "session" else _LARGEST_BEFORE_LOGON
            if len(message) > limit:
                raise RemoteProtocolError(f"a message of more than {limit} bytes")
        elif self._parser.is_rest(part):
            return None
        try:
            event = self._data(message)
        except NeedMoreData as more:
            if message is part:
                self._message = bytearray(part)
            self._needed = more.needed
            return None
        except (IndexError, ValueError, struct.error, OverflowError) as error:
            raise RemoteProtocolError(f"a malformed message: {error}") from error
        self._message = bytearray()
        return event

    def _data(self, message: bytes | bytearray) -> Event | None:
        match self._state:
            case "session":
                call = self._parser.parse(message, self._cursors)
                if call.authentication is not None:
                    self._change_password(call, call.authentication)
                return CallReceived(call)
            case "negotiate":
                return self._negotiate(Reader(message))
            case "logon":
                return self._logon_request(Reader(message))
            case "proof":
                return self._logon_proof(Reader(message))
            case _:
                raise RemoteProtocolError("DATA where none is due")

    # ---- connect ----

    def _connect(self, body: bytes | bytearray) -> Event | None:
        if len(body) < 66:
            raise RemoteProtocolError("a short CONNECT")
        version, lowest = struct.unpack(">HH", body[:4])
        if version < 315:
            raise RemoteProtocolError(f"protocol version {version}, lowest {lowest}")
        self._version = min(version, _VERSION_19 if self._classic else _VERSION)
        (wanted,) = struct.unpack(">I", body[50:54])
        self._sdu = max(_SMALLEST_SDU, min(self._sdu, wanted or _DEFAULT_SDU))
        length, offset = struct.unpack(">HH", body[16:20])
        if length > _LONGEST_IN_CONNECT:
            self._state = "connect data"
            return None
        return self._connect_string(body[offset - 8 : offset - 8 + length])

    def _connect_string(self, data: bytes | bytearray) -> Event:
        text = data.decode("utf-8", "replace")
        self._state = "negotiate"

        def part(name: str) -> str:
            match = re.search(rf"\({name}\s*=\s*([^)]*)\)", text, re.IGNORECASE)
            return match[1].strip() if match else ""

        return Connect(part("SERVICE_NAME"), part("SID"))

    def accept(self) -> bytes:
        """ACCEPT: from now on packets have long lengths."""
        flags = 0 if self._classic else ACCEPT_FAST_AUTH | ACCEPT_END_OF_RESPONSE
        self._end_of_response = not self._classic
        body = struct.pack(
            ">HHHHHHHBB8xIIBI",
            self._version, 0x0001, min(self._sdu, 0xFFFF), 0xFFFF, 1, 0, 45,
            0x04, 0x08, self._sdu, self._sdu, 0, flags,
        )  # fmt: skip
        packet = build_packet(PacketType.ACCEPT, body, large=False)
        self._packets.large = True
        return packet

    def refuse(self, number: int) -> bytes:
        """REFUSE with a listener's error, 12514."""
        text = (
            f"(DESCRIPTION=(TMP=)(VSNNUM=0)(ERR={number})"
            f"(ERROR_STACK=(ERROR=(CODE={number})(EMFI=4))))"
        ).encode()
        body = bytes((0x22, 0)) + struct.pack(">H", len(text)) + text
        return build_packet(PacketType.REFUSE, body, large=False)

    # ---- negotiation ----

    def _negotiate(self, reader: Reader) -> Event | None:
        kind = reader.u8()
        if kind == Message.FAST_AUTH:
            return self._fast_authentication(reader)
        if kind == Message.PROTOCOL:
            read_protocol(reader)
            self._negotiated += protocol_reply(classic=self._classic)
            return None
        if kind == Message.DATA_TYPES:
            client = read_data_types(reader)
            self._set_field_version(client.field_version)
            self._negotiated += data_types_reply(client)
            self._state = "logon"
            return None
        raise RemoteProtocolError(f"message {kind} in the negotiation")

    def _fast_authentication(self, reader: Reader) -> Event:
        """FAST_AUTH: PROTOCOL, DATA_TYPES and the log-on's first message in one."""
        reader.skip(3)
        if reader.u8() != Message.PROTOCOL:
            raise RemoteProtocolError("FAST_AUTH without PROTOCOL")
        read_protocol(reader)
        reader.skip(6)  # the last is the field version, always 13 here
        if reader.u8() != Message.DATA_TYPES:
            raise RemoteProtocolError("FAST_AUTH without DATA_TYPES")
        client = read_data_types(reader)
        self._field_version = FIELD_VERSION_FAST_AUTH
        event = self._logon_request(reader)
        self._set_field_version(client.field_version)
        self._preamble = protocol_reply(classic=self._classic) + data_types_reply(client)
        return event

    def take_negotiated(self) -> bytes:
        """Answers of the classic negotiation that have to be sent now."""
        pending, self._negotiated = self._negotiated, b""
        if not pending:
            return b""
        return build_data(pending, self._sdu, end_of_response=False)

    def _set_field_version(self, version: int) -> None:
        self._field_version = min(version, server_field_version(classic=self._classic))
        self._parser.field_version = self._field_version

    # ---- log-on ----

    def _function(self, reader: Reader, wanted: Function) -> None:
        if reader.u8() != Message.FUNCTION or reader.u8() != wanted:
            raise RemoteProtocolError("a request before the log-on")
        reader.u8()
        if self._field_version >= FIELD_VERSION_23_1_EXT1:
            reader.ub()

    def _logon_request(self, reader: Reader) -> Event:
        self._function(reader, Function.AUTH_PHASE_ONE)
        found = read_authentication(reader)
        user, pairs = found.user, found.pairs
        self._user = user
        self._machine = {
            "program": pairs.get("AUTH_PROGRAM_NM", ""),
            "machine": pairs.get("AUTH_MACHINE", ""),
            "osuser": pairs.get("AUTH_SID", ""),
            "pid": pairs.get("AUTH_PID", ""),
            "terminal": pairs.get("AUTH_TERMINAL", ""),
        }
        self._state = "challenge"
        return LogonRequest(user)

    def challenge(self, verifier: Verifier | None) -> bytes:
        """Answer LogonRequest; verifier None: there is no such user, which must not show."""
        self._exchange = Exchange.begin(self._user, verifier)
        self._state = "proof"
        reply = ReplyWriter(self._field_version, in_transaction=False)
        reply.parameters(self._exchange.challenge())
        reply.status()
        preamble, self._preamble = self._preamble, b""
        return self._send(bytearray(preamble) + reply.writer.data)

    def _logon_proof(self, reader: Reader) -> Event:
        self._function(reader, Function.AUTH_PHASE_TWO)
        found = read_authentication(reader)
        pairs = found.pairs
        self._state = "decided"  # one attempt a connection
        accepted = self._exchange.accepts(pairs)
        attributes = dict(self._machine)
        attributes["driver"] = pairs.get("SESSION_CLIENT_DRIVER_NAME", "")
        zone = re.search(r"TIME_ZONE\s*=\s*'([^']*)'", pairs.get("AUTH_ALTER_SESSION", ""))
        if zone:
            attributes["time_zone"] = zone[1]
        refused = None
        if "AUTH_ORA_EDITION" in pairs:
            refused = "editions"
        elif "AUTH_TOKEN" in pairs:
            refused = "token authentication"
        elif found.mode & 0x20:
            refused = "SYSDBA"
        new_password = None
        if accepted and "AUTH_NEWPASSWORD" in pairs:
            new_password = self._exchange.decrypt(pairs["AUTH_NEWPASSWORD"]).decode()
        return LogonProof(
            self._user,
            accepted,
            attributes,
            refused,
            new_password,
            pairs.get("PROXY_CLIENT_NAME"),
            tuple(found.context),
        )

    def accept_logon(self, sid: int, serial: int, *, database: str, service: str) -> bytes:
        """The log-on has succeeded."""
        self._state = "session"
        version = (19 << 24 | 3 << 16) if self._classic else (23 << 24 | 4 << 16)
        reply = ReplyWriter(self._field_version, in_transaction=False)
        reply.parameters(
            [
                ("AUTH_SVR_RESPONSE", self._exchange.proof(), 0),
                ("AUTH_SESSION_ID", str(sid), 0),
                ("AUTH_SERIAL_NUM", str(serial), 0),
                ("AUTH_VERSION_NO", str(version), 0),
                ("AUTH_MAX_OPEN_CURSORS", "300", 0),
                ("AUTH_SC_DBUNIQUE_NAME", database, 0),
                ("AUTH_SC_REAL_DBUNIQUE_NAME", database, 0),
                ("AUTH_SC_SERVICE_NAME", service, 0),
                ("AUTH_INSTANCENAME", database, 0),
                ("AUTH_MAX_IDEN_LENGTH", "128", 0),
            ]
        )
        reply.status()
        return self._send(reply.writer.data)

    def refuse_logon(self, error: OraError) -> bytes:
        """The log-on has failed; the connection is to be closed."""
        reply = ReplyWriter(self._field_version, in_transaction=False)
        reply.error(error)
        return self._send(reply.writer.data)

    def _change_password(self, call: Call, pairs: dict[str, str]) -> None:
        try:
            old = self._exchange.decrypt(pairs["AUTH_PASSWORD"]).decode()
            new = self._exchange.decrypt(pairs["AUTH_NEWPASSWORD"]).decode()
        except (KeyError, ValueError):
            call.refused = Unsupported("this change of password")
            return
        call.request = ChangePassword(old, new)

    # ---- answers ----

    def reply(self, call: Call, reply: Reply, *, in_transaction: bool) -> bytes:
        """The answer to a call."""
        writer = ReplyWriter(self._field_version, in_transaction=in_transaction)
        if call.token:
            writer.token(call.token)
        match reply:
            case Executed():
                self._executed(writer, call, reply)
            case LobResult() if call.lob is not None:
                writer.lob(reply, call.lob)
            case Enqueued() | Dequeued() if call.queue is not None:
                writer.queue(reply, call.queue)
            case Failed(error):
                writer.error(error)
            case Done() | LobResult() | Enqueued() | Dequeued():
                if call.authentication is not None:
                    writer.parameters([])
                writer.status()
        return self._send(writer.writer.data)

    def reply_in_parts(
        self, call: Call, reply: LobResult, *, in_transaction: bool
    ) -> Iterator[bytes]:
        """The answer to a LOB operation; what is long is not made before it is asked for."""
        writer = ReplyWriter(self._field_version, in_transaction=in_transaction)
        if call.token:
            writer.token(call.token)
        assert call.lob is not None
        message = writer.writer.data
        room = self._sdu - DATA_HEADER_SIZE
        for _ in writer.lob_in_parts(reply, call.lob):
            # Something stays: the last packet tells the end.
            whole = (len(message) - 1) // room * room
            if whole:
                yield build_data(message[:whole], self._sdu, end_of_response=False)
                del message[:whole]
        yield self._send(message)

    def _executed(self, writer: ReplyWriter, call: Call, reply: Executed) -> None:
        cursor_id = reply.cursor_id
        memory = call.memory or self._cursors.get(cursor_id) or CursorMemory(is_query=True)
        if cursor_id:
            self._cursors[cursor_id] = memory
            if reply.columns is not None:
                memory.columns = reply.columns
        parse_only = isinstance(call.request, Execute) and call.request.parse_only
        before = len(writer.writer.data)
        try:
            writer.executed(reply, memory, may_end=memory.is_query and not parse_only)
        except OraError as error:
            del writer.writer.data[before:]
            writer.error(error, cursor_id=cursor_id)
        else:
            if reply.directions is not None:
                memory.directions = reply.directions
        for cursor in writer.cursors:  # the client fetches by their ids
            if cursor.cursor_id:
                memory = CursorMemory(is_query=True, columns=cursor.columns)
                self._cursors[cursor.cursor_id] = memory

    def forget(self, cursor_ids: tuple[int, ...]) -> None:
        for cursor_id in cursor_ids:
            self._cursors.pop(cursor_id, None)

    def _send(self, message: bytearray) -> bytes:
        if self._end_of_response:
            message.append(Message.END_OF_RESPONSE)
        return build_data(message, self._sdu, end_of_response=self._end_of_response)

    # ---- break ----

    def break_off(self) -> bytes:
        """Tell the client that its break was heard; then wait for its RESET."""
        return build_marker(Marker.BREAK)

    def reset(self, *, in_transaction: bool) -> bytes:
        """RESET, and the error of what was broken off."""
        writer = ReplyWriter(self._field_version, in_transaction=in_transaction)
        writer.error(OraError(1013, "user requested cancel of current operation"))
        return build_marker(Marker.RESET) + self._send(writer.writer.data)

    def drop_partial(self) -> None:
        """What the client had begun to send is void."""
        self._message = bytearray()
        self._parser.reset()
