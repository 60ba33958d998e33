"""One job's way through the calls of the protocol, with the database's answers scripted."""

import asyncio
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any, cast

import pytest
import structlog

from sql.call import Call
from sql.claims import Claim, Claims, Ending, Options, Run
from sql.errors import CallInterrupted, ConnectionLost, DatabaseError
from sql.session import WorkerSession
from sql.signature import Procedure, ProcedureNotFound, Signature, Signatures
from worker.execution import Execution, Reason
from worker.runner import Runner

STALE = DatabaseError("PLS-00306", "ORA-06550: line 9, column 9:\nPLS-00306: wrong number")
RAISED = DatabaseError("ORA-20001", "ORA-20001: own\nORA-06512: at line 1")
UNSENT = DatabaseError("DPY-4003", "value cannot be represented as an Oracle number")
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
            **answers,
        }

    def bind(self, connection: object, claim: Claim, call: Call) -> Run:
        return Run(call, None, None, {})  # type: ignore[arg-type]

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


class ScriptedSignatures:
    """Knows one procedure without arguments, or none."""

    def __init__(self, *, known: bool = False, missing: bool = False) -> None:
        self.known = known
        self.missing = missing
        self.described = 0

    async def resolve(self, *args: object, **kwargs: object) -> Procedure:
        if self.missing:
            raise ProcedureNotFound("P")
        self.described += not self.known
        self.known = True
        return Procedure("O", None, "P", (Signature("O", None, "P", ()),))

    def knows(self, *args: object, **kwargs: object) -> bool:
        return self.known

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
        self.mark_fails = False
        claim = Claim("a" * 32, 1, "P", params, options or Options())
        self.execution = Execution(claim, self.session, grace_seconds=1)

    async def run(self) -> list[str]:
        async def mark(claim: Claim) -> None:
            self.marked.append(claim.job_id)
            if self.mark_fails:
                raise RuntimeError("the session is not open")

        runner = Runner(
            cast(Claims, self.claims),
            cast(Signatures, self.signatures),
            structlog.get_logger(),
            mark_timeout=mark,
        )
        await runner.run(cast(WorkerSession, self.session), self.execution)
        return self.claims.calls


async def test_a_job_is_two_calls_and_reading_its_result() -> None:
    bench = Bench()

    assert await bench.run() == ["run", "read_result", "complete"]
    assert bench.session.fate == "kept"


@pytest.mark.parametrize("ending", [Ending("lost", "clean"), Ending("completed", "changed")])
async def test_a_session_that_is_not_as_it_was_is_not_used_again(ending: Ending) -> None:
    bench = Bench(complete=ending)
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


@pytest.mark.parametrize("mark_fails", [False, True])
async def test_a_time_limit_breaks_the_call_even_where_it_cannot_be_marked(
    mark_fails: bool,
) -> None:
    async def run_until_broken() -> Exception:
        await bench.session.broken.wait()
        return CallInterrupted("ORA-01013", "ORA-01013: user requested cancel")

    bench = Bench(run=run_until_broken, options=Options(timeout_seconds=0.001))
    bench.mark_fails = mark_fails

    async with asyncio.timeout(5):
        assert await bench.run() == ["run", "fail"]
    assert "The time limit was 0.001 s" in bench.claims.facts["error"]
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
