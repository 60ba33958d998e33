"""CREATE TRIGGER: the head, whose errors end the statement, and the body, a block with errors as any.

Lines count from DECLARE or BEGIN, as in Oracle's messages; only *_SOURCE counts from TRIGGER.
"""

from __future__ import annotations

from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.plsql.conditional import BYTES, Inquiries, Settings
from deploy.localdb.plsql.exceptions import CompileError, CompileErrors, Failure
from deploy.localdb.plsql.parser import Parser, UnitHeader, read_header
from deploy.localdb.plsql.scanner import LineTable, TokenKind
from deploy.localdb.plsql.syntax import Subprogram, TriggerSyntax, UnitSyntax

_EVENTS = ("INSERT", "UPDATE", "DELETE")
_TIMINGS = {"BEFORE": "BEFORE", "AFTER": "AFTER", "INSTEAD": "INSTEAD OF", "FOR": "FOR"}


class BodyLines(LineTable):
    """The lines of a trigger, counted from that of its body."""

    def __init__(self, text: str, body: int) -> None:
        super().__init__(text)
        self._ahead = super().line(body) - 1

    def line(self, offset: int) -> int:
        return max(super().line(offset) - self._ahead, 1)

    def position(self, offset: int) -> tuple[int, int]:
        return self.line(offset), offset - self._starts[super().line(offset) - 1] + 1


def read_trigger(text: str, schema: str = "", settings: Settings = BYTES) -> TriggerSyntax:
    """The head of a CREATE TRIGGER statement; schema and settings as for `parse_unit`.

    Raises:
        OraError: 4071 and the like.
        Unsupported: a trigger of another kind.
    """
    return _read(text, schema, settings)[2]


def parse_trigger(text: str, schema: str = "", settings: Settings = BYTES) -> UnitSyntax:
    """A trigger as a unit; schema and settings as for `parse_unit`.

    Raises:
        CompileErrors: of the body's syntax.
        OraError: of the head.
    """
    header, parser, trigger = _read(text, schema, settings)
    lines = BodyLines(header.source, trigger.body_at)
    try:
        label = None
        while parser.accept("<<"):
            label = parser.name()
            parser.expect(">>")
        declarations = parser.declarations() if parser.accept("DECLARE") else []
        body = parser.body(declarations, label or header.name)
        parser.expect(";")
        parser.accept("/")
        if parser.token.kind is not TokenKind.END:
            parser.fail("<end-of-file>")
    except Failure as failure:
        line, column = lines.position(failure.at)
        raise CompileErrors([CompileError(line, column, failure.text)]) from None
    subprogram = Subprogram(header.name, [], None, {}, body, trigger.body_at)
    return UnitSyntax(
        header.kind, header.owner, header.name, header.source.rstrip(), lines, {},
        subprogram=subprogram, trigger=trigger,
    )  # fmt: skip


def _read(text: str, schema: str, settings: Settings) -> tuple[UnitHeader, Parser, TriggerSyntax]:
    """What is created; the parser is at the body."""
    header = read_header(text)
    if header is None:
        raise OraError(4070, "invalid trigger name")
    try:
        inquiries = Inquiries(header.name, header.owner or schema, header.kind, settings)
        parser = Parser(header.source, inquiries)
        parser.advance()
        parser.dotted_name()
        trigger = _head(parser, header.source)
    except Failure:
        raise OraError(4079, "invalid trigger specification") from None
    if not trigger.each_row:
        _refuse_rows(parser, trigger)
    return header, parser, trigger


def _head(parser: Parser, source: str) -> TriggerSyntax:
    named_at = parser.tokens[1].start
    timing = _TIMINGS.get(parser.token.word)
    if timing is None:
        raise OraError(4071, "missing BEFORE, AFTER or INSTEAD OF keyword")
    parser.advance()
    if timing == "INSTEAD OF":
        parser.expect("OF")
    events, columns = _events(parser)
    parser.expect("ON")
    if parser.at("NESTED"):
        raise Unsupported("triggers on nested table columns")
    if parser.at("DATABASE") or parser.at("SCHEMA") or parser.at("PLUGGABLE"):
        raise Unsupported("triggers on events of the database")
    table = parser.dotted_name()
    if timing == "FOR":
        raise Unsupported("compound triggers")
    old, new, referencing = "OLD", "NEW", "REFERENCING NEW AS NEW OLD AS OLD"
    if parser.accept("REFERENCING"):
        old, new = _references(parser)
        referencing = f"REFERENCING NEW AS {new} OLD AS {old}"
    each_row = parser.accept("FOR", "EACH", "ROW")
    follows = _followed(parser) if parser.at("FOLLOWS") else ()
    if parser.token.word in ("FORWARD", "REVERSE", "CROSSEDITION", "PRECEDES"):
        raise Unsupported(f"CREATE TRIGGER ... {parser.token.word}")
    enabled = not parser.accept("DISABLE")
    if enabled:
        parser.accept("ENABLE")
    described = source[named_at : parser.token.start]
    condition = when = None
    if parser.accept("WHEN"):
        opens = parser.expect("(")
        when = parser.expression()
        closes = parser.expect(")")
        condition = source[opens.end : closes.start].strip()
    if parser.at("COMPOUND"):
        raise Unsupported("compound triggers")
    if parser.at("CALL"):
        raise Unsupported("CALL in a trigger")
    if not (parser.at("DECLARE") or parser.at("BEGIN") or parser.at("<<")):
        raise OraError(4079, "invalid trigger specification")
    is_instead = timing == "INSTEAD OF"
    if when is not None and is_instead:
        raise OraError(25004, "WHEN clause is not allowed in INSTEAD OF triggers")
    if when is not None and not each_row:
        raise OraError(4077, "WHEN clause cannot be used with table level triggers")
    return TriggerSyntax(
        timing, events, columns, table, old, new, each_row or is_instead, enabled, follows, when,
        parser.token.start, described, condition, referencing,
    )  # fmt: skip


def _events(parser: Parser) -> tuple[tuple[str, ...], tuple[str, ...]]:
    events: list[str] = []
    columns: list[str] = []
    while True:
        event = parser.token.word
        if event not in _EVENTS:
            if parser.token.is_name and not parser.at("OF"):
                raise Unsupported("triggers on DDL and on events of the database")
            raise OraError(4072, "invalid trigger type")
        parser.advance()
        events.append(event)
        if parser.accept("OF"):
            if event != "UPDATE":
                raise OraError(4073, "column list not valid for this trigger type")
            columns.append(parser.name())
            while parser.accept(","):
                columns.append(parser.name())
        if not parser.accept("OR"):
            return tuple(event for event in _EVENTS if event in events), tuple(columns)


def _references(parser: Parser) -> tuple[str, str]:
    names = {"OLD": "OLD", "NEW": "NEW"}
    while parser.token.word in ("OLD", "NEW", "PARENT"):
        word = parser.advance().word
        if word == "PARENT":
            raise Unsupported("triggers on nested table columns")
        parser.accept("AS")
        names[word] = parser.name()
    if names["OLD"] == names["NEW"]:
        raise OraError(4078, "OLD and NEW values cannot be identical")
    return names["OLD"], names["NEW"]


def _followed(parser: Parser) -> tuple[tuple[str, ...], ...]:
    parser.expect("FOLLOWS")
    found = [parser.dotted_name()]
    while parser.accept(","):
        found.append(parser.dotted_name())
    return tuple(found)


def _refuse_rows(parser: Parser, trigger: TriggerSyntax) -> None:
    for token in parser.tokens:
        if token.kind is TokenKind.PLACEHOLDER and token.value in (trigger.old, trigger.new):
            raise OraError(4082, "NEW or OLD references not allowed in table level triggers")
