"""The Scheduler's calendar syntax: FREQ=DAILY;BYHOUR=3;BYMINUTE=10. Pure.

A string is parsed into a Calendar; `next_run` finds the first date after another one. What the
string leaves open comes from the start date. Schedules named in a string (INCLUDE, EXCLUDE,
INTERSECT), user-defined frequencies and PERIODS are refused.

Source: PL/SQL Packages and Types Reference 19c, DBMS_SCHEDULER, "Operational Notes", "Calendaring
Syntax" and "Rules for Calendaring Syntax".
"""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.zones import find_zone, region_of

#: From the longest on: the clauses below a frequency are taken from the start date.
_FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY")
_DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_MAX_INTERVAL = 999
#: A calendar that has no date in so many years has none.
_YEARS_AHEAD = 100
_ONE_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Weekday:
    """An item of BYDAY; number: which one of the month or year, from the end if negative, 0: all."""

    day: int
    number: int = 0


@dataclass(frozen=True)
class DateItem:
    """An item of BYDATE; year 0: every year. The days from it, spread over an offset and a span."""

    year: int
    month: int
    day: int
    first: int = 0
    last: int = 0


@dataclass(frozen=True)
class Calendar:
    """A parsed string; an empty tuple: the clause is missing."""

    frequency: str
    interval: int = 1
    months: tuple[int, ...] = ()
    week_numbers: tuple[int, ...] = ()
    year_days: tuple[int, ...] = ()
    dates: tuple[DateItem, ...] = ()
    month_days: tuple[int, ...] = ()
    days: tuple[Weekday, ...] = ()
    hours: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    seconds: tuple[int, ...] = ()
    times: tuple[datetime.time, ...] = ()
    positions: tuple[int, ...] = ()

    @property
    def names_days(self) -> bool:
        return bool(
            self.dates or self.days or self.month_days or self.year_days or self.week_numbers
        )


# ---- parsing ----

_LIMITS = {
    "BYWEEKNO": ("week_numbers", 1, 53, True),
    "BYYEARDAY": ("year_days", 1, 366, True),
    "BYMONTHDAY": ("month_days", 1, 31, True),
    "BYHOUR": ("hours", 0, 23, False),
    "BYMINUTE": ("minutes", 0, 59, False),
    "BYSECOND": ("seconds", 0, 59, False),
    "BYSETPOS": ("positions", 1, 9999, True),
}
_NAMED = frozenset({"INCLUDE", "EXCLUDE", "INTERSECT", "PERIODS", "BYPERIOD"})
_WEEKDAY = re.compile(rf"([+-]?\d+)?\s*({'|'.join(_DAYS)})")
_DATE = re.compile(
    r"(?:(\d{4}))?(\d{2})(\d{2})(?:\s*([+-])?\s*(OFFSET|SPAN):\s*(\d+)\s*([DW])"
    r"|\s*([+^-])\s*SPAN:\s*(\d+)\s*([DW]))?"
)


def _syntax_error() -> OraError:
    return OraError(27418, "syntax error in repeat interval or calendar")


@lru_cache(maxsize=256)
def parse_calendar(text: str) -> Calendar:
    """Parse a calendar string.

    Raises:
        OraError: 27412 to 27419 as the string is wrong.
        Unsupported: it needs schedules with names.
    """
    clauses = [clause for clause in text.upper().split(";") if clause.strip()]
    if not clauses or not clauses[0].strip().startswith("FREQ"):
        raise OraError(27415, "repeat interval or calendar must start with the FREQ= clause")
    values: dict[str, object] = {}
    seen: set[str] = set()
    for clause in clauses:
        name, equals, value = (part.strip() for part in clause.partition("="))
        if not equals or not value:
            raise _syntax_error()
        if name in seen:
            raise _syntax_error()
        seen.add(name)
        values |= _parse_clause(name, value)
    found = Calendar(**values)  # type: ignore[arg-type]
    _check(found)
    return found


def _parse_clause(name: str, value: str) -> dict[str, object]:
    items = [item.strip() for item in value.split(",")]
    if name in _NAMED:
        raise Unsupported(f"{name} in a repeat interval")
    if name in _LIMITS:
        field_name, low, high, signed = _LIMITS[name]
        return {field_name: tuple(sorted({_number(i, low, high, signed=signed) for i in items}))}
    match name:
        case "FREQ":
            if value not in _FREQUENCIES:
                raise Unsupported(f"frequency {value}")
            return {"frequency": value}
        case "INTERVAL":
            return {"interval": _number(value, 1, _MAX_INTERVAL, signed=False)}
        case "BYMONTH":
            return {"months": tuple(sorted({_month(item) for item in items}))}
        case "BYDAY":
            return {"days": tuple(_weekday(item) for item in items)}
        case "BYDATE":
            return {"dates": tuple(_date(item) for item in items)}
        case "BYTIME":
            return {"times": tuple(sorted({_time(item) for item in items}))}
        case _:
            raise OraError(
                27412, f"repeat interval or calendar contains invalid identifier: {name}"
            )


def _number(text: str, low: int, high: int, *, signed: bool) -> int:
    if re.fullmatch(r"[+-]?\d+" if signed else r"\d+", text) is None:
        raise _syntax_error()
    number = int(text)
    if not low <= abs(number) <= high:
        raise _syntax_error()
    return number


def _month(text: str) -> int:
    if text in _MONTHS:
        return _MONTHS.index(text) + 1
    return _number(text, 1, 12, signed=False)


def _weekday(text: str) -> Weekday:
    match = _WEEKDAY.fullmatch(text)
    if match is None:
        raise OraError(
            27416, "BYDAY= clause in repeat interval or calendar contains an invalid weekday"
        )
    return Weekday(_DAYS.index(match[2]), int(match[1] or 0))


def _date(text: str) -> DateItem:
    match = _DATE.fullmatch(text)
    if match is None:
        raise _syntax_error()
    year, month, day = int(match[1] or 0), int(match[2]), int(match[3])
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        raise _syntax_error()
    first = last = 0
    if match[5] == "OFFSET":
        count = int(match[6]) * (7 if match[7] == "W" else 1)
        first = last = -count if match[4] == "-" else count
    elif match[5] == "SPAN" or match[9]:
        sign = match[4] or match[8] or "+"
        count = int(match[6] or match[9]) * (7 if (match[7] or match[10]) == "W" else 1)
        match sign:
            case "+":
                last = count - 1
            case "-":
                first = 1 - count
            case _:
                first, last = -(count // 2), count - 1 - count // 2
    return DateItem(year, month, day, first, last)


def _time(text: str) -> datetime.time:
    if re.fullmatch(r"\d{6}", text) is None:
        raise _syntax_error()
    try:
        return datetime.time(int(text[:2]), int(text[2:4]), int(text[4:]))
    except ValueError:
        raise _syntax_error() from None


def _check(found: Calendar) -> None:
    if found.week_numbers and found.frequency != "YEARLY":
        raise OraError(27417, "BYWEEKNO clause requires FREQ=YEARLY clause")
    if found.positions and found.frequency not in ("YEARLY", "MONTHLY"):
        raise _syntax_error()
    if any(item.number for item in found.days) and found.frequency not in ("YEARLY", "MONTHLY"):
        raise OraError(
            27416, "BYDAY= clause in repeat interval or calendar contains an invalid weekday"
        )
    if found.times and (found.hours or found.minutes or found.seconds):
        raise _syntax_error()


# ---- evaluating ----


def next_run(
    text: str, start: datetime.datetime, after: datetime.datetime, *, inclusive: bool = False
) -> datetime.datetime:
    """The first date of a calendar string that is after a date and not before the start.

    Args:
        text: the calendar string.
        start: its zone is that of the dates, and it fills in what the string leaves open.
        after: the date, of any zone.
        inclusive: that date itself will do.

    Raises:
        OraError: 27419 where there is none, others as parse_calendar.
    """
    region = region_of(start)
    zone = find_zone(region) if region is not None else start.tzinfo
    search = _Search(parse_calendar(text), start.replace(tzinfo=None))
    has_changes = not isinstance(zone, datetime.timezone)
    local = max(after, start).astimezone(zone).replace(tzinfo=None, fold=0)
    if has_changes:
        # Where clocks go back, an earlier local time may be a later moment.
        local -= datetime.timedelta(hours=1)
    # Compared in UTC: within a zone Python compares what the clocks show.
    begin, limit = start.astimezone(datetime.UTC), after.astimezone(datetime.UTC)
    second: datetime.datetime | None = None

    def fits(moment: datetime.datetime) -> bool:
        return moment >= begin and (moment > limit or (inclusive and moment == limit))

    for candidate in search.dates(local):
        moment = candidate.replace(tzinfo=zone).astimezone(datetime.UTC)
        if fits(moment):
            found = moment if second is None else min(moment, second)
            return found.astimezone(zone)
        if has_changes and search.is_within_days and second is None:
            again = candidate.replace(tzinfo=zone, fold=1).astimezone(datetime.UTC)
            if again > moment and fits(again):
                second = again
    if second is not None:
        return second.astimezone(zone)
    raise OraError(27419, "unable to determine valid execution date from repeat interval")


@dataclass
class _Search:
    """All dates of a calendar in order, in local time."""

    calendar: Calendar
    start: datetime.datetime
    frequency: int = field(init=False)

    def __post_init__(self) -> None:
        self.frequency = _FREQUENCIES.index(self.calendar.frequency)

    @property
    def is_within_days(self) -> bool:
        """Whether the frequency is shorter than a day: such runs happen in a repeated hour too."""
        return self.frequency >= _FREQUENCIES.index("HOURLY")

    def dates(self, after: datetime.datetime) -> Iterator[datetime.datetime]:
        """From a date on; perhaps some before it."""
        first = max(self.start, after)
        last_year = min(first.year + _YEARS_AHEAD, 9999)
        if self.calendar.frequency in ("YEARLY", "MONTHLY"):
            yield from self._by_period(first, last_year)
            return
        day = datetime.datetime.combine(first.date(), datetime.time())
        while day.year < last_year:
            if self._is_day(day.date()):
                begin = first if day.date() == first.date() else day
                yield from self._times(day.date(), begin)
            day += _ONE_DAY

    # ---- years and months ----

    def _by_period(self, first: datetime.datetime, last_year: int) -> Iterator[datetime.datetime]:
        yearly = self.calendar.frequency == "YEARLY"
        # A week of the year may begin in the year before.
        number = first.year - 1 if yearly else first.year * 12 + first.month - 2
        begin = self.start.year if yearly else self.start.year * 12 + self.start.month - 1
        while True:
            year = number if yearly else number // 12
            if year >= last_year:
                return
            if year >= 1 and number >= begin and (number - begin) % self.calendar.interval == 0:
                month = None if yearly else number % 12 + 1
                yield from self._in_period(year, month)
            number += 1

    def _in_period(self, year: int, month: int | None) -> Iterator[datetime.datetime]:
        days = self._days_of(year, month)
        if not self.calendar.positions:
            for day in days:
                yield from self._times(day, datetime.datetime.combine(day, datetime.time()))
            return
        moments = [
            moment
            for day in days
            for moment in self._times(day, datetime.datetime.combine(day, datetime.time()))
        ]
        chosen = {
            position - 1 if position > 0 else len(moments) + position
            for position in self.calendar.positions
        }
        yield from (moments[n] for n in sorted(chosen) if 0 <= n < len(moments))

    def _days_of(self, year: int, month: int | None) -> list[datetime.date]:
        if self.calendar.week_numbers:
            first = datetime.date.fromisocalendar(year, 1, 1)
            weeks = datetime.date(year, 12, 28).isocalendar().week
            days = [first + n * _ONE_DAY for n in range(weeks * 7)]
        elif month is None:
            first = datetime.date(year, 1, 1)
            days = [first + n * _ONE_DAY for n in range(365 + calendar.isleap(year))]
        else:
            count = calendar.monthrange(year, month)[1]
            days = [datetime.date(year, month, n + 1) for n in range(count)]
        return [day for day in days if self._is_day(day)]

    # ---- days ----

    def _is_day(self, day: datetime.date) -> bool:
        rule, start = self.calendar, self.start
        if rule.months and day.month not in rule.months:
            return False
        if rule.dates and not any(_is_date(item, day) for item in rule.dates):
            return False
        if rule.month_days and not _is_numbered(day.day, _month_length(day), rule.month_days):
            return False
        if rule.year_days and not _is_numbered(
            day.timetuple().tm_yday, 365 + calendar.isleap(day.year), rule.year_days
        ):
            return False
        if rule.week_numbers and not self._is_week(day):
            return False
        if rule.days and not any(self._is_weekday(item, day) for item in rule.days):
            return False
        if not self._fits_start(day, start):
            return False
        return self._is_interval_day(day)

    def _fits_start(self, day: datetime.date, start: datetime.datetime) -> bool:
        """What the string leaves open and is longer than a day."""
        rule = self.calendar
        match rule.frequency:
            case "YEARLY":
                if rule.week_numbers:
                    return bool(rule.days) or day.weekday() == start.weekday()
                if rule.names_days:
                    return True
                return day.day == start.day and (bool(rule.months) or day.month == start.month)
            case "MONTHLY":
                return rule.names_days or day.day == start.day
            case "WEEKLY":
                return rule.names_days or day.weekday() == start.weekday()
            case _:
                return True

    def _is_interval_day(self, day: datetime.date) -> bool:
        """Weeks and days that the interval leaves out; years and months are counted elsewhere."""
        interval, start = self.calendar.interval, self.start.date()
        if interval == 1:
            return True
        match self.calendar.frequency:
            case "WEEKLY":
                weeks = (_monday(day) - _monday(start)).days // 7
                return weeks % interval == 0
            case "DAILY":
                return (day - start).days % interval == 0
            case _:
                return True

    def _is_week(self, day: datetime.date) -> bool:
        year, week, _ = day.isocalendar()
        weeks = datetime.date(year, 12, 28).isocalendar().week
        return _is_numbered(week, weeks, self.calendar.week_numbers)

    def _is_weekday(self, item: Weekday, day: datetime.date) -> bool:
        if day.weekday() != item.day:
            return False
        if not item.number:
            return True
        if self.calendar.frequency == "YEARLY" and not self.calendar.months:
            number, length = day.timetuple().tm_yday, 365 + calendar.isleap(day.year)
        else:
            number, length = day.day, _month_length(day)
        if item.number > 0:
            return (number - 1) // 7 + 1 == item.number
        return (length - number) // 7 + 1 == -item.number

    # ---- times of a day ----

    def _times(self, day: datetime.date, begin: datetime.datetime) -> Iterator[datetime.datetime]:
        rule, start = self.calendar, self.start
        fraction = 0 if rule.seconds or rule.times else start.microsecond
        if rule.times:
            yield from (datetime.datetime.combine(day, moment) for moment in rule.times)
            return
        begin = begin.replace(microsecond=0)
        hours = rule.hours or (range(24) if self.frequency >= 4 else (start.hour,))
        minutes = rule.minutes or (range(60) if self.frequency >= 5 else (start.minute,))
        seconds = rule.seconds or (range(60) if self.frequency >= 6 else (start.second,))
        for hour in hours:
            if hour < begin.hour:
                continue
            for minute in minutes:
                if (hour, minute) < (begin.hour, begin.minute):
                    continue
                if not self._is_interval_time(day, hour, minute):
                    continue
                for second in seconds:
                    moment = datetime.datetime(
                        day.year, day.month, day.day, hour, minute, second, fraction
                    )
                    if self._is_interval_second(moment):
                        yield moment

    def _is_interval_time(self, day: datetime.date, hour: int, minute: int) -> bool:
        interval = self.calendar.interval
        if interval == 1 or self.frequency not in (4, 5):
            return True
        start = self.start
        hours = (day - start.date()).days * 24 + hour - start.hour
        if self.frequency == 4:
            return hours % interval == 0
        return (hours * 60 + minute - start.minute) % interval == 0

    def _is_interval_second(self, moment: datetime.datetime) -> bool:
        if self.frequency != 6 or self.calendar.interval == 1:
            return True
        elapsed = moment.replace(microsecond=0) - self.start.replace(microsecond=0)
        return int(elapsed.total_seconds()) % self.calendar.interval == 0


def _monday(day: datetime.date) -> datetime.date:
    return day - day.weekday() * _ONE_DAY


def _month_length(day: datetime.date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _is_numbered(number: int, length: int, wanted: tuple[int, ...]) -> bool:
    """Counted from the start, or from the end with a minus."""
    return number in wanted or number - length - 1 in wanted


def _is_date(item: DateItem, day: datetime.date) -> bool:
    # A span may reach over the end of a year.
    for year in (item.year,) if item.year else (day.year - 1, day.year, day.year + 1):
        try:
            base = datetime.date(year, item.month, item.day)
        except ValueError:
            continue
        if item.first <= (day - base).days <= item.last:
            return True
    return False
