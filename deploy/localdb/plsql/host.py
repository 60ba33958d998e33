"""What the language needs of the session around it. The session implements it; nothing here does I/O.

Every method may raise OraError. Methods look synchronous: the session runs the interpreter in a
greenlet of its own and lets others run while a statement is under way.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, TypeVar

from deploy.localdb.errors import OraError
from deploy.localdb.rights import Rights, owner_rights
from deploy.localdb.statement import Kind, Outcome, Prepared, Scope
from deploy.localdb.values import Column, SqlType, Value

if TYPE_CHECKING:
    from deploy.localdb.plsql.exceptions import CompileError
    from deploy.localdb.plsql.units import Unit


T = TypeVar("T")


class SqlCursor(Protocol):
    """An open query."""

    @property
    def columns(self) -> tuple[Column, ...]: ...

    def fetch(self, rows: int) -> list[tuple[Value, ...]]:
        """At most so many rows; fewer only at the end. FOR UPDATE: locks just these."""

    def close(self) -> None: ...


class Host(Protocol):
    """A session as its PL/SQL sees it."""

    #: The session's user and CURRENT_SCHEMA, upper case as the dictionary has them.
    user: str
    current_schema: str
    #: The privilege domain of the code that runs; a call of a unit with definer's rights changes it.
    rights: Rights

    #: Whether SQL has the type BOOLEAN, as it has since 23ai.
    sql_knows_boolean: bool

    #: Until when, by time.perf_counter, it may go on without a `turn`.
    deadline: float

    # ---- names ----
    @property
    def catalog_version(self) -> int:
        """Another number after each change of a table or a stored unit: names may have changed."""

    def find_unit(
        self, owner: str | None, name: str, schema: str, *, owned: bool = False
    ) -> Unit | None:
        """The compiled package spec, procedure or function; owner None: in schema, then SYS.

        None also where it may not be called: with the privileges of the owner of schema where owned, as
        stored units are compiled; else with those of the code that runs.

        Raises:
            OraError: 4063 where it is invalid.
        """

    def find_body(self, owner: str, name: str) -> Unit | None:
        """The compiled body of a package."""

    def note_compiled(self, unit: Unit, errors: Sequence[CompileError]) -> None:
        """A unit was compiled where it was used: the dictionary shows what became of it."""

    def table_columns(
        self, owner: str | None, table: str, schema: str, *, owned: bool = False
    ) -> tuple[Column, ...] | None:
        """The columns of a table or view; None: none is seen. For %TYPE and %ROWTYPE."""

    def table_name(self, owner: str | None, table: str, schema: str) -> tuple[str, str] | None:
        """Whose table or view that is, and its name."""

    # ---- SQL, on the current transaction ----
    def prepare(
        self,
        text: str,
        scope: Scope,
        schema: str,
        types: Sequence[SqlType | None] = (),
        *,
        owned: bool = False,
    ) -> Prepared:
        """Translate; unqualified names resolve in schema. types: of the placeholders, where known.

        owned: with the privileges of the owner of schema, not of the code that runs.

        The text holds no INTO clause (of SELECT or RETURNING): the language has cut it out.
        """

    def execute_command(self, text: str) -> bool:
        """Run what is no SQL on tables: stored units, ALTER SESSION...; False: it is none of these."""

    def execute(self, statement: Prepared, values: Sequence[Value]) -> Outcome: ...

    def execute_batch(
        self,
        batch: Sequence[tuple[Prepared, Sequence[Value]]],
        *,
        commits: bool = False,
        waits: bool = True,
    ) -> tuple[list[Outcome], OraError | None]:
        """Run DML statements one after the other, together, and commit once all have succeeded.

        Gives an outcome for each up to the first that failed, whose error comes with them; with an
        outcome for each it is the commit's. waits: as for `commit`.
        """

    def open(self, statement: Prepared, values: Sequence[Value]) -> SqlCursor: ...

    def select(
        self, statement: Prepared, values: Sequence[Value], most: int
    ) -> list[tuple[Value, ...]]:
        """The first rows of a query, at most so many."""

    def called_by(self, kind: Kind, function: Callable[[], Value]) -> Value:
        """What a function gives that a statement of this kind calls; NO_DATA_FOUND gives NULL.

        Raises:
            OraError: 14551 where it changes something and the statement is a query, 14552 where it ends
                the transaction.
        """

    # ---- transactions ----
    def commit(self, *, waits: bool = True) -> None:
        """Commit. Without `waits` it may become durable later, at the end of the client's call."""

    def rollback(self) -> None: ...

    def savepoint(self, name: str) -> None: ...

    def rollback_to(self, name: str) -> None: ...

    def set_transaction(self, text: str) -> None:
        """The whole SET TRANSACTION statement."""

    def begin_autonomous(self) -> None:
        """Switch to a transaction of its own; until end_autonomous all SQL is in it."""

    def end_autonomous(self, *, failed: bool) -> None:
        """Switch back. Open work: rolled back, and ORA-06519 raised unless failed."""

    def in_transaction(self) -> bool: ...

    # ---- time and others ----
    def turn(self) -> None:
        """Lets other sessions run once the deadline is over; raises ORA-01013 on a break."""

    def aside(self, work: Callable[[Callable[[], bool]], T]) -> T:
        """Runs what takes long on a thread; others go on, and a break ends it with ORA-01013.

        work touches nothing of the session; it asks now and then, by the function that it is given,
        whether its result is still wanted.
        """

    def sleep(self, seconds: float) -> None:
        """Waits; a break ends it with ORA-01013."""

    def generation(self, channel: str) -> int:
        """A counter that rises at each commit of a transaction that has called notify(channel)."""

    def notify(self, channel: str) -> None: ...

    def wait(self, channel: str, generation: int, seconds: float | None) -> bool:
        """Waits until the channel's generation is another than this (True) or time is up (False)."""

    def now(self) -> datetime.datetime:
        """SYSTIMESTAMP: aware, in the host's zone."""

    def session_time_zone(self) -> datetime.tzinfo: ...

    def attribute(self, name: str) -> str | None:
        """SYS_CONTEXT('USERENV', name) and NLS parameters, by upper-case name."""

    def set_attribute(self, name: str, value: str | None) -> None:
        """MODULE, ACTION, CLIENT_INFO, CLIENT_IDENTIFIER, NLS_..."""

    def session_id(self) -> tuple[int, int]:
        """SID and SERIAL#."""

    def session_alive(self, sid: int, serial: int) -> bool: ...

    def reset_packages(self) -> None:
        """Package state goes at the end of the current call (MODIFY_PACKAGE_STATE)."""


@contextmanager
def with_rights_of(host: Host, owner: str | None) -> Iterator[None]:
    """Go on with the privileges and in the schema of an owner; None: as it is."""
    schema, rights = host.current_schema, host.rights
    if owner is not None:
        host.current_schema, host.rights = owner, owner_rights(owner)
    try:
        yield
    finally:
        host.current_schema, host.rights = schema, rights
