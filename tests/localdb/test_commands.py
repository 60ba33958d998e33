import pytest

from deploy.localdb.commands import Command, classify
from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.settings import check, parse_alter


@pytest.mark.parametrize(
    ("text", "command", "unit_type", "name"),
    [
        ("select 1 from dual", Command.SQL, "", ""),
        ("-- why\n/* what */ begin null; end;", Command.BLOCK, "", ""),
        ("<<outer>> declare x number; begin null; end;", Command.BLOCK, "", ""),
        ("call p(1)", Command.CALL, "", ""),
        ("create or replace package body a.b is end;", Command.CREATE_UNIT, "PACKAGE BODY", ""),
        (
            "create editionable procedure p is begin null; end;",
            Command.CREATE_UNIT,
            "PROCEDURE",
            "",
        ),
        ("alter package b compile body", Command.COMPILE_UNIT, "PACKAGE", "B"),
        ('drop procedure "Odd".p', Command.DROP_UNIT, "PROCEDURE", "P"),
        ("create table package_log (a number)", Command.SQL, "", ""),
        ("alter session set current_schema = x", Command.ALTER_SESSION, "", ""),
        ("beginning", Command.SQL, "", ""),
    ],
)
def test_a_statement_is_told_from_its_first_words(text, command, unit_type, name):
    found = classify(text)

    assert (found.command, found.unit_type, found.name) == (command, unit_type, name)


def test_alter_session_gives_its_assignments():
    text = (
        "ALTER SESSION SET TIME_ZONE='+02:00' NLS_DATE_FORMAT = 'DD \"of\" MON' current_schema=app"
    )

    assert parse_alter(text) == {
        "TIME_ZONE": "+02:00",
        "NLS_DATE_FORMAT": 'DD "of" MON',
        "CURRENT_SCHEMA": "APP",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [("NLS_SORT", "GERMAN"), ("NLS_TERRITORY", "SPAIN"), ("NLS_NUMERIC_CHARACTERS", ",.")],
)
def test_a_setting_that_would_change_answers_silently_is_refused(name, value):
    with pytest.raises(Unsupported, match=f"{name} = {value}"):
        check(name, value)


def test_no_assignment_is_ora_02248():
    with pytest.raises(OraError, match="ORA-02248"):
        parse_alter("alter session set")
