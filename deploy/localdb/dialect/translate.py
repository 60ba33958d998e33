"""The translator's front: one Oracle statement in, one Translation out."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from deploy.localdb.dialect import calls, columns, expressions, json_functions, queries, types
from deploy.localdb.dialect.catalog import Access, Catalog
from deploy.localdb.dialect.control import parse_control
from deploy.localdb.dialect.ddl import translate_ddl
from deploy.localdb.dialect.dml import (
    Returning,
    write_delete,
    write_insert,
    write_merge,
    write_update,
)
from deploy.localdb.dialect.multiple_inserts import write_multiple_inserts
from deploy.localdb.dialect.scopes import Query
from deploy.localdb.dialect.sizes import is_described
from deploy.localdb.dialect.syntax import Bind, read
from deploy.localdb.dialect.translation import Translation, Waiting
from deploy.localdb.dialect.writer import Writer, feature_name
from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.statement import Kind, Scope
from deploy.localdb.values import Column, SqlType

_DDL_WORDS = frozenset(
    [
        "CREATE",
        "ALTER",
        "DROP",
        "TRUNCATE",
        "RENAME",
        "COMMENT",
        "GRANT",
        "REVOKE",
        "ANALYZE",
        "AUDIT",
        "NOAUDIT",
        "FLASHBACK",
        "PURGE",
        "ADMINISTER",
        "ASSOCIATE",
        "DISASSOCIATE",
    ]
)
_QUERY_WORDS = frozenset({"SELECT", "WITH", "("})
_DML_WORDS = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE"})

#: The modules that register rules.
_RULES = (calls, columns, expressions, json_functions, queries)


def translate(
    text: str,
    catalog: Catalog,
    *,
    schema: str,
    types: Sequence[SqlType | None] = (),
    scope: Scope | None = None,
    access: Access | None = None,
    in_characters: bool = False,
) -> Translation:
    """Translate one statement.

    Args:
        text: without a semicolon at its end.
        catalog: the names that exist.
        schema: where names without an owner are looked up.
        types: of the placeholders, by their index, as far as they are known.
        scope: the PL/SQL names around the statement; None: it comes from a client.
        access: what the statement may do; None: everything.
        in_characters: NLS_LENGTH_SEMANTICS is CHAR.

    Raises:
        OraError: what Oracle would say before it runs the statement, with the position.
        Unsupported: localdb does not do it.
    """
    syntax = read(text)
    w = Writer(syntax, catalog, schema, types, scope, access, in_characters=in_characters)
    if not syntax.tokens:
        raise OraError(900, "invalid SQL statement", position=0)
    control = parse_control(w)
    if control is not None:
        verb, meaning, sql = control
        return Translation(
            Kind.CONTROL, verb, sql, control=meaning, wait=w.wait, uses=tuple(w.uses)
        )
    first = syntax.tokens[0].text.upper().partition(" ")[0]
    if first in _DDL_WORDS:
        return translate_ddl(w)
    if first in _QUERY_WORDS:
        return _translate_query(w)
    if [token.text.upper() for token in syntax.tokens[:3]] == ["INSERT", "INTO", "("]:
        raise Unsupported("INSERT INTO a subquery", position=syntax.tokens[2].start)
    if first in _DML_WORDS:
        return _translate_dml(w)
    if first in ("EXPLAIN", "CALL"):
        raise Unsupported(first, position=0)
    raise OraError(900, "invalid SQL statement", position=syntax.tokens[0].start)


def _translate_query(w: Writer) -> Translation:
    tree = w.syntax.parse()
    w.rows_may_call = True
    query = w.write_query(tree, top=True)
    if w.calls and w.for_update and w.wait is Waiting.SKIP:
        raise Unsupported("a PL/SQL function over columns with SKIP LOCKED")
    return Translation(
        Kind.QUERY,
        "SELECT",
        query.text,
        inputs=tuple(w.inputs),
        types=tuple(w.types),
        for_update=w.for_update,
        wait=w.wait,
        columns=_described(tree, query),
        names=tuple(name for name, _ in query.columns),
        asked=tuple(w.asked),
        uses=tuple(w.uses),
        calls=tuple(w.calls),
        nested=query.nested,
        delivered=query.delivered,
    )


def _described(tree: exp.Expr, query: Query) -> tuple[Column | None, ...]:
    """What PostgreSQL does not know of the columns; the length of a bind is nobody's but the client's."""
    items = tree.expressions if isinstance(tree, exp.Select) else []
    if len(items) != len(query.columns):
        items = [None] * len(query.columns) if next(tree.find_all(Bind), None) is None else []
    found: list[Column | None] = []
    for number, (name, type_) in enumerate(query.columns):
        is_bind = not items or isinstance(items[number], Bind)
        known = is_described(type_) and (not is_bind or types.family(type_) != "text")
        found.append(Column(name, type_) if known and type_ is not None else None)
    return tuple(found)


def _translate_dml(w: Writer) -> Translation:
    tree = w.syntax.parse()
    w.rows_may_call = True
    returning: Returning
    match tree:
        case exp.Insert():
            verb = "INSERT"
            sql, returning = write_insert(w, tree)
        case exp.Update():
            verb = "UPDATE"
            sql, returning = write_update(w, tree)
        case exp.Delete():
            verb = "DELETE"
            sql, returning = write_delete(w, tree)
        case exp.MultitableInserts():
            verb = "INSERT"
            sql, returning = write_multiple_inserts(w, tree), Returning()
        case exp.Merge():
            verb = "MERGE"
            sql, returning = write_merge(w, tree)
        case _:
            raise Unsupported(feature_name(tree), position=0)
    return Translation(
        Kind.DML,
        verb,
        sql,
        inputs=tuple(w.inputs),
        types=tuple(w.types),
        into=returning.into,
        returning=bool(returning.text),
        names=returning.names,
        triggered=returning.triggered,
        asked=tuple(w.asked),
        uses=tuple(w.uses),
        calls=tuple(w.calls),
    )
