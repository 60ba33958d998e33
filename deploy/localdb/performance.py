"""What the V$ views about sessions show, and the counters behind V$MYSTAT.

PostgreSQL cannot see this state; a session that queries such a view sends it along as a setting,
which the views in `dialect/dictionary.sql` unfold.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

#: The setting that carries the sessions, and the one that carries the counters.
SESSIONS_SETTING = "localdb.sessions"
STATISTICS_SETTING = "localdb.statistics"

_VIEWS = re.compile(
    r"\bg?v_?\$(session|session_connect_info|session_longops|lock|locked_object|transaction|sql_monitor|mystat|sesstat|statname)\b",
    re.IGNORECASE,
)


@dataclass
class Statistics:
    """The counters of one session, under Oracle's names in `named`."""

    round_trips: int = 0
    user_commits: int = 0
    user_rollbacks: int = 0
    #: How often the session has waited until what it had committed was on disk.
    synch_writes: int = 0
    execute_count: int = 0
    parse_count: int = 0

    def named(self) -> dict[str, int]:
        return {
            "user commits": self.user_commits,
            "user rollbacks": self.user_rollbacks,
            "redo synch writes": self.synch_writes,
            "execute count": self.execute_count,
            "parse count (total)": self.parse_count,
            "SQL*Net roundtrips to/from client": self.round_trips,
        }


def is_mentioned(text: str) -> bool:
    """Whether a statement reads one of the views that need the settings."""
    return "$" in text and _VIEWS.search(text) is not None


def settings(
    sessions: Iterable[Mapping[str, object]], statistics: Mapping[int, Statistics], own_sid: int
) -> dict[str, str]:
    """The settings for one statement.

    Args:
        sessions: a row of V$SESSION each, by lower-case column name.
        statistics: by SID.
        own_sid: whose rows V$MYSTAT shows.
    """
    names = list(Statistics().named())
    counters = [
        {
            "sid": sid,
            "own": sid == own_sid,
            "statistic": names.index(name),
            "name": name,
            "value": n,
        }
        for sid, counted in statistics.items()
        for name, n in counted.named().items()
    ]
    return {
        SESSIONS_SETTING: json.dumps(list(sessions), default=str),
        STATISTICS_SETTING: json.dumps(counters),
    }
