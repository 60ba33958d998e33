"""The names that exist, in memory: what the translator looks up, as of the last DDL.

The relations of a schema are read again whenever somebody has changed the catalogue; those of SYS
never change while localdb runs.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from deploy.localdb.dialect.catalog import (
    PUBLIC,
    SYS,
    Identity,
    Index,
    Relation,
    RelationKind,
    SequenceObject,
    Synonym,
    TableColumn,
    Trigger,
)
from deploy.localdb.plsql.builtins.registry import package_names
from deploy.localdb.postgres.backend import Query, Row
from deploy.localdb.postgres.codec import Codec
from deploy.localdb.postgres.wire import Field
from deploy.localdb.privileges import Privileges
from deploy.localdb.rights import Rights
from deploy.localdb.values import Column, SqlType, TypeName

_COLUMNS = """
select
    n.nspname, c.relname, c.oid, c.relkind::text, c.relpersistence::text, a.attnum, a.attname,
    a.atttypid, a.atttypmod, a.attnotnull, pg_catalog.pg_get_expr(d.adbin, d.adrelid),
    f.type, f.size, f.precision, f.scale, f.on_null, f.identity, f.virtual, f.nullable,
    f.in_characters
from pg_catalog.pg_class as c
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
left join pg_catalog.pg_attrdef as d on d.adrelid = c.oid and d.adnum = a.attnum
left join localdb.columns as f
    on f.owner = n.nspname and f.table_name = c.relname and f.column_name = a.attname
where c.relkind in ('r', 'v', 'p') and c.relname not like 'localdb$%' and {schemas}
order by c.oid, a.attnum
"""
_SEQUENCES = """
select n.nspname, c.relname
from pg_catalog.pg_class as c
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
join localdb.users as u on u.name = n.nspname
where c.relkind = 'S' and not exists (
    select from pg_catalog.pg_depend as d
    where d.objid = c.oid and d.deptype = 'i' and d.classid = 'pg_catalog.pg_class'::regclass
)
"""
_INDEXES = """
select
    n.nspname, i.relname, t.relname,
    (
        select array_to_string(array_agg(a.attname order by k.number), e'\\n')
        from unnest(x.indkey::int2[]) with ordinality as k (attribute, number)
        join pg_catalog.pg_attribute as a
            on a.attrelid = x.indrelid and a.attnum = k.attribute and k.attribute > 0
    )
from pg_catalog.pg_index as x
join pg_catalog.pg_class as i on i.oid = x.indexrelid
join pg_catalog.pg_class as t on t.oid = x.indrelid
join pg_catalog.pg_namespace as n on n.oid = i.relnamespace
join localdb.users as u on u.name = n.nspname
"""
_TEMPORARY = "select owner, name from localdb.temporary_tables"
_READ_ONLY = "select owner, name from localdb.view_texts where read_only"
_CALLING = "select owner, name, text from localdb.view_texts where calls"
_TRIGGERS = """
select owner, name, table_owner, table_name, timing, each_row, events, columns, enabled, follows
from localdb.triggers
order by number
"""
_SYNONYMS = "select owner, name, table_owner, table_name from localdb.synonyms"
_USERS = "select name from localdb.users"
_ROLES = "select name from localdb.roles"


@dataclass
class _Names:
    """One state of the catalogue; replaced as a whole."""

    relations: dict[tuple[str, str], Relation] = field(default_factory=dict)
    #: By PostgreSQL's OID of the relation and number of the column.
    origins: dict[tuple[int, int], TableColumn] = field(default_factory=dict)
    sequences: dict[tuple[str, str], SequenceObject] = field(default_factory=dict)
    synonyms: dict[tuple[str, str], Synonym] = field(default_factory=dict)
    indexes: dict[tuple[str, str], Index] = field(default_factory=dict)
    #: Owner and name of each trigger's table.
    triggers: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    users: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()


class Catalog:
    """Implements `dialect.catalog.Catalog`.

    Attributes:
        version: another number after each change: what was translated before may not fit any more.
        privileges: who may do what.
        unit_types: of the stored units, by owner and name; the library keeps them up to date.
    """

    def __init__(self, codec: Codec) -> None:
        self.version = 0
        self.privileges = Privileges()
        self.unit_types: dict[tuple[str, str], str] = {}
        self._codec = codec
        self.has_temporary_tables = False
        self._names = _Names()
        self._system = _Names()

    async def load_system(self, query: Query) -> None:
        """Read the dictionary views; once."""
        rows = await query(_COLUMNS.format(schemas="n.nspname = 'SYS'"))
        self._system = self._read_relations(rows)

    async def load(self, query: Query) -> None:
        """Read what users have made."""
        in_user_schema = "exists (select from localdb.users as u where u.name = n.nspname)"
        read_only = {(owner, name) for owner, name in await query(_READ_ONLY)}
        temporary = {(owner, name) for owner, name in await query(_TEMPORARY)}
        texts = {(owner, name): text for owner, name, text in await query(_CALLING)}
        self.has_temporary_tables = bool(temporary)
        triggers = _read_triggers(await query(_TRIGGERS))
        names = self._read_relations(
            await query(_COLUMNS.format(schemas=in_user_schema)),
            read_only,
            temporary,
            texts,
            triggers,
        )
        names.triggers = {(t.owner, t.name): key for key, ts in triggers.items() for t in ts}
        names.relations |= self._system.relations
        names.origins |= self._system.origins
        names.users = frozenset(str(name) for (name,) in await query(_USERS)) | {SYS}
        names.roles = frozenset(str(name) for (name,) in await query(_ROLES))
        await self.privileges.load(query)
        for owner, name in await query(_SEQUENCES):
            names.sequences[owner, name] = SequenceObject(owner, name)
        for owner, name, target_owner, target in await query(_SYNONYMS):
            names.synonyms[owner, name] = Synonym(owner, name, target_owner, target)
        for owner, name, table, columns in await query(_INDEXES):
            names.indexes[owner, name] = Index(
                owner, name, owner, table, tuple((columns or "").split("\n"))
            )
        self._names = names
        self.version += 1

    def _read_relations(
        self,
        rows: Iterable[Row],
        read_only: Container[tuple[str, str]] = (),
        temporary: Container[tuple[str, str]] = (),
        texts: Mapping[tuple[str, str], str] = MappingProxyType({}),
        triggers: Mapping[tuple[str, str], Sequence[Trigger]] = MappingProxyType({}),
    ) -> _Names:
        names = _Names()
        columns: list[TableColumn] = []
        last: tuple[str, str] | None = None
        for owner, table, oid, kind, _, number, *column in rows:
            if (owner, table) != last:
                last = (owner, table)
                columns = []
                names.relations[last] = Relation(
                    owner,
                    table,
                    RelationKind.VIEW
                    if kind == "v" and last not in temporary
                    else RelationKind.TABLE,
                    columns,
                    temporary=last in temporary,
                    read_only=last in read_only,
                    text=texts.get(last),
                    triggers=triggers.get(last, ()),
                )
            found = self._column(int(oid), int(number), *column)
            if names.relations[last].kind is RelationKind.VIEW:
                found = replace(found, in_characters=True)
            columns.append(found)
            names.origins[int(oid), int(number)] = found
        return names

    def _column(
        self,
        table: int,
        number: int,
        name: str,
        type_: int,
        modifier: int,
        not_null: bool,
        default: str | None,
        declared: str | None,
        size: int | None,
        precision: int | None,
        scale: int | None,
        on_null: bool | None,
        identity: str | None,
        virtual: bool | None,
        nullable: bool | None,
        in_characters: bool | None,
    ) -> TableColumn:
        if declared is not None:
            sql_type = SqlType(TypeName(declared), size, precision, scale)
        else:
            sql_type = self._codec.sql_type(Field(name, table, number, type_, 0, modifier))
        return TableColumn(
            name,
            sql_type,
            nullable=nullable if nullable is not None else not not_null,
            default=default,
            on_null=bool(on_null),
            identity=Identity(identity) if identity else None,
            virtual=bool(virtual),
            in_characters=bool(in_characters),
        )

    # ---- dialect.catalog.Catalog ----

    def relation(self, owner: str, name: str) -> Relation | None:
        return self._names.relations.get((owner, name))

    def sequence(self, owner: str, name: str) -> SequenceObject | None:
        return self._names.sequences.get((owner, name))

    def synonym(self, owner: str, name: str) -> Synonym | None:
        return self._names.synonyms.get((owner, name))

    def index(self, owner: str, name: str) -> Index | None:
        return self._names.indexes.get((owner, name))

    def is_user(self, name: str) -> bool:
        return name in self._names.users

    def is_role(self, name: str) -> bool:
        return name in self._names.roles

    def contains_role(self, outer: str, inner: str) -> bool:
        return self.privileges.contains_role(outer, inner)

    def unit_type(self, owner: str, name: str) -> str | None:
        if owner == SYS:
            return "PACKAGE" if name in package_names() else None
        return self.unit_types.get((owner, name))

    # ---- for others ----

    def trigger_table(self, owner: str, name: str) -> tuple[str, str] | None:
        """Owner and name of a trigger's table; None: there is no such trigger."""
        return self._names.triggers.get((owner, name))

    def find_relation(self, owner: str | None, name: str, schema: str) -> Relation | None:
        """A relation as a statement names it: synonyms are followed; owner None: schema, then SYS."""
        if owner is not None:
            return self._follow(owner, name)
        return self._follow(schema, name) or self._follow(PUBLIC, name) or self._follow(SYS, name)

    def _follow(self, owner: str, name: str) -> Relation | None:
        found = self.relation(owner, name)
        if found is None and (synonym := self.synonym(owner, name)) is not None:
            found = self.relation(synonym.target_owner, synonym.target_name)
        return found

    def table_columns(
        self, owner: str | None, table: str, schema: str, rights: Rights | None = None
    ) -> tuple[Column, ...] | None:
        """The columns of a table or view as a statement in schema names it; None: none is seen."""
        relation = self.find_relation(owner, table, schema)
        if relation is None:
            return None
        if rights is not None and not self.privileges.access(rights).sees(
            relation.owner, relation.name, relation.kind.value
        ):
            return None
        return tuple(
            Column(c.name, c.type, c.nullable, not c.in_characters) for c in relation.columns
        )

    def origin(self, field_: Field) -> TableColumn | None:
        """The column of a table that a result's column shows; None: it is an expression."""
        return self._names.origins.get((field_.table, field_.attribute))


def _read_triggers(rows: Iterable[Row]) -> dict[tuple[str, str], list[Trigger]]:
    """The triggers of each table, in the order in which they fire: as created, but for FOLLOWS."""
    found: dict[tuple[str, str], list[Trigger]] = {}
    followed: dict[Trigger, set[str]] = {}
    for owner, name, table_owner, table, timing, each_row, events, columns, enabled, after in rows:
        trigger = Trigger(
            owner,
            name,
            timing,
            frozenset(str(events).split(" OR ")),
            frozenset((columns or "").split("\n")) - {""},
            bool(each_row),
            bool(enabled),
        )
        found.setdefault((table_owner, table), []).append(trigger)
        followed[trigger] = set((after or "").split("\n")) - {""}
    return {key: _ordered(triggers, followed) for key, triggers in found.items()}


def _ordered(
    triggers: Sequence[Trigger], followed: Mapping[Trigger, Container[str]]
) -> list[Trigger]:
    waiting, done = list(triggers), []
    while waiting:
        ready = next(
            (t for t in waiting if not any(f"{o.owner}.{o.name}" in followed[t] for o in waiting)),
            waiting[0],
        )
        waiting.remove(ready)
        done.append(ready)
    return done
