"""SQL that calls PL/SQL functions over columns, as a client sees it."""

import oracledb
import pytest

pytestmark = pytest.mark.usefixtures("functions")

#: More rows than may ask in one round.
MANY = 25_000


@pytest.fixture
def functions(db: oracledb.Connection) -> None:
    cursor = db.cursor()
    for text in (
        "create or replace function cf_half(p in number) return number is begin return p / 2; end;",
        "create or replace function cf_mark(p in varchar2) return varchar2 is begin return '<' || p || '>'; end;",
        "create or replace function cf_after(p in date) return date is begin return p + 1; end;",
        """create or replace function cf_checked(p in number) return number is
begin
  if p > 2 then
    raise_application_error(-20077, 'too much: ' || p);
  end if;
  return p;
end cf_checked;""",
    ):
        cursor.execute(text)


def numbers(most: int) -> str:
    return f"(select level as n from dual connect by level <= {most})"


def test_the_client_is_told_the_types_of_results(db: oracledb.Connection) -> None:
    cursor = db.cursor()
    cursor.execute(
        "select cf_half(n) as h, cf_mark(n) as m, cf_after(date '2020-01-31' + n) as d"
        f" from {numbers(1)}"
    )

    described = [(c.name, c.type_code, c.display_size) for c in cursor.description or ()]
    assert described == [
        ("H", oracledb.DB_TYPE_NUMBER, 127),
        ("M", oracledb.DB_TYPE_VARCHAR, 4000),
        ("D", oracledb.DB_TYPE_DATE, 23),
    ]
    assert cursor.fetchone()[1] == "<1>"


def test_binds_may_be_arguments(db: oracledb.Connection) -> None:
    cursor = db.cursor()
    cursor.execute(f"select cf_half(:a + n) from {numbers(3)} where cf_half(n) > :b", a=10, b=1)

    assert cursor.fetchall() == [(6.5,)]


def test_an_error_of_the_function_is_the_statements(db: oracledb.Connection) -> None:
    with pytest.raises(oracledb.DatabaseError) as caught:
        db.cursor().execute(f"select cf_checked(n) from {numbers(5)}")

    lines = caught.value.args[0].message.splitlines()
    assert lines[0] == "ORA-20077: too much: 3"
    assert lines[1].startswith("ORA-06512: at ")
    assert lines[1].endswith('CF_CHECKED", line 4')


def test_the_statement_is_known_again_and_follows_the_function(db: oracledb.Connection) -> None:
    cursor = db.cursor()
    text = f"select sum(cf_half(n)) from {numbers(3)}"
    first = cursor.execute(text).fetchone()
    cursor.execute(
        "create or replace function cf_half(p in number) return number is begin return p * 10; end;"
    )

    second = cursor.execute(text).fetchone()

    assert (first, second) == ((3,), (60,))


def test_each_row_of_a_batch_calls_for_itself(db: oracledb.Connection) -> None:
    cursor = db.cursor()
    cursor.execute("create table cf_batch (n number)")
    try:
        cursor.executemany("insert into cf_batch select cf_half(:1) from dual", [(2,), (4,), (6,)])

        assert cursor.execute("select sum(n) from cf_batch").fetchone() == (6,)
    finally:
        cursor.execute("drop table cf_batch")


def test_many_rows_with_few_arguments_are_few_calls(db: oracledb.Connection) -> None:
    cursor = db.cursor()
    cursor.execute(f"select count(cf_half(mod(n, 4))) from {numbers(MANY)}")

    assert cursor.fetchone() == (MANY,)


@pytest.mark.whole
def test_too_many_arguments_are_refused(db: oracledb.Connection) -> None:
    with pytest.raises(oracledb.DatabaseError) as caught:
        db.cursor().execute(f"select count(cf_half(n)) from {numbers(100_001)}")

    assert "more than 100000 different arguments" in caught.value.args[0].message
