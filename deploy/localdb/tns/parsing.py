"""Requests, from the client's bytes.

Source of all layouts: python-oracledb 26.1.0, impl/thin/messages/*.pyx.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.tns import requests
from deploy.localdb.tns.bindvalues import Encoder, read_value
from deploy.localdb.tns.buffer import Chunks, Reader
from deploy.localdb.tns.constants import (
    FIELD_VERSION_12_2,
    FIELD_VERSION_12_2_EXT1,
    FIELD_VERSION_23_1_EXT1,
    FORM_NATIONAL,
    LOCATOR_BLOB,
    LOCATOR_UTF16,
    REEXECUTE_COMMIT,
    ExecFlag,
    Function,
    Message,
    Option,
    WireType,
)
from deploy.localdb.tns.errors import NeedMoreData, RemoteProtocolError
from deploy.localdb.tns.metadata import Metadata, read_metadata
from deploy.localdb.tns.placeholders import is_plsql, is_query, returning_binds
from deploy.localdb.tns.queueing import QueueFrame, read_array, read_dequeue, read_enqueue
from deploy.localdb.tns.replies import Direction
from deploy.localdb.tns.requests import Bind
from deploy.localdb.values import Column, Value

_MOST_BINDS = 65_535
_MOST_ITEMS = 1 << 24
_MOST_PAIRS = 1000
_FUNCTIONS = {function.value: function.name for function in Function}
#: Answered with ORA-03001: two-phase commit and subscriptions. So are those that have no name here.
REFUSED_FUNCTIONS = frozenset({Function.TPC_SWITCH, Function.TPC_CHANGE, Function.SUBSCRIBE})
_REQUEST_MESSAGES = frozenset({3, 17, 26})
_PING = requests.Ping()
#: What EXECUTE's array of numbers holds.
_EXECUTIONS, _IS_QUERY, _FLAGS, _ORIENTATION, _POSITION = 1, 7, 9, 10, 11
_LOB_ARRAY = 0x80000
LOB_OPERATIONS = {
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
    is_query: bool = False
    is_plsql: bool = False
    metadata: tuple[Metadata, ...] = ()
    binds: tuple[Bind, ...] = ()
    #: A bind is of a type that localdb does not have.
    refused: OraError | None = None
    directions: tuple[Direction, ...] | None = None
    returning: frozenset[int] = frozenset()
    defines: tuple[Metadata, ...] = ()
    columns: tuple[Column, ...] = ()
    #: Who writes the columns, and for which columns and defines that was found.
    encoders: Sequence[tuple[Encoder, bytes]] = ()
    encoders_for: tuple[object, ...] = ()
    #: Which binds a re-execution has values for, in their order, and for what that was found.
    order: tuple[int, ...] = ()
    order_for: tuple[object, ...] = ()


def lob_encoding(locator: bytes) -> str:
    """Of the characters of a CLOB as they come and go."""
    return "utf-16-be" if is_utf16(locator) else "utf-8"


@dataclass
class LobFrame:
    """How the answer to a LOB operation is laid out."""

    has_amount: bool
    has_flag: bool
    creates: bool


@dataclass(slots=True)
class Call:
    """A function that the client calls, with the piggybacks before it."""

    request: requests.Request
    piggybacks: list[requests.Piggyback] = field(default_factory=list)
    token: int = 0
    #: The client's own description of what it executes; kept when the answer names the cursor.
    memory: CursorMemory | None = None
    lob: LobFrame | None = None
    queue: QueueFrame | None = None
    #: Read, but not to be run: the error that is its answer.
    refused: OraError | None = None
    #: Nothing is sent back.
    one_way: bool = False
    #: The mode of the pipeline that begins with this call.
    pipeline: int | None = None
    ends_pipeline: bool = False
    #: Of a change of password: what the client sent.
    authentication: dict[str, str] | None = None


@dataclass(slots=True)
class Rows:
    """Rows of binds, as far as they are read: what is complete is not read again."""

    wanted: int
    metadata: tuple[Metadata, ...]
    #: Which binds have values, in the order in which they come.
    order: tuple[int, ...]
    found: list[tuple[Value, ...]] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    #: How many of order are in values; -1: the row has not begun.
    done: int = -1
    #: An array of which a part is read, and how many items it has.
    items: list[Value] = field(default_factory=list)
    item_count: int | None = None

    def read(self, reader: Reader) -> None:
        """Read on until all are there.

        Raises:
            NeedMoreData: reader's position is behind the last thing that is complete.
        """
        while len(self.found) < self.wanted:
            if self.done < 0:
                if reader.u8() != Message.ROW_DATA:
                    raise RemoteProtocolError("no row where one is due")
                self.values = [None] * len(self.metadata)
                self.done = 0
            self._read_row(reader)
            self.found.append(tuple(self.values))
            self.done = -1

    def _read_row(self, reader: Reader) -> None:
        metadata = self.metadata
        while self.done < len(self.order):
            index = self.order[self.done]
            item = metadata[index]
            start = reader.position
            try:
                self.values[index] = (
                    self._read_array(reader, item) if item.is_array else read_value(reader, item)
                )
            except NeedMoreData:
                if not item.is_array:
                    reader.position = start
                raise
            self.done += 1

    def _read_array(self, reader: Reader, item: Metadata) -> list[Value]:
        if self.item_count is None:
            start = reader.position
            try:
                self.item_count = reader.count(_MOST_ITEMS)
            except NeedMoreData:
                reader.position = start
                raise
            self.items = []
        while len(self.items) < self.item_count:
            start = reader.position
            try:
                self.items.append(read_value(reader, item))
            except NeedMoreData:
                reader.position = start
                raise
        self.item_count = None
        return self.items


class RequestParser:
    """Parses one request after the other; call `parse` again when there are more bytes."""

    def __init__(self, field_version: int) -> None:
        self.field_version = field_version
        self._call: Call | None = None
        self._rows: Rows | None = None
        self._position = 0
        #: The chunks that are there of a value that is not.
        self._walked: list[tuple[int, int]] = []
        self._sequence = 0
        #: The rest of a request that is refused may still come.
        self._dropping = False

    def reset(self) -> None:
        """What the client had begun to send is void."""
        self._call = self._rows = None
        self._position = 0
        self._walked.clear()
        self._dropping = False

    def is_rest(self, data: bytes | bytearray) -> bool:
        """Whether a packet is the rest of a request that was refused before it was read."""
        if not self._dropping:
            return False
        following = self._sequence % 255 + 1
        self._dropping = not (
            len(data) > 3 and data[0] in _REQUEST_MESSAGES and data[2] == following
        )
        return self._dropping

    def parse(self, data: bytes | bytearray, cursors: Mapping[int, CursorMemory]) -> Call:
        """The request at the start of data.

        Raises:
            NeedMoreData: it is not complete.
            RemoteProtocolError: it is no request.
        """
        reader = Reader(data, self._position, self._walked)
        call = self._call
        if call is None:
            call = self._header(reader, cursors)
        if (rows := self._rows) is not None:
            self._call = call
            try:
                rows.read(reader)
            finally:
                self._position = reader.position
            assert isinstance(call.request, requests.Execute)
            call.request.rows = tuple(rows.found)
        self._call = self._rows = None
        self._position = 0
        return call

    def _header(self, reader: Reader, cursors: Mapping[int, CursorMemory]) -> Call:
        call = Call(_PING)
        has_token = self.field_version >= FIELD_VERSION_23_1_EXT1
        while True:
            message = reader.u8()
            code = reader.u8()
            self._sequence = reader.u8()
            if has_token:
                call.token = reader.ub()
            if message != Message.PIGGYBACK:
                break
            self._piggyback(reader, code, call)
        if message == Message.FUNCTION:
            self._function(reader, code, call, cursors)
        elif message == Message.ONE_WAY_FUNCTION and code == Function.SESSION_RELEASE:
            reader.skip(2)
            reader.ub()
            call.request = requests.Rollback()
            call.one_way = True
        else:
            raise RemoteProtocolError(f"message type {message}, function {code}")
        return call

    def _refuse(self, call: Call, error: OraError) -> None:
        """Answer with an error; what else belongs to the request is not read."""
        call.refused = error
        self._rows = None
        self._dropping = True

    # ---- piggybacks ----

    def _piggyback(self, reader: Reader, code: int, call: Call) -> None:
        match code:
            case Function.CLOSE_CURSORS:
                reader.u8()
                ids = tuple(reader.ub() for _ in range(reader.count(_MOST_BINDS)))
                call.piggybacks.append(requests.CloseCursors(ids))
            case Function.LOB_OP:
                call.piggybacks.append(self._free_lobs(reader))
            case Function.SET_SCHEMA:
                reader.u8()
                call.piggybacks.append(requests.SetSchema(reader.text()))
            case Function.SET_END_TO_END:
                call.piggybacks.append(self._end_to_end(reader))
            case Function.SESSION_STATE:
                reader.ub()
            case Function.PIPELINE_BEGIN:
                reader.ub()
                reader.u8()
                call.pipeline = reader.u8()
            case Function.APPLICATION_CONTEXT:
                call.piggybacks.append(self._application_context(reader))
            case Function.TPC_SWITCH:
                raise RemoteProtocolError("sessionless transactions are not supported")
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

    def _application_context(self, reader: Reader) -> requests.Piggyback:
        reader.u8()
        reader.ub()
        reader.u8()
        count = reader.count(_MOST_PAIRS)
        reader.ub()
        reader.u8()
        namespace = (reader.b1() or b"").decode("utf-8", "replace")
        attributes: dict[str, str] = {}
        for _ in range(count):
            name = reader.text()
            attributes[name] = reader.text()
            reader.ub()
        return requests.SetContext(namespace, attributes)

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
                pass
            case Function.LOGOFF:
                call.request = requests.Logoff()
            case Function.LOB_OP:
                self._lob(reader, call)
            case Function.AQ_ENQUEUE | Function.AQ_DEQUEUE | Function.AQ_ARRAY:
                self._queue(reader, code, call)
            case Function.PIPELINE_END:
                reader.ub()
                call.ends_pipeline = True
            case Function.AUTH_PHASE_TWO:
                call.authentication = read_authentication(reader).pairs
            case _:
                name = _FUNCTIONS.get(code, str(code))
                call.request = requests.Refused(f"function {name} of the protocol")
                self._refuse(call, Unsupported(call.request.feature))

    def _queue(self, reader: Reader, code: int, call: Call) -> None:
        call.queue = QueueFrame(is_array=code == Function.AQ_ARRAY)
        try:
            match code:
                case Function.AQ_ENQUEUE:
                    call.request = read_enqueue(reader, self.field_version)
                case Function.AQ_DEQUEUE:
                    call.request = read_dequeue(reader, self.field_version)
                case _:
                    call.request = read_array(reader, self.field_version)
        except Unsupported as error:
            self._refuse(call, error)

    def _execute(self, reader: Reader, call: Call, cursors: Mapping[int, CursorMemory]) -> None:
        options = reader.ub()
        cursor_id = reader.ub()
        reader.u8()
        sql_length = reader.ub()
        reader.u8()
        reader.ub()  # 13, the length of the array of numbers
        reader.skip(2)
        reader.ub()  # prefetch buffer
        fetch_rows = reader.ub()
        reader.ub()  # longest LONG
        reader.u8()
        bind_count = reader.count(_MOST_BINDS)
        reader.skip(6)
        define_count = reader.count(_MOST_BINDS)
        reader.ub()  # registration, low half
        reader.skip(3)
        reader.ub()
        reader.u8()
        reader.ub()
        reader.ub()  # registration, high half
        reader.u8()
        reader.ub()  # executions for row counts
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
        sql = (reader.b1() or b"").decode("utf-8", "replace") if sql_length else ""
        numbers = [reader.ub() for _ in range(13)]
        defines: tuple[Metadata, ...] = ()
        metadata: tuple[Metadata, ...] = ()
        if define_count:
            defines = self._read_metadata(reader, define_count)
        elif bind_count:
            metadata = self._read_metadata(reader, bind_count)
        # From here on nothing is missing but rows: only now anything is remembered.
        if sql:
            memory = CursorMemory(
                sql,
                is_query=bool(numbers[_IS_QUERY]) or is_query(sql),
                is_plsql=is_plsql(sql),
                returning=returning_binds(sql),
            )
        else:
            memory = cursors.get(cursor_id) or CursorMemory(is_query=True)
        call.memory = memory
        if defines:
            memory.defines = defines
        elif metadata and metadata != memory.metadata:
            memory.metadata = metadata
            memory.directions = None
            memory.refused = None
            try:
                memory.binds = tuple(item.bind() for item in metadata)
            except Unsupported as error:
                memory.binds = ()
                memory.refused = error
        call.refused = memory.refused
        executions = 1 if memory.is_query else max(numbers[_EXECUTIONS], 1)
        flags = numbers[_FLAGS]
        executes = bool(options & Option.EXECUTE)
        call.request = requests.Execute(
            cursor_id=cursor_id,
            sql=memory.sql,
            binds=memory.binds,
            rows=((None,) * len(memory.binds),) * executions,
            parse_only=bool(options & Option.DESCRIBE) or (bool(sql) and not executes),
            execute=executes,
            fetch_rows=fetch_rows if options & Option.FETCH or not executes else 0,
            commit=bool(options & Option.COMMIT),
            batch_errors=bool(options & Option.BATCH_ERRORS),
            row_counts=bool(flags & ExecFlag.DML_ROW_COUNTS),
            scrollable=bool(flags & ExecFlag.SCROLLABLE),
            orientation=numbers[_ORIENTATION],
            position=numbers[_POSITION],
        )
        # What only scrolls describes its binds again, but has no values for them.
        if metadata and (executes or sql):
            order = _order(memory, memory.returning)
            if order:
                self._rows = Rows(executions, memory.metadata, order)

    def _read_metadata(self, reader: Reader, count: int) -> tuple[Metadata, ...]:
        return tuple(read_metadata(reader, self.field_version) for _ in range(count))

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
        commit = reader.ub() & REEXECUTE_COMMIT
        memory = cursors.get(cursor_id)
        if memory is None:
            self._refuse(call, OraError(1001, "invalid cursor"))
            return
        executions = 1 if fetches else max(count, 1)
        call.memory = memory
        call.refused = memory.refused
        call.request = requests.Execute(
            cursor_id=cursor_id,
            sql=memory.sql,
            binds=memory.binds,
            rows=((None,) * len(memory.binds),) * executions,
            fetch_rows=count if fetches else 0,
            commit=bool(commit),
        )
        known = (memory.metadata, memory.directions)
        if memory.order_for != known:
            absent = memory.returning
            if memory.directions is not None:
                outs = (i for i, way in enumerate(memory.directions) if way is Direction.OUT)
                absent = absent.union(outs)
            memory.order, memory.order_for = _order(memory, absent), known
        if memory.order:
            self._rows = Rows(executions, memory.metadata, memory.order)

    def _lob(self, reader: Reader, call: Call) -> None:
        has_source = reader.u8()
        source_length = reader.ub()
        reader.u8()
        reader.ub()  # length of the destination
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
        operation = LOB_OPERATIONS.get(code & ~_LOB_ARRAY)
        data: Chunks | None = None
        if operation == "write":
            if reader.u8() != Message.LOB_DATA:
                raise RemoteProtocolError("no data to write to the LOB")
            data = reader.long()
        amount = reader.ub() if has_amount else 0
        creates = operation == "create_temp"
        call.lob = LobFrame(bool(has_amount), bool(has_flag), creates)
        if operation is None:
            call.refused = Unsupported(f"LOB operation {code:#x}")
            return
        binary = dest_offset == WireType.BLOB if creates else is_blob(locator)
        call.request = requests.LobOperation(
            operation,
            locator,
            offset=source_offset,
            amount=amount,
            data=data,
            encoding="" if binary else lob_encoding(locator),
            binary=binary,
            national=creates and source_offset == FORM_NATIONAL,
        )


#: Of log-on: each attribute of an application context is three pairs.
CONTEXT_NAMESPACE, CONTEXT_ATTRIBUTE, CONTEXT_VALUE = (
    "AUTH_APPCTX_NSPACE",
    "AUTH_APPCTX_ATTR",
    "AUTH_APPCTX_VALUE",
)


@dataclass
class Authentication:
    """AUTH, behind the function's header."""

    user: str
    mode: int
    pairs: dict[str, str] = field(default_factory=dict)
    #: Application context: namespace, attribute, value.
    context: list[tuple[str, str, str]] = field(default_factory=list)


def read_authentication(reader: Reader) -> Authentication:
    has_user = reader.u8()
    reader.ub()
    mode = reader.ub()
    reader.u8()
    count = reader.count(_MOST_PAIRS)
    reader.skip(2)
    user = (reader.b1() or b"").decode("utf-8", "replace") if has_user else ""
    found = Authentication(user, mode)
    pairs = found.pairs
    for _ in range(count):
        key = reader.text().rstrip("\0")
        pairs[key] = reader.text()
        reader.ub()  # flags
        if key == CONTEXT_VALUE:
            names = pairs.get(CONTEXT_NAMESPACE, ""), pairs.get(CONTEXT_ATTRIBUTE, "")
            found.context.append((*names, pairs[key]))
    return found


def is_blob(locator: bytes) -> bool:
    return len(locator) > 4 and bool(locator[4] & LOCATOR_BLOB)


def is_utf16(locator: bytes) -> bool:
    return len(locator) > 6 and bool(locator[6] & LOCATOR_UTF16)


def _order(memory: CursorMemory, absent: frozenset[int]) -> tuple[int, ...]:
    """Which binds have values, in the order in which they come."""
    metadata = memory.metadata
    present = [i for i in range(len(metadata)) if i not in absent]
    if not memory.is_plsql:
        present.sort(key=lambda i: metadata[i].is_long)  # stable: the others keep their order
    return tuple(present)
