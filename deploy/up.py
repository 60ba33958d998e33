"""A whole OraQ with durable data in .localdb/, until Ctrl-C: for developing against it.

Exit code: 0 ended by Ctrl-C; 1 something could not start, or ended by itself.
"""

from __future__ import annotations

import argparse
import os
import secrets
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from deploy.interruption import Interrupted, hear_interruptions
from deploy.processes import ProcessFailed
from deploy.settings import ConfigurationError, read_port
from deploy.stack import ROOT, Api, Stack

WORKERS = 2
SLOTS = 4
#: Used where they are free, so that a client's settings hold from one start to the next.
DATABASE_PORT = 1521
API_PORT = 3000
#: How often the processes are looked after.
LOOK_SECONDS = 0.5


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="deploy.up", description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / ".localdb", help="data, logs, token")
    folder: Path = parser.parse_args(arguments).folder.resolve()
    hear_interruptions()
    console = Console(highlight=False, soft_wrap=True)
    try:
        (folder / "logs").mkdir(parents=True, exist_ok=True)
        password, token = _secret(folder / "password"), _secret(folder / "token")
        with Stack(folder=folder / "logs", environment=os.environ) as stack:
            database = stack.start_database(
                data=folder / "data", port=_free_or_any(DATABASE_PORT), password=password
            )
            stack.install(samples=True)
            port = read_port(os.environ, "PORT", API_PORT)
            api = stack.start_api(port=_free_or_any(port), token=token)
            stack.start_workers(WORKERS, "--slots", str(SLOTS))
            console.print(f"Database  {database.dsn}  user {database.user}  password {password}")
            _print_usage(console, api, folder)
            return _watch(stack, console)
    except Interrupted:
        console.print(f"\nStopped. The data stays in {_shown(folder)}/.")
        return 0
    except (ProcessFailed, ConfigurationError, OSError) as error:
        console.print(f"[red]OraQ could not start:[/] {escape(str(error))}")
        return 1


def _print_usage(console: Console, api: Api, folder: Path) -> None:
    body = '{"name": "PROC_TEST", "params": [{"name": "p_input", "value": "hola"}, '
    body += '{"name": "p_output", "direction": "OUT"}]}'
    console.print(f"API       {api.url}  token {api.token}")
    console.print(f"Logs      {_shown(folder)}/logs/")
    console.print("\nTry it:\n")
    authorization = f"-H 'Authorization: Bearer {api.token}'"
    # Unwrapped, so that the lines can be copied from any terminal.
    print(
        f"  curl -s {api.url}/procedure/async {authorization} "
        f"-H 'Content-Type: application/json' -d '{body}'"
    )
    print(f"  curl -s {api.url}/jobs {authorization}\n")
    console.print("Ctrl-C stops everything.")
    sys.stdout.flush()


def _watch(stack: Stack, console: Console) -> int:
    """Wait until a process ends that should not; workers may be drained."""
    drained: set[int] = set()
    while True:
        for process in stack.processes:
            if process.is_running or process.pid in drained:
                continue
            if process.name == "worker" and process.has_ended_in_order:
                drained.add(process.pid)
                console.print(f"A worker was drained, {WORKERS - len(drained)} left.")
            else:
                failure = ProcessFailed(process.name, "ended by itself", process.read_log())
                console.print(f"[red]Stopping:[/] {escape(str(failure))}")
                return 1
        time.sleep(LOOK_SECONDS)


def _shown(folder: Path) -> Path:
    """Short where it is in the clone."""
    return folder.relative_to(ROOT) if folder.is_relative_to(ROOT) else folder


def _secret(path: Path) -> str:
    """What the file holds; made at the first start, readable by its owner only."""
    if not path.exists():
        # Made aside, so that a kill in between leaves no empty secret.
        unfinished = path.with_suffix(".new")
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(16))
        unfinished.rename(path)
    return path.read_text()


def _free_or_any(port: int) -> int:
    """The port where nothing listens on it, else 0: any free one."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
        return port


if __name__ == "__main__":
    sys.exit(main())
