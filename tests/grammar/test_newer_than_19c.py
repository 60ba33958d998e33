"""Nothing in our SQL and PL/SQL needs more than Oracle 19c."""

from pathlib import Path

import pytest

from deploy.stack import ROOT
from tests.grammar.newer_than_19c import CHECKS, find_newer

SCRIPTS = sorted([*(ROOT / "plsql").iterdir(), *(ROOT / "sql").rglob("*.sql")])

NEWER = {
    "if [not] exists": "create table if not exists t (n number);",
    "boolean column": "create table t (n number, b boolean not null);",
    "json column": "create table t (n number, j json);",
    "vector": "create table t (v vector(3, float32));",
    "domain": "create domain d as number;",
    "returning old or new": "update t set n = 1 returning old n into l_n;",
    "parameter with a length": "create procedure p (a in varchar2(30)) is begin null; end;",
    "update from": "update t set n = s.n from s where s.id = t.id;",
    "select without from": "select 1;",
    "values of many rows": "insert into t (a, b) values (1, f(2)), (3, 4);",
}

OLDER = [
    "create procedure p (a in varchar2, b out number) is l varchar2(30); begin null; end;",
    "update t set n = (select max(n) from s) where id in (select id from s);",
    "insert into t (a, b) values (1, f(2));",
    "begin if l_exists then null; end if; end;",
    "select 'if not exists' from dual; -- select 1",
    "grant select on t to u;",
    "merge into t using (select 1 as n from dual) s on (t.n = s.n) "
    "when not matched then insert (n) values (s.n);",
]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_no_script_needs_more_than_19c(script: Path) -> None:
    assert find_newer(script.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("name", CHECKS)
def test_what_19c_does_not_know_is_found(name: str) -> None:
    assert find_newer(NEWER[name]) == [name]


@pytest.mark.parametrize("text", OLDER)
def test_what_19c_knows_is_left_alone(text: str) -> None:
    assert find_newer(text) == []
