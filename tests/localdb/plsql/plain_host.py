"""A session without a database: units, DBMS_OUTPUT, and transactions that are only counted."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import TypeVar

from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.plsql.exceptions import CompileError
from deploy.localdb.plsql.host import SqlCursor
from deploy.localdb.plsql.interpreter import Interpreter
from deploy.localdb.plsql.parser import parse_block
from deploy.localdb.plsql.units import Unit, system_package
from deploy.localdb.plsql.values import Cell
from deploy.localdb.rights import Rights
from deploy.localdb.statement import Kind, Outcome, Prepared, Scope
from deploy.localdb.values import Column, SqlType, TypeName, Value

T = TypeVar("T")


class PlainHost:
    """Implements plsql.host.Host; SQL is refused."""

    def __init__(self) -> None:
        self.user = self.current_schema = "OWNER"
        self.rights = Rights(self.user)
        self.catalog_version = 1
        self.units: dict[tuple[str, str, str], Unit] = {}
        self.tables: dict[str, tuple[Column, ...]] = {}
        self.log: list[str] = []
        self.turns = 0
        self.deadline = 0.0
        self.sql_knows_boolean = True
        self.attributes: dict[str, str | None] = {}
        self.interpreter = Interpreter(self)

    # ---- for tests ----

    def create(self, text: str) -> list[str]:
        """CREATE OR REPLACE; the messages of its errors."""
        unit = Unit.parse(text, self.user)
        self.units[unit.owner, unit.name, unit.type] = unit
        self.catalog_version += 1
        return [str(e.text) for e in self.interpreter.check(unit)]

    def run(self, text: str, **binds: Cell) -> list[str]:
        """Run a block; the lines that it has put out."""
        self.interpreter.run_block(parse_block("begin dbms_output.enable(null); end;"), {})
        self.interpreter.run_block(parse_block(text), {k.upper(): v for k, v in binds.items()})
        return self.lines()

    def lines(self) -> list[str]:
        found: list[str] = []
        get_line = parse_block("begin dbms_output.get_line(:line, :status); end;")
        while True:
            line = Cell(type=SqlType(TypeName.VARCHAR2, 32767))
            status = Cell(type=SqlType(TypeName.NUMBER))
            self.interpreter.run_block(get_line, {"LINE": line, "STATUS": status})
            if status.value:
                return found
            found.append(line.value or "")

    def fails(self, text: str) -> str:
        """Run a block that fails; the whole text of its error."""
        try:
            self.run(text)
        except OraError as error:
            return error.stack
        raise AssertionError("no error")

    # ---- names ----

    def find_unit(
        self, owner: str | None, name: str, schema: str, *, owned: bool = False
    ) -> Unit | None:
        for type_ in ("PACKAGE", "PROCEDURE", "FUNCTION"):
            found = self.units.get((owner or schema, name, type_))
            if found is not None:
                return found
        return system_package(name) if owner in (None, "SYS") else None

    def find_body(self, owner: str, name: str) -> Unit | None:
        return self.units.get((owner, name, "PACKAGE BODY"))

    def note_compiled(self, unit: Unit, errors: Sequence[CompileError]) -> None: ...

    def table_name(self, owner: str | None, table: str, schema: str) -> tuple[str, str] | None:
        return owner or schema, table

    def table_columns(
        self, owner: str | None, table: str, schema: str, *, owned: bool = False
    ) -> tuple[Column, ...] | None:
        return self.tables.get(table)

    # ---- SQL and transactions ----

    def prepare(
        self,
        text: str,
        scope: Scope,
        schema: str,
        types: Sequence[SqlType | None] = (),
        *,
        owned: bool = False,
    ) -> Prepared:
        raise Unsupported("SQL")

    def execute_command(self, text: str) -> bool:
        return False

    def execute(self, statement: Prepared, values: Sequence[Value]) -> Outcome:
        raise Unsupported("SQL")

    def called_by(self, kind: Kind, function: Callable[[], Value]) -> Value:
        raise Unsupported("SQL")

    def execute_batch(
        self,
        batch: Sequence[tuple[Prepared, Sequence[Value]]],
        *,
        commits: bool = False,
        waits: bool = True,
    ) -> tuple[list[Outcome], OraError | None]:
        raise Unsupported("SQL")

    def select(
        self, statement: Prepared, values: Sequence[Value], most: int
    ) -> list[tuple[Value, ...]]:
        raise Unsupported("SQL")

    def open(self, statement: Prepared, values: Sequence[Value]) -> SqlCursor:
        raise Unsupported("SQL")

    def commit(self, *, waits: bool = True) -> None:
        self.log.append("commit")

    def rollback(self) -> None:
        self.log.append("rollback")

    def savepoint(self, name: str) -> None:
        self.log.append(f"savepoint {name}")

    def rollback_to(self, name: str) -> None:
        self.log.append(f"rollback to {name}")

    def set_transaction(self, text: str) -> None:
        self.log.append(text)

    def begin_autonomous(self) -> None:
        self.log.append("begin autonomous")

    def end_autonomous(self, *, failed: bool) -> None:
        self.log.append("failed autonomous" if failed else "end autonomous")

    def in_transaction(self) -> bool:
        return False

    # ---- time and others ----

    def turn(self) -> None:
        self.turns += 1

    def aside(self, work: Callable[[Callable[[], bool]], T]) -> T:
        return work(lambda: True)

    def sleep(self, seconds: float) -> None:
        pass

    def now(self) -> datetime.datetime:
        return datetime.datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=datetime.UTC)

    def session_time_zone(self) -> datetime.tzinfo:
        return datetime.UTC

    def attribute(self, name: str) -> str | None:
        return self.attributes.get(name)

    def set_attribute(self, name: str, value: str | None) -> None:
        self.attributes[name] = value

    def generation(self, channel: str) -> int:
        return 0

    def notify(self, channel: str) -> None:
        pass

    def wait(self, channel: str, generation: int, seconds: float | None) -> bool:
        return False

    def session_alive(self, sid: int, serial: int) -> bool:
        return True

    def reset_packages(self) -> None:
        self.interpreter.reset_packages()

    def error_stack(self) -> str | None:
        return self.interpreter.error_stack()

    def error_backtrace(self) -> str | None:
        return self.interpreter.error_backtrace()

    def call_stack(self) -> str | None:
        return self.interpreter.call_stack()

    def session_id(self) -> tuple[int, int]:
        return 1, 1
