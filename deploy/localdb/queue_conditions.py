"""DEQ_CONDITION and PURGE_CONDITION: Boolean expressions on message properties, for PostgreSQL.

Only what is in the tables below passes; all else is refused. The payload is RAW and has no fields.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from deploy.localdb.errors import OraError, Unsupported

#: Message properties as a condition names them, and as their columns are called.
_COLUMNS = {
    "PRIORITY": '"PRIORITY"',
    "CORRID": '"CORRID"',
    "CORRELATION": '"CORRID"',
    "MSGID": '"MSGID"',
    "STATE": '"STATE"',
    "DELAY": '"DELAY"',
    "EXPIRATION": '"EXPIRATION"',
    "ENQ_TIME": '"ENQ_TIME"',
    "RETRY_COUNT": '"RETRY_COUNT"',
    "EXCEPTION_QUEUE": '"EXCEPTION_QUEUE"',
    "Q_NAME": '"Q_NAME"',
}
_KEYWORDS = frozenset(
    {"AND", "OR", "NOT", "IN", "BETWEEN", "LIKE", "ESCAPE", "IS", "NULL", "UPPER", "LOWER", "MOD"}
)
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>\d+(?:\.\d*)?|\.\d+)"
    r"|(?P<name>[A-Za-z][\w$#]*(?:\.[A-Za-z][\w$#]*)*)"
    r"|(?P<operator><=|>=|<>|!=|\^=|\|\||[=<>()+\-*/,]))"
)


def parse_condition(text: str) -> str:
    """A DEQ_CONDITION as PostgreSQL SQL; see translate."""
    return translate(
        text, {**_COLUMNS, **{f"TAB.{k}": v for k, v in _COLUMNS.items()}}, "DEQ_CONDITION"
    )


def translate(text: str, columns: Mapping[str, str], parameter: str) -> str:
    """A condition as PostgreSQL SQL.

    Args:
        text: the condition.
        columns: what names stand for, by upper-case name.
        parameter: what the condition is, for the error.

    Raises:
        Unsupported: it names something else than these columns.
        OraError: 936 where it does not end, 933 where it is no expression at all.
    """
    parts: list[str] = []
    position, depth = 0, 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None:
            raise Unsupported(f"{parameter} with {text[position:].strip()[:30]}")
        position = match.end()
        if match["name"]:
            name = match["name"].upper()
            column = name if name in _KEYWORDS else columns.get(name)
            if column is None:
                raise Unsupported(f"{parameter} on {match['name']}")
            parts.append(column)
            continue
        part = match[0].strip()
        depth += {"(": 1, ")": -1}.get(part, 0)
        if depth < 0:
            raise OraError(933, "SQL command not properly ended")
        parts.append({"!=": "<>", "^=": "<>"}.get(part, part))
    if depth:
        raise OraError(907, "missing right parenthesis")
    return " ".join(parts)
