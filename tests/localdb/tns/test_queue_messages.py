"""Advanced Queuing through the driver's own calls, against the whole server in both handshakes."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import oracledb
import pytest

from deploy.processes import Process

Connect = Callable[[], oracledb.Connection]
#: The driver's own, whose declared types allow less than it does.
Queue = Any

CREATE = """
    begin
        dbms_aqadm.create_queue_table('WIRE_TABLE', 'RAW', sort_list => 'PRIORITY,ENQ_TIME');
        dbms_aqadm.create_queue('WIRE', 'WIRE_TABLE');
        dbms_aqadm.start_queue('WIRE');
    end;"""


@pytest.fixture(scope="module", params=["23", "19"])
def dsn(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("queues")
    process = Process(
        "localdb",
        [
            *(sys.executable, "-m", "deploy.localdb", "--port", "0", "--user", "ORAQ"),
            *("--protocol", request.param),
        ],
        environment={**os.environ, "LOCALDB_PASSWORD": "secret"},
        folder=Path.cwd(),
        log=folder / "localdb.log",
    )
    try:
        yield process.wait_until_ready(r"localdb ready: (\S+)", seconds=90)
    finally:
        process.stop(seconds=10)


@pytest.fixture
def connect(dsn: str) -> Iterator[Connect]:
    opened: list[oracledb.Connection] = []

    def connect_one() -> oracledb.Connection:
        opened.append(oracledb.connect(user="ORAQ", password="secret", dsn=dsn))
        return opened[-1]

    yield connect_one
    for connection in opened:
        connection.close()


@pytest.fixture
def queue(connect: Connect) -> Queue:
    """An empty queue whose dequeue does not wait."""
    connection = connect()
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from user_queues where name = 'WIRE'")
        if cursor.fetchone() == (0,):
            cursor.execute(CREATE)
    queue = connection.queue("WIRE")
    queue.deqoptions.wait = oracledb.DEQ_NO_WAIT
    queue.deqoptions.navigation = oracledb.DEQ_FIRST_MSG
    while queue.deqone() is not None:
        pass
    connection.commit()
    return queue


def test_a_message_keeps_its_payload_and_properties(queue: Queue) -> None:
    sent = queue.connection.msgproperties(
        payload=bytes(range(256)) * 300,
        correlation="número",
        priority=7,
        expiration=60,
        exceptionq="ORAQ.OTHER",
    )
    queue.enqone(sent)
    queue.connection.commit()

    taken = queue.deqone()

    assert taken.payload == sent.payload
    assert taken.msgid == sent.msgid
    assert len(taken.msgid) == 16
    assert (taken.correlation, taken.priority, taken.expiration) == ("número", 7, 60)
    assert taken.exceptionq == "ORAQ.OTHER"
    assert (taken.attempts, taken.state) == (0, oracledb.MSG_READY)
    assert taken.deliverymode == oracledb.MSG_PERSISTENT


def test_an_empty_payload_is_empty_bytes(queue: Queue) -> None:
    queue.enqone(queue.connection.msgproperties(payload=b""))

    assert queue.deqone().payload == b""


def test_nothing_to_take_is_none_and_an_empty_list(queue: Queue) -> None:
    assert queue.deqone() is None
    assert queue.deqmany(5) == []


def test_a_rollback_gives_the_message_back_and_counts_the_attempt(queue: Queue) -> None:
    queue.enqone(queue.connection.msgproperties(payload=b"again"))
    queue.connection.commit()
    assert queue.deqone().attempts == 0

    queue.connection.rollback()

    assert queue.deqone().attempts == 1


def test_an_array_goes_and_comes_in_the_order_of_priority(queue: Queue) -> None:
    sent = [
        queue.connection.msgproperties(payload=b"%d" % n, priority=priority)
        for n, priority in enumerate([3, 1, 2])
    ]
    queue.enqmany(sent)
    queue.connection.commit()
    assert len({properties.msgid for properties in sent}) == 3

    taken = queue.deqmany(10)

    assert [message.payload for message in taken] == [b"1", b"2", b"0"]
    assert [message.msgid for message in taken] == [sent[n].msgid for n in (1, 2, 0)]


def test_immediate_messages_are_there_before_a_commit(queue: Queue, connect: Connect) -> None:
    queue.enqoptions.visibility = oracledb.ENQ_IMMEDIATE
    queue.enqone(queue.connection.msgproperties(payload=b"now"))
    other = connect().queue("WIRE")
    other.deqoptions.wait = oracledb.DEQ_NO_WAIT

    assert other.deqone().payload == b"now"
    other.connection.commit()


def test_correlation_msgid_and_condition_select(queue: Queue) -> None:
    sent = [
        queue.connection.msgproperties(payload=b"%d" % n, correlation=f"c{n}", priority=n)
        for n in range(4)
    ]
    queue.enqmany(sent)
    options = queue.deqoptions

    options.correlation = "c2"
    assert queue.deqone().payload == b"2"
    options.correlation = None
    options.msgid = sent[1].msgid
    assert queue.deqone().payload == b"1"
    options.msgid = None
    options.condition = "priority = 3"
    assert queue.deqone().payload == b"3"


def test_browse_leaves_and_remove_without_data_takes(queue: Queue) -> None:
    queue.enqone(queue.connection.msgproperties(payload=b"seen"))
    queue.deqoptions.mode = oracledb.DEQ_BROWSE
    assert queue.deqone().payload == b"seen"
    assert queue.deqone().payload == b"seen"
    queue.deqoptions.mode = oracledb.DEQ_REMOVE_NODATA
    assert queue.deqone().payload == b""
    queue.deqoptions.mode = oracledb.DEQ_REMOVE
    assert queue.deqone() is None


def test_buffered_messages_belong_to_no_transaction(queue: Queue) -> None:
    queue.enqoptions.deliverymode = oracledb.MSG_BUFFERED
    properties = queue.connection.msgproperties(payload=b"light")
    with pytest.raises(oracledb.DatabaseError, match="ORA-25305"):
        queue.enqone(properties)
    queue.enqoptions.visibility = oracledb.ENQ_IMMEDIATE
    queue.enqone(properties)
    queue.connection.rollback()
    assert queue.deqone() is None

    queue.deqoptions.deliverymode = oracledb.MSG_BUFFERED
    queue.deqoptions.visibility = oracledb.DEQ_IMMEDIATE
    taken = queue.deqone()

    assert (taken.payload, taken.deliverymode) == (b"light", oracledb.MSG_BUFFERED)
    assert queue.deqone() is None


def test_a_waiting_dequeue_wakes_at_the_commit(queue: Queue, connect: Connect) -> None:
    waiting = connect().queue("WIRE")
    waiting.deqoptions.wait = 30
    found: list[bytes] = []
    thread = threading.Thread(target=lambda: found.append(waiting.deqone().payload))
    thread.start()
    queue.enqone(queue.connection.msgproperties(payload=b"wake up"))
    queue.connection.commit()
    thread.join(timeout=20)

    assert found == [b"wake up"]
    waiting.connection.commit()


def test_a_waiting_dequeue_can_be_cancelled(connect: Connect, queue: Queue) -> None:
    connection = connect()
    connection.call_timeout = 300
    waiting = connection.queue("WIRE")
    waiting.deqoptions.wait = oracledb.DEQ_WAIT_FOREVER

    with pytest.raises(oracledb.DatabaseError, match="DPY-4024"):
        waiting.deqone()
    waiting.deqoptions.wait = oracledb.DEQ_NO_WAIT
    assert waiting.deqone() is None


def test_a_client_that_dies_loses_no_message(dsn: str, queue: Queue, connect: Connect) -> None:
    queue.enqone(queue.connection.msgproperties(payload=b"precious"))
    queue.connection.commit()
    program = (
        "import oracledb, sys, time\n"
        f"q = oracledb.connect(user='ORAQ', password='secret', dsn={dsn!r}).queue('WIRE')\n"
        "print(q.deqone().payload, flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline().strip() == b"b'precious'"
        assert queue.deqone() is None
        child.kill()

    queue.deqoptions.wait = 10
    assert queue.deqone().payload == b"precious"


def test_json_payloads_are_refused_by_name(connect: Connect, queue: Queue) -> None:
    connection = connect()
    of_json = connection.queue("WIRE", "JSON")
    document: Any = {"a": 1}
    properties = connection.msgproperties(payload=document)

    with pytest.raises(oracledb.DatabaseError, match=r"ORA-03001.*JSON"):
        of_json.enqone(properties)
    with pytest.raises(oracledb.DatabaseError, match=r"ORA-03001.*JSON"):
        of_json.enqmany([properties, properties])

    # The session goes on.
    with connection.cursor() as cursor:
        cursor.execute("select 1 from dual")
        assert cursor.fetchone() == (1,)


async def test_the_asynchronous_driver_does_the_same(dsn: str, queue: Queue) -> None:
    async with oracledb.connect_async(user="ORAQ", password="secret", dsn=dsn) as connection:
        other = connection.queue("WIRE")
        other.deqoptions.wait = oracledb.DEQ_NO_WAIT
        await other.enqmany([connection.msgproperties(payload=b"%d" % n) for n in range(3)])
        await connection.commit()
        first = await other.deqone()
        rest = await other.deqmany(5)
        assert [first.payload, *(message.payload for message in rest)] == [b"0", b"1", b"2"]
        await connection.commit()


def test_a_queue_that_is_not_there_is_named(connect: Connect) -> None:
    with pytest.raises(oracledb.DatabaseError, match=r"ORA-24010: QUEUE ORAQ\.NOWHERE"):
        connect().queue("NOWHERE").deqone()
