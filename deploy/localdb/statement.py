"""A SQL statement between those who name its inputs (client or PL/SQL) and the one who runs it.

`plsql` and `dialect` do not know each other; both know this.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeAlias

from deploy.localdb.values import Column, SqlType, Value


@dataclass(frozen=True)
class Placeholder:
    """`:name` in the text; index counts appearances from 0 (a repeated name counts each time)."""

    index: int
    name: str


@dataclass(frozen=True)
class Expression:
    """PL/SQL that the surrounding block evaluates, and whose value the statement gets as a bind.

    A variable ('l_rec.id') or a call of a PL/SQL function none of whose arguments is a column.
    With `rows` it is a collection, and the statement gets its elements as `values.Rows`.
    """

    text: str
    rows: bool = False


@dataclass(frozen=True)
class Call:
    """A PL/SQL function that a statement calls for its rows, with arguments that only they tell.

    Attributes:
        text: a PL/SQL expression whose placeholders are the arguments: '"HR"."PAY"(:A1, "P" => :A2)'.
        types: of the arguments, where they are known.
        result: the type of what it gives.
        owner: whose privileges count, those of a view's; None: those of the code that runs.
    """

    text: str
    types: tuple[SqlType | None, ...]
    result: SqlType
    owner: str | None = None


@dataclass(frozen=True)
class Answers:
    """What the functions that are called for the rows have given so far; the host puts it in."""


Input: TypeAlias = Placeholder | Expression | Answers


class Scope(Protocol):
    """The PL/SQL names that a statement may mention. A column of its tables wins over them."""

    def variable(self, parts: tuple[str, ...]) -> SqlType | None:
        """The type of a variable, record field, constant or parameter; None: there is none.

        Args:
            parts: the identifiers as the dictionary spells them, ('L_REC', 'ID').
        """

    def function(self, parts: tuple[str, ...]) -> SqlType | bool:
        """Whether a PL/SQL function of this name can be called here (built-in SQL ones aside).

        Or a collection be indexed: in SQL's eyes `l_ids(i)` is a call.

        Returns:
            The type of the result, where it is known and one of SQL's; else True.
        """

    def call(
        self,
        parts: tuple[str, ...],
        names: tuple[str | None, ...],
        types: tuple[SqlType | None, ...],
    ) -> Call | None:
        """A call of a PL/SQL function for each row.

        Args:
            parts: its name, as for `function`.
            names: of the arguments, in named notation; None: positional.
            types: of the arguments, where they are known.

        Returns:
            None: it is no function.

        Raises:
            OraError: SQL cannot call it so.
        """

    def rows(self, text: str) -> tuple[tuple[str, SqlType], ...]:
        """The columns of the rows that TABLE(text) gives: those of the elements of a collection.

        Raises:
            OraError: 22905, it is no collection; or what is wrong with the PL/SQL.
        """

    def of_owner(self, schema: str) -> Scope:
        """The names that a view of a schema knows: no variables, and its owner's privileges."""


class Kind(Enum):
    """What a statement does."""

    QUERY = "query"
    DML = "dml"  # INSERT UPDATE DELETE MERGE
    DDL = "ddl"  # commits before and after
    CONTROL = "control"  # COMMIT ROLLBACK SAVEPOINT SET TRANSACTION LOCK TABLE


class Prepared(Protocol):
    """A translated statement, ready to run any number of times."""

    @property
    def kind(self) -> Kind: ...

    @property
    def verb(self) -> str:
        """First keyword(s): 'SELECT', 'INSERT', 'CREATE TABLE', 'ROLLBACK'."""

    @property
    def inputs(self) -> tuple[Input, ...]:
        """What has to be bound, in order."""

    @property
    def binds_needed(self) -> int:
        """How many binds the client has to give."""

    @property
    def into(self) -> tuple[Placeholder, ...]:
        """The targets of RETURNING ... INTO."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """Columns of a query, or of RETURNING; () where there are none."""

    @property
    def for_update(self) -> bool:
        """A query that locks: rows are locked as they are fetched."""

    @property
    def relations(self) -> Iterable[tuple[str, str]]:
        """Owner and name of each table and view that it names."""

    @property
    def fires_triggers(self) -> bool:
        """DML that runs PL/SQL."""


@dataclass
class Outcome:
    """What a DML, DDL or control statement did."""

    row_count: int = 0
    rows: Sequence[tuple[Value, ...]] = ()  # of RETURNING
    rowid: str | None = None  # of the last row
