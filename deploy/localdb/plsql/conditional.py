"""Conditional compilation: which tokens of a unit are compiled.

Source: PL/SQL Language Reference 19c, 2 PL/SQL Language Fundamentals, Conditional Compilation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from deploy.localdb.errors import OraError
from deploy.localdb.plsql.exceptions import Failure
from deploy.localdb.plsql.scanner import LineTable, Token, TokenKind
from deploy.localdb.values import Value

#: DBMS_DB_VERSION, as its specification has it.
_RELEASES = (
    "9",
    "9_1",
    "9_2",
    "10",
    "10_1",
    "10_2",
    "11",
    "11_1",
    "11_2",
    "12",
    "12_1",
    "12_2",
    "18",
)
_VERSION: dict[str, Value] = {
    "DBMS_DB_VERSION.VERSION": 19,
    "DBMS_DB_VERSION.RELEASE": 0,
    **{f"DBMS_DB_VERSION.VER_LE_{release}": False for release in _RELEASES},
    "DBMS_DB_VERSION.VER_LE_19": True,
}
_FLAG = re.compile(r"\s*([A-Za-z][\w$#]*)\s*:\s*(TRUE|FALSE|NULL|[+-]?\d+)\s*", re.IGNORECASE)
_WORDS: dict[str, Value] = {"TRUE": True, "FALSE": False, "NULL": None}


def parse_flags(text: str) -> dict[str, Value]:
    """PLSQL_CCFLAGS, 'name:value, name:value': of a name that is there twice the last counts.

    Raises:
        OraError: 39962, it has another form.
    """
    flags: dict[str, Value] = {}
    for part in text.split(",") if text.strip() else ():
        found = _FLAG.fullmatch(part)
        if found is None:
            raise OraError(39962, "invalid parameter for PLSQL_CCFLAGS")
        word = found[2].upper()
        flags[found[1].upper()] = _WORDS[word] if word in _WORDS else int(word)
    return flags


@dataclass(frozen=True)
class Settings:
    """Compilation parameters that make a difference.

    Attributes:
        flags: PLSQL_CCFLAGS.
        in_characters: NLS_LENGTH_SEMANTICS is CHAR.
    """

    flags: str = ""
    in_characters: bool = False


BYTES = Settings()
CHARACTERS = Settings(in_characters=True)


def settings_of(flags: str | None, semantics: str | None) -> Settings:
    """Those of a session, by the values of the two parameters."""
    in_characters = (semantics or "").upper() == "CHAR"
    if flags:
        return Settings(flags, in_characters)
    return CHARACTERS if in_characters else BYTES


@dataclass(frozen=True)
class Inquiries:
    """What the directives $$name of a unit stand for; unit, owner None: an anonymous block."""

    unit: str | None = None
    owner: str | None = None
    type: str = "ANONYMOUS BLOCK"
    settings: Settings = BYTES

    @property
    def in_characters(self) -> bool:
        return self.settings.in_characters

    @cached_property
    def _flags(self) -> dict[str, Value]:
        return parse_flags(self.settings.flags)

    def value(self, name: str, line: int) -> Value:
        """Of a directive in a line of the unit; None also where nothing has this name."""
        if name in self._flags:
            return self._flags[name]
        match name:
            case "PLSQL_LINE":
                return line
            case "PLSQL_UNIT":
                return self.unit
            case "PLSQL_UNIT_OWNER":
                return self.owner
            case "PLSQL_UNIT_TYPE":
                return self.type
            case "PLSQL_CCFLAGS":
                return self.settings.flags or None
            case "NLS_LENGTH_SEMANTICS":
                return "CHAR" if self.settings.in_characters else "BYTE"
        return _SETTINGS.get(name)


#: Compilation parameters; ALTER SESSION takes others and does nothing with them.
_SETTINGS: dict[str, Value] = {
    "PLSQL_DEBUG": False,
    "PLSQL_OPTIMIZE_LEVEL": 2,
    "PLSQL_CODE_TYPE": "INTERPRETED",
    "PLSQL_WARNINGS": "DISABLE:ALL",
    "PLSCOPE_SETTINGS": "IDENTIFIERS:NONE",
}


def chosen(tokens: list[Token], lines: LineTable, inquiries: Inquiries) -> list[Token]:
    """The tokens without those that $IF leaves out, with what $$name stands for."""
    if not any(token.kind is TokenKind.DIRECTIVE for token in tokens):
        return tokens
    return _Selection(tokens, lines, inquiries).run()


class _Selection:
    """$IF condition $THEN ... [$ELSIF ...] [$ELSE ...] $END, $ERROR text $END, $$name."""

    def __init__(self, tokens: Sequence[Token], lines: LineTable, inquiries: Inquiries) -> None:
        self._tokens = tokens
        self._lines = lines
        self._inquiries = inquiries
        self._at = 0

    def run(self) -> list[Token]:
        kept: list[Token] = []
        #: Of each $IF around: [a branch was taken, the current branch is wanted].
        nest: list[list[bool]] = []
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            wanted = all(level[1] for level in nest)
            self._at += 1
            if token.kind is not TokenKind.DIRECTIVE:
                if wanted or token.kind is TokenKind.END:
                    kept.append(token)
                continue
            match token.word:
                case "$IF":
                    found = self._condition() is True
                    nest.append([found, found])
                case "$ELSIF" if nest:
                    found = self._condition() is True and not nest[-1][0]
                    nest[-1] = [nest[-1][0] or found, found]
                case "$ELSE" if nest:
                    nest[-1][1] = not nest[-1][0]
                case "$END" if nest:
                    nest.pop()
                case "$ERROR":
                    self._error(token, wanted=wanted)
                case word if word.startswith("$$"):
                    if wanted:
                        kept.append(self._inquiry(token))
                case _:
                    raise Failure(f'PLS-00103: Encountered the symbol "{token.value}"', token.start)
        return kept

    def _error(self, token: Token, *, wanted: bool) -> None:
        """The text between $ERROR and $END.

        Raises:
            Failure: PLS-00179, it is reached.
        """
        text = ""
        while (piece := self._next()).word != "$END":
            if piece.kind is TokenKind.DIRECTIVE:
                text += str(self._value(piece) or "")
            elif piece.word != "||":
                text += piece.value
        if wanted:
            raise Failure(f"PLS-00179: $ERROR: {text}", token.start)

    def _value(self, token: Token) -> Value:
        return self._inquiries.value(token.word[2:], self._lines.line(token.start))

    def _inquiry(self, token: Token) -> Token:
        value = self._value(token)
        kind, text = TokenKind.NAME, "NULL"
        if isinstance(value, bool):
            text = str(value).upper()
        elif isinstance(value, int):
            return Token(TokenKind.NUMBER, str(value), "", token.start, token.end)
        elif value is not None:
            return Token(TokenKind.STRING, str(value), "", token.start, token.end)
        return Token(kind, text, text, token.start, token.end)

    def _next(self) -> Token:
        token = self._tokens[self._at]
        if token.kind is TokenKind.END:
            raise Failure('PLS-00103: Encountered the symbol "end-of-file"', token.start)
        self._at += 1
        return token

    def _condition(self) -> object:
        value = self._or()
        token = self._next()
        if token.word != "$THEN":
            raise Failure(f'PLS-00103: Encountered the symbol "{token.shown}"', token.start)
        return value

    def _or(self) -> object:
        value = self._and()
        while self._tokens[self._at].word == "OR":
            self._at += 1
            other = self._and()
            value = (
                True
                if value is True or other is True
                else (None if value is None or other is None else False)
            )
        return value

    def _and(self) -> object:
        value = self._not()
        while self._tokens[self._at].word == "AND":
            self._at += 1
            other = self._not()
            value = (
                False
                if value is False or other is False
                else (None if value is None or other is None else True)
            )
        return value

    def _not(self) -> object:
        if self._tokens[self._at].word == "NOT":
            self._at += 1
            value = self._not()
            return None if value is None else value is False
        return self._comparison()

    def _comparison(self) -> object:
        left = self._operand()
        operator = self._tokens[self._at].word
        if operator == "IS":
            self._at += 1
            negated = self._tokens[self._at].word == "NOT"
            self._at += 2 if negated else 1
            return (left is None) is not negated
        if operator not in ("=", "<>", "<", ">", "<=", ">="):
            return left
        self._at += 1
        right = self._operand()
        if not isinstance(left, int) or not isinstance(right, int):
            return None
        return {
            "=": left == right,
            "<>": left != right,
            "<": left < right,
            ">": left > right,
            "<=": left <= right,
            ">=": left >= right,
        }[operator]

    def _operand(self) -> object:
        token = self._next()
        if token.word == "(":
            value = self._or()
            self._next()
            return value
        if token.kind is TokenKind.NUMBER and token.value.isdigit():
            return int(token.value)
        if token.word in ("TRUE", "FALSE"):
            return token.word == "TRUE"
        if token.kind is TokenKind.DIRECTIVE:
            return self._value(token)
        if token.word == "NULL":
            return None
        name = token.value
        while self._tokens[self._at].word == ".":
            self._at += 1
            name += "." + self._next().value
        name = name.removeprefix("SYS.")
        if name in _VERSION:
            return _VERSION[name]
        raise Failure(
            f"PLS-00174: a static boolean expression must be used ('{name}')", token.start
        )
