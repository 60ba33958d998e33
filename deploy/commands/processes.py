"""The two processes that stay: the API and a worker.

Each prints one line on standard output once it serves, which whoever started it may wait for.
SIGTERM and Ctrl-C end it gently, with exit code 0.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import structlog
import uvicorn
from pydantic import ValidationError

from api.app import Services, build_app, release_waiting
from api.connection import limited_protocol
from api.settings import ApiSettings, token_files
from api.token_files import TokenFiles
from api.tokens import Token
from deploy.commands.exits import CommandFailed, Exit
from deploy.settings import ConfigurationError, explain, read_database, read_port
from sql.errors import NotInstalled
from sql.install import Report, changed_units, install, missing_privileges
from sql.jobs import Jobs
from sql.operations import Operations
from sql.pool import create_pool
from sql.settings import DatabaseSettings
from sql.statements import load_statements
from worker.pool import Worker
from worker.settings import WorkerSettings

#: Where the existing service listens.
API_PORT = 3000
#: How long connections may take to be closed.
POOL_CLOSE_SECONDS = 5
#: How long requests in flight may take at shutdown.
API_GRACE_SECONDS = 10

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def run_api(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    database = read_database(environ)
    try:
        settings = ApiSettings.from_environment(environ)
    except ValidationError as error:
        raise ConfigurationError(explain(error)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"a file of tokens cannot be read: {error}") from error
    host = options.host or environ.get("API_HOST") or "0.0.0.0"  # noqa: S104
    port = options.port if options.port is not None else read_port(environ, "PORT", API_PORT)
    with _listen(host, port) as listener, asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(_serve_api(listener, database, settings, environ))
    return Exit.DONE


async def _serve_api(
    listener: socket.socket,
    database: DatabaseSettings,
    settings: ApiSettings,
    environ: Mapping[str, str],
) -> None:
    logger = structlog.get_logger(process="api")

    def read_tokens() -> tuple[Token, ...]:
        return ApiSettings.from_environment(environ).all_tokens

    files = TokenFiles(settings.all_tokens, token_files(environ), read_tokens, logger)
    pool = create_pool(
        database, size=settings.pool_size, program="oraq-api", call_seconds=settings.call_seconds
    )
    try:
        statements = load_statements(database.owner)
        operations = Operations(pool, statements)
        services = Services(
            jobs=Jobs(pool, statements),
            operations=operations,
            pool=pool,
            installer=_Installer(database, operations),
        )
        app = build_app(settings, services, logger, tokens=files.current)
        config = uvicorn.Config(
            app,
            http=limited_protocol(
                head_seconds=settings.head_seconds, stall_seconds=settings.stall_seconds
            ),
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            # Without a list uvicorn would believe whatever a client on this machine says.
            proxy_headers=settings.forwarded_allow_ips is not None,
            forwarded_allow_ips=settings.trusted_proxies,
            timeout_graceful_shutdown=API_GRACE_SECONDS,
        )
        await _ApiServer(config, on_end=lambda: release_waiting(app)).serve(sockets=[listener])
    finally:
        try:
            async with asyncio.timeout(POOL_CLOSE_SECONDS):
                await pool.close()
        except TimeoutError:
            # A connection that is being made to a silent database has no time limit of its own.
            logger.warning("connections are left to the database")


def run_worker(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    database = read_database(environ)
    try:
        settings = WorkerSettings.from_environment(
            environ,
            slots=options.slots,
            grace_seconds=options.grace,
            cancel_grace_seconds=options.cancel_grace,
            lease_seconds=options.lease,
            heartbeat_seconds=options.heartbeat,
            wait_seconds=options.poll,
            cancel_check_seconds=options.cancel_check,
        )
    except ValidationError as error:
        raise ConfigurationError(explain(error)) from None
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(_serve_jobs(database, settings))
    return Exit.DONE


async def _serve_jobs(database: DatabaseSettings, settings: WorkerSettings) -> None:
    worker = Worker(settings, database, structlog.get_logger(process="worker"))
    loop = asyncio.get_running_loop()
    for number in ENDING_SIGNALS:
        loop.add_signal_handler(number, worker.request_stop)
    announcing = asyncio.create_task(_announce(worker, settings.slots))
    try:
        await worker.run()
    finally:
        announcing.cancel()


async def _announce(worker: Worker, slots: int) -> None:
    await worker.ready.wait()
    print(f"worker ready: {worker.id}, slots {slots}", flush=True)


class _Installer:
    """Installs the schema as the API's own user."""

    def __init__(self, database: DatabaseSettings, operations: Operations) -> None:
        self._database = database
        self._operations = operations

    async def missing(self) -> list[str]:
        return await missing_privileges(self._database)

    async def live_workers(self) -> list[str]:
        """Only those that stand in the way: what is up to date replaces nothing."""
        try:
            if not await changed_units(self._database):
                return []
            return [w.worker for w in await self._operations.seen_workers() if w.is_alive]
        except NotInstalled:
            return []

    async def install(self, report: Report) -> None:
        await install(self._database, report=report)


class _ApiServer(uvicorn.Server):
    """Says when it serves, and ends at a signal without raising it again."""

    def __init__(self, config: uvicorn.Config, *, on_end: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_end = on_end

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Before the server waits for the requests in flight, some of which would wait for long.
        self._on_end()
        await super().shutdown(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or []:
            host, port = listener.getsockname()[:2]
            shown = f"[{host}]" if ":" in host else host
            print(f"api ready: http://{shown}:{port}", flush=True)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in ENDING_SIGNALS:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield
        for number in ENDING_SIGNALS:
            loop.remove_signal_handler(number)


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket, so that the port is known, and taken, before anything else happens."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        reason = error.strerror or str(error)
        raise CommandFailed(f"cannot listen on {host}:{port}: {reason}", Exit.USAGE) from error
    return listener


def new_loop() -> asyncio.AbstractEventLoop:
    """The loop of uvloop where it is installed: half the CPU for each request."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()
