"""CREATE TABLE, DROP TABLE, TRUNCATE."""

from __future__ import annotations

from deploy.localdb.dialect.ddl_columns import (
    ColumnDefinition,
    Constraint,
    TableParts,
    read_column,
    read_constraint,
)
from deploy.localdb.dialect.ddl_reader import DdlReader
from deploy.localdb.dialect.definition import SESSION, Definition, storage_name
from deploy.localdb.dialect.naming import check_new, cut, qualified, quote
from deploy.localdb.dialect.temporary_tables import temporary_statements
from deploy.localdb.dialect.translation import (
    ColumnsAdded,
    ColumnsDerived,
    ObjectChanged,
    ObjectCreated,
    ObjectDropped,
    TemporaryCreated,
)
from deploy.localdb.errors import OraError, Unsupported

_CONSTRAINT_WORDS = frozenset({"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"})


def create_table(reader: DdlReader, definition: Definition) -> None:
    temporary = "TEMPORARY" in definition.words
    exists_already = reader.take("IF", "NOT", "EXISTS")
    owner, name = definition.new_name(reader, "CREATE TABLE")
    if exists_already and definition.writer.catalog.relation(owner, name) is not None:
        reader.skip_rest()
        return
    definition.check_free(owner, name)
    columns: list[ColumnDefinition] = []
    constraints: list[Constraint] = []
    names: list[str] = []
    if reader.peek() == "(":
        if reader.peek(2) in (",", ")") and reader.peek(1) not in _CONSTRAINT_WORDS:
            names = [check_new(one) for one in reader.listed(reader.name)]
        else:
            _read_parts(reader, definition, columns, constraints)
    preserves = temporary and _read_on_commit(reader)
    reader.skip_all_storage()
    if reader.take("AS"):
        if temporary:
            raise Unsupported("CREATE GLOBAL TEMPORARY TABLE ... AS", position=reader.position)
        if columns:
            raise OraError(1773, "may not specify column datatypes in this CREATE TABLE")
        _create_as(reader, definition, owner, name, names)
        return
    if names:
        raise OraError(2263, "need to specify the datatype for this column")
    if not columns:
        raise OraError(906, "missing left parenthesis", position=reader.position)
    if not reader.at_end:
        raise reader.refuse()
    _write_table(definition, owner, name, columns, constraints, temporary=temporary)
    if temporary:
        definition.effects.append(TemporaryCreated(owner, name, preserves))
        definition.last += temporary_statements(
            owner, name, [column.name for column in columns], preserves=preserves
        )


def _read_on_commit(reader: DdlReader) -> bool:
    """Whether the rows stay after a commit."""
    preserves = False
    if reader.take("ON", "COMMIT"):
        preserves = reader.take("PRESERVE")
        if not preserves:
            reader.require("DELETE")
        reader.require("ROWS")
    return preserves


def _read_parts(
    reader: DdlReader,
    definition: Definition,
    columns: list[ColumnDefinition],
    constraints: list[Constraint],
) -> None:
    reader.require_symbol("(")
    while True:
        constraint = None
        if reader.peek() in _CONSTRAINT_WORDS:
            constraint = read_constraint(reader, definition)
        if constraint is not None:
            constraints.append(constraint)
        else:
            column = read_column(reader, definition)
            columns.append(column)
            constraints.extend(column.constraints)
        if not reader.take(","):
            break
    reader.require_symbol(")")


def _write_table(
    definition: Definition,
    owner: str,
    name: str,
    columns: list[ColumnDefinition],
    constraints: list[Constraint],
    *,
    temporary: bool,
) -> None:
    names = [column.name for column in columns]
    if len(set(names)) < len(names):
        raise OraError(957, "duplicate column name")
    if sum(column.identity is not None for column in columns) > 1:
        raise OraError(30669, "table can have only one identity column")
    if sum(constraint.kind == "PRIMARY KEY" for constraint in constraints) > 1:
        raise OraError(2260, "table can have only one primary key")
    parts = TableParts.of(definition, owner, name, {column.name: column.type for column in columns})
    parts.temporary = temporary
    if temporary and any(column.identity is not None for column in columns):
        raise Unsupported("an identity column of a temporary table")
    keys = {
        column
        for constraint in constraints
        if constraint.kind == "PRIMARY KEY"
        for column in constraint.columns
    }
    definition.effects.append(ObjectCreated(owner, name, "TABLE"))
    definition.effects.append(
        ColumnsAdded(owner, name, tuple(parts.row(column, keys) for column in columns))
    )
    texts = [parts.write_column(column) for column in columns]
    texts += [parts.write_constraint(constraint) for constraint in constraints]
    kind = "unlogged table" if temporary else "table"
    if temporary:
        texts.insert(0, f"{quote(SESSION)} text not null default localdb.session_key()")
    definition.run(f"create {kind} {parts.table} (\n    " + ",\n    ".join(texts) + "\n)")
    for column in columns:
        parts.own_identity_sequence(column)


def _create_as(
    reader: DdlReader, definition: Definition, owner: str, name: str, names: list[str]
) -> None:
    query = definition.writer.write_query(reader.query())
    found = names if names else [check_new(column) for column, _ in query.columns]
    if len(found) != len(query.columns):
        raise OraError(1730, "invalid number of column names specified")
    if len(set(found)) < len(found):
        raise OraError(957, "duplicate column name")
    listed = ", ".join(quote(cut(column)) for column in found)
    table = qualified(owner, name)
    definition.run(f"create table {table} ({listed}) as {query.text}")
    definition.effects.append(ObjectCreated(owner, name, "TABLE"))
    definition.effects.append(
        ColumnsDerived(owner, name, tuple(type_ for _, type_ in query.columns))
    )


def drop_table(reader: DdlReader, definition: Definition) -> None:
    may_lack = reader.take("IF", "EXISTS")
    position = reader.position
    owner, name = reader.qualified_name()
    owner = owner or definition.writer.schema
    cascade = reader.take("CASCADE", "CONSTRAINTS")
    reader.take("PURGE")
    relation = definition.writer.catalog.relation(owner, name)
    if relation is None:
        if may_lack:
            return
        raise OraError(942, "table or view does not exist", position=position)
    if relation.kind.value != "TABLE":
        raise OraError(942, "table or view does not exist", position=position)
    definition.writer.use(relation, "DROP", position)
    if relation.temporary:
        definition.run(f"drop view {qualified(owner, name)}")
        name_of_rows = storage_name(name)
    else:
        name_of_rows = name
    suffix = " cascade" if cascade else ""
    definition.run(f"drop table {qualified(owner, name_of_rows)}{suffix}")
    definition.effects.append(ObjectDropped(owner, name, "TABLE"))


def truncate(reader: DdlReader, definition: Definition) -> None:
    if reader.take("CLUSTER"):
        raise Unsupported("TRUNCATE CLUSTER")
    reader.require("TABLE")
    relation = definition.find_table(reader, "DROP")
    for words in (("PURGE",), ("PRESERVE",)):
        if reader.take(*words):
            reader.require("MATERIALIZED", "VIEW", "LOG")
    for word in ("DROP", "REUSE"):
        if reader.take(word):
            reader.take("ALL")
            reader.require("STORAGE")
    suffix = " cascade" if reader.take("CASCADE") else ""
    table = qualified(relation.owner, relation.name)
    # Of a temporary table the session's own rows, which is what the view shows.
    definition.run(
        f"delete from {table}" if relation.temporary else f"truncate table {table}{suffix}"
    )
    definition.effects.append(ObjectChanged(relation.owner, relation.name, "TABLE"))
