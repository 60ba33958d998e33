"""Sessions of the real driver whose bytes are spoilt on their way to the server."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass

import oracledb

#: A spoilt session is at its end when so long nothing comes from either side. It is not waited for:
#: a server that takes what it has got for the begin of a request waits as well, and rightly.
_SILENCE_SECONDS = 0.05
_SESSION_SECONDS = 10.0
_AT_ONCE = 16


def spoil(data: bytes, chance: random.Random) -> bytes:
    """Another stream, made of this one: bytes changed, lost, doubled, moved or made up."""
    spoilt = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        start = chance.randrange(len(spoilt) + 1)
        end = min(len(spoilt), start + chance.choice((1, 1, 2, 4, 16, 200)))
        match chance.randrange(7):
            case 0 if start < len(spoilt):
                spoilt[start] ^= 1 << chance.randrange(8)
            case 1 if start < len(spoilt):
                spoilt[start] = chance.choice((0, 1, 0x7F, 0x80, 0xFD, 0xFE, 0xFF))
            case 2:
                del spoilt[start:end]
            case 3:
                spoilt[start:start] = chance.randbytes(end - start + 1)
            case 4:
                spoilt[start:start] = spoilt[start:end]
            case 5:
                spoilt[start:end] = chance.randbytes(end - start)
            case _:
                del spoilt[start:]
    return bytes(spoilt)


@dataclass
class SpoiltWay:
    """A way to the server that spoils one piece of what a client sends, and only passes on others."""

    host: str
    port: int
    chance: random.Random
    #: Which piece: 0 is the CONNECT.
    which: int

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(self.host, self.port)
        except OSError:
            writer.close()
            return
        heard = asyncio.Event()
        ways = [
            asyncio.create_task(self._pass(reader, far_writer, heard, spoils=True)),
            asyncio.create_task(self._pass(far_reader, writer, heard, spoils=False)),
        ]
        try:
            while not any(way.done() for way in ways):
                heard.clear()
                try:
                    await asyncio.wait_for(heard.wait(), _SILENCE_SECONDS if self.which < 0 else 1)
                except TimeoutError:
                    break
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            for end in (writer, far_writer):
                end.transport.abort()

    async def _pass(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        heard: asyncio.Event,
        *,
        spoils: bool,
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(1 << 16):
                if spoils:
                    if self.which == 0:
                        data = spoil(data, self.chance)
                    self.which -= 1
                writer.write(data)
                await writer.drain()
                heard.set()
        heard.set()


@contextlib.asynccontextmanager
async def _way(host: str, port: int, chance: random.Random) -> AsyncIterator[int]:
    way = SpoiltWay(host, port, chance, which=chance.choice((0, 1, 2, 2, 3, 3, 3, 4, 5, 6, 7)))
    server = await asyncio.start_server(way.carry, "127.0.0.1", 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()


async def _work(connection: oracledb.AsyncConnection, chance: random.Random) -> None:
    """What makes many kinds of requests; the statements need not be known to the server."""
    cursor = connection.cursor()
    for text, binds in chance.sample(
        [
            ("select numbers", ()),
            ("select 1, 'a', sysdate from dual where 1 = :1", (1,)),
            ("begin :1 := :2; end;", (cursor.var(str), "x" * 300)),
            ("insert into missing values (:1, :2, :3)", (1, "text", b"\x00\xff")),
            ("begin array(:1); end;", (cursor.arrayvar(oracledb.NUMBER, [1, 2, 3]),)),
        ],
        3,
    ):
        with contextlib.suppress(oracledb.DatabaseError):
            await cursor.execute(text, binds)
            if cursor.description:
                await cursor.fetchall()
    with contextlib.suppress(oracledb.DatabaseError):
        await cursor.executemany("insert into t values (:1, :2)", [(n, "x" * n) for n in range(50)])
    queue = connection.queue("MISSING")
    with contextlib.suppress(oracledb.DatabaseError):
        await queue.enqone(connection.msgproperties(payload=b"spoilt", correlation="c", priority=3))
    with contextlib.suppress(oracledb.DatabaseError):
        await queue.deqmany(3)
    lob = await connection.createlob(oracledb.DB_TYPE_CLOB, "some text")
    await lob.read()
    await connection.commit()
    connection.action = "spoilt"
    await connection.ping()


async def _one(host: str, port: int, login: dict[str, str], chance: random.Random) -> None:
    async with _way(host, port, chance) as way:
        with contextlib.suppress(
            oracledb.Error, OSError, TimeoutError, ValueError, UnicodeDecodeError, IndexError
        ):
            async with asyncio.timeout(_SESSION_SECONDS):
                connection = await oracledb.connect_async(
                    dsn=f"127.0.0.1:{way}/FREEPDB1", retry_count=0, tcp_connect_timeout=5, **login
                )
                try:
                    await _work(connection, chance)
                finally:
                    await connection.close()


async def spoil_sessions(
    host: str, port: int, login: dict[str, str], count: int, seed: int
) -> None:
    """So many spoilt sessions, some at a time.

    Args:
        login: user and password.
        seed: the same one spoils in the same way.
    """
    free = asyncio.Semaphore(_AT_ONCE)

    async def run(number: int) -> None:
        async with free:
            await _one(host, port, login, random.Random(f"{seed}/{number}"))

    await asyncio.gather(*(run(number) for number in range(count)))
