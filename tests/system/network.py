"""Hosts of the test's own: Linux network namespaces on one switch, whose cables can be pulled.

Nothing of it has a name outside of this process, so nothing is left when it ends. Sockets and
processes that a thread makes belong to the host that the thread is in.
"""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Final

#: Source: Linux, clone(2).
_CLONE_NEWNET: Final = 0x40000000
#: Kept for tests between networks (RFC 2544), so no host's own.
_PREFIX: Final = "198.18.77."


class NetworkRefused(Exception):
    """This system or user makes no network namespaces."""


class Network:
    """Some hosts, all connected."""

    def __init__(self, hosts: Sequence[str]) -> None:
        """Make them.

        Raises:
            NetworkRefused: that is not allowed here, or `ip` is missing.
        """
        if sys.platform != "linux":
            raise NetworkRefused("network namespaces are Linux's")
        self._closing = ExitStack()
        self._libc = ctypes.CDLL(None, use_errno=True)
        try:
            self._switch = self._make_namespace()
            self._hosts = {name: self._make_namespace() for name in hosts}
            self._addresses = {name: f"{_PREFIX}{n}" for n, name in enumerate(hosts, 1)}
            self._connect()
        except (OSError, subprocess.CalledProcessError) as error:
            self.close()
            text = error.stderr if isinstance(error, subprocess.CalledProcessError) else error
            raise NetworkRefused(f"no network namespaces: {text}") from error

    def close(self) -> None:
        """Forget the hosts; they end with the last process in them."""
        self._closing.close()

    def address(self, host: str) -> str:
        return self._addresses[host]

    @contextmanager
    def inside(self, host: str) -> Iterator[None]:
        """This thread is on that host."""
        with self._inside(self._hosts[host]):
            yield

    def pull(self, host: str) -> None:
        """Pull its cable: whatever is sent is lost, and nobody is told."""
        self._set_port(host, "down")

    def plug(self, host: str) -> None:
        """Connect it again."""
        self._set_port(host, "up")

    def _set_port(self, host: str, state: str) -> None:
        with self._inside(self._switch):
            _ip("link", "set", self._port(host), state)

    def _port(self, host: str) -> str:
        return f"port{list(self._hosts).index(host)}"

    def _connect(self) -> None:
        with self._inside(self._switch):
            _ip("link", "add", "switch", "type", "bridge")
            _ip("link", "set", "switch", "up")
            for name, namespace in self._hosts.items():
                port, place = self._port(name), f"/proc/{os.getpid()}/fd/{namespace}"
                _ip(
                    *("link", "add", port, "type", "veth"),
                    *("peer", "name", "eth0", "netns", place),
                )
                _ip("link", "set", port, "master", "switch")
                _ip("link", "set", port, "up")
        for name, namespace in self._hosts.items():
            with self._inside(namespace):
                _ip("link", "set", "lo", "up")
                _ip("address", "add", f"{self._addresses[name]}/24", "dev", "eth0")
                _ip("link", "set", "eth0", "up")

    def _make_namespace(self) -> int:
        """A new one, as a file descriptor; its thread is gone with it."""
        made: list[int | OSError] = []

        def unshare() -> None:
            try:
                self._check(self._libc.unshare(_CLONE_NEWNET))
                made.append(os.open("/proc/thread-self/ns/net", os.O_RDONLY))
            except OSError as error:
                made.append(error)

        thread = threading.Thread(target=unshare)
        thread.start()
        thread.join()
        if isinstance(made[0], OSError):
            raise made[0]
        self._closing.callback(os.close, made[0])
        return made[0]

    @contextmanager
    def _inside(self, namespace: int) -> Iterator[None]:
        before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        try:
            self._check(self._libc.setns(namespace, _CLONE_NEWNET))
            try:
                yield
            finally:
                self._check(self._libc.setns(before, _CLONE_NEWNET))
        finally:
            os.close(before)

    def _check(self, result: int) -> None:
        if result != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))


class SlowLine:
    """A way to an address on which everything takes a while, in both directions.

    Made by hand, as few kernels of build servers have `tc netem`.
    """

    def __init__(self, target: tuple[str, int], *, seconds: float) -> None:
        """Listen on this thread's host.

        Args:
            target: where to.
            seconds: each way.
        """
        self._target = target
        self._seconds = seconds
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server((target[0], 0))
        self.port = int(self._listener.getsockname()[1])
        #: Bytes that have come through.
        self.carried = 0
        self._start(self._accept)

    def close(self) -> None:
        for open_socket in (self._listener, *self._sockets):
            with suppress(OSError):
                open_socket.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        for open_socket in (self._listener, *self._sockets):
            open_socket.close()

    def _start(self, function: object, *arguments: object) -> None:
        thread = threading.Thread(target=function, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._target)
            except OSError:
                return
            self._sockets += [client, server]
            for source, sink in ((client, server), (server, client)):
                sink.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                line: deque[tuple[float, bytes]] = deque()
                filled = threading.Semaphore(0)
                self._start(self._read, source, line, filled)
                self._start(self._write, sink, line, filled)

    def _read(
        self,
        source: socket.socket,
        line: deque[tuple[float, bytes]],
        filled: threading.Semaphore,
    ) -> None:
        data = b"?"
        while data:
            try:
                data = source.recv(65536)
            except OSError:
                data = b""
            line.append((time.monotonic() + self._seconds, data))
            filled.release()

    def _write(
        self, sink: socket.socket, line: deque[tuple[float, bytes]], filled: threading.Semaphore
    ) -> None:
        with suppress(OSError):
            while True:
                filled.acquire()
                due, data = line.popleft()
                time.sleep(max(due - time.monotonic(), 0))
                if not data:
                    sink.shutdown(socket.SHUT_WR)
                    return
                sink.sendall(data)
                self.carried += len(data)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)
