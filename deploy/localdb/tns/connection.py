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
from dataclasses import dataclass
from typing import TypeAlias

from deploy.localdb.errors import OraError
from deploy.localdb.tns.authentication import Exchange, Verifier
from deploy.localdb.tns.buffer import Reader, Writer
from deploy.localdb.tns.constants import (
    ACCEPT_END_OF_RESPONSE,
    ACCEPT_FAST_AUTH,
    CHARSET,
    FIELD_VERSION_19,
    FIELD_VERSION_23_1_EXT1,
    FIELD_VERSION_23_4,
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
    Packet,
    PacketReader,
    build_data,
    build_marker,
    build_packet,
)
from deploy.localdb.tns.parsing import Call, CursorMemory, RequestParser
from deploy.localdb.tns.placeholders import is_query
from deploy.localdb.tns.replies import Done, Executed, Failed, LobResult, OpenCursor, Reply
from deploy.localdb.tns.requests import ChangePassword, Execute, Fetch, Refused
from deploy.localdb.values import Column

SDU = 65_536
_VERSION = 319
_VERSION_19 = 318
_LONGEST_IN_CONNECT = 230
_LARGEST_REQUEST = 1 << 30
_BANNER = b"localdb (a development database)\0"
#: Runtime capability 1, bit 0: time zone data in the DATA_TYPES exchange.
_TIME_ZONE_BYTES = b"\x80\x00\x00\x00\x3c\x3c\x3c\x80\x00\x00\x00"
_PAIR_LIMIT = 1000


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


@dataclass(frozen=True)
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
        self._message = bytearray()
        self._state = "connect"
        self._end_of_response = False
        self._field_version = FIELD_VERSION_19 if classic else FIELD_VERSION_23_4
        self._parser = RequestParser(self._field_version)
        self._cursors: dict[int, CursorMemory] = {}
        self._columns: dict[int, tuple[Column, ...]] = {}
        self._exchange = Exchange.begin(None)
        self._user = ""
        self._machine: dict[str, str] = {}
        self._time_zone_wanted = False
        self._preamble = b""

    # ---- in ----

    def receive_data(self, data: bytes) -> None:
        self._packets.feed(data)

    def next_event(self) -> Event | None:
        """The next thing that has happened.

        Raises:
            RemoteProtocolError: the client broke the protocol; nothing more can be read.
        """
        while True:
            packet = self._packets.next()
            if packet is None:
                return None
            event = self._packet(packet)
            if event is not None:
                return event

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
        self._message += packet.body
        if len(self._message) > _LARGEST_REQUEST:
            raise RemoteProtocolError("a request of more than 1 GiB")
        try:
            event = self._data()
        except NeedMoreData:
            return None
        except (IndexError, struct.error, UnicodeDecodeError, OverflowError) as error:
            raise RemoteProtocolError(f"a malformed message: {error}") from error
        self._message.clear()
        return event

    def _data(self) -> Event | None:
        match self._state:
            case "negotiate":
                return self._negotiate()
            case "logon":
                return self._logon_request(Reader(self._message))
            case "proof":
                return self._logon_proof(Reader(self._message))
            case "session":
                if self._is_password_change():
                    return self._password_change()
                return CallReceived(self._parser.parse(self._message, self._cursors))
            case _:
                raise RemoteProtocolError("DATA where none is due")

    # ---- connect ----

    def _connect(self, body: bytes) -> Event | None:
        if len(body) < 66:
            raise RemoteProtocolError("a short CONNECT")
        version, lowest = struct.unpack(">HH", body[:4])
        if version < 315:
            raise RemoteProtocolError(f"protocol version {version}, lowest {lowest}")
        self._version = min(version, _VERSION_19 if self._classic else _VERSION)
        length, offset = struct.unpack(">HH", body[16:20])
        if length > _LONGEST_IN_CONNECT:
            self._state = "connect data"
            return None
        return self._connect_string(body[offset - 8 : offset - 8 + length])

    def _connect_string(self, data: bytes) -> Event:
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

    def _negotiate(self) -> Event | None:
        reader = Reader(self._message)
        kind = reader.u8()
        if kind == Message.FAST_AUTH:
            reader.skip(3)
            if reader.u8() != Message.PROTOCOL:
                raise RemoteProtocolError("FAST_AUTH without PROTOCOL")
            self._read_protocol(reader)
            reader.skip(5)
            reader.u8()  # field version, always 13 here
            if reader.u8() != Message.DATA_TYPES:
                raise RemoteProtocolError("FAST_AUTH without DATA_TYPES")
            version = self._read_data_types(reader)
            self._parser.field_version = FIELD_VERSION_FAST_AUTH
            self._field_version = FIELD_VERSION_FAST_AUTH
            event = self._logon_request(reader)
            self._set_field_version(version)
            self._preamble = self._protocol_reply() + self._data_types_reply()
            return event
        if kind == Message.PROTOCOL:
            self._read_protocol(reader)
            self._pending = self._protocol_reply()
            return None
        if kind == Message.DATA_TYPES:
            self._set_field_version(self._read_data_types(reader))
            self._pending = self._data_types_reply()
            self._state = "logon"
            return None
        raise RemoteProtocolError(f"message {kind} in the negotiation")

    _pending = b""

    def take_negotiated(self) -> bytes:
        """Answers of the classic negotiation that have to be sent now."""
        pending, self._pending = self._pending, b""
        if not pending:
            return b""
        return build_data(pending, self._sdu, end_of_response=False)

    def _set_field_version(self, version: int) -> None:
        self._field_version = min(
            version, FIELD_VERSION_19 if self._classic else FIELD_VERSION_23_4
        )
        self._parser.field_version = self._field_version

    def _read_protocol(self, reader: Reader) -> None:
        while reader.u8():
            pass
        while reader.u8():
            pass

    def _read_data_types(self, reader: Reader) -> int:
        """The client's field version."""
        reader.skip(5)
        compile_caps = reader.b1() or b""
        runtime_caps = reader.b1() or b""
        if len(runtime_caps) > 1 and runtime_caps[1] & 0x01:
            self._time_zone_wanted = True
            reader.skip(11)
        while reader.u16():
            reader.skip(6)  # conversion, representation, 0
        return compile_caps[7] if len(compile_caps) > 7 else FIELD_VERSION_19

    def _protocol_reply(self) -> bytes:
        compile_caps = bytearray(46)
        compile_caps[0] = 6
        compile_caps[4] = 0xEA
        compile_caps[7] = FIELD_VERSION_19 if self._classic else FIELD_VERSION_23_4
        compile_caps[15] = 0x29
        compile_caps[23] = 0xCF
        compile_caps[37] = 0xB8
        compile_caps[40] = 0x24
        compile_caps[44] = 0x1E
        runtime_caps = bytes((2, 1, 0, 0, 0, 0, 4, 0))
        w = Writer()
        w.u8(Message.PROTOCOL)
        w.u8(6)
        w.u8(0)
        w.raw(_BANNER)
        w.u16le(CHARSET)
        w.u8(1)
        w.u16le(0)
        fdo = bytes(9) + b"\x07\xd0"
        w.u16(len(fdo))
        w.raw(fdo)
        w.b1(bytes(compile_caps))
        w.b1(runtime_caps)
        return bytes(w.data)

    def _data_types_reply(self) -> bytes:
        zone = _TIME_ZONE_BYTES if self._time_zone_wanted else b""
        return bytes((Message.DATA_TYPES,)) + zone + b"\0\0"

    # ---- log-on ----

    def _read_auth(self, reader: Reader) -> tuple[str, int, dict[str, str]]:
        has_user = reader.u8()
        reader.ub()
        mode = reader.ub()
        reader.u8()
        count = reader.ub()
        reader.skip(2)
        user = (reader.b1() or b"").decode("utf-8", "replace") if has_user else ""
        if count > _PAIR_LIMIT:
            raise RemoteProtocolError("too many pairs")
        pairs: dict[str, str] = {}
        for _ in range(count):
            key = reader.text().rstrip("\0")
            value = reader.text()
            reader.ub()
            pairs[key] = value
        return user, mode, pairs

    def _function(self, reader: Reader, wanted: Function) -> None:
        if reader.u8() != Message.FUNCTION or reader.u8() != wanted:
            raise RemoteProtocolError("a request before the log-on")
        reader.u8()
        if self._field_version >= FIELD_VERSION_23_1_EXT1:
            reader.ub()

    def _logon_request(self, reader: Reader) -> Event:
        self._function(reader, Function.AUTH_PHASE_ONE)
        user, _, pairs = self._read_auth(reader)
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
        self._exchange = Exchange.begin(verifier)
        self._state = "proof"
        reply = ReplyWriter(self._field_version, in_transaction=False)
        reply.parameters(self._exchange.challenge())
        reply.status()
        preamble, self._preamble = self._preamble, b""
        return self._send(preamble + bytes(reply.writer.data))

    def _logon_proof(self, reader: Reader) -> Event:
        self._function(reader, Function.AUTH_PHASE_TWO)
        _, mode, pairs = self._read_auth(reader)
        accepted = self._exchange.accepts(pairs)
        attributes = dict(self._machine)
        attributes["driver"] = pairs.get("SESSION_CLIENT_DRIVER_NAME", "")
        zone = re.search(r"TIME_ZONE\s*=\s*'([^']*)'", pairs.get("AUTH_ALTER_SESSION", ""))
        if zone:
            attributes["time_zone"] = zone[1]
        refused = None
        if "PROXY_CLIENT_NAME" in pairs:
            refused = "proxy users"
        elif "AUTH_ORA_EDITION" in pairs:
            refused = "editions"
        elif "AUTH_TOKEN" in pairs:
            refused = "token authentication"
        elif any(key.startswith("AUTH_APPCTX") for key in pairs):
            refused = "application context at log-on"
        elif mode & 0x20:
            refused = "SYSDBA"
        new_password = None
        if accepted and "AUTH_NEWPASSWORD" in pairs:
            new_password = self._exchange.decrypt(pairs["AUTH_NEWPASSWORD"]).decode()
        return LogonProof(self._user, accepted, attributes, refused, new_password)

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
        return self._send(bytes(reply.writer.data))

    def refuse_logon(self, error: OraError) -> bytes:
        """The log-on has failed; the connection is to be closed."""
        reply = ReplyWriter(self._field_version, in_transaction=False)
        reply.error(error)
        return self._send(bytes(reply.writer.data))

    def _is_password_change(self) -> bool:
        return (
            len(self._message) > 2
            and self._message[0] == Message.FUNCTION
            and self._message[1] == Function.AUTH_PHASE_TWO
        )

    def _password_change(self) -> Event:
        reader = Reader(self._message)
        self._function(reader, Function.AUTH_PHASE_TWO)
        _, _, pairs = self._read_auth(reader)
        try:
            old = self._exchange.decrypt(pairs["AUTH_PASSWORD"])
            new = self._exchange.decrypt(pairs["AUTH_NEWPASSWORD"]).decode()
        except (KeyError, ValueError):
            return CallReceived(Call(Refused("this change of password")))
        if not self._exchange.knows(old):
            return CallReceived(Call(Refused("a change of password without the old one")))
        return CallReceived(Call(ChangePassword(new)))

    # ---- answers ----

    def reply(self, call: Call, reply: Reply, *, in_transaction: bool) -> bytes:
        """The answer to a call."""
        writer = ReplyWriter(self._field_version, in_transaction=in_transaction)
        match reply:
            case Executed():
                self._executed(writer, call, reply, in_transaction=in_transaction)
            case LobResult() if call.lob is not None:
                writer.lob(reply, call.lob)
            case Failed(error):
                writer.error(error)
            case Done() | LobResult():
                if isinstance(call.request, Execute | Fetch):
                    writer.error(None)
                elif _is_parameterless(call):
                    writer.parameters([])
                    writer.status()
                else:
                    writer.status()
        return self._send(bytes(writer.writer.data))

    def _executed(
        self, writer: ReplyWriter, call: Call, reply: Executed, *, in_transaction: bool
    ) -> None:
        memory = call.memory or self._cursors.get(reply.cursor_id) or CursorMemory()
        if reply.cursor_id:
            self._cursors[reply.cursor_id] = memory
            if reply.columns is not None:
                self._columns[reply.cursor_id] = reply.columns
        columns = self._columns.get(reply.cursor_id, ())
        before = len(writer.writer.data)
        query = isinstance(call.request, Fetch) or bool(columns) or is_query(memory.sql)
        try:
            writer.executed(reply, memory, columns, is_query=query)
        except OraError as error:
            del writer.writer.data[before:]
            writer.error(error, cursor_id=reply.cursor_id)
        self._remember_cursors(reply)

    def _remember_cursors(self, reply: Executed) -> None:
        """REF CURSORs that the answer holds: the client fetches by their ids."""
        found = [v for row in (*reply.out_values, *reply.rows) for v in row]
        for value in (*found, *reply.implicit_results):
            if isinstance(value, OpenCursor):
                self._cursors[value.cursor_id] = CursorMemory()
                self._columns[value.cursor_id] = value.columns

    def columns_of(self, cursor_id: int) -> tuple[Column, ...]:
        return self._columns.get(cursor_id, ())

    def forget(self, cursor_ids: tuple[int, ...]) -> None:
        for cursor_id in cursor_ids:
            self._cursors.pop(cursor_id, None)
            self._columns.pop(cursor_id, None)

    def _send(self, message: bytes) -> bytes:
        if self._end_of_response:
            message += bytes((Message.END_OF_RESPONSE,))
        return build_data(message, self._sdu, end_of_response=self._end_of_response)

    # ---- break ----

    def break_off(self) -> bytes:
        """Tell the client that its break was heard; then wait for its RESET."""
        self._message.clear()
        self._parser.reset()
        return build_marker(Marker.BREAK)

    def reset(self, *, in_transaction: bool) -> bytes:
        """RESET, and the error of what was broken off."""
        self._message.clear()
        self._parser.reset()
        writer = ReplyWriter(self._field_version, in_transaction=in_transaction)
        writer.error(OraError(1013, "user requested cancel of current operation"))
        return build_marker(Marker.RESET) + self._send(bytes(writer.writer.data))

    def drop_partial(self) -> None:
        """What the client had begun to send is void."""
        self._message.clear()
        self._parser.reset()


def _is_parameterless(call: Call) -> bool:
    return isinstance(call.request, ChangePassword)
