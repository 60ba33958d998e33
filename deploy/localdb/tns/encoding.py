"""Replies, as the client's bytes; without packets.

Exactly one STATUS or ERROR comes last in a reply: it ends the call for a client without
end-of-response.

Source: python-oracledb 26.1.0, impl/thin/messages/base.pyx (what the client reads).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from deploy.localdb.errors import OraError
from deploy.localdb.tns.bindvalues import Encoder, encoder, rowid_parts
from deploy.localdb.tns.buffer import LONG, SHORT_LIMIT, Reader, Writer, ub
from deploy.localdb.tns.constants import (
    BATCH_ERRORS,
    CALL_IN_TRANSACTION,
    FIELD_VERSION_20_1,
    FORM_DATABASE,
    FORM_NATIONAL,
    NO_MORE_ROWS,
    Message,
    WireType,
)
from deploy.localdb.tns.metadata import Metadata, wire_type, write_columns
from deploy.localdb.tns.parsing import CursorMemory, LobFrame, lob_encoding
from deploy.localdb.tns.queueing import QueueFrame, write_dequeued, write_enqueued
from deploy.localdb.tns.replies import (
    Dequeued,
    Direction,
    Enqueued,
    Executed,
    LobResult,
    OpenCursor,
)
from deploy.localdb.values import TypeName, Value

_COMPILED_WITH_ERRORS = 0x20
_ERROR = bytes((Message.ERROR,))
#: Of an error that is none: position, SQL type and so on, ROWID, OS error and so on, batch errors.
_WITHOUT_DETAILS = bytes(1 + 6 + 5 + 6 + 3)
#: The number of a session's attribute.
_CURRENT_SCHEMA = 168
_NATIONAL = {TypeName.NVARCHAR2, TypeName.NCHAR, TypeName.NCLOB}
#: Their values have to fit the client's buffer.
_BOUNDED = {WireType.VARCHAR, WireType.CHAR, WireType.RAW}
_INLINE = {WireType.LONG, WireType.LONG_RAW}
_CURSOR_LENGTH = 4
_ROW_DATA = int(Message.ROW_DATA)
#: Characters or bytes of a LOB that are encoded together.
_LOB_PART = 250_000
#: Behind a LONG: null indicator, return code.
_LONG_TAIL = b"\0\0"
#: Old drivers ask for the length of a created LOB's locator, and skip these two bytes.
_LENGTH_OF_CREATED = b"\x01\x28"


class ReplyWriter:
    """Builds the bytes of one reply."""

    def __init__(self, field_version: int, *, in_transaction: bool) -> None:
        self._field_version = field_version
        self._status = CALL_IN_TRANSACTION if in_transaction else 0
        self.writer = Writer()
        #: Those that the reply hands to the client.
        self.cursors: list[OpenCursor] = []

    def token(self, token: int) -> None:
        """TOKEN: which request of a pipeline is answered."""
        self.writer.u8(Message.TOKEN)
        self.writer.ub(token)

    def status(self) -> None:
        self.writer.u8(Message.STATUS)
        self.writer.ub(self._status)
        self.writer.ub(0)

    def error(
        self,
        error: OraError | None,
        *,
        number: int = 0,
        cursor_id: int = 0,
        row_count: int = 0,
        rowid: str | None = None,
        batch_errors: Sequence[tuple[int, OraError]] = (),
        compiled_with_errors: bool = False,
    ) -> None:
        """ERROR; with number 0 it says that all went well."""
        w = self.writer
        message = ""
        position = 0
        if error is not None:
            number, message = error.code, error.stack
            position = error.position or 0
        elif number == NO_MORE_ROWS:
            message = "ORA-01403: no data found"
        elif number == BATCH_ERRORS:
            message = "ORA-24381: error(s) in array DML"
        if error is None and rowid is None and not batch_errors and not compiled_with_errors:
            self._well(number, message, cursor_id, row_count)
            return
        w.u8(Message.ERROR)
        w.ub(self._status)
        w.raw(b"\0\0")  # end-to-end sequence, current row
        w.ub(min(number, 0xFFFF))
        w.raw(b"\0\0")  # array element errors
        w.ub(cursor_id)
        w.ub(min(position, 0x7FFF))
        w.raw(b"\0\0\0\0\0")  # SQL type, fatal, flags, cursor options, UPI
        w.u8(_COMPILED_WITH_ERRORS if compiled_with_errors else 0)
        self._rowid(rowid)
        w.raw(b"\0\0\0\0\0\0")  # OS error, two, padding, iterations, logical rowid
        self._batch_errors(batch_errors)
        w.ub(number)
        w.ub(row_count)
        if self._field_version >= FIELD_VERSION_20_1:
            w.raw(b"\0\0")  # SQL type, checksum
        if number:
            w.b1(message.encode("utf-8", "replace"))

    def _well(self, number: int, message: str, cursor_id: int, row_count: int) -> None:
        """What `error` writes of nearly all calls, in one piece."""
        code, w = ub(number), self.writer
        w.data += b"".join(
            (
                _ERROR,
                ub(self._status),
                b"\0\0",
                code,
                b"\0\0",
                ub(cursor_id),
                _WITHOUT_DETAILS,
                code,
                ub(row_count),
                b"\0\0" if self._field_version >= FIELD_VERSION_20_1 else b"",
            )
        )
        if number:
            w.b1(message.encode())

    def _rowid(self, rowid: str | None) -> None:
        w = self.writer
        if rowid is None:
            w.raw(b"\0\0\0\0\0")
            return
        rba, partition, block, slot = rowid_parts(rowid)
        w.ub(rba)
        w.ub(partition)
        w.u8(0)
        w.ub(block)
        w.ub(slot)

    def _batch_errors(self, errors: Sequence[tuple[int, OraError]]) -> None:
        """Codes, offsets and texts; the byte behind each count must not be 254."""
        w = self.writer
        if not errors:
            w.raw(b"\0\0\0")
            return
        w.ub(len(errors))
        w.u8(1)
        for _, error in errors:
            w.ub(min(error.code, 0xFFFF))
        w.ub(len(errors))
        w.u8(1)
        for offset, _ in errors:
            w.ub(offset)
        w.ub(len(errors))
        w.u8(1)
        for _, error in errors:
            text = error.stack.encode("utf-8", "replace")
            w.ub(len(text))
            w.b1(text)
            w.raw(b"\0\0")

    def parameters(self, pairs: Sequence[tuple[str, str, int]]) -> None:
        """PARAMETER with key, value, flags: the log-on's answers."""
        w = self.writer
        w.u8(Message.PARAMETER)
        w.ub(len(pairs))
        for key, value, flags in pairs:
            w.text(key)
            w.text(value)
            w.ub(flags)

    def executed(self, reply: Executed, memory: CursorMemory, *, may_end: bool) -> None:
        """The answer to EXECUTE and FETCH.

        Args:
            reply: what the session found.
            memory: what the wire knows of the cursor.
            may_end: rows that are no more are told by ORA-01403.

        Raises:
            OraError: a value is of no type that the client asked for.
        """
        if reply.columns is not None:
            self.writer.u8(Message.DESCRIBE)
            self.writer.u8(0)
            write_columns(self.writer, reply.columns, self._field_version)
        if reply.directions is not None and reply.error is None:
            self._plsql(reply, reply.directions, memory)
        if reply.returned is not None:
            self._returned(reply.returned, memory)
        if reply.rows:
            self._rows(reply.rows, memory)
        if reply.implicit_results:
            self._implicit_results(reply.implicit_results)
        if reply.row_counts is not None or reply.current_schema is not None:
            self._parameters_of_execute(reply)
        number = 0
        if reply.batch_errors:
            number = BATCH_ERRORS
        elif may_end and reply.error is None and not reply.more:
            number = NO_MORE_ROWS
        self.error(
            reply.error,
            number=number,
            cursor_id=reply.cursor_id,
            row_count=reply.row_count,
            rowid=reply.rowid,
            batch_errors=reply.batch_errors,
            compiled_with_errors=reply.compiled_with_errors,
        )

    def _parameters_of_execute(self, reply: Executed) -> None:
        """What has changed in the session, and the rows of each execution where they were asked for."""
        w = self.writer
        w.u8(Message.PARAMETER)
        w.zeros(2)
        if reply.current_schema is None:
            w.ub(0)
        else:
            w.ub(1)
            w.text(reply.current_schema)
            w.ub(0)  # no binary value
            w.ub(_CURRENT_SCHEMA)
        w.ub(0)  # registration
        if reply.row_counts is not None:
            w.ub(len(reply.row_counts))
            for count in reply.row_counts:
                w.ub(count)

    def _row_header(self) -> None:
        w = self.writer
        w.u8(Message.ROW_HEADER)
        w.zeros(7)

    def _encoder(self, kind: WireType, form: int) -> Encoder:
        return self._cursor if kind is WireType.CURSOR else encoder(kind, form)

    def _rows(self, rows: Sequence[tuple[Value, ...]], memory: CursorMemory) -> None:
        """Rows of a query; LOBs inline where the client has defined a LONG."""
        self._row_header()
        encoders = self._encoders(memory)
        w = self.writer
        data = w.data
        for row in rows:
            data.append(_ROW_DATA)
            for (encode, tail), value in zip(encoders, row, strict=True):
                if value is None:
                    data.append(0)
                else:
                    encode(w, value)
                if tail:
                    data += tail

    def _encoders(self, memory: CursorMemory) -> Sequence[tuple[Encoder, bytes]]:
        """Who writes each column, and what follows it; a statement's are found once."""
        columns, defines = memory.columns, memory.defines
        if memory.encoders_for == (columns, defines):
            return memory.encoders
        encoders: list[tuple[Encoder, bytes]] = []
        for i, column in enumerate(columns):
            kind = wire_type(column.type)
            if i < len(defines) and defines[i].wire_type in _INLINE:
                kind = defines[i].wire_type
            form = FORM_NATIONAL if column.type.name in _NATIONAL else FORM_DATABASE
            tail = _LONG_TAIL if kind in _INLINE else b""
            encoders.append((self._encoder(kind, form), tail))
        # A cursor's belongs to this reply.
        if not any(column.type.name is TypeName.CURSOR for column in columns):
            memory.encoders, memory.encoders_for = encoders, (columns, defines)
        return encoders

    def _cursor(self, writer: Writer, value: Value) -> None:
        if not isinstance(value, OpenCursor):
            raise OraError(932, "inconsistent datatypes: expected CURSOR")
        writer.u8(_CURSOR_LENGTH)
        write_columns(writer, value.columns, self._field_version)
        writer.ub(value.cursor_id)
        self.cursors.append(value)

    def _plsql(
        self, reply: Executed, directions: tuple[Direction, ...], memory: CursorMemory
    ) -> None:
        w = self.writer
        w.u8(Message.IO_VECTOR)
        w.u8(0)
        w.ub(len(directions) % 256)
        w.ub(len(directions) // 256)
        w.ub(max(len(reply.out_values), 1))
        w.zeros(3)
        w.data += bytes(directions)
        outputs = [
            metadata
            for metadata, direction in zip(memory.metadata, directions, strict=True)
            if direction is not Direction.IN
        ]
        if not outputs:
            return
        self._row_header()
        for values in reply.out_values:
            w.u8(Message.ROW_DATA)
            for metadata, value in zip(outputs, values, strict=True):
                if metadata.is_array:
                    self._out_array(metadata, value if isinstance(value, list) else [])
                else:
                    self._out_value(metadata, value)

    def _out_array(self, metadata: Metadata, items: Sequence[Value]) -> None:
        """An array: the count, then each value with its length indicator."""
        encode = self._encoder(metadata.wire_type, metadata.form)
        w = self.writer
        w.ub(len(items))
        for item in items:
            if item is None:
                self._out_null(metadata)
                continue
            encode(w, item)
            w.data.append(0)

    def _returned_value(self, encode: Encoder, metadata: Metadata, value: Value) -> None:
        """A value of RETURNING; one that the client's buffer cannot hold is cut and says how long it is."""
        w = self.writer
        if metadata.wire_type not in _BOUNDED:
            encode(w, value)
            w.data.append(0)
            return
        alone = Writer()
        encode(alone, value)
        data = Reader(alone.data).b1() or b""
        w.b1(data[: metadata.buffer_size])
        w.ub(len(data) if len(data) > metadata.buffer_size else 0)

    def _out_value(self, metadata: Metadata, value: Value) -> None:
        if value is None:
            self._out_null(metadata)
        else:
            self._encoder(metadata.wire_type, metadata.form)(self.writer, value)
            self.writer.data.append(0)

    def _out_null(self, metadata: Metadata) -> None:
        w = self.writer
        if metadata.wire_type is WireType.BOOLEAN:
            w.raw(b"\x01\x00")
            w.ub(-1)
        elif metadata.wire_type is WireType.CURSOR:
            # The client cannot read a NULL here: a cursor without columns.
            self._cursor(w, OpenCursor(0, ()))
            w.data.append(0)
        else:
            w.raw(b"\0\0")

    def _returned(self, returned: Sequence[tuple[list[Value], ...]], memory: CursorMemory) -> None:
        targets = [memory.metadata[i] for i in sorted(memory.returning)]
        self._row_header()
        for execution in returned:
            self.writer.u8(Message.ROW_DATA)
            for metadata, values in zip(targets, execution, strict=True):
                encode = self._encoder(metadata.wire_type, metadata.form)
                self.writer.ub(len(values))
                for value in values:
                    if value is None:
                        self._out_null(metadata)
                    else:
                        self._returned_value(encode, metadata, value)

    def _implicit_results(self, cursors: Sequence[OpenCursor]) -> None:
        w = self.writer
        w.u8(Message.IMPLICIT_RESULTS)
        w.ub(len(cursors))
        for cursor in cursors:
            w.u8(0)
            write_columns(w, cursor.columns, self._field_version)
            w.ub(cursor.cursor_id)
        self.cursors += cursors

    def lob(self, result: LobResult, frame: LobFrame) -> None:
        """The answer to a LOB operation."""
        for _ in self.lob_in_parts(result, frame):
            pass

    def lob_in_parts(self, result: LobResult, frame: LobFrame) -> Iterator[None]:
        """The same; what has been written may be taken out of the writer at each step."""
        w = self.writer
        data = result.data
        if data is not None:
            w.u8(Message.LOB_DATA)
            coding = lob_encoding(result.locator)
            if len(data) == 1 and len(data[0]) <= SHORT_LIMIT:
                w.b1(_encoded(data[0], coding))
            else:
                w.u8(LONG)
                for piece in data:
                    for start in range(0, len(piece), _LOB_PART):
                        w.chunks(_encoded(piece[start : start + _LOB_PART], coding))
                        if len(w.data) > _LOB_PART:
                            yield
                w.u8(0)
        w.u8(Message.PARAMETER)
        w.raw(result.locator)
        if frame.creates:
            w.ub(0)  # character set
            w.u8(0)  # flags
            if frame.has_amount:
                w.raw(_LENGTH_OF_CREATED)
        else:
            if frame.has_amount:
                w.ub(result.amount or 0)
            if frame.has_flag:
                w.u8(1 if result.flag else 0)
        self.status()

    def queue(self, result: Enqueued | Dequeued, frame: QueueFrame) -> None:
        """The answer to a request of Advanced Queuing."""
        if isinstance(result, Enqueued):
            write_enqueued(self.writer, result, frame)
        else:
            write_dequeued(self.writer, result, frame, self._field_version)
        self.status()


def _encoded(data: str | bytes, coding: str) -> bytes:
    return data.encode(coding, "replace") if isinstance(data, str) else data
