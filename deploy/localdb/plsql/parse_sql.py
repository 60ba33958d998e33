"""Embedded SQL: how far a statement goes, and its INTO clause cut out."""

from __future__ import annotations

import re

from deploy.localdb.plsql.exceptions import Failure
from deploy.localdb.plsql.parse_declarations import DeclarationParser
from deploy.localdb.plsql.scanner import TokenKind
from deploy.localdb.plsql.syntax import Expression, SqlText

_VISIBLE = re.compile(r"\S")


class SqlParser(DeclarationParser):
    """Statements of SQL are kept as text; the dialect parses them."""

    def sql_until(self, stop: str) -> SqlText:
        """The statement up to this symbol outside of brackets, that stays to be read."""
        start = self.token
        verb = start.word
        depth = 0
        into: list[Expression] = []
        bulk = returning = False
        cut: tuple[int, int] | None = None
        end = start.start
        while True:
            token = self.token
            word = token.word
            if token.kind is TokenKind.END:
                self.fail(stop)
            if depth == 0 and word == stop:
                break
            if depth == 0 and not into:
                if word in ("RETURNING", "RETURN") and verb not in ("SELECT", "WITH"):
                    returning = True
                elif self._at_into(verb, returning=returning):
                    before = self.token.start
                    bulk, into = self._into()
                    cut = before, self.token.start
                    end = before
                    continue
            if word == "(":
                depth += 1
            elif word == ")":
                depth -= 1
                if depth < 0:
                    self.fail(stop)
            end = token.end
            self.advance()
        if returning and not into:
            raise Failure(
                'PLS-00103: Encountered the symbol ";" when expecting one of the'
                " following:\n\n   . ( , * @ % & - + / at mod remainder rem into",
                self.token.start,
            )
        text = self.text[start.start : end]
        if cut is not None and cut[0] < end:
            first, last = cut[0] - start.start, cut[1] - start.start
            text = text[:first] + _VISIBLE.sub(" ", text[first:last]) + text[last:]
        if "$" in text:
            text = self._without_directives(text, start.start)
        return SqlText(text, verb, into, bulk, returning, start.start)

    def _without_directives(self, text: str, begins: int) -> str:
        """What conditional compilation has left of a statement that has just been read."""
        edits: list[tuple[int, int, str]] = []
        previous = begins
        for token in self.tokens:
            if token.start < begins:
                continue
            first, last = previous - begins, token.start - begins
            if first >= len(text):
                break
            if "$" in text[first:last]:
                edits.append((first, last, _VISIBLE.sub(" ", text[first:last])))
            if text.startswith("$", last):
                shown = "'" + token.value.replace("'", "''") + "'"
                is_text = token.kind is TokenKind.STRING
                edits.append((last, token.end - begins, shown if is_text else token.value))
            previous = token.end
        for first, last, shown in reversed(edits):
            text = text[:first] + shown + text[last:]
        return text

    def _at_into(self, verb: str, *, returning: bool) -> bool:
        if verb not in ("SELECT", "WITH") and not returning:
            return False
        return self.at("INTO") or self.at("BULK", "COLLECT", "INTO")

    def _into(self) -> tuple[bool, list[Expression]]:
        bulk = self.accept("BULK", "COLLECT")
        self.expect("INTO")
        return bulk, self.targets()

    def targets(self) -> list[Expression]:
        targets = [self.target()]
        while self.accept(","):
            targets.append(self.target())
        return targets
