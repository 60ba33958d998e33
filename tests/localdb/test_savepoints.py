"""SAVEPOINT and ROLLBACK TO as statements of a client, through the unmodified driver."""

import os
from collections.abc import Iterator

import oracledb
import pytest

from deploy.stack import Stack


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[oracledb.Connection]:
    with Stack(folder=tmp_path_factory.mktemp("savepoints"), environment=os.environ) as stack:
        database = stack.start_database()
        with oracledb.connect(
            user=database.user, password=database.password, dsn=database.dsn
        ) as connection:
            connection.cursor().execute("create table t (id number)")
            yield connection


def test_rollback_to_a_savepoint_keeps_what_was_done_before(connection):
    cursor = connection.cursor()
    cursor.execute("insert into t values (1)")
    cursor.execute("savepoint first")
    cursor.execute("insert into t values (2)")
    cursor.execute("rollback work to savepoint first")
    cursor.execute("insert into t values (3)")
    cursor.execute("rollback to first")
    cursor.execute("select id from t")

    assert cursor.fetchall() == [(1,)]
    connection.rollback()


def test_a_savepoint_that_is_not_there_is_an_error_that_undoes_nothing(connection):
    cursor = connection.cursor()
    cursor.execute("insert into t values (1)")
    with pytest.raises(oracledb.DatabaseError, match="ORA-01086: savepoint 'LATER'"):
        cursor.execute("rollback to later")
    cursor.execute("select id from t")

    assert cursor.fetchall() == [(1,)]
    connection.rollback()


def test_the_end_of_the_transaction_ends_its_savepoints(connection):
    cursor = connection.cursor()
    cursor.execute("savepoint first")
    connection.commit()

    with pytest.raises(oracledb.DatabaseError, match="ORA-01086"):
        cursor.execute("rollback to first")
