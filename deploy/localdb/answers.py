"""Runs a statement that calls PL/SQL functions for its rows: asks them what PostgreSQL cannot know.

PostgreSQL runs the statement; what a function gives it looks up among the answers so far. For what is
missing it asks by notices and goes on with NULL (`dialect/functions.sql`). Then this round does not
count: its changes are undone, the functions are called in the session's PL/SQL, and the statement runs
again. A round in which nothing was asked is the true one, whatever others have changed in between.

An error of a function ends the statement only where the true round meets it.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from deploy.localdb.connection import PreparedStatement
from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.postgres.codec import TIMESTAMP, encode_row
from deploy.localdb.postgres.wire import ServerError
from deploy.localdb.statement import Answers, Kind
from deploy.localdb.values import TypeName, Value

if TYPE_CHECKING:
    from deploy.localdb.host import SessionHost

T = TypeVar("T")

#: Different arguments of one run of a statement; what they give is held in memory.
MOST_ANSWERS = 100_000
MOST_ROUNDS = 100
#: An error of a function, by its number; see `dialect/functions.sql`.
_FAILED = "ORAFE"
#: A break, a lost connection, a lock: they end the statement in any round.
_ENDING = frozenset({28, 54, 60, 600, 1012, 1013, 3113, 3114, 30006})

#: Savepoints: before the statement, and before each round. Statements in functions have their own.
_STATEMENT, _ROUND = "localdb$statement", "localdb$round"

_run_numbers = itertools.count(1)


class Rounds:
    """One run of a statement; `run` does it."""

    def __init__(self, host: SessionHost, statement: PreparedStatement) -> None:
        self._host = host
        self._connection = host.connection
        self._began = not self._connection.in_transaction
        self._statement = statement
        self._number = next(_run_numbers)
        self._depth = host.call_depth
        self._answers: dict[str, str] = {}
        self._errors: list[OraError] = []

    def run(self, values: Sequence[Value], attempt: Callable[[list[Value]], T]) -> T:
        """Run the statement until all is answered.

        Args:
            values: of its inputs; that of `Answers` is put in.
            attempt: runs it once.

        Raises:
            OraError: that of the statement, or of a function that it calls.
        """
        self._save(_STATEMENT)
        try:
            return self._rounds(values, attempt)
        except OraError:
            # Also what the functions have done.
            if self._changes and self._began:
                self._host.run_cleanup(self._connection.rollback())
            self._undo(_STATEMENT)
            raise

    def _rounds(self, values: Sequence[Value], attempt: Callable[[list[Value]], T]) -> T:
        place = self._statement.inputs.index(Answers())
        inputs = list(values)
        for round_number in range(MOST_ROUNDS):
            self._answers["round"] = f"{self._number}.{round_number}"
            inputs[place] = json.dumps(self._answers, ensure_ascii=False)
            self._connection.take_questions()
            done: T | None = None
            failure: OraError | None = None
            self._save(_ROUND)
            try:
                done = attempt(inputs)
            except OraError as error:
                failure = error
            questions = self._connection.take_questions()
            if failure is not None and (not questions or failure.code in _ENDING):
                raise self._error_of(failure)
            if not questions:
                return done  # type: ignore[return-value]  # it has not failed
            self._undo(_ROUND)
            self._answer(questions)
        raise Unsupported(f"PL/SQL functions over columns in more than {MOST_ROUNDS} rounds")

    def _error_of(self, failure: OraError) -> OraError:
        cause = failure.__cause__
        if isinstance(cause, ServerError) and cause.sqlstate == _FAILED:
            return self._errors[int(cause.message)]
        return failure

    @property
    def _changes(self) -> bool:
        return self._statement.kind is Kind.DML

    def _save(self, name: str) -> None:
        if self._changes:
            self._host.run_cleanup(self._connection.savepoint(f"{name}{self._depth}"))

    def _undo(self, name: str) -> None:
        if self._changes and self._connection.in_transaction:
            self._host.run_cleanup(self._connection.rollback_to(f"{name}{self._depth}"))

    def _answer(self, questions: Sequence[dict[str, str]]) -> None:
        """Call the functions, in the order of the questions, up to the first that fails."""
        for question in questions:
            self._host.turn()
            key = question["M"]
            if key in self._answers:
                continue
            if len(self._answers) > MOST_ANSWERS:
                raise Unsupported(
                    f"PL/SQL functions over columns with more than {MOST_ANSWERS} different arguments"
                )
            call = self._statement.translation.calls[int(question["H"]) - 1]
            arguments = [
                self._connection.decode(text, type_) if text else None
                for text, type_ in zip(json.loads(question["D"]), call.types, strict=True)
            ]
            try:
                value = self._host.call_for_row(self._statement.kind, call, arguments)
            except OraError as error:
                if error.code in _ENDING:
                    raise
                self._answers[key] = f"e{len(self._errors)}"
                self._errors.append(error)
                return
            is_local = call.result.name is TypeName.TIMESTAMP_LTZ
            (data,) = encode_row([value], [TIMESTAMP if is_local else 0])
            self._answers[key] = "n" if data is None else f"v{data.decode()}"
