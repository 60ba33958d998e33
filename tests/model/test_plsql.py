"""The model and the PL/SQL agree: the same random histories, the same states after each call.

A step of the model is a part of a call; here whole calls are compared, as nothing of a call's inside
can be seen from outside. What the model leaves open (how long until a row is given up whose session
lives) is decided as the PL/SQL's constants decide it. Messages that get lost are not played.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import oracledb
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
    run_state_machine_as_test,
)

from deploy.stack import Stack
from tests.model.model import OVER, Protocol, Session
from tests.waiting import eventually

WORKERS = st.sampled_from((0, 1))
JOBS = st.sampled_from((0, 1))
#: Leases run out only where the history says so.
LEASE_SECONDS = 86_400
MAX_LOSSES = 1

PROTOCOLS = {
    "plain": Protocol(("effect", "progress")),
    "commits": Protocol(("effect", "commit", "effect")),
    "commits, repeatable": Protocol(("effect", "commit", "effect"), "rerun"),
    "rolls back": Protocol(("effect", "rollback", "effect")),
    "raises": Protocol(("effect", "raise")),
    "never again": Protocol(("effect", "commit", "effect"), "fail"),
}


class Database:
    """The calls on localdb, in a schema that no worker and no scheduler touches."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.control = self.connect()
        self._heartbeat = self.connect()
        self._tell("create table model_effects (job_id varchar2(32))")
        # Heartbeats recover as well; from now on they find that it is not their turn.
        self._turn("+ 1000")

    def connect(self) -> oracledb.Connection:
        database = self._stack.database
        return oracledb.connect(user=database.user, password=database.password, dsn=database.dsn)

    def close(self) -> None:
        for connection in (self.control, self._heartbeat):
            connection.close()

    def submit(self, job_id: str, on_loss: str) -> None:
        with self.control.cursor() as cursor:
            status = cursor.var(str, 30)
            cursor.execute(
                """begin async_jobs_api.submit(
                     p_job_id => :id, p_procedure_name => 'PROC_TEST', p_params => '[]',
                     p_on_loss => :on_loss, p_max_losses => :max_losses, p_status => :status);
                   commit; end;""",
                id=job_id,
                on_loss=on_loss,
                max_losses=MAX_LOSSES,
                status=status,
            )
            assert status.getvalue() == "ok"

    def change(self, name: str, job_id: str) -> str:
        """cancel_job, retry_job or delete_job; gives its status."""
        with self.control.cursor() as cursor:
            status = cursor.var(str, 30)
            cursor.execute(
                f"begin async_jobs_api.{name}(p_job_id => :id, p_status => :status); end;",
                id=job_id,
                status=status,
            )
        return str(status.getvalue())

    def claim(self, connection: oracledb.Connection, worker: str) -> set[tuple[str, int]]:
        with connection.cursor() as cursor:
            ids, attempts = cursor.arrayvar(str, 50, 32), cursor.arrayvar(int, 50)
            names, params, options = (cursor.arrayvar(str, 50, size) for size in (200, 32767, 4000))
            cursor.execute(
                """begin async_jobs_worker.claim(
                     p_worker => :worker, p_limit => 50, p_wait => 0, p_lease => :lease,
                     p_job_ids => :ids, p_attempts => :attempts, p_names => :names,
                     p_params => :params, p_options => :options); end;""",
                worker=worker,
                lease=LEASE_SECONDS,
                ids=ids,
                attempts=attempts,
                names=names,
                params=params,
                options=options,
            )
        return set(zip(ids.getvalue(), map(int, attempts.getvalue()), strict=True))

    def call(
        self, connection: oracledb.Connection, text: str, worker: str, job_id: str, attempt: int
    ) -> str:
        """A call of async_jobs_worker on an attempt; gives its status."""
        with connection.cursor() as cursor:
            status = cursor.var(str, 30)
            cursor.execute(
                f"begin async_jobs_worker.{text}, p_status => :status); end;",
                id=job_id,
                worker=worker,
                attempt=attempt,
                status=status,
            )
        return str(status.getvalue())

    def heartbeat(self, worker: str, claims: list[tuple[str, int]]) -> list[str]:
        with self._heartbeat.cursor() as cursor:
            ids, attempts = cursor.arrayvar(str, 50, 32), cursor.arrayvar(int, 50)
            states = cursor.arrayvar(str, 50, 30)
            ids.setvalue(0, [job_id for job_id, _ in claims])
            attempts.setvalue(0, [attempt for _, attempt in claims])
            drain = cursor.var(str, 1)
            optional = self._optional("HEARTBEAT")
            more = ", p_metrics => null" if "P_METRICS" in optional else ""
            more += ", p_drain => :drain" if "P_DRAIN" in optional else ""
            cursor.execute(
                f"""begin async_jobs_worker.heartbeat(
                     p_worker => :worker, p_host => 'h', p_pid => 1, p_slots => 1,
                     p_version => '0', p_lease => :lease, p_job_ids => :ids,
                     p_attempts => :attempts, p_states => :states{more}); end;""",
                {
                    "worker": worker,
                    "lease": LEASE_SECONDS,
                    "ids": ids,
                    "attempts": attempts,
                    "states": states,
                }
                | ({"drain": drain} if ":drain" in more else {}),
            )
        return [str(state) for state in states.getvalue()]

    def recover(self) -> None:
        self._turn("- 1")
        self._tell("declare l_n number; begin async_jobs_admin.recover(l_n); end;")
        self._turn("+ 1000")

    def expire(self, job_id: str) -> None:
        self._tell(
            "update async_jobs set lease_until = sys_extract_utc(systimestamp) "
            "- numtodsinterval(60, 'SECOND') where job_id = :id",
            id=job_id,
        )

    def session_id(self, connection: oracledb.Connection) -> str:
        with connection.cursor() as cursor:
            cursor.execute("select dbms_session.unique_session_id from dual")
            (session_id,) = cursor.fetchone() or ("",)
        return str(session_id)

    def wait_for_end(self, session_id: str) -> None:
        text = (
            "declare l_n number := 0; begin if dbms_session.is_session_alive(:id) then "
            "raise_application_error(-20001, 'alive'); end if; end;"
        )

        def is_over() -> bool:
            try:
                self._tell(text, id=session_id)
            except oracledb.DatabaseError:
                return False
            return True

        eventually(is_over, what="the end of a cut session")

    def facts(self, job_id: str) -> dict[str, Any]:
        """What can be seen of a job, in the model's words."""
        with self.control.cursor() as cursor:
            cursor.execute(
                "select status, attempt, worker, session_id, executed, cancel_requested, losses, "
                "case when lease_until < sys_extract_utc(systimestamp) then 1 else 0 end, "
                "(select count(*) from model_effects e where e.job_id = :id), "
                "(select count(*) from async_jobs_queue_table q where q.corrid = :id "
                "and q.state in (0, 1)), "
                "(select listagg(attempt, ',') within group (order by attempt) "
                "from async_job_attempts a where a.job_id = :id and a.touched = 'Y') "
                "from (select 1 from dual) left join async_jobs on job_id = :id",
                id=job_id,
            )
            row = cursor.fetchone()
        self.control.rollback()
        assert row is not None
        (status, attempt, worker, session, executed, cancelled, losses, expired, *more) = row
        return {
            "status": status or "gone",
            "attempt": attempt,
            "worker": worker,
            "session": session,
            "executed": executed or "no",
            "cancelled": cancelled not in (None, "no"),
            "losses": losses,
            "expired": bool(expired),
            "effects": more[0],
            "messages": more[1],
            "touches": more[2] or "",
        }

    def clear(self) -> None:
        """Nothing of a history reaches the next one."""
        self._tell("begin delete async_jobs; delete async_job_attempts; delete model_effects; end;")
        self.claim(self.control, "model:clear")

    def _optional(self, procedure: str) -> set[str]:
        with self.control.cursor() as cursor:
            cursor.execute(
                "select argument_name from user_arguments where package_name = 'ASYNC_JOBS_WORKER' "
                "and object_name = :name",
                name=procedure,
            )
            return {str(name) for (name,) in cursor}

    def _turn(self, days: str) -> None:
        self._tell(
            "update async_job_recovery set "
            f"last_recovery = sys_extract_utc(systimestamp) {days}, "
            f"last_message_search = sys_extract_utc(systimestamp) + 1000"
        )

    def _tell(self, text: str, **binds: object) -> None:
        with self.control.cursor() as cursor:
            cursor.execute(text, binds)
        self.control.commit()


class Histories(RuleBasedStateMachine):
    """Rules are calls; after each, model and database are compared."""

    def __init__(self, database: Database, protocol: Protocol) -> None:
        super().__init__()
        self.database = database
        self.protocol = protocol._replace(jobs=2, losses=MAX_LOSSES)
        self.state = self.protocol._replace(faults=10**6, requests=10**6).initial()
        self.ids = [uuid.uuid4().hex for _ in self.state.jobs]
        #: Effects that a retry has made the model forget.
        self.before = [0, 0]
        self.connections: dict[int, oracledb.Connection] = {}
        self.sessions: dict[int, str] = {}

    def teardown(self) -> None:
        for connection in self.connections.values():
            with suppress(oracledb.Error):
                connection.close()
        for session_id in self.sessions.values():
            self.database.wait_for_end(session_id)
        self.database.clear()

    # Helpers.

    def session(self, worker: int) -> Session:
        return next(x for x in self.state.sessions if (x.worker, x.link) == (worker, "up"))

    def connection(self, me: Session) -> oracledb.Connection:
        if me.sid not in self.connections:
            self.connections[me.sid] = self.database.connect()
            self.sessions[me.sid] = self.database.session_id(self.connections[me.sid])
        return self.connections[me.sid]

    def step(self, steps: Any, *words: str) -> bool:
        """Take the model's step that begins with one of these words."""
        for what, after in steps:
            if not words or what.startswith(words):
                self.state = after
                return True
        return False

    def call(self, text: str, me: Session, job: int, attempt: int) -> str:
        return self.database.call(
            self.connection(me),
            f"{text}p_job_id => :id, p_worker => :worker, p_attempt => :attempt",
            name(me.worker),
            self.ids[job],
            attempt,
        )

    def agree(self) -> None:
        for j, job in enumerate(self.state.jobs):
            if job.status == "absent":
                continue
            facts = self.database.facts(self.ids[j])
            assert facts["messages"] == job.messages, (j, facts, job)
            assert facts["effects"] - self.before[j] == len(job.effects), (j, facts, job)
            if job.status == "deleted":
                assert facts["status"] == "gone", (j, facts, job)
                continue
            for key in ("status", "attempt", "losses"):
                assert facts[key] == getattr(job, key), (key, j, facts, job)
            if job.status in ("completed", "failed"):
                continue
            expected = {
                "worker": None if job.worker is None else name(job.worker),
                "session": None if job.session is None else self.sessions[job.session],
                "executed": job.executed,
                "cancelled": job.cancelled,
                "losses": job.losses,
                "expired": job.expired and job.worker is not None,
                "touches": ",".join(str(n) for n in sorted(set(job.touches))),
            }
            assert {key: facts[key] for key in expected} == expected, (j, facts, job)

    # Users.

    @rule(j=JOBS)
    def submit(self, j: int) -> None:
        if self.step(self.protocol.users(self.state), f"submit job {j}"):
            self.database.submit(self.ids[j], self.protocol.on_loss)
            self.agree()

    @rule(j=JOBS)
    def cancel(self, j: int) -> None:
        if self.state.jobs[j].status in ("absent", "deleted"):
            return
        is_open = self.step(self.protocol.users(self.state), f"cancel job {j}")
        assert self.database.change("cancel_job", self.ids[j]) == ("ok" if is_open else "ended")
        self.agree()

    @rule(j=JOBS)
    def retry(self, j: int) -> None:
        if self.state.jobs[j].status in ("absent", "deleted"):
            return
        effects = len(self.state.jobs[j].effects)
        is_taken = self.step(self.protocol.users(self.state), f"retry job {j}")
        status = self.database.change("retry_job", self.ids[j])
        assert (status == "ok") == is_taken, (status, self.state.jobs[j])
        self.before[j] += effects if is_taken else 0
        self.agree()

    @rule(j=JOBS)
    def delete(self, j: int) -> None:
        if self.state.jobs[j].status in ("absent", "deleted"):
            return
        assert self.step(self.protocol.users(self.state), f"delete job {j}")
        assert self.database.change("delete_job", self.ids[j]) == "ok"
        self.agree()

    # Workers.

    @rule(w=WORKERS)
    def claim(self, w: int) -> None:
        me = self.session(w)
        if me.at != "idle" or me.held:
            # A worker of the model claims once it holds nothing.
            return
        if self.step(self.protocol.claim(self.state, me)) and self.session(w).at == "claiming":
            self.step(self.protocol.commit_claim(self.state, self.session(w)))
        for j in range(len(self.state.jobs)):
            # One call takes all the messages that there are, not one of each job.
            self.state = self.state.row(j, messages=0)
        expected = {(self.ids[j], attempt) for j, attempt in self.session(w).held}
        assert self.database.claim(self.connection(me), name(w)) == expected
        self.agree()

    @rule(w=WORKERS)
    def start(self, w: int) -> None:
        me = self.session(w)
        if me.at != "idle" or not me.held:
            return
        j, attempt = me.held[0]
        assert self.step(self.protocol.start(self.state, me))
        status = self.call(f"start_attempt(p_lease => {LEASE_SECONDS}, ", me, j, attempt)
        assert (status == "started") == (self.session(w).at == "running"), status
        self.agree()

    @rule(w=WORKERS)
    def go_on(self, w: int) -> None:
        """The next step of the procedure, or `executed` after the last."""
        me = self.session(w)
        if me.at != "running":
            return
        op = (*self.protocol.procedure, "executed")[me.step]
        assert self.step(self.protocol.run(self.state, me), op)
        connection, job_id = self.connection(me), self.ids[me.job]
        if op == "commit":
            connection.commit()
        elif op == "rollback":
            connection.rollback()
        elif op == "raise":
            return
        else:
            texts = {
                "effect": ("insert into model_effects values (:id)", {"id": job_id}),
                "progress": ("begin async_jobs_progress.set_progress(60, 'x'); end;", {}),
                "executed": (
                    "begin async_jobs_worker.executed(p_job_id => :id, p_worker => :worker, "
                    "p_attempt => :attempt, p_forget => 0); end;",
                    {"id": job_id, "worker": name(w), "attempt": me.attempt},
                ),
            }
            has_raised = False
            try:
                with connection.cursor() as cursor:
                    cursor.execute(*texts[op])
            except oracledb.DatabaseError as error:
                if "ORA-2099" not in str(error):
                    raise
                has_raised = True
            assert has_raised == (self.session(w).at == "raised"), op
        self.agree()

    @rule(w=WORKERS)
    def complete(self, w: int) -> None:
        me = self.session(w)
        if me.at != "returned":
            return
        # A worker with more claims may send the next start along; here it does not.
        lone = me._replace(held=())
        assert self.step(self.protocol.complete(self.state, lone))
        is_completed = self.session(w).at == "completing"
        if is_completed:
            lone = self.session(w)._replace(held=())
            assert self.step(self.protocol.commit_complete(self.state, lone), "complete commits")
            self.state = self.state.session(self.session(w), at="idle")
        status = self.call("complete(p_result => null, ", me, me.job, me.attempt)
        assert status == ("completed" if is_completed else "lost")
        self.state = self.state.session(self.session(w), held=me.held)
        self.agree()

    @rule(w=WORKERS)
    def fail(self, w: int) -> None:
        me = self.session(w)
        if me.at != "raised":
            return
        is_ours = self.protocol.write(self.state, me) is not None
        assert self.step(self.protocol.fail(self.state, me), "fail")
        text = "fail(p_error => 'ORA-20001: x', p_error_code => 'ORA-20001', p_retryable => 0, "
        status = self.call(text, me, me.job, me.attempt)
        assert status == ("failed" if is_ours else "lost")
        self.agree()

    @rule(w=WORKERS)
    def release(self, w: int) -> None:
        me = self.session(w)
        if not me.claims() or me.at not in ("idle", "running", "returned", "raised"):
            return
        assert self.step(self.protocol.release(self.state, me))
        # The running one first: its rollback is the proof.
        for j, attempt in reversed(me.claims()):
            self.call("release(", me, j, attempt)
        self.agree()

    @rule(w=WORKERS)
    def heartbeat(self, w: int) -> None:
        me = self.session(w)
        if not me.claims():
            return
        claims = me.claims()
        answers = self.database.heartbeat(name(w), [(self.ids[j], a) for j, a in claims])
        for (j, attempt), answer in zip(claims, answers, strict=True):
            job = self.state.jobs[j]
            is_lost = (job.worker, job.attempt) != (w, attempt)
            expected = "lost" if is_lost else "cancelled" if job.cancelled else "ok"
            assert answer == expected, (j, attempt, job)
            if not is_lost:
                # Also a cancelled claim is renewed: its worker is there to end it.
                self.state = self.state.row(j, expired=False)
            me = self.session(w)
            if is_lost and (j, attempt) == (me.job, me.attempt):
                self.connection(me).rollback()
                self.state = self.state.rollback(me, **OVER)
            elif is_lost:
                held = tuple(claim for claim in me.held if claim != (j, attempt))
                self.state = self.state.session(me, held=held)
            elif answer == "cancelled" and me.at in ("running", "returned") and j == me.job:
                self.state = self.state.session(me, at="raised")
        self.agree()

    # The world.

    @rule(w=WORKERS)
    def cut(self, w: int) -> None:
        """The connection ends, and the database notices."""
        me = self.session(w)
        if me.at == "idle" and not me.held:
            return
        cut = [
            after
            for who, what, after in self.protocol.world(self.state)
            if (who, what) == ("fault", f"fault: session {me.sid} is cut off")
        ]
        connection = self.connection(me)
        (self.state,) = cut
        gone = next(x for x in self.state.sessions if x.sid == me.sid)
        self.state = self.state.rollback(gone, link="gone", at="idle")
        connection.close()
        self.database.wait_for_end(self.sessions[me.sid])
        self.agree()

    @rule(j=JOBS)
    @precondition(lambda self: any(job.worker is not None for job in self.state.jobs))
    def expire(self, j: int) -> None:
        job = self.state.jobs[j]
        if job.worker is not None:
            self.state = self.state.row(j, expired=True)
            self.database.expire(self.ids[j])
            self.agree()

    @rule()
    def recover(self) -> None:
        for j in range(len(self.state.jobs)):
            if self.step(self.protocol.recover(self.state), f"frees reserved job {j}"):
                continue
            if self.step(self.protocol.recover(self.state), f"locks job {j},"):
                job = self.state.jobs[j]
                # A row is given up at once where it was cancelled, else an hour later.
                gives_up = job.cancelled and job.expired
                words = ("takes back", "fails" if gives_up else "leaves")
                assert self.step(self.protocol.recover(self.state), *words)
        self.database.recover()
        self.agree()


def name(worker: int) -> str:
    return f"model:{worker}"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Always localdb: its scheduler is switched off."""
    with Stack(folder=tmp_path_factory.mktemp("model"), environment=os.environ) as stack:
        stack.start_database()
        stack.install(samples=True)
        own = stack.database
        with oracledb.connect(user="SYSTEM", password=own.password, dsn=own.dsn) as system:
            system.cursor().execute("alter system set job_queue_processes = 0")
        database = Database(stack)
        yield database
        database.close()


@pytest.fixture
def play(database: Database) -> Callable[[str, int], None]:
    def run(protocol: str, examples: int) -> None:
        class Bound(Histories):
            def __init__(self) -> None:
                super().__init__(database, PROTOCOLS[protocol])

        run_state_machine_as_test(
            Bound,
            settings=settings(
                max_examples=examples,
                stateful_step_count=30,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )

    return run


@pytest.mark.slow
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_model_and_plsql_agree(play: Callable[[str, int], None], protocol: str) -> None:
    play(protocol, 5)


@pytest.mark.whole
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_model_and_plsql_agree_in_many_histories(
    play: Callable[[str, int], None], protocol: str
) -> None:
    play(protocol, 100)
