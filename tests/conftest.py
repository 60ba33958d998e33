"""One database for the session, with the processes started as a user starts them.

Real Oracle where ORAQ_TEST_DSN, ORAQ_TEST_USER and ORAQ_TEST_PASSWORD are set; localdb otherwise. The
tests that make users need a DBA there: ORAQ_TEST_DBA_PASSWORD, and ORAQ_TEST_DBA_USER if it is not SYS.
"""

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace

import httpx
import oracledb
import pytest

from deploy.stack import Api, Database, Stack
from tests.client import JobClient
from tests.openapi import AnswerChecker


def pytest_configure() -> None:
    """Give processes that the tests start a Ctrl-C, though a shell has put the tests into the background."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def real_database() -> Database | None:
    dsn = os.environ.get("ORAQ_TEST_DSN")
    if not dsn:
        return None
    return Database(
        dsn=dsn,
        user=os.environ["ORAQ_TEST_USER"],
        password=os.environ["ORAQ_TEST_PASSWORD"],
    )


def real_dba() -> Database | None:
    """Who may make users there: SYS, unless ORAQ_TEST_DBA_USER says otherwise."""
    password = os.environ.get("ORAQ_TEST_DBA_PASSWORD")
    if not password:
        return None
    return Database(
        dsn=os.environ["ORAQ_TEST_DSN"],
        user=os.environ.get("ORAQ_TEST_DBA_USER", "SYS"),
        password=password,
    )


def pytest_report_header() -> str:
    database = real_database()
    return f"database: {f'Oracle at {database.dsn}' if database else 'localdb, started here'}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Unit tests first: they say in seconds what the slow ones say in minutes."""
    order = ("unit", "model", "localdb", "contract", "system", "security", "chaos")

    def rank(item: pytest.Item) -> int:
        parts = item.path.parts
        return next((place for place, name in enumerate(order) if name in parts), 0)

    items.sort(key=rank)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """An installed schema with the samples; no API and no worker yet."""
    folder = tmp_path_factory.mktemp("stack")
    with Stack(folder=folder, environment=os.environ, database=real_database()) as stack:
        if real_database() is None:
            stack.start_database()
        stack.install(samples=True)
        yield stack


@pytest.fixture(scope="session")
def dba(stack: Stack) -> Database:
    """Who may make users."""
    if real_database() is None:
        return replace(stack.database, user="SYSTEM")
    found = real_dba()
    if found is None:
        pytest.skip("making users needs a DBA: set ORAQ_TEST_DBA_PASSWORD")
    return found


@pytest.fixture(scope="session")
def api(stack: Stack) -> Api:
    return stack.start_api()


@pytest.fixture(scope="session")
def http(api: Api) -> Iterator[httpx.Client]:
    """A client whose every answer is held against the service's own description."""
    with httpx.Client(base_url=api.url, headers=api.headers, timeout=20) as client:
        checker = AnswerChecker(client.get("/openapi.json").json())
        client.event_hooks = {"response": [checker.check]}
        yield client


@pytest.fixture(scope="session")
def client(http: httpx.Client) -> JobClient:
    return JobClient(http)


@pytest.fixture
def connect(stack: Stack) -> Iterator[Callable[[], oracledb.Connection]]:
    """Opens connections as the owner; they are closed after the test."""
    opened: list[oracledb.Connection] = []

    def open_one() -> oracledb.Connection:
        database = stack.database
        connection = oracledb.connect(
            user=database.user, password=database.password, dsn=database.dsn
        )
        opened.append(connection)
        return connection

    yield open_one
    for connection in opened:
        try:
            connection.close()
        except oracledb.Error:
            # The test may have broken it, and that was its point.
            continue


@pytest.fixture
def db(connect: Callable[[], oracledb.Connection]) -> oracledb.Connection:
    """One connection as the owner."""
    return connect()
