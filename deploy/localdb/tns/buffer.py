"""Reads and writes the protocol's primitive encodings.

    ub   one length byte 0..8, then so many bytes, big endian; a set high bit of the length: negative
    b1   length byte 0..252 and the bytes (0, 255: NULL); 254: chunks, each `ub` length and bytes
    b2   `ub` total length and, unless 0, a b1

Source: python-oracledb, base/buffer.pyx and thin/packet.pyx.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from deploy.localdb.tns.errors import NeedMoreData, RemoteProtocolError

#: Instead of a length: chunks follow, and a zero.
LONG = 254
#: Longer values have the long form.
SHORT_LIMIT = 252
_CHUNK = 32767


class Chunks:
    """A value that lies in pieces in a message."""

    __slots__ = ("_data", "_places")

    def __init__(self, data: bytes | bytearray, places: list[tuple[int, int]]) -> None:
        self._data = data
        self._places = places

    def whole(self) -> bytes:
        # Views: what is joined is not copied before.
        with memoryview(self._data) as view:
            return b"".join([view[low:high] for low, high in self._places])

    def parts(self, size: int) -> Iterator[bytes]:
        """The value in pieces of about so many bytes."""
        with memoryview(self._data) as view:
            part: list[memoryview] = []
            length = 0
            for low, high in self._places:
                part.append(view[low:high])
                length += high - low
                if length >= size:
                    yield b"".join(part)
                    part.clear()
                    length = 0
            if part:
                yield b"".join(part)


class Reader:
    """A position in bytes that may still grow.

    Raises, in every method:
        NeedMoreData: the bytes end before the item does.
    """

    __slots__ = ("_walked", "data", "position")

    def __init__(
        self,
        data: bytes | bytearray,
        position: int = 0,
        walked: list[tuple[int, int]] | None = None,
    ) -> None:
        """walked: given again for the same message with more bytes, no chunk is looked for twice."""
        self.data = data
        self.position = position
        self._walked = [] if walked is None else walked

    def raw(self, count: int) -> bytes:
        end = self.position + count
        if end > len(self.data):
            raise NeedMoreData(end)
        found = bytes(self.data[self.position : end])
        self.position = end
        return found

    def skip(self, count: int) -> None:
        self.position += count
        if self.position > len(self.data):
            raise NeedMoreData(self.position)

    def u8(self) -> int:
        position = self.position
        if position >= len(self.data):
            raise NeedMoreData(position + 1)
        self.position = position + 1
        return self.data[position]

    def u16(self) -> int:
        return int.from_bytes(self.raw(2), "big")

    def u16le(self) -> int:
        return int.from_bytes(self.raw(2), "little")

    def ub(self) -> int:
        """A `ub` or `sb`."""
        position = self.position
        data = self.data
        if position >= len(data):
            raise NeedMoreData(position + 1)
        size = data[position]
        position += 1
        if size == 0:
            self.position = position
            return 0
        if size == 1 and position < len(data):
            self.position = position + 1
            return data[position]
        negative = size & 0x80
        size &= 0x7F
        if size > 8:
            raise RemoteProtocolError(f"an integer of {size} bytes")
        end = position + size
        if end > len(data):
            raise NeedMoreData(end)
        self.position = end
        value = int.from_bytes(data[position:end], "big")
        return -value if negative else value

    def count(self, limit: int) -> int:
        """A `ub` that says how many items follow.

        Raises:
            RemoteProtocolError: it is negative or over the limit.
        """
        found = self.ub()
        if not 0 <= found <= limit:
            raise RemoteProtocolError(f"{found} items, at most {limit} are taken")
        return found

    def b1(self) -> bytes | None:
        size = self.u8()
        if size in (0, 255):
            return None
        if size != LONG:
            return self.raw(size)
        return self._long().whole()

    def long(self) -> Chunks:
        """A `b1` that may be as long as a LOB, not yet put together."""
        size = self.u8()
        if size == LONG:
            return self._long()
        start = self.position
        self.skip(0 if size == 255 else size)
        return Chunks(self.data, [(start, self.position)])

    def _long(self) -> Chunks:
        # First find the end, so that a retry with more data has copied nothing.
        chunks = self._walked
        if not chunks or chunks[0][0] != self.position:
            chunks[:] = [(self.position, self.position)]
        self.position = chunks[-1][1]
        while length := self.ub():
            if length < 0:
                raise RemoteProtocolError("a negative length")
            end = self.position + length
            if end >= len(self.data):
                raise NeedMoreData(end + 1)
            chunks.append((self.position, end))
            self.position = end
        found = Chunks(self.data, chunks.copy())
        chunks.clear()
        return found

    def b2(self) -> bytes | None:
        return self.b1() if self.ub() else None

    def text(self) -> str:
        """A b2 with text."""
        found = self.b2()
        return found.decode("utf-8", "replace") if found else ""


_SMALL = tuple(bytes((1, n)) if n else b"\0" for n in range(256))


def ub(value: int) -> bytes:
    """What `Writer.ub` writes, of a value that is not negative."""
    if value < 256:
        return _SMALL[value]
    size = (value.bit_length() + 7) // 8
    return bytes((size,)) + value.to_bytes(size, "big")


class Writer:
    """Bytes under construction."""

    __slots__ = ("data",)

    def __init__(self) -> None:
        self.data = bytearray()

    def raw(self, data: bytes) -> None:
        self.data += data

    def u8(self, value: int) -> None:
        self.data.append(value)

    def u16(self, value: int) -> None:
        self.data += struct.pack(">H", value)

    def u16le(self, value: int) -> None:
        self.data += struct.pack("<H", value)

    def u32(self, value: int) -> None:
        self.data += struct.pack(">I", value)

    def ub(self, value: int) -> None:
        if 0 < value < 256:
            self.data.append(1)
            self.data.append(value)
        elif value == 0:
            self.data.append(0)
        else:
            sign = 0
            if value < 0:
                value, sign = -value, 0x80
            size = (value.bit_length() + 7) // 8
            self.data.append(size | sign)
            self.data += value.to_bytes(size, "big")

    def zeros(self, count: int) -> None:
        self.data += bytes(count)

    def b1(self, data: bytes | None) -> None:
        if not data:
            self.data.append(0)
        elif len(data) <= SHORT_LIMIT:
            self.data.append(len(data))
            self.data += data
        else:
            self.data.append(LONG)
            self.chunks(data)
            self.data.append(0)

    def chunks(self, data: bytes) -> None:
        """The inside of a long b1, or a part of it."""
        for start in range(0, len(data), _CHUNK):
            chunk = data[start : start + _CHUNK]
            self.ub(len(chunk))
            self.data += chunk

    def b2(self, data: bytes | None) -> None:
        self.ub(len(data) if data else 0)
        if data:
            self.b1(data)

    def text(self, value: str) -> None:
        self.b2(value.encode())
