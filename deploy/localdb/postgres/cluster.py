"""The embedded PostgreSQL cluster: made, started, stopped; it never outlives its parent process.

Rules:

1. It is reached by a unix socket in a private directory only, so it needs no passwords.
2. What is committed is on disk: fsync and synchronous_commit stay on.
3. It is a direct child that dies with localdb, even after kill -9, and then starts again.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import shutil
import signal
import tempfile
from asyncio.subprocess import Process
from pathlib import Path

from deploy.localdb.postgres.binaries import find_binaries, read_version
from deploy.localdb.postgres.privileges import Runner, choose_runner
from deploy.localdb.postgres.wire import ConnectionLost, ServerError, Wire

#: The superuser of the cluster; no client of localdb ever sees it.
SUPERUSER = "localdb"
SOCKET_NAME = ".s.PGSQL.5432"

_START_SECONDS = 60.0
_STOP_SECONDS = 2.0
_KILL_SECONDS = 1.0
#: After kill -9 of localdb its PostgreSQL takes a moment to end.
_PREDECESSOR_SECONDS = 10.0
#: A unix socket's path has at most 107 bytes on Linux, 103 on macOS.
_SOCKET_PATH_BYTES = 100

_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "synchronous_commit": "on",
    "max_connections": "300",
    "max_locks_per_transaction": "128",
    "deadlock_timeout": "200ms",
    "shared_buffers": "64MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "512MB",
    "checkpoint_timeout": "15min",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "lc_messages": "C",
    "datestyle": "ISO",
    "intervalstyle": "postgres",
    "client_encoding": "UTF8",
    # Errors of statements go to the client, who knows what to do with them.
    "log_min_messages": "fatal",
    "log_min_error_statement": "panic",
    "log_checkpoints": "off",
}


class ClusterError(Exception):
    """The cluster could not be made or started; the text holds PostgreSQL's own words."""


class Cluster:
    """One running cluster.

    Attributes:
        socket: the path that `Wire.connect` takes.
    """

    def __init__(self, data: Path, runner: Runner, sockets: Path, lock: int, version: int) -> None:
        self._data = data
        self._runner = runner
        self._sockets = sockets
        self._lock = lock
        self._version = version
        self._process: Process | None = None
        self._log = data / "postgres.log"
        self.socket = str(sockets / SOCKET_NAME)

    @classmethod
    async def start(cls, data: Path, binaries: Path | None = None) -> Cluster:
        """Make the cluster in the data directory where there is none, and start it.

        Raises:
            NoPostgres: there is no PostgreSQL that can be used.
            ClusterError: it does not start, or another localdb uses the directory.
        """
        found = find_binaries(binaries)
        version = await read_version(found)
        data = _make_directory(data)
        lock = _lock(data)
        try:
            runner = await choose_runner(found, data)
            runner.give(data)
            cluster = cls(data, runner, _socket_directory(data), lock, version)
            runner.give(cluster._sockets)
        except BaseException:
            os.close(lock)
            raise
        try:
            await cluster._make()
            await cluster._launch()
        except BaseException:
            await cluster.stop()
            raise
        return cluster

    @property
    def _pgdata(self) -> Path:
        return self._data / "pgdata"

    async def _make(self) -> None:
        if (self._pgdata / "PG_VERSION").is_file():
            made_by = int((self._pgdata / "PG_VERSION").read_text().split(".")[0])
            if made_by != self._version:
                raise ClusterError(
                    f"{self._data} was made by PostgreSQL {made_by}, not {self._version}:"
                    " use another directory, or the same PostgreSQL with --postgres-bin"
                )
            return
        # Made aside, so that a kill in between leaves nothing that looks finished.
        unfinished = self._data / "pgdata.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        process = await asyncio.create_subprocess_exec(
            self._runner.binaries / "initdb",
            f"--pgdata={unfinished}",
            f"--username={SUPERUSER}",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-sync",
            "--no-instructions",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            preexec_fn=self._runner.prepare,
        )
        try:
            output, _ = await process.communicate()
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            raise
        if process.returncode != 0:
            raise ClusterError(f"initdb failed:\n{output.decode(errors='replace')}")
        unfinished.rename(self._pgdata)

    async def _launch(self) -> None:
        await self._await_predecessor()
        settings = _SETTINGS | {"timezone": host_time_zone()}
        if self._version >= 18:
            settings["io_method"] = "sync"
        arguments = [f"--{name.replace('_', '-')}={value}" for name, value in settings.items()]
        descriptor = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            self._process = await asyncio.create_subprocess_exec(
                self._runner.binaries / "postgres",
                "-D",
                self._pgdata,
                "-k",
                self._sockets,
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=descriptor,
                stderr=descriptor,
                preexec_fn=self._runner.prepare,
                # Ctrl-C in a terminal is for localdb, which then stops PostgreSQL.
                start_new_session=True,
            )
        finally:
            os.close(descriptor)
        await self._await_ready(self._process)

    async def _await_predecessor(self) -> None:
        """Wait for the PostgreSQL of a killed localdb; remove what it left behind."""
        pid_file = self._pgdata / "postmaster.pid"
        deadline = asyncio.get_running_loop().time() + _PREDECESSOR_SECONDS
        pause = 0.01
        while (pid := _read_pid(pid_file)) is not None and _runs_in(pid, self._pgdata):
            if asyncio.get_running_loop().time() > deadline:
                raise ClusterError(f"another PostgreSQL (process {pid}) runs in {self._pgdata}")
            await asyncio.sleep(pause)
            pause = min(pause * 2, 0.2)
        # The number may belong to another process by now, which would keep PostgreSQL from
        # starting; that no other localdb is here is sure by the lock.
        pid_file.unlink(missing_ok=True)
        for name in (SOCKET_NAME, f"{SOCKET_NAME}.lock"):
            (self._sockets / name).unlink(missing_ok=True)

    async def _await_ready(self, process: Process) -> None:
        ended = asyncio.ensure_future(process.wait())
        deadline = asyncio.get_running_loop().time() + _START_SECONDS
        pause = 0.005
        last: Exception
        try:
            while True:
                try:
                    wire = await Wire.connect(self.socket, SUPERUSER, "postgres")
                except (OSError, ServerError, ConnectionLost) as error:
                    last = error
                else:
                    await wire.close()
                    return
                if asyncio.get_running_loop().time() > deadline:
                    raise ClusterError(f"PostgreSQL does not answer: {last}\n{self._log_text()}")
                await asyncio.wait({ended}, timeout=pause)
                if ended.done():
                    raise ClusterError(f"PostgreSQL does not start:\n{self._log_text()}")
                pause = min(pause * 1.5, 0.2)
        finally:
            ended.cancel()

    def _log_text(self) -> str:
        with contextlib.suppress(OSError):
            return self._log.read_text(errors="replace")[-2000:]
        return ""

    async def stop(self) -> None:
        """End it within 3 s, whatever runs; twice is fine."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            for signal_, seconds in (
                (signal.SIGINT, _STOP_SECONDS),
                (signal.SIGQUIT, _KILL_SECONDS),
                (signal.SIGKILL, None),
            ):
                with contextlib.suppress(ProcessLookupError):
                    process.send_signal(signal_)
                try:
                    await asyncio.wait_for(process.wait(), seconds)
                except TimeoutError:
                    continue
                break
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1
            shutil.rmtree(self._sockets, ignore_errors=True)
            self._runner.close()


def host_time_zone() -> str:
    """The host's zone by a name that PostgreSQL knows; UTC where it cannot be told."""
    given = os.environ.get("TZ", "").removeprefix(":")
    if given and not given.startswith("/"):
        return given
    marker = "/zoneinfo/"
    target = os.path.realpath(given or "/etc/localtime")
    if marker in target:
        return target.split(marker, 1)[1].removeprefix("posix/")
    return "UTC"


def _make_directory(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path.resolve()


def _lock(data: Path) -> int:
    """Take the directory for this process; the lock goes with it."""
    descriptor = os.open(data / "localdb.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise ClusterError(f"another localdb uses the directory {data}") from error
    return descriptor


def _socket_directory(data: Path) -> Path:
    """A private directory with a short path, the same for the same data where that is possible."""
    directory = data / "socket"
    if len(os.fsencode(directory / SOCKET_NAME)) <= _SOCKET_PATH_BYTES:
        directory.mkdir(mode=0o700, exist_ok=True)
        return directory
    for parent in (tempfile.gettempdir(), "/tmp", "/var/tmp"):
        if len(parent) < _SOCKET_PATH_BYTES // 2 and os.access(parent, os.W_OK):
            return Path(tempfile.mkdtemp(prefix="localdb-", dir=parent))
    raise ClusterError("no directory with a path that is short enough for a socket")


def _read_pid(path: Path) -> int | None:
    try:
        return int(path.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def _runs_in(pid: int, directory: Path) -> bool:
    """Whether a process lives and has the directory as its own, as PostgreSQL's has."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return False
    try:
        return Path(f"/proc/{pid}/cwd").resolve() == directory
    except OSError:
        # No /proc, or not ours to look at: PostgreSQL itself will tell.
        return False
