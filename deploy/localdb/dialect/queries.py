"""SELECT: sources, joins, set operators, ROWNUM, row limits and locks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from deploy.localdb.dialect import types
from deploy.localdb.dialect.calls import is_aggregate
from deploy.localdb.dialect.columns import find_column, find_source, names_of
from deploy.localdb.dialect.hierarchies import write_counted_rows
from deploy.localdb.dialect.inference import infer
from deploy.localdb.dialect.naming import (
    cut,
    heading,
    literal,
    name_of,
    position_of,
    qualified,
    quote,
)
from deploy.localdb.dialect.outer_joins import convert_marks, has_marks
from deploy.localdb.dialect.scopes import CommonTable, Level, QueryColumn, Source
from deploy.localdb.dialect.syntax import JsonRows
from deploy.localdb.dialect.translation import Waiting
from deploy.localdb.dialect.writer import Writer, rule
from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.values import SqlType


@dataclass(frozen=True)
class Query:
    """A written query and its columns."""

    text: str
    columns: list[QueryColumn]


def write_subquery(w: Writer, node: exp.Expr) -> str:
    """A query within an expression; it may refer to the columns around it."""
    return write_query(w, node).text


def write_query(
    w: Writer, node: exp.Expr, *, top: bool = False, targets: Sequence[SqlType] = ()
) -> Query:
    """Any query: SELECT, a set operation, one in parentheses.

    Args:
        top: it may lock rows.
        targets: the types of the columns that it fills; a NULL in the select list becomes one.
    """
    if isinstance(node, exp.Select):
        return _write_select(w, node, top=top, targets=targets)
    if isinstance(node, exp.SetOperation):
        return _write_set_operation(w, node, targets)
    if isinstance(node, exp.Subquery) and isinstance(node.this, exp.Query):
        inner = write_query(w, node.this, top=top, targets=targets)
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
            written = write_query(w, common.this)
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


@rule(exp.Union, exp.Except, exp.Intersect, exp.Select)
def write_query_here(w: Writer, node: exp.Expr) -> str:
    return write_subquery(w, node)


def _write_set_operation(w: Writer, node: exp.SetOperation, targets: Sequence[SqlType]) -> Query:
    _check_parts(node, "this expression distinct with_ order limit offset")
    if isinstance(node.this, exp.Select) and node.this.args.get("order") is not None:
        position = position_of(node.this.args["order"])
        raise OraError(933, "SQL command not properly ended", position=position)
    level = Level(w.level)
    with_text = _write_with(w, node.args.get("with_"), level)
    with w.inside(level):
        left = write_query(w, node.this, targets=targets)
        right = write_query(w, node.expression, targets=targets)
        if len(left.columns) != len(right.columns):
            raise OraError(1789, "query block has incorrect number of result columns")
        word = _SET_WORDS[type(node)] + ("" if node.args.get("distinct") else " all")
        # Names in ORDER BY are those of the first query.
        level.sources = []
        columns = [
            (name, type_ or right.columns[number][1])
            for number, (name, type_) in enumerate(left.columns)
        ]
        text = f"{with_text}{_enclosed(left.text)} {word} {_enclosed(right.text)}"
        order = node.args.get("order")
        if order is not None:
            names = {name for name, _ in columns}
            text += f" order by {', '.join(_write_output_order(w, one, names) for one in order.expressions)}"
        text += _write_limit(w, node)
    return Query(text, columns)


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

_SELECT_PARTS = (
    "with_ expressions distinct from_ joins where group having order limit offset locks connect"
    " laterals operation_modifiers"
)


def _check_parts(node: exp.Expr, parts: str) -> None:
    allowed = parts.split()
    for part, value in node.args.items():
        if part not in allowed and value is not None and value is not False and value != []:
            inner = value[0] if isinstance(value, list) else value
            what = inner if isinstance(inner, exp.Expr) else node
            name = _PART_NAMES.get(part, f"{part.strip('_').upper()} in a query")
            raise Unsupported(name, position=position_of(what))


_PART_NAMES = {"pivots": "PIVOT", "version": "flashback query", "sample": "SAMPLE"}


def _write_select(w: Writer, node: exp.Select, *, top: bool, targets: Sequence[SqlType]) -> Query:
    _check_parts(node, _SELECT_PARTS)
    level = Level(w.level)
    with_text = _write_with(w, node.args.get("with_"), level)
    with w.inside(level):
        if node.args.get("connect") is not None:
            from_text, condition = write_counted_rows(w, node, level)
        else:
            from_text, condition = _write_sources(w, node, level)
        limit, condition = _take_rownum_limit(w, condition)
        locks = _write_locks(w, node, top)
        if _numbers_rows_first(node, limit):
            return _write_around_numbered(
                w, node, level, with_text, from_text, condition, limit, locks, targets
            )
        if _uses_rownum(node):
            level.rownum = "(row_number() over ())::numeric"
        where = f" where {w.write(condition)}" if condition is not None else ""
        body, columns = _write_body(w, node, f"{from_text}{where}", targets)
        tail = f" limit {limit}" if limit else _write_limit(w, node)
        if limit and (node.args.get("limit") is not None or node.args.get("offset") is not None):
            raise Unsupported("ROWNUM together with FETCH FIRST")
        return Query(f"{with_text}{body}{tail}{locks}", columns)


def _write_body(
    w: Writer, node: exp.Select, from_text: str, targets: Sequence[SqlType]
) -> tuple[str, list[QueryColumn]]:
    """From SELECT to ORDER BY."""
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


def _write_items(
    w: Writer, node: exp.Select, targets: Sequence[SqlType]
) -> tuple[list[str], list[QueryColumn]]:
    items: list[str] = []
    columns: list[QueryColumn] = []
    if not node.expressions:
        raise OraError(936, "missing expression", position=position_of(node))
    for item in node.expressions:
        if isinstance(item, exp.Star):
            _check_parts(item, "")
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
        columns.append((name, infer(w, value)))
        target = targets[len(items)] if len(items) < len(targets) else types.TEXT
        items.append(f"{_write_value(w, value, target)} as {quote(cut(name))}")
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
    _check_parts(group, "expressions grouping_sets cube rollup")
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
    text = w.write(term)
    if node.args.get("distinct") is not None and isinstance(term, exp.Column):
        name = names_of(term)[-1]
        if any(name == column for column, _ in columns):
            text = quote(cut(name))
    return text + _direction(ordered)


@rule(exp.Order, parts="expressions")
def write_order(w: Writer, node: exp.Order) -> str:
    return f"order by {', '.join(w.write(one.this) + _direction(one) for one in node.expressions)}"


# ---- FROM ----


def _write_sources(w: Writer, node: exp.Select, level: Level) -> tuple[str, exp.Expr | None]:
    from_ = node.args.get("from_")
    where = node.args.get("where")
    condition = where.this if where is not None else None
    if from_ is None:
        return "", condition
    if _is_dual_alone(w, node):
        return "", condition
    tables = [from_.this]
    joins = list(node.args.get("joins") or [])
    if condition is not None and has_marks(condition):
        while joins and _is_comma(joins[0]):
            tables.append(joins.pop(0).this)
        if joins:
            raise OraError(25156, "old style outer join (+) cannot be used with ANSI joins")
        text, condition = convert_marks(
            w, level, [_write_source_apart(w, one) for one in tables], condition
        )
        return f" from {text}", condition
    text = write_source(w, tables[0], level)
    for join in joins:
        text += _write_join(w, join, level)
    return f" from {text}", condition


def _write_source_apart(w: Writer, table: exp.Expr) -> tuple[Source, str]:
    level = w.level
    if level is None:
        raise OraError(900, "invalid SQL statement")
    before = len(level.sources)
    text = write_source(w, table, level)
    return level.sources[before], text


def _is_comma(join: exp.Join) -> bool:
    return not any(join.args.get(part) for part in ("on", "using", "side", "kind", "method"))


def _is_dual_alone(w: Writer, node: exp.Select) -> bool:
    """Whether a query of DUAL can do without it, which PostgreSQL plans faster."""
    table = node.args["from_"].this
    if node.args.get("joins") or not isinstance(table, exp.Table) or table.args.get("alias"):
        return False
    if not isinstance(table.this, exp.Identifier) or name_of(table.this) != "DUAL":
        return False
    owner = table.args.get("db")
    if owner is not None and name_of(owner) != "SYS":
        return False
    if w.catalog.relation(w.schema, "DUAL") is not None or (
        w.level and w.level.find_common("DUAL")
    ):
        return False
    if node.args.get("locks"):
        return False
    mentioned = {"DUMMY", "ROWID", "DUAL"}
    return not any(
        isinstance(item, exp.Star)
        or (
            isinstance(item, exp.Column)
            and (isinstance(item.this, exp.Star) or mentioned & set(names_of(item)))
        )
        for item in node.find_all(exp.Star, exp.Column)
        if not (isinstance(item, exp.Star) and isinstance(item.parent, exp.Anonymous))
    )


_JOIN_PARTS = "this on using side kind method"


def _write_join(w: Writer, join: exp.Join, level: Level) -> str:
    _check_parts(join, _JOIN_PARTS)
    if _is_comma(join):
        return f", {write_source(w, join.this, level)}"
    before = list(level.sources)
    kind = str(join.args.get("kind") or "").upper()
    side = str(join.args.get("side") or "").upper()
    method = str(join.args.get("method") or "").upper()
    if kind not in ("", "INNER", "OUTER", "CROSS") or method not in ("", "NATURAL"):
        raise Unsupported(f"{side} {kind or method} JOIN".strip(), position=position_of(join))
    right = write_source(w, join.this, level)
    added = level.sources[len(before) :]
    if kind == "CROSS":
        return f" cross join {right}"
    text = f" {side.lower() + ' ' if side else ''}join {right}"
    if method == "NATURAL":
        names = [
            name
            for source in added
            for name in source.columns
            if any(name in earlier.columns for earlier in before)
        ]
        if not names:
            return text + " on true"
        level.merged.update(names)
        return f"{text} using ({', '.join(quote(name) for name in names)})"
    using = join.args.get("using")
    if using:
        names = [name_of(column) for column in using]
        level.merged.update(names)
        return f"{text} using ({', '.join(quote(name) for name in names)})"
    if join.args.get("on") is None:
        raise OraError(905, "missing keyword", position=position_of(join))
    return f"{text} on {w.write(join.args['on'])}"


def write_source(w: Writer, table: exp.Expr, level: Level) -> str:
    match table:
        case exp.Table(this=JsonRows() as rows):
            from deploy.localdb.dialect.json_functions import write_json_rows

            return write_json_rows(w, rows, _alias(table), level)
        case exp.Table():
            return _write_table(w, table, level)
        case exp.Subquery(this=exp.Table() as inner):
            text = write_source(w, inner, level)
            for join in inner.args.get("joins") or []:
                text += _write_join(w, join, level)
            return f"({text})"
        case exp.Subquery():
            return _write_derived(w, table, level, lateral=False)
        case exp.Lateral(this=exp.Subquery() as inner):
            inner = inner.copy()
            inner.set("alias", table.args.get("alias"))
            return "lateral " + _write_derived(w, inner, level, lateral=True)
        case _:
            raise Unsupported(f"{table.key.upper()} in FROM", position=position_of(table))


def _alias(table: exp.Expr) -> str | None:
    alias = table.args.get("alias")
    return name_of(alias.this) if alias is not None and alias.this is not None else None


def _write_derived(w: Writer, table: exp.Expr, level: Level, *, lateral: bool) -> str:
    _check_parts(table, "this alias")
    alias = _alias(table)
    outer = level if lateral else Level(level.parent, common=level.common)
    with w.inside(outer):
        query = write_query(w, table.this)
    name = alias or f"localdb${len(level.sources) + 1}"
    columns = _unique(query.columns)
    level.sources.append(Source(name, columns))
    return f"({query.text}) {quote(name)}"


def _unique(columns: list[QueryColumn]) -> dict[str, SqlType | None]:
    return dict(columns)


def _write_table(w: Writer, table: exp.Table, level: Level) -> str:
    _check_parts(table, "this db alias joins")
    if not isinstance(table.this, exp.Identifier):
        raise Unsupported("a table function", position=position_of(table))
    name = name_of(table.this)
    owner = name_of(table.args["db"]) if table.args.get("db") is not None else None
    alias = _alias(table)
    common = level.find_common(name) if owner is None else None
    if common is not None:
        level.sources.append(Source(alias or name, dict(common.columns)))
        return f"{quote(name)} {quote(alias)}" if alias else quote(name)
    relation = w.find_relation(owner, name)
    if relation is None:
        raise OraError(942, "table or view does not exist", position=position_of(table))
    w.use(relation, "SELECT")
    source = Source(
        alias or name,
        {column.name: column.type for column in relation.columns},
        relation,
        owner=None if alias else relation.owner,
    )
    if any(other.name == source.name for other in level.sources):
        source.alias = f"{source.name}${len(level.sources) + 1}"
    level.sources.append(source)
    return f"{qualified(relation.owner, relation.name)} {source.reference}"


# ---- ROWNUM ----


def _conjuncts(condition: exp.Expr | None) -> list[exp.Expr]:
    if condition is None:
        return []
    if isinstance(condition, exp.And):
        return [*_conjuncts(condition.this), *_conjuncts(condition.expression)]
    if isinstance(condition, exp.Paren) and isinstance(
        condition.this, (exp.And, exp.Paren, exp.LT, exp.LTE)
    ):
        return _conjuncts(condition.this)
    return [condition]


def is_rownum(node: exp.Expr | None) -> bool:
    return isinstance(node, exp.Column) and names_of(node) == ("ROWNUM",)


_MIRRORED: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.GT: exp.LT,
    exp.GTE: exp.LTE,
    exp.EQ: exp.EQ,
    exp.LT: exp.GT,
    exp.LTE: exp.GTE,
}


def take_rownum_limit(w: Writer, condition: exp.Expr | None) -> tuple[str, exp.Expr | None]:
    """Cut `ROWNUM <= n` out of a condition: the number of rows, and what is left."""
    limits: list[str] = []
    left: list[exp.Expr] = []
    for part in _conjuncts(condition):
        limit = _rownum_limit(w, part)
        if limit is None:
            left.append(part)
        else:
            limits.append(limit)
    if not limits:
        return "", condition
    rest = None
    for part in left:
        rest = part if rest is None else exp.And(this=rest, expression=part)
    text = limits[0] if len(limits) == 1 else f"least({', '.join(limits)})"
    return text, rest


_take_rownum_limit = take_rownum_limit


def _rownum_limit(w: Writer, part: exp.Expr) -> str | None:
    kind = type(part)
    if isinstance(part, exp.Between) and is_rownum(part.this):
        low = part.args["low"]
        if isinstance(low, exp.Literal) and low.name in ("0", "1"):
            return _count(w.write(part.args["high"]), 0)
    if not isinstance(part, exp.Binary) or kind not in _MIRRORED:
        return None
    bound: exp.Expr
    if is_rownum(part.this):
        bound = part.expression
    elif is_rownum(part.expression):
        bound, kind = part.this, _MIRRORED[kind]
    else:
        return None
    if kind is exp.LTE:
        return _count(w.write(bound), 0)
    if kind is exp.LT:
        text = w.write(bound)
        if text.isdigit():
            return str(max(int(text) - 1, 0))
        return f"greatest(ceil(({text})::numeric)::bigint - 1, 0)"
    if isinstance(bound, exp.Literal) and not bound.is_string:
        number = float(bound.name)
        if kind is exp.EQ:
            return "1" if number == 1 else "0"
        # The first row would be number 1, so no row ever becomes number 2.
        if number > 1 or (kind is exp.GT and number >= 1):
            return "0"
        return "9223372036854775807"
    if kind is exp.EQ:
        return f"(case when ({w.write(bound)})::numeric = 1 then 1 else 0 end)"
    return None


def _count(text: str, least: int) -> str:
    if text.isdigit():
        return text
    return f"coalesce(greatest(floor(({text})::numeric)::bigint, {least}), 0)"


def _outside_subqueries(node: exp.Expr) -> list[exp.Expr]:
    """The node and all in it that belongs to the same query."""
    found = []
    pending = [node]
    while pending:
        current = pending.pop()
        found.append(current)
        pending.extend(
            child for child in current.iter_expressions() if not isinstance(child, exp.Query)
        )
    return found


def _uses_rownum(node: exp.Select) -> bool:
    parts = [*node.expressions]
    for name in ("group", "having", "order"):
        if node.args.get(name) is not None:
            parts.append(node.args[name])
    return any(is_rownum(inner) for part in parts for inner in _outside_subqueries(part))


def _numbers_rows_first(node: exp.Select, limit: str) -> bool:
    """Whether ROWNUM has to be known before rows are grouped or sorted."""
    if not limit and not _uses_rownum(node):
        return False
    if any(node.args.get(part) is not None for part in ("order", "group", "having", "distinct")):
        return True
    inner = [one for item in node.expressions for one in _outside_subqueries(item)]
    return any(is_aggregate(one) or isinstance(one, exp.Window) for one in inner)


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
    if _uses_rownum(node):
        level.rownum = level.deliver("(row_number() over ())::numeric")
    body, columns = _write_body(w, node, "\0", targets)
    inner = ", ".join(f"{text} as {alias}" for text, alias in level.delivered.items())
    cut_off = f" limit {limit}" if limit else ""
    rows = f' from (select {inner}{from_text}{where}{cut_off}{locks}) "localdb$rows"'
    tail = _write_limit(w, node)
    level.delivered = None
    return Query(f"{with_text}{body.replace(chr(0), rows)}{tail}", columns)


# ---- FETCH FIRST, OFFSET ----


def _write_limit(w: Writer, node: exp.Expr) -> str:
    text = ""
    offset = node.args.get("offset")
    if offset is not None:
        text += f" offset {_count(w.write(offset.expression), 0)}"
    limit = node.args.get("limit")
    if limit is None:
        return text
    if not isinstance(limit, exp.Fetch):
        raise OraError(933, "SQL command not properly ended", position=position_of(limit))
    options = limit.args.get("limit_options")
    if options is not None and options.args.get("percent"):
        raise Unsupported("FETCH FIRST ... PERCENT")
    count = limit.args.get("count")
    number = "1" if count is None else _count(w.write(count), 0)
    if options is not None and options.args.get("with_ties"):
        if node.args.get("order") is None:
            return f"{text} limit {number}"
        return f"{text} fetch first ({number}) rows with ties"
    return f"{text} limit {number}"


# ---- FOR UPDATE ----

_NO_LOCK_WITH = ("distinct", "group", "having", "limit", "offset")


def _write_locks(w: Writer, node: exp.Select, top: bool) -> str:
    locks = node.args.get("locks")
    if not locks:
        return ""
    lock = locks[0]
    if not top or len(locks) > 1:
        raise OraError(907, "missing right parenthesis", position=position_of(node))
    _check_parts(lock, "update expressions wait")
    inner = [one for item in node.expressions for one in _outside_subqueries(item)]
    if any(node.args.get(part) is not None for part in _NO_LOCK_WITH) or any(
        is_aggregate(one) or isinstance(one, exp.Window) for one in inner
    ):
        raise OraError(2014, "cannot select FOR UPDATE from view with DISTINCT, GROUP BY, etc.")
    level = w.level
    if level is None:
        return ""
    wanted: list[Source] = []
    for column in lock.args.get("expressions") or []:
        names = tuple(
            name_of(part)
            for part in (column.args.get("catalog"), column.args.get("db"), column.this)
            if part is not None
        )
        found = find_column(w, names, position_of(column))
        if found is None or found.source is None:
            raise OraError(904, f'"{names[-1]}": invalid identifier', position=position_of(column))
        if found.source not in wanted:
            wanted.append(found.source)
    lockable = [source for source in level.sources if source.relation is not None]
    if not lockable:
        raise OraError(2014, "cannot select FOR UPDATE from view with DISTINCT, GROUP BY, etc.")
    if not wanted and (len(lockable) < len(level.sources) or node.args.get("joins")):
        wanted = lockable
    for source in wanted or lockable:
        if source.relation is not None:
            w.use(source.relation, "UPDATE")
    w.for_update = True
    of = f" of {', '.join(source.reference for source in wanted)}" if wanted else ""
    return f" for update{of}{_write_wait(w, lock.args.get('wait'))}"


def _write_wait(w: Writer, wait: object) -> str:
    if wait is True:
        w.wait = Waiting.NEVER
        return " nowait"
    if wait is False:
        w.wait = Waiting.SKIP
        return " skip locked"
    if isinstance(wait, exp.Literal) and wait.name.isdigit():
        w.wait = int(wait.name)
        if w.wait == 0:
            w.wait = Waiting.NEVER
            return " nowait"
    elif wait is not None:
        raise OraError(30005, "missing or invalid WAIT interval")
    return ""


__all__ = ["Query", "literal", "types", "write_query", "write_subquery"]
