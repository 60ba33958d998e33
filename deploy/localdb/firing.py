"""A statement that fires triggers: its rows one by one, between the PL/SQL of their triggers.

The order is Oracle's: the triggers of the statement before it; for each row those before it, the
change with its constraints, those after it; the triggers of the statement after it. An error undoes
the whole statement.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from deploy.localdb.dialect import row_changes
from deploy.localdb.dialect.catalog import RelationKind, TableColumn
from deploy.localdb.dialect.translation import Triggered, Use
from deploy.localdb.dialect.types import TEXTUAL
from deploy.localdb.errors import OraError
from deploy.localdb.plsql.compile_triggers import Firing
from deploy.localdb.plsql.compiled import CompiledUnit
from deploy.localdb.statement import Outcome
from deploy.localdb.values import TypeName, Value

if TYPE_CHECKING:
    from deploy.localdb.connection import PreparedStatement
    from deploy.localdb.host import SessionHost

#: Statements inside one another that fire triggers.
_MOST_LEVELS = 50
_ROWS_AT_ONCE = 500
_PADDED = frozenset({TypeName.CHAR, TypeName.NCHAR})


@dataclass
class Firings:
    """What a transaction's triggers are at.

    Attributes:
        levels: of statements that fire triggers, inside one another.
        mutating: owner and name of the tables that row triggers may neither read nor change.
    """

    levels: int = 0
    mutating: list[tuple[str, str]] = field(default_factory=list)

    def see(self, uses: Sequence[Use]) -> None:
        """A statement is about to run.

        Raises:
            OraError: 4091, it reads or changes a table that is mutating.
        """
        for use in uses:
            if (use.owner, use.name) in self.mutating:
                raise OraError(
                    4091,
                    f"table {use.owner}.{use.name} is mutating, trigger/function may not see it",
                )

    def refuse_control(self, verb: str) -> None:
        """See that no trigger runs.

        Raises:
            OraError: 4092.
        """
        if self.levels:
            raise OraError(4092, f"cannot {verb} in a trigger")


class Change:
    """One execution of a statement that fires triggers."""

    def __init__(
        self, host: SessionHost, statement: PreparedStatement, values: Sequence[Value]
    ) -> None:
        plan = statement.translation.triggered
        assert plan is not None
        self._host = host
        self._statement = statement
        self._plan: Triggered = plan
        self._firings = host.transaction.firings
        first = len(values) - plan.returning_inputs
        self._values, self._returning = values[:first], values[first:]
        columns = plan.relation.columns
        self._columns: Sequence[TableColumn] = columns
        self._event = statement.verb
        self._set = frozenset(columns[place].name for place in plan.assigned)
        self._triggers = {
            (trigger.timing, trigger.each_row): self._of(trigger.timing, trigger.each_row)
            for trigger in plan.triggers
        }

    def _of(self, timing: str, each_row: bool) -> list[CompiledUnit]:
        return [
            self._host.ready_trigger(trigger.owner, trigger.name)
            for trigger in self._plan.triggers
            if (trigger.timing, trigger.each_row) == (timing, each_row)
        ]

    def run(self) -> Outcome:
        """Do it.

        Raises:
            OraError: of a trigger or of a row; nothing was done.
        """
        firings = self._firings
        if firings.levels >= _MOST_LEVELS:
            raise OraError(36, f"maximum number of recursive SQL levels ({_MOST_LEVELS}) exceeded")
        with self._host.undone_on_error(f"localdb$change{firings.levels}"):
            firings.levels += 1
            try:
                return self._run()
            finally:
                firings.levels -= 1

    def _run(self) -> Outcome:
        self._fire("BEFORE", Firing(self._event, self._set), each_row=False)
        rows: list[tuple[Value, ...]] = []
        count = 0
        for row in self._rows():
            returned = self._change(row)
            if returned is not None:
                count += 1
                rows += returned
        self._fire("AFTER", Firing(self._event, self._set), each_row=False)
        return Outcome(row_count=count, rows=rows if self._plan.returning else ())

    def _rows(self) -> list[tuple[Value, ...]]:
        """The rows that there are before the first is changed."""
        source = self._statement.source
        assert source is not None
        cursor = self._host.open(source, self._values)
        try:
            rows: list[tuple[Value, ...]] = []
            while True:
                found = cursor.fetch(_ROWS_AT_ONCE)
                rows += found
                if len(found) < _ROWS_AT_ONCE:
                    return rows
        finally:
            cursor.close()

    def _change(self, row: Sequence[Value]) -> Sequence[tuple[Value, ...]] | None:
        """Change a row; what it returns, None: it was not there any more."""
        width = len(self._columns)
        place, old, new = None, None, None
        match self._event:
            case "INSERT":
                new = [self._checked(n, value) for n, value in enumerate(row)]
            case "UPDATE":
                place, old, new = row[0], list(row[1 : width + 1]), list(row[1 : width + 1])
                for number, value in zip(self._plan.assigned, row[width + 1 :], strict=True):
                    new[number] = self._checked(number, value)
            case _:
                place, old = row[0], list(row[1 : width + 1])
        firing = Firing(self._event, self._set, old, new)
        if self._plan.relation.kind is RelationKind.VIEW:
            self._fire("INSTEAD OF", firing, each_row=True)
            return []
        self._fire("BEFORE", firing, each_row=True)
        returned = self._change_row(place, old, new)
        if returned is not None:
            self._fire("AFTER", firing, each_row=True)
        return returned

    def _change_row(
        self, place: Value, old: list[Value] | None, new: list[Value] | None
    ) -> Sequence[tuple[Value, ...]] | None:
        plan, native, first = self._plan, self._host.native, self._returning
        match self._event:
            case "INSERT":
                assert new is not None
                values = [
                    value
                    for value, column in zip(new, self._columns, strict=True)
                    if not column.virtual
                ]
                return native(row_changes.insert_row(plan), *first, *values)
            case "UPDATE":
                assert old is not None
                assert new is not None
                places = [
                    number
                    for number in range(len(new))
                    if number in plan.assigned or new[number] is not old[number]
                ]
                changed = [new[number] for number in places]
                return native(row_changes.update_row(plan, places), *first, place, *changed) or None
            case _:
                return native(row_changes.delete_row(plan), *first, place) or None

    def _checked(self, number: int, value: Value) -> Value:
        """A value as it will be in the column.

        Raises:
            OraError: 12899, it is too long.
        """
        column = self._columns[number]
        type_ = column.type
        if type_.size is None or not isinstance(value, str | bytes):
            return value
        if type_.name not in TEXTUAL and type_.name is not TypeName.RAW:
            return value
        if isinstance(value, str) and type_.name in _PADDED:
            value = value.rstrip(" ")
        in_characters = column.in_characters or type_.name in (TypeName.NVARCHAR2, TypeName.NCHAR)
        counts_bytes = isinstance(value, str) and not in_characters
        length = len(value.encode()) if isinstance(value, str) and counts_bytes else len(value)
        if isinstance(value, str) and type_.name in _PADDED and length < type_.size:
            value += " " * (type_.size - length)
        if length > type_.size:
            relation = self._plan.relation
            raise OraError(
                12899,
                f'value too large for column "{relation.owner}"."{relation.name}"."{column.name}"'
                f" (actual: {length}, maximum: {type_.size})",
            )
        return value

    def _fire(self, timing: str, firing: Firing, *, each_row: bool) -> None:
        triggers = self._triggers.get((timing, each_row))
        if not triggers:
            return
        with self._mutating(each_row=each_row, timing=timing):
            for trigger in triggers:
                self._host.interpreter.run_trigger(trigger, firing)

    @contextmanager
    def _mutating(self, *, each_row: bool, timing: str) -> Iterator[None]:
        """While row triggers run nobody may see the table, but before the row of an INSERT ... VALUES."""
        mutating = self._firings.mutating
        sees = not each_row or timing == "INSTEAD OF"
        if sees or (timing == "BEFORE" and self._plan.is_single):
            yield
            return
        mutating.append((self._plan.relation.owner, self._plan.relation.name))
        try:
            yield
        finally:
            mutating.pop()
