"""The unmodified driver against the server, with a session of canned answers."""

import asyncio
import datetime
from decimal import Decimal
from typing import NamedTuple

import oracledb
import pytest

from deploy.localdb.server import Server
from tests.localdb.tns.canned import PASSWORD, CannedSessions


class Listening(NamedTuple):
    """A server, its sessions, and where it is."""

    server: Server
    sessions: CannedSessions
    dsn: str


@pytest.fixture(params=["fast", "classic", "small packets"])
async def server(request):
    sessions = CannedSessions()
    server = Server(
        sessions,
        classic=request.param == "classic",
        sdu=512 if request.param == "small packets" else 65_536,
    )
    port = await server.start("127.0.0.1", 0)
    yield Listening(server, sessions, f"127.0.0.1:{port}/FREEPDB1")
    await server.stop()


@pytest.fixture
async def connection(server):
    connection = await oracledb.connect_async(user="canned", password=PASSWORD, dsn=server.dsn)
    yield connection
    await connection.close()


async def test_the_wrong_password_is_ora_01017(server):
    with pytest.raises(oracledb.DatabaseError, match="ORA-01017"):
        await oracledb.connect_async(user="canned", password="x", dsn=server.dsn)


async def test_an_unknown_user_looks_like_a_wrong_password(server):
    with pytest.raises(oracledb.DatabaseError, match="ORA-01017"):
        await oracledb.connect_async(user="nobody", password=PASSWORD, dsn=server.dsn)


async def test_an_unknown_service_is_refused(server):
    dsn = server.dsn.replace("FREEPDB1", "other")
    with pytest.raises(oracledb.DatabaseError, match="DPY-6001"):
        await oracledb.connect_async(user="canned", password=PASSWORD, dsn=dsn)


async def test_a_session_has_its_number(connection):
    assert (connection.session_id, connection.serial_num) == (7, 4711)


async def test_all_rows_of_a_query_come(connection):
    cursor = connection.cursor()
    await cursor.execute("select numbers")

    assert await cursor.fetchall() == [(i, f"t{i}") for i in range(1000)]


@pytest.mark.parametrize(
    "value",
    [
        0,
        -1,
        10**37 + 1,
        Decimal("-123456789.000000001"),
        Decimal("1E-100"),
        "text",
        "ö€😀" * 100,
        "x" * 32_000,
        b"\x00\x01" * 130,
        datetime.datetime(2024, 2, 29, 23, 59, 59),  # noqa: DTZ001 - a DATE has no zone
        datetime.timedelta(days=-3, microseconds=5),
        1.5,
    ],
    ids=str,
)
async def test_a_value_goes_both_ways(connection, value):
    cursor = connection.cursor()
    await cursor.execute("select bind :v", [value], fetch_decimals=True)
    (found,) = await cursor.fetchone()

    assert found == value


async def test_out_binds_come_back_and_are_left_out_when_repeated(connection):
    cursor = connection.cursor()
    for n in range(3):
        out = cursor.var(str)
        await cursor.execute("begin p(:a, :b); end;", [n, out])

        assert out.getvalue() == f"got {n}"


async def test_many_executions_of_a_block(connection):
    cursor = connection.cursor()
    out = cursor.var(str, arraysize=3)
    await cursor.executemany("begin p(:a, :b); end;", [(n, out) for n in range(3)])

    assert [out.getvalue(n) for n in range(3)] == ["got 0", "got 1", "got 2"]


async def test_an_array_goes_in_and_out(connection):
    cursor = connection.cursor()
    array = cursor.arrayvar(oracledb.DB_TYPE_NUMBER, [1, 2, 3], 10)
    await cursor.execute("begin array(:a); end;", [array])

    assert array.getvalue() == [2, 4, 6]


async def test_a_ref_cursor_is_fetched(connection):
    cursor = connection.cursor()
    ref = connection.cursor()
    await cursor.execute("begin cursor(:c); end;", [ref])

    assert await ref.fetchall() == [(1,), (2,)]


async def test_returning_gives_a_list_for_each_execution(connection):
    cursor = connection.cursor()
    out = cursor.var(int, arraysize=2)
    await cursor.executemany("insert into t values (:a) returning x into :b", [(1, out), (2, out)])

    assert [out.getvalue(n) for n in range(2)] == [[10, 11], [20, 21]]


async def test_thousands_of_rows_in_one_request(connection):
    cursor = connection.cursor()
    await cursor.executemany("insert into t values (:a, :b)", [(n, "x" * 50) for n in range(5000)])

    assert cursor.rowcount == 5000


async def test_a_lob_comes_as_a_locator(connection):
    cursor = connection.cursor()
    await cursor.execute("select lob")
    rows = await cursor.fetchall()

    assert await rows[0][1].read() == "ö" * 50_000
    assert rows[1] == (2, None)


async def test_a_lob_comes_inline_when_the_client_wants_it(connection):
    cursor = connection.cursor()
    await cursor.execute("select lob", fetch_lobs=False)

    assert await cursor.fetchall() == [(1, "ö" * 50_000), (2, None)]


async def test_an_error_has_number_text_and_position(connection):
    with pytest.raises(oracledb.DatabaseError) as caught:
        await connection.cursor().execute("select * from missing")

    error = caught.value.args[0]
    assert (error.code, error.offset) == (942, 14)
    assert error.message.startswith("ORA-00942: table or view does not exist")
    await connection.ping()


async def test_cancel_ends_the_call_with_ora_01013(server, connection):
    call = asyncio.create_task(connection.cursor().execute("wait"))
    await server.sessions.opened[-1].running.wait()
    connection.cancel()

    with pytest.raises(oracledb.DatabaseError, match="ORA-01013"):
        await call
    await connection.ping()


async def test_call_timeout_leaves_the_connection_usable(connection):
    connection.call_timeout = 100
    with pytest.raises(oracledb.DatabaseError, match="DPY-4024"):
        await connection.cursor().execute("wait")
    connection.call_timeout = 0

    await connection.ping()


async def test_cancelling_the_task_leaves_the_connection_usable(server, connection):
    call = asyncio.create_task(connection.cursor().execute("wait"))
    await server.sessions.opened[-1].running.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call

    await connection.ping()


async def test_a_client_that_vanishes_closes_its_session(server):
    connection = await oracledb.connect_async(user="canned", password=PASSWORD, dsn=server.dsn)
    session = server.sessions.opened[-1]
    call = asyncio.create_task(connection.cursor().execute("wait"))
    await session.running.wait()
    connection.terminate()

    await asyncio.wait_for(session.closed.wait(), timeout=5)
    with pytest.raises(oracledb.DatabaseError):
        await call


async def test_attributes_reach_the_session_with_the_next_call(server, connection):
    connection.module = "oraq"
    connection.action = "job"
    await connection.ping()

    (message,) = server.sessions.opened[-1].messages
    assert message.attributes == {"module": "oraq", "action": "job"}


async def test_the_synchronous_driver_works_too(server):
    def query():
        with oracledb.connect(user="canned", password=PASSWORD, dsn=server.dsn) as connection:
            cursor = connection.cursor()
            cursor.execute("select numbers")
            return cursor.fetchmany(2)

    assert await asyncio.to_thread(query) == [(0, "t0"), (1, "t1")]


async def test_garbage_ends_only_its_own_connection(server, connection):
    host, port = server.dsn.partition("/")[0].split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET / HTTP/1.1\r\n\r\n" * 10)

    assert await reader.read() == b""
    writer.close()
    await connection.ping()
