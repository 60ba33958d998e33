"""INSERT, UPDATE, DELETE and MERGE."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from deploy.localdb.dialect import row_changes, types
from deploy.localdb.dialect.aggregates import is_aggregate
from deploy.localdb.dialect.catalog import Identity, Relation, RelationKind, TableColumn, Trigger
from deploy.localdb.dialect.columns import find_column, names_of
from deploy.localdb.dialect.expressions import cast, write_local
from deploy.localdb.dialect.inference import infer
from deploy.localdb.dialect.naming import cut, heading, name_of, position_of, qualified, quote
from deploy.localdb.dialect.row_limits import outside_subqueries, take_rownum_limit
from deploy.localdb.dialect.scopes import Level, Source
from deploy.localdb.dialect.sources import write_source
from deploy.localdb.dialect.syntax import Bind, Returned
from deploy.localdb.dialect.targets import Target, find_changed, find_column_of, find_target
from deploy.localdb.dialect.translation import Triggered
from deploy.localdb.dialect.writer import Writer
from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.statement import Answers, Placeholder
from deploy.localdb.values import TypeName

#: Digits behind the second that PostgreSQL keeps.
_POSTGRES_FRACTION = 6


class Returning:
    """What RETURNING asks for."""

    def __init__(self) -> None:
        self.text = ""
        self.into: tuple[Placeholder, ...] = ()
        self.names: tuple[str, ...] = ()
        #: Where triggers fire.
        self.triggered: Triggered | None = None
        self.inputs = 0


def assigned(w: Writer, value: exp.Expr, column: TableColumn, *, inserting: bool) -> str:
    """A value for a column, converted as Oracle does at an assignment."""
    if is_default(value):
        return "default"
    if column.identity is Identity.ALWAYS:
        if inserting:
            raise OraError(32795, "cannot insert into a generated always identity column")
        raise OraError(32796, "cannot update a generated always identity column")
    text = _converted(w, value, column)
    if inserting and column.on_null and column.default is not None:
        return f"coalesce({text}, {column.default})"
    return text


def _converted(w: Writer, value: exp.Expr, column: TableColumn) -> str:
    wanted = column.type.name
    if wanted in (TypeName.DATE, TypeName.TIMESTAMP):
        source = infer(w, value)
        if types.family(source) == "text" and not isinstance(value, (Bind, exp.Literal)):
            return cast(w, value, column.type)
        return write_local(w, value)
    if wanted is TypeName.TIMESTAMP_TZ:
        return _zoned(w, value, column)
    if wanted is TypeName.RAW:
        if types.family(infer(w, value)) == "text" and not isinstance(value, Bind):
            return f"ora.hextoraw({w.write(value)})"
        if isinstance(value, Bind) and types.family(w.type_of_bind(value)) == "text":
            return f"ora.hextoraw({w.write(value)})"
    return w.write(value)


def _zoned(w: Writer, value: exp.Expr, column: TableColumn) -> str:
    """A TIMESTAMP WITH TIME ZONE: its type in PostgreSQL takes any text, so none may come there."""
    text = w.write(value)
    if types.family(infer(w, value)) == "text":
        text = f"ora.to_timestamp_tz({text})"
    scale = column.type.scale
    if scale is None or scale >= _POSTGRES_FRACTION:
        return text
    return f"ora.cut_fraction(({text})::ora.tstz, {scale})"


def is_default(value: exp.Expr) -> bool:
    if isinstance(value, exp.Var):
        return value.name.upper() == "DEFAULT"
    return (
        isinstance(value, exp.Column)
        and not value.args.get("table")
        and value.name.upper() == "DEFAULT"
        and not value.this.args.get("quoted")
    )


# ---- INSERT ----


def write_insert(w: Writer, node: exp.Insert) -> tuple[str, Returning]:
    for part, value in node.args.items():
        if part not in ("this", "expression", "returning", "hint") and value:
            raise Unsupported(f"INSERT with {part.upper()}", position=position_of(node))
    table = node.this
    listed: list[exp.Expr] = []
    if isinstance(table, exp.Schema):
        listed = table.expressions
        table = table.this
    relation, source = find_target(w, table, "INSERT")
    if listed:
        columns = []
        for one in listed:
            identifier = one.this if isinstance(one, exp.ColumnDef) else one
            name = names_of(one)[-1] if isinstance(one, exp.Column) else name_of(identifier)
            columns.append(find_column_of(relation, name, position_of(one)))
    else:
        columns = [column for column in relation.columns if not column.virtual]
    names = [column.name for column in columns]
    if len(set(names)) < len(names):
        raise OraError(957, "duplicate column name", position=position_of(node))
    level = Level()
    returning = Returning()
    firing = row_changes.firing(relation, "INSERT")
    with w.inside(level):
        if firing:
            body = _write_inserted_rows(w, node.expression, relation, columns)
        else:
            body = _write_inserted(w, node.expression, columns)
    level.sources.append(source)
    with w.inside(level):
        _write_returning(w, node.args.get("returning"), returning, apart=bool(firing))
    if firing:
        is_single = isinstance(node.expression, exp.Values)
        _set_triggered(returning, relation, source, firing, is_single=is_single)
        return body, returning
    column_list = ", ".join(quote(name) for name in names)
    target = f"{qualified(relation.owner, relation.name)} as {source.reference}"
    return f"insert into {target} ({column_list}) {body}{returning.text}", returning


def _write_inserted(w: Writer, given: exp.Expr | None, columns: Sequence[TableColumn]) -> str:
    if isinstance(given, exp.Values):
        rows = [f"({', '.join(texts)})" for texts in _write_rows(w, given, columns)]
        return f"values {', '.join(rows)}"
    query = _write_given(w, given, columns)
    if not any(column.on_null and column.default is not None for column in columns):
        return query
    names = [f"c{number}" for number in range(len(columns))]
    items = [
        f"coalesce({name}, {column.default})" if column.on_null and column.default else name
        for name, column in zip(names, columns, strict=True)
    ]
    return f'select {", ".join(items)} from ({query}) "localdb$given" ({", ".join(names)})'


def _write_rows(w: Writer, given: exp.Values, columns: Sequence[TableColumn]) -> list[list[str]]:
    rows = []
    for row in given.expressions:
        values = row.expressions
        _check_count(len(values), len(columns))
        rows.append(
            [
                assigned(w, value, column, inserting=True)
                for value, column in zip(values, columns, strict=True)
            ]
        )
    return rows


def _write_given(w: Writer, given: exp.Expr | None, columns: Sequence[TableColumn]) -> str:
    if given is None:
        raise OraError(926, "missing VALUES keyword")
    query = w.write_query(given, targets=[column.type for column in columns])
    _check_count(len(query.columns), len(columns))
    for column in columns:
        if column.identity is Identity.ALWAYS:
            raise OraError(32795, "cannot insert into a generated always identity column")
    return query.text


def _write_inserted_rows(
    w: Writer, given: exp.Expr | None, relation: Relation, columns: Sequence[TableColumn]
) -> str:
    """The query of the rows, for triggers."""
    if isinstance(given, exp.Values):
        return row_changes.values_query(relation, columns, _write_rows(w, given, columns))
    return row_changes.given_query(relation, columns, _write_given(w, given, columns))


def _set_triggered(
    returning: Returning,
    relation: Relation,
    source: Source,
    firing: tuple[Trigger, ...],
    assigned_columns: Sequence[TableColumn] = (),
    *,
    is_single: bool = False,
) -> None:
    if relation.kind is RelationKind.VIEW and returning.text:
        raise Unsupported("RETURNING from a view with INSTEAD OF triggers")
    places = {column.name: place for place, column in enumerate(relation.columns)}
    returning.triggered = Triggered(
        relation,
        firing,
        tuple(places[column.name] for column in assigned_columns),
        source.reference,
        returning.text,
        returning.inputs,
        is_single,
    )


def _check_count(given: int, wanted: int) -> None:
    if given < wanted:
        raise OraError(947, "not enough values")
    if given > wanted:
        raise OraError(913, "too many values")


def _write_returning(
    w: Writer, node: exp.Expr | None, returning: Returning, *, apart: bool = False
) -> None:
    """Write RETURNING; apart: its inputs count from 1, as it is in a statement of its own."""
    if node is None:
        return
    before, types_before = w.inputs, w.types
    if apart:
        w.inputs, w.types = [], []
    try:
        _write_returned(w, node, returning)
    finally:
        if apart and Answers() in w.inputs:
            raise Unsupported("PL/SQL functions over columns in RETURNING where triggers fire")
        if apart:
            returning.inputs = len(w.inputs)
            w.inputs, w.types = before + w.inputs, types_before + w.types


def _write_returned(w: Writer, node: exp.Expr, returning: Returning) -> None:
    if not isinstance(node, Returned):
        raise Unsupported("this RETURNING")
    items = []
    names = []
    for item in node.expressions:
        value = item.this if isinstance(item, exp.Alias) else item
        if any(is_aggregate(one) for one in outside_subqueries(value)):
            raise Unsupported("RETURNING an aggregate", position=position_of(value))
        name = heading(item)
        names.append(name)
        items.append(f"{w.write(value)} as {quote(cut(name))}")
    returning.text = f" returning {', '.join(items)}"
    returning.names = tuple(names)
    targets = node.args.get("into") or []
    if targets and len(targets) != len(items):
        raise OraError(
            947 if len(targets) > len(items) else 913,
            "not enough values" if len(targets) > len(items) else "too many values",
        )
    returning.into = tuple(Placeholder(int(bind.args["index"]), str(bind.this)) for bind in targets)


# ---- UPDATE and DELETE ----


def write_update(w: Writer, node: exp.Update) -> tuple[str, Returning]:
    for part, value in node.args.items():
        if part not in ("this", "expressions", "where", "returning", "hint") and value:
            raise Unsupported(f"UPDATE with {part.upper()}", position=position_of(node))
    target = find_changed(w, node.this, "UPDATE")
    relation, source = target.relation, target.source
    returning = Returning()
    with w.inside(Level(sources=[source])):
        if not node.expressions:
            raise OraError(971, "missing SET keyword", position=position_of(node))
        _require_reading(
            w, source, node.args.get("where"), *(e.expression for e in node.expressions)
        )
        if relation.triggers:
            columns = [c for one in node.expressions for c in _assigned_columns(target, one)]
            firing = row_changes.firing(relation, "UPDATE", [column.name for column in columns])
            if firing:
                joined, new = _write_new_values(w, target, node.expressions)
                where = _write_where(w, target, node.args.get("where"))
                _write_returning(w, node.args.get("returning"), returning, apart=True)
                _set_triggered(returning, relation, source, firing, columns)
                found = row_changes.found_query(relation, source.reference, new, joined + where)
                return found, returning
        assignments = [_write_assignment(w, target, one) for one in node.expressions]
        where = _write_where(w, target, node.args.get("where"))
        _write_returning(w, node.args.get("returning"), returning)
    return f"update {target.text} set {', '.join(assignments)}{where}{returning.text}", returning


def _assigned_columns(changed: Target, node: exp.Expr) -> list[TableColumn]:
    """The columns on the left side of an assignment."""
    if not isinstance(node, exp.EQ):
        raise OraError(927, "missing equal sign", position=position_of(node))
    target = node.this
    if isinstance(target, exp.Paren):
        target = exp.Tuple(expressions=[target.this])
    if isinstance(target, exp.Tuple):
        if not isinstance(node.expression, exp.Subquery):
            raise OraError(1767, "UPDATE ... SET expression must be a subquery")
        return [_assigned_name(changed, one) for one in target.expressions]
    return [_assigned_name(changed, target)]


def _write_assignment(w: Writer, changed: Target, node: exp.Expr) -> str:
    columns = _assigned_columns(changed, node)
    if isinstance(node.this, (exp.Paren, exp.Tuple)):
        listed = ", ".join(quote(column.name) for column in columns)
        return f"({listed}) = {w.write(node.expression)}"
    text = assigned(w, node.expression, columns[0], inserting=False)
    return f"{quote(columns[0].name)} = {text}"


def _write_new_values(
    w: Writer, changed: Target, assignments: Sequence[exp.Expr]
) -> tuple[str, list[str]]:
    """The joined subqueries of assignments, and the values of their columns."""
    joined, new = "", []
    for number, node in enumerate(assignments):
        columns = _assigned_columns(changed, node)
        if isinstance(node.this, (exp.Paren, exp.Tuple)):
            name = f'"localdb$set{number}"'
            names = [f"c{place}" for place in range(len(columns))]
            query = w.write(node.expression)
            joined += f" left join lateral {query} as {name} ({', '.join(names)}) on true"
            new += [
                row_changes.as_column(f"{name}.{c}", column)
                for c, column in zip(names, columns, strict=True)
            ]
            continue
        text = assigned(w, node.expression, columns[0], inserting=False)
        new.append(row_changes.value_or_default(text, columns[0]))
    return joined, new


def _assigned_name(changed: Target, target: exp.Expr) -> TableColumn:
    if not isinstance(target, exp.Column):
        raise OraError(1747, "invalid user.table.column, table.column, or column specification")
    return changed.column(names_of(target)[-1], position_of(target))


def _require_reading(w: Writer, source: Source, *parts: exp.Expr | None) -> None:
    """Whoever names a column of the table in a condition or a value, has to be able to read it.

    As with SQL92_SECURITY, which is TRUE since 12.2.
    """
    if w.access is None or source.relation is None:
        return
    for part in parts:
        for column in part.find_all(exp.Column) if part is not None else ():
            found = find_column(w, names_of(column))
            if found is not None and found.source is source:
                w.use(source.relation, "READ", position_of(column))
                return


def _write_where(w: Writer, target: Target, where: exp.Expr | None) -> str:
    parts = list(target.conditions)
    limit = ""
    if where is not None:
        limit, condition = take_rownum_limit(w, where.this)
        if condition is not None:
            parts.append(w.write(condition))
    text = f" where {' and '.join(parts)}" if parts else ""
    if not limit:
        return text
    reference = target.source.reference
    rows = f"select {reference}.ctid from {target.text}{text} limit {limit}"
    return f" where {reference}.ctid in ({rows})"


def write_delete(w: Writer, node: exp.Delete) -> tuple[str, Returning]:
    for part, value in node.args.items():
        if part not in ("this", "tables", "where", "returning", "hint") and value:
            raise Unsupported(f"DELETE with {part.upper()}", position=position_of(node))
    tables = node.args.get("tables") or []
    table = node.this if node.this else (tables[0] if len(tables) == 1 else None)
    if table is None:
        raise OraError(903, "invalid table name")
    target = find_changed(w, table, "DELETE")
    returning = Returning()
    firing = row_changes.firing(target.relation, "DELETE")
    with w.inside(Level(sources=[target.source])):
        _require_reading(w, target.source, node.args.get("where"))
        where = _write_where(w, target, node.args.get("where"))
        _write_returning(w, node.args.get("returning"), returning, apart=bool(firing))
    if firing:
        _set_triggered(returning, target.relation, target.source, firing)
        found = row_changes.found_query(target.relation, target.source.reference, (), where)
        return found, returning
    return f"delete from {target.text}{where}{returning.text}", returning


# ---- MERGE ----


def write_merge(w: Writer, node: exp.Merge) -> tuple[str, Returning]:
    for part, value in node.args.items():
        if part not in ("this", "using", "on", "whens", "hint") and value:
            raise Unsupported(f"MERGE with {part.upper()}", position=position_of(node))
    if node.args.get("on") is None:
        raise OraError(969, "missing ON keyword", position=position_of(node))
    whens = node.args["whens"].expressions if node.args.get("whens") else []
    if not whens:
        raise OraError(905, "missing keyword", position=position_of(node))
    privilege = "UPDATE" if whens[0].args["matched"] else "INSERT"
    relation, target = find_target(w, node.this, privilege)
    row_changes.refuse_triggers(relation, ("INSERT", "UPDATE", "DELETE"), "MERGE into")
    level = Level()
    with w.inside(level):
        using = write_source(w, node.args["using"], level)
        level.sources.insert(0, target)
        on = w.write(node.args["on"])
        parts = [text for when in whens for text in _write_when(w, relation, level, when)]
    into = f"{qualified(relation.owner, relation.name)} as {target.reference}"
    return f"merge into {into} using {using} on {on} {' '.join(parts)}", Returning()


def _write_when(w: Writer, relation: Relation, level: Level, when: exp.Expr) -> list[str]:
    then = when.args["then"]
    where = then.args.get("where")
    condition = f" and {w.write(where.this)}" if where is not None else ""
    if not when.args["matched"]:
        return [_write_merge_insert(w, relation, level, then)]
    parts = []
    delete = when.args.get("condition")
    if delete is not None:
        # Oracle looks at the row as it is after the update; PostgreSQL decides before.
        w.use(relation, "DELETE")
        after = _after_update(w, level.sources[0], then.expressions, delete.this)
        parts.append(f"when matched{condition} and {w.write(after)} then delete")
    whole = Target(relation, level.sources[0], relation.by_name)
    assignments = ", ".join(_write_assignment(w, whole, one) for one in then.expressions)
    parts.append(f"when matched{condition} then update set {assignments}")
    return parts


def _after_update(
    w: Writer, source: Source, assignments: Sequence[exp.Expr], condition: exp.Expr
) -> exp.Expr:
    """The condition with the new values in the place of the columns that get them."""
    values = {
        names_of(one.this)[-1]: one.expression
        for one in assignments
        if isinstance(one.this, exp.Column)
    }
    holder = exp.Paren(this=condition.copy())
    for column in list(holder.find_all(exp.Column)):
        found = find_column(w, names_of(column))
        if found is None or found.source is not source or found.name not in values:
            continue
        if is_default(values[found.name]):
            raise Unsupported("MERGE ... DELETE WHERE on a column that is set to DEFAULT")
        column.replace(exp.Paren(this=values[found.name].copy()))
    return holder


def _write_merge_insert(w: Writer, relation: Relation, level: Level, then: exp.Expr) -> str:
    w.use(relation, "INSERT")
    if then.this is not None:
        whole = Target(relation, level.sources[0], relation.by_name)
        columns = [_assigned_name(whole, one) for one in then.this.expressions]
    else:
        columns = [column for column in relation.columns if not column.virtual]
    values = then.expression.expressions
    _check_count(len(values), len(columns))
    source_only = Level(level.parent, sources=level.sources[1:], common=level.common)
    with w.inside(source_only):
        texts = [
            assigned(w, value, column, inserting=True)
            for value, column in zip(values, columns, strict=True)
        ]
        where = then.args.get("where")
        condition = f" and {w.write(where.this)}" if where is not None else ""
    listed = ", ".join(quote(column.name) for column in columns)
    return f"when not matched{condition} then insert ({listed}) values ({', '.join(texts)})"
