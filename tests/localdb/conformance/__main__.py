"""Run the driver's own test suite against localdb: `make conformance`.

Both handshakes, each on a localdb of its own; a table for each, then what is wrong with it. Exit code
1 under a floor, at a failure that `known_failures.txt` does not list, and at a listed test that passes.
"""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.localdb.conformance import report, schema, suite

_ROOT = Path(__file__).resolve().parents[3]
_CACHE = _ROOT / ".conformance"
_KNOWN = _ROOT / "tests" / "localdb" / "known_failures.txt"
_READY = "localdb ready: "
_STOP_SECONDS = 20


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.localdb.conformance")
    parser.add_argument("--protocol", choices=("23", "19"), help="one handshake; else both")
    parser.add_argument("--file", default="", help="only files whose name holds this")
    parser.add_argument("--test", default="", help="only tests of this name (pytest -k)")
    parser.add_argument("--sql", type=Path, help="tests/sql of a checkout of the driver")
    parser.add_argument("--failures", type=Path, help="write what failed, and why, to this file")
    return parser.parse_args()


@contextmanager
def _localdb(protocol: str) -> Iterator[suite.Login]:
    """A fresh localdb, with its log in the cache folder."""
    password = secrets.token_hex(8)
    with (
        tempfile.TemporaryDirectory(prefix="conformance-") as folder,
        (_CACHE / f"localdb-{protocol}.log").open("w") as log,
    ):
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.localdb", "--port", "0", "--protocol", protocol,
             "--data", str(Path(folder) / "data")],
            cwd=_ROOT,
            env={**os.environ, "LOCALDB_PASSWORD": password},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )  # fmt: skip
        try:
            assert process.stdout is not None
            line = process.stdout.readline().strip()
            if not line.startswith(_READY):
                raise SystemExit(f"localdb does not start: see {log.name}")
            yield suite.Login(line.removeprefix(_READY), password)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _run(protocol: str, tests: Path, arguments: argparse.Namespace) -> list[suite.FileResult]:
    results = []
    with _localdb(protocol) as login:
        for refused in schema.create(login, arguments.sql):
            print(f"  refused: {refused}")
        for file in suite.files(tests, arguments.file):
            result = suite.run_file(_CACHE, tests, file, login, arguments.test)
            print(f"  {report.table([result])[1]}", file=sys.stderr, flush=True)
            results.append(result)
    return results


def _write_failures(path: Path, found: dict[str, list[suite.FileResult]]) -> None:
    lines = [
        f"[{protocol}] {test}: {' '.join(reason.split())}"
        for protocol, results in found.items()
        for result in results
        for test, reason in result.reasons.items()
        if result.outcomes[test] == "failed"
    ]
    path.write_text("".join(f"{line}\n" for line in lines))


def main() -> int:
    """The process; returns its exit code."""
    arguments = _arguments()
    known = report.Known.read(_KNOWN)
    tests = suite.prepare(_CACHE)
    faults: list[str] = []
    found: dict[str, list[suite.FileResult]] = {}
    for protocol in (arguments.protocol,) if arguments.protocol else ("23", "19"):
        print(f"handshake of {protocol}:", flush=True)
        results = found[protocol] = _run(protocol, tests, arguments)
        print("\n".join(report.table(results)))
        wrong = report.surprises(results, known.features[protocol]) if not arguments.test else []
        if not arguments.test:
            wrong += report.below_the_floors(results)
        faults += [f"{protocol}: {fault}" for fault in wrong]
    if arguments.failures is not None:
        _write_failures(arguments.failures, found)
    print("\n".join(faults) or "all floors hold, and no test surprises")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
