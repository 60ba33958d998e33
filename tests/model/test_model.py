"""The protocol's executable model keeps its invariants, and breaking a rule of it is noticed."""

import pytest

from tests.model.check import RULES, SCENARIOS, Walk, mutate


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_keeps_all_invariants(name: str) -> None:
    walk = Walk(SCENARIOS[name])

    assert walk.found == {}


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("rule", RULES)
def test_a_broken_rule_is_noticed(rule: str) -> None:
    line, is_noticed = mutate(rule)

    assert is_noticed, line
