"""Column definitions and constraints, as CREATE TABLE and ALTER TABLE have them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from deploy.localdb.dialect import types
from deploy.localdb.dialect.catalog import Identity, Relation
from deploy.localdb.dialect.ddl_reader import DdlReader
from deploy.localdb.dialect.definition import (
    SESSION,
    Definition,
    length_check,
    not_all_null,
    storage_name,
    system_name,
    unique_guard_name,
)
from deploy.localdb.dialect.expressions import write_local
from deploy.localdb.dialect.inference import infer
from deploy.localdb.dialect.naming import check_new, cut, literal, qualified, quote
from deploy.localdb.dialect.scopes import Level, Source
from deploy.localdb.dialect.translation import CheckWritten, ColumnRow, ObjectCreated
from deploy.localdb.dialect.types import column_type
from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.values import SqlType, TypeName


@dataclass
class ColumnDefinition:
    """A column as it was read."""

    name: str
    type: SqlType | None = None
    in_characters: bool = False
    default: exp.Expr | None = None
    default_text: str | None = None
    on_null: bool = False
    identity: Identity | None = None
    sequence_options: str = ""
    expression: exp.Expr | None = None
    #: None: nothing was said.
    nullable: bool | None = None
    not_null_name: str | None = None
    constraints: list[Constraint] = field(default_factory=list)


@dataclass
class Constraint:
    """A constraint as it was read; columns () for a CHECK."""

    kind: str  # PRIMARY KEY, UNIQUE, CHECK, REFERENCES
    name: str | None = None
    columns: tuple[str, ...] = ()
    condition: exp.Expr | None = None
    target: tuple[str, str] | None = None
    target_columns: tuple[str, ...] = ()
    on_delete: str = ""
    deferring: str = ""
    #: Of a CHECK's condition, as it was written.
    text: str = ""


def read_column(
    reader: DdlReader, definition: Definition, *, modifying: bool = False
) -> ColumnDefinition:
    """`name [type] [default] [constraints]`."""
    column = ColumnDefinition(check_new(reader.name()))
    if not modifying and reader.peek() in (",", ")"):
        raise OraError(902, "invalid datatype", position=reader.position)
    if reader.peek() not in _AFTER_TYPE:
        node = reader.type()
        column.type = node.sql_type
        characters = node.args.get("in_characters")
        column.in_characters = (
            definition.writer.in_characters if characters is None else bool(characters)
        )
        if (
            column.type.name in (TypeName.VARCHAR2, TypeName.NVARCHAR2, TypeName.RAW)
            and column.type.size is None
        ):
            raise OraError(906, "missing left parenthesis", position=reader.position)
    reader.take("VISIBLE")
    while True:
        if reader.take("DEFAULT"):
            _read_default(reader, column)
        elif reader.peek() == "GENERATED" or (reader.peek() == "AS" and reader.peek(1) == "("):
            _read_generated(reader, column)
        elif not _read_inline_constraint(reader, definition, column):
            return column


_AFTER_TYPE = frozenset(
    {
        "", ",", ")", "DEFAULT", "GENERATED", "AS", "CONSTRAINT", "NOT", "NULL", "PRIMARY", "UNIQUE",
        "CHECK", "REFERENCES", "VISIBLE",
    }
)  # fmt: skip


def _read_default(reader: DdlReader, column: ColumnDefinition) -> None:
    if reader.take("ON", "NULL"):
        column.on_null = True
        if reader.take("FOR", "INSERT", "AND", "UPDATE"):
            raise Unsupported("DEFAULT ON NULL FOR INSERT AND UPDATE")
        reader.take("FOR", "INSERT", "ONLY")
    start = reader.position
    column.default = reader.default_expression()
    column.default_text = reader.text_since(start)


def _read_generated(reader: DdlReader, column: ColumnDefinition) -> None:
    kind = Identity.ALWAYS
    if reader.take("GENERATED"):
        if reader.take("BY", "DEFAULT", "ON", "NULL"):
            kind = Identity.BY_DEFAULT_ON_NULL
        elif reader.take("BY", "DEFAULT"):
            kind = Identity.BY_DEFAULT
        else:
            reader.require("ALWAYS")
    reader.require("AS")
    if reader.take("IDENTITY"):
        column.identity = kind
        column.nullable = False
        if reader.peek() == "(":
            reader.require_symbol("(")
            column.sequence_options = read_sequence_options(reader)
            reader.require_symbol(")")
        return
    reader.require_symbol("(")
    start = reader.position
    column.expression = reader.expression()
    column.default_text = reader.text_since(start)
    reader.require_symbol(")")
    reader.take("VIRTUAL")


#: Options of a sequence without a number -> PostgreSQL's; those of several instances mean nothing.
_FLAGS: dict[tuple[str, ...], str] = {
    ("NOMAXVALUE",): "no maxvalue",
    ("NOMINVALUE",): "no minvalue",
    ("CYCLE",): "cycle",
    ("NOCYCLE",): "no cycle",
    ("NOCACHE",): "",
    ("ORDER",): "",
    ("NOORDER",): "",
    ("KEEP",): "",
    ("NOKEEP",): "",
    ("SCALE",): "?",
    ("NOSCALE",): "",
    ("SESSION",): "?",
    ("GLOBAL",): "",
    ("RESTART",): "restart",
}
_MOST = 9_223_372_036_854_775_807


def read_sequence_options(reader: DdlReader) -> str:
    """START WITH, INCREMENT BY and the like, as PostgreSQL writes them."""
    parts = []
    while True:
        flag = next((words for words in _FLAGS if reader.take(*words)), None)
        if flag is not None:
            if _FLAGS[flag] == "?":
                raise Unsupported(f"SEQUENCE ... {flag[0]}")
            parts.append(_FLAGS[flag])
        elif reader.take("START", "WITH"):
            if reader.take("LIMIT", "VALUE"):
                raise Unsupported("START WITH LIMIT VALUE")
            parts.append(f"start with {_whole(reader)}")
        elif reader.take("INCREMENT", "BY"):
            parts.append(f"increment by {_whole(reader)}")
        elif reader.take("MAXVALUE"):
            parts.append(f"maxvalue {_whole(reader)}")
        elif reader.take("MINVALUE"):
            parts.append(f"minvalue {_whole(reader)}")
        elif reader.take("CACHE"):
            # Numbers would come in an order of their own in each session.
            _whole(reader)
        else:
            return " ".join(part for part in parts if part)


def _whole(reader: DdlReader) -> int:
    sign = -1 if reader.take("-") else 1
    number = reader.number()
    if number is None:
        raise OraError(1722, "invalid number", position=reader.position)
    return max(-_MOST, min(_MOST, sign * number))


# ---- constraints ----


def _read_inline_constraint(
    reader: DdlReader, definition: Definition, column: ColumnDefinition
) -> bool:
    name = check_new(reader.name()) if reader.take("CONSTRAINT") else None
    if reader.take("NOT", "NULL"):
        column.nullable = False
        column.not_null_name = name
        _read_state(reader)
        return True
    if reader.take("NULL"):
        column.nullable = True
        return True
    constraint = _read_kind(reader, definition, name, column.name)
    if constraint is None:
        if name is not None:
            raise OraError(
                2253, "constraint specification not allowed here", position=reader.position
            )
        return False
    column.constraints.append(constraint)
    return True


def read_constraint(reader: DdlReader, definition: Definition) -> Constraint | None:
    """An out-of-line constraint, where one comes next."""
    name = None
    if reader.take("CONSTRAINT"):
        name = check_new(reader.name())
    constraint = _read_kind(reader, definition, name, None)
    if constraint is None and name is not None:
        raise OraError(905, "missing keyword", position=reader.position)
    return constraint


def _read_kind(
    reader: DdlReader, definition: Definition, name: str | None, column: str | None
) -> Constraint | None:
    own = () if column is None else (column,)
    if reader.take("PRIMARY"):
        reader.require("KEY")
        columns = own or tuple(reader.listed(reader.name))
        found = Constraint("PRIMARY KEY", name, columns)
    elif reader.take("UNIQUE"):
        columns = own or tuple(reader.listed(reader.name))
        found = Constraint("UNIQUE", name, columns)
    elif reader.take("CHECK"):
        reader.require_symbol("(")
        start = reader.position
        condition = reader.expression()
        text = reader.text_since(start)
        reader.require_symbol(")")
        found = Constraint("CHECK", name, own, condition, text=text)
    elif reader.take("FOREIGN"):
        reader.require("KEY")
        columns = tuple(reader.listed(reader.name))
        reader.require("REFERENCES")
        found = _read_reference(reader, definition, name, columns)
    elif column is not None and reader.take("REFERENCES"):
        found = _read_reference(reader, definition, name, own)
    else:
        return None
    found.deferring = _read_state(reader)
    return found


def _read_reference(
    reader: DdlReader, definition: Definition, name: str | None, columns: tuple[str, ...]
) -> Constraint:
    owner, table = reader.qualified_name()
    target_columns = tuple(reader.listed(reader.name)) if reader.peek() == "(" else ()
    on_delete = ""
    if reader.take("ON", "DELETE"):
        if reader.take("CASCADE"):
            on_delete = " on delete cascade"
        else:
            reader.require("SET", "NULL")
            on_delete = " on delete set null"
    target = owner or definition.writer.schema, table
    return Constraint("REFERENCES", name, columns, None, target, target_columns, on_delete)


def _read_state(reader: DdlReader) -> str:
    """What stands behind a constraint."""
    text = ""
    while True:
        if reader.take("NOT", "DEFERRABLE"):
            pass
        elif reader.take("DEFERRABLE"):
            text += " deferrable"
        elif reader.take("INITIALLY", "DEFERRED"):
            text += " initially deferred"
        elif reader.take("INITIALLY", "IMMEDIATE"):
            text += " initially immediate"
        elif (
            reader.take("ENABLE")
            or reader.take("VALIDATE")
            or reader.take("RELY")
            or reader.take("NORELY")
        ):
            pass
        elif reader.peek() in ("DISABLE", "NOVALIDATE"):
            raise Unsupported("disabled constraints", position=reader.position)
        elif reader.take("USING", "INDEX"):
            _skip_index(reader)
        else:
            return text


def _skip_index(reader: DdlReader) -> None:
    if reader.peek() == "(":
        raise Unsupported("USING INDEX (...)", position=reader.position)
    if reader.skip_storage():
        reader.skip_all_storage()
    elif reader.peek() not in ("", ",", ")", "ENABLE", "VALIDATE", "RELY", "NORELY"):
        raise Unsupported("USING INDEX of another name", position=reader.position)


# ---- writing ----


@dataclass
class TableParts:
    """A table whose columns and constraints are written."""

    definition: Definition
    owner: str
    name: str
    level: Level
    #: A global temporary table: keys are unique in a session.
    temporary: bool = False

    @classmethod
    def of(
        cls, definition: Definition, owner: str, name: str, columns: Mapping[str, SqlType | None]
    ) -> TableParts:
        written = {column: quote(column) for column in columns}
        source = Source(name, columns, owner=owner, written=written)
        return cls(definition, owner, name, Level(sources=[source]))

    @classmethod
    def of_relation(cls, definition: Definition, relation: Relation) -> TableParts:
        columns = {column.name: column.type for column in relation.columns}
        return cls.of(definition, relation.owner, relation.name, columns)

    @property
    def table(self) -> str:
        return qualified(self.owner, storage_name(self.name) if self.temporary else self.name)

    def settle_type(self, column: ColumnDefinition) -> SqlType:
        """The type, of a virtual column perhaps that of its expression."""
        if column.type is not None:
            return column.type
        if column.identity is not None:
            raise OraError(30675, "identity column must be a numeric type")
        if column.expression is None:
            raise OraError(2263, "need to specify the datatype for this column")
        with self.definition.writer.inside(self.level):
            found = infer(self.definition.writer, column.expression)
        if found is None:
            raise Unsupported("a virtual column without a type")
        return found

    def write_column(self, column: ColumnDefinition) -> str:
        """The definition with its own constraints; effects and sequences go to the definition."""
        type_ = self.settle_type(column)
        text = f"{quote(column.name)} {column_type(type_, in_characters=column.in_characters)}"
        w = self.definition.writer
        if column.expression is not None:
            with w.inside(self.level):
                text += f" generated always as ({w.write(column.expression)}) stored"
        elif column.identity is not None:
            if type_.name is not TypeName.NUMBER:
                raise OraError(30675, "identity column must be a numeric type")
            text += f" default nextval({literal(self._identity_sequence(column))})"
        elif column.default is not None:
            text += f" default {self.write_default(column.default, type_)}"
        if column.nullable is False or column.on_null:
            named = f" constraint {quote(column.not_null_name)}" if column.not_null_name else ""
            text += f"{named} not null"
        if column.expression is not None:
            check = length_check(column.name, type_, in_characters=column.in_characters)
            text += f" {check}" if check is not None else ""
        return text

    def write_default(self, default: exp.Expr, type_: SqlType) -> str:
        w = self.definition.writer
        for inner in default.walk():
            if isinstance(inner, exp.Query):
                raise OraError(2251, "subquery not allowed here")
        with w.inside(None):
            text = (
                write_local(w, default)
                if type_.name in (TypeName.DATE, TypeName.TIMESTAMP)
                else w.write(default)
            )
        if types.family(type_) == "text" and types.family(infer(w, default)) in ("number", "time"):
            text = f"ora.to_char({text})"
        return f"({text})"

    def _identity_sequence(self, column: ColumnDefinition) -> str:
        sequence = qualified(self.owner, cut(f"ISEQ$$_{self.name}"))
        self.definition.run(f"create sequence {sequence} {column.sequence_options}".rstrip())
        return sequence

    def own_identity_sequence(self, column: ColumnDefinition) -> None:
        if column.identity is not None:
            sequence = qualified(self.owner, cut(f"ISEQ$$_{self.name}"))
            self.definition.run(
                f"alter sequence {sequence} owned by {self.table}.{quote(column.name)}"
            )

    def row(self, column: ColumnDefinition, keys: set[str] | None = None) -> ColumnRow:
        """Its row for `localdb.columns`; keys: the columns of the primary key."""
        type_ = self.settle_type(column)
        is_nullable = column.nullable is not False and not column.on_null
        return ColumnRow(
            column.name,
            type_,
            nullable=is_nullable and column.name not in (keys or set()),
            default_text=column.default_text,
            on_null=column.on_null or column.identity is Identity.BY_DEFAULT_ON_NULL,
            identity=column.identity,
            virtual=column.expression is not None,
            in_characters=column.in_characters,
        )

    def write_constraint(self, constraint: Constraint) -> str:
        w = self.definition.writer
        name = constraint.name
        if name is None:
            described = constraint.condition.sql() if constraint.condition is not None else ""
            name = system_name(
                self.owner, self.name, constraint.kind, *constraint.columns, described
            )
        text = f"constraint {quote(name)} "
        source = self.level.sources[0]
        for column in constraint.columns:
            if column not in source.columns:
                raise OraError(904, f'"{column}": invalid identifier')
        is_key = constraint.kind in ("PRIMARY KEY", "UNIQUE")
        own = [SESSION] if is_key and self.temporary else []
        listed = ", ".join(quote(column) for column in (*own, *constraint.columns))
        if constraint.condition is not None:
            self._check_condition(constraint.condition)
            self.definition.effects.append(CheckWritten(self.owner, name, constraint.text))
            with w.inside(self.level):
                text += f"check ({w.write(constraint.condition)})"
        elif constraint.target is not None:
            if self.temporary:
                raise OraError(
                    14455, "attempt to create referential integrity constraint on temporary table"
                )
            relation = w.find_relation(*constraint.target)
            if relation is not None:
                w.use(relation, "REFERENCES")
            target = (
                self._own_target(constraint)
                if relation is None
                else (relation.owner, relation.name)
            )
            into = ", ".join(quote(column) for column in constraint.target_columns)
            text += f"foreign key ({listed}) references {qualified(*target)}"
            text += f" ({into})" if into else ""
            text += constraint.on_delete
        else:
            text += f"{constraint.kind.lower()} ({listed})"
            if constraint.kind == "UNIQUE" and len(constraint.columns) > 1:
                self._guard_unique(name, constraint.columns)
            # Oracle's index of the key has the constraint's name, as PostgreSQL's.
            self.definition.effects.append(ObjectCreated(self.owner, name, "INDEX"))
        return text + constraint.deferring

    def _guard_unique(self, name: str, columns: Sequence[str]) -> None:
        """A key that is NULL in part may not repeat either, which PostgreSQL's constraint allows."""
        guard = quote(unique_guard_name(name))
        terms = [quote(column) for column in columns]
        own = [quote(SESSION)] if self.temporary else []
        self.definition.last.append(
            f"create unique index {guard} on {self.table} ({', '.join([*own, *terms])})"
            f" {not_all_null(terms)}"
        )

    def _own_target(self, constraint: Constraint) -> tuple[str, str]:
        if constraint.target != (self.owner, self.name):
            raise OraError(942, "table or view does not exist")
        return self.owner, self.name

    def _check_condition(self, condition: exp.Expr) -> None:
        for inner in condition.walk():
            if isinstance(inner, exp.Query):
                raise OraError(2251, "subquery not allowed here")
            if isinstance(inner, exp.Column) and inner.name.upper() in (
                "SYSDATE",
                "SYSTIMESTAMP",
                "USER",
                "UID",
            ):
                raise OraError(
                    2436, "date or system variable wrongly specified in CHECK constraint"
                )
