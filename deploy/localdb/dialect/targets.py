"""What a statement changes: a table or view, or one through an inline view: `update (select ...) set`.

Source: SQL Language Reference 19c, UPDATE and DELETE, "DML Table Expression Clause"; CREATE VIEW, "Notes
on Updatable Views".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from deploy.localdb.dialect.aggregates import is_aggregate
from deploy.localdb.dialect.catalog import Relation, TableColumn
from deploy.localdb.dialect.columns import names_of
from deploy.localdb.dialect.inference import infer
from deploy.localdb.dialect.naming import heading, name_of, position_of, qualified
from deploy.localdb.dialect.row_limits import outside_subqueries
from deploy.localdb.dialect.scopes import Level, Source
from deploy.localdb.dialect.writer import Writer
from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.values import SqlType

#: Parts of an inline view behind which its rows are no rows of the table.
_GATHERING = ("distinct", "group", "having", "connect", "limit", "offset")
_NO_ROWS = 1732, "data manipulation operation not legal on this view"


@dataclass
class Target:
    """The relation, and how the statement sees it.

    Attributes:
        columns: what a name means that gets a value; None: an expression.
        conditions: of the inline view, written.
    """

    relation: Relation
    source: Source
    columns: Mapping[str, TableColumn | None]
    conditions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return f"{qualified(self.relation.owner, self.relation.name)} as {self.source.reference}"

    def column(self, name: str, position: int | None) -> TableColumn:
        """The column that gets a value.

        Raises:
            OraError: 904 where there is none, 1733 where it is an expression.
        """
        if name not in self.columns:
            raise OraError(904, f'"{name}": invalid identifier', position=position)
        found = self.columns[name]
        if found is None:
            raise OraError(1733, "virtual column not allowed here", position=position)
        return find_column_of(self.relation, found.name, position)


def find_target(w: Writer, table: exp.Expr, privilege: str) -> tuple[Relation, Source]:
    if not isinstance(table, exp.Table) or not isinstance(table.this, exp.Identifier):
        raise Unsupported("a change through a subquery", position=position_of(table))
    for part in ("joins", "version", "sample", "partition", "pivots"):
        if table.args.get(part):
            raise Unsupported(f"{part.upper()} in a table to change", position=position_of(table))
    owner = name_of(table.args["db"]) if table.args.get("db") is not None else None
    relation = w.find_relation(owner, name_of(table.this))
    if relation is None:
        raise OraError(942, "table or view does not exist", position=position_of(table))
    w.use(relation, privilege, position_of(table))
    if relation.text is not None:
        raise Unsupported(
            "changes through a view that calls PL/SQL functions", position=position_of(table)
        )
    if relation.read_only:
        raise OraError(
            42399,
            "cannot perform a DML operation on a read-only view",
            position=position_of(table),
        )
    alias = table.args.get("alias")
    name = name_of(alias.this) if alias is not None else relation.name
    if alias is None:
        name = name_of(table.this)
    columns = {column.name: column.type for column in relation.columns}
    return relation, Source(name, columns, relation, owner=None if alias else relation.owner)


def find_column_of(relation: Relation, name: str, position: int | None) -> TableColumn:
    column = relation.by_name.get(name)
    if column is None:
        raise OraError(904, f'"{name}": invalid identifier', position=position)
    if column.virtual:
        raise OraError(54013, "INSERT operation disallowed on virtual columns", position=position)
    return column


def find_changed(w: Writer, table: exp.Expr, privilege: str) -> Target:
    """What UPDATE or DELETE changes.

    Raises:
        OraError: 1732 where the rows of an inline view are none of the table.
        Unsupported: it is more than a query of one table.
    """
    if not isinstance(table, exp.Subquery):
        relation, source = find_target(w, table, privilege)
        return Target(relation, source, relation.by_name)
    select = table.this
    position = position_of(table)
    if isinstance(select, exp.SetOperation):
        raise OraError(*_NO_ROWS, position=position)
    if not isinstance(select, exp.Select) or select.args.get("with_"):
        raise Unsupported("a change through such a subquery", position=position)
    if any(select.args.get(part) is not None for part in _GATHERING):
        raise OraError(*_NO_ROWS, position=position)
    if any(select.args.get(part) for part in ("joins", "laterals", "options", "locks")):
        raise Unsupported("a change through a join", position=position)
    if select.args.get("from_") is None:
        raise OraError(923, "FROM keyword not found where expected", position=position)
    inner = find_changed(w, select.args["from_"].this, privilege)
    w.use(inner.relation, "READ", position)
    return _seen_through(w, inner, select, table)


def _seen_through(w: Writer, inner: Target, select: exp.Select, table: exp.Subquery) -> Target:
    columns: dict[str, TableColumn | None] = {}
    types: dict[str, SqlType | None] = {}
    written: dict[str, str] = {}
    conditions = inner.conditions
    level = Level(w.level, sources=[inner.source])
    with w.inside(level):
        for item in select.expressions:
            value = item.this if isinstance(item, exp.Alias) else item
            if isinstance(value, exp.Star) or isinstance(value.this, exp.Star):
                names = list(inner.source.columns)
                columns |= {name: inner.columns.get(name) for name in names}
                types |= inner.source.columns
                written |= {name: level.write(inner.source, name) for name in names}
                continue
            if any(is_aggregate(one) or _is_rownum(one) for one in outside_subqueries(value)):
                raise OraError(*_NO_ROWS, position=position_of(item))
            name = heading(item)
            is_plain = isinstance(value, exp.Column)
            columns[name] = inner.columns.get(names_of(value)[-1]) if is_plain else None
            types[name] = infer(w, value)
            written[name] = f"({w.write(value)})" if not is_plain else w.write(value)
        where = select.args.get("where")
        if where is not None:
            if any(_is_rownum(one) for one in outside_subqueries(where)):
                raise OraError(*_NO_ROWS, position=position_of(where))
            conditions = (*conditions, w.write(where.this))
    alias = table.args.get("alias")
    source = Source(
        name_of(alias.this) if alias is not None else "",
        types,
        inner.relation,
        written=written,
        alias=inner.source.alias or inner.source.name,
    )
    return Target(inner.relation, source, columns, conditions)


def _is_rownum(node: exp.Expr) -> bool:
    return isinstance(node, exp.Column) and names_of(node) == ("ROWNUM",)
