from decimal import Decimal

import pytest

from deploy.localdb.errors import OraError
from deploy.localdb.plsql.builtins.nls import DEFAULT, with_argument
from deploy.localdb.plsql.builtins.number_formats import format_number, number_text, to_number
from deploy.localdb.values import NUMBER_CONTEXT

D = Decimal


# SQL Language Reference 19c, Format Models, Table "Results of Number Conversions" and
# "Number Format Elements".
@pytest.mark.parametrize(
    ("number", "model", "expected"),
    [
        (-1234567890, "9999999999S", "1234567890-"),
        (0, "99.99", "   .00"),
        (D("0.1"), "99.99", "   .10"),
        (D("-0.2"), "99.99", "  -.20"),
        (0, "90.99", "  0.00"),
        (D("0.1"), "90.99", "  0.10"),
        (D("-0.2"), "90.99", " -0.20"),
        (0, "9999", "    0"),
        (1, "9999", "    1"),
        (0, "B9999", "     "),
        (1, "B9999", "    1"),
        (D("123.456"), "999.999", " 123.456"),
        (D("123.456"), "FM999.009", "123.456"),
        (D("123.456"), "9.9EEEE", " 1.2E+02"),
        (D("1E+123"), "9.9EEEE", " 1.0E+123"),
        (D("123.456"), "FM9.9EEEE", "1.2E+02"),
        (D("123.45"), "FM999.009", "123.45"),
        (123, "FM999.009", "123.00"),
        (D("123.45"), "L999.99", "          $123.45"),
        (D("123.45"), "FML999.99", "$123.45"),
        (1234567890, "9999999999S", "1234567890+"),
        (1234, "9G999", " 1,234"),
        (1234, "9,999", " 1,234"),
        (12, "9,999", "    12"),
        (1234, "$9,999", " $1,234"),
        (-10, "999MI", " 10-"),
        (10, "999MI", " 10 "),
        (-10, "999PR", " <10>"),
        (10, "999PR", "  10 "),
        (10, "S999", " +10"),
        (12, "99V99", " 1200"),
        (255, "XXXX", "   FF"),
        (255, "xxxx", "   ff"),
        (255, "FM000X", "00FF"),
        (2024, "RN", "         MMXXIV"),
        (2024, "FMrn", "mmxxiv"),
        (1, "00009", " 00001"),
        (12345, "999", "####"),
        (D("99.5"), "99", "###"),
        (D("9.995"), "9.99", "#####"),
        (0, "FM99.99", "0."),
        (5, "FM90.99", "5."),
        (1234, "TM9", "1234"),
        (1234, "TME", "1.234E+03"),
    ],
)
def test_number_to_text(number, model, expected):
    assert expected == format_number(number, model)


# Observed of Oracle by many: date differences such as 1/1440, 1/24.
@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, "0"),
        (D("0.5"), ".5"),
        (D("-0.5"), "-.5"),
        (10**39, "1" + "0" * 39),
        (10**40, "1.0000000000000000000000000000000000E+40"),
        (NUMBER_CONTEXT.divide(1, 3), "." + "3" * 40),
        (NUMBER_CONTEXT.divide(1, 24), ".0416666666666666666666666666666666666667"),
        (NUMBER_CONTEXT.divide(1, 1440), "6.9444444444444444444444444444444444E-04"),
        (1.5, "1.5E+000"),
        (float("inf"), "Inf"),
    ],
)
def test_number_to_text_without_model(number, expected):
    assert expected == number_text(number)


def test_characters_of_another_territory():
    german = with_argument(DEFAULT, "NLS_NUMERIC_CHARACTERS = ',.' NLS_CURRENCY = 'EUR'")
    assert format_number(D("1234.5"), "9G999D99", german) == " 1.234,50"
    assert to_number("1.234,50", "9G999D99", german) == D("1234.5")


def test_wrong_nls_argument():
    with pytest.raises(OraError, match="ORA-12702"):
        with_argument(DEFAULT, "NLS_FOO = bar")


@pytest.mark.parametrize("model", ["", "9.9.9", "A", ",999", "9EEE", "S9S", "$L9"])
def test_wrong_model(model):
    with pytest.raises(OraError, match="ORA-01481"):
        format_number(1, model)


@pytest.mark.parametrize(
    ("text", "model", "expected"),
    [
        ("100.00", "9G999D99", 100),
        ("1,234.50", "9,999.99", D("1234.5")),
        ("-$100", "L999", -100),
        ("$12", "$99", 12),
        ("5-", "9MI", -5),
        ("<5>", "9PR", -5),
        ("ff", "XX", 255),
        ("1.5E3", "9.9EEEE", 1500),
        (" 12 ", "99", 12),
    ],
)
def test_text_to_number(text, model, expected):
    assert expected == to_number(text, model)


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("x", None),
        ("1 2", None),
        ("1,5", None),
        ("", None),
        ("12345", "999"),
        ("1.5", "99"),
        ("G", "X"),
    ],
)
def test_text_that_is_no_number(text, model):
    with pytest.raises(OraError, match="ORA-01722"):
        to_number(text, model)
