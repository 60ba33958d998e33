"""The worker's side of the protocol: one method per call, each one round trip.

A claim is named by (job, attempt). Nothing here repeats a call: when a connection is lost in one,
`ConnectionLost` leaves, and the row in the database decides what has happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import oracledb

from sql.binds import TEXT_BYTES, bind_text
from sql.call import Call, bind_call, read_result
from sql.errors import DatabaseError, converted_errors
from sql.exact_json import InvalidJson, parse_json
from sql.statements import Statements

#: Most claims in one call, and most claims named in one heartbeat.
CLAIM_LIMIT: Final = 200

#: What V$SESSION.MODULE shows of every worker's session; DBAs sum up by it.
MODULE: Final = "oraq-worker"

_STATUS_BYTES: Final = 30


@dataclass(frozen=True, slots=True)
class Options:
    """What a submission says about how to run it."""

    #: Where a procedure named without a schema is looked for. None: the worker's default.
    schema: str | None = None
    is_function: bool = False
    #: Seconds after which the call is broken off. None: never.
    timeout_seconds: float | None = None
    #: Whether the connection must be new.
    fresh_session: bool = False
    #: Whether the procedure starts without a transaction.
    own_transaction: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """A job reserved for this worker."""

    job_id: str
    attempt: int
    procedure_name: str
    #: The stored JSON. None: longer than fits the answer; `read_params` gets it.
    params: str | None
    options: Options


@dataclass(frozen=True, slots=True)
class WorkerIdentity:
    """Who the worker is, for the claims and for people."""

    #: host:pid:random; at most 64 bytes, so that V$SESSION.CLIENT_IDENTIFIER holds it.
    id: str
    host: str
    pid: int
    slots: int
    version: str


@dataclass(frozen=True, slots=True)
class Ending:
    """The answer to complete, fail and release."""

    #: completed, failed, pending, lost or busy.
    status: str
    #: The session's NLS, schema, isolation level, edition, open transaction. None: not told.
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A call with its variables, on one connection."""

    call: Call
    cursor: oracledb.AsyncCursor
    status: oracledb.Var
    binds: dict[str, Any]


class Claims:
    """The calls of one worker process."""

    def __init__(
        self, statements: Statements, identity: WorkerIdentity, *, lease_seconds: float
    ) -> None:
        self._statements = statements
        self._identity = identity
        self._lease_seconds = lease_seconds

    async def claim(
        self, connection: oracledb.AsyncConnection, *, limit: int, wait_seconds: int
    ) -> list[Claim]:
        """Reserve up to `limit` jobs; waits for the first one only.

        Args:
            connection: used for nothing else, as the call may wait.
            limit: 1 to CLAIM_LIMIT.
            wait_seconds: for the first wake-up; 0: only what is there.
        """
        cursor = connection.cursor()
        # Always as many elements: a changed size would make the driver parse again.
        outputs = {
            "job_ids": cursor.arrayvar(oracledb.DB_TYPE_VARCHAR, CLAIM_LIMIT, 32),
            "attempts": cursor.arrayvar(oracledb.DB_TYPE_NUMBER, CLAIM_LIMIT),
            "names": cursor.arrayvar(oracledb.DB_TYPE_VARCHAR, CLAIM_LIMIT, 200),
            "params": cursor.arrayvar(oracledb.DB_TYPE_VARCHAR, CLAIM_LIMIT, TEXT_BYTES),
            "options": cursor.arrayvar(oracledb.DB_TYPE_VARCHAR, CLAIM_LIMIT, 4000),
        }
        binds = {
            "worker": self._identity.id,
            "row_limit": min(limit, CLAIM_LIMIT),
            "wait_seconds": wait_seconds,
            "lease_seconds": self._lease_seconds,
        }
        with converted_errors():
            await cursor.execute(self._statements["claim_jobs"], binds | outputs)
        columns = [outputs[name].getvalue() for name in outputs]
        return [
            Claim(str(job_id), int(attempt), str(name), params, read_options(options))
            for job_id, attempt, name, params, options in zip(*columns, strict=True)
        ]

    async def read_params(self, connection: oracledb.AsyncConnection, claim: Claim) -> str | None:
        """The parameters of a claim that came without them."""
        cursor = connection.cursor()
        with converted_errors():
            await cursor.execute(self._statements["read_params"], {"job_id": claim.job_id})
            row = await cursor.fetchone()
        return row[0] if row else None

    def bind(self, connection: oracledb.AsyncConnection, claim: Claim, call: Call) -> Run:
        """Make the driver's variables for a call.

        Raises:
            DatabaseError: a value does not fit (ORA-06502); nothing was called.
        """
        cursor = connection.cursor()
        status = cursor.var(oracledb.DB_TYPE_VARCHAR, _STATUS_BYTES)
        binds = self._fence(claim) | {"lease_seconds": self._lease_seconds, "status": status}
        with converted_errors():
            variables = bind_call(connection, cursor, call)
        return Run(call, cursor, status, binds | variables)

    async def run(self, run: Run) -> str:
        """Start the attempt, call the procedure, note that it has returned: one round trip.

        Returns:
            'started', or why it was not.

        Raises:
            DatabaseError: also what the procedure raised.
        """
        text = self._statements["run_job"].replace("{call}", run.call.text)
        with converted_errors():
            self._show(run.cursor.connection, run.binds["job_id"])
            await run.cursor.execute(text, run.binds)
        return str(run.status.getvalue())

    async def read_result(self, run: Run) -> str | None:
        """What the procedure gave back, as JSON text. None: nothing to give."""
        with converted_errors():
            return await read_result(run.call, run.binds)

    async def complete(
        self, connection: oracledb.AsyncConnection, claim: Claim, result: str | None
    ) -> Ending:
        """Commit the procedure's work and the job's success together, or nothing of both."""
        facts = {"result": bind_text(connection.cursor(), result)}
        return await self._end(connection, "complete_job", claim, facts)

    async def fail(
        self,
        connection: oracledb.AsyncConnection,
        claim: Claim,
        *,
        error: str,
        error_code: str,
        retryable: bool,
    ) -> Ending:
        """Roll back, and end the attempt with an error."""
        facts = {
            "error": bind_text(connection.cursor(), error),
            "error_code": error_code,
            "retryable": int(retryable),
        }
        return await self._end(connection, "fail_job", claim, facts)

    async def fail_unstarted(
        self, connection: oracledb.AsyncConnection, claim: Claim, *, error: str, error_code: str
    ) -> Ending:
        """End a reserved job whose call cannot even be made: its attempt starts and fails in one."""
        facts = {
            "error": bind_text(connection.cursor(), error),
            "error_code": error_code,
            "lease_seconds": self._lease_seconds,
        }
        return await self._end(connection, "fail_unstarted_job", claim, facts)

    async def release(self, connection: oracledb.AsyncConnection, claim: Claim) -> Ending:
        """Give a job back: a reserved one, or a running one on the session that runs it."""
        return await self._end(connection, "release_job", claim, {})

    async def heartbeat(
        self, connection: oracledb.AsyncConnection, claims: Sequence[Claim]
    ) -> list[str]:
        """Renew the leases of these claims, show the worker as alive, recover what others lost.

        Returns:
            For each claim ok, lost or cancelled.
        """
        identity = self._identity
        binds = {
            "worker": identity.id,
            "host": identity.host,
            "pid": identity.pid,
            "slots": identity.slots,
            "version": identity.version,
            "lease_seconds": self._lease_seconds,
        }
        return await self._states(connection, "heartbeat", claims, binds)

    async def cancel_requests(
        self, connection: oracledb.AsyncConnection, claims: Sequence[Claim]
    ) -> list[str]:
        """As heartbeat, but only looks."""
        return await self._states(connection, "cancel_requests", claims, {})

    async def time_out(self, connection: oracledb.AsyncConnection, claim: Claim) -> str:
        """Mark an attempt as over its time limit, on another connection than that which runs it."""
        return (await self._end(connection, "time_out_job", claim, {})).status

    async def session_fingerprint(self, connection: oracledb.AsyncConnection) -> str | None:
        """What `complete` and `fail` compare: the session's state, here right after the log-on."""
        cursor = connection.cursor()
        fingerprint = cursor.var(oracledb.DB_TYPE_VARCHAR, 4000)
        with converted_errors():
            binds = {"fingerprint": fingerprint}
            await cursor.execute(self._statements["session_fingerprint"], binds)
        value = fingerprint.getvalue()
        return str(value) if value is not None else None

    async def _end(
        self, connection: oracledb.AsyncConnection, name: str, claim: Claim, facts: dict[str, Any]
    ) -> Ending:
        cursor = connection.cursor()
        status = cursor.var(oracledb.DB_TYPE_VARCHAR, _STATUS_BYTES)
        fingerprint = cursor.var(oracledb.DB_TYPE_VARCHAR, 4000)
        binds = self._fence(claim) | facts | {"status": status}
        if name in ("complete_job", "fail_job", "fail_unstarted_job"):
            binds["fingerprint"] = fingerprint
        with converted_errors():
            if name == "complete_job":
                self._show(connection, None)
            await cursor.execute(self._statements[name], binds)
        return Ending(str(status.getvalue()), fingerprint.getvalue())

    async def _states(
        self,
        connection: oracledb.AsyncConnection,
        name: str,
        claims: Sequence[Claim],
        binds: dict[str, Any],
    ) -> list[str]:
        cursor = connection.cursor()
        job_ids = cursor.arrayvar(oracledb.DB_TYPE_VARCHAR, CLAIM_LIMIT, 32)
        attempts = cursor.arrayvar(oracledb.DB_TYPE_NUMBER, CLAIM_LIMIT)
        states = cursor.arrayvar(oracledb.DB_TYPE_VARCHAR, CLAIM_LIMIT, _STATUS_BYTES)
        job_ids.setvalue(0, [claim.job_id for claim in claims])
        attempts.setvalue(0, [claim.attempt for claim in claims])
        arrays = {"job_ids": job_ids, "attempts": attempts, "states": states}
        with converted_errors():
            await cursor.execute(self._statements[name], binds | arrays)
        answers = [str(state) for state in states.getvalue()]
        if len(answers) != len(claims):
            raise DatabaseError("", f"{name} answered for {len(answers)} of {len(claims)} claims")
        return answers

    def _show(self, connection: oracledb.AsyncConnection, job_id: str | None) -> None:
        """What V$SESSION shows from the next call on, which takes it along; None: no job.

        Whatever a procedure has set there is overwritten, so it reaches no other job.
        """
        connection.module = MODULE
        # None clears it; the driver's hints do not say so, its documentation does.
        connection.action = job_id  # type: ignore[assignment]
        connection.client_identifier = self._identity.id
        connection.clientinfo = None  # type: ignore[assignment]

    def _fence(self, claim: Claim) -> dict[str, Any]:
        return {"job_id": claim.job_id, "worker": self._identity.id, "attempt": claim.attempt}


def read_options(text: str | None) -> Options:
    """The options of a claim, from their JSON; what is missing or no JSON has its default."""
    try:
        stored = parse_json(text) if text else {}
    except InvalidJson:
        stored = {}
    if not isinstance(stored, dict):
        return Options()
    timeout = stored.get("timeout")
    schema = stored.get("schema")
    return Options(
        schema=str(schema) if schema else None,
        is_function=bool(stored.get("is_function")),
        timeout_seconds=float(str(timeout)) if timeout else None,
        fresh_session=bool(stored.get("fresh_session")),
        own_transaction=stored.get("transaction") == "own",
    )
