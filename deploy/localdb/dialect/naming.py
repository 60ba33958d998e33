"""Names and literals, as PostgreSQL reads them."""

from __future__ import annotations

from sqlglot import exp

from deploy.localdb.errors import OraError, Unsupported

#: PostgreSQL cuts longer names off.
_MOST_BYTES = 63
_ORACLE_BYTES = 128


def quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    if "\\" in text:
        return "E'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
    return "'" + text.replace("'", "''") + "'"


def qualified(owner: str, name: str) -> str:
    return f"{quote(owner)}.{quote(name)}"


def name_of(identifier: exp.Expr) -> str:
    """The name as the dictionary has it."""
    name = identifier.name
    return name if identifier.args.get("quoted") else name.upper()


def position_of(node: exp.Expr) -> int | None:
    """Where a node begins in the text, as far as its own names tell."""
    start = node.meta.get("start")
    if isinstance(start, int):
        return start
    starts = [found for child in node.walk() if isinstance(found := child.meta.get("start"), int)]
    return min(starts, default=None)


def check_new(name: str) -> str:
    """A name for a new object or column.

    Raises:
        OraError: 972 where Oracle would find it too long; ORA-03001 where PostgreSQL does.
    """
    size = len(name.encode())
    if size > _ORACLE_BYTES:
        raise OraError(972, f"identifier is too long (maximum: {_ORACLE_BYTES} bytes)")
    if size > _MOST_BYTES:
        raise Unsupported(f"a name of more than {_MOST_BYTES} bytes: {name}")
    return name


def heading(item: exp.Expr) -> str:
    """What a column of a query is called that has no alias."""
    if isinstance(item, exp.Alias):
        return name_of(item.args["alias"])
    if isinstance(item, exp.Column) and not isinstance(item.this, exp.Star):
        return name_of(item.this)
    return str(item.meta.get("heading", item.key.upper()))


def cut(name: str) -> str:
    """A column name as PostgreSQL would keep it."""
    data = name.encode()
    if len(data) <= _MOST_BYTES:
        return name
    return data[:_MOST_BYTES].decode(errors="ignore")
