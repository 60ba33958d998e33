"""What a procedure has given back, as JSON: scalars, records and collections, LOBs, cursors.

A result has a size. What a cursor's rows hold is counted as it comes, a LOB by the length that its
locator tells, before it is read: never is more in memory than a result and one fetch may hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import oracledb

from sql.call import Call
from sql.composite_call import read_composite
from sql.composites import ARRAY
from sql.errors import DatabaseError, convert_error
from sql.exact_json import JsonValue, dump_json
from sql.signature import Mode
from sql.values import (
    COLUMN_KINDS,
    FETCH_ROWS,
    JSON_TYPE,
    LOB_SOURCES,
    LOB_TYPES,
    Kind,
    column_to_json,
    keep_locators,
    text_to_json,
    to_json,
)

#: Rows of a cursor that a result may hold.
CURSOR_ROWS: Final = 10_000
#: Bytes that a result may hold.
RESULT_BYTES: Final = 10 * 1024 * 1024
#: The key of a result that names the cursors and collections which were cut.
TRUNCATED: Final = "_truncated"
#: What the driver says of a cursor that the procedure has not opened.
NEVER_OPENED: Final = "DPY-4025"

#: LOBs of rows up to this length, of characters or bytes, are read so many at a time: each fits
#: into 32,767 bytes.
_SHORT_LOB: Final = 8000
_LOBS_AT_ONCE: Final = 50


class ResultTooLarge(DatabaseError):
    """The procedure gave back more than a job's result may hold."""

    def __init__(self) -> None:
        super().__init__("ORA-22835", f"ORA-22835: the result is larger than {RESULT_BYTES} bytes")


async def read_result(
    connection: oracledb.AsyncConnection,
    call: Call,
    binds: dict[str, Any],
    *,
    rows: int = CURSOR_ROWS,
) -> str | None:
    """What the procedure gave back, as JSON text {name: value}; None: nothing to give.

    Reads LOBs and cursors, so it belongs on the connection and in the transaction of the call.

    Raises:
        ResultTooLarge: more than a result may hold.
        DatabaseError: a LOB or cursor could not be read.
    """
    outputs: dict[str, JsonValue] = {}
    cut: list[str] = []
    reader = _CursorReader(connection, rows)
    for number, slot in enumerate(call.slots):
        if slot.argument.mode is Mode.IN and slot.argument.position > 0:
            continue
        name = slot.parameter.name
        complete = True
        if slot.passing is not None:
            outputs[name], complete = await read_composite(slot.passing, binds, _read_scalar)
        elif slot.kind is Kind.CURSOR:
            outputs[name], complete = await reader.read(binds[f"a{number}"])
        elif slot.argument.data_type == ARRAY:
            assert slot.kind is not None
            values = binds[f"a{number}"].getvalue()
            outputs[name] = [to_json(element, slot.kind) for element in values]
        else:
            assert slot.kind is not None
            outputs[name] = await _read_scalar(binds[f"a{number}"], slot.kind)
            if slot.parameter.type == JSON_TYPE:
                outputs[name] = text_to_json(outputs[name])
        if not complete:
            cut.append(name)
    if not outputs:
        return None
    if cut:
        outputs[TRUNCATED] = list(cut)
    text = dump_json(outputs)
    if len(text) > RESULT_BYTES or len(text.encode()) > RESULT_BYTES:
        raise ResultTooLarge
    return text


async def _read_scalar(bound: oracledb.Var, kind: Kind) -> JsonValue:
    value = bound.getvalue()
    if isinstance(value, oracledb.AsyncLOB):
        value = await _read_lob(value)
    return to_json(value, kind)


async def _read_lob(lob: oracledb.AsyncLOB) -> str | bytes:
    value: str | bytes = await lob.read(1, RESULT_BYTES + 1)
    # An empty LOB reads as None.
    return value or _empty(lob)


def _empty(lob: oracledb.AsyncLOB) -> str | bytes:
    return b"" if lob.type is oracledb.DB_TYPE_BLOB else ""


class _CursorReader:
    """Reads the cursors of one result."""

    def __init__(self, connection: oracledb.AsyncConnection, rows: int) -> None:
        """Count from nothing; rows: so many of each cursor."""
        self._connection = connection
        self._rows = rows
        self._left = RESULT_BYTES

    async def read(self, cursor: oracledb.AsyncCursor) -> tuple[list[JsonValue] | None, bool]:
        """A cursor's rows as objects, and whether these are all. None: it was not opened."""
        # A cursor in a row asks the connection; the one above it had its own from the start.
        self._connection.outputtypehandler = keep_locators
        try:
            return await self._read(cursor)
        finally:
            self._connection.outputtypehandler = None  # type: ignore[assignment]

    async def _read(self, cursor: oracledb.AsyncCursor) -> tuple[list[JsonValue] | None, bool]:
        if cursor.description is None:
            return None, True
        names = [str(column[0]) for column in cursor.description]
        kinds = [COLUMN_KINDS.get(column[1]) for column in cursor.description]
        are_json = [
            column.is_json and column.type_code in LOB_TYPES for column in cursor.description
        ]
        complete = True
        cursor.arraysize = min(FETCH_ROWS, self._rows + 1)
        rows: list[JsonValue] = []
        while len(rows) <= self._rows:
            try:
                batch = await cursor.fetchmany()
            except oracledb.Error as error:
                if convert_error(error).code != NEVER_OPENED:
                    raise
                return None, True
            for row in await self._with_lobs(batch):
                shown: dict[str, JsonValue] = {}
                for name, kind, is_json, value in zip(names, kinds, are_json, row, strict=True):
                    if isinstance(value, oracledb.AsyncCursor):
                        shown[name], is_whole = await self._read(value)
                        complete = complete and is_whole
                    elif is_json and value is not None:
                        text = value.decode() if isinstance(value, bytes) else value
                        shown[name] = text_to_json(text)
                    else:
                        shown[name] = column_to_json(value, kind)
                rows.append(shown)
            if len(batch) < cursor.arraysize:
                break
        return rows[: self._rows], complete and len(rows) <= self._rows

    async def _with_lobs(self, batch: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
        """Rows with what their LOBs hold in their places."""
        rows = [list(row) for row in batch]
        short: dict[Any, list[tuple[list[Any], int]]] = {}
        long: list[tuple[list[Any], int]] = []
        for row in rows:
            for place, value in enumerate(row):
                if isinstance(value, str | bytes):
                    self._take(len(value))
                if not isinstance(value, oracledb.AsyncLOB) or value.type not in LOB_TYPES:
                    continue
                # No round trip: it came with the locator.
                size = await value.size()
                self._take(size)
                if size == 0:
                    row[place] = _empty(value)
                elif size <= _SHORT_LOB:
                    short.setdefault(value.type, []).append((row, place))
                else:
                    long.append((row, place))
        for row, place in long:
            row[place] = await _read_lob(row[place])
        for type_, places in short.items():
            for start in range(0, len(places), _LOBS_AT_ONCE):
                await self._read_short(type_, places[start : start + _LOBS_AT_ONCE])
        return rows

    def _take(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise ResultTooLarge

    async def _read_short(self, type_: Any, places: Sequence[tuple[list[Any], int]]) -> None:
        """Read many LOBs in one round trip, by assigning each to a string in PL/SQL."""
        cursor = self._connection.cursor()
        binds: dict[str, Any] = {}
        for number in range(_LOBS_AT_ONCE):
            binds[f"l{number}"] = cursor.var(type_)
            binds[f"v{number}"] = cursor.var(LOB_SOURCES[LOB_TYPES[type_]], 4 * _SHORT_LOB)
        for number, (row, place) in enumerate(places):
            binds[f"l{number}"].setvalue(0, row[place])
        await cursor.execute(_reading_block(), binds)
        for number, (row, place) in enumerate(places):
            row[place] = binds[f"v{number}"].getvalue()


@lru_cache(maxsize=1)
def _reading_block() -> str:
    assignments = "".join(f":v{number} := :l{number};\n" for number in range(_LOBS_AT_ONCE))
    return f"begin\n{assignments}end;"
