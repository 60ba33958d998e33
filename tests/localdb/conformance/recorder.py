"""A pytest plugin for the suite's process: writes what becomes of each test, as it becomes known."""

from __future__ import annotations

import json
import os
from typing import Any

#: The worst of set-up, call and tear-down is the test's outcome.
_found: dict[str, tuple[str, str]] = {}


def _write(entry: dict[str, Any]) -> None:
    with open(os.environ["CONFORMANCE_RECORD"], "a", encoding="utf-8") as record:
        record.write(json.dumps(entry) + "\n")


def pytest_collection_finish(session: Any) -> None:
    _write({"collected": [item.nodeid for item in session.items]})


def pytest_runtest_logreport(report: Any) -> None:
    outcome, reason = _found.get(report.nodeid, ("passed", ""))
    if report.failed and outcome != "failed":
        outcome = "failed"
        crash = getattr(report.longrepr, "reprcrash", None)
        reason = crash.message if crash is not None else str(report.longrepr)
    elif report.skipped and outcome == "passed":
        outcome = "skipped"
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else "skipped"
    _found[report.nodeid] = outcome, reason
    if report.when == "teardown":
        _write({"test": report.nodeid, "outcome": outcome, "reason": reason})
