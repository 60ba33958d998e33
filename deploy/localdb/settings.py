"""ALTER SESSION and ALTER SYSTEM: which settings there are, and what they may be."""

from __future__ import annotations

import re
from dataclasses import replace

from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.plsql.conditional import Settings

_ASSIGNMENT = re.compile(
    r"""(?P<name>\w+)\s*=\s*(?:'(?P<text>(?:[^']|'')*)'|"(?P<quoted>[^"]*)"|(?P<word>[^\s']+))"""
)
#: Before the statement.
_COMMENTS = re.compile(r"\A(?:\s+|--[^\n]*(?:\n|\Z)|/\*.*?\*/)*", re.S)
_ALTER = re.compile(r"\s*ALTER\s+(?:SESSION|SYSTEM)\s+(?P<verb>\w+)\s*(?P<rest>.*)", re.I | re.S)

#: Settings of a session that have an effect, or that are reported back.
SESSION = frozenset(
    {
        "CURRENT_SCHEMA",
        "TIME_ZONE",
        "ISOLATION_LEVEL",
        "NLS_LANGUAGE",
        "NLS_TERRITORY",
        "NLS_DATE_FORMAT",
        "NLS_DATE_LANGUAGE",
        "NLS_TIMESTAMP_FORMAT",
        "NLS_TIMESTAMP_TZ_FORMAT",
        "NLS_NUMERIC_CHARACTERS",
        "NLS_CALENDAR",
        "NLS_COMP",
        "NLS_SORT",
        "NLS_LENGTH_SEMANTICS",
        "PLSQL_CCFLAGS",
        "DDL_LOCK_TIMEOUT",
    }
)
#: Accepted without effect: they steer an optimizer, a log or a memory that localdb does not have.
IGNORED = frozenset(
    {
        "PLSQL_OPTIMIZE_LEVEL",
        "PLSQL_WARNINGS",
        "PLSQL_CODE_TYPE",
        "STATISTICS_LEVEL",
        "SQL_TRACE",
        "OPTIMIZER_MODE",
        "PLSCOPE_SETTINGS",
    }
)
#: Settings of the whole database.
SYSTEM = frozenset({"JOB_QUEUE_PROCESSES", "AQ_TM_PROCESSES"})
#: Values that localdb has; another one would give silently wrong answers.
_ONLY = {
    "ISOLATION_LEVEL": {"SERIALIZABLE", "READ"},  # READ COMMITTED, up to its blank
    "NLS_COMP": {"BINARY"},
    "NLS_SORT": {"BINARY"},
    "NLS_CALENDAR": {"GREGORIAN"},
    "NLS_NUMERIC_CHARACTERS": {".,", ". "},
    "NLS_LENGTH_SEMANTICS": {"BYTE", "CHAR"},
    # The others have another first weekday, currency or decimal character, which SQL does not know.
    "NLS_TERRITORY": {"AMERICA"},
}
#: What a territory sets besides; Globalization Support Guide 19c, 3 Setting Up a Globalization Support
#: Environment, NLS_TERRITORY.
TERRITORIES = {
    "AMERICA": {
        "NLS_DATE_FORMAT": "DD-MON-RR",
        "NLS_TIMESTAMP_FORMAT": "DD-MON-RR HH.MI.SSXFF AM",
        "NLS_TIMESTAMP_TZ_FORMAT": "DD-MON-RR HH.MI.SSXFF AM TZR",
        "NLS_NUMERIC_CHARACTERS": ".,",
    },
}


_KILL = re.compile(
    r"""\s*ALTER\s+SYSTEM\s+(?:KILL|DISCONNECT)\s+SESSION\s*
    '\s*(?P<sid>\d+)\s*,\s*(?P<serial>\d+)\s*(?:,\s*@\d+\s*)?'
    (?:\s+(?:IMMEDIATE|POST_TRANSACTION|NOREPLAY|FORCE|TIMEOUT\s+\d+))*\s*""",
    re.I | re.X,
)
_CCFLAGS = re.compile(r"\bPLSQL_CCFLAGS\s*=\s*'(?P<text>(?:[^']|'')*)'", re.I)
_REUSE = re.compile(r"\bREUSE\s+SETTINGS\s*\Z", re.I)
_KILLS = re.compile(r"\s*ALTER\s+SYSTEM\s+(?:KILL|DISCONNECT)\b", re.I)


def parse_kill(text: str) -> tuple[int, int] | None:
    """SID and SERIAL# of ALTER SYSTEM KILL SESSION; None: it is another statement.

    Raises:
        OraError: 26, the session is not named as 'sid,serial#'.
    """
    text = _COMMENTS.sub("", text, 1)
    if not _KILLS.match(text):
        return None
    match = _KILL.fullmatch(text)
    if match is None:
        raise OraError(26, "missing or invalid session ID")
    return int(match["sid"]), int(match["serial"])


def compile_settings(text: str, current: Settings) -> Settings | None:
    """For ALTER ... COMPILE: its own, or the session's; None: as they were."""
    match = _CCFLAGS.search(text)
    if match is not None:
        return replace(current, flags=match["text"].replace("''", "'"))
    return None if _REUSE.search(text) else current


def check(name: str, value: str) -> None:
    """See that a session's setting may have a value.

    Raises:
        Unsupported: localdb does not have it.
    """
    if name in _ONLY and value.upper() not in _ONLY[name]:
        raise Unsupported(f"{name} = {value}")


def parse_alter(text: str) -> dict[str, str]:
    """The assignments of ALTER SESSION SET or ALTER SYSTEM SET, names in upper case.

    Raises:
        OraError: 2248 where it is no assignment.
        Unsupported: another verb than SET.
    """
    match = _ALTER.match(_COMMENTS.sub("", text, 1))
    if match is None:
        raise OraError(2248, "invalid option for ALTER SESSION")
    if match["verb"].upper() != "SET":
        raise Unsupported(f"ALTER SESSION/SYSTEM {match['verb'].upper()}")
    found: dict[str, str] = {}
    for assignment in _ASSIGNMENT.finditer(match["rest"]):
        name = assignment["name"].upper()
        if name in {"SCOPE", "COMMENT", "SID"}:
            continue
        if assignment["text"] is not None:
            value = assignment["text"].replace("''", "'")
        else:
            value = assignment["quoted"] or assignment["word"].upper()
        found[name] = value
    if not found:
        raise OraError(2248, "invalid option for ALTER SESSION")
    return found
