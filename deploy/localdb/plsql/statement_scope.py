"""The PL/SQL around a statement of SQL, as the translator asks for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.plsql.exceptions import CompileErrors, Failure
from deploy.localdb.plsql.host import with_rights_of
from deploy.localdb.plsql.parser import parse_expression
from deploy.localdb.plsql.resolver import Code, Denoted, Method
from deploy.localdb.plsql.scopes import NamedSubprogram, Overloads, Scope, Shape, Variable
from deploy.localdb.plsql.supplied import is_missing
from deploy.localdb.plsql.types import (
    PLS_INTEGER,
    CollectionType,
    Family,
    RecordType,
    ScalarType,
    Type,
    to_sql,
)
from deploy.localdb.statement import Call
from deploy.localdb.values import SqlType, TypeName

if TYPE_CHECKING:
    from deploy.localdb.plsql.compile_calls import CallCompiler
    from deploy.localdb.plsql.compiled import Program
    from deploy.localdb.plsql.interpreter import Interpreter


_UNKNOWN = re.compile(r"PLS-00(?:201: identifier|302: component) '(.*)' must be declared")


class StatementScope:
    """`statement.Scope` of one place in a text, for one session; owner: of the view that it is."""

    def __init__(
        self,
        session: Interpreter,
        program: Program,
        scope: Scope,
        shape: Shape,
        owner: str | None = None,
    ) -> None:
        self._owner = owner
        self._session = session
        self._program = program
        self._scope = scope
        self._shape = shape

    def compiler(self) -> CallCompiler:
        return self._session.compiler(self._program, self._scope, self._shape)

    def variable(self, parts: tuple[str, ...]) -> SqlType | None:
        if self._scope.find(parts[0]) is None and len(parts) == 1:
            return None
        compiler = self.compiler()
        denoted = compiler.package_member(parts, 0)
        match denoted:
            case Variable():
                return _shown(denoted.type)
            case Code():
                return _shown(denoted.type)
            case Method(name=name) if name in ("COUNT", "FIRST", "LAST"):
                return to_sql(PLS_INTEGER)
        return None

    def rows(self, text: str) -> tuple[tuple[str, SqlType], ...]:
        try:
            type_ = self.compiler().expression(parse_expression(text)).type
        except Failure as failure:
            unknown = _UNKNOWN.fullmatch(failure.text)
            if unknown is not None:
                raise OraError(904, f'"{unknown[1]}": invalid identifier') from None
            raise OraError(6553, failure.text) from None
        except CompileErrors as errors:
            raise OraError(6553, errors.errors[0].text) from None
        if not isinstance(type_, CollectionType):
            raise OraError(22905, "cannot access rows from a non-nested table item")
        if type_.origin is None or (type_.key is not None and type_.key.family is Family.TEXT):
            raise OraError(
                642, "local collection types not allowed in SQL statements", prefix="PLS"
            )
        element = type_.element
        if isinstance(element, RecordType):
            fields = [(field.name, to_sql(field.type)) for field in element.fields]
        else:
            fields = [("COLUMN_VALUE", to_sql(element))]
        columns = tuple((name, sql) for name, sql in fields if sql is not None)
        if len(columns) < len(fields):
            raise OraError(902, "invalid datatype")
        return columns

    def of_owner(self, schema: str) -> StatementScope:
        return self._session.sql_scope(schema)

    def _denoted(self, parts: tuple[str, ...]) -> Denoted | None:
        with with_rights_of(self._session.host, self._owner):
            return self.compiler().package_member(parts, 0)

    def function(self, parts: tuple[str, ...]) -> SqlType | bool:
        denoted = self._denoted(parts)
        if denoted is None:
            package = parts[1:] if parts[0] == "SYS" else parts
            if len(package) > 1 and is_missing(package[0]):
                raise Unsupported(package[0])
        if not isinstance(denoted, Overloads):
            return False
        functions = [member for member in denoted.members if member.returns is not None]
        if functions and all(m.unit is None and m.system is None for m in functions):
            raise OraError(231, f"function '{denoted.name}' may not be used in SQL", prefix="PLS")
        if (
            functions
            and not self._session.host.sql_knows_boolean
            and all(map(_is_boolean, functions))
        ):
            raise OraError(
                6552, "PL/SQL: Statement ignored\nORA-06553: PLS-382: expression is of wrong type"
            )
        types = {_result(member.returns) for member in functions if member.returns is not None}
        return (types.pop() or True) if len(types) == 1 else bool(functions)

    def call(
        self,
        parts: tuple[str, ...],
        names: tuple[str | None, ...],
        types: tuple[SqlType | None, ...],
    ) -> Call | None:
        denoted = self._denoted(parts)
        if not isinstance(denoted, Overloads):
            return None
        functions = [member for member in denoted.members if member.returns is not None]
        if not functions:
            return None
        return self._session.find_call(functions, names, types, self._owner)


def _is_boolean(function: NamedSubprogram) -> bool:
    returns = function.returns
    return isinstance(returns, ScalarType) and returns.family is Family.BOOLEAN


def _result(type_: Type) -> SqlType | None:
    found = to_sql(type_)
    return None if found is not None and found.name is TypeName.CURSOR else found


def _shown(type_: Type) -> SqlType | None:
    if isinstance(type_, ScalarType) and type_.family is Family.UNKNOWN:
        return SqlType(TypeName.VARCHAR2)
    return to_sql(type_)
