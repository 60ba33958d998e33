"""Aggregates, analytic functions and ordered sets."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from deploy.localdb.dialect import types
from deploy.localdb.dialect.expressions import as_text
from deploy.localdb.dialect.inference import infer
from deploy.localdb.dialect.naming import position_of
from deploy.localdb.dialect.syntax import Listagg
from deploy.localdb.dialect.writer import Writer, rule
from deploy.localdb.errors import OraError, Unsupported

#: Aggregates and analytic functions -> PostgreSQL's name, and what its result is cast to.
AGGREGATES: dict[str, tuple[str, str]] = {
    "COUNT": ("count", "::numeric"),
    "SUM": ("sum", ""),
    "MIN": ("min", ""),
    "MAX": ("max", ""),
    "ANY_VALUE": ("any_value", ""),
    "STDDEV": ("ora.stddev", ""),
    "STDDEV_POP": ("stddev_pop", "::numeric"),
    "STDDEV_SAMP": ("stddev_samp", "::numeric"),
    "VARIANCE": ("ora.variance", ""),
    "VAR_POP": ("var_pop", "::numeric"),
    "VAR_SAMP": ("var_samp", "::numeric"),
    "CORR": ("corr", "::numeric"),
    "COVAR_POP": ("covar_pop", "::numeric"),
    "COVAR_SAMP": ("covar_samp", "::numeric"),
    "REGR_SLOPE": ("regr_slope", "::numeric"),
    "REGR_INTERCEPT": ("regr_intercept", "::numeric"),
    "REGR_COUNT": ("regr_count", "::numeric"),
    "REGR_R2": ("regr_r2", "::numeric"),
    "ROW_NUMBER": ("row_number", "::numeric"),
    "RANK": ("rank", "::numeric"),
    "DENSE_RANK": ("dense_rank", "::numeric"),
    "PERCENT_RANK": ("percent_rank", "::numeric"),
    "CUME_DIST": ("cume_dist", "::numeric"),
    "NTILE": ("ntile", "::numeric"),
    "LAG": ("lag", ""),
    "LEAD": ("lead", ""),
    "FIRST_VALUE": ("first_value", ""),
    "LAST_VALUE": ("last_value", ""),
    "NTH_VALUE": ("nth_value", ""),
    "GROUPING": ("grouping", "::numeric"),
    "GROUPING_ID": ("grouping", "::numeric"),
}
#: Which argument PostgreSQL wants as an integer.
_INTEGER_ARGUMENT = {"LAG": 1, "LEAD": 1, "NTILE": 0, "NTH_VALUE": 1}
#: Text that they are given is converted.
_OF_NUMBERS = frozenset(
    name for name in AGGREGATES if name.startswith(("SUM", "STDDEV", "VAR", "CO", "REGR_"))
) - {"COUNT"} | {"AVG", "MEDIAN"}
#: Written without a table entry: AVG's and MEDIAN's results are made of others.
COMPOSED = ("AVG", "MEDIAN", "APPROX_COUNT_DISTINCT")


def write_typed(w: Writer, node: exp.Expr) -> str:
    """An argument whose type chooses the function: whole numbers are NUMBER."""
    text = w.write(node)
    if isinstance(node, exp.Literal) and not node.is_string and text.isdigit():
        return f"{text}."
    return text


def expect(arguments: Sequence[exp.Expr], least: int, most: int | None) -> None:
    if len(arguments) < least:
        raise OraError(938, "not enough arguments for function")
    if most is not None and len(arguments) > most:
        raise OraError(939, "too many arguments for function")


def is_aggregate_name(name: str) -> bool:
    return name in AGGREGATES or name in COMPOSED


def is_aggregate(node: exp.Expr) -> bool:
    if isinstance(node, (Listagg, exp.WithinGroup)):
        return True
    return isinstance(node, exp.Anonymous) and (is_aggregate_name(node.name.upper()))


def write_aggregate(w: Writer, call: exp.Anonymous, name: str, over: str) -> str:
    arguments = call.expressions
    if name == "AVG":
        expect(arguments, 1, 1)
        inner = _write_arguments(w, name, arguments)
        return f"(sum({inner}){over} / nullif(count({inner}){over}, 0)::numeric)"
    if name == "MEDIAN":
        expect(arguments, 1, 1)
        if over:
            raise Unsupported("MEDIAN ... OVER")
        inner = _write_arguments(w, name, arguments)
        return f"(percentile_cont(0.5) within group (order by {inner}))::numeric"
    if name == "APPROX_COUNT_DISTINCT":
        expect(arguments, 1, 1)
        return f"(count(distinct {w.write(arguments[0])}){over})::numeric"
    function, cast = AGGREGATES[name]
    text = f"{function}({_write_arguments(w, name, arguments)}){over}"
    return f"({text}){cast}" if cast else text


def _write_arguments(w: Writer, name: str, arguments: Sequence[exp.Expr]) -> str:
    texts = []
    for number, argument in enumerate(arguments):
        if isinstance(argument, exp.Star):
            text = "*"
        elif isinstance(argument, exp.Distinct):
            inner = [_write_number(w, name, one) for one in argument.expressions]
            text = f"distinct {', '.join(inner)}"
        elif name in ("SUM", "AVG") and isinstance(argument, exp.Literal):
            text = write_typed(w, argument)
        elif name in _OF_NUMBERS:
            text = _write_number(w, name, argument)
        else:
            text = w.write(argument)
        if _INTEGER_ARGUMENT.get(name) == number:
            text = f"({text})::integer"
        texts.append(text)
    return ", ".join(texts)


def _write_number(w: Writer, name: str, node: exp.Expr) -> str:
    text = w.write(node)
    if name in _OF_NUMBERS and types.family(infer(w, node)) == "text":
        return f"ora.to_number({text})"
    return text


@rule(exp.Star)
def write_star(w: Writer, node: exp.Star) -> str:
    raise OraError(936, "missing expression")


@rule(exp.Window, parts="this partition_by order spec over first alias")
def write_window(w: Writer, node: exp.Window) -> str:
    if node.args.get("over") == "KEEP":
        return _write_keep(w, node)
    if node.args.get("alias") is not None:
        raise Unsupported("a named window", position=position_of(node))
    call = node.this
    present = _ignores_nulls(call)
    if isinstance(call, (exp.RespectNulls, exp.IgnoreNulls)):
        call = call.this
    parts = []
    partition = node.args.get("partition_by")
    if partition:
        parts.append(f"partition by {', '.join(w.write_all(partition))}")
    if isinstance(call, (exp.WithinGroup, Listagg)):
        return _write_listagg_over(w, call, parts)
    order = node.args.get("order")
    if order is not None:
        parts.append(w.write(order))
    spec = node.args.get("spec")
    if present:
        return _write_present(w, call, parts, "" if spec is None else w.write(spec))
    if spec is not None:
        parts.append(w.write(spec))
    over = f" over ({' '.join(parts)})"
    if isinstance(call, exp.Window):
        return _write_keep_over(w, node, call, parts)
    if isinstance(call, exp.Anonymous) and call.name.upper() == "RATIO_TO_REPORT":
        expect(call.expressions, 1, 1)
        value = w.write(call.expressions[0])
        return f"({value} / nullif(sum({value}){over}, 0)::numeric)"
    if not isinstance(call, exp.Anonymous) or not is_aggregate(call):
        raise OraError(923, "FROM keyword not found where expected", position=position_of(node))
    return write_aggregate(w, call, call.name.upper(), over)


def _ignores_nulls(call: exp.Expr) -> bool:
    """Whether `F(x) IGNORE NULLS` or `F(x IGNORE NULLS)`."""
    if isinstance(call, exp.IgnoreNulls):
        return True
    arguments = call.expressions if isinstance(call, exp.Anonymous) else []
    return bool(arguments) and isinstance(arguments[0], exp.IgnoreNulls)


def _write_present(w: Writer, call: exp.Expr, parts: list[str], spec: str) -> str:
    """FIRST_VALUE and such, of the values that are not NULL: PostgreSQL has no IGNORE NULLS."""
    name = call.name.upper() if isinstance(call, exp.Anonymous) else ""
    if name not in ("FIRST_VALUE", "LAST_VALUE", "NTH_VALUE", "LAG", "LEAD"):
        raise Unsupported(f"{name} IGNORE NULLS", position=position_of(call))
    subject, *rest = call.expressions
    expect(call.expressions, 1, 3)
    value = write_typed(w, subject.this if isinstance(subject, exp.IgnoreNulls) else subject)
    if name == "LAG":
        spec = "rows between unbounded preceding and 1 preceding"
    elif name == "LEAD":
        spec = "rows between 1 following and unbounded following"
    over = f" over ({' '.join([*parts, spec])})"
    if name in ("FIRST_VALUE", "LAST_VALUE"):
        return f"ora.{name.lower()}_present({value}){over}"
    if rest:
        values = f"(array_agg({value}) filter (where {value} is not null){over})"
        place = f"({w.write(rest[0])})::integer"
        found = f"{values}[{place}]"
        if name == "LAG":
            found = f"{values}[cardinality({values}) + 1 - {place}]"
    else:
        kept = "last" if name == "LAG" else "first"
        found = f"ora.{kept}_value_present({value}){over}"
    return f"coalesce({found}, {w.write(rest[1])})" if len(rest) > 1 else f"({found})"


@rule(exp.WindowSpec, parts="kind start start_side end end_side")
def write_frame(w: Writer, node: exp.WindowSpec) -> str:
    kind = str(node.args["kind"]).lower()

    def bound(value: object, side: object) -> str:
        if isinstance(value, exp.Expr):
            text = w.write(value)
            text = f"({text})::bigint" if kind == "rows" else text
        else:
            text = str(value).lower()
        return f"{text} {str(side).lower()}" if side else text

    start = bound(node.args["start"], node.args.get("start_side"))
    if node.args.get("end") is None:
        return f"{kind} {start}"
    return f"{kind} between {start} and {bound(node.args['end'], node.args.get('end_side'))}"


def _write_keep(w: Writer, node: exp.Window) -> str:
    """MIN or MAX over the rows that come first (or last): the best of the first, in one order."""
    call = node.this
    name = call.name.upper() if isinstance(call, exp.Anonymous) else ""
    if node.args.get("first") is None or not isinstance(call, exp.Anonymous):
        raise Unsupported(f"{name} KEEP", position=position_of(node))
    if name in ("MIN", "MAX"):
        value, terms = _keep_terms(w, node, call)
        return f"(array_agg({value} order by {terms}))[1]"
    if name not in ("SUM", "COUNT", "AVG"):
        raise Unsupported(f"{name} KEEP", position=position_of(node))
    return _write_keep_all(w, node, call, name)


def _keep_terms(w: Writer, node: exp.Window, call: exp.Anonymous) -> tuple[str, str]:
    """The value, and the order in which the wanted one is the first."""
    value = w.write(call.expressions[0])
    best = "desc" if call.name.upper() == "MAX" else "asc"
    return value, f"{_keep_order(w, node)}, {value} {best} nulls last"


def _keep_order(w: Writer, node: exp.Window) -> str:
    """DENSE_RANK's order, turned round for LAST."""
    last = node.args["first"] is False
    return ", ".join(
        _ordered(
            w,
            ordered.this,
            bool(ordered.args.get("desc")) != last,
            bool(ordered.args.get("nulls_first")) is not last,
        )
        for ordered in node.args["order"].expressions
    )


def _write_keep_all(w: Writer, node: exp.Window, call: exp.Anonymous, name: str) -> str:
    """SUM, COUNT and AVG over all rows that share the first place: those with the first row's keys."""
    argument = call.expressions[0]
    value = "1::numeric" if isinstance(argument, exp.Star) else w.write(argument)
    keys = ", ".join(w.write(ordered.this) for ordered in node.args["order"].expressions)
    order = f"order by {_keep_order(w, node)}"
    pairs = f"unnest(array_agg({value} {order}), array_agg(row({keys})::text {order}))"
    aggregate = {
        "SUM": "sum(k.v)",
        "COUNT": "count(k.v)::numeric",
        "AVG": "(sum(k.v) / nullif(count(k.v), 0)::numeric)",
    }[name]
    first = f"(array_agg(row({keys})::text {order}))[1]"
    return f"(select {aggregate} from {pairs} as k (v, key) where k.key = {first})"


def _write_keep_over(w: Writer, node: exp.Window, keep: exp.Window, parts: list[str]) -> str:
    """KEEP ... OVER (PARTITION BY ...): each row gets the value of its partition."""
    call = keep.this
    name = call.name.upper() if isinstance(call, exp.Anonymous) else ""
    if name not in ("MIN", "MAX") or node.args.get("order") or node.args.get("spec"):
        raise Unsupported(f"{name} KEEP ... OVER", position=position_of(node))
    value, terms = _keep_terms(w, keep, call)
    frame = "rows between unbounded preceding and unbounded following"
    return f"first_value({value}) over ({' '.join([*parts, f'order by {terms}', frame])})"


def _ordered(w: Writer, node: exp.Expr, descending: bool, nulls_first: bool) -> str:
    direction = "desc" if descending else "asc"
    return f"{w.write(node)} {direction} nulls {'first' if nulls_first else 'last'}"


# ---- LISTAGG and other ordered sets ----


@rule(Listagg, parts="this separator distinct overflow filler counts")
def write_listagg(w: Writer, node: Listagg) -> str:
    return _listagg(w, node, "")


def _listagg(w: Writer, node: Listagg, order: str, over: str = "") -> str:
    separator = node.args.get("separator")
    between = "''" if separator is None else f"coalesce({w.write(separator)}, '')"
    distinct = "distinct " if node.args.get("distinct") else ""
    value = f"{distinct}{as_text(w, node.this)}::text"
    if node.args.get("overflow") != "TRUNCATE":
        return f"ora.listagg_checked(string_agg({value}, {between}{order}){over})"
    filler = node.args.get("filler")
    end = "'...'" if filler is None else w.write(filler)
    counts = "true" if node.args.get("counts") else "false"
    return f"ora.listagg_cut(array_agg({value}{order}){over}, {between}, {end}, {counts})"


@rule(exp.WithinGroup)
def write_within_group(w: Writer, node: exp.WithinGroup) -> str:
    call, order = node.this, w.write(node.expression)
    if isinstance(call, Listagg):
        if call.args.get("distinct"):
            return _listagg_distinct(w, call, node.expression)
        return _listagg(w, call, f" {order}")
    if isinstance(call, exp.Anonymous):
        name = call.name.upper()
        arguments = ", ".join(w.write_all(call.expressions))
        if name == "PERCENTILE_CONT":
            return f"(percentile_cont({arguments}) within group ({order}))::numeric"
        if name == "PERCENTILE_DISC":
            return f"percentile_disc({arguments}) within group ({order})"
    raise Unsupported("WITHIN GROUP", position=position_of(node))


def _listagg_distinct(w: Writer, call: Listagg, order: exp.Expr) -> str:
    terms = order.expressions
    if len(terms) == 1 and terms[0].this == call.this:
        descending = " desc" if terms[0].args.get("desc") else ""
        return _listagg(w, call, f" order by {as_text(w, call.this)}::text{descending}")
    raise Unsupported("LISTAGG(DISTINCT ...) in another order than its own")


def _write_listagg_over(w: Writer, call: exp.Expr, parts: list[str]) -> str:
    inner = call.this if isinstance(call, exp.WithinGroup) else call
    if not isinstance(inner, Listagg) or inner.args.get("distinct"):
        raise Unsupported("WITHIN GROUP ... OVER")
    order = f"{w.write(call.expression)} " if isinstance(call, exp.WithinGroup) else ""
    frame = "rows between unbounded preceding and unbounded following"
    before = f"{' '.join(parts)} " if parts else ""
    return _listagg(w, inner, "", f" over ({before}{order}{frame})")
