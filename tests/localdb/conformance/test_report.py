"""The judge of the driver's suite: floors, surprises and the list of known failures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.localdb.conformance.report import Known, below_the_floors, surprises, table
from tests.localdb.conformance.suite import FileResult, read_record

FILE = "cursor/test_1000_execute.py"


def result(passed: int, failed: int, skipped: int = 0) -> FileResult:
    found = FileResult(FILE)
    for number in range(passed + failed + skipped):
        outcome = (
            "passed" if number < passed else "failed" if number < passed + failed else "skipped"
        )
        found.outcomes[f"{FILE}::test_{number}"] = outcome
        found.reasons[f"{FILE}::test_{number}"] = "ORA-03001"
    return found


def test_a_test_that_never_ended_has_failed():
    lines = [
        json.dumps({"collected": ["a", "b"]}),
        json.dumps({"test": "a", "outcome": "passed", "reason": ""}),
    ]

    assert read_record(FILE, lines).outcomes == {"a": "passed", "b": "failed"}


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [("Skipped: requires thick mode", "skipped"), ("Skipped: no JSON support", "failed")],
)
def test_a_skipped_test_has_failed_unless_oracle_skips_it_too(reason, outcome):
    lines = [json.dumps({"test": "a", "outcome": "skipped", "reason": reason})]

    assert read_record(FILE, lines).outcomes == {"a": outcome}


def test_skipped_tests_do_not_count_in_the_rate():
    assert table([result(9, 1, 10)])[-1].endswith("90.0%")
    assert below_the_floors([result(9, 1, 10)]) == []


def test_each_file_and_each_group_has_a_floor():
    assert below_the_floors([result(59, 41)]) == [
        f"{FILE}: 59.0 % pass, the floor is 60 %",
        "wire and SQL: 59.0 % pass, the floor is 90 %",
    ]


def test_nothing_passed_where_nothing_was_collected():
    assert below_the_floors([FileResult(FILE)])[0].startswith(f"{FILE}: 0.0 %")


def test_an_unlisted_failure_is_a_surprise():
    assert surprises([result(0, 1)], {}) == [f"fails and is not listed: {FILE}::test_0: ORA-03001"]


def test_a_listed_failure_is_none():
    assert surprises([result(0, 1)], {f"{FILE}::test_0": "object types"}) == []


def test_a_listed_test_that_passes_is_a_surprise():
    assert surprises([result(1, 0)], {f"{FILE}::test_0": "object types"}) == [
        f"is listed as failing and does not: {FILE}::test_0"
    ]


def test_a_listed_test_that_does_not_exist_is_a_surprise():
    assert surprises([result(1, 0)], {f"{FILE}::test_9": "object types"}) == [
        f"is listed and is no test: {FILE}::test_9"
    ]


def test_a_known_failure_may_be_of_one_handshake(tmp_path):
    path = tmp_path / "known.txt"
    path.write_text(f"# why\n{FILE}::test_0: object types\n[19] {FILE}::test_1: pipelining\n")

    known = Known.read(path)

    assert known.features["23"] == {f"{FILE}::test_0": "object types"}
    assert known.features["19"] == {
        f"{FILE}::test_0": "object types",
        f"{FILE}::test_1": "pipelining",
    }


def test_a_known_failure_names_its_feature(tmp_path):
    path = tmp_path / "known.txt"
    path.write_text(f"{FILE}::test_0\n")

    with pytest.raises(ValueError, match="without a feature"):
        Known.read(path)


def test_the_list_of_known_failures_can_be_read():
    assert Known.read(Path(__file__).parents[1] / "known_failures.txt").features["23"]
