"""What client and server tell each other of themselves, in PROTOCOL and DATA_TYPES.

The lower field version of the two sides rules which optional fields exist from then on. What would
switch on a part that localdb does not have (request boundaries, transaction priority) stays off.

Source: python-oracledb 26.1.0, impl/thin/capabilities.pyx, messages/protocol.pyx, data_types.pyx.
"""

from __future__ import annotations

from dataclasses import dataclass

from deploy.localdb.tns.buffer import Reader, Writer
from deploy.localdb.tns.constants import (
    CHARSET,
    FIELD_VERSION_19,
    FIELD_VERSION_23_4,
    NATIONAL_CHARSET,
    Message,
)

_BANNER = b"localdb (a development database)\0"
_PROTOCOL_VERSION = 6
_FIELD_VERSION = 7  # index in the compile capabilities
_TIME_ZONES = 1  # index in the runtime capabilities; bit 0
#: 32767 bytes, not 4000, is the limit that decides which binds come last in their row.
_LONG_TEXT = 0x04
#: The answer to a client that exchanges time zone data.
_TIME_ZONE_DATA = b"\x80\x00\x00\x00\x3c\x3c\x3c\x80\x00\x00\x00"


@dataclass(frozen=True)
class ClientCapabilities:
    """What the client told."""

    field_version: int
    time_zones: bool


def server_field_version(*, classic: bool) -> int:
    return FIELD_VERSION_19 if classic else FIELD_VERSION_23_4


def read_protocol(reader: Reader) -> None:
    """PROTOCOL behind its message type: versions, then the driver's name; both end in 0."""
    while reader.u8():
        pass
    while reader.u8():
        pass


def read_data_types(reader: Reader) -> ClientCapabilities:
    """DATA_TYPES behind its message type."""
    reader.skip(5)  # two character sets, flags
    compile_time = reader.b1() or b""
    run_time = reader.b1() or b""
    time_zones = len(run_time) > _TIME_ZONES and bool(run_time[_TIME_ZONES] & 0x01)
    if time_zones:
        reader.skip(11)
    while reader.u16():  # type
        reader.skip(6)  # conversion, representation, 0
    known = len(compile_time) > _FIELD_VERSION
    version = compile_time[_FIELD_VERSION] if known else FIELD_VERSION_19
    return ClientCapabilities(version, time_zones)


def protocol_reply(*, classic: bool) -> bytes:
    """PROTOCOL: the banner, the character sets and the capabilities."""
    compile_time = bytearray(46)
    compile_time[0] = 6
    compile_time[4] = 0xEA
    compile_time[_FIELD_VERSION] = server_field_version(classic=classic)
    compile_time[15] = 0x29
    compile_time[23] = 0xCF
    compile_time[37] = 0xB8
    compile_time[40] = 0x24
    compile_time[44] = 0x1E
    run_time = bytes((2, 1, 0, 0, 0, 0, _LONG_TEXT, 0))
    w = Writer()
    w.u8(Message.PROTOCOL)
    w.u8(_PROTOCOL_VERSION)
    w.u8(0)
    w.raw(_BANNER)
    w.u16le(CHARSET)
    w.u8(1)  # flags
    w.u16le(0)  # elements
    fdo = bytes(9) + NATIONAL_CHARSET.to_bytes(2, "big")
    w.u16(len(fdo))
    w.raw(fdo)
    w.b1(bytes(compile_time))
    w.b1(run_time)
    return bytes(w.data)


def data_types_reply(client: ClientCapabilities) -> bytes:
    """DATA_TYPES: an empty list, which says that no type is special."""
    zones = _TIME_ZONE_DATA if client.time_zones else b""
    return bytes((Message.DATA_TYPES,)) + zones + b"\0\0"
