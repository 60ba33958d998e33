import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from deploy.localdb.database import Database, SqlConnection


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def database() -> AsyncIterator[Database]:
    folder = Path(tempfile.mkdtemp(prefix="localdb-test-"))
    database = await Database.start(data=folder, postgres_bin=None, password="secret", user="SCOTT")
    yield database
    await database.stop()
    shutil.rmtree(folder)


@pytest_asyncio.fixture(loop_scope="module")
async def connection(database: Database) -> AsyncIterator[SqlConnection]:
    connection = await database.connect(user="SCOTT")
    yield connection
    await connection.close()
