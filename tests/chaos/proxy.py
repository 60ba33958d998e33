"""A TCP proxy that can stop a connection at a given step of the protocol.

A trap waits for the request, or for its answer, of one step; optionally of one job. What it caught
is held until the test decides: let it pass, cut the connection, or leave it half-open. So a fault
hits its step for certain, and the hit says what was on the wire.

The steps are read from the statements' texts. The driver sends a text only the first time, unless
it keeps no statements: connect through a proxy with `?pyo.stmtcachesize=0`.
"""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import TracebackType
from typing import Final, Self

CHUNK_BYTES: Final = 65536
#: The longest request of which the text is looked at.
LOOKED_AT_BYTES: Final = 256 * 1024
#: The type of the packet with which a server takes a connection.
_ACCEPT: Final = 2
_JOB_ID: Final = re.compile(rb"[0-9a-f]{32}")

#: What is in the statement of a step.
DATABASE_STEPS: Final[Mapping[str, bytes]] = {
    "submit": rb"async_jobs_api\.submit",
    "claim": rb"async_jobs_worker\.claim\(",
    "start": rb"async_jobs_worker\.start_attempt\(",
    "complete": rb"async_jobs_worker\.complete\(",
    "fail": rb"async_jobs_worker\.fail\(",
    "heartbeat": rb"async_jobs_worker\.heartbeat\(",
    "release": rb"async_jobs_worker\.release\(",
    "recovery": rb"async_jobs_admin\.recover\(",
    "delete": rb"async_jobs_api\.delete_job\(",
    "cancel": rb"async_jobs_api\.cancel_job\(",
}

#: The same for the client's side of the API.
HTTP_STEPS: Final[Mapping[str, bytes]] = {
    "submit": rb"^POST /procedure/async ",
    "delete": rb"^DELETE /jobs/",
    "cancel": rb"^POST /jobs/[0-9a-f]{32}/cancel ",
    "read": rb"^GET /jobs",
}


#: Looks at what was read, and passes it on.
See = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


class Moment(StrEnum):
    """Where in a call a trap closes."""

    #: The request has left the client, and is held.
    REQUEST = "before the request"
    #: The request has reached the server; its answer has not been seen.
    FLIGHT = "in the call"
    #: The server has answered, and the answer is held.
    ANSWER = "before the answer"


class Verdict(StrEnum):
    """What becomes of a connection that is held."""

    PASS = "pass"
    CUT = "cut"
    #: Nothing passes in either direction any more, and neither side is told.
    HALF_OPEN = "half-open"


@dataclass(eq=False)
class Hit:
    """A request or an answer caught by a trap."""

    step: str
    moment: Moment
    #: The jobs named in what was caught.
    jobs: frozenset[str]
    at: float
    link: Link
    verdict: asyncio.Future[Verdict]

    def decide(self, verdict: Verdict) -> None:
        """Let go of what is held; the first decision counts."""
        self.link.listener.proxy.call(self._decide, verdict)

    def is_answered(self) -> bool:
        """Whether the server has spoken since the request."""
        return self.link.is_answered

    def cut(self) -> None:
        """End both sides of the connection, at whatever it is."""
        self.link.listener.proxy.call(self.link.cut)

    def _decide(self, verdict: Verdict) -> None:
        if not self.verdict.done():
            self.verdict.set_result(verdict)


@dataclass(eq=False)
class Trap:
    """Waits for a step; catches once."""

    step: str
    moment: Moment
    #: Only what names this job. None: any.
    job: str | None = None
    #: Only an answer that names a job, such as a claim's that was not empty.
    names_job: bool = False
    hit: Hit | None = None
    _caught: threading.Event = field(default_factory=threading.Event)

    def wait(self, seconds: float) -> Hit | None:
        """The hit, once there is one. None: the step did not come in this time."""
        return self.hit if self._caught.wait(seconds) else None

    def catch(self, hit: Hit) -> None:
        self.hit = hit
        self._caught.set()


class Listener:
    """One port of the proxy, for one process or one kind of client."""

    def __init__(
        self, proxy: Proxy, target: tuple[str, int], steps: Mapping[str, bytes], *, is_tns: bool
    ) -> None:
        self.proxy = proxy
        self.target = target
        self.steps = {name: re.compile(text) for name, text in steps.items()}
        self.is_tns = is_tns
        self.port = 0
        self.links: set[Link] = set()
        #: When each step was last answered, by time.monotonic.
        self.answered: dict[str, float] = {}
        self._traps: list[Trap] = []
        self._lock = threading.Lock()

    def arm(self, trap: Trap) -> Trap:
        with self._lock:
            self._traps.append(trap)
        return trap

    def disarm(self, trap: Trap) -> None:
        """Take a trap away; what it has caught meanwhile passes."""
        with self._lock:
            if trap in self._traps:
                self._traps.remove(trap)
        if trap.hit is not None:
            trap.hit.decide(Verdict.PASS)

    def cut_all(self) -> None:
        """Cut every connection that there is now."""
        for link in list(self.links):
            self.proxy.call(link.cut)

    def freeze_all(self) -> None:
        """From now on nothing passes on the connections that there are."""
        for link in list(self.links):
            self.proxy.call(link.freeze)

    def take(self, step: str, moment: Moment, jobs: frozenset[str], link: Link) -> Hit | None:
        with self._lock:
            for trap in self._traps:
                if trap.step != step or trap.moment is not moment:
                    continue
                if (trap.names_job and not jobs) or (trap.job and trap.job not in jobs):
                    continue
                self._traps.remove(trap)
                verdict = asyncio.get_running_loop().create_future()
                hit = Hit(step, moment, jobs, time.time(), link, verdict)
                trap.catch(hit)
                return hit
        return None


class Proxy:
    """All listeners, on a thread and an event loop of their own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._servers: list[asyncio.Server] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.listeners: list[Listener] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def listen(self, host: str, port: int, *, http: bool = False) -> Listener:
        """A new port in front of a target."""
        steps = HTTP_STEPS if http else DATABASE_STEPS
        listener = Listener(self, (host, port), steps, is_tns=not http)
        listener.port = asyncio.run_coroutine_threadsafe(self._listen(listener), self._loop).result(
            20
        )
        self.listeners.append(listener)
        return listener

    def call(self, function: Callable[..., object], *arguments: object) -> None:
        """Run something on the proxy's loop, soon."""
        self._loop.call_soon_threadsafe(function, *arguments)

    async def _listen(self, listener: Listener) -> int:
        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = self._loop.create_task(Link(listener).serve(reader, writer))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            # Also of one that is cancelled before it has begun.
            task.add_done_callback(lambda _: writer.close())

        server = await asyncio.start_server(accept, "127.0.0.1", 0, limit=4 * CHUNK_BYTES)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def _stop(self) -> None:
        for server in self._servers:
            server.close()
        for listener in self.listeners:
            for link in list(listener.links):
                link.cut()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # Sockets are closed by callbacks of the loop, which is about to end.
        await asyncio.sleep(0.05)


class Link:
    """One client's connection and its twin to the server."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.is_answered = True
        self._steps: list[str] = []
        self._jobs: frozenset[str] = frozenset()
        self._text = b""
        self._writers: list[asyncio.StreamWriter] = []
        self._flow = asyncio.Event()
        self._flow.set()
        self._is_cut = False
        #: Whether packets have four bytes of length, as from the server's acceptance on.
        self._is_large = False

    def freeze(self) -> None:
        self._flow.clear()

    def cut(self) -> None:
        """Reset both sides."""
        self._is_cut = True
        self._flow.set()
        for writer in self._writers:
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        self.listener.links.add(self)
        pumps: list[asyncio.Task[None]] = []
        try:
            server_reader, server_writer = await asyncio.open_connection(*self.listener.target)
            self._writers.append(server_writer)
            pumps = [
                asyncio.create_task(self._pump(reader, server_writer, self._from_client)),
                asyncio.create_task(self._pump(server_reader, writer, self._from_server)),
            ]
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            # A half-open connection does not tell one side of the other's end.
            await self._flow.wait()
        except (OSError, asyncio.CancelledError):
            return
        finally:
            self.listener.links.discard(self)
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            for open_writer in self._writers:
                open_writer.close()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, see: See
    ) -> None:
        try:
            while data := await (self._packet(reader) if self.listener.is_tns else _chunk(reader)):
                await see(data, writer)
                await self._flow.wait()
                if self._is_cut:
                    return
        except (OSError, asyncio.IncompleteReadError):
            return

    async def _packet(self, reader: asyncio.StreamReader) -> bytes:
        """One TNS packet; its length has two bytes until the log-on has agreed on four."""
        head = await reader.readexactly(8)
        length = int.from_bytes(head[:4] if self._is_large else head[:2])
        if head[4] == _ACCEPT:
            self._is_large = True
        return head + await reader.readexactly(max(length - 8, 0))

    async def _from_client(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        if self.is_answered:
            self._text, self._steps, self._jobs = b"", [], frozenset()
            self.is_answered = False
        caught: list[str] = []
        if len(self._text) < LOOKED_AT_BYTES:
            self._text += data
            found = [name for name, text in self.listener.steps.items() if text.search(self._text)]
            caught = [name for name in found if name not in self._steps]
            self._steps = found
            self._jobs = _jobs(self._text)
        for step in caught:
            if hit := self.listener.take(step, Moment.REQUEST, self._jobs, self):
                await self._obey(await hit.verdict)
        if not await self._passes():
            return
        writer.write(data)
        await writer.drain()
        for step in caught:
            self.listener.take(step, Moment.FLIGHT, self._jobs, self)

    async def _from_server(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        self.is_answered = True
        jobs = self._jobs if not self._steps else self._jobs | _jobs(data)
        if "claim" in self._steps:
            jobs = _jobs(data)
        for step in self._steps:
            self.listener.answered[step] = time.monotonic()
            if hit := self.listener.take(step, Moment.ANSWER, jobs, self):
                await self._obey(await hit.verdict)
        if not await self._passes():
            return
        writer.write(data)
        await writer.drain()

    async def _obey(self, verdict: Verdict) -> None:
        if verdict is Verdict.CUT:
            self.cut()
        elif verdict is Verdict.HALF_OPEN:
            self.freeze()

    async def _passes(self) -> bool:
        """Waits while the connection is half-open; False: it was cut."""
        await self._flow.wait()
        return not self._is_cut


async def _chunk(reader: asyncio.StreamReader) -> bytes:
    return await reader.read(CHUNK_BYTES)


def _jobs(data: bytes) -> frozenset[str]:
    return frozenset(found.decode() for found in _JOB_ID.findall(data))
