"""A session that answers what a test tells it to, behind the real server and the real driver."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import ClassVar

from deploy.localdb.errors import OraError
from deploy.localdb.lobs import LobTable
from deploy.localdb.tns import requests
from deploy.localdb.tns.authentication import Verifier, make_verifier
from deploy.localdb.tns.replies import (
    Dequeued,
    Direction,
    Enqueued,
    Executed,
    LobResult,
    OpenCursor,
)
from deploy.localdb.values import Column, Lob, SqlType, TypeName, Value

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
        self.passwords: list[str] = []
        self._lobs = LobTable()
        self._next = 0

    def _open(self, columns: tuple[Column, ...], rows: list[tuple[object, ...]]) -> int:
        self._next += 1
        self.columns[self._next] = columns
        self.rows[self._next] = rows
        return self._next

    async def execute(self, request: requests.Execute) -> Executed:
        self.received.append(request)
        if not (request.execute or request.parse_only) or not request.sql:
            return self._fetch(request.cursor_id, request.fetch_rows)
        if request.sql == "wait":
            self.running.set()
            await self.interrupted.wait()
            self.interrupted.clear()
            raise OraError(1013, "user requested cancel of current operation")
        for begin, answer in self.answers.items():
            if request.sql.startswith(begin):
                return answer(self, request)
        raise OraError(942, "table or view does not exist", position=14)

    def _numbers(self, request: requests.Execute) -> Executed:
        columns = (Column("N", NUMBER), Column("T", TEXT))
        if request.parse_only:
            return Executed(cursor_id=self._new(), columns=columns)
        return self._query(request, columns, [(i, f"t{i}") for i in range(1000)])

    def _bind(self, request: requests.Execute) -> Executed:
        columns = (Column("V", request.binds[0].type),)
        return self._query(request, columns, [(request.rows[0][0],)])

    def _query(
        self,
        request: requests.Execute,
        columns: tuple[Column, ...],
        rows: list[tuple[object, ...]],
    ) -> Executed:
        cursor = self._open(columns, rows)
        reply = self._fetch(cursor, request.fetch_rows)
        reply.columns = columns
        return reply

    def _lob(self, request: requests.Execute) -> Executed:
        columns = (Column("ID", NUMBER), Column("C", SqlType(TypeName.CLOB)))
        locator = self._lobs.locator(Lob("ö" * 50_000))
        cursor = self._open(columns, [(1, locator), (2, None)])
        return Executed(cursor_id=cursor, columns=columns, more=True)

    def _keep_lob(self, request: requests.Execute) -> Executed:
        (locator,) = request.rows[0]
        assert isinstance(locator, bytes)
        lob = self._lobs.find(locator)
        out = self._lobs.locator(Lob(lob.data, national=lob.national))
        return Executed(cursor_id=self._new(), directions=(Direction.IN_OUT,), out_values=[(out,)])

    def _insert(self, request: requests.Execute) -> Executed:
        counts = [n + 1 for n in range(len(request.rows))] if request.row_counts else None
        reply = Executed(cursor_id=self._new(), row_count=len(request.rows), row_counts=counts)
        self.in_transaction = not request.commit
        if "returning" in request.sql:
            returned: list[tuple[list[Value], ...]] = [
                ([n * 10, n * 10 + 1],) for n, *_ in request.rows
            ]
            reply.returned = returned
        return reply

    def _insert_wrong(self, request: requests.Execute) -> Executed:
        error = OraError(1, "unique constraint violated")
        errors = [(n, error) for n in range(0, len(request.rows), 2)]
        return Executed(
            cursor_id=self._new(),
            row_count=len(request.rows) - len(errors),
            batch_errors=errors,
        )

    def _cursor(self, request: requests.Execute) -> Executed:
        columns = (Column("N", NUMBER),)
        cursor = OpenCursor(self._open(columns, [(1,), (2,)]), columns)
        return Executed(cursor_id=self._new(), directions=(Direction.OUT,), out_values=[(cursor,)])

    def _implicit(self, request: requests.Execute) -> Executed:
        columns = (Column("N", NUMBER),)
        cursors = [OpenCursor(self._open(columns, [(n,)]), columns) for n in range(2)]
        return Executed(cursor_id=self._new(), directions=(), implicit_results=cursors)

    def _array(self, request: requests.Execute) -> Executed:
        (items,) = request.rows[0]
        assert isinstance(items, list)
        return Executed(
            cursor_id=self._new(),
            directions=(Direction.IN_OUT,),
            out_values=[([None if item is None else item * 2 for item in items],)],
        )

    def _take(self, request: requests.Execute) -> Executed:
        directions = (Direction.IN,) * len(request.binds)
        return Executed(
            cursor_id=self._new(), directions=directions, out_values=[() for _ in request.rows]
        )

    def _null(self, request: requests.Execute) -> Executed:
        directions = (Direction.OUT,) * len(request.binds)
        values: tuple[Value, ...] = tuple([] if bind.is_array else None for bind in request.binds)
        return Executed(cursor_id=self._new(), directions=directions, out_values=[values])

    def _block(self, request: requests.Execute) -> Executed:
        return Executed(
            cursor_id=self._new(),
            directions=(Direction.IN, Direction.OUT),
            out_values=[(f"got {row[0]!r}",) for row in request.rows],
        )

    def _create(self, request: requests.Execute) -> Executed:
        return Executed(cursor_id=self._new(), compiled_with_errors="wrong" in request.sql)

    answers: ClassVar[dict[str, Callable[[CannedSession, requests.Execute], Executed]]] = {
        "select numbers": _numbers,
        "select lob": _lob,
        "select bind": _bind,
        "insert wrong": _insert_wrong,
        "insert": _insert,
        "begin cursor": _cursor,
        "begin implicit": _implicit,
        "begin array": _array,
        "begin lob": _keep_lob,
        "begin take": _take,
        "begin null": _null,
        "begin": _block,
        "create": _create,
    }

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
        return self._lobs.run(request, lambda: None)

    async def enqueue(self, request: requests.Enqueue) -> Enqueued:
        return Enqueued([bytes(16) for _ in request.messages])

    async def dequeue(self, request: requests.Dequeue) -> Dequeued:
        raise OraError(25228, "timeout or end-of-fetch during message dequeue")

    async def commit(self) -> None:
        self.in_transaction = False

    async def rollback(self) -> None:
        self.in_transaction = False

    async def ping(self) -> None:
        return

    async def change_password(self, new: str, old: str | None = None) -> None:
        if old is not None and old != (self.passwords or [PASSWORD])[-1]:
            raise OraError(28008, "invalid old password")
        self.passwords.append(new)

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

    async def open_session(
        self, user: str, attributes: Mapping[str, str], *, client: str | None = None
    ) -> CannedSession:
        self.attributes = dict(attributes)
        self.opened.append(CannedSession())
        return self.opened[-1]
