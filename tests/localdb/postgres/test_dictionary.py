"""The dictionary tells what is there, under Oracle's names."""

import pytest
import pytest_asyncio

from deploy.localdb.database import Database, SqlConnection
from deploy.localdb.errors import OraError

pytestmark = pytest.mark.asyncio(loop_scope="module")

_SCRIPT = (
    """
    create table parents (id number(10) constraint parents_pk primary key)
    """,
    """
    create table items (
        id number generated always as identity constraint items_pk primary key,
        name varchar2(30) not null,
        note varchar2(20 char) default 'none',
        price number(7,2) constraint items_price_ck check (price > 0),
        made timestamp(3) default systimestamp,
        day date,
        doc clob,
        parent_id number(10) constraint items_parent_fk references parents on delete cascade,
        constraint items_name_uk unique (name)
    )
    """,
    "create index items_day_ix on items (day, name)",
    "create sequence item_numbers start with 10 increment by 5 cache 20",
    "create view cheap_items as select id, name, price from items where price < 10",
    "comment on table items is 'What there is'",
    "comment on column items.name is 'How it is called'",
    "create synonym things for items",
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scott(database: Database):
    """A connection of SCOTT's, with a few objects."""
    connection = await database.connect(user="SCOTT")
    for text in _SCRIPT:
        prepared = await connection.prepare(text, schema="SCOTT")
        await connection.execute(prepared, ())
    yield connection
    await connection.close()


async def query(connection: SqlConnection, text: str):
    prepared = await connection.prepare(text, schema="SCOTT")
    cursor = await connection.open(prepared, ())
    return await cursor.fetch(1000)


async def test_dual(scott: SqlConnection):
    assert await query(scott, "select * from dual") == [("X",)]


async def test_objects(scott: SqlConnection):
    rows = await query(
        scott,
        "select object_name, object_type, status from user_objects order by object_type, object_name",
    )

    assert rows == [
        ("ITEMS_DAY_IX", "INDEX", "VALID"),
        ("ITEMS_NAME_UK", "INDEX", "VALID"),
        ("ITEMS_PK", "INDEX", "VALID"),
        ("PARENTS_PK", "INDEX", "VALID"),
        ("ITEM_NUMBERS", "SEQUENCE", "VALID"),
        ("THINGS", "SYNONYM", "VALID"),
        ("ITEMS", "TABLE", "VALID"),
        ("PARENTS", "TABLE", "VALID"),
        ("CHEAP_ITEMS", "VIEW", "VALID"),
    ]


async def test_columns(scott: SqlConnection):
    rows = await query(
        scott,
        "select column_name, data_type, data_length, data_precision, data_scale, nullable, char_used"
        " from user_tab_columns where table_name = 'ITEMS' order by column_id",
    )

    assert rows == [
        ("ID", "NUMBER", 22, None, None, "N", None),
        ("NAME", "VARCHAR2", 30, None, None, "N", "B"),
        ("NOTE", "VARCHAR2", 80, None, None, "Y", "C"),
        ("PRICE", "NUMBER", 22, 7, 2, "Y", None),
        ("MADE", "TIMESTAMP(3)", 11, None, 3, "Y", None),
        ("DAY", "DATE", 7, None, None, "Y", None),
        ("DOC", "CLOB", 4000, None, None, "Y", None),
        ("PARENT_ID", "NUMBER", 22, 10, 0, "Y", None),
    ]


async def test_columns_of_a_view_are_those_of_its_query(scott: SqlConnection):
    rows = await query(
        scott,
        "select column_name, data_type, data_length, data_precision from user_tab_columns"
        " where table_name = 'CHEAP_ITEMS' order by column_id",
    )

    assert rows == [
        ("ID", "NUMBER", 22, None),
        ("NAME", "VARCHAR2", 30, None),
        ("PRICE", "NUMBER", 22, 7),
    ]


async def test_constraints(scott: SqlConnection):
    rows = await query(
        scott,
        "select constraint_name, constraint_type, r_constraint_name, delete_rule"
        " from user_constraints where table_name = 'ITEMS' and generated = 'USER NAME'"
        " order by constraint_name",
    )

    assert rows == [
        ("ITEMS_NAME_UK", "U", None, None),
        ("ITEMS_PARENT_FK", "R", "PARENTS_PK", "CASCADE"),
        ("ITEMS_PK", "P", None, None),
        ("ITEMS_PRICE_CK", "C", None, None),
    ]


async def test_generated_constraints_are_the_not_nulls(scott: SqlConnection):
    rows = await query(
        scott,
        "select search_condition from user_constraints"
        " where table_name = 'ITEMS' and generated = 'GENERATED NAME'",
    )

    assert rows == [('"NAME" IS NOT NULL',)]


async def test_columns_of_constraints_and_indexes(scott: SqlConnection):
    assert await query(
        scott,
        "select column_name, position from user_cons_columns where constraint_name = 'ITEMS_PK'",
    ) == [("ID", 1)]
    assert await query(
        scott,
        "select column_name, column_position, descend from user_ind_columns"
        " where index_name = 'ITEMS_DAY_IX' order by column_position",
    ) == [("DAY", 1, "ASC"), ("NAME", 2, "ASC")]


async def test_sequences(scott: SqlConnection):
    assert await query(
        scott,
        "select sequence_name, increment_by, last_number from user_sequences"
        " where sequence_name = 'ITEM_NUMBERS'",
    ) == [("ITEM_NUMBERS", 5, 10)]


async def test_the_text_of_a_view_is_as_it_was_written(scott: SqlConnection):
    assert await query(scott, "select view_name, text from user_views") == [
        ("CHEAP_ITEMS", "select id, name, price from items where price < 10")
    ]


async def test_comments(scott: SqlConnection):
    assert await query(
        scott, "select table_name, comments from user_tab_comments where comments is not null"
    ) == [("ITEMS", "What there is")]
    assert await query(
        scott, "select column_name, comments from user_col_comments where comments is not null"
    ) == [("NAME", "How it is called")]


async def test_synonyms(scott: SqlConnection):
    assert await query(scott, "select synonym_name, table_name from user_synonyms") == [
        ("THINGS", "ITEMS")
    ]


async def test_users_see_their_own(database: Database):
    system = await database.connect(user="SYSTEM")
    rows = await query(system, "select table_name from user_tables")
    await system.close()

    assert rows == []


async def test_source_comes_line_by_line(database: Database, scott: SqlConnection):
    await database.run(
        "insert into localdb.units (owner, name, type, source) values ($1, $2, $3, $4)",
        "SCOTT",
        "P",
        "PROCEDURE",
        "create or replace procedure p is\nbegin\n  null;\nend;",
    )

    assert await query(
        scott, "select line, text from user_source where name = 'P' order by line"
    ) == [
        (1, "procedure p is\n"),
        (2, "begin\n"),
        (3, "  null;\n"),
        (4, "end;"),
    ]


async def test_the_version_names_localdb(scott: SqlConnection):
    ((banner,),) = await query(scott, "select banner from v$version")

    assert "localdb" in banner
    assert "development" in banner


@pytest.mark.parametrize("prefix", ["USER", "ALL", "DBA"])
@pytest.mark.parametrize(
    "view",
    [
        "ARGUMENTS",
        "COL_COMMENTS",
        "CONSTRAINTS",
        "CONS_COLUMNS",
        "ERRORS",
        "INDEXES",
        "IND_COLUMNS",
        "OBJECTS",
        "PROCEDURES",
        "QUEUES",
        "QUEUE_TABLES",
        "SCHEDULER_JOBS",
        "SCHEDULER_JOB_ARGS",
        "SCHEDULER_JOB_LOG",
        "SCHEDULER_JOB_RUN_DETAILS",
        "SCHEDULER_RUNNING_JOBS",
        "SEQUENCES",
        "SOURCE",
        "SYNONYMS",
        "TABLES",
        "TAB_COLS",
        "TAB_COLUMNS",
        "TAB_COMMENTS",
        "USERS",
        "VIEWS",
    ],
)
async def test_every_view_can_be_read(scott: SqlConnection, prefix: str, view: str):
    rows = await query(scott, f"select * from {prefix}_{view}")

    assert isinstance(rows, list)


async def test_what_cannot_be_told_is_an_error(scott: SqlConnection):
    with pytest.raises(OraError) as caught:
        await query(scott, "select * from user_tab_statistics")

    assert caught.value.code == 942
