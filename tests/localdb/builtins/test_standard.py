import datetime
from decimal import Decimal

import pytest

from deploy.localdb.errors import OraError
from deploy.localdb.plsql.builtins import standard  # noqa: F401 - registers the functions
from deploy.localdb.values import Date, Lob, YearMonth
from tests.localdb.builtins.hosts import PlainHost, call_function

D = Decimal
DAY = datetime.timedelta(days=1)


# SQL Language Reference 19c, the examples of each function, and its edges.
@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (("SUBSTR", "ABCDEFG", 3, 4), "CDEF"),
        (("SUBSTR", "ABCDEFG", -5, 4), "CDEF"),
        (("SUBSTR", "ABCDEFG", 0, 2), "AB"),
        (("SUBSTR", "ABCDEFG", 8), None),
        (("SUBSTR", "ABCDEFG", -8), None),
        (("SUBSTR", "ABCDEFG", 2, 0), None),
        (("SUBSTR", "ABCDEFG", 2, None), None),
        (("SUBSTR", 12345, 2, 2), "23"),
        (("SUBSTRB", "ABCDEFG", 5, 2), "EF"),
        (("SUBSTRB", "aé", 3), " "),
        (("INSTR", "CORPORATE FLOOR", "OR", 3, 2), 14),
        (("INSTR", "CORPORATE FLOOR", "OR", -3, 2), 2),
        (("INSTR", "CORPORATE FLOOR", "OR", -3, 1), 5),
        (("INSTR", "ABC", "X"), 0),
        (("INSTR", "ABC", None), None),
        (("INSTRB", "éOR", "OR"), 3),
        (("LENGTH", "CANDIDE"), 7),
        (("LENGTH", None), None),
        (("LENGTHB", "é"), 2),
        (("UPPER", "straße"), "STRASSE"),
        (("INITCAP", "the soap"), "The Soap"),
        (("LPAD", "Page 1", 15, "*."), "*.*.*.*.*Page 1"),
        (("RPAD", "abc", 5), "abc  "),
        (("LPAD", "abc", 2), "ab"),
        (("LPAD", "abc", 0), None),
        (("LTRIM", "<=====>BROWNING<=====>", "<>="), "BROWNING<=====>"),
        (("RTRIM", "<=====>BROWNING<=====>", "<>="), "<=====>BROWNING"),
        (("TRIM", "  x "), "x"),
        (("TRIM", "00120", "0", "LEADING"), "120"),
        (("TRIM", "   "), None),
        (("REPLACE", "JACK and JUE", "J", "BL"), "BLACK and BLUE"),
        (("REPLACE", "abc", "b"), "ac"),
        (("REPLACE", "abc", None, "x"), "abc"),
        (("TRANSLATE", "SQL*Plus User's Guide", " */'", "___"), "SQL_Plus_Users_Guide"),
        (("TRANSLATE", "abc", "abc", None), None),
        (("CHR", 67), "C"),
        (("CHR", 50089), "é"),
        (("ASCII", "Q"), 81),
        (("ASCII", "é"), 50089),
        (("SOUNDEX", "SMYTHE"), "S530"),
        (("SOUNDEX", "Smith"), "S530"),
        (("UNISTR", "abc\\00e5\\00f1\\00f6"), "abcåñö"),
        (("ASCIISTR", "ABÄCDE"), "AB\\00C4CDE"),
        (("RAWTOHEX", b"\x12\xab"), "12AB"),
        (("HEXTORAW", "7D"), b"\x7d"),
        (("HEXTORAW", "ABC"), b"\x0a\xbc"),
        (
            ("REGEXP_SUBSTR", "500 Oracle Parkway, Redwood Shores, CA", ",[^,]+,"),
            ", Redwood Shores,",
        ),
        (("REGEXP_SUBSTR", "1234567890", "(123)(4(56)(78))", 1, 1, "i", 4), "78"),
        (("REGEXP_INSTR", "500 Oracle Parkway, Redwood Shores, CA", "[^ ]+", 1, 6), 37),
        (("REGEXP_COUNT", "123123123123123", "(12)3", 1, "i"), 5),
        (("REGEXP_REPLACE", "500   Oracle     Parkway", "( ){2,}", " "), "500 Oracle Parkway"),
        (
            (
                "REGEXP_REPLACE",
                "650.507.9876",
                r"([[:digit:]]{3})\.([[:digit:]]{3})\.([[:digit:]]{4})",
                r"(\1) \2-\3",
            ),
            "(650) 507-9876",
        ),
        (("REGEXP_LIKE", "Steven", "^Ste(v|ph)en$"), True),
        (("REGEXP_LIKE", "Greenberg", "([aeiou])\\1"), True),
        (("REGEXP_LIKE", "a\n", "a$"), False),
        (("REGEXP_LIKE", "ABC", "b", "i"), True),
        (("REGEXP_LIKE", "a]b", "[]]"), True),
        (("REGEXP_LIKE", None, "x"), None),
        (("ROUND", D("15.193"), 1), D("15.2")),
        (("ROUND", D("15.193"), -1), 20),
        (("ROUND", D("-2.5")), -3),
        (("ROUND", 12345, -5), 0),
        (("TRUNC", D("15.79"), 1), D("15.7")),
        (("TRUNC", D("15.79"), -1), 10),
        (("MOD", 11, 4), 3),
        (("MOD", -11, 4), -3),
        (("MOD", 11, -4), 3),
        (("MOD", 11, 0), 11),
        (("REMAINDER", 11, 4), -1),
        (("ABS", -15), 15),
        (("CEIL", D("268651.8")), 268652),
        (("FLOOR", D("15.7")), 15),
        (("FLOOR", D("-15.2")), -16),
        (("SIGN", -15), -1),
        (("POWER", 3, 2), 9),
        (("POWER", 2, -1), D("0.5")),
        (("SQRT", 16), 4),
        (("BITAND", 6, 3), 2),
        (("GREATEST", "HARRY", "HARRIOT", "HAROLD"), "HARRY"),
        (("GREATEST", 1, "3.925", "2.4"), D("3.925")),
        (("LEAST", 1, None), None),
        (("NVL", None, 1), 1),
        (("TO_CHAR", Date(2024, 2, 29), "YYYY"), "2024"),
        (("TO_CHAR", "01110", "99999"), "  1110"),
        (("TO_CHAR", None), None),
        (("TO_CHAR", D("-0.5")), "-.5"),
        (("TO_NUMBER", "100.00", "9G999D99"), 100),
        (("TO_NUMBER", " 12.50 "), D("12.5")),
        (("TO_DATE", "29-FEB-24"), Date(2024, 2, 29)),
        (("TO_DATE", "2024", "YYYY"), Date(2024, 2, 1)),
        (("TO_DATE", None, "YYYY"), None),
        (
            ("TO_TIMESTAMP", "10-SEP-02 14:10:10.123000", "DD-MON-RR HH24:MI:SS.FF"),
            datetime.datetime(2002, 9, 10, 14, 10, 10, 123000),  # noqa: DTZ001
        ),
        (("ADD_MONTHS", Date(2024, 1, 31), 1), Date(2024, 2, 29)),
        (("ADD_MONTHS", Date(2024, 2, 29), 1), Date(2024, 3, 31)),
        (("ADD_MONTHS", Date(2024, 2, 28), -12), Date(2023, 2, 28)),
        (
            ("MONTHS_BETWEEN", Date(1995, 2, 2), Date(1995, 1, 1)),
            D("1.032258064516129032258064516129032258065"),
        ),
        (("MONTHS_BETWEEN", Date(2024, 2, 29), Date(2024, 1, 31)), 1),
        (("LAST_DAY", Date(2024, 2, 3, 10)), Date(2024, 2, 29, 10)),
        (("NEXT_DAY", Date(2009, 10, 15), "TUESDAY"), Date(2009, 10, 20)),
        (("NEXT_DAY", Date(2009, 10, 20), "tue"), Date(2009, 10, 27)),
        (("ROUND", Date(2000, 10, 27), "YEAR"), Date(2001, 1, 1)),
        (("TRUNC", Date(1992, 10, 27), "YEAR"), Date(1992, 1, 1)),
        (("ROUND", Date(2024, 2, 16), "MM"), Date(2024, 3, 1)),
        (("ROUND", Date(2024, 2, 29, 12)), Date(2024, 3, 1)),
        (("TRUNC", Date(2024, 2, 29, 23, 59)), Date(2024, 2, 29)),
        (("TRUNC", Date(2024, 2, 29, 10, 31), "HH"), Date(2024, 2, 29, 10)),
        (("TRUNC", Date(2024, 2, 29), "IW"), Date(2024, 2, 26)),
        (("TRUNC", Date(2024, 2, 29), "DAY"), Date(2024, 2, 25)),
        (("TRUNC", Date(2024, 2, 29), "Q"), Date(2024, 1, 1)),
        (("ROUND", Date(2024, 2, 16), "Q"), Date(2024, 4, 1)),
        (("TRUNC", Date(2024, 2, 29), "CC"), Date(2001, 1, 1)),
        (("NUMTODSINTERVAL", 100, "DAY"), 100 * DAY),
        (("NUMTODSINTERVAL", D("1.5"), "minute"), datetime.timedelta(seconds=90)),
        (("NUMTOYMINTERVAL", 1, "YEAR"), YearMonth(12)),
        (("TO_DSINTERVAL", "100 00:00:00"), 100 * DAY),
        (("TO_DSINTERVAL", "P100DT05H"), 100 * DAY + datetime.timedelta(hours=5)),
        (("TO_YMINTERVAL", "01-02"), YearMonth(14)),
        (("EXTRACT", "MONTH", Date(2024, 2, 29)), 2),
        (("EXTRACT", "DAY", -3 * DAY), -3),
        (("TO_CHAR", datetime.timedelta(days=1, seconds=1)), "+000000001 00:00:01.000000000"),
        (("TO_CHAR", YearMonth(-14)), "-000000001-02"),
        (("USER",), "SCOTT"),
        (("SYS_CONTEXT", "USERENV", "CURRENT_SCHEMA"), "SCOTT"),
        (("SYS_CONTEXT", "userenv", "sid"), "1"),
        (("SYS_CONTEXT", "OTHER", "X"), None),
        (("SYSDATE",), Date(2024, 2, 29, 13, 14, 15)),
    ],
)
def test_value(call, expected):
    found = call_function(*call)
    assert expected == found
    assert type(expected) is type(found)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (("HEXTORAW", "XY"), 1465),
        (("TO_NUMBER", "x"), 1722),
        (("ABS", "x"), 1722),
        (("SQRT", -1), 1428),
        (("LN", 0), 1428),
        (("POWER", 10, 200), 1426),
        (("REMAINDER", 1, 0), 1476),
        (("INSTR", "a", "a", 1, 0), 1428),
        (("TRIM", "x", "ab"), 30001),
        (("NEXT_DAY", Date(2024, 1, 1), "FOO"), 1846),
        (("TRUNC", Date(2024, 1, 1), "FOO"), 1898),
        (("ADD_MONTHS", Date(9999, 12, 1), 1), 1841),
        (("TO_DSINTERVAL", "x"), 1867),
        (("TO_DSINTERVAL", "1 25:00:00"), 1850),
        (("NUMTODSINTERVAL", 1, "YEAR"), 1760),
        (("EXTRACT", "HOUR", Date(2024, 1, 1)), 30076),
        (("REGEXP_LIKE", "a", "("), 12725),
        (("REGEXP_LIKE", "a", "[a"), 12726),
        (("REGEXP_LIKE", "a", "a", "q"), 1760),
        (("SYS_CONTEXT", "USERENV", "FOO"), 2003),
        (("UNISTR", "\\00"), 30186),
    ],
)
def test_error(call, code):
    with pytest.raises(OraError) as caught:
        call_function(*call)
    assert caught.value.code == code


def test_times_in_the_zone_of_the_session():
    host = PlainHost()
    host.zone = datetime.timezone(datetime.timedelta(hours=2))
    local = call_function("LOCALTIMESTAMP", host=host)
    assert local.isoformat() == "2024-02-29T15:14:15.123456"
    assert call_function("SESSIONTIMEZONE", host=host) == "+02:00"
    assert (
        call_function("SYS_EXTRACT_UTC", local, host=host).isoformat()
        == "2024-02-29T13:14:15.123456"
    )
    assert call_function("EXTRACT", "HOUR", call_function("CURRENT_TIMESTAMP", host=host)) == 13


def test_settings_of_the_session():
    host = PlainHost()
    host.attributes["NLS_DATE_FORMAT"] = "YYYY-MM-DD"
    assert call_function("TO_CHAR", Date(2024, 2, 29), host=host) == "2024-02-29"
    assert call_function("TO_DATE", "2024-02-29", host=host) == Date(2024, 2, 29)


def test_a_long_result_of_a_clob_stays_a_clob():
    found = call_function("UPPER", Lob("a" * 40_000))
    assert isinstance(found, Lob)
    assert found.data == "A" * 40_000
    assert call_function("SUBSTR", Lob("abc"), 2) == "bc"


def test_sys_guid_is_new_each_time():
    assert call_function("SYS_GUID") != call_function("SYS_GUID")
