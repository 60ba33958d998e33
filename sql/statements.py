"""The statements of `sql/statements/*.sql`, by name.

A file holds sections: `-- name: claim_jobs`, comment lines that say what for, the statement. The
loader puts the owner in for `{owner}` and drops the `;` after plain SQL, which the driver refuses;
after a PL/SQL block it stays. A `/` alone on the last line, for SQLcl, is dropped as well.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from sql.names import quote_if_needed

STATEMENTS = Path(__file__).parent / "statements"

_SECTION = re.compile(r"^-- name:[ \t]*(\w+)[ \t]*$", re.MULTILINE)
_BLOCK = re.compile(r"(?:begin|declare)\b", re.IGNORECASE)


class UnknownStatement(KeyError):
    """No section of that name in any file."""


class Statements:
    """All statements for one owning schema."""

    def __init__(self, texts: dict[str, str]) -> None:
        self._texts = texts

    def __getitem__(self, name: str) -> str:
        try:
            return self._texts[name]
        except KeyError:
            raise UnknownStatement(name) from None

    def __contains__(self, name: str) -> bool:
        return name in self._texts

    def names(self) -> list[str]:
        return sorted(self._texts)


def parse_sections(text: str) -> dict[str, str]:
    """Cut a file into its statements.

    Raises:
        ValueError: a name comes twice, or a section is empty.
    """
    pieces = _SECTION.split(text)
    sections: dict[str, str] = {}
    for name, body in zip(pieces[1::2], pieces[2::2], strict=True):
        if name in sections:
            raise ValueError(f"statement {name} is there twice")
        sections[name] = _clean(name, body)
    return sections


def _clean(name: str, body: str) -> str:
    lines = [line.rstrip() for line in body.strip().splitlines()]
    while lines and lines[0].startswith("--"):
        del lines[0]
    while lines and (lines[-1] in ("", "/") or lines[-1].startswith("--")):
        del lines[-1]
    statement = "\n".join(lines).strip()
    if not statement:
        raise ValueError(f"statement {name} is empty")
    return statement if _BLOCK.match(statement) else statement.removesuffix(";")


@lru_cache
def load_statements(owner: str) -> Statements:
    """Read every file once for an owner.

    Args:
        owner: the owning schema as the dictionary writes it.

    Raises:
        ValueError: a name comes twice, or the owner is no identifier.
    """
    schema = quote_if_needed(owner)
    texts: dict[str, str] = {}
    for path in sorted(STATEMENTS.glob("*.sql")):
        for name, text in parse_sections(path.read_text(encoding="utf-8")).items():
            if name in texts:
                raise ValueError(f"statement {name} is in two files; one is {path.name}")
            texts[name] = text.replace("{owner}", schema)
    return Statements(texts)
