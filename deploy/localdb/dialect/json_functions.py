"""JSON in SQL. Paths are PostgreSQL's, whose lax mode reads Oracle's; texts are made as Oracle makes them."""

from __future__ import annotations

from sqlglot import exp

from deploy.localdb.dialect import types
from deploy.localdb.dialect.naming import literal, name_of, position_of, quote
from deploy.localdb.dialect.scopes import Level, Source
from deploy.localdb.dialect.syntax import (
    JsonCall,
    JsonColumn,
    JsonConstructor,
    JsonEntry,
    JsonRows,
    TypeNode,
)
from deploy.localdb.dialect.writer import Writer, rule
from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.values import SqlType, TypeName

_STRICT = "ERROR"


def _context(w: Writer, node: exp.Expr, on_error: object) -> str:
    """The document; what is no JSON is NULL, but where errors are asked for."""
    if on_error == _STRICT:
        return f"ora.json_strict({w.write(node)})"
    return f"ora.json({w.write(node)})"


def _path(node: exp.Expr | None) -> str:
    if node is None:
        return literal("$")
    if not isinstance(node, exp.Literal) or not node.is_string:
        raise OraError(40454, "path expression not a literal", position=position_of(node))
    return literal(node.name)


def _returning(node: exp.Expr) -> SqlType:
    to = node.args.get("returning")
    return to.sql_type if isinstance(to, TypeNode) else types.TEXT


@rule(JsonCall, parts="name this path passing returning wrapper on_error on_empty")
def write_json_call(w: Writer, node: JsonCall) -> str:
    name = node.args["name"]
    on_error = node.args.get("on_error")
    arguments = f"{_context(w, node.this, on_error)}, {_path(node.args.get('path'))}"
    passing = node.args.get("passing")
    if passing:
        passed = (f"{w.write(one.this)} as {quote(name_of(one.args['alias']))}" for one in passing)
        arguments += f" passing {', '.join(passed)}"
    if name == "JSON_EXISTS":
        return f"json_exists({arguments}{_handling(w, node, 'error', ('ERROR', 'TRUE', 'FALSE'))})"
    if name == "JSON_QUERY":
        wrapper = f" {node.args['wrapper'].lower()}" if node.args.get("wrapper") else ""
        handling = _handling(w, node, "empty") + _handling(w, node, "error")
        text = f"json_query({arguments} returning jsonb{wrapper}{handling})"
        return _as(f"ora.json_text({text}, false)", _returning(node))
    wanted = _returning(node)
    kind = "numeric" if wanted.name is TypeName.NUMBER else "text"
    handling = _handling(w, node, "empty") + _handling(w, node, "error")
    text = f"json_value({arguments} returning {kind}{handling})"
    if kind == "numeric":
        return text
    return _as(f"nullif({text}, '')", wanted)


def _handling(
    w: Writer,
    node: exp.Expr,
    moment: str,
    allowed: tuple[str, ...] = ("ERROR", "NULL", "EMPTY ARRAY", "EMPTY OBJECT"),
) -> str:
    action = node.args.get(f"on_{moment}")
    if action is None:
        return ""
    if isinstance(action, exp.Expr):
        return f" default {w.write(action)} on {moment}"
    if action not in allowed:
        raise Unsupported(f"{action} ON {moment.upper()}", position=position_of(node))
    return f" {str(action).lower()} on {moment}"


def _as(text: str, wanted: SqlType) -> str:
    match wanted.name:
        case TypeName.VARCHAR2 | TypeName.NVARCHAR2 | TypeName.CHAR:
            return text
        case TypeName.DATE | TypeName.TIMESTAMP | TypeName.TIMESTAMP_TZ:
            return (
                f"ora.as_tstz(({text})::timestamptz)"
                if (wanted.name is TypeName.TIMESTAMP_TZ)
                else f"({text})::timestamp::{types.POSTGRES[wanted.name]}"
            )
        case TypeName.CLOB | TypeName.NUMBER | TypeName.BINARY_DOUBLE | TypeName.BINARY_FLOAT:
            return f"({text})::{types.postgres_type(wanted)}"
        case _:
            raise Unsupported(f"JSON ... RETURNING {wanted.name.value}")


# ---- JSON_OBJECT, JSON_ARRAY ----


def _item(w: Writer, entry: exp.Expr) -> str:
    value = entry.this
    text = w.write(value)
    made_here = isinstance(value, JsonConstructor) or (
        isinstance(value, JsonCall) and value.args["name"] == "JSON_QUERY"
    )
    if entry.args.get("is_json") or made_here:
        return f"({text})::text"
    return f"ora.json_item({text})"


@rule(JsonConstructor, parts="name expressions order null returning")
def write_json_constructor(w: Writer, node: JsonConstructor) -> str:
    name = node.args["name"]
    entries = [one for one in node.args.get("expressions") or [] if isinstance(one, JsonEntry)]
    order = f" {w.write(node.args['order'])}" if node.args.get("order") is not None else ""
    is_object = name.startswith("JSON_OBJECT")
    null = node.args.get("null") or ("NULL" if is_object else "ABSENT")
    absent = "true" if null == "ABSENT" else "false"
    items = [_item(w, entry) for entry in entries]
    if is_object:
        keys = [w.write(entry.args["key"]) for entry in entries]
        if name == "JSON_OBJECTAGG":
            text = f"ora.json_object(array_agg({keys[0]}::text), array_agg({items[0]}), {absent})"
        else:
            text = (
                f"ora.json_object(array[{', '.join(keys)}]::text[],"
                f" array[{', '.join(items)}]::text[], {absent})"
            )
    elif name == "JSON_ARRAYAGG":
        text = f"ora.json_array(array_agg({items[0]}{order}), {absent})"
    else:
        text = f"ora.json_array(array[{', '.join(items)}]::text[], {absent})"
    return _as(text, _returning(node))


# ---- JSON_TABLE ----


def write_json_rows(w: Writer, rows: JsonRows, alias: str | None, level: Level) -> str:
    """A JSON_TABLE in FROM; it sees the sources before it."""
    name = alias or f"localdb${len(level.sources) + 1}"
    columns: dict[str, SqlType | None] = {}
    written: dict[str, str] = {}
    on_error = rows.args.get("on_error")
    with w.inside(level):
        context = _context(w, rows.this, on_error)
        body = _write_columns(w, rows.args["columns"], quote(name), columns, written)
    error = " error on error" if on_error == _STRICT else ""
    level.sources.append(Source(name, columns, written=written))
    return (
        f"json_table({context}, {_path(rows.args['path'])} columns ({body}){error}) {quote(name)}"
    )


def _write_columns(
    w: Writer,
    nodes: list[exp.Expr],
    alias: str,
    columns: dict[str, SqlType | None],
    written: dict[str, str],
) -> str:
    texts = []
    for node in nodes:
        kind = node.args["kind"]
        if kind == "NESTED":
            inner = _write_columns(w, node.args["columns"], alias, columns, written)
            texts.append(f"nested path {_path(node.args['path'])} columns ({inner})")
            continue
        name = name_of(node.this)
        reference = f"{alias}.{quote(name)}"
        to = node.args.get("to")
        type_ = to.sql_type if isinstance(to, TypeNode) else types.TEXT
        columns[name] = type_
        if kind == "ORDINALITY":
            columns[name] = types.NUMBER
            written[name] = f"{reference}::numeric"
            texts.append(f"{quote(name)} for ordinality")
            continue
        path = node.args.get("path")
        path_text = literal(f'$."{name}"') if path is None else _path(path)
        texts.append(
            f"{quote(name)} {_write_column(w, node, type_, path_text, name, reference, written)}"
        )
    return ", ".join(texts)


def _write_column(
    w: Writer,
    node: exp.Expr,
    type_: SqlType,
    path: str,
    name: str,
    reference: str,
    written: dict[str, str],
) -> str:
    assert isinstance(node, JsonColumn)
    kind = node.args["kind"]
    handling = _handling(w, node, "empty") + _handling(w, node, "error")
    if kind == "EXISTS":
        if type_.name is TypeName.NUMBER:
            written[name] = f"{reference}::numeric"
            return f"int exists path {path}"
        return f"text exists path {path}"
    if kind == "QUERY":
        wrapper = f" {node.args['wrapper'].lower()}" if node.args.get("wrapper") else ""
        cast = "::ora.clob" if type_.name is TypeName.CLOB else ""
        written[name] = f"ora.json_text({reference}, false){cast}"
        return f"jsonb path {path}{wrapper}{handling}"
    if types.family(type_) in ("text", "CLOB"):
        cast = "::ora.clob" if type_.name is TypeName.CLOB else ""
        written[name] = f"nullif({reference}, ''){cast}"
        return f"text path {path}{handling}"
    if type_.name is TypeName.DATE:
        written[name] = f"{reference}::ora.date"
        return f"timestamp path {path}{handling}"
    return f"{types.postgres_type(type_)} path {path}{handling}"
