"""One job, from its claim to its end: describe, bind, run, read, complete or fail.

Each step is one call of the protocol. When the connection is lost in any of them the runner repeats
nothing and forgets the job: its row tells whether the effects are committed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from structlog.typing import FilteringBoundLogger

from sql.call import Call, parse_parameters, plan_call
from sql.claims import Claim, Claims, Ending
from sql.errors import (
    RETRYABLE,
    CallInterrupted,
    ConnectionLost,
    DatabaseError,
    PackageDiscarded,
    RowBusy,
    with_hint,
)
from sql.session import WorkerSession
from sql.signature import Signatures
from worker.execution import Execution, Interrupted, Reason

#: How often a call that meets a locked row, or a late break, is tried again.
BUSY_ATTEMPTS = 12
BUSY_SECONDS = 0.2

#: What a job that was broken off says, after the database's own words for the reason.
BROKEN_OFF = "ORA-01013: user requested cancel of current operation"


class NotStarted(Exception):
    """The procedure cannot be called, so the attempt has not started.

    Attributes:
        error: why.
    """

    def __init__(self, error: DatabaseError) -> None:
        super().__init__(error.text)
        self.error = error


def is_compile_error(error: DatabaseError) -> bool:
    """Whether the call itself did not compile; an error from inside has a stack of ORA-06512."""
    return error.text.startswith("ORA-06550") and "ORA-06512" not in error.text


def may_be_unstarted(error: DatabaseError) -> bool:
    """Whether the attempt may not have begun: the call did not compile, or never left the driver."""
    return is_compile_error(error) or error.code.startswith("DPY-")


class Runner:
    """Runs jobs, one at a time on each session that it is given."""

    def __init__(
        self,
        claims: Claims,
        signatures: Signatures,
        logger: FilteringBoundLogger,
        *,
        mark_timeout: Callable[[Claim], Awaitable[None]],
    ) -> None:
        """Run nothing yet.

        Args:
            claims: the calls.
            signatures: what is known of procedures.
            logger: with the worker bound.
            mark_timeout: tells the database, on another connection, that a job's time is over.
        """
        self._claims = claims
        self._mark_timeout = mark_timeout
        self._timeouts: set[asyncio.Task[None]] = set()
        self._signatures = signatures
        self._logger = logger

    async def run(self, session: WorkerSession, execution: Execution) -> None:
        """Take a reserved job to its end, whatever that is. Raises nothing of the database's.

        Args:
            session: open; afterwards closed, if the job may have left something in it.
            execution: of the claim, on that session.
        """
        claim = execution.claim
        log = self._logger.bind(job_id=claim.job_id, attempt=claim.attempt)
        session.is_used = True
        try:
            await self._run(session, execution, log)
        except ConnectionLost as error:
            log.warning("connection lost, the job's row decides", error=error.text)
            session.drop()
        except Interrupted:
            await self._end_interrupted(session, execution, log)
        except DatabaseError as error:
            log.error(
                "call refused, the job is left to recovery", code=error.code, error=error.text
            )
            session.discard()

    async def _run(
        self, session: WorkerSession, execution: Execution, log: FilteringBoundLogger
    ) -> None:
        claim = execution.claim
        was_known = self._knows(claim)
        try:
            status, result = await self._call(session, execution)
        except NotStarted as refusal:
            error = refusal.error
            if was_known and error.code.startswith("PLS-"):
                # The procedure may have been replaced since it was described: look again.
                self._forget(claim)
                await self._run(session, execution, log)
                return
            await self._fail_unstarted(session, execution, error, log)
        except DatabaseError as error:
            if execution.reason:
                raise Interrupted from error
            if isinstance(error, ConnectionLost):
                raise
            await self._fail(session, execution, error, log)
        else:
            if status == "started":
                await self._complete(session, execution, result, log)
            else:
                log.warning("job not started", status=status)

    async def _call(self, session: WorkerSession, execution: Execution) -> tuple[str, str | None]:
        """Call the procedure and read what it gives back.

        Returns:
            'started', or why it was not; the result.

        Raises:
            NotStarted: the call cannot be made.
            Interrupted: the job was broken off before the call.
            DatabaseError: what the procedure raised.
        """
        claim = execution.claim
        try:
            with execution.breakable():
                call = await self._plan(session, claim)
                run = self._claims.bind(session.connection, claim, call)
        except DatabaseError as error:
            if execution.reason or isinstance(error, ConnectionLost):
                raise
            raise NotStarted(error) from error
        timer = self._start_timer(execution)
        try:
            with execution.breakable():
                status = await self._started(lambda: self._claims.run(run))
                result = await self._claims.read_result(run) if status == "started" else None
        except DatabaseError as error:
            lost = isinstance(error, ConnectionLost)
            if not execution.reason and not lost and may_be_unstarted(error):
                raise NotStarted(error) from error
            raise
        finally:
            if timer:
                timer.cancel()
        return status, result

    async def _plan(self, session: WorkerSession, claim: Claim) -> Call:
        """The call that the dictionary and the parameters make; no round trip the second time."""
        params = claim.params
        if params is None:
            params = await self._claims.read_params(session.connection, claim)
        options = claim.options
        procedure = await self._signatures.resolve(
            session.connection, claim.procedure_name, schema=options.schema
        )
        return plan_call(procedure, parse_parameters(params), is_function=options.is_function)

    async def _started(self, call: Callable[[], Awaitable[str]]) -> str:
        status = "busy"
        for _ in range(BUSY_ATTEMPTS):
            status = await call()
            if status != "busy":
                break
            await asyncio.sleep(BUSY_SECONDS)
        return status

    async def _complete(
        self,
        session: WorkerSession,
        execution: Execution,
        result: str | None,
        log: FilteringBoundLogger,
    ) -> None:
        claim = execution.claim
        try:
            ending = await self._ended(
                lambda: self._claims.complete(session.connection, claim, result)
            )
        except ConnectionLost:
            raise
        except DatabaseError as error:
            # Such as a deferred constraint, which speaks at the commit.
            await self._fail(session, execution, error, log)
            return
        if ending.status == "completed":
            log.info("job completed")
            if claim.options.own_transaction:
                # Its isolation level may be the session's now, which no fingerprint shows.
                session.discard()
            else:
                session.keep_if_clean(ending.fingerprint)
        else:
            log.warning("job not completed, its work is rolled back", status=ending.status)
            session.discard()

    async def _fail(
        self,
        session: WorkerSession,
        execution: Execution,
        error: DatabaseError,
        log: FilteringBoundLogger,
    ) -> None:
        """End the attempt by what the procedure raised."""
        if isinstance(error, PackageDiscarded):
            self._forget(execution.claim)
        await self._announce_failure(session, execution.claim, error, log)

    async def _announce_failure(
        self,
        session: WorkerSession,
        claim: Claim,
        error: DatabaseError,
        log: FilteringBoundLogger,
    ) -> None:
        ending = await self._ended(
            lambda: self._claims.fail(
                session.connection,
                claim,
                error=with_hint(error.text, error.code),
                error_code=error.code,
                retryable=error.code in RETRYABLE or isinstance(error, RowBusy),
            )
        )
        log.info("job failed", code=error.code, status=ending.status)
        session.discard()

    async def _fail_unstarted(
        self,
        session: WorkerSession,
        execution: Execution,
        error: DatabaseError,
        log: FilteringBoundLogger,
    ) -> None:
        """The call cannot be made: OraQ or the compiler found the fault."""
        claim = execution.claim
        ending = await self._ended(
            lambda: self._claims.fail_unstarted(
                session.connection,
                claim,
                error=with_hint(error.text, error.code),
                error_code=error.code,
            )
        )
        if ending.status == "lost" and may_be_unstarted(error):
            # It has begun: a block of the procedure's own did not compile, or the result is unread.
            await self._announce_failure(session, claim, error, log)
            return
        log.info("job failed", code=error.code, status=ending.status)
        # Nothing of the user's has run here.
        session.keep_if_clean(ending.fingerprint)

    async def _end_interrupted(
        self, session: WorkerSession, execution: Execution, log: FilteringBoundLogger
    ) -> None:
        """The job was broken off: say so, or give it back, if there still is a session to do it."""
        reason = execution.reason or Reason.LOST
        claim = execution.claim
        if not session.is_open or reason is Reason.LOST:
            log.warning("job dropped", reason=reason.value)
            session.drop()
            return
        try:
            if reason is Reason.SHUTDOWN:
                ending = await self._ended(lambda: self._claims.release(session.connection, claim))
                log.info("job given back", status=ending.status)
                session.discard()
            else:
                text = BROKEN_OFF
                if reason is Reason.TIMED_OUT:
                    text += f"\nThe time limit was {claim.options.timeout_seconds:g} s."
                fault = DatabaseError("ORA-01013", text)
                await self._announce_failure(session, claim, fault, log)
        except DatabaseError as error:
            log.warning("job dropped", reason=reason.value, code=error.code)
            session.drop()

    async def _ended(self, call: Callable[[], Awaitable[Ending]]) -> Ending:
        """Repeat a call that met a locked row, or a break that came too late for the procedure."""
        for _ in range(BUSY_ATTEMPTS):
            try:
                ending = await call()
            except (CallInterrupted, RowBusy):
                await asyncio.sleep(0)
                continue
            if ending.status != "busy":
                return ending
            await asyncio.sleep(BUSY_SECONDS)
        return Ending("busy")

    def _start_timer(self, execution: Execution) -> asyncio.TimerHandle | None:
        """A timer that has run out is not called back: its mark may be on the way."""
        seconds = execution.claim.options.timeout_seconds
        if not seconds:
            return None

        def end_time() -> None:
            task = asyncio.create_task(self._end_time(execution))
            self._timeouts.add(task)
            task.add_done_callback(self._timeouts.discard)

        return asyncio.get_running_loop().call_later(seconds, end_time)

    async def _end_time(self, execution: Execution) -> None:
        """Break the job off. Marked first, it will never run again."""
        try:
            await self._mark_timeout(execution.claim)
        finally:
            # A mark that fails may cost the right words, never the limit itself.
            execution.interrupt(Reason.TIMED_OUT)

    def _knows(self, claim: Claim) -> bool:
        return self._signatures.knows(claim.procedure_name, schema=claim.options.schema)

    def _forget(self, claim: Claim) -> None:
        self._signatures.forget(claim.procedure_name, schema=claim.options.schema)
