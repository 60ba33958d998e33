"""What a name means: a column, a pseudo-column, a sequence, or something of PL/SQL's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from deploy.localdb.dialect import types
from deploy.localdb.dialect.naming import literal, name_of, position_of, qualified, quote
from deploy.localdb.dialect.scopes import Level, Source
from deploy.localdb.dialect.syntax import Bind
from deploy.localdb.dialect.writer import Writer, rule
from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.values import SqlType, TypeName

#: Functions that are written without parentheses -> helper and type.
PSEUDO_FUNCTIONS: dict[str, tuple[str, SqlType]] = {
    "SYSDATE": ("ora.sysdate()", types.DATE),
    "SYSTIMESTAMP": ("ora.systimestamp()", types.TIMESTAMP_TZ),
    "CURRENT_DATE": ("ora.session_date()", types.DATE),
    "CURRENT_TIMESTAMP": ("ora.current_timestamp()", types.TIMESTAMP_TZ),
    "LOCALTIMESTAMP": ("ora.session_timestamp()", types.TIMESTAMP),
    "USER": ("ora.user_name()", types.TEXT),
    "UID": ("ora.user_number()", types.NUMBER),
    "SESSIONTIMEZONE": ("ora.session_time_zone()", types.TEXT),
    "DBTIMEZONE": ("ora.database_time_zone()", types.TEXT),
    "DBMS_RANDOM.VALUE": ("ora.dbms_random_value()", types.NUMBER),
}
_REFUSED = frozenset(
    {
        "ORA_ROWSCN",
        "OBJECT_ID",
        "OBJECT_VALUE",
        "COLUMN_VALUE",
    }
)
_OF_TREES = ("CONNECT_BY_ISLEAF", "CONNECT_BY_ISCYCLE")
_TRANSPARENT = (exp.Alias, exp.Paren, exp.Cast, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.DPipe)
_SEQUENCE_WORDS = {"NEXTVAL": "nextval", "CURRVAL": "currval"}


@dataclass(frozen=True)
class Found:
    """A column of a source of some level; source None: of a join with USING."""

    level: Level
    source: Source | None
    name: str
    type: SqlType | None

    @property
    def text(self) -> str:
        if self.source is None:
            return self.level.deliver(quote(self.name))
        return self.level.write(self.source, self.name)


def names_of(node: exp.Column) -> tuple[str, ...]:
    """The names of a dotted column as the dictionary has them."""
    parts = (node.args.get("catalog"), node.args.get("db"), node.args.get("table"), node.this)
    return tuple(name_of(part) for part in parts if part is not None)


def _places(node: exp.Column) -> Iterator[int]:
    for part in (node.args.get("catalog"), node.args.get("db"), node.args.get("table"), node.this):
        start = part.meta.get("start") if part is not None else None
        if isinstance(start, int):
            yield start


def find_column(w: Writer, names: tuple[str, ...], position: int | None = None) -> Found | None:
    """The column that a name means at this place, inner queries first.

    Raises:
        OraError: 918 where it may mean several.
    """
    if w.level is None:
        return None
    *qualifier, name = names
    for level in w.level.outward():
        if not qualifier and name in level.merged:
            type_ = next((s.columns[name] for s in level.sources if name in s.columns), None)
            return Found(level, None, name, type_)
        matching = [
            source
            for source in level.sources
            if name in source.columns and _is_named(source, qualifier)
        ]
        if len(matching) > 1:
            raise OraError(918, f"{name}: column ambiguously specified", position=position)
        if matching:
            return Found(level, matching[0], name, matching[0].columns[name])
    return None


def _is_named(source: Source, qualifier: list[str]) -> bool:
    match qualifier:
        case []:
            return True
        case [table]:
            return source.name == table
        case [owner, table]:
            return source.name == table and source.owner == owner
        case _:
            return False


def find_source(w: Writer, qualifier: list[str]) -> tuple[Level, Source] | None:
    """The source that a qualifier names."""
    if w.level is None:
        return None
    for level in w.level.outward():
        for source in level.sources:
            if _is_named(source, qualifier):
                return level, source
    return None


@rule(exp.Column, parts="this table db catalog join_mark")
def write_column(w: Writer, node: exp.Column) -> str:
    names = names_of(node)
    position = min(_places(node), default=None)
    found = find_column(w, names, position)
    if found is not None:
        return found.text
    pseudo = _write_pseudo_column(w, names, position)
    if pseudo is not None:
        return pseudo
    type_ = w.variable(names)
    if type_ is not None and position is not None:
        return w.write_expression(w.syntax.call_text(position), type_)
    if ".".join(names) in PSEUDO_FUNCTIONS:
        return PSEUDO_FUNCTIONS[".".join(names)][0]
    if names[-1] in _SEQUENCE_WORDS and len(names) in (2, 3):
        return _write_sequence(w, node, names, position)
    result = w.function(names)
    if result and w.in_view:
        raise Unsupported("a PL/SQL function without parentheses in a view", position=position)
    if result and position is not None:
        type_ = result if isinstance(result, SqlType) else None
        return w.write_expression(w.syntax.call_text(position), type_)
    raise unknown(names, position)


def unknown(names: tuple[str, ...], position: int | None) -> OraError:
    text = ".".join(f'"{name}"' for name in names)
    return OraError(904, f"{text}: invalid identifier", position=position)


def _write_sequence(
    w: Writer, node: exp.Column, names: tuple[str, ...], position: int | None
) -> str:
    owner = names[0] if len(names) == 3 else None
    sequence = w.find_sequence(owner, names[-2])
    if sequence is None:
        if find_source(w, list(names[:-1])) is not None:
            raise unknown(names, position)
        raise OraError(2289, "sequence does not exist", position=position)
    w.use_sequence(sequence, position)
    word = _SEQUENCE_WORDS[names[-1]]
    name = literal(qualified(sequence.owner, sequence.name))
    if word == "nextval" and w.level is not None:
        if name in w.level.taken:
            word = "currval"
        elif _is_always_evaluated(node):
            w.level.taken.add(name)
    return f"{word}({name})::numeric"


def _is_always_evaluated(node: exp.Expr) -> bool:
    """Whether it stands in a select list, and not where CASE and such choose."""
    while isinstance(node.parent, _TRANSPARENT):
        node = node.parent
    return isinstance(node.parent, exp.Select) and node.arg_key == "expressions"


def _write_pseudo_column(w: Writer, names: tuple[str, ...], position: int | None) -> str | None:
    name = names[-1]
    level = w.level
    if name in ("ROWNUM", "LEVEL") and len(names) == 1 and level is not None:
        for at in level.outward():
            if name == "ROWNUM" and at.rownum is not None:
                return at.rownum
            if name == "LEVEL" and at.depth is not None:
                return at.deliver(at.depth)
        if name == "LEVEL":
            if w.variable(names) is not None:
                return None
            raise OraError(
                1788, "CONNECT BY clause required in this query block", position=position
            )
        raise Unsupported("ROWNUM at this place", position=position)
    if name == "ROWID" and level is not None:
        if len(names) > 1:
            found = find_source(w, list(names[:-1]))
            if found is not None and found[1].relation is not None:
                return found[0].deliver(_row_id(found[1]))
        elif len(level.sources) == 1 and level.sources[0].relation is not None:
            return level.deliver(_row_id(level.sources[0]))
    if name in _OF_TREES and len(names) == 1 and level is not None:
        for at in level.outward():
            if at.tree is not None:
                text = at.tree.leaf if name == "CONNECT_BY_ISLEAF" else at.tree.cycle
                if text is None:
                    raise OraError(
                        30930,
                        "NOCYCLE keyword is required with CONNECT_BY_ISCYCLE pseudocolumn",
                        position=position,
                    )
                return at.deliver(text)
        if w.variable(names) is None:
            raise OraError(
                1788, "CONNECT BY clause required in this query block", position=position
            )
    if name in _REFUSED and len(names) == 1 and w.variable(names) is None:
        raise Unsupported(f"pseudo-column {name}", position=position)
    return None


def _row_id(source: Source) -> str:
    if source.relation is not None and source.relation.temporary:
        raise Unsupported("ROWID of a temporary table")
    return source.written.get("ROWID") or f"{source.reference}.ctid"


def type_of_name(w: Writer, node: exp.Column) -> SqlType | None:
    """The type of what a name means, as far as it is known."""
    if isinstance(node.this, exp.Star):
        return None
    names = names_of(node)
    found = find_column(w, names, min(_places(node), default=None))
    if found is not None:
        return found.type
    if names[-1] in ("ROWNUM", "LEVEL", *_OF_TREES, *_SEQUENCE_WORDS):
        return types.NUMBER
    if names[-1] == "ROWID":
        return SqlType(TypeName.ROWID)
    type_ = w.variable(names)
    if type_ is None and ".".join(names) in PSEUDO_FUNCTIONS:
        return PSEUDO_FUNCTIONS[".".join(names)][1]
    return type_


# ---- chains and calls of PL/SQL ----


def is_dotted_name(node: exp.Expr) -> bool:
    if isinstance(node, exp.Dot):
        return is_dotted_name(node.this) and is_dotted_name(node.expression)
    return isinstance(node, (exp.Identifier, exp.Var))


def dotted_names(node: exp.Expr) -> tuple[str, ...]:
    if isinstance(node, exp.Dot):
        return (*dotted_names(node.this), *dotted_names(node.expression))
    if isinstance(node, exp.Column):
        return names_of(node)
    return (name_of(node),)


def write_language(w: Writer, node: exp.Expr, names: tuple[str, ...]) -> str:
    """A call of a PL/SQL function, or an element of a collection, as an input of the statement.

    Raises:
        OraError: 904 where PL/SQL does not know it either.
        Unsupported: its arguments need the row, or the client.
    """
    position = position_of(node)
    result = w.function(names)
    if position is None or not (result or w.variable(names) is not None):
        raise unknown(names, position)
    for inner in node.walk():
        if isinstance(inner, exp.Query):
            raise Unsupported("a subquery in the call of a PL/SQL function", position=position)
        if isinstance(inner, Bind):
            raise Unsupported("a bind in the call of a PL/SQL function", position=position)
        if isinstance(inner, exp.Column) and find_column(w, names_of(inner)) is not None:
            raise Unsupported("PL/SQL function in SQL on columns", position=position)
    type_ = w.variable(names)
    if isinstance(result, SqlType) and _is_call(node):
        type_ = result
    return w.write_expression(w.syntax.call_text(position), type_)


def call_name(call: exp.Anonymous) -> str:
    return name_of(call.this) if isinstance(call.this, exp.Expr) else str(call.this).upper()


def head_of(node: exp.Expr) -> tuple[str, ...]:
    """Of `a.b(1).c` the names up to the first call."""
    if isinstance(node, exp.Dot):
        head = head_of(node.this)
        if isinstance(node.this, (exp.Anonymous,)) or _holds_call(node.this):
            return head
        return (*head, *head_of(node.expression))
    if isinstance(node, exp.Anonymous):
        return (call_name(node),)
    return dotted_names(node)


def _is_call(node: exp.Expr) -> bool:
    """Whether it is a call, and not an element of what one gives."""
    if isinstance(node, exp.Dot):
        return isinstance(node.expression, exp.Anonymous) and not _holds_call(node.this)
    return isinstance(node, exp.Anonymous)


def _holds_call(node: exp.Expr) -> bool:
    return any(isinstance(inner, exp.Anonymous) for inner in node.walk())
