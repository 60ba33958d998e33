"""The unmodified driver against the server, with a session of canned answers."""

import asyncio
import contextlib
import datetime
from decimal import Decimal
from typing import NamedTuple

import oracledb
import pytest

from deploy.localdb.server import Server
from deploy.localdb.tns.requests import CloseCursors
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


def session_of(server):
    return server.sessions.opened[-1]


async def test_a_sid_is_known_as_well(server):
    host, port = server.dsn.partition("/")[0].split(":")
    dsn = oracledb.makedsn(host, int(port), sid="FREE")
    async with oracledb.connect_async(user="canned", password=PASSWORD, dsn=dsn) as connection:
        await connection.ping()


async def test_another_sid_is_refused(server):
    host, port = server.dsn.partition("/")[0].split(":")
    dsn = oracledb.makedsn(host, int(port), sid="OTHER")
    with pytest.raises(oracledb.DatabaseError, match="DPY-6003"):
        await oracledb.connect_async(user="canned", password=PASSWORD, dsn=dsn)


async def test_a_connect_string_may_have_a_packet_of_its_own(server):
    host, port = server.dsn.partition("/")[0].split(":")
    description = (
        f"(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST={host})(PORT={port}))"
        f"(CONNECT_DATA=(SERVICE_NAME=freepdb1)(POOL_CONNECTION_CLASS={'x' * 250})))"
    )
    async with oracledb.connect_async(
        user="canned", password=PASSWORD, dsn=description
    ) as connection:
        await connection.ping()


async def test_a_parse_describes_and_gives_no_rows(connection):
    cursor = connection.cursor()
    await cursor.parse("select numbers")

    assert [column.name for column in cursor.description] == ["N", "T"]


async def test_values_too_long_for_their_place_come_back_in_order(server, connection):
    row = ("x" * 20_000, 1, b"\1" * 40_000, "y" * 8_192)
    await connection.cursor().execute("insert into t values (:a, :b, :c, :d)", row)

    assert session_of(server).received[-1].rows == (row,)


async def test_all_binds_reach_the_session(server, connection):
    rows = [(n, None if n % 3 else f"t{n}", n / 2) for n in range(100)]
    await connection.cursor().executemany("insert into t values (:a, :b, :c)", rows)

    assert session_of(server).received[-1].rows == tuple(
        (a, b, Decimal(repr(c)).normalize() if c % 1 else int(c)) for a, b, c in rows
    )


async def test_a_large_array_goes_in_and_out(connection):
    cursor = connection.cursor()
    items = [None if n % 7 == 0 else n for n in range(20_000)]
    array = cursor.arrayvar(oracledb.DB_TYPE_NUMBER, items, 20_000)
    await cursor.execute("begin array(:a); end;", [array])

    assert array.getvalue() == [None if item is None else item * 2 for item in items]


async def test_nulls_come_back_as_nulls(connection):
    cursor = connection.cursor()
    kinds = [
        oracledb.DB_TYPE_NUMBER,
        oracledb.DB_TYPE_VARCHAR,
        oracledb.DB_TYPE_CLOB,
        oracledb.DB_TYPE_TIMESTAMP,
        oracledb.DB_TYPE_BOOLEAN,
        oracledb.DB_TYPE_BINARY_DOUBLE,
        oracledb.DB_TYPE_RAW,
    ]
    outs = [cursor.var(kind) for kind in kinds]
    await cursor.execute("begin null(:1, :2, :3, :4, :5, :6, :7); end;", outs)

    assert [out.getvalue() for out in outs] == [None] * len(kinds)


async def test_a_cursor_goes_in_by_its_number(server, connection):
    cursor = connection.cursor()
    ref = connection.cursor()
    await cursor.execute("begin cursor(:c); end;", [ref])
    number = max(session_of(server).rows)
    await cursor.execute("begin take(:c, :n); end;", [ref, 5])

    assert session_of(server).received[-1].rows == ((number, 5),)


async def test_implicit_results_are_fetched(connection):
    cursor = connection.cursor()
    await cursor.execute("begin implicit; end;")

    assert [await found.fetchall() for found in cursor.getimplicitresults()] == [[(0,)], [(1,)]]


@pytest.mark.parametrize("count", [1, 2, 507, 508, 509, 2000])
async def test_batch_errors_name_their_rows(connection, count):
    cursor = connection.cursor()
    await cursor.executemany("insert wrong (:a)", [(n,) for n in range(count)], batcherrors=True)
    found = cursor.getbatcherrors()

    assert [error.offset for error in found] == list(range(0, count, 2))
    assert {error.full_code for error in found} == {"ORA-00001"}
    assert cursor.rowcount == count // 2


async def test_row_counts_of_each_execution_come(connection):
    cursor = connection.cursor()
    rows = [(n,) for n in range(300)]
    await cursor.executemany("insert into t values (:a)", rows, arraydmlrowcounts=True)

    assert cursor.getarraydmlrowcounts() == list(range(1, 301))


async def test_whether_a_transaction_is_open_is_told(connection):
    cursor = connection.cursor()
    await cursor.execute("insert into t values (1)")
    opened = connection.transaction_in_progress
    await connection.commit()

    assert (opened, connection.transaction_in_progress) == (True, False)


async def test_autocommit_is_asked_for(server, connection):
    connection.autocommit = True
    for _ in range(2):
        await connection.cursor().execute("insert into t values (:1)", [1])

    assert [request.commit for request in session_of(server).received] == [True, True]


async def test_a_unit_with_errors_warns(connection):
    cursor = connection.cursor()
    await cursor.execute("create procedure wrong as begin nothing; end;")
    assert cursor.warning.full_code == "DPY-7000"

    await cursor.execute("create procedure right as begin null; end;")
    assert cursor.warning is None


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (oracledb.DB_TYPE_CLOB, "ö€😀x" * 100_000),
        (oracledb.DB_TYPE_NCLOB, "ö€" * 1000),
        (oracledb.DB_TYPE_BLOB, bytes(range(256)) * 1000),
    ],
    ids=["clob", "nclob", "blob"],
)
async def test_a_lob_goes_both_ways(connection, kind, data):
    lob = await connection.createlob(kind)
    half = len(data) // 2
    await lob.write(data[:half])
    await lob.write(data[half:], half + 1)
    cursor = connection.cursor()
    out = cursor.var(kind)
    out.setvalue(0, lob)
    await cursor.execute("begin lob(:a); end;", [out])
    found = out.getvalue()

    assert await found.read() == data
    assert await found.read(3, 2) == data[2:4]
    assert await found.size() == len(data)


async def test_a_lob_is_cut_opened_and_closed(connection):
    lob = await connection.createlob(oracledb.DB_TYPE_CLOB, "abcdef")
    await lob.open()
    opened = await lob.isopen()
    await lob.close()
    await lob.trim(2)

    assert (opened, await lob.isopen()) == (True, False)
    assert await lob.read() == "ab"
    assert await lob.getchunksize() > 0


async def test_what_localdb_does_not_have_is_refused_and_the_session_goes_on(connection):
    cursor = connection.cursor()
    json = cursor.var(oracledb.DB_TYPE_JSON)
    json.setvalue(0, {"a": list(range(50_000))})
    for _ in range(2):
        with pytest.raises(oracledb.DatabaseError, match=r"ORA-03001.*JSON"):
            await cursor.execute("insert into t values (:a, :b)", [json, "x" * 10_000])
        message = connection.msgproperties(payload={"a": "x" * 200_000})
        with pytest.raises(oracledb.DatabaseError, match=r"ORA-03001.*queues of JSON"):
            await connection.queue("Q", "JSON").enqone(message)
        with pytest.raises(oracledb.DatabaseError, match=r"ORA-03001.*TPC"):
            await connection.tpc_begin(connection.xid(1, "a", "b"))

        await cursor.execute("select numbers")
        assert len(await cursor.fetchall()) == 1000


async def test_a_password_is_changed(server, connection):
    await connection.changepassword(PASSWORD, "another one")
    with pytest.raises(oracledb.DatabaseError, match="ORA-28008"):
        await connection.changepassword("x", "another one")

    assert session_of(server).passwords == ["another one"]
    await connection.ping()


async def test_a_password_is_changed_at_log_on(server):
    async with oracledb.connect_async(
        user="canned", password=PASSWORD, newpassword="newer", dsn=server.dsn
    ):
        assert session_of(server).passwords == ["newer"]


async def test_a_pipeline_is_answered_in_order(connection):
    pipeline = oracledb.create_pipeline()
    for n in range(20):
        pipeline.add_execute("insert into t values (:a)", [n])
    pipeline.add_fetchall("select numbers")
    pipeline.add_execute("select * from missing")
    pipeline.add_fetchall("select lob")
    pipeline.add_commit()
    found = await connection.run_pipeline(pipeline, continue_on_error=True)

    assert len(found[20].rows) == 1000
    assert found[21].error.full_code == "ORA-00942"
    assert [row[0] for row in found[22].rows] == [1, 2]
    assert found[23].error is None


async def test_a_pipeline_ends_at_its_first_error(server, connection):
    pipeline = oracledb.create_pipeline()
    pipeline.add_execute("insert into t values (1)")
    pipeline.add_execute("select * from missing")
    pipeline.add_execute("insert into t values (2)")
    with pytest.raises(oracledb.DatabaseError, match="ORA-00942"):
        await connection.run_pipeline(pipeline)
    await connection.ping()  # whose answer comes behind those of the pipeline

    assert [request.sql for request in session_of(server).received] == [
        "insert into t values (1)",
        "select * from missing",
    ]


async def test_a_cancel_while_nothing_runs_ends_the_next_call(connection):
    connection.cancel()
    with pytest.raises(oracledb.DatabaseError, match="ORA-01013"):
        await connection.cursor().execute("select numbers")

    await connection.ping()


async def test_a_cancel_that_came_long_ago_ends_the_next_call(server, connection):
    connection.cancel()
    async with oracledb.connect_async(user="canned", password=PASSWORD, dsn=server.dsn) as other:
        await other.ping()  # meanwhile the driver has read the marker, and drops it
    with pytest.raises(oracledb.DatabaseError, match="ORA-01013"):
        await connection.cursor().execute("select numbers")

    await connection.ping()


async def test_cancels_at_any_time_leave_the_connection_in_step(connection):
    cursor = connection.cursor()
    cursor.arraysize = 100
    for n in range(60):
        if n % 2:
            connection.cancel()
        handle = asyncio.get_running_loop().call_later(n / 20_000, connection.cancel)
        with contextlib.suppress(oracledb.DatabaseError):
            await cursor.execute("select numbers")
            await cursor.fetchall()
        handle.cancel()
    with contextlib.suppress(oracledb.DatabaseError):
        await connection.ping()
    await cursor.execute("select numbers")

    assert len(await cursor.fetchall()) == 1000


async def test_a_log_off_is_answered_when_all_is_free(server):
    connection = await oracledb.connect_async(user="canned", password=PASSWORD, dsn=server.dsn)
    await connection.close()

    assert session_of(server).closed.is_set()


async def test_statements_that_the_client_forgets_are_closed(server, connection):
    connection.stmtcachesize = 2
    for n in range(4):
        await connection.cursor().execute(f"insert into t values ({n})")
    await connection.ping()

    closed = [m for m in session_of(server).messages if isinstance(m, CloseCursors)]
    assert sum(len(message.ids) for message in closed) >= 2


async def test_requests_before_the_log_on_end_the_connection(server):
    host, port = server.dsn.partition("/")[0].split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    text = b"(CONNECT_DATA=(SERVICE_NAME=FREEPDB1))"
    connect = b"\1\x3f\1\x2c" + bytes(12) + len(text).to_bytes(2, "big") + b"\0\x4a" + bytes(46)
    packet = connect + text
    writer.write((len(packet) + 8).to_bytes(2, "big") + b"\0\0\1\0\0\0" + packet)
    accept = await reader.readexactly(32)
    request = b"\3\x93\1\0"
    writer.write((len(request) + 10).to_bytes(4, "big") + b"\6\0\0\0\0\0" + request)

    assert accept[4] == 2
    await reader.read()
    assert reader.at_eof()
    assert server.sessions.opened == []
    writer.close()


async def test_stopping_the_server_ends_what_runs(server):
    connection = await oracledb.connect_async(user="canned", password=PASSWORD, dsn=server.dsn)
    call = asyncio.create_task(connection.cursor().execute("wait"))
    await session_of(server).running.wait()
    await server.server.stop()

    assert session_of(server).closed.is_set()
    with pytest.raises(oracledb.DatabaseError):
        await call
