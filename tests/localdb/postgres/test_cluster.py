import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy.localdb.postgres.backend import Backend
from deploy.localdb.postgres.binaries import NoPostgres, find_binaries
from deploy.localdb.postgres.cluster import SUPERUSER, Cluster, ClusterError, host_time_zone
from deploy.localdb.postgres.codec import Codec, OwnTypes

_CHILD = """
import asyncio, sys
from pathlib import Path
from deploy.localdb.postgres.cluster import Cluster

async def main():
    cluster = await Cluster.start(Path(sys.argv[1]))
    print("ready", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def run(cluster: Cluster, sql: str) -> list[tuple[object, ...]]:
    backend = await Backend.connect(cluster.socket, SUPERUSER, "postgres", Codec(OwnTypes()))
    try:
        described = await backend.describe(sql, ())
        result = await backend.run(described, (), begins=False)
        return list(backend.decode(described, result.rows))
    finally:
        await backend.close()


async def test_what_was_committed_is_there_after_a_restart(folder: Path):
    data = folder / "restart"
    first = await Cluster.start(data)
    await run(first, "create table public.kept as select 1 as n")
    await first.stop()

    second = await Cluster.start(data)
    try:
        assert await run(second, "select n from public.kept") == [(1,)]
    finally:
        await second.stop()


async def test_commits_reach_the_disk(folder: Path):
    cluster = await Cluster.start(folder / "durable")
    try:
        assert await run(
            cluster, "select current_setting('fsync'), current_setting('synchronous_commit')"
        ) == [("on", "on")]
    finally:
        await cluster.stop()


async def test_stop_is_quick_and_may_come_twice(folder: Path):
    cluster = await Cluster.start(folder / "stop")
    waiting = await Backend.connect(cluster.socket, SUPERUSER, "postgres", Codec(OwnTypes()))

    began = time.monotonic()
    await cluster.stop()
    await cluster.stop()

    assert time.monotonic() - began < 3
    await waiting.close()


async def test_postgres_ends_with_a_killed_parent_and_starts_again(folder: Path):
    data = folder / "killed"

    assert postgres_ends_with_its_parent(data)

    again = await Cluster.start(data)
    try:
        assert await run(again, "select 1") == [(1,)]
    finally:
        await again.stop()


def postgres_ends_with_its_parent(data: Path) -> bool:
    """Whether PostgreSQL is gone 5 s after its parent was killed."""
    with subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(data)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        postmaster = int((data / "pgdata" / "postmaster.pid").read_text().split()[0])
        watch = os.pidfd_open(postmaster)
        child.send_signal(signal.SIGKILL)
        # A pidfd is readable once its process has ended.
        ended, _, _ = select.select([watch], [], [], 5)
        os.close(watch)
    return bool(ended)


async def test_a_pid_file_of_another_process_does_not_prevent_a_start(folder: Path):
    data = folder / "stale"
    first = await Cluster.start(data)
    await first.stop()
    (data / "pgdata" / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n0\n")

    second = await Cluster.start(data)
    try:
        assert await run(second, "select 1") == [(1,)]
    finally:
        await second.stop()


async def test_a_directory_serves_one_localdb_at_a_time(folder: Path):
    cluster = await Cluster.start(folder / "once")
    try:
        with pytest.raises(ClusterError, match="another localdb"):
            await Cluster.start(folder / "once")
    finally:
        await cluster.stop()


async def test_another_version_is_named(folder: Path):
    programs = folder / "old"
    programs.mkdir()
    for name in ("postgres", "initdb"):
        (programs / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 15.4'\n")
        (programs / name).chmod(0o755)

    with pytest.raises(NoPostgres, match=r"PostgreSQL 15, but localdb needs 17"):
        await Cluster.start(folder / "data15", programs)


def test_missing_programs_are_named(folder: Path):
    with pytest.raises(NoPostgres, match="no program 'postgres'"):
        find_binaries(folder)


def test_the_host_zone_is_one_that_postgres_knows(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TZ", "Europe/Berlin")

    assert host_time_zone() == "Europe/Berlin"
