import os
import subprocess
import sys
from pathlib import Path

from deploy.stack import ROOT

SCRIPT = """
import os, signal, sys
from deploy.interruption import INTERRUPTED, Interrupted, hear_interruptions

hear_interruptions()
try:
    exec("os.kill(os.getpid(), signal.SIGTERM)")
except Interrupted:
    print("cleaned up")
    sys.exit(INTERRUPTED)
"""


# As `python -m`: only there does Python's own verdict on a KeyboardInterrupt win over the exit code.
def test_an_interruption_in_the_middle_of_an_exec_still_ends_with_130(tmp_path: Path) -> None:
    (tmp_path / "interrupted.py").write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, "-m", "interrupted"],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
    )

    assert (done.stdout, done.returncode) == ("cleaned up\n", 130)
