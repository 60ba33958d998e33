"""The type of an expression, as far as the text and the catalogue tell; None: PostgreSQL will know."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlglot import exp

from deploy.localdb.dialect import types
from deploy.localdb.dialect.columns import dotted_names, is_dotted_name, type_of_name
from deploy.localdb.dialect.syntax import (
    AtLocal,
    Bind,
    JsonCall,
    JsonConstructor,
    Listagg,
    TimeLiteral,
    TypeNode,
)
from deploy.localdb.dialect.writer import Writer
from deploy.localdb.values import SqlType, TypeName

_NUMBERS = frozenset(
    [
        "COUNT",
        "SUM",
        "AVG",
        "STDDEV",
        "VARIANCE",
        "MEDIAN",
        "ROW_NUMBER",
        "RANK",
        "DENSE_RANK",
        "NTILE",
        "PERCENT_RANK",
        "CUME_DIST",
        "STDDEV_POP",
        "STDDEV_SAMP",
        "VAR_POP",
        "VAR_SAMP",
        "CORR",
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
        "LENGTH",
        "LENGTHB",
        "INSTR",
        "INSTRB",
        "ASCII",
        "TO_NUMBER",
        "MONTHS_BETWEEN",
        "ORA_HASH",
        "REGEXP_INSTR",
        "REGEXP_COUNT",
        "UID",
        "GROUPING",
        "GROUPING_ID",
        "RATIO_TO_REPORT",
        "DBMS_LOB.GETLENGTH",
        "DBMS_LOB.INSTR",
        "UTL_RAW.LENGTH",
        "VSIZE",
        "DBMS_RANDOM.VALUE",
        "SIN",
        "COS",
        "TAN",
        "SINH",
        "COSH",
        "TANH",
        "WIDTH_BUCKET",
        "BIN_TO_NUM",
        "APPROX_COUNT_DISTINCT",
    ]
)
_TEXTS = frozenset(
    [
        "TO_CHAR",
        "UPPER",
        "LOWER",
        "INITCAP",
        "SUBSTR",
        "SUBSTRB",
        "LPAD",
        "RPAD",
        "LTRIM",
        "RTRIM",
        "REPLACE",
        "TRANSLATE",
        "CHR",
        "ASCIISTR",
        "SOUNDEX",
        "DUMP",
        "RAWTONHEX",
        "REGEXP_SUBSTR",
        "REGEXP_REPLACE",
        "RAWTOHEX",
        "ROWIDTOCHAR",
        "SYS_CONTEXT",
        "USERENV",
        "USER",
        "DBMS_LOB.SUBSTR",
        "CONCAT",
        "SYS_CONNECT_BY_PATH",
        "UTL_RAW.CAST_TO_VARCHAR2",
        "NLS_UPPER",
        "NLS_LOWER",
    ]
)
_DATES = frozenset({"TO_DATE", "ADD_MONTHS", "LAST_DAY", "NEXT_DAY"})
_RAWS = frozenset(
    {"HEXTORAW", "SYS_GUID", "STANDARD_HASH", "UTL_RAW.CAST_TO_RAW", "UTL_RAW.CONCAT"}
)
_FIXED: dict[str, SqlType] = {
    **dict.fromkeys(_NUMBERS, types.NUMBER),
    **dict.fromkeys(_TEXTS, types.TEXT),
    **dict.fromkeys(_DATES, types.DATE),
    **dict.fromkeys(_RAWS, types.RAW),
    "UNISTR": types.NATIONAL_TEXT,
    "NCHR": types.NATIONAL_TEXT,
    "SYSTIMESTAMP": types.TIMESTAMP_TZ,
    "CURRENT_TIMESTAMP": types.TIMESTAMP_TZ,
    "LOCALTIMESTAMP": types.TIMESTAMP,
    "TO_TIMESTAMP": types.TIMESTAMP,
    "SYS_EXTRACT_UTC": types.TIMESTAMP,
    "TO_TIMESTAMP_TZ": types.TIMESTAMP_TZ,
    "FROM_TZ": types.TIMESTAMP_TZ,
    "NUMTODSINTERVAL": types.INTERVAL_DS,
    "TO_DSINTERVAL": types.INTERVAL_DS,
    "NUMTOYMINTERVAL": types.INTERVAL_YM,
    "TO_YMINTERVAL": types.INTERVAL_YM,
    "TO_CLOB": types.CLOB,
    "TO_NCLOB": types.CLOB,
    "EMPTY_CLOB": types.CLOB,
    "EMPTY_BLOB": types.BLOB,
    "TO_BLOB": types.BLOB,
    "TO_BINARY_DOUBLE": types.BINARY_DOUBLE,
    "TO_BINARY_FLOAT": types.BINARY_FLOAT,
}
#: They have the type of this argument.
_LIKE_ARGUMENT = {
    "NVL": 0,
    "COALESCE": 0,
    "NULLIF": 0,
    "NVL2": 1,
    "DECODE": 2,
    "GREATEST": 0,
    "LEAST": 0,
    "MIN": 0,
    "MAX": 0,
    "LAG": 0,
    "LEAD": 0,
    "FIRST_VALUE": 0,
    "LAST_VALUE": 0,
    "NTH_VALUE": 0,
    "ANY_VALUE": 0,
}

#: Fields of EXTRACT that are texts.
ZONE_NAMES = frozenset({"timezone_region", "timezone_abbr"})


def infer(w: Writer, node: exp.Expr | None) -> SqlType | None:
    match node:
        case None:
            return None
        case (
            exp.Alias()
            | exp.Paren()
            | exp.Window()
            | exp.WithinGroup()
            | exp.IgnoreNulls()
            | exp.Prior()
            | exp.ConnectByRoot()
        ):
            return infer(w, node.this)
        case exp.Literal():
            if node.is_string:
                return SqlType(TypeName.CHAR, size=len(node.name)) if node.name else types.TEXT
            return {"d": types.BINARY_DOUBLE, "f": types.BINARY_FLOAT}.get(
                node.name[-1:], types.NUMBER
            )
        case exp.RawString() | exp.National() | exp.DPipe() | exp.Trim() | Listagg():
            return types.TEXT
        case exp.Column():
            return type_of_name(w, node)
        case Bind():
            return w.type_of_bind(node)
        case exp.Cast():
            to = node.args["to"]
            return to.sql_type if isinstance(to, TypeNode) else None
        case TimeLiteral():
            if node.args["kind"] == "DATE":
                return types.DATE
            # '... 10:00:00 +02:00', '... 10:00:00 Europe/Madrid'
            has_zone = re.search(r"\d:\d\d(?::\d\d(?:\.\d*)?)?\s*[A-Za-z+-]", node.this.name)
            return types.TIMESTAMP_TZ if has_zone else types.TIMESTAMP
        case exp.AtTimeZone() | AtLocal():
            return types.TIMESTAMP_TZ
        case exp.Interval():
            unit = str(node.args["unit"]).upper()
            return types.INTERVAL_YM if unit.startswith(("YEAR", "MONTH")) else types.INTERVAL_DS
        case exp.Extract() if node.this.name.lower() in ZONE_NAMES:
            return types.TEXT
        case exp.Extract() | exp.Neg():
            return types.NUMBER
        case exp.Add() | exp.Sub() | exp.Mul() | exp.Div():
            return _arithmetic(w, node)
        case exp.Case():
            branches = [branch.args["true"] for branch in node.args["ifs"]]
            return _first_known(w, [*branches, node.args.get("default")])
        case JsonCall():
            to = node.args.get("returning")
            return to.sql_type if isinstance(to, TypeNode) else types.TEXT
        case JsonConstructor():
            to = node.args.get("returning")
            return to.sql_type if isinstance(to, TypeNode) else types.TEXT
        case exp.Anonymous():
            return _call(w, str(node.name).upper(), node.expressions)
        case exp.Dot(expression=exp.Anonymous() as call) if is_dotted_name(node.this):
            names = (*dotted_names(node.this), call.name.upper())
            return _call(w, ".".join(names), call.expressions)
        case _:
            return None


def _first_known(w: Writer, nodes: Sequence[exp.Expr | None]) -> SqlType | None:
    for node in nodes:
        if node is None or isinstance(node, exp.Null):
            continue
        found = infer(w, node)
        if found is not None:
            return types.TEXT if found.name is TypeName.CHAR else found
    return None


def _call(w: Writer, name: str, arguments: list[exp.Expr]) -> SqlType | None:
    if name in _FIXED:
        return _FIXED[name]
    if name in _LIKE_ARGUMENT:
        start = _LIKE_ARGUMENT[name]
        if name == "DECODE":
            return _first_known(w, arguments[2::2])
        return _first_known(w, list(arguments[start:]))
    if name in ("TRUNC", "ROUND") and arguments:
        return types.DATE if types.family(infer(w, arguments[0])) == "time" else types.NUMBER
    return _language(w, tuple(name.split(".")))


def _language(w: Writer, names: tuple[str, ...]) -> SqlType | None:
    """What a function of PL/SQL's gives."""
    found = w.function(names)
    if not isinstance(found, SqlType):
        return None
    return types.TEXT if types.family(found) == "text" else found


def _arithmetic(w: Writer, node: exp.Expr) -> SqlType | None:
    left, right = infer(w, node.this), infer(w, node.expression)
    kinds = {types.family(left), types.family(right)}
    if "time" in kinds:
        if kinds == {"time"}:
            both_dates = left == right == types.DATE
            return types.NUMBER if both_dates else types.INTERVAL_DS
        time = left if types.family(left) == "time" else right
        return types.DATE if "number" in kinds else time
    for type_ in (left, right):
        if types.family(type_) in (TypeName.INTERVAL_DS.value, TypeName.INTERVAL_YM.value):
            return type_
    if None in kinds:
        return None
    for type_ in (left, right):
        if type_ is not None and type_.name in (TypeName.BINARY_DOUBLE, TypeName.BINARY_FLOAT):
            return type_
    return types.NUMBER
