"""What a newcomer is told when his machine lacks something: one clear sentence."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.stack import ROOT


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """As much of a clone as the set-up reads, in a folder with a space in its name."""
    clone = tmp_path / "a clone"
    (clone / "deploy").mkdir(parents=True)
    shutil.copy(ROOT / "Makefile", clone)
    shutil.copy(ROOT / "pyproject.toml", clone)
    shutil.copy(ROOT / "deploy" / "setup.sh", clone / "deploy")
    (clone / "deploy" / "requirements.txt").write_text("")
    return clone


def make_setup(clone: Path, python: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--silent", "--no-print-directory", "-C", str(clone), "setup"],
        env=os.environ | {"PYTHON": str(python)},
        capture_output=True,
        text=True,
        check=False,
    )


def write_script(path: Path, text: str) -> Path:
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return path


def test_too_old_a_python_is_one_clear_sentence(clone: Path, tmp_path: Path) -> None:
    python = write_script(
        tmp_path / "python3", 'if [ "$1" = --version ]; then echo Python 3.9.2; else exit 1; fi\n'
    )

    done = make_setup(clone, python)

    assert done.returncode != 0
    assert done.stderr.splitlines()[0] == (
        "OraQ needs Python 3.11 or later (found: Python 3.9.2): install one, "
        "or name it with PYTHON=/path/to/python3."
    )


def test_a_missing_venv_module_is_one_clear_sentence(clone: Path, tmp_path: Path) -> None:
    python = write_script(tmp_path / "python3", 'case "$2" in *venv*) exit 1 ;; esac\nexit 0\n')

    done = make_setup(clone, python)

    assert done.returncode != 0
    assert done.stderr.splitlines()[0] == (
        "OraQ needs Python's venv module: install it "
        "(Debian, Ubuntu: apt install python3-venv) and run this again."
    )
