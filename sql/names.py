"""Oracle identifiers: split, check and quote them. All names end up as the dictionary has them."""

from __future__ import annotations

import re
from collections.abc import Iterable

#: The longest text accepted as a procedure's name (ASYNC_JOBS.PROCEDURE_NAME).
NAME_LIMIT = 200
#: The longest identifier, in bytes, since Oracle 12.2.
IDENTIFIER_LIMIT = 128

_PART = re.compile(r'\s*(?:"([^"\x00]+)"|([^\W\d_][\w$#]*))\s*')
_SIMPLE = re.compile(r"[A-Z][A-Z0-9_$#]*")


class InvalidName(ValueError):
    """The text is not an Oracle name."""


def split_name(text: str) -> tuple[str, ...]:
    """Split `[schema.][package.]procedure` into one to three dictionary names.

    Raises:
        InvalidName: too long, too many parts, a database link, or no identifier.
    """
    if len(text) > NAME_LIMIT:
        raise InvalidName(f"a name has at most {NAME_LIMIT} characters")
    parts: list[str] = []
    position = 0
    while True:
        found = _PART.match(text, position)
        if found is None:
            raise InvalidName(f"not an identifier: {text!r}")
        quoted, plain = found.groups()
        part = quoted if quoted is not None else plain.upper()
        if len(part.encode()) > IDENTIFIER_LIMIT:
            raise InvalidName(f"an identifier has at most {IDENTIFIER_LIMIT} bytes")
        parts.append(part)
        position = found.end()
        if position == len(text):
            break
        if text[position] != ".":
            raise InvalidName(f"not a procedure's name: {text!r}")
        position += 1
    if len(parts) > 3:
        raise InvalidName(f"more than [schema.][package.]procedure: {text!r}")
    return tuple(parts)


def dictionary_name(text: str) -> str:
    """One identifier as the dictionary writes it: upper case unless quoted.

    Raises:
        InvalidName: not exactly one identifier.
    """
    parts = split_name(text)
    if len(parts) != 1:
        raise InvalidName(f"not one identifier: {text!r}")
    return parts[0]


def quote(name: str) -> str:
    """A dictionary name in double quotes, safe to stand in a statement.

    Raises:
        InvalidName: no quoting makes this an identifier.
    """
    if not name or '"' in name or "\x00" in name or len(name.encode()) > IDENTIFIER_LIMIT:
        raise InvalidName(f"not an identifier: {name!r}")
    return f'"{name}"'


def quote_if_needed(name: str) -> str:
    """A dictionary name as a person would write it: quoted only where it has to be."""
    return name if _SIMPLE.fullmatch(name) else quote(name)


def join_names(names: Iterable[str]) -> str:
    """Dictionary names as one dotted name, every part quoted."""
    return ".".join(quote(name) for name in names)
