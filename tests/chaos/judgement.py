"""The judge of a chaos run: every accepted submission accounted for, every effect counted.

Pure: it is given what the client saw, what the database holds and what the procedures have left.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job: how it is submitted, and what it leaves."""

    procedure: str
    #: Parts in the ledger of a completed job, each exactly once.
    parts: frozenset[int] = frozenset({1})
    #: Parts that are committed before the end, and may stay of an attempt that failed.
    early: frozenset[int] = frozenset()
    #: Whether it may complete at all.
    completes: bool = True
    #: Fields of the submission.
    fields: Mapping[str, object] = field(default_factory=dict)
    #: Part of the runs.
    weight: int = 2


#: Notes a finding: what, and in words.
Find = Callable[[str, str], None]

#: Parts that are written apart, once for every call.
APART: Final = frozenset({8, 9})

KINDS: Final[Mapping[str, Kind]] = {
    "plain": Kind("CHAOS_PLAIN", weight=12),
    "commits half-way": Kind("CHAOS_HALF", frozenset({1, 2}), frozenset({1}), weight=4),
    "rolls back inside": Kind("CHAOS_ROLLBACK", weight=3),
    "autonomous": Kind("CHAOS_AUTONOMOUS", weight=3),
    "raises": Kind("CHAOS_RAISES", completes=False),
    "raises once": Kind("CHAOS_FLAKY", fields={"max_attempts": 2, "backoff": 0}),
    "sleeps": Kind("CHAOS_SLEEPS", weight=3),
    "loops": Kind("CHAOS_LOOPS", completes=False, fields={"timeout": 1}, weight=1),
    "DDL": Kind("CHAOS_DDL", frozenset({1, 2}), frozenset({1}), weight=1),
    "progress": Kind("CHAOS_PROGRESS", weight=3),
    "huge result": Kind("CHAOS_HUGE", weight=1),
    "own transaction": Kind("CHAOS_OWN", fields={"transaction": "own"}),
    "deadlock": Kind("CHAOS_DEADLOCK", weight=2),
    # Of the table of steps and faults, not of the random runs.
    "stops": Kind("CHAOS_STOPS", weight=0),
    "stops, commits": Kind("CHAOS_STOPS", frozenset({1, 2}), frozenset({1}), weight=0),
}


@dataclass(slots=True)
class Submission:
    """What the client knows of one job."""

    key: str
    kind: str
    #: The id of a 201. None: the outcome is unknown to the client.
    job_id: str | None = None
    #: What the client was told instead of a 201.
    told: str = ""
    cancel_asked: bool = False
    delete_asked: bool = False
    #: The client was told that the job is gone.
    deleted: bool = False
    sent_at: float = 0.0
    #: Whether it had an idempotency key, and how often it was sent.
    keyed: bool = False
    sent: int = 0


@dataclass(frozen=True, slots=True)
class JobRow:
    """A row of ASYNC_JOBS."""

    job_id: str
    key: str
    status: str
    attempt: int
    losses: int
    failures: int
    max_losses: int
    error: str | None


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """A row of ASYNC_JOB_ATTEMPTS."""

    job_id: str
    attempt: int
    worker: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None
    error_code: str | None
    touched: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be."""

    #: lost, doubled, wrong effects, false reason.
    what: str
    key: str
    job_id: str
    text: str


@dataclass(slots=True)
class Verdict:
    """What a run has shown."""

    findings: list[Finding] = field(default_factory=list)
    #: By kind and end.
    jobs: Counter[tuple[str, str]] = field(default_factory=Counter)
    #: Reasons of failed jobs, each checked.
    reasons: Counter[str] = field(default_factory=Counter)
    effects: int = 0
    unknown: int = 0
    unknown_arrived: int = 0

    def count(self, what: str) -> int:
        return sum(finding.what == what for finding in self.findings)


def judge(
    submissions: Sequence[Submission],
    jobs: Iterable[JobRow],
    attempts: Iterable[AttemptRow],
    ledger: Iterable[tuple[str, int]],
) -> Verdict:
    """Account for every submission.

    Args:
        submissions: all that the clients have sent, with what they were told.
        jobs: all rows, after everything has come to rest.
        attempts: all rows.
        ledger: key and part of every effect.
    """
    verdict = Verdict()
    rows: dict[str, list[JobRow]] = defaultdict(list)
    for job in jobs:
        rows[job.key].append(job)
    tries: dict[str, list[AttemptRow]] = defaultdict(list)
    for attempt in attempts:
        tries[attempt.job_id].append(attempt)
    effects: dict[str, Counter[int]] = defaultdict(Counter)
    for key, part in ledger:
        effects[key][part] += 1
        verdict.effects += 1
    known = {submission.key for submission in submissions}
    for key in (effects.keys() | rows.keys()) - known:
        verdict.findings.append(Finding("doubled", key, "", "work that nobody has submitted"))
    for submission in submissions:
        _judge_one(submission, rows[submission.key], tries, effects[submission.key], verdict)
    return verdict


def _judge_one(
    submission: Submission,
    rows: Sequence[JobRow],
    tries: Mapping[str, Sequence[AttemptRow]],
    effects: Counter[int],
    verdict: Verdict,
) -> None:
    kind = KINDS[submission.kind]

    def find(what: str, text: str) -> None:
        job_id = submission.job_id or (rows[0].job_id if rows else "")
        verdict.findings.append(Finding(what, submission.key, job_id, text))

    if submission.job_id is None:
        verdict.unknown += 1
        verdict.unknown_arrived += bool(rows)
    if len(rows) > 1:
        find("doubled", f"one submission has made {len(rows)} jobs")
        return
    main = Counter({part: n for part, n in effects.items() if part not in APART})
    for part, n in main.items():
        if n > 1:
            find("doubled", f"part {part} is there {n} times")
    if not rows:
        end = "deleted" if submission.deleted else "gone"
        if submission.job_id and not submission.delete_asked:
            find("lost", "accepted, but there is no row")
        elif not submission.job_id and effects and not submission.delete_asked:
            find("lost", "its effects are there, but no row")
        verdict.jobs[submission.kind, end if submission.job_id else "never arrived"] += 1
        return
    row = rows[0]
    if submission.job_id and row.job_id != submission.job_id:
        find("doubled", f"the client was told {submission.job_id}, the row is {row.job_id}")
    verdict.jobs[submission.kind, row.status] += 1
    if submission.deleted:
        find("wrong effects", "the client was told that it is deleted, and there is its row")
    if row.status == "completed":
        _judge_completed(kind, main, find)
    elif row.status == "failed":
        _judge_failed(submission, kind, row, tries[row.job_id], effects, main, find, verdict)
    else:
        find("lost", f"has not ended: {row.status}, attempt {row.attempt}")


def _judge_completed(kind: Kind, main: Counter[int], find: Find) -> None:
    if not kind.completes:
        find("wrong effects", "is completed, but its procedure never returns well")
    missing = kind.parts - main.keys()
    if missing:
        find("lost", f"is completed without its parts {sorted(missing)}")
    if stray := main.keys() - kind.parts:
        find("wrong effects", f"is completed with the parts {sorted(stray)}")


def _judge_failed(
    submission: Submission,
    kind: Kind,
    row: JobRow,
    tries: Sequence[AttemptRow],
    effects: Counter[int],
    main: Counter[int],
    find: Find,
    verdict: Verdict,
) -> None:
    if stray := main.keys() - kind.early:
        find("wrong effects", f"has failed with the parts {sorted(stray)}")
    error = row.error or ""
    outcomes = Counter(attempt.outcome for attempt in tries)
    last = max(tries, key=lambda attempt: attempt.attempt, default=None)
    committed = bool(main.keys() & kind.early)

    def reason() -> str | None:
        """The reason, if what is said is true."""
        ran_lost = last is not None and last.outcome in ("lost", "released")
        if found := re.match(r"The job lost its worker (\d+) times\.", error):
            times = int(found[1])
            if times == row.losses > row.max_losses and row.attempt >= times:
                return "lost its worker too often"
            return None
        if "was cancelled" in error:
            return "cancelled by the client" if submission.cancel_asked else None
        # The second wording: the mark could not be made, and the limit was kept all the same.
        if "over its time limit" in error or "\nThe time limit was " in error:
            return "over its time limit" if "timeout" in kind.fields else None
        if "had committed a part of its work" in error and "was lost" in error:
            return "lost, half done" if committed and ran_lost else None
        if "had committed a part of its work" in error and "shut down" in error:
            return "shut down, half done" if committed and ran_lost else None
        if "had rolled back, so nobody knows" in error:
            is_true = kind.procedure == "CHAOS_ROLLBACK" and ran_lost
            return "lost after a rollback of its own" if is_true else None
        if "had a transaction of its own" in error:
            is_true = kind.fields.get("transaction") == "own" and bool(tries)
            return "lost with a transaction of its own" if is_true else None
        if "committed a part of its work before this error" in error:
            return "raised, half done" if committed else None
        if error.startswith("ORA-20042"):
            return "raised by the procedure" if kind.procedure == "CHAOS_RAISES" else None
        if error.startswith("ORA-20043"):
            is_true = kind.procedure == "CHAOS_FLAKY" and row.failures + outcomes["failed"] >= 1
            return "raised by the procedure" if is_true and effects[8] >= 2 else None
        if error.startswith("ORA-00060"):
            return "deadlock, again and again" if kind.procedure == "CHAOS_DEADLOCK" else None
        if "ORA-02290" in error and "CHAOS_REFUSES_CK" in error:
            return "the job table refused the write"
        return None

    found = reason()
    if found is None:
        find("false reason", error[:300])
    verdict.reasons[found or "FALSE"] += 1
