"""What the dictionary says of records and collections, and that blocks can fill and read them."""

import os
from collections.abc import Iterator

import oracledb
import pytest

from deploy.stack import Stack

_PACKAGE = """create or replace package types_shown is
  type t_pair is record (a number(5, 2), b varchar2(20), c timestamp with time zone, d boolean);
  type t_pairs is table of t_pair;
  type t_rows is varray(7) of types_table%rowtype;
  type t_names is table of varchar2(30) index by pls_integer;
  type t_keys is table of pls_integer index by varchar2(10);
  subtype t_same is t_pair;
  procedure take(p_same t_same, p_row types_table%rowtype, p_list types_list, p_rows t_rows);
end types_shown;"""


@pytest.fixture(scope="module")
def cursor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[oracledb.Cursor]:
    with Stack(folder=tmp_path_factory.mktemp("types"), environment=os.environ) as stack:
        stack.start_database()
        database = stack.database
        connection = oracledb.connect(
            user=database.user, password=database.password, dsn=database.dsn
        )
        cursor = connection.cursor()
        cursor.execute("create table types_table (id number, name varchar2(10))")
        cursor.execute("create or replace type types_list as table of number(9)")
        cursor.execute(_PACKAGE)
        yield cursor
        connection.close()


def test_the_attributes_of_records(cursor: oracledb.Cursor) -> None:
    cursor.execute(
        """select attr_name, attr_type_owner, attr_type_name, length, precision, scale
        from all_plsql_type_attrs
        where package_name = 'TYPES_SHOWN' and type_name = 'T_PAIR' order by attr_no"""
    )

    assert cursor.fetchall() == [
        ("A", None, "NUMBER", None, 5, 2),
        ("B", None, "VARCHAR2", 20, None, None),
        ("C", None, "TIMESTAMP WITH TZ", None, None, None),
        ("D", None, "PL/SQL BOOLEAN", None, None, None),
    ]


def test_what_collections_hold(cursor: oracledb.Cursor) -> None:
    cursor.execute(
        """select type_name, coll_type, upper_bound, elem_type_name, elem_type_package, index_by
        from user_plsql_coll_types where package_name = 'TYPES_SHOWN' order by type_name"""
    )
    in_packages = cursor.fetchall()
    cursor.execute("select type_name, coll_type, elem_type_name, precision from user_coll_types")

    assert in_packages == [
        ("T_KEYS", "PL/SQL INDEX TABLE", 10, "PL/SQL PLS INTEGER", None, "VARCHAR2"),
        ("T_NAMES", "PL/SQL INDEX TABLE", None, "VARCHAR2", None, "BINARY_INTEGER"),
        ("T_PAIRS", "TABLE", None, "T_PAIR", "TYPES_SHOWN", None),
        ("T_ROWS", "VARYING ARRAY", 7, "TYPES_TABLE%ROWTYPE", None, None),
    ]
    assert cursor.fetchall() == [("TYPES_LIST", "TABLE", "NUMBER", 9)]


def test_arguments_say_where_their_types_are(cursor: oracledb.Cursor) -> None:
    cursor.execute(
        """select argument_name, data_type, type_name, type_subname, type_object_type
        from user_arguments where package_name = 'TYPES_SHOWN' order by position"""
    )

    assert cursor.fetchall() == [
        ("P_SAME", "PL/SQL RECORD", "TYPES_SHOWN", "T_PAIR", "PACKAGE"),
        ("P_ROW", "PL/SQL RECORD", "TYPES_TABLE", None, "TABLE"),
        ("P_LIST", "TABLE", "TYPES_LIST", None, "TYPE"),
        ("P_ROWS", "VARRAY", "TYPES_SHOWN", "T_ROWS", "PACKAGE"),
    ]


def test_dropped_types_are_gone(cursor: oracledb.Cursor) -> None:
    cursor.execute("create or replace package types_gone is type t is table of number; end;")
    cursor.execute("drop package types_gone")
    cursor.execute("select count(*) from all_plsql_coll_types where package_name = 'TYPES_GONE'")

    assert cursor.fetchone() == (0,)


def test_a_block_fills_a_collection_from_arrays_and_gives_it_back(cursor: oracledb.Cursor) -> None:
    amounts = cursor.arrayvar(oracledb.DB_TYPE_NUMBER, [1, 2.5])
    names = cursor.arrayvar(oracledb.DB_TYPE_VARCHAR, ["x", None], 30)
    back = cursor.arrayvar(oracledb.DB_TYPE_VARCHAR, 10, 30)
    count = cursor.var(oracledb.DB_TYPE_NUMBER)
    cursor.execute(
        """declare
          type t_numbers is table of number index by pls_integer;
          type t_texts is table of varchar2(32767) index by pls_integer;
          v_amounts t_numbers;
          v_names t_texts;
          v_back t_texts;
          v "TYPES_SHOWN"."T_PAIRS";
        begin
          v_amounts := :amounts;
          v_names := :names;
          v := "TYPES_SHOWN"."T_PAIRS"();
          v.extend(v_amounts.count);
          for i in 1 .. v_amounts.count loop
            v(i)."A" := v_amounts(i);
            v(i)."B" := v_names(i);
          end loop;
          for i in 1 .. v.count loop
            v_back(i) := v(i)."A" || v(i)."B";
          end loop;
          :n := v.count;
          :back := v_back;
        end;""",
        {"amounts": amounts, "names": names, "back": back, "n": count},
    )

    assert (count.getvalue(), back.getvalue()) == (2, ["1x", "2.5"])
