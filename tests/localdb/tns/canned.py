"""A session that answers what a test tells it to, behind the real server and the real driver."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from deploy.localdb.errors import OraError
from deploy.localdb.tns import requests
from deploy.localdb.tns.authentication import Verifier, make_verifier
from deploy.localdb.tns.replies import Direction, Executed, LobResult, Locator, OpenCursor
from deploy.localdb.values import Column, SqlType, TypeName, Value

PASSWORD = "canned password"

NUMBER = SqlType(TypeName.NUMBER)
TEXT = SqlType(TypeName.VARCHAR2, 100)


class CannedSession:
    """Answers by the statement's text."""

    sid = 7
    serial = 4711
    in_transaction = False

    def __init__(self) -> None:
        self.interrupted = asyncio.Event()
        self.closed = asyncio.Event()
        self.rows: dict[int, list[tuple[object, ...]]] = {}
        self.columns: dict[int, tuple[Column, ...]] = {}
        self.messages: list[requests.Piggyback] = []
        self.received: list[requests.Execute] = []
        self.running = asyncio.Event()
        self._next = 0

    def _open(self, columns: tuple[Column, ...], rows: list[tuple[object, ...]]) -> int:
        self._next += 1
        self.columns[self._next] = columns
        self.rows[self._next] = rows
        return self._next

    async def execute(self, request: requests.Execute) -> Executed:
        self.received.append(request)
        sql = request.sql
        if not request.execute or not sql:
            return self._fetch(request.cursor_id, request.fetch_rows)
        if sql == "wait":
            self.running.set()
            await self.interrupted.wait()
            self.interrupted.clear()
            raise OraError(1013, "user requested cancel of current operation")
        if sql.startswith("select numbers"):
            cursor = self._open(
                (Column("N", NUMBER), Column("T", TEXT)), [(i, f"t{i}") for i in range(1000)]
            )
            reply = self._fetch(cursor, request.fetch_rows)
            reply.columns = self.columns[cursor]
            return reply
        if sql.startswith("select lob"):
            columns: tuple[Column, ...] = (
                Column("ID", NUMBER),
                Column("C", SqlType(TypeName.CLOB)),
            )
            data = "ö" * 50_000
            locator = Locator(bytes(39) + b"\1", len(data), False, data=data)
            cursor = self._open(columns, [(1, locator), (2, None)])
            return Executed(cursor_id=cursor, columns=columns, more=True)
        if sql.startswith("select bind"):
            value = request.rows[0][0]
            columns = (Column("V", request.binds[0].type),)
            cursor = self._open(columns, [(value,)])
            reply = self._fetch(cursor, request.fetch_rows)
            reply.columns = columns
            return reply
        if sql.startswith("insert") and "returning" in sql:
            returned: list[tuple[list[Value], ...]] = [
                ([n * 10, n * 10 + 1],) for n, *_ in request.rows
            ]
            return Executed(
                cursor_id=self._new(), row_count=2 * len(request.rows), returned=returned
            )
        if sql.startswith("insert"):
            return Executed(cursor_id=self._new(), row_count=len(request.rows))
        if sql.startswith("begin cursor"):
            columns = (Column("N", NUMBER),)
            cursor = self._open(columns, [(1,), (2,)])
            return Executed(
                cursor_id=self._new(),
                directions=(Direction.OUT,),
                out_values=[(OpenCursor(cursor, columns),)],
            )
        if sql.startswith("begin array"):
            (items,) = request.rows[0]
            return Executed(
                cursor_id=self._new(),
                directions=(Direction.IN_OUT,),
                out_values=[([item * 2 for item in items],)],
            )
        if sql.startswith("begin"):
            return Executed(
                cursor_id=self._new(),
                directions=(Direction.IN, Direction.OUT),
                out_values=[(f"got {row[0]}",) for row in request.rows],
            )
        raise OraError(942, "table or view does not exist", position=14)

    def _new(self) -> int:
        self._next += 1
        return self._next

    def _fetch(self, cursor_id: int, count: int) -> Executed:
        rows = self.rows[cursor_id]
        found, self.rows[cursor_id] = rows[:count], rows[count:]
        return Executed(cursor_id=cursor_id, rows=found, more=len(found) == count)

    async def fetch(self, request: requests.Fetch) -> Executed:
        return self._fetch(request.cursor_id, request.rows)

    async def lob(self, request: requests.LobOperation) -> LobResult:
        if request.operation == "read":
            data = "ö" * 50_000
            return LobResult(request.locator, data[request.offset - 1 :][: request.amount], 50_000)
        return LobResult(request.locator, amount=50_000)

    async def commit(self) -> None:
        self.in_transaction = False

    async def rollback(self) -> None:
        self.in_transaction = False

    async def ping(self) -> None:
        return

    async def change_password(self, new: str) -> None:
        return

    def piggyback(self, message: requests.Piggyback) -> None:
        self.messages.append(message)

    def interrupt(self) -> None:
        self.interrupted.set()

    async def close(self) -> None:
        self.interrupted.set()
        self.closed.set()


class CannedSessions:
    """Lets the user CANNED in."""

    def __init__(self) -> None:
        self.opened: list[CannedSession] = []
        self.attributes: dict[str, str] = {}
        self._verifier = make_verifier(PASSWORD)

    async def verifier(self, user: str) -> Verifier | None:
        return self._verifier if user == "CANNED" else None

    async def open_session(self, user: str, attributes: Mapping[str, str]) -> CannedSession:
        self.attributes = dict(attributes)
        self.opened.append(CannedSession())
        return self.opened[-1]
