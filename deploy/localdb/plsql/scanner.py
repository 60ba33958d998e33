"""Text to tokens. Positions are offsets; a LineTable tells lines and columns."""

from __future__ import annotations

import re
from bisect import bisect_right
from enum import Enum
from functools import cached_property

from deploy.localdb.errors import OraError
from deploy.localdb.plsql.exceptions import Failure


class TokenKind(Enum):
    """What a token is."""

    NAME = "name"
    QUOTED = "quoted name"
    NUMBER = "number"
    STRING = "string"
    SYMBOL = "symbol"
    PLACEHOLDER = "placeholder"
    DIRECTIVE = "directive"  # $IF, $$NAME
    END = "end"


class Token:
    """A token.

    Attributes:
        value: a name as the dictionary has it, a string's content, else the text.
        word: the upper-case text of an unquoted name or a symbol, to compare with; else ''.
    """

    __slots__ = ("end", "kind", "start", "value", "word")

    def __init__(self, kind: TokenKind, value: str, word: str, start: int, end: int) -> None:
        self.kind = kind
        self.value = value
        self.word = word
        self.start = start
        self.end = end

    @property
    def is_name(self) -> bool:
        return self.kind is TokenKind.NAME or self.kind is TokenKind.QUOTED

    @property
    def shown(self) -> str:
        """As PLS-00103 shows it."""
        return "end-of-file" if self.kind is TokenKind.END else self.value

    def __repr__(self) -> str:
        return f"{self.kind.value} {self.value!r}"


_PATTERN = re.compile(
    r"""
    (?P<blank>\s+|--[^\n]*|/\*.*?\*/)
  | (?P<alternative>[nN]?[qQ]'[^\s])
  | (?P<string>[nN]?'(?:[^']|'')*')
  | (?P<number>(?:\d+(?:\.(?!\.)\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?:[fFdD](?![\w$#]))?)
  | (?P<name>[^\W\d][\w$\#]*)
  | (?P<quoted>"[^"\n]+")
  | (?P<placeholder>:\s*(?:\d+|[^\W\d][\w$\#]*|"[^"\n]+"))
  | (?P<directive>\$\$?[A-Za-z_]\w*)
  | (?P<symbol>:=|=>|\*\*|\|\||<<|>>|<=|>=|<>|!=|~=|\^=|\.\.|[-+*/=<>().,;%@\[\]|{}?&\\!^~:])
    """,
    re.VERBOSE | re.DOTALL,
)
_CLOSING = {"[": "]", "(": ")", "{": "}", "<": ">"}
_NOT_EQUAL = frozenset({"!=", "~=", "^="})


def scan(text: str) -> list[Token]:
    """All tokens, and one of kind END.

    Raises:
        OraError: 1756, a string has no end.
        Failure: a character that begins no token.
    """
    tokens: list[Token] = []
    add = tokens.append
    match = _PATTERN.match
    at, size = 0, len(text)
    while at < size:
        found = match(text, at)
        if found is None:
            if text[at] == "'" or text[at : at + 2].upper() in ("N'", "Q'"):
                raise OraError(1756, "quoted string not properly terminated", position=at)
            raise Failure(
                f'PLS-00103: Encountered the symbol "{text[at]}" when expecting one of the following:'
                "\n\n   ( begin case declare end exception if loop null return",
                at,
            )
        end = found.end()
        kind = found.lastgroup
        if kind == "blank":
            at = end
            continue
        value = found.group()
        match kind:
            case "name":
                upper = value.upper()
                add(Token(TokenKind.NAME, upper, upper, at, end))
            case "symbol":
                if value == "/" and text.startswith("/*", at):
                    raise Failure('PLS-00103: Encountered the symbol "/"', at)
                add(Token(TokenKind.SYMBOL, value, "<>" if value in _NOT_EQUAL else value, at, end))
            case "string":
                content = value[value.index("'") + 1 : -1].replace("''", "'")
                add(Token(TokenKind.STRING, content, "", at, end))
            case "number":
                add(Token(TokenKind.NUMBER, value, "", at, end))
            case "quoted":
                add(Token(TokenKind.QUOTED, value[1:-1], "", at, end))
            case "placeholder":
                name = value[1:].strip()
                name = name[1:-1] if name.startswith('"') else name.upper()
                add(Token(TokenKind.PLACEHOLDER, name, "", at, end))
            case "directive":
                add(Token(TokenKind.DIRECTIVE, value.upper(), value.upper(), at, end))
            case _:
                opening = value[-1]
                closing = _CLOSING.get(opening, opening) + "'"
                stop = text.find(closing, end)
                if stop < 0:
                    raise OraError(1756, "quoted string not properly terminated", position=at)
                add(Token(TokenKind.STRING, text[end:stop], "", at, stop + 2))
                end = stop + 2
        at = end
    add(Token(TokenKind.END, "", "", size, size))
    return tokens


class LineTable:
    """Lines and columns of a text, from 1."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(found.end() for found in re.finditer("\n", self.text))]

    def line(self, offset: int) -> int:
        return bisect_right(self._starts, offset)

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column."""
        line = self.line(offset)
        return line, offset - self._starts[line - 1] + 1
