"""The bench's proxy counts how often a client waits, whatever the packets."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.bench.wire import WireCounter
from tests.waiting import eventually


@pytest.fixture
def server() -> Iterator[int]:
    """Answers every line that ends in `?` with a line."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rwb") as file:
            for line in file:
                if line.endswith(b"?\n"):
                    file.write(b"yes\n")
                    file.flush()

    thread = threading.Thread(target=serve)
    thread.start()
    yield int(listener.getsockname()[1])
    thread.join()
    listener.close()


def test_a_request_in_several_packets_is_one_round_trip(server: int) -> None:
    with (
        WireCounter("127.0.0.1", server) as counter,
        socket.create_connection(("127.0.0.1", counter.port)) as client,
        client.makefile("rwb", buffering=0) as file,
    ):
        file.write(b"first part,")
        eventually(lambda: counter.client_bytes == 11)
        file.write(b" second part?\n")
        assert file.readline() == b"yes\n"
        assert counter.round_trips == 1

        for number in range(2, 5):
            file.write(b"again?\n")
            assert file.readline() == b"yes\n"
            assert counter.round_trips == number

        assert counter.server_bytes == 16


def test_the_end_of_the_client_reaches_the_server(server: int) -> None:
    with WireCounter("127.0.0.1", server) as counter:
        with socket.create_connection(("127.0.0.1", counter.port)) as client:
            client.sendall(b"hello?\n")
            assert client.recv(10) == b"yes\n"

        # The fixture's thread ends only once its connection does.
        assert counter.round_trips == 1


def test_a_slow_wire_delays_each_way_and_keeps_the_order(server: int) -> None:
    with (
        WireCounter("127.0.0.1", server, delay_seconds=0.05) as counter,
        socket.create_connection(("127.0.0.1", counter.port)) as client,
        client.makefile("rwb", buffering=0) as file,
    ):
        began = time.monotonic()
        for _ in range(20):
            file.write(b"a?\n")
        answers = [file.readline() for _ in range(20)]

        # Both ways once, as all twenty are on their way together.
        assert 0.1 <= time.monotonic() - began < 1
        assert answers == [b"yes\n"] * 20
