"""Statements about the transaction and the session: COMMIT, ROLLBACK, SAVEPOINT, LOCK TABLE ..."""

from __future__ import annotations

from sqlglot.tokenizer_core import Token, TokenType

from deploy.localdb.dialect.catalog import Relation
from deploy.localdb.dialect.naming import qualified
from deploy.localdb.dialect.translation import (
    AlterSession,
    Commit,
    Control,
    LockTable,
    Rollback,
    Savepoint,
    SetConstraints,
    SetRole,
    SetTransaction,
    Wait,
    Waiting,
)
from deploy.localdb.dialect.writer import Writer
from deploy.localdb.errors import OraError, Unsupported

#: Oracle's table locks -> PostgreSQL's.
_LOCK_MODES = {
    "ROW SHARE": "row share",
    "ROW EXCLUSIVE": "row exclusive",
    "SHARE UPDATE": "row share",
    "SHARE": "share",
    "SHARE ROW EXCLUSIVE": "share row exclusive",
    "EXCLUSIVE": "exclusive",
}


class Words:
    """The tokens of a statement, read one by one."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._index = 0

    @property
    def at_end(self) -> bool:
        return self._index >= len(self._tokens)

    def more(self) -> bool:
        return not self.at_end

    @property
    def position(self) -> int:
        if not self._tokens:
            return 0
        return self._tokens[-1].end + 1 if self.at_end else self._tokens[self._index].start

    def peek(self, ahead: int = 0) -> str:
        """The next word in upper case; '' for a quoted name, a string or the end."""
        index = self._index + ahead
        if index >= len(self._tokens):
            return ""
        token = self._tokens[index]
        if token.token_type in (TokenType.IDENTIFIER, TokenType.STRING):
            return ""
        return token.text.upper()

    def take(self, *words: str) -> bool:
        """Take these words where they come next, all or none."""
        index = self._index
        for word in words:
            if index >= len(self._tokens):
                return False
            token = self._tokens[index]
            if (
                token.token_type in (TokenType.IDENTIFIER, TokenType.STRING)
                or token.text.upper() != word
            ):
                return False
            index += 1
        self._index = index
        return True

    def require(self, *words: str) -> None:
        for word in words:
            if not self.take(word):
                raise OraError(905, f"missing keyword ({word})", position=self.position)

    def name(self) -> str:
        if self.at_end:
            raise OraError(904, ": invalid identifier", position=self.position)
        token = self._tokens[self._index]
        if token.token_type != TokenType.IDENTIFIER and not token.text[:1].isalpha():
            raise OraError(911, "invalid character", position=self.position)
        self._index += 1
        return token.text if token.token_type == TokenType.IDENTIFIER else token.text.upper()

    def text(self) -> str | None:
        """A string literal."""
        if self.at_end or self._tokens[self._index].token_type not in (
            TokenType.STRING,
            TokenType.NATIONAL_STRING,
            TokenType.RAW_STRING,
        ):
            return None
        self._index += 1
        return self._tokens[self._index - 1].text

    def number(self) -> int | None:
        if self.at_end or self._tokens[self._index].token_type != TokenType.NUMBER:
            return None
        self._index += 1
        return int(self._tokens[self._index - 1].text)

    def any_value(self) -> str:
        """A string, a number or words."""
        if self.at_end:
            raise OraError(905, "missing keyword", position=self.position)
        self._index += 1
        return self._tokens[self._index - 1].text

    def skip_rest(self) -> None:
        self._index = len(self._tokens)

    def end(self) -> None:
        if not self.at_end:
            raise OraError(933, "SQL command not properly ended", position=self.position)


def parse_control(w: Writer) -> tuple[str, Control, str] | None:
    """Verb, meaning and PostgreSQL's text; None: it is another kind of statement."""
    words = Words(w.syntax.tokens)
    match words.peek():
        case "COMMIT":
            return "COMMIT", _commit(words), ""
        case "ROLLBACK":
            return "ROLLBACK", _rollback(words), ""
        case "SAVEPOINT":
            words.require("SAVEPOINT")
            name = words.name()
            words.end()
            return "SAVEPOINT", Savepoint(name), ""
        case "SET":
            return _set(w, words)
        case "LOCK":
            return _lock_table(w, words)
        case "ALTER" if words.peek(1) == "SESSION":
            return "ALTER SESSION", _alter_session(words), ""
        case _:
            return None


def _commit(words: Words) -> Control:
    words.require("COMMIT")
    words.take("WORK")
    if words.take("COMMENT") and words.text() is None:
        raise OraError(1756, "quoted string not properly terminated", position=words.position)
    if words.take("FORCE"):
        raise Unsupported("COMMIT FORCE")
    if words.take("WRITE"):
        # Every commit is immediate and waits.
        for _ in range(2):
            for word in ("IMMEDIATE", "BATCH", "WAIT", "NOWAIT"):
                words.take(word)
    words.end()
    return Commit()


def _rollback(words: Words) -> Control:
    words.require("ROLLBACK")
    words.take("WORK")
    if words.take("FORCE"):
        raise Unsupported("ROLLBACK FORCE")
    name = None
    if words.take("TO"):
        words.take("SAVEPOINT")
        name = words.name()
    words.end()
    return Rollback(name)


def _set(w: Writer, words: Words) -> tuple[str, Control, str]:
    words.require("SET")
    if words.take("CONSTRAINT") or words.take("CONSTRAINTS"):
        return _set_constraints(w, words)
    if words.take("ROLE"):
        return _set_role(w, words)
    words.require("TRANSACTION")
    isolation, read_only, name = "READ COMMITTED", False, None
    while not words.at_end:
        if words.take("READ", "ONLY"):
            read_only = True
        elif words.take("READ", "WRITE"):
            read_only = False
        elif words.take("ISOLATION", "LEVEL", "SERIALIZABLE"):
            isolation = "SERIALIZABLE"
        elif words.take("ISOLATION", "LEVEL", "READ", "COMMITTED"):
            isolation = "READ COMMITTED"
        elif words.take("NAME"):
            name = words.text()
        elif words.take("USE"):
            raise Unsupported("SET TRANSACTION USE ROLLBACK SEGMENT")
        else:
            raise OraError(900, "invalid SQL statement", position=words.position)
    return "SET TRANSACTION", SetTransaction(isolation, read_only, name), ""


def _set_role(w: Writer, words: Words) -> tuple[str, Control, str]:
    names: list[str] = []
    everything = words.take("ALL")
    if (everything and words.take("EXCEPT")) or not (everything or words.take("NONE")):
        while True:
            position = words.position
            names.append(words.name())
            if not w.catalog.is_role(names[-1]):
                raise OraError(1919, f"role '{names[-1]}' does not exist", position=position)
            if words.take("IDENTIFIED"):
                raise Unsupported("roles with a password", position=words.position)
            if not words.take(","):
                break
    words.end()
    return "SET ROLE", SetRole(everything, tuple(names)), ""


def _set_constraints(w: Writer, words: Words) -> tuple[str, Control, str]:
    names = []
    if not words.take("ALL"):
        while True:
            names.append(words.name())
            if not words.take(","):
                break
    when = "deferred" if words.take("DEFERRED") else "immediate"
    if when == "immediate":
        words.require("IMMEDIATE")
    words.end()
    listed = ", ".join(qualified(w.schema, name) for name in names) or "all"
    return "SET CONSTRAINTS", SetConstraints(), f"set constraints {listed} {when}"


def _lock_table(w: Writer, words: Words) -> tuple[str, Control, str]:
    words.require("LOCK", "TABLE")
    tables = []
    while True:
        position = words.position
        owner, name = None, words.name()
        if words.take("."):
            owner, name = name, words.name()
        relation = w.find_relation(owner, name)
        if relation is None:
            raise OraError(942, "table or view does not exist", position=position)
        _require_locking(w, relation, position)
        tables.append(qualified(relation.owner, relation.name))
        if not words.take(","):
            break
    words.require("IN")
    mode = []
    while words.peek() and words.peek() != "MODE":
        mode.append(words.any_value().upper())
    words.require("MODE")
    found = _LOCK_MODES.get(" ".join(mode))
    if found is None:
        raise OraError(1737, "valid modes: [ROW] SHARE, [[SHARE] ROW] EXCLUSIVE, SHARE UPDATE")
    wait: Wait = Waiting.FOREVER
    if words.take("NOWAIT"):
        wait = Waiting.NEVER
    elif words.take("WAIT"):
        wait = words.number() or Waiting.NEVER
    words.end()
    w.wait = wait
    suffix = " nowait" if wait is Waiting.NEVER else ""
    return "LOCK TABLE", LockTable(), f"lock table {', '.join(tables)} in {found} mode{suffix}"


def _require_locking(w: Writer, relation: Relation, position: int) -> None:
    """Any privilege to read for update or to change allows to lock."""
    access = w.access
    kind = relation.kind.value
    if access is None or any(
        access.may(relation.owner, relation.name, kind, privilege)
        for privilege in ("SELECT", "INSERT", "UPDATE", "DELETE")
    ):
        return
    w.use(relation, "LOCK", position)


def _alter_session(words: Words) -> Control:
    words.require("ALTER", "SESSION")
    if not words.take("SET"):
        raise Unsupported(f"ALTER SESSION {words.peek()}")
    settings = []
    while not words.at_end:
        name = words.name()
        words.require("=")
        settings.append((name, words.any_value()))
        words.take(",")
    return AlterSession(tuple(settings))
