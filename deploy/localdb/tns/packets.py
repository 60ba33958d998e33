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
#: Of DATA, its flags included.
DATA_HEADER_SIZE = HEADER_SIZE + 2
#: No packet of a client is larger: it keeps to the SDU that the server chose.
LARGEST = 2 * 1024 * 1024
_DATA = int(PacketType.DATA)
_TYPES = frozenset(map(int, (PacketType.CONNECT, PacketType.DATA, PacketType.MARKER)))
_DATA_HEADER = struct.Struct(">IBBHH")


@dataclass(slots=True)
class Packet:
    """A packet without its header; of DATA also without its flags."""

    type: int
    body: bytes | bytearray
    flags: int = 0


class PacketReader:
    """Bytes in, packets out."""

    def __init__(self) -> None:
        self.large = False
        self._data: bytes | bytearray = b""
        self._position = 0

    def feed(self, data: bytes) -> None:
        """Take what has come; mostly it is whole packets, and is then not copied."""
        if self._position >= len(self._data):
            self._data = data
        else:
            if not isinstance(self._data, bytearray):
                self._data = bytearray(self._data)
            del self._data[: self._position]
            self._data += data
        self._position = 0

    def next(self) -> Packet | None:
        """The next packet; None: it is not complete.

        Raises:
            RemoteProtocolError: a length or type that no packet has.
        """
        data, start = self._data, self._position
        if len(data) - start < HEADER_SIZE:
            if start == len(data):
                self._data, self._position = b"", 0  # or it would be kept until more comes
            return None
        length = int.from_bytes(data[start : start + (4 if self.large else 2)], "big")
        if not HEADER_SIZE <= length <= LARGEST:
            raise RemoteProtocolError(f"a packet of {length} bytes")
        kind = data[start + 4]
        if kind not in _TYPES:
            raise RemoteProtocolError(f"a packet of type {kind}")
        end = start + length
        if len(data) < end:
            return None
        self._position = end
        if kind != _DATA:
            return Packet(kind, data[start + HEADER_SIZE : end])
        if length < HEADER_SIZE + 2:
            raise RemoteProtocolError("a DATA packet without flags")
        flags = int.from_bytes(data[start + HEADER_SIZE : start + HEADER_SIZE + 2], "big")
        return Packet(kind, data[start + HEADER_SIZE + 2 : end], flags)


def build_packet(kind: PacketType, body: bytes, *, large: bool) -> bytes:
    length = len(body) + HEADER_SIZE
    head = struct.pack(">I", length) if large else struct.pack(">HH", length, 0)
    return head + struct.pack(">BBH", kind, 0, 0) + body


def build_data(message: bytes | bytearray, sdu: int, *, end_of_response: bool) -> bytes:
    """A message as DATA packets, each at most as large as the SDU."""
    head = DATA_HEADER_SIZE
    room = sdu - head
    last = int(DataFlag.END_OF_RESPONSE) if end_of_response else 0
    if len(message) <= room:
        return _DATA_HEADER.pack(len(message) + head, _DATA, 0, 0, last) + message
    parts: list[bytes | memoryview] = []
    view = memoryview(message)
    for start in range(0, len(message), room):
        part = view[start : start + room]
        flags = last if start + room >= len(message) else 0
        parts += (_DATA_HEADER.pack(len(part) + head, _DATA, 0, 0, flags), part)
    return b"".join(parts)


def build_marker(marker: Marker) -> bytes:
    return build_packet(PacketType.MARKER, bytes((1, 0, marker)), large=True)
