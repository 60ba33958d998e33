"""One job's way through the calls of the protocol, with the database's answers scripted."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from inspect import isawaitable
from typing import Any, cast

import pytest
import structlog

from sql.call import Call
from sql.claims import Claim, Claims, CompletionRaised, Ending, Options, Run
from sql.errors import CallInterrupted, ConnectionLost, DatabaseError
from sql.metrics import Recorder
from sql.session import WorkerSession
from sql.signature import Procedure, ProcedureNotFound, Signature, Signatures
from worker.attempt import Attempt
from worker.execution import Execution, Reason
from worker.runner import Runner

STALE = DatabaseError("PLS-00306", "ORA-06550: line 9, column 9:\nPLS-00306: wrong number")
RAISED = DatabaseError("ORA-20001", "ORA-20001: own\nORA-06512: at line 1")
UNSENT = DatabaseError("DPY-4003", "value cannot be represented as an Oracle number")
PROCEDURE = Procedure("O", None, "P", (Signature("O", None, "P", ()),))
LOST = ConnectionLost("DPY-4011", "closed")


class ScriptedClaims:
    """Notes each call, and answers with what stands in `answers`: one value, or one per call."""

    def __init__(self, **answers: object) -> None:
        self.calls: list[str] = []
        self.facts: dict[str, Any] = {}
        self.answers = {
            "run": "started",
            "read_result": '{"o":1}',
            "complete": Ending("completed", "clean"),
            "fail": Ending("failed", "clean"),
            "fail_unstarted": Ending("failed", "clean"),
            "release": Ending("pending"),
            "complete_and_run": Ending("completed"),
            "chained_status": "started",
            **answers,
        }

    def bind(self, connection: object, claim: Claim, call: Call) -> Run:
        return cast(Run, ScriptedRun(call, self))

    def __getattr__(self, name: str) -> Callable[..., Awaitable[object]]:
        async def call(*args: object, **facts: object) -> object:
            self.calls.append(name)
            self.facts.update(facts)
            answer = self.answers[name]
            if isinstance(answer, list):
                answer = answer.pop(0)
            if callable(answer):
                answer = answer()
            if isawaitable(answer):
                answer = await answer
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call


class ScriptedRun:
    """A call that is bound; its status is what the script says of the start."""

    state = "clean"

    def __init__(self, call: Call, claims: ScriptedClaims) -> None:
        self.call = call
        self.fingerprint = self.state
        self._claims = claims

    @property
    def status(self) -> object:
        return self._claims.answers["chained_status"]


class ScriptedSignatures:
    """Knows one procedure without arguments, or none."""

    def __init__(self, *, known: bool = False, missing: bool = False) -> None:
        self.known = known
        self.missing = missing
        self.described = 0
        self.procedure = PROCEDURE

    async def resolve(self, *args: object, **kwargs: object) -> Procedure:
        if self.missing:
            raise ProcedureNotFound("P")
        self.described += not self.known
        self.known = True
        return self.procedure

    def recall(self, *args: object, **kwargs: object) -> Procedure | None:
        return self.procedure if self.known else None

    def forget(self, *args: object, **kwargs: object) -> None:
        self.known = False


class ScriptedSession:
    """Notes what becomes of the connection."""

    def __init__(self) -> None:
        self.connection = object()
        self.is_open = True
        self.is_used = False
        self.fate = "kept"
        self.broken = asyncio.Event()
        self.compiled: set[str] = set()

    def note_compiled(self, text: str) -> None:
        self.compiled.add(text)

    def has_compiled(self, text: str) -> bool:
        return text in self.compiled

    def is_clean(self, fingerprint: str | None) -> bool:
        return fingerprint == "clean"

    def cancel(self) -> None:
        self.broken.set()

    def keep_if_clean(self, fingerprint: str | None) -> None:
        if fingerprint != "clean":
            self.discard()

    def discard(self) -> None:
        self.fate, self.is_open = "discarded", False

    def drop(self) -> None:
        self.fate, self.is_open = "dropped", False


class Bench:
    """A runner with its scripted surroundings."""

    def __init__(
        self, *, options: Options | None = None, params: str = "[]", **answers: object
    ) -> None:
        self.claims = ScriptedClaims(**answers)
        self.signatures = ScriptedSignatures()
        self.session = ScriptedSession()
        self.marked: list[str] = []
        self.mark = "made"
        self.recorder = Recorder()
        self.waiting: list[Claim] = []
        self.following: Execution | None = None
        claim = Claim("a" * 32, 1, "P", params, options or Options())
        self.execution = Execution(claim, self.session, grace_seconds=1)

    async def run(self) -> list[str]:
        async def mark(claim: Claim) -> None:
            self.marked.append(claim.job_id)
            if self.mark == "fails":
                raise RuntimeError("the session is not open")
            if self.mark == "hangs":
                await asyncio.Event().wait()

        runner = Runner(
            cast(Claims, self.claims),
            cast(Signatures, self.signatures),
            structlog.get_logger(),
            recorder=self.recorder,
            mark_timeout=mark,
        )
        session = cast(WorkerSession, self.session)
        attempt: Attempt | None = runner.attempt(self.execution)
        while attempt is not None:
            self.session.is_open = True
            attempt = await runner.run(session, attempt, self._take_next)
        return self.claims.calls

    def _take_next(self, suits: Callable[[Claim], bool]) -> Execution | None:
        """What waits, if it suits: once."""
        if not self.waiting or not suits(self.waiting[0]):
            return None
        self.following = Execution(self.waiting.pop(0), self.session, grace_seconds=1)
        return self.following


async def test_a_job_is_two_calls_and_reading_its_result() -> None:
    bench = Bench()

    assert await bench.run() == ["run", "read_result", "complete"]
    assert bench.session.fate == "kept"


@pytest.mark.parametrize(("status", "state"), [("lost", "clean"), ("completed", "changed")])
async def test_a_session_that_is_not_as_it_was_is_not_used_again(
    status: str, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ScriptedRun, "state", state)
    bench = Bench(complete=Ending(status))
    await bench.run()

    assert bench.session.fate == "discarded"


async def test_a_job_with_its_own_transaction_leaves_no_session() -> None:
    bench = Bench(options=Options(own_transaction=True))
    await bench.run()

    assert bench.session.fate == "discarded"


async def test_what_the_procedure_raises_fails_the_attempt() -> None:
    bench = Bench(run=RAISED)

    assert await bench.run() == ["run", "fail"]
    assert bench.claims.facts["error_code"] == "ORA-20001"
    assert bench.claims.facts["error"] == RAISED.text
    assert bench.session.fate == "discarded"


async def test_an_error_at_the_commit_fails_the_attempt() -> None:
    bench = Bench(complete=DatabaseError("ORA-02091", "ORA-02091: transaction rolled back"))

    assert await bench.run() == ["run", "read_result", "complete", "fail"]


@pytest.mark.parametrize("call", ["run", "read_result", "complete"])
async def test_after_a_lost_connection_nothing_is_repeated(call: str) -> None:
    bench = Bench()
    bench.claims.answers[call] = LOST

    calls = await bench.run()
    assert calls[-1] == call
    assert bench.session.fate == "dropped"


async def test_a_lost_claim_is_not_started() -> None:
    bench = Bench(run="lost")

    assert await bench.run() == ["run"]
    assert bench.session.fate == "kept"


async def test_a_busy_row_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.endings.BUSY_SECONDS", 0)
    monkeypatch.setattr("worker.runner.BUSY_SECONDS", 0)
    bench = Bench(
        run=["busy", "started"], complete=[Ending("busy", "clean"), Ending("completed", "clean")]
    )

    assert await bench.run() == ["run", "run", "read_result", "complete", "complete"]


async def test_a_missing_procedure_fails_without_a_start() -> None:
    bench = Bench()
    bench.signatures.missing = True

    assert await bench.run() == ["fail_unstarted"]
    assert bench.claims.facts["error_code"] == "PLS-00201"
    assert "Sugerencia" in bench.claims.facts["error"]
    assert bench.session.fate == "kept"


async def test_what_the_list_refuses_or_oracle_maintains_is_not_called() -> None:
    refused = Bench(options=Options(list_answer="refused"))
    oracles = Bench()
    oracles.signatures.procedure = replace(PROCEDURE, is_oracles=True)
    listed = Bench(options=Options(list_answer="listed"))
    listed.signatures.procedure = replace(PROCEDURE, is_oracles=True)

    assert await refused.run() == ["fail_unstarted"]
    assert refused.claims.facts["error_code"] == "ORA-01031"
    assert await oracles.run() == ["fail_unstarted"]
    assert await listed.run() == ["run", "read_result", "complete"]


async def test_parameters_too_long_for_the_claim_are_read() -> None:
    bench = Bench(read_params='[{"name":"x","value":1}]')
    bench.execution.claim = Claim("a" * 32, 1, "P", None, Options())

    assert await bench.run() == ["read_params", "fail_unstarted"]
    assert bench.claims.facts["error_code"] == "PLS-00306"


async def test_a_replaced_procedure_is_described_again_and_called() -> None:
    bench = Bench(run=[STALE, "started"])
    bench.signatures.known = True

    assert await bench.run() == ["run", "run", "read_result", "complete"]
    assert bench.signatures.described == 1


async def test_a_call_that_does_not_compile_fails_without_a_start() -> None:
    bench = Bench(run=STALE)

    assert await bench.run() == ["run", "fail_unstarted"]


async def test_a_block_of_the_procedures_own_that_does_not_compile_fails_the_attempt() -> None:
    bench = Bench(run=STALE, fail_unstarted=Ending("lost", "clean"))

    assert await bench.run() == ["run", "fail_unstarted", "fail"]
    assert bench.session.fate == "discarded"


@pytest.mark.parametrize(
    ("reason", "call", "fate"),
    [
        (Reason.CANCELLED, ["run", "fail"], "discarded"),
        (Reason.TIMED_OUT, ["run", "fail"], "discarded"),
        (Reason.SHUTDOWN, ["run", "release"], "discarded"),
        (Reason.LOST, ["run"], "dropped"),
    ],
)
async def test_a_broken_off_job_ends_by_the_reason(
    reason: Reason, call: list[str], fate: str
) -> None:
    def broken() -> Exception:
        bench.execution.interrupt(reason)
        return CallInterrupted("ORA-01013", "ORA-01013: user requested cancel")

    bench = Bench(run=broken, options=Options(timeout_seconds=60))

    assert await bench.run() == call
    assert bench.session.fate == fate


@pytest.mark.parametrize("mark", ["made", "fails", "hangs"])
async def test_a_time_limit_breaks_the_call_even_where_it_cannot_be_marked(
    mark: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.runner.MARK_SECONDS", 0.01)

    async def run_until_broken() -> Exception:
        await bench.session.broken.wait()
        return CallInterrupted("ORA-01013", "ORA-01013: user requested cancel")

    bench = Bench(run=run_until_broken, options=Options(timeout_seconds=0.001))
    bench.mark = mark

    async with asyncio.timeout(5):
        assert await bench.run() == ["run", "fail"]
    assert "The time limit was 0.001 s" in bench.claims.facts["error"]
    # So it never runs again, whatever became of the mark.
    assert bench.claims.facts["timed_out"] is True
    assert bench.marked == [bench.execution.claim.job_id]


async def test_a_break_that_comes_late_does_not_lose_the_outcome() -> None:
    late = CallInterrupted("ORA-01013", "ORA-01013: user requested cancel")
    bench = Bench(run=RAISED, fail=[late, Ending("failed", "clean")])

    assert await bench.run() == ["run", "fail", "fail"]


async def test_a_job_that_is_to_end_before_its_call_is_not_called() -> None:
    bench = Bench()
    bench.execution.interrupt(Reason.SHUTDOWN)

    assert await bench.run() == ["release"]


async def test_a_value_that_the_driver_refuses_fails_the_job_that_has_not_started() -> None:
    bench = Bench(run=UNSENT)

    assert await bench.run() == ["run", "fail_unstarted"]
    assert bench.claims.facts["error_code"] == "DPY-4003"


async def test_a_result_that_the_driver_refuses_fails_the_job_that_has_started() -> None:
    bench = Bench(read_result=UNSENT, fail_unstarted=Ending("lost"))

    assert await bench.run() == ["run", "read_result", "fail_unstarted", "fail"]
    assert bench.session.fate == "discarded"


# ---- completing one job together with the start of the next ----

NEXT = Claim("b" * 32, 1, "P", "[]", Options())
CHAINED = ["run", "read_result", "complete_and_run"]


def chained(**answers: Any) -> Bench:
    """A job whose call has run before on the connection, and another one that waits."""
    bench = Bench(**answers)
    bench.signatures.known = True
    bench.waiting.append(NEXT)
    return bench


async def test_a_job_is_completed_in_the_call_that_starts_the_next_one() -> None:
    bench = chained()

    assert await bench.run() == [*CHAINED, "read_result", "complete"]
    assert bench.recorder.snapshot().outcomes["completed"] == 2
    assert bench.session.fate == "kept"


@pytest.mark.parametrize(
    "claim",
    [
        Claim("b" * 32, 1, "P", None, Options()),
        Claim("b" * 32, 1, "P", "[", Options()),
        Claim("b" * 32, 1, "P", '[{"name":"x"}]', Options()),
        Claim("b" * 32, 1, "P", "[]", Options(fresh_session=True)),
        Claim("b" * 32, 1, "P", "[]", Options(own_transaction=True)),
        Claim("b" * 32, 1, "P", "[]", Options(list_answer="refused")),
    ],
    ids=["params to read", "no JSON", "no fit", "fresh session", "own transaction", "refused"],
)
async def test_a_job_that_needs_more_than_its_call_is_not_started_so(claim: Claim) -> None:
    bench = chained()
    bench.waiting = [claim]

    assert await bench.run() == ["run", "read_result", "complete"]
    assert bench.waiting == [claim]


async def test_nothing_is_started_so_in_a_session_that_is_not_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ScriptedRun, "state", "changed")
    bench = chained()

    assert await bench.run() == ["run", "read_result", "complete"]


async def test_nothing_is_started_so_that_has_not_compiled_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ScriptedSession, "has_compiled", lambda self, text: False)

    assert await chained().run() == ["run", "read_result", "complete"]


@pytest.mark.parametrize(
    ("status", "calls"),
    [
        # Completed alone, then the next one by itself.
        ("busy", ["complete", "run", "read_result", "complete"]),
        ("lost", ["run", "read_result", "complete"]),
    ],
)
async def test_a_job_that_is_not_completed_does_not_start_the_next_one(
    status: str, calls: list[str]
) -> None:
    bench = chained(complete_and_run=Ending(status), run=["started", "started"])

    assert await bench.run() == [*CHAINED, *calls]


async def test_a_commit_that_fails_fails_its_own_job_and_not_the_next_one() -> None:
    error = CompletionRaised("ORA-02091", "ORA-02091: transaction rolled back")
    bench = chained(complete_and_run=error, run=["started", "started"])

    assert await bench.run() == [*CHAINED, "fail", "run", "read_result", "complete"]
    assert bench.claims.facts["error_code"] == "ORA-02091"
    outcomes = bench.recorder.snapshot().outcomes
    assert (outcomes["failed"], outcomes["completed"]) == (1, 1)


@pytest.mark.parametrize(
    ("error", "first", "calls"),
    [
        # The first job was completed before: the error is the second one's.
        (RAISED, "repeated", ["fail"]),
        (STALE, "repeated", ["fail_unstarted"]),
        # It was not, so the second one has not begun.
        (STALE, "completed", ["run", "read_result", "complete"]),
        (UNSENT, "completed", ["run", "read_result", "complete"]),
    ],
)
async def test_after_an_error_the_database_says_whose_it_was(
    error: Exception, first: str, calls: list[str]
) -> None:
    bench = chained(
        complete_and_run=error,
        run=["started", "started"],
        complete=[Ending(first), Ending("completed")],
    )

    assert await bench.run() == [*CHAINED, "complete", *calls]
    assert bench.recorder.snapshot().outcomes["completed"] == (1 if first == "repeated" else 2)


async def test_a_lost_connection_takes_both_jobs_along() -> None:
    bench = chained(complete_and_run=LOST)

    assert await bench.run() == CHAINED
    assert bench.recorder.snapshot().outcomes["lost"] == 2
    assert bench.session.fate == "dropped"


@pytest.mark.parametrize(
    ("first", "calls"),
    [("repeated", ["release"]), ("completed", ["release"])],
    ids=["that has begun", "that has not"],
)
async def test_a_break_of_the_next_job_does_not_lose_the_first(
    first: str, calls: list[str]
) -> None:
    def broken() -> Exception:
        assert bench.following is not None
        bench.following.interrupt(Reason.SHUTDOWN)
        return CallInterrupted("ORA-01013", "ORA-01013: user requested cancel")

    bench = chained(complete_and_run=broken, complete=Ending(first))

    assert await bench.run() == [*CHAINED, "complete", *calls]
    outcomes = bench.recorder.snapshot().outcomes
    assert (outcomes["completed"], outcomes["released"]) == (1, 1)
