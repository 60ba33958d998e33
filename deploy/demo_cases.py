"""What the demo submits, and what has to come of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

#: A value of JSON, as httpx gives it.
JobAnswer = dict[str, Any]

#: Given a job's last answer, says what is wrong with it; None: nothing.
Check = Callable[[JobAnswer], str | None]

#: Progress that OraQ sets by itself; any other value is the procedure's own.
STAGES = frozenset({0, 30, 50, 80, 100})


@dataclass(frozen=True, kw_only=True)
class Case:
    """One submission and its expectation."""

    #: The body of POST /procedure/async.
    body: dict[str, Any]
    #: completed or failed.
    status: str = "completed"
    check: Check
    #: Least number of different values of progress reported by the procedure itself.
    own_progress: int = 0
    #: What is special about it, for the table.
    title: str = ""
    #: Cancelled as soon as it runs.
    cancel: bool = False
    #: Sent twice under one key, which has to give one job.
    repeat: bool = False

    @property
    def name(self) -> str:
        return str(self.body["name"])


@dataclass
class Watched:
    """A submitted case and what has been seen of it."""

    case: Case
    id: str
    answer: JobAnswer = field(default_factory=dict)
    #: Every value of progress that was seen.
    progress: set[float] = field(default_factory=set)
    cancelled: bool = False
    #: The id that the same submission got a second time, if it was sent twice.
    second_id: str | None = None

    @property
    def status(self) -> str:
        return str(self.answer.get("status", "submitted"))

    @property
    def ended(self) -> bool:
        return self.answer.get("status") in ("completed", "failed")

    def complaint(self) -> str | None:
        """What is wrong; None: all as expected."""
        status = self.answer.get("status", "unknown")
        if status != self.case.status:
            shown = self.answer.get("error") or self.answer.get("result") or ""
            return f"{self.case.name}: {status} instead of {self.case.status} {shown}".rstrip()
        if self.second_id not in (None, self.id):
            return f"{self.case.name}: the same key gave two jobs"
        if complaint := self.case.check(self.answer):
            return f"{self.case.name}: {complaint}"
        own = self.progress - STAGES
        if len(own) < self.case.own_progress:
            return f"{self.case.name}: too little progress of its own was seen: {sorted(own)}"
        return None


def call(name: str, **params: object) -> dict[str, Any]:
    """A body with IN parameters."""
    return {
        "name": name,
        "params": [{"name": param, "value": value} for param, value in params.items()],
    }


def with_outs(body: dict[str, Any], **types: str) -> dict[str, Any]:
    """The same body with OUT parameters of these types."""
    outs = [{"name": name, "direction": "OUT", "type": kind} for name, kind in types.items()]
    return body | {"params": body["params"] + outs}


def gives(**result: object) -> Check:
    """The result has to be exactly this."""

    def check(answer: JobAnswer) -> str | None:
        found = answer.get("result")
        return None if found == result else f"result {found!r} instead of {result!r}"

    return check


def says(*texts: str) -> Check:
    """The error has to hold each of these."""

    def check(answer: JobAnswer) -> str | None:
        error = str(answer.get("error"))
        missing = [text for text in texts if text not in error]
        return f"{missing} not in the error {error!r}" if missing else None

    return check


def takes(attempts: int, check: Check) -> Check:
    """So many attempts it has to have taken, and the check has to hold."""

    def check_both(answer: JobAnswer) -> str | None:
        found = answer.get("attempt")
        return check(answer) if found == attempts else f"{found} attempts instead of {attempts}"

    return check_both


def lasts(seconds: float) -> Check:
    """The job has to have run at least so long."""

    def check(answer: JobAnswer) -> str | None:
        duration = str(answer.get("duration"))
        found = float(duration.removesuffix("s")) if duration.endswith("s") else -1
        return None if found >= seconds else f"ran {duration} instead of {seconds}s or more"

    return check


def _gives_items(count: int) -> Check:
    def check(answer: JobAnswer) -> str | None:
        rows: Any = (answer.get("result") or {}).get("p_cursor")
        wanted = [(number, f"Item {number}") for number in range(1, count + 1)]
        try:
            found = [(row["ID"], row["NOMBRE"]) for row in rows]
            dated = all(row["FECHA"] for row in rows)
        except (TypeError, KeyError, IndexError):
            return f"no rows with ID, NOMBRE, FECHA: {rows!r}"
        return None if found == wanted and dated else f"rows {rows!r}"

    return check


#: It is submitted first, and its worker is killed in the middle of it.
CRASH = Case(
    title="its worker is killed",
    body=call("PROC_TEST_DEMORA", segundos=3),
    check=takes(2, lasts(3)),
)

CASES = (
    Case(
        body=with_outs(call("PROC_TEST", p_input="hola ñandú"), p_output="STRING"),
        check=gives(p_output="Procesado: hola ñandú"),
    ),
    Case(body=call("PROC_TEST_DEMORA", segundos=2), check=lasts(2)),
    Case(
        body=with_outs(
            call("PROC_TEST_PARAMS", p_number=42, p_varchar="texto", p_date="2026-02-28"),
            p_result="STRING",
        ),
        check=gives(p_result="Number: 42, String: texto, Date: 28/02/2026"),
    ),
    Case(
        body={
            "name": "PROC_TEST_CURSOR",
            "params": [
                {"name": "p_limit", "value": 3},
                {"name": "p_cursor", "direction": "OUT"},
            ],
        },
        check=_gives_items(3),
    ),
    Case(
        body=call("PROC_TEST_ERROR", p_should_fail=1),
        status="failed",
        check=says("ORA-20001", "Error intencional de prueba"),
    ),
    Case(
        body=with_outs(call("PROC_TEST_DML", p_table_name="demo"), p_rows_created="NUMBER"),
        check=gives(p_rows_created=100),
    ),
    Case(body=call("PROC_QUE_NO_EXISTE"), status="failed", check=says("PLS-00201")),
    Case(
        body=call("PROC_TEST", p_input="hola", p_sobra=1),
        status="failed",
        check=says("PLS-00306"),
    ),
    Case(
        title="cancelled while it runs",
        body=call("PROC_TEST_DEMORA", segundos=60),
        status="failed",
        check=says("The job was cancelled."),
        cancel=True,
    ),
    Case(
        title="called again after an error",
        body=call("PROC_TEST_ERROR", p_should_fail=1) | {"max_attempts": 2, "backoff": 0.5},
        status="failed",
        check=takes(2, says("ORA-20001")),
    ),
    Case(
        title="sent twice under one key",
        body=with_outs(call("PROC_TEST", p_input="una vez"), p_output="STRING"),
        check=gives(p_output="Procesado: una vez"),
        repeat=True,
    ),
    Case(
        title="not before 2 seconds",
        body=call("PROC_TEST_DEMORA", segundos=0) | {"delay": 2, "priority": 1},
        check=lasts(0),
    ),
    Case(body=call("PROC_TEST_PROGRESS", p_seconds=5), check=lasts(5), own_progress=3),
)

#: How many small jobs are submitted at once.
BURST = 200


def burst_case(number: int) -> Case:
    """One of the many: each has a result of its own."""
    return Case(
        body=with_outs(call("PROC_TEST", p_input=f"ráfaga {number}"), p_output="STRING"),
        check=gives(p_output=f"Procesado: ráfaga {number}"),
    )
