"""CURSOR(query) in a select list: a statement of its own for each row.

It is written apart. What it takes from the row around it, and from binds and PL/SQL, the outer query
delivers in columns behind its own, which nobody else sees; these are the inputs of the inner one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from deploy.localdb.dialect.naming import position_of
from deploy.localdb.dialect.scopes import Delivered, Level, Source
from deploy.localdb.dialect.syntax import Bind
from deploy.localdb.dialect.translation import Nested
from deploy.localdb.dialect.writer import Writer
from deploy.localdb.errors import OraError
from deploy.localdb.statement import Placeholder
from deploy.localdb.values import SqlType

_DELIVERED = "localdb$outer"
_NOT_WITH = ("distinct", "group", "having")


def is_nested(node: exp.Expr) -> bool:
    """Whether a value is CURSOR(query)."""
    return (
        isinstance(node, exp.Anonymous)
        and node.name.upper() == "CURSOR"
        and len(node.expressions) == 1
        and isinstance(node.expressions[0], (exp.Query, exp.Subquery))
    )


@dataclass
class NestedWriter(Writer):
    """Writes the inner query; what is not its own is asked of the one around."""

    around: Writer | None = None
    delivered: Delivered = field(default_factory=Delivered)

    def outer(self, text: str, type_: SqlType | None) -> str:
        number = self.delivered.columns.setdefault(text, len(self.delivered.columns))
        wanted = Placeholder(number, _DELIVERED)
        if wanted in self.inputs:
            return self._input(self.inputs.index(wanted), type_)
        return self._new_input(wanted, type_)

    def write_bind(self, bind: Bind) -> str:
        assert self.around is not None
        return self.outer(self.around.write_bind(bind), self.type_of_bind(bind))

    def write_expression(self, text: str, type_: SqlType | None) -> str:
        assert self.around is not None
        return self.outer(self.around.write_expression(text, type_), type_)


class _OuterColumns(Mapping[str, str]):
    """How the columns of a source around are written inside: as inputs."""

    def __init__(self, w: NestedWriter, level: Level, source: Source) -> None:
        self._w, self._level, self._source = w, level, source

    def __getitem__(self, name: str) -> str:
        if name not in self._source.columns:
            raise KeyError(name)
        return self._w.outer(self._level.write(self._source, name), self._source.columns[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._source.columns)

    def __len__(self) -> int:
        return len(self._source.columns)


def write_nested(
    w: Writer, node: exp.Anonymous, select: exp.Select, place: int, delivered: Delivered
) -> None:
    """Translate CURSOR(query), which stands in the select list of the outermost query.

    Args:
        w: inside the level of that query.
        node: the call.
        select: the query.
        place: number of the column.
        delivered: gets what is to be delivered.

    Raises:
        OraError: 22902 where there can be none.
    """
    level = w.level
    if level is None or any(select.args.get(part) is not None for part in _NOT_WITH):
        raise OraError(22902, "CURSOR expression not allowed", position=position_of(node))
    inner = NestedWriter(
        w.syntax,
        w.catalog,
        w.schema,
        w.bind_types,
        w.scope,
        w.access,
        asked=w.asked,
        uses=w.uses,
        around=w,
        delivered=delivered,
    )
    inner.level = _around(inner, level)
    query = inner.write_query(node.expressions[0], top=True)
    delivered.nested.append(
        Nested(
            place,
            query.text,
            tuple(inner.inputs),
            tuple(inner.types),
            tuple(name for name, _ in query.columns),
            query.described,
            query.nested,
            query.delivered,
        )
    )


def _around(inner: NestedWriter, level: Level) -> Level | None:
    """The levels around, with columns that are inputs inside."""
    found: Level | None = None
    for outer in reversed(list(level.outward())):
        copy = Level(found, common=outer.common)
        copy.sources = [
            Source(
                source.name,
                source.columns,
                source.relation,
                source.owner,
                _OuterColumns(inner, outer, source),
            )
            for source in outer.sources
        ]
        found = copy
    return found
