"""FROM: tables, views, derived tables, JSON_TABLE, and joins."""

from __future__ import annotations

from sqlglot import exp

from deploy.localdb.dialect.catalog import Relation
from deploy.localdb.dialect.columns import names_of
from deploy.localdb.dialect.functions import from_text
from deploy.localdb.dialect.json_functions import write_json_rows
from deploy.localdb.dialect.naming import name_of, position_of, qualified, quote
from deploy.localdb.dialect.outer_joins import convert_marks, has_marks
from deploy.localdb.dialect.scopes import Level, Source
from deploy.localdb.dialect.syntax import CollectionRows, JsonRows
from deploy.localdb.dialect.writer import Writer, check_parts
from deploy.localdb.errors import OraError, Unsupported


def write_sources(w: Writer, node: exp.Select, level: Level) -> tuple[str, exp.Expr | None]:
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
    check_parts(join, _JOIN_PARTS)
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
            return write_json_rows(w, rows, _alias(table), level)
        case exp.Table(this=CollectionRows() as rows):
            return _write_collection(w, rows, _alias(table), level)
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
    check_parts(table, "this alias")
    alias = _alias(table)
    outer = level if lateral else Level(level.parent, common=level.common)
    with w.inside(outer):
        query = w.write_query(table.this)
    name = alias or f"localdb${len(level.sources) + 1}"
    columns = dict(query.columns)
    level.sources.append(Source(name, columns))
    return f"({query.text}) {quote(name)}"


def _write_table(w: Writer, table: exp.Table, level: Level) -> str:
    check_parts(table, "this db alias joins")
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
    w.use(relation, "READ", position_of(table))
    if relation.text is not None:
        return _write_view(w, relation, relation.text, alias, level)
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


def _write_collection(w: Writer, rows: CollectionRows, alias: str | None, level: Level) -> str:
    """TABLE(collection): PL/SQL is asked for it before the statement runs."""
    position = position_of(rows)
    if w.in_view:
        raise Unsupported("TABLE(...) in a view", position=position)
    try:
        data, columns = w.write_rows(rows.args["text"])
    except OraError as error:
        error.position = position
        raise
    name = alias or f"localdb${len(level.sources) + 1}"
    level.sources.append(Source(name, dict(columns)))
    values = ", ".join(
        f"{from_text(f'(r.v ->> {place})', type_)} as {quote(column)}"
        for place, (column, type_) in enumerate(columns)
    )
    rows_text = f"jsonb_array_elements({data}) with ordinality as r (v, n)"
    return f"(select {values} from {rows_text} order by r.n) {quote(name)}"


def _write_view(w: Writer, relation: Relation, text: str, alias: str | None, level: Level) -> str:
    """The query of a view that calls PL/SQL functions: PostgreSQL's view does not know what they give.

    Raises:
        OraError: 4063 where it does not know its names any more.
    """
    try:
        with w.inside_view(relation.owner, text) as syntax:
            tree = syntax.parse()
            tree.set("options", None)
            query = w.write_query(tree)
    except Unsupported:
        raise
    except OraError:
        raise OraError(4063, f'view "{relation.owner}.{relation.name}" has errors') from None
    source = Source(
        alias or relation.name,
        {column.name: column.type for column in relation.columns},
        owner=None if alias else relation.owner,
    )
    if any(other.name == source.name for other in level.sources):
        source.alias = f"{source.name}${len(level.sources) + 1}"
    level.sources.append(source)
    names = ", ".join(quote(column.name) for column in relation.columns)
    return f"({query.text}) {source.reference} ({names})"
