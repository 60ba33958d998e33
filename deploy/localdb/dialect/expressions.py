"""Literals, operators, conditions and CASE."""

from __future__ import annotations

import itertools
import re
from decimal import Decimal

from sqlglot import exp

from deploy.localdb.dialect import types
from deploy.localdb.dialect.columns import names_of
from deploy.localdb.dialect.inference import ZONE_NAMES, infer
from deploy.localdb.dialect.naming import literal, position_of
from deploy.localdb.dialect.syntax import AtLocal, Bind, TimeLiteral, TypeNode
from deploy.localdb.dialect.writer import Writer, rule
from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.values import SqlType, TypeName

_COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
_ARITHMETIC: dict[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/"}


# ---- literals ----


@rule(exp.Literal, parts="this is_string")
def write_literal(w: Writer, node: exp.Literal) -> str:
    if node.is_string:
        # Oracle has no empty string.
        return literal(node.name) if node.name else "null"
    suffix = node.name[-1:]
    if suffix in ("d", "f"):
        return f"{node.name[:-1]}::{'float8' if suffix == 'd' else 'float4'}"
    return node.name


@rule(exp.RawString, exp.National)
def write_quoted(w: Writer, node: exp.Expr) -> str:
    return literal(node.name) if node.name else "null"


@rule(exp.Null)
def write_null(w: Writer, node: exp.Null) -> str:
    return "null"


@rule(exp.Boolean)
def write_boolean(w: Writer, node: exp.Boolean) -> str:
    return "true" if node.this else "false"


@rule(Bind, parts="this index")
def write_bind(w: Writer, node: Bind) -> str:
    return w.write_bind(node)


@rule(TimeLiteral, parts="this kind")
def write_time_literal(w: Writer, node: TimeLiteral) -> str:
    text = node.this.name.strip()
    if node.args["kind"] == "DATE":
        if not re.fullmatch(r"-?\d{1,4}-\d{1,2}-\d{1,2}", text):
            raise OraError(1861, "literal does not match format string", position=position_of(node))
        return f"{literal(text)}::ora.date"
    match = re.fullmatch(
        r"-?\d{1,4}-\d{1,2}-\d{1,2} \d{1,2}:\d{1,2}:\d{1,2}(\.\d*)?( ?(?P<zone>\S.*))?", text
    )
    if match is None:
        raise OraError(1861, "literal does not match format string", position=position_of(node))
    if not match["zone"]:
        return f"{literal(text)}::timestamp"
    shown = text[: match.start("zone")].strip()
    zone = ", ".join(literal(word) for word in match["zone"].split(None, 1))
    return f"ora.from_tz({literal(shown)}::timestamp, {zone})"


_SECONDS = {"DAY": 86400, "HOUR": 3600, "MINUTE": 60, "SECOND": 1}
#: How the parts of a literal stand behind each other, from the first unit on.
_DAY_TIME = {
    "DAY": r"(?P<DAY>\d+)",
    "HOUR": r"(?P<HOUR>\d+)",
    "MINUTE": r"(?P<MINUTE>\d+)",
    "SECOND": r"(?P<SECOND>\d+(?:\.\d*)?)",
}


@rule(exp.Interval, parts="this unit")
def write_interval(w: Writer, node: exp.Interval) -> str:
    text = node.this.name.strip()
    first, _, last = node.args["unit"].name.partition(" TO ")
    sign = "-" if text.startswith("-") else ""
    body = text.lstrip("+-").strip()
    wrong = OraError(1867, "the interval is invalid", position=position_of(node))
    if first in ("YEAR", "MONTH"):
        match = re.fullmatch(r"(\d+)-(\d+)" if last else r"(\d+)", body)
        if match is None:
            raise wrong
        months = int(match[1]) * (12 if first == "YEAR" else 1) + (int(match[2]) if last else 0)
        return f"interval '{sign}{months} months' year to month"
    units = list(_DAY_TIME)
    if first not in units or (last and last not in units):
        raise wrong
    wanted = units[units.index(first) : units.index(last or first) + 1]
    pattern = _DAY_TIME[wanted[0]]
    for before, unit in itertools.pairwise(wanted):
        pattern += (" " if before == "DAY" else ":") + _DAY_TIME[unit]
    match = re.fullmatch(pattern, body)
    if match is None:
        raise wrong
    seconds = sum(Decimal(match[unit]) * _SECONDS[unit] for unit in wanted)
    return f"interval '{sign}{seconds} seconds'"


# ---- conditions ----


@rule(exp.And, exp.Or)
def write_connector(w: Writer, node: exp.Expr) -> str:
    word = "and" if isinstance(node, exp.And) else "or"
    return f"({w.write(node.this)} {word} {w.write(node.expression)})"


@rule(exp.Not)
def write_not(w: Writer, node: exp.Not) -> str:
    return f"(not {w.write(node.this)})"


@rule(exp.Paren)
def write_paren(w: Writer, node: exp.Paren) -> str:
    return f"({w.write(node.this)})"


@rule(*_COMPARISONS)
def write_comparison(w: Writer, node: exp.Expr) -> str:
    sign = _COMPARISONS[type(node)]
    left, right = node.this, node.expression
    check_comparable(w, left)
    check_comparable(w, right)
    return f"({_operand(w, left, right)} {sign} {_operand(w, right, left)})"


_NOT_COMPARABLE = frozenset(
    {TypeName.CLOB, TypeName.NCLOB, TypeName.BLOB, TypeName.LONG, TypeName.LONG_RAW}
)


def check_comparable(w: Writer, node: exp.Expr) -> None:
    """Raises ORA-00932 where LOBs would be compared or sorted."""
    type_ = infer(w, node)
    if type_ is not None and type_.name in _NOT_COMPARABLE:
        raise OraError(
            932,
            f"inconsistent datatypes: expected - got {type_.name.value}",
            position=position_of(node),
        )


def _operand(w: Writer, node: exp.Expr, other: exp.Expr) -> str:
    """A side of a comparison; text against a ROWID or RAW is converted as Oracle does."""
    text = w.write(node)
    if types.family(infer(w, node)) == "text":
        against = infer(w, other)
        if against is not None and against.name is TypeName.RAW:
            return f"ora.hextoraw({text})"
        if against is not None and against.name is TypeName.TIMESTAMP_TZ:
            return f"ora.to_timestamp_tz({text})"
        if (
            against is not None
            and against.name is TypeName.ROWID
            and not isinstance(node, exp.Literal)
        ):
            return f"ora.chartorowid({text})"
    return text


@rule(exp.Is)
def write_is(w: Writer, node: exp.Is) -> str:
    test = node.expression
    if isinstance(test, exp.Null):
        return f"({write_definite(w, node.this)} is null)"
    if isinstance(test, exp.JSON):
        if any(test.args.get(part) for part in ("with_", "unique")):
            raise Unsupported("IS JSON WITH UNIQUE KEYS")
        kind = f" {str(test.this).lower()}" if test.this else ""
        return f"ora.is_json({write_definite(w, node.this)}, {literal(kind.strip())})"
    if isinstance(test, exp.Boolean):
        return f"({w.write(node.this)} is {w.write(test)})"
    raise Unsupported(f"IS {test.sql()}", position=position_of(node))


def write_definite(w: Writer, node: exp.Expr) -> str:
    """Where PostgreSQL could not tell the type of a bind: text."""
    text = w.write(node)
    inner = node
    while isinstance(inner, exp.Paren):
        inner = inner.this
    if re.fullmatch(r"\(*\$\d+\)*", text) or (isinstance(inner, exp.Null)):
        return f"{text}::text"
    return text


@rule(exp.In, parts="this expressions query field")
def write_in(w: Writer, node: exp.In) -> str:
    left = w.write(node.this)
    query = node.args.get("query")
    if query is not None:
        return f"({left} in {w.write(query)})"
    if node.args.get("field") is not None:
        return f"({left} in ({w.write(node.args['field'])}))"
    if not node.expressions:
        raise OraError(936, "missing expression", position=position_of(node))
    return f"({left} in ({', '.join(_operand(w, one, node.this) for one in node.expressions)}))"


@rule(exp.Between, parts="this low high")
def write_between(w: Writer, node: exp.Between) -> str:
    low, high = node.args["low"], node.args["high"]
    value = w.write(node.this)
    return f"({value} between {_operand(w, low, node.this)} and {_operand(w, high, node.this)})"


@rule(exp.Like, parts="this expression negate")
def write_like(w: Writer, node: exp.Like) -> str:
    return f"({as_text(w, node.this)} {_like(node)} {as_text(w, node.expression)} escape '')"


def _like(node: exp.Like) -> str:
    return "not like" if node.args.get("negate") else "like"


@rule(exp.Escape)
def write_escape(w: Writer, node: exp.Escape) -> str:
    like = node.this
    if not isinstance(like, exp.Like):
        raise Unsupported("ESCAPE without LIKE", position=position_of(node))
    pattern = f"ora.like_pattern({as_text(w, like.expression)}, {w.write(node.expression)})"
    return f"({as_text(w, like.this)} {_like(like)} {pattern} escape '\\')"


@rule(exp.Exists)
def write_exists(w: Writer, node: exp.Exists) -> str:
    return f"exists ({w.write(node.this)})"


@rule(exp.Any, exp.All)
def write_quantifier(w: Writer, node: exp.Expr) -> str:
    word = "any" if isinstance(node, exp.Any) else "all"
    inner = node.this
    if isinstance(inner, exp.Subquery):
        inner = inner.this
    if isinstance(inner, exp.Query):
        return f"{word} ({w.write(inner)})"
    values = inner.expressions if isinstance(inner, exp.Tuple) else [inner]
    if isinstance(inner, exp.Paren):
        values = [inner.this]
    return f"{word} (array[{', '.join(w.write_all(values))}])"


@rule(exp.Tuple, parts="expressions")
def write_tuple(w: Writer, node: exp.Tuple) -> str:
    return f"({', '.join(w.write_all(node.expressions))})"


@rule(exp.Subquery)
def write_scalar(w: Writer, node: exp.Subquery) -> str:
    return f"({w.write(node.this)})"


# ---- arithmetic and text ----


@rule(*_ARITHMETIC)
def write_arithmetic(w: Writer, node: exp.Expr) -> str:
    sign = _ARITHMETIC[type(node)]
    return f"({_number(w, node.this)} {sign} {_number(w, node.expression)})"


def _number(w: Writer, node: exp.Expr) -> str:
    """An operand; a whole number is a NUMBER, not one of PostgreSQL's integers."""
    text = w.write(node)
    if isinstance(node, exp.Literal):
        if node.is_string:
            return (
                f"ora.to_number({text})" if re.fullmatch(r"\s*[+-]?[\d.]+\s*", node.name) else text
            )
        if text.isdigit():
            return f"{text}."
    return text


@rule(exp.Neg)
def write_negative(w: Writer, node: exp.Neg) -> str:
    return f"(- {_number(w, node.this)})"


@rule(exp.DPipe, parts="this expression safe")
def write_concatenation(w: Writer, node: exp.DPipe) -> str:
    return f"({_part(w, node.this)} || {_part(w, node.expression)})"


#: What PostgreSQL would give the type of its neighbour: a bind, a literal, NULL.
_UNTYPED = re.compile(r"\$\d+|null|E?'(?:[^']|'')*'")


def _part(w: Writer, node: exp.Expr) -> str:
    text = w.write(node)
    return f"{text}::text" if _UNTYPED.fullmatch(text) else text


def as_text(w: Writer, node: exp.Expr) -> str:
    """An expression where Oracle wants text, converted if it is none."""
    text = w.write(node)
    if types.family(infer(w, node)) in ("number", "time") or (
        isinstance(node, exp.Literal) and not node.is_string
    ):
        return f"ora.to_char({text})"
    return text


def convert(w: Writer, node: exp.Expr, wanted: SqlType | None) -> str:
    """An alternative of NVL, DECODE and the like, in the type of the first one."""
    text = w.write(node)
    family, own = types.family(wanted), types.family(infer(w, node))
    if family == "text" and own in ("number", "time"):
        return f"ora.to_char({text})"
    if wanted is not None and wanted.name is TypeName.TIMESTAMP_TZ and own == "text":
        return f"ora.to_timestamp_tz({text})"
    if family == "number" and own == "text" and not isinstance(node, Bind):
        return f"ora.to_number({text})"
    if isinstance(node, exp.Literal) and not node.is_string and text.isdigit():
        return f"{text}."
    return text


@rule(exp.Case, parts="this ifs default")
def write_case(w: Writer, node: exp.Case) -> str:
    branches = node.args["ifs"]
    default = node.args.get("default")
    wanted = infer(w, node)
    parts = ["case"]
    if node.this is not None:
        parts.append(w.write(node.this))
    for branch in branches:
        result = convert(w, branch.args["true"], wanted)
        parts.append(f"when {w.write(branch.this)} then {result}")
    if default is not None:
        parts.append(f"else {convert(w, default, wanted)}")
    return f"({' '.join(parts)} end)"


# ---- time ----


@rule(exp.AtTimeZone, parts="this zone")
def write_at_time_zone(w: Writer, node: exp.AtTimeZone) -> str:
    value = w.write(node.this)
    if infer(w, node.this) in (types.DATE, types.TIMESTAMP):
        value = f"({value})::ora.tstz"
    return f"ora.in_zone({value}, {w.write(node.args['zone'])})"


@rule(AtLocal)
def write_at_local(w: Writer, node: AtLocal) -> str:
    value = w.write(node.this)
    if infer(w, node.this) in (types.DATE, types.TIMESTAMP):
        value = f"({value})::ora.tstz"
    return f"ora.in_zone({value}, ora.session_time_zone())"


def write_local(w: Writer, node: exp.Expr) -> str:
    """A time with zone where a time without one is wanted: as its own zone's clock shows it."""
    found = infer(w, node)
    if found is not None and found.name is TypeName.TIMESTAMP_TZ:
        if isinstance(node, exp.Column) and names_of(node) == ("SYSTIMESTAMP",):
            return w.write(node)
        return f"ora.wall_clock({w.write(node)})"
    return w.write(node)


@rule(exp.Cast, parts="this to")
def write_cast(w: Writer, node: exp.Cast) -> str:
    to = node.args["to"]
    if not isinstance(to, TypeNode):
        raise Unsupported("CAST to this type", position=position_of(node))
    return cast(w, node.this, to.sql_type, in_characters=to.args.get("in_characters"))


def cast(w: Writer, node: exp.Expr, type_: SqlType, *, in_characters: bool | None = None) -> str:
    """An expression in another type, as CAST does it; in_characters None: as the session has it."""
    if in_characters is None:
        in_characters = w.in_characters
    source = types.family(infer(w, node))
    if type_.name in (TypeName.TIMESTAMP, TypeName.DATE):
        text = write_local(w, node)
        if source == "text":
            helper = "to_date" if type_.name is TypeName.DATE else "to_timestamp"
            return f"ora.{helper}({text})"
        return f"({text})::{types.postgres_type(type_)}"
    text = w.write(node)
    if type_.name is TypeName.NVARCHAR2 or (type_.name is TypeName.VARCHAR2 and in_characters):
        return f"ora.cast_text({_to_char(text, source)}, {type_.size or 4000})"
    if type_.name is TypeName.VARCHAR2:
        return f"ora.cast_bytes({_to_char(text, source)}, {type_.size or 4000})"
    if type_.name is TypeName.CHAR and not in_characters:
        size = type_.size or 1
        return f"ora.pad(ora.cast_bytes({_to_char(text, source)}, {size})::bpchar, {size})"
    if type_.name in (TypeName.CHAR, TypeName.NCHAR):
        return f"({_to_char(text, source)})::{types.postgres_type(type_)}"
    if type_.name in (TypeName.NUMBER, TypeName.FLOAT):
        if source != "number":
            text = f"ora.to_number({text})"
        return f"({text})::{types.postgres_type(type_)}"
    if type_.name is TypeName.RAW and source == "text":
        return f"ora.hextoraw({text})"
    if type_.name in (TypeName.TIMESTAMP_TZ, TypeName.TIMESTAMP_LTZ) and source == "text":
        return f"(ora.to_timestamp_tz({text}))::{types.postgres_type(type_)}"
    if type_.name in (TypeName.INTERVAL_DS, TypeName.INTERVAL_YM) and source == "text":
        helper = "to_dsinterval" if type_.name is TypeName.INTERVAL_DS else "to_yminterval"
        return f"ora.{helper}({text})"
    return f"({text})::{types.postgres_type(type_)}"


def _to_char(text: str, source: str | None) -> str:
    return text if source in ("text", "CLOB") else f"ora.to_char({text})"


@rule(exp.Extract)
def write_extract(w: Writer, node: exp.Extract) -> str:
    unit = node.this.name.lower()
    if unit in ZONE_NAMES:
        found = infer(w, node.expression)
        if types.family(found) != "time" or found == types.DATE:
            raise OraError(
                30076, "invalid extract field for extract source", position=position_of(node)
            )
        return f"ora.extract_zone({literal(unit)}, ({w.write(node.expression)})::ora.tstz)"
    if unit not in (
        "year",
        "month",
        "day",
        "hour",
        "minute",
        "second",
        "timezone_hour",
        "timezone_minute",
    ):
        raise Unsupported(f"EXTRACT({unit.upper()})", position=position_of(node))
    return f"ora.extract({literal(unit)}, {w.write(node.expression)})"


@rule(exp.Trim, parts="this position expression")
def write_trim(w: Writer, node: exp.Trim) -> str:
    helper = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(
        str(node.args.get("position") or ""), "trim"
    )
    characters = node.args.get("expression")
    arguments = as_text(w, node.this)
    if characters is not None:
        arguments += f", {w.write(characters)}"
    return f"ora.{helper}({arguments})"
