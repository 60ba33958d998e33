"""A catalogue and a PL/SQL scope for tests that need no database."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from deploy.localdb.dialect.catalog import (
    Identity,
    Index,
    Relation,
    RelationKind,
    SequenceObject,
    Synonym,
    TableColumn,
)
from deploy.localdb.errors import OraError
from deploy.localdb.statement import Call
from deploy.localdb.values import SqlType, TypeName

NUMBER = SqlType(TypeName.NUMBER)
TEXT = SqlType(TypeName.VARCHAR2, size=10)
DATE = SqlType(TypeName.DATE)
TIMESTAMP = SqlType(TypeName.TIMESTAMP, scale=6)
CLOB = SqlType(TypeName.CLOB)
RAW = SqlType(TypeName.RAW, size=16)


class Names:
    """SCOTT has T, U, the view V, a sequence S and a synonym X of T; SYS has DUAL."""

    def __init__(self) -> None:
        columns = (
            TableColumn("ID", NUMBER, nullable=False),
            TableColumn("NAME", TEXT),
            TableColumn("MADE", DATE),
            TableColumn("AT", TIMESTAMP),
            TableColumn("DOC", CLOB),
            TableColumn("KEY", RAW),
        )
        numbered = (
            TableColumn("ID", NUMBER, identity=Identity.ALWAYS, default="nextval('u_seq')"),
            TableColumn("T_ID", NUMBER),
            TableColumn("KIND", TEXT, default="'new'::text", on_null=True),
            TableColumn("TWICE", NUMBER, virtual=True),
        )
        self._relations = {
            (owner, name): Relation(owner, name, kind, given)
            for owner, name, kind, given in (
                ("SCOTT", "T", RelationKind.TABLE, columns),
                ("SCOTT", "U", RelationKind.TABLE, numbered),
                ("SCOTT", "V", RelationKind.VIEW, columns[:2]),
                ("SYS", "DUAL", RelationKind.VIEW, (TableColumn("DUMMY", TEXT),)),
            )
        }

    def relation(self, owner: str, name: str) -> Relation | None:
        return self._relations.get((owner, name))

    def sequence(self, owner: str, name: str) -> SequenceObject | None:
        return SequenceObject(owner, name) if (owner, name) == ("SCOTT", "S") else None

    def synonym(self, owner: str, name: str) -> Synonym | None:
        if (owner, name) in (("SCOTT", "X"), ("PUBLIC", "X")):
            return Synonym(owner, name, "SCOTT", "T")
        return None

    def index(self, owner: str, name: str) -> Index | None:
        return Index(owner, name, owner, "T") if (owner, name) == ("SCOTT", "T_IX") else None

    def is_role(self, name: str) -> bool:
        return name == "DBA"

    def contains_role(self, outer: str, inner: str) -> bool:
        return outer == inner

    def unit_type(self, owner: str, name: str) -> str | None:
        return "PROCEDURE" if (owner, name) == ("SCOTT", "P") else None

    def is_user(self, name: str) -> bool:
        return name in ("SCOTT", "SYS", "JOE", "ANN")


@dataclass
class Block:
    """The names of a PL/SQL block."""

    variables: Mapping[tuple[str, ...], SqlType] = field(default_factory=dict)
    functions: frozenset[tuple[str, ...]] = frozenset()

    def variable(self, parts: tuple[str, ...]) -> SqlType | None:
        return self.variables.get(parts)

    def function(self, parts: tuple[str, ...]) -> bool:
        return parts in self.functions

    def call(
        self,
        parts: tuple[str, ...],
        names: tuple[str | None, ...],
        types: tuple[SqlType | None, ...],
    ) -> Call | None:
        if parts not in self.functions:
            return None
        return Call(".".join(parts), types, SqlType(TypeName.NUMBER))

    def rows(self, text: str) -> tuple[tuple[str, SqlType], ...]:
        if text.upper() != "L_IDS":
            raise OraError(22905, "cannot access rows from a non-nested table item")
        return (("COLUMN_VALUE", NUMBER),)

    def of_owner(self, schema: str) -> "Block":
        return Block(functions=self.functions)
