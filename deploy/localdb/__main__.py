"""Run localdb: `python -m deploy.localdb`."""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import shutil
import signal
import ssl
import sys
import tempfile
from pathlib import Path

import structlog

from deploy.localdb.database import Database
from deploy.localdb.postgres.binaries import NoPostgres
from deploy.localdb.postgres.cluster import ClusterError
from deploy.localdb.server import SERVICE, Server
from deploy.localdb.sessions import Sessions

#: PL/SQL that calls itself needs more of Python's frames than Python gives.
_RECURSION_LIMIT = 12_000

#: Python's own are for programs that make few objects.
_GARBAGE_THRESHOLDS = (20_000, 20, 20)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.localdb",
        description="A development database that speaks Oracle's network protocol. "
        "The password of SYSTEM and of the user is read from LOCALDB_PASSWORD.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=1521, help="0: a free one (%(default)s)")
    parser.add_argument("--data", type=Path, help="durable data; else a temporary folder")
    parser.add_argument("--user", default="ORAQ", help="a user to create (%(default)s)")
    parser.add_argument("--postgres-bin", type=Path, help="PostgreSQL's bin folder, 17 or later")
    parser.add_argument(
        "--protocol",
        choices=("23", "19"),
        default="23",
        help="whose handshake and field layouts (%(default)s)",
    )
    parser.add_argument("--tls-cert", type=Path, help="PEM certificate (chain): listen for TCPS")
    parser.add_argument("--tls-key", type=Path, help="its PEM key, where the file above has none")
    arguments = parser.parse_args()
    if arguments.tls_key is not None and arguments.tls_cert is None:
        parser.error("--tls-key needs --tls-cert")
    return arguments


def _tls(arguments: argparse.Namespace) -> ssl.SSLContext | None:
    """How clients connect; None: without TLS.

    Raises:
        OSError: certificate or key cannot be read, or do not fit.
    """
    if arguments.tls_cert is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(arguments.tls_cert, arguments.tls_key)
    except OSError as error:  # which does not name the file
        files = " and ".join(str(f) for f in (arguments.tls_cert, arguments.tls_key) if f)
        raise OSError(f"TLS with {files}: {error}") from error
    return context


def _new_loop() -> asyncio.AbstractEventLoop:
    """The loop of uvloop where it is installed: a third less CPU for each statement."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


async def _serve(arguments: argparse.Namespace, password: str, data: Path) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    tls = _tls(arguments)
    database = await Database.start(
        data=data,
        postgres_bin=arguments.postgres_bin,
        password=password,
        user=arguments.user.upper(),
    )
    try:
        classic = arguments.protocol == "19"
        sessions = Sessions(database, release="19.3.0.0.0" if classic else "23.4.0.0.0")
        await sessions.start()
        server = Server(sessions, classic=classic, tls=tls)
        try:
            port = await server.start(arguments.host, arguments.port)
            scheme = "tcps://" if tls is not None else ""
            # What is there now stays: it need not be looked through for garbage again and again.
            gc.collect()
            gc.freeze()
            gc.set_threshold(*_GARBAGE_THRESHOLDS)
            print(f"localdb ready: {scheme}{arguments.host}:{port}/{SERVICE}", flush=True)
            await stopping.wait()
        finally:
            await server.stop()
            await sessions.stop()
    finally:
        await database.stop()


def main() -> int:
    """The process; returns its exit code."""
    arguments = _arguments()
    structlog.configure(
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        processors=[
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
    )
    password = os.environ.get("LOCALDB_PASSWORD", "")
    if not password:
        print("localdb: LOCALDB_PASSWORD is not set: it is the users' password", file=sys.stderr)
        return 2
    sys.setrecursionlimit(_RECURSION_LIMIT)
    temporary = None
    data = arguments.data
    if data is None:
        temporary = Path(tempfile.mkdtemp(prefix="localdb-"))
        data = temporary / "data"
    try:
        with asyncio.Runner(loop_factory=_new_loop) as runner:
            runner.run(_serve(arguments, password, data))
    except (NoPostgres, ClusterError, OSError) as error:
        print(f"localdb: {error}", file=sys.stderr)
        return 1
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
