"""How long the text of an expression can be, which Oracle says when it describes a query.

Source: SQL Language Reference 19c, the data types that character functions return.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from deploy.localdb.dialect import types
from deploy.localdb.dialect.columns import names_of, type_of_name
from deploy.localdb.dialect.inference import infer
from deploy.localdb.dialect.syntax import TypeNode
from deploy.localdb.dialect.writer import Writer
from deploy.localdb.values import SqlType, TypeName

_MOST = 4000
_MOST_FIXED = 2000
#: The text of a NUMBER is never longer.
_NUMBER_TEXT = 40
_IDENTIFIER = 128
#: SUBSTR(text, place, length).
_WITH_LENGTH = 3
_FIXED = frozenset({TypeName.CHAR, TypeName.NCHAR})
_NATIONAL = frozenset({TypeName.NCHAR, TypeName.NVARCHAR2})
#: Functions whose result is of the argument's type and length, or a VARCHAR2 of its length.
_SAME = frozenset({"UPPER", "LOWER", "INITCAP", "NLS_UPPER", "NLS_LOWER"})
_NO_LONGER = frozenset({"SUBSTR", "LTRIM", "RTRIM", "REVERSE"})
#: Functions that return one of these arguments, as a slice.
_ONE_OF = {
    "NVL": slice(None),
    "COALESCE": slice(None),
    "GREATEST": slice(None),
    "LEAST": slice(None),
    "NVL2": slice(1, None),
    "MIN": slice(0, 1),
    "MAX": slice(0, 1),
}


def measure(w: Writer, node: exp.Expr | None) -> SqlType | None:
    """The type of a text with its length; None: it is no text, or nobody knows."""
    match node:
        case exp.Alias() | exp.Paren() | exp.Window():
            return measure(w, node.this)
        case exp.Literal() if node.is_string and node.name:
            return SqlType(TypeName.CHAR, size=len(node.name))
        case exp.RawString() if node.name:
            return SqlType(TypeName.CHAR, size=len(node.name))
        case exp.National() if node.name:
            return SqlType(TypeName.NCHAR, size=len(node.name))
        case exp.Cast(args={"to": TypeNode() as to}):
            found = to.sql_type
            if found.name in _FIXED and found.size is None:
                return SqlType(found.name, size=1)
            return _text(found)
        case exp.DPipe():
            return _concatenated(w, node)
        case exp.Trim():
            return _varying(measure(w, node.this))
        case exp.Case():
            branches = [branch.args["true"] for branch in node.args["ifs"]]
            return _longest(w, [*branches, node.args.get("default")])
        case exp.Column():
            if names_of(node) == ("USER",):
                return SqlType(TypeName.VARCHAR2, size=_IDENTIFIER)
            return _text(type_of_name(w, node))
        case exp.Anonymous():
            return _call(w, node.name.upper(), node.expressions)
        case _:
            return None


def is_described(type_: SqlType | None) -> bool:
    """Whether PostgreSQL does not know it: the length of a text, the kind of an interval, a cursor."""
    if type_ is None:
        return False
    if type_.name in (TypeName.INTERVAL_YM, TypeName.CURSOR):
        return True
    return types.family(type_) == "text" and type_.size is not None


def _text(type_: SqlType | None) -> SqlType | None:
    known = type_ is not None and types.family(type_) == "text" and type_.size is not None
    return type_ if known else None


def _call(w: Writer, name: str, arguments: Sequence[exp.Expr]) -> SqlType | None:
    if not arguments:
        return None
    if name in _SAME:
        return measure(w, arguments[0])
    if name in _NO_LONGER:
        found = _varying(measure(w, arguments[0]))
        last = arguments[-1]
        if name != "SUBSTR" or found is None or len(arguments) < _WITH_LENGTH:
            return found
        if not isinstance(last, exp.Literal) or not last.name.isdigit():
            return found
        return SqlType(found.name, size=min(found.size or _MOST, max(int(last.name), 1)))
    if name == "DECODE":
        results = [*arguments[2::2]]
        if len(arguments) % 2 == 0:
            results.append(arguments[-1])
        return _longest(w, results)
    if name in _ONE_OF:
        return _longest(w, arguments[_ONE_OF[name]])
    return None


def _varying(type_: SqlType | None) -> SqlType | None:
    if type_ is None or type_.name not in _FIXED:
        return type_
    name = TypeName.NVARCHAR2 if type_.name is TypeName.NCHAR else TypeName.VARCHAR2
    return SqlType(name, size=type_.size)


def _concatenated(w: Writer, node: exp.DPipe) -> SqlType | None:
    sides = [_side(w, node.this), _side(w, node.expression)]
    known = [side for side in sides if side is not None]
    if len(known) < len(sides):
        return None
    size = sum(side.size or 0 for side in known)
    fixed = all(side.name in _FIXED for side in known) and size <= _MOST_FIXED
    national = any(side.name in _NATIONAL for side in known)
    if fixed:
        return SqlType(TypeName.NCHAR if national else TypeName.CHAR, size=size)
    return SqlType(TypeName.NVARCHAR2 if national else TypeName.VARCHAR2, size=min(size, _MOST))


def _side(w: Writer, node: exp.Expr) -> SqlType | None:
    if types.family(infer(w, node)) == "number":
        return SqlType(TypeName.VARCHAR2, size=_NUMBER_TEXT)
    return measure(w, node)


def _longest(w: Writer, nodes: Sequence[exp.Expr | None]) -> SqlType | None:
    found = [
        measure(w, node) for node in nodes if node is not None and not isinstance(node, exp.Null)
    ]
    known = [type_ for type_ in found if type_ is not None]
    return longest(known) if known and len(known) == len(found) else None


def longest(found: Sequence[SqlType]) -> SqlType:
    """The type that holds each of these texts: a CHAR only where all are, and as long."""
    size = max(type_.size or 1 for type_ in found)
    national = any(type_.name in _NATIONAL for type_ in found)
    if all(type_.name in _FIXED and type_.size == size for type_ in found):
        return SqlType(TypeName.NCHAR if national else TypeName.CHAR, size=size)
    return SqlType(TypeName.NVARCHAR2 if national else TypeName.VARCHAR2, size=size)
