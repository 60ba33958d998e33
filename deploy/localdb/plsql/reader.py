"""Tokens one by one, with the errors of syntax; conditional compilation is done before."""

from __future__ import annotations

from typing import NoReturn

from deploy.localdb.plsql.conditional import Inquiries, chosen
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


class TokenReader:
    """The tokens of a text, and what can be asked of the next one."""

    def __init__(self, text: str, inquiries: Inquiries | None = None) -> None:
        self.text = text
        self.lines = LineTable(text)
        self.inquiries = inquiries or Inquiries()
        self.tokens = chosen(scan(text), self.lines, self.inquiries)
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
