"""Errors have Oracle's numbers and names; each is made by PostgreSQL itself."""

import pytest

from deploy.localdb.errors import OraError
from deploy.localdb.postgres.backend import Backend
from deploy.localdb.postgres.errors import Context, to_oracle
from deploy.localdb.postgres.wire import ServerError

pytestmark = pytest.mark.asyncio(loop_scope="module")

_SCHEMA = """
create schema "O";
create table "O"."P" ("ID" numeric constraint "P_PK" primary key);
create table "O"."T" (
    "ID" numeric constraint "T_PK" primary key,
    "C" text not null,
    "N" numeric(3) constraint "T_N" check ("N" > 0),
    "P" numeric constraint "T_P" references "O"."P"
);
create sequence "O"."S" maxvalue 2 start 2;
insert into "O"."P" values (1);
insert into "O"."T" values (1, 'x', 1, 1)
"""


async def run(backend: Backend, sql: str) -> None:
    described = await backend.describe(sql, ())
    await backend.run(described, (), context=Context(sql.split(" ", 1)[0].upper()))


@pytest.mark.parametrize(
    ("sql", "text"),
    [
        (
            """insert into "O"."T" values (1, 'x')""",
            "ORA-00001: unique constraint (O.T_PK) violated",
        ),
        (
            """insert into "O"."T" values (2, null)""",
            'ORA-01400: cannot insert NULL into ("O"."T"."C")',
        ),
        ("""update "O"."T" set "C" = null""", 'ORA-01407: cannot update ("O"."T"."C") to NULL'),
        (
            """update "O"."T" set "N" = -1""",
            "ORA-02290: check constraint (O.T_N) violated",
        ),
        (
            """update "O"."T" set "P" = 5""",
            "ORA-02291: integrity constraint (O.T_P) violated - parent key not found",
        ),
        (
            """delete from "O"."P" """,
            "ORA-02292: integrity constraint (O.T_P) violated - child record found",
        ),
        (
            """update "O"."T" set "N" = 1000""",
            "ORA-01438: value larger than specified precision allowed for this column",
        ),
        ("""select * from "O"."NONE" """, "ORA-00942: table or view does not exist"),
        ("""select "X" from "O"."T" """, 'ORA-00904: "X": invalid identifier'),
        ("""select t."X" from "O"."T" as t""", 'ORA-00904: "t"."X": invalid identifier'),
        (
            """select "ID" from "O"."T", "O"."P" """,
            "ORA-00918: ID: column ambiguously specified",
        ),
        ("""select "C", count(*) from "O"."T" """, "ORA-00979: not a GROUP BY expression"),
        ("select 1 / 0::numeric", "ORA-01476: divisor is equal to zero"),
        ("select 'a'::numeric", "ORA-01722: invalid number"),
        (
            "select (select 1 union select 2)",
            "ORA-01427: single-row subquery returns more than one row",
        ),
        (
            """select currval('"O"."S"')""",
            "ORA-08002: sequence S.CURRVAL is not yet defined in this session",
        ),
        (
            """select nextval('"O"."S"'), nextval('"O"."S"')""",
            "ORA-08004: sequence S.NEXTVAL exceeds MAXVALUE and cannot be instantiated",
        ),
        ("""create schema "O" """, "ORA-00955: name is already used by an existing object"),
        ("""create table "O"."T" ()""", "ORA-00955: name is already used by an existing object"),
    ],
)
async def test_an_error_is_oracles(backend: Backend, sql: str, text: str):
    await backend.run_script('drop schema if exists "O" cascade')
    await backend.run_script(_SCHEMA)

    with pytest.raises(OraError) as caught:
        await run(backend, sql)

    assert caught.value.text == text


async def test_helper_functions_raise_numbers_of_their_own(backend: Backend):
    with pytest.raises(OraError) as caught:
        await backend.run_script(
            "do $$ begin raise exception using errcode = 'ORA00',"
            " message = '12899:value too large: 5' ; end $$"
        )

    assert (caught.value.code, caught.value.message) == (12899, "value too large: 5")


async def test_what_is_unknown_shows_postgres_words():
    error = to_oracle(ServerError({"C": "XX000", "M": "cache lookup failed"}))

    assert error.text == "ORA-00900: invalid SQL statement (XX000: cache lookup failed)"
