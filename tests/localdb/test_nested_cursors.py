"""CURSOR expressions: a query for each row, through the unmodified driver."""

import os
from collections.abc import Iterator

import oracledb
import pytest

from deploy.stack import Stack


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[oracledb.Connection]:
    with Stack(folder=tmp_path_factory.mktemp("nested"), environment=os.environ) as stack:
        database = stack.start_database()
        connection = oracledb.connect(
            user=database.user, password=database.password, dsn=database.dsn
        )
        cursor = connection.cursor()
        cursor.execute(
            "create table units (id number, name varchar2(10), at timestamp with time zone)"
        )
        cursor.execute("create table staff (id number, unit number, doc clob)")
        cursor.execute(
            "insert into units select level, 'u' || level, systimestamp from dual connect by level <= 3"
        )
        cursor.execute(
            "insert into staff select level, mod(level, 3) + 1, 'x' from dual connect by level <= 7"
        )
        yield connection
        connection.close()


def test_each_row_has_a_cursor_of_its_own(connection: oracledb.Connection) -> None:
    cursor = connection.cursor()
    cursor.execute(
        """
        select u.name, cursor(
            select s.id, u.name || :mark, s.doc,
                cursor(select count(*) from staff t where t.id < s.id and u.id > 0 and :one = 1)
            from staff s
            where s.unit = u.id and u.at <= systimestamp
            order by s.id
        ), u.id
        from units u where u.id <= :most order by u.name
        """,
        mark="!",
        one=1,
        most=2,
    )

    found = [
        (name, [(id_, text, str(doc), list(counts)) for id_, text, doc, counts in staff], unit)
        for name, staff, unit in cursor
    ]

    assert found == [
        ("u1", [(3, "u1!", "x", [(2,)]), (6, "u1!", "x", [(5,)])], 1),
        ("u2", [(1, "u2!", "x", [(0,)]), (4, "u2!", "x", [(3,)]), (7, "u2!", "x", [(6,)])], 2),
    ]


@pytest.mark.parametrize(
    "query",
    [
        "select id, cursor(select 1 from dual) from units group by id",
        "select distinct cursor(select 1 from dual) from units",
    ],
)
def test_where_a_cursor_is_not_allowed(connection: oracledb.Connection, query: str) -> None:
    with pytest.raises(oracledb.DatabaseError, match="ORA-22902"):
        connection.cursor().execute(query)
