"""Calls: helper functions of schema `ora` with Oracle's meaning, aggregates, analytic functions.

How to read the tables: a name in `_HELPERS` is called as ora.<name>, with the arguments as they are;
where it is in `_TEXT_FIRST` too, the first argument is turned into text. What needs more has a
function in `_SPECIAL`. A name in none of them may be PL/SQL's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from deploy.localdb.dialect.aggregates import (
    AGGREGATES,
    COMPOSED,
    expect,
    is_aggregate_name,
    write_aggregate,
    write_typed,
)
from deploy.localdb.dialect.columns import (
    call_name,
    dotted_names,
    find_column,
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
from deploy.localdb.dialect.writer import Writer, rule
from deploy.localdb.errors import Unsupported
from deploy.localdb.values import TypeName

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
        "ASCIISTR",
        "NCHR",
        "SOUNDEX",
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
        "SINH",
        "COSH",
        "TANH",
        "WIDTH_BUCKET",
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
        "RAWTONHEX",
        "TO_NCLOB",
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
        "ASCIISTR",
        "SOUNDEX",
        "TO_NCLOB",
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
#: Oracle's, and not there: said by name, where nobody has a function called so.
_REFUSED = frozenset(
    [
        "APPENDCHILDXML",
        "BFILENAME",
        "CARDINALITY",
        "CLUSTER_ID",
        "COLLECT",
        "COMPOSE",
        "CONVERT",
        "DECOMPOSE",
        "DEREF",
        "EXISTSNODE",
        "EXTRACTVALUE",
        "GROUP_ID",
        "JSON_DATAGUIDE",
        "JSON_EQUAL",
        "JSON_MERGEPATCH",
        "JSON_SCALAR",
        "JSON_SERIALIZE",
        "JSON_TRANSFORM",
        "MAKE_REF",
        "NEW_TIME",
        "NLSSORT",
        "NLS_CHARSET_ID",
        "NLS_CHARSET_NAME",
        "NLS_INITCAP",
        "ORA_DST_CONVERT",
        "ORA_INVOKING_USER",
        "POWERMULTISET",
        "PREDICTION",
        "REF",
        "REFTOHEX",
        "SCN_TO_TIMESTAMP",
        "STATS_MODE",
        "SYS_DBURIGEN",
        "SYS_TYPEID",
        "SYS_XMLAGG",
        "TIMESTAMP_TO_SCN",
        "TO_MULTI_BYTE",
        "TO_SINGLE_BYTE",
        "TREAT",
        "VALIDATE_CONVERSION",
        "VALUE",
        "XMLAGG",
        "XMLCAST",
        "XMLCONCAT",
        "XMLELEMENT",
        "XMLEXISTS",
        "XMLFOREST",
        "XMLPARSE",
        "XMLQUERY",
        "XMLSERIALIZE",
        "XMLTABLE",
        "XMLTYPE",
    ]
)
#: The first argument is a time; one with a zone goes by its own clock.
_LOCAL_FIRST = frozenset({"ADD_MONTHS", "LAST_DAY", "NEXT_DAY", "MONTHS_BETWEEN"})

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
    if is_aggregate_name(name):
        return write_aggregate(w, call, name, "")
    if name in _HELPERS:
        return _write_helper(w, name, arguments)
    if needs_rows(w, call):
        text = maybe_write_row_call(w, call, names, _may_be_language)
        if text is not None:
            return text
    if name in _REFUSED and not w.function(names):
        raise Unsupported(name, position=position_of(node))
    return write_language(w, node, names)


def _may_be_language(call: exp.Anonymous) -> bool:
    """Whether SQL does not know it itself."""
    name = call_name(call)
    return not (
        name in _REGISTERED or name in _SPECIAL or is_aggregate_name(name) or name in _HELPERS
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
    expect(arguments, 2, 2)
    return _coalesce(w, arguments)


def _coalesce(w: Writer, arguments: Sequence[exp.Expr]) -> str:
    expect(arguments, 2, None)
    wanted = next((found for one in arguments if (found := infer(w, one)) is not None), None)
    return f"coalesce({', '.join(convert(w, one, wanted) for one in arguments)})"


def _nvl2(w: Writer, arguments: Sequence[exp.Expr]) -> str:
    expect(arguments, 3, 3)
    wanted = infer(w, arguments[1]) or infer(w, arguments[2])
    tested = write_definite(w, arguments[0])
    given, missing = (convert(w, one, wanted) for one in arguments[1:])
    return f"(case when {tested} is not null then {given} else {missing} end)"


def _nullif(w: Writer, arguments: Sequence[exp.Expr]) -> str:
    expect(arguments, 2, 2)
    return f"nullif({w.write(arguments[0])}, {w.write(arguments[1])})"


def _decode(w: Writer, arguments: Sequence[exp.Expr]) -> str:
    expect(arguments, 3, None)
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
    expect(arguments, 1, 3)
    value, *rest = arguments
    return f"ora.to_char({', '.join([write_typed(w, value), *w.write_all(rest)])})"


def _cut_off(helper: str) -> Callable[[Writer, Sequence[exp.Expr]], str]:
    def write(w: Writer, arguments: Sequence[exp.Expr]) -> str:
        expect(arguments, 1, 2)
        value, *rest = arguments
        is_number = isinstance(value, exp.Literal) and not value.is_string
        texts = [write_typed(w, value) if is_number else write_local(w, value), *w.write_all(rest)]
        return f"ora.{helper}({', '.join(texts)})"

    return write


def _quantifier(word: str) -> Callable[[Writer, Sequence[exp.Expr]], str]:
    def write(w: Writer, arguments: Sequence[exp.Expr]) -> str:
        return f"{word} (array[{', '.join(w.write_all(arguments))}])"

    return write


def _lnnvl(w: Writer, arguments: Sequence[exp.Expr]) -> str:
    expect(arguments, 1, 1)
    return f"(({w.write(arguments[0])}) is not true)"


def _bin_to_num(w: Writer, arguments: Sequence[exp.Expr]) -> str:
    expect(arguments, 1, None)
    return f"ora.bin_to_num(array[{', '.join(w.write_all(arguments))}]::numeric[])"


#: Codes of types in what DUMP shows; constants of dates and times have others than columns.
_DUMPED = {
    TypeName.VARCHAR2: 1,
    TypeName.NVARCHAR2: 1,
    TypeName.NUMBER: 2,
    TypeName.FLOAT: 2,
    TypeName.DATE: 12,
    TypeName.RAW: 23,
    TypeName.CHAR: 96,
    TypeName.NCHAR: 96,
}


def _dump(w: Writer, arguments: Sequence[exp.Expr]) -> str:
    expect(arguments, 1, 4)
    value, *rest = arguments
    if _is_null(value):
        return "'NULL'"
    type_ = infer(w, value)
    code = _DUMPED.get(type_.name) if type_ is not None else None
    if code is None:
        shown = "such a value" if type_ is None else f"a {type_.name.value}"
        raise Unsupported(f"DUMP of {shown}", position=position_of(value))
    is_column = isinstance(value, exp.Column) and find_column(w, names_of(value)) is not None
    if code == 12 and not is_column:
        code = 13
    return f"ora.dump({', '.join([write_typed(w, value), str(code), *w.write_all(rest)])})"


def _sys_timestamp(w: Writer, arguments: Sequence[exp.Expr]) -> str:
    return f"ora.systimestamp({w.write(arguments[0])})"


def _current_timestamp(w: Writer, arguments: Sequence[exp.Expr]) -> str:
    expect(arguments, 1, 1)
    return "ora.current_timestamp()"


def _sys_extract_utc(w: Writer, arguments: Sequence[exp.Expr]) -> str:
    expect(arguments, 1, 1)
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
    "BIN_TO_NUM": _bin_to_num,
    "DUMP": _dump,
    "ANY": _quantifier("any"),
    "SOME": _quantifier("any"),
    "ALL": _quantifier("all"),
    "SYSTIMESTAMP": _sys_timestamp,
    "SYS_EXTRACT_UTC": _sys_extract_utc,
    "CURRENT_TIMESTAMP": _current_timestamp,
    "LOCALTIMESTAMP": _local_timestamp,
}


def known_functions() -> frozenset[str]:
    """All that are SQL's own here, by name."""
    return frozenset({*_REGISTERED, *_SPECIAL, *AGGREGATES, *_HELPERS, *COMPOSED})


def is_known_function(name: str) -> bool:
    """Whether SQL has it itself."""
    return name in _HELPERS or name in _SPECIAL or is_aggregate_name(name)
