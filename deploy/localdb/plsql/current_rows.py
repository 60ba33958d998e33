"""WHERE CURRENT OF: the row that a cursor FOR UPDATE has fetched last.

The cursor's query gives the ROWID of its table behind its columns, where only WHERE CURRENT OF sees it.

Source: PL/SQL Language Reference 19c, "SELECT FOR UPDATE and FOR UPDATE Cursors".
"""

from __future__ import annotations

import re

from deploy.localdb.plsql.scanner import Token, TokenKind, scan

_MENTIONED = re.compile(r"\bcurrent\s+of\b", re.IGNORECASE)
#: What a query may not have for its rows to be rows of one table.
_OTHER = frozenset({"UNION", "INTERSECT", "MINUS", "GROUP", "HAVING", "DISTINCT", "UNIQUE", "JOIN"})
_AFTER_TABLE = frozenset({"WHERE", "ORDER", "FOR", "START", "CONNECT"})


def is_mentioned(text: str) -> bool:
    """Whether a unit has WHERE CURRENT OF anywhere."""
    return _MENTIONED.search(text) is not None


def with_rowid(query: str) -> str | None:
    """The query with the ROWID as its last column; None: it is not FOR UPDATE of one table."""
    tokens = [token for token in scan(query) if token.kind is not TokenKind.END]
    depths = _depths(tokens)
    top = [token.word for token, depth in zip(tokens, depths, strict=True) if depth == 0]
    if not top or top[0] != "SELECT" or _OTHER & set(top) or "UPDATE" not in top:
        return None
    at = next(
        (n for n, token in enumerate(tokens) if token.word == "FROM" and depths[n] == 0), None
    )
    if at is None:
        return None
    table = _table(tokens, at + 1)
    if table is None:
        return None
    start = tokens[at].start
    columns = query[tokens[0].end : start]
    if columns.strip() == "*":
        columns = f" {table}.* "
    return f"{query[: tokens[0].end]}{columns}, {table}.rowid {query[start:]}"


def _depths(tokens: list[Token]) -> list[int]:
    depths = []
    depth = 0
    for token in tokens:
        depth -= token.word == ")"
        depths.append(depth)
        depth += token.word == "("
    return depths


def _table(tokens: list[Token], at: int) -> str | None:
    """How the query calls its only table: by its alias, or by its name."""
    shown = []
    while at < len(tokens) and tokens[at].is_name and tokens[at].word not in _AFTER_TABLE:
        name = tokens[at].value
        shown.append(name)
        at += 1
        if at < len(tokens) and tokens[at].word == ".":
            shown.pop()
            at += 1
    if not 1 <= len(shown) <= 2 or at >= len(tokens) or tokens[at].word not in _AFTER_TABLE:
        return None
    return f'"{shown[-1]}"'
