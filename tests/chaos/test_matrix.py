"""Each fault at each step of a job's way: nothing is lost, nothing is doubled, every reason is true.

A cell fails as well where its fault did not hit its step. The whole table takes a quarter of an hour
and is for `make verify` (`pytest -m whole`); a short selection runs with all other tests.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.cell import FAULTS, STEPS, Cell
from tests.chaos.lab import Lab

#: Run with all other tests: each step and each fault at least once.
SHORT = {
    ("submit", "cut before the answer"),
    ("claim", "kill -9"),
    ("reserve", "freeze"),
    ("start", "database crash"),
    ("procedure", "half-open"),
    ("before its commit", "deadlock"),
    ("after its commit", "kill -9"),
    ("complete", "cut before the answer"),
    ("complete", "table refuses"),
    ("heartbeat", "clock off by a day"),
    ("release", "cut before the request"),
    ("recovery", "kill -9"),
    ("delete", "database restart"),
    ("cancel", "scheduler off"),
    ("submit", "queue stopped"),
}

#: The faults after which an attempt that had committed a part is known to be over.
LOSING = {
    "kill -9",
    "cut before the request",
    "cut before the answer",
    "half-open",
    "database restart",
    "database crash",
    "table refuses",
}


def expected_ends(step: str, fault: str) -> set[str]:
    """How the job may end."""
    if step == "cancel":
        return {"failed"}
    if step == "delete":
        return {"gone"}
    if (step, fault) == ("after its commit", "database crash"):
        # A commit inside PL/SQL may reach the disk as late as the end of the call, in Oracle as in
        # localdb: part and touch survive the crash together, or neither does and the job runs again.
        return {"failed", "completed"}
    if step == "after its commit" and fault in LOSING:
        return {"failed"}
    if step == "before its commit" and fault in ("cut before the answer", "table refuses"):
        # By then the procedure has gone on to its commit.
        return {"failed"}
    if (step, fault) == ("after its commit", "deadlock"):
        # Whichever of the two the database chooses.
        return {"failed", "completed"}
    if (step, fault) == ("complete", "table refuses"):
        return {"failed"}
    return {"completed"}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder: Path = tmp_path_factory.mktemp("matrix")
    with Lab(folder, lease=3, heartbeat=1, slots=2) as lab:
        lab.install_procedures()
        lab.start_api()
        yield lab


CELLS = [
    pytest.param(
        step,
        fault,
        marks=[] if (step, fault) in SHORT else [pytest.mark.whole],
        id=f"{step} x {fault}",
    )
    for step, fault in itertools.product(STEPS, FAULTS)
]


@pytest.mark.slow
@pytest.mark.parametrize(("step", "fault"), CELLS)
def test_a_fault_at_a_step_costs_no_job(lab: Lab, step: str, fault: str) -> None:
    key = f"m{STEPS.index(step)}_{FAULTS.index(fault)}"
    with Cell(lab, step, fault, key=key) as cell:
        end = cell.run()

    assert end in expected_ends(step, fault)
    assert cell.evidence


def test_the_short_selection_has_every_step_and_every_fault() -> None:
    assert {step for step, _ in SHORT} == set(STEPS)
    assert {fault for _, fault in SHORT} == set(FAULTS)
