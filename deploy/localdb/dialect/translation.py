"""What the translator hands to the database: PostgreSQL's text and what goes with it.

How to run one, by its kind:

    QUERY    `sql` is one statement with $1..$n, n = len(inputs). `for_update`: it locks rows, fetch it
             through a portal; `wait`: how long for each lock.
    DML      `sql` is one statement with $1..$n. Rows come back where `returning`; the client's targets
             are `into`, column by column (() where the language has cut them out). With `triggered`
             it is the query of the rows instead.
    DDL      `sql` is a script without parameters, often of several statements: send it as a simple
             query in a transaction of its own, together with `effects`: what has to change in
             `localdb.objects` and `localdb.columns`. '' where there is nothing to do but effects.
    CONTROL  `control` says what; `sql` is '' but for LOCK TABLE, which is a statement of the
             transaction (`wait` as above).

`types` are the types of the inputs where they are known, to be declared to PostgreSQL (the text casts
them as well). `columns` overrides what PostgreSQL's description of the result says, by position: None
where the description is right. Where a column is one of a table, `localdb.columns` knows best.

The translation of a text depends on (text, schema, types), on the catalogue, and on the PL/SQL scope
by `asked` alone: a cached one may be used where the scope gives the same answers.

All errors of helper functions in the database have SQLSTATE ORA00 and the message 'NNNNN:text'.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from deploy.localdb.dialect.catalog import Identity, Relation, Trigger
from deploy.localdb.statement import Call, Input, Kind, Placeholder
from deploy.localdb.values import Column, SqlType


class Waiting(Enum):
    """What to do about a lock that somebody holds."""

    FOREVER = "wait"
    NEVER = "nowait"  # ORA-00054
    SKIP = "skip locked"


#: Or seconds: ORA-30006 when they are over.
Wait: TypeAlias = Waiting | int


# ---- what DDL does to localdb.objects, .columns, .table_comments, .synonyms, .users ----


@dataclass(frozen=True)
class ObjectCreated:
    """A row for `localdb.objects`; where it is there, last_ddl is now and status VALID."""

    owner: str
    name: str
    type: str  # TABLE, VIEW, INDEX, SEQUENCE, SYNONYM


@dataclass(frozen=True)
class ObjectChanged:
    """last_ddl is now."""

    owner: str
    name: str
    type: str


@dataclass(frozen=True)
class ObjectDropped:
    """The row goes; of a TABLE or VIEW also its columns, comments, and its indexes' rows."""

    owner: str
    name: str
    type: str


@dataclass(frozen=True)
class ObjectRenamed:
    """Another name; of a TABLE or VIEW also in its columns and comments."""

    owner: str
    name: str
    type: str
    new_name: str


@dataclass(frozen=True)
class ColumnRow:
    """A column as it was declared."""

    name: str
    type: SqlType
    nullable: bool = True
    #: Oracle's text of the default, or of a virtual column's expression.
    default_text: str | None = None
    on_null: bool = False
    identity: Identity | None = None
    virtual: bool = False
    #: VARCHAR2(n CHAR); False: n bytes.
    in_characters: bool = False


@dataclass(frozen=True)
class ColumnsAdded:
    """Rows for `localdb.columns`, behind those that are there."""

    owner: str
    table: str
    columns: tuple[ColumnRow, ...]


@dataclass(frozen=True)
class ColumnsDerived:
    """The relation's columns are those of a query: read them from pg_attribute, replacing all.

    columns: by position, where PostgreSQL cannot tell; None: go by its type.
    """

    owner: str
    table: str
    columns: tuple[SqlType | None, ...]


@dataclass(frozen=True)
class ColumnChanged:
    """The row gets what is not None."""

    owner: str
    table: str
    column: str
    type: SqlType | None = None
    nullable: bool | None = None
    #: '' takes the default away.
    default_text: str | None = None
    on_null: bool | None = None
    in_characters: bool | None = None


@dataclass(frozen=True)
class ColumnDropped:
    """The row goes, later ones move up."""

    owner: str
    table: str
    column: str


@dataclass(frozen=True)
class ColumnRenamed:
    """The row gets another name."""

    owner: str
    table: str
    column: str
    new_name: str


@dataclass(frozen=True)
class CommentSet:
    """A comment of a table (column None) or a column; None takes it away."""

    owner: str
    table: str
    column: str | None
    text: str | None


@dataclass(frozen=True)
class CheckWritten:
    """The condition of a CHECK, as it was written."""

    owner: str
    constraint: str
    text: str


@dataclass(frozen=True)
class TemporaryCreated:
    """The table is a global temporary one."""

    owner: str
    name: str
    #: ON COMMIT PRESERVE ROWS.
    preserves: bool


@dataclass(frozen=True)
class TriggersSwitched:
    """All triggers of a table are enabled or disabled."""

    owner: str
    table: str
    enabled: bool


@dataclass(frozen=True)
class ViewMarked:
    """Whether a view is one WITH READ ONLY, and whether it calls PL/SQL functions."""

    owner: str
    name: str
    read_only: bool
    calls: bool = False


@dataclass(frozen=True)
class SynonymCreated:
    """A row for `localdb.synonyms`, replacing."""

    owner: str  # PUBLIC: a public one
    name: str
    target_owner: str
    target_name: str


@dataclass(frozen=True)
class SynonymDropped:
    """The row goes."""

    owner: str
    name: str


@dataclass(frozen=True)
class UserCreated:
    """CREATE USER; the database makes the schema as well. password None: no authentication."""

    name: str
    password: str | None


@dataclass(frozen=True)
class UserChanged:
    """ALTER USER; None: stays."""

    name: str
    password: str | None = None
    locked: bool | None = None


@dataclass(frozen=True)
class ProxyChanged:
    """ALTER USER client GRANT or REVOKE CONNECT THROUGH proxy."""

    client: str
    proxy: str
    granted: bool


@dataclass(frozen=True)
class UserDropped:
    """DROP USER; not cascade: ORA-01922 where objects are left."""

    name: str
    cascade: bool


@dataclass(frozen=True)
class RoleCreated:
    """CREATE ROLE; the creator has it WITH ADMIN OPTION."""

    name: str
    creator: str | None = None


@dataclass(frozen=True)
class RoleDropped:
    """DROP ROLE."""

    name: str


@dataclass(frozen=True)
class Granted:
    """GRANT; object None: system privileges or roles."""

    privileges: tuple[str, ...]
    object: tuple[str, str] | None  # owner, name
    grantees: tuple[str, ...]
    with_option: bool = False  # WITH GRANT OPTION, WITH ADMIN OPTION
    grantor: str = "SYS"


@dataclass(frozen=True)
class Revoked:
    """REVOKE: of an object, what grantor has given.

    Raises ORA-01927, 1951, 1952 where there is nothing to take back; of ALL, only where there is nothing
    at all.
    """

    privileges: tuple[str, ...]
    object: tuple[str, str] | None
    grantees: tuple[str, ...]
    grantor: str = "SYS"
    everything: bool = False


@dataclass(frozen=True)
class DefaultRoles:
    """ALTER USER ... DEFAULT ROLE: these alone, or all but these."""

    user: str
    everything: bool
    names: tuple[str, ...] = ()


Effect: TypeAlias = (
    ObjectCreated
    | ObjectChanged
    | ObjectDropped
    | ObjectRenamed
    | ColumnsAdded
    | ColumnsDerived
    | ColumnChanged
    | ColumnDropped
    | ColumnRenamed
    | CommentSet
    | TriggersSwitched
    | ViewMarked
    | TemporaryCreated
    | CheckWritten
    | SynonymCreated
    | SynonymDropped
    | UserCreated
    | UserChanged
    | ProxyChanged
    | UserDropped
    | RoleCreated
    | RoleDropped
    | Granted
    | Revoked
    | DefaultRoles
)


# ---- transaction control ----


@dataclass(frozen=True)
class Commit:
    """COMMIT [WORK] [WRITE ...]."""


@dataclass(frozen=True)
class Rollback:
    """ROLLBACK [WORK] [TO [SAVEPOINT] name]."""

    savepoint: str | None = None


@dataclass(frozen=True)
class Savepoint:
    """SAVEPOINT name."""

    name: str


@dataclass(frozen=True)
class SetTransaction:
    """SET TRANSACTION: isolation level 'READ COMMITTED' or 'SERIALIZABLE', or read only."""

    isolation: str = "READ COMMITTED"
    read_only: bool = False
    name: str | None = None


@dataclass(frozen=True)
class LockTable:
    """LOCK TABLE: the translation's `sql` does it."""


@dataclass(frozen=True)
class SetConstraints:
    """SET CONSTRAINTS: the translation's `sql` does it."""


@dataclass(frozen=True)
class AlterSession:
    """ALTER SESSION SET name = value, ...; names in upper case."""

    settings: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SetRole:
    """SET ROLE: these alone, or all but these."""

    everything: bool
    names: tuple[str, ...] = ()


Control: TypeAlias = (
    Commit
    | Rollback
    | Savepoint
    | SetTransaction
    | LockTable
    | SetConstraints
    | AlterSession
    | SetRole
)


# ---- the whole ----


@dataclass(frozen=True)
class AskedVariable:
    """Scope.variable(parts) gave this answer."""

    parts: tuple[str, ...]
    answer: SqlType | None


@dataclass(frozen=True)
class AskedFunction:
    """Scope.function(parts) gave this answer."""

    parts: tuple[str, ...]
    answer: SqlType | bool


@dataclass(frozen=True)
class AskedCall:
    """Scope.call(parts, names, types) gave this answer."""

    parts: tuple[str, ...]
    names: tuple[str | None, ...]
    types: tuple[SqlType | None, ...]
    answer: Call | None


@dataclass(frozen=True)
class AskedRows:
    """Scope.rows(text) gave this answer."""

    text: str
    answer: tuple[tuple[str, SqlType], ...]


Asked: TypeAlias = AskedVariable | AskedFunction | AskedCall | AskedRows


@dataclass(frozen=True)
class Use:
    """A relation that the statement needs a privilege on: READ, SELECT (to lock), INSERT, UPDATE..."""

    owner: str
    name: str
    privilege: str


@dataclass(frozen=True)
class Nested:
    """CURSOR(query): a query to be opened for each row, when the row is fetched."""

    #: Number of its column in the query around it.
    place: int
    sql: str
    #: Placeholders: their index counts the columns that the query around delivers.
    inputs: tuple[Input, ...]
    types: tuple[SqlType | None, ...]
    names: tuple[str, ...]
    columns: tuple[Column | None, ...] = ()
    nested: tuple[Nested, ...] = ()
    #: How many columns of the result are for the cursors in it only.
    delivered: int = 0


@dataclass(frozen=True)
class Triggered:
    """DML that fires triggers, taken apart: `sql` is the query of the rows, which are changed one by one.

    A row of it is: of UPDATE and DELETE the place of the row in the table, as text, and the old value of
    each column; then, of INSERT the new value of each column, of UPDATE those of `assigned`. The last
    inputs are those of RETURNING, `returning_inputs` of them, which a row's own statement has first.
    """

    relation: Relation
    triggers: tuple[Trigger, ...]
    #: The columns that UPDATE sets, by their places in the relation.
    assigned: tuple[int, ...] = ()
    #: What RETURNING calls the table, and what it asks for, with $1..
    reference: str = ""
    returning: str = ""
    returning_inputs: int = 0
    #: INSERT ... VALUES: one row, whose BEFORE triggers may see the table.
    is_single: bool = False


@dataclass(frozen=True)
class Translation:
    """An Oracle statement in PostgreSQL's words."""

    kind: Kind
    verb: str
    sql: str
    inputs: tuple[Input, ...] = ()
    types: tuple[SqlType | None, ...] = ()
    into: tuple[Placeholder, ...] = ()
    returning: bool = False
    for_update: bool = False
    wait: Wait = Waiting.FOREVER
    effects: tuple[Effect, ...] = ()
    control: Control | None = None
    columns: tuple[Column | None, ...] = ()
    #: What Oracle calls the columns of the query, or of RETURNING; PostgreSQL cuts long names off.
    names: tuple[str, ...] = ()
    asked: tuple[Asked, ...] = ()
    uses: tuple[Use, ...] = ()
    #: PL/SQL functions that it calls for its rows, by their number less 1; one input is then `Answers`.
    calls: tuple[Call, ...] = ()
    nested: tuple[Nested, ...] = ()
    #: How many columns, behind all others, are for the nested queries only.
    delivered: int = 0
    #: Of DML that fires triggers.
    triggered: Triggered | None = None
