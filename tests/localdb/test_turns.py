"""A session that is busy for long lets the others have their turns."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from deploy.localdb.database import Database
from deploy.localdb.session import Session
from deploy.localdb.sessions import Sessions
from deploy.localdb.tns.requests import Execute

pytestmark = pytest.mark.asyncio(loop_scope="module")

#: Turns that the others must have had; a slice of 2 ms gives them many times more.
FEW = 5

LONG_TEXTS = """
declare
  l_text varchar2(32767);
begin
  for i in 1 .. 2000 loop
    l_text := replace(translate(rpad('x', 32767, 'abc'), 'abc', 'bcd'), 'b', 'c');
  end loop;
end;
"""
STRAIGHT_ON = (
    "declare l_text varchar2(32767); begin "
    + "l_text := regexp_replace(rpad('a1 ', 9000, 'b22 c333 '), '([a-z])([0-9]+)', '\\2\\1'); " * 40
    + "end;"
)
#: Tries each way to cut the text into pieces.
UNLUCKY_PATTERN = (
    "declare l_found boolean; "
    "begin l_found := regexp_like(rpad('a', 27, 'a') || 'b', '^(a|aa)+$'); end;"
)
LONG_UNIT = (
    "create or replace package body p is "
    + "".join(
        f"function f{n}(a in number) return number is begin "
        "if a > 1 and a < 10 then return a * (a + 1); end if; return null; end; "
        for n in range(600)
    )
    + "end p;"
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def session() -> AsyncIterator[Session]:
    folder = Path(tempfile.mkdtemp(prefix="localdb-test-"))
    database = await Database.start(data=folder, postgres_bin=None, password="x", user="SCOTT")
    sessions = Sessions(database)
    await sessions.start()
    session = await sessions.open_session("SCOTT", {"time_zone": "+00:00"})
    heads = "".join(f"function f{n}(a in number) return number; " for n in range(600))
    for text in (
        f"create package p is {heads} end p;",
        "create table many (n number primary key, t varchar2(100))",
        "insert into many select level, 'a row' from dual connect by level <= 20000",
    ):
        reply = await session.execute(Execute(cursor_id=0, sql=text))
        assert reply.error is None
    yield session
    await sessions.stop()
    await database.stop()
    shutil.rmtree(folder)


async def turns_beside(session: Session, request: Execute) -> int:
    """How often the loop came round while the request ran."""
    running = asyncio.ensure_future(session.execute(request))
    turns = 0
    while not running.done():
        await asyncio.sleep(0)
        turns += 1
    reply = running.result()
    assert reply.error is None
    return turns


@pytest.mark.parametrize("text", [LONG_TEXTS, STRAIGHT_ON, UNLUCKY_PATTERN, LONG_UNIT])
async def test_others_have_their_turns(session: Session, text: str):
    assert await turns_beside(session, Execute(cursor_id=0, sql=text)) > FEW


async def test_a_fetch_of_many_rows_gives_turns(session: Session):
    opened = await session.execute(Execute(cursor_id=0, sql="select n, t from many", fetch_rows=1))
    rest = Execute(cursor_id=opened.cursor_id, sql="", execute=False, fetch_rows=20_000)
    assert await turns_beside(session, rest) > FEW
