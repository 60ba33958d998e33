"""A whole OraQ on this machine: localdb, API and workers, each a process of its own.

Used by the demo, `make up`, the tests and the bench, so that all of them run what a user runs.
"""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.processes import Process, ProcessFailed

#: The checkout: where `deploy`, `sql` and `plsql` are.
ROOT = Path(__file__).resolve().parent.parent

#: Longest time for localdb to accept connections; the first start makes a cluster.
DATABASE_SECONDS = 90.0
#: Longest time for the API or a worker to get ready.
READY_SECONDS = 30.0
#: Longest time for the installer.
INSTALL_SECONDS = 120.0
#: How long a process may take to end by itself.
STOP_SECONDS = 10.0

#: What a child does not inherit: it shall reach the stack's own database and nothing else.
FOREIGN_PREFIXES = ("ORACLE_", "ORAQ_", "API_", "LOCALDB_", "TNS_")
FOREIGN_NAMES = frozenset({"PORT", "ENV_FILE"})


@dataclass(frozen=True, kw_only=True)
class Database:
    """Where a database is, and who connects."""

    #: host:port/service, or any other connect string.
    dsn: str
    user: str
    password: str

    def environment(self) -> dict[str, str]:
        return {
            "ORACLE_DSN": self.dsn,
            "ORACLE_USER": self.user,
            "ORACLE_PASSWORD": self.password,
        }


@dataclass(frozen=True, kw_only=True)
class Api:
    """A running API and how to call it."""

    #: http://host:port, without a slash at the end.
    url: str
    token: str
    process: Process

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


class Stack:
    """Processes that are stopped together, the last one started first.

    Args:
        folder: for the logs; and for localdb's data, unless told otherwise.
        environment: what the children inherit, less everything that would configure them.
        database: one that is there already; None: `start_database` makes one.
    """

    def __init__(
        self, *, folder: Path, environment: Mapping[str, str], database: Database | None = None
    ) -> None:
        self.folder = folder
        self._database = database
        self._inherited = {
            name: value
            for name, value in environment.items()
            if not name.startswith(FOREIGN_PREFIXES) and name not in FOREIGN_NAMES
        }
        self._processes: list[Process] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def processes(self) -> tuple[Process, ...]:
        return tuple(self._processes)

    @property
    def database(self) -> Database:
        if self._database is None:
            raise RuntimeError("the stack has no database yet")
        return self._database

    def start_database(
        self,
        *,
        data: Path | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        password: str | None = None,
    ) -> Database:
        """Start localdb.

        Args:
            host: the address that it listens on.
            data: its files; None: a folder below the stack's.
            port: 0: a free one.
            password: of the user and of SYSTEM; None: a new one. A later start on the same data
                needs the same.
        """
        password = password or secrets.token_hex(12)
        user = "ORAQ"
        process = self._start(
            "localdb",
            [
                *("-m", "deploy.localdb", "--host", host, "--port", str(port), "--user", user),
                *("--data", str(data or self.folder / "database")),
            ],
            {"LOCALDB_PASSWORD": password},
        )
        dsn = process.wait_until_ready(r"localdb ready: (\S+)", seconds=DATABASE_SECONDS)
        self._database = Database(dsn=dsn, user=user, password=password)
        return self._database

    def install(self, *, samples: bool = True) -> None:
        """Install the schema, as `oraq install` does.

        Raises:
            ProcessFailed: it could not be installed.
        """
        done = self.run(["install", *(["--samples"] if samples else [])], seconds=INSTALL_SECONDS)
        if done.returncode != 0:
            raise ProcessFailed(
                "oraq install", f"ended with exit code {done.returncode}", done.stdout + done.stderr
            )

    def run(
        self, arguments: Sequence[str], *, seconds: float, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run an `oraq` command to its end, connected to the stack's database."""
        child = subprocess.Popen(
            [sys.executable, "-m", "deploy.cli", *arguments],
            env=self._inherited | self.database.environment() | environment,
            cwd=ROOT,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        with child:
            try:
                output, errors = child.communicate(timeout=seconds)
            except BaseException:
                child.kill()
                raise
        return subprocess.CompletedProcess(arguments, child.returncode, output, errors)

    def start_api(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        token: str | None = None,
        **environment: str,
    ) -> Api:
        """Start the API on a free port, or the given one."""
        token = token or secrets.token_hex(16)
        process = self._start(
            "api",
            ["-m", "deploy.cli", "api", "--host", host, "--port", str(port)],
            self.database.environment() | {"API_TOKEN": token} | environment,
        )
        url = process.wait_until_ready(r"api ready: (\S+)", seconds=READY_SECONDS)
        return Api(url=url, token=token, process=process)

    def start_worker(self, *arguments: str, **environment: str) -> Process:
        """Start a worker with these arguments of `oraq worker`."""
        return self.start_workers(1, *arguments, **environment)[0]

    def start_workers(self, number: int, *arguments: str, **environment: str) -> list[Process]:
        """Start several at once, and wait until all of them are ready."""
        workers = [
            self._start(
                "worker",
                ["-m", "deploy.cli", "worker", *arguments],
                self.database.environment() | environment,
            )
            for _ in range(number)
        ]
        for worker in workers:
            worker.wait_until_ready(r"worker ready: (\S+).*", seconds=READY_SECONDS)
        return workers

    def stop(self) -> None:
        """Stop everything, whatever happens meanwhile. Twice is fine."""
        with ExitStack() as callbacks:
            # A callback runs even if a later one (the stack is run backwards) was interrupted.
            for process in self._processes:
                callbacks.callback(_stopper(process))
            for process in self._processes:
                if process.name == "worker":
                    process.terminate()
        self._processes.clear()

    def _start(
        self, name: str, arguments: Sequence[str], environment: Mapping[str, str]
    ) -> Process:
        log = self.folder / f"{name}-{len(self._processes) + 1}.log"
        process = Process(
            name,
            [sys.executable, *arguments],
            environment={**self._inherited, **environment},
            folder=ROOT,
            log=log,
        )
        self._processes.append(process)
        return process


def _stopper(process: Process) -> Callable[[], None]:
    return lambda: process.stop(seconds=STOP_SECONDS)
