"""`make verify`: everything whole, as before a release, and a table of what held.

    python -m tests.verify [--steps lint test ...]

A step that fails does not keep the others from running. The table, with the commit's id, is
printed at the end and written to verify.md. Exit code 1: something failed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tests.provenance import commit, machine

#: Targets of the Makefile, the short ones first.
STEPS: Final = (
    "lint",
    "test",
    "demo",
    "verify-whole",
    "fuzz",
    "bench",
    "bench-localdb",
    "conformance",
    "chaos",
)
TABLE: Final = Path("verify.md")
#: With these the steps would be given what `make verify` was: ARGS above all.
_OF_MAKE: Final = ("MAKEFLAGS", "MAKEOVERRIDES", "MFLAGS", "ARGS")


@dataclass(frozen=True, slots=True)
class Step:
    """A target that has been made."""

    name: str
    exit_code: int
    seconds: float

    @property
    def held(self) -> bool:
        return self.exit_code == 0


def run(name: str, make: Sequence[str] = ("make",)) -> Step:
    """Make a target; its output goes where ours does."""
    environment = {key: value for key, value in os.environ.items() if key not in _OF_MAKE}
    began = time.monotonic()
    done = subprocess.run([*make, "--no-print-directory", name], env=environment, check=False)
    return Step(name, done.returncode, time.monotonic() - began)


def describe(steps: Sequence[Step], *, commit_id: str, began: datetime) -> str:
    """The table, as Markdown."""
    lines = [
        f"# Commit {commit_id}",
        "",
        f"{began:%Y-%m-%d %H:%M} UTC, {machine()}",
        "",
        "| step | result | seconds |",
        "| --- | --- | --- |",
    ]
    for step in steps:
        result = "holds" if step.held else f"FAILED ({step.exit_code})"
        lines.append(f"| `make {step.name}` | {result} | {step.seconds:.0f} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(prog="make verify", description=__doc__)
    parser.add_argument("--steps", nargs="+", choices=STEPS, default=STEPS, metavar="STEP")
    wanted: Sequence[str] = parser.parse_args().steps
    # Taken first: what is committed meanwhile was not verified.
    commit_id, began = commit(), datetime.now(UTC)
    steps: list[Step] = []
    for name in wanted:
        print(f"\n== make {name}", flush=True)
        steps.append(run(name))
        TABLE.write_text(describe(steps, commit_id=commit_id, began=began))
    print(f"\n{TABLE.read_text()}")
    return 0 if all(step.held for step in steps) else 1


if __name__ == "__main__":
    sys.exit(main())
