"""Judges what the suite's tests did: the table, the floors and the list of known failures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.localdb.conformance.suite import GROUPS, FileResult, Group

#: Share of a file's collected tests that has to pass; together more have to: see GROUPS.
FLOOR_OF_A_FILE = 0.60
#: Of a reason, for the eye.
_WIDTH = 150


@dataclass(frozen=True)
class Known:
    """Failures that are known: test to the feature that it needs, by handshake ('23', '19')."""

    features: Mapping[str, Mapping[str, str]]

    @classmethod
    def read(cls, path: Path) -> Known:
        """Lines of `test: feature`, with `[23] ` or `[19] ` before it where only one fails.

        Raises:
            ValueError: a line has another form.
        """
        features: dict[str, dict[str, str]] = {"23": {}, "19": {}}
        lines = path.read_text().splitlines() if path.is_file() else []
        for line in lines:
            if not line.strip() or line.startswith("#"):
                continue
            modes: Iterable[str] = features
            text = line
            if line.startswith("["):
                mode, _, text = line[1:].partition("] ")
                modes = (mode,)
            test, separator, feature = text.partition(": ")
            if not separator or not feature.strip():
                raise ValueError(f"known failure without a feature: {line}")
            for mode in modes:
                features[mode][test] = feature.strip()
        return cls(features)


def table(results: Sequence[FileResult]) -> list[str]:
    """A line for each file and each group of files."""
    lines = [f"{'file':44} {'collected':>9} {'passed':>7} {'failed':>7} {'skipped':>7} {'rate':>7}"]
    rows = [(r.file, list(r.outcomes.values())) for r in results]
    rows += [
        (group.name, [o for result in of_group for o in result.outcomes.values()])
        for group, of_group in _groups(results)
    ]
    for file, outcomes in rows:
        counts = [outcomes.count(outcome) for outcome in ("passed", "failed", "skipped")]
        lines.append(
            f"{file:44} {len(outcomes):9} {counts[0]:7} {counts[1]:7} {counts[2]:7}"
            f" {100 * rate(outcomes):6.1f}%"
        )
    return lines


def _groups(results: Sequence[FileResult]) -> list[tuple[Group, list[FileResult]]]:
    """The groups that have results, with these."""
    found = [(group, [r for r in results if r.file.startswith(group.prefixes)]) for group in GROUPS]
    return [(group, of_group) for group, of_group in found if of_group]


def rate(outcomes: Sequence[str]) -> float:
    """The share that passed, of those that Oracle would not skip; 0 where there is none."""
    counted = len(outcomes) - outcomes.count("skipped")
    return outcomes.count("passed") / counted if counted else 0.0


def below_the_floors(results: Sequence[FileResult]) -> list[str]:
    """What is under its floor."""
    faults = [
        f"{result.file}: {100 * rate(list(result.outcomes.values())):.1f} % pass,"
        f" the floor is {100 * FLOOR_OF_A_FILE:.0f} %"
        for result in results
        if rate(list(result.outcomes.values())) < FLOOR_OF_A_FILE
    ]
    for group, of_group in _groups(results):
        together = rate([o for result in of_group for o in result.outcomes.values()])
        if together < group.floor:
            faults.append(
                f"{group.name}: {100 * together:.1f} % pass, the floor is {100 * group.floor:.0f} %"
            )
    return faults


def surprises(results: Sequence[FileResult], known: Mapping[str, str]) -> list[str]:
    """Failures that are not listed, and listed tests that pass or that no file has."""
    faults = []
    outcomes = {test: o for result in results for test, o in result.outcomes.items()}
    reasons = {test: r for result in results for test, r in result.reasons.items()}
    files = {result.file for result in results}
    for test, outcome in outcomes.items():
        if outcome == "failed" and test not in known:
            first = reasons[test].strip().splitlines()
            faults.append(f"fails and is not listed: {test}: {' '.join(first)[:_WIDTH]}")
        elif outcome != "failed" and test in known:
            faults.append(f"is listed as failing and does not: {test}")
    faults += [
        f"is listed and is no test: {test}"
        for test in known
        if test.partition("::")[0] in files and test not in outcomes
    ]
    return faults
