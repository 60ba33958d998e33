"""The LOBs that a client holds locators of."""

from __future__ import annotations

import codecs
import itertools
import struct
from collections.abc import Callable, Iterator
from typing import Any

from deploy.localdb.errors import OraError
from deploy.localdb.tns.replies import LobResult, Locator
from deploy.localdb.tns.requests import LobOperation
from deploy.localdb.values import Lob

_LENGTH = 40
#: Flags in bytes 4, 6 and 7.
_BLOB, _UTF16, _TEMPORARY = 0x01, 0x80, 0x01
#: Where in a locator its number stands.
_NUMBER = slice(10, 18)
_CHUNK_SIZE = 8132
#: Bytes of a LOB that are taken together: within the time of a turn.
_PART = 250_000


class LobTable:
    """Locator to LOB, for one session.

    Every locator says that it is temporary, so that the client tells when it has forgotten it;
    whether the LOB may be written is decided here.
    """

    def __init__(self) -> None:
        self._lobs: dict[int, Lob] = {}
        self._open: set[int] = set()
        self._numbers = itertools.count(1)

    def locator(self, lob: Lob, *, national: bool | None = None) -> Locator:
        """A new name for a LOB.

        Args:
            lob: what it names.
            national: what the client takes it for; None: what it is.
        """
        if national is None:
            national = lob.national
        number = next(self._numbers)
        self._lobs[number] = lob
        name = bytearray(_LENGTH)
        name[0:2] = struct.pack(">H", _LENGTH - 2)
        name[4] = _BLOB if lob.is_binary else 0
        # A client sends and reads an NCLOB in UTF-16.
        name[6] = _UTF16 if national else 0
        name[7] = _TEMPORARY
        name[_NUMBER] = struct.pack(">Q", number)
        return Locator(
            locator=bytes(name),
            length=lob.length,
            binary=lob.is_binary,
            national=national,
            data=lob.data,
        )

    def find(self, locator: bytes) -> Lob:
        """The LOB that a locator names.

        Raises:
            OraError: 22275 where there is none.
        """
        lob = self._lobs.get(_number(locator))
        if lob is None:
            raise OraError(22275, "invalid LOB locator specified")
        return lob

    def free(self, locators: tuple[bytes, ...]) -> None:
        for locator in locators:
            self._lobs.pop(_number(locator), None)
            self._open.discard(_number(locator))

    def run(self, request: LobOperation, turn: Callable[[], None]) -> LobResult:
        """One operation of the client; offsets are 1-based, in characters or bytes.

        Args:
            request: which.
            turn: called while it goes on, so that others have their turn.
        """
        if request.operation == "create_temp":
            empty: str | bytes = b"" if request.binary else ""
            created = self.locator(Lob(empty, national=request.national))
            return LobResult(created.locator)
        lob = self.find(request.locator)
        result = LobResult(request.locator)
        number = _number(request.locator)
        match request.operation:
            case "length":
                result.amount = lob.length
            case "read":
                start = max(request.offset, 1) - 1
                result.data = lob.cut(start, start + request.amount) or None
                result.amount = sum(map(len, result.data or ()))
            case "chunk_size":
                result.amount = _CHUNK_SIZE
            case "is_open":
                result.flag = number in self._open
            case "open":
                if number in self._open:
                    raise OraError(22293, "LOB already opened in the same transaction")
                self._open.add(number)
            case "close":
                if number not in self._open:
                    raise OraError(
                        22289, "cannot perform close operation on an unopened file or LOB"
                    )
                self._open.discard(number)
            case "free":
                self.free((request.locator,))
            case "trim":
                _writable(lob).data = lob.data[: request.amount]
            case "write":
                _write(_writable(lob), request, turn)
        return result


def _number(locator: bytes) -> int:
    if len(locator) != _LENGTH:
        return 0
    (number,) = struct.unpack(">Q", locator[_NUMBER])
    return int(number)


def _writable(lob: Lob) -> Lob:
    if not lob.temporary:
        raise OraError(22920, "row containing the LOB value is not locked")
    return lob


def _write(lob: Lob, request: LobOperation, turn: Callable[[], None]) -> None:
    start = max(request.offset, 1) - 1
    pieces: list[Any] = []
    for piece in _arrived(request):
        pieces.append(piece)
        turn()
    if start == lob.length:
        # Whole pieces: the LOB takes them as they are.
        for piece in pieces:
            lob.append(piece)
    elif isinstance(lob.data, bytes):
        written = b"".join(pieces)
        old = lob.data.ljust(start, b"\0")
        lob.data = old[:start] + written + old[start + len(written) :]
    else:
        text = "".join(pieces)
        before = lob.data.ljust(start)
        lob.data = before[:start] + text + before[start + len(text) :]


def _arrived(request: LobOperation) -> Iterator[str | bytes]:
    """What is to be written; it is forgotten by the request as it is not held twice."""
    data, request.data = request.data, None
    if data is None:
        return
    if not request.encoding:
        yield from data.parts(_PART)
        return
    decoder = codecs.getincrementaldecoder(request.encoding)("replace")
    for part in data.parts(_PART):
        yield decoder.decode(part)
    if rest := decoder.decode(b"", final=True):
        yield rest
