"""A TCP proxy that counts round trips: how often a client had to wait for the server.

It can also be as slow as a network: every byte then arrives so much later, in each direction.

A round trip begins with the first bytes that a client sends after the server has last spoken. So a
request in several packets counts once, and so do two requests that are sent together.
"""

import asyncio
import threading
from types import TracebackType
from typing import Self

#: What is read at once.
CHUNK_BYTES = 65536


class WireCounter:
    """The proxy, on a thread and an event loop of its own."""

    def __init__(self, host: str, port: int, *, delay_seconds: float = 0) -> None:
        """Nothing listens yet.

        Args:
            host: of the server behind.
            port: of the server behind.
            delay_seconds: each way.
        """
        self._target = (host, port)
        self._delay_seconds = delay_seconds
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="wire counter")
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        #: Since the start, over all connections.
        self.round_trips = 0
        self.client_bytes = 0
        self.server_bytes = 0

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    async def _start(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)

    async def _stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # Also of one that is cancelled before it has begun.
        task.add_done_callback(lambda _: writer.close())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers = [writer]
        try:
            server_reader, server_writer = await asyncio.open_connection(*self._target)
            writers.append(server_writer)
            connection = _Connection(self, self._delay_seconds)
            pumps = [
                asyncio.create_task(connection.pump_client(reader, server_writer)),
                asyncio.create_task(connection.pump_server(server_reader, writer)),
            ]
            try:
                await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for pump in pumps:
                    pump.cancel()
                await asyncio.gather(*pumps, return_exceptions=True)
        except (OSError, asyncio.CancelledError):
            # The server is away, or the proxy stops: the client sees its connection end.
            return
        finally:
            for open_writer in writers:
                open_writer.close()


class _Connection:
    """One client's connection; knows whose turn it was last."""

    def __init__(self, counter: WireCounter, delay_seconds: float) -> None:
        self._counter = counter
        self._delay_seconds = delay_seconds
        self._server_spoke = True

    async def pump_client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(CHUNK_BYTES):
            if self._server_spoke:
                self._counter.round_trips += 1
                self._server_spoke = False
            self._counter.client_bytes += len(data)
            await self._pass_on(writer, data)

    async def pump_server(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(CHUNK_BYTES):
            self._server_spoke = True
            self._counter.server_bytes += len(data)
            await self._pass_on(writer, data)

    async def _pass_on(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        if self._delay_seconds:
            # As on a line: what comes next does not wait for what is still on its way.
            asyncio.get_running_loop().call_later(self._delay_seconds, writer.write, data)
        else:
            writer.write(data)
            await writer.drain()
