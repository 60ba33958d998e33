"""Values between the real driver and the database, where the wire and SQL have to agree."""

import os
from collections.abc import Iterator
from typing import Any

import oracledb
import pytest

from deploy.stack import Stack


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[oracledb.Connection]:
    with Stack(folder=tmp_path_factory.mktemp("values"), environment=os.environ) as stack:
        stack.start_database()
        database = stack.database
        with oracledb.connect(
            user=database.user, password=database.password, dsn=database.dsn
        ) as connection:
            with connection.cursor() as cursor:
                cursor.execute("""
                    create table things (
                        id number(9) not null, name varchar2(40), note nclob, picture blob,
                        span interval day(8) to second(9), age interval year(3) to month
                    )""")
                cursor.executemany(
                    "insert into things (id, name) values (:1, :2)",
                    [(n, f"thing {n}") for n in range(1, 6)],
                )
            connection.commit()
            yield connection


@pytest.fixture
def cursor(connection: oracledb.Connection) -> Iterator[oracledb.Cursor]:
    with connection.cursor() as cursor:
        yield cursor
    connection.rollback()


def one(cursor: oracledb.Cursor, text: str, *binds: Any) -> Any:
    cursor.execute(text, binds)
    row = cursor.fetchone()
    assert row is not None
    return row if len(row) > 1 else row[0]


def test_a_rowid_finds_its_row_again(cursor):
    rowid = one(cursor, "select rowid from things where id = 3")

    assert len(rowid) == 18
    assert one(cursor, "select id from things where rowid = :1", rowid) == 3
    assert one(cursor, "select id from things where rowid = chartorowid(:1)", rowid) == 3
    assert one(cursor, "select rowidtochar(rowid) from things where id = 3") == rowid
    assert one(cursor, "select rowid || '' from things where id = 3") == rowid


def test_a_rowid_passes_through_plsql(cursor):
    rowid = one(cursor, "select rowid from things where id = 4")
    out = cursor.var(oracledb.NUMBER)
    cursor.execute(
        """
        declare
          l_row rowid := :1;
          l_found rowid;
        begin
          select rowid into l_found from things where rowid = l_row;
          select id into :2 from things where rowid = l_found;
        end;""",
        (rowid, out),
    )

    assert out.getvalue() == 4


def test_what_is_no_rowid_is_refused(cursor):
    with pytest.raises(oracledb.DatabaseError, match="ORA-01410"):
        one(cursor, "select id from things where rowid = :1", "nowhere")


def test_returning_gives_rowids(cursor):
    out = cursor.var(oracledb.DB_TYPE_ROWID)
    cursor.execute("insert into things (id) values (9) returning rowid into :1", (out,))

    assert one(cursor, "select id from things where rowid = :1", out.getvalue()[0]) == 9


def test_national_lobs_come_as_they_went(cursor):
    text = "ö€あ" * 20_000
    cursor.setinputsizes(None, oracledb.DB_TYPE_NCLOB)
    cursor.execute("insert into things (id, note) values (:1, :2)", (20, text))
    lob = one(cursor, "select note from things where id = 20")

    assert lob.type == oracledb.DB_TYPE_NCLOB
    assert lob.read() == text
    assert lob.read(2, 3) == text[1:4]


def test_a_lob_is_opened_once_and_closed_once(cursor):
    cursor.execute("insert into things (id, picture) values (21, hextoraw('ff'))")
    lob = one(cursor, "select picture from things where id = 21")
    lob.open()
    with pytest.raises(oracledb.DatabaseError, match="ORA-22293"):
        lob.open()
    lob.close()
    with pytest.raises(oracledb.DatabaseError, match="ORA-22289"):
        lob.close()


def test_returning_into_a_variable_that_is_too_small_is_told(cursor):
    out = cursor.var(str, 2)
    with pytest.raises(oracledb.DatabaseError, match="DPY-4002"):
        cursor.execute(
            "insert into things (id, name) values (30, 'a long name') returning name into :1",
            (out,),
        )


@pytest.mark.parametrize(
    ("expression", "value"), [("2.9", 2), ("-2.5", -2), ("power(-2, 31) - 1", -(2**31) - 1)]
)
def test_a_native_integer_loses_its_fraction(cursor, expression, value):
    out = cursor.var(oracledb.DB_TYPE_BINARY_INTEGER)
    cursor.execute(f"begin :1 := {expression}; end;", (out,))

    assert out.getvalue() == value


def test_intervals_are_described_with_their_precisions(cursor):
    cursor.execute("select span, age from things")

    assert [(info.precision, info.scale) for info in cursor.description] == [(8, 9), (3, 0)]


def test_a_statement_with_returning_is_parsed_without_values(cursor):
    cursor.parse("insert into things (id) values (:a) returning name into :b")

    assert cursor.bindnames() == ["A", "B"]
    assert one(cursor, "select count(*) from things") == 5


def test_an_error_of_a_block_has_its_offset_in_the_text(cursor):
    with pytest.raises(oracledb.DatabaseError) as caught:
        cursor.execute("begin\n  null;\n  missing := 5;\nend;")

    assert caught.value.args[0].offset == len("begin\n  null;\n  ")


def test_an_error_of_many_executions_tells_which_has_failed(cursor):
    with pytest.raises(oracledb.DatabaseError, match="ORA-01476") as caught:
        cursor.executemany("declare x number; begin x := 1 / :1; end;", [(1,), (2,), (0,), (4,)])

    assert caught.value.args[0].offset == 2


def test_a_cursor_is_scrolled(connection):
    with connection.cursor(scrollable=True) as cursor:
        cursor.arraysize = cursor.prefetchrows = 2
        cursor.execute("select id from things where id < :1 order by id", (6,))
        seen = [cursor.fetchone()]
        for mode, offset in (("last", 0), ("absolute", 2), ("relative", 2), ("first", 0)):
            cursor.scroll(offset, mode)
            seen.append(cursor.fetchone())

        assert seen == [(1,), (5,), (2,), (4,), (1,)]
        assert cursor.fetchall() == [(2,), (3,), (4,), (5,)]
        with pytest.raises(oracledb.Error, match="DPY-2063"):
            cursor.scroll(99, "absolute")


def test_text_that_is_no_raw_is_refused(cursor):
    out = cursor.var(oracledb.DB_TYPE_RAW)
    with pytest.raises(oracledb.DatabaseError, match="ORA-01465"):
        cursor.execute(
            "insert into things (id, name) values (40, 'no hex') returning name into :1", (out,)
        )


def test_a_session_has_its_number_in_sql(connection, cursor):
    assert one(
        cursor,
        "select dbms_debug_jdwp.current_session_id, dbms_debug_jdwp.current_session_serial"
        " from dual",
    ) == (connection.session_id, connection.serial_num)


def test_a_function_of_plsql_gives_sql_its_type(cursor):
    cursor.execute(
        "create or replace function half(n number) return number is begin return n / 2; end;"
    )
    cursor.execute(
        "create or replace function tomorrow return date is begin return date '2026-11-25'; end;"
    )
    cursor.execute("select half(3), tomorrow, tomorrow + 1, dbms_random.value from dual")

    assert [info.type for info in cursor.description] == [
        oracledb.DB_TYPE_NUMBER,
        oracledb.DB_TYPE_DATE,
        oracledb.DB_TYPE_DATE,
        oracledb.DB_TYPE_NUMBER,
    ]
    half, tomorrow, after, _ = cursor.fetchone()
    assert (half, tomorrow.day, after.day) == (1.5, 25, 26)


def test_a_time_of_a_zone_is_the_sessions_time_where_it_is_local(cursor):
    cursor.execute("alter session set time_zone = '+00:00'")
    bind = cursor.var(oracledb.DB_TYPE_TIMESTAMP_LTZ)
    text = cursor.var(str)

    cursor.execute(
        """
        declare
          l_zoned timestamp with time zone := timestamp '2026-02-28 10:11:12.5 +02:00';
          l_local timestamp with local time zone := l_zoned;
        begin
          :1 := l_zoned;
          :2 := to_char(l_local, 'HH24:MI:SS');
        end;""",
        (bind, text),
    )

    assert str(bind.getvalue()) == "2026-02-28 08:11:12.500000"
    assert text.getvalue() == "08:11:12"
