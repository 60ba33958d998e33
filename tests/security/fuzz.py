"""`make fuzz`: schemathesis draws requests from the service's own OpenAPI document, and sends them.

A whole OraQ is started for it on localdb: the database, the API, a worker. It ends with 1 where an
answer is a fault of the server or is not as the document says, or where a log has a traceback. The
seed is printed; the same one draws the same requests.
"""

from __future__ import annotations

import argparse
import os
import re
import secrets
import subprocess
import tempfile
from pathlib import Path

from deploy.stack import Api, Stack

#: Tries for each operation; about 5,000 requests in all.
EXAMPLES = 200
#: What is not held against the service: it takes `"5"` for a number, as the older one did, and has
#: rules that a schema cannot tell (names, cursors, a filter at least).
LENIENT = ("positive_data_acceptance", "negative_data_rejection")
#: No request waits for a job for minutes.
CONFIGURATION = """
[parameters]
"query.wait" = 0.1
"""
#: What no log may hold.
FAULT = re.compile(r"Traceback|request failed|Unhandled|\[error")


def run_tool(tool: Path, api: Api, folder: Path, *, seed: int, examples: int) -> int:
    """Run schemathesis to its end; gives its exit code."""
    configuration = folder / "schemathesis.toml"
    configuration.write_text(CONFIGURATION)
    arguments = [
        *(str(tool), "--config-file", str(configuration), "run", f"{api.url}/openapi.json"),
        *("--header", f"Authorization: Bearer {api.token}"),
        *("--seed", str(seed), "--max-examples", str(examples), "--continue-on-failure"),
        *("--checks", "all", "--exclude-checks", ",".join(LENIENT)),
        *("--request-timeout", "10", "--no-color"),
    ]
    return subprocess.run(arguments, cwd=folder, check=False).returncode


def find_faults(folder: Path) -> list[str]:
    """Lines of the processes' logs that tell of a fault."""
    return [
        f"{log.name}: {line}"
        for log in sorted(folder.glob("*.log"))
        for line in log.read_text(errors="replace").splitlines()
        if FAULT.search(line)
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tool", type=Path, required=True, help="the command of schemathesis")
    parser.add_argument("--seed", type=int, default=1, help="of the requests; 0: a random one")
    parser.add_argument("--examples", type=int, default=EXAMPLES, help="tries for each operation")
    options = parser.parse_args()
    seed = options.seed or secrets.randbelow(2**31)
    print(f"seed {seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="oraq-fuzz-") as name:
        folder = Path(name)
        with Stack(folder=folder, environment=os.environ) as stack:
            stack.start_database()
            stack.install(samples=True)
            api = stack.start_api()
            stack.start_worker("--slots", "2")
            code = run_tool(
                options.tool.absolute(), api, folder, seed=seed, examples=options.examples
            )
            ended = [process.name for process in stack.processes if not process.is_running]
        faults = find_faults(folder)
    for line in [*faults, *(f"{process} has ended" for process in ended)]:
        print(line)
    return 1 if code or faults or ended else 0


if __name__ == "__main__":
    raise SystemExit(main())
