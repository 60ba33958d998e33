"""One chaos run: clients submit, a seeded plan breaks things, the judge accounts for every job."""

from __future__ import annotations

import json
import re
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx

from deploy.processes import ProcessFailed
from tests.chaos.clients import Clients
from tests.chaos.judgement import AttemptRow, JobRow, Submission, Verdict, judge
from tests.chaos.lab import Lab, Place
from tests.chaos.plan import Fault, make_plan
from tests.chaos.proxy import Hit, Listener, Moment, Trap
from tests.chaos.proxy import Verdict as WireVerdict

#: A fault whose step does not come in this time has missed. It is tried once more, elsewhere: whether
#: a step comes in time is up to the machine. A second miss fails the run.
TRAP_SECONDS: Final = 30.0
#: Until the last job has ended, once nothing is broken any more.
REST_SECONDS: Final = 180.0
#: How long API and workers are waited for, once the database is back.
BACK_SECONDS: Final = 30.0
#: Jobs that have not ended: clients wait beyond it.
BACKLOG: Final = 40
WORKERS: Final = 3
_OURS: Final = "params like '%\"p_key\"%'"


@dataclass
class Report:
    """What a run has done and shown."""

    seed: int
    jobs: int = 0
    accepted: int = 0
    seconds: float = 0.0
    #: By "what target: step, moment".
    faults: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)
    #: Processes that ended though nobody had killed them.
    died: list[str] = field(default_factory=list)
    kills: int = 0
    #: Seconds from kill -9 of a worker until its running jobs were taken back.
    recoveries: list[float] = field(default_factory=list)
    #: Seconds from a database that is back until the API says that it is ready.
    api_back: list[float] = field(default_factory=list)
    #: The same until a worker's heartbeat has been answered, for each worker.
    worker_back: list[float] = field(default_factory=list)
    #: Faults whose step came at the second try only.
    retried: list[str] = field(default_factory=list)
    verdict: Verdict = field(default_factory=Verdict)
    histories: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return not (self.verdict.findings or self.missed or self.died)


class Run:
    """One seed on one laboratory."""

    def __init__(
        self,
        lab: Lab,
        *,
        seed: int,
        jobs: int | None,
        kills: int | None,
        deadline: float | None,
        say: Callable[[str], None],
    ) -> None:
        """Prepare.

        Args:
            lab: with the API and the workers started, and the procedures installed.
            seed: of plan and jobs.
            jobs: at least so many accepted. None: as many as come.
            kills: so many. None: until the deadline.
            deadline: by time.monotonic: no more faults and jobs after it. None: no limit.
            say: told what happens.
        """
        self.report = Report(seed)
        self._lab = lab
        self._jobs, self._deadline, self._say = jobs, deadline, say
        self._plan = list(make_plan(seed, kills)) if kills is not None else None
        self._endless = make_plan(seed, None)
        self._done = 0
        self._live = 0
        self._stopping = threading.Event()
        self._down: set[str] = set()
        self._killed: list[tuple[str, float]] = []
        self._clients = Clients(
            lab.front_url, lab.headers, seed=seed, prefix=f"k{seed}_", may_submit=self._may_submit
        )

    def __call__(self, *, plant: str = "") -> Report:
        """Run to the end.

        Args:
            plant: a defect of the test's own (doubled, lost, gone), that the judge has to find.
        """
        began = time.monotonic()
        watcher = threading.Thread(target=self._watch_backlog, daemon=True)
        watcher.start()
        try:
            with self._clients:
                self._break_things()
                while self._jobs and self._clients.accepted < self._jobs:
                    if self._is_over():
                        break
                    time.sleep(0.05)
        finally:
            self._stopping.set()
            watcher.join()
        self._come_to_rest()
        self._notice_deaths()
        self._notice_signals()
        if plant:
            self._plant(plant)
        self._judge()
        self.report.seconds = time.monotonic() - began
        return self.report

    # Pace.

    def _may_submit(self) -> bool:
        if self._live >= BACKLOG:
            return False
        if self._jobs is None or self._plan is None:
            return True
        # Jobs and faults keep step, so that neither is over long before the other.
        due = self._jobs * (self._done + 1) / (len(self._plan) + 1)
        return self._clients.accepted <= due + 5 or self._live < 6

    def _watch_backlog(self) -> None:
        with httpx.Client(timeout=2, headers=self._lab.headers) as http:
            while not self._stopping.wait(0.25):
                with suppress(httpx.HTTPError, KeyError, ValueError):
                    answer = http.get(f"{self._lab.url}/jobs?status=pending,running&limit=1")
                    self._live = int(answer.json()["total"])

    def _is_over(self) -> bool:
        return self._deadline is not None and time.monotonic() > self._deadline

    def _break_things(self) -> None:
        plan = iter(self._plan) if self._plan is not None else self._endless
        for fault in plan:
            while self._jobs and self._plan:
                due = self._jobs * self._done / (len(self._plan) + 1)
                if self._clients.accepted >= due or self._is_over():
                    break
                time.sleep(0.05)
            if self._is_over():
                return
            self._say(f"{time.strftime('%H:%M:%S')}  {fault}")
            if self._do(fault) or self._do_again(fault):
                self.report.faults[str(fault)] += 1
                self.report.kills += fault.what == "kill -9"
            else:
                self.report.missed.append(str(fault))
            self._done += 1
            self._notice_deaths()

    # Faults.

    def _do_again(self, fault: Fault) -> bool:
        """The second try, at another worker."""
        self.report.retried.append(str(fault))
        self._notice_deaths()
        return self._do(fault, again=1)

    def _do(self, fault: Fault, *, again: int = 0) -> bool:
        """Do it at its step; False: the step did not come."""
        lab = self._lab
        worker = lab.workers[(int(fault.choice * len(lab.workers)) + again) % len(lab.workers)]
        if fault.step == "release":
            return self._shut_down(worker, fault)
        listener = self._listener(fault, worker)
        names_job = (fault.step, fault.moment) == ("claim", Moment.ANSWER)
        trap = listener.arm(Trap(fault.step, fault.moment, names_job=names_job))
        self._clients.want(fault.step)
        hit = trap.wait(TRAP_SECONDS)
        if hit is None:
            listener.disarm(trap)
            hit = trap.hit
            if hit is None:
                return False
        try:
            return self._hit(fault, worker, hit)
        finally:
            hit.decide(WireVerdict.PASS)

    def _listener(self, fault: Fault, worker: Place) -> Listener:
        if fault.target == "client":
            return self._lab.front
        if fault.target == "api" or fault.step in ("submit", "cancel", "delete"):
            return self._lab.api.listener
        return worker.listener

    def _hit(self, fault: Fault, worker: Place, hit: Hit) -> bool:
        lab = self._lab
        pause = lab.lease * (1.15 + 0.5 * fault.length)
        match fault.what:
            case "kill -9":
                self._kill(fault, worker, hit)
            case "cut":
                hit.decide(WireVerdict.CUT)
                hit.cut()
            case "half-open":
                hit.link.listener.proxy.call(hit.link.freeze)
                hit.decide(WireVerdict.HALF_OPEN)
                time.sleep(pause)
                hit.cut()
            case "freeze":
                worker.freeze()
                hit.decide(WireVerdict.PASS)
                time.sleep(pause)
                worker.resume()
            case "delay":
                time.sleep(0.3 + fault.length)
            case "partition":
                worker.listener.freeze_all()
                time.sleep(pause)
                worker.listener.cut_all()
            case "restart":
                lab.stop_database()
                hit.decide(WireVerdict.PASS)
                self._database_back()
            case "queue stopped":
                with lab.queue_stopped():
                    hit.decide(WireVerdict.PASS)
                    time.sleep(0.5 + fault.length)
            case "scheduler off":
                with lab.scheduler_off():
                    hit.decide(WireVerdict.PASS)
                    time.sleep(0.5 + fault.length)
            case "table refuses":
                seconds = lab.lease + 0.3
                literal = lab.one(
                    "select to_char(sys_extract_utc(systimestamp) + numtodsinterval(:s, 'SECOND'),"
                    " 'YYYY-MM-DD HH24:MI:SS.FF3') from dual",
                    s=seconds,
                )
                with lab.refusing(f"lease_until < timestamp '{literal}'"):
                    hit.decide(WireVerdict.PASS)
                    time.sleep(1 + fault.length)
            case _:
                raise AssertionError(fault.what)
        return True

    def _kill(self, fault: Fault, worker: Place, hit: Hit) -> None:
        lab = self._lab
        if fault.moment is Moment.FLIGHT:
            # Anywhere in the call.
            time.sleep(0.25 * fault.length)
        match fault.target:
            case "worker":
                at = worker.kill()
                hit.decide(WireVerdict.CUT)
                hit.cut()
                self._killed.append((f":{worker.process.pid}:", at))
                lab.restart_worker(worker)
            case "api":
                lab.api.kill()
                hit.decide(WireVerdict.CUT)
                hit.cut()
                lab.restart_api()
            case _:
                lab.crash_database()
                hit.decide(WireVerdict.PASS)
                self._database_back()

    def _shut_down(self, worker: Place, fault: Fault) -> bool:
        """SIGTERM, and at the release of what it holds: kill -9, or let it go."""
        lab = self._lab
        for _ in range(10):
            trap = worker.listener.arm(Trap("release", fault.moment))
            worker.process.terminate()
            hit = trap.wait(6)
            if hit is not None and fault.what == "kill -9":
                at = worker.kill()
                self._killed.append((f":{worker.process.pid}:", at))
            worker.listener.disarm(trap)
            if hit is not None:
                hit.decide(WireVerdict.PASS)
            worker.process.stop(seconds=30)
            lab.restart_worker(worker)
            if hit is not None:
                return True
        return False

    def _database_back(self) -> None:
        gone = time.monotonic()
        self._lab.start_database()
        began = time.monotonic()
        with httpx.Client(timeout=5) as http:
            while time.monotonic() < began + BACK_SECONDS:
                with suppress(httpx.HTTPError):
                    if http.get(f"{self._lab.url}/readyz").status_code == 200:
                        break
                time.sleep(0.02)
        self.report.api_back.append(time.monotonic() - began)
        for worker in self._lab.workers:
            listener = worker.listener
            while listener.answered.get("heartbeat", 0.0) <= gone:
                if time.monotonic() > began + BACK_SECONDS:
                    break
                time.sleep(0.02)
            at = max(listener.answered.get("heartbeat", 0.0), gone)
            self.report.worker_back.append(
                max(at - began, 0.0) if at > gone else time.monotonic() - began
            )

    def _notice_deaths(self) -> None:
        database = self._lab.database_process
        if not database.is_running:
            code = database.wait(seconds=1)
            self.report.died.append(f"localdb, exit code {code}: {database.read_log()[-3000:]}")
            with suppress(ProcessFailed):
                self._lab.start_database()
        for place in (*self._lab.workers, self._lab.api):
            if not place.process.is_running:
                code = place.process.wait(seconds=1)
                log = place.process.read_log()[-3000:]
                self.report.died.append(f"{place.name}, exit code {code}: {log}")
                with suppress(ProcessFailed):
                    if place is self._lab.api:
                        self._lab.restart_api()
                    else:
                        self._lab.restart_worker(place)

    def _notice_signals(self) -> None:
        """Processes of PostgreSQL that died of a signal; 9 is ours."""
        for log in self._lab.stack.folder.rglob("postgres.log"):
            self.report.died += [
                f"PostgreSQL: {line}"
                for line in log.read_text(errors="replace").splitlines()
                if re.search(r"terminated by signal (?!9\b)", line)
            ]

    # The end.

    def _come_to_rest(self) -> None:
        deadline = time.monotonic() + REST_SECONDS
        while time.monotonic() < deadline:
            live = self._lab.one(
                "select count(*) from async_jobs where status in ('pending', 'running')"
            )
            if not live:
                return
            time.sleep(0.2)

    def _plant(self, what: str) -> None:
        key = next(
            submission.key
            for submission in self._clients.submissions
            if submission.job_id
            and not submission.cancel_asked
            and not submission.delete_asked
            and submission.kind in ("plain", "sleeps", "progress", "autonomous")
        )
        texts = {
            "doubled": "insert into chaos_ledger (key, part) values (:key, 1)",
            "lost": "delete from chaos_ledger where key = :key and part = 1",
            "gone": "delete from async_jobs where params like '%\"' || :key || '\"%'",
        }
        self._lab.ask(texts[what], key=key)

    def _judge(self) -> None:
        lab, report = self._lab, self.report
        prefix = f"k{report.seed}_"
        jobs = [
            JobRow(job_id, key, status, attempt, losses, failures, max_losses, error)
            for job_id, params, status, attempt, losses, failures, max_losses, error in lab.ask(
                "select job_id, params, status, attempt, losses, failures, max_losses, error_msg "
                f"from async_jobs where {_OURS}"
            )
            if (key := _key_of(params)).startswith(prefix)
        ]
        attempts = [
            AttemptRow(*row)
            for row in lab.ask(
                "select job_id, attempt, worker, started_at, ended_at, outcome, error_code, touched"
                " from async_job_attempts"
            )
        ]
        ledger = lab.ask("select key, part from chaos_ledger where key like :p", p=prefix + "%")
        submissions = self._clients.submissions
        report.verdict = judge(
            submissions, jobs, attempts, [(str(key), int(part)) for key, part in ledger]
        )
        report.jobs = len(submissions)
        report.accepted = sum(submission.job_id is not None for submission in submissions)
        report.recoveries = list(self._recoveries(attempts))
        by_key = {submission.key: submission for submission in submissions}
        for finding in report.verdict.findings[:5]:
            report.histories.append(
                f"{finding.what}: {finding.text}\n"
                + self._history(by_key.get(finding.key), finding.key, finding.job_id)
            )

    def _recoveries(self, attempts: list[AttemptRow]) -> Any:
        for attempt in attempts:
            if attempt.outcome != "lost" or attempt.ended_at is None:
                continue
            for pid, at in self._killed:
                started = attempt.started_at.replace(tzinfo=UTC).timestamp()
                if pid in attempt.worker and started <= at + 0.5:
                    ended = attempt.ended_at.replace(tzinfo=UTC).timestamp()
                    if ended >= at:
                        yield ended - at

    def _history(self, submission: Submission | None, key: str, job_id: str) -> str:
        """All that is known of a job."""
        lab = self._lab
        lines = [f"  client   {submission}"]
        if job_id:
            for text in (
                "select status, attempt, losses, failures, worker, session_id, executed, "
                "cancel_requested, created_at, start_time, end_time, error_msg "
                "from async_jobs where job_id = :id",
                "select attempt, worker, started_at, ended_at, outcome, error_code, touched "
                "from async_job_attempts where job_id = :id order by attempt",
            ):
                lines += [f"  database {_plain(row)}" for row in lab.ask(text, id=job_id)]
        lines += [
            f"  ledger   {_plain(row)}"
            for row in lab.ask(
                "select job_id, part, noted from chaos_ledger where key = :key order by noted",
                key=key,
            )
        ]
        for log in sorted(lab.stack.folder.glob("*.log")) if job_id else ():
            lines += [
                f"  {log.stem:8} {line}"
                for line in log.read_text(errors="replace").splitlines()
                if job_id in line
            ]
        return "\n".join(lines)


def run_chaos(
    *,
    seed: int,
    jobs: int | None,
    kills: int | None,
    deadline: float | None,
    plant: str = "",
    say: Callable[[str], None] = lambda text: None,
) -> Report:
    """Start everything, run one seed, stop everything.

    Raises:
        ProcessFailed: the laboratory could not be started.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="oraq-chaos-")))
        lab = stack.enter_context(Lab(folder))
        lab.install_procedures()
        lab.start_api()
        for number in range(WORKERS):
            # One host's clock is a day ahead, for the whole run.
            clock = lab.clock_off(days=1) if number == WORKERS - 1 else {}
            lab.start_worker("--grace", "0.5", **clock)
        run = Run(lab, seed=seed, jobs=jobs, kills=kills, deadline=deadline, say=say)
        return run(plant=plant)


def p95(values: list[float]) -> float:
    """The 95th percentile; 0 of nothing."""
    if len(values) < 2:
        return max(values, default=0.0)
    return statistics.quantiles(values, n=20)[-1]


def _key_of(params: str) -> str:
    try:
        stored = json.loads(params or "[]")
    except ValueError:
        return ""
    items = stored if isinstance(stored, list) else []
    return next((str(item.get("value")) for item in items if item.get("name") == "p_key"), "")


def _plain(row: tuple[Any, ...]) -> str:
    return "  ".join(
        value.isoformat() if isinstance(value, datetime) else str(value) for value in row
    )
