"""What the readers of DDL collect: PostgreSQL's statements, and effects."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from deploy.localdb.dialect.catalog import Relation, RelationKind
from deploy.localdb.dialect.ddl_reader import DdlReader
from deploy.localdb.dialect.naming import check_new, cut, literal, quote
from deploy.localdb.dialect.translation import Effect
from deploy.localdb.dialect.types import TEXTUAL
from deploy.localdb.dialect.writer import Writer
from deploy.localdb.errors import OraError
from deploy.localdb.values import SqlType, TypeName

#: Constraints with this prefix are localdb's own.
OWN = "localdb$"


@dataclass
class Definition:
    """One DDL statement under way."""

    writer: Writer
    statements: list[str] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    #: To be run behind all others.
    last: list[str] = field(default_factory=list)
    #: OR REPLACE.
    replace: bool = False
    #: The words that chose the reader, ("UNIQUE", "INDEX").
    words: tuple[str, ...] = ()

    def run(self, sql: str) -> None:
        self.statements.append(sql)

    def new_name(self, reader: DdlReader, privilege: str) -> tuple[str, str]:
        """Owner and name of what is created; privilege: 'CREATE TABLE'."""
        position = reader.position
        owner, name = reader.qualified_name()
        self.writer.require_system(privilege, owner or self.writer.schema, position)
        if owner is not None and not self.writer.catalog.is_user(owner):
            raise OraError(1918, f"user '{owner}' does not exist", position=reader.position)
        return owner or self.writer.schema, check_new(name)

    def check_free(self, owner: str, name: str) -> None:
        """Raises ORA-00955 where something of the name is there."""
        catalog = self.writer.catalog
        if (
            catalog.relation(owner, name) is not None
            or catalog.sequence(owner, name) is not None
            or catalog.synonym(owner, name) is not None
        ):
            raise OraError(955, "name is already used by an existing object")

    def find_table(self, reader: DdlReader, privilege: str) -> Relation:
        """The table that is named next, which one must have a privilege on.

        Raises:
            OraError: 942 where there is none; 1031; 1702 where it is a view.
        """
        position = reader.position
        owner, name = reader.qualified_name()
        found = self.writer.catalog.relation(owner or self.writer.schema, name)
        if found is None:
            raise OraError(942, "table or view does not exist", position=position)
        self.writer.use(found, privilege, position)
        if found.kind is not RelationKind.TABLE:
            raise OraError(1702, "a view is not appropriate here", position=position)
        return found


#: The column that says whose a row of a global temporary table is.
SESSION = f"{OWN}session"


def storage_name(table: str) -> str:
    """Where the rows of a global temporary table are; the table itself is a view of the session's."""
    return cut(OWN + table)


def system_name(*parts: str) -> str:
    """A name for a constraint that has none, always the same for the same place."""
    number = zlib.crc32("\0".join(parts).encode()) % 10_000_000
    return f"SYS_C{number:07d}"


#: Holds up the lengths of a table's columns; `types.sql` says how.
LENGTHS_TRIGGER = f'"{OWN}lengths"'


def unique_guard_name(constraint: str) -> str:
    return cut(OWN + constraint)


def not_all_null(terms: Sequence[str]) -> str:
    """Of a unique key: rows all of whose terms are NULL may repeat, those that have one only once."""
    listed = " and ".join(f"{term} is null" for term in terms)
    return f"nulls not distinct where not ({listed})"


def length_check_name(column: str) -> str:
    return cut(OWN + column)


def length_check(column: str, type_: SqlType, *, in_characters: bool) -> str | None:
    """The CHECK that holds up a column's length where no trigger does; None: its type does."""
    size = type_.size
    if size is None or type_.name not in {*TEXTUAL, TypeName.RAW}:
        return None
    if type_.name in (TypeName.CHAR, TypeName.NCHAR):
        return None
    by_character = in_characters or type_.name in (TypeName.NVARCHAR2, TypeName.NCHAR)
    name = quote(column)
    length = (
        f"pg_catalog.char_length({name})" if by_character else f"pg_catalog.octet_length({name})"
    )
    raised = f"ora.too_long(tableoid, {literal(column)}, {length}, {size})"
    check = f"case when {length} > {size} then {raised} else true end"
    return f"constraint {quote(length_check_name(column))} check ({check})"
