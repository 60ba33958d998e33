"""Statements, blocks and stored units: the parser as others use it.

parse_block        an anonymous block
parse_unit         CREATE ... PACKAGE, PACKAGE BODY, PROCEDURE, FUNCTION
parse_expression   what a statement of SQL asks for
read_header        kind and name of a unit, also of one that does not parse
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from deploy.localdb.errors import Unsupported
from deploy.localdb.plsql.conditional import BYTES, Inquiries, Settings
from deploy.localdb.plsql.exceptions import CompileError, CompileErrors, Failure
from deploy.localdb.plsql.parse_sql import SqlParser
from deploy.localdb.plsql.scanner import LineTable, TokenKind
from deploy.localdb.plsql.syntax import (
    Apply,
    Argument,
    Assignment,
    Attribute,
    Block,
    BlockStatement,
    Body,
    CallStatement,
    CaseStatement,
    Close,
    CursorFor,
    Declaration,
    ExecuteImmediate,
    Expression,
    Fetch,
    ForAll,
    Goto,
    Handler,
    IfStatement,
    Label,
    Leave,
    Loop,
    NullStatement,
    NumericFor,
    Open,
    OpenFor,
    PipeRow,
    Placeholder,
    Raise,
    Return,
    SetTransaction,
    SqlStatement,
    SqlText,
    Statement,
    Subprogram,
    TransactionControl,
    UnitSyntax,
    UsingItem,
)

T = TypeVar("T")

_HEADER = re.compile(
    r"""(?:\s|--[^\n]*\n|/\*.*?\*/)*
    (?:create\s+(?:or\s+replace\s+)?(?:(?:non)?editionable\s+)?)?
    (?P<kind>package\s+body|package|procedure|function|trigger|type\s+body|type)\s+
    (?:(?P<owner>"[^"]+"|[\w$\#]+)\s*\.\s*)?(?P<name>"[^"]+"|[\w$\#]+)""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_START_OF_STATEMENT = (
    "(", "begin", "case", "declare", "end", "exception", "exit", "for", "goto", "if", "loop", "mod",
    "null", "pragma", "raise", "return", "select", "update", "while", "with", "<an identifier>",
    "<a double-quoted delimited-identifier>", "<a bind variable>", "<<", "continue", "close",
    "current", "delete", "fetch", "lock", "insert", "open", "rollback", "savepoint", "set", "sql",
    "execute", "commit", "forall", "merge", "pipe", "purge",
)  # fmt: skip
_SQL_VERBS = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "LOCK"})
#: What follows a name that is the start of an assignment or a call, whatever the name.
_AFTER_NAME = frozenset({":=", ".", "%"})
_LISTS_OF_STATEMENTS_END = frozenset({"END", "EXCEPTION", "ELSE", "ELSIF", "WHEN"})


class Parser(SqlParser):
    """Statements."""

    # ---- blocks ----

    def body(self, declarations: list[Declaration], name: str | None) -> Body:
        """BEGIN to END [name], declarations read before; the `;` stays."""
        at = self.token.start
        self.expect("BEGIN", "function", "pragma", "procedure", "subtype", "type", "cursor")
        statements = self.statements()
        handlers = self._handlers() if self.accept("EXCEPTION") else []
        ends = self.token.start
        self.expect("END", *_START_OF_STATEMENT)
        if self.token.is_name and not self.at(";"):
            closing = self.token
            self.advance()
            if name is not None and closing.value != name:
                raise Failure(
                    f"PLS-00113: END identifier '{closing.value}' must match '{name}' at line"
                    f" {self.lines.line(at)}, column {self.lines.position(at)[1]}",
                    closing.start,
                )
        return Body(declarations, statements, handlers, at, at, ends)

    def _handlers(self) -> list[Handler]:
        handlers: list[Handler] = []
        while self.at("WHEN"):
            at = self.advance().start
            exceptions: list[Expression] = []
            if not self.accept("OTHERS"):
                exceptions.append(self.target())
                while self.accept("OR"):
                    exceptions.append(self.target())
            elif handlers and not handlers[-1].exceptions:
                raise Failure(
                    "PLS-00370: OTHERS handler must be last among the exception"
                    " handlers of a block",
                    at,
                )
            self.expect("THEN", "or")
            handlers.append(Handler(exceptions, self.statements(), at))
        if not handlers:
            self.fail("pragma", "when")
        for handler in handlers[:-1]:
            if not handler.exceptions:
                raise Failure(
                    "PLS-00370: OTHERS handler must be last among the exception"
                    " handlers of a block",
                    handler.at,
                )
        return handlers

    def statements(self) -> list[Statement]:
        found: list[Statement] = []
        while self.token.word not in _LISTS_OF_STATEMENTS_END:
            label = None
            while self.at("<<"):
                at = self.advance().start
                label = self.name()
                self.expect(">>")
                found.append(Label(label, at))
            found.append(self.statement(label))
        if not found:
            self.fail(*_START_OF_STATEMENT)
        return found

    def statement(self, label: str | None = None) -> Statement:
        token = self.token
        at = token.start
        if token.kind is not TokenKind.NAME:
            if token.kind in (TokenKind.QUOTED, TokenKind.PLACEHOLDER) or token.word == "(":
                return self._assignment_or_call()
            self.fail(*_START_OF_STATEMENT)
        following = self.peek()
        word = token.word
        if following.word in _AFTER_NAME and word != "SQL":
            return self._assignment_or_call()
        statement = self._keyword_statement(word, label, at)
        if statement is not None:
            return statement
        if (word in _SQL_VERBS and following.word != "(") or word in ("SELECT", "WITH"):
            sql = self.sql_until(";")
            self.expect(";")
            return SqlStatement(sql, at)
        if not self.at_name():
            self.fail(*_START_OF_STATEMENT)
        return self._assignment_or_call()

    def _keyword_statement(self, word: str, label: str | None, at: int) -> Statement | None:
        following = self.peek()
        match word:
            case "BEGIN" | "DECLARE":
                declarations = self.declarations() if self.accept("DECLARE") else []
                body = self.body(declarations, label)
                self.expect(";")
                return BlockStatement(body, label, at)
            case "IF":
                return self._if()
            case "CASE":
                return self._case_statement()
            case "LOOP" | "WHILE":
                condition = self.expression() if self.accept("WHILE") else None
                return Loop(condition, self._loop_body(label), label, at)
            case "FOR":
                return self._for(label)
            case "FORALL":
                return self._forall()
            case "EXIT" | "CONTINUE" if following.word != "(":
                self.advance()
                target = self.name() if self.at_name() and not self.at("WHEN") else None
                condition = self.expression() if self.accept("WHEN") else None
                self.expect(";", "when", "<an identifier>")
                return Leave(word == "CONTINUE", target, condition, at)
            case "GOTO":
                self.advance()
                name = self.name()
                self.expect(";")
                return Goto(name, at)
            case "NULL":
                self.advance()
                self.expect(";")
                return NullStatement(at)
            case "PRAGMA":
                self._pragma()
                return NullStatement(at)
            case "RETURN":
                self.advance()
                value = None if self.at(";") else self.expression()
                self.expect(";")
                return Return(value, at)
            case "RAISE":
                self.advance()
                exception = None if self.at(";") else self.target()
                self.expect(";")
                return Raise(exception, at)
            case "OPEN" if following.word != "(":
                return self._open()
            case "FETCH":
                return self._fetch()
            case "CLOSE" if following.word != "(":
                self.advance()
                cursor = self.target()
                self.expect(";")
                return Close(cursor, at)
            case "EXECUTE" if following.word == "IMMEDIATE":
                return self._execute_immediate()
            case "COMMIT" | "ROLLBACK" | "SAVEPOINT":
                return self._transaction_control()
            case "SET" if following.word == "TRANSACTION":
                sql = self.sql_until(";")
                self.expect(";")
                return SetTransaction(sql.text, at)
            case "PIPE" if following.word == "ROW":
                self.advance()
                self.advance()
                self.expect("(")
                value = self.expression()
                self.expect(")")
                self.expect(";")
                return PipeRow(value, at)
        return None

    def _assignment_or_call(self) -> Statement:
        at = self.token.start
        target = self.target() if self.token.word != "(" else self.expression()
        if self.accept(":="):
            value = self.expression()
            self.expect(";", "and", "or", "*", "+", "-", "/", "mod", "||")
            return Assignment(target, value, at)
        if isinstance(target, Placeholder | Attribute):
            self.fail(":=", "indicator")
        self.expect(";", ":=", ".", "(", "@", "%")
        return CallStatement(target, at)

    # ---- control ----

    def _if(self) -> Statement:
        at = self.advance().start
        branches = []
        while True:
            condition = self.expression()
            self.expect("THEN", "and", "or")
            branches.append((condition, self.statements()))
            if not self.accept("ELSIF"):
                break
        otherwise = self.statements() if self.accept("ELSE") else None
        self.expect("END", "else", "elsif", *_START_OF_STATEMENT)
        self.expect("IF")
        self.expect(";")
        return IfStatement(branches, otherwise, at)

    def _case_statement(self) -> Statement:
        at = self.advance().start
        operand = None if self.at("WHEN") else self.expression()
        branches = []
        while self.accept("WHEN"):
            condition = self.expression()
            self.expect("THEN", "and", "or")
            branches.append((condition, self.statements()))
        if not branches:
            self.fail("when")
        otherwise = self.statements() if self.accept("ELSE") else None
        self.expect("END", "when", "else")
        self.expect("CASE")
        if self.at_name():
            self.advance()
        self.expect(";")
        return CaseStatement(operand, branches, otherwise, at)

    def _loop_body(self, label: str | None) -> list[Statement]:
        self.expect("LOOP", "and", "or")
        body = self.statements()
        self.expect("END", *_START_OF_STATEMENT)
        self.expect("LOOP")
        if self.at_name():
            closing = self.token
            name = self.name()
            if label is None:
                raise Failure(
                    f'PLS-00103: Encountered the symbol "{name}" when expecting one of the'
                    " following:\n\n   ;",
                    closing.start,
                )
            if label != name:
                raise Failure(
                    f"PLS-00113: END identifier '{name}' must match '{label}'", closing.start
                )
        self.expect(";")
        return body

    def _for(self, label: str | None) -> Statement:
        at = self.advance().start
        variable = self.name()
        self.expect("IN")
        if self.at("REVERSE"):
            self.advance()
            low = self.expression()
            self.expect("..")
            high = self.expression()
            return NumericFor(variable, True, low, high, self._loop_body(label), label, at)
        if self.at("(") and self.peek().word in ("SELECT", "WITH"):
            self.advance()
            query = self.sql_until(")")
            self.expect(")")
            return CursorFor(variable, query, self._loop_body(label), label, at)
        first = self.expression()
        if self.accept(".."):
            high = self.expression()
            return NumericFor(variable, False, first, high, self._loop_body(label), label, at)
        if not self.at("LOOP"):
            self.fail("..", "loop")
        return CursorFor(variable, first, self._loop_body(label), label, at)

    # ---- cursors ----

    def _open(self) -> Statement:
        at = self.advance().start
        cursor = self.target()
        if not self.accept("FOR"):
            arguments: list[Argument] = []
            if isinstance(cursor, Apply):
                arguments = cursor.arguments
                cursor = cursor.base
            self.expect(";", "for", "(")
            return Open(cursor, arguments, at)
        query: SqlText | Expression
        if self.at("SELECT") or self.at("WITH"):
            query = self.sql_until(";")
            using: list[UsingItem] = []
        else:
            query = self.expression()
            using = self._using() if self.accept("USING") else []
        self.expect(";", "using")
        return OpenFor(cursor, query, using, at)

    def _fetch(self) -> Statement:
        at = self.advance().start
        cursor = self.target()
        bulk = self.accept("BULK", "COLLECT")
        self.expect("INTO", "bulk")
        into = self.targets()
        limit = self.expression() if self.accept("LIMIT") else None
        self.expect(";", "limit")
        return Fetch(cursor, into, bulk, limit, at)

    # ---- SQL ----

    def _forall(self) -> Statement:
        at = self.advance().start
        variable = self.name()
        self.expect("IN")
        low = high = indices = values = None
        if self.accept("INDICES"):
            self.expect("OF")
            indices = self.target()
            if self.accept("BETWEEN"):
                low = self._sum()
                self.expect("AND")
                high = self._sum()
        elif self.accept("VALUES"):
            self.expect("OF")
            values = self.target()
        else:
            low = self.expression()
            self.expect("..")
            high = self.expression()
        save = self.accept("SAVE")
        if save:
            self.expect("EXCEPTIONS")
        inner: SqlStatement | ExecuteImmediate
        if self.at("EXECUTE", "IMMEDIATE"):
            inner = self._execute_immediate()
        elif self.token.word in ("INSERT", "UPDATE", "DELETE", "MERGE"):
            start = self.token.start
            sql = self.sql_until(";")
            self.expect(";")
            inner = SqlStatement(sql, start)
        else:
            self.fail(
                ".",
                "(",
                "*",
                "@",
                "%",
                "&",
                "-",
                "+",
                "/",
                "at",
                "mod",
                "remainder",
                "rem",
                "select",
                "update",
                "with",
                "||",
                "execute",
                "insert",
                "delete",
                "merge",
                "save",
            )
        return ForAll(variable, low, high, indices, values, save, inner, at)

    def _execute_immediate(self) -> ExecuteImmediate:
        at = self.advance().start
        self.advance()
        text = self.expression()
        into: list[Expression] = []
        using: list[UsingItem] = []
        returning: list[Expression] = []
        bulk = returning_bulk = False
        while True:
            if self.at("INTO") or self.at("BULK"):
                bulk, into = self._into()
            elif self.accept("USING"):
                using = self._using()
            elif self.at("RETURNING") or self.at("RETURN"):
                self.advance()
                returning_bulk, returning = self._into()
            else:
                break
        self.expect(";", "into", "using", "returning", "bulk")
        return ExecuteImmediate(text, into, bulk, using, returning, returning_bulk, at)

    def _using(self) -> list[UsingItem]:
        items = []
        while True:
            mode = self._mode()
            items.append(UsingItem(mode, self.expression()))
            if not self.accept(","):
                return items

    def _transaction_control(self) -> Statement:
        token = self.advance()
        verb, at = token.word, token.start
        name = None
        waits = False
        if verb == "SAVEPOINT":
            name = self.name()
        else:
            self.accept("WORK")
        if verb == "ROLLBACK" and self.accept("TO"):
            self.accept("SAVEPOINT")
            name = self.name()
        elif verb == "COMMIT":
            if self.accept("COMMENT"):
                self.advance()
            if self.accept("WRITE"):
                while self.token.word in ("WAIT", "NOWAIT", "IMMEDIATE", "BATCH"):
                    waits = waits or self.token.word == "WAIT"
                    self.advance()
        self.expect(";")
        return TransactionControl(verb, name, at, waits)


# ---- wholes ----


def parse_block(text: str, settings: Settings = BYTES) -> Block:
    """An anonymous block, from DECLARE or BEGIN to `END;`.

    Raises:
        CompileErrors: of syntax.
        OraError: 1756, a string has no end.
    """
    parser, (body, label) = _run(text, _block, Inquiries(settings=settings))
    names: dict[str, None] = {}
    for token in parser.tokens:
        if token.kind is TokenKind.PLACEHOLDER:
            names.setdefault(token.value)
    return Block(text, body, parser.lines, tuple(names), label)


def _block(parser: Parser) -> tuple[Body, str | None]:
    label = None
    while parser.accept("<<"):
        label = parser.name()
        parser.expect(">>")
    declarations = parser.declarations() if parser.accept("DECLARE") else []
    body = parser.body(declarations, label)
    parser.expect(";")
    parser.accept("/")
    if parser.token.kind is not TokenKind.END:
        raise Failure(
            f'PLS-00103: Encountered the symbol "{parser.token.shown}"', parser.token.start
        )
    return body, label


def parse_expression(text: str) -> Expression:
    """An expression and nothing after it."""

    def whole(parser: Parser) -> Expression:
        found = parser.expression()
        if parser.token.kind is not TokenKind.END:
            parser.fail("<end of expression>")
        return found

    return _run(text, whole)[1]


def parse_unit(text: str, schema: str = "", settings: Settings = BYTES) -> UnitSyntax:
    """A stored unit from its CREATE statement; CREATE [OR REPLACE] may be missing.

    Args:
        text: the statement.
        schema: whose the unit is, where its name does not say so.
        settings: it is compiled with.

    Raises:
        CompileErrors: of syntax; its lines count from the line of PACKAGE, PROCEDURE, FUNCTION.
        Unsupported: a trigger, or a type that is no collection.
    """
    header = read_header(text)
    if header is None:
        raise CompileErrors([CompileError(1, 1, "PLS-00103: no unit in this text")])
    if header.kind in ("TRIGGER", "TYPE BODY"):
        raise Unsupported(f"CREATE {header.kind}")
    inquiries = Inquiries(header.name, header.owner or schema, header.kind, settings)
    return _run(header.source, lambda parser: _unit(parser, header), inquiries)[1]


@dataclass(frozen=True)
class UnitHeader:
    """What a CREATE statement creates; source: from PACKAGE, PROCEDURE... on."""

    kind: str
    owner: str | None
    name: str
    source: str


def read_header(text: str) -> UnitHeader | None:
    """Kind and name of a unit; None: the text creates none."""
    found = _HEADER.match(text)
    if found is None:
        return None
    kind = " ".join(found["kind"].upper().split())
    owner = _plain(found["owner"]) if found["owner"] else None
    return UnitHeader(kind, owner, _plain(found["name"]), text[found.start("kind") :])


def _plain(name: str) -> str:
    return name[1:-1] if name.startswith('"') else name.upper()


def _unit(parser: Parser, header: UnitHeader) -> UnitSyntax:
    parser.advance()
    parser.accept("BODY")
    at = parser.token.start
    parser.dotted_name()
    if header.kind in ("PROCEDURE", "FUNCTION"):
        return _standalone(parser, header, at)
    if header.kind == "TYPE":
        return _collection(parser, header, at)
    properties = parser.properties()
    if not parser.accept("IS"):
        parser.expect("AS", "is", "authid", "accessible")
    declarations = parser.declarations(package=True)
    initialisation = None
    if header.kind == "PACKAGE BODY" and parser.at("BEGIN"):
        initialisation = parser.body([], header.name)
    else:
        parser.expect("END", "function", "pragma", "procedure", "subtype", "type", "cursor")
        if parser.token.is_name:
            closing = parser.token
            parser.advance()
            if closing.value != header.name:
                raise Failure(
                    f"PLS-00113: END identifier '{closing.value}' must match '{header.name}'"
                    f" at line 1, column {parser.lines.position(at)[1]}",
                    closing.start,
                )
    _end(parser)
    return UnitSyntax(
        header.kind, header.owner, header.name, header.source.rstrip(), parser.lines, properties,
        declarations, initialisation,
    )  # fmt: skip


def _collection(parser: Parser, header: UnitHeader, at: int) -> UnitSyntax:
    """CREATE TYPE of a nested table or varray."""
    parser.accept("FORCE")
    if not parser.accept("IS"):
        parser.expect("AS", "is", "force")
    if parser.at("OBJECT") or parser.at("OPAQUE"):
        raise Unsupported(f"CREATE TYPE ... AS {parser.token.word}")
    declaration = parser.collection(header.name, at)
    if declaration is None:
        parser.fail("table", "varray", "object")
    if declaration.index is not None:
        raise Failure(
            "PLS-00355: use of pl/sql table not allowed in this context", parser.token.start
        )
    parser.accept(";")
    parser.accept("/")
    if parser.token.kind is not TokenKind.END:
        parser.fail("<end-of-file>")
    return UnitSyntax(
        header.kind, header.owner, header.name, header.source.rstrip(), parser.lines, {},
        [declaration],
    )  # fmt: skip


def _standalone(parser: Parser, header: UnitHeader, at: int) -> UnitSyntax:
    parameters, returns, properties = parser.head()
    if header.kind == "FUNCTION" and returns is None:
        parser.fail("(", "return")
    if not parser.accept("IS"):
        parser.expect("AS", "is", "authid", "deterministic", "(", ";")
    if parser.at("LANGUAGE") or parser.at("EXTERNAL"):
        raise Unsupported("call specification")
    body = parser.body(parser.declarations(), header.name)
    _end(parser)
    subprogram = Subprogram(header.name, parameters, returns, properties, body, at)
    return UnitSyntax(
        header.kind, header.owner, header.name, header.source.rstrip(), parser.lines, properties,
        subprogram=subprogram,
    )  # fmt: skip


def _end(parser: Parser) -> None:
    parser.expect(";")
    parser.accept("/")
    if parser.token.kind is not TokenKind.END:
        parser.fail("<end-of-file>")


def _run(
    text: str, rule: Callable[[Parser], T], inquiries: Inquiries | None = None
) -> tuple[Parser, T]:
    try:
        parser = Parser(text, inquiries)
        return parser, rule(parser)
    except Failure as failure:
        line, column = LineTable(text).position(failure.at)
        raise CompileErrors([CompileError(line, column, failure.text)]) from None
