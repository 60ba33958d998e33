"""PL/SQL functions that a statement of SQL calls for its rows: which one a call means, and calling it.

Source: PL/SQL Language Reference 19c, 8 PL/SQL Subprograms, "PL/SQL Functions that SQL Statements Can
Invoke"; SQL Language Reference 19c, 5 Expressions, "Function Expressions".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.plsql.compile_units import new_frame
from deploy.localdb.plsql.compiled import Program
from deploy.localdb.plsql.exceptions import Failure
from deploy.localdb.plsql.parser import parse_expression
from deploy.localdb.plsql.resolver import Code
from deploy.localdb.plsql.scanner import LineTable
from deploy.localdb.plsql.scopes import NamedSubprogram, PlaceholderVariable, Scope, Shape
from deploy.localdb.plsql.syntax import ParameterMode
from deploy.localdb.plsql.types import of_sql, to_sql
from deploy.localdb.plsql.values import Cell
from deploy.localdb.rights import Rights
from deploy.localdb.statement import Call
from deploy.localdb.values import SqlType, TypeName, Value

if TYPE_CHECKING:
    from deploy.localdb.plsql.interpreter import Interpreter

#: Calls that a session keeps compiled.
_MOST_CALLS = 200
_NO_RESULT = frozenset({TypeName.CURSOR, TypeName.BLOB})
#: What SQL makes of a text, whatever the function calls it.
_TEXT = SqlType(TypeName.VARCHAR2, size=4000)
_TEXTS = frozenset({TypeName.VARCHAR2, TypeName.NVARCHAR2, TypeName.CHAR, TypeName.NCHAR})


@dataclass(frozen=True)
class _Compiled:
    program: Program
    shape: Shape
    code: Code
    arguments: tuple[PlaceholderVariable, ...]


def find_call(
    session: Interpreter,
    functions: Sequence[NamedSubprogram],
    names: tuple[str | None, ...],
    types: tuple[SqlType | None, ...],
    owner: str | None = None,
) -> Call:
    """What a call with such arguments runs, and gives.

    Args:
        session: for which it is looked up.
        functions: those of the name; at least one.
        names: of the arguments that have one.
        types: of the arguments.
        owner: of the view that calls.

    Raises:
        OraError: 6572 where it has OUT parameters, 6553 where no function takes such arguments.
        Unsupported: SQL has no such type as it gives.
    """
    function = functions[0]
    listed = ", ".join(
        f":A{number}" if name is None else f'"{name}" => :A{number}'
        for number, name in enumerate(names, 1)
    )
    text = f"{_whole_name(session, function)}({listed})"
    if all(_has_out(one) for one in functions):
        raise OraError(6572, f"Function {function.name} has out arguments")
    try:
        compiled = _compile(session, text, types)
    except Failure as failure:
        prefix, _, said = failure.text.partition("-")
        if prefix != "PLS":
            raise OraError(904, f'"{function.name}": invalid identifier') from None
        number, _, words = said.partition(": ")
        raise OraError(6553, f"PLS-{number.lstrip('0')}: {words}") from None
    if any(argument.written for argument in compiled.arguments):
        raise OraError(6572, f"Function {function.name} has out arguments")
    result = to_sql(compiled.code.type)
    if result is None or result.name in _NO_RESULT:
        raise Unsupported(f"function {function.name} over columns, for the type of its result")
    return Call(text, types, _TEXT if result.name in _TEXTS else result, owner)


def _whole_name(session: Interpreter, function: NamedSubprogram) -> str:
    if function.unit is None:
        return function.system or function.name
    owner, unit_name = function.unit
    unit = session.host.find_unit(owner, unit_name, owner, owned=True)
    parts = [owner, unit_name]
    if unit is None or unit.type == "PACKAGE":
        parts.append(function.name)
    return ".".join(f'"{part}"' for part in parts)


def _has_out(function: NamedSubprogram) -> bool:
    return any(formal.mode is not ParameterMode.IN for formal in function.formals)


def _compile(session: Interpreter, text: str, types: Sequence[SqlType | None]) -> _Compiled:
    schema = session.host.current_schema
    program = Program(schema, "at line ", LineTable(text))
    program.dependencies.version = session.host.catalog_version
    shape = Shape()
    scope = Scope(shape)
    arguments = []
    for number, type_ in enumerate(types, 1):
        plain = SqlType(type_.name) if type_ is not None else _TEXT
        variable = PlaceholderVariable(f"A{number}", of_sql(plain), shape, shape.place())
        scope.names[f":{variable.name}"] = variable
        arguments.append(variable)
    code = session.compiler(program, scope, shape).expression(parse_expression(text))
    return _Compiled(program, shape, code, tuple(arguments))


class RowCalls:
    """Calls functions for the rows of statements; keeps what it has compiled for that."""

    def __init__(self, session: Interpreter) -> None:
        self._session = session
        self._compiled: dict[tuple[Call, str, Rights], _Compiled] = {}

    def run(self, call: Call, values: Sequence[Value]) -> Value:
        """What the function gives.

        Raises:
            OraError: its unhandled exception.
        """
        session = self._session
        compiled = self._find(call)
        frame = new_frame(session, compiled.shape)
        for argument, value in zip(compiled.arguments, values, strict=True):
            frame[argument.place] = Cell(value)
        found: Value = compiled.code.run(frame)
        return found

    def _find(self, call: Call) -> _Compiled:
        host = self._session.host
        key = (call, host.current_schema, host.rights)
        known = self._compiled.get(key)
        if known is None or not known.program.dependencies.hold(self._session):
            try:
                known = _compile(self._session, call.text, call.types)
            except Failure as failure:
                raise OraError(6550, failure.text) from None
            if len(self._compiled) >= _MOST_CALLS:
                self._compiled.clear()
            self._compiled[key] = known
        return known
