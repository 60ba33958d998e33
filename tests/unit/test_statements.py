"""The loader of sql/statements, and what stands there."""

import pytest

from sql.statements import STATEMENTS, UnknownStatement, load_statements, parse_sections


def test_plain_sql_loses_its_semicolon_and_a_block_keeps_it() -> None:
    text = (
        "-- name: one\n-- What for.\nselect 1\nfrom dual;\n\n"
        "-- name: two\nbegin\n    null;\nend;\n/\n"
        "-- name: three\n-- a\n-- b\ndeclare\n    x number;\nbegin\n    null;\nend;\n/\n"
    )

    assert parse_sections(text) == {
        "one": "select 1\nfrom dual",
        "two": "begin\n    null;\nend;",
        "three": "declare\n    x number;\nbegin\n    null;\nend;",
    }


@pytest.mark.parametrize("text", ["-- name: a\n", "-- name: a\nx\n-- name: a\ny\n"])
def test_empty_and_double_sections_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="statement a"):
        parse_sections(text)


def test_the_owner_is_put_in_as_an_identifier() -> None:
    assert "ORAQ.async_jobs" in load_statements("ORAQ")["get_job"]
    assert '"Oraq".async_jobs' in load_statements("Oraq")["get_job"]
    with pytest.raises(ValueError, match="identifier"):
        load_statements('x"; drop')


def test_every_statement_is_ready_for_the_driver() -> None:
    statements = load_statements("ORAQ")

    assert list(STATEMENTS.glob("*.sql"))
    for name in statements.names():
        text = statements[name]
        assert "{owner}" not in text
        assert text.endswith(";") == text.lower().startswith(("begin", "declare")), name


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(UnknownStatement):
        load_statements("ORAQ")["no_such_statement"]
