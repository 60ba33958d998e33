"""What kind of statement a client sends, told from its first words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto


class Command(Enum):
    """Who runs a statement."""

    SQL = auto()  # queries, DML, DDL: the translator
    BLOCK = auto()  # an anonymous block: the interpreter
    CALL = auto()  # CALL p(...): the interpreter
    CREATE_UNIT = auto()  # a stored program: the library
    COMPILE_UNIT = auto()
    DROP_UNIT = auto()
    ALTER_TRIGGER = auto()
    ALTER_SESSION = auto()
    ALTER_SYSTEM = auto()


_BLANK = re.compile(r"(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/)*", re.DOTALL)
_UNIT = r"(?:PACKAGE\s+BODY|PACKAGE|PROCEDURE|FUNCTION|TRIGGER|TYPE\s+BODY|TYPE|LIBRARY)"
_NAME = r'(?:"[^"]+"|[A-Za-z][\w$#]*)'
_QUALIFIED = rf"(?P<name>{_NAME}(?:\s*\.\s*{_NAME})?)"
# How to read it: the first pattern that fits the start of the text decides.
_PATTERNS = [
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), command)
    for pattern, command in (
        (r"(?:BEGIN|DECLARE)\b|<<", Command.BLOCK),
        (r"CALL\b", Command.CALL),
        (
            rf"CREATE\s+(?:OR\s+REPLACE\s+)?(?:(?:NON)?EDITIONABLE\s+)?(?P<type>{_UNIT})\b",
            Command.CREATE_UNIT,
        ),
        (rf"ALTER\s+(?P<type>{_UNIT})\s+{_QUALIFIED}\s+COMPILE\b", Command.COMPILE_UNIT),
        (rf"ALTER\s+(?P<type>TRIGGER)\s+{_QUALIFIED}", Command.ALTER_TRIGGER),
        (rf"DROP\s+(?P<type>{_UNIT})\s+{_QUALIFIED}", Command.DROP_UNIT),
        (r"ALTER\s+SESSION\b", Command.ALTER_SESSION),
        (r"ALTER\s+SYSTEM\b", Command.ALTER_SYSTEM),
    )
]


@dataclass(frozen=True)
class Classified:
    """A statement's command; for units also which: type 'PACKAGE BODY', owner, name."""

    command: Command
    unit_type: str = ""
    owner: str | None = None
    name: str = ""


def classify(text: str) -> Classified:
    """Tell what a statement is; what is not recognised is SQL."""
    blank = _BLANK.match(text)
    start = blank.end() if blank else 0
    for pattern, command in _PATTERNS:
        match = pattern.match(text, start)
        if match is None:
            continue
        groups = match.groupdict()
        unit_type = " ".join((groups.get("type") or "").upper().split())
        owner, name = _split(groups.get("name") or "")
        return Classified(command, unit_type, owner, name)
    return Classified(Command.SQL)


def _split(name: str) -> tuple[str | None, str]:
    parts = [
        part[1:-1] if part.startswith('"') else part.upper() for part in re.findall(_NAME, name)
    ]
    match parts:
        case [owner, last]:
            return owner, last
        case [last]:
            return None, last
        case _:
            return None, ""
