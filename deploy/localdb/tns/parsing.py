"""Requests, from the client's bytes.

Source of all layouts: python-oracledb 26.1.0, impl/thin/messages/*.pyx.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from deploy.localdb.errors import Unsupported
from deploy.localdb.tns import requests
from deploy.localdb.tns.bindvalues import read_value
from deploy.localdb.tns.buffer import Reader
from deploy.localdb.tns.constants import (
    FIELD_VERSION_12_2,
    FIELD_VERSION_12_2_EXT1,
    FIELD_VERSION_23_1_EXT1,
    LONGEST_INLINE,
    ExecFlag,
    Function,
    Message,
    Option,
    WireType,
)
from deploy.localdb.tns.errors import NeedMoreData, RemoteProtocolError
from deploy.localdb.tns.metadata import Metadata, read_metadata
from deploy.localdb.tns.placeholders import is_plsql, is_query, returning_binds
from deploy.localdb.tns.replies import Direction
from deploy.localdb.values import Value

_MOST_BINDS = 65_535
_FUNCTIONS = {function.value: function.name for function in Function}
_LOB_OPERATIONS = {
    0x0001: "length",
    0x0002: "read",
    0x0020: "trim",
    0x0040: "write",
    0x0110: "create_temp",
    0x0111: "free",
    0x4000: "chunk_size",
    0x8000: "open",
    0x10000: "close",
    0x11000: "is_open",
}
_END_TO_END = ("client_identifier", "module", "action", "client_info", "dbop")


@dataclass
class CursorMemory:
    """What the wire keeps of a statement: later requests leave it out."""

    sql: str = ""
    metadata: tuple[Metadata, ...] = ()
    directions: tuple[Direction, ...] | None = None
    returning: frozenset[int] = frozenset()
    defines: tuple[Metadata, ...] = ()
    columns_sent: bool = False


@dataclass
class Call:
    """A function that the client calls, with the piggybacks before it."""

    request: requests.Request
    piggybacks: list[requests.Piggyback] = field(default_factory=list)
    token: int = 0
    #: The client's own description of what it executes; kept when the answer names the cursor.
    memory: CursorMemory | None = None
    lob: LobFrame | None = None
    #: Of EXECUTE: an error that only the answer can tell.
    refused: Unsupported | None = None


@dataclass
class LobFrame:
    """How the answer to a LOB operation is laid out."""

    locator_length: int
    has_amount: bool
    has_flag: bool
    creates: bool


@dataclass
class Progress:
    """How far a request has been parsed: rows that are complete are not read again."""

    call: Call | None = None
    position: int = 0
    rows: list[tuple[Value, ...]] = field(default_factory=list)
    wanted: int = 0
    metadata: tuple[Metadata, ...] = ()
    present: tuple[int, ...] = ()


class RequestParser:
    """Parses one request after the other; call `parse` again when there are more bytes."""

    def __init__(self, field_version: int) -> None:
        self.field_version = field_version
        self._progress = Progress()

    def reset(self) -> None:
        self._progress = Progress()

    def parse(self, data: bytearray, cursors: Mapping[int, CursorMemory]) -> Call:
        """The request at the start of data.

        Raises:
            NeedMoreData: it is not complete.
            RemoteProtocolError: it is no request.
        """
        progress = self._progress
        reader = Reader(data, progress.position)
        if progress.call is None:
            self._header(reader, cursors)
            progress = self._progress
        while len(progress.rows) < progress.wanted:
            progress.rows.append(self._row(reader, progress))
            progress.position = reader.position
        call = progress.call
        assert call is not None
        if isinstance(call.request, requests.Execute) and progress.wanted:
            call.request = _with_rows(call.request, tuple(progress.rows))
        self._progress = Progress()
        return call

    def _header(self, reader: Reader, cursors: Mapping[int, CursorMemory]) -> None:
        piggybacks: list[requests.Piggyback] = []
        while True:
            message = reader.u8()
            code = reader.u8()
            reader.u8()  # sequence number
            token = reader.ub() if self.field_version >= FIELD_VERSION_23_1_EXT1 else 0
            if message != Message.PIGGYBACK:
                break
            if (found := self._piggyback(reader, code)) is not None:
                piggybacks.append(found)
        if message == Message.ONE_WAY_FUNCTION:
            call = Call(requests.Refused("session release"), piggybacks, token)
            if code == Function.SESSION_RELEASE:
                reader.skip(2)
                reader.ub()
                call.request = requests.Rollback()
            self._progress.call = call
            return
        if message != Message.FUNCTION:
            raise RemoteProtocolError(f"message type {message}")
        call = Call(requests.Ping(), piggybacks, token)
        self._function(reader, code, call, cursors)
        self._progress.call = call
        self._progress.position = reader.position

    # ---- piggybacks ----

    def _piggyback(self, reader: Reader, code: int) -> requests.Piggyback | None:
        match code:
            case Function.CLOSE_CURSORS:
                reader.u8()
                count = reader.ub()
                return requests.CloseCursors(tuple(reader.ub() for _ in range(count)))
            case Function.LOB_OP:
                return self._free_lobs(reader)
            case Function.SET_SCHEMA:
                reader.u8()
                return requests.SetSchema(reader.text())
            case Function.SET_END_TO_END:
                return self._end_to_end(reader)
            case Function.SESSION_STATE:
                reader.ub()
                return None
            case Function.PIPELINE_BEGIN:
                reader.ub()
                reader.skip(2)
                return None
            case Function.APPLICATION_CONTEXT:
                self._application_context(reader)
                return None
            case _:
                raise RemoteProtocolError(f"piggyback {code}")

    def _free_lobs(self, reader: Reader) -> requests.Piggyback:
        reader.u8()
        total = reader.ub()
        reader.u8()
        reader.ub()
        reader.ub()
        reader.ub()
        reader.skip(3)
        reader.ub()  # operation
        reader.u8()
        reader.ub()
        reader.ub()
        reader.ub()
        reader.u8()
        for _ in range(3):
            reader.u8()
            reader.ub()
        data = reader.raw(total)
        locators = []
        position = 0
        while position + 2 <= len(data):
            size = int.from_bytes(data[position : position + 2], "big") + 2
            locators.append(data[position : position + size])
            position += size
        return requests.FreeLobs(tuple(locators))

    def _end_to_end(self, reader: Reader) -> requests.Piggyback:
        reader.skip(2)
        reader.ub()
        pointers, sizes = [], []
        # client id, module, action, (cct), client info, (two), dbop: source, messages/base.pyx
        for _ in range(3):
            pointers.append(reader.u8())
            sizes.append(reader.ub())
        reader.u8()
        reader.ub()
        reader.u8()
        reader.ub()
        pointers.append(reader.u8())
        sizes.append(reader.ub())
        reader.u8()
        reader.ub()
        reader.u8()
        reader.ub()
        pointers.append(reader.u8())
        sizes.append(reader.ub())
        found: dict[str, str] = {}
        for name, pointer, size in zip(_END_TO_END, pointers, sizes, strict=True):
            if size:
                found[name] = (reader.b1() or b"").decode("utf-8", "replace")
            elif pointer:
                found[name] = ""
        return requests.EndToEnd(found)

    def _application_context(self, reader: Reader) -> None:
        reader.u8()
        reader.ub()
        reader.u8()
        count = reader.ub()
        reader.ub()
        reader.u8()
        reader.b1()
        for _ in range(count):
            reader.text()
            reader.text()
            reader.ub()

    # ---- functions ----

    def _function(
        self, reader: Reader, code: int, call: Call, cursors: Mapping[int, CursorMemory]
    ) -> None:
        match code:
            case Function.EXECUTE:
                self._execute(reader, call, cursors)
            case Function.REEXECUTE | Function.REEXECUTE_AND_FETCH:
                self._reexecute(reader, call, cursors, fetches=code == Function.REEXECUTE_AND_FETCH)
            case Function.FETCH:
                cursor_id = reader.ub()
                call.request = requests.Fetch(cursor_id, reader.ub())
            case Function.COMMIT:
                call.request = requests.Commit()
            case Function.ROLLBACK:
                call.request = requests.Rollback()
            case Function.PING:
                call.request = requests.Ping()
            case Function.LOGOFF:
                call.request = requests.Logoff()
            case Function.LOB_OP:
                self._lob(reader, call)
            case Function.PIPELINE_END:
                reader.ub()
                call.request = requests.Ping()
            case _:
                name = _FUNCTIONS.get(code, str(code))
                reader.position = len(reader.data)
                call.request = requests.Refused(f"function {name} of the protocol")

    def _execute(self, reader: Reader, call: Call, cursors: Mapping[int, CursorMemory]) -> None:
        options = Option(reader.ub())
        cursor_id = reader.ub()
        reader.u8()
        sql_length = reader.ub()
        reader.u8()
        reader.ub()
        reader.skip(2)
        reader.ub()
        fetch_rows = reader.ub()
        reader.ub()
        reader.u8()
        bind_count = reader.ub()
        reader.skip(5)
        reader.u8()
        define_count = reader.ub()
        reader.ub()
        reader.skip(3)
        reader.ub()
        reader.u8()
        reader.ub()
        reader.ub()
        reader.u8()
        reader.ub()
        reader.u8()
        if self.field_version >= FIELD_VERSION_12_2:
            reader.u8()
            reader.ub()
            reader.u8()
            reader.ub()
            reader.u8()
        if self.field_version >= FIELD_VERSION_12_2_EXT1:
            reader.u8()
            reader.ub()
        if bind_count > _MOST_BINDS or define_count > _MOST_BINDS:
            raise RemoteProtocolError("too many binds")
        sql = ""
        if sql_length:
            sql = (reader.b1() or b"").decode("utf-8", "replace")
        numbers = [reader.ub() for _ in range(13)]
        memory = CursorMemory(sql) if sql else cursors.get(cursor_id) or CursorMemory()
        metadata: tuple[Metadata, ...] = memory.metadata
        rows = 0
        try:
            if define_count:
                memory.defines = tuple(
                    read_metadata(reader, self.field_version) for _ in range(define_count)
                )
            elif bind_count:
                metadata = tuple(
                    read_metadata(reader, self.field_version) for _ in range(bind_count)
                )
                rows = 1 if is_query(memory.sql) else numbers[1]
        except Unsupported as error:
            reader.position = len(reader.data)
            call.refused = error
        if bind_count and not define_count:
            memory.metadata = metadata
            memory.directions = None
        if sql:
            memory.returning = returning_binds(sql)
        present = tuple(i for i in range(len(metadata)) if i not in memory.returning)
        if call.refused is not None:
            rows = 0
        executions = 1 if is_query(memory.sql) else max(numbers[1], 1)
        flags = ExecFlag(numbers[9])
        call.memory = memory
        try:
            binds = tuple(item.bind() for item in metadata)
        except Unsupported as error:
            binds = ()
            call.refused = error
        call.request = requests.Execute(
            cursor_id=cursor_id,
            sql=memory.sql,
            binds=binds,
            rows=((None,) * len(metadata),) * executions,
            parse_only=bool(options & Option.DESCRIBE),
            execute=bool(options & Option.EXECUTE),
            fetch_rows=fetch_rows if options & Option.FETCH or not options & Option.EXECUTE else 0,
            commit=bool(options & Option.COMMIT),
            batch_errors=bool(options & Option.BATCH_ERRORS),
            row_counts=bool(flags & ExecFlag.DML_ROW_COUNTS),
            scrollable=bool(flags & ExecFlag.SCROLLABLE),
            orientation=numbers[10],
            position=numbers[11],
        )
        if define_count and not options & Option.FETCH and not options & Option.PARSE:
            call.request = _with_fetch(call.request, fetch_rows)
        if rows and present:
            self._begin_rows(rows, metadata, present)

    def _reexecute(
        self,
        reader: Reader,
        call: Call,
        cursors: Mapping[int, CursorMemory],
        *,
        fetches: bool,
    ) -> None:
        cursor_id = reader.ub()
        count = reader.ub()
        reader.ub()
        commit = reader.ub() & 0x1
        memory = cursors.get(cursor_id)
        if memory is None:
            raise RemoteProtocolError(f"cursor {cursor_id} is not known")
        skipped = set(memory.returning)
        for i, direction in enumerate(memory.directions or ()):
            if direction is Direction.OUT:
                skipped.add(i)
        present = tuple(i for i in range(len(memory.metadata)) if i not in skipped)
        executions = 1 if fetches else max(count, 1)
        call.memory = memory
        call.request = requests.Execute(
            cursor_id=cursor_id,
            sql=memory.sql,
            binds=tuple(item.bind() for item in memory.metadata),
            rows=((None,) * len(memory.metadata),) * executions,
            fetch_rows=count if fetches else 0,
            commit=bool(commit),
        )
        if present:
            self._begin_rows(executions, memory.metadata, present)

    def _begin_rows(
        self, rows: int, metadata: tuple[Metadata, ...], present: tuple[int, ...]
    ) -> None:
        self._progress.wanted = rows
        self._progress.metadata = metadata
        self._progress.present = present

    def _row(self, reader: Reader, progress: Progress) -> tuple[Value, ...]:
        if reader.u8() != Message.ROW_DATA:
            raise RemoteProtocolError("no row where one is due")
        assert progress.call is not None
        memory = progress.call.memory
        metadata = progress.metadata
        values: list[Value] = [None] * len(metadata)
        plsql = memory is not None and is_plsql(memory.sql)
        late: list[int] = []
        for i in progress.present:
            item = metadata[i]
            if item.is_array:
                count = reader.ub()
                values[i] = [read_value(reader, item) for _ in range(count)]
            elif not plsql and _is_deferred(item):
                late.append(i)
            else:
                values[i] = read_value(reader, item)
        for i in late:
            values[i] = read_value(reader, metadata[i])
        return tuple(values)

    def _lob(self, reader: Reader, call: Call) -> None:
        has_source = reader.u8()
        source_length = reader.ub()
        reader.u8()
        reader.ub()
        reader.ub()
        reader.ub()
        has_charset = reader.u8()
        reader.u8()
        has_flag = reader.u8()
        code = reader.ub()
        reader.skip(2)
        source_offset = reader.ub()
        dest_offset = reader.ub()
        has_amount = reader.u8()
        reader.skip(6)
        locator = reader.raw(source_length) if has_source else b""
        if has_charset:
            reader.ub()
        data: bytes | None = None
        if code == 0x0040:
            if reader.u8() != Message.LOB_DATA:
                raise RemoteProtocolError("no data to write to the LOB")
            data = reader.b1() or b""
        amount = reader.ub() if has_amount else 0
        operation = _LOB_OPERATIONS.get(code & 0x7FFFF)
        if operation is None:
            reader.position = len(reader.data)
            call.request = requests.Refused(f"LOB operation {code:#x}")
            return
        creates = operation == "create_temp"
        binary = dest_offset == WireType.BLOB if creates else _is_blob(locator)
        text: str | bytes | None = data
        if data is not None and not binary:
            text = data.decode("utf-8", "replace")
        call.request = requests.LobOperation(
            operation,
            locator,
            offset=source_offset,
            amount=amount,
            data=text,
            binary=binary,
            national=creates and source_offset == 2,
        )
        call.lob = LobFrame(len(locator), bool(has_amount), bool(has_flag), creates)


def _is_blob(locator: bytes) -> bool:
    return len(locator) > 4 and bool(locator[4] & 0x01)


def _is_deferred(item: Metadata) -> bool:
    return item.buffer_size > LONGEST_INLINE and item.wire_type not in (
        WireType.JSON,
        WireType.VECTOR,
    )


def _with_rows(request: requests.Execute, rows: tuple[tuple[Value, ...], ...]) -> requests.Execute:
    return replace(request, rows=rows)


def _with_fetch(request: requests.Request, rows: int) -> requests.Request:
    assert isinstance(request, requests.Execute)
    return replace(request, fetch_rows=rows)


__all__ = ["Call", "CursorMemory", "LobFrame", "NeedMoreData", "RequestParser"]
