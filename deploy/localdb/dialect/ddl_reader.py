"""Reads DDL word by word; expressions, types and queries in it by the parser of statements."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlglot import exp
from sqlglot.errors import ErrorLevel, ParseError

from deploy.localdb.dialect.control import Words
from deploy.localdb.dialect.syntax import Dialect, TypeNode, to_oracle
from deploy.localdb.dialect.writer import Writer
from deploy.localdb.errors import OraError, Unsupported

_Found = TypeVar("_Found")

#: Clauses about storage, which mean nothing here -> what follows them: a number, a name, a list in
#: parentheses, each of them perhaps ('number?'), or nothing ('').
IGNORED_CLAUSES: dict[tuple[str, ...], str] = {
    ("PCTFREE",): "number",
    ("PCTUSED",): "number",
    ("INITRANS",): "number",
    ("MAXTRANS",): "number",
    ("TABLESPACE",): "name",
    ("STORAGE",): "list",
    ("LOGGING",): "",
    ("NOLOGGING",): "",
    ("FILESYSTEM_LIKE_LOGGING",): "",
    ("ROW", "STORE", "COMPRESS"): "word?",
    ("COMPRESS", "FOR", "OLTP"): "",
    ("COMPRESS",): "number?",
    ("NOCOMPRESS",): "",
    ("CACHE",): "",
    ("NOCACHE",): "",
    ("PARALLEL",): "number?",
    ("NOPARALLEL",): "",
    ("MONITORING",): "",
    ("NOMONITORING",): "",
    ("SEGMENT", "CREATION", "IMMEDIATE"): "",
    ("SEGMENT", "CREATION", "DEFERRED"): "",
    ("ENABLE", "ROW", "MOVEMENT"): "",
    ("DISABLE", "ROW", "MOVEMENT"): "",
    ("ROWDEPENDENCIES",): "",
    ("NOROWDEPENDENCIES",): "",
    ("ORGANIZATION", "HEAP"): "",
    ("ORGANIZATION", "INDEX"): "",
    ("ONLINE",): "",
    ("REVERSE",): "",
    ("NOREVERSE",): "",
    ("SORT",): "",
    ("NOSORT",): "",
    ("VISIBLE",): "",
    ("COMPUTE", "STATISTICS"): "",
    ("RESULT_CACHE",): "list",
    ("FLASHBACK", "ARCHIVE"): "name?",
    ("NO", "FLASHBACK", "ARCHIVE"): "",
}


class DdlReader(Words):
    """The tokens of a DDL statement."""

    def __init__(self, w: Writer) -> None:
        super().__init__(w.syntax.tokens)
        self.writer = w
        self._parser = Dialect.Parser(dialect=Dialect(), error_level=ErrorLevel.IMMEDIATE)
        self._parser.reset()
        self._parser.sql = w.syntax.text
        self._parser._chunks = [list(w.syntax.tokens)]
        self._parser._advance_chunk()

    # ---- parts that have a tree ----

    def _parse(self, parse: Callable[[], _Found | None], missing: OraError) -> _Found:
        parser = self._parser
        parser._retreat(self._index)
        try:
            found = parse()
        except ParseError as error:
            raise to_oracle(error, self.writer.syntax, parser) from None
        self._index = parser._index
        if found is None:
            missing.position = self.position
            raise missing
        return found

    def expression(self) -> exp.Expr:
        return self._parse(self._parser._parse_disjunction, OraError(936, "missing expression"))

    def default_expression(self) -> exp.Expr:
        """A DEFAULT; NOT NULL behind it is none of its parts."""
        return self._parse(self._parser._parse_bitwise, OraError(936, "missing expression"))

    def query(self) -> exp.Expr:
        return self._parse(self._parser._parse_statement, OraError(928, "missing SELECT keyword"))

    def type(self) -> TypeNode:
        return self._parse(self._parser.parse_sql_type, OraError(902, "invalid datatype"))

    def text_since(self, start: int) -> str:
        """The statement's own text from an offset up to the last token that was read."""
        return self.writer.syntax.text[start : self._tokens[self._index - 1].end + 1]

    # ---- lists ----

    def require_symbol(self, symbol: str) -> None:
        if self.take(symbol):
            return
        code, side = (906, "left") if symbol == "(" else (907, "right")
        if symbol in "()":
            raise OraError(code, f"missing {side} parenthesis", position=self.position)
        raise OraError(917, "missing comma", position=self.position)

    def listed(self, one: Callable[[], _Found]) -> list[_Found]:
        """Things in parentheses, with commas between."""
        self.require_symbol("(")
        found = [one()]
        while self.take(","):
            found.append(one())
        self.require_symbol(")")
        return found

    def qualified_name(self) -> tuple[str | None, str]:
        name = self.name()
        if self.take("."):
            return name, self.name()
        return None, name

    def skip_parenthesis(self) -> None:
        self.require_symbol("(")
        depth = 1
        while depth and not self.at_end:
            word = self.peek()
            depth += (word == "(") - (word == ")")
            self._index += 1
        if depth:
            raise OraError(907, "missing right parenthesis", position=self.position)

    # ---- storage ----

    def skip_storage(self) -> bool:
        """Pass over one clause about storage, where one comes next."""
        if self.peek() == "LOB" and self.peek(1) == "(":
            return self._skip_lob_storage()
        for words, following in IGNORED_CLAUSES.items():
            if self.take(*words):
                self._skip_argument(following)
                return True
        return False

    def skip_all_storage(self) -> None:
        while self.skip_storage():
            pass

    def _skip_argument(self, kind: str) -> None:
        match kind:
            case "number":
                if self.number() is None:
                    raise OraError(2017, "integer value required", position=self.position)
            case "number?":
                self.number()
            case "name":
                self.name()
            case "word?":
                if self.peek() in ("BASIC", "ADVANCED"):
                    self.any_value()
            case "list":
                self.skip_parenthesis()
            case _:
                pass

    def _skip_lob_storage(self) -> bool:
        self.require("LOB")
        self.listed(self.name)
        self.require("STORE", "AS")
        while self.peek() and self.peek() not in (",", ")", "("):
            if (
                self.peek() in ("SECUREFILE", "BASICFILE")
                or self._tokens[self._index].text.isidentifier()
            ):
                if any(self._comes(words) for words in IGNORED_CLAUSES) or self.peek() == "LOB":
                    return True
                self.any_value()
        if self.peek() == "(":
            self.skip_parenthesis()
        return True

    def _comes(self, words: tuple[str, ...]) -> bool:
        return all(self.peek(ahead) == word for ahead, word in enumerate(words))

    def refuse(self) -> OraError:
        """What comes next is not known here."""
        if self.at_end:
            return OraError(922, "missing or invalid option", position=self.position)
        word = self.peek().partition(" ")[0]
        if word in _KNOWN_BUT_REFUSED:
            return Unsupported(_KNOWN_BUT_REFUSED[word], position=self.position)
        return OraError(922, "missing or invalid option", position=self.position)


_KNOWN_BUT_REFUSED = {
    "PARTITION": "partitions",
    "LOCAL": "a local index",
    "GLOBAL": "a global partitioned index",
    "CLUSTER": "clusters",
    "INVISIBLE": "INVISIBLE",
    "NESTED": "nested tables",
    "INMEMORY": "INMEMORY",
    "OBJECT": "object tables",
    "OF": "object tables and views",
    "ENCRYPT": "ENCRYPT",
    "INDEXTYPE": "domain indexes",
}
