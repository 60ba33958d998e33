"""The judge of a chaos run finds what must not be: each rule is broken once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.chaos.judgement import AttemptRow, JobRow, Submission, judge

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class World:
    """One job that is as it should be."""

    def __init__(self, kind: str = "plain", status: str = "completed", error: str | None = None):
        self.submission = Submission(key="k1", kind=kind, job_id="a" * 32)
        self.jobs = [JobRow("a" * 32, "k1", status, 1, 0, 0, 3, error)]
        self.attempts = [AttemptRow("a" * 32, 1, "w", NOON, NOON, status, None, "N")]
        self.ledger = [("k1", 1)] if status == "completed" else []

    def findings(self) -> list[str]:
        verdict = judge([self.submission], self.jobs, self.attempts, self.ledger)
        return [finding.what for finding in verdict.findings]


def test_a_job_that_did_its_work_once_is_no_finding() -> None:
    assert World().findings() == []


def test_a_submission_of_unknown_outcome_may_have_arrived_or_not() -> None:
    arrived, not_arrived = World(), World()
    arrived.submission.job_id = not_arrived.submission.job_id = None
    not_arrived.jobs, not_arrived.ledger = [], []

    assert arrived.findings() == []
    assert not_arrived.findings() == []


def _effect_twice(world: World) -> None:
    world.ledger.append(("k1", 1))


def _no_effect(world: World) -> None:
    world.ledger.clear()


def _no_row(world: World) -> None:
    world.jobs.clear()


def _not_ended(world: World) -> None:
    world.jobs = [replace(world.jobs[0], status="running")]


def _two_rows(world: World) -> None:
    world.jobs.append(replace(world.jobs[0], job_id="b" * 32))


def _stray_part(world: World) -> None:
    world.ledger.append(("k1", 2))


def _foreign_work(world: World) -> None:
    world.ledger.append(("k2", 1))


def _deleted_and_there(world: World) -> None:
    world.submission.delete_asked = world.submission.deleted = True


@pytest.mark.parametrize(
    ("defect", "what"),
    [
        (_effect_twice, "doubled"),
        (_no_effect, "lost"),
        (_no_row, "lost"),
        (_not_ended, "lost"),
        (_two_rows, "doubled"),
        (_stray_part, "wrong effects"),
        (_foreign_work, "doubled"),
        (_deleted_and_there, "wrong effects"),
    ],
)
def test_a_defect_is_found(defect: Callable[[World], None], what: str) -> None:
    world = World()
    defect(world)

    assert what in world.findings()


def test_work_of_a_failed_job_that_stayed_is_found() -> None:
    world = World("raises", "failed", "ORA-20042: Raised for k1")
    assert world.findings() == []
    world.ledger = [("k1", 1)]

    assert world.findings() == ["wrong effects"]


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("plain", "ORA-20042: Raised for k1"),
        ("plain", "The job was cancelled."),
        ("plain", "The job was over its time limit and was stopped."),
        ("plain", "The job lost its worker 4 times."),
        ("plain", "ORA-00600: internal error code"),
        ("plain", "ORA-12537: TNS:connection closed"),
        (
            "commits half-way",
            "The worker was lost after the procedure had committed a part of its work. "
            "It is not run again (on_loss: ask).",
        ),
        ("sleeps", ""),
    ],
)
def test_a_reason_that_is_not_true_is_found(kind: str, error: str) -> None:
    assert World(kind, "failed", error).findings() == ["false reason"]


def test_a_true_reason_is_none() -> None:
    world = World(
        "commits half-way",
        "failed",
        "The worker was lost after the procedure had committed a part of its work. "
        "It is not run again (on_loss: ask).",
    )
    world.attempts = [replace(world.attempts[0], outcome="lost", touched="Y")]
    world.ledger = [("k1", 1)]

    assert world.findings() == []


def test_a_job_that_has_lost_too_many_workers_says_how_many() -> None:
    world = World("plain", "failed", "The job lost its worker 4 times.")
    world.jobs = [replace(world.jobs[0], attempt=4, losses=4)]
    assert world.findings() == []
    true = world.jobs[0]
    for false in (replace(true, attempt=3), replace(true, losses=3)):
        world.jobs = [false]

        assert world.findings() == ["false reason"]
