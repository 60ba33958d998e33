"""INSERT ALL and INSERT FIRST: the rows of one query into several tables.

The query and the conditions become `localdb$rows`, looked at once; each INTO is a statement in WITH, and
what comes out at the end is a row, without columns, for each that was inserted.

Source: SQL Language Reference 19c, INSERT, multi_table_insert. A sequence has one next value for each row
of the query, however often it is named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from deploy.localdb.dialect.catalog import Identity, TableColumn
from deploy.localdb.dialect.columns import names_of
from deploy.localdb.dialect.dml import assigned, is_default
from deploy.localdb.dialect.naming import cut, name_of, position_of, qualified, quote
from deploy.localdb.dialect.row_changes import refuse_triggers
from deploy.localdb.dialect.scopes import Level, Source
from deploy.localdb.dialect.targets import find_column_of, find_target
from deploy.localdb.dialect.types import NUMBER
from deploy.localdb.dialect.writer import Writer
from deploy.localdb.errors import OraError, Unsupported

_ROWS = '"localdb$rows"'
_NEXT = "NEXTVAL"


@dataclass
class _Group:
    """The INTO clauses of one WHEN, or of ELSE (condition None, in a statement that has WHEN)."""

    condition: exp.Expr | None
    inserts: list[exp.Insert]


def write_multiple_inserts(w: Writer, node: exp.MultitableInserts) -> str:
    """PostgreSQL's statement."""
    query = w.write_query(node.args["source"])
    groups = _groups(node)
    is_conditional = groups[0].condition is not None
    level = Level(sources=[_source(query.columns)])
    columns = [f"q.{quote(cut(name))}" for name, _ in query.columns]
    with w.inside(level):
        sequences = _sequences(w, node)
        columns += [f'{text} as "{name}"' for name, text in sequences.items()]
        level.sources[0].columns = {
            **level.sources[0].columns,
            **dict.fromkeys(sequences, NUMBER),
        }
        conditions = [
            w.write(group.condition) if group.condition is not None else None for group in groups
        ]
        parts = []
        for number, group in enumerate(groups):
            where = _where(conditions, number, first=str(node.args["kind"]).upper() == "FIRST")
            if not is_conditional:
                where = ""
            parts += [_write_insert(w, one, query.columns, where) for one in group.inserts]
    named = [f'"localdb${number}" as ({part} returning 1)' for number, part in enumerate(parts)]
    total = " union all ".join(f'select from "localdb${number}"' for number in range(len(parts)))
    rows = f"{_ROWS} as materialized (select {', '.join(columns)} from ({query.text}) q)"
    return f"with {rows}, {', '.join(named)} {total}"


def _groups(node: exp.MultitableInserts) -> list[_Group]:
    groups: list[_Group] = []
    for one in node.expressions:
        condition = one.args.get("expression")
        if condition is not None or one.args.get("else_") or not groups:
            groups.append(_Group(condition, []))
        groups[-1].inserts.append(one.this)
    return groups


def _source(columns: Sequence[tuple[str, object]]) -> Source:
    known = dict(columns)
    written = {name: f"{_ROWS}.{quote(cut(name))}" for name in known}
    return Source("localdb$rows", known, written=written)  # type: ignore[arg-type]


def _sequences(w: Writer, node: exp.MultitableInserts) -> dict[str, str]:
    """Cut s.NEXTVAL out of the values: the name of a column of the rows -> what it is."""
    found: dict[str, str] = {}
    by_name: dict[tuple[str, ...], str] = {}
    for one in node.expressions:
        for column in list(one.find_all(exp.Column)):
            names = names_of(column)
            if names[-1] != _NEXT or len(names) == 1:
                continue
            if names not in by_name:
                by_name[names] = f"localdb$next{len(found)}"
                found[by_name[names]] = w.write(column)
            column.replace(exp.Column(this=exp.Identifier(this=by_name[names], quoted=True)))
    return found


def _where(conditions: Sequence[str | None], number: int, *, first: bool) -> str:
    """When a group is inserted: FIRST where none before was, ELSE where none was at all."""
    own = conditions[number]
    before = [text for text in conditions[:number] if text is not None] if first or not own else []
    parts = [own] if own is not None else []
    parts += [f"(({text}) is not true)" for text in before]
    return f" where {' and '.join(parts)}" if parts else ""


def _write_insert(
    w: Writer, node: exp.Insert, given: Sequence[tuple[str, object]], where: str
) -> str:
    table = node.this
    listed: list[exp.Expr] = []
    if isinstance(table, exp.Schema):
        listed, table = table.expressions, table.this
    relation, _ = find_target(w, table, "INSERT")
    refuse_triggers(relation, ("INSERT",), "INSERT ALL into")
    columns = [
        find_column_of(
            relation, name_of(one.this if isinstance(one, exp.ColumnDef) else one), position_of(one)
        )
        for one in listed
    ] or [column for column in relation.columns if not column.virtual]
    body = node.args.get("expression")
    if isinstance(body, exp.Values):
        values = list(body.expressions[0].expressions)
    elif body is None:
        values = [exp.Column(this=exp.Identifier(this=name, quoted=True)) for name, _ in given]
    else:
        raise OraError(926, "missing VALUES keyword", position=position_of(node))
    if len(values) != len(columns):
        few = len(values) < len(columns)
        raise OraError(947 if few else 913, "not enough values" if few else "too many values")
    texts = [_value(w, value, column) for value, column in zip(values, columns, strict=True)]
    names = ", ".join(quote(column.name) for column in columns)
    into = qualified(relation.owner, relation.name)
    return f"insert into {into} ({names}) select {', '.join(texts)} from {_ROWS}{where}"


def _value(w: Writer, value: exp.Expr, column: TableColumn) -> str:
    if not is_default(value):
        return assigned(w, value, column, inserting=True)
    if column.identity is not None and column.identity is not Identity.ALWAYS:
        raise Unsupported("INSERT ALL with DEFAULT for an identity column")
    return column.default or "null"
