"""Tokens one by one, with the errors of syntax; conditional compilation is done before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from deploy.localdb.plsql.exceptions import Failure
from deploy.localdb.plsql.scanner import LineTable, Token, TokenKind, scan

#: Source: PL/SQL Language Reference 19c, table D-1, without SQL, that begins SQL%ROWCOUNT.
RESERVED = frozenset(
    [
        "ALL",
        "ALTER",
        "AND",
        "ANY",
        "AS",
        "ASC",
        "AT",
        "BEGIN",
        "BETWEEN",
        "BY",
        "CASE",
        "CHECK",
        "CLUSTER",
        "CLUSTERS",
        "COLAUTH",
        "COLUMNS",
        "COMPRESS",
        "CONNECT",
        "CRASH",
        "CREATE",
        "CURSOR",
        "DECLARE",
        "DEFAULT",
        "DESC",
        "DISTINCT",
        "DROP",
        "ELSE",
        "END",
        "EXCEPTION",
        "EXCLUSIVE",
        "FETCH",
        "FOR",
        "FROM",
        "FUNCTION",
        "GOTO",
        "GRANT",
        "GROUP",
        "HAVING",
        "IDENTIFIED",
        "IF",
        "IN",
        "INDEX",
        "INDEXES",
        "INSERT",
        "INTERSECT",
        "INTO",
        "IS",
        "LIKE",
        "LOCK",
        "MINUS",
        "MODE",
        "NOCOMPRESS",
        "NOT",
        "NOWAIT",
        "NULL",
        "OF",
        "ON",
        "OPTION",
        "OR",
        "ORDER",
        "OVERLAPS",
        "PROCEDURE",
        "PUBLIC",
        "RESOURCE",
        "REVOKE",
        "SELECT",
        "SHARE",
        "SIZE",
        "START",
        "SUBTYPE",
        "TABAUTH",
        "TABLE",
        "THEN",
        "TO",
        "TYPE",
        "UNION",
        "UNIQUE",
        "UPDATE",
        "VALUES",
        "VIEW",
        "VIEWS",
        "WHEN",
        "WHERE",
        "WITH",
    ]
)

#: DBMS_DB_VERSION, as the release that localdb speaks.
_VERSION = {"DBMS_DB_VERSION.VERSION": 19, "DBMS_DB_VERSION.RELEASE": 0}


class TokenReader:
    """The tokens of a text, and what can be asked of the next one."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = LineTable(text)
        self.tokens = _chosen(scan(text))
        self.index = 0
        self.token = self.tokens[0]

    # ---- looking ----

    def peek(self, distance: int = 1) -> Token:
        at = self.index + distance
        return self.tokens[at] if at < len(self.tokens) else self.tokens[-1]

    def at(self, *words: str) -> bool:
        """Whether the next tokens are these words."""
        if self.token.word != words[0]:
            return False
        return all(self.peek(i).word == word for i, word in enumerate(words[1:], 1))

    # ---- taking ----

    def advance(self) -> Token:
        token = self.token
        if self.index + 1 < len(self.tokens):
            self.index += 1
        self.token = self.tokens[self.index]
        return token

    def back_to(self, index: int) -> None:
        self.index = index
        self.token = self.tokens[index]

    def accept(self, *words: str) -> bool:
        """Take these words if they come next."""
        if not self.at(*words):
            return False
        for _ in words:
            self.advance()
        return True

    def expect(self, word: str, *others: str) -> Token:
        """Take this word; others could have come as well."""
        if self.token.word != word:
            self.fail(word, *others)
        return self.advance()

    def name(self, *others: str) -> str:
        """Take an identifier."""
        if not self.at_name():
            self.fail("<an identifier>", "<a double-quoted delimited-identifier>", *others)
        return self.advance().value

    def at_name(self) -> bool:
        token = self.token
        return token.kind is TokenKind.QUOTED or (
            token.kind is TokenKind.NAME and token.word not in RESERVED
        )

    def integer(self) -> int:
        """Take a whole number, with its sign."""
        sign = -1 if self.accept("-") else 1
        token = self.token
        if token.kind is not TokenKind.NUMBER or not token.value.isdigit():
            self.fail("<an integer>")
        self.advance()
        return sign * int(token.value)

    # ---- errors ----

    def fail(self, *expected: str) -> NoReturn:
        """PLS-00103 at the next token."""
        words = " ".join(word.lower() for word in expected)
        raise Failure(
            f'PLS-00103: Encountered the symbol "{self.token.shown}" when expecting one of the'
            f" following:\n\n   {words}",
            self.token.start,
        )


def _chosen(tokens: list[Token]) -> list[Token]:
    """The tokens without those that $IF leaves out."""
    if not any(token.kind is TokenKind.DIRECTIVE for token in tokens):
        return tokens
    return _Selection(tokens).run()


class _Selection:
    """Conditional compilation: $IF condition $THEN ... [$ELSIF ...] [$ELSE ...] $END, $$name."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
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
                case word if word.startswith("$$"):
                    if wanted:
                        kept.append(self._inquiry(token))
                case _:
                    raise Failure(f'PLS-00103: Encountered the symbol "{token.value}"', token.start)
        return kept

    @staticmethod
    def _inquiry(token: Token) -> Token:
        if token.word == "$$PLSQL_LINE":
            return Token(TokenKind.NUMBER, "0", "", token.start, token.end)
        return Token(TokenKind.NAME, "NULL", "NULL", token.start, token.end)

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
        if token.kind is TokenKind.DIRECTIVE or token.word == "NULL":
            return None
        name = token.value
        while self._tokens[self._at].word == ".":
            self._at += 1
            name += "." + self._next().value
        if name in _VERSION:
            return _VERSION[name]
        if name.startswith("DBMS_DB_VERSION.VER_LE_"):
            release = name.removeprefix("DBMS_DB_VERSION.VER_LE_").split("_")[0]
            return release.isdigit() and int(release) >= _VERSION["DBMS_DB_VERSION.VERSION"]
        raise Failure(
            f"PLS-00174: a static boolean expression must be used ('{name}')", token.start
        )
