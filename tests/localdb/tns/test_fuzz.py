"""Whatever a client sends, the server refuses it or waits for more, and goes on."""

import asyncio
import os
import random
import warnings
from collections.abc import Iterator

import oracledb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.localdb.errors import OraError
from deploy.localdb.server import Server
from deploy.localdb.tns.authentication import Verifier
from deploy.localdb.tns.connection import (
    CallReceived,
    Closed,
    Connect,
    Connection,
    LogonProof,
    LogonRequest,
)
from deploy.localdb.tns.errors import RemoteProtocolError
from deploy.localdb.tns.replies import Failed
from tests.localdb.fuzzing import spoil, spoil_sessions
from tests.localdb.tns.canned import PASSWORD, CannedSessions

LOGIN = {"user": "canned", "password": PASSWORD}


class Recorder:
    """Keeps what clients send, in the pieces in which it came."""

    def __init__(self, port: int) -> None:
        self.pieces: list[bytes] = []
        self._port = port

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)

        async def back() -> None:
            while data := await far_reader.read(1 << 16):
                writer.write(data)

        task = asyncio.create_task(back())
        while data := await reader.read(1 << 16):
            self.pieces.append(data)
            far_writer.write(data)
        far_writer.close()
        await task
        writer.close()


async def _record(*, classic: bool) -> list[bytes]:
    sessions = CannedSessions()
    server = Server(sessions, classic=classic)
    verifier = await sessions.verifier("CANNED")
    assert verifier is not None
    _VERIFIERS[classic] = verifier
    recorder = Recorder(await server.start("127.0.0.1", 0))
    way = await asyncio.start_server(recorder.carry, "127.0.0.1", 0)
    port = way.sockets[0].getsockname()[1]
    async with oracledb.connect_async(dsn=f"127.0.0.1:{port}/FREEPDB1", **LOGIN) as connection:
        cursor = connection.cursor()
        await cursor.execute("select numbers")
        await cursor.fetchmany(10)
        await cursor.execute("begin :1 := :2; end;", (1, "x" * 400))
        await cursor.executemany("insert into t values (:1, :2)", [(n, "y") for n in range(20)])
        lob = await connection.createlob(oracledb.DB_TYPE_BLOB, b"bytes")
        await lob.read()
        queue = connection.queue("ANY")
        await queue.enqone(connection.msgproperties(payload=b"message", correlation="c"))
        await queue.enqmany([connection.msgproperties(payload=b"message") for _ in range(3)])
        await queue.deqone()
        connection.module = "fuzz"
        await connection.commit()
    way.close()
    await server.stop()
    return recorder.pieces


@pytest.fixture(scope="module", autouse=True)
def no_chance() -> Iterator[None]:
    """The server's half of a key is always the same: so a captured log-on is right another time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "urandom", bytes)
        yield


@pytest.fixture(scope="module", params=[False, True], ids=["fast", "classic"])
def capture(request: pytest.FixtureRequest) -> tuple[bool, list[bytes]]:
    return request.param, _captured(request.param)


_VERIFIERS: dict[bool, Verifier] = {}
_CAPTURES: dict[bool, list[bytes]] = {}


def serve(data: Iterator[bytes], *, classic: bool) -> int:
    """Be a server without sockets; how many requests have come when the client is done or refused."""
    connection = Connection(classic=classic)
    calls = 0
    for piece in data:
        connection.receive_data(piece)
        try:
            while (event := connection.next_event()) is not None:
                match event:
                    case Connect():
                        assert connection.accept()
                    case LogonRequest():
                        assert connection.challenge(_VERIFIERS[classic])
                    case LogonProof(accepted=False):
                        assert connection.refuse_logon(OraError(1017, "invalid password"))
                        return calls
                    case LogonProof():
                        assert connection.accept_logon(1, 1, database="D", service="S")
                    case CallReceived(call):
                        calls += 1
                        failed = Failed(OraError(942, "table or view does not exist"))
                        assert connection.reply(call, failed, in_transaction=False)
                    case Closed():
                        return calls
        except RemoteProtocolError:
            return calls
        connection.take_negotiated()
    return calls


def test_what_was_captured_is_understood(capture: tuple[bool, list[bytes]]) -> None:
    classic, pieces = capture

    assert serve(iter(pieces), classic=classic) >= 8


@pytest.mark.parametrize("number", range(8))
def test_a_spoilt_capture_is_refused_or_understood(
    capture: tuple[bool, list[bytes]], number: int
) -> None:
    classic, pieces = capture
    chance = random.Random(number)
    for _ in range(100):
        which = chance.randrange(len(pieces))
        spoilt = [spoil(p, chance) if i == which else p for i, p in enumerate(pieces)]
        serve(iter(spoilt), classic=classic)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.binary(max_size=200), max_size=5), st.booleans(), st.integers(0, 4))
def test_any_bytes_are_refused_or_waited_for(more: list[bytes], classic: bool, kept: int) -> None:
    pieces = _captured(classic)

    serve(iter([*pieces[:kept], *more]), classic=classic)


def _captured(classic: bool) -> list[bytes]:
    if classic not in _CAPTURES:
        _CAPTURES[classic] = asyncio.run(_record(classic=classic))
    return _CAPTURES[classic]


@pytest.mark.parametrize("classic", [False, True], ids=["fast", "classic"])
async def test_spoilt_sessions_end_alone(classic: bool) -> None:
    server = Server(CannedSessions(), classic=classic)
    port = await server.start("127.0.0.1", 0)
    async with oracledb.connect_async(dsn=f"127.0.0.1:{port}/FREEPDB1", **LOGIN) as connection:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # the driver's, of what was cut off
            await spoil_sessions("127.0.0.1", port, LOGIN, count=60, seed=1)
        await connection.ping()

        await _only_one_is_left(server)
    await server.stop()


async def _only_one_is_left(server: Server) -> None:
    for _ in range(500):
        if len(server.clients) == 1:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{len(server.clients)} clients are left")
