"""DML that fires triggers, taken apart: the query of its rows, and what changes a single one.

PL/SQL runs the triggers, and PostgreSQL cannot call it; so the rows are asked for first, and each is
changed by a statement of its own between its triggers. See `translation.Triggered`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from deploy.localdb.dialect.catalog import Relation, RelationKind, TableColumn, Trigger
from deploy.localdb.dialect.naming import qualified, quote
from deploy.localdb.dialect.translation import Triggered
from deploy.localdb.dialect.types import BIND_CASTS, TEXTUAL, postgres_type
from deploy.localdb.errors import Unsupported
from deploy.localdb.values import TypeName

_GIVEN = '"localdb$given"'


def firing(relation: Relation, event: str, columns: Collection[str] = ()) -> tuple[Trigger, ...]:
    """The triggers that a statement fires: of a view, only those that stand for the statement."""
    return tuple(t for t in relation.triggers if t.fires(event, columns))


def refuse_triggers(relation: Relation, events: Collection[str], what: str) -> None:
    """Refuse a statement that cannot be taken apart, where triggers would fire.

    Raises:
        Unsupported: they would.
    """
    for trigger in relation.triggers:
        if trigger.enabled and not trigger.events.isdisjoint(events):
            raise Unsupported(f"{what} a table with triggers")


# ---- the query of the rows ----


def as_column(text: str, column: TableColumn) -> str:
    """A value as the column takes it. Of CHAR: unpadded, lest it be cut off silently."""
    if column.type.name in (TypeName.CHAR, TypeName.NCHAR):
        return f"({text})::text"
    return f"({text})::{postgres_type(column.type)}"


def value_or_default(text: str, column: TableColumn) -> str:
    return as_column((column.default or "null") if text == "default" else text, column)


def values_query(
    relation: Relation, columns: Sequence[TableColumn], rows: Sequence[Sequence[str]]
) -> str:
    """The rows of INSERT ... VALUES, all columns of each."""
    return " union all ".join(f"select {_inserted(relation, columns, texts)}" for texts in rows)


def given_query(relation: Relation, columns: Sequence[TableColumn], query: str) -> str:
    """The rows of INSERT ... SELECT, all columns of each."""
    names = [f"c{number}" for number in range(len(columns))]
    texts = [
        f"coalesce({name}, {column.default})" if column.on_null and column.default else name
        for name, column in zip(names, columns, strict=True)
    ]
    return (
        f"select {_inserted(relation, columns, texts)} from ({query}) {_GIVEN} ({', '.join(names)})"
    )


def _inserted(relation: Relation, columns: Sequence[TableColumn], texts: Sequence[str]) -> str:
    given = {column.name: text for column, text in zip(columns, texts, strict=True)}
    return ", ".join(
        "null" if column.virtual else value_or_default(given.get(column.name, "default"), column)
        for column in relation.columns
    )


def found_query(relation: Relation, reference: str, new: Sequence[str], tail: str) -> str:
    """The rows that UPDATE or DELETE finds: where they are, their old values, new ones.

    Args:
        relation: what is changed.
        reference: how the statement calls it.
        new: the values of the columns that are set.
        tail: further sources, and the condition.
    """
    is_view = relation.kind is RelationKind.VIEW
    place = "null::text" if is_view else f"{reference}.ctid::text"
    old = [f"{reference}.{quote(column.name)}" for column in relation.columns]
    lock = "" if is_view else f" for update of {reference}"
    table = f"{qualified(relation.owner, relation.name)} as {reference}"
    return f"select {', '.join([place, *old, *new])} from {table}{tail}{lock}"


# ---- a single row ----


def insert_row(plan: Triggered) -> str:
    """Inserts a row; its parameters behind those of RETURNING: the columns that are not virtual."""
    columns = [column for column in plan.relation.columns if not column.virtual]
    values = [
        _parameter(plan.returning_inputs + number, column)
        for number, column in enumerate(columns, 1)
    ]
    listed = ", ".join(quote(column.name) for column in columns)
    return f"insert into {_target(plan)} ({listed}) values ({', '.join(values)}){plan.returning}"


def update_row(plan: Triggered, places: Sequence[int]) -> str:
    """Updates a row; its parameters behind those of RETURNING: its place, and the columns'."""
    first = plan.returning_inputs + 1
    items = [
        f"{quote(plan.relation.columns[place].name)} ="
        f" {_parameter(first + number, plan.relation.columns[place])}"
        for number, place in enumerate(places, 1)
    ]
    return f"update {_target(plan)} set {', '.join(items)}{_where(plan)}"


def delete_row(plan: Triggered) -> str:
    """Deletes a row; its parameter behind those of RETURNING: its place."""
    return f"delete from {_target(plan)}{_where(plan)}"


def returning_query(plan: Triggered) -> str:
    """A query whose columns are those of RETURNING."""
    return f"select {plan.returning.removeprefix(' returning ')} from {_target(plan)}"


def _target(plan: Triggered) -> str:
    return f"{qualified(plan.relation.owner, plan.relation.name)} as {plan.reference}"


def _where(plan: Triggered) -> str:
    place = f"${plan.returning_inputs + 1}::text::tid"
    return f" where {plan.reference}.ctid = {place}{plan.returning or ' returning 1'}"


def _parameter(number: int, column: TableColumn) -> str:
    if column.type.name in TEXTUAL:
        return f"${number}::text"
    cast = BIND_CASTS.get(column.type.name)
    return f"${number}::{cast}" if cast else f"${number}"
