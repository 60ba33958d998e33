"""Processes are started, awaited and ended for certain."""

import os
import sys
from pathlib import Path

import psutil
import pytest

from deploy.processes import Process, ProcessFailed
from tests.waiting import eventually


def start(tmp_path: Path, code: str) -> Process:
    return Process(
        "child",
        [sys.executable, "-c", code],
        environment=os.environ,
        folder=tmp_path,
        log=tmp_path / "child.log",
    )


def test_the_ready_line_is_awaited(tmp_path: Path) -> None:
    code = "import time; print('noise'); print('ready: 42', flush=True); time.sleep(60)"
    process = start(tmp_path, code)

    assert process.wait_until_ready(r"ready: (\d+)", seconds=20) == "42"
    assert process.is_running
    process.stop(seconds=10)
    assert not process.is_running


def test_a_child_that_ends_early_is_told_with_its_last_words(tmp_path: Path) -> None:
    process = start(tmp_path, "raise SystemExit('no such thing')")

    with pytest.raises(ProcessFailed, match=r"exit code 1.*\n.*no such thing"):
        process.wait_until_ready(r"ready: (\d+)", seconds=20)
    process.kill()


def test_a_child_that_is_never_ready_is_ended(tmp_path: Path) -> None:
    process = start(tmp_path, "import time; time.sleep(60)")

    with pytest.raises(ProcessFailed, match="not ready"):
        process.wait_until_ready(r"ready: (\d+)", seconds=0.5)
    assert not process.is_running


def test_a_child_that_is_deaf_to_sigterm_is_ended(tmp_path: Path) -> None:
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        "print('ready: 1', flush=True); time.sleep(60)"
    )
    process = start(tmp_path, code)
    process.wait_until_ready(r"ready: (\d+)", seconds=20)

    process.stop(seconds=0.3)
    process.stop(seconds=0.3)

    assert not process.is_running


@pytest.mark.skipif(sys.platform != "linux", reason="needs PR_SET_PDEATHSIG")
def test_children_end_with_their_parent_even_after_kill_9(tmp_path: Path) -> None:
    code = f"""
import os, sys, time
from pathlib import Path
from deploy.processes import Process
child = Process("grandchild", [sys.executable, "-c", "import time; time.sleep(60)"],
    environment=os.environ, folder=Path({str(tmp_path)!r}), log=Path({str(tmp_path / "log")!r}))
print("ready:", child.pid, flush=True)
time.sleep(60)
"""
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    parent = Process(
        "parent",
        [sys.executable, "-c", code],
        environment=environment,
        folder=tmp_path,
        log=tmp_path / "parent.log",
    )
    grandchild = int(parent.wait_until_ready(r"ready: (\d+)", seconds=20))

    parent.kill()

    eventually(lambda: not is_alive(grandchild), what="the end of the grandchild")


def is_alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
