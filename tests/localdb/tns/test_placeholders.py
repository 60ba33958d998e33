"""Which binds a statement has, as the driver counts them."""

import pytest

from deploy.localdb.tns.placeholders import is_plsql, is_query, returning_binds


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("insert into t values (:a, :b) returning x, y into :c, :d", {2, 3}),
        ("update t set a = ':no' where b = :b returning a into :c", {1}),
        ("delete t /* :no */ where a = q'[:no']' -- :no\n returning a into :b", {0}),
        ('update t set "a:b" = :a returning "a:b" into :"B"', {1}),
        ("insert into t (a) values (:a)", set()),
        ("begin update t set a = 1 returning a into :b; end;", set()),
        ("select a into :a from t", set()),
    ],
)
def test_binds_of_returning_are_found(sql, found):
    assert returning_binds(sql) == found


@pytest.mark.parametrize(
    "sql", ["begin null; end;", "-- x\nDECLARE a b; begin null; end;", "/**/ call p(:a)"]
)
def test_blocks_are_told(sql):
    assert is_plsql(sql)
    assert not is_query(sql)


@pytest.mark.parametrize("sql", ["select 1 from dual", " (select 1 from dual)", "WITH a as (x) y"])
def test_queries_are_told(sql):
    assert is_query(sql)
    assert not is_plsql(sql)
