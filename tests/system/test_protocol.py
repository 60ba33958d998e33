"""The protocol's corners, driven call by call: a test plays the worker that goes wrong."""

from collections.abc import Callable
from typing import Any

import oracledb
import pytest

from deploy.processes import Process
from tests.client import JobClient
from tests.waiting import eventually

StartWorker = Callable[..., Process]
Connect = Callable[[], oracledb.Connection]

LEASE_SECONDS = 1


class ScriptedWorker:
    """A worker's calls on one connection, made one by one."""

    def __init__(self, connection: oracledb.Connection, name: str) -> None:
        self.connection = connection
        self.name = name
        self.cursor = connection.cursor()

    def claim(self, *, wait: int = 5) -> list[tuple[str, int]]:
        ids = self.cursor.arrayvar(str, 50, 32)
        attempts = self.cursor.arrayvar(int, 50)
        names, params, options = (
            self.cursor.arrayvar(str, 50, size) for size in (200, 32767, 4000)
        )
        self.cursor.execute(
            """begin async_jobs_worker.claim(
                 p_worker => :worker, p_limit => 50, p_wait => :wait, p_lease => :lease,
                 p_job_ids => :ids, p_attempts => :attempts, p_names => :names,
                 p_params => :params, p_options => :options); end;""",
            worker=self.name,
            wait=wait,
            lease=LEASE_SECONDS,
            ids=ids,
            attempts=attempts,
            names=names,
            params=params,
            options=options,
        )
        return list(zip(ids.getvalue(), attempts.getvalue(), strict=True))

    def claim_one(self, job_id: str) -> int:
        """Claim until this job is among the claimed; gives its attempt."""

        def look() -> int | None:
            return dict(self.claim(wait=1)).get(job_id)

        return eventually(look, what=f"claim of {job_id}")

    def start(self, job_id: str, attempt: int) -> str:
        return self._status(
            "async_jobs_worker.start_attempt(p_job_id => :id, p_worker => :worker, "
            "p_attempt => :attempt, p_lease => :lease, p_status => :status)",
            id=job_id,
            attempt=attempt,
            lease=LEASE_SECONDS,
        )

    def executed(self, job_id: str, attempt: int) -> None:
        self.cursor.execute(
            "begin async_jobs_worker.executed(p_job_id => :id, p_worker => :worker, "
            "p_attempt => :attempt, p_forget => 0); end;",
            id=job_id,
            worker=self.name,
            attempt=attempt,
        )

    def complete(self, job_id: str, attempt: int, result: str = "{}") -> str:
        return self._status(
            "async_jobs_worker.complete(p_job_id => :id, p_worker => :worker, "
            "p_attempt => :attempt, p_result => :result, p_status => :status)",
            id=job_id,
            attempt=attempt,
            result=result,
        )

    def fail(self, job_id: str, attempt: int, *, timed_out: int) -> str:
        return self._status(
            "async_jobs_worker.fail(p_job_id => :id, p_worker => :worker, p_attempt => :attempt, "
            "p_error => 'broken off', p_error_code => 'ORA-01013', p_retryable => 0, "
            "p_timed_out => :timed_out, p_status => :status)",
            id=job_id,
            attempt=attempt,
            timed_out=timed_out,
        )

    def heartbeat(self) -> None:
        """Without claims."""
        self.cursor.execute(
            """begin async_jobs_worker.heartbeat(
                 p_worker => :worker, p_host => 'h', p_pid => 1, p_slots => 1, p_version => '0',
                 p_lease => :lease, p_job_ids => :ids, p_attempts => :attempts,
                 p_states => :states, p_metrics => null, p_drain => :drain); end;""",
            worker=self.name,
            lease=LEASE_SECONDS,
            ids=self.cursor.arrayvar(str, 50, 32),
            attempts=self.cursor.arrayvar(int, 50),
            states=self.cursor.arrayvar(str, 50, 30),
            drain=self.cursor.var(str, 1),
        )

    def work(self, job: str, note: str) -> None:
        self.cursor.execute("insert into system_effects values (:job, :note)", job=job, note=note)

    def _status(self, call: str, **binds: object) -> str:
        status = self.cursor.var(str, 30)
        self.cursor.execute(f"begin {call}; end;", worker=self.name, status=status, **binds)
        return str(status.getvalue())


def recover(db: oracledb.Connection) -> int:
    with db.cursor() as cursor:
        recovered = cursor.var(int)
        cursor.execute(
            "begin async_jobs_admin.recover(p_recovered => :recovered); end;", recovered=recovered
        )
    return int(recovered.getvalue() or 0)


def status_of(db: oracledb.Connection, job_id: str) -> tuple[str, int]:
    with db.cursor() as cursor:
        cursor.execute("select status, attempt from async_jobs where job_id = :id", id=job_id)
        row = cursor.fetchone()
    assert row is not None
    return row[0], int(row[1])


def test_row_and_wakeup_become_visible_together(client: JobClient, connect: Connect) -> None:
    worker = ScriptedWorker(connect(), "scripted:together")
    job_id = client.submit("PROC_TEST_DEMORA", {"segundos": 0})

    attempt = worker.claim_one(job_id)

    assert attempt == 1
    assert worker.claim(wait=0) == []
    worker.start(job_id, attempt)
    assert worker.complete(job_id, attempt) == "completed"


def test_a_worker_that_dies_between_claim_and_start_loses_its_claim(
    client: JobClient, connect: Connect, start_worker: StartWorker
) -> None:
    job_id = client.submit("PROC_TEST", {"p_input": "x"}, {"p_output": "STRING"})
    dying = ScriptedWorker(connect(), "scripted:dying")
    dying.claim_one(job_id)
    dying.connection.close()

    start_worker()
    job = client.wait(job_id)

    assert job["result"] == {"p_output": "Procesado: x"}


def test_a_heartbeat_recovers_though_another_did_so_three_seconds_ago(
    db: oracledb.Connection, client: JobClient, connect: Connect
) -> None:
    """Else the turn of a worker that then dies costs its jobs two heartbeats of the last one."""
    job_id = client.submit("PROC_TEST_DEMORA", {"segundos": 1})
    dying = ScriptedWorker(connect(), "scripted:dying")
    assert dying.start(job_id, dying.claim_one(job_id)) == "started"
    survivor = ScriptedWorker(connect(), "scripted:survivor")
    with db.cursor() as cursor:
        cursor.execute(
            "update async_job_recovery "
            "set last_recovery = sys_extract_utc(systimestamp) - interval '3' second"
        )
        db.commit()
    dying.connection.close()

    survivor.heartbeat()

    assert status_of(db, job_id)[0] == "pending"


def test_a_lost_wakeup_is_noticed_and_sent_again(
    client: JobClient, db: oracledb.Connection, start_worker: StartWorker
) -> None:
    job_id = client.submit("PROC_TEST", {"p_input": "x"}, {"p_output": "STRING"})
    with db.cursor() as cursor:
        cursor.execute(
            """declare
                 l_options dbms_aq.dequeue_options_t;
                 l_properties dbms_aq.message_properties_t;
                 l_payload raw(16);
                 l_id raw(16);
               begin
                 l_options.correlation := :id;
                 l_options.wait := 5;
                 l_options.navigation := dbms_aq.first_message;
                 dbms_aq.dequeue(
                   queue_name => 'ASYNC_JOBS_QUEUE', dequeue_options => l_options,
                   message_properties => l_properties, payload => l_payload, msgid => l_id);
                 commit;
               end;""",
            id=job_id,
        )
        # Due for longer than the recovery waits before it wonders.
        cursor.execute(
            "update async_jobs set created_at = created_at - 1, start_time = start_time - 1, "
            "run_after = run_after - 1 where job_id = :id",
            id=job_id,
        )
        # As if the last search for lost messages had been a while ago.
        cursor.execute(
            "update async_job_recovery set last_message_search = last_message_search - 1"
        )
        db.commit()

    start_worker()
    eventually(lambda: recover(db) > 0 or client.get(job_id)["status"] == "completed")

    assert client.wait(job_id)["result"] == {"p_output": "Procesado: x"}


def test_a_zombie_that_completes_too_late_is_refused_and_rolled_back(
    client: JobClient,
    db: oracledb.Connection,
    connect: Connect,
    effects: Any,
) -> None:
    job_id = client.submit("PROC_TEST_DEMORA", {"segundos": 0}, on_loss="rerun")
    zombie = ScriptedWorker(connect(), "scripted:zombie")
    attempt = zombie.claim_one(job_id)
    assert zombie.start(job_id, attempt) == "started"
    zombie.work("zombie", "late")
    zombie.executed(job_id, attempt)

    # Its lease runs out: "executed" says that only the fenced complete could commit any more.
    eventually(lambda: recover(db) >= 0 and status_of(db, job_id)[0] == "pending", seconds=30)
    successor = ScriptedWorker(connect(), "scripted:successor")
    again = successor.claim_one(job_id)
    assert successor.start(job_id, again) == "started"
    successor.work("zombie", "in time")

    assert zombie.complete(job_id, attempt) == "lost"
    assert successor.complete(job_id, again) == "completed"
    assert effects.notes("zombie") == ["in time"]
    assert status_of(db, job_id) == ("completed", attempt + 1)


def test_nobody_completes_from_another_session(
    client: JobClient, connect: Connect, effects: Any
) -> None:
    job_id = client.submit("PROC_TEST_DEMORA", {"segundos": 0})
    worker = ScriptedWorker(connect(), "scripted:two sessions")
    other = ScriptedWorker(connect(), "scripted:two sessions")
    attempt = worker.claim_one(job_id)
    worker.start(job_id, attempt)
    worker.work("two sessions", "mine")
    other.work("two sessions", "not mine")

    assert other.complete(job_id, attempt) == "lost"
    assert worker.complete(job_id, attempt) == "completed"
    assert effects.notes("two sessions") == ["mine"]


def test_a_claim_starts_once(client: JobClient, connect: Connect) -> None:
    job_id = client.submit("PROC_TEST_DEMORA", {"segundos": 0})
    worker = ScriptedWorker(connect(), "scripted:once")
    attempt = worker.claim_one(job_id)

    assert worker.start(job_id, attempt) == "started"
    other = ScriptedWorker(connect(), "scripted:once")
    assert other.start(job_id, attempt) != "started"
    assert worker.complete(job_id, attempt) == "completed"


def test_one_locked_row_stops_no_other_job(
    client: JobClient, db: oracledb.Connection, connect: Connect, start_worker: StartWorker
) -> None:
    locked, free = (
        client.submit("PROC_TEST_DEMORA", {"segundos": 0}, priority=priority) for priority in (1, 9)
    )
    blocker = connect()
    with blocker.cursor() as cursor:
        cursor.execute("select 1 from async_jobs where job_id = :id for update", id=locked)

    start_worker()
    assert client.wait(free)["status"] == "completed"
    assert client.get(locked)["status"] == "pending"
    recover(db)
    blocker.rollback()

    assert client.wait(locked)["status"] == "completed"


def test_priority_decides_who_is_first(client: JobClient, connect: Connect) -> None:
    ids = {
        priority: client.submit("PROC_TEST_DEMORA", {"segundos": 0}, priority=priority)
        for priority in (9, 1, 5)
    }
    worker = ScriptedWorker(connect(), "scripted:priority")

    claimed = [job_id for job_id, _ in worker.claim() if job_id in ids.values()]

    assert claimed == [ids[1], ids[5], ids[9]]
    for job_id in ids.values():
        client.http.delete(f"/jobs/{job_id}")


def test_a_complete_that_is_repeated_says_so_and_rolls_back_what_is_open_since(
    client: JobClient, connect: Connect, effects: Any
) -> None:
    """As after an error of a call that completed one job and started the next."""
    first, second = (client.submit("PROC_TEST_DEMORA", {"segundos": 0}) for _ in range(2))
    worker = ScriptedWorker(connect(), "scripted:repeats")
    attempts: dict[str, int] = {}
    while len(attempts) < 2:
        attempts |= dict(worker.claim(wait=1))
    worker.start(first, attempts[first])
    worker.work("repeated", "first")
    assert worker.complete(first, attempts[first]) == "completed"
    worker.start(second, attempts[second])
    worker.work("repeated", "second")

    assert worker.complete(first, attempts[first]) == "repeated"

    assert effects.notes("repeated") == ["first"]
    # Refused to everyone else, and the second job is still this session's to end.
    other = ScriptedWorker(connect(), "scripted:repeats")
    assert other.complete(first, attempts[first]) == "lost"
    assert worker.complete(second, attempts[second]) == "completed"


def test_every_lost_claim_counts(
    client: JobClient, db: oracledb.Connection, connect: Connect
) -> None:
    def lost() -> int:
        with db.cursor() as cursor:
            cursor.execute("select lost_attempts from async_job_recovery")
            return int(cursor.fetchone()[0])

    before = lost()
    job_id = client.submit("PROC_TEST_DEMORA", {"segundos": 0})
    dying = ScriptedWorker(connect(), "scripted:counted")
    dying.start(job_id, dying.claim_one(job_id))
    dying.connection.close()

    eventually(lambda: recover(db) and lost() > before, what="the lost claim's count")
    # Not left to the next test.
    last = ScriptedWorker(connect(), "scripted:last")
    last.start(job_id, last.claim_one(job_id))
    assert last.complete(job_id, status_of(db, job_id)[1]) == "completed"


@pytest.mark.parametrize(("timed_out", "status"), [(0, "pending"), (1, "failed")])
def test_a_job_over_its_time_limit_does_not_run_again_though_attempts_remain(
    client: JobClient, connect: Connect, timed_out: int, status: str
) -> None:
    """The mark that another connection makes may be missing: the end of the attempt says it."""
    job_id = client.submit("PROC_TEST_DEMORA", {"segundos": 0}, max_attempts=2, backoff=3600)
    worker = ScriptedWorker(connect(), "scripted:limit")
    attempt = worker.claim_one(job_id)
    worker.start(job_id, attempt)

    assert worker.fail(job_id, attempt, timed_out=timed_out) == status

    job = client.get(job_id)
    assert job["status"] == status
    assert ("over its time limit" in job.get("error", "")) is bool(timed_out)
    assert client.http.delete(f"/jobs/{job_id}").status_code == 200


@pytest.mark.parametrize(
    ("transaction", "on_loss", "status"),
    [
        ("managed", "ask", "pending"),
        ("managed", "rerun", "pending"),
        ("managed", "fail", "failed"),
        # Without a touch nobody can tell whether a part was committed.
        ("own", "ask", "failed"),
        ("own", "rerun", "pending"),
        ("own", "fail", "failed"),
    ],
)
def test_what_becomes_of_a_lost_attempt_is_the_jobs_to_say(
    client: JobClient,
    db: oracledb.Connection,
    connect: Connect,
    effects: Any,
    transaction: str,
    on_loss: str,
    status: str,
) -> None:
    job_id = client.submit(
        "PROC_TEST_DEMORA", {"segundos": 0}, transaction=transaction, on_loss=on_loss
    )
    worker = ScriptedWorker(connect(), f"scripted:{transaction} {on_loss}")
    assert worker.start(job_id, worker.claim_one(job_id)) == "started"
    worker.work(job_id, "open")
    worker.connection.close()

    eventually(lambda: recover(db) >= 0 and status_of(db, job_id)[0] == status)

    assert effects.notes(job_id) == []
    client.http.delete(f"/jobs/{job_id}")


@pytest.mark.parametrize("why", ["cancelled", "lost for an hour"])
def test_a_job_ends_though_its_lost_session_lives_on(
    client: JobClient, db: oracledb.Connection, connect: Connect, effects: Any, why: str
) -> None:
    job_id = client.submit("PROC_TEST_DEMORA", {"segundos": 0}, on_loss="rerun")
    worker = ScriptedWorker(connect(), f"scripted:{why}")
    attempt = worker.claim_one(job_id)
    assert worker.start(job_id, attempt) == "started"
    worker.work(job_id, "open")
    with db.cursor() as cursor:
        # Its lease is over, and not long ago: the old call may still commit, so nobody else may run it.
        cursor.execute(
            "update async_jobs set lease_until = lease_until - interval '60' second "
            "where job_id = :id",
            id=job_id,
        )
        db.commit()
        recover(db)
        assert status_of(db, job_id) == ("running", attempt)
        if why == "cancelled":
            assert client.http.post(f"/jobs/{job_id}/cancel").status_code == 200
        else:
            cursor.execute(
                "update async_jobs set lease_until = lease_until - interval '60' minute "
                "where job_id = :id",
                id=job_id,
            )
            db.commit()
        recover(db)

    job = client.get(job_id)
    assert job["status"] == "failed"
    assert "its database session still lives" in job["error"]
    assert worker.complete(job_id, attempt) == "lost"
    assert effects.notes(job_id) == []
    assert client.http.post(f"/jobs/{job_id}/retry").status_code == 409
    worker.connection.close()
    client.http.delete(f"/jobs/{job_id}")
