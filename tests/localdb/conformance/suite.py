"""The driver's own test suite: which of its files are run, where it comes from, what it runs in."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
from dataclasses import dataclass, field
from pathlib import Path

VERSION = "26.1.0"
#: What the suite imports besides the driver.
_NEEDS = ("pytest", "pytest-timeout", "anyio", "numpy", "pandas")
#: A test, and a file, that takes longer has failed.
_TEST_SECONDS = 60
_FILE_SECONDS = 300


@dataclass(frozen=True)
class Group:
    """Files that have a floor together: folders and first numbers of their names."""

    name: str
    prefixes: tuple[str, ...]
    #: Share of the collected tests that has to pass.
    floor: float


GROUPS = (
    Group(
        "wire and SQL",
        (
            *(f"connection/test_{number}_" for number in (1000, 1100, 1200, 1300)),
            *(f"cursor/test_{number}_" for number in (1000, 1100, 1200, 1300, 2200, 2300)),
            *(f"data_types/test_{number}_" for number in range(1100, 1900, 100)),
            *(f"data_types/test_{number}_" for number in (2000, 2100, 2200, 2300, 2500)),
            *(f"pool/test_{number}_" for number in (1000, 1100)),
            *(f"misc/test_{number}_" for number in (1100, 1200)),
        ),
        0.90,
    ),
    Group("scrolling", tuple(f"cursor/test_{number}_" for number in (1600, 1700)), 0.90),
    Group(
        "PL/SQL",
        (
            *(f"cursor/test_{number}_" for number in (1400, 1500, 2000, 2100)),
            *(f"data_types/test_{number}_" for number in (1000, 2400, 2600)),
        ),
        0.90,
    ),
    Group("queues", ("aq/test_1400_", "aq/test_1500_"), 0.95),
)

#: Reasons to skip a test that a 23ai reached by the thin driver has as well. A test skipped for
#: another reason has failed.
SKIPPED_BY_ORACLE_TOO = (
    "requires thick mode",
    "unsupported client",
    "not supported on this client",
    "awaiting fix for bug",
    # The suite is run over TCP.
    "test requires the TCP protocol",
    # Came with a release update of 2025; the 23ai that localdb reports is of 2024.
    "no transaction priority support",
)


@dataclass(frozen=True)
class Login:
    """Where the database is, and its users."""

    dsn: str
    password: str
    admin: str = "system"
    main_user: str = "pythontest"
    proxy_user: str = "pythontestproxy"
    edition: str = "pythonedition"


@dataclass
class FileResult:
    """What became of the tests of a file."""

    file: str
    outcomes: dict[str, str] = field(default_factory=dict)  # test -> passed, failed or skipped
    reasons: dict[str, str] = field(default_factory=dict)  # of those that did not pass


def prepare(cache: Path) -> Path:
    """Download the suite and make its environment, where that is not done yet; returns its folder.

    Raises:
        subprocess.CalledProcessError: pip has failed.
    """
    cache.mkdir(exist_ok=True)
    source = cache / f"oracledb-{VERSION}"
    if not source.is_dir():
        _pip(
            Path(sys.executable), "download", "--no-deps", "--no-binary", "oracledb",
            "--dest", str(cache), f"oracledb=={VERSION}",
        )  # fmt: skip
        with tarfile.open(cache / f"{source.name}.tar.gz") as archive:
            archive.extractall(cache, filter="data")
    stamp = cache / "venv" / "suite.stamp"
    wanted = f"{VERSION} {' '.join(_NEEDS)} {cache}"
    if not stamp.is_file() or stamp.read_text() != wanted:
        shutil.rmtree(cache / "venv", ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(cache / "venv")], check=True)
        _pip(_python(cache), "install", f"oracledb=={VERSION}", *_NEEDS)
        stamp.write_text(wanted)
    return source / "tests"


def _pip(python: Path, *arguments: str) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "PIP_REQUIRE_VIRTUALENV"}
    command = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments]
    subprocess.run(command, check=True, env=environment)


def _python(cache: Path) -> Path:
    return cache / "venv" / "bin" / "python"


def files(tests: Path, wanted: str) -> list[str]:
    """The suite's files, relative to its folder.

    Args:
        tests: the suite's folder.
        wanted: only those whose name holds this.
    """
    found = []
    for prefix in (prefix for group in GROUPS for prefix in group.prefixes):
        folder, _, name = prefix.partition("/")
        found += [f"{folder}/{path.name}" for path in sorted((tests / folder).glob(f"{name}*.py"))]
    return [file for file in found if wanted in file]


def run_file(cache: Path, tests: Path, file: str, login: Login, chosen: str = "") -> FileResult:
    """Run a file in a process of its own.

    Args:
        chosen: only the tests whose name holds this.
    """
    record = cache / "record.jsonl"
    record.unlink(missing_ok=True)
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("PYO_", "PYTEST", "TNS_"))},
        "PYTHONPATH": str(Path(__file__).parent),
        "CONFORMANCE_RECORD": str(record),
        "PYO_TEST_MAIN_USER": login.main_user,
        "PYO_TEST_MAIN_PASSWORD": login.password,
        "PYO_TEST_PROXY_USER": login.proxy_user,
        "PYO_TEST_PROXY_PASSWORD": login.password,
        "PYO_TEST_ADMIN_USER": login.admin,
        "PYO_TEST_ADMIN_PASSWORD": login.password,
        "PYO_TEST_EDITION_NAME": login.edition,
        "PYO_TEST_CONNECT_STRING": login.dsn,
    }
    command = [
        str(_python(cache)), "-m", "pytest", "--rootdir=.", "-p", "recorder", "-p", "no:cacheprovider",
        f"--timeout={_TEST_SECONDS}", "-q", "--tb=long", file,
    ]  # fmt: skip
    if chosen:
        command += ["-k", chosen]
    log = cache / "logs" / f"{Path(file).stem}.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            cwd=tests,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            process.wait(_FILE_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    return read_record(file, record.read_text().splitlines() if record.is_file() else [])


def read_record(file: str, lines: list[str]) -> FileResult:
    """What the recorder wrote; a test that was collected and has no outcome has failed."""
    result = FileResult(file)
    for line in lines:
        entry = json.loads(line)
        if "collected" in entry:
            for test in entry["collected"]:
                result.outcomes[test] = "failed"
                result.reasons[test] = "did not end"
        else:
            _take(result, entry["test"], entry["outcome"], entry["reason"])
    return result


def _take(result: FileResult, test: str, outcome: str, reason: str) -> None:
    if outcome == "skipped" and not any(known in reason for known in SKIPPED_BY_ORACLE_TOO):
        outcome, reason = "failed", f"skipped: {reason}"
    result.outcomes[test] = outcome
    if outcome == "passed":
        result.reasons.pop(test, None)
    else:
        result.reasons[test] = reason
