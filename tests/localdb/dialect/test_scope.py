"""PL/SQL's names in a statement: columns win over them, and they become inputs."""

import re

import pytest

from deploy.localdb.dialect import Translation, translate
from deploy.localdb.dialect.translation import AskedVariable
from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.statement import Answers, Call, Expression, Placeholder
from tests.localdb.dialect.names import DATE, NUMBER, TEXT, Block, Names

BLOCK = Block(
    variables={
        ("L_ID",): NUMBER,
        ("L_NAME",): TEXT,
        ("L_DATE",): DATE,
        ("NAME",): TEXT,
        ("L_ROW", "ID"): NUMBER,
        ("PKG", "C_LIMIT"): NUMBER,
    },
    functions=frozenset({("TWICE_OF",), ("PKG", "LABEL"), ("L_IDS",), ("L_ROWS",)}),
)


def statement(text: str) -> Translation:
    return translate(text, Names(), schema="SCOTT", scope=BLOCK)


def test_a_variable_is_an_input_of_its_type() -> None:
    found = statement("update t set name = l_name where id = l_row.id and made < l_date")

    assert found.inputs == (Expression("l_name"), Expression("l_row.id"), Expression("l_date"))
    assert found.types == (TEXT, NUMBER, DATE)
    assert found.sql.endswith(
        '"NAME" = $1 where (("T"."ID" = $2::numeric) and ("T"."MADE" < $3::ora.date))'
    )


def test_a_column_wins_over_a_variable() -> None:
    found = statement("select id from t where name = 'a'")

    assert found.inputs == ()


def test_a_column_of_an_outer_query_wins_too() -> None:
    found = statement("select id from t where exists (select null from u where t_id = name)")

    assert found.inputs == ()
    assert '= "T"."NAME"' in found.sql


def test_a_table_hides_its_columns_from_a_derived_table() -> None:
    found = statement("select q.id from (select id from u where kind = name) q, t")

    assert found.inputs == (Expression("name"),)


def test_the_same_number_twice_is_one_input() -> None:
    found = statement("select id from t where id = l_id or id = l_id + 1")

    assert found.inputs == (Expression("l_id"),)


def test_a_call_without_columns_is_one_input_with_its_text() -> None:
    found = statement("insert into t (id, name) values (l_ids( 2 ), pkg.label(l_id, 'a)'))")

    assert found.inputs == (Expression("l_ids( 2 )"), Expression("pkg.label(l_id, 'a)')"))
    assert found.types == (None, None)


def test_a_field_of_an_element_is_one_input() -> None:
    found = statement("select id from t where id = l_ids(1).sub(2).id")

    assert found.inputs == (Expression("l_ids(1).sub(2).id"),)


def test_a_function_without_parentheses_is_an_input() -> None:
    found = statement("select id from t where name = pkg.label")

    assert found.inputs == (Expression("pkg.label"),)


def test_sql_knows_its_own_functions() -> None:
    found = statement("select upper(l_name) from t where rownum <= pkg.c_limit")

    assert found.inputs == (Expression("pkg.c_limit"), Expression("l_name"))
    assert found.sql.startswith("select ora.upper($2)")


def test_a_call_on_a_column_looks_its_answer_up() -> None:
    found = statement("select twice_of(id) from t where twice_of(id) > twice_of(1)")

    assert found.calls == (Call("TWICE_OF", (NUMBER,), NUMBER),)
    assert found.inputs == (Answers(), Expression("twice_of(1)"))
    where = found.sql.partition(" where ")[2]
    assert 'ora.plsql($1, 1, 1, format(\'%s\', ("T"."ID")::numeric))' in where
    assert "ora.plsql($1, 1, 2, " in found.sql.partition(" from ")[0]  # after those of WHERE


@pytest.mark.parametrize(
    ("text", "phases"),
    [
        ("select twice_of(id), twice_of(-id) from t", "1 1"),
        ("select twice_of(twice_of(id)) from t", "2 1"),
        ("select case when twice_of(id) > 1 then twice_of(-id) end from t", "1 2"),
        ("select decode(twice_of(id), 1, 'a', pkg.label(id)) from t", "1 2"),
        ("select twice_of(n) from (select twice_of(id) as n from t)", "2 1"),
        ("update t set name = pkg.label(id)", "1"),
    ],
)
def test_a_call_waits_for_those_that_it_depends_on(text: str, phases: str) -> None:
    found = statement(text)

    assert " ".join(re.findall(r"ora\.plsql\(\$1, \d+, (\d+),", found.sql)) == phases


@pytest.mark.parametrize(
    "text",
    [
        "create table t2 as select twice_of(id) as n from t",
        "create index i on t (twice_of(id))",
        "select cursor(select twice_of(id) from t) from dual",
        "select id from t where twice_of(id) = 2 for update skip locked",
    ],
)
def test_a_call_on_a_column_is_refused_where_nobody_can_answer(text: str) -> None:
    with pytest.raises(Unsupported, match="PL/SQL function over columns"):
        statement(text)


def test_a_collection_indexed_by_a_column_is_refused_by_name() -> None:
    with pytest.raises(Unsupported) as caught:
        statement("select l_rows(id).name from t")

    assert caught.value.feature == "PL/SQL function in SQL on columns"
    assert caught.value.position == 7


def test_binds_and_variables_are_numbered_together() -> None:
    found = statement("update t set name = :x where id = l_id and made = :Y")

    assert found.inputs == (Placeholder(0, "X"), Expression("l_id"), Placeholder(1, "Y"))


def test_what_the_scope_was_asked_is_kept() -> None:
    found = statement("select id from t where id = l_id")

    assert found.asked == (AskedVariable(("L_ID",), NUMBER),)


def test_what_nobody_knows_is_an_error() -> None:
    with pytest.raises(OraError) as caught:
        statement("select id from t where id = l_row.nope")

    assert caught.value.text == 'ORA-00904: "L_ROW"."NOPE": invalid identifier'
    assert caught.value.position == 28
