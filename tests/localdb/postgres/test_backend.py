"""A connection behaves as one of Oracle's, whatever SQL runs on it."""

import asyncio
import time

import pytest

from deploy.localdb.errors import OraError
from deploy.localdb.postgres.backend import Backend
from deploy.localdb.postgres.errors import Context

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def run(backend: Backend, sql: str, *values, begins: bool = True, **options):
    described = await backend.describe(sql, ())
    result = await backend.run(described, values, begins=begins, **options)
    return backend.decode(described, result.rows)


async def ids(backend: Backend):
    rows = await run(backend, "select id from public.t order by id", begins=False)
    return [row[0] for row in rows]


async def code(work) -> int:
    with pytest.raises(OraError) as caught:
        await work
    return caught.value.code


async def test_a_query_leaves_no_transaction(backend: Backend):
    await ids(backend)

    assert not backend.in_transaction


async def test_changes_are_seen_by_others_after_the_commit(backend: Backend, other: Backend):
    await run(backend, "insert into public.t values (1)")
    before = await ids(other)
    await backend.commit()

    assert (before, await ids(other)) == ([], [1])


async def test_rollback_undoes_the_transaction(backend: Backend):
    await run(backend, "insert into public.t values (1)")
    await backend.rollback()

    assert await ids(backend) == []


async def test_a_failed_statement_undoes_itself_alone(backend: Backend):
    await run(backend, "insert into public.t values (1)")

    failed = await code(run(backend, "insert into public.t values (2), (1)"))

    assert failed == 1
    assert backend.in_transaction
    assert await ids(backend) == [1]


async def test_a_failed_first_statement_leaves_nothing(backend: Backend):
    assert await code(run(backend, "insert into public.t values (2), (2)")) == 1
    assert not backend.in_transaction
    assert await ids(backend) == []


async def test_a_failed_query_keeps_the_transaction(backend: Backend):
    await run(backend, "insert into public.t values (1)")

    assert await code(run(backend, "select 1 / (id - 1) from public.t")) == 1476
    assert await ids(backend) == [1]


async def test_a_wrong_statement_keeps_the_transaction(backend: Backend):
    await run(backend, "insert into public.t values (1)")

    assert await code(backend.describe("select * from nowhere", ())) == 942
    assert await ids(backend) == [1]


async def test_rollback_to_a_savepoint_keeps_what_was_before(backend: Backend):
    await run(backend, "insert into public.t values (1)")
    await backend.savepoint("A")
    await run(backend, "insert into public.t values (2)")
    await backend.rollback_to("A")
    await run(backend, "insert into public.t values (3)")
    await backend.rollback_to("A")

    assert await ids(backend) == [1]


async def test_a_savepoint_set_again_moves(backend: Backend):
    await backend.savepoint("A")
    await run(backend, "insert into public.t values (1)")
    await backend.savepoint("B")
    await backend.savepoint("A")
    await backend.rollback_to("A")

    assert await ids(backend) == [1]


async def test_rollback_to_an_older_savepoint_forgets_later_ones(backend: Backend):
    await backend.savepoint("A")
    await backend.savepoint("B")
    await backend.rollback_to("A")

    assert await code(backend.rollback_to("B")) == 1086
    assert backend.in_transaction


async def test_a_commit_forgets_savepoints(backend: Backend):
    await backend.savepoint("A")
    await backend.commit()

    assert await code(backend.rollback_to("A")) == 1086


async def test_a_serializable_transaction_sees_its_beginning(backend: Backend, other: Backend):
    await backend.begin("begin isolation level repeatable read")
    await run(other, "insert into public.t values (1)")
    await other.commit()

    assert await ids(backend) == []


async def test_changing_what_changed_since_cannot_be_serialized(backend: Backend, other: Backend):
    await run(backend, "insert into public.t values (1, 1)")
    await backend.commit()
    await backend.begin("begin isolation level repeatable read")
    await run(other, "update public.t set n = 2")
    await other.commit()

    assert await code(run(backend, "update public.t set n = 3")) == 8177


async def test_a_read_only_transaction_refuses_changes(backend: Backend):
    await backend.begin("begin isolation level repeatable read read only")

    assert await code(run(backend, "insert into public.t values (1)")) == 1456


async def test_skip_locked_locks_only_what_is_fetched(backend: Backend, other: Backend):
    await run(backend, "insert into public.t select generate_series(1, 10)")
    await backend.commit()
    sql = "select id from public.t order by id for update skip locked"
    described = await backend.describe(sql, ())
    portal = backend.new_portal()
    await backend.run(described, (), portal=portal)

    mine = await backend.fetch(portal, 3, Context())
    theirs = await run(other, sql)

    assert [row[0] for row in backend.decode(described, mine.rows)] == [1, 2, 3]
    assert [row[0] for row in theirs] == [4, 5, 6, 7, 8, 9, 10]


async def test_nowait_is_refused_at_once(backend: Backend, other: Backend):
    await run(backend, "insert into public.t values (1)")
    await backend.commit()
    await run(backend, "select * from public.t for update")

    assert await code(run(other, "select * from public.t for update nowait")) == 54


async def test_wait_ends_after_its_time_and_not_for_later_statements(
    backend: Backend, other: Backend
):
    await run(backend, "insert into public.t values (1)")
    await backend.commit()
    await run(backend, "select * from public.t for update")
    await run(other, "insert into public.t values (2)")

    began = time.monotonic()
    refused = await code(
        run(
            other,
            "select * from public.t for update",
            lock_seconds=0.3,
            context=Context("SELECT", waits=True),
        )
    )

    assert refused == 30006
    assert 0.2 < time.monotonic() - began < 2
    assert await ids(other) == [1, 2]
    assert await run(other, "select current_setting('lock_timeout')") == [("0",)]


async def test_the_lock_timeout_goes_with_its_statement(backend: Backend):
    rows = await run(backend, "select * from public.t for update", lock_seconds=5)

    assert rows == []
    assert await run(backend, "select current_setting('lock_timeout')") == [("0",)]


async def test_a_deadlock_costs_one_statement_only(backend: Backend, other: Backend):
    await run(backend, "insert into public.t values (1, 1), (2, 1)")
    await backend.commit()
    await run(backend, "update public.t set n = 2 where id = 1")
    await run(other, "update public.t set n = 3 where id = 2")

    waiting = asyncio.ensure_future(run(backend, "update public.t set n = 2 where id = 2"))
    broken = asyncio.ensure_future(run(other, "update public.t set n = 3 where id = 1"))
    done, _ = await asyncio.wait({waiting, broken}, return_when=asyncio.FIRST_COMPLETED)
    victim = done.pop()

    assert await code(victim) == 60
    loser, winner = (backend, other) if victim is waiting else (other, backend)
    assert loser.in_transaction
    await loser.rollback()
    await (broken if victim is waiting else waiting)
    assert winner.in_transaction
    await winner.rollback()


async def test_cancel_breaks_the_statement_and_keeps_the_transaction(backend: Backend):
    await run(backend, "insert into public.t values (1)")
    described = await backend.describe("select pg_sleep(60)", ())
    sleeping = asyncio.ensure_future(backend.run(described, ()))
    await asyncio.sleep(0)

    await backend.cancel()

    assert await code(sleeping) == 1013
    assert await ids(backend) == [1]


async def test_cancel_without_a_statement_does_nothing(backend: Backend):
    await backend.cancel()

    assert await ids(backend) == []


async def test_a_statement_that_nobody_waits_for_any_more_is_undone(backend: Backend):
    await run(backend, "insert into public.t values (1)")
    described = await backend.describe("insert into public.t select 2 from pg_sleep(60)", ())
    abandoned = asyncio.ensure_future(backend.run(described, ()))
    await asyncio.sleep(0)
    abandoned.cancel()
    with pytest.raises(asyncio.CancelledError):
        await abandoned

    assert await ids(backend) == [1]


async def test_reset_breaks_rolls_back_and_forgets(backend: Backend, other: Backend):
    backend.set("ora.user", "SCOTT")
    await run(backend, "insert into public.t values (1)")
    described = await backend.describe("select pg_sleep(60)", ())
    sleeping = asyncio.ensure_future(backend.run(described, ()))
    await asyncio.sleep(0)

    began = time.monotonic()
    sleeping.cancel()
    await asyncio.wait({sleeping})
    await backend.reset()

    assert time.monotonic() - began < 1
    assert not backend.in_transaction
    assert await run(backend, "select current_setting('ora.user', true)") == [(None,)]


async def test_settings_survive_a_rollback(backend: Backend):
    await run(backend, "insert into public.t values (1)")
    backend.set("ora.user", "SCOTT")
    await ids(backend)
    await backend.rollback()

    assert await run(backend, "select current_setting('ora.user', true)") == [("SCOTT",)]


async def test_settings_survive_a_failed_statement(backend: Backend):
    await run(backend, "insert into public.t values (1)")
    backend.set("ora.user", "SCOTT")
    await code(run(backend, "insert into public.t values (1)"))

    assert await run(backend, "select current_setting('ora.user', true)") == [("SCOTT",)]


async def test_a_deferred_constraint_rolls_back_at_the_commit(backend: Backend):
    await backend.run_script(
        "create table public.child (id numeric references public.t initially deferred)"
    )
    await run(backend, "insert into public.child values (1)")

    with pytest.raises(OraError) as caught:
        await backend.commit()

    assert caught.value.text.startswith("ORA-02091: transaction rolled back\nORA-02291")
    assert not backend.in_transaction


async def test_statements_are_prepared_once_for_each_connection(backend: Backend, other: Backend):
    described = await backend.describe("select $1::numeric + 1", ())

    first = await other.run(described, (1,), begins=False)
    second = await other.run(described, (2,), begins=False)

    assert [other.decode(described, r.rows) for r in (first, second)] == [[(2,)], [(3,)]]


async def test_many_rows_come_whole(backend: Backend):
    rows = await run(
        backend, "select n, repeat('x', 1000) from generate_series(1, 5000) as n", begins=False
    )

    assert len(rows) == 5000
    assert rows[-1] == (5000, "x" * 1000)


@pytest.mark.parametrize("in_transaction", [False, True])
async def test_many_rows_are_done_up_to_the_first_that_fails(backend: Backend, in_transaction):
    if in_transaction:
        await run(backend, "insert into public.t values (0)")
    described = await backend.describe("insert into public.t (id) values ($1) returning id", ())

    rows = [(number,) for number in range(1, 601)]
    results, error = await backend.run_many(described, [*rows, (300,), (700,)], Context())
    await backend.commit()

    assert error is not None
    assert error.code == 1
    assert [backend.decode(described, result.rows) for result in results] == [
        [(number,)] for number in range(1, 601)
    ]
    assert await ids(backend) == [*([0] if in_transaction else []), *range(1, 601)]


async def test_many_rows_without_an_error(backend: Backend):
    backend.set("ora.user", "SCOTT")
    described = await backend.describe("insert into public.t (id) values ($1)", ())

    results, error = await backend.run_many(described, [(1,), (2,)], Context())

    assert error is None
    assert [result.tag for result in results] == ["INSERT 0 1"] * 2


async def test_a_commit_that_does_not_flush_is_durable_after_the_next_flush(
    backend: Backend, other: Backend
):
    await run(backend, "insert into public.t values (1, 1)")
    await backend.commit(flushes=False)
    assert await ids(other) == [1]
    written = await run(other, "select pg_current_wal_insert_lsn()::text", begins=False)
    await other.flush()
    flushed = await run(
        other,
        "select pg_current_wal_flush_lsn() >= $1::text::pg_lsn",
        written[0][0],
        begins=False,
    )
    assert flushed == [(True,)]
    assert not other.in_transaction


async def test_a_flush_leaves_the_transaction_open(backend: Backend, other: Backend):
    await run(backend, "insert into public.t values (1, 1)")
    await backend.flush()
    assert backend.in_transaction
    assert await ids(other) == []


async def test_a_savepoint_goes_along_with_the_next_statement(backend: Backend):
    await run(backend, "insert into public.t values (1, 1)")
    await backend.savepoint("A")
    assert await code(run(backend, "insert into public.t values (2, -1)")) == 2290
    await run(backend, "insert into public.t values (2, 2)")
    await backend.rollback_to("A")
    assert await ids(backend) == [1]
    await backend.savepoint("B")
    await backend.rollback_to("A")
    assert await code(backend.rollback_to("B")) == 1086
    await backend.commit()
    assert await ids(backend) == [1]


async def test_rows_of_many_are_their_own_after_a_savepoint(backend: Backend):
    await run(backend, "insert into public.t values (1, 1)")
    await backend.savepoint("A")
    insert = await backend.describe("insert into public.t values ($1, $2)", ())
    results, error = await backend.run_many(insert, [(2, 2), (3, 3), (4, -1)], Context("INSERT"))
    assert [result.tag for result in results] == ["INSERT 0 1"] * 2
    assert error is not None
    assert await ids(backend) == [1, 2, 3]


def is_open(backend: Backend) -> bool:
    return backend.in_transaction


async def test_a_transaction_begun_by_name_is_open_before_its_first_statement(backend: Backend):
    backend.set_serializable(True)
    backend.begin_read_committed()
    assert is_open(backend)
    assert await code(run(backend, "insert into public.t values (1, -1)")) == 2290
    assert is_open(backend)
    level = await run(backend, "select current_setting('transaction_isolation')")
    assert level == [("read committed",)]
    await backend.commit()
    assert not is_open(backend)
    backend.begin_read_committed()
    await backend.rollback()
    assert not is_open(backend)
    level = await run(backend, "select current_setting('transaction_isolation')")
    assert level == [("repeatable read",)]


async def batch(backend: Backend, *statements: str):
    return [(await backend.describe(text, ()), (), Context(text)) for text in statements]


INSERTS = [f"insert into public.t values ({n}, {n})" for n in range(1, 5)]


@pytest.mark.parametrize("opens", [False, True])
async def test_a_batch_is_committed_in_one_exchange(backend: Backend, other: Backend, opens: bool):
    if opens:
        await run(backend, INSERTS[3])
    statements = await batch(backend, *INSERTS[:2])
    results, error = await backend.run_batch(statements, commits=True)
    assert error is None
    assert [result.tag for result in results] == ["INSERT 0 1"] * 2
    assert not is_open(backend)
    assert await ids(other) == ([1, 2, 4] if opens else [1, 2])


@pytest.mark.parametrize("opens", [False, True])
async def test_what_comes_before_an_error_in_a_batch_stays_uncommitted(
    backend: Backend, other: Backend, opens: bool
):
    if opens:
        await run(backend, INSERTS[3])
        await backend.savepoint("A")
    statements = await batch(backend, *INSERTS[:2], "insert into public.t values (9, -1)")
    results, error = await backend.run_batch(statements, commits=True)
    assert error is not None
    assert error.code == 2290
    assert len(results) == 2
    assert is_open(backend)
    assert await ids(other) == []
    assert await ids(backend) == ([1, 2, 4] if opens else [1, 2])
    if opens:
        await backend.rollback_to("A")
        assert await ids(backend) == [4]


async def test_a_batch_whose_commit_fails_is_rolled_back(backend: Backend, other: Backend):
    await run(backend, "alter table public.t add constraint late unique (n) deferrable")
    await backend.commit()
    await run(backend, "set constraints public.late deferred")
    statements = await batch(backend, INSERTS[0], "insert into public.t values (2, 1)")
    assert await code(backend.run_batch(statements, commits=True)) == 2091
    assert not is_open(backend)
    assert await ids(backend) == []


async def test_a_batch_that_is_broken_off_keeps_what_was_before(backend: Backend, other: Backend):
    await run(other, INSERTS[1])
    await run(backend, INSERTS[3])
    statements = await batch(backend, *INSERTS[:3])
    running = asyncio.ensure_future(backend.run_batch(statements, commits=True))
    while not await run(  # noqa: ASYNC110 - what PostgreSQL waits for
        other,
        "select 1 from pg_stat_activity where wait_event_type = 'Lock' and pid = $1",
        backend.pid,
    ):
        await asyncio.sleep(0.01)
    await backend.cancel()
    results, error = await running
    assert error is not None
    assert error.code == 1013
    assert len(results) == 1
    assert await ids(backend) == [1, 4]


async def test_a_value_that_cannot_be_sent_fails_its_own_row(backend: Backend):
    described = await backend.describe("insert into public.t (id) values (length($1::text))", ())
    rows = [("a",), ("ab",), ("\0",), ("abcd",)]
    results, error = await backend.run_many(described, rows, Context("INSERT"))
    assert error is not None
    assert error.code == 3001
    assert len(results) == 2
    assert await ids(backend) == [1, 2]
