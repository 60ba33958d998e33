"""Clients that hold connections: heads that do not end, answers that are not taken, no HTTP at all."""

from __future__ import annotations

import json
import select
import socket
import time
from collections.abc import Iterator

import httpx
import pytest

from deploy.stack import Api, Stack

#: Short, so that the end can be awaited.
HEAD_SECONDS = 0.5
STALL_SECONDS = 0.5


@pytest.fixture(scope="module")
def api(stack: Stack) -> Iterator[Api]:
    api = stack.start_api(API_HEAD_SECONDS=str(HEAD_SECONDS), API_STALL_SECONDS=str(STALL_SECONDS))
    yield api
    api.process.stop(seconds=5)


@pytest.fixture
def connection(api: Api) -> Iterator[socket.socket]:
    with connect(api) as connection:
        yield connection


def connect(api: Api, *, receive_bytes: int | None = None) -> socket.socket:
    host, _, port = api.url.removeprefix("http://").partition(":")
    connection = socket.socket()
    connection.settimeout(20)
    if receive_bytes:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    connection.connect((host, int(port)))
    return connection


def read_to_end(connection: socket.socket) -> bytes:
    received = b""
    while chunk := connection.recv(65536):
        received += chunk
    return received


@pytest.mark.parametrize("sent", [b"", b"GET /ping HT", b"GET /ping HTTP/1.1\r\nHost: x\r\n"])
def test_a_head_that_does_not_come_ends_the_connection(
    connection: socket.socket, sent: bytes
) -> None:
    connection.sendall(sent)

    assert read_to_end(connection) == b""


def test_a_head_that_comes_byte_by_byte_has_no_more_time(connection: socket.socket) -> None:
    connection.settimeout(0.05)
    began = time.monotonic()
    ended = False
    while not ended and time.monotonic() - began < 10:
        try:
            connection.sendall(b"\r")
            ended = connection.recv(10) == b""
        except TimeoutError:
            continue
        except ConnectionError:
            ended = True

    assert ended
    assert time.monotonic() - began > HEAD_SECONDS * 0.9


def test_the_next_head_on_a_connection_has_a_limit_too(connection: socket.socket) -> None:
    connection.sendall(b"GET /ping HTTP/1.1\r\nHost: x\r\n\r\n")
    first = connection.recv(65536)
    connection.sendall(b"GET /ping HTTP/1.1\r\n")

    assert first.startswith(b"HTTP/1.1 200")
    assert read_to_end(connection) == b""


def test_an_answer_may_take_longer_than_a_head(stack: Stack, api: Api) -> None:
    """The limits are not the request's: whoever waits for a job is not cut off."""
    with httpx.Client(base_url=api.url, headers=api.headers, timeout=20) as http:
        body = {"name": "PROC_TEST", "delay": 3600}
        job_id = http.post("/procedure/async", json=body).json()["job_id"]
        began = time.monotonic()
        job = http.get(f"/jobs/{job_id}", params={"wait": HEAD_SECONDS + 0.5})

        assert job.status_code == 200
        assert time.monotonic() - began > HEAD_SECONDS
        assert http.delete(f"/jobs/{job_id}").status_code == 200


@pytest.mark.parametrize("ends", [True, False], ids=["a long head", "an endless head"])
def test_a_head_that_is_too_large_is_refused(connection: socket.socket, ends: bool) -> None:
    head = b"GET /ping HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 40_000
    for _ in range(3):
        connection.sendall(head)
        head = b"b" * 40_000
        time.sleep(0.05)
    if ends:
        connection.sendall(b"\r\n\r\n")

    assert b"HTTP/1.1 431 Request Header Fields Too Large\r\n" in connection.recv(1000)


def test_what_is_no_http_is_refused_as_everything_else_is(connection: socket.socket) -> None:
    connection.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n")

    head, _, body = read_to_end(connection).partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"content-type: application/json" in head
    assert json.loads(body) == {"error": "La petición HTTP no es válida"}


def test_a_client_that_takes_no_answer_is_cut_off(api: Api) -> None:
    """Its answers fill the buffers of both sides, and then somebody's memory."""
    question = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
    with connect(api, receive_bytes=4096) as connection:
        connection.setblocking(False)
        poll = select.poll()
        poll.register(connection, select.POLLERR | select.POLLHUP)
        began = time.monotonic()
        events: list[tuple[int, int]] = []
        while not events and time.monotonic() - began < 20:
            try:
                connection.send(question * 50)
            except BlockingIOError:
                pass
            except ConnectionError:
                break
            events = poll.poll(100)

        assert time.monotonic() - began < 20
    assert httpx.get(f"{api.url}/healthz").status_code == 200
