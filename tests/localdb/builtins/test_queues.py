"""Queues by the rules of the Advanced Queuing guide, on PostgreSQL's tables."""

import asyncio
import itertools
import time

import pytest

from deploy.localdb import queue_tables, queues
from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.queues import Dequeue, Message, Mode, Navigation, Visibility

pytestmark = pytest.mark.asyncio(loop_scope="module")

NO_WAIT = Dequeue(wait=0, navigation=Navigation.FIRST_MESSAGE)
_numbers = itertools.count(1)


@pytest.fixture
async def client(log_on):
    return await log_on()


@pytest.fixture
async def other(log_on):
    return await log_on()


async def make_queue(client, *, sort_list="PRIORITY,ENQ_TIME", **options):
    """A started queue in a queue table of its own; its name and the table's."""
    number = next(_numbers)
    table, queue = f"T{number}", f"Q{number}"
    await client.do(queue_tables.create_queue_table, table, "RAW", sort_list=sort_list)
    await client.do(queue_tables.create_queue, queue, table, **options)
    await client.do(queue_tables.start_queue, queue)
    return queue, table


async def send(
    client, queue, *payloads, commit=True, visibility=Visibility.ON_COMMIT, **properties
):
    messages = [Message(payload, **properties) for payload in payloads]
    await client.do(queues.enqueue, queue, messages, visibility)
    if commit:
        await client.commit()
    return [message.msgid for message in messages]


async def take(client, queue, options=NO_WAIT, limit=1):
    messages = await client.do(queues.dequeue, queue, options, limit)
    return [message.payload for message in messages]


async def is_empty(client, queue, options=NO_WAIT):
    with pytest.raises(OraError) as caught:
        await take(client, queue, options)
    await client.rollback()
    return caught.value.code == 25228


async def code(work):
    with pytest.raises(OraError) as caught:
        await work
    return caught.value.code


# ---- order and properties ----


async def test_messages_come_in_the_order_of_their_calls(client):
    queue, _ = await make_queue(client, sort_list=None)
    await send(client, queue, b"a", b"b", b"c")

    assert await take(client, queue, limit=2) == [b"a", b"b"]
    assert await take(client, queue) == [b"c"]
    assert await is_empty(client, queue)


async def test_a_smaller_priority_comes_first(client):
    queue, _ = await make_queue(client)
    await send(client, queue, b"low", priority=9)
    await send(client, queue, b"first", priority=-1)
    await send(client, queue, b"second", priority=-1)

    assert await take(client, queue, limit=5) == [b"first", b"second", b"low"]


async def test_properties_come_back(client):
    queue, _ = await make_queue(client)
    (msgid,) = await send(client, queue, b"x", priority=3, correlation="abc", expiration=60)
    (found,) = await client.do(queues.dequeue, queue, NO_WAIT)

    assert (found.msgid, found.priority, found.correlation) == (msgid, 3, "abc")
    assert (found.expiration, found.attempts, found.state) == (60, 0, 0)
    assert found.enqueue_time is not None


async def test_a_message_without_payload(client):
    queue, _ = await make_queue(client)
    await send(client, queue, None)

    assert await take(client, queue) == [None]


# ---- transactions ----


async def test_others_see_a_message_after_the_commit(client, other):
    queue, _ = await make_queue(client)
    await send(client, queue, b"x", commit=False)
    assert await is_empty(other, queue)
    await client.commit()

    assert await take(other, queue) == [b"x"]


async def test_the_sender_takes_his_own_message_before_the_commit(client):
    queue, _ = await make_queue(client)
    await send(client, queue, b"x", commit=False)

    assert await take(client, queue) == [b"x"]


async def test_immediate_visibility(client, other):
    queue, _ = await make_queue(client)
    await send(client, queue, b"x", commit=False, visibility=Visibility.IMMEDIATE)
    taken = await take(other, queue, Dequeue(wait=0, visibility=Visibility.IMMEDIATE))
    await other.rollback()

    assert taken == [b"x"]
    assert await is_empty(client, queue)


async def test_consumers_do_not_wait_for_each_other(client, other):
    queue, _ = await make_queue(client)
    await send(client, queue, b"a", b"b")

    assert await take(client, queue) == [b"a"]
    assert await take(other, queue) == [b"b"]


async def test_a_dying_client_loses_no_message_and_counts_no_attempt(client, other):
    queue, _ = await make_queue(client)
    await send(client, queue, b"x")
    assert await take(other, queue) == [b"x"]
    await other.close()
    (found,) = await client.do(queues.dequeue, queue, NO_WAIT)

    assert found.attempts == 0


# ---- retries and the exception queue ----


async def test_a_rollback_counts_an_attempt(client):
    queue, _ = await make_queue(client, max_retries=5)
    await send(client, queue, b"x")
    await take(client, queue)
    await client.rollback()
    (found,) = await client.do(queues.dequeue, queue, NO_WAIT)

    assert found.attempts == 1


async def test_too_many_rollbacks_move_a_message_to_the_exception_queue(client):
    queue, table = await make_queue(client, max_retries=1)
    await send(client, queue, b"x")
    for _ in range(2):
        assert await take(client, queue) == [b"x"]
        await client.rollback()
    assert await is_empty(client, queue)
    exceptions = f"AQ$_{table}_E"
    assert await code(take(client, exceptions)) == 25226
    await client.do(queue_tables.start_queue, exceptions, enqueue=False)

    assert await client.native(
        f'select "MSG_STATE", "ORIGINAL_QUEUE_NAME" from "SCOTT"."AQ${table}"'
    ) == [("EXPIRED", queue)]
    assert await take(client, exceptions) == [b"x"]


async def test_a_queue_of_its_own_for_exceptions(client):
    queue, table = await make_queue(client, max_retries=0)
    await client.do(queue_tables.create_queue, "MY_ERRORS", table, is_exception=True)
    await client.do(queue_tables.start_queue, "MY_ERRORS", enqueue=False)
    await send(client, queue, b"x", exception_queue="MY_ERRORS")
    await take(client, queue)
    await client.rollback()

    assert await take(client, "MY_ERRORS") == [b"x"]


async def test_retry_delay(client):
    queue, table = await make_queue(client, max_retries=3, retry_delay=3600)
    await send(client, queue, b"x")
    await take(client, queue)
    await client.rollback()

    assert await is_empty(client, queue)
    assert await client.native(f'select "MSG_STATE" from "SCOTT"."AQ${table}"') == [("WAIT",)]


async def test_an_expired_message_goes_to_the_exception_queue(client):
    queue, table = await make_queue(client)
    await send(client, queue, b"x", expiration=0)

    assert await is_empty(client, queue)
    assert await client.native(f'select "Q_NAME", "STATE" from "SCOTT"."{table}"') == [
        (f"AQ$_{table}_E", 3)
    ]


# ---- waiting ----


async def test_a_waiting_consumer_wakes_at_the_commit(client, other):
    queue, _ = await make_queue(client)
    waiting = asyncio.create_task(take(other, queue, Dequeue(wait=30)))
    await send(client, queue, b"x", commit=False)
    done, _ = await asyncio.wait([waiting], timeout=0.1)
    assert not done
    started = time.perf_counter()
    await client.commit()

    assert await waiting == [b"x"]
    assert time.perf_counter() - started < 1


async def test_a_waiting_consumer_wakes_when_another_gives_a_message_back(client, other):
    queue, _ = await make_queue(client)
    await send(client, queue, b"x")
    await take(client, queue)
    waiting = asyncio.create_task(take(other, queue, Dequeue(wait=30)))
    await asyncio.wait([waiting], timeout=0.1)
    await client.rollback()

    assert await waiting == [b"x"]


async def test_a_waiting_consumer_wakes_when_another_dies(client, other):
    queue, _ = await make_queue(client)
    await send(client, queue, b"x")
    await take(client, queue)
    waiting = asyncio.create_task(take(other, queue, Dequeue(wait=30)))
    await asyncio.wait([waiting], timeout=0.1)
    await client.close()

    assert await waiting == [b"x"]


async def test_a_delayed_message_comes_when_it_is_due(client, other):
    queue, table = await make_queue(client)
    await send(client, queue, b"later", delay=1)
    assert await is_empty(client, queue)
    states = await client.native(f'select "MSG_STATE" from "SCOTT"."AQ${table}"')
    await client.rollback()
    started = time.monotonic()

    assert states == [("WAIT",)]
    assert await take(other, queue, Dequeue(wait=10)) == [b"later"]
    assert 0.5 < time.monotonic() - started < 5


async def test_a_shorter_delay_shortens_the_wait(client, other):
    queue, _ = await make_queue(client)
    await send(client, queue, b"much later", delay=3600)
    waiting = asyncio.create_task(take(other, queue, Dequeue(wait=30)))
    await asyncio.wait([waiting], timeout=0.1)
    await send(client, queue, b"later", delay=1)

    assert await waiting == [b"later"]


async def test_the_wait_ends(client):
    queue, _ = await make_queue(client)
    started = time.monotonic()
    with pytest.raises(OraError) as caught:
        await take(client, queue, Dequeue(wait=1))

    assert caught.value.text == (
        f"ORA-25228: timeout or end-of-fetch during message dequeue from SCOTT.{queue}"
    )
    assert 0.9 < time.monotonic() - started < 3


async def test_a_break_ends_the_wait(client):
    queue, _ = await make_queue(client)
    waiting = asyncio.create_task(take(client, queue, Dequeue()))
    await asyncio.wait([waiting], timeout=0.1)
    client.host.interruption.request()

    assert await code(waiting) == 1013


async def test_a_stopped_queue_ends_the_wait(client, other):
    queue, _ = await make_queue(client)
    waiting = asyncio.create_task(take(other, queue, Dequeue()))
    await asyncio.wait([waiting], timeout=0.1)
    await client.do(queue_tables.stop_queue, queue)

    assert await code(waiting) == 25226


# ---- which message, and how ----


async def test_by_correlation(client):
    queue, _ = await make_queue(client)
    await send(client, queue, b"a", correlation="first")
    await send(client, queue, b"b", correlation="second")

    assert await take(client, queue, Dequeue(wait=0, correlation="second")) == [b"b"]
    assert await take(client, queue, Dequeue(wait=0, correlation="fi%")) == [b"a"]


async def test_by_msgid_even_before_it_is_due(client):
    queue, _ = await make_queue(client)
    await send(client, queue, b"a")
    (msgid,) = await send(client, queue, b"b", delay=3600)

    assert await take(client, queue, Dequeue(wait=0, msgid=msgid)) == [b"b"]
    await client.commit()
    assert await code(take(client, queue, Dequeue(msgid=msgid))) == 25263


async def test_by_condition(client):
    queue, _ = await make_queue(client)
    await send(client, queue, b"a", priority=1)
    await send(client, queue, b"b", priority=5, correlation="it's")
    condition = "tab.priority > 2 and corrid = 'it''s'"

    assert await take(client, queue, Dequeue(wait=0, condition=condition)) == [b"b"]


@pytest.mark.parametrize(
    "condition", ["tab.user_data.x = 1", "1 = 1; drop table t", "pg_sleep(1) is null", 'a"b = 1']
)
async def test_other_conditions_are_refused(client, condition):
    queue, _ = await make_queue(client)
    with pytest.raises(Unsupported):
        await take(client, queue, Dequeue(wait=0, condition=condition))


async def test_browse_leaves_messages_and_goes_on(client, other):
    queue, _ = await make_queue(client)
    await send(client, queue, b"a", b"b")
    first = Dequeue(wait=0, mode=Mode.BROWSE, navigation=Navigation.FIRST_MESSAGE)
    next_ = Dequeue(wait=0, mode=Mode.BROWSE)

    assert await take(client, queue, first) == [b"a"]
    assert await take(client, queue, next_) == [b"b"]
    assert await is_empty(client, queue, next_)
    assert await take(client, queue, first) == [b"a"]
    assert await take(other, queue, limit=2) == [b"a", b"b"]


async def test_locked_keeps_others_away(client, other):
    queue, _ = await make_queue(client)
    (msgid,) = await send(client, queue, b"a")

    assert await take(client, queue, Dequeue(wait=0, mode=Mode.LOCKED)) == [b"a"]
    assert await is_empty(other, queue)
    assert await take(client, queue, Dequeue(wait=0, msgid=msgid)) == [b"a"]


async def test_remove_without_data(client):
    queue, _ = await make_queue(client)
    await send(client, queue, b"a")

    assert await take(client, queue, Dequeue(wait=0, mode=Mode.REMOVE_NODATA)) == [None]
    await client.commit()
    assert await is_empty(client, queue)


async def test_retention_keeps_what_was_taken(client):
    queue, table = await make_queue(client, retention=3600)
    await send(client, queue, b"a")
    await take(client, queue)
    await client.commit()

    assert await is_empty(client, queue)
    assert await client.native(f'select "MSG_STATE" from "SCOTT"."AQ${table}"') == [("PROCESSED",)]


# ---- refusals ----


async def test_enqueue_errors(client):
    queue, table = await make_queue(client)
    assert await code(send(client, "NOWHERE", b"x")) == 24010
    assert await code(send(client, None, b"x")) == 25202
    assert await code(send(client, "a.b.c", b"x")) == 25200
    assert await code(send(client, queue, b"x", delay=-1)) == 25203
    assert await code(send(client, queue, b"x", expiration=-2)) == 25209
    assert await code(send(client, f"AQ$_{table}_E", b"x")) == 25206
    await client.do(queue_tables.stop_queue, queue, dequeue=False)
    assert await code(send(client, queue, b"x")) == 25207


async def test_dequeue_errors(client):
    queue, _ = await make_queue(client)
    assert await code(take(client, "NOWHERE")) == 24010
    assert await code(take(client, queue, Dequeue(wait=-2))) == 25230
    assert await code(take(client, queue, Dequeue(msgid=b"x" * 16, correlation="x"))) == 25240
    await client.do(queue_tables.stop_queue, queue, enqueue=False)
    assert await code(take(client, queue)) == 25226


async def test_another_user_needs_a_grant(client, log_on):
    queue, _ = await make_queue(client)
    stranger = await log_on("TIGER")
    await client.native(
        "insert into localdb.users (name, password_salt, password_iterations, password_hash)"
        " values ('TIGER', '', 1, '') on conflict do nothing"
    )
    await client.commit()
    name = f"scott.{queue}"
    assert await code(send(stranger, name, b"x")) == 1031
    await client.do(queue_tables.grant, queue, "tiger", ("ENQUEUE",))
    await send(stranger, name, b"x")
    assert await code(take(stranger, name)) == 1031
    await client.do(queue_tables.revoke, queue, "TIGER", ("ENQUEUE",))

    assert await code(send(stranger, name, b"x")) == 1031
    assert await take(client, queue) == [b"x"]


# ---- administration ----


async def test_creating_twice(client):
    queue, table = await make_queue(client)
    assert await code(client.do(queue_tables.create_queue_table, table, "RAW")) == 24001
    assert await code(client.do(queue_tables.create_queue, queue, table)) == 24006
    assert await code(client.do(queue_tables.create_queue, "Q0", "NO_TABLE")) == 24002


async def test_wrong_definitions(client):
    _, table = await make_queue(client)
    create_table, create = queue_tables.create_queue_table, queue_tables.create_queue
    assert await code(client.do(create_table, "T0", "RAW", sort_list="MSGID")) == 24004
    assert await code(client.do(create_table, "T0", "MY_TYPE")) == 3001
    assert await code(client.do(create_table, None, "RAW")) == 24031
    assert await code(client.do(create_table, "T" * 123, "RAW")) == 24019
    assert await code(client.do(create, "Q0", table, max_retries=-1)) == 24007
    assert await code(client.do(create, "Q0", table, retry_delay=-1)) == 24013
    assert await code(client.do(create, "Q0", table, is_exception=True, max_retries=1)) == 24074
    assert await code(client.do(queue_tables.start_queue, f"AQ$_{table}_E")) == 24017


async def test_dropping(client):
    queue, table = await make_queue(client)
    assert await code(client.do(queue_tables.drop_queue, queue)) == 24011
    assert await code(client.do(queue_tables.drop_queue_table, table)) == 24012
    await client.do(queue_tables.stop_queue, queue)
    await client.do(queue_tables.drop_queue, queue)
    assert await code(client.do(queue_tables.drop_queue, queue)) == 24010
    await client.do(queue_tables.drop_queue_table, table)

    assert await code(client.do(queue_tables.drop_queue_table, table)) == 24002
    assert (
        await client.native("select * from localdb.objects where name like $1", f"%{table}") == []
    )


async def test_dropping_by_force(client):
    queue, table = await make_queue(client)
    await send(client, queue, b"x")
    await client.do(queue_tables.drop_queue_table, table, force=True)

    assert await code(send(client, queue, b"x")) == 24010


async def test_purging(client):
    queue, table = await make_queue(client)
    await send(client, queue, b"a", correlation="old")
    await send(client, queue, b"b")
    await client.do(queue_tables.purge_queue_table, table, "qtview.corr_id = 'old'")
    assert await take(client, queue, limit=9) == [b"b"]
    await client.rollback()
    await client.do(queue_tables.purge_queue_table, table, None)

    assert await is_empty(client, queue)


async def test_altering(client):
    queue, _ = await make_queue(client, max_retries=0)
    await client.do(queue_tables.alter_queue, queue, max_retries=9)
    await send(client, queue, b"x")
    await take(client, queue)
    await client.rollback()

    assert await take(client, queue) == [b"x"]


async def test_the_dictionary_knows_the_table(client):
    queue, table = await make_queue(client)
    objects = await client.native(
        "select name, type from localdb.objects where name in ($1, $2, $3) order by type",
        table,
        f"AQ${table}",
        queue,
    )
    columns = await client.native(
        "select column_name, type, size from localdb.columns where table_name = $1 and position < 4"
        " order by position",
        table,
    )

    assert objects == [(queue, "QUEUE"), (table, "TABLE"), (f"AQ${table}", "VIEW")]
    assert columns == [
        ("Q_NAME", "VARCHAR2", 128),
        ("MSGID", "RAW", 16),
        ("CORRID", "VARCHAR2", 128),
    ]
