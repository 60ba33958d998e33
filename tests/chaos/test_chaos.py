"""A small chaos run accounts for all its jobs, and notices a defect that the test has planted."""

import pytest

from tests.chaos.run import run_chaos


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_short_run_loses_and_doubles_nothing() -> None:
    report = run_chaos(seed=11, jobs=60, kills=5, deadline=None)

    assert report.histories == []
    assert (report.missed, report.died) == ([], [])
    assert report.accepted >= 60
    assert report.kills == 5
    assert report.verdict.effects > 0


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("plant", "what", "told"),
    [
        ("doubled", "doubled", "part 1 is there 2 times"),
        ("gone", "lost", "accepted, but there is no row"),
    ],
)
def test_a_planted_defect_is_found_and_its_history_told(plant: str, what: str, told: str) -> None:
    report = run_chaos(seed=12, jobs=15, kills=0, deadline=None, plant=plant)

    assert [finding.what for finding in report.verdict.findings] == [what]
    (history,) = report.histories
    assert told in history
    # What the worker's log says of the job.
    assert "job completed" in history
    assert not report.is_good
