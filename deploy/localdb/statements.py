"""Translated statements, kept for the whole process: nobody translates the same text twice."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from deploy.localdb.catalog import Catalog
from deploy.localdb.connection import PreparedStatement
from deploy.localdb.dialect import row_changes, translate
from deploy.localdb.dialect.catalog import RelationKind
from deploy.localdb.dialect.translation import AskedCall, AskedRows, AskedVariable, Translation
from deploy.localdb.postgres.backend import Backend
from deploy.localdb.postgres.codec import Codec
from deploy.localdb.postgres.prepared import Described
from deploy.localdb.postgres.wire import Field
from deploy.localdb.rights import Rights
from deploy.localdb.statement import Kind, Scope
from deploy.localdb.values import Column, SqlType

#: Texts, and PostgreSQL's own statements, that are kept.
_MOST_TEXTS = 2000

_Key: TypeAlias = tuple[str, str, tuple[SqlType | None, ...], Rights | None, bool]


@dataclass
class _Entry:
    """The translations of one text, which differ by what the PL/SQL scope answered."""

    found: list[PreparedStatement]


class Statements:
    """Prepares statements; forgets all when the catalogue has changed."""

    def __init__(self, catalog: Catalog, codec: Codec) -> None:
        self._catalog = catalog
        self._codec = codec
        self._version = catalog.version
        self._entries: OrderedDict[_Key, _Entry] = OrderedDict()
        self._native: OrderedDict[str, Described] = OrderedDict()

    async def prepare(
        self,
        backend: Backend,
        text: str,
        *,
        schema: str,
        types: tuple[SqlType | None, ...],
        scope: Scope | None,
        rights: Rights | None,
        in_characters: bool = False,
    ) -> PreparedStatement:
        """The translation of a text, checked by PostgreSQL on this connection."""
        self._forget_old()
        key = (text, schema, types, rights, in_characters)
        entry = self._entries.get(key)
        if entry is not None:
            self._entries.move_to_end(key)
            for known in entry.found:
                if _same_answers(known.translation, scope):
                    return known
        translation = translate(
            text,
            self._catalog,
            schema=schema,
            types=types,
            scope=scope,
            access=self._catalog.privileges.access(rights) if rights is not None else None,
            in_characters=in_characters,
        )
        version = self._catalog.version
        prepared = await self._describe(backend, text, translation, rights)
        if version == self._catalog.version and version == self._version:
            entry = self._entries.setdefault(key, _Entry([]))
            entry.found.append(prepared)
            if len(self._entries) > _MOST_TEXTS:
                self._entries.popitem(last=False)
        return prepared

    async def describe(self, backend: Backend, sql: str) -> Described:
        """A statement of PostgreSQL's own."""
        self._forget_old()
        known = self._native.get(sql)
        if known is None:
            known = await backend.describe(sql, ())
            self._native[sql] = known
            if len(self._native) > _MOST_TEXTS:
                self._native.popitem(last=False)
        else:
            self._native.move_to_end(sql)
        return known

    def _forget_old(self) -> None:
        if self._version != self._catalog.version:
            self._version = self._catalog.version
            self._entries.clear()
            self._native.clear()

    async def _describe(
        self, backend: Backend, text: str, translation: Translation, rights: Rights | None
    ) -> PreparedStatement:
        if translation.kind not in (Kind.QUERY, Kind.DML):
            return PreparedStatement(text, translation, None)
        if translation.triggered is not None:
            return await self._describe_triggered(backend, text, translation, rights)
        types = [
            self._codec.parameter_type(translation.types[i] if i < len(translation.types) else None)
            for i in range(len(translation.inputs))
        ]
        described = await backend.describe(translation.sql, types)
        return PreparedStatement(
            text,
            translation,
            described,
            self._columns(translation, described.fields),
            rights if self._shows_rights(translation) else None,
            await self._describe_nested(backend, text, translation, rights),
        )

    async def _describe_triggered(
        self, backend: Backend, text: str, translation: Translation, rights: Rights | None
    ) -> PreparedStatement:
        """DML that fires triggers, with the query of its rows and the columns of RETURNING."""
        plan = translation.triggered
        assert plan is not None
        first = len(translation.inputs) - plan.returning_inputs
        source = Translation(
            Kind.QUERY,
            translation.verb,
            translation.sql,
            inputs=translation.inputs[:first],
            types=translation.types[:first],
            calls=translation.calls,
            for_update=translation.verb != "INSERT" and plan.relation.kind is RelationKind.TABLE,
            uses=translation.uses,
        )
        columns: tuple[Column, ...] = ()
        if plan.returning:
            returned = Translation(
                Kind.QUERY,
                "SELECT",
                row_changes.returning_query(plan),
                inputs=translation.inputs[first:],
                types=translation.types[first:],
                names=translation.names,
            )
            columns = (await self._describe(backend, text, returned, None)).columns
        return PreparedStatement(
            text,
            translation,
            None,
            columns,
            rights if self._shows_rights(translation) else None,
            source=await self._describe(backend, text, source, rights),
        )

    async def _describe_nested(
        self, backend: Backend, text: str, translation: Translation, rights: Rights | None
    ) -> tuple[PreparedStatement, ...]:
        """The queries of CURSOR expressions, in the order of translation.nested."""
        return tuple(
            [
                await self._describe(
                    backend,
                    text,
                    Translation(
                        Kind.QUERY,
                        "SELECT",
                        nested.sql,
                        inputs=nested.inputs,
                        types=nested.types,
                        columns=nested.columns,
                        names=nested.names,
                        uses=translation.uses,
                        nested=nested.nested,
                        delivered=nested.delivered,
                    ),
                    rights,
                )
                for nested in translation.nested
            ]
        )

    def _shows_rights(self, translation: Translation) -> bool:
        """Whether what it gives may depend on who asks: it reads the dictionary, or a view."""
        if "ora.sys_context(" in translation.sql or "ora.userenv(" in translation.sql:
            return True
        for use in translation.uses:
            relation = self._catalog.relation(use.owner, use.name)
            if relation is not None and relation.kind is RelationKind.VIEW and use.name != "DUAL":
                return True
        return False

    def _columns(self, translation: Translation, fields: Sequence[Field]) -> tuple[Column, ...]:
        known, names = translation.columns, translation.names
        return tuple(
            self._column(
                field,
                names[i] if i < len(names) else field.name,
                known[i] if i < len(known) else None,
            )
            for i, field in enumerate(fields[: len(fields) - translation.delivered])
        )

    def _column(self, field: Field, name: str, known: Column | None) -> Column:
        origin = self._catalog.origin(field)
        if origin is not None:
            return Column(name, origin.type, origin.nullable, not origin.in_characters)
        return known or Column(name, self._codec.sql_type(field))


def _same_answers(translation: Translation, scope: Scope | None) -> bool:
    for asked in translation.asked:
        if isinstance(asked, AskedVariable):
            variable = scope.variable(asked.parts) if scope is not None else None
            if variable != asked.answer:
                return False
        elif isinstance(asked, AskedCall):
            call = scope.call(asked.parts, asked.names, asked.types) if scope is not None else None
            if call != asked.answer:
                return False
        elif isinstance(asked, AskedRows):
            if scope is None or scope.rows(asked.text) != asked.answer:
                return False
        else:
            function = scope.function(asked.parts) if scope is not None else False
            if function != asked.answer:
                return False
    return True
