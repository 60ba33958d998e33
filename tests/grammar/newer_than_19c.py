"""What the grammar of today accepts and Oracle 19c does not know: a short list, by pattern."""

import re
from collections.abc import Callable

_COMMENTS_AND_TEXTS = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)
_INNERMOST = re.compile(r"\([^()]*\)")


def find_newer(text: str) -> list[str]:
    """What of a script 19c would refuse; empty: nothing that we know of."""
    code = _COMMENTS_AND_TEXTS.sub(lambda found: "''" if found[0][0] == "'" else " ", text).lower()
    statements = code.split(";")
    return [
        name
        for name, is_newer in CHECKS.items()
        if any(is_newer(statement) for statement in statements)
    ]


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern, re.DOTALL)
    return lambda statement: compiled.search(statement) is not None


def _without_parentheses(statement: str) -> str:
    while (shorter := _INNERMOST.sub(" ", statement)) != statement:
        statement = shorter
    return statement


def _updates_from(statement: str) -> bool:
    flat = _without_parentheses(statement)
    return re.search(r"\bupdate\s+\S+(\s+\w+)?\s+set\b.*\bfrom\b", flat, re.DOTALL) is not None


def _selects_from_nothing(statement: str) -> bool:
    """Counts words, so a `from` of something else may hide one; it never finds what is not there."""
    if re.match(r"\s*(grant|revoke)\b", statement):
        return False
    return len(re.findall(r"\bselect\b", statement)) > len(re.findall(r"\bfrom\b", statement))


def _values_of_many_rows(statement: str) -> bool:
    return re.search(r"\bvalues\s*\x00\s*,\s*\x00", _mark_parentheses(statement)) is not None


def _mark_parentheses(statement: str) -> str:
    while (shorter := _INNERMOST.sub("\x00", statement)) != statement:
        statement = shorter
    return statement


#: Each is asked of one statement in lower case, without comments and texts.
CHECKS: dict[str, Callable[[str], bool]] = {
    "if [not] exists": _matches(r"\b(create|drop|alter)\b[^;]*\bif\s+(not\s+)?exists\b"),
    "boolean column": _matches(r"\bcreate\s+table\b.*\bboolean\b"),
    "json column": _matches(r"\bcreate\s+table\b.*\w\s+json\b\s*(,|\)|not|default|check)"),
    "vector": _matches(r"\bvector\s*\("),
    "domain": _matches(r"\bcreate\s+(or\s+replace\s+)?(usecase\s+)?domain\b"),
    "returning old or new": _matches(r"\breturning\s+(old|new)\b"),
    "parameter with a length": _matches(r"\b(in|out)\s+(nocopy\s+)?n?(var)?char2?\s*\("),
    "update from": _updates_from,
    "select without from": _selects_from_nothing,
    "values of many rows": _values_of_many_rows,
}
