"""What the dictionary shows of a compiled unit's subprograms."""

from __future__ import annotations

from collections import Counter

from deploy.localdb.plsql.compiled import CompiledUnit
from deploy.localdb.plsql.scopes import Formal, NamedSubprogram
from deploy.localdb.plsql.syntax import ParameterMode
from deploy.localdb.plsql.types import (
    ArrayBind,
    CollectionType,
    CursorType,
    Family,
    ObjectType,
    RecordType,
    ScalarType,
    Type,
)
from deploy.localdb.plsql.units import ParameterInfo, SubprogramInfo
from deploy.localdb.values import TypeName


def describe(compiled: CompiledUnit) -> list[SubprogramInfo]:
    """The subprograms that others can call, in order."""
    authid = "CURRENT_USER" if compiled.program.invoker else "DEFINER"
    counts = Counter(member.name for member in compiled.subprograms)
    seen: Counter[str] = Counter()
    found = []
    for number, member in enumerate(compiled.subprograms, 1):
        seen[member.name] += 1
        overload = seen[member.name] if counts[member.name] > 1 else None
        found.append(_subprogram(compiled, member, authid, overload, number))
    return found


def _subprogram(
    compiled: CompiledUnit,
    member: NamedSubprogram,
    authid: str,
    overload: int | None,
    number: int,
) -> SubprogramInfo:
    returns = None
    if member.returns is not None:
        returns = _parameter(compiled, "", "OUT", member.returns, False)
    parameters = tuple(
        _parameter(compiled, f.name, _mode(f), f.type, f.default is not None)
        for f in member.formals
    )
    return SubprogramInfo(member.name, parameters, returns, authid, overload, number)


def _mode(formal: Formal) -> str:
    return {ParameterMode.IN: "IN", ParameterMode.OUT: "OUT"}.get(formal.mode, "IN/OUT")


def _parameter(
    compiled: CompiledUnit, name: str, mode: str, type_: Type, defaulted: bool
) -> ParameterInfo:
    """An argument.

    Source: Database Reference 19c, ALL_ARGUMENTS.
    """
    data_type, pls_type, composite = _names(type_)
    owner, unit = compiled.key
    return ParameterInfo(
        name,
        mode,
        data_type,
        pls_type,
        defaulted,
        owner if composite else None,
        unit if composite else None,
        composite,
    )


def _names(type_: Type) -> tuple[str, str | None, str | None]:
    """DATA_TYPE, PLS_TYPE and TYPE_SUBNAME."""
    match type_:
        case RecordType():
            return "PL/SQL RECORD", None, type_.name
        case CollectionType():
            kind = "PL/SQL TABLE" if type_.is_indexed else "TABLE"
            return kind if type_.limit is None else "VARRAY", None, type_.name
        case CursorType():
            return "REF CURSOR", "REF CURSOR", None
        case ObjectType():
            return "OBJECT", None, type_.name
        case ArrayBind():
            return "UNDEFINED", None, None
        case ScalarType(family=Family.BOOLEAN):
            return "PL/SQL BOOLEAN", "BOOLEAN", None
        case ScalarType(family=Family.INTEGER):
            return "BINARY_INTEGER", "PLS_INTEGER", None
    if type_.sql is None:
        return "UNDEFINED", None, None
    name = type_.sql.name.value
    if type_.sql.name is TypeName.TIMESTAMP_TZ:
        return name, "TIMESTAMP_TZ_UNCONSTRAINED", None
    return name, name, None
