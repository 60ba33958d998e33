"""What a session has done, as V$MYSTAT counts it: commits, and waits for the disk."""

import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from deploy.localdb.database import Database
from deploy.localdb.errors import OraError
from deploy.localdb.session import Session
from deploy.localdb.sessions import Sessions
from deploy.localdb.tns.requests import Execute

pytestmark = pytest.mark.asyncio(loop_scope="module")

COMMITS = "user commits"
LOG_WAITS = "redo synch writes"
ROUND_TRIPS = "SQL*Net roundtrips to/from client"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def session() -> AsyncIterator[Session]:
    folder = Path(tempfile.mkdtemp(prefix="localdb-test-"))
    database = await Database.start(data=folder, postgres_bin=None, password="x", user="SCOTT")
    sessions = Sessions(database)
    await sessions.start()
    session = await sessions.open_session("SCOTT", {"time_zone": "+00:00"})
    await execute(session, "create table t (n number)")
    await execute(
        session,
        """
        create procedure note is
          pragma autonomous_transaction;
        begin
          insert into t values (0);
          commit;
        end note;
        """,
    )
    yield session
    await sessions.stop()
    await database.stop()
    shutil.rmtree(folder)


async def execute(session: Session, text: str):
    reply = await session.execute(Execute(cursor_id=0, sql=text, rows=((),), fetch_rows=100))
    if reply.error is not None:
        raise reply.error
    return reply.rows


async def counters(session: Session) -> dict[str, int]:
    rows = await execute(
        session,
        "select n.name, s.value from v$mystat s join v$statname n on n.statistic# = s.statistic#",
    )
    return {name: int(value) for name, value in rows}


async def spent(session: Session, *texts: str) -> dict[str, int]:
    before = await counters(session)
    for text in texts:
        await execute(session, text)
    after = await counters(session)
    return {name: after[name] - before[name] for name in after}


async def test_a_call_waits_once_for_all_that_it_commits(session: Session):
    counted = await spent(
        session,
        """
        begin
          for i in 1 .. 3 loop
            insert into t values (i);
            commit;
          end loop;
        end;
        """,
    )
    assert (counted[COMMITS], counted[LOG_WAITS]) == (3, 1)


async def test_autonomous_transactions_commit_as_others_do(session: Session):
    counted = await spent(session, "begin insert into t values (1); note; note; end;", "rollback")
    assert (counted[COMMITS], counted[LOG_WAITS]) == (2, 1)


async def test_commit_write_wait_waits_by_itself(session: Session):
    counted = await spent(
        session,
        """
        begin
          insert into t values (1);
          commit write immediate wait;
          insert into t values (2);
          commit work write wait;
        end;
        """,
    )
    assert (counted[COMMITS], counted[LOG_WAITS]) == (2, 2)


async def test_a_wait_in_the_call_spares_the_one_at_its_end(session: Session):
    counted = await spent(
        session, "begin note; insert into t values (1); commit write immediate wait; end;"
    )
    assert (counted[COMMITS], counted[LOG_WAITS]) == (2, 1)


async def test_a_call_that_fails_waits_for_what_it_has_committed(session: Session):
    before = await counters(session)
    with pytest.raises(OraError):
        await execute(session, "begin note; raise no_data_found; end;")
    after = await counters(session)
    assert after[LOG_WAITS] - before[LOG_WAITS] == 1


async def test_the_clients_commit_waits(session: Session):
    counted = await spent(session, "insert into t values (1)", "commit")
    assert (counted[COMMITS], counted[LOG_WAITS]) == (1, 1)


async def test_what_changes_nothing_commits_nothing(session: Session):
    counted = await spent(session, "begin commit; end;", "commit")
    assert (counted[COMMITS], counted[LOG_WAITS]) == (0, 0)


async def test_each_request_is_a_round_trip(session: Session):
    counted = await spent(session, "begin null; end;", "commit")
    # The query that counts is counted by the next one.
    assert counted[ROUND_TRIPS] == 3


async def test_the_last_commit_of_a_call_waits_as_far_as_it_can_be_foreseen(session: Session):
    await execute(session, "create table wanted (n number)")
    await execute(session, "begin insert into wanted values (0); commit; end;")
    block = """
        declare
          l_count number;
        begin
          select n into l_count from wanted;
          for i in 1 .. l_count loop
            insert into t values (i);
            commit;
          end loop;
        end;
        """
    cursor = 0
    waits = []
    for count in (2, 2, 3, 1, 1, 0):
        await execute(session, f"begin update wanted set n = {count}; commit; end;")
        before = await counters(session)
        reply = await session.execute(Execute(cursor_id=cursor, sql=block))
        assert reply.error is None
        cursor = reply.cursor_id
        after = await counters(session)
        assert after[COMMITS] - before[COMMITS] == count
        waits.append(after[LOG_WAITS] - before[LOG_WAITS])
    # One more only where there was a commit after the foreseen one.
    assert waits == [1, 1, 2, 1, 1, 0]
