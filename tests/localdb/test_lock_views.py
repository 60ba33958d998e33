"""What V$SESSION, V$LOCK and V$TRANSACTION say of one session that waits for another."""

import os
import threading
import time
from collections.abc import Iterator

import oracledb
import pytest

from deploy.stack import Stack
from tests.waiting import eventually


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(folder=tmp_path_factory.mktemp("locks"), environment=os.environ) as stack:
        stack.start_database()
        connection = log_on(stack)
        cursor = connection.cursor()
        cursor.execute("create table accounts (id number primary key, balance number)")
        cursor.execute("insert into accounts values (1, 100)")
        connection.commit()
        connection.close()
        yield stack


def log_on(stack: Stack) -> oracledb.Connection:
    database = stack.database
    return oracledb.connect(user=database.user, password=database.password, dsn=database.dsn)


def sid_of(connection: oracledb.Connection) -> int:
    cursor = connection.cursor()
    cursor.execute("select sys_context('userenv', 'sid') from dual")
    return int(cursor.fetchone()[0])


def test_who_waits_for_whom(server: Stack) -> None:
    holder, waiter, watcher = log_on(server), log_on(server), log_on(server)
    held, waiting = sid_of(holder), sid_of(waiter)
    holder.cursor().execute("update accounts set balance = 0 where id = 1")
    blocked = threading.Thread(
        target=waiter.cursor().execute, args=["update accounts set balance = 1 where id = 1"]
    )
    blocked.start()
    cursor = watcher.cursor()

    def rows(query: str, *binds: object) -> list[tuple[object, ...]]:
        cursor.execute(query, list(binds))
        return list(cursor.fetchall())

    eventually(
        lambda: rows("select blocking_session from v$session where sid = :1", waiting) == [(held,)]
    )

    try:
        assert rows("select event, state from v$session where sid = :1", waiting) == [
            ("enq: TX - row lock contention", "WAITING")
        ]
        assert rows("select taddr from v$session where sid = :1", sid_of(watcher)) == [(None,)]
        assert rows(
            "select l.session_id, l.locked_mode from v$locked_object l"
            " join user_objects o on o.object_id = l.object_id"
            " where o.object_name = 'ACCOUNTS' order by 1"
        ) == sorted([(held, 3), (waiting, 3)])
        assert rows("select sid from v$lock where block = 1") == [(held,)]
        assert rows("select sid from v$lock where request = 6 and type = 'TX'") == [(waiting,)]
        assert rows(
            "select t.status from v$transaction t join v$session s on s.taddr = t.addr"
            " where s.sid = :1",
            held,
        ) == [("ACTIVE",)]
    finally:
        holder.rollback()
        blocked.join()
        for connection in (holder, waiter, watcher):
            connection.close()


def test_ddl_waits_for_writers_as_long_as_it_may_and_nobody_waits_for_it(server: Stack) -> None:
    holder, changer, reader = log_on(server), log_on(server), log_on(server)
    cursor = changer.cursor()
    with pytest.raises(oracledb.DatabaseError, match="ORA-00068"):
        cursor.execute("alter session set ddl_lock_timeout = 1000001")
    cursor.execute("alter session set ddl_lock_timeout = 60")
    holder.cursor().execute("update accounts set balance = 7 where id = 1")
    change = threading.Thread(
        target=cursor.execute, args=["alter table accounts add (note number)"]
    )
    change.start()

    try:
        reading = reader.cursor()
        reading.callproc("dbms_session.sleep", [0.1])
        began = time.monotonic()
        for _turn in range(5):
            reading.execute("select balance from accounts")
            assert reading.fetchall() == [(100,)]
            reading.execute("insert into accounts values (2, 0)")
            reader.rollback()
        took = time.monotonic() - began
        assert change.is_alive()
    finally:
        holder.commit()
        change.join()
    reading.execute("select balance, note from accounts")
    assert reading.fetchall() == [(7, None)]
    assert took < 5
