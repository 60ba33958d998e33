"""Replies, as the client's bytes; without packets.

Exactly one STATUS or ERROR comes last in a reply: it ends the call for a client without
end-of-response.

Source: python-oracledb 26.1.0, impl/thin/messages/base.pyx (what the client reads).
"""

from __future__ import annotations

from collections.abc import Sequence

from deploy.localdb.errors import OraError
from deploy.localdb.tns.bindvalues import rowid_parts, write_value
from deploy.localdb.tns.buffer import Writer
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
from deploy.localdb.tns.parsing import CursorMemory, LobFrame
from deploy.localdb.tns.replies import Direction, Executed, LobResult, OpenCursor
from deploy.localdb.values import Column, TypeName, Value

_COMPILED_WITH_ERRORS = 0x20
_NATIONAL = {TypeName.NVARCHAR2, TypeName.NCHAR, TypeName.NCLOB}
_INLINE = {WireType.LONG, WireType.LONG_RAW}
_CURSOR_LENGTH = 4


class ReplyWriter:
    """Builds the bytes of one reply."""

    def __init__(self, field_version: int, *, in_transaction: bool) -> None:
        self._field_version = field_version
        self._status = CALL_IN_TRANSACTION if in_transaction else 0
        self.writer = Writer()

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
        w.u8(Message.ERROR)
        w.ub(self._status)
        w.ub(0)
        w.ub(0)
        w.ub(min(number, 0xFFFF))
        w.ub(0)
        w.ub(0)
        w.ub(cursor_id)
        w.ub(min(position, 0x7FFF))
        w.zeros(5)
        w.u8(_COMPILED_WITH_ERRORS if compiled_with_errors else 0)
        rba, partition, block, slot = rowid_parts(rowid or "")
        w.ub(rba)
        w.ub(partition)
        w.u8(0)
        w.ub(block)
        w.ub(slot)
        w.ub(0)
        w.u8(0)
        w.u8(0)
        w.ub(0)
        w.ub(0)
        w.ub(0)
        self._batch_errors(batch_errors)
        w.ub(number)
        w.ub(row_count)
        if self._field_version >= FIELD_VERSION_20_1:
            w.ub(0)
            w.ub(0)
        if number:
            w.b1(message.encode())

    def _batch_errors(self, errors: Sequence[tuple[int, OraError]]) -> None:
        w = self.writer
        w.ub(len(errors))
        if errors:
            w.u8(1)
            for _, error in errors:
                w.ub(min(error.code, 0xFFFF))
        w.ub(len(errors))
        if errors:
            w.u8(1)
            for offset, _ in errors:
                w.ub(offset)
        w.ub(len(errors))
        if errors:
            w.u8(1)
            for _, error in errors:
                text = error.stack.encode()
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

    def executed(
        self,
        reply: Executed,
        memory: CursorMemory,
        columns: tuple[Column, ...],
        *,
        is_query: bool,
    ) -> None:
        """The answer to EXECUTE and FETCH.

        Raises:
            OraError: a value is of no type that the client asked for.
        """
        if reply.columns is not None:
            self.writer.u8(Message.DESCRIBE)
            self.writer.u8(0)
            write_columns(self.writer, reply.columns, self._field_version)
        if reply.directions is not None and reply.error is None:
            self._plsql(reply, memory)
        if reply.returned is not None:
            self._returned(reply, memory)
        if reply.rows:
            self._rows(reply.rows, columns, memory.defines)
        for cursor in (reply.implicit_results,) if reply.implicit_results else ():
            self._implicit_results(cursor)
        if reply.row_counts is not None:
            w = self.writer
            w.u8(Message.PARAMETER)
            w.zeros(4)
            w.ub(len(reply.row_counts))
            for count in reply.row_counts:
                w.ub(count)
        number = 0
        if reply.batch_errors:
            number = BATCH_ERRORS
        elif is_query and reply.error is None and not reply.more:
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

    def _row_header(self) -> None:
        w = self.writer
        w.u8(Message.ROW_HEADER)
        w.zeros(7)

    def _rows(
        self,
        rows: Sequence[tuple[Value, ...]],
        columns: tuple[Column, ...],
        defines: tuple[Metadata, ...],
    ) -> None:
        w = self.writer
        self._row_header()
        kinds: list[tuple[WireType, int]] = []
        for i, column in enumerate(columns):
            kind = wire_type(column.type)
            form = FORM_NATIONAL if column.type.name in _NATIONAL else FORM_DATABASE
            if i < len(defines) and defines[i].wire_type in _INLINE:
                kind = defines[i].wire_type
            kinds.append((kind, form))
        for row in rows:
            w.u8(Message.ROW_DATA)
            for (kind, form), value in zip(kinds, row, strict=True):
                if isinstance(value, OpenCursor):
                    self._cursor(value)
                    continue
                write_value(w, kind, form, value)
                if kind in _INLINE:
                    w.ub(0)
                    w.ub(0)

    def _cursor(self, value: OpenCursor) -> None:
        self.writer.u8(_CURSOR_LENGTH)
        write_columns(self.writer, value.columns, self._field_version)
        self.writer.ub(value.cursor_id)

    def _plsql(self, reply: Executed, memory: CursorMemory) -> None:
        w = self.writer
        directions = reply.directions or ()
        memory.directions = directions
        w.u8(Message.IO_VECTOR)
        w.u8(0)
        w.ub(len(directions) % 256)
        w.ub(len(directions) // 256)
        w.ub(max(len(reply.out_values), 1))
        w.zeros(3)
        for direction in directions:
            w.u8(direction)
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
                    items = value if isinstance(value, list) else []
                    w.ub(len(items))
                    for item in items:
                        self._out_value(metadata, item)
                else:
                    self._out_value(metadata, value)

    def _out_value(self, metadata: Metadata, value: Value) -> None:
        w = self.writer
        if isinstance(value, OpenCursor):
            self._cursor(value)
            w.ub(0)
        elif value is None and metadata.wire_type is WireType.BOOLEAN:
            w.raw(b"\x01\x00")
            w.ub(-1)
        else:
            write_value(w, metadata.wire_type, metadata.form, value)
            w.ub(0)

    def _returned(self, reply: Executed, memory: CursorMemory) -> None:
        targets = [memory.metadata[i] for i in sorted(memory.returning)]
        w = self.writer
        self._row_header()
        for execution in reply.returned or ():
            w.u8(Message.ROW_DATA)
            for metadata, values in zip(targets, execution, strict=True):
                w.ub(len(values))
                for value in values:
                    self._out_value(metadata, value)

    def _implicit_results(self, cursors: Sequence[OpenCursor]) -> None:
        w = self.writer
        w.u8(Message.IMPLICIT_RESULTS)
        w.ub(len(cursors))
        for cursor in cursors:
            w.u8(0)
            write_columns(w, cursor.columns, self._field_version)
            w.ub(cursor.cursor_id)

    def lob(self, result: LobResult, frame: LobFrame) -> None:
        """The answer to a LOB operation."""
        w = self.writer
        if result.data is not None:
            w.u8(Message.LOB_DATA)
            data = result.data
            w.b1(data.encode() if isinstance(data, str) else data)
        w.u8(Message.PARAMETER)
        w.raw(result.locator)
        if frame.creates:
            w.ub(0)
            w.u8(0)
        if frame.has_amount:
            w.ub(result.amount or 0)
        if frame.has_flag and not frame.creates:
            w.u8(1 if result.flag else 0)
        self.status()
