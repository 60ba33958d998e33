"""How many rows: ROWNUM as a limit, FETCH FIRST and OFFSET."""

from __future__ import annotations

from sqlglot import exp

from deploy.localdb.dialect.aggregates import is_aggregate
from deploy.localdb.dialect.columns import names_of
from deploy.localdb.dialect.naming import position_of
from deploy.localdb.dialect.writer import Writer
from deploy.localdb.errors import OraError


def conjuncts(condition: exp.Expr | None) -> list[exp.Expr]:
    if condition is None:
        return []
    if isinstance(condition, exp.And):
        return [*conjuncts(condition.this), *conjuncts(condition.expression)]
    if isinstance(condition, exp.Paren) and isinstance(
        condition.this, (exp.And, exp.Paren, exp.LT, exp.LTE)
    ):
        return conjuncts(condition.this)
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
    for part in conjuncts(condition):
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


def _rownum_limit(w: Writer, part: exp.Expr) -> str | None:
    kind = type(part)
    if isinstance(part, exp.Between) and is_rownum(part.this):
        low = part.args["low"]
        if isinstance(low, exp.Literal) and low.name in ("0", "1"):
            return count_of(w.write(part.args["high"]), 0)
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
        return count_of(w.write(bound), 0)
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


def count_of(text: str, least: int) -> str:
    if text.isdigit():
        return text
    return f"coalesce(greatest(floor(({text})::numeric)::bigint, {least}), 0)"


def outside_subqueries(node: exp.Expr) -> list[exp.Expr]:
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


def uses_rownum(node: exp.Select) -> bool:
    parts = [*node.expressions]
    for name in ("group", "having", "order"):
        if node.args.get(name) is not None:
            parts.append(node.args[name])
    return any(is_rownum(inner) for part in parts for inner in outside_subqueries(part))


def numbers_rows_first(node: exp.Select, limit: str) -> bool:
    """Whether ROWNUM has to be known before rows are grouped or sorted."""
    if not limit and not uses_rownum(node):
        return False
    if any(node.args.get(part) is not None for part in ("order", "group", "having", "distinct")):
        return True
    inner = [one for item in node.expressions for one in outside_subqueries(item)]
    return any(is_aggregate(one) or isinstance(one, exp.Window) for one in inner)


# ---- FETCH FIRST, OFFSET ----


def write_limit(w: Writer, node: exp.Expr, query: str) -> str:
    """OFFSET and FETCH FIRST; query: the text that they stand behind, to count its rows for PERCENT."""
    text = ""
    offset = node.args.get("offset")
    if offset is not None:
        text += f" offset {count_of(w.write(offset.expression), 0)}"
    limit = node.args.get("limit")
    if limit is None:
        return text
    if not isinstance(limit, exp.Fetch):
        raise OraError(933, "SQL command not properly ended", position=position_of(limit))
    options = limit.args.get("limit_options")
    count = limit.args.get("count")
    number = "1" if count is None else count_of(w.write(count), 0)
    if options is not None and options.args.get("percent") and count is not None:
        share = f"least(greatest(({w.write(count)})::numeric, 0), 100) / 100"
        number = f'(select ceil(count(*) * {share})::bigint from ({query}) "localdb$all")'
    if options is not None and options.args.get("with_ties"):
        if node.args.get("order") is None:
            return f"{text} limit {number}"
        return f"{text} fetch first ({number}) rows with ties"
    return f"{text} limit {number}"
