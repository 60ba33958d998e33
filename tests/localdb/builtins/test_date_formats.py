import datetime

import pytest

from deploy.localdb.errors import OraError
from deploy.localdb.plsql.builtins.date_formats import format_date
from deploy.localdb.plsql.builtins.date_parsing import parse_date, to_date
from deploy.localdb.plsql.builtins.nls import DEFAULT, with_argument
from deploy.localdb.values import Date

TODAY = datetime.date(2024, 2, 29)
MOMENT = Date(2024, 1, 4, 15, 4, 5)


# SQL Language Reference 19c, Format Models, Table "Datetime Format Elements".
@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("DD-MON-RR", "04-JAN-24"),
        ("YYYY-MM-DD HH24:MI:SS", "2024-01-04 15:04:05"),
        ("HH:MI AM", "03:04 PM"),
        ("HH12:MI a.m.", "03:04 p.m."),
        ("DAY", "THURSDAY "),
        ("Day", "Thursday "),
        ("Month", "January  "),
        ("fmMonth DD, YYYY", "January 4, 2024"),
        ("fmDay, DDTH Month", "Thursday, 4TH January"),
        ("DDSPTH", "FOURTH"),
        ("Ddspth", "Fourth"),
        ("ddth", "04th"),
        ("CC", "21"),
        ("D", "5"),
        ("DDD", "004"),
        ("Q", "1"),
        ("W", "1"),
        ("WW", "01"),
        ("IYYY-IW", "2024-01"),
        ("J", "2460314"),
        ("RM", "I   "),
        ("fmRM", "I"),
        ("SSSSS", "54245"),
        ("Y,YYY", "2,024"),
        ("SYYYY", " 2024"),
        ("YEAR", "TWENTY TWENTY-FOUR"),
        ("Year", "Twenty Twenty-Four"),
        ('"year": YYYY', "year: 2024"),
        ("DL", "Thursday, January 4, 2024"),
        ("DS", "1/4/2024"),
        ("TS", "3:04:05 PM"),
        ("YYYY AD", "2024 AD"),
    ],
)
def test_date_to_text(model, expected):
    assert expected == format_date(MOMENT, model)


def test_julian_day_of_the_documentation():
    # SQL Language Reference 19c, TO_CHAR with J: 1 January 1997 is 2450450.
    assert format_date(Date(1997, 1, 1), "J") == "2450450"


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("FF", "123456"),
        ("FF3", "123"),
        ("FF9", "123456000"),
        ("SSXFF2", "05.12"),
        ("TZH:TZM", "+05:30"),
        ("TZR", "+05:30"),
    ],
)
def test_timestamp_to_text(model, expected):
    zone = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
    moment = datetime.datetime(2024, 1, 4, 15, 4, 5, 123456, zone)
    assert expected == format_date(moment, model)


def test_default_models():
    assert format_date(MOMENT) == "04-JAN-24"
    naive = datetime.datetime(2024, 1, 4, 15, 4, 5)  # noqa: DTZ001 - a TIMESTAMP has no zone
    assert format_date(naive) == "04-JAN-24 03.04.05.000000 PM"
    assert format_date(naive.replace(tzinfo=datetime.UTC)) == "04-JAN-24 03.04.05.000000 PM +00:00"


def test_names_of_another_language():
    spanish = with_argument(DEFAULT, "NLS_DATE_LANGUAGE = Spanish")
    assert format_date(MOMENT, "fmDay DD Month", spanish) == "Jueves 4 Enero"
    assert to_date("4 ENE 2024", "DD MON YYYY", TODAY, spanish) == Date(2024, 1, 4)


@pytest.mark.parametrize("model", ["FOO", "YYYY-MM-DDX0", '"open'])
def test_unknown_element(model):
    with pytest.raises(OraError, match="ORA-01821"):
        format_date(MOMENT, model)


def test_fraction_of_a_date():
    with pytest.raises(OraError, match="ORA-01821"):
        format_date(MOMENT, "FF3")


# SQL Language Reference 19c, Format Models, "String-to-Date Conversion Rules".
@pytest.mark.parametrize(
    ("text", "model", "expected"),
    [
        ("04-JAN-24", "DD-MON-RR", Date(2024, 1, 4)),
        ("January 15, 1989, 11:00 A.M.", "Month dd, YYYY, HH:MI A.M.", Date(1989, 1, 15, 11)),
        ("20240104150405", "YYYYMMDDHH24MISS", Date(2024, 1, 4, 15, 4, 5)),
        ("2024/01/04", "YYYY-MM-DD", Date(2024, 1, 4)),
        ("20240104", "YYYY-MM-DD", Date(2024, 1, 4)),
        ("4-1-2024", "DD-MM-YYYY", Date(2024, 1, 4)),
        ("04-Jan-2024", "DD-MM-YYYY", Date(2024, 1, 4)),
        ("04-January-2024", "DD-MON-YYYY", Date(2024, 1, 4)),
        ("04JAN24", "DD-MON-RR", Date(2024, 1, 4)),
        ("2024-01-04 15:04", "YYYY-MM-DD HH24:MI:SS", Date(2024, 1, 4, 15, 4)),
        ("2024-01-04", "YYYY-MM-DD HH24:MI:SS", Date(2024, 1, 4)),
        ("1998", "YYYY", Date(1998, 2, 1)),
        ("12", "HH24", Date(2024, 2, 1, 12)),
        ("12 AM", "HH AM", Date(2024, 2, 1, 0)),
        ("12 PM", "HH AM", Date(2024, 2, 1, 12)),
        ("2460314", "J", Date(2024, 1, 4)),
        ("60 2024", "DDD YYYY", Date(2024, 2, 29)),
        ("54245", "SSSSS", Date(2024, 2, 1, 15, 4, 5)),
        ("thu 04", "DY DD", None),
        ("4 day 2024-02", 'DD "day" YYYY-MM', Date(2024, 2, 4)),
        ("1998", "RRRR", Date(1998, 2, 1)),
    ],
)
def test_text_to_date(text, model, expected):
    if expected is None:
        with pytest.raises(OraError, match="ORA-01835"):
            to_date(text, model, TODAY)
        return
    found = to_date(text, model, TODAY)
    assert expected == found
    assert type(found) is Date


# SQL Language Reference 19c, Format Models, "The RR Datetime Format Element".
@pytest.mark.parametrize(
    ("year", "text", "expected"),
    [
        (1999, "27-OCT-98", 1998),
        (1999, "27-OCT-17", 2017),
        (2017, "27-OCT-98", 1998),
        (2017, "27-OCT-17", 2017),
    ],
)
def test_rounded_year(year, text, expected):
    assert to_date(text, "DD-MON-RR", datetime.date(year, 1, 1)).year == expected


@pytest.mark.parametrize(
    ("text", "model", "code"),
    [
        ("31-13-2020", "DD-MM-YYYY", 1843),
        ("1-FOO-2020", "DD-MON-YYYY", 1843),
        ("31-02-2020", "DD-MM-YYYY", 1839),
        ("30-FEB-24", "DD-MON-RR", 1839),
        ("32", "DD", 1847),
        ("366 2023", "DDD YYYY", 1848),
        ("25", "HH24", 1850),
        ("13", "HH", 1849),
        ("60", "MI", 1851),
        ("60", "SS", 1852),
        ("0", "YYYY", 1841),
        ("xx", "DD", 1858),
        ("2020-01-01x", "YYYY-MM-DD", 1830),
        ("2020-01-01 10", "YYYY-MM-DD", 1830),
        ("2020", "YYYY-MM-DD", 1840),
        ("2020-01-01", "DD-MON-RR", 1861),
        ("01/01/20", "FXDD-MM-RR", 1861),
        ("1-01-2020", "FXDD-MM-YYYY", 1862),
        ("10 XM", "HH AM", 1855),
        ("1", "Q", 1820),
        ("2020 2020", "YYYY YYYY", 1810),
        ("2020 20", "YYYY YY", 1812),
        ("10 10", "HH HH24", 1813),
        ("10 PM", "HH24 AM", 1818),
        ("1 JAN", "MM MON", 1816),
        ("x", "FOO", 1821),
        ("1.5", "SSXFF", 1821),
    ],
)
def test_text_that_is_no_date(text, model, code):
    with pytest.raises(OraError) as caught:
        to_date(text, model, TODAY)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "model", "expected"),
    [
        ("1.5", "SSXFF", datetime.datetime(2024, 2, 1, 0, 0, 1, 500000)),  # noqa: DTZ001
        (
            "2024-01-04 10:00:00 +02:30",
            "YYYY-MM-DD HH24:MI:SS TZH:TZM",
            datetime.datetime(2024, 1, 4, 7, 30, tzinfo=datetime.UTC),
        ),
        (
            "2024-07-04 10:00 Europe/Madrid",
            "YYYY-MM-DD HH24:MI TZR",
            datetime.datetime(2024, 7, 4, 8, tzinfo=datetime.UTC),
        ),
    ],
)
def test_text_to_timestamp(text, model, expected):
    assert expected == parse_date(text, model, TODAY)


def test_unknown_region():
    with pytest.raises(OraError, match="ORA-01882"):
        parse_date("10 Nowhere/Land", "HH24 TZR", TODAY)
