"""What the dictionary shows of a compiled unit's subprograms."""

from __future__ import annotations

from collections import Counter

from deploy.localdb.plsql.compiled import CompiledUnit
from deploy.localdb.plsql.scopes import Formal, NamedSubprogram, NamedType
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
from deploy.localdb.plsql.units import AttributeInfo, ParameterInfo, SubprogramInfo, TypeInfo
from deploy.localdb.values import TypeName

#: Scalars that the views of types name in another way than ALL_ARGUMENTS.
_ELEMENT_NAMES = {
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMP WITH TZ",
    "TIMESTAMP WITH LOCAL TIME ZONE": "TIMESTAMP WITH LOCAL TZ",
    "LONG": "PL/SQL LONG",
    "LONG RAW": "PL/SQL LONG RAW",
    "ROWID": "PL/SQL ROWID",
}


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
    origin: tuple[str | None, str | None, str | None] = (None, None, None)
    if isinstance(type_, RecordType | CollectionType) and type_.origin is not None:
        origin = type_.origin
    elif composite:
        origin = (*compiled.key, composite)
    return ParameterInfo(name, mode, data_type, pls_type, defaulted, *origin)


def describe_types(compiled: CompiledUnit) -> list[TypeInfo]:
    """The records and collections of a specification or a schema's type.

    Source: Database Reference 19c, ALL_PLSQL_TYPE_ATTRS and ALL_PLSQL_COLL_TYPES.
    """
    found = []
    for name, entity in compiled.scope.names.items():
        if not isinstance(entity, NamedType):
            continue
        type_ = entity.type
        if isinstance(type_, RecordType):
            attributes = tuple(_attribute(f.name, f.type) for f in type_.fields)
            found.append(TypeInfo(name, "PL/SQL RECORD", attributes))
        elif isinstance(type_, CollectionType):
            found.append(_collection(name, type_))
    return found


def _collection(name: str, type_: CollectionType) -> TypeInfo:
    element = (_attribute(None, type_.element),)
    if type_.key is not None:
        by = "BINARY_INTEGER" if type_.key.family is Family.INTEGER else "VARCHAR2"
        bound = type_.key.sql.size if by == "VARCHAR2" and type_.key.sql else None
        return TypeInfo(name, "PL/SQL INDEX TABLE", element, upper_bound=bound, index_by=by)
    if type_.limit is not None:
        return TypeInfo(name, "VARYING ARRAY", element, upper_bound=type_.limit)
    return TypeInfo(name, "TABLE", element)


def _attribute(name: str | None, type_: Type) -> AttributeInfo:
    if isinstance(type_, RecordType | CollectionType):
        owner, place, subname = type_.origin or (None, type_.name, None)
        if subname is not None:
            return AttributeInfo(name, owner, subname, place)
        is_row = isinstance(type_, RecordType) and owner is not None
        return AttributeInfo(name, owner, f"{place}%ROWTYPE" if is_row else place, None)
    if isinstance(type_, ObjectType):
        return AttributeInfo(name, "SYS", type_.name, None)
    if isinstance(type_, CursorType):
        return AttributeInfo(name, None, "PL/SQL REF CURSOR", None)
    sql = type_.sql if isinstance(type_, ScalarType) else None
    shown = _ELEMENT_NAMES.get(type_.name, type_.name)
    if isinstance(type_, ScalarType) and type_.family is Family.INTEGER:
        return AttributeInfo(name, None, "PL/SQL PLS INTEGER", None)
    if sql is None:
        return AttributeInfo(name, None, shown, None)
    return AttributeInfo(name, None, shown, None, sql.size, sql.precision, sql.scale)


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
