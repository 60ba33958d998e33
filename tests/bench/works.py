"""Pieces of work that `make bench-localdb` times: through the driver and localdb, and with asyncpg."""

from __future__ import annotations

import datetime
import time
from decimal import Decimal
from typing import ClassVar, Protocol

import asyncpg
import oracledb

#: Rows of the table that is read.
ROWS = 10_000
#: Statements of one round.
STATEMENTS = 1_000
#: Statements, and turns, inside one block.
EMBEDDED = 2_000
TURNS = 500_000
#: Compilations of one round, and the lines of the package.
COMPILATIONS = 5
LINES = 250

_TABLE = "bench_rows"
_START = datetime.datetime(2026, 1, 1)  # noqa: DTZ001 - a DATE has no zone
_TARGET = "bench_target"
_COLUMNS = "n numeric primary key, name varchar(100), price numeric, changed timestamp(0)"


class Work(Protocol):
    """A piece of work.

    Attributes:
        what: for people.
        unit: s, ms or µs.
        floor: the most that it may take: in times of what it takes directly, or in the unit where
            there is no such thing.
    """

    what: ClassVar[str]
    unit: ClassVar[str]
    floor: ClassVar[float | None]

    def through_localdb(self, connection: oracledb.Connection) -> float:
        """Seconds for one piece."""

    async def directly(self, connection: asyncpg.Connection) -> float | None:
        """The same on PostgreSQL; None: there is no such thing."""


def _row(number: int) -> tuple[int, str, Decimal, datetime.datetime]:
    return (
        number,
        f"the name of row {number}",
        Decimal(number) / 100,
        _START + datetime.timedelta(seconds=number),
    )


_DATA = [_row(number) for number in range(1, ROWS + 1)]


async def prepare(connection: oracledb.Connection, direct: asyncpg.Connection) -> None:
    """Make the same tables on both sides."""
    with connection.cursor() as cursor:
        for table in (_TABLE, _TARGET):
            cursor.execute(
                f"create table {table} (n number primary key, name varchar2(100),"
                " price number(12, 2), changed date)"
            )
        cursor.executemany(f"insert into {_TABLE} values (:1, :2, :3, :4)", _DATA)
        connection.commit()
        cursor.execute(_package())
        cursor.execute(_package(body=True))
    await direct.execute("create schema bench")
    for table in (_TABLE, _TARGET):
        await direct.execute(f"create table bench.{table} ({_COLUMNS})")
    await direct.executemany(f"insert into bench.{_TABLE} values ($1, $2, $3, $4)", _DATA)


class NoOp:
    """A statement that does nothing."""

    what: ClassVar[str] = "no-op statement (select 1 from dual)"
    unit: ClassVar[str] = "µs"
    floor: ClassVar[float | None] = None

    def through_localdb(self, connection: oracledb.Connection) -> float:
        with connection.cursor() as cursor:
            began = time.perf_counter()
            for _ in range(STATEMENTS):
                cursor.execute("select 1 from dual")
                cursor.fetchone()
            return (time.perf_counter() - began) / STATEMENTS

    async def directly(self, connection: asyncpg.Connection) -> float:
        began = time.perf_counter()
        for _ in range(STATEMENTS):
            await connection.fetchrow("select 1")
        return (time.perf_counter() - began) / STATEMENTS


class ByKey:
    """One row, by its key."""

    what: ClassVar[str] = "one row by key"
    unit: ClassVar[str] = "µs"
    floor: ClassVar[float | None] = 5.0

    def through_localdb(self, connection: oracledb.Connection) -> float:
        with connection.cursor() as cursor:
            began = time.perf_counter()
            for number in range(1, STATEMENTS + 1):
                cursor.execute(
                    f"select n, name, price, changed from {_TABLE} where n = :n", [number]
                )
                row = cursor.fetchone()
            seconds = time.perf_counter() - began
        assert row is not None
        assert row[0] == STATEMENTS
        return seconds / STATEMENTS

    async def directly(self, connection: asyncpg.Connection) -> float:
        began = time.perf_counter()
        for number in range(1, STATEMENTS + 1):
            await connection.fetchrow(
                f"select n, name, price, changed from bench.{_TABLE} where n = $1", number
            )
        return (time.perf_counter() - began) / STATEMENTS


class Anonymous:
    """An anonymous block that does nothing."""

    what: ClassVar[str] = "anonymous block (begin null; end;)"
    unit: ClassVar[str] = "µs"
    floor: ClassVar[float | None] = None

    def through_localdb(self, connection: oracledb.Connection) -> float:
        with connection.cursor() as cursor:
            began = time.perf_counter()
            for _ in range(STATEMENTS):
                cursor.execute("begin null; end;")
            return (time.perf_counter() - began) / STATEMENTS

    async def directly(self, connection: asyncpg.Connection) -> float:
        began = time.perf_counter()
        for _ in range(STATEMENTS):
            await connection.execute("do $$begin null; end$$")
        return (time.perf_counter() - began) / STATEMENTS


class Embedded:
    """A statement in PL/SQL."""

    what: ClassVar[str] = "statement embedded in PL/SQL (select into by key)"
    unit: ClassVar[str] = "µs"
    floor: ClassVar[float | None] = 4.0

    def through_localdb(self, connection: oracledb.Connection) -> float:
        with connection.cursor() as cursor:
            began = time.perf_counter()
            cursor.execute(
                f"""declare
                      l_name {_TABLE}.name%type;
                    begin
                      for i in 1 .. {EMBEDDED} loop
                        select name into l_name from {_TABLE} where n = i;
                      end loop;
                    end;"""
            )
            return (time.perf_counter() - began) / EMBEDDED

    async def directly(self, connection: asyncpg.Connection) -> float:
        began = time.perf_counter()
        for number in range(1, EMBEDDED + 1):
            await connection.fetchval(f"select name from bench.{_TABLE} where n = $1", number)
        return (time.perf_counter() - began) / EMBEDDED


class FetchMany:
    """Many rows of four columns."""

    what: ClassVar[str] = f"fetch of {ROWS:,} rows of number, varchar2, number, date"
    unit: ClassVar[str] = "ms"
    floor: ClassVar[float | None] = 10.0

    def through_localdb(self, connection: oracledb.Connection) -> float:
        with connection.cursor() as cursor:
            cursor.arraysize = 1000
            began = time.perf_counter()
            cursor.execute(f"select n, name, price, changed from {_TABLE}")
            rows = cursor.fetchall()
            seconds = time.perf_counter() - began
        assert len(rows) == ROWS
        return seconds

    async def directly(self, connection: asyncpg.Connection) -> float:
        began = time.perf_counter()
        rows = await connection.fetch(f"select n, name, price, changed from bench.{_TABLE}")
        seconds = time.perf_counter() - began
        assert len(rows) == ROWS
        return seconds


class Executemany:
    """Many rows inserted by one call, with the commit."""

    what: ClassVar[str] = f"executemany of {ROWS:,} rows, and commit"
    unit: ClassVar[str] = "ms"
    floor: ClassVar[float | None] = 10.0

    def through_localdb(self, connection: oracledb.Connection) -> float:
        with connection.cursor() as cursor:
            began = time.perf_counter()
            cursor.executemany(f"insert into {_TARGET} values (:1, :2, :3, :4)", _DATA)
            connection.commit()
            seconds = time.perf_counter() - began
            cursor.execute(f"truncate table {_TARGET}")
        return seconds

    async def directly(self, connection: asyncpg.Connection) -> float:
        began = time.perf_counter()
        await connection.executemany(f"insert into bench.{_TARGET} values ($1, $2, $3, $4)", _DATA)
        seconds = time.perf_counter() - began
        await connection.execute(f"truncate table bench.{_TARGET}")
        return seconds


class LoopTurn:
    """A turn of a loop: an assignment and an IF."""

    what: ClassVar[str] = "turn of a PL/SQL loop with an assignment and an IF"
    unit: ClassVar[str] = "µs"
    floor: ClassVar[float | None] = 2.0

    def through_localdb(self, connection: oracledb.Connection) -> float:
        with connection.cursor() as cursor:
            result = cursor.var(int)
            began = time.perf_counter()
            cursor.execute(
                f"""declare
                      l_sum pls_integer := 0;
                    begin
                      for i in 1 .. {TURNS} loop
                        l_sum := l_sum + 1;
                        if l_sum > 1000 then
                          l_sum := 0;
                        end if;
                      end loop;
                      :result := l_sum;
                    end;""",
                result=result,
            )
            seconds = time.perf_counter() - began
        assert result.getvalue() == TURNS % 1001
        return seconds / TURNS

    async def directly(self, connection: asyncpg.Connection) -> None:
        return None


class Compilation:
    """CREATE OR REPLACE of a package body without SQL, the dictionary's rows and the commit with it."""

    what: ClassVar[str] = f"compilation of a package body of {LINES} lines"
    unit: ClassVar[str] = "ms"
    floor: ClassVar[float | None] = 20.0

    def through_localdb(self, connection: oracledb.Connection) -> float:
        text = _package(body=True)
        with connection.cursor() as cursor:
            began = time.perf_counter()
            for _ in range(COMPILATIONS):
                cursor.execute(text)
            seconds = time.perf_counter() - began
            assert cursor.warning is None
        return seconds / COMPILATIONS

    async def directly(self, connection: asyncpg.Connection) -> None:
        return None


_ROUTINE = """\
  function checksum_{n}(p_text in varchar2, p_base in pls_integer default 31) return pls_integer is
    c_limit constant pls_integer := 65521;
    l_sum   pls_integer := {n};
    l_code  pls_integer;
  begin
    if p_text is null then
      return 0;
    end if;
    for i in 1 .. length(p_text) loop
      l_code := ascii(substr(p_text, i, 1));
      case
        when l_code between 48 and 57 then
          l_sum := mod(l_sum * p_base + l_code - 48, c_limit);
        when l_code in (32, 9, 10) then
          null;
        else
          l_sum := mod(l_sum * p_base + l_code, c_limit);
      end case;
    end loop;
    g_texts(g_texts.count + 1) := substr(p_text, 1, 100);
    return l_sum;
  exception
    when value_error then
      raise_application_error(-20000 - {n}, 'not a text: ' || sqlerrm);
  end checksum_{n};
"""


def _package(*, body: bool = False) -> str:
    """A package; its body has LINES lines."""
    if not body:
        lines = [
            f"  function checksum_{n}(p_text in varchar2, p_base in pls_integer default 31)"
            " return pls_integer;"
            for n in range(1, 11)
        ]
        text = "\n".join(lines)
        return f"create or replace package bench_package is\n{text}\nend bench_package;"
    routines = "".join(_ROUTINE.format(n=n) for n in range(1, 11))
    text = (
        "create or replace package body bench_package is\n"
        "  type t_texts is table of varchar2(100) index by pls_integer;\n"
        f"  g_texts t_texts;\n{routines}"
    )
    padding = LINES - text.count("\n") - 1
    return (
        text + "".join(f"  g_{n} number := {n};\n" for n in range(padding)) + "end bench_package;"
    )
