"""What the demo submits, and what has to come of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

#: A value of JSON, as httpx gives it.
JobAnswer = dict[str, Any]

#: Progress that OraQ sets by itself; any other value is the procedure's own.
STAGES = frozenset({0, 30, 50, 80, 100})


@dataclass(frozen=True, kw_only=True)
class Case:
    """One submission and its expectation."""

    #: The body of POST /procedure/async.
    body: dict[str, Any]
    #: completed or failed.
    status: str = "completed"
    #: Given the job's last answer, says what is wrong with it; None: nothing.
    check: Callable[[JobAnswer], str | None]
    #: Least number of different values of progress reported by the procedure itself.
    own_progress: int = 0

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

    @property
    def ended(self) -> bool:
        return self.answer.get("status") in ("completed", "failed")

    def complaint(self) -> str | None:
        """What is wrong; None: all as expected."""
        status = self.answer.get("status", "unknown")
        if status != self.case.status:
            shown = self.answer.get("error") or self.answer.get("result") or ""
            return f"{self.case.name}: {status} instead of {self.case.status} {shown}".rstrip()
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


def gives(**result: object) -> Callable[[JobAnswer], str | None]:
    """The result has to be exactly this."""

    def check(answer: JobAnswer) -> str | None:
        found = answer.get("result")
        return None if found == result else f"result {found!r} instead of {result!r}"

    return check


def says(*texts: str) -> Callable[[JobAnswer], str | None]:
    """The error has to hold each of these."""

    def check(answer: JobAnswer) -> str | None:
        error = str(answer.get("error"))
        missing = [text for text in texts if text not in error]
        return f"{missing} not in the error {error!r}" if missing else None

    return check


def lasts(seconds: float) -> Callable[[JobAnswer], str | None]:
    """The job has to have run at least so long."""

    def check(answer: JobAnswer) -> str | None:
        duration = str(answer.get("duration"))
        found = float(duration.removesuffix("s")) if duration.endswith("s") else -1
        return None if found >= seconds else f"ran {duration} instead of {seconds}s or more"

    return check


def _gives_items(count: int) -> Callable[[JobAnswer], str | None]:
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
