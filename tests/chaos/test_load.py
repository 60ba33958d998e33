"""Ten thousand jobs in the queue: nothing is lost, nothing grows, nothing slows down.

`python -m tests.chaos.load` does the same with 100,000.
"""

import pytest

from tests.chaos.load import run_load


@pytest.mark.whole
@pytest.mark.timeout(3000)
def test_ten_thousand_jobs_and_a_thousand_waiting_clients() -> None:
    load = run_load(10_000, waiting=1000)

    assert load.faults == []
    assert load.waited == 1000
