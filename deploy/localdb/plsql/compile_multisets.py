"""Expressions of nested tables as multisets."""

from __future__ import annotations

from deploy.localdb.plsql import multisets
from deploy.localdb.plsql.resolver import Code, Resolver
from deploy.localdb.plsql.scopes import Frame, Run
from deploy.localdb.plsql.syntax import Unary
from deploy.localdb.plsql.types import (
    BOOLEAN,
    PLS_INTEGER,
    CollectionType,
    RecordType,
    Type,
    cost,
)


def is_multiset(type_: Type) -> bool:
    """Whether it is a nested table of scalars."""
    return (
        isinstance(type_, CollectionType)
        and not type_.is_indexed
        and type_.limit is None
        and not isinstance(type_.element, RecordType)
    )


class MultisetCompiler(Resolver):
    """Operators, conditions and functions of nested tables."""

    def converted(self, code: Code, type_: Type, at: int) -> Run:
        raise NotImplementedError

    def multiset_operation(self, operator: str, left: Code, right: Code, at: int) -> Code:
        """An operator between nested tables, or between an element and one."""
        of = right.type
        if not isinstance(of, CollectionType) or not is_multiset(of):
            return self._refuse(operator, at)
        is_member = operator == "MEMBER"
        if (cost(left.type, of.element) is None) if is_member else (left.type is not of):
            return self._refuse(operator, at)
        one, other = left.run, right.run
        match operator:
            case "MEMBER":
                one = self.converted(left, of.element, at)
                return Code(lambda f: multisets.is_member(one(f), other(f)), BOOLEAN)
            case "SUBMULTISET":
                return Code(lambda f: multisets.is_submultiset(one(f), other(f)), BOOLEAN)
        return Code(lambda f: multisets.combine(operator, one(f), other(f)), of)

    def multiset_test(self, node: Unary) -> Code:
        code = self.expression(node.operand)
        of = code.type
        if not isinstance(of, CollectionType) or of.is_indexed:
            return self._refuse(node.operator, node.at)
        run = code.run
        if node.operator == "IS A SET":
            return Code(lambda f: multisets.is_set(run(f)), BOOLEAN)

        def is_empty(f: Frame) -> bool | None:
            found = run(f)
            return None if found is None else not len(found)

        return Code(is_empty, BOOLEAN)

    def multiset_comparison(self, operator: str, left: Code, right: Code) -> Code:
        """`=` or `<>` of two nested tables of one type."""
        one, other = left.run, right.run

        def compare(f: Frame) -> bool | None:
            equal = multisets.are_equal(one(f), other(f))
            return equal if equal is None or operator == "=" else not equal

        return Code(compare, BOOLEAN)

    def multiset_function(self, name: str, codes: list[Code], at: int) -> Code:
        """SET or CARDINALITY."""
        if len(codes) != 1 or not is_multiset(codes[0].type):
            return self._refuse(name, at)
        run = codes[0].run
        if name == "SET":
            return Code(lambda f: multisets.as_set(run(f)), codes[0].type)
        return Code(lambda f: multisets.cardinality(run(f)), PLS_INTEGER)

    def _refuse(self, name: str, at: int) -> Code:
        name = name.removesuffix(" DISTINCT")
        return self.fail(f"PLS-00306: wrong number or types of arguments in call to '{name}'", at)
