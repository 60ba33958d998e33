"""Our own SQL*Plus scripts, cut into statements."""

from pathlib import Path

import pytest

from sql.scripts import Unit, read_script, source_of, split_script, unit_of

SCRIPT = """\
-- A comment; with a semicolon
whenever sqlerror exit failure
prompt Tables ...
create table t (
    a varchar2(10) default ';', -- why; not
    b number
);
comment on table t is 'It''s; a
table';
/* nothing
   here; */
create or replace
package p is
  procedure q; -- one
end p;
/
declare
  x number;
begin
  x := 1;
end;
/
insert into t values ('x'); -- last
"""


def test_statements_end_at_semicolon_or_slash() -> None:
    texts = [text for text, _ in split_script(SCRIPT)]

    assert texts == [
        "create table t (\n    a varchar2(10) default ';', -- why; not\n    b number\n)",
        "comment on table t is 'It''s; a\ntable'",
        "create or replace\npackage p is\n  procedure q; -- one\nend p;",
        "declare\n  x number;\nbegin\n  x := 1;\nend;",
        "insert into t values ('x')",
    ]


def test_lines_are_known() -> None:
    assert [line for _, line in split_script(SCRIPT)] == [4, 8, 12, 17, 23]


@pytest.mark.parametrize("text", ["select 1 from dual", "begin\n  null;\nend;", "select ';"])
def test_a_statement_without_an_end_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="line 1"):
        list(split_script(text))


def test_called_scripts_stand_in_their_place(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "one.sql").write_text("create table one (a number);\n")
    (tmp_path / "all.sql").write_text("@@parts/one.sql\ncreate table two (a number);\n")

    statements = read_script(tmp_path / "all.sql")

    assert [s.text for s in statements] == [
        "create table one (a number)",
        "create table two (a number)",
    ]
    assert statements[0].path.name == "one.sql"


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("create or replace package body a_b is end;", Unit("PACKAGE BODY", "A_B")),
        ("CREATE PROCEDURE x.y is begin null; end;", Unit("PROCEDURE", "Y")),
        ('create or replace editionable function "F" return', Unit("FUNCTION", "F")),
        ("create table t (a number)", None),
        ("begin null; end;", None),
    ],
)
def test_units_are_recognized(text: str, unit: Unit | None) -> None:
    assert unit_of(text) == unit


def test_a_units_source_begins_with_its_type() -> None:
    text = "create or replace  package p\n  authid definer\nis\nend p;"

    assert source_of(text) == "package p\n  authid definer\nis\nend p;"
