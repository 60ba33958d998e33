"""Calls: helper functions of schema `ora` with Oracle's meaning, aggregates, analytic functions.

How to read the tables: a name in `_HELPERS` is called as ora.<name>, with the arguments as they are;
where it is in `_TEXT_FIRST` too, the first argument is turned into text. What needs more has a
function in `_SPECIAL`. A name in none of them may be PL/SQL's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from deploy.localdb.dialect.columns import (
    call_name,
    dotted_names,
    head_of,
    is_dotted_name,
    names_of,
    unknown,
    write_language,
)
from deploy.localdb.dialect.expressions import as_text, convert, write_definite, write_local
from deploy.localdb.dialect.functions import maybe_write_row_call, needs_rows
from deploy.localdb.dialect.inference import infer
from deploy.localdb.dialect.naming import position_of
from deploy.localdb.dialect.syntax import Listagg
from deploy.localdb.dialect.writer import Writer, rule
from deploy.localdb.errors import OraError, Unsupported

_HELPERS = frozenset(
    [
        "UPPER",
        "LOWER",
        "INITCAP",
        "SUBSTR",
        "SUBSTRB",
        "INSTR",
        "INSTRB",
        "LENGTH",
        "LENGTHB",
        "LPAD",
        "RPAD",
        "LTRIM",
        "RTRIM",
        "REPLACE",
        "TRANSLATE",
        "ASCII",
        "CHR",
        "CONCAT",
        "REVERSE",
        "UNISTR",
        "REGEXP_LIKE",
        "REGEXP_SUBSTR",
        "REGEXP_INSTR",
        "REGEXP_REPLACE",
        "REGEXP_COUNT",
        "NLS_UPPER",
        "NLS_LOWER",
        "ABS",
        "CEIL",
        "FLOOR",
        "MOD",
        "REMAINDER",
        "POWER",
        "SQRT",
        "EXP",
        "LN",
        "LOG",
        "SIGN",
        "BITAND",
        "SIN",
        "COS",
        "TAN",
        "ASIN",
        "ACOS",
        "ATAN",
        "ATAN2",
        "TO_NUMBER",
        "TO_DATE",
        "TO_TIMESTAMP",
        "TO_TIMESTAMP_TZ",
        "TO_CLOB",
        "TO_NCHAR",
        "TO_BLOB",
        "TO_BINARY_DOUBLE",
        "TO_BINARY_FLOAT",
        "TO_DSINTERVAL",
        "TO_YMINTERVAL",
        "ADD_MONTHS",
        "MONTHS_BETWEEN",
        "LAST_DAY",
        "NEXT_DAY",
        "NUMTODSINTERVAL",
        "NUMTOYMINTERVAL",
        "FROM_TZ",
        "TZ_OFFSET",
        "RAWTOHEX",
        "HEXTORAW",
        "ROWIDTOCHAR",
        "CHARTOROWID",
        "SYS_GUID",
        "STANDARD_HASH",
        "ORA_HASH",
        "VSIZE",
        "EMPTY_CLOB",
        "EMPTY_BLOB",
        "SYS_CONTEXT",
        "USERENV",
        "GREATEST",
        "LEAST",
        "NANVL",
        "DBMS_LOB.GETLENGTH",
        "DBMS_LOB.SUBSTR",
        "DBMS_LOB.INSTR",
        "UTL_RAW.CAST_TO_RAW",
        "UTL_RAW.CAST_TO_VARCHAR2",
        "UTL_RAW.LENGTH",
        "UTL_RAW.CONCAT",
        "DBMS_RANDOM.VALUE",
    ]
)
_TEXT_FIRST = frozenset(
    [
        "UPPER",
        "LOWER",
        "INITCAP",
        "SUBSTR",
        "SUBSTRB",
        "INSTR",
        "INSTRB",
        "LENGTH",
        "LENGTHB",
        "LPAD",
        "RPAD",
        "LTRIM",
        "RTRIM",
        "REPLACE",
        "TRANSLATE",
        "ASCII",
        "REGEXP_LIKE",
        "REGEXP_SUBSTR",
        "REGEXP_INSTR",
        "REGEXP_REPLACE",
        "REGEXP_COUNT",
        "TO_CLOB",
        "NLS_UPPER",
        "NLS_LOWER",
    ]
)
#: The first argument is a time; one with a zone goes by its own clock.
_LOCAL_FIRST = frozenset({"ADD_MONTHS", "LAST_DAY", "NEXT_DAY", "MONTHS_BETWEEN"})

#: Aggregates and analytic functions -> PostgreSQL's name, and what its result is cast to.
_AGGREGATES: dict[str, tuple[str, str]] = {
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


#: Calls that other modules write, by name; filled by `call_rule`.
_REGISTERED: dict[str, Callable[[Writer, exp.Anonymous], str]] = {}


def call_rule(
    name: str,
) -> Callable[[Callable[[Writer, exp.Anonymous], str]], Callable[[Writer, exp.Anonymous], str]]:
    """Register how calls of a function are written."""

    def register(
        function: Callable[[Writer, exp.Anonymous], str],
    ) -> Callable[[Writer, exp.Anonymous], str]:
        _REGISTERED[name] = function
        return function

    return register


@rule(exp.Anonymous, parts="this expressions")
def write_plain_call(w: Writer, node: exp.Anonymous) -> str:
    return write_call(w, node, (call_name(node),), node)


@rule(exp.Dot)
def write_dot(w: Writer, node: exp.Dot) -> str:
    last = node.expression
    if isinstance(last, exp.Anonymous) and is_dotted_name(node.this):
        names = (*dotted_names(node.this), call_name(last))
        return write_call(w, last, names, node)
    if is_dotted_name(node):
        names = dotted_names(node)
        position = position_of(node)
        type_ = w.variable(names)
        if type_ is None or position is None:
            raise unknown(names, position)
        return w.write_expression(w.syntax.call_text(position), type_)
    return write_language(w, node, head_of(node))


def write_call(w: Writer, call: exp.Anonymous, names: tuple[str, ...], node: exp.Expr) -> str:
    """A call by its whole name; node is the outermost part of it in the tree."""
    if len(names) > 1 and names[0] in ("SYS", "STANDARD"):
        names = names[1:]
    name = ".".join(names)
    arguments = call.expressions
    if name in _REGISTERED:
        return _REGISTERED[name](w, call)
    if name in _SPECIAL:
        return _SPECIAL[name](w, arguments)
    if name in _AGGREGATES or name in ("AVG", "MEDIAN"):
        return _write_aggregate(w, call, name, "")
    if name in _HELPERS:
        return _write_helper(w, name, arguments)
    if needs_rows(w, call):
        text = maybe_write_row_call(w, call, names, _may_be_language)
        if text is not None:
            return text
    return write_language(w, node, names)


def _may_be_language(call: exp.Anonymous) -> bool:
    """Whether SQL does not know it itself."""
    name = call_name(call)
    return not (
        name in _REGISTERED
        or name in _SPECIAL
        or name in _AGGREGATES
        or name in ("AVG", "MEDIAN")
        or name in _HELPERS
    )


def _write_helper(w: Writer, name: str, arguments: Sequence[exp.Expr]) -> str:
    for argument in arguments:
        if isinstance(argument, exp.Kwarg):
            raise Unsupported(f"named arguments of {name}", position=position_of(argument))
    texts = []
    for number, argument in enumerate(arguments):
        if number == 0 and name in _TEXT_FIRST:
            texts.append(as_text(w, argument))
        elif name in _LOCAL_FIRST:
            texts.append(write_local(w, argument))
        else:
            texts.append(w.write(argument))
    return f"ora.{name.lower().replace('.', '_')}({', '.join(texts)})"


# ---- with a meaning of their own ----


def _nvl(w: Writer, arguments: Sequence[exp.Expr]) -> str:
    _expect(arguments, 2, 2)
    return _coalesce(w, arguments)


def _coalesce(w: Writer, arguments: Sequence[exp.Expr]) -> str:
    _expect(arguments, 2, None)
    wanted = next((found for one in arguments if (found := infer(w, one)) is not None), None)
    return f"coalesce({', '.join(convert(w, one, wanted) for one in arguments)})"


def _nvl2(w: Writer, arguments: Sequence[exp.Expr]) -> str:
    _expect(arguments, 3, 3)
    wanted = infer(w, arguments[1]) or infer(w, arguments[2])
    tested = write_definite(w, arguments[0])
    given, missing = (convert(w, one, wanted) for one in arguments[1:])
    return f"(case when {tested} is not null then {given} else {missing} end)"


def _nullif(w: Writer, arguments: Sequence[exp.Expr]) -> str:
    _expect(arguments, 2, 2)
    return f"nullif({w.write(arguments[0])}, {w.write(arguments[1])})"


def _decode(w: Writer, arguments: Sequence[exp.Expr]) -> str:
    _expect(arguments, 3, None)
    subject, *pairs = arguments
    default = pairs.pop() if len(pairs) % 2 else None
    results = pairs[1::2] + ([default] if default is not None else [])
    wanted = next(
        (found for one in results if not _is_null(one) and (found := infer(w, one)) is not None),
        None,
    )
    compared = infer(w, subject)
    text = write_definite(w, subject)
    parts = []
    for search, result in zip(pairs[::2], pairs[1::2], strict=True):
        test = (
            f"{text} is null"
            if _is_null(search)
            else f"{text} is not distinct from {convert(w, search, compared)}"
        )
        parts.append(f"when {test} then {convert(w, result, wanted)}")
    if default is not None:
        parts.append(f"else {convert(w, default, wanted)}")
    return f"(case {' '.join(parts)} end)"


def _is_null(node: exp.Expr) -> bool:
    return isinstance(node, exp.Null) or (
        isinstance(node, exp.Literal) and bool(node.is_string) and not node.name
    )


def _to_char(w: Writer, arguments: Sequence[exp.Expr]) -> str:
    _expect(arguments, 1, 3)
    value, *rest = arguments
    return f"ora.to_char({', '.join([_typed(w, value), *w.write_all(rest)])})"


def _typed(w: Writer, node: exp.Expr) -> str:
    """An argument whose type chooses the function: whole numbers are NUMBER."""
    text = w.write(node)
    if isinstance(node, exp.Literal) and not node.is_string and text.isdigit():
        return f"{text}."
    return text


def _cut_off(helper: str) -> Callable[[Writer, Sequence[exp.Expr]], str]:
    def write(w: Writer, arguments: Sequence[exp.Expr]) -> str:
        _expect(arguments, 1, 2)
        value, *rest = arguments
        is_number = isinstance(value, exp.Literal) and not value.is_string
        texts = [_typed(w, value) if is_number else write_local(w, value), *w.write_all(rest)]
        return f"ora.{helper}({', '.join(texts)})"

    return write


def _quantifier(word: str) -> Callable[[Writer, Sequence[exp.Expr]], str]:
    def write(w: Writer, arguments: Sequence[exp.Expr]) -> str:
        return f"{word} (array[{', '.join(w.write_all(arguments))}])"

    return write


def _lnnvl(w: Writer, arguments: Sequence[exp.Expr]) -> str:
    _expect(arguments, 1, 1)
    return f"(({w.write(arguments[0])}) is not true)"


def _sys_timestamp(w: Writer, arguments: Sequence[exp.Expr]) -> str:
    return f"ora.systimestamp({w.write(arguments[0])})"


def _current_timestamp(w: Writer, arguments: Sequence[exp.Expr]) -> str:
    _expect(arguments, 1, 1)
    return "ora.current_timestamp()"


def _sys_extract_utc(w: Writer, arguments: Sequence[exp.Expr]) -> str:
    _expect(arguments, 1, 1)
    value = arguments[0]
    if isinstance(value, exp.Column) and names_of(value) == ("SYSTIMESTAMP",):
        return "ora.utc_now()"
    return f"ora.sys_extract_utc({w.write(value)})"


def _local_timestamp(w: Writer, arguments: Sequence[exp.Expr]) -> str:
    return f"ora.session_timestamp({w.write(arguments[0])})"


_SPECIAL: dict[str, Callable[[Writer, Sequence[exp.Expr]], str]] = {
    "NVL": _nvl,
    "NVL2": _nvl2,
    "COALESCE": _coalesce,
    "NULLIF": _nullif,
    "DECODE": _decode,
    "TO_CHAR": _to_char,
    "TRUNC": _cut_off("trunc"),
    "ROUND": _cut_off("round"),
    "LNNVL": _lnnvl,
    "ANY": _quantifier("any"),
    "SOME": _quantifier("any"),
    "ALL": _quantifier("all"),
    "SYSTIMESTAMP": _sys_timestamp,
    "SYS_EXTRACT_UTC": _sys_extract_utc,
    "CURRENT_TIMESTAMP": _current_timestamp,
    "LOCALTIMESTAMP": _local_timestamp,
}


def _expect(arguments: Sequence[exp.Expr], least: int, most: int | None) -> None:
    if len(arguments) < least:
        raise OraError(938, "not enough arguments for function")
    if most is not None and len(arguments) > most:
        raise OraError(939, "too many arguments for function")


def known_functions() -> frozenset[str]:
    """All that are SQL's own here, by name."""
    return frozenset({*_REGISTERED, *_SPECIAL, *_AGGREGATES, *_HELPERS, "AVG", "MEDIAN"})


def is_known_function(name: str) -> bool:
    """Whether SQL has it itself."""
    return name in _HELPERS or name in _SPECIAL or name in _AGGREGATES or name in ("AVG", "MEDIAN")


# ---- aggregates and analytic functions ----


def is_aggregate(node: exp.Expr) -> bool:
    if isinstance(node, (Listagg, exp.WithinGroup)):
        return True
    return isinstance(node, exp.Anonymous) and (
        node.name.upper() in _AGGREGATES or node.name.upper() in ("AVG", "MEDIAN")
    )


def _write_aggregate(w: Writer, call: exp.Anonymous, name: str, over: str) -> str:
    arguments = call.expressions
    if name == "AVG":
        _expect(arguments, 1, 1)
        inner = _write_arguments(w, name, arguments)
        return f"(sum({inner}){over} / nullif(count({inner}){over}, 0)::numeric)"
    if name == "MEDIAN":
        _expect(arguments, 1, 1)
        if over:
            raise Unsupported("MEDIAN ... OVER")
        return f"(percentile_cont(0.5) within group (order by {w.write(arguments[0])}))::numeric"
    function, cast = _AGGREGATES[name]
    text = f"{function}({_write_arguments(w, name, arguments)}){over}"
    return f"({text}){cast}" if cast else text


def _write_arguments(w: Writer, name: str, arguments: Sequence[exp.Expr]) -> str:
    texts = []
    for number, argument in enumerate(arguments):
        if isinstance(argument, exp.Star):
            text = "*"
        elif isinstance(argument, exp.Distinct):
            text = f"distinct {', '.join(w.write_all(argument.expressions))}"
        elif name in ("SUM", "AVG") and isinstance(argument, exp.Literal):
            text = _typed(w, argument)
        else:
            text = w.write(argument)
        if _INTEGER_ARGUMENT.get(name) == number:
            text = f"({text})::integer"
        texts.append(text)
    return ", ".join(texts)


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
    if isinstance(call, exp.IgnoreNulls):
        raise Unsupported("IGNORE NULLS", position=position_of(node))
    if isinstance(call, exp.RespectNulls):
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
    if spec is not None:
        parts.append(w.write(spec))
    over = f" over ({' '.join(parts)})"
    if isinstance(call, exp.Window):
        return _write_keep_over(w, node, call, parts)
    if isinstance(call, exp.Anonymous) and call.name.upper() == "RATIO_TO_REPORT":
        _expect(call.expressions, 1, 1)
        value = w.write(call.expressions[0])
        return f"({value} / nullif(sum({value}){over}, 0)::numeric)"
    if not isinstance(call, exp.Anonymous) or not is_aggregate(call):
        raise OraError(923, "FROM keyword not found where expected", position=position_of(node))
    return _write_aggregate(w, call, call.name.upper(), over)


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
