"""Expressions to closures: each is compiled once to a function of the frame."""

from __future__ import annotations

import datetime

from deploy.localdb.errors import OraError
from deploy.localdb.plsql import multisets, operators
from deploy.localdb.plsql.builtins import date_parsing
from deploy.localdb.plsql.builtins.intervals import parse_day_second, parse_year_month
from deploy.localdb.plsql.builtins.registry import FUNCTIONS
from deploy.localdb.plsql.compile_multisets import MultisetCompiler, is_multiset
from deploy.localdb.plsql.conversion import converter
from deploy.localdb.plsql.exceptions import FailureAlone
from deploy.localdb.plsql.resolver import (
    Code,
    Denoted,
    Method,
    ObjectMethod,
    SequenceValue,
    Standard,
)
from deploy.localdb.plsql.scopes import (
    SESSION,
    Ambiguous,
    Frame,
    NamedCursor,
    NamedException,
    NamedPackage,
    NamedType,
    Overloads,
    PlaceholderVariable,
    Qualifier,
    Run,
    Variable,
)
from deploy.localdb.plsql.syntax import (
    Apply,
    Argument,
    AtTimeZone,
    Attribute,
    Between,
    Binary,
    CaseExpression,
    Convert,
    Expression,
    Extract,
    InList,
    IsNull,
    Like,
    Literal,
    LiteralKind,
    Member,
    Name,
    Placeholder,
    Treat,
    Trim,
    Unary,
)
from deploy.localdb.plsql.types import (
    BOOLEAN,
    CHAR,
    DATE,
    DATETIME,
    DOUBLE,
    INTERVAL_DS,
    INTERVAL_YM,
    NULL,
    NUMBER,
    NUMERIC,
    OBJECT_TYPES,
    PLS_INTEGER,
    SINGLE,
    TIMESTAMP,
    TIMESTAMP_TZ,
    UNKNOWN,
    VARCHAR2,
    CollectionType,
    Family,
    ObjectType,
    RecordType,
    ScalarType,
    Type,
    cost,
)
from deploy.localdb.values import Date, Value
from deploy.localdb.zones import find_zone, settled

#: Of collections.
METHODS = frozenset(
    ("COUNT", "DELETE", "EXISTS", "EXTEND", "FIRST", "LAST", "LIMIT", "NEXT", "PRIOR", "TRIM")
)

_LITERALS: dict[LiteralKind, Type] = {
    LiteralKind.NULL: NULL,
    LiteralKind.NUMBER: NUMBER,
    LiteralKind.INTEGER: PLS_INTEGER,
    LiteralKind.FLOAT: DOUBLE,
    LiteralKind.SINGLE: SINGLE,
    LiteralKind.TEXT: CHAR,
    LiteralKind.BOOLEAN: BOOLEAN,
}
_LOW, _HIGH = -(2**31), 2**31 - 1
_DAY_WORDS = frozenset({"DAY", "HOUR", "MINUTE", "SECOND"})
_METHODS_ALONE = frozenset({"COUNT", "FIRST", "LAST", "LIMIT"})


def _integer_overflow() -> OraError:
    return OraError(1426, "numeric overflow")


def family(type_: Type) -> Family:
    return type_.family if isinstance(type_, ScalarType) else Family.UNKNOWN


def is_unknown(type_: Type) -> bool:
    return isinstance(type_, ScalarType) and type_.family in (Family.UNKNOWN, Family.NULL)


class ExpressionCompiler(MultisetCompiler):
    """Literals, names, operators, CASE."""

    def expression(self, node: Expression) -> Code:
        """Compile an expression.

        Raises:
            Failure: it is wrong.
        """
        match node:
            case Literal():
                return self._literal(node)
            case Name() | Member():
                return self.value_of(self.denote(node), node)
            case Apply():
                return self.apply(node)
            case Attribute():
                return self.attribute(node)
            case Placeholder():
                return self._placeholder(node)
            case Unary():
                return self._unary(node)
            case Binary():
                return self._binary(node)
            case Between():
                return self._between(node)
            case InList():
                return self._in_list(node)
            case Like():
                return self._like(node)
            case IsNull():
                return self._is_null(node)
            case CaseExpression():
                return self._case(node)
            case Convert():
                return self._cast(node)
            case Treat():
                return self._treat(node)
            case Extract():
                return self._extract(node)
            case AtTimeZone():
                return self._at_time_zone(node)
            case Trim():
                return self._trim(node)

    def condition(self, node: Expression) -> Run:
        """An expression that has to be BOOLEAN."""
        code = self.expression(node)
        if not is_unknown(code.type) and family(code.type) is not Family.BOOLEAN:
            self.fail("PLS-00382: expression is of wrong type", start(node))
        return code.run

    def converted(self, code: Code, type_: Type, at: int) -> Run:
        """The value as one of the type, checked.

        Raises:
            Failure: PLS-00382, it has no conversion.
        """
        if cost(code.type, type_) is None:
            self.fail("PLS-00382: expression is of wrong type", at)
        if code.is_constant:
            return self._constant_as(code.value, type_)
        convert = converter(type_)
        run = code.run
        if isinstance(type_, ScalarType):
            fast = _fast_check(run, type_, convert)
            if fast is not None:
                return fast
        return lambda f: convert(f[SESSION], run(f))

    def _constant_as(self, value: Value, type_: Type) -> Run:
        convert = converter(type_)
        if value is None or isinstance(value, int | str | bool):
            mutable = not isinstance(type_, ScalarType) or type_.family in (
                Family.LOB, Family.BINARY_LOB, Family.DATE, Family.TIMESTAMP, Family.TIMESTAMP_TZ
            )  # fmt: skip
            if not mutable:
                try:
                    known = convert(self.session, value)
                except OraError:
                    # It is raised where it is executed.
                    return lambda f: convert(f[SESSION], value)
                return lambda f: known
        return lambda f: convert(f[SESSION], value)

    # ---- leaves ----

    def _literal(self, node: Literal) -> Code:
        value = node.value
        type_ = _LITERALS.get(node.kind)
        try:
            match node.kind:
                case LiteralKind.DATE:
                    value, type_ = date_parsing.to_date(str(value), "YYYY-MM-DD", _TODAY), DATE
                case LiteralKind.TIMESTAMP:
                    value, type_ = self._timestamp(str(value))
                case LiteralKind.INTERVAL:
                    value, type_ = _interval(str(value), node.detail)
        except OraError as error:
            self.fail(f"PL/SQL: {error.text}", node.at)
        assert type_ is not None
        return Code(lambda f: value, type_, is_constant=True, value=value)

    def _timestamp(self, text: str) -> tuple[Value, Type]:
        model = "YYYY-MM-DD HH24:MI:SS.FF" if "." in text else "YYYY-MM-DD HH24:MI:SS"
        clock, *zone = text.strip().split(None, 2)[1:]
        if zone or any(mark in clock for mark in "+-"):
            names = " TZH:TZM" if not zone else " TZR TZD" if " " in zone[0] else " TZR"
            session_zone = self.host.session_time_zone()
            return date_parsing.parse_date(
                text, model + names, _TODAY, zone=session_zone
            ), TIMESTAMP_TZ
        found = date_parsing.parse_date(text, model, _TODAY)
        return datetime.datetime(*found.timetuple()[:6], found.microsecond), TIMESTAMP

    def value_of(self, denoted: Denoted, node: Expression) -> Code:
        """What is denoted, as a value."""
        at = start(node)
        match denoted:
            case Code():
                return denoted
            case Variable():
                return Code(
                    self.reader(denoted.shape, denoted.place, at),
                    denoted.type,
                    place=denoted.place if self.hops(denoted.shape) == 0 else None,
                )
            case PlaceholderVariable():
                return self._placeholder_value(denoted, at)
            case Overloads():
                return self.call(denoted, [], node, function=True)
            case Standard():
                return self.standard_call(denoted.name, [], node)
            case Method():
                return self.method_value(denoted, [], node)
            case ObjectMethod(base, overloads):
                return self.call(overloads, [Argument(None, base)], node, function=True)
            case SequenceValue():
                return self.sequence_value(denoted, at)
            case NamedType(type=ObjectType() as type_):
                # After NEW a constructor needs no brackets.
                constructors = self.object_member(type_, "CONSTRUCT", node)
                return self.call(constructors, [], node, function=True)
            case NamedType():
                return self.fail("PLS-00330: invalid use of type name or subtype name", at)
            case NamedException():
                return self.fail("PLS-00382: expression is of wrong type", at)
            case NamedCursor():
                return self.fail(
                    "PLS-00320: the declaration of the type of this expression is incomplete"
                    " or malformed",
                    at,
                )
            case Ambiguous():
                text = f"PLS-00371: at most one declaration for '{denoted.name}' is permitted"
                return self.fail(text, at)
            case NamedPackage() | Qualifier():
                name = node.name if isinstance(node, Name | Member) else ""
                return self.fail(f"PLS-00221: '{name}' is not a procedure or is undefined", at)

    def _placeholder(self, node: Placeholder) -> Code:
        found = self.scope.find(f":{node.name}")
        if not isinstance(found, PlaceholderVariable):
            raise FailureAlone(f"PLS-00049: bad bind variable '{node.name}'", node.at)
        return self._placeholder_value(found, node.at)

    def _placeholder_value(self, found: PlaceholderVariable, at: int) -> Code:
        found.read = True
        cell = self.reader(found.shape, found.place, at)
        return Code(lambda f: cell(f).value, found.type)

    def component(self, base: Code, node: Member) -> Denoted:
        """`base.name`: a field, or a method of a collection."""
        type_ = base.type
        name = node.name
        run = base.run
        if isinstance(type_, RecordType):
            at = type_.index.get(name)
            if at is None and isinstance(node.base, Placeholder):
                self.fail(f"PLS-00049: bad bind variable '{node.base.name}.{name}'", node.base.at)
            if at is None:
                self.fail(f"PLS-00302: component '{name}' must be declared", node.at)
            return Code(lambda f: run(f).values[at], type_.fields[at].type)
        if isinstance(type_, CollectionType):
            if name not in METHODS:
                self.fail(f"PLS-00302: component '{name}' must be declared", node.at)
            return Method(node.base, base, name)
        if isinstance(type_, ObjectType):
            return ObjectMethod(node.base, self.object_member(type_, name, node))
        if is_unknown(type_):
            return Code(lambda f: run(f).get(name), UNKNOWN)
        return self.fail(
            f"PLS-00487: Invalid reference to variable '{_shown(node.base)}'", start(node)
        )

    # ---- operators ----

    def _unary(self, node: Unary) -> Code:
        if node.operator == "NOT":
            condition = self.condition(node.operand)

            def negation(f: Frame) -> bool | None:
                value = condition(f)
                return None if value is None else not value

            return Code(negation, BOOLEAN)
        if node.operator in multisets.TESTS:
            return self.multiset_test(node)
        code = self.expression(node.operand)
        if node.operator == "+":
            return code
        if code.is_constant and isinstance(code.value, int) and not isinstance(code.value, bool):
            value = -code.value
            return Code(lambda f: value, code.type, is_constant=True, value=value)
        self._check_arithmetic("-", code.type, code.type, node.at)
        run = code.run
        negate = operators.negate
        type_ = NUMBER if family(code.type) is Family.TEXT else code.type
        return Code(lambda f: negate(f[SESSION], run(f)), _unbounded(type_))

    def _binary(self, node: Binary) -> Code:
        operator = node.operator
        if operator == "AND":
            return _conjunction(self.condition(node.left), self.condition(node.right))
        if operator == "OR":
            return _disjunction(self.condition(node.left), self.condition(node.right))
        left, right = self.expression(node.left), self.expression(node.right)
        if operator in multisets.OPERATORS or operator in multisets.CONDITIONS:
            return self.multiset_operation(operator, left, right, node.at)
        if operator in operators.COMPARISONS:
            return self._comparison(operator, left, right, node.at)
        if operator == "||":
            return self._concatenation(left, right, node.at)
        self._check_arithmetic(operator, left.type, right.type, node.at)
        type_ = _arithmetic_type(operator, left.type, right.type)
        return Code(_arithmetic(operator, left, right, type_), type_)

    def _check_arithmetic(self, operator: str, left: Type, right: Type, at: int) -> None:
        for type_ in (left, right):
            if not isinstance(type_, ScalarType) or type_.family in (
                Family.BOOLEAN, Family.BINARY_LOB, Family.RAW
            ):  # fmt: skip
                self.fail(
                    f"PLS-00306: wrong number or types of arguments in call to '{operator}'", at
                )
        one, other = family(left), family(right)
        if one in DATETIME and other in DATETIME and operator != "-":
            self.fail(f"PLS-00306: wrong number or types of arguments in call to '{operator}'", at)

    def _concatenation(self, left: Code, right: Code, at: int) -> Code:
        for code in (left, right):
            if not isinstance(code.type, ScalarType) or code.type.family is Family.BOOLEAN:
                self.fail("PLS-00306: wrong number or types of arguments in call to '||'", at)
        one, other = left.run, right.run
        concatenate = operators.concatenate

        def concatenated(f: Frame) -> Value:
            a, b = one(f), other(f)
            if a.__class__ is str and b.__class__ is str and len(a) + len(b) < 8000:
                return a + b
            return concatenate(f[SESSION], a, b)

        is_lob = Family.LOB in (family(left.type), family(right.type))
        return Code(concatenated, UNKNOWN if is_lob else VARCHAR2)

    def _comparison(self, operator: str, left: Code, right: Code, at: int) -> Code:
        self._check_comparable(operator, left.type, right.type, at)
        if isinstance(left.type, CollectionType):
            return self.multiset_comparison(operator, left, right)
        one, other = family(left.type), family(right.type)
        if one is Family.TEXT and other is Family.TEXT and _pads(left.type) and _pads(right.type):
            return Code(_padded(operator, left.run, right.run), BOOLEAN)
        if Family.LOB in (one, other) or one in DATETIME or not isinstance(left.type, ScalarType):
            slow = operators.COMPARISONS[operator]
            first, second = left.run, right.run
            return Code(lambda f: slow(f[SESSION], first(f), second(f)), BOOLEAN)
        return Code(_compare(operator, left, right), BOOLEAN)

    def _check_comparable(self, operator: str, left: Type, right: Type, at: int) -> None:
        fits = cost(left, right) is not None or cost(right, left) is not None
        if isinstance(left, RecordType) or isinstance(right, RecordType):
            fits = False
        if isinstance(left, CollectionType):
            fits = left is right and operator in ("=", "<>") and is_multiset(left)
        if not fits:
            self.fail(f"PLS-00306: wrong number or types of arguments in call to '{operator}'", at)

    def _between(self, node: Between) -> Code:
        operand, low, high = (self.expression(n) for n in (node.operand, node.low, node.high))
        for bound in (low, high):
            self._check_comparable("BETWEEN", operand.type, bound.type, node.at)
        value, least, most = operand.run, low.run, high.run
        less, negated = operators.less, node.negated

        def between(f: Frame) -> bool | None:
            v, session = value(f), f[SESSION]
            below = less(session, v, least(f))
            above = less(session, most(f), v)
            if below or above:
                return negated
            if below is None or above is None:
                return None
            return not negated

        return Code(between, BOOLEAN)

    def _in_list(self, node: InList) -> Code:
        operand = self.expression(node.operand)
        items = [self.expression(item) for item in node.items]
        for item in items:
            self._check_comparable("IN", operand.type, item.type, node.at)
        value, negated = operand.run, node.negated
        equal = operators.equal
        runs = [item.run for item in items]
        pads = family(operand.type) is Family.TEXT and _pads(operand.type)

        def in_list(f: Frame) -> bool | None:
            v = value(f)
            if v is None:
                return None
            if pads:
                v = v.rstrip(" ")
            unknown = False
            for run in runs:
                item = run(f)
                if pads and item.__class__ is str:
                    item = item.rstrip(" ")
                found = equal(f[SESSION], v, item)
                if found:
                    return not negated
                if found is None:
                    unknown = True
            return None if unknown else negated

        return Code(in_list, BOOLEAN)

    def _like(self, node: Like) -> Code:
        operand, pattern = self.expression(node.operand), self.expression(node.pattern)
        escape = self.expression(node.escape).run if node.escape is not None else None
        value, wanted, negated = operand.run, pattern.run, node.negated
        like = operators.like

        def is_like(f: Frame) -> bool | None:
            mark = escape(f) if escape is not None else None
            found = like(f[SESSION], value(f), wanted(f), mark)
            return None if found is None else found is not negated

        return Code(is_like, BOOLEAN)

    def _is_null(self, node: IsNull) -> Code:
        code = self.expression(node.operand)
        run, place = code.run, code.place
        if isinstance(code.type, RecordType):
            self.fail("PLS-00306: wrong number or types of arguments in call to 'IS NULL'", node.at)
        if node.negated:
            return Code(lambda f: run(f) is not None, BOOLEAN)
        if place is not None:
            return Code(lambda f: f[place] is None, BOOLEAN)
        return Code(lambda f: run(f) is None, BOOLEAN)

    # ---- CASE and others ----

    def _case(self, node: CaseExpression) -> Code:
        results = [self.expression(result) for _, result in node.branches]
        otherwise = self.expression(node.otherwise) if node.otherwise is not None else None
        type_ = unified([code.type for code in (*results, *([otherwise] if otherwise else []))])
        conditions = self._case_conditions(node)
        pairs = list(zip(conditions, [code.run for code in results], strict=True))
        last = otherwise.run if otherwise is not None else (lambda f: None)
        if node.operand is None:

            def searched(f: Frame) -> Value:
                for condition, result in pairs:
                    if condition(f):
                        return result(f)
                return last(f)

            return Code(searched, type_)
        operand = self.expression(node.operand).run
        equal = operators.equal

        def simple(f: Frame) -> Value:
            value = operand(f)
            if value.__class__ is str:
                value = value.rstrip(" ") or value
            for selector, result in pairs:
                if equal(f[SESSION], value, selector(f)):
                    return result(f)
            return last(f)

        return Code(simple, type_)

    def _case_conditions(self, node: CaseExpression) -> list[Run]:
        if node.operand is None:
            return [self.condition(condition) for condition, _ in node.branches]
        return [self.expression(selector).run for selector, _ in node.branches]

    def _cast(self, node: Convert) -> Code:
        type_ = self.type(node.type, parameter=True)
        code = self.expression(node.operand)
        return Code(self.converted(code, type_, node.at), type_)

    def _treat(self, node: Treat) -> Code:
        """The object as one of a subtype; NULL where it is none."""
        code = self.expression(node.operand)
        type_ = self.type(node.type)
        if not isinstance(type_, ObjectType) or not isinstance(code.type, ObjectType):
            self.fail("PLS-00382: expression is of wrong type", node.at)
        run = code.run

        def treat(f: Frame) -> Value:
            value = run(f)
            return (
                value
                if value is not None and OBJECT_TYPES[value.type_name].is_under(type_)
                else None
            )

        return Code(treat, type_)

    def _extract(self, node: Extract) -> Code:
        run = self.expression(node.operand).run
        extract, part = FUNCTIONS["EXTRACT"], node.part
        type_ = VARCHAR2 if part in ("TIMEZONE_REGION", "TIMEZONE_ABBR") else NUMBER
        return Code(lambda f: extract(f[SESSION].host, part, run(f)), type_)

    def _at_time_zone(self, node: AtTimeZone) -> Code:
        run = self.converted(self.expression(node.operand), TIMESTAMP_TZ, node.at)
        if node.zone is None:
            return Code(
                lambda f: _in_zone(run(f), f[SESSION].host.session_time_zone()), TIMESTAMP_TZ
            )
        zone = self.expression(node.zone).run

        def at_zone(f: Frame) -> Value:
            name = zone(f)
            return None if name is None else _in_zone(run(f), find_zone(str(name)))

        return Code(at_zone, TIMESTAMP_TZ)

    def _trim(self, node: Trim) -> Code:
        operand = self.expression(node.operand).run
        characters = self.expression(node.characters).run if node.characters else lambda f: " "
        trim, side = FUNCTIONS["TRIM"], node.side
        return Code(lambda f: trim(f[SESSION].host, operand(f), characters(f), side), VARCHAR2)

    # ---- what others add ----

    def apply(self, node: Apply) -> Code:
        raise NotImplementedError

    def attribute(self, node: Attribute) -> Code:
        raise NotImplementedError

    def call(
        self, overloads: Overloads, arguments: list[Argument], node: Expression, *, function: bool
    ) -> Code:
        raise NotImplementedError

    def standard_call(self, name: str, arguments: list[Argument], node: Expression) -> Code:
        raise NotImplementedError

    def method_value(self, method: Method, arguments: list[Argument], node: Expression) -> Code:
        raise NotImplementedError

    def sequence_value(self, value: SequenceValue, at: int) -> Code:
        raise NotImplementedError


_TODAY = datetime.date(2000, 1, 1)
_NO_TIME = datetime.timedelta()


def start(node: Expression) -> int:
    """Where an expression begins in the text."""
    while True:
        match node:
            case Member() | Apply() | Attribute():
                node = node.base
            case Binary():
                node = node.left
            case Between() | InList() | Like() | IsNull():
                node = node.operand
            case _:
                return node.at


def _shown(node: Expression) -> str:
    return node.name if isinstance(node, Name | Member) else "?"


def _interval(text: str, qualifier: str) -> tuple[Value, Type]:
    words = qualifier.split()
    if words[0] in ("YEAR", "MONTH"):
        if len(words) == 1:
            sign = "-" if text.strip().startswith("-") else ""
            number = text.strip().lstrip("+-")
            text = f"{sign}{number}-0" if words[0] == "YEAR" else _months(sign, number)
        return parse_year_month(text), INTERVAL_YM
    return _day_second(text, words[0]), INTERVAL_DS


def _months(sign: str, number: str) -> str:
    years, months = divmod(int(number), 12)
    return f"{sign}{years}-{months}"


def _day_second(text: str, first: str) -> datetime.timedelta:
    """An interval literal from its first word on: '1:30' HOUR TO MINUTE."""
    stripped = text.strip()
    sign = -1 if stripped.startswith("-") else 1
    stripped = stripped.lstrip("+-")
    days = "0"
    if first == "DAY":
        days, _, stripped = stripped.partition(" ")
        first = "HOUR"
    units = ["HOUR", "MINUTE", "SECOND"]
    parts = stripped.split(":") if stripped else []
    try:
        found = dict(zip(units[units.index(first) :], parts, strict=False))
        return sign * datetime.timedelta(
            days=int(days),
            hours=int(found.get("HOUR", 0)),
            minutes=int(found.get("MINUTE", 0)),
            microseconds=round(float(found.get("SECOND", 0)) * 1_000_000),
        )
    except ValueError:
        return parse_day_second(text)


def _in_zone(value: Value, zone: datetime.tzinfo) -> Value:
    if value is None:
        return None
    return settled(value.astimezone(zone))


def _pads(type_: Type) -> bool:
    return isinstance(type_, ScalarType) and type_.fixed


def unified(types: list[Type]) -> Type:
    """The type of a value that may be of any of these."""
    known = [type_ for type_ in types if not (isinstance(type_, ScalarType) and type_ is NULL)]
    if not known:
        return NULL
    first = known[0]
    if all(type_ == first for type_ in known):
        return first
    families = {family(type_) for type_ in known}
    if families <= NUMERIC:
        return DOUBLE if Family.FLOAT in families else NUMBER
    if families == {Family.TEXT}:
        return VARCHAR2
    return UNKNOWN


def _unbounded(type_: Type) -> Type:
    """The type of a result: without the bounds of a variable."""
    match family(type_):
        case Family.NUMBER:
            return NUMBER
        case Family.INTEGER:
            return PLS_INTEGER
        case _:
            return type_


def _arithmetic_type(operator: str, left: Type, right: Type) -> Type:
    one, other = family(left), family(right)
    if Family.NULL in (one, other):
        one = other if one is Family.NULL else one
        other = one
    if Family.UNKNOWN in (one, other):
        return UNKNOWN
    if one in DATETIME or other in DATETIME:
        return _datetime_type(one, other)
    for found, type_ in ((Family.INTERVAL_DS, INTERVAL_DS), (Family.INTERVAL_YM, INTERVAL_YM)):
        if found in (one, other):
            return type_
    if Family.FLOAT in (one, other):
        return DOUBLE
    if one is Family.INTEGER and other is Family.INTEGER and operator in ("+", "-", "*", "MOD"):
        return PLS_INTEGER
    return NUMBER


def _datetime_type(one: Family, other: Family) -> Type:
    if one in DATETIME and other in DATETIME:
        return NUMBER if one is other is Family.DATE else INTERVAL_DS
    date, by = (one, other) if one in DATETIME else (other, one)
    if by in NUMERIC or date is Family.DATE:
        return DATE
    return TIMESTAMP if date is Family.TIMESTAMP else TIMESTAMP_TZ


def _arithmetic(operator: str, left: Code, right: Code, type_: Type) -> Run:
    slow = operators.ARITHMETIC[operator]
    one, other = left.run, right.run
    bounded = type_ is PLS_INTEGER
    low, high = (_LOW, _HIGH) if bounded else (-(10**38), 10**38)

    def checked(f: Frame, a: Value, b: Value) -> Value:
        result = slow(f[SESSION], a, b)
        if bounded and result is not None and not low <= result <= high:
            raise _integer_overflow()
        return result

    if operator == "+":
        place = left.place
        if place is not None and right.is_constant and right.value.__class__ is int:
            step = right.value

            def add_constant(f: Frame) -> Value:
                a = f[place]
                if a.__class__ is int:
                    result = a + step
                    if low <= result <= high:
                        return result
                return checked(f, a, step)

            return add_constant

        def add(f: Frame) -> Value:
            a, b = one(f), other(f)
            if a.__class__ is int and b.__class__ is int:
                result = a + b
                if low <= result <= high:
                    return result
            return checked(f, a, b)

        return add
    if operator == "-":

        def subtract(f: Frame) -> Value:
            a, b = one(f), other(f)
            if a.__class__ is int and b.__class__ is int:
                result = a - b
                if low <= result <= high:
                    return result
            return checked(f, a, b)

        return subtract
    if operator == "*":

        def multiply(f: Frame) -> Value:
            a, b = one(f), other(f)
            if a.__class__ is int and b.__class__ is int:
                result = a * b
                if low <= result <= high:
                    return result
            return checked(f, a, b)

        return multiply
    return lambda f: checked(f, one(f), other(f))


def _conjunction(left: Run, right: Run) -> Code:
    def both(f: Frame) -> bool | None:
        a = left(f)
        if a is False:
            return False
        b = right(f)
        if b is False:
            return False
        return True if a and b else None

    return Code(both, BOOLEAN)


def _disjunction(left: Run, right: Run) -> Code:
    def either(f: Frame) -> bool | None:
        a = left(f)
        if a:
            return True
        b = right(f)
        if b:
            return True
        return False if a is False and b is False else None

    return Code(either, BOOLEAN)


#: Python classes whose values of the same class compare as in PL/SQL.
_PLAIN = frozenset({int, str, bool, bytes, Date})


def _compare(operator: str, left: Code, right: Code) -> Run:
    slow = operators.COMPARISONS[operator]
    one, other = left.run, right.run
    place = left.place
    if place is not None and right.is_constant and right.value.__class__ is int:
        constant = right.value
        found = _compare_constant(operator, place, constant)
        if found is not None:
            return found
    plain = _PLAIN
    match operator:
        case "=":

            def equal(f: Frame) -> Value:
                a, b = one(f), other(f)
                if a.__class__ is b.__class__ and a.__class__ in plain:
                    return a == b
                return slow(f[SESSION], a, b)

            return equal
        case "<>":

            def differ(f: Frame) -> Value:
                a, b = one(f), other(f)
                if a.__class__ is b.__class__ and a.__class__ in plain:
                    return a != b
                return slow(f[SESSION], a, b)

            return differ
        case "<":

            def less(f: Frame) -> Value:
                a, b = one(f), other(f)
                if a.__class__ is int and b.__class__ is int:
                    return a < b
                return slow(f[SESSION], a, b)

            return less
        case ">":

            def greater(f: Frame) -> Value:
                a, b = one(f), other(f)
                if a.__class__ is int and b.__class__ is int:
                    return a > b
                return slow(f[SESSION], a, b)

            return greater
    return lambda f: slow(f[SESSION], one(f), other(f))


def _compare_constant(operator: str, place: int, constant: int) -> Run | None:
    """A variable of the frame against a literal: what loops do most."""
    slow = operators.COMPARISONS[operator]
    match operator:
        case "=":

            def equal(f: Frame) -> Value:
                a = f[place]
                return a == constant if a.__class__ is int else slow(f[SESSION], a, constant)

            return equal
        case "<":

            def less(f: Frame) -> Value:
                a = f[place]
                return a < constant if a.__class__ is int else slow(f[SESSION], a, constant)

            return less
        case ">":

            def greater(f: Frame) -> Value:
                a = f[place]
                return a > constant if a.__class__ is int else slow(f[SESSION], a, constant)

            return greater
    return None


def _padded(operator: str, left: Run, right: Run) -> Run:
    """CHAR against CHAR: blanks at the end do not count."""
    slow = operators.COMPARISONS[operator]

    def compare(f: Frame) -> Value:
        a, b = left(f), right(f)
        if a.__class__ is str and b.__class__ is str:
            return slow(f[SESSION], a.rstrip(" "), b.rstrip(" "))
        return slow(f[SESSION], a, b)

    return compare


def _fast_check(run: Run, type_: ScalarType, convert: object) -> Run | None:
    """The usual case of an assignment, decided without a call."""
    assert callable(convert)
    if type_.not_null:
        return None
    match type_.family:
        case Family.INTEGER:
            low = _LOW if type_.low is None else type_.low
            high = _HIGH if type_.high is None else type_.high

            def whole(f: Frame) -> Value:
                value = run(f)
                if value.__class__ is int and low <= value <= high:
                    return value
                return convert(f[SESSION], value)

            return whole
        case Family.NUMBER if type_.sql is not None and type_.sql.precision is None:

            def number(f: Frame) -> Value:
                value = run(f)
                if value.__class__ is int:
                    return value
                return convert(f[SESSION], value)

            return number
        case Family.TEXT if not type_.fixed:
            size = type_.sql.size if type_.sql is not None else None
            most = 8000 if size is None else min(size, 8000)

            def text(f: Frame) -> Value:
                value = run(f)
                if value is None or (value.__class__ is str and len(value) <= most):
                    return value
                return convert(f[SESSION], value)

            def counted_text(f: Frame) -> Value:
                value = run(f)
                if value is None or (
                    value.__class__ is str and len(value) <= most and value.isascii()
                ):
                    return value
                return convert(f[SESSION], value)

            return counted_text if type_.in_bytes else text
        case Family.BOOLEAN:

            def truth(f: Frame) -> Value:
                value = run(f)
                if value is None or value.__class__ is bool:
                    return value
                return convert(f[SESSION], value)

            return truth
    return None
