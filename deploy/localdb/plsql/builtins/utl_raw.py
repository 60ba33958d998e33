"""UTL_RAW.

Source: PL/SQL Packages and Types Reference 19c, UTL_RAW.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.plsql.builtins.registry import implements
from deploy.localdb.plsql.host import Host
from deploy.localdb.plsql.values import Ref
from deploy.localdb.values import Value

_MAX_BYTES = 32767
_BIG_ENDIAN, _LITTLE_ENDIAN, _MACHINE_ENDIAN = 1, 2, 3


def _value_error() -> OraError:
    return OraError(6502, "PL/SQL: numeric or value error")


def _int(ref: Ref | None, default: int | None = None) -> int | None:
    return default if ref is None or ref.value is None else int(ref.value)


@implements("UTL_RAW.CAST_TO_RAW")
def cast_to_raw(host: Host, c: Ref) -> Value:
    return None if c.value is None else c.value.encode()


@implements("UTL_RAW.CAST_TO_VARCHAR2")
def cast_to_varchar2(host: Host, r: Ref) -> Value:
    return None if r.value is None else r.value.decode(errors="replace") or None


@implements("UTL_RAW.CAST_TO_NVARCHAR2")
def cast_to_nvarchar2(host: Host, r: Ref) -> Value:
    return None if r.value is None else r.value.decode("utf-16-be", errors="replace") or None


@implements("UTL_RAW.LENGTH")
def length(host: Host, r: Ref) -> Value:
    return None if r.value is None else len(r.value)


@implements("UTL_RAW.CONCAT")
def concat(host: Host, **parts: Ref) -> Value:
    joined = b"".join(
        parts[f"r{n}"].value or b"" for n in range(1, 13) if parts.get(f"r{n}") is not None
    )
    if len(joined) > _MAX_BYTES:
        raise _value_error()
    return joined or None


@implements("UTL_RAW.SUBSTR")
def substr(host: Host, r: Ref, pos: Ref, len: Ref | None = None) -> Value:
    data, position, count = r.value, _int(pos), _int(len)
    if data is None or position is None:
        return None
    size = data.__len__()
    start = position - 1 if position > 0 else 0 if position == 0 else size + position
    if start < 0 or start >= size or (count is not None and (count < 1 or start + count > size)):
        raise _value_error()
    return data[start:] if count is None else data[start : start + count]


@implements("UTL_RAW.REVERSE")
def reverse(host: Host, r: Ref) -> Value:
    if r.value is None:
        raise _value_error()
    return r.value[::-1]


@implements("UTL_RAW.COPIES")
def copies(host: Host, r: Ref, n: Ref) -> Value:
    count = _int(n)
    if r.value is None or count is None or count < 1 or len(r.value) * count > _MAX_BYTES:
        raise _value_error()
    return r.value * count


def _bits(operation: Callable[[int, int], int]) -> Callable[[Host, Ref, Ref], Value]:
    """The shorter one's bytes are combined, the rest of the longer one follows as it is."""

    def body(host: Host, r1: Ref, r2: Ref) -> Value:
        first, second = r1.value, r2.value
        if first is None or second is None:
            return None
        both = bytes(operation(a, b) for a, b in zip(first, second, strict=False))
        return both + max(first, second, key=len)[len(both) :]

    return body


bit_and = implements("UTL_RAW.BIT_AND")(_bits(lambda a, b: a & b))
bit_or = implements("UTL_RAW.BIT_OR")(_bits(lambda a, b: a | b))
bit_xor = implements("UTL_RAW.BIT_XOR")(_bits(lambda a, b: a ^ b))


@implements("UTL_RAW.BIT_COMPLEMENT")
def bit_complement(host: Host, r: Ref) -> Value:
    return None if r.value is None else bytes(byte ^ 0xFF for byte in r.value)


@implements("UTL_RAW.COMPARE")
def compare(host: Host, r1: Ref, r2: Ref, pad: Ref | None = None) -> Value:
    filler = pad.value[0] if pad is not None and pad.value else 0
    pairs = itertools.zip_longest(r1.value or b"", r2.value or b"", fillvalue=filler)
    return next((number for number, (a, b) in enumerate(pairs, 1) if a != b), 0)


@implements("UTL_RAW.XRANGE")
def xrange(host: Host, start_byte: Ref | None = None, end_byte: Ref | None = None) -> Value:
    first = start_byte.value[0] if start_byte is not None and start_byte.value else 0
    last = end_byte.value[0] if end_byte is not None and end_byte.value else 0xFF
    if first <= last:
        return bytes(range(first, last + 1))
    return bytes(range(first, 256)) + bytes(range(last + 1))


@implements("UTL_RAW.TRANSLATE")
def translate(host: Host, r: Ref, from_set: Ref, to_set: Ref) -> Value:
    if not r.value or not from_set.value:
        raise _value_error()
    new = to_set.value or b""
    table: dict[int, bytes] = {}
    for number, byte in enumerate(from_set.value):
        table.setdefault(byte, new[number : number + 1])
    return b"".join(table.get(byte, bytes([byte])) for byte in r.value) or None


@implements("UTL_RAW.OVERLAY")
def overlay(
    host: Host,
    overlay_str: Ref,
    target: Ref,
    pos: Ref | None = None,
    len: Ref | None = None,
    pad: Ref | None = None,
) -> Value:
    piece, data = overlay_str.value, target.value
    position = _int(pos, 1) or 0
    if not piece or data is None or position < 1:
        raise _value_error()
    count = _int(len, piece.__len__()) or 0
    if count < 0:
        raise _value_error()
    filler = pad.value[:1] if pad is not None and pad.value else b"\0"
    piece = piece[:count].ljust(count, filler)
    start = data[: position - 1].ljust(position - 1, filler)
    return start + piece + data[position - 1 + count :]


def _order(endianess: Ref | None) -> str:
    match _int(endianess, _BIG_ENDIAN):
        case 1:
            return "big"
        case 2 | 3:
            return "little"
        case _:
            raise _value_error()


@implements("UTL_RAW.CAST_FROM_BINARY_INTEGER")
def cast_from_binary_integer(host: Host, n: Ref, endianess: Ref | None = None) -> Value:
    number = _int(n)
    if number is None:
        return None
    return number.to_bytes(4, "big" if _order(endianess) == "big" else "little", signed=True)


@implements("UTL_RAW.CAST_TO_BINARY_INTEGER")
def cast_to_binary_integer(host: Host, r: Ref, endianess: Ref | None = None) -> Value:
    if r.value is None:
        return None
    if len(r.value) > 4:
        raise _value_error()
    order = "big" if _order(endianess) == "big" else "little"
    return int.from_bytes(r.value, order, signed=len(r.value) == 4)  # type: ignore[arg-type]


@implements("UTL_RAW.CAST_FROM_NUMBER")
def cast_from_number(host: Host, n: Ref) -> Value:
    raise Unsupported("UTL_RAW.CAST_FROM_NUMBER")


@implements("UTL_RAW.CAST_TO_NUMBER")
def cast_to_number(host: Host, r: Ref) -> Value:
    raise Unsupported("UTL_RAW.CAST_TO_NUMBER")


_CHARSETS = {"AL32UTF8": "utf-8", "UTF8": "utf-8", "US7ASCII": "ascii", "WE8ISO8859P1": "latin-1"}
_CHARSETS |= {"WE8MSWIN1252": "cp1252", "WE8ISO8859P15": "iso8859-15", "AL16UTF16": "utf-16-be"}


@implements("UTL_RAW.CONVERT")
def convert(host: Host, r: Ref, to_charset: Ref, from_charset: Ref) -> Value:
    names = [(ref.value or "").upper().rpartition(".")[2] for ref in (from_charset, to_charset)]
    if r.value is None or any(name not in _CHARSETS for name in names):
        raise _value_error()
    source, target = (_CHARSETS[name] for name in names)
    return r.value.decode(source, errors="replace").encode(target, errors="replace")
