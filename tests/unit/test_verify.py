from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.verify import Step, describe, run


@pytest.fixture
def make(tmp_path: Path) -> tuple[str, ...]:
    makefile = tmp_path / "Makefile"
    makefile.write_text('good:\n\t@test -z "$(ARGS)"\nbad:\n\t@exit 3\n')
    return ("make", "--file", str(makefile))


def test_a_step_is_what_make_says_of_it(make: tuple[str, ...]) -> None:
    assert run("good", make).held
    assert not run("bad", make).held


def test_the_arguments_of_verify_are_not_those_of_its_steps(
    make: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARGS", "--steps good")
    monkeypatch.setenv("MAKEFLAGS", " -- ARGS=--steps")

    assert run("good", make).held


def test_the_table_names_the_commit_and_what_failed() -> None:
    steps = [Step("lint", 0, 8.4), Step("chaos", 2, 180.0)]

    table = describe(steps, commit_id="0123456789ab", began=datetime(2026, 1, 2, 3, 4, tzinfo=UTC))

    assert "# Commit 0123456789ab" in table
    assert "2026-01-02 03:04 UTC" in table
    assert "| `make lint` | holds | 8 |" in table
    assert "| `make chaos` | FAILED (2) | 180 |" in table
