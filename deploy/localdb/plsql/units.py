"""Stored units as the library keeps them: source, tree, and what the dictionary shows of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from deploy.localdb.plsql.builtins.registry import load_package
from deploy.localdb.plsql.conditional import BYTES, Settings
from deploy.localdb.plsql.parse_triggers import parse_trigger
from deploy.localdb.plsql.parser import parse_unit, read_header

if TYPE_CHECKING:
    from deploy.localdb.plsql.compiled import CompiledUnit
    from deploy.localdb.plsql.syntax import UnitSyntax


@dataclass(frozen=True)
class ParameterInfo:
    """A formal parameter, as ALL_ARGUMENTS shows it."""

    name: str
    mode: str  # 'IN', 'OUT', 'IN/OUT'
    data_type: str  # 'VARCHAR2', 'PL/SQL RECORD', 'REF CURSOR', 'PL/SQL BOOLEAN'...
    pls_type: str | None
    defaulted: bool
    type_owner: str | None = None
    type_name: str | None = None
    type_subname: str | None = None
    size: int | None = None
    precision: int | None = None
    scale: int | None = None


@dataclass(frozen=True)
class SubprogramInfo:
    """A procedure or function that others can call."""

    name: str
    parameters: tuple[ParameterInfo, ...]
    returns: ParameterInfo | None
    authid: str  # 'DEFINER' or 'CURRENT_USER'
    #: 1, 2... where the package declares the name more than once.
    overload: int | None
    #: Position in the unit, from 1.
    subprogram_id: int


@dataclass(frozen=True)
class AttributeInfo:
    """An attribute of a record, or what a collection holds (name None).

    Attributes:
        type_owner: None: a scalar.
        type_package: None: no type of a package.
    """

    name: str | None
    type_owner: str | None
    type_name: str
    type_package: str | None
    length: int | None = None
    precision: int | None = None
    scale: int | None = None


@dataclass(frozen=True)
class TypeInfo:
    """A record or collection that a package or a schema declares.

    Attributes:
        kind: 'PL/SQL RECORD', 'TABLE', 'VARYING ARRAY' or 'PL/SQL INDEX TABLE'.
        upper_bound: of a varray; the length of a text index.
        index_by: 'BINARY_INTEGER' or 'VARCHAR2'.
    """

    name: str
    kind: str
    attributes: tuple[AttributeInfo, ...]
    upper_bound: int | None = None
    index_by: str | None = None


@dataclass(eq=False)
class Unit:
    """A stored unit.

    A changed one is another object: what was compiled against the old one is not current any more.

    Attributes:
        type: 'PACKAGE', 'PACKAGE BODY', 'PROCEDURE', 'FUNCTION', 'TYPE' or 'TRIGGER'.
        source: from that word on, so that its first line is Oracle's line 1.
    """

    owner: str
    name: str
    type: str
    source: str
    syntax: UnitSyntax = field(repr=False)
    #: What the interpreter makes of it, when it is first needed.
    compiled: CompiledUnit | None = field(default=None, repr=False)
    #: Owner and name of a trigger's table, where it is not called any more as the source says.
    table: tuple[str, str] | None = None

    @classmethod
    def parse(cls, text: str, schema: str, settings: Settings = BYTES) -> Unit:
        """A unit from CREATE [OR REPLACE] ... text.

        Args:
            text: the statement.
            schema: of an unqualified name.
            settings: it is compiled with.

        Raises:
            CompileErrors: of syntax; `parser.read_header` still tells the unit's name and type.
        """
        header = read_header(text)
        parse = parse_trigger if header is not None and header.kind == "TRIGGER" else parse_unit
        syntax = parse(text, schema, settings)
        return cls(syntax.owner or schema, syntax.name, syntax.kind, syntax.source, syntax)


@cache
def system_package(name: str) -> Unit | None:
    """A package of SYS that localdb brings along, by its upper-case name."""
    text = load_package(name)
    return None if text is None else Unit.parse(text, "SYS")
