"""JSON values to Oracle's and back."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sql.exact_json import DEPTH_LIMIT, InvalidJson, JsonValue, dump_json, parse_json
from sql.values import (
    Kind,
    ValueMismatch,
    client_type,
    column_to_json,
    text_to_json,
    to_json,
    to_oracle,
)

at = datetime.fromisoformat

DIGITS = "12345678901234567890123456789012345.678"


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (1, Kind.NUMBER, Decimal(1)),
        (DIGITS, Kind.NUMBER, Decimal(DIGITS)),
        (Decimal("1.50"), Kind.STRING, "1.50"),
        (True, Kind.STRING, "true"),
        ({"a": [1]}, Kind.CLOB, '{"a":[1]}'),
        (None, Kind.DATE, None),
        ("2024-02-29", Kind.DATE, at("2024-02-29T00:00:00")),
        ("2024-02-29T10:00:00.6", Kind.DATE, at("2024-02-29T10:00:01")),
        ("2024-02-29T10:00:00.6", Kind.TIMESTAMP, at("2024-02-29T10:00:00.600000")),
        ("2024-02-28T23:30:00-03:00", Kind.DATE, at("2024-02-29T02:30:00")),
        ("2024-02-28T23:30:00Z", Kind.TIMESTAMP, at("2024-02-28T23:30:00")),
        ("true", Kind.BOOLEAN, True),
        (0, Kind.BOOLEAN, False),
        ("00fF", Kind.RAW, b"\x00\xff"),
        ("AAE=", Kind.BLOB, b"\x00\x01"),
    ],
)
def test_json_becomes_what_the_driver_binds(value: JsonValue, kind: Kind, expected: Any) -> None:
    assert to_oracle("p", value, kind) == expected


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("x", Kind.NUMBER),
        ("1_0", Kind.NUMBER),
        ("NaN", Kind.NUMBER),
        ([1], Kind.NUMBER),
        ("9" * 41, Kind.NUMBER),
        ("1e126", Kind.NUMBER),
        ("29/02/2024", Kind.DATE),
        (20240229, Kind.DATE),
        ("yes", Kind.BOOLEAN),
        (2, Kind.BOOLEAN),
        ("0", Kind.RAW),
        ("?", Kind.BLOB),
        ("x", Kind.CURSOR),
    ],
)
def test_what_does_not_fit_is_ora_06502_and_names_the_parameter(
    value: JsonValue, kind: Kind
) -> None:
    with pytest.raises(ValueMismatch, match=r"ORA-06502.*p_here") as caught:
        to_oracle("p_here", value, kind)

    assert caught.value.code == "ORA-06502"


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (Decimal("42"), Kind.NUMBER, "42"),
        (Decimal("4E+1"), Kind.NUMBER, "40"),
        (Decimal("-0.001"), Kind.NUMBER, "-0.001"),
        (Decimal(DIGITS), Kind.NUMBER, DIGITS),
        (at("2024-02-29T00:00:00"), Kind.DATE, '"2024-02-29T00:00:00"'),
        (at("2024-02-29T01:02:03.004000"), Kind.TIMESTAMP, '"2024-02-29T01:02:03.004000"'),
        (at("2024-02-29T00:00:00"), Kind.ZONED_TIMESTAMP, '"2024-02-29T00:00:00Z"'),
        (b"\x00\xff", Kind.RAW, '"00FF"'),
        (b"\x00\x01", Kind.BLOB, '"AAE="'),
        (True, Kind.BOOLEAN, "true"),
        (None, Kind.NUMBER, "null"),
        (float("nan"), Kind.BINARY_DOUBLE, "null"),
    ],
)
def test_results_become_exact_json(value: Any, kind: Kind, text: str) -> None:
    assert dump_json(to_json(value, kind)) == text


def test_columns_are_told_by_their_python_type() -> None:
    row = (Decimal("7"), Decimal("7.5"), at("2024-01-01T00:00:00"), b"\x01", "x", None)

    assert [column_to_json(value) for value in row] == [
        7,
        Decimal("7.5"),
        "2024-01-01T00:00:00",
        "01",
        "x",
        None,
    ]


@pytest.mark.parametrize(
    "kind", [Kind.NUMBER, Kind.BINARY_DOUBLE, Kind.DATE, Kind.TIMESTAMP, Kind.BOOLEAN]
)
def test_an_empty_text_is_null_where_it_can_be_nothing_else(kind: Kind) -> None:
    assert to_oracle("p", "", kind) is None


@given(st.decimals(allow_nan=False, allow_infinity=False, places=None))
def test_decimals_survive_json(number: Decimal) -> None:
    text = dump_json([number])

    read = parse_json(text)
    assert isinstance(read, list)
    assert Decimal(str(read[0])) == number


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
)


@given(json_values)
def test_json_survives(value: JsonValue) -> None:
    assert parse_json(dump_json(value)) == value


@pytest.mark.parametrize("text", ["", "{", "NaN", "[1,]", "1" * 5000, "[" * 100_000, b"\xff"])
def test_what_is_no_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(InvalidJson):
        parse_json(text)


def test_json_may_be_nested_up_to_the_limit() -> None:
    deepest = "[" * DEPTH_LIMIT + "]" * DEPTH_LIMIT

    assert dump_json(parse_json(deepest)) == deepest
    with pytest.raises(InvalidJson, match="nested"):
        parse_json(f"[{deepest}]")
    with pytest.raises(InvalidJson, match="nested"):
        parse_json('{"a":' * (DEPTH_LIMIT + 1) + "1" + "}" * (DEPTH_LIMIT + 1))


def test_wide_json_is_not_deep() -> None:
    text = "[" + "[],{}," * DEPTH_LIMIT + "[]]"

    assert dump_json(parse_json(text)) == text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("string", "STRING"),
        (" Varchar2 (4000 char) ", "VARCHAR2"),
        ("number(10,-2)", "NUMBER"),
        ("NUMBER(*, 0)", "NUMBER"),
        ("timestamp(6) with  time zone", "TIMESTAMP WITH TIME ZONE"),
        ("interval day(2) to second(6)", "INTERVAL DAY TO SECOND"),
        ("sys_refcursor", "SYS_REFCURSOR"),
        ("character varying(20)", "CHARACTER VARYING"),
        ("PositiveN", "POSITIVEN"),
        ("varchar2(x)", None),
        ("varchar2()", None),
        ("cosa", None),
        ("", None),
    ],
)
def test_a_type_is_read_in_any_spelling(text: str, found: str | None) -> None:
    assert client_type(text) == found


@pytest.mark.parametrize(
    ("text", "value"),
    [('{"a":1.50}', {"a": Decimal("1.50")}), ("no", "no"), ("", ""), (None, None)],
)
def test_a_text_is_read_as_json_where_it_is_some(text: str | None, value: object) -> None:
    assert text_to_json(text) == value
