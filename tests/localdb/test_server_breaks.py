"""Breaks and deaths of clients, wherever the server happens to wait for them."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import oracledb
import pytest

from deploy.stack import Stack
from tests.waiting import eventually

Connect = Callable[[], oracledb.Connection]

LOCK = 4711
#: Design: what a dead client held is free again after so long.
DEATH_SECONDS = 2

DEQUEUE = """declare
  o dbms_aq.dequeue_options_t; p dbms_aq.message_properties_t; m raw(16); r raw(100);
begin
  o.wait := dbms_aq.forever;
  dbms_aq.dequeue('empty_queue', o, p, r, m);
end;"""
WAITS = {
    "dequeue": DEQUEUE,
    "row lock": "update accounts set balance = 3 where id = 1",
    "row lock with wait": "select id from accounts where id = 1 for update wait 30",
    "user lock": f"declare n integer; begin n := dbms_lock.request({LOCK}, 6, 30); end;",
    "autonomous": "begin autonomous_wait; end;",
    "dynamic": "begin execute immediate 'begin dbms_session.sleep(30); end;'; end;",
    "regular expression": """declare l_found boolean;
    begin l_found := regexp_like(rpad('a', 60, 'a') || 'b', '^(a|aa)+$'); end;""",
    "loop": "begin loop null; end loop; end;",
    "query": """begin
      for r in (select a.id from accounts a, accounts b, accounts c, accounts d, accounts e,
                accounts f, accounts g, accounts h, accounts i, accounts j, accounts k)
      loop null; end loop;
    end;""",
}
#: Handles every error and goes on: a break alone does not end it.
DEAF = """begin
  loop
    begin
      dbms_session.sleep(0.05);
    exception
      when others then null;
    end;
  end loop;
end;"""

CLIENT = """
import sys, oracledb
user, password, dsn, text = sys.argv[1:]
with oracledb.connect(user=user, password=password, dsn=dsn) as connection:
    cursor = connection.cursor()
    cursor.execute("update accounts set balance = 0 where id = 4")
    cursor.execute("select dbms_session.unique_session_id from dual")
    print(cursor.fetchone()[0], flush=True)
    cursor.execute(text)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(folder=tmp_path_factory.mktemp("server"), environment=os.environ) as stack:
        database = stack.start_database()
        with oracledb.connect(
            user=database.user, password=database.password, dsn=database.dsn
        ) as connection:
            cursor = connection.cursor()
            cursor.execute("create table accounts (id number primary key, balance number)")
            cursor.executemany("insert into accounts values (:1, 100)", [(n,) for n in range(1, 6)])
            connection.commit()
            cursor.execute(
                """begin
                  dbms_aqadm.create_queue_table('empty_table', 'RAW');
                  dbms_aqadm.create_queue('empty_queue', 'empty_table');
                  dbms_aqadm.start_queue('empty_queue');
                end;"""
            )
            cursor.execute(
                """create or replace procedure autonomous_wait is
                  pragma autonomous_transaction;
                begin
                  update accounts set balance = 1 where id = 2;
                  dbms_session.sleep(30);
                  commit;
                end;"""
            )
        yield stack


@pytest.fixture
def connect(server: Stack) -> Iterator[Connect]:
    opened: list[oracledb.Connection] = []

    def connect_one() -> oracledb.Connection:
        database = server.database
        opened.append(
            oracledb.connect(user=database.user, password=database.password, dsn=database.dsn)
        )
        return opened[-1]

    yield connect_one
    for connection in opened:
        connection.rollback()
        connection.close()


@pytest.fixture
def blocker(connect: Connect) -> oracledb.Connection:
    """Holds the first account and the user lock."""
    connection = connect()
    cursor = connection.cursor()
    cursor.execute(f"declare n integer; begin n := dbms_lock.request({LOCK}, 6, 5); end;")
    cursor.execute("update accounts set balance = 2 where id = 1")
    return connection


def is_active(connection: oracledb.Connection, sid: int) -> bool:
    cursor = connection.cursor()
    cursor.execute("select count(*) from v$session where sid = :1 and status = 'ACTIVE'", [sid])
    (count,) = cursor.fetchone()
    return bool(count)


def is_alive(connection: oracledb.Connection, session_id: str) -> bool:
    cursor = connection.cursor()
    alive = cursor.var(int)
    cursor.execute(
        "begin :alive := case when dbms_session.is_session_alive(:id) then 1 else 0 end; end;",
        alive=alive,
        id=session_id,
    )
    return bool(alive.getvalue())


@pytest.mark.parametrize("text", WAITS.values(), ids=list(WAITS))
def test_a_break_reaches_every_wait_and_keeps_the_transaction(
    connect: Connect, blocker: oracledb.Connection, text: str
) -> None:
    connection, observer = connect(), connect()
    cursor = connection.cursor()
    cursor.execute("update accounts set balance = 77 where id = 5")
    errors: list[str] = []

    def run() -> None:
        try:
            connection.cursor().execute(text)
        except oracledb.DatabaseError as error:
            errors.append(error.args[0].full_code)

    thread = threading.Thread(target=run)
    thread.start()
    eventually(lambda: is_active(observer, connection.session_id))
    connection.cancel()
    thread.join(timeout=10)

    assert errors == ["ORA-01013"]
    cursor.execute("select balance from accounts where id = 5")
    assert cursor.fetchone() == (77,)
    cursor.execute("select balance from accounts where id = 2 for update nowait")
    assert cursor.fetchone() == (100,)


@pytest.mark.parametrize("text", [*WAITS.values(), DEAF], ids=[*WAITS, "deaf"])
def test_a_killed_client_is_rolled_back_and_then_no_longer_alive(
    server: Stack, connect: Connect, blocker: oracledb.Connection, text: str
) -> None:
    observer = connect()
    cursor = observer.cursor()
    database = server.database
    with subprocess.Popen(
        [sys.executable, "-c", CLIENT, database.user, database.password, database.dsn, text],
        stdout=subprocess.PIPE,
        text=True,
    ) as client:
        assert client.stdout
        session_id = client.stdout.readline().strip()
        sid = int(session_id[:4], 16)
        eventually(lambda: is_active(observer, sid))
        assert is_alive(observer, session_id)
        client.send_signal(signal.SIGKILL)
        died = time.monotonic()

    eventually(lambda: not is_alive(observer, session_id), seconds=DEATH_SECONDS)
    # Not alive means that its transaction is over: no waiting here.
    cursor.execute("select balance from accounts where id in (2, 4) for update nowait")

    assert cursor.fetchall() == [(100,), (100,)]
    assert time.monotonic() - died < DEATH_SECONDS
