"""Calls: which subprogram is meant, its arguments in and out; constructors, methods, STANDARD."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from time import perf_counter as clock
from typing import TYPE_CHECKING, Any

from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.plsql.builtins.registry import FUNCTIONS, IMPLEMENTATIONS
from deploy.localdb.plsql.compile_expressions import family, is_unknown, start, unified
from deploy.localdb.plsql.compile_targets import Target, TargetCompiler, null_collection
from deploy.localdb.plsql.exceptions import sqlerrm, value_error
from deploy.localdb.plsql.resolver import (
    Code,
    Denoted,
    Method,
    ObjectMethod,
    SequenceValue,
    Standard,
)
from deploy.localdb.plsql.scopes import (
    FIRST,
    RESULT,
    SESSION,
    Formal,
    Frame,
    NamedSubprogram,
    NamedType,
    Overloads,
    PlaceholderVariable,
    Run,
    Scope,
    Store,
    Variable,
)
from deploy.localdb.plsql.standard import (
    BOOLEAN_FUNCTIONS,
    BY_SQL,
    OF_ARGUMENTS,
    OF_FIRST,
    RESULTS,
    SQL_ONLY,
    TEXT_FUNCTIONS,
)
from deploy.localdb.plsql.syntax import (
    Apply,
    Argument,
    Expression,
    Member,
    Name,
    ParameterMode,
    Placeholder,
)
from deploy.localdb.plsql.types import (
    BOOLEAN,
    NULL,
    PLS_INTEGER,
    UNKNOWN,
    VARCHAR2,
    CollectionType,
    Family,
    ObjectType,
    RecordType,
    ScalarType,
    Type,
    cost,
    to_sql,
)
from deploy.localdb.plsql.values import Collection, Record, Ref
from deploy.localdb.rights import owner_rights
from deploy.localdb.values import Value

if TYPE_CHECKING:
    from deploy.localdb.plsql.compiled import Program
    from deploy.localdb.plsql.interpreter import Interpreter

#: Calls inside calls; Oracle's limit is the memory of the process.
MOST_CALLS = 1000
_CALLS_A_TURN = 64
_LOWEST_ERROR, _HIGHEST_ERROR = -20999, -20000
_NAMELESS = "PLS-00306: wrong number or types of arguments in call to '{}'"


@dataclass(eq=False)
class Passing:
    """How the arguments of a call are handed over.

    Attributes:
        values: place in the new frame, and what gives the value in the caller's frame.
        defaults: place, and what gives the value in the frame around the called subprogram.
        blanks: places and types of OUT parameters.
        results: places, and what stores them.
    """

    values: list[tuple[int, Run]]
    defaults: list[tuple[int, Run]]
    blanks: list[tuple[int, Type]]
    results: list[tuple[int, Store]]


def storage_error() -> OraError:
    return OraError(6500, "PL/SQL: storage error")


class CallCompiler(TargetCompiler):
    """Everything that is written with brackets."""

    def __init__(self, session: Interpreter, program: Program, scope: Scope) -> None:
        super().__init__(session, program, scope)
        #: Arguments that were compiled when the subprogram was chosen.
        self._ready: dict[Expression, Code] = {}

    def apply(self, node: Apply) -> Code:
        base = node.base
        if not isinstance(base, Name | Member):
            return self._indexed(self.expression(base), node)
        denoted = self.denote(base)
        match denoted:
            case Overloads():
                return self.call(denoted, node.arguments, node, function=True)
            case Standard():
                return self.standard_call(denoted.name, node.arguments, node)
            case Method():
                return self.method_value(denoted, node.arguments, node)
            case ObjectMethod(object_, overloads):
                arguments = [Argument(None, object_), *node.arguments]
                return self.call(overloads, arguments, node, function=True)
            case NamedType():
                return self._construct(denoted.type, node)
            case Variable() | Code() | PlaceholderVariable():
                return self._indexed(self.value_of(denoted, base), node)
            case _:
                return self.value_of(denoted, base)

    def _indexed(self, base: Code, node: Apply) -> Code:
        if isinstance(base.type, CollectionType):
            return self.element(base, node)
        if is_unknown(base.type):
            return self.fail("PLS-00382: expression is of wrong type", start(node))
        name = node.base.name if isinstance(node.base, Name | Member) else "?"
        return self.fail(
            f"PLS-00224: object '{name}' must be of type function or array to be used this way",
            start(node),
        )

    # ---- which one ----

    def procedure_call(self, node: Expression) -> Run:
        """A call that stands as a statement."""
        base, arguments = (node.base, node.arguments) if isinstance(node, Apply) else (node, [])
        at = start(node)
        if not isinstance(base, Name | Member):
            self.fail("PLS-00221: this is not a procedure or is undefined", at)
        denoted: Denoted = self.denote(base)
        match denoted:
            case Standard(name="RAISE_APPLICATION_ERROR"):
                return self._raise_application_error(arguments, at)
            case Overloads():
                return self.call(denoted, arguments, node, function=False).run
            case Method():
                return self._method_statement(denoted, arguments, node)
            case ObjectMethod(object_, overloads):
                arguments = [Argument(None, object_), *arguments]
                return self.call(overloads, arguments, node, function=False).run
            case _:
                return self.fail(f"PLS-00221: '{base.name}' is not a procedure or is undefined", at)

    def call(
        self, overloads: Overloads, arguments: list[Argument], node: Expression, *, function: bool
    ) -> Code:
        at = start(node)
        members = [m for m in overloads.members if (m.returns is not None) is function]
        if not members:
            if function:
                self.fail(
                    f"PLS-00222: no function with name '{overloads.name}' exists in this scope", at
                )
            self.fail(f"PLS-00221: '{overloads.name}' is not a procedure or is undefined", at)
        types = [self._argument_type(argument) for argument in arguments]
        chosen = self._choose(members, arguments, types, at)
        if chosen is None:
            found = self._indexed_result(members, arguments, node)
            if found is not None:
                return found
            self.fail(_NAMELESS.format(overloads.name), at)
        member, aligned = chosen
        if member.system is not None:
            return Code(self._system_call(member, aligned, at), member.returns or NULL)
        passing = self._passing(member, aligned)
        return Code(self._invocation(member, passing, at), member.returns or NULL)

    def _argument_type(self, argument: Argument) -> Type:
        if argument.key is not None:
            self.fail("PLS-00306: wrong number or types of arguments", start(argument.value))
        if isinstance(argument.value, Placeholder):
            found = self.scope.find(f":{argument.value.name}")
            return found.type if isinstance(found, PlaceholderVariable) else UNKNOWN
        code = self._ready[argument.value] = self.expression(argument.value)
        return code.type

    def _ready_type(self, node: Expression) -> Type:
        code = self._ready.get(node)
        return UNKNOWN if code is None else code.type

    def _ready_expression(self, node: Expression) -> Code:
        code = self._ready.pop(node, None)
        return self.expression(node) if code is None else code

    def _choose(
        self,
        members: Sequence[NamedSubprogram],
        arguments: list[Argument],
        types: list[Type],
        at: int,
    ) -> tuple[NamedSubprogram, list[Expression | None]] | None:
        """The subprogram that fits best, and its arguments in the order of the formals.

        Raises:
            Failure: PLS-00307, several fit alike.
        """
        best: tuple[int, NamedSubprogram, list[Expression | None]] | None = None
        is_tie = False
        for member in members:
            aligned = align_arguments(member.formals, arguments)
            if aligned is None:
                continue
            total = 0
            for formal, index in zip(member.formals, aligned, strict=True):
                if index is None:
                    continue
                price = self._price(formal, types[index])
                if price is None:
                    break
                total += price
            else:
                is_tie = best is not None and total == best[0]
                if best is None or total < best[0]:
                    values = [None if i is None else arguments[i].value for i in aligned]
                    best = total, member, values
        if is_tie and not any(type_ is UNKNOWN for type_ in types):
            self.fail(
                f"PLS-00307: too many declarations of '{members[0].name}' match this call", at
            )
        return None if best is None else (best[1], best[2])

    @staticmethod
    def _price(formal: Formal, actual: Type) -> int | None:
        forward = cost(actual, formal.type)
        if formal.mode is ParameterMode.IN:
            return forward
        backward = cost(formal.type, actual)
        if formal.mode is ParameterMode.OUT:
            return backward
        return None if forward is None else backward

    def _indexed_result(
        self, members: Sequence[NamedSubprogram], arguments: list[Argument], node: Expression
    ) -> Code | None:
        """`f(i)` where f wants no argument and returns a collection."""
        if not isinstance(node, Apply) or len(arguments) != 1:
            return None
        for member in members:
            if isinstance(member.returns, CollectionType) and all(
                formal.default is not None for formal in member.formals
            ):
                base = self.call(Overloads(member.name, [member]), [], node.base, function=True)
                return self.element(base, node)
        return None

    # ---- arguments ----

    def _passing(self, member: NamedSubprogram, aligned: list[Expression | None]) -> Passing:
        passing = Passing([], [], [], [])
        for place, (formal, node) in enumerate(zip(member.formals, aligned, strict=True), FIRST):
            if node is None:
                if formal.default is not None:
                    passing.defaults.append((place, formal.default))
                continue
            if formal.mode is ParameterMode.IN:
                passing.values.append((place, self._value_in(formal, node)))
                continue
            target = self._argument_target(node)
            if formal.mode is ParameterMode.OUT:
                passing.blanks.append((place, formal.type))
            else:
                passing.values.append((place, self._value_in_out(formal, node)))
            passing.results.append((place, self.receiver(target, formal.type)))
        return passing

    def _argument_target(self, node: Expression) -> Target:
        return self.target(node)

    def _value_in(self, formal: Formal, node: Expression) -> Run:
        code = self._ready_expression(node)
        if not isinstance(formal.type, ScalarType) and code.type is formal.type:
            # It cannot be changed there, so it needs no copy.
            return code.run
        return self.converted(code, formal.type, start(node))

    def _value_in_out(self, formal: Formal, node: Expression) -> Run:
        code = (
            self.expression(node)
            if isinstance(node, Placeholder) or not formal.by_reference
            else self.changeable(node)
            if isinstance(node, Name | Member | Apply)
            else self.expression(node)
        )
        if formal.by_reference and code.type is formal.type:
            return code.run
        return self.converted(code, formal.type, start(node))

    # ---- the call ----

    def _invocation(self, member: NamedSubprogram, passing: Passing, at: int) -> Run:
        """What runs a subprogram of PL/SQL."""
        values, defaults = passing.values, passing.defaults
        blanks, results = passing.blanks, passing.results
        find = self._finder(member, at)
        owner = member.unit[0] if member.unit is not None and self._is_foreign(member) else None
        invoker = member.properties.get("AUTHID") == "CURRENT_USER"
        switches = owner is not None and not invoker
        granted = owner_rights(owner or "")

        def invoke(f: Frame) -> Value:
            session = f[SESSION]
            around, routine = find(f)
            frame = [around, session, *routine.blank]
            for place, run in values:
                frame[place] = run(f)
            for place, run in defaults:
                frame[place] = run(around)
            for place, type_ in blanks:
                frame[place] = type_.initial(session)
            session.depth += 1
            if session.depth > MOST_CALLS:
                session.depth -= 1
                raise storage_error()
            session.calls += 1
            if not session.calls % _CALLS_A_TURN:
                session.host.turn()
            if switches:
                host = session.host
                schema, rights = host.current_schema, host.rights
                host.current_schema = owner
                host.rights = granted
                try:
                    routine.run(frame)
                finally:
                    host.current_schema = schema
                    host.rights = rights
                    session.depth -= 1
            else:
                try:
                    routine.run(frame)
                finally:
                    session.depth -= 1
            for place, store in results:
                store(f, frame[place])
            return frame[RESULT]

        return invoke

    def _is_foreign(self, member: NamedSubprogram) -> bool:
        return member.routine is None or member.unit != self.program.unit

    def _finder(self, member: NamedSubprogram, at: int) -> Callable[[Frame], tuple[Frame, Any]]:
        """Gives the frame around a subprogram, and the Routine."""
        routine = member.routine
        if routine is not None and (member.unit is None or member.unit == self.program.unit):
            around = self.frame_reader(member.shape, at)
            if self.hops(member.shape) == 0:
                return lambda f: (f, routine)
            return lambda f: (around(f), routine)
        key, index, name = member.unit, member.index, member.name
        assert key is not None

        def foreign(f: Frame) -> tuple[Frame, Any]:
            instance = f[SESSION].instance(key)
            found = instance.routines[index]
            if found is None or found.run is None:
                raise OraError(
                    6508, f'PL/SQL: could not find program unit being called: "{key[0]}.{name}"'
                )
            return instance.frame, found

        return foreign

    def _system_call(
        self, member: NamedSubprogram, aligned: list[Expression | None], at: int
    ) -> Run:
        """A call of Python."""
        system, key = member.system, member.unit
        assert system is not None
        assert key is not None
        function = IMPLEMENTATIONS.get(system)
        if function is None:

            def refuse(f: Frame) -> Value:
                raise Unsupported(system)

            return refuse
        values: list[tuple[str, Any, Run]] = []
        defaults: list[tuple[str, Any, Run]] = []
        blanks: list[tuple[str, Any, Type]] = []
        results: list[tuple[str, Store]] = []
        for formal, node in zip(member.formals, aligned, strict=True):
            name = formal.name.lower()
            type_ = formal.type
            if type_ is UNKNOWN and node is not None:
                type_ = self._ready_type(node)
            shown = to_sql(type_) if isinstance(type_, ScalarType) else type_
            if node is None:
                if formal.default is not None:
                    defaults.append((name, shown, formal.default))
                continue
            if formal.mode is ParameterMode.IN:
                values.append((name, shown, self._value_in(formal, node)))
                continue
            target = self._argument_target(node)
            if formal.mode is ParameterMode.OUT:
                blanks.append((name, shown, type_))
            else:
                values.append((name, shown, self._value_in_out(formal, node)))
            results.append((name, self.receiver(target, None)))
        call = function

        def invoke(f: Frame) -> Value:
            session = f[SESSION]
            refs: dict[str, Ref] = {}
            for name, shown, run in values:
                refs[name] = Ref(run(f), shown)
            if defaults:
                around = session.instance(key).frame
                for name, shown, run in defaults:
                    refs[name] = Ref(run(around), shown)
            for name, shown, type_ in blanks:
                refs[name] = Ref(type_.initial(session), shown)
            host = session.host
            value = call(host, **refs)
            if clock() > host.deadline:
                host.turn()
            for name, store in results:
                store(f, refs[name].value)
            return value

        return invoke

    # ---- STANDARD ----

    def standard_call(self, name: str, arguments: list[Argument], node: Expression) -> Code:
        at = start(node)
        if any(argument.name is not None for argument in arguments):
            arguments = [Argument(None, a.value) for a in arguments]
        codes = [self.expression(argument.value) for argument in arguments]
        match name:
            case "SQLCODE":
                return Code(lambda f: f[SESSION].sqlcode(), PLS_INTEGER)
            case "SQLERRM":
                return self._sqlerrm(codes, at)
            case "COALESCE":
                if not codes:
                    self.fail(_NAMELESS.format(name), at)
                return self._coalesce(codes)
            case "SET" | "CARDINALITY":
                return self.multiset_function(name, codes, at)
            case "RAISE_APPLICATION_ERROR":
                self.fail(f"PLS-00222: no function with name '{name}' exists in this scope", at)
        if name in SQL_ONLY:
            self.fail(
                f"PLS-00204: function or pseudo-column '{name}' may be used inside a SQL"
                " statement only",
                at,
            )
        if name in BY_SQL:
            return self._by_sql(name, codes, at)
        function = FUNCTIONS[name]
        if not _takes(function, len(codes)):
            self.fail(_NAMELESS.format(name), at)
        for code in codes:
            fits = isinstance(code.type, ScalarType) and (
                code.type.family is not Family.BOOLEAN or name in ("NVL", "NULLIF")
            )
            if not fits and name not in OF_ARGUMENTS:
                self.fail(_NAMELESS.format(name), at)
        return Code(_standard_run(function, [code.run for code in codes]), _result(name, codes))

    def _sqlerrm(self, codes: list[Code], at: int) -> Code:
        if not codes:
            return Code(lambda f: f[SESSION].sqlerrm(), VARCHAR2)
        if len(codes) != 1:
            self.fail(_NAMELESS.format("SQLERRM"), at)
        run = self.converted(codes[0], PLS_INTEGER, at)

        def message(f: Frame) -> Value:
            number = run(f)
            return f[SESSION].sqlerrm() if number is None else sqlerrm(number)

        return Code(message, VARCHAR2)

    def _coalesce(self, codes: list[Code]) -> Code:
        runs = [code.run for code in codes]

        def first(f: Frame) -> Value:
            for run in runs:
                value = run(f)
                if value is not None:
                    return value
            return None

        return Code(first, unified([code.type for code in codes]))

    def _by_sql(self, name: str, codes: list[Code], at: int) -> Code:
        binds = ", ".join(f":{number}" for number in range(1, len(codes) + 1))
        text = f"select {name}({binds}) from dual"
        types = [to_sql(code.type) for code in codes]
        runs = [code.run for code in codes]
        return Code(
            lambda f: f[SESSION].evaluate_sql(text, types, [run(f) for run in runs]), UNKNOWN
        )

    def sequence_value(self, value: SequenceValue, at: int) -> Code:
        schema = self.program.schema
        whole = f"select {value.text} from dual"
        return Code(
            lambda f: f[SESSION].evaluate_sql(whole, [], [], schema),
            RESULTS["TO_NUMBER"],
        )

    def _raise_application_error(self, arguments: list[Argument], at: int) -> Run:
        if not 2 <= len(arguments) <= 3:
            self.fail(_NAMELESS.format("RAISE_APPLICATION_ERROR"), at)
        named = {argument.name: argument for argument in arguments if argument.name}
        order = [named.get(n) for n in ("NUM", "MSG", "KEEPERRORSTACK")]
        for position, argument in enumerate(a for a in arguments if not a.name):
            order[position] = argument
        if order[0] is None or order[1] is None:
            self.fail(_NAMELESS.format("RAISE_APPLICATION_ERROR"), at)
        number = self.converted(self.expression(order[0].value), PLS_INTEGER, at)
        text = self.converted(self.expression(order[1].value), VARCHAR2, at)
        keep = self.condition(order[2].value) if order[2] is not None else lambda f: False

        def fail(f: Frame) -> None:
            code = number(f)
            if code is None or not _LOWEST_ERROR <= code <= _HIGHEST_ERROR:
                raise OraError(
                    21000,
                    f"error number argument to raise_application_error of {code} is out of range",
                )
            raise f[SESSION].application_error(-code, (text(f) or "")[:2048], keep(f) is True)

        return fail

    # ---- constructors ----

    def _construct(self, type_: Type, node: Apply) -> Code:
        if isinstance(type_, CollectionType):
            return self._construct_collection(type_, node)
        if isinstance(type_, RecordType):
            return self._construct_record(type_, node)
        if isinstance(type_, ObjectType):
            constructors = self.object_member(type_, "CONSTRUCT", node)
            return self.call(constructors, node.arguments, node, function=True)
        return self.fail("PLS-00330: invalid use of type name or subtype name", start(node))

    def _construct_collection(self, type_: CollectionType, node: Apply) -> Code:
        pairs: list[tuple[Run | None, Run]] = []
        for argument in node.arguments:
            value = self.converted(
                self.expression(argument.value), type_.element, start(argument.value)
            )
            key_node = argument.key
            if argument.name is not None:
                key_node = Name(argument.name, start(argument.value))
            key = None
            if key_node is not None:
                key = self.converted(
                    self.expression(key_node), type_.key or PLS_INTEGER, start(argument.value)
                )
            elif type_.is_indexed:
                self.fail(_NAMELESS.format(type_.name), start(node))
            pairs.append((key, value))
        limit = type_.limit
        if type_.is_indexed:

            def indexed(f: Frame) -> Collection:
                made = Collection(type_)
                for key, value in pairs:
                    assert key is not None
                    made.set(key(f), value(f))
                return made

            return Code(indexed, type_)

        def construct(f: Frame) -> Collection:
            if limit is not None and len(pairs) > limit:
                raise OraError(6532, "Subscript outside of limit")
            return Collection.of(type_, [value(f) for _, value in pairs])

        return Code(construct, type_)

    def _construct_record(self, type_: RecordType, node: Apply) -> Code:
        parts: list[tuple[int, Run]] = []
        for position, argument in enumerate(node.arguments):
            index = type_.index.get(argument.name) if argument.name else position
            if index is None or index >= len(type_.fields):
                self.fail(_NAMELESS.format(type_.name), start(node))
            value = self.expression(argument.value)
            field = type_.fields[index]
            parts.append((index, self.converted(value, field.type, start(argument.value))))

        def construct(f: Frame) -> Record:
            made = type_.initial(f[SESSION])
            for index, run in parts:
                made.values[index] = run(f)
            return made

        return Code(construct, type_)

    # ---- methods of collections ----

    def method_value(self, method: Method, arguments: list[Argument], node: Expression) -> Code:
        type_ = method.base.type
        assert isinstance(type_, CollectionType)
        collection, name = method.base.run, method.name
        key_type = type_.key or PLS_INTEGER
        runs = [
            self.converted(self.expression(a.value), key_type, start(a.value)) for a in arguments
        ]
        wanted = 1 if name in ("EXISTS", "PRIOR", "NEXT") else 0
        if name not in ("COUNT", "FIRST", "LAST", "LIMIT", "EXISTS", "PRIOR", "NEXT"):
            self.fail(f"PLS-00302: component '{name}' must be declared", start(node))
        if len(runs) != wanted:
            self.fail(_NAMELESS.format(name), start(node))

        def of(f: Frame) -> Collection:
            found: Collection | None = collection(f)
            if found is None:
                raise null_collection()
            return found

        match name:
            case "COUNT":
                return Code(lambda f: len(of(f).items), PLS_INTEGER)
            case "FIRST":
                return Code(lambda f: of(f).first, key_type)
            case "LAST":
                return Code(lambda f: of(f).last, key_type)
            case "LIMIT":
                return Code(lambda f: of(f).type.limit, PLS_INTEGER)
        argument = runs[0]
        match name:
            case "EXISTS":

                def exists(f: Frame) -> bool:
                    found = collection(f)
                    return found is not None and argument(f) in found.items

                return Code(exists, BOOLEAN)
            case "PRIOR":
                return Code(lambda f: of(f).prior(argument(f)), key_type)
        return Code(lambda f: of(f).next(argument(f)), key_type)

    def _method_statement(self, method: Method, arguments: list[Argument], node: Expression) -> Run:
        base = self.changeable(method.collection)
        type_ = base.type
        assert isinstance(type_, CollectionType)
        name, collection = method.name, base.run
        if name not in ("DELETE", "EXTEND", "TRIM"):
            self.fail(f"PLS-00221: '{name}' is not a procedure or is undefined", start(node))
        if name != "DELETE" and type_.is_indexed:
            self.fail(_NAMELESS.format(name), start(node))
        key_type = type_.key or PLS_INTEGER if name == "DELETE" else PLS_INTEGER
        runs = [
            self.converted(self.expression(a.value), key_type, start(a.value)) for a in arguments
        ]
        if len(runs) > (1 if name == "TRIM" else 2):
            self.fail(_NAMELESS.format(name), start(node))

        def change(f: Frame) -> None:
            found: Collection | None = collection(f)
            if found is None:
                raise null_collection()
            values = [run(f) for run in runs]
            match name:
                case "DELETE" if not values:
                    found.clear()
                case "DELETE":
                    found.delete(values[0], values[-1])
                case "TRIM":
                    found.trim(*values)
                case _ if len(values) == 2:
                    found.extend(values[0], found.get(values[1]))
                case _:
                    found.extend(values[0] if values else 1, type_.element.initial(f[SESSION]))

        return change


def align_arguments(
    formals: Sequence[Formal], arguments: list[Argument]
) -> list[int | None] | None:
    """For each formal the index of its argument, None: its default; None as a whole: no fit."""
    aligned: list[int | None] = [None] * len(formals)
    by_name = {formal.name: number for number, formal in enumerate(formals)}
    named = False
    for index, argument in enumerate(arguments):
        if argument.name is None:
            if named or index >= len(formals):
                return None
            aligned[index] = index
            continue
        named = True
        place = by_name.get(argument.name)
        if place is None or aligned[place] is not None:
            return None
        aligned[place] = index
    for formal, index_ in zip(formals, aligned, strict=True):
        if index_ is None and formal.default is None:
            return None
    return aligned


@cache
def _takes(function: Callable[..., Value], count: int) -> bool:
    """Whether a function of STANDARD can be called with so many arguments."""
    try:
        inspect.signature(function).bind(None, *([None] * count))
    except TypeError:
        return False
    return True


def _standard_run(function: Callable[..., Value], runs: list[Run]) -> Run:
    """Calls a function; text that is no number is ORA-06502 in PL/SQL."""

    def call(f: Frame) -> Value:
        host = f[SESSION].host
        try:
            value = function(host, *[run(f) for run in runs])
        except OraError as error:
            if error.code == 1722:
                raise value_error("character to number conversion error") from None
            raise
        if clock() > host.deadline:
            host.turn()
        return value

    return call


def _result(name: str, codes: list[Code]) -> Type:
    if name in RESULTS:
        return RESULTS[name]
    if name in TEXT_FUNCTIONS:
        return UNKNOWN if any(family(c.type) is Family.LOB for c in codes) else VARCHAR2
    if name in BOOLEAN_FUNCTIONS:
        return BOOLEAN
    if name in OF_ARGUMENTS:
        type_ = unified([code.type for code in codes])
        return _plain(type_)
    if name in OF_FIRST:
        first = _plain(codes[0].type)
        return RESULTS["SYSDATE"] if _is_date(first) else first
    return UNKNOWN


def _is_date(type_: Type) -> bool:
    return family(type_) in (Family.DATE, Family.TIMESTAMP, Family.TIMESTAMP_TZ)


def _plain(type_: Type) -> Type:
    """A type without the bounds of a variable."""
    match family(type_):
        case Family.NUMBER | Family.INTEGER:
            return RESULTS["TO_NUMBER"]
        case Family.TEXT:
            return VARCHAR2
        case _:
            return type_
