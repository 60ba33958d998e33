"""What holds a client to its time, and a shutdown to what it has taken on; and what the log tells."""

import json
import socket
import threading
import time
from collections.abc import Iterator

import httpx
import oracledb
import pytest

from deploy.stack import Api, Stack
from tests.waiting import eventually


@pytest.fixture(scope="module")
def strict(stack: Stack) -> Iterator[Api]:
    """An API that waits for no body longer than half a second, and logs JSON."""
    api = stack.start_api(API_BODY_SECONDS="0.5", LOG_FORMAT="json")
    yield api
    api.process.stop(seconds=5)


def connect(api: Api) -> socket.socket:
    host, _, port = api.url.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), timeout=20)


def read_to_end(connection: socket.socket) -> bytes:
    received = b""
    while chunk := connection.recv(65536):
        received += chunk
    return received


def head_of(api: Api, method: str, path: bytes, *more: str) -> bytes:
    lines = ["Host: api", f"Authorization: Bearer {api.token}", *more, "", ""]
    return method.encode() + b" " + path + b" HTTP/1.1\r\n" + "\r\n".join(lines).encode()


def test_a_body_that_does_not_come_is_408_and_the_connection_is_closed(strict: Api) -> None:
    with connect(strict) as connection:
        connection.sendall(head_of(strict, "POST", b"/procedure/async", "Content-Length: 100"))
        connection.sendall(b'{"name":')
        answer = read_to_end(connection)

    assert answer.startswith(b"HTTP/1.1 408")
    assert b'{"error":' in answer


def test_the_log_has_a_line_for_each_request_and_no_secret(strict: Api) -> None:
    secret = "query-s3cret"
    with connect(strict) as connection:
        path = f"/jobs/%0d%0aforged%1b?x={secret}".encode()
        trace = f"00-{'a' * 32}-{'b' * 16}-01"
        connection.sendall(
            head_of(
                strict,
                "GET",
                path,
                f"traceparent: {trace}",
                "X-Request-Id: r-1",
                "Connection: close",
            )
        )
        answer = read_to_end(connection)

    def found() -> dict[str, object] | None:
        lines = [json.loads(line) for line in strict.process.read_log().splitlines()]
        return next((line for line in lines if line.get("request_id") == "r-1"), None)

    line = eventually(found, what="the request in the log")
    assert b"x-request-id: r-1" in answer
    assert line["event"] == "request"
    assert line["path"] == "/jobs/%0d%0aforged%1b"
    assert line["trace_id"] == "a" * 32
    assert (line["method"], line["status"], line["caller"]) == ("GET", 404, "default")
    log = strict.process.read_log()
    assert secret not in log
    assert strict.token not in log
    assert all(char.isprintable() or char == "\n" for char in log)


def test_a_request_in_flight_is_answered_at_shutdown(stack: Stack, db: oracledb.Connection) -> None:
    api = stack.start_api()
    answers: list[httpx.Response] = []
    # Another session holds the job, so that its cancel has to wait.
    body = {"name": "PROC_TEST_DEMORA", "run_after": 3600}
    made = httpx.post(f"{api.url}/procedure/async", json=body, headers=api.headers)
    job_id = made.json()["job_id"]
    with db.cursor() as cursor:
        cursor.execute("select 1 from async_jobs where job_id = :id for update", id=job_id)

    def cancel() -> None:
        url = f"{api.url}/jobs/{job_id}/cancel"
        answers.append(httpx.post(url, headers=api.headers, timeout=30))

    thread = threading.Thread(target=cancel)
    thread.start()
    time.sleep(0.7)
    api.process.terminate()
    time.sleep(0.5)
    db.rollback()
    thread.join(timeout=20)
    eventually(lambda: not api.process.is_running, what="the end of the API")

    assert [answer.status_code for answer in answers] == [200]
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{api.url}/ping")


def test_the_largest_body_is_a_setting(stack: Stack) -> None:
    api = stack.start_api(API_BODY_BYTES="200")
    try:
        answers = [
            httpx.post(
                f"{api.url}/procedure/async",
                content=b'{"name": "P", "tags": []' + b" " * spaces + b"}",
                headers=api.headers,
            )
            for spaces in (10, 300)
        ]
    finally:
        api.process.stop(seconds=5)

    assert [answer.status_code for answer in answers] == [201, 413]


def test_a_chunked_body_over_the_limit_is_413(http: httpx.Client) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(20):
            yield b" " * 65536

    answer = http.post("/procedure/async", content=chunks())

    assert answer.status_code == 413
