"""What README.md says of localdb is what the code's own lists say."""

import pytest

from tests.localdb.capabilities import README, renewed


# With `make verify`: who adds a function to a list need not think of the tables at once.
@pytest.mark.whole
def test_the_tables_are_those_of_the_code() -> None:
    text = README.read_text()

    assert renewed(text) == text, "run `python -m tests.localdb.capabilities`"
