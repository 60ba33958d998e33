import datetime
import itertools
from zoneinfo import ZoneInfo

import pytest

from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.plsql.builtins.calendar import next_run

MADRID = ZoneInfo("Europe/Madrid")


def runs(text, start, count, zone=datetime.UTC):
    first = datetime.datetime.fromisoformat(start).replace(tzinfo=zone)
    moment = first - datetime.timedelta(microseconds=1)
    found = []
    for _ in range(count):
        moment = next_run(text, first, moment)
        found.append(moment)
    return found


def texts(text, start, count, zone=datetime.UTC):
    return [f"{moment:%Y-%m-%d %H:%M:%S}" for moment in runs(text, start, count, zone)]


def days(text, start, count):
    return [f"{moment:%Y-%m-%d}" for moment in runs(text, start, count)]


def test_example_of_evaluate_calendar_string():
    # PL/SQL Packages and Types Reference 19c, EVALUATE_CALENDAR_STRING, Examples.
    assert texts(
        "FREQ=DAILY;BYHOUR=9;BYMINUTE=30;BYDAY=MON,TUE,WED,THU,FRI", "2003-01-01 10:00:00", 5
    ) == [f"2003-01-0{day} 09:30:00" for day in (2, 3, 6, 7, 8)]


# PL/SQL Packages and Types Reference 19c, DBMS_SCHEDULER, "Calendaring Syntax Examples"; the dates
# are computed by hand.
@pytest.mark.parametrize(
    ("text", "start", "expected"),
    [
        ("FREQ=DAILY; BYDAY=FRI", "2024-01-01", ["2024-01-05", "2024-01-12", "2024-01-19"]),
        ("FREQ=WEEKLY; BYDAY=FRI", "2024-01-01", ["2024-01-05", "2024-01-12"]),
        ("FREQ=YEARLY; BYDAY=FRI", "2024-01-01", ["2024-01-05", "2024-01-12"]),
        ("FREQ=WEEKLY; INTERVAL=2; BYDAY=FRI", "2024-01-01", ["2024-01-05", "2024-01-19"]),
        ("FREQ=MONTHLY; BYMONTHDAY=-1", "2024-01-01", ["2024-01-31", "2024-02-29"]),
        ("FREQ=MONTHLY; BYMONTHDAY=-2", "2024-01-01", ["2024-01-30", "2024-02-28"]),
        ("FREQ=YEARLY; BYMONTH=MAR; BYMONTHDAY=10", "2024-01-01", ["2024-03-10", "2025-03-10"]),
        ("FREQ=YEARLY; BYDATE=0310", "2024-01-01", ["2024-03-10", "2025-03-10"]),
        ("FREQ=DAILY; INTERVAL=10", "2024-01-01", ["2024-01-01", "2024-01-11", "2024-01-21"]),
        ("FREQ=YEARLY; BYDATE=0101,0315", "2024-01-01", ["2024-01-01", "2024-03-15", "2025-01-01"]),
        ("FREQ=MONTHLY; BYDAY=2 FRI", "2024-01-01", ["2024-01-12", "2024-02-09"]),
        ("FREQ=MONTHLY; BYDAY=-1 FRI", "2024-01-01", ["2024-01-26", "2024-02-23"]),
        ("FREQ=YEARLY; BYWEEKNO=1; BYDAY=MON", "2024-01-01", ["2024-01-01", "2024-12-30"]),
        ("FREQ=YEARLY; BYYEARDAY=-1", "2024-01-01", ["2024-12-31", "2025-12-31"]),
        ("FREQ=YEARLY; BYDAY=-1 SUN", "2024-01-01", ["2024-12-29", "2025-12-28"]),
        ("FREQ=YEARLY; BYMONTH=NOV; BYDAY=4 THU", "2024-01-01", ["2024-11-28", "2025-11-27"]),
        (
            "FREQ=MONTHLY; BYDAY=MON,TUE,WED,THU,FRI; BYSETPOS=-1",
            "2024-01-01",
            ["2024-01-31", "2024-02-29", "2024-03-29"],
        ),
        ("FREQ=MONTHLY", "2024-01-31", ["2024-01-31", "2024-03-31", "2024-05-31"]),
        ("FREQ=YEARLY", "2024-02-29", ["2024-02-29", "2028-02-29"]),
        ("FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=1", "2024-01-01", ["2024-01-01", "2024-06-01"]),
        ("FREQ=YEARLY;BYDATE=0224+SPAN:2D", "2024-01-01", ["2024-02-24", "2024-02-25"]),
        ("FREQ=YEARLY;BYDATE=0101+OFFSET:1W", "2024-01-01", ["2024-01-08", "2025-01-08"]),
    ],
)
def test_days(text, start, expected):
    assert expected == days(text, f"{start} 10:00:00", len(expected))


@pytest.mark.parametrize(
    ("text", "start", "expected"),
    [
        ("FREQ=MINUTELY", "10:00:20", ["10:00:20", "10:01:20", "10:02:20"]),
        ("FREQ=MINUTELY;INTERVAL=30", "10:10:20", ["10:10:20", "10:40:20", "11:10:20"]),
        ("FREQ=SECONDLY;INTERVAL=30", "10:10:20", ["10:10:20", "10:10:50", "10:11:20"]),
        ("FREQ=HOURLY;INTERVAL=4", "10:10:20", ["10:10:20", "14:10:20", "18:10:20"]),
        (
            "FREQ=HOURLY;BYMINUTE=7,31,42;BYSECOND=0",
            "10:10:20",
            ["10:31:00", "10:42:00", "11:07:00"],
        ),
        ("FREQ=DAILY;BYHOUR=3,12;BYMINUTE=0;BYSECOND=0", "10:10:20", ["12:00:00", "03:00:00"]),
        ("FREQ=DAILY;BYTIME=120000,093000", "10:10:20", ["12:00:00", "09:30:00"]),
        (
            "freq=minutely; byhour=11; byminute=58,59; bysecond=0",
            "10:10:20",
            ["11:58:00", "11:59:00", "11:58:00"],
        ),
    ],
)
def test_times(text, start, expected):
    found = runs(text, f"2024-01-01 {start}", len(expected))
    assert expected == [f"{moment:%H:%M:%S}" for moment in found]


def test_fraction_of_the_start_is_kept():
    start = datetime.datetime(2024, 1, 1, 10, 0, 20, 500000, datetime.UTC)
    assert next_run("FREQ=MINUTELY", start, start).microsecond == 500000


def test_dates_are_in_the_zone_of_the_start():
    start = datetime.datetime(2024, 1, 1, 10, tzinfo=datetime.timezone(datetime.timedelta(hours=5)))
    after = datetime.datetime(2024, 1, 3, 3, 59, tzinfo=datetime.UTC)
    found = next_run("FREQ=DAILY;BYHOUR=9", start, after)
    assert found.isoformat() == "2024-01-03T09:00:00+05:00"


def test_clocks_go_forward():
    assert [m.isoformat() for m in runs("FREQ=DAILY", "2024-03-30 02:30:00", 3, MADRID)] == [
        "2024-03-30T02:30:00+01:00",
        "2024-03-31T03:30:00+02:00",
        "2024-04-01T02:30:00+02:00",
    ]


def test_clocks_go_back():
    assert [m.isoformat() for m in runs("FREQ=DAILY", "2024-10-26 02:30:00", 3, MADRID)] == [
        "2024-10-26T02:30:00+02:00",
        "2024-10-27T02:30:00+02:00",
        "2024-10-28T02:30:00+01:00",
    ]


def test_a_run_a_half_hour_while_clocks_go_back():
    found = runs("FREQ=MINUTELY;INTERVAL=30", "2024-10-27 02:00:00", 6, MADRID)
    assert {
        b.astimezone(datetime.UTC) - a.astimezone(datetime.UTC)
        for a, b in itertools.pairwise(found)
    } == {datetime.timedelta(minutes=30)}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", 27415),
        ("INTERVAL=1;FREQ=DAILY", 27415),
        ("FREQ=DAILY;FOO=1", 27412),
        ("FREQ=DAILY;BYDAY=XXX", 27416),
        ("FREQ=DAILY;BYDAY=2MON", 27416),
        ("FREQ=DAILY;BYWEEKNO=2", 27417),
        ("FREQ=DAILY;BYHOUR=24", 27418),
        ("FREQ=DAILY;BYHOUR=", 27418),
        ("FREQ=DAILY;BYHOUR=1;BYHOUR=2", 27418),
        ("FREQ=DAILY;INTERVAL=0", 27418),
        ("FREQ=DAILY;BYSETPOS=1", 27418),
        ("FREQ=YEARLY;BYMONTH=FEB;BYMONTHDAY=30", 27419),
    ],
)
def test_wrong_strings(text, code):
    start = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
    with pytest.raises(OraError) as caught:
        next_run(text, start, start)
    assert caught.value.code == code


@pytest.mark.parametrize("text", ["FREQ=FORTNIGHTLY", "FREQ=DAILY;EXCLUDE=HOLIDAYS"])
def test_named_schedules_are_refused(text):
    start = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
    with pytest.raises(Unsupported):
        next_run(text, start, start)
