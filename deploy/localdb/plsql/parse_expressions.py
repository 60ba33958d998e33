"""Expressions and types."""

from __future__ import annotations

from decimal import Decimal

from deploy.localdb.plsql.exceptions import Failure
from deploy.localdb.plsql.reader import RESERVED, TokenReader
from deploy.localdb.plsql.scanner import TokenKind
from deploy.localdb.plsql.syntax import (
    AnchoredType,
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
    NamedType,
    Placeholder,
    Treat,
    Trim,
    TypeSyntax,
    Unary,
)
from deploy.localdb.values import NUMBER_CONTEXT, Value

_COMPARISONS = frozenset({"=", "<>", "<", ">", "<=", ">="})
_START_OF_EXPRESSION = ("(", "-", "+", "case", "mod", "new", "not", "null", "<an identifier>")
_NEGATED = frozenset({"LIKE", "BETWEEN", "IN", "MEMBER", "SUBMULTISET"})
_MULTISET = frozenset({"UNION", "INTERSECT", "EXCEPT"})
_TRIM_SIDES = frozenset({"LEADING", "TRAILING", "BOTH"})


def parse_number(text: str) -> tuple[LiteralKind, Value]:
    """A numeric literal."""
    if text[-1] in "fF":
        return LiteralKind.SINGLE, float(text[:-1])
    if text[-1] in "dD":
        return LiteralKind.FLOAT, float(text[:-1])
    if text.isdigit():
        value = int(text)
        return (LiteralKind.INTEGER if value < 2**31 else LiteralKind.NUMBER), value
    number = NUMBER_CONTEXT.create_decimal(Decimal(text))
    if number == number.to_integral_value():
        return LiteralKind.NUMBER, int(number)
    return LiteralKind.NUMBER, number


class ExpressionParser(TokenReader):
    """Expressions by precedence, lowest first."""

    def expression(self) -> Expression:
        left = self._conjunction()
        while self.token.word == "OR":
            at = self.advance().start
            left = Binary("OR", left, self._conjunction(), at)
        return left

    def _conjunction(self) -> Expression:
        left = self._negation()
        while self.token.word == "AND":
            at = self.advance().start
            left = Binary("AND", left, self._negation(), at)
        return left

    def _negation(self) -> Expression:
        if self.token.word == "NOT":
            at = self.advance().start
            return Unary("NOT", self._negation(), at)
        return self._comparison()

    def _comparison(self) -> Expression:
        left = self._sum()
        while True:
            word, at = self.token.word, self.token.start
            if word in _COMPARISONS:
                self.advance()
                left = Binary(word, left, self._sum(), at)
                continue
            if word == "IS":
                self.advance()
                negated = self.accept("NOT")
                test = "IS EMPTY" if self.accept("EMPTY") else None
                test = "IS A SET" if test is None and self.accept("A", "SET") else test
                if test is not None:
                    left = Unary(test, left, at)
                    left = Unary("NOT", left, at) if negated else left
                    continue
                if not self.at("NULL"):
                    self.fail("null", "empty", "a set")
                self.advance()
                left = IsNull(left, negated, at)
                continue
            negated = word == "NOT" and self.peek().word in _NEGATED
            if negated:
                self.advance()
                word = self.token.word
            match word:
                case "LIKE":
                    self.advance()
                    pattern = self._sum()
                    escape = self._sum() if self.accept("ESCAPE") else None
                    left = Like(left, pattern, escape, negated, at)
                case "BETWEEN":
                    self.advance()
                    low = self._sum()
                    self.expect("AND")
                    left = Between(left, low, self._sum(), negated, at)
                case "MEMBER" | "SUBMULTISET":
                    self.advance()
                    self.accept("OF")
                    left = Binary(word, left, self._sum(), at)
                    left = Unary("NOT", left, at) if negated else left
                case "IN":
                    self.advance()
                    left = InList(left, self._in_items(), negated, at)
                case _:
                    return left

    def _in_items(self) -> list[Expression]:
        if not self.accept("("):
            return [self._sum()]
        if self.at("SELECT") or self.at("WITH"):
            raise Failure("PLS-00405: subquery not allowed in this context", self.token.start)
        items = [self.expression()]
        while self.accept(","):
            items.append(self.expression())
        self.expect(")", ",")
        return items

    def _sum(self) -> Expression:
        left = self._product()
        while True:
            word, at = self.token.word, self.token.start
            if word in ("+", "-", "||"):
                self.advance()
            elif word == "MULTISET" and self.peek().word in _MULTISET:
                word = self._multiset_operator()
            else:
                return left
            left = Binary(word, left, self._product(), at)

    def _multiset_operator(self) -> str:
        self.advance()
        name = self.advance().word
        distinct = self.accept("DISTINCT")
        if not distinct:
            self.accept("ALL")
        return f"MULTISET {name}{' DISTINCT' if distinct else ''}"

    def _product(self) -> Expression:
        left = self._sign()
        while self.token.word in ("*", "/") or (
            self.token.word in ("MOD", "REM") and self.peek().word not in (",", ")", ";", "=>")
        ):
            operator = self.advance()
            left = Binary(operator.word, left, self._sign(), operator.start)
        return left

    def _sign(self) -> Expression:
        if self.token.word in ("-", "+"):
            operator = self.advance()
            return Unary(operator.word, self._sign(), operator.start)
        return self._power()

    def _power(self) -> Expression:
        base = self._zoned()
        if self.token.word == "**":
            at = self.advance().start
            return Binary("**", base, self._sign(), at)
        return base

    def _zoned(self) -> Expression:
        operand = self._primary()
        while self.token.word == "AT":
            at = self.token.start
            if self.accept("AT", "LOCAL"):
                operand = AtTimeZone(operand, None, at)
            elif self.accept("AT", "TIME", "ZONE"):
                operand = AtTimeZone(operand, self._primary(), at)
            else:
                break
        return operand

    def _primary(self) -> Expression:
        token = self.token
        match token.kind:
            case TokenKind.NUMBER:
                self.advance()
                kind, value = parse_number(token.value)
                return Literal(kind, value, token.start)
            case TokenKind.STRING:
                self.advance()
                return Literal(LiteralKind.TEXT, token.value or None, token.start)
            case TokenKind.PLACEHOLDER:
                self.advance()
                return self._postfix(Placeholder(token.value, token.start))
            case TokenKind.QUOTED:
                self.advance()
                return self._postfix(Name(token.value, token.start))
            case TokenKind.NAME:
                return self._word()
        if self.accept("("):
            if self.at("SELECT"):
                self.fail(*_START_OF_EXPRESSION)
            inner = self.expression()
            self.expect(")", "and", "or", ",")
            return self._postfix(inner)
        return self.fail(*_START_OF_EXPRESSION)

    def _word(self) -> Expression:
        token = self.token
        following = self.peek()
        match token.word:
            case "NULL":
                self.advance()
                return Literal(LiteralKind.NULL, None, token.start)
            case "TRUE" | "FALSE":
                self.advance()
                return Literal(LiteralKind.BOOLEAN, token.word == "TRUE", token.start)
            case "DATE" | "TIMESTAMP" if following.kind is TokenKind.STRING:
                self.advance()
                self.advance()
                kind = LiteralKind.DATE if token.word == "DATE" else LiteralKind.TIMESTAMP
                return Literal(kind, following.value, token.start)
            case "INTERVAL" if following.kind is TokenKind.STRING:
                return self._interval()
            case "CASE":
                return self._case()
            case "CAST" if following.word == "(":
                self.advance()
                self.advance()
                operand = self.expression()
                self.expect("AS")
                type_ = self.type()
                self.expect(")")
                return Convert(operand, type_, token.start)
            case "TREAT" if following.word == "(":
                self.advance()
                self.advance()
                operand = self.expression()
                self.expect("AS")
                type_ = self.type()
                self.expect(")")
                return self._postfix(Treat(operand, type_, token.start))
            case "EXTRACT" if following.word == "(":
                self.advance()
                self.advance()
                part = self.name()
                self.expect("FROM")
                operand = self.expression()
                self.expect(")")
                return Extract(part, operand, token.start)
            case "TRIM" if following.word == "(":
                return self._trim()
            case "SET" if following.word == "(":
                self.advance()
                return self._postfix(Name("SET", token.start))
            case "NEW" if following.is_name and following.word not in RESERVED:
                self.advance()
                return self._word()
        if token.word in RESERVED:
            self.fail(*_START_OF_EXPRESSION)
        self.advance()
        return self._postfix(Name(token.value, token.start))

    def _interval(self) -> Expression:
        at = self.advance().start
        text = self.advance().value
        words: list[str] = []
        while self.token.word in ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND") or (
            words and self.token.word == "TO"
        ):
            words.append(self.advance().word)
            if self.accept("("):
                self.integer()
                if self.accept(","):
                    self.integer()
                self.expect(")")
        if not words:
            self.fail("year", "month", "day", "hour", "minute", "second")
        return Literal(LiteralKind.INTERVAL, text, at, " ".join(words))

    def _trim(self) -> Expression:
        start = self.index
        at = self.advance().start
        self.advance()
        side = ""
        if self.token.word in _TRIM_SIDES:
            side = self.advance().word
        characters = None
        if not self.at("FROM"):
            characters = self.expression()
        if not self.at("FROM"):
            # The plain function.
            self.back_to(start)
            self.advance()
            return self._postfix(Name("TRIM", at))
        self.advance()
        operand = self.expression()
        self.expect(")")
        return Trim(side or "BOTH", characters, operand, at)

    def _case(self) -> Expression:
        at = self.advance().start
        operand = None if self.at("WHEN") else self.expression()
        branches = []
        while self.accept("WHEN"):
            condition = self.expression()
            self.expect("THEN")
            branches.append((condition, self.expression()))
        if not branches:
            self.fail("when")
        otherwise = self.expression() if self.accept("ELSE") else None
        self.expect("END", "when", "else")
        return CaseExpression(operand, branches, otherwise, at)

    def _postfix(self, base: Expression) -> Expression:
        while True:
            token = self.token
            if token.word == "." and self.peek().is_name:
                self.advance()
                name = self.advance()
                base = Member(base, name.value, name.start)
            elif token.word == "(":
                if self.peek().word == "+" and self.peek(2).word == ")":
                    return base
                base = Apply(base, self._arguments(), token.start)
            elif token.word == "%" and self.peek().kind is TokenKind.NAME:
                self.advance()
                base = Attribute(base, self.advance().word, token.start)
            elif token.word == "@":
                raise Failure("PLS-00352: Unable to access another database", token.start)
            else:
                return base

    def _arguments(self) -> list[Argument]:
        self.expect("(")
        arguments: list[Argument] = []
        if self.accept(")"):
            return arguments
        while True:
            name = None
            if self.token.is_name and self.peek().word == "=>":
                name = self.advance().value
                self.advance()
            value = self.expression()
            if self.accept("=>"):
                arguments.append(Argument(None, self.expression(), value))
            else:
                arguments.append(Argument(name, value))
            if not self.accept(","):
                break
        self.expect(")", ",", "and", "or", "||", "+", "-", "*", "/")
        return arguments

    def target(self) -> Expression:
        """A variable, field, element or placeholder to put a value in."""
        if self.token.kind not in (TokenKind.PLACEHOLDER, TokenKind.QUOTED) and not self.at_name():
            self.fail("<an identifier>", "<a bind variable>")
        return self._primary()

    # ---- types ----

    def dotted_name(self) -> tuple[str, ...]:
        parts = [self.name()]
        while self.token.word == "." and self.peek().is_name:
            self.advance()
            parts.append(self.advance().value)
        return tuple(parts)

    def type(self, *, constrained: bool = True) -> TypeSyntax:
        """A type; without constrained no length or precision may follow."""
        at = self.token.start
        if self.at("REF") and self.peek().word != ".":
            self.fail("<an identifier>")
        parts = self.dotted_name()
        if self.token.word == "%":
            self.advance()
            if self.accept("TYPE"):
                return AnchoredType(parts, False, at)
            if self.accept("ROWTYPE"):
                return AnchoredType(parts, True, at)
            self.fail("type", "rowtype")
        numbers: list[int] = []
        if len(parts) == 1:
            parts = self._long_type_name(parts[0], numbers)
        in_characters = self.inquiries.in_characters
        if self.token.word == "(" and constrained:
            self.advance()
            in_characters = self._numbers(numbers)
        if len(parts) == 1 and parts[0] == "TIMESTAMP" and self.accept("WITH"):
            local = self.accept("LOCAL")
            self.expect("TIME")
            self.expect("ZONE")
            parts = (f"TIMESTAMP WITH {'LOCAL ' if local else ''}TIME ZONE",)
        if self.accept("CHARACTER", "SET"):
            self.name()
            if self.accept("%"):
                self.advance()
        return NamedType(parts, numbers, at, in_characters)

    def _numbers(self, numbers: list[int]) -> bool:
        """What stands in the brackets; whether it counts characters."""
        in_characters = self.inquiries.in_characters
        if self.accept("*"):
            numbers.append(38)
        else:
            numbers.append(self.integer())
        if self.token.word in ("CHAR", "BYTE"):
            in_characters = self.advance().word == "CHAR"
        elif self.accept(","):
            numbers.append(self.integer())
        self.expect(")")
        return in_characters

    def _long_type_name(self, word: str, numbers: list[int]) -> tuple[str, ...]:
        """Names of several words."""
        match word:
            case "DOUBLE" if self.accept("PRECISION"):
                return ("DOUBLE PRECISION",)
            case "LONG" if self.accept("RAW"):
                return ("LONG RAW",)
            case "CHAR" | "CHARACTER" | "NCHAR" if self.accept("VARYING"):
                return ("VARCHAR2",)
            case "INTERVAL":
                first = self.name()
                if self.accept("("):
                    numbers.append(self.integer())
                    self.expect(")")
                self.expect("TO")
                second = self.name()
                if self.accept("("):
                    numbers[:] = [self.integer()]
                    self.expect(")")
                return (f"INTERVAL {first} TO {second}",)
        return (word,)
