"""Oracle identifiers: splitting, checking, quoting."""

import pytest

from sql.names import InvalidName, dictionary_name, join_names, quote, quote_if_needed, split_name


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("proc_test", ("PROC_TEST",)),
        ("pkg.run", ("PKG", "RUN")),
        ("own . pkg . run", ("OWN", "PKG", "RUN")),
        ('"Mixed case".run', ("Mixed case", "RUN")),
        ("a$b#c_1", ("A$B#C_1",)),
        ("año", ("AÑO",)),
    ],
)
def test_names_split_into_dictionary_names(text: str, parts: tuple[str, ...]) -> None:
    assert split_name(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        ".",
        "a.",
        ".a",
        "1a",
        "a b",
        "a.b.c.d",
        "p@link",
        "a;b",
        '"',
        '""',
        "a'b",
        "_a",
        "x" * 129,
        "x" * 201,
        "a--b",
        "a(1)",
    ],
)
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(InvalidName):
        split_name(text)


def test_one_identifier_is_one_part() -> None:
    assert dictionary_name(" oraq ") == "ORAQ"
    with pytest.raises(InvalidName):
        dictionary_name("a.b")


def test_quoting_cannot_be_left() -> None:
    assert quote("A") == '"A"'
    for name in ("", 'a"b', "a\x00b", "é" * 65):
        with pytest.raises(InvalidName):
            quote(name)


def test_quotes_stand_only_where_needed() -> None:
    assert quote_if_needed("ORAQ") == "ORAQ"
    assert quote_if_needed("Oraq") == '"Oraq"'
    assert join_names(["A", "b"]) == '"A"."b"'
