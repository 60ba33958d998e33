"""ALTER TABLE: columns and constraints of a table that is there."""

from __future__ import annotations

from deploy.localdb.dialect.catalog import Relation
from deploy.localdb.dialect.ddl_columns import (
    ColumnDefinition,
    Constraint,
    TableParts,
    read_column,
    read_constraint,
)
from deploy.localdb.dialect.ddl_reader import DdlReader
from deploy.localdb.dialect.definition import (
    LENGTHS_TRIGGER,
    Definition,
    length_check,
    length_check_name,
    system_name,
    unique_guard_name,
)
from deploy.localdb.dialect.naming import check_new, qualified, quote
from deploy.localdb.dialect.translation import (
    ColumnChanged,
    ColumnDropped,
    ColumnRenamed,
    ColumnsAdded,
    ObjectChanged,
    ObjectRenamed,
    TriggersSwitched,
)
from deploy.localdb.dialect.types import POSTGRES, column_type
from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.values import SqlType, TypeName

_CONSTRAINT_WORDS = frozenset({"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"})


def alter_table(reader: DdlReader, definition: Definition) -> None:
    relation = definition.find_table(reader, "ALTER")
    if relation.temporary:
        raise Unsupported("ALTER TABLE of a temporary table", position=reader.position)
    parts = TableParts.of_relation(definition, relation)
    if reader.at_end:
        raise OraError(2210, "no options specified for ALTER TABLE", position=reader.position)
    renamed = False
    while reader.more():
        if reader.take("ADD"):
            _add(reader, definition, relation, parts)
        elif reader.take("MODIFY"):
            _modify(reader, definition, relation, parts)
        elif reader.take("DROP"):
            _drop(reader, definition, relation, parts)
        elif reader.take("RENAME"):
            renamed = _rename(reader, definition, relation, parts)
        elif reader.peek(1) == "ALL" and reader.take("ENABLE", "ALL", "TRIGGERS"):
            definition.effects.append(TriggersSwitched(relation.owner, relation.name, True))
        elif reader.peek(1) == "ALL" and reader.take("DISABLE", "ALL", "TRIGGERS"):
            definition.effects.append(TriggersSwitched(relation.owner, relation.name, False))
        elif reader.peek() in ("ENABLE", "DISABLE") and reader.peek(1) != "ROW":
            raise Unsupported(
                f"ALTER TABLE ... {reader.peek()} {reader.peek(1)}", position=reader.position
            )
        elif not reader.skip_storage():
            if reader.peek() in _REFUSED:
                raise Unsupported(f"ALTER TABLE ... {reader.peek()}", position=reader.position)
            raise OraError(1735, "invalid ALTER TABLE option", position=reader.position)
    if not renamed:
        definition.effects.append(ObjectChanged(relation.owner, relation.name, "TABLE"))


_REFUSED = frozenset(
    {"MOVE", "SET", "READ", "SHRINK", "SPLIT", "MERGE", "TRUNCATE", "EXCHANGE", "UPGRADE"}
)


# ---- ADD ----


def _add(reader: DdlReader, definition: Definition, relation: Relation, parts: TableParts) -> None:
    columns: list[ColumnDefinition] = []
    constraints: list[Constraint] = []

    def one() -> None:
        constraint = (
            read_constraint(reader, definition) if reader.peek() in _CONSTRAINT_WORDS else None
        )
        if constraint is not None:
            constraints.append(constraint)
            return
        column = read_column(reader, definition)
        columns.append(column)
        constraints.extend(column.constraints)

    if reader.peek() == "(":
        reader.listed(one)
    else:
        one()
        while reader.peek() in _CONSTRAINT_WORDS:
            one()
    known = dict(parts.level.sources[0].columns)
    for column in columns:
        if column.name in known:
            raise OraError(1430, "column being added already exists in table")
        known[column.name] = column.type
    full = TableParts.of(definition, relation.owner, relation.name, known)
    parts.level = full.level
    for column in columns:
        definition.run(f"alter table {parts.table} add column {parts.write_column(column)}")
        if column.default is not None:
            _check_lengths(definition, parts, column.name, column.type, column.in_characters)
        parts.own_identity_sequence(column)
    for constraint in constraints:
        definition.run(f"alter table {parts.table} add {parts.write_constraint(constraint)}")
    if columns:
        rows = tuple(parts.row(column) for column in columns)
        definition.effects.append(ColumnsAdded(relation.owner, relation.name, rows))
    for constraint in constraints:
        if constraint.kind == "PRIMARY KEY":
            for name in constraint.columns:
                definition.effects.append(
                    ColumnChanged(relation.owner, relation.name, name, nullable=False)
                )


# ---- MODIFY ----


def _modify(
    reader: DdlReader, definition: Definition, relation: Relation, parts: TableParts
) -> None:
    if reader.peek() in ("CONSTRAINT", "PRIMARY", "UNIQUE"):
        raise Unsupported("ALTER TABLE ... MODIFY CONSTRAINT", position=reader.position)

    def one() -> ColumnDefinition:
        return read_column(reader, definition, modifying=True)

    columns = reader.listed(one) if reader.peek() == "(" else [one()]
    for column in columns:
        _modify_column(definition, relation, parts, column)


def _modify_column(
    definition: Definition, relation: Relation, parts: TableParts, column: ColumnDefinition
) -> None:
    before = relation.by_name.get(column.name)
    if before is None:
        raise OraError(904, f'"{column.name}": invalid identifier')
    if column.identity is not None or column.expression is not None:
        raise Unsupported("ALTER TABLE ... MODIFY of an identity or virtual column")
    alter = f"alter table {parts.table} alter column {quote(column.name)}"
    table = f"alter table {parts.table}"
    if column.type is not None:
        definition.run(f"drop trigger if exists {LENGTHS_TRIGGER} on {parts.table}")
        stored = column_type(column.type, in_characters=column.in_characters)
        padded = column.type.name is TypeName.CHAR and not column.in_characters
        if (
            padded
            or POSTGRES[column.type.name] != POSTGRES[before.type.name]
            or stored != column_type(before.type, in_characters=before.in_characters)
        ):
            value = f"{quote(column.name)}::{stored}"
            if padded:
                value = f"ora.pad({value}, {column.type.size})"
            definition.run(f"{alter} type {stored} using {value}")
        _check_lengths(definition, parts, column.name, column.type, column.in_characters)
    if column.default is not None:
        default = parts.write_default(column.default, column.type or before.type)
        definition.run(f"{alter} set default {default}")
    if column.nullable is False:
        if not before.nullable:
            raise OraError(1442, "column to be modified to NOT NULL is already NOT NULL")
        if column.not_null_name:
            definition.run(
                f"{table} add constraint {quote(column.not_null_name)} not null {quote(column.name)}"
            )
        else:
            definition.run(f"{alter} set not null")
    elif column.nullable is True:
        if before.nullable:
            raise OraError(1451, "column to be modified to NULL cannot be modified to NULL")
        definition.run(f"{alter} drop not null")
    for constraint in column.constraints:
        definition.run(f"{table} add {parts.write_constraint(constraint)}")
    definition.effects.append(
        ColumnChanged(
            relation.owner,
            relation.name,
            column.name,
            type=column.type,
            nullable=column.nullable,
            default_text=column.default_text,
            on_null=True if column.on_null else (False if column.default is not None else None),
            in_characters=column.in_characters if column.type is not None else None,
        )
    )


def _check_lengths(
    definition: Definition, parts: TableParts, column: str, type_: SqlType | None, chars: bool
) -> None:
    """Of the rows that are there; the trigger, made anew, checks all others."""
    check = length_check(column, type_, in_characters=chars) if type_ is not None else None
    if check is not None:
        table = f"alter table {parts.table}"
        definition.run(f"{table} add {check}")
        definition.run(f"{table} drop constraint {quote(length_check_name(column))}")


# ---- DROP ----


def _drop(reader: DdlReader, definition: Definition, relation: Relation, parts: TableParts) -> None:
    table = f"alter table {parts.table}"
    if reader.take("CONSTRAINT"):
        may_lack = reader.take("IF", "EXISTS")
        name = reader.name()
        suffix = " cascade" if reader.take("CASCADE") else ""
        reader.take("DROP", "INDEX")
        definition.run(
            f"{table} drop constraint {'if exists ' if may_lack else ''}{quote(name)}{suffix}"
        )
        _drop_guard(definition, relation, name)
        return
    if reader.take("PRIMARY"):
        raise Unsupported("ALTER TABLE ... DROP PRIMARY KEY; name the constraint")
    if reader.take("UNIQUE"):
        columns = reader.listed(reader.name)
        name = system_name(relation.owner, relation.name, "UNIQUE", *columns, "")
        suffix = " cascade" if reader.take("CASCADE") else ""
        definition.run(f"{table} drop constraint {quote(name)}{suffix}")
        _drop_guard(definition, relation, name)
        return
    if reader.take("COLUMN"):
        names = [reader.name()]
    elif reader.peek() == "(":
        names = reader.listed(reader.name)
    else:
        raise Unsupported(f"ALTER TABLE ... DROP {reader.peek()}", position=reader.position)
    suffix = " cascade" if reader.take("CASCADE", "CONSTRAINTS") else ""
    reader.take("INVALIDATE")
    if len(names) >= len(relation.columns):
        raise OraError(12983, "cannot drop all columns in a table")
    definition.run(f"drop trigger if exists {LENGTHS_TRIGGER} on {parts.table}")
    for name in names:
        if name not in relation.by_name:
            raise OraError(904, f'"{name}": invalid identifier')
        definition.run(f"{table} drop column {quote(name)}{suffix}")
        definition.effects.append(ColumnDropped(relation.owner, relation.name, name))


def _drop_guard(definition: Definition, relation: Relation, constraint: str) -> None:
    guard = qualified(relation.owner, unique_guard_name(constraint))
    definition.run(f"drop index if exists {guard}")


# ---- RENAME ----


def _rename(
    reader: DdlReader, definition: Definition, relation: Relation, parts: TableParts
) -> bool:
    table = f"alter table {parts.table}"
    if reader.take("TO"):
        name = check_new(reader.name())
        definition.check_free(relation.owner, name)
        definition.run(f"{table} rename to {quote(name)}")
        definition.effects.append(ObjectRenamed(relation.owner, relation.name, "TABLE", name))
        return True
    if reader.take("CONSTRAINT"):
        old = reader.name()
        reader.require("TO")
        new = check_new(reader.name())
        definition.run(f"{table} rename constraint {quote(old)} to {quote(new)}")
        guard = qualified(relation.owner, unique_guard_name(old))
        definition.run(f"alter index if exists {guard} rename to {quote(unique_guard_name(new))}")
        return False
    reader.require("COLUMN")
    old = reader.name()
    reader.require("TO")
    new = check_new(reader.name())
    column = relation.by_name.get(old)
    if column is None:
        raise OraError(904, f'"{old}": invalid identifier')
    if new in relation.by_name:
        raise OraError(957, "duplicate column name")
    definition.run(f"{table} rename column {quote(old)} to {quote(new)}")
    # The check of a virtual column names it.
    check = length_check(new, column.type, in_characters=column.in_characters)
    if column.virtual and check is not None:
        definition.run(f"{table} drop constraint if exists {quote(length_check_name(old))}")
        definition.run(f"{table} add {check}")
    definition.effects.append(ColumnRenamed(relation.owner, relation.name, old, new))
    return False
