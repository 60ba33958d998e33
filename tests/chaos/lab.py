"""A whole OraQ whose every process has a port of the proxy to itself, and can be killed and replaced.

clients ── proxy ── API ──────┐
                              ├── proxy ── localdb
workers ──────────────────────┘
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import oracledb
import psutil

from deploy.processes import Process
from deploy.stack import Api, Database, Stack
from sql.scripts import read_script
from tests.chaos.clock import wrong_clock
from tests.chaos.proxy import Listener, Proxy
from tests.waiting import eventually

PROCEDURES = Path(__file__).with_name("procedures.sql")


class Place:
    """Where one process of a kind runs, one after the other, behind the same listener."""

    def __init__(
        self,
        name: str,
        listener: Listener,
        process: Process,
        arguments: tuple[str, ...] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.arguments = arguments
        self.environment = environment or {}
        self.listener = listener
        self.process = process
        self.logs = [process.log]

    def kill(self) -> float:
        """kill -9; the time at which it was sent, by the host's clock."""
        at = time.time()
        self.process.kill()
        return at

    def freeze(self) -> None:
        """SIGSTOP, and wait until it holds."""
        os.kill(self.process.pid, signal.SIGSTOP)
        process = psutil.Process(self.process.pid)
        eventually(lambda: process.status() == psutil.STATUS_STOPPED, what="a stopped process")

    def resume(self) -> None:
        os.kill(self.process.pid, signal.SIGCONT)

    def replace(self, process: Process) -> None:
        self.process = process
        self.logs.append(process.log)


class Lab:
    """Processes, proxies, and a way to ask the database directly."""

    def __init__(
        self, folder: Path, *, lease: float = 3, heartbeat: float = 1, slots: int = 4
    ) -> None:
        self.lease = lease
        self.heartbeat = heartbeat
        self.slots = slots
        self._closing = ExitStack()
        self.stack = Stack(folder=folder, environment=os.environ)
        self.proxy = Proxy()
        self.workers: list[Place] = []
        self._api: Place | None = None
        self._front: Listener | None = None
        self._api_port = 0
        self._token = ""
        self._connection: oracledb.Connection | None = None

    def __enter__(self) -> Self:
        try:
            # The proxy is stopped first, so that no process waits for a held connection.
            self._closing.enter_context(self.stack)
            self._closing.enter_context(self.proxy)
            self._database = self.stack.start_database()
            self.stack.install(samples=True)
        except BaseException:
            self._closing.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for place in (*self.workers, *([self._api] if self._api else [])):
            with suppress(ProcessLookupError):
                place.resume()
        if self._connection is not None:
            with suppress(oracledb.Error):
                self._connection.close()
        self._closing.close()

    # The database.

    @property
    def database(self) -> Database:
        return self._database

    @property
    def database_address(self) -> tuple[str, int]:
        host, _, rest = self._database.dsn.partition(":")
        return host, int(rest.partition("/")[0])

    @property
    def database_process(self) -> Process:
        return [process for process in self.stack.processes if process.name == "localdb"][-1]

    def crash_database(self) -> None:
        """kill -9; its data stay."""
        self.database_process.kill()

    def stop_database(self) -> None:
        """As a shutdown: SIGTERM, open transactions are rolled back."""
        self.database_process.stop(seconds=20)

    def start_database(self) -> None:
        """Start it again on its data and its port."""
        self.stack.start_database(port=self.database_address[1], password=self._database.password)

    def connect(self, *, dsn: str | None = None) -> oracledb.Connection:
        """As the owner, past every proxy unless told otherwise."""
        database = self._database
        return oracledb.connect(
            user=database.user, password=database.password, dsn=dsn or database.dsn
        )

    @property
    def db(self) -> oracledb.Connection:
        """A connection of the test's own; a new one after the database was away."""
        if self._connection is None or not self._connection.is_healthy():
            self._connection = self.connect()
        return self._connection

    def ask(self, text: str, **binds: Any) -> list[tuple[Any, ...]]:
        """Rows of a query, or what a statement gives; repeated while the database comes back."""
        deadline = time.monotonic() + 30
        while True:
            try:
                with self.db.cursor() as cursor:
                    cursor.execute(text, binds)
                    rows = [
                        tuple(value.read() if hasattr(value, "read") else value for value in row)
                        for row in (cursor if cursor.description else ())
                    ]
                self.db.commit()
                return rows
            except oracledb.Error as error:
                if not self._is_away(error) or time.monotonic() > deadline:
                    raise
                if self._connection is not None:
                    with suppress(oracledb.Error):
                        self._connection.close()
                self._connection = None
                time.sleep(0.1)

    def one(self, text: str, **binds: Any) -> Any:
        """The first column of the first row; None: no row."""
        rows = self.ask(text, **binds)
        return rows[0][0] if rows else None

    def install_procedures(self, path: Path = PROCEDURES) -> None:
        for statement in read_script(path):
            if statement.text.strip().lower() != "commit":
                self.ask(statement.text)

    def _is_away(self, error: oracledb.Error) -> bool:
        (fault,) = error.args
        return str(getattr(fault, "full_code", "")).startswith(
            ("DPY-4011", "DPY-1001", "DPY-6005", "DPY-6000", "ORA-125", "ORA-0109", "ORA-0108")
        )

    # The processes.

    @property
    def api(self) -> Place:
        assert self._api is not None, "the API is not started"
        return self._api

    @property
    def front(self) -> Listener:
        """Between clients and the API."""
        assert self._front is not None, "the API is not started"
        return self._front

    @property
    def url(self) -> str:
        """Of the API, past the proxy."""
        return f"http://127.0.0.1:{self._api_port}"

    @property
    def front_url(self) -> str:
        """Of the API, through the proxy."""
        return f"http://127.0.0.1:{self.front.port}"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}

    def start_api(self, **environment: str) -> Place:
        listener = self.proxy.listen(*self.database_address)
        environment["ORACLE_DSN"] = self.dsn_through(listener)
        environment["PYTHONFAULTHANDLER"] = "1"
        api: Api = self.stack.start_api(port=0, token=None, **environment)
        self._api_port = httpx.URL(api.url).port or 80
        self._token = api.token
        self._api = Place("api", listener, api.process)
        self._front = self.proxy.listen("127.0.0.1", self._api_port, http=True)
        self._api_environment = environment
        return self._api

    def restart_api(self, **environment: str) -> None:
        """On the same port, with the same token; the environment is for this process only."""
        api = self.stack.start_api(
            port=self._api_port,
            token=self._token,
            **self._api_environment | environment,
        )
        self.api.replace(api.process)

    def start_worker(self, *arguments: str, **environment: str) -> Place:
        listener = self.proxy.listen(*self.database_address)
        name = f"worker {len(self.workers) + 1}"
        process = self._start_worker(listener, arguments, environment)
        place = Place(name, listener, process, arguments, environment)
        self.workers.append(place)
        return place

    def restart_worker(self, place: Place) -> None:
        place.replace(self._start_worker(place.listener, place.arguments, place.environment))

    def drop_workers(self) -> None:
        """End all workers at once, however they are."""
        for place in self.workers:
            place.process.kill()
            place.listener.cut_all()
        self.workers.clear()

    def dsn_through(self, listener: Listener) -> str:
        """A driver without a statement cache sends every text, so that the proxy sees the step."""
        service = self._database.dsn.partition("/")[2]
        return f"127.0.0.1:{listener.port}/{service}?pyo.stmtcachesize=0"

    def _start_worker(
        self, listener: Listener, arguments: tuple[str, ...], environment: Mapping[str, str]
    ) -> Process:
        return self.stack.start_worker(
            *("--lease", str(self.lease), "--heartbeat", str(self.heartbeat)),
            *("--slots", str(self.slots), *arguments),
            ORACLE_DSN=self.dsn_through(listener),
            # Should a library crash, the log says where.
            PYTHONFAULTHANDLER="1",
            **environment,
        )

    # States of the world around the jobs.

    @contextmanager
    def scheduler_off(self) -> Iterator[None]:
        """Neither OraQ's scheduler jobs nor any other run."""
        self._tell_system("alter system set job_queue_processes = 0")
        try:
            yield
        finally:
            self._tell_system("alter system set job_queue_processes = 4")

    def _tell_system(self, text: str) -> None:
        """As a DBA, who has the owner's password in localdb."""
        database = self._database
        with oracledb.connect(
            user="SYSTEM", password=database.password, dsn=database.dsn
        ) as connection:
            connection.cursor().execute(text)

    @contextmanager
    def queue_stopped(self) -> Iterator[None]:
        """As a DBA stops it: neither enqueue nor dequeue."""
        self.ask("begin dbms_aqadm.stop_queue('ASYNC_JOBS_QUEUE'); end;")
        try:
            yield
        finally:
            self.ask("begin dbms_aqadm.start_queue('ASYNC_JOBS_QUEUE'); end;")

    @contextmanager
    def refusing(self, condition: str) -> Iterator[None]:
        """The job table refuses what does not fit a constraint of the test's own."""
        self.ask(f"alter table async_jobs add constraint chaos_refuses_ck check ({condition})")
        try:
            yield
        finally:
            self.ask("alter table async_jobs drop constraint chaos_refuses_ck")

    def clock_off(self, *, days: float = 1) -> dict[str, str]:
        """The environment of a process whose host's clock is wrong."""
        return wrong_clock(self.stack.folder, days=days)
