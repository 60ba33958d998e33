"""What the files of deploy/ rely on, asked of running processes."""

import json
import os
import re
import subprocess
import sys
from urllib.parse import urlsplit

from deploy.processes import Process
from deploy.stack import ROOT, Api

CONTAINERFILE = ROOT / "deploy" / "Containerfile"


def check_health(port: int) -> int:
    """Run the image's health check here."""
    found = re.search(
        r"^HEALTHCHECK .*?CMD (\[.*?\])$", CONTAINERFILE.read_text(), re.MULTILINE | re.DOTALL
    )
    assert found is not None
    program, *arguments = json.loads(found[1])
    assert program == "python"
    done = subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PORT": str(port)},
        capture_output=True,
        timeout=20,
        check=False,
    )
    return done.returncode


def test_the_health_check_tells_a_running_api_from_none(api: Api, worker: Process) -> None:
    port = urlsplit(api.url).port
    assert port is not None

    assert check_health(port) == 0
    # Nothing listens on port 1 of a machine.
    assert check_health(1) != 0
