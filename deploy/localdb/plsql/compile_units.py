"""Whole units and blocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from deploy.localdb.plsql.builtins.registry import load_package
from deploy.localdb.plsql.compile_declarations import DeclarationCompiler, autonomous
from deploy.localdb.plsql.compile_triggers import compile_trigger
from deploy.localdb.plsql.compiled import (
    CompiledBlock,
    CompiledUnit,
    Program,
    Routine,
)
from deploy.localdb.plsql.exceptions import CompileError, CompileErrors, Failure
from deploy.localdb.plsql.scopes import (
    Frame,
    NamedSubprogram,
    NamedType,
    Overloads,
    PlaceholderVariable,
    Run,
    Scope,
    Shape,
)
from deploy.localdb.plsql.syntax import Block, Pragma, Subprogram, UnitSyntax
from deploy.localdb.plsql.types import ArrayBind, CollectionType, RecordType, of_sql
from deploy.localdb.plsql.values import Cell
from deploy.localdb.values import SqlType

if TYPE_CHECKING:
    from deploy.localdb.plsql.interpreter import Interpreter
    from deploy.localdb.plsql.units import Unit


def compile_unit(session: Interpreter, unit: Unit) -> CompiledUnit:
    """Compile a unit, whatever its kind; what is wrong is in `errors`."""
    syntax = unit.syntax
    key = (unit.owner, unit.name)
    program = Program(
        unit.owner,
        f'at "{unit.owner}.{unit.name}", line ',
        syntax.lines,
        key,
        invoker=not syntax.is_definer,
        title=f"{unit.type.lower()} {unit.owner}.{unit.name}",
    )
    program.dependencies.version = session.host.catalog_version
    shape = Shape(unit=key)
    compiled = CompiledUnit(unit, key, program, Scope(shape, label=unit.name), shape)
    # Units may refer to one another in a circle; other sessions get it when it is whole.
    session.compiling[unit] = compiled
    compiler = DeclarationCompiler(session, program, compiled.scope, shape)
    compiler.errors = compiled.errors
    compiled.is_reusable = any(
        isinstance(node, Pragma) and node.name == "SERIALLY_REUSABLE"
        for node in syntax.declarations
    )
    match unit.type:
        case "PACKAGE" | "TYPE":
            _specification(compiler, compiled, syntax)
        case "PACKAGE BODY":
            _body(session, compiler, compiled, syntax)
        case "TRIGGER":
            compile_trigger(session, compiler, compiled, syntax)
        case _:
            _standalone(compiler, compiled, syntax)
    return compiled


def _specification(
    compiler: DeclarationCompiler, compiled: CompiledUnit, syntax: UnitSyntax
) -> None:
    is_system = compiled.key[0] == "SYS" and load_package(compiled.key[1]) is not None
    compiled.is_system = is_system
    others = []
    steps: list[Run] = []
    lines: dict[Run, int] = {}
    for declaration in syntax.declarations:
        if isinstance(declaration, Subprogram):
            try:
                member = compiler.subprogram(declaration)
            except Failure as failure:
                compiler.note(failure)
                compiler.note_ignored("Declaration", declaration.at)
                continue
            member.unit, member.index = compiled.key, len(compiled.subprograms)
            member.routine = None
            member.properties = syntax.properties
            if is_system:
                member.system = f"{compiled.key[1]}.{member.name}"
            compiled.subprograms.append(member)
            continue
        others.append(declaration)
        try:
            step = compiler.declaration(declaration)
        except Failure as failure:
            compiler.note(failure)
            compiler.note_ignored("Item", declaration.at)
            continue
        if step is not None:
            steps.append(step)
            lines[step] = syntax.lines.line(declaration.at)
    compiled.declare = compiler.steps(steps, lines)
    in_package = compiled.unit.type == "PACKAGE"
    for name, entity in compiled.scope.names.items():
        if isinstance(entity, NamedType) and isinstance(entity.type, RecordType | CollectionType):
            # A subtype has the origin of what it is made of.
            origin = (*compiled.key, name if in_package else None)
            entity.type.origin = entity.type.origin or origin


def _body(
    session: Interpreter,
    compiler: DeclarationCompiler,
    compiled: CompiledUnit,
    syntax: UnitSyntax,
) -> None:
    owner, name = compiled.key
    try:
        unit = compiler.unit(owner, name)
    except Failure as failure:
        _without_specification(compiler, failure.text)
        return
    if unit is None or unit.type != "PACKAGE":
        _without_specification(compiler, f"PLS-00201: identifier '{name}' must be declared")
        return
    specification = session.compile_unit(unit)
    compiled.program.dependencies.compiled[unit] = specification
    if specification.errors:
        _without_specification(compiler, f"PLS-00905: object {owner}.{name} is invalid")
        return
    if specification.is_reusable is not compiled.is_reusable:
        text = (
            "PLS-00709: pragma SERIALLY_REUSABLE must be declared in package specification and body"
        )
        compiled.errors.append(CompileError(1, 14, text))
        return
    compiled.specification = specification
    compiled.program.invoker = specification.program.invoker
    compiled.shape.size = specification.shape.size
    _take_over(compiled, specification)
    compiled.declare = compiler.declare(syntax.declarations)
    for member in compiled.subprograms:
        if not member.defined:
            line, column = specification.program.lines.position(member.at)
            compiled.errors.append(
                CompileError(
                    line, column,
                    f"PLS-00323: subprogram or cursor '{member.name}' is declared in a package"
                    " specification and must be defined in the package body",
                )
            )  # fmt: skip
    if syntax.initialisation is not None:
        compiled.initialise = compiler.block(syntax.initialisation)


def _without_specification(compiler: DeclarationCompiler, why: str) -> None:
    name = compiler.program.unit[1] if compiler.program.unit is not None else ""
    text = f"PLS-00304: cannot compile body of '{name}' without its specification"
    compiler.errors += [CompileError(1, 14, why), CompileError(1, 14, text)]
    compiler.note_terminated()


def _take_over(compiled: CompiledUnit, specification: CompiledUnit) -> None:
    """The specification's names, its subprograms with routines of this body."""
    scope = compiled.scope
    for name, entity in specification.scope.names.items():
        if not isinstance(entity, Overloads):
            scope.names[name] = entity
            continue
        members = []
        for member in entity.members:
            own = replace(
                member,
                shape=compiled.shape,
                routine=Routine(member.name, compiled.program.where),
                defined=False,
            )
            members.append(own)
            compiled.subprograms.append(own)
        scope.names[name] = Overloads(name, members)
    compiled.subprograms.sort(key=lambda member: member.index)


def _standalone(compiler: DeclarationCompiler, compiled: CompiledUnit, syntax: UnitSyntax) -> None:
    node = syntax.subprogram
    assert node is not None
    try:
        formals_only = Subprogram(
            node.name, node.parameters, node.returns, syntax.properties, None, node.at
        )
        member: NamedSubprogram = compiler.subprogram(formals_only)
    except Failure as failure:
        compiler.note(failure)
        compiler.note_terminated()
        return
    member.unit = compiled.key
    compiled.subprograms.append(member)
    member.defined = True
    assert member.routine is not None
    compiler.define(member.routine, node, member.formals, member.returns)


def compile_block(
    session: Interpreter, block: Block, cells: Mapping[str, Cell], schema: str
) -> CompiledBlock:
    """Compile an anonymous block for binds of these types.

    Raises:
        CompileErrors: it is wrong.
    """
    program = Program(schema, "at line ", block.lines)
    program.dependencies.version = session.host.catalog_version
    shape = Shape()
    scope = Scope(shape)
    placeholders = []
    for name in block.bind_names:
        cell = cells.get(name)
        sql = SqlType(cell.type.name) if cell is not None and cell.type is not None else None
        type_ = of_sql(sql)
        if cell is not None and cell.is_array:
            variable = PlaceholderVariable(name, ArrayBind(sql), shape, shape.place())
        else:
            variable = PlaceholderVariable(name, type_, shape, shape.place())
        scope.names[f":{name}"] = variable
        placeholders.append(variable)
    inner = Scope(shape, scope, block.label)
    compiler = DeclarationCompiler(session, program, inner, shape)
    run = compiler.block(block.body)
    if compiler.errors:
        raise CompileErrors(compiler.errors)
    if compiler.autonomous:
        run = autonomous(run, program.where, block.lines.line(block.body.ends))
    return CompiledBlock(program, shape, run, placeholders, schema)


def new_frame(session: Interpreter, shape: Shape) -> Frame:
    return [None, session, *[None] * (shape.size - 2)]
