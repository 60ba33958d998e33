"""A localdb process and the unmodified driver: sessions, locks, breaks, deaths."""

import asyncio
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import oracledb
import psutil
import pytest

from deploy.stack import Database, Stack
from tests.waiting import eventually

Connect = Callable[[], oracledb.Connection]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(folder=tmp_path_factory.mktemp("server"), environment=os.environ) as stack:
        stack.start_database()
        connection = open_one(stack.database)
        cursor = connection.cursor()
        cursor.execute("create table accounts (id number primary key, balance number not null)")
        cursor.executemany("insert into accounts values (:1, :2)", [(n, 100) for n in range(1, 6)])
        connection.commit()
        connection.close()
        yield stack


def open_one(database: Database) -> oracledb.Connection:
    return oracledb.connect(user=database.user, password=database.password, dsn=database.dsn)


@pytest.fixture
def connect(server: Stack) -> Iterator[Connect]:
    opened: list[oracledb.Connection] = []

    def connect_one() -> oracledb.Connection:
        opened.append(open_one(server.database))
        return opened[-1]

    yield connect_one
    for connection in opened:
        try:
            connection.rollback()
            connection.close()
        except oracledb.Error:
            continue


def code_of(caught: pytest.ExceptionInfo[oracledb.Error]) -> str:
    return str(caught.value.args[0].full_code)


def test_a_wrong_password_is_ora_01017(server: Stack) -> None:
    with pytest.raises(oracledb.DatabaseError) as caught:
        oracledb.connect(user=server.database.user, password="no", dsn=server.database.dsn)

    assert code_of(caught) == "ORA-01017"


def test_uncommitted_work_is_seen_by_its_own_session_only(connect: Connect) -> None:
    mine, theirs = connect(), connect()
    mine.cursor().execute("update accounts set balance = 0 where id = 1")

    for connection, balance in ((mine, 0), (theirs, 100)):
        cursor = connection.cursor()
        cursor.execute("select balance from accounts where id = 1")
        assert cursor.fetchone() == (balance,)


def test_skip_locked_passes_over_rows_that_another_session_has(connect: Connect) -> None:
    mine, theirs = connect(), connect()
    query = "select id from accounts order by id for update skip locked"
    first = mine.cursor()
    first.prefetchrows = 0
    first.arraysize = 2
    first.execute(query)
    assert first.fetchmany(2) == [(1,), (2,)]

    second = theirs.cursor()
    second.execute(query)

    assert second.fetchall() == [(3,), (4,), (5,)]


def test_nowait_and_wait_tell_of_the_lock(connect: Connect) -> None:
    mine, theirs = connect(), connect()
    mine.cursor().execute("update accounts set balance = 1 where id = 1")

    for clause, code in (("nowait", "ORA-00054"), ("wait 1", "ORA-30006")):
        with pytest.raises(oracledb.DatabaseError) as caught:
            theirs.cursor().execute(f"select id from accounts where id = 1 for update {clause}")
        assert code_of(caught) == code


def test_a_failed_statement_undoes_itself_alone(connect: Connect) -> None:
    connection = connect()
    cursor = connection.cursor()
    cursor.execute("update accounts set balance = 7 where id = 1")
    with pytest.raises(oracledb.IntegrityError):
        cursor.execute("insert into accounts select id + 4, 1 from accounts")

    cursor.execute("select sum(balance), count(*) from accounts")
    assert cursor.fetchone() == (407, 5)


def test_a_failed_block_undoes_its_own_work_alone(connect: Connect) -> None:
    connection = connect()
    cursor = connection.cursor()
    cursor.execute("update accounts set balance = 7 where id = 1")
    with pytest.raises(oracledb.DatabaseError):
        cursor.execute(
            "begin update accounts set balance = 9 where id = 2;"
            " raise_application_error(-20001, 'no'); end;"
        )

    cursor.execute("select balance from accounts where id in (1, 2) order by id")
    assert cursor.fetchall() == [(7,), (100,)]


def test_a_deadlock_is_ora_00060_and_keeps_the_transaction(connect: Connect) -> None:
    one, two = connect(), connect()
    one.cursor().execute("update accounts set balance = 1 where id = 1")
    two.cursor().execute("update accounts set balance = 2 where id = 2")
    errors: list[str] = []

    def cross(connection: oracledb.Connection, row: int) -> None:
        try:
            connection.cursor().execute("update accounts set balance = 3 where id = :1", [row])
        except oracledb.DatabaseError as error:
            errors.append(error.args[0].full_code)
            connection.rollback()

    thread = threading.Thread(target=cross, args=(one, 2))
    thread.start()
    cross(two, 1)
    thread.join()

    assert errors == ["ORA-00060"]


@pytest.mark.parametrize(
    "block",
    [
        "begin loop null; end loop; end;",
        "begin dbms_session.sleep(30); end;",
        "declare n number; begin select count(*) into n from accounts a, accounts b, accounts c,"
        " accounts d, accounts e, accounts f, accounts g, accounts h, accounts i, accounts j,"
        " accounts k, accounts l, accounts m; end;",
        "begin for r in (select id from accounts for update) loop dbms_session.sleep(30); end loop; end;",
    ],
    ids=["loop", "sleep", "query", "sleep with locks"],
)
def test_cancel_breaks_what_runs_and_leaves_the_session(connect: Connect, block: str) -> None:
    connection = connect()
    timer = threading.Timer(0.3, connection.cancel)
    timer.start()
    began = time.monotonic()
    with pytest.raises(oracledb.DatabaseError) as caught:
        connection.cursor().execute(block)
    timer.join()

    assert code_of(caught) == "ORA-01013"
    assert time.monotonic() - began < 10
    cursor = connection.cursor()
    cursor.execute("select count(*) from accounts")
    assert cursor.fetchone() == (5,)


def test_call_timeout_breaks_a_lock_wait(connect: Connect) -> None:
    mine, theirs = connect(), connect()
    mine.cursor().execute("update accounts set balance = 1 where id = 1")
    theirs.call_timeout = 300
    with pytest.raises(oracledb.DatabaseError) as caught:
        theirs.cursor().execute("update accounts set balance = 2 where id = 1")
    theirs.call_timeout = 0

    assert code_of(caught) == "DPY-4024"
    theirs.ping()


def test_one_session_never_stops_another(connect: Connect) -> None:
    busy, quick = connect(), connect()
    thread = threading.Thread(target=run_until_cancelled, args=(busy,))
    thread.start()
    cursor = quick.cursor()
    for _ in range(20):
        cursor.execute("select 1 from dual")
        assert cursor.fetchone() == (1,)
    busy.cancel()
    thread.join(timeout=10)

    assert not thread.is_alive()


def run_until_cancelled(connection: oracledb.Connection) -> None:
    with pytest.raises(oracledb.DatabaseError):
        connection.cursor().execute("begin loop null; end loop; end;")


@pytest.mark.parametrize("how", ["idle", "sleeping"])
def test_a_client_that_dies_loses_its_locks(server: Stack, connect: Connect, how: str) -> None:
    async def die() -> None:
        database = server.database
        victim = await oracledb.connect_async(
            user=database.user, password=database.password, dsn=database.dsn
        )
        await victim.cursor().execute("update accounts set balance = 0 where id = 1")
        if how == "sleeping":
            call = asyncio.create_task(
                victim.cursor().execute("begin dbms_session.sleep(60); end;")
            )
            await asyncio.to_thread(eventually, lambda: is_active(connect(), victim.session_id))
            victim.terminate()
            await asyncio.gather(call, return_exceptions=True)
        else:
            victim.terminate()

    asyncio.run(die())
    cursor = connect().cursor()

    cursor.execute("select balance from accounts where id = 1 for update wait 2")
    assert cursor.fetchone() == (100,)


def is_active(connection: oracledb.Connection, sid: int) -> bool:
    cursor = connection.cursor()
    cursor.execute("select count(*) from v$session where sid = :1 and status = 'ACTIVE'", [sid])
    (count,) = cursor.fetchone()
    return bool(count)


def test_numbers_keep_all_their_digits(connect: Connect) -> None:
    cursor = connect().cursor()
    digits = "12345678901234567890123456789012345678"
    cursor.execute("select to_number(:1) + 0, :2 * 1 from dual", [digits, int(digits)])

    assert cursor.fetchone() == (int(digits), int(digits))


def test_a_large_clob_goes_in_and_out(connect: Connect) -> None:
    connection = connect()
    cursor = connection.cursor()
    text = "ñandú " * 200_000
    out = cursor.var(oracledb.DB_TYPE_CLOB)
    cursor.execute("begin :o := :i; end;", {"o": out, "i": text})

    assert out.getvalue().read() == text


def test_a_message_wakes_who_waits_for_it(connect: Connect) -> None:
    owner, waiter = connect(), connect()
    owner.cursor().execute(
        """
        begin
          dbms_aqadm.create_queue_table('wake_table', 'RAW');
          dbms_aqadm.create_queue('wake_queue', 'wake_table');
          dbms_aqadm.start_queue('wake_queue');
        end;"""
    )
    found: list[bytes] = []

    def wait() -> None:
        cursor = waiter.cursor()
        payload = cursor.var(oracledb.DB_TYPE_RAW)
        cursor.execute(
            """
            declare
              o dbms_aq.dequeue_options_t; p dbms_aq.message_properties_t; m raw(16);
            begin
              o.wait := 20;
              dbms_aq.dequeue('wake_queue', o, p, :payload, m);
              commit;
            end;""",
            payload=payload,
        )
        found.append(payload.getvalue())

    thread = threading.Thread(target=wait)
    thread.start()
    owner.cursor().execute(
        """
        declare
          o dbms_aq.enqueue_options_t; p dbms_aq.message_properties_t; m raw(16);
        begin
          dbms_aq.enqueue('wake_queue', o, p, hextoraw('CAFE'), m);
        end;"""
    )
    owner.commit()
    thread.join(timeout=10)
    owner.cursor().execute("begin dbms_aqadm.drop_queue_table('wake_table', true); end;")

    assert found == [b"\xca\xfe"]


def test_a_scheduler_job_runs_while_no_client_is_connected(server: Stack) -> None:
    connection = open_one(server.database)
    connection.cursor().execute(
        """
        begin
          dbms_scheduler.create_job(
            job_name => 'one_time', job_type => 'PLSQL_BLOCK', enabled => true,
            job_action => 'begin update accounts set balance = 555 where id = 5; commit; end;');
        end;"""
    )
    connection.close()

    def balance() -> bool:
        again = open_one(server.database)
        cursor = again.cursor()
        cursor.execute("select balance from accounts where id = 5")
        (found,) = cursor.fetchone()
        again.close()
        return bool(found == 555)

    eventually(balance, seconds=10)
    connection = open_one(server.database)
    connection.cursor().execute("update accounts set balance = 100")
    connection.commit()
    connection.close()


def postgres_of(pid: int) -> list[psutil.Process]:
    return list(psutil.Process(pid).children(recursive=True))


@pytest.mark.parametrize("signal", ["terminate", "kill"])
def test_the_end_of_localdb_is_the_end_of_postgresql(tmp_path: Path, signal: str) -> None:
    data = tmp_path / "data"
    with Stack(folder=tmp_path, environment=os.environ) as stack:
        database = stack.start_database(data=data, password="keep_me_1")
        connection = open_one(database)
        connection.cursor().execute("create table kept (n number)")
        connection.cursor().execute("insert into kept values (1)")
        connection.commit()
        connection.cursor().execute("insert into kept values (2)")
        children = postgres_of(stack.processes[0].pid)
        assert children

        getattr(stack.processes[0], signal)()

        _, alive = psutil.wait_procs(children, timeout=5)
        assert alive == []
        stack.processes[0].wait(seconds=5)

        connection = open_one(stack.start_database(data=data, password="keep_me_1"))
        cursor = connection.cursor()
        cursor.execute("select n from kept")
        assert cursor.fetchall() == [(1,)]
        connection.close()


def test_skip_locked_locks_only_what_was_fetched(connect: Connect) -> None:
    connection = connect()
    cursor = connection.cursor()
    cursor.arraysize = cursor.prefetchrows = 1
    cursor.execute("select id from accounts order by id for update skip locked")
    assert cursor.fetchone() == (1,)
    cursor.close()
    connection.ping()

    again = connect().cursor()
    again.execute("select id from accounts order by id for update skip locked")
    assert again.fetchall() == [(2,), (3,), (4,), (5,)]


def test_batch_errors_keep_the_order_of_what_returning_gives(connect: Connect) -> None:
    connection = connect()
    cursor = connection.cursor()
    out = cursor.var(int, arraysize=3)
    cursor.executemany(
        "insert into accounts values (:1, 0) returning id into :2",
        [(71, out), (1, out), (73, out)],
        batcherrors=True,
    )

    assert [error.code for error in cursor.getbatcherrors()] == [1]
    assert [out.getvalue(n) for n in range(3)] == [[71], [], [73]]


def test_a_value_that_is_longer_than_the_clients_buffer_is_ora_06502(connect: Connect) -> None:
    cursor = connect().cursor()
    out = cursor.var(str, 5)
    with pytest.raises(oracledb.DatabaseError) as caught:
        cursor.execute("begin :out := 'longer than five'; end;", {"out": out})

    assert code_of(caught) == "ORA-06502"


def test_the_dictionary_names_the_release_that_the_wire_does(connect: Connect) -> None:
    connection = connect()
    cursor = connection.cursor()
    cursor.execute("select version from product_component_version")

    assert cursor.fetchone() == (connection.version,)
