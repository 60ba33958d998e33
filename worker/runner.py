"""One job after the other on a session: describe, bind, run, read, complete or fail.

Each step is one call of the protocol. When the connection is lost in any of them the runner repeats
nothing and forgets the job: its row tells whether the effects are committed.

In a backlog a job is completed in the same round trip that starts the next one, where nothing can
be lost by it: the next call has compiled on this connection before, the session is clean, nothing
has to be read or made between the two. A job is never kept waiting for another to come.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from structlog.typing import FilteringBoundLogger

from sql.call import Call, describe_signatures, parse_parameters, plan_call
from sql.claims import Claim, Claims, CompletionRaised
from sql.errors import (
    CallInterrupted,
    ConnectionLost,
    DatabaseError,
    PackageDiscarded,
    RowBusy,
    error_of,
)
from sql.metrics import Recorder
from sql.session import WorkerSession
from sql.signature import ProcedureRefused, Signatures
from worker.attempt import Attempt
from worker.endings import BUSY_ATTEMPTS, BUSY_SECONDS, Endings, may_be_unstarted
from worker.execution import Execution, Interrupted, Reason

#: Gives a reserved claim that suits, out of the queue, if there is one at once.
TakeNext = Callable[[Callable[[Claim], bool]], Execution | None]

#: Seconds that a limit waits for its mark in the database.
MARK_SECONDS = 1.0


class NotStarted(Exception):
    """The procedure cannot be called, so the attempt has not started.

    Attributes:
        error: why.
    """

    def __init__(self, error: DatabaseError) -> None:
        super().__init__(error.text)
        self.error = error


def take_none(suits: Callable[[Claim], bool]) -> Execution | None:
    """There is never a next one."""
    return None


class Runner:
    """Runs jobs, one at a time on each session that it is given."""

    def __init__(
        self,
        claims: Claims,
        signatures: Signatures,
        logger: FilteringBoundLogger,
        *,
        recorder: Recorder,
        mark_timeout: Callable[[Claim], Awaitable[None]],
    ) -> None:
        """Run nothing yet.

        Args:
            claims: the calls.
            signatures: what is known of procedures.
            logger: with the worker bound.
            recorder: counts how attempts end.
            mark_timeout: tells the database, on another connection, that a job's time is over.
        """
        self._claims = claims
        self._endings = Endings(claims)
        self._mark_timeout = mark_timeout
        self._timeouts: set[asyncio.Task[None]] = set()
        self._signatures = signatures
        self._logger = logger
        self._recorder = recorder

    def attempt(self, execution: Execution) -> Attempt:
        """An attempt that has not begun."""
        return Attempt(execution, self._logger, self._recorder)

    async def run(
        self, session: WorkerSession, attempt: Attempt, take_next: TakeNext = take_none
    ) -> Attempt | None:
        """Take a job to its end, whatever that is. Raises nothing of the database's.

        Args:
            session: open; afterwards closed, if the job may have left something in it.
            attempt: on that session; begun already, if an earlier call of this gave it.
            take_next: for a job that may be started together with the end of this one.

        Returns:
            That next job, which is to be run next, on the same session if that is still open.
        """
        session.is_used = True
        try:
            return await self._run(session, attempt, take_next)
        except ConnectionLost as error:
            attempt.log.warning("connection lost, the job's row decides", error=error.text)
            attempt.over("lost")
            session.drop()
        except Interrupted:
            await self._endings.interrupted(session, attempt)
        except DatabaseError as error:
            attempt.log.error(
                "call refused, the job is left to recovery", code=error.code, error=error.text
            )
            attempt.over("lost")
            session.discard()
        finally:
            attempt.stop_timer()
        return None

    async def _run(
        self, session: WorkerSession, attempt: Attempt, take_next: TakeNext
    ) -> Attempt | None:
        claim = attempt.claim
        was_known = self._knows(claim)
        try:
            result = await self._call(session, attempt)
        except NotStarted as refusal:
            error = refusal.error
            if was_known and error.code.startswith("PLS-"):
                # The procedure may have been replaced since it was described: look again.
                self._forget(claim)
                attempt.unbegin()
                return await self._run(session, attempt, take_next)
            await self._endings.fail_unstarted(session, attempt, self._explained(claim, error))
        except DatabaseError as error:
            if attempt.execution.reason:
                raise Interrupted from error
            if isinstance(error, ConnectionLost):
                raise
            if isinstance(error, PackageDiscarded):
                self._forget(claim)
            await self._endings.fail(session, attempt, error)
        else:
            if attempt.status == "started":
                return await self._complete(session, attempt, result, take_next)
            attempt.log.warning("job not started", status=attempt.status)
            attempt.over("lost")
        return None

    async def _call(self, session: WorkerSession, attempt: Attempt) -> str | None:
        """Call the procedure, unless that is done, and read what it gives back.

        Returns:
            The result; the attempt's status says whether it has started.

        Raises:
            NotStarted: the call cannot be made.
            Interrupted: the job was broken off before the call.
            DatabaseError: what the procedure raised.
        """
        if attempt.status is None:
            await self._bind(session, attempt)
        run = attempt.run
        assert run is not None
        try:
            with attempt.execution.breakable():
                if attempt.status is None:
                    attempt.begin(self._start_timer(attempt.execution))
                    attempt.status = await self._started(lambda: self._claims.run(run))
                    session.note_compiled(run.call.text)
                if attempt.status != "started":
                    return None
                return await self._claims.read_result(run)
        except DatabaseError as error:
            lost = isinstance(error, ConnectionLost)
            if not attempt.execution.reason and not lost and may_be_unstarted(error):
                raise NotStarted(error) from error
            raise
        finally:
            attempt.stop_timer()

    async def _bind(self, session: WorkerSession, attempt: Attempt) -> None:
        try:
            with attempt.execution.breakable():
                call = await self._plan(session, attempt.claim)
                attempt.run = self._claims.bind(session.connection, attempt.claim, call)
        except DatabaseError as error:
            if attempt.execution.reason or isinstance(error, ConnectionLost):
                raise
            raise NotStarted(error) from error

    async def _plan(self, session: WorkerSession, claim: Claim) -> Call:
        """The call that the dictionary and the parameters make; no round trip the second time."""
        params, answer = claim.params, claim.options.list_answer
        if answer == "refused":
            raise ProcedureRefused(claim.procedure_name, "it is not in the list of procedures")
        if params is None:
            params = await self._claims.read_params(session.connection, claim)
        options = claim.options
        procedure = await self._signatures.resolve(
            session.connection, claim.procedure_name, schema=options.schema
        )
        if procedure.is_oracles and answer != "listed":
            why = "it is Oracle's own, and not in the list of procedures"
            raise ProcedureRefused(procedure.full_name, why)
        return plan_call(procedure, parse_parameters(params), is_function=options.is_function)

    async def _started(self, call: Callable[[], Awaitable[str]]) -> str:
        status = "busy"
        for _ in range(BUSY_ATTEMPTS):
            status = await call()
            if status != "busy":
                break
            await asyncio.sleep(BUSY_SECONDS)
        return status

    # ---- completing, alone or together with the next start ----

    async def _complete(
        self, session: WorkerSession, attempt: Attempt, result: str | None, take_next: TakeNext
    ) -> Attempt | None:
        following = self._take_following(session, attempt, take_next)
        if following is None:
            await self._endings.complete(session, attempt, result)
            return None
        try:
            return await self._complete_and_start(session, attempt, result, following)
        except ConnectionLost:
            following.over("lost")
            raise

    def _take_following(
        self, session: WorkerSession, attempt: Attempt, take_next: TakeNext
    ) -> Attempt | None:
        """The job that may be started in the call that completes this one; it is bound already."""
        run = attempt.run
        if run is None or not run.call.is_plain or attempt.claim.options.own_transaction:
            return None
        if not session.is_clean(run.fingerprint):
            return None
        planned: list[Call] = []

        def suits(claim: Claim) -> bool:
            call = self._plan_at_once(claim)
            if call is None or not call.is_plain or not session.has_compiled(call.text):
                return False
            planned.append(call)
            return True

        execution = take_next(suits)
        if execution is None:
            return None
        following = self.attempt(execution)
        try:
            following.run = self._claims.bind(session.connection, execution.claim, planned[-1])
        except DatabaseError:
            # It will say so again when it is its turn.
            following.run = None
        return following

    def _plan_at_once(self, claim: Claim) -> Call | None:
        """The call, if nothing has to be asked for it, and nothing is wrong with it."""
        options = claim.options
        if claim.params is None or options.fresh_session or options.own_transaction:
            return None
        procedure = self._signatures.recall(claim.procedure_name, schema=options.schema)
        if procedure is None or procedure.is_oracles or options.list_answer == "refused":
            return None
        try:
            parameters = parse_parameters(claim.params)
            return plan_call(procedure, parameters, is_function=options.is_function)
        except DatabaseError:
            return None

    async def _complete_and_start(
        self, session: WorkerSession, attempt: Attempt, result: str | None, following: Attempt
    ) -> Attempt | None:
        """Both in one call. Gives the following attempt, started or not, unless it is over."""
        run = following.run
        if run is None:
            await self._endings.complete(session, attempt, result)
            return following
        try:
            with following.execution.breakable():
                following.begin(self._start_timer(following.execution))
                ending = await self._claims.complete_and_run(attempt.claim, result, run)
        except CompletionRaised as error:
            following.unbegin()
            known = error_of(error.code, error.text)
            if isinstance(known, CallInterrupted | RowBusy):
                await self._endings.complete(session, attempt, result)
            else:
                await self._endings.fail(session, attempt, known)
            return following
        except (DatabaseError, Interrupted) as error:
            if isinstance(error, ConnectionLost) or not session.is_open:
                raise ConnectionLost("DPY-4011", str(error)) from error
            return await self._settle(session, attempt, result, following, error)
        if ending.status == "completed":
            following.status = run.status
            self._endings.completed(attempt)
        else:
            following.unbegin()
            if ending.status == "busy":
                await self._endings.complete(session, attempt, result)
            else:
                self._endings.not_completed(session, attempt, ending.status)
        return following

    async def _settle(
        self,
        session: WorkerSession,
        attempt: Attempt,
        result: str | None,
        following: Attempt,
        error: DatabaseError | Interrupted,
    ) -> Attempt | None:
        """An error of the common call leaves open whether the first job was completed: ask.

        Completing it once more does no harm: it is refused where it is done, and what the following
        job has open is then rolled back.
        """
        following.stop_timer()
        status = await self._endings.complete(session, attempt, result)
        if status != "repeated":
            # So nothing of the following job has run.
            following.unbegin()
            return following
        if following.execution.reason or isinstance(error, Interrupted):
            await self._endings.interrupted(session, following)
        elif may_be_unstarted(error):
            error = self._explained(following.claim, error)
            await self._endings.fail_unstarted(session, following, error)
        else:
            if isinstance(error, PackageDiscarded):
                self._forget(following.claim)
            await self._endings.fail(session, following, error)
        return None

    def _explained(self, claim: Claim, error: DatabaseError) -> DatabaseError:
        """With the signature, where the compiler did not like the arguments."""
        procedure = self._signatures.recall(claim.procedure_name, schema=claim.options.schema)
        if procedure is not None and error.code == "PLS-00306" and not error.hint:
            error.hint = describe_signatures(procedure)
        return error

    # ---- time limits ----

    def _start_timer(self, execution: Execution) -> asyncio.TimerHandle | None:
        """A timer that has run out is not called back: its mark may be on the way."""
        seconds = execution.claim.options.timeout_seconds
        if not seconds:
            return None

        def end_time() -> None:
            self._keep(asyncio.create_task(self._end_time(execution)))

        return asyncio.get_running_loop().call_later(seconds, end_time)

    async def _end_time(self, execution: Execution) -> None:
        """Break the job off. Marked first, it will never run again, whoever ends it."""
        marking = asyncio.create_task(self._mark(execution.claim))
        self._keep(marking)
        # The limit does not wait for a connection that is out of order; the mark goes on trying.
        await asyncio.wait([marking], timeout=MARK_SECONDS)
        execution.interrupt(Reason.TIMED_OUT)

    async def _mark(self, claim: Claim) -> None:
        try:
            await self._mark_timeout(claim)
        except Exception as error:
            self._logger.error("time limit not marked", job_id=claim.job_id, exc_info=error)

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._timeouts.add(task)
        task.add_done_callback(self._timeouts.discard)

    def _knows(self, claim: Claim) -> bool:
        return (
            self._signatures.recall(claim.procedure_name, schema=claim.options.schema) is not None
        )

    def _forget(self, claim: Claim) -> None:
        self._signatures.forget(claim.procedure_name, schema=claim.options.schema)
