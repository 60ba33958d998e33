"""How the client counts a statement's placeholders: it decides in which order values come.

In SQL every appearance is a bind; in PL/SQL each name is one. A placeholder behind the INTO of a
RETURNING has no value.

Source: python-oracledb, thin/statement.pyx.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"""--[^\n]*|/\*.*?\*/
    |[nN]?[qQ]'(?:\[.*?\]'|\{.*?\}'|\(.*?\)'|<.*?>'|(?P<quote>[^\s]).*?(?P=quote)')
    |'(?:[^']|'')*'(?:\s*:)?|"[^"]*"
    |(?P<bind>:\s*(?:"[^"]+"|[^\W][\w$\#]*))
    |(?P<word>[A-Za-z_][\w$\#]*)""",
    re.VERBOSE | re.DOTALL,
)
_PLSQL = {"BEGIN", "DECLARE", "CALL"}
_DML = {"INSERT", "UPDATE", "DELETE", "MERGE"}
_WITHOUT = {"CREATE", "ALTER", "DROP", "GRANT", "REVOKE", "ANALYZE", "AUDIT", "COMMENT", "TRUNCATE"}


def is_plsql(sql: str) -> bool:
    """Whether the client takes it for PL/SQL."""
    return _first_word(sql) in _PLSQL


def is_query(sql: str) -> bool:
    return _first_word(sql) in {"SELECT", "WITH"}


def _first_word(sql: str) -> str:
    for match in _TOKEN.finditer(sql):
        if match["word"]:
            return match["word"].upper()
    return ""


def returning_binds(sql: str) -> frozenset[int]:
    """The numbers of the binds (from 0) that only RETURNING fills."""
    if _first_word(sql) not in _DML:
        return frozenset()
    number = 0
    seen_returning = seen_into = False
    found: set[int] = set()
    for match in _TOKEN.finditer(sql):
        if match["word"]:
            word = match["word"].upper()
            if word == "RETURNING":
                seen_returning = True
            elif word == "INTO" and seen_returning:
                seen_into = True
        elif match["bind"]:
            if seen_into:
                found.add(number)
            number += 1
    return frozenset(found)
