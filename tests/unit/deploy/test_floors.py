"""A floor says whether it is met, and by how much it is not."""

from tests.bench.floors import Floor


def test_a_figure_is_met_or_missed_by_a_share_of_its_bound() -> None:
    most = Floor(what="cost", value=0.6, bound=0.5, unit=" ms")
    least = Floor(what="share", value=0.9, bound=0.85, at_least=True)

    assert (most.is_met, round(most.miss_percent)) == (False, 20)
    assert str(most) == "cost: 0.6 ms, at most 0.5 ms: missed by 20 %"
    assert str(least) == "share: 0.9, at least 0.85: met"
    assert least.as_json()["met"] is True
