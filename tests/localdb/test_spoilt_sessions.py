"""Ten thousand spoilt sessions leave localdb answering."""

import os
from pathlib import Path

import oracledb
import pytest

from deploy.stack import Stack
from tests.localdb.fuzzing import spoil_sessions
from tests.waiting import eventually

STREAMS = 10_000
#: What localdb says of a mistake of its own.
MISTAKES = ("request failed", "session failed", "cannot be read", "Traceback")


@pytest.mark.whole
@pytest.mark.timeout(3600)
@pytest.mark.filterwarnings("ignore::ResourceWarning")
async def test_spoilt_sessions_leave_localdb_answering(tmp_path: Path) -> None:
    with Stack(folder=tmp_path, environment=os.environ) as stack:
        database = stack.start_database()
        login = {"user": database.user, "password": database.password}
        host, _, rest = database.dsn.partition(":")
        port = int(rest.partition("/")[0])
        with oracledb.connect(dsn=database.dsn, **login) as connection:
            await spoil_sessions(host, port, login, STREAMS, seed=2)

            connection.ping()
            cursor = connection.cursor()
            eventually(lambda: count_of_sessions(cursor) == 1, what="the spoilt sessions are gone")
        log = (tmp_path / "localdb-1.log").read_text()
    assert [line for line in log.splitlines() if any(word in line for word in MISTAKES)] == []
    assert "protocol error" in log


def count_of_sessions(cursor: oracledb.Cursor) -> int:
    cursor.execute("select count(*) from v$session where type = 'USER' and username = user")
    (count,) = cursor.fetchone() or (0,)
    return int(count)
