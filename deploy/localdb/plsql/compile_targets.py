"""Where a value can be put: variables, fields, elements, placeholders."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from deploy.localdb.errors import OraError
from deploy.localdb.plsql.compile_expressions import ExpressionCompiler, is_unknown, start
from deploy.localdb.plsql.conversion import converter
from deploy.localdb.plsql.exceptions import FailureAlone, value_error
from deploy.localdb.plsql.resolver import Code, dotted
from deploy.localdb.plsql.scopes import (
    SESSION,
    Frame,
    PlaceholderVariable,
    Run,
    Store,
    Variable,
)
from deploy.localdb.plsql.syntax import Apply, Expression, Literal, Member, Name, Placeholder
from deploy.localdb.plsql.types import (
    PLS_INTEGER,
    ArrayBind,
    CollectionType,
    RecordType,
    Type,
)
from deploy.localdb.plsql.values import Cell, Collection
from deploy.localdb.values import Value

#: Values whose length the client's buffer bounds.
_SIZED = (str, bytes)


class Target:
    """Something that can be assigned; store puts a value there that is of its type already."""

    __slots__ = ("place", "store", "type")

    def __init__(self, type: Type, store: Store, place: int | None = None) -> None:
        self.type = type
        self.store = store
        self.place = place


def null_collection() -> OraError:
    return OraError(6531, "Reference to uninitialized collection")


class TargetCompiler(ExpressionCompiler):
    """Targets and elements of collections."""

    def target(self, node: Expression) -> Target:
        """What can be assigned.

        Raises:
            Failure: PLS-00363, it cannot.
        """
        match node:
            case Placeholder():
                found = self.scope.find(f":{node.name}")
                if not isinstance(found, PlaceholderVariable):
                    raise FailureAlone(f"PLS-00049: bad bind variable '{node.name}'", node.at)
                return self._placeholder_target(found, node.at)
            case Name():
                return self._variable_target(node)
            case Member():
                return self._member_target(node)
            case Apply():
                return self._element_target(node)
            case _:
                return self._no_target(node)

    def _no_target(self, node: Expression) -> NoReturn:
        if isinstance(node, Literal):
            parts: tuple[str, ...] = ("NULL" if node.value is None else str(node.value),)
        else:
            parts = dotted(node.base if isinstance(node, Apply) else node) or ("?",)
        self.fail(
            f"PLS-00363: expression '{'.'.join(parts)}' cannot be used as an assignment target",
            start(node),
        )

    def _placeholder_target(self, found: PlaceholderVariable, at: int) -> Target:
        found.written = True
        read = self.reader(found.shape, found.place, at)

        def store(f: Frame, value: Value) -> None:
            cell: Cell = read(f)
            size = cell.type.size if cell.type is not None else None
            if size is not None and value.__class__ in _SIZED and len(value) > size:
                raise value_error("character string buffer too small")
            cell.assigned = True
            cell.value = list(value) if isinstance(value, Collection) else value

        return Target(found.type, store)

    def _variable_target(self, node: Name | Member) -> Target:
        found = self.denote(node)
        if isinstance(found, Code):
            return self._field_target(node)
        if not isinstance(found, Variable) or found.read_only is not None:
            self._no_target(node)
        place = found.place if self.hops(found.shape) == 0 else None
        return Target(found.type, self.storer(found.shape, found.place, start(node)), place)

    def _member_target(self, node: Member) -> Target:
        if dotted(node) is not None and not isinstance(self.denote(node), Code):
            return self._variable_target(node)
        return self._field_target(node)

    def _field_target(self, node: Expression) -> Target:
        if not isinstance(node, Member):
            self._no_target(node)
        base = self.changeable(node.base)
        if not isinstance(base.type, RecordType):
            self._no_target(node)
        at = base.type.index.get(node.name)
        if at is None and isinstance(node.base, Placeholder):
            bind = f"{node.base.name}.{node.name}"
            self.fail(f"PLS-00049: bad bind variable '{bind}'", node.base.at)
        if at is None:
            self.fail(f"PLS-00302: component '{node.name}' must be declared", node.at)
        run = base.run

        def store(f: Frame, value: Value) -> None:
            run(f).values[at] = value

        return Target(base.type.fields[at].type, store)

    def _element_target(self, node: Apply) -> Target:
        base = self.changeable(node.base)
        if not isinstance(base.type, CollectionType):
            if isinstance(node.base, Name | Member) and not is_unknown(base.type):
                self.fail(
                    f"PLS-00224: object '{node.base.name}' must be of type function or array to be"
                    " used this way",
                    start(node),
                )
            self._no_target(node)
        collection, key = base.run, self.key(base.type, node)

        def store(f: Frame, value: Value) -> None:
            into = collection(f)
            if into is None:
                raise null_collection()
            into.set(key(f), value)

        return Target(base.type.element, store)

    def changeable(self, node: Expression) -> Code:
        """A record or collection that is about to be changed: elements on the way are made."""
        match node:
            case Apply():
                base = self.changeable(node.base)
                if not isinstance(base.type, CollectionType):
                    return self.expression(node)
                return Code(self._made(base, node), base.type.element)
            case Member() if not (dotted(node) is not None and self._is_variable(node)):
                base = self.changeable(node.base)
                if not isinstance(base.type, RecordType):
                    self._no_target(node)
                at = base.type.index.get(node.name)
                if at is None:
                    self.fail(f"PLS-00302: component '{node.name}' must be declared", node.at)
                run = base.run
                return Code(lambda f: run(f).values[at], base.type.fields[at].type)
            case Placeholder():
                row = self.scope.find(f":{node.name}")
                if not isinstance(row, Variable):
                    self._no_target(node)
                if row.read_only is not None:
                    self.fail(row.read_only, node.at)
                return self.value_of(row, node)
            case Name() | Member():
                found = self.denote(node)
                if isinstance(found, Variable) and found.read_only is not None:
                    self._no_target(node)
                return self.value_of(found, node)
            case _:
                self._no_target(node)
                raise AssertionError

    def _is_variable(self, node: Member) -> bool:
        return isinstance(self.denote(node), Variable)

    def _made(self, base: Code, node: Apply) -> Run:
        """An element of a collection; an associative array gets it if it is not there."""
        assert isinstance(base.type, CollectionType)
        collection, key, type_ = base.run, self.key(base.type, node), base.type

        def element(f: Frame) -> Value:
            found = collection(f)
            if found is None:
                raise null_collection()
            k = key(f)
            if k not in found.items and type_.is_indexed:
                found.set(k, type_.element.initial(f[SESSION]))
            return found.get(k)

        return element

    def key(self, type_: CollectionType, node: Apply) -> Run:
        """The subscript of an element."""
        arguments = node.arguments
        if len(arguments) != 1 or arguments[0].name is not None:
            self.fail("PLS-00306: wrong number or types of arguments in call to element", node.at)
        code = self.expression(arguments[0].value)
        run = self.converted(code, type_.key or PLS_INTEGER, start(arguments[0].value))
        if code.is_constant and code.value is not None:
            return run

        def checked(f: Frame) -> Value:
            value = run(f)
            if value is None:
                raise value_error("NULL index table key value")
            return value

        return checked

    def element(self, base: Code, node: Apply) -> Code:
        """`collection(subscript)` as a value."""
        type_ = base.type
        assert isinstance(type_, CollectionType)
        collection, key = base.run, self.key(type_, node)

        def element(f: Frame) -> Value:
            found = collection(f)
            if found is None:
                raise null_collection()
            k = key(f)
            try:
                return found.items[k]
            except KeyError:
                return found.get(k)

        return Code(element, type_.element)

    # ---- assignment ----

    def assign(self, target: Target, code: Code, at: int) -> Run:
        """A statement that puts a value into a target."""
        run = self.converted(code, target.type, at)
        place = target.place
        if place is not None:

            def assign_local(f: Frame) -> None:
                f[place] = run(f)

            return assign_local
        store = target.store

        def assign(f: Frame) -> None:
            store(f, run(f))

        return assign

    def receiver(self, target: Target, type_: Type | None) -> Store:
        """Puts a value of a type into a target, converted; type None: not known."""
        store = target.store
        if isinstance(target.type, ArrayBind) or (type_ is not None and type_ == target.type):
            return store
        convert: Callable[..., Value] = converter(target.type)

        def receive(f: Frame, value: Value) -> None:
            store(f, convert(f[SESSION], value))

        return receive
