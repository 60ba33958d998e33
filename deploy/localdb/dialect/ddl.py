"""DDL: what to do in PostgreSQL, and what localdb's own tables have to know of it."""

from __future__ import annotations

from collections.abc import Callable

from deploy.localdb.dialect.ddl_alter import alter_table
from deploy.localdb.dialect.ddl_grants import create_role, drop_role, grant, revoke
from deploy.localdb.dialect.ddl_objects import (
    alter_index,
    alter_sequence,
    alter_view,
    comment,
    create_index,
    create_sequence,
    create_synonym,
    create_view,
    drop_index,
    drop_sequence,
    drop_synonym,
    drop_view,
    rename,
)
from deploy.localdb.dialect.ddl_reader import DdlReader
from deploy.localdb.dialect.ddl_tables import create_table, drop_table, truncate
from deploy.localdb.dialect.ddl_users import alter_user, create_user, drop_user
from deploy.localdb.dialect.definition import Definition
from deploy.localdb.dialect.translation import Translation
from deploy.localdb.dialect.writer import Writer
from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.statement import Kind

#: The words behind CREATE [OR REPLACE] and their like -> the reader of the rest.
CREATE: dict[tuple[str, ...], Callable[[DdlReader, Definition], None]] = {
    ("TABLE",): create_table,
    ("GLOBAL", "TEMPORARY", "TABLE"): create_table,
    ("INDEX",): create_index,
    ("UNIQUE", "INDEX"): create_index,
    ("BITMAP", "INDEX"): create_index,
    ("VIEW",): create_view,
    ("FORCE", "VIEW"): create_view,
    ("NOFORCE", "VIEW"): create_view,
    ("NO", "FORCE", "VIEW"): create_view,
    ("EDITIONABLE", "VIEW"): create_view,
    ("SEQUENCE",): create_sequence,
    ("SYNONYM",): create_synonym,
    ("PUBLIC", "SYNONYM"): create_synonym,
    ("USER",): create_user,
    ("ROLE",): create_role,
}
ALTER: dict[tuple[str, ...], Callable[[DdlReader, Definition], None]] = {
    ("TABLE",): alter_table,
    ("INDEX",): alter_index,
    ("SEQUENCE",): alter_sequence,
    ("VIEW",): alter_view,
    ("USER",): alter_user,
}
DROP: dict[tuple[str, ...], Callable[[DdlReader, Definition], None]] = {
    ("TABLE",): drop_table,
    ("INDEX",): drop_index,
    ("VIEW",): drop_view,
    ("SEQUENCE",): drop_sequence,
    ("SYNONYM",): drop_synonym,
    ("PUBLIC", "SYNONYM"): drop_synonym,
    ("USER",): drop_user,
    ("ROLE",): drop_role,
}
_SINGLE: dict[str, Callable[[DdlReader, Definition], None]] = {
    "TRUNCATE": truncate,
    "RENAME": rename,
    "COMMENT": comment,
    "GRANT": grant,
    "REVOKE": revoke,
}


def translate_ddl(w: Writer) -> Translation:
    w.binds_allowed = False
    reader = DdlReader(w)
    definition = Definition(w)
    first = reader.any_value().upper()
    if first == "CREATE":
        if reader.take("OR", "REPLACE"):
            definition.replace = True
        verb = _run(CREATE, first, reader, definition)
    elif first == "ALTER":
        verb = _run(ALTER, first, reader, definition)
    elif first == "DROP":
        verb = _run(DROP, first, reader, definition)
    elif first in _SINGLE:
        verb = f"{first} TABLE" if first == "TRUNCATE" else first
        _SINGLE[first](reader, definition)
    else:
        raise Unsupported(first, position=0)
    reader.end()
    return Translation(
        Kind.DDL,
        verb,
        ";\n".join([*definition.statements, *definition.last]),
        effects=tuple(definition.effects),
        uses=tuple(w.uses),
    )


def _run(
    table: dict[tuple[str, ...], Callable[[DdlReader, Definition], None]],
    first: str,
    reader: DdlReader,
    definition: Definition,
) -> str:
    for words, read in table.items():
        if reader.take(*words):
            definition.words = words
            read(reader, definition)
            return f"{first} {words[-1]}"
    if reader.at_end:
        raise OraError(901, f"invalid {first} command", position=reader.position)
    what = reader.peek()
    if what == "PRIVATE":
        raise Unsupported(f"{what} TEMPORARY TABLE", position=reader.position)
    if what in ("IMMUTABLE", "BLOCKCHAIN", "SHARDED", "DUPLICATED"):
        raise Unsupported(f"{what} TABLE", position=reader.position)
    raise Unsupported(f"{first} {what}", position=reader.position)
