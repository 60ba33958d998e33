"""What is wrong is an error of Oracle's with its place; what is not known is refused by name."""

import pytest

from deploy.localdb.dialect import translate
from deploy.localdb.errors import OraError
from tests.localdb.dialect.names import Names

_WRONG = [
    ("", 900, 0),
    ("foo bar", 900, 0),
    ("select", 936, 6),
    ("select id from", 903, 14),
    ("select id from t where", 936, 22),
    ("select id from t limit 5", 933, 23),
    ("select (id from t", 907, 11),
    ("select 'abc from t", 1756, None),
    ("select id from t;", 911, 16),
    ("select nope from t", 904, 7),
    ("select t.nope from t", 904, 7),
    ("select q.id from t", 904, 7),
    ("select id from nope", 942, 15),
    ("select id from t, u", 918, 7),
    ("select nope(1) from t", 904, 7),
    ("select nope.nextval from dual", 2289, 7),
    ("select level from t", 1788, 7),
    ("insert into t (nope) values (1)", 904, 15),
    ("insert into t (id, name) values (1)", 947, None),
    ("insert into t (id) values (1, 2)", 913, None),
    ("insert into u (id) values (1)", 32795, None),
    ("update u set id = 1", 32796, None),
    ("update t set nope = 1", 904, 13),
    ("delete from nope", 942, 12),
    ("select count(*) from t for update", 2014, None),
    ("select distinct id from t for update", 2014, None),
    ("select id from t fetch first 1 rows only for update", 2014, None),
    ("select id from t order by id union select id from t", 933, 26),
    ("select id from t union select id, name from t", 1789, None),
    ("select id from t where id in ()", 936, 23),
    ("create table t (id number)", 955, None),
    ("create table n (id number, id number)", 957, None),
    ("create table n (id nope)", 3001, None),
    ("create view w as select count(*) from t", 998, None),
    ("alter table t add (name number)", 1430, None),
    ("drop table nope", 942, 11),
    ("create table n (id number check (id > (select 1 from dual)))", 2251, None),
    ("commit foo", 933, 7),
    ("lock table t in foo mode", 1737, None),
]


@pytest.mark.parametrize(("text", "code", "position"), _WRONG, ids=[text for text, *_ in _WRONG])
def test_error(text: str, code: int, position: int | None) -> None:
    with pytest.raises(OraError) as caught:
        translate(text, Names(), schema="SCOTT")

    assert (caught.value.code, caught.value.position) == (code, position), caught.value.text


_REFUSED = [
    ("select * from t pivot (count(*) for id in (1))", "PIVOT"),
    ("select * from t as of timestamp sysdate", "flashback query"),
    ("create table n (id number) partition by hash (id)", "partitions"),
    ("alter table t move", "ALTER TABLE ... MOVE"),
    ("create trigger x before insert on t begin null; end", "CREATE TRIGGER"),
    ("flashback table t to before drop", "FLASHBACK"),
    ("select xmlelement(a, 1) from dual", "XMLELEMENT"),
    ("select * from table(select id from t)", "TABLE(subquery)"),
    ("select * from table(:1)", "a bind in TABLE(...)"),
    ("explain plan for select 1 from dual", "EXPLAIN"),
    ("with function f return number is begin return 1; end; select f from dual", "WITH FUNCTION"),
    ("select to_number('x' default 0 on conversion error) from dual", "ON CONVERSION ERROR"),
    ("select cast('x' as number default 0 on conversion error) from dual", "ON CONVERSION ERROR"),
]


@pytest.mark.parametrize(("text", "feature"), _REFUSED, ids=[text for text, _ in _REFUSED])
def test_refused(text: str, feature: str) -> None:
    with pytest.raises(OraError) as caught:
        translate(text, Names(), schema="SCOTT")

    assert caught.value.text == f"ORA-03001: unimplemented feature: {feature}"
