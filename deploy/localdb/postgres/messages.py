"""Builds the client's messages of PostgreSQL's protocol 3.0; parameters are in text format.

Source: PostgreSQL 18 documentation, chapter 54 "Frontend/Backend Protocol", section 54.7.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

_PROTOCOL = 196608  # 3.0
_CANCEL_REQUEST = 80877102
_HEADER = struct.Struct("!cI")
_LENGTH = struct.Struct("!I")
_COUNT = struct.Struct("!H")

_NULL = b"\xff\xff\xff\xff"
SYNC = b"S\0\0\0\4"
FLUSH = b"H\0\0\0\4"
TERMINATE = b"X\0\0\0\4"
COPY_FAIL = b"f\0\0\0\x05\0"


def _message(kind: bytes, body: bytes) -> bytes:
    return _HEADER.pack(kind, len(body) + 4) + body


def startup(settings: dict[str, str]) -> bytes:
    pairs = b"".join(
        name.encode() + b"\0" + value.encode() + b"\0" for name, value in settings.items()
    )
    body = _LENGTH.pack(_PROTOCOL) + pairs + b"\0"
    return _LENGTH.pack(len(body) + 4) + body


def cancel_request(pid: int, key: bytes) -> bytes:
    body = _LENGTH.pack(_CANCEL_REQUEST) + _LENGTH.pack(pid) + key
    return _LENGTH.pack(len(body) + 4) + body


def query(text: str) -> bytes:
    """A simple query; it may hold several statements."""
    return _message(b"Q", text.encode() + b"\0")


def parse(name: str, text: str, types: Sequence[int] = ()) -> bytes:
    """types: an OID per parameter, 0 where PostgreSQL shall find out."""
    body = b"".join(
        [
            name.encode(),
            b"\0",
            text.encode(),
            b"\0",
            _COUNT.pack(len(types)),
            *[_LENGTH.pack(oid) for oid in types],
        ]
    )
    return _message(b"P", body)


def describe_statement(name: str) -> bytes:
    return _message(b"D", b"S" + name.encode() + b"\0")


#: Results as text.
TEXT_RESULTS = b"\0\0"


def result_formats(is_binary: Sequence[bool]) -> bytes:
    """For `bind`: in which format each column of the result comes."""
    if not any(is_binary):
        return TEXT_RESULTS
    return _COUNT.pack(len(is_binary)) + b"".join(_COUNT.pack(binary) for binary in is_binary)


def bind(
    portal: str,
    statement: str,
    parameters: Sequence[bytes | None] = (),
    results: bytes = TEXT_RESULTS,
) -> bytes:
    """Parameters are text; results as `result_formats` says."""
    parts = [f"{portal}\0{statement}\0\0\0".encode(), _COUNT.pack(len(parameters))]
    for parameter in parameters:
        if parameter is None:
            parts.append(_NULL)
        else:
            parts.append(_LENGTH.pack(len(parameter)))
            parts.append(parameter)
    parts.append(results)
    return _message(b"B", b"".join(parts))


#: The unnamed portal, to its end.
EXECUTE = _message(b"E", b"\0\0\0\0\0")


def execute(portal: str, rows: int = 0) -> bytes:
    """rows: at most so many; 0: all."""
    if not portal and not rows:
        return EXECUTE
    return _message(b"E", portal.encode() + b"\0" + _LENGTH.pack(rows))


def close_statement(name: str) -> bytes:
    return _message(b"C", b"S" + name.encode() + b"\0")


def close_portal(name: str) -> bytes:
    return _message(b"C", b"P" + name.encode() + b"\0")
