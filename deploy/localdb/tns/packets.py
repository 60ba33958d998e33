"""Packets: an 8-byte header around what is sent.

Until ACCEPT the length has 16 bits, from then on 32.

Source: python-oracledb 26.1.0, impl/thin/packet.pyx and transport.pyx.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from deploy.localdb.tns.constants import DataFlag, Marker, PacketType
from deploy.localdb.tns.errors import RemoteProtocolError

HEADER_SIZE = 8
#: No packet of a client is larger: it keeps to the SDU that the server chose.
LARGEST = 2 * 1024 * 1024


@dataclass(frozen=True)
class Packet:
    """A packet without its header; of DATA also without its flags."""

    type: int
    body: bytes
    flags: int = 0
    #: With the header.
    size: int = 0


class PacketReader:
    """Bytes in, packets out."""

    def __init__(self) -> None:
        self.large = False
        self._data = bytearray()

    def feed(self, data: bytes) -> None:
        self._data += data

    def next(self) -> Packet | None:
        """The next packet; None: it is not complete.

        Raises:
            RemoteProtocolError: a length or type that no packet has.
        """
        data = self._data
        if len(data) < HEADER_SIZE:
            return None
        length = int.from_bytes(data[:4] if self.large else data[:2], "big")
        if not HEADER_SIZE <= length <= LARGEST:
            raise RemoteProtocolError(f"a packet of {length} bytes")
        kind = data[4]
        if kind not in (PacketType.CONNECT, PacketType.DATA, PacketType.MARKER):
            raise RemoteProtocolError(f"a packet of type {kind}")
        if len(data) < length:
            return None
        body = bytes(data[HEADER_SIZE:length])
        del data[:length]
        if kind != PacketType.DATA:
            return Packet(kind, body, size=length)
        if len(body) < 2:
            raise RemoteProtocolError("a DATA packet without flags")
        return Packet(kind, body[2:], int.from_bytes(body[:2], "big"), length)


def build_packet(kind: PacketType, body: bytes, *, large: bool) -> bytes:
    length = len(body) + HEADER_SIZE
    head = struct.pack(">I", length) if large else struct.pack(">HH", length, 0)
    return head + struct.pack(">BBH", kind, 0, 0) + body


def build_data(message: bytes | bytearray, sdu: int, *, end_of_response: bool) -> bytes:
    """A message as DATA packets, each at most as large as the SDU."""
    room = sdu - HEADER_SIZE - 2
    packets = bytearray()
    for start in range(0, max(len(message), 1), room):
        last = start + room >= len(message)
        flags = DataFlag.END_OF_RESPONSE if end_of_response and last else 0
        body = struct.pack(">H", flags) + message[start : start + room]
        packets += build_packet(PacketType.DATA, body, large=True)
    return bytes(packets)


def build_marker(marker: Marker) -> bytes:
    return build_packet(PacketType.MARKER, bytes((1, 0, marker)), large=True)
