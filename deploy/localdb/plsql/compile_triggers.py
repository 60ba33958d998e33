"""Triggers: a block on a frame that has the rows and what the statement does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deploy.localdb.errors import OraError
from deploy.localdb.plsql.compile_declarations import DeclarationCompiler
from deploy.localdb.plsql.compiled import CompiledTrigger, CompiledUnit, Routine
from deploy.localdb.plsql.exceptions import CompileError, Failure
from deploy.localdb.plsql.scopes import (
    AROUND,
    FIRST,
    RESULT,
    Formal,
    Frame,
    NamedSubprogram,
    Overloads,
    Scope,
    Variable,
)
from deploy.localdb.plsql.syntax import ParameterMode, TriggerSyntax, UnitSyntax
from deploy.localdb.plsql.types import BOOLEAN, VARCHAR2, RecordType
from deploy.localdb.plsql.values import Record
from deploy.localdb.rights import owner_rights
from deploy.localdb.values import Value

if TYPE_CHECKING:
    from deploy.localdb.plsql.interpreter import Interpreter

_OLD_IS_FIXED = "ORA-04085: cannot change the value of an OLD reference variable"
_NEW_IS_FIXED = "ORA-04084: cannot change NEW values for this trigger type"
#: What is wrong with these is wrong with the statement that creates the trigger.
FATAL = (_OLD_IS_FIXED, _NEW_IS_FIXED)


@dataclass
class Firing:
    """What fires triggers: a statement, and the row it is at.

    Attributes:
        event: 'INSERT', 'UPDATE', 'DELETE'.
        columns: that UPDATE sets.
        old, new: the values of the row's columns; a trigger changes those of new.
    """

    event: str
    columns: frozenset[str]
    old: list[Value] | None = None
    new: list[Value] | None = None


def compile_trigger(
    session: Interpreter, compiler: DeclarationCompiler, compiled: CompiledUnit, syntax: UnitSyntax
) -> None:
    """Compile a trigger; what is wrong is in the unit's errors."""
    trigger, node = syntax.trigger, syntax.subprogram
    assert trigger is not None
    assert node is not None
    owner, table = compiled.unit.table or (
        trigger.table[0] if len(trigger.table) > 1 else None,
        trigger.table[-1],
    )
    columns = compiler.table_columns(owner, table)
    if columns is None:
        compiled.errors.append(CompileError(1, 1, "ORA-00942: table or view does not exist"))
        return
    shape, scope = compiled.shape, compiled.scope
    row = session.row_type(f"{table}%ROWTYPE", columns, None)
    old = Variable(trigger.old, row, shape, shape.place(), _OLD_IS_FIXED)
    new = Variable(trigger.new, row, shape, shape.place(), _new_is_fixed(trigger))
    if trigger.each_row:
        scope.names[f":{trigger.old}"] = old
        scope.names[f":{trigger.new}"] = new
    event, columns_place = shape.place(), shape.place()
    places = {}
    for name in ("INSERTING", "DELETING"):
        places[name] = shape.place()
        scope.names[name] = Variable(name, BOOLEAN, shape, places[name], "predicate")
    scope.names["UPDATING"] = _updating(compiled, event, columns_place)
    routine = Routine(syntax.name, compiled.program.where)
    compiler.define(routine, node, [], None)
    compiled.trigger = CompiledTrigger(
        row, old.place, new.place, event, columns_place, places["INSERTING"], places["DELETING"],
        routine,
    )  # fmt: skip
    if trigger.when is not None:
        inner = Scope(shape, scope)
        inner.names[trigger.old], inner.names[trigger.new] = old, new
        conditions = session.compiler(compiled.program, inner, shape)
        try:
            compiled.trigger.when = conditions.condition(trigger.when)
        except Failure as failure:
            compiler.note(failure)


def _new_is_fixed(trigger: TriggerSyntax) -> str | None:
    changes = trigger.timing == "BEFORE" and {"INSERT", "UPDATE"} & set(trigger.events)
    return None if changes else _NEW_IS_FIXED


def _updating(compiled: CompiledUnit, event: int, columns: int) -> Overloads:
    """UPDATING, and UPDATING(column)."""
    routine = Routine("UPDATING", compiled.program.where)

    def run(f: Frame) -> None:
        around, column = f[AROUND], f[FIRST]
        f[RESULT] = around[event] == "UPDATE" and (
            column is None or str(column).upper() in around[columns]
        )

    routine.run, routine.blank = run, [None, None]
    column = Formal("COLUMN_NAME", ParameterMode.IN, VARCHAR2, lambda f: None)
    member = NamedSubprogram(
        "UPDATING", [column], BOOLEAN, compiled.shape, routine, unit=compiled.key, defined=True
    )
    return Overloads("UPDATING", [member])


def run_trigger(session: Interpreter, compiled: CompiledUnit, firing: Firing) -> None:
    """Run a trigger, as its owner.

    Raises:
        OraError: its unhandled exception, which says that it is a trigger's.
    """
    trigger = compiled.trigger
    assert trigger is not None
    assert trigger.routine.run is not None
    owner = compiled.key[0]
    frame: Frame = [None, session, *[None] * (compiled.shape.size - 2)]
    frame[trigger.old] = _record(trigger.row, firing.old)
    frame[trigger.new] = _record(trigger.row, firing.new)
    frame[trigger.event] = firing.event
    frame[trigger.columns] = firing.columns
    frame[trigger.inserting] = firing.event == "INSERT"
    frame[trigger.deleting] = firing.event == "DELETE"
    host = session.host
    schema, rights = host.current_schema, host.rights
    host.current_schema, host.rights = owner, owner_rights(owner)
    try:
        if trigger.when is None or trigger.when(frame):
            trigger.routine.run([frame, session, *trigger.routine.blank])
    except OraError as error:
        name = ".".join(compiled.key)
        error.backtrace.append(f"ORA-04088: error during execution of trigger '{name}'")
        raise
    finally:
        host.current_schema, host.rights = schema, rights


def _record(type_: RecordType, values: list[Value] | None) -> Record:
    return Record(type_, [None] * len(type_.fields) if values is None else values)


def fatal(errors: Sequence[CompileError]) -> OraError | None:
    """The error that a CREATE TRIGGER ends with instead of an invalid trigger."""
    for error in errors:
        if error.text in FATAL:
            return OraError(int(error.text[4:9]), error.text[11:])
    return None
