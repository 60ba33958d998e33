"""What the translator needs to know of the database; the database keeps it in memory and answers at once.

Names are as the dictionary has them. All look-ups are exact: the translator itself tries the current
schema, then synonyms, then SYS.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Protocol

from deploy.localdb.values import SqlType

SYS = "SYS"
#: The owner of public synonyms.
PUBLIC = "PUBLIC"


class Identity(Enum):
    """How an identity column takes values; the value is the word in `localdb.columns`."""

    ALWAYS = "ALWAYS"
    BY_DEFAULT = "BY DEFAULT"
    BY_DEFAULT_ON_NULL = "BY DEFAULT ON NULL"


@dataclass(frozen=True)
class TableColumn:
    """A column of a table or view."""

    name: str
    type: SqlType
    nullable: bool = True
    #: PostgreSQL's text of the default (pg_get_expr), needed where on_null; None: there is none.
    default: str | None = None
    #: The default stands in for an inserted NULL (DEFAULT ON NULL).
    on_null: bool = False
    identity: Identity | None = None
    #: GENERATED ALWAYS AS (expression).
    virtual: bool = False
    #: VARCHAR2(n CHAR); of a view: nobody knows what its lengths count.
    in_characters: bool = False


class RelationKind(Enum):
    """What a relation is; the value is the object type that the dictionary shows."""

    TABLE = "TABLE"
    VIEW = "VIEW"


@dataclass(frozen=True)
class Trigger:
    """A trigger on a table or view."""

    owner: str
    name: str
    timing: str  # 'BEFORE', 'AFTER', 'INSTEAD OF'
    events: frozenset[str]  # of 'INSERT', 'UPDATE', 'DELETE'
    #: Of UPDATE OF; none: any.
    columns: frozenset[str] = frozenset()
    each_row: bool = False
    enabled: bool = True

    def fires(self, event: str, columns: Collection[str] = ()) -> bool:
        """Whether a statement fires it that does this, to these columns."""
        return (
            self.enabled
            and event in self.events
            and (event != "UPDATE" or not self.columns or not self.columns.isdisjoint(columns))
        )


@dataclass(frozen=True)
class Relation:
    """A table or a view, in PostgreSQL the relation "<owner>"."<name>" with the same column names."""

    owner: str
    name: str
    kind: RelationKind
    columns: Sequence[TableColumn]
    #: Of a GLOBAL TEMPORARY TABLE.
    temporary: bool = False
    #: A view WITH READ ONLY.
    read_only: bool = False
    #: Of a view that calls PL/SQL functions: its query, which is written in place of its name.
    text: str | None = None
    #: In the order in which they fire.
    triggers: Sequence[Trigger] = ()

    @cached_property
    def by_name(self) -> dict[str, TableColumn]:
        return {column.name: column for column in self.columns}


@dataclass(frozen=True)
class SequenceObject:
    """A sequence, in PostgreSQL the sequence "<owner>"."<name>"."""

    owner: str
    name: str


@dataclass(frozen=True)
class Synonym:
    """Another name of a relation or sequence."""

    owner: str
    name: str
    target_owner: str
    target_name: str


@dataclass(frozen=True)
class Index:
    """An index and its table."""

    owner: str
    name: str
    table_owner: str
    table: str
    columns: Sequence[str] = field(default=())


class Catalog(Protocol):
    """Look-ups without I/O, as of the last DDL that any session has done."""

    def relation(self, owner: str, name: str) -> Relation | None: ...

    def sequence(self, owner: str, name: str) -> SequenceObject | None: ...

    def synonym(self, owner: str, name: str) -> Synonym | None:
        """Look up; of the owner PUBLIC: a public one."""

    def index(self, owner: str, name: str) -> Index | None: ...

    def is_user(self, name: str) -> bool: ...

    def is_role(self, name: str) -> bool: ...

    def contains_role(self, outer: str, inner: str) -> bool:
        """Whether inner is outer, or was granted to it, at whatever depth."""

    def unit_type(self, owner: str, name: str) -> str | None:
        """PACKAGE, PROCEDURE, FUNCTION or TYPE of a stored unit."""


class Access(Protocol):
    """What the privilege domain of a statement may do.

    Object types are those of the dictionary. Privileges are those that can be granted, and DROP, LOCK
    and COMMENT, which only the owner has, or who may do it to ANY.
    """

    @property
    def user(self) -> str: ...

    def has(self, privilege: str) -> bool:
        """Whether it has a system privilege."""

    def may(self, owner: str, name: str, type_: str, privilege: str) -> bool:
        """Whether it may use an object in a way."""

    def sees(self, owner: str, name: str, type_: str) -> bool:
        """Whether it may know that the object is there."""

    def may_grant(self, privilege: str) -> bool:
        """Whether it has a system privilege or role WITH ADMIN OPTION."""

    def may_grant_on(self, owner: str, name: str, privilege: str) -> bool:
        """Whether it has a privilege on an object WITH GRANT OPTION."""
