"""Calls of PL/SQL functions with arguments that only the rows tell: `f(column)`.

Each becomes `ora.plsql(answers, number, phase, arguments...)`, which looks up what the function gives;
see `functions.sql` and the host's `answers.py`. Arguments and results travel as text.

A phase is 1, and one more than that of each call that this one depends on: calls in its arguments,
those of WHERE where it stands in the select list, and what CASE, DECODE and such try before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from sqlglot import exp

from deploy.localdb.dialect import types
from deploy.localdb.dialect.columns import find_column, names_of
from deploy.localdb.dialect.expressions import as_text
from deploy.localdb.dialect.inference import infer
from deploy.localdb.dialect.naming import name_of, position_of
from deploy.localdb.dialect.syntax import Bind
from deploy.localdb.dialect.writer import Writer
from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.values import SqlType, TypeName

#: Whether a call may be one of PL/SQL's.
MayBe = Callable[[exp.Anonymous], bool]

_REFUSED = frozenset({TypeName.BLOB, TypeName.CURSOR, TypeName.JSON})
_CLOCKS = frozenset(
    {"SYSTIMESTAMP", "CURRENT_TIMESTAMP", "LOCALTIMESTAMP", "SYSDATE", "CURRENT_DATE"}
)
#: A cast to text would take their blanks away.
_PADDED = frozenset({TypeName.CHAR, TypeName.NCHAR})
#: Pseudo-columns that differ from row to row.
_OF_ROWS = frozenset({"ROWNUM", "LEVEL", "ROWID", "CONNECT_BY_ISLEAF", "CONNECT_BY_ISCYCLE"})
#: The parts of a query that are evaluated before its select list, ORDER BY and such.
_EARLIER = ("from_", "joins", "where", "connect")


def needs_rows(w: Writer, node: exp.Expr) -> bool:
    """Whether the arguments of a call name columns, binds or queries, or count rows.

    In a view all are taken for such: nothing is evaluated when it is created.
    """
    return w.in_view or any(
        isinstance(inner, (exp.Query, Bind, exp.Star, exp.Window, exp.Prior, exp.ConnectByRoot))
        or (isinstance(inner, exp.Column) and _is_of_row(w, names_of(inner)))
        for inner in node.walk()
    )


def _is_of_row(w: Writer, names: tuple[str, ...]) -> bool:
    if find_column(w, names) is not None:
        return True
    return names[-1] in _OF_ROWS and w.level is not None and w.variable(names) is None


def maybe_write_row_call(
    w: Writer, call: exp.Anonymous, names: tuple[str, ...], may_be: MayBe
) -> str | None:
    """The call, if it is one of a PL/SQL function.

    Args:
        w: where it stands.
        call: with arguments that `needs_rows`.
        names: the whole name.
        may_be: for the phase.

    Raises:
        OraError: SQL cannot call the function so.
        Unsupported: localdb cannot, here or with such arguments.
    """
    if not w.function(names):
        return None
    position = position_of(call)
    arguments: list[tuple[str | None, exp.Expr]] = []
    for argument in call.expressions:
        if isinstance(argument, exp.Kwarg):
            arguments.append((name_of(argument.this), argument.expression))
        elif arguments and arguments[-1][0] is not None:
            raise OraError(
                6553,
                "PLS-312: a positional parameter association may not follow a named association",
            )
        else:
            arguments.append((None, argument))
    inferred = [infer(w, value) for _, value in arguments]
    known = [_plain(type_) for type_ in inferred]
    try:
        found = w.call(names, tuple(name for name, _ in arguments), tuple(known))
    except OraError as error:
        error.position = position
        raise
    if found is None:
        return None
    number = w.calls.setdefault(found, len(w.calls) + 1)
    if w.defines_view:
        return f"null::{types.POSTGRES[found.result.name]}"
    if not w.rows_may_call:
        raise Unsupported("a PL/SQL function over columns in such a statement", position=position)
    answers = w.write_answers()
    texts = [
        _write_argument(w, value, type_)
        for (_, value), type_ in zip(arguments, inferred, strict=True)
    ]
    listed = texts or ["variadic array[]::text[]"]
    parts = ", ".join([answers, str(number), str(_phase(call, may_be)), *listed])
    return from_text(f"ora.plsql({parts})", found.result)


def from_text(text: str, type_: SqlType) -> str:
    """A result, from the text that `encode` makes of it: casts from text would go by NLS settings."""
    name = type_.name
    if types.family(type_) == "text":
        return text
    if name in (TypeName.RAW, TypeName.LONG_RAW):
        return f"decode(substr({text}, 3), 'hex')"
    if name in (TypeName.CLOB, TypeName.NCLOB, TypeName.BOOLEAN):
        return f"{text}::{types.POSTGRES[name]}"
    cast = types.BIND_CASTS.get(name, types.POSTGRES[name])
    glue = "operator(pg_catalog.||)"  # NULL stays NULL
    return f"(('{{\"' {glue} {text} {glue} '\"}}')::{cast}[])[1]"


def _plain(type_: SqlType | None) -> SqlType | None:
    """Without sizes, which do not matter for a call; None: as text."""
    if type_ is None or types.family(type_) == "text":
        return None
    return SqlType(type_.name)


def _write_argument(w: Writer, node: exp.Expr, type_: SqlType | None) -> str:
    if type_ is None or types.family(type_) == "text":
        if type_ is not None and type_.name in _PADDED and isinstance(node, exp.Column):
            return f"format('%s', {w.write(node)})"
        return f"({as_text(w, node)})::text"
    if isinstance(node, exp.Column) and ".".join(names_of(node)) in _CLOCKS:
        # Another round would have another time.
        return w.write_expression(names_of(node)[-1], type_)
    if type_.name in _REFUSED or type_.name not in types.POSTGRES:
        raise Unsupported(
            f"a {type_.name.value} as argument of a PL/SQL function over columns",
            position=position_of(node),
        )
    cast = types.BIND_CASTS.get(type_.name, types.POSTGRES[type_.name])
    return f"format('%s', ({w.write(node)})::{cast})"


# ---- phases ----


def _phase(call: exp.Expr, may_be: MayBe) -> int:
    found = {id(one): one for one in _before(call, may_be)}
    return 1 + max((_phase(one, may_be) for one in found.values()), default=0)


def _before(call: exp.Expr, may_be: MayBe) -> Iterator[exp.Expr]:
    """The calls that have to be answered before this one is asked for."""
    for argument in call.args["expressions"]:
        yield from _calls_in(argument, may_be)
    child, parent = call, call.parent
    while parent is not None:
        if isinstance(parent, exp.Select):
            part = child.arg_key
            if part not in _EARLIER:
                for name in _EARLIER:
                    yield from _calls_in(parent.args.get(name), may_be)
        elif isinstance(parent, (exp.Case, exp.If)) or (
            isinstance(parent, exp.Anonymous) and not may_be(parent)
        ):
            for sibling in _children(parent):
                if sibling is child:
                    break
                yield from _calls_in(sibling, may_be)
        child, parent = parent, parent.parent


def _children(node: exp.Expr) -> Iterator[exp.Expr]:
    for name in ("this", "ifs", "expressions", "true", "default", "false"):
        value = node.args.get(name)
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, exp.Expr):
                yield one


def _calls_in(part: object, may_be: MayBe) -> Iterator[exp.Expr]:
    parts: Sequence[object] = part if isinstance(part, list) else [part]
    for one in parts:
        if isinstance(one, exp.Expr):
            for inner in one.walk():
                if isinstance(inner, exp.Anonymous) and may_be(inner):
                    yield inner
