"""One cell of the table of steps and faults: a job is brought to a step, a fault hits it there, and
the judge accounts for it.

What shows that the step was hit is read from the wire (the trap) and from the database (`evidence`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, Final

import httpx
import oracledb

from tests.chaos.clients import submission_body
from tests.chaos.judgement import KINDS, AttemptRow, JobRow, Submission, judge
from tests.chaos.lab import Lab, Place
from tests.chaos.proxy import Hit, Listener, Moment, Trap, Verdict
from tests.waiting import eventually

REQUEST, FLIGHT, ANSWER = Moment.REQUEST, Moment.FLIGHT, Moment.ANSWER

#: In the order of a job's way.
STEPS: Final = (
    "submit",
    "claim",
    "reserve",
    "start",
    "procedure",
    "before its commit",
    "after its commit",
    "complete",
    "heartbeat",
    "release",
    "recovery",
    "delete",
    "cancel",
)
FAULTS: Final = (
    "kill -9",
    "freeze",
    "cut before the request",
    "cut before the answer",
    "half-open",
    "database restart",
    "database crash",
    "scheduler off",
    "queue stopped",
    "table refuses",
    "deadlock",
    "clock off by a day",
)
#: Steps of the API; all others are of a worker.
API_STEPS: Final = ("submit", "delete", "cancel")
#: Steps in which the procedure runs, and how it is called.
INSIDE: Final = {"procedure": "never", "before its commit": "before", "after its commit": "after"}
#: Steps for which a running job waits inside its procedure.
WAITING: Final = ("heartbeat", "release", "recovery", "delete", "cancel")

#: The fault has to be there before the database does what is asked of it.
BEFORE: Final = (
    "freeze",
    "cut before the request",
    "database restart",
    "scheduler off",
    "queue stopped",
    "table refuses",
    "deadlock",
    "clock off by a day",
)
#: What the job table refuses, so that the step's own write is refused and the present rows are not.
REFUSED: Final = {
    "submit": "priority > 9",
    "claim": "worker is null",
    "reserve": "status <> 'running'",
    "start": "status <> 'running'",
    "procedure": "progress_note is null",
    "before its commit": "executed is null",
    "after its commit": "executed is null",
    "complete": "status <> 'completed'",
    "release": "status <> 'pending'",
    "recovery": "status <> 'pending'",
    "cancel": "cancel_requested = 'no'",
}

#: A step that is not reached in this time has been missed.
REACH_SECONDS: Final = 30.0
END_SECONDS: Final = 60.0


class Missed(AssertionError):
    """The fault did not hit its step."""


class Cell:
    """Run it once: `with Cell(lab, step, fault) as cell: cell.run()`."""

    def __init__(self, lab: Lab, step: str, fault: str, *, key: str) -> None:
        kind = "stops, commits" if INSIDE.get(step, "never") != "never" else "stops"
        self.lab, self.step, self.fault = lab, step, fault
        self.submission = Submission(key=key, kind=kind)
        #: What has shown that the fault hit its step.
        self.evidence: list[str] = []
        self._errors: list[str] = []
        self._calls: list[threading.Thread] = []
        #: Holds a job's row, so that its start has to wait.
        self._locker: oracledb.Connection | None = None
        self._places: list[Place] = []

    def __enter__(self) -> Cell:
        self.lab.ask("begin delete async_jobs; delete async_job_attempts; commit; end;")
        return self

    def __exit__(self, *error: object) -> None:
        self._unlock()
        for place in (*self._places, self.lab.api):
            with suppress(ProcessLookupError):
                place.resume()
        for thread in self._calls:
            thread.join(30)
        self.lab.drop_workers()
        if self._has_wrong_clock("api") or not self.lab.api.process.is_running:
            self.lab.api.process.stop(seconds=10)
            self.lab.restart_api()

    def run(self) -> str:
        """Reach the step, break it there, come to rest, judge.

        Returns:
            How the job ended: completed, failed or gone.

        Raises:
            Missed: the fault did not hit.
            AssertionError: the judge has found something.
        """
        with ExitStack() as world:
            if self.fault == "clock off by a day":
                self._set_clock()
            hit = self._reach()
            try:
                self._break(hit, world)
            finally:
                hit.decide(Verdict.PASS)
                self._unlock()
        return self._end()

    def _unlock(self) -> None:
        if self._locker is not None:
            with suppress(oracledb.Error):
                self._locker.close()

    # To the step.

    @property
    def key(self) -> str:
        return self.submission.key

    @property
    def victim(self) -> Place:
        """Whose step it is."""
        return self.lab.api if self.step in API_STEPS else self._places[-1]

    @property
    def moment(self) -> Moment:
        if self.step in INSIDE:
            return ANSWER if self.fault == "cut before the answer" else FLIGHT
        if self.step == "reserve":
            return REQUEST
        if self.step == "start":
            return REQUEST if self.fault in BEFORE and self.fault != "deadlock" else FLIGHT
        return REQUEST if self.fault in BEFORE else ANSWER

    def _worker(self, *arguments: str) -> Place:
        clock = self.lab.clock_off() if self._has_wrong_clock("worker") else {}
        place = self.lab.start_worker(*arguments, **clock)
        self._places.append(place)
        return place

    def _has_wrong_clock(self, process: str) -> bool:
        is_api = self.step in API_STEPS
        return self.fault == "clock off by a day" and is_api == (process == "api")

    def _set_clock(self) -> None:
        if self._has_wrong_clock("api"):
            self.lab.api.process.stop(seconds=10)
            self.lab.restart_api(**self.lab.clock_off())

    def _reach(self) -> Hit:
        reach: Callable[[], Hit] = {
            "submit": self._reach_submit,
            "claim": self._reach_claim,
            "reserve": self._reach_start,
            "start": self._reach_start,
            "complete": self._reach_complete,
            "recovery": self._reach_recovery,
        }.get(self.step, self._reach_waiting)
        return reach()

    def _caught(self, listener: Listener, trap: Trap) -> Hit:
        hit = trap.wait(REACH_SECONDS)
        if hit is None:
            listener.disarm(trap)
            raise Missed(f"{trap.step} did not come: {self._known()}")
        self.evidence.append(f"wire: {trap.step}, {trap.moment.value}")
        return hit

    def _show(self, what: str, is_true: bool) -> None:
        if not is_true:
            raise Missed(f"{what}: {self._known()}")
        self.evidence.append(f"database: {what}")

    def _state(self) -> tuple[Any, ...]:
        rows = self.lab.ask(
            "select status, worker, executed, cancel_requested from async_jobs "
            "where params like '%\"' || :key || '\"%'",
            key=self.key,
        )
        return rows[0] if rows else (None,) * 4

    def _known(self) -> str:
        return f"row {self._state()}, attempts " + str(
            self.lab.ask("select attempt, outcome, touched from async_job_attempts order by 1")
        )

    def _reach_submit(self) -> Hit:
        listener = self.lab.api.listener
        trap = listener.arm(Trap("submit", self.moment))
        self._submit_aside()
        hit = self._caught(listener, trap)
        is_there = self._state()[0] == "pending"
        self._show(
            "the row is there" if is_there else "no row yet", is_there == (self.moment is ANSWER)
        )
        return hit

    def _reach_claim(self) -> Hit:
        place = self._worker()
        trap = Trap("claim", self.moment, names_job=self.moment is ANSWER)
        place.listener.arm(trap)
        if self.moment is ANSWER:
            self._submit()
        hit = self._caught(place.listener, trap)
        if self.moment is REQUEST:
            self._submit()
        (status, worker, *_) = self._state()
        self._show("reserved" if worker else "free", status == "pending")
        self._show("as the wire says", (worker is not None) == (self.moment is ANSWER))
        return hit

    def _reach_start(self) -> Hit:
        place = self._worker()
        trap = place.listener.arm(Trap("start", REQUEST))
        self._submit()
        hit = self._caught(place.listener, trap)
        (status, worker, *_) = self._state()
        self._show("reserved, not started", status == "pending" and worker is not None)
        if self.moment is REQUEST:
            return hit
        # The attempt's start waits for the row's lock, which is the test's.
        self._locker = self.lab.connect()
        with self._locker.cursor() as cursor:
            cursor.execute(
                "select 1 from async_jobs where job_id = :id for update", id=self.submission.job_id
            )
        trap = place.listener.arm(Trap("start", FLIGHT))
        hit.decide(Verdict.PASS)
        hit = self._caught(place.listener, trap)
        time.sleep(0.3)
        self._show("reserved, the start waits", self._state()[0] == "pending")
        self._show("no answer", not hit.is_answered())
        return hit

    def _reach_complete(self) -> Hit:
        place = self._worker()
        self._let_go()
        trap = place.listener.arm(Trap("complete", self.moment))
        self._submit()
        hit = self._caught(place.listener, trap)
        (status, _, executed, _) = self._state()
        if self.moment is REQUEST:
            self._show(
                "running, the procedure has returned", (status, executed) == ("running", "yes")
            )
        else:
            self._show("completed, its worker not told", status == "completed")
        return hit

    def _reach_waiting(self) -> Hit:
        """The procedure runs and waits; then the step's call, if it is another one."""
        grace = ("--grace", "0.3") if self.step == "release" else ()
        place = self._worker(*grace)
        run = place.listener.arm(Trap("start", FLIGHT))
        self._submit()
        hit = self._caught(place.listener, run)
        self._wait_for_arrival()
        if self.step in INSIDE:
            committed = bool(self._effects())
            self._show(
                "a part is committed" if committed else "nothing is committed",
                committed == (self.step == "after its commit"),
            )
            self._show("its call has no answer", not hit.is_answered())
            if self.moment is ANSWER:
                trap = place.listener.arm(Trap("start", ANSWER))
                self._let_go()
                hit = self._caught(place.listener, trap)
                self._show("the procedure has returned", self._state()[2] == "yes")
            return hit
        listener = self.victim.listener
        trap = listener.arm(Trap(self.step, self.moment, job=self._job_if_named()))
        if self.step == "release":
            place.process.terminate()
        elif self.step in API_STEPS:
            self._call_aside(
                *(
                    ("DELETE", f"/jobs/{self.submission.job_id}")
                    if self.step == "delete"
                    else ("POST", f"/jobs/{self.submission.job_id}/cancel")
                )
            )
        hit = self._caught(listener, trap)
        self._show_waiting()
        return hit

    def _job_if_named(self) -> str | None:
        return self.submission.job_id if self.step == "heartbeat" else None

    def _show_waiting(self) -> None:
        (status, worker, _, cancelled) = self._state()
        if self.moment is REQUEST or self.step == "heartbeat":
            self._show("running", (status, cancelled) == ("running", "no"))
            return
        is_done = {
            "release": (status, worker) == ("pending", None),
            "delete": status is None,
            "cancel": cancelled == "cancel",
        }
        self._show(f"{self.step} is done, nobody told: {status} {cancelled}", is_done[self.step])

    def _reach_recovery(self) -> Hit:
        """A worker dies, and the heartbeat of another one is about to recover, or just has."""
        first = self._worker()
        self._submit()
        self._wait_for_arrival()
        second = self._worker()
        trap = second.listener.arm(Trap("heartbeat", REQUEST))
        held = self._caught(second.listener, trap)
        first.kill()
        first.listener.cut_all()
        eventually(self._is_session_dead, seconds=20, what="the end of the killed worker's session")
        self.lab.ask("update async_job_recovery set last_recovery = last_recovery - 1")
        if self.moment is REQUEST:
            self._show("lost, not recovered", self._state()[0] == "running")
            return held
        trap = second.listener.arm(Trap("heartbeat", ANSWER))
        held.decide(Verdict.PASS)
        hit = self._caught(second.listener, trap)
        self._show("recovered, nobody told", self._state()[0] == "pending" or self._attempts() > 1)
        return hit

    def _is_session_dead(self) -> bool:
        """Its uncommitted work is gone, as its lock is."""
        try:
            self.lab.ask(
                "declare l_n number; begin select 1 into l_n from chaos_rows where id = 11 "
                "for update nowait; rollback; end;"
            )
        except oracledb.DatabaseError:
            return False
        return True

    # The fault.

    def _break(self, hit: Hit, world: ExitStack) -> None:
        lab, victim = self.lab, self.victim
        match self.fault:
            case "kill -9":
                victim.kill()
                hit.decide(Verdict.CUT)
                hit.cut()
            case "freeze":
                victim.freeze()
                hit.decide(Verdict.PASS)
                self._rescuer()
                self._out_wait_lease()
                victim.resume()
            case "cut before the request" | "cut before the answer":
                if self.step == "reserve" and self.fault == "cut before the answer":
                    victim.listener.cut_all()
                hit.decide(Verdict.CUT)
                hit.cut()
            case "half-open":
                victim.listener.freeze_all()
                hit.decide(Verdict.HALF_OPEN)
                self._rescuer()
                self._out_wait_lease()
                victim.listener.cut_all()
            case "database restart":
                lab.stop_database()
                hit.decide(Verdict.PASS)
                lab.start_database()
            case "database crash":
                lab.crash_database()
                hit.decide(Verdict.PASS)
                lab.start_database()
            case "scheduler off":
                world.enter_context(lab.scheduler_off())
                self._go_on(hit)
            case "queue stopped":
                world.enter_context(lab.queue_stopped())
                self._go_on(hit)
            case "table refuses":
                world.enter_context(self._refusing())
                self._go_on(hit)
                self._show_refusal()
            case "deadlock":
                self._deadlock(hit)
            case "clock off by a day":
                self._go_on(hit)
                self._show_clock()
            case _:
                raise AssertionError(self.fault)

    def _go_on(self, hit: Hit) -> None:
        """Let the step go on in the world as it is now, for a while."""
        hit.decide(Verdict.PASS)
        if self.step in INSIDE:
            self._let_go()
        time.sleep(1.5)

    def _rescuer(self) -> None:
        """Another worker, which may take what the victim has lost; never what it still has."""
        if self.step not in API_STEPS:
            self.lab.start_worker()

    def _out_wait_lease(self) -> None:
        deadline = time.monotonic() + self.lab.lease * 1.2
        while time.monotonic() < deadline:
            self._recover()
            time.sleep(0.3)

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        if self.step == "delete":
            self.lab.ask(
                "create table chaos_children (job_id varchar2(32) "
                "constraint chaos_refuses_fk references async_jobs (job_id))"
            )
            self.lab.ask("insert into chaos_children values (:id)", id=self.submission.job_id)
            try:
                yield
            finally:
                self.lab.ask("drop table chaos_children")
            return
        condition = REFUSED.get(self.step)
        if condition is None:
            # A heartbeat's renewals, from now on.
            until = self.lab.one(
                "select to_char(max(lease_until), 'YYYY-MM-DD HH24:MI:SS.FF6') from async_jobs"
            )
            condition = f"lease_until <= timestamp '{until}'"
        with self.lab.refusing(condition):
            yield

    def _show_refusal(self) -> None:
        """Some process was told ORA-02290 or ORA-02292, or the recovery has noted it."""
        logs = [place.process.read_log() for place in (*self._places, self.lab.api)]
        noted = self.lab.one("select last_error from async_job_recovery") or ""
        told = [
            text
            for text in (*logs, str(noted), str(self._error()), *self._errors)
            if "ORA-0229" in text or "CHAOS_REFUSES" in text.upper()
        ]
        self._show("the write was refused", bool(told) or self.step in ("procedure",))

    def _error(self) -> str:
        return str(
            self.lab.one(
                "select error_msg from async_jobs where params like '%\"' || :key || '\"%'",
                key=self.key,
            )
        )

    def _deadlock(self, hit: Hit) -> None:
        """A session of the test's that holds what the step wants, and wants what the step holds."""
        with self.lab.connect() as other:
            self._cross(hit, other)

    def _cross(self, hit: Hit, other: oracledb.Connection) -> None:
        told: list[str] = []

        def lock(text: str, **binds: object) -> None:
            try:
                with other.cursor() as cursor:
                    cursor.execute(text, binds)
            except oracledb.DatabaseError as error:
                told.append(str(error))

        job = "select 1 from async_jobs where job_id = :id for update"
        if self.step in INSIDE:
            lock("update chaos_rows set n = n + 1 where id = 12")
            self._let_go()
            time.sleep(0.5)
            lock("update chaos_rows set n = n + 1 where id = 11")
        elif self.step == "complete":
            lock(job, id=self.submission.job_id)
            hit.decide(Verdict.PASS)
            time.sleep(0.5)
            lock("update chaos_rows set n = n + 1 where id = 11")
        elif self.step == "start":
            # The row's lock is the test's already; the start holds nothing that could be wanted.
            time.sleep(1)
        elif self.step == "submit":
            lock("lock table async_jobs in share mode")
            hit.decide(Verdict.PASS)
            time.sleep(1)
        else:
            lock(job, id=self.submission.job_id)
            hit.decide(Verdict.PASS)
            time.sleep(1)
        if self.step in INSIDE or self.step == "complete":
            logs = "".join(place.process.read_log() for place in self._places)
            outcome = self.lab.one("select max(error_code) from async_job_attempts")
            is_told = "ORA-00060" in "".join([*told, logs, str(outcome)])
            if self.step == "complete" and not told:
                # The call that was told answers `busy`, and is made again.
                is_told = True
            self._show("a deadlock", is_told)
        else:
            self._show("no cycle can form: the step holds nothing while it waits", not told)

    def _show_clock(self) -> None:
        tomorrow = self.lab.one(
            "select to_char(sys_extract_utc(systimestamp) + 1, 'YYYY-MM-DD') from dual"
        )
        self._show(
            f"the process believes that it is {tomorrow}",
            str(tomorrow) in self.victim.process.read_log(),
        )

    # Clients.

    def _submit(self) -> None:
        self._post()
        assert self.submission.job_id, self.submission.told

    def _submit_aside(self) -> None:
        thread = threading.Thread(target=self._post, daemon=True)
        thread.start()
        self._calls.append(thread)

    def _post(self) -> None:
        """As a careful client: with a key, until there is an answer."""
        how = INSIDE.get(self.step, "never")
        body = submission_body(KINDS[self.submission.kind], self.key, p_commit=how)
        answer = self._call("POST", "/procedure/async", body)
        if answer is not None and answer.status_code == 201:
            self.submission.job_id = str(answer.json()["job_id"])

    def _call_aside(self, method: str, path: str) -> None:
        def call() -> None:
            answer = self._call(method, path)
            if answer is not None and answer.status_code in (200, 404, 409):
                self.submission.deleted = method == "DELETE"

        self.submission.delete_asked = method == "DELETE"
        self.submission.cancel_asked = method == "POST"
        thread = threading.Thread(target=call, daemon=True)
        thread.start()
        self._calls.append(thread)

    def _call(self, method: str, path: str, body: object = None) -> httpx.Response | None:
        headers = {**self.lab.headers, "Idempotency-Key": self.key}
        deadline = time.monotonic() + END_SECONDS
        with httpx.Client(base_url=self.lab.url, headers=headers, timeout=20) as http:
            while time.monotonic() < deadline:
                with suppress(httpx.HTTPError):
                    answer = http.request(method, path, json=body)
                    if answer.status_code < 500:
                        return answer
                    self._errors.append(answer.text)
                time.sleep(0.2)
        return None

    def _let_go(self) -> None:
        self.lab.ask("insert into chaos_gates (key, note) values (:key, 'go')", key=self.key)

    def _wait_for_arrival(self) -> None:
        text = "select count(*) from chaos_gates where key = :key and note = 'arrived'"
        eventually(
            lambda: self.lab.one(text, key=self.key) > 0,
            seconds=REACH_SECONDS,
            what="the procedure",
        )

    def _effects(self) -> list[int]:
        rows = self.lab.ask("select part from chaos_ledger where key = :key", key=self.key)
        return [int(part) for (part,) in rows]

    def _attempts(self) -> int:
        return int(self.lab.one("select count(*) from async_job_attempts") or 0)

    # The end.

    def _recover(self) -> None:
        """What the scheduler does every minute, and workers every few seconds."""
        try:
            self.lab.ask("declare l_n number; begin async_jobs_admin.recover(l_n); end;")
        except oracledb.DatabaseError as error:
            self._errors.append(str(error))

    def _end(self) -> str:
        lab = self.lab
        if not lab.api.process.is_running:
            lab.restart_api()
        if self.step in ("cancel", "delete"):
            # The client asks until it is answered, and only then the procedure goes on.
            for thread in self._calls:
                thread.join(END_SECONDS)
        self._let_go()
        if not any(place.process.is_running for place in lab.workers) or self.step == "release":
            lab.start_worker()
        deadline = time.monotonic() + END_SECONDS
        while time.monotonic() < deadline:
            is_quiet = not any(thread.is_alive() for thread in self._calls)
            live = lab.one("select count(*) from async_jobs where status in ('pending', 'running')")
            if is_quiet and not live:
                break
            self._recover()
            time.sleep(0.2)
        row = self._state()
        self._judge()
        return str(row[0] or "gone")

    def _judge(self) -> None:
        lab = self.lab
        jobs = [
            JobRow(row[0], self.key, *row[1:])
            for row in lab.ask(
                "select job_id, status, attempt, losses, failures, max_losses, error_msg from async_jobs"
            )
        ]
        attempts = [
            AttemptRow(*row)
            for row in lab.ask(
                "select job_id, attempt, worker, started_at, ended_at, outcome, error_code, touched"
                " from async_job_attempts"
            )
        ]
        effects = [(self.key, part) for part in self._effects()]
        verdict = judge([self.submission], jobs, attempts, effects)
        assert not verdict.findings, (
            f"{verdict.findings}\n{self._known()}\n{self._errors}\n{self._facts()}\n{self._logs()}"
        )

    def _facts(self) -> str:
        """What tells why a job does not end."""
        texts = (
            "select job_id, session_id, lease_until, sys_extract_utc(systimestamp) from async_jobs",
            "select sid, serial#, program, status from v$session",
            "select last_recovery, last_error, last_error_at from async_job_recovery",
        )
        return "\n".join(str(self.lab.ask(text)) for text in texts)

    def _logs(self) -> str:
        return "\n".join(
            f"{place.name}: {place.process.read_log()[-1500:]}"
            for place in (*self.lab.workers, self.lab.api)
        )
