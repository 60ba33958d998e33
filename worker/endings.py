"""The calls that end an attempt, what they mean for its session, what is logged and counted.

A call that meets a locked row, or a break that came too late for the procedure, is repeated; one
whose connection is lost is not: the job's row tells what has happened.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from sql.claims import Claims, Ending
from sql.errors import (
    RETRYABLE,
    CallInterrupted,
    ConnectionLost,
    DatabaseError,
    RowBusy,
    with_hint,
)
from sql.session import WorkerSession
from worker.attempt import Attempt
from worker.execution import Reason

#: How often a call that meets a locked row, or a late break, is tried again.
BUSY_ATTEMPTS = 12
BUSY_SECONDS = 0.2

#: What a job that was broken off says, after the database's own words for the reason.
BROKEN_OFF = "ORA-01013: user requested cancel of current operation"


def is_compile_error(error: DatabaseError) -> bool:
    """Whether the call itself did not compile; an error from inside has a stack of ORA-06512."""
    return error.text.startswith("ORA-06550") and "ORA-06512" not in error.text


def may_be_unstarted(error: DatabaseError) -> bool:
    """Whether the attempt may not have begun: the call did not compile, or never left the driver."""
    return is_compile_error(error) or error.code.startswith("DPY-")


class Endings:
    """Ends attempts, each on the session that has run it."""

    def __init__(self, claims: Claims) -> None:
        self._claims = claims

    async def complete(self, session: WorkerSession, attempt: Attempt, result: str | None) -> str:
        """Complete an attempt that has returned, or fail it where its commit raises.

        Returns:
            'completed', also where an earlier call had done it: then 'repeated'; else the session is
            closed: 'failed' or 'pending' as of fail, 'lost', 'busy'.

        Raises:
            DatabaseError: ConnectionLost, or what failing it has raised.
        """
        try:
            ending = await self.repeat_while_busy(
                lambda: self._claims.complete(session.connection, attempt.claim, result)
            )
        except ConnectionLost:
            raise
        except DatabaseError as error:
            # Such as a deferred constraint, which speaks at the commit.
            return await self.fail(session, attempt, error)
        if ending.status in ("completed", "repeated"):
            self.completed(attempt)
            if attempt.claim.options.own_transaction:
                # Its isolation level may be the session's now, which no fingerprint shows.
                session.discard()
            else:
                session.keep_if_clean(attempt.run.fingerprint if attempt.run else None)
        else:
            self.not_completed(session, attempt, ending.status)
        return ending.status

    def completed(self, attempt: Attempt) -> None:
        """The database has said so."""
        attempt.log.info("job completed")
        attempt.over("completed")

    def not_completed(self, session: WorkerSession, attempt: Attempt, status: str) -> None:
        """The claim was lost, or its row stayed locked."""
        attempt.log.warning("job not completed, its work is rolled back", status=status)
        attempt.over("lost")
        session.discard()

    async def fail(
        self,
        session: WorkerSession,
        attempt: Attempt,
        error: DatabaseError,
        *,
        timed_out: bool = False,
    ) -> str:
        """End the attempt by an error. Returns the job's new status, or lost, or busy."""
        ending = await self.repeat_while_busy(
            lambda: self._claims.fail(
                session.connection,
                attempt.claim,
                error=with_hint(error.text, error.code, error.hint),
                error_code=error.code,
                retryable=error.code in RETRYABLE or isinstance(error, RowBusy),
                timed_out=timed_out,
            )
        )
        attempt.log.info("job failed", code=error.code, status=ending.status)
        attempt.over(_outcome(attempt, ending.status))
        session.discard()
        return ending.status

    async def fail_unstarted(
        self, session: WorkerSession, attempt: Attempt, error: DatabaseError
    ) -> None:
        """The call cannot be made: OraQ or the compiler found the fault."""
        ending = await self.repeat_while_busy(
            lambda: self._claims.fail_unstarted(
                session.connection,
                attempt.claim,
                error=with_hint(error.text, error.code, error.hint),
                error_code=error.code,
            )
        )
        if ending.status == "lost" and may_be_unstarted(error):
            # It has begun: a block of the procedure's own did not compile, or the result is unread.
            await self.fail(session, attempt, error)
            return
        attempt.log.info("job failed", code=error.code, status=ending.status)
        attempt.over(_outcome(attempt, ending.status))
        # Nothing of the user's has run here.
        session.keep_if_clean(ending.fingerprint)

    async def interrupted(self, session: WorkerSession, attempt: Attempt) -> None:
        """The job was broken off: say so, or give it back, if there still is a session to do it."""
        reason = attempt.execution.reason or Reason.LOST
        if not session.is_open or reason is Reason.LOST:
            self.dropped(session, attempt, reason.value)
            return
        try:
            if reason is Reason.SHUTDOWN or attempt.is_unstarted:
                await self.release(session, attempt)
            else:
                text = BROKEN_OFF
                if reason is Reason.TIMED_OUT:
                    text += f"\nThe time limit was {attempt.claim.options.timeout_seconds:g} s."
                await self.fail(
                    session,
                    attempt,
                    DatabaseError("ORA-01013", text),
                    timed_out=reason is Reason.TIMED_OUT,
                )
        except DatabaseError as error:
            attempt.log.warning("job dropped", reason=reason.value, code=error.code)
            attempt.over("lost")
            session.drop()

    async def release(self, session: WorkerSession, attempt: Attempt) -> None:
        """Give a job back, with what it has open rolled back."""
        ending = await self.repeat_while_busy(
            lambda: self._claims.release(session.connection, attempt.claim)
        )
        attempt.log.info("job given back", status=ending.status)
        attempt.over("lost" if ending.status in ("lost", "busy") else "released")
        session.discard()

    def dropped(self, session: WorkerSession, attempt: Attempt, reason: str) -> None:
        """Nothing more can be said for the attempt."""
        attempt.log.warning("job dropped", reason=reason)
        attempt.over("lost")
        session.drop()

    async def repeat_while_busy(self, call: Callable[[], Awaitable[Ending]]) -> Ending:
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


def _outcome(attempt: Attempt, status: str) -> str:
    """How an attempt that has raised is counted."""
    if status == "pending":
        return "retried"
    if status != "failed":
        return "lost"
    broken_off = attempt.execution.reason in (Reason.CANCELLED, Reason.TIMED_OUT)
    return "cancelled" if broken_off else "failed"
