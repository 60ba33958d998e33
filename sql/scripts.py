"""Our own SQL*Plus scripts, cut into the statements that the driver takes.

What is understood is what our scripts use: plain SQL that ends in `;`, PL/SQL that ends in a `/` on
a line of its own, comments, `prompt`, `whenever`, `set`, `define` and `exit` lines, which are left
out, and `@@file`, which is read in its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(
    r"(?:begin\b|declare\b|create\s+(?:or\s+replace\s+)?(?:(?:non)?editionable\s+)?"
    r"(?:package|procedure|function|trigger|type)\b)",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"create\s+(?:or\s+replace\s+)?(?:(?:non)?editionable\s+)?"
    r"(?P<type>package\s+body|package|procedure|function|trigger)\s+"
    r'(?:(?:"[^"]+"|[\w$#]+)\s*\.\s*)?(?P<name>"[^"]+"|[\w$#]+)',
    re.IGNORECASE,
)
_CLIENT_LINE = re.compile(
    r"(?:prompt|whenever|set|define|undefine|exit|show|column|spool|rem|remark)\b.*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class ScriptStatement:
    """One statement, ready for the driver, and where it stands."""

    text: str
    path: Path
    line: int


@dataclass(frozen=True, slots=True)
class Unit:
    """A stored PL/SQL unit as the dictionary names it."""

    type: str
    name: str


def read_script(path: Path) -> list[ScriptStatement]:
    """All statements of a script and of those that it calls, in order."""
    statements: list[ScriptStatement] = []
    for statement in split_script(path.read_text(encoding="utf-8")):
        text, line = statement
        if text.startswith("@@"):
            statements.extend(read_script(path.parent / text[2:].strip().strip(";")))
        else:
            statements.append(ScriptStatement(text, path, line))
    return statements


def split_script(text: str) -> Iterator[tuple[str, int]]:
    """Cut a script at `;` and `/`.

    Yields:
        The statement without its end (a block keeps its last `;`), and its first line's number.

    Raises:
        ValueError: the last statement has no end.
    """
    lines = text.splitlines()
    number = 0
    while number < len(lines):
        line = lines[number].strip()
        if not line or line.startswith("--") or line == "/" or _CLIENT_LINE.fullmatch(line):
            number += 1
        elif line.startswith("/*"):
            while number < len(lines) and "*/" not in lines[number]:
                number += 1
            number += 1
        elif line.startswith("@@"):
            yield line, number + 1
            number += 1
        else:
            first = number
            number = (
                _end_of_block(lines, first)
                if _opens_block(lines, first)
                else _end_of_sql(lines, first)
            )
            yield _join(lines[first:number]), first + 1


def _opens_block(lines: list[str], first: int) -> bool:
    """Whether PL/SQL begins here; `create` and what it creates may stand on two lines."""
    return _BLOCK.match(" ".join(lines[first : first + 3]).strip()) is not None


def _end_of_block(lines: list[str], first: int) -> int:
    for number in range(first, len(lines)):
        if lines[number].strip() == "/":
            return number
    raise ValueError(f"line {first + 1}: the block does not end in a /")


def _end_of_sql(lines: list[str], first: int) -> int:
    """The line after the one that ends in `;` outside quotes and comments."""
    quoted = False
    for number in range(first, len(lines)):
        line = lines[number]
        position = 0
        code = ""
        while position < len(line):
            if line[position] == "'":
                quoted = not quoted
            elif not quoted and line.startswith("--", position):
                break
            code += line[position]
            position += 1
        if not quoted and code.rstrip().endswith(";"):
            return number + 1
    raise ValueError(f"line {first + 1}: the statement does not end in ;")


def _join(lines: list[str]) -> str:
    text = "\n".join(line.rstrip() for line in lines).strip()
    if _BLOCK.match(text):
        return text
    # A comment may follow the ; on its line.
    return re.sub(r";\s*(?:--[^\n]*)?$", "", text)


def unit_of(text: str) -> Unit | None:
    """The stored unit that a statement creates; None: it creates none."""
    found = _UNIT.match(text)
    if found is None:
        return None
    name = found["name"]
    name = name[1:-1] if name.startswith('"') else name.upper()
    return Unit(" ".join(found["type"].upper().split()), name)


def source_of(text: str) -> str:
    """A unit's text as USER_SOURCE keeps it: from its type on, without the schema."""
    found = _UNIT.match(text)
    if found is None:
        raise ValueError("the statement creates no stored unit")
    return f"{text[found.start('type') : found.end('type')]} {text[found.start('name') :]}"
