"""Oracle's statements on a connection of the database, from the translation to the rows."""

import asyncio
import time
from pathlib import Path

import pytest

from deploy.localdb.database import Database, SqlConnection
from deploy.localdb.errors import OraError
from deploy.localdb.statement import Outcome
from deploy.localdb.tns.authentication import Exchange
from deploy.localdb.values import Date, SqlType, TypeName

pytestmark = pytest.mark.asyncio(loop_scope="module")

NUMBER = SqlType(TypeName.NUMBER)


async def execute(connection: SqlConnection, text: str, *values) -> Outcome:
    prepared = await connection.prepare(text, schema="SCOTT")
    return await connection.execute(prepared, values)


async def query(connection: SqlConnection, text: str, *values):
    prepared = await connection.prepare(text, schema="SCOTT")
    cursor = await connection.open(prepared, values)
    return await cursor.fetch(10_000)


async def code(work) -> int:
    with pytest.raises(OraError) as caught:
        await work
    return caught.value.code


async def make_table(connection: SqlConnection) -> None:
    """The table T, empty."""
    if await query(connection, "select table_name from user_tables where table_name = 'T'"):
        await execute(connection, "drop table t")
    await execute(
        connection,
        "create table t (id number constraint t_pk primary key, name varchar2(10) not null,"
        " price number(7,2) default 1, made date)",
    )


async def test_rows_come_back_with_the_types_of_their_columns(connection: SqlConnection):
    await make_table(connection)
    await execute(
        connection, "insert into t values (:1, :2, :3, :4)", 1, "a", 2.5, Date(2026, 1, 2, 3, 4, 5)
    )
    prepared = await connection.prepare("select id, name, price, made from t", schema="SCOTT")
    cursor = await connection.open(prepared, ())

    assert [(c.name, c.type.name, c.type.size, c.type.precision) for c in cursor.columns] == [
        ("ID", TypeName.NUMBER, None, None),
        ("NAME", TypeName.VARCHAR2, 10, None),
        ("PRICE", TypeName.NUMBER, None, 7),
        ("MADE", TypeName.DATE, None, None),
    ]
    assert await cursor.fetch(5) == [(1, "a", 2.5, Date(2026, 1, 2, 3, 4, 5))]


async def test_ddl_commits_what_is_open(connection: SqlConnection, second: SqlConnection):
    await make_table(connection)
    await execute(connection, "insert into t (id, name) values (1, 'a')")
    await execute(connection, "create table other (n number)")
    await execute(connection, "drop table other")

    assert not connection.in_transaction
    assert await query(second, "select id from t") == [(1,)]


async def test_readers_do_not_block_ddl(connection: SqlConnection, second: SqlConnection):
    await make_table(connection)
    await query(second, "select * from t")

    began = time.monotonic()
    await execute(connection, "alter table t add note varchar2(20)")

    assert time.monotonic() - began < 1
    assert await query(second, "select note from t") == []


async def test_ddl_on_a_table_in_use_is_refused(connection: SqlConnection, second: SqlConnection):
    await make_table(connection)
    await execute(second, "insert into t (id, name) values (1, 'a')")

    assert await code(execute(connection, "drop table t")) == 54


async def test_a_failed_ddl_changes_nothing(connection: SqlConnection, database: Database):
    await make_table(connection)

    assert await code(execute(connection, "create table t (n number)")) == 955
    columns = database.catalog.table_columns(None, "T", "SCOTT")
    assert columns is not None
    assert [column.name for column in columns] == ["ID", "NAME", "PRICE", "MADE"]


async def test_cursors_outlive_a_commit(connection: SqlConnection):
    await make_table(connection)
    await execute(
        connection, "insert into t (id, name) select level, 'a' from dual connect by level <= 5"
    )
    prepared = await connection.prepare("select id from t order by id", schema="SCOTT")
    cursor = await connection.open(prepared, ())
    first = await cursor.fetch(2)
    await execute(connection, "delete from t")
    await connection.commit()

    assert first + await cursor.fetch(5) == [(1,), (2,), (3,), (4,), (5,)]


async def test_a_locking_cursor_ends_with_its_transaction(connection: SqlConnection):
    await make_table(connection)
    await execute(connection, "insert into t (id, name) values (1, 'a')")
    await connection.commit()
    for locks in ("for update", "for update skip locked"):
        prepared = await connection.prepare(f"select id from t {locks}", schema="SCOTT")
        cursor = await connection.open(prepared, ())
        await connection.commit()

        assert await code(cursor.fetch(1)) == 1002


async def test_skip_locked_locks_what_is_fetched(connection: SqlConnection, second: SqlConnection):
    await make_table(connection)
    await execute(
        connection, "insert into t (id, name) select level, 'a' from dual connect by level <= 6"
    )
    await connection.commit()
    text = "select id from t order by id for update skip locked"
    prepared = await connection.prepare(text, schema="SCOTT")

    mine = await connection.open(prepared, ())
    theirs = await second.open(prepared, ())

    assert await mine.fetch(2) == [(1,), (2,)]
    assert await theirs.fetch(3) == [(3,), (4,), (5,)]
    assert await mine.fetch(3) == [(6,)]
    mine.close()
    theirs.close()


async def test_wait_is_an_error_of_its_own(connection: SqlConnection, second: SqlConnection):
    await make_table(connection)
    await execute(connection, "insert into t (id, name) values (1, 'a')")
    await connection.commit()
    await query(connection, "select id from t for update")

    assert await code(query(second, "select id from t for update nowait")) == 54
    assert await code(query(second, "select id from t for update wait 1")) == 30006
    assert await query(second, "select id from t for update skip locked") == []


async def test_an_autonomous_transaction_that_waits_for_its_parent_is_a_deadlock(
    database: Database, connection: SqlConnection
):
    await make_table(connection)
    await execute(connection, "insert into t (id, name) values (1, 'a')")
    await connection.commit()
    await execute(connection, "update t set name = 'b'")
    autonomous = await database.connect(user="SCOTT", parent=connection)

    began = time.monotonic()
    refused = await code(execute(autonomous, "update t set name = 'c'"))
    await autonomous.close()

    assert refused == 60
    assert time.monotonic() - began < 2
    assert await query(connection, "select name from t") == [("b",)]


async def test_a_deadlock_with_the_parent_by_way_of_a_third_is_found(
    database: Database, connection: SqlConnection, second: SqlConnection
):
    await make_table(connection)
    await execute(
        connection, "insert into t (id, name) select level, 'a' from dual connect by level <= 2"
    )
    await connection.commit()
    await execute(connection, "update t set name = 'b' where id = 1")
    await execute(second, "update t set name = 'c' where id = 2")
    third = asyncio.ensure_future(execute(second, "update t set name = 'c' where id = 1"))
    autonomous = await database.connect(user="SCOTT", parent=connection)

    refused = await code(execute(autonomous, "update t set name = 'd' where id = 2"))
    await autonomous.close()
    await connection.rollback()
    await third

    assert refused == 60


async def test_an_autonomous_transaction_may_wait_for_others(
    database: Database, connection: SqlConnection, second: SqlConnection
):
    await make_table(connection)
    await execute(connection, "insert into t (id, name) values (1, 'a')")
    await connection.commit()
    await execute(second, "update t set name = 'b'")
    autonomous = await database.connect(user="SCOTT", parent=connection)
    waiting = asyncio.ensure_future(execute(autonomous, "update t set name = name || 'c'"))
    # Longer than a wait for locks is looked at.
    done, _ = await asyncio.wait({waiting}, timeout=0.5)
    await second.commit()
    await waiting
    await autonomous.commit()
    await autonomous.close()

    assert not done
    assert await query(connection, "select name from t") == [("bc",)]


async def test_returning_gives_rows(connection: SqlConnection):
    await make_table(connection)
    outcome = await execute(
        connection,
        "insert into t (id, name) values (:a, :b) returning id, price into :c, :d",
        5,
        "x",
    )

    assert (outcome.row_count, list(outcome.rows)) == (1, [(5, 1)])


async def test_serializable_by_set_transaction(connection: SqlConnection, second: SqlConnection):
    await make_table(connection)
    await connection.set_transaction("set transaction isolation level serializable")
    await execute(second, "insert into t (id, name) values (1, 'a')")
    await second.commit()

    assert await query(connection, "select * from t") == []
    assert await code(connection.set_transaction("set transaction read only")) == 1453


async def test_serializable_by_session(connection: SqlConnection, second: SqlConnection):
    await make_table(connection)
    await execute(connection, "insert into t (id, name) values (1, 'a')")
    await connection.commit()
    connection.set_serializable(True)
    await execute(connection, "update t set price = 2 where id = 0")
    await execute(second, "update t set price = 3")
    await second.commit()

    assert await code(execute(connection, "update t set price = 4")) == 8177


async def test_a_translation_is_kept_until_the_next_ddl(connection: SqlConnection):
    await make_table(connection)
    first = await connection.prepare("select * from t", schema="SCOTT")
    same = await connection.prepare("select * from t", schema="SCOTT")
    await execute(connection, "alter table t add note varchar2(20)")
    after = await connection.prepare("select * from t", schema="SCOTT")

    assert same is first
    assert [column.name for column in after.columns][-1] == "NOTE"


async def test_native_is_part_of_the_transaction(connection: SqlConnection, second: SqlConnection):
    await make_table(connection)
    await connection.native('insert into "SCOTT"."T" ("ID", "NAME") values ($1, $2)', 1, "a")

    assert connection.in_transaction
    assert await query(second, "select * from t") == []
    await connection.rollback()
    assert await query(connection, "select * from t") == []


async def test_read_leaves_no_transaction(connection: SqlConnection):
    assert await connection.read("select $1::numeric", 1) == [(1,)]
    assert not connection.in_transaction


async def test_a_closed_connection_has_left_nothing(database: Database, connection: SqlConnection):
    await make_table(connection)
    gone = await database.connect(user="SCOTT")
    await execute(gone, "insert into t (id, name) values (1, 'a')")
    running = asyncio.ensure_future(gone.native("select pg_sleep(60)"))
    await asyncio.sleep(0)

    began = time.monotonic()
    await gone.close()
    await gone.close()

    assert await code(running) in (1012, 1013)
    assert time.monotonic() - began < 1
    await execute(connection, "drop table t")


async def test_executes_and_commits_are_counted(connection: SqlConnection):
    await make_table(connection)
    before = connection.counters.executes, connection.counters.commits
    await execute(connection, "insert into t (id, name) values (1, 'a')")
    await connection.commit()
    await connection.commit()

    assert (connection.counters.executes, connection.counters.commits) == (
        before[0] + 1,
        before[1] + 1,
    )


async def test_a_password_is_kept_as_a_verifier(database: Database):
    await database.set_password("SCOTT", "tiger")
    verifier = await database.verifier("SCOTT")

    assert verifier is not None
    assert Exchange(verifier).knows(b"tiger")
    assert not Exchange(verifier).knows(b"secret")
    assert await database.verifier("NOBODY") is None
    assert await code(database.set_password("NOBODY", "x")) == 1918


async def test_users_are_created_and_dropped_with_their_objects(connection: SqlConnection):
    await execute(connection, "create user alice identified by secret")
    await execute(connection, "create table alice.t (n number)")

    assert await code(execute(connection, "create user alice identified by secret")) == 1920
    assert await code(execute(connection, "drop user alice")) == 1922
    await execute(connection, "drop user alice cascade")
    assert await query(connection, "select * from all_users where username = 'ALICE'") == []
    assert await query(connection, "select * from all_objects where owner = 'ALICE'") == []


async def test_a_restart_keeps_the_data_and_takes_the_new_password(folder: Path):
    data = folder / "again"
    first = await Database.start(data=data, postgres_bin=None, password="old", user="SCOTT")
    connection = await first.connect(user="SCOTT")
    await execute(connection, "create table kept (n number)")
    await execute(connection, "insert into kept values (1)")
    await connection.commit()
    await connection.close()
    await first.stop()

    second = await Database.start(data=data, postgres_bin=None, password="new", user="SCOTT")
    try:
        connection = await second.connect(user="SCOTT")
        assert await query(connection, "select n from kept") == [(1,)]
        await connection.close()
        for user in ("SCOTT", "SYSTEM"):
            verifier = await second.verifier(user)
            assert verifier is not None
            assert Exchange(verifier).knows(b"new")
    finally:
        await second.stop()


async def test_connections_outlive_a_crash_of_postgres(database: Database):
    """A killed server process makes PostgreSQL end all others and recover."""
    connection = await database.connect(user="SCOTT")
    with pytest.raises(OraError):
        await connection.native("select pg_terminate_backend(pg_backend_pid())")
    await connection.close()

    again = await database.connect(user="SCOTT")
    assert await query(again, "select * from dual") == [("X",)]
    await again.close()


async def test_what_a_transaction_has_read_does_not_block_ddl(
    connection: SqlConnection, second: SqlConnection
):
    await execute(connection, "create table changed (id number)")
    await execute(connection, "create table only_read (id number)")
    await execute(connection, "insert into changed values (1)")
    await execute(connection, "savepoint before_reading")
    assert await query(connection, "select count(*) from only_read") == [(0,)]

    await execute(second, "alter table only_read add more number")
    await execute(second, "drop table only_read")

    assert await query(connection, "select count(*) from changed") == [(1,)]
    await execute(connection, "rollback to before_reading")
    assert await query(connection, "select count(*) from changed") == [(1,)]
    assert await code(execute(second, "drop table changed")) == 54
    await execute(connection, "rollback")
    await execute(second, "drop table changed")
