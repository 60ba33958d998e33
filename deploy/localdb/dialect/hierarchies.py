"""CONNECT BY LEVEL <= n without a hierarchy: a row generator."""

from __future__ import annotations

from sqlglot import exp

from deploy.localdb.dialect.columns import names_of
from deploy.localdb.dialect.naming import name_of
from deploy.localdb.dialect.scopes import Level, Source
from deploy.localdb.dialect.types import TEXT
from deploy.localdb.dialect.writer import Writer

_COUNTER = '"localdb$level"'


def write_counted_rows(
    w: Writer, node: exp.Select, level: Level
) -> tuple[str, exp.Expr | None] | None:
    """FROM DUAL CONNECT BY LEVEL <= n: the FROM clause, and what WHERE has; None: it is another one."""
    connect = node.args["connect"]
    table = node.args["from_"].this if node.args.get("from_") is not None else None
    bound = _bound(connect.args.get("connect"))
    if (
        bound is None
        or connect.args.get("start") is not None
        or connect.args.get("nocycle")
        or not isinstance(table, exp.Table)
        or name_of(table.this) != "DUAL"
        or node.args.get("joins")
        or any(isinstance(one, (exp.Prior, exp.ConnectByRoot)) for one in node.walk())
        or any(
            isinstance(one, exp.Anonymous) and one.name.upper() == "SYS_CONNECT_BY_PATH"
            for one in node.walk()
        )
        or any(
            isinstance(one, exp.Column) and one.name.upper().startswith("CONNECT_BY_IS")
            for one in node.walk()
        )
    ):
        return None
    alias = table.args.get("alias")
    name = name_of(alias.this) if alias is not None else "DUAL"
    level.sources.append(Source(name, {"DUMMY": TEXT}, written={"DUMMY": "'X'::text"}))
    level.depth = f"{_COUNTER}.n::numeric"
    limit, inclusive = bound
    with w.inside(level.parent):
        last = (
            f"floor(({w.write(limit)})::numeric)"
            if inclusive
            else f"ceil(({w.write(limit)})::numeric) - 1"
        )
    where = node.args.get("where")
    # The root is there whatever the condition says.
    text = f" from generate_series(1, greatest(({last})::bigint, 1)) {_COUNTER} (n)"
    level.rownum = level.depth
    return text, where.this if where is not None else None


def _bound(condition: exp.Expr | None) -> tuple[exp.Expr, bool] | None:
    while isinstance(condition, exp.Paren):
        condition = condition.this
    if not isinstance(condition, exp.Binary):
        return None
    left, right = condition.this, condition.expression
    if _is_level(left) and isinstance(condition, (exp.LTE, exp.LT)):
        return right, isinstance(condition, exp.LTE)
    if _is_level(right) and isinstance(condition, (exp.GTE, exp.GT)):
        return left, isinstance(condition, exp.GTE)
    return None


def _is_level(node: exp.Expr) -> bool:
    return isinstance(node, exp.Column) and names_of(node) in (("LEVEL",), ("ROWNUM",))
