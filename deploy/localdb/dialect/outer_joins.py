"""Oracle's own outer joins, `a.x = b.y (+)`, as LEFT JOIN."""

from __future__ import annotations

from sqlglot import exp

from deploy.localdb.dialect.columns import find_column, names_of
from deploy.localdb.dialect.scopes import Level, Source
from deploy.localdb.dialect.writer import Writer
from deploy.localdb.errors import OraError


def has_marks(condition: exp.Expr) -> bool:
    return any(column.args.get("join_mark") for column in condition.find_all(exp.Column))


def convert_marks(
    w: Writer, level: Level, sources: list[tuple[Source, str]], condition: exp.Expr
) -> tuple[str, exp.Expr | None]:
    """The FROM clause with its joins, and the condition that stays in WHERE.

    Raises:
        OraError: 1416 where tables are joined to each other, 1468 for two marked tables at once.
    """
    conditions: dict[Source, list[exp.Expr]] = {}
    needs: dict[Source, set[Source]] = {}
    rest: exp.Expr | None = None
    for part in _conjuncts(condition):
        marked = _sources_of(w, level, part, marked=True)
        if not marked:
            rest = part if rest is None else exp.And(this=rest, expression=part)
            continue
        if len(marked) > 1:
            raise OraError(1468, "a predicate may reference only one outer-joined table")
        if isinstance(part, (exp.Or, exp.In)):
            raise OraError(1719, "outer join operator (+) not allowed in operand of OR or IN")
        optional = marked.pop()
        conditions.setdefault(optional, []).append(part)
        others = _sources_of(w, level, part, marked=False) - {optional}
        needs.setdefault(optional, set()).update(others)
    text = ", ".join(text for source, text in sources if source not in conditions)
    if ", " in text:
        # A comma binds looser than JOIN, whose condition has to see them all.
        text = " cross join ".join(text for source, text in sources if source not in conditions)
    placed = {source for source, _ in sources if source not in conditions}
    waiting = [(source, text) for source, text in sources if source in conditions]
    while waiting:
        ready = next(((s, t) for s, t in waiting if needs[s] <= placed), None)
        if ready is None or not text:
            raise OraError(1416, "two tables cannot be outer-joined to each other")
        waiting.remove(ready)
        source, source_text = ready
        on = " and ".join(w.write(part) for part in conditions[source])
        text += f" left join {source_text} on {on}"
        placed.add(source)
    return text, rest


def _conjuncts(condition: exp.Expr) -> list[exp.Expr]:
    if isinstance(condition, exp.And):
        return [*_conjuncts(condition.this), *_conjuncts(condition.expression)]
    if isinstance(condition, exp.Paren):
        return _conjuncts(condition.this) if isinstance(condition.this, exp.And) else [condition]
    return [condition]


def _sources_of(w: Writer, level: Level, part: exp.Expr, *, marked: bool) -> set[Source]:
    found = set()
    for column in part.find_all(exp.Column):
        if marked and not column.args.get("join_mark"):
            continue
        place = find_column(w, names_of(column))
        if place is not None and place.level is level and place.source is not None:
            found.add(place.source)
    return found
