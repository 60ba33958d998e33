"""SELECT, from WITH to ORDER BY, and the set operators."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from deploy.localdb.dialect import types
from deploy.localdb.dialect.aggregates import is_aggregate
from deploy.localdb.dialect.columns import find_column, find_source, names_of
from deploy.localdb.dialect.expressions import check_comparable
from deploy.localdb.dialect.hierarchies import write_counted_rows
from deploy.localdb.dialect.inference import infer
from deploy.localdb.dialect.locks import write_locks
from deploy.localdb.dialect.naming import cut, heading, name_of, position_of, quote
from deploy.localdb.dialect.nested import is_nested, write_nested
from deploy.localdb.dialect.row_limits import (
    numbers_rows_first,
    outside_subqueries,
    take_rownum_limit,
    uses_rownum,
    write_limit,
)
from deploy.localdb.dialect.scopes import CommonTable, Delivered, Level, Query, QueryColumn, Source
from deploy.localdb.dialect.sizes import is_described, longest, measure
from deploy.localdb.dialect.sources import write_sources
from deploy.localdb.dialect.trees import write_tree
from deploy.localdb.dialect.writer import Writer, check_parts, query_rule, rule
from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.values import Column, SqlType, TypeName

_SELECT_PARTS = (
    "with_ expressions distinct from_ joins where group having order limit offset locks connect"
    " laterals operation_modifiers"
)
_SET_PARTS = "this expression distinct with_ order limit offset"


@query_rule
def write_query(w: Writer, node: exp.Expr, *, top: bool, targets: Sequence[SqlType]) -> Query:
    if isinstance(node, exp.Select):
        return _write_select(w, node, top=top, targets=targets)
    if isinstance(node, exp.SetOperation):
        return _write_set_operation(w, node, targets)
    if isinstance(node, exp.Subquery) and isinstance(node.this, exp.Query):
        inner = w.write_query(node.this, top=top, targets=targets)
        if any(node.args.get(part) for part in ("order", "limit", "offset", "with_")):
            raise Unsupported(
                "a query in parentheses with a clause behind", position=position_of(node)
            )
        return Query(f"({inner.text})", inner.columns)
    raise OraError(928, "missing SELECT keyword", position=position_of(node))


# ---- WITH ----


def _write_with(w: Writer, node: exp.Expr | None, level: Level) -> str:
    if node is None:
        return ""
    for part in ("search", "cycle", "udfs"):
        if node.args.get(part):
            raise Unsupported(f"WITH ... {part.upper()}", position=position_of(node))
    texts = []
    recursive = False
    for common in node.expressions:
        alias = common.args["alias"]
        name = name_of(alias.this)
        names = [name_of(column) for column in alias.args.get("columns") or []]
        with w.inside(level):
            if _mentions(common.this, name):
                recursive = True
                if not names:
                    raise OraError(
                        32039,
                        "recursive WITH clause must have column alias list",
                        position=position_of(common),
                    )
                level.common[name] = CommonTable(name, [(column, None) for column in names])
            written = w.write_query(common.this)
        columns = written.columns
        if names:
            if len(names) != len(columns):
                raise OraError(
                    32038,
                    "number of WITH clause column names does not match number of elements in select list",
                )
            columns = [(new, type_) for new, (_, type_) in zip(names, columns, strict=True)]
        level.common[name] = CommonTable(name, columns)
        listed = ", ".join(quote(cut(column)) for column, _ in columns)
        texts.append(f"{quote(name)} ({listed}) as ({written.text})")
    return f"with {'recursive ' if recursive else ''}{', '.join(texts)} "


def _mentions(query: exp.Expr, name: str) -> bool:
    return any(
        table.args.get("db") is None
        and isinstance(table.this, exp.Identifier)
        and name_of(table.this) == name
        for table in query.find_all(exp.Table)
    )


# ---- set operators ----

_SET_WORDS: dict[type[exp.Expr], str] = {
    exp.Union: "union",
    exp.Except: "except",
    exp.Intersect: "intersect",
}


@rule(
    exp.Union,
    exp.Except,
    exp.Intersect,
    exp.Select,
    # Looked at again, by `write_query`.
    parts=f"{_SELECT_PARTS} {_SET_PARTS}",
)
def write_query_here(w: Writer, node: exp.Expr) -> str:
    return w.write_query(node).text


def _write_set_operation(w: Writer, node: exp.SetOperation, targets: Sequence[SqlType]) -> Query:
    check_parts(node, _SET_PARTS)
    if isinstance(node.this, exp.Select) and node.this.args.get("order") is not None:
        position = position_of(node.this.args["order"])
        raise OraError(933, "SQL command not properly ended", position=position)
    level = Level(w.level)
    with_text = _write_with(w, node.args.get("with_"), level)
    with w.inside(level):
        left = w.write_query(node.this, targets=targets)
        right = w.write_query(node.expression, targets=targets)
        if len(left.columns) != len(right.columns):
            raise OraError(1789, "query block has incorrect number of result columns")
        word = _SET_WORDS[type(node)] + ("" if node.args.get("distinct") else " all")
        # Names in ORDER BY are those of the first query.
        level.sources = []
        columns = [
            (name, _common_type(type_, right.columns[number][1]))
            for number, (name, type_) in enumerate(left.columns)
        ]
        text = f"{with_text}{_enclosed(left.text)} {word} {_enclosed(right.text)}"
        order = node.args.get("order")
        if order is not None:
            names = {name for name, _ in columns}
            text += f" order by {', '.join(_write_output_order(w, one, names) for one in order.expressions)}"
        text += write_limit(w, node, text)
    return Query(text, columns)


def _common_type(one: SqlType | None, other: SqlType | None) -> SqlType | None:
    if one is None or other is None:
        return one or other
    if types.family(one) == types.family(other) == "text":
        return longest([one, other])
    return one


def _enclosed(text: str) -> str:
    return text if text.startswith("(") and text.endswith(")") and _is_one(text) else f"({text})"


def _is_one(text: str) -> bool:
    """Whether the first parenthesis is closed by the last."""
    depth = 0
    in_text = False
    for number, letter in enumerate(text):
        if letter == "'":
            in_text = not in_text
        if in_text:
            continue
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return number == len(text) - 1
    return False


def _write_output_order(w: Writer, ordered: exp.Expr, names: set[str]) -> str:
    term = ordered.this
    if isinstance(term, exp.Literal) and not term.is_string:
        text = term.name
    elif isinstance(term, exp.Column) and names_of(term)[-1] in names:
        text = quote(cut(names_of(term)[-1]))
    else:
        raise OraError(1785, "ORDER BY item must be the number of a SELECT-list expression")
    return text + _direction(ordered)


def _direction(ordered: exp.Expr) -> str:
    descending = bool(ordered.args.get("desc"))
    first = bool(ordered.args.get("nulls_first"))
    text = " desc" if descending else ""
    # PostgreSQL's own order of NULLs is Oracle's.
    if first != descending:
        text += " nulls first" if first else " nulls last"
    return text


# ---- SELECT ----


def _write_select(w: Writer, node: exp.Select, *, top: bool, targets: Sequence[SqlType]) -> Query:
    check_parts(node, _SELECT_PARTS)
    level = Level(w.level, cursors=Delivered() if top else None)
    with_text = _write_with(w, node.args.get("with_"), level)
    with w.inside(level):
        if node.args.get("connect") is not None:
            counted = write_counted_rows(w, node, level)
            from_text, condition = counted or write_tree(
                w, node, level, lambda term: _write_order_term(w, node, term, [])
            )
            order = node.args.get("order")
            if order is not None and order.args.get("siblings"):
                node = node.copy()
                node.set("order", None)
        else:
            from_text, condition = write_sources(w, node, level)
        limit, condition = take_rownum_limit(w, condition)
        locks = write_locks(w, node, top)
        if numbers_rows_first(node, limit):
            return _write_around_numbered(
                w, node, level, with_text, from_text, condition, limit, locks, targets
            )
        if uses_rownum(node):
            level.rownum = f"(row_number() over ({_own_order(level)}))::numeric"
        where = f" where {w.write(condition)}" if condition is not None else ""
        body, columns = _write_body(w, node, f"{from_text}{where}", targets)
        if level.row_order is not None and not _is_gathered(node):
            body += f" {_own_order(level)}"
        tail = f" limit {limit}" if limit else write_limit(w, node, body)
        if limit and (node.args.get("limit") is not None or node.args.get("offset") is not None):
            raise Unsupported("ROWNUM together with FETCH FIRST")
        return _finished(f"{with_text}{body}{tail}{locks}", columns, level)


def _own_order(level: Level) -> str:
    return f"order by {level.row_order}" if level.row_order is not None else ""


def _is_gathered(node: exp.Select) -> bool:
    """Whether its rows are not those of its FROM, or have an order of their own."""
    if any(node.args.get(part) is not None for part in ("order", "group", "having", "distinct")):
        return True
    inner = [one for item in node.expressions for one in outside_subqueries(item)]
    windowed = {id(one.this) for one in inner if isinstance(one, exp.Window)}
    return any(is_aggregate(one) and id(one) not in windowed for one in inner)


def _finished(text: str, columns: list[QueryColumn], level: Level) -> Query:
    cursors = level.cursors
    if cursors is None:
        return Query(text, columns)
    return Query(
        text,
        columns,
        tuple(
            Column(name, type_) if type_ is not None and is_described(type_) else None
            for name, type_ in columns
        ),
        tuple(cursors.nested),
        len(cursors.columns),
    )


def _write_body(
    w: Writer, node: exp.Select, from_text: str, targets: Sequence[SqlType]
) -> tuple[str, list[QueryColumn]]:
    """From SELECT to ORDER BY."""
    _check_single_group(w, node)
    items, columns = _write_items(w, node, targets)
    distinct = "distinct " if node.args.get("distinct") is not None else ""
    if distinct and node.args["distinct"].args.get("on") is not None:
        raise OraError(923, "FROM keyword not found where expected")
    text = f"select {distinct}{', '.join(items)}{from_text}"
    group = node.args.get("group")
    if group is not None:
        text += f" group by {_write_group(w, group)}"
    having = node.args.get("having")
    if having is not None:
        text += f" having {w.write(having.this)}"
    order = node.args.get("order")
    if order is not None:
        text += f" order by {', '.join(_write_order_term(w, node, one, columns) for one in order.expressions)}"
    return text, columns


def _check_single_group(w: Writer, node: exp.Select) -> None:
    """Without GROUP BY there are aggregates or columns.

    Raises:
        OraError: 937, there are both.
    """
    if node.args.get("group") is not None:
        return
    found: list[exp.Expr] = []
    aggregated = [_takes_apart(item, found) for item in node.expressions]
    if not any(aggregated):
        return
    for one in found:
        is_own = isinstance(one, exp.Star) or isinstance(one.this, exp.Star)
        if isinstance(one, exp.Column) and not is_own:
            column = find_column(w, names_of(one))
            is_own = column is not None and column.level is w.level
        if is_own:
            raise OraError(937, "not a single-group group function", position=position_of(one))


def _takes_apart(node: exp.Expr, columns: list[exp.Expr]) -> bool:
    """Whether there is an aggregate in a term; and the columns that are in none."""
    if isinstance(node, (exp.Query, exp.Window)):
        return False
    if is_aggregate(node):
        return True
    if isinstance(node, (exp.Column, exp.Star)):
        columns.append(node)
        return False
    aggregated = [_takes_apart(child, columns) for child in node.iter_expressions()]
    return any(aggregated)


def _write_items(
    w: Writer, node: exp.Select, targets: Sequence[SqlType]
) -> tuple[list[str], list[QueryColumn]]:
    items: list[str] = []
    columns: list[QueryColumn] = []
    if not node.expressions:
        raise OraError(936, "missing expression", position=position_of(node))
    for item in node.expressions:
        if isinstance(item, exp.Star):
            check_parts(item, "")
            _add_all(w, w.level, w.level.sources if w.level else [], items, columns)
            continue
        if isinstance(item, exp.Column) and isinstance(item.this, exp.Star):
            qualifier = [
                name_of(item.args[part]) for part in ("db", "table") if item.args.get(part)
            ]
            found = find_source(w, qualifier)
            if found is None:
                raise OraError(
                    904, f'"{qualifier[-1]}": invalid identifier', position=position_of(item)
                )
            _add_all(w, found[0], [found[1]], items, columns)
            continue
        value = item.this if isinstance(item, exp.Alias) else item
        name = heading(item)
        if w.level is not None and w.level.cursors is not None and is_nested(value):
            write_nested(w, value, node, len(items), w.level.cursors)
            columns.append((name, SqlType(TypeName.CURSOR)))
            items.append(f"null::text as {quote(cut(name))}")
            continue
        if node.args.get("distinct") is not None:
            check_comparable(w, value)
        columns.append((name, measure(w, value) or infer(w, value)))
        target = targets[len(items)] if len(items) < len(targets) else types.TEXT
        items.append(f"{_write_value(w, value, target)} as {quote(cut(name))}")
    if w.level is not None and w.level.cursors is not None:
        items += [
            f'{text} as "localdb$outer{number}"' for text, number in w.level.cursors.columns.items()
        ]
    return items, columns


def _write_value(w: Writer, node: exp.Expr, target: SqlType) -> str:
    text = w.write(node)
    # Bare constants would have types of PostgreSQL's in a subquery or a set operation.
    if text == "null":
        return f"null::{types.POSTGRES[target.name]}"
    return f"{text}." if text.isdigit() else text


def _add_all(
    w: Writer,
    level: Level | None,
    sources: Sequence[Source],
    items: list[str],
    columns: list[QueryColumn],
) -> None:
    if level is None or not sources:
        raise OraError(936, "missing expression")
    seen: set[str] = set()
    for source in sources:
        for name, type_ in source.columns.items():
            if name in level.merged:
                if name in seen:
                    continue
                seen.add(name)
                items.append(level.deliver(quote(name)))
            else:
                items.append(f"{level.write(source, name)} as {quote(cut(name))}")
            columns.append((name, type_))


def _write_group(w: Writer, group: exp.Group) -> str:
    check_parts(group, "expressions grouping_sets cube rollup")
    texts = []
    for term in [
        *group.expressions,
        *(group.args.get("cube") or []),
        *(group.args.get("rollup") or []),
        *(group.args.get("grouping_sets") or []),
    ]:
        if isinstance(term, exp.Literal):
            # A constant is no position here, unlike in PostgreSQL.
            continue
        check_comparable(w, term)
        texts.append(w.write(term))
    return ", ".join(texts) or "()"


_GROUPING_WORDS: dict[type[exp.Expr], str] = {
    exp.Cube: "cube",
    exp.Rollup: "rollup",
    exp.GroupingSets: "grouping sets",
}


@rule(exp.Cube, exp.Rollup, exp.GroupingSets, parts="expressions")
def write_grouping(w: Writer, node: exp.Expr) -> str:
    word = _GROUPING_WORDS[type(node)]
    return f"{word} ({', '.join(w.write_all(node.expressions))})"


def _write_order_term(
    w: Writer, node: exp.Select, ordered: exp.Expr, columns: list[QueryColumn]
) -> str:
    """A term of ORDER BY: a position, an alias of the select list, or an expression."""
    term = ordered.this
    if isinstance(term, exp.Literal) and not term.is_string:
        return term.name + _direction(ordered)
    aliases = {
        name_of(item.args["alias"]): item.this
        for item in node.expressions
        if isinstance(item, exp.Alias)
    }
    if isinstance(term, exp.Column) and len(names_of(term)) == 1:
        name = names_of(term)[0]
        if name in aliases:
            return quote(cut(name)) + _direction(ordered)
    if aliases and not isinstance(term, exp.Column):
        term = term.copy()
        for column in list(term.find_all(exp.Column)):
            names = names_of(column)
            if len(names) == 1 and names[0] in aliases and find_column(w, names) is None:
                column.replace(exp.Paren(this=aliases[names[0]].copy()))
    check_comparable(w, term)
    text = w.write(term)
    if node.args.get("distinct") is not None and isinstance(term, exp.Column):
        name = names_of(term)[-1]
        if any(name == column for column, _ in columns):
            text = quote(cut(name))
    return text + _direction(ordered)


@rule(exp.Order, parts="expressions")
def write_order(w: Writer, node: exp.Order) -> str:
    return f"order by {', '.join(w.write(one.this) + _direction(one) for one in node.expressions)}"


# ---- ROWNUM ----


def _write_around_numbered(
    w: Writer,
    node: exp.Select,
    level: Level,
    with_text: str,
    from_text: str,
    condition: exp.Expr | None,
    limit: str,
    locks: str,
    targets: Sequence[SqlType],
) -> Query:
    """Number and cut the rows in a subquery, then group, sort and compute around it."""
    where = f" where {w.write(condition)}" if condition is not None else ""
    level.delivered = {}
    if uses_rownum(node):
        level.rownum = level.deliver(f"(row_number() over ({_own_order(level)}))::numeric")
    body, columns = _write_body(w, node, "\0", targets)
    inner = ", ".join(f"{text} as {alias}" for text, alias in level.delivered.items())
    cut_off = f" limit {limit}" if limit else ""
    own = f" {_own_order(level)}" if level.row_order is not None else ""
    rows = f' from (select {inner}{from_text}{where}{own}{cut_off}{locks}) "localdb$rows"'
    body = body.replace(chr(0), rows)
    tail = write_limit(w, node, body)
    level.delivered = None
    return _finished(f"{with_text}{body}{tail}", columns, level)
