"""Keeps localdb's own tables in step with DDL: one function per effect that a translation names.

They run in the transaction of the DDL itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import singledispatch

from deploy.localdb.dialect.translation import (
    CheckWritten,
    ColumnChanged,
    ColumnDropped,
    ColumnRenamed,
    ColumnRow,
    ColumnsAdded,
    ColumnsDerived,
    CommentSet,
    DefaultRoles,
    Effect,
    Granted,
    ObjectChanged,
    ObjectCreated,
    ObjectDropped,
    ObjectRenamed,
    ProxyChanged,
    Revoked,
    RoleCreated,
    RoleDropped,
    SynonymCreated,
    SynonymDropped,
    TemporaryCreated,
    TriggersSwitched,
    UserChanged,
    UserCreated,
    UserDropped,
    ViewMarked,
)
from deploy.localdb.grants import (
    create_role,
    drop_role,
    forget_grants,
    grant,
    revoke,
    set_default_roles,
)
from deploy.localdb.postgres.backend import Query
from deploy.localdb.postgres.codec import Codec
from deploy.localdb.postgres.wire import Field
from deploy.localdb.users import change_user, create_user, drop_user
from deploy.localdb.values import SqlType

#: What may change the lengths that a table's trigger holds up.
_OF_COLUMNS = (ColumnsAdded, ColumnsDerived, ColumnChanged, ColumnDropped, ColumnRenamed)


async def apply_effects(run: Query, codec: Codec, effects: Iterable[Effect]) -> None:
    """Write what DDL has changed.

    Args:
        run: runs a statement of PostgreSQL's with $1.. on the transaction of the DDL.
        codec: knows PostgreSQL's types.
        effects: of the translation, in their order.
    """
    changed: dict[tuple[str, str], None] = {}
    for effect in effects:
        if isinstance(effect, ColumnsDerived):
            await _derive_columns(run, codec, effect)
        else:
            await _apply(effect, run)
        if isinstance(effect, _OF_COLUMNS):
            changed[effect.owner, effect.table] = None
    for owner, table in changed:
        await run("call localdb.keep_lengths($1, $2)", owner, table)


@singledispatch
async def _apply(effect: object, run: Query) -> None:
    raise AssertionError(f"no effect: {effect!r}")


@_apply.register
async def _(effect: ObjectCreated, run: Query) -> None:
    await run(
        """
        insert into localdb.objects (owner, name, type) values ($1, $2, $3)
        on conflict (owner, name, type) do update set last_ddl = now(), status = 'VALID'
        """,
        effect.owner,
        effect.name,
        effect.type,
    )


@_apply.register
async def _(effect: ObjectChanged, run: Query) -> None:
    await run(
        "update localdb.objects set last_ddl = now() where owner = $1 and name = $2 and type = $3",
        effect.owner,
        effect.name,
        effect.type,
    )


_OF_RELATION = (
    "delete from localdb.columns where owner = $1 and table_name = $2",
    "delete from localdb.table_comments where owner = $1 and name = $2",
    "delete from localdb.view_texts where owner = $1 and name = $2",
    "delete from localdb.temporary_tables where owner = $1 and name = $2",
    # Its indexes are gone already, but not their rows.
    """
    delete from localdb.objects as o
    where o.owner = $1 and o.type = 'INDEX' and $2::text is not null
        and to_regclass(format('%I.%I', o.owner, o.name)) is null
    """,
)
_TRIGGERS_OF = (
    "(select owner, name from localdb.triggers where table_owner = $1 and table_name = $2)"
)
_OF_TRIGGERS = (
    *(
        f"delete from localdb.{table} where type = 'TRIGGER' and (owner, name) in {_TRIGGERS_OF}"
        for table in ("unit_errors", "units", "objects")
    ),
    "delete from localdb.triggers where table_owner = $1 and table_name = $2",
)
_RENAME_IN = (
    "update localdb.triggers set table_name = $3 where table_owner = $1 and table_name = $2",
    "update localdb.columns set table_name = $3 where owner = $1 and table_name = $2",
    "update localdb.table_comments set name = $3 where owner = $1 and name = $2",
    "update localdb.view_texts set name = $3 where owner = $1 and name = $2",
    "update localdb.grants set object_name = $3 where object_owner = $1 and object_name = $2",
)


@_apply.register
async def _(effect: ObjectDropped, run: Query) -> None:
    await run(
        "delete from localdb.objects where owner = $1 and name = $2 and type = $3",
        effect.owner,
        effect.name,
        effect.type,
    )
    if effect.type in ("TABLE", "VIEW"):
        for statement in (*_OF_RELATION, *_OF_TRIGGERS):
            await run(statement, effect.owner, effect.name)
    if effect.type == "TABLE":
        await run("call localdb.forget_lengths()")
    if effect.type in ("TABLE", "VIEW", "SEQUENCE"):
        await forget_grants(run, effect.owner, effect.name)


@_apply.register
async def _(effect: ObjectRenamed, run: Query) -> None:
    await run(
        """
        update localdb.objects set name = $4, last_ddl = now()
        where owner = $1 and name = $2 and type = $3
        """,
        effect.owner,
        effect.name,
        effect.type,
        effect.new_name,
    )
    if effect.type in ("TABLE", "VIEW"):
        for statement in _RENAME_IN:
            await run(statement, effect.owner, effect.name, effect.new_name)


_INSERT_COLUMN = """
insert into localdb.columns (
    owner, table_name, column_name, position, type, size, precision, scale, nullable, default_text,
    on_null, identity, virtual, in_characters
)
select
    $1, $2, $3,
    (
        select coalesce(max(c.position), 0) + 1
        from localdb.columns as c
        where c.owner = $1 and c.table_name = $2
    ),
    $4, $5, $6, $7, $8, $9, $10, $11, $12, $13
"""


@_apply.register
async def _(effect: ColumnsAdded, run: Query) -> None:
    for row in effect.columns:
        await _add_column(run, effect.owner, effect.table, row)


async def _add_column(run: Query, owner: str, table: str, row: ColumnRow) -> None:
    await run(
        _INSERT_COLUMN,
        owner,
        table,
        row.name,
        row.type.name.value,
        row.type.size,
        row.type.precision,
        row.type.scale,
        row.nullable,
        row.default_text,
        row.on_null,
        row.identity.value if row.identity else None,
        row.virtual,
        row.in_characters,
    )


async def _derive_columns(run: Query, codec: Codec, effect: ColumnsDerived) -> None:
    await run(
        "delete from localdb.columns where owner = $1 and table_name = $2",
        effect.owner,
        effect.table,
    )
    rows = await run(
        """
        select a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull
        from pg_catalog.pg_attribute as a
        join pg_catalog.pg_class as c on c.oid = a.attrelid
        join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
        where n.nspname = $1 and c.relname = $2 and a.attnum > 0 and not a.attisdropped
        order by a.attnum
        """,
        effect.owner,
        effect.table,
    )
    known: tuple[SqlType | None, ...] = effect.columns + (None,) * (len(rows) - len(effect.columns))
    for (number, name, type_, modifier, not_null), given in zip(rows, known, strict=False):
        found = given or codec.sql_type(Field(name, 0, int(number), int(type_), 0, int(modifier)))
        await _add_column(
            run, effect.owner, effect.table, ColumnRow(name, found, nullable=not not_null)
        )


@_apply.register
async def _(effect: ColumnChanged, run: Query) -> None:
    if effect.type is not None:
        await run(
            """
            update localdb.columns set type = $4, size = $5, precision = $6, scale = $7
            where owner = $1 and table_name = $2 and column_name = $3
            """,
            effect.owner,
            effect.table,
            effect.column,
            effect.type.name.value,
            effect.type.size,
            effect.type.precision,
            effect.type.scale,
        )
    default = effect.default_text
    await run(
        """
        update localdb.columns
        set nullable = coalesce($4, nullable),
            default_text = case when $5 then $6 else default_text end,
            on_null = coalesce($7, on_null),
            in_characters = coalesce($8, in_characters)
        where owner = $1 and table_name = $2 and column_name = $3
        """,
        effect.owner,
        effect.table,
        effect.column,
        effect.nullable,
        default is not None,
        default,  # '' is NULL
        effect.on_null,
        effect.in_characters,
    )


@_apply.register
async def _(effect: ColumnDropped, run: Query) -> None:
    await run(
        """
        with dropped as (
            delete from localdb.columns
            where owner = $1 and table_name = $2 and column_name = $3
            returning position
        )
        update localdb.columns as c set position = c.position - 1
        from dropped as d
        where c.owner = $1 and c.table_name = $2 and c.position > d.position
        """,
        effect.owner,
        effect.table,
        effect.column,
    )


@_apply.register
async def _(effect: ColumnRenamed, run: Query) -> None:
    await run(
        """
        update localdb.columns set column_name = $4
        where owner = $1 and table_name = $2 and column_name = $3
        """,
        effect.owner,
        effect.table,
        effect.column,
        effect.new_name,
    )


@_apply.register
async def _(effect: CommentSet, run: Query) -> None:
    if effect.column is not None:
        await run(
            """
            update localdb.columns set comments = $4
            where owner = $1 and table_name = $2 and column_name = $3
            """,
            effect.owner,
            effect.table,
            effect.column,
            effect.text,
        )
    elif effect.text:
        await run(
            """
            insert into localdb.table_comments (owner, name, comments) values ($1, $2, $3)
            on conflict (owner, name) do update set comments = excluded.comments
            """,
            effect.owner,
            effect.table,
            effect.text,
        )
    else:
        await run(
            "delete from localdb.table_comments where owner = $1 and name = $2",
            effect.owner,
            effect.table,
        )


@_apply.register
async def _(effect: CheckWritten, run: Query) -> None:
    await run(
        """
        insert into localdb.check_texts (owner, name, text) values ($1, $2, $3)
        on conflict (owner, name) do update set text = excluded.text
        """,
        effect.owner,
        effect.constraint,
        effect.text,
    )


@_apply.register
async def _(effect: TemporaryCreated, run: Query) -> None:
    await run(
        "insert into localdb.temporary_tables (owner, name, preserves) values ($1, $2, $3)",
        effect.owner,
        effect.name,
        effect.preserves,
    )


@_apply.register
async def _(effect: TriggersSwitched, run: Query) -> None:
    await run(
        "update localdb.triggers set enabled = $3 where table_owner = $1 and table_name = $2",
        effect.owner,
        effect.table,
        effect.enabled,
    )


@_apply.register
async def _(effect: ViewMarked, run: Query) -> None:
    await run(
        """
        insert into localdb.view_texts (owner, name, text, read_only, calls)
        values ($1, $2, '', $3, $4)
        on conflict (owner, name) do update
        set read_only = excluded.read_only, calls = excluded.calls
        """,
        effect.owner,
        effect.name,
        effect.read_only,
        effect.calls,
    )


@_apply.register
async def _(effect: SynonymCreated, run: Query) -> None:
    await run(
        """
        insert into localdb.synonyms (owner, name, table_owner, table_name) values ($1, $2, $3, $4)
        on conflict (owner, name) do update
        set table_owner = excluded.table_owner, table_name = excluded.table_name
        """,
        effect.owner,
        effect.name,
        effect.target_owner,
        effect.target_name,
    )


@_apply.register
async def _(effect: SynonymDropped, run: Query) -> None:
    await run(
        "delete from localdb.synonyms where owner = $1 and name = $2", effect.owner, effect.name
    )


@_apply.register
async def _(effect: UserCreated, run: Query) -> None:
    await create_user(run, effect.name, effect.password)


@_apply.register
async def _(effect: UserChanged, run: Query) -> None:
    await change_user(run, effect.name, effect.password, effect.locked)


@_apply.register
async def _(effect: ProxyChanged, run: Query) -> None:
    if effect.granted:
        await run(
            "insert into localdb.proxies (client, proxy) values ($1, $2) on conflict do nothing",
            effect.client,
            effect.proxy,
        )
    else:
        await run(
            "delete from localdb.proxies where client = $1 and proxy = $2",
            effect.client,
            effect.proxy,
        )


@_apply.register
async def _(effect: UserDropped, run: Query) -> None:
    await drop_user(run, effect.name, cascade=effect.cascade)


@_apply.register
async def _(effect: RoleCreated, run: Query) -> None:
    await create_role(run, effect.name, effect.creator)


@_apply.register
async def _(effect: RoleDropped, run: Query) -> None:
    await drop_role(run, effect.name)


@_apply.register
async def _(effect: Granted, run: Query) -> None:
    await grant(
        run, effect.privileges, effect.object, effect.grantees, effect.grantor, effect.with_option
    )


@_apply.register
async def _(effect: Revoked, run: Query) -> None:
    await revoke(
        run, effect.privileges, effect.object, effect.grantees, effect.grantor, effect.everything
    )


@_apply.register
async def _(effect: DefaultRoles, run: Query) -> None:
    await set_default_roles(run, effect.user, effect.everything, effect.names)
