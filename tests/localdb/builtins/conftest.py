import datetime
import itertools
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest_asyncio

from deploy.localdb import bridge
from deploy.localdb.channels import Channels
from deploy.localdb.database import Database
from deploy.localdb.host import SessionHost
from deploy.localdb.plsql.builtins.locks import LockTable
from deploy.localdb.queue_buffers import Buffers


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def database() -> AsyncIterator[Database]:
    folder = Path(tempfile.mkdtemp(prefix="localdb-test-"))
    database = await Database.start(data=folder, postgres_bin=None, password="x", user="SCOTT")
    yield database
    await database.stop()
    shutil.rmtree(folder)


class Client:
    """A session whose built-in packages a test calls; each call runs as a request of it."""

    def __init__(self, host: SessionHost) -> None:
        self.host = host

    async def do(self, function, *arguments, **named):
        return await bridge.run(lambda: function(self.host, *arguments, **named))

    async def commit(self):
        await bridge.run(self.host.commit)

    async def rollback(self):
        await bridge.run(self.host.rollback)

    async def native(self, sql, *values):
        return await bridge.run(lambda: self.host.native(sql, *values))

    async def close(self):
        self.host.interruption.request(closing=True)
        await self.host.close()


class Engine:
    """A scheduler that notes what it is told."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def wake(self) -> None:
        self.told.append("wake")

    def stop_job(self, owner: str, name: str) -> bool:
        self.told.append(("stop", owner, name))
        return False

    def run_now(self, owner: str, name: str) -> None:
        self.told.append(("run", owner, name))


@pytest_asyncio.fixture(loop_scope="module")
async def log_on(database: Database):
    """Opens sessions, and closes them at the end."""
    sessions: Any = SimpleNamespace(
        database=database,
        library=None,
        channels=Channels(),
        locks=LockTable(),
        buffers=Buffers(),
        scheduler=Engine(),
        zone=lambda name: datetime.UTC,
        release="23.4.0.0.0",
    )
    numbers = itertools.count(1)
    clients: list[Client] = []

    async def open_session(user: str = "SCOTT") -> Client:
        connection = await database.connect(user=user)
        number = next(numbers)
        client = Client(SessionHost(sessions, connection, user, (number, number), {}))
        clients.append(client)
        return client

    yield open_session
    for client in clients:
        await client.close()
