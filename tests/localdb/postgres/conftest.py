import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from deploy.localdb.database import Database, SqlConnection
from deploy.localdb.postgres.backend import Backend
from deploy.localdb.postgres.cluster import SUPERUSER, Cluster
from deploy.localdb.postgres.codec import Codec, OwnTypes


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A directory with a short path, as sockets need it."""
    path = Path(tempfile.mkdtemp(prefix="localdb-test-"))
    yield path
    shutil.rmtree(path)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cluster(folder: Path) -> AsyncIterator[Cluster]:
    cluster = await Cluster.start(folder / "bare")
    yield cluster
    await cluster.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def backend(cluster: Cluster) -> AsyncIterator[Backend]:
    """A connection, and in it an empty table t (id primary key, n)."""
    backend = await open_backend(cluster)
    await backend.run_script(
        "drop schema public cascade; create schema public;"
        "create table public.t (id numeric primary key, n numeric(3) check (n > 0))"
    )
    yield backend
    await backend.close()


@pytest_asyncio.fixture(loop_scope="module")
async def other(cluster: Cluster) -> AsyncIterator[Backend]:
    """Another connection to the same database."""
    backend = await open_backend(cluster)
    yield backend
    await backend.close()


async def open_backend(cluster: Cluster) -> Backend:
    return await Backend.connect(cluster.socket, SUPERUSER, "postgres", Codec(OwnTypes()))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def database(folder: Path) -> AsyncIterator[Database]:
    database = await Database.start(
        data=folder / "data", postgres_bin=None, password="secret", user="SCOTT"
    )
    yield database
    await database.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def connection(database: Database) -> AsyncIterator[SqlConnection]:
    connection = await database.connect(user="SCOTT")
    yield connection
    await connection.close()


@pytest_asyncio.fixture(loop_scope="module")
async def second(database: Database) -> AsyncIterator[SqlConnection]:
    connection = await database.connect(user="SCOTT")
    yield connection
    await connection.close()
