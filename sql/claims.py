"""The worker's side of the protocol: one method per call, each one round trip.

A claim is named by (job, attempt). Nothing here repeats a call: when a connection is lost in one,
`ConnectionLost` leaves, and the row in the database decides what has happened.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import oracledb

from sql.binds import TEXT_BYTES, bind_text
from sql.call import Call, bind_call
from sql.errors import DatabaseError, SchemaMismatch, code_of, converted_errors
from sql.exact_json import InvalidJson, JsonValue, parse_json
from sql.install import SCHEMA_VERSION
from sql.metrics import METRICS_BYTES
from sql.results import read_result
from sql.statements import Statements

#: Most claims in one call, and most claims named in one heartbeat.
CLAIM_LIMIT: Final = 200

#: What V$SESSION.MODULE shows of every worker's session; DBAs sum up by it.
MODULE: Final = "oraq-worker"

_STATUS_BYTES: Final = 30
_FINGERPRINT_BYTES: Final = 4000
_ERROR_BYTES: Final = 4000

_TRACE_ID: Final = re.compile(r"[0-9a-f]{32}")


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
    #: What the list of procedures says now: refused, listed (by its name) or free.
    list_answer: str = "free"
    #: Of the W3C trace that the job belongs to. None: of none.
    trace_id: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A job reserved for this worker."""

    job_id: str
    attempt: int
    procedure_name: str
    #: The stored JSON. None: longer than fits the answer; `read_params` gets it.
    params: str | None
    options: Options
    #: Between the time when it could have run and this claim, by the database's clock.
    waited_seconds: float = 0


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

    #: completed, repeated, failed, pending, lost or busy.
    status: str
    #: The session's state where nothing of the user's has run in it. None: not told.
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class Beat:
    """The answer to a heartbeat."""

    #: For each claim ok, lost or cancelled.
    states: list[str]
    #: Whether the worker is to claim no more, and to end when its jobs have ended.
    drain: bool


@dataclass(frozen=True, slots=True)
class Run:
    """A call with its variables, on one connection."""

    call: Call
    cursor: oracledb.AsyncCursor
    binds: dict[str, Any]

    @property
    def status(self) -> str | None:
        """Of the start: started, lost or busy. None: it was not tried."""
        status: str | None = self.binds["status"].getvalue()
        return status

    @property
    def fingerprint(self) -> str | None:
        """The session's NLS, schema, edition as the procedure left them. None: it did not return."""
        fingerprint: str | None = self.binds["fingerprint"].getvalue()
        return fingerprint


class CompletionRaised(DatabaseError):
    """Completing a job raised, and nothing more of that call has run."""


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
        return [read_claim(*row) for row in zip(*columns, strict=True)]

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
        binds = self._fence(claim) | {
            "lease_seconds": self._lease_seconds,
            "forget": int(call.is_plain),
            "status": cursor.var(oracledb.DB_TYPE_VARCHAR, _STATUS_BYTES),
            "fingerprint": cursor.var(oracledb.DB_TYPE_VARCHAR, _FINGERPRINT_BYTES),
        }
        with converted_errors():
            variables = bind_call(connection, cursor, call)
        return Run(call, cursor, binds | variables)

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
        return str(run.status)

    async def complete_and_run(self, done: Claim, result: str | None, run: Run) -> Ending:
        """Complete a job, then do as `run` does with the next one: one round trip for both.

        Args:
            done: has returned on this connection, and left nothing that outlives its call.
            result: of `done`.
            run: on the same connection; has run only if its status then says so.

        Returns:
            How `done` ended; where it was not completed, nothing of `run` was tried.

        Raises:
            CompletionRaised: completing raised, and nothing of `run` was tried.
            DatabaseError: anything else, also what the procedure of `run` raised. Only a repeated
                `complete` tells whether `done` was completed before.
        """
        text = self._statements["complete_and_run_job"].replace("{call}", run.call.text)
        done_status = run.cursor.var(oracledb.DB_TYPE_VARCHAR, _STATUS_BYTES)
        done_error = run.cursor.var(oracledb.DB_TYPE_VARCHAR, _ERROR_BYTES)
        binds = run.binds | {
            "done_job_id": done.job_id,
            "done_attempt": done.attempt,
            "done_result": bind_text(run.cursor, result),
            "done_status": done_status,
            "done_error": done_error,
        }
        with converted_errors():
            self._show(run.cursor.connection, run.binds["job_id"])
            await run.cursor.execute(text, binds)
        status = str(done_status.getvalue())
        if status == "raised":
            error = str(done_error.getvalue()).rstrip()
            raise CompletionRaised(code_of(error), error)
        return Ending(status)

    async def read_result(self, run: Run) -> str | None:
        """What the procedure gave back, as JSON text. None: nothing to give."""
        with converted_errors():
            return await read_result(run.cursor.connection, run.call, run.binds)

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
        timed_out: bool = False,
    ) -> Ending:
        """Roll back, and end the attempt with an error."""
        facts = {
            "error": bind_text(connection.cursor(), error),
            "error_code": error_code,
            "retryable": int(retryable),
            "timed_out": int(timed_out),
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
        self, connection: oracledb.AsyncConnection, claims: Sequence[Claim], *, metrics: str
    ) -> Beat:
        """Renew the leases of these claims, show the worker as alive, recover what others lost.

        Args:
            connection: not one that runs a job.
            claims: at most CLAIM_LIMIT.
            metrics: what the worker has counted, as JSON of at most METRICS_BYTES.
        """
        drain = connection.cursor().var(oracledb.DB_TYPE_VARCHAR, 1)
        identity = self._identity
        binds = {
            "worker": identity.id,
            "host": identity.host,
            "pid": identity.pid,
            "slots": identity.slots,
            "version": identity.version,
            "lease_seconds": self._lease_seconds,
            "metrics": bind_text(connection.cursor(), metrics, METRICS_BYTES),
            "drain": drain,
        }
        states = await self._states(connection, "heartbeat", claims, binds)
        return Beat(states, drain.getvalue() == "Y")

    async def leave(self, connection: oracledb.AsyncConnection) -> None:
        """Say that the worker has ended in order: it is no longer listed."""
        with converted_errors():
            await connection.cursor().execute(
                self._statements["leave"], {"worker": self._identity.id}
            )

    async def cancel_requests(
        self, connection: oracledb.AsyncConnection, claims: Sequence[Claim]
    ) -> list[str]:
        """As heartbeat, but only looks."""
        return await self._states(connection, "cancel_requests", claims, {})

    async def time_out(self, connection: oracledb.AsyncConnection, claim: Claim) -> str:
        """Mark an attempt as over its time limit, on another connection than that which runs it."""
        return (await self._end(connection, "time_out_job", claim, {})).status

    async def session_fingerprint(self, connection: oracledb.AsyncConnection) -> str | None:
        """What a run's fingerprint is compared with: the session's state right after the log-on.

        Raises:
            SchemaMismatch: the tables and packages are of another version than this worker.
        """
        cursor = connection.cursor()
        fingerprint = cursor.var(oracledb.DB_TYPE_VARCHAR, _FINGERPRINT_BYTES)
        version = cursor.var(int)
        with converted_errors():
            binds = {"fingerprint": fingerprint, "schema_version": version}
            await cursor.execute(self._statements["session_fingerprint"], binds)
        if version.getvalue() != SCHEMA_VERSION:
            raise SchemaMismatch(int(version.getvalue() or 0), SCHEMA_VERSION)
        value = fingerprint.getvalue()
        return str(value) if value is not None else None

    async def _end(
        self, connection: oracledb.AsyncConnection, name: str, claim: Claim, facts: dict[str, Any]
    ) -> Ending:
        cursor = connection.cursor()
        status = cursor.var(oracledb.DB_TYPE_VARCHAR, _STATUS_BYTES)
        binds = self._fence(claim) | facts | {"status": status}
        fingerprint = None
        if name == "fail_unstarted_job":
            fingerprint = cursor.var(oracledb.DB_TYPE_VARCHAR, _FINGERPRINT_BYTES)
            binds["fingerprint"] = fingerprint
        with converted_errors():
            if name == "complete_job":
                self._show(connection, None)
            await cursor.execute(self._statements[name], binds)
        return Ending(str(status.getvalue()), fingerprint.getvalue() if fingerprint else None)

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


def read_claim(
    job_id: str, attempt: float, procedure_name: str, params: str | None, options: str | None
) -> Claim:
    """A claim as it came. In the options, what is missing or no JSON has its default."""
    try:
        stored = parse_json(options) if options else {}
    except InvalidJson:
        stored = {}
    if not isinstance(stored, dict):
        stored = {}
    waited = stored.get("waited")
    return Claim(
        job_id=str(job_id),
        attempt=int(attempt),
        procedure_name=str(procedure_name),
        params=params,
        options=read_options(stored),
        waited_seconds=float(str(waited)) if waited else 0,
    )


def read_options(stored: dict[str, JsonValue]) -> Options:
    """The options of a claim, from their JSON object."""
    timeout = stored.get("timeout")
    schema = stored.get("schema")
    return Options(
        schema=str(schema) if schema else None,
        is_function=bool(stored.get("is_function")),
        timeout_seconds=float(str(timeout)) if timeout else None,
        fresh_session=bool(stored.get("fresh_session")),
        own_transaction=stored.get("transaction") == "own",
        list_answer=str(stored.get("list") or "free"),
        trace_id=_read_trace_id(stored.get("trace_context")),
    )


def _read_trace_id(trace_context: JsonValue) -> str | None:
    """From PL/SQL anything may come; what is no traceparent has none."""
    parts = trace_context.split("-") if isinstance(trace_context, str) else []
    return parts[1] if len(parts) > 3 and _TRACE_ID.fullmatch(parts[1]) else None
