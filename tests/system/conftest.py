"""A database of its own, so that the workers of other tests take none of these jobs."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace

import httpx
import oracledb
import pytest

from deploy.processes import Process
from deploy.stack import Api, Database, Stack
from tests.client import JobClient

#: Short, so that a lost claim is noticed within a test; the heartbeat fits in twice.
LEASE_SECONDS = 3
HEARTBEAT_SECONDS = 1


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Always localdb: processes are killed and rows are changed under them."""
    folder = tmp_path_factory.mktemp("system")
    with Stack(folder=folder, environment=os.environ) as stack:
        stack.start_database()
        stack.install(samples=True)
        _create_procedures(stack)
        yield stack


@pytest.fixture(scope="session")
def dba(stack: Stack) -> Database:
    """Of this folder's database: a fixture of the whole session belongs to the first stack it met."""
    return replace(stack.database, user="SYSTEM")


@pytest.fixture(scope="session")
def api(stack: Stack) -> Api:
    return stack.start_api()


@pytest.fixture(scope="session")
def http(api: Api) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=api.url, headers=api.headers, timeout=20) as client:
        yield client


@pytest.fixture(scope="session")
def client(http: httpx.Client) -> JobClient:
    return JobClient(http)


@pytest.fixture
def start_worker(stack: Stack) -> Iterator[Callable[..., Process]]:
    """Starts workers with short leases; they are gone after the test."""
    started: list[Process] = []

    def start(*arguments: str) -> Process:
        process = stack.start_worker(
            "--lease", str(LEASE_SECONDS), "--heartbeat", str(HEARTBEAT_SECONDS), *arguments
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()


class Effects:
    """What the procedures have left in their table."""

    def __init__(self, connection: oracledb.Connection) -> None:
        self._connection = connection

    def notes(self, job: str) -> list[str]:
        with self._connection.cursor() as cursor:
            cursor.execute(
                "select note from system_effects where job = :job and note <> 'go' order by note",
                job=job,
            )
            return [note for (note,) in cursor]

    def let_go(self, job: str) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute("insert into system_effects values (:job, 'go')", job=job)
        self._connection.commit()


@pytest.fixture
def effects(db: oracledb.Connection) -> Effects:
    return Effects(db)


def _create_procedures(stack: Stack) -> None:
    """What the tests run: each leaves a trace of every time it was called."""
    database = stack.database
    texts = [
        "create table system_effects (job varchar2(100), note varchar2(100))",
        # Waits until it is told to go on, with its work uncommitted.
        """create or replace procedure system_work_and_wait(p_job in varchar2) is
          l_go number;
        begin
          insert into system_effects (job, note) values (p_job, 'work');
          for turn in 1 .. 600 loop
            select count(*) into l_go from system_effects where job = p_job and note = 'go';
            exit when l_go > 0;
            dbms_session.sleep(0.1);
          end loop;
        end system_work_and_wait;""",
        # Commits a part of its work, then waits in the same way.
        """create or replace procedure system_commit_half(p_job in varchar2) is
          l_go number;
        begin
          insert into system_effects (job, note) values (p_job, 'half');
          commit;
          insert into system_effects (job, note) values (p_job, 'rest');
          for turn in 1 .. 600 loop
            select count(*) into l_go from system_effects where job = p_job and note = 'go';
            exit when l_go > 0;
            dbms_session.sleep(0.1);
          end loop;
        end system_commit_half;""",
    ]
    with (
        oracledb.connect(
            user=database.user, password=database.password, dsn=database.dsn
        ) as connection,
        connection.cursor() as cursor,
    ):
        for text in texts:
            cursor.execute(text)
