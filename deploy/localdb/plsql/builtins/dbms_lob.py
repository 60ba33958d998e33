"""DBMS_LOB on LOBs in memory.

Offsets and amounts count characters of a CLOB and bytes of a BLOB, from 1.

Source: PL/SQL Packages and Types Reference 19c, DBMS_LOB.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.plsql.builtins.registry import implements
from deploy.localdb.plsql.host import Host
from deploy.localdb.plsql.values import Ref
from deploy.localdb.values import Lob, SqlType, TypeName, Value

_MAX_BUFFER = 32767
_CHUNK_SIZE = 8132
_STORAGE_LIMIT = 4294967295 * _CHUNK_SIZE

#: LOBs that DBMS_LOB.OPEN has opened.
_open: WeakKeyDictionary[Lob, bool] = WeakKeyDictionary()


def _argument_error(number: int) -> OraError:
    return OraError(21560, f"argument {number} is null, invalid, or out of range")


def _data(value: Any) -> Any:
    """The text or the bytes of a LOB, or of what stands for one."""
    return value.data if isinstance(value, Lob) else value


def _readable(value: Value) -> str | bytes:
    data = _data(value)
    if not isinstance(data, str | bytes):
        raise OraError(
            6502,
            "PL/SQL: numeric or value error: invalid LOB locator specified: ORA-22275",
        )
    return data


def _writable(ref: Ref) -> Lob:
    lob = ref.value
    _readable(lob)
    if not isinstance(lob, Lob):
        lob = ref.value = Lob(lob)
    if not lob.temporary:
        raise Unsupported("writing to a LOB of a table through its locator")
    return lob


def _position(ref: Ref | None, number: int, default: int = 1) -> int:
    if ref is None:
        return default
    if ref.value is None or int(ref.value) < 1:
        raise _argument_error(number)
    return int(ref.value)


def _blank(like: str | bytes, count: int) -> str | bytes:
    return b"\0" * count if isinstance(like, bytes) else " " * count


def _overwrite(lob: Lob, offset: int, piece: str | bytes) -> None:
    """Put a piece at an offset; what lies between the end and the offset becomes blank."""
    if offset == lob.length + 1:
        _append(lob, piece)
    elif isinstance(lob.data, bytes):
        assert isinstance(piece, bytes)
        start = lob.data[: offset - 1].ljust(offset - 1, b"\0")
        lob.data = start + piece + lob.data[offset - 1 + len(piece) :]
    else:
        assert isinstance(piece, str)
        text = lob.data[: offset - 1].ljust(offset - 1)
        lob.data = text + piece + lob.data[offset - 1 + len(piece) :]


def _append(lob: Lob, piece: str | bytes) -> None:
    if lob.is_binary != isinstance(piece, bytes):
        raise OraError(6502, "PL/SQL: numeric or value error: CLOB and BLOB are not the same")
    lob.append(piece)


@implements("DBMS_LOB.APPEND")
def append(host: Host, dest_lob: Ref, src_lob: Ref) -> None:
    _append(_writable(dest_lob), _readable(src_lob.value))


@implements("DBMS_LOB.WRITEAPPEND")
def writeappend(host: Host, lob_loc: Ref, amount: Ref, buffer: Ref) -> None:
    lob = _writable(lob_loc)
    _append(lob, _piece(buffer, _amount(amount, 2), 2))


def _amount(ref: Ref, number: int) -> int:
    amount = _position(ref, number)
    if amount > _MAX_BUFFER:
        raise _argument_error(number)
    return amount


def _piece(buffer: Ref, amount: int, number: int) -> str | bytes:
    data = _data(buffer.value)
    if data is None or amount > len(data):
        raise _argument_error(number)
    piece: str | bytes = data[:amount]
    return piece


@implements("DBMS_LOB.WRITE")
def write(host: Host, lob_loc: Ref, amount: Ref, offset: Ref, buffer: Ref) -> None:
    lob = _writable(lob_loc)
    piece = _piece(buffer, _amount(amount, 2), 2)
    _overwrite(lob, _position(offset, 3), piece)


@implements("DBMS_LOB.COPY")
def copy(
    host: Host,
    dest_lob: Ref,
    src_lob: Ref,
    amount: Ref,
    dest_offset: Ref | None = None,
    src_offset: Ref | None = None,
) -> None:
    lob, source = _writable(dest_lob), _readable(src_lob.value)
    count, start = _position(amount, 3), _position(src_offset, 5)
    piece = source[start - 1 : start - 1 + count]
    if not piece:
        raise OraError(22994, "source offset is beyond the end of the source LOB")
    _overwrite(lob, _position(dest_offset, 4), piece)


@implements("DBMS_LOB.ERASE")
def erase(host: Host, lob_loc: Ref, amount: Ref, offset: Ref | None = None) -> None:
    lob, start = _writable(lob_loc), _position(offset, 3)
    count = min(_position(amount, 2), max(0, len(lob.data) - start + 1))
    if count:
        _overwrite(lob, start, _blank(lob.data, count))
    amount.value = count


@implements("DBMS_LOB.TRIM")
def trim(host: Host, lob_loc: Ref, newlen: Ref) -> None:
    lob = _writable(lob_loc)
    length = newlen.value
    if length is None or int(length) < 0:
        raise _argument_error(2)
    if int(length) > len(lob.data):
        raise OraError(22926, "specified trim length is greater than current LOB value's length")
    lob.data = lob.data[: int(length)]


@implements("DBMS_LOB.GETLENGTH")
def getlength(host: Host, lob_loc: Ref) -> Value:
    lob = lob_loc.value
    if isinstance(lob, Lob):
        return lob.length
    return None if lob is None else len(lob)


@implements("DBMS_LOB.SUBSTR")
def substr(host: Host, lob_loc: Ref, amount: Ref | None = None, offset: Ref | None = None) -> Value:
    data = _data(lob_loc.value)
    count = _MAX_BUFFER if amount is None else amount.value
    start = 1 if offset is None else offset.value
    if data is None or count is None or start is None:
        return None
    count, start = int(count), int(start)
    if not 1 <= count <= _MAX_BUFFER or start < 1:
        return None
    return data[start - 1 : start - 1 + count] or None


@implements("DBMS_LOB.INSTR")
def instr(
    host: Host, lob_loc: Ref, pattern: Ref, offset: Ref | None = None, nth: Ref | None = None
) -> Value:
    data, wanted = _data(lob_loc.value), _data(pattern.value)
    start = 1 if offset is None else offset.value
    occurrence = 1 if nth is None else nth.value
    if data is None or wanted is None or start is None or occurrence is None:
        return None
    if int(start) < 1 or int(occurrence) < 1:
        return None
    found = int(start) - 2
    for _ in range(int(occurrence)):
        found = data.find(wanted, found + 1)
        if found < 0:
            return 0
    return found + 1


@implements("DBMS_LOB.COMPARE")
def compare(
    host: Host,
    lob_1: Ref,
    lob_2: Ref,
    amount: Ref | None = None,
    offset_1: Ref | None = None,
    offset_2: Ref | None = None,
) -> Value:
    first, second = _data(lob_1.value), _data(lob_2.value)
    numbers = [1 if ref is None else ref.value for ref in (offset_1, offset_2)]
    count = None if amount is None else amount.value
    if first is None or second is None or None in numbers or (amount and count is None):
        return None
    starts = [int(number) for number in numbers]
    if min(starts) < 1 or (count is not None and int(count) < 1):
        return None
    end = max(len(first), len(second)) if count is None else int(count)
    left = first[starts[0] - 1 : starts[0] - 1 + end]
    right = second[starts[1] - 1 : starts[1] - 1 + end]
    return (left > right) - (left < right)


@implements("DBMS_LOB.READ")
def read(host: Host, lob_loc: Ref, amount: Ref, offset: Ref, buffer: Ref) -> None:
    data = _readable(lob_loc.value)
    count, start = _amount(amount, 2), _position(offset, 3)
    piece = data[start - 1 : start - 1 + count]
    if not piece:
        amount.value = 0
        raise OraError(1403, "no data found")
    buffer.value = piece
    amount.value = len(piece)


# ---- temporary LOBs ----


def _is_binary(ref: Ref) -> bool:
    if isinstance(ref.type, SqlType):
        return ref.type.name is TypeName.BLOB
    return isinstance(ref.value, Lob) and ref.value.is_binary


@implements("DBMS_LOB.CREATETEMPORARY")
def createtemporary(host: Host, lob_loc: Ref, cache: Ref, dur: Ref | None = None) -> None:
    lob_loc.value = Lob(b"" if _is_binary(lob_loc) else "")


@implements("DBMS_LOB.FREETEMPORARY")
def freetemporary(host: Host, lob_loc: Ref) -> None:
    lob = lob_loc.value
    if not isinstance(lob, Lob) or not lob.temporary:
        raise OraError(22275, "invalid LOB locator specified")
    lob_loc.value = None


@implements("DBMS_LOB.ISTEMPORARY")
def istemporary(host: Host, lob_loc: Ref) -> Value:
    if lob_loc.value is None:
        return 0
    return int(not isinstance(lob_loc.value, Lob) or lob_loc.value.temporary)


@implements("DBMS_LOB.OPEN")
def open_(host: Host, lob_loc: Ref, open_mode: Ref) -> None:
    _readable(lob_loc.value)
    if lob_loc.value in _open:
        raise OraError(22293, "LOB already opened in the same transaction")
    if isinstance(lob_loc.value, Lob):
        _open[lob_loc.value] = True


@implements("DBMS_LOB.CLOSE")
def close(host: Host, lob_loc: Ref) -> None:
    _readable(lob_loc.value)
    if _open.pop(lob_loc.value, None) is None:
        raise OraError(22289, "cannot perform FILE or LOB operation on an unopened file or LOB")


@implements("DBMS_LOB.ISOPEN")
def isopen(host: Host, lob_loc: Ref) -> Value:
    return int(isinstance(lob_loc.value, Lob) and lob_loc.value in _open)


@implements("DBMS_LOB.GETCHUNKSIZE")
def getchunksize(host: Host, lob_loc: Ref) -> Value:
    return None if lob_loc.value is None else _CHUNK_SIZE


@implements("DBMS_LOB.GET_STORAGE_LIMIT")
def get_storage_limit(host: Host, lob_loc: Ref) -> Value:
    return _STORAGE_LIMIT


# ---- between characters and bytes ----

#: NLS_CHARSET_ID of AL32UTF8; 0 is the database's.
_CODECS = {
    0: "utf-8",
    873: "utf-8",
    871: "utf-8",
    1: "ascii",
    31: "latin-1",
    46: "iso8859-15",
    178: "cp1252",
}


def _codec(number: Ref) -> str:
    name = _CODECS.get(int(number.value or 0))
    if name is None:
        raise Unsupported(f"character set {number.value} in DBMS_LOB")
    return name


@implements("DBMS_LOB.CONVERTTOBLOB")
def converttoblob(
    host: Host,
    dest_lob: Ref,
    src_clob: Ref,
    amount: Ref,
    dest_offset: Ref,
    src_offset: Ref,
    blob_csid: Ref,
    lang_context: Ref,
    warning: Ref,
) -> None:
    lob, text = _writable(dest_lob), _readable(src_clob.value)
    assert isinstance(text, str)
    start, count = _position(src_offset, 5), _position(amount, 3)
    part = text[start - 1 : start - 1 + count]
    data = part.encode(_codec(blob_csid), errors="replace")
    _overwrite(lob, _position(dest_offset, 4), data)
    dest_offset.value = int(dest_offset.value) + len(data)
    src_offset.value = start + len(part)
    warning.value = 0


@implements("DBMS_LOB.CONVERTTOCLOB")
def converttoclob(
    host: Host,
    dest_lob: Ref,
    src_blob: Ref,
    amount: Ref,
    dest_offset: Ref,
    src_offset: Ref,
    blob_csid: Ref,
    lang_context: Ref,
    warning: Ref,
) -> None:
    lob, data = _writable(dest_lob), _readable(src_blob.value)
    assert isinstance(data, bytes)
    start, count = _position(src_offset, 5), _position(amount, 3)
    part = data[start - 1 : start - 1 + count]
    text = part.decode(_codec(blob_csid), errors="replace")
    _overwrite(lob, _position(dest_offset, 4), text)
    dest_offset.value = int(dest_offset.value) + len(text)
    src_offset.value = start + len(part)
    warning.value = int("\ufffd" in text)
