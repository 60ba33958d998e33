"""Writes a tree as PostgreSQL's text: finds the rule for each node, and keeps what they share.

Rules:

1. A node without a rule, or with a part that its rule does not name, is refused by its name.
2. FROM is written before what refers to it; so inputs are numbered as they are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeAlias, TypeVar

from sqlglot import exp

from deploy.localdb.dialect.catalog import (
    PUBLIC,
    SYS,
    Access,
    Catalog,
    Relation,
    SequenceObject,
)
from deploy.localdb.dialect.naming import position_of
from deploy.localdb.dialect.scopes import Level, Query
from deploy.localdb.dialect.syntax import Bind, Syntax, read
from deploy.localdb.dialect.translation import (
    Asked,
    AskedCall,
    AskedFunction,
    AskedRows,
    AskedVariable,
    Use,
    Wait,
    Waiting,
)
from deploy.localdb.dialect.types import BIND_CASTS
from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.statement import Answers, Call, Expression, Input, Placeholder, Scope
from deploy.localdb.values import SqlType

Rule: TypeAlias = "Callable[[Writer, Any], str]"
_Function = TypeVar("_Function", bound=Callable[..., str])

#: By node class; filled by `rule`.
_RULES: dict[type[exp.Expr], Rule] = {}
_PARTS: dict[type[exp.Expr], frozenset[str]] = {}


def rule(
    *classes: type[exp.Expr], parts: str = "this expression"
) -> Callable[[_Function], _Function]:
    """Register how nodes of these classes are written, and which of their parts it takes care of."""

    def register(function: _Function) -> _Function:
        for class_ in classes:
            _RULES[class_] = function
            _PARTS[class_] = frozenset(parts.split())
        return function

    return register


class QueryRule(Protocol):
    """How any query is written; `queries.py` has it."""

    def __call__(
        self, w: Writer, node: exp.Expr, *, top: bool, targets: Sequence[SqlType]
    ) -> Query: ...


#: One element, set by `query_rule`.
_QUERY_RULES: list[QueryRule] = []


def query_rule(function: QueryRule) -> QueryRule:
    """Register how queries are written."""
    _QUERY_RULES[:] = [function]
    return function


def check_parts(node: exp.Expr, parts: str) -> None:
    """Refuse a node that has other parts than these, by the name of the part."""
    allowed = parts.split()
    for part, value in node.args.items():
        if part not in allowed and value is not None and value is not False and value != []:
            inner = value[0] if isinstance(value, list) else value
            what = inner if isinstance(inner, exp.Expr) else node
            name = _PART_NAMES.get(part, f"{feature_name(node)} with {part.strip('_').upper()}")
            raise Unsupported(name, position=position_of(what))


_PART_NAMES = {
    "pivots": "PIVOT",
    "version": "flashback query",
    "sample": "SAMPLE",
    "hint": "hints",
}


@dataclass
class Writer:
    """The state of one translation."""

    syntax: Syntax
    catalog: Catalog
    schema: str
    bind_types: Sequence[SqlType | None] = ()
    scope: Scope | None = None
    #: None: nothing is refused.
    access: Access | None = None
    level: Level | None = None
    inputs: list[Input] = field(default_factory=list)
    types: list[SqlType | None] = field(default_factory=list)
    asked: dict[Asked, None] = field(default_factory=dict)
    #: PL/SQL functions that are called for the rows -> their numbers.
    calls: dict[Call, int] = field(default_factory=dict)
    uses: dict[Use, None] = field(default_factory=dict)
    for_update: bool = False
    wait: Wait = Waiting.FOREVER
    #: Views of DDL hold no binds.
    binds_allowed: bool = True
    #: Whoever runs it can answer for PL/SQL functions that are called for its rows.
    rows_may_call: bool = False
    #: What is written is the query of a view: what is PL/SQL's in it is called for its rows.
    in_view: bool = False
    #: NLS_LENGTH_SEMANTICS = CHAR.
    in_characters: bool = False
    #: And it is being created: what it calls will be looked up where it is used.
    defines_view: bool = False

    def write(self, node: exp.Expr) -> str:
        """The node's text.

        Raises:
            Unsupported: there is no rule for it, or for a part of it.
        """
        class_ = type(node)
        found = _RULES.get(class_)
        if found is None:
            raise Unsupported(feature_name(node), position=position_of(node))
        parts = _PARTS[class_]
        for part, value in node.args.items():
            if part not in parts and value is not None and value is not False and value != []:
                check_parts(node, " ".join(parts))
        return found(self, node)

    def write_query(
        self, node: exp.Expr, *, top: bool = False, targets: Sequence[SqlType] = ()
    ) -> Query:
        """A query with its columns.

        Args:
            node: SELECT, a set operation, or one in parentheses.
            top: it may lock rows.
            targets: the types of the columns that it fills; a NULL in the select list becomes one.
        """
        return _QUERY_RULES[0](self, node, top=top, targets=targets)

    def write_all(self, nodes: Sequence[exp.Expr]) -> list[str]:
        return [self.write(node) for node in nodes]

    @contextmanager
    def inside(self, level: Level | None) -> Iterator[Level | None]:
        before = self.level
        self.level = level
        try:
            yield level
        finally:
            self.level = before

    @contextmanager
    def inside_view(self, owner: str, text: str) -> Iterator[Syntax]:
        """Write the query of a view in the place of its name: it knows nothing of what is around it."""
        before = replace(self)
        self.syntax = read(text)
        self.schema = owner
        self.scope = self.scope.of_owner(owner) if self.scope is not None else None
        self.level, self.access, self.in_view = None, None, True
        self.asked, self.uses = {}, {}
        try:
            yield self.syntax
        finally:
            for name in (
                "syntax",
                "schema",
                "scope",
                "level",
                "access",
                "in_view",
                "asked",
                "uses",
            ):
                setattr(self, name, getattr(before, name))

    # ---- inputs ----

    def write_bind(self, bind: Bind) -> str:
        if not self.binds_allowed:
            raise OraError(1027, "bind variables not allowed for data definition operations")
        index = int(bind.args["index"])
        type_ = self.bind_types[index] if index < len(self.bind_types) else None
        return self._new_input(Placeholder(index, str(bind.this)), type_)

    def type_of_bind(self, bind: Bind) -> SqlType | None:
        index = int(bind.args["index"])
        return self.bind_types[index] if index < len(self.bind_types) else None

    def write_expression(self, text: str, type_: SqlType | None) -> str:
        """PL/SQL that is evaluated before the statement; the same text once.

        Text is an exception: PostgreSQL gives each of its appearances a type of its own.
        """
        wanted = Expression(text)
        if wanted in self.inputs and type_ is not None and type_.name in BIND_CASTS:
            return self._input(self.inputs.index(wanted), type_)
        return self._new_input(wanted, type_)

    def _new_input(self, input_: Input, type_: SqlType | None) -> str:
        self.inputs.append(input_)
        self.types.append(type_)
        return self._input(len(self.inputs) - 1, type_)

    def _input(self, index: int, type_: SqlType | None) -> str:
        cast = BIND_CASTS.get(type_.name) if type_ is not None else None
        return f"${index + 1}::{cast}" if cast else f"${index + 1}"

    # ---- PL/SQL names ----

    def variable(self, parts: tuple[str, ...]) -> SqlType | None:
        if self.scope is None:
            return None
        answer = self.scope.variable(parts)
        self.asked[AskedVariable(parts, answer)] = None
        return answer

    def function(self, parts: tuple[str, ...]) -> SqlType | bool:
        if self.scope is None:
            return False
        answer = self.scope.function(parts)
        self.asked[AskedFunction(parts, answer)] = None
        return answer

    def call(
        self,
        parts: tuple[str, ...],
        names: tuple[str | None, ...],
        types: tuple[SqlType | None, ...],
    ) -> Call | None:
        answer = self.scope.call(parts, names, types) if self.scope is not None else None
        self.asked[AskedCall(parts, names, types, answer)] = None
        return answer

    def write_rows(self, text: str) -> tuple[str, tuple[tuple[str, SqlType], ...]]:
        """A collection that PL/SQL gives, as JSON, and the columns of its rows."""
        if self.scope is None:
            raise OraError(22905, "cannot access rows from a non-nested table item")
        answer = self.scope.rows(text)
        self.asked[AskedRows(text, answer)] = None
        return f"{self._new_input(Expression(text, rows=True), None)}::jsonb", answer

    def write_answers(self) -> str:
        """The input that knows what PL/SQL functions give for which arguments."""
        wanted = Answers()
        if wanted in self.inputs:
            return self._input(self.inputs.index(wanted), None)
        return self._new_input(wanted, None)

    # ---- the catalogue ----

    def find_relation(self, owner: str | None, name: str) -> Relation | None:
        """A table or view by its own name, by a synonym, or of SYS."""
        found = self.catalog.relation(owner or self.schema, name)
        if found is not None:
            return found
        synonym = self.catalog.synonym(owner or self.schema, name)
        if synonym is None and owner is None:
            synonym = self.catalog.synonym(PUBLIC, name)
        if synonym is not None:
            return self.catalog.relation(synonym.target_owner, synonym.target_name)
        return self.catalog.relation(SYS, name) if owner is None else None

    def find_sequence(self, owner: str | None, name: str) -> SequenceObject | None:
        found = self.catalog.sequence(owner or self.schema, name)
        if found is not None:
            return found
        synonym = self.catalog.synonym(owner or self.schema, name)
        if synonym is None and owner is None:
            synonym = self.catalog.synonym(PUBLIC, name)
        if synonym is not None:
            return self.catalog.sequence(synonym.target_owner, synonym.target_name)
        return None

    # ---- privileges ----

    def use(self, relation: Relation, privilege: str, position: int | None = None) -> None:
        """Say that the statement reads or changes a relation, and see that it may.

        Raises:
            OraError: 942 where it may not even know the relation, 1031.
        """
        self.uses[Use(relation.owner, relation.name, privilege)] = None
        self.require(relation.owner, relation.name, relation.kind.value, privilege, position)

    def use_sequence(self, sequence: SequenceObject, position: int | None) -> None:
        self.require(sequence.owner, sequence.name, "SEQUENCE", "SELECT", position)

    def require(
        self, owner: str, name: str, type_: str, privilege: str, position: int | None = None
    ) -> None:
        """See that the statement may use an object in a way.

        Raises:
            OraError: what Oracle says of an object of the type that is not there, or 1031.
        """
        access = self.access
        if access is None or access.may(owner, name, type_, privilege):
            return
        if access.sees(owner, name, type_):
            raise OraError(1031, "insufficient privileges", position=position)
        code, text = MISSING.get(type_, MISSING["TABLE"])
        raise OraError(code, text.format(name), position=position)

    def require_system(
        self, privilege: str, owner: str | None = None, position: int | None = None
    ) -> None:
        """See that the statement has a system privilege.

        Args:
            privilege: 'CREATE TABLE'.
            owner: for what is done in a schema: in another's, it has to be the ANY privilege.
            position: for the error.

        Raises:
            OraError: 1031.
        """
        access = self.access
        if access is None:
            return
        verb, _, what = privilege.partition(" ")
        if (access.user == owner or owner is None) and access.has(privilege):
            return
        if owner is not None and owner != SYS and access.has(f"{verb} ANY {what}"):
            return
        raise OraError(1031, "insufficient privileges", position=position)


#: What is said of an object that is not there, by its type.
MISSING = {
    "TABLE": (942, "table or view does not exist"),
    "SEQUENCE": (2289, "sequence does not exist"),
    "INDEX": (1418, "specified index does not exist"),
    "PACKAGE": (4043, "object {} does not exist"),
    "PROCEDURE": (4043, "object {} does not exist"),
    "FUNCTION": (4043, "object {} does not exist"),
    "TYPE": (4043, "object {} does not exist"),
}

_FEATURES: dict[type[exp.Expr], str] = {
    exp.Pivot: "PIVOT",
    exp.MatchRecognize: "MATCH_RECOGNIZE",
    exp.TableSample: "SAMPLE",
    exp.Version: "flashback query",
    exp.Connect: "CONNECT BY",
    exp.Prior: "PRIOR",
    exp.ConnectByRoot: "CONNECT_BY_ROOT",
    exp.Lateral: "LATERAL",
    exp.IgnoreNulls: "IGNORE NULLS",
}


def feature_name(node: exp.Expr) -> str:
    """What a person would call it."""
    if isinstance(node, exp.Anonymous):
        return f"function {node.name.upper()}"
    return _FEATURES.get(type(node), node.key.upper())
