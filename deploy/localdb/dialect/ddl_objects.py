"""Views, indexes, sequences, synonyms and comments."""

from __future__ import annotations

from sqlglot import exp

from deploy.localdb.dialect.catalog import PUBLIC, RelationKind
from deploy.localdb.dialect.columns import names_of
from deploy.localdb.dialect.ddl_columns import TableParts, read_sequence_options
from deploy.localdb.dialect.ddl_reader import DdlReader
from deploy.localdb.dialect.definition import SESSION, Definition, not_all_null, storage_name
from deploy.localdb.dialect.naming import check_new, qualified, quote
from deploy.localdb.dialect.translation import (
    ColumnsDerived,
    CommentSet,
    ObjectChanged,
    ObjectCreated,
    ObjectDropped,
    ObjectRenamed,
    SynonymCreated,
    SynonymDropped,
    ViewMarked,
)
from deploy.localdb.errors import OraError, Unsupported

# ---- views ----


def create_view(reader: DdlReader, definition: Definition) -> None:
    if reader.take("IF", "NOT", "EXISTS"):
        raise Unsupported("CREATE VIEW IF NOT EXISTS")
    owner, name = definition.new_name(reader, "CREATE VIEW")
    existing = definition.writer.catalog.relation(owner, name)
    is_view = existing is not None and existing.kind is RelationKind.VIEW
    if not (definition.replace and is_view):
        definition.check_free(owner, name)
    names = [check_new(one) for one in reader.listed(reader.name)] if reader.peek() == "(" else []
    reader.require("AS")
    tree = reader.query()
    suffix, read_only = _view_options(tree)
    definition.writer.defines_view = definition.writer.in_view = True
    query = definition.writer.write_query(tree)
    if not names and isinstance(tree, exp.Select):
        for item in tree.expressions:
            if not isinstance(item, (exp.Alias, exp.Column, exp.Star)):
                raise OraError(998, "must name this expression with a column alias")
    found = names or [check_new(column) for column, _ in query.columns]
    if len(found) != len(query.columns):
        raise OraError(1730, "invalid number of column names specified")
    if len(set(found)) < len(found):
        raise OraError(957, "duplicate column name")
    view = qualified(owner, name)
    listed = ", ".join(quote(column) for column in found)
    if existing is not None:
        if found[: len(existing.columns)] == [column.name for column in existing.columns]:
            create = "create or replace view"
        else:
            definition.run(f"drop view {view}")
            create = "create view"
    else:
        create = "create view"
    definition.run(f"{create} {view} ({listed}) as {query.text}{suffix}")
    definition.effects.append(ObjectCreated(owner, name, "VIEW"))
    definition.effects.append(ViewMarked(owner, name, read_only, bool(definition.writer.calls)))
    definition.effects.append(
        ColumnsDerived(owner, name, tuple(type_ for _, type_ in query.columns))
    )


def _view_options(tree: exp.Expr) -> tuple[str, bool]:
    """WITH CHECK OPTION, as PostgreSQL's text; and whether it is WITH READ ONLY."""
    suffix, read_only = "", False
    for option in tree.args.get("options") or []:
        word = option.name.upper()
        if "CHECK OPTION" in word:
            suffix = " with check option"
        elif "READ ONLY" in word:
            read_only = True
        else:
            raise Unsupported(f"CREATE VIEW ... {word}")
    tree.set("options", None)
    return suffix, read_only


def alter_view(reader: DdlReader, definition: Definition) -> None:
    owner, name = reader.qualified_name()
    owner = owner or definition.writer.schema
    relation = definition.writer.catalog.relation(owner, name)
    if relation is None:
        raise OraError(942, "table or view does not exist")
    definition.writer.use(relation, "ALTER")
    if not reader.take("COMPILE"):
        raise Unsupported(f"ALTER VIEW ... {reader.peek()}")
    definition.effects.append(ObjectChanged(owner, name, "VIEW"))


def drop_view(reader: DdlReader, definition: Definition) -> None:
    may_lack = reader.take("IF", "EXISTS")
    position = reader.position
    owner, name = reader.qualified_name()
    owner = owner or definition.writer.schema
    reader.take("CASCADE", "CONSTRAINTS")
    relation = definition.writer.catalog.relation(owner, name)
    if relation is None or relation.kind is not RelationKind.VIEW:
        if may_lack and relation is None:
            return
        raise OraError(942, "table or view does not exist", position=position)
    definition.writer.use(relation, "DROP", position)
    definition.run(f"drop view {qualified(owner, name)}")
    definition.effects.append(ObjectDropped(owner, name, "VIEW"))


# ---- indexes ----


def create_index(reader: DdlReader, definition: Definition) -> None:
    # A bitmap index answers the same questions.
    unique = "UNIQUE" in definition.words
    reader.take("IF", "NOT", "EXISTS")
    owner, name = reader.qualified_name()
    owner, name = owner or definition.writer.schema, check_new(name)
    if definition.writer.catalog.index(owner, name) is not None:
        raise OraError(955, "name is already used by an existing object")
    reader.require("ON")
    relation = definition.find_table(reader, "INDEX")
    if owner != relation.owner:
        raise Unsupported("an index in another schema than its table")
    alias = reader.name() if reader.peek() not in ("(", "") else None
    parts = TableParts.of_relation(definition, relation)
    if alias is not None:
        parts.level.sources[0].name = alias
    w = definition.writer

    def one() -> str:
        node = reader.expression()
        with w.inside(parts.level):
            text = w.write(node)
        is_column = isinstance(node, exp.Column) and names_of(node)[-1] in relation.by_name
        if reader.take("DESC"):
            return f"{text if is_column else f'({text})'} desc"
        reader.take("ASC")
        return text if is_column else f"({text})"

    terms = reader.listed(one)
    while not reader.at_end:
        if not reader.skip_storage():
            raise reader.refuse()
    kind = "unique index" if unique else "index"
    table = qualified(relation.owner, relation.name)
    if relation.temporary:
        table = qualified(relation.owner, storage_name(relation.name))
        if unique:
            terms.insert(0, quote(SESSION))
    bare = [term.removesuffix(" desc") for term in terms]
    nulls = f" {not_all_null(bare)}" if unique and len(terms) > 1 else ""
    if unique and relation.temporary:
        nulls = f" {not_all_null(bare[1:])}"
    definition.run(f"create {kind} {quote(name)} on {table} ({', '.join(terms)}){nulls}")
    definition.effects.append(ObjectCreated(owner, name, "INDEX"))


def _find_index(reader: DdlReader, definition: Definition, privilege: str) -> tuple[str, str]:
    position = reader.position
    owner, name = reader.qualified_name()
    owner = owner or definition.writer.schema
    if definition.writer.catalog.index(owner, name) is None:
        raise OraError(1418, "specified index does not exist", position=position)
    definition.writer.require(owner, name, "INDEX", privilege, position)
    return owner, name


def alter_index(reader: DdlReader, definition: Definition) -> None:
    owner, name = _find_index(reader, definition, "ALTER")
    if reader.take("RENAME", "TO"):
        new = check_new(reader.name())
        definition.run(f"alter index {qualified(owner, name)} rename to {quote(new)}")
        definition.effects.append(ObjectRenamed(owner, name, "INDEX", new))
        return
    if reader.take("REBUILD"):
        definition.run(f"reindex index {qualified(owner, name)}")
    while not reader.at_end:
        if not reader.skip_storage():
            raise Unsupported(f"ALTER INDEX ... {reader.peek()}", position=reader.position)
    definition.effects.append(ObjectChanged(owner, name, "INDEX"))


def drop_index(reader: DdlReader, definition: Definition) -> None:
    if (
        reader.take("IF", "EXISTS")
        and definition.writer.catalog.index(definition.writer.schema, reader.peek()) is None
    ):
        reader.qualified_name()
        return
    owner, name = _find_index(reader, definition, "DROP")
    for word in ("ONLINE", "FORCE"):
        reader.take(word)
    definition.run(f"drop index {qualified(owner, name)}")
    definition.effects.append(ObjectDropped(owner, name, "INDEX"))


# ---- sequences ----


def create_sequence(reader: DdlReader, definition: Definition) -> None:
    if reader.take("IF", "NOT", "EXISTS"):
        raise Unsupported("CREATE SEQUENCE IF NOT EXISTS")
    owner, name = definition.new_name(reader, "CREATE SEQUENCE")
    definition.check_free(owner, name)
    options = read_sequence_options(reader)
    definition.run(f"create sequence {qualified(owner, name)} {options}".rstrip())
    definition.effects.append(ObjectCreated(owner, name, "SEQUENCE"))


def _find_sequence(reader: DdlReader, definition: Definition, privilege: str) -> tuple[str, str]:
    position = reader.position
    owner, name = reader.qualified_name()
    owner = owner or definition.writer.schema
    if definition.writer.catalog.sequence(owner, name) is None:
        raise OraError(2289, "sequence does not exist", position=position)
    definition.writer.require(owner, name, "SEQUENCE", privilege, position)
    return owner, name


def alter_sequence(reader: DdlReader, definition: Definition) -> None:
    owner, name = _find_sequence(reader, definition, "ALTER")
    options = read_sequence_options(reader)
    if options:
        definition.run(f"alter sequence {qualified(owner, name)} {options}")
    definition.effects.append(ObjectChanged(owner, name, "SEQUENCE"))


def drop_sequence(reader: DdlReader, definition: Definition) -> None:
    if (
        reader.take("IF", "EXISTS")
        and definition.writer.catalog.sequence(definition.writer.schema, reader.peek()) is None
    ):
        reader.qualified_name()
        return
    owner, name = _find_sequence(reader, definition, "DROP")
    definition.run(f"drop sequence {qualified(owner, name)}")
    definition.effects.append(ObjectDropped(owner, name, "SEQUENCE"))


# ---- synonyms ----


def _synonym_name(reader: DdlReader, definition: Definition) -> tuple[str, str]:
    owner, name = reader.qualified_name()
    if "PUBLIC" in definition.words:
        return PUBLIC, name
    return owner or definition.writer.schema, name


def create_synonym(reader: DdlReader, definition: Definition) -> None:
    owner, name = _synonym_name(reader, definition)
    check_new(name)
    if owner == PUBLIC:
        definition.writer.require_system("CREATE PUBLIC SYNONYM")
    else:
        definition.writer.require_system("CREATE SYNONYM", owner)
    catalog = definition.writer.catalog
    if catalog.synonym(owner, name) is not None:
        if not definition.replace:
            raise OraError(955, "name is already used by an existing object")
    else:
        definition.check_free(owner, name)
    reader.require("FOR")
    target_owner, target = reader.qualified_name()
    if reader.peek() == "@":
        raise Unsupported("database links", position=reader.position)
    definition.effects.append(ObjectCreated(owner, name, "SYNONYM"))
    definition.effects.append(
        SynonymCreated(owner, name, target_owner or definition.writer.schema, target)
    )


def drop_synonym(reader: DdlReader, definition: Definition) -> None:
    may_lack = reader.take("IF", "EXISTS")
    owner, name = _synonym_name(reader, definition)
    reader.take("FORCE")
    if definition.writer.catalog.synonym(owner, name) is None:
        if may_lack:
            return
        if owner == PUBLIC:
            raise OraError(1432, "public synonym to be dropped does not exist")
        raise OraError(1434, "private synonym to be dropped does not exist")
    if owner == PUBLIC:
        definition.writer.require_system("DROP PUBLIC SYNONYM")
    else:
        definition.writer.require(owner, name, "SYNONYM", "DROP")
    definition.effects.append(ObjectDropped(owner, name, "SYNONYM"))
    definition.effects.append(SynonymDropped(owner, name))


# ---- RENAME and COMMENT ----


def rename(reader: DdlReader, definition: Definition) -> None:
    position = reader.position
    old = reader.name()
    reader.require("TO")
    new = check_new(reader.name())
    owner = definition.writer.schema
    catalog = definition.writer.catalog
    definition.check_free(owner, new)
    relation = catalog.relation(owner, old)
    if relation is not None and relation.temporary:
        raise Unsupported("RENAME of a temporary table", position=position)
    if relation is not None:
        kind = relation.kind.value
    elif catalog.sequence(owner, old) is not None:
        kind = "SEQUENCE"
    else:
        raise OraError(4043, f"object {old} does not exist", position=position)
    definition.run(f"alter {kind.lower()} {qualified(owner, old)} rename to {quote(new)}")
    definition.effects.append(ObjectRenamed(owner, old, kind, new))


def comment(reader: DdlReader, definition: Definition) -> None:
    reader.require("ON")
    if reader.take("TABLE"):
        owner, name = reader.qualified_name()
        column = None
    elif reader.take("COLUMN"):
        parts = [reader.name()]
        while reader.take("."):
            parts.append(reader.name())
        if len(parts) not in (2, 3):
            raise OraError(1747, "invalid user.table.column, table.column, or column specification")
        owner = parts[0] if len(parts) == 3 else None
        name, column = parts[-2:]
    else:
        raise Unsupported(f"COMMENT ON {reader.peek()}", position=reader.position)
    relation = definition.writer.find_relation(owner, name)
    if relation is None:
        raise OraError(942, "table or view does not exist", position=reader.position)
    definition.writer.use(relation, "COMMENT")
    if column is not None and column not in relation.by_name:
        raise OraError(904, f'"{column}": invalid identifier', position=reader.position)
    reader.require("IS")
    text = reader.text()
    if text is None:
        raise OraError(1780, "string literal required", position=reader.position)
    definition.effects.append(CommentSet(relation.owner, relation.name, column, text or None))
