"""Prepared statements of one connection: under which names PostgreSQL knows them there."""

from __future__ import annotations

import itertools
from collections import OrderedDict
from dataclasses import dataclass

from deploy.localdb.postgres import messages
from deploy.localdb.postgres.codec import Decoder
from deploy.localdb.postgres.wire import Field

#: Statements that a connection keeps.
_MOST_STATEMENTS = 500


@dataclass(frozen=True)
class Described:
    """A statement of PostgreSQL's and what PostgreSQL says of it; for any connection."""

    sql: str
    types: tuple[int, ...]
    parameters: tuple[int, ...] = ()
    fields: tuple[Field, ...] = ()
    decoders: tuple[Decoder, ...] = ()
    result_formats: bytes = messages.TEXT_RESULTS


class PreparedNames:
    """Gives names to statements and portals; what is to be closed goes along with the next exchange."""

    def __init__(self) -> None:
        self._names: OrderedDict[tuple[str, tuple[int, ...]], str] = OrderedDict()
        self._numbers = itertools.count(1)
        self._statements_to_close: list[bytes] = []
        self._portals_to_close: list[bytes] = []

    def new_statement(self) -> str:
        return f"s{next(self._numbers)}"

    def new_portal(self) -> str:
        return f"c{next(self._numbers)}"

    def find(self, statement: Described) -> tuple[str, bytes]:
        """The name, and what has to be sent before it can be used."""
        key = (statement.sql, statement.types)
        name = self._names.get(key)
        if name is not None:
            self._names.move_to_end(key)
            return name, b""
        name = self.new_statement()
        self.keep(statement, name)
        return name, messages.parse(name, statement.sql, statement.types)

    def keep(self, statement: Described, name: str) -> None:
        """The statement is prepared under this name."""
        self._names[statement.sql, statement.types] = name
        if len(self._names) > _MOST_STATEMENTS:
            _, oldest = self._names.popitem(last=False)
            self._close(oldest)

    def forget(self, statement: Described) -> None:
        # Whether it was parsed before an error is not known; closing what is not there is no error.
        name = self._names.pop((statement.sql, statement.types), None)
        if name is not None:
            self._close(name)

    def forget_all(self) -> None:
        for name in self._names.values():
            self._close(name)
        self._names.clear()

    def close_portal(self, name: str) -> None:
        self._portals_to_close.append(messages.close_portal(name))

    def transaction_ended(self) -> None:
        """Portals end with their transaction."""
        self._portals_to_close.clear()

    def take_closed(self) -> bytes:
        closed = b"".join(self._statements_to_close + self._portals_to_close)
        self._statements_to_close.clear()
        self._portals_to_close.clear()
        return closed

    def _close(self, name: str) -> None:
        self._statements_to_close.append(messages.close_statement(name))
