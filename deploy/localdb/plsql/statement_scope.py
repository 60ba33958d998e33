"""The PL/SQL around a statement of SQL, as the translator asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploy.localdb.errors import OraError
from deploy.localdb.plsql.host import with_rights_of
from deploy.localdb.plsql.resolver import Code, Denoted, Method
from deploy.localdb.plsql.scopes import NamedSubprogram, Overloads, Scope, Shape, Variable
from deploy.localdb.plsql.types import PLS_INTEGER, Family, ScalarType, Type, to_sql
from deploy.localdb.statement import Call
from deploy.localdb.values import SqlType, TypeName

if TYPE_CHECKING:
    from deploy.localdb.plsql.compile_calls import CallCompiler
    from deploy.localdb.plsql.compiled import Program
    from deploy.localdb.plsql.interpreter import Interpreter


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

    def of_owner(self, schema: str) -> StatementScope:
        return self._session.sql_scope(schema)

    def _denoted(self, parts: tuple[str, ...]) -> Denoted | None:
        with with_rights_of(self._session.host, self._owner):
            return self.compiler().package_member(parts, 0)

    def function(self, parts: tuple[str, ...]) -> SqlType | bool:
        denoted = self._denoted(parts)
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
