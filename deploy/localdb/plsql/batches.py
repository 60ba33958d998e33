"""Finds statements of SQL that can go to the database together.

DML without INTO gives nothing that the next statement of the list needs: a row of them, with a COMMIT
behind, is one round trip.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from deploy.localdb.plsql.syntax import (
    IfStatement,
    SqlStatement,
    Statement,
    TransactionControl,
)

_CHANGES = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE"})
#: Statements that are sent together.
_MOST = 50


@dataclass(eq=False, slots=True)
class Batch:
    """Statements that are sent together; at least two, the COMMIT counted."""

    changes: list[SqlStatement]
    commit: TransactionControl | None
    at: int


def gather(statements: Sequence[Statement]) -> Iterator[Statement | Batch]:
    """The statements of a list, with batches where there can be."""
    waiting: list[SqlStatement] = []
    for statement in _with_commits_inside(statements):
        if isinstance(statement, SqlStatement) and _is_change(statement):
            if len(waiting) == _MOST:
                yield from _together(waiting, None)
                waiting = []
            waiting.append(statement)
        elif waiting and _is_commit(statement):
            yield from _together(waiting, statement)
            waiting = []
        else:
            yield from _together(waiting, None)
            waiting = []
            yield statement
    yield from _together(waiting, None)


def _together(changes: list[SqlStatement], commit: Statement | None) -> Iterator[Statement | Batch]:
    if isinstance(commit, TransactionControl):
        yield Batch(changes, commit, changes[0].at)
    elif len(changes) > 1:
        yield Batch(changes, None, changes[0].at)
    else:
        yield from changes


def _with_commits_inside(statements: Sequence[Statement]) -> list[Statement]:
    """`if c then update ..; end if; commit;` is `if c then update ..; commit; else commit; end if;`."""
    found: list[Statement] = []
    for statement in statements:
        last = found[-1] if found else None
        if isinstance(last, IfStatement) and _is_commit(statement) and _ends_with_change(last):
            found[-1] = IfStatement(
                [(condition, [*body, statement]) for condition, body in last.branches],
                [*(last.otherwise or ()), statement],
                last.at,
            )
        else:
            found.append(statement)
    return found


def _ends_with_change(node: IfStatement) -> bool:
    bodies = [body for _, body in node.branches]
    if node.otherwise is not None:
        bodies.append(node.otherwise)
    for body in bodies:
        last = body[-1] if body else None
        if isinstance(last, SqlStatement) and _is_change(last):
            return True
        if isinstance(last, IfStatement) and _ends_with_change(last):
            return True
    return False


def _is_change(node: SqlStatement) -> bool:
    return node.sql.verb in _CHANGES and not node.sql.into


def _is_commit(node: Statement) -> bool:
    return isinstance(node, TransactionControl) and node.verb == "COMMIT"
