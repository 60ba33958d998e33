"""The demo and `make up` as a newcomer runs them, and as he interrupts them."""

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from deploy.stack import ROOT
from tests.waiting import eventually

SECONDS = 60


class Command:
    """A command in the foreground of its own group, with its temporary files in a folder."""

    def __init__(self, module: str, folder: Path, *arguments: str) -> None:
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        self.output = folder / "output.txt"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=ROOT,
                env=os.environ | {"TMPDIR": str(self.temporary), "PYTHONUNBUFFERED": "1"},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._seen: dict[int, psutil.Process] = {}

    def text(self) -> str:
        self.look_at_children()
        return self.output.read_text(errors="replace")

    def look_at_children(self) -> None:
        try:
            children = psutil.Process(self.process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return
        self._seen.update({child.pid: child for child in children})

    def survivors(self) -> list[str]:
        """Children that were seen and still run."""
        _, alive = psutil.wait_procs(list(self._seen.values()), timeout=5)
        return [" ".join(child.cmdline()) for child in alive]

    def left_files(self) -> list[str]:
        return sorted(path.name for path in self.temporary.iterdir())

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Command]:
    command = Command("deploy.demo", tmp_path)
    yield command
    command.end()


def test_the_demo_runs_checks_and_leaves_nothing(demo: Command) -> None:
    eventually(lambda: demo.text() != "" and demo.process.poll() is not None, seconds=SECONDS)

    text = demo.text()
    assert demo.process.returncode == 0, text
    assert "Procesado: hola" in text
    assert "ORA-20001" in text
    assert "PLS-00201" in text
    assert "PLS-00306" in text
    assert "The job was cancelled." in text
    assert re.search(r"a worker was killed in the middle of a job; it ran again after \d", text)
    assert re.search(r"All 214 jobs ended as they have to", text)
    assert demo.survivors() == []
    assert demo.left_files() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
@pytest.mark.parametrize(
    "moment", ["", "localdb, an", "schema and sample", "API ", "workers with", "Database "]
)
def test_the_demo_cleans_up_whenever_it_is_interrupted(
    demo: Command, moment: str, number: signal.Signals
) -> None:
    eventually(lambda: moment in demo.text() and is_listening(demo, number), seconds=SECONDS)

    demo.process.send_signal(number)

    eventually(lambda: demo.text() is not None and demo.process.poll() is not None, seconds=30)
    # Python itself ends by the signal, or with 1, as long as it is still importing.
    ended_by = {130, 1, -number} if not moment else {130}
    assert demo.process.returncode in ended_by, demo.text()
    assert demo.survivors() == []
    assert demo.left_files() == []


def is_listening(command: Command, number: signal.Signals) -> bool:
    """Whether the command has got as far as to handle the signal. Source: Linux, proc(5), SigCgt."""
    status = Path(f"/proc/{command.process.pid}/status").read_text()
    caught = re.search(r"SigCgt:\s*([0-9a-f]+)", status)
    return bool(caught and int(caught[1], 16) & (1 << (number - 1)))


def test_up_prints_curl_lines_that_work_and_keeps_its_data_after_kill_9(tmp_path: Path) -> None:
    with running_up(tmp_path, "first") as (command, curl_lines):
        submit, listing = curl_lines
        job_id = run_curl(submit)["job_id"]
        eventually(lambda: find_status(listing, job_id) == "completed")
        command.process.kill()
        command.process.wait()
        assert command.survivors() == []

    with running_up(tmp_path, "second") as (command, (_, listing)):
        assert find_status(listing, job_id) == "completed"
        drain_workers(command.text())
        eventually(lambda: "A worker was drained, 0 left" in command.text())
        assert find_status(listing, job_id) == "completed"
        command.process.send_signal(signal.SIGINT)
        assert command.process.wait(30) == 0
        assert command.survivors() == []


@contextmanager
def running_up(folder: Path, name: str) -> Iterator[tuple[Command, list[str]]]:
    (folder / name).mkdir()
    command = Command("deploy.up", folder / name, "--folder", str(folder / "localdb"))
    try:
        eventually(lambda: "Ctrl-C stops" in command.text(), seconds=SECONDS)
        lines = [line.strip() for line in command.text().splitlines()]
        yield command, [line for line in lines if line.startswith("curl ")]
    finally:
        command.end()


def drain_workers(printed: str) -> None:
    """`oraq drain --all`, in the database that is named there."""
    found = re.search(r"^Database +(\S+) +user (\S+) +password (\S+)", printed, re.MULTILINE)
    assert found is not None
    names = ("ORACLE_DSN", "ORACLE_USER", "ORACLE_PASSWORD")
    subprocess.run(
        [sys.executable, "-m", "deploy.cli", "drain", "--all", "--timeout", "30s"],
        cwd=ROOT,
        env=os.environ | dict(zip(names, found.groups(), strict=True)),
        check=True,
        capture_output=True,
    )


def run_curl(line: str) -> dict[str, Any]:
    """Send what the line says, as curl would; curl itself may not be there."""
    words = shlex.split(line)
    assert words[:2] == ["curl", "-s"]
    options = words[3:]
    given = list(zip(options[::2], options[1::2], strict=True))
    headers = dict(value.split(": ", 1) for option, value in given if option == "-H")
    body = next((value for option, value in given if option == "-d"), None)
    method = "GET" if body is None else "POST"
    answer = httpx.request(method, words[2], headers=headers, content=body)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def find_status(listing: str, job_id: str) -> str | None:
    jobs = run_curl(listing)["jobs"]
    return next((str(job["status"]) for job in jobs if job["id"] == job_id), None)
