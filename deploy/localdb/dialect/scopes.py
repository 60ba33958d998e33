"""Which columns a name can mean: the sources of each query level, inner levels first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from deploy.localdb.dialect.catalog import Relation
from deploy.localdb.dialect.naming import quote
from deploy.localdb.dialect.translation import Nested
from deploy.localdb.values import Column, SqlType

#: Name and type of a query's column; the type is None where only PostgreSQL knows it.
QueryColumn = tuple[str, SqlType | None]


@dataclass(eq=False)
class Source:
    """A table, view, subquery or table function in a FROM clause."""

    name: str
    columns: Mapping[str, SqlType | None]
    relation: Relation | None = None
    #: Of a table its schema, as `schema.table.column` names it.
    owner: str | None = None
    #: What a column has to be written as where it is not "<name>"."<column>".
    written: Mapping[str, str] = field(default_factory=dict)
    #: PostgreSQL's name where it has to be another one (a table named twice).
    alias: str | None = None

    @property
    def reference(self) -> str:
        return quote(self.alias or self.name)


@dataclass(frozen=True)
class Query:
    """A written query and its columns."""

    text: str
    columns: list[QueryColumn]
    #: What a top query's columns are, where PostgreSQL cannot tell.
    described: tuple[Column | None, ...] = ()
    #: The cursors in it, and how many columns behind its own are for them.
    nested: tuple[Nested, ...] = ()
    delivered: int = 0


@dataclass(eq=False)
class CommonTable:
    """A subquery named in WITH."""

    name: str
    columns: list[QueryColumn]


@dataclass
class Delivered:
    """What one query delivers to the cursors in it: text of the column -> its number."""

    columns: dict[str, int] = field(default_factory=dict)
    nested: list[Nested] = field(default_factory=list)


@dataclass(eq=False)
class Tree:
    """What CONNECT BY makes known: the rows that PRIOR and CONNECT_BY_ROOT mean, and the rest's texts."""

    prior: Level | None = None
    root: Level | None = None
    leaf: str = ""
    #: None: there is no NOCYCLE.
    cycle: str | None = None
    #: By the call of SYS_CONNECT_BY_PATH.
    paths: dict[exp.Expr, str] = field(default_factory=dict)


@dataclass(eq=False)
class Level:
    """One query with its FROM clause."""

    parent: Level | None = None
    sources: list[Source] = field(default_factory=list)
    #: Columns that joins with USING have merged.
    merged: set[str] = field(default_factory=set)
    common: dict[str, CommonTable] = field(default_factory=dict)
    #: How ROWNUM and LEVEL are written here; None: there is none.
    rownum: str | None = None
    depth: str | None = None
    tree: Tree | None = None
    #: Of the outermost query: what the cursors in its select list ask of it.
    cursors: Delivered | None = None
    #: Sequences whose NEXTVAL each row has taken: further ones are the same.
    taken: set[str] = field(default_factory=set)
    #: The order of the rows where the query asks for none.
    row_order: str | None = None
    #: While the query is written around a subquery that numbers the rows: what it has to deliver.
    delivered: dict[str, str] | None = None

    def outward(self) -> Iterator[Level]:
        level: Level | None = self
        while level is not None:
            yield level
            level = level.parent

    def find_common(self, name: str) -> CommonTable | None:
        for level in self.outward():
            if name in level.common:
                return level.common[name]
        return None

    def deliver(self, text: str) -> str:
        """A column of this level, from where it is written."""
        if self.delivered is None:
            return text
        alias = self.delivered.setdefault(text, f"c{len(self.delivered) + 1}")
        return f'"localdb$rows".{alias}'

    def write(self, source: Source, column: str) -> str:
        text = source.written.get(column) or f"{source.reference}.{quote(column)}"
        return self.deliver(text)
