"""Global temporary tables between sessions, through the unmodified driver."""

import os
from collections.abc import Iterator

import oracledb
import pytest

from deploy.stack import Stack


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(folder=tmp_path_factory.mktemp("temporary"), environment=os.environ) as stack:
        stack.start_database()
        connection = log_on(stack)
        cursor = connection.cursor()
        cursor.execute(
            "create global temporary table kept (id number primary key) on commit preserve rows"
        )
        cursor.execute("create global temporary table lost (id number) on commit delete rows")
        cursor.execute(
            "create procedure keep_one authid definer is pragma autonomous_transaction; begin"
            " insert into kept values (99); commit; end;"
        )
        connection.close()
        yield stack


def log_on(stack: Stack) -> oracledb.Connection:
    database = stack.database
    return oracledb.connect(user=database.user, password=database.password, dsn=database.dsn)


def ids(connection: oracledb.Connection, table: str) -> list[int]:
    cursor = connection.cursor()
    cursor.execute(f"select id from {table} order by id")
    return [id_ for (id_,) in cursor]


def test_rows_are_their_sessions_own(server: Stack) -> None:
    one, other = log_on(server), log_on(server)
    for connection, rows in ((one, [1, 2]), (other, [2, 3])):
        connection.cursor().executemany("insert into kept values (:1)", [[row] for row in rows])
        connection.commit()

    assert ids(one, "kept") == [1, 2]
    assert ids(other, "kept") == [2, 3]
    other.cursor().execute("truncate table kept")
    assert ids(one, "kept") == [1, 2]
    one.close()
    other.close()


def test_preserved_rows_go_with_their_session(server: Stack) -> None:
    one = log_on(server)
    one.cursor().execute("insert into kept values (1)")
    one.commit()
    one.close()

    another = log_on(server)
    assert ids(another, "kept") == []
    another.close()


def test_autonomous_transactions_are_of_the_same_session(server: Stack) -> None:
    connection = log_on(server)
    connection.cursor().callproc("keep_one")

    assert ids(connection, "kept") == [99]
    connection.close()


def test_deleted_at_commit_whoever_commits(server: Stack) -> None:
    connection = log_on(server)
    cursor = connection.cursor()
    cursor.executemany("insert into lost values (:1)", [[row] for row in range(1000)])
    assert len(ids(connection, "lost")) == 1000
    connection.commit()
    assert ids(connection, "lost") == []

    cursor.execute("begin insert into lost values (1); commit; insert into lost values (2); end;")
    assert ids(connection, "lost") == [2]
    connection.rollback()
    assert ids(connection, "lost") == []
    connection.close()
