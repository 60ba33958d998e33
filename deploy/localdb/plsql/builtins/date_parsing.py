"""Text to dates and timestamps, by Oracle's format models. Pure.

Source: SQL Language Reference 19c, Format Models, "String-to-Date Conversion Rules"; error texts:
Database Error Messages 19c.
"""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.plsql.builtins.date_models import (
    JULIAN_OFFSET,
    ROMAN_MONTHS,
    TIME_FRACTION,
    Element,
    parse_model,
)
from deploy.localdb.plsql.builtins.nls import DEFAULT, Nls
from deploy.localdb.values import Date
from deploy.localdb.zones import find_zone, on_clock

#: What only TO_CHAR writes.
_OUTPUT_ONLY = frozenset(
    {"CC", "SCC", "D", "IW", "IYYY", "IYY", "IY", "I", "Q", "W", "WW", "YEAR", "SYEAR", "E", "EE"}
)


@dataclass
class _Parsed:
    """What the text has said so far."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    day_of_year: int | None = None
    julian: int | None = None
    weekday: int | None = None
    hour: int | None = None
    hour12: int | None = None
    afternoon: bool | None = None
    minute: int | None = None
    second: int | None = None
    seconds_of_day: int | None = None
    microsecond: int = 0
    zone_sign: int = 1
    zone_hours: int | None = None
    zone_minutes: int = 0
    zone: datetime.tzinfo | None = None
    #: TZD, 'CEST'.
    abbreviation: str | None = None
    before_christ: bool = False


@dataclass
class _Reader:
    """The text and how far it has been read."""

    text: str
    nls: Nls
    today: datetime.date
    position: int = 0
    parsed: _Parsed = field(default_factory=_Parsed)

    @property
    def rest(self) -> str:
        return self.text[self.position :]

    def skip_blanks(self) -> None:
        while self.position < len(self.text) and self.text[self.position] == " ":
            self.position += 1

    def digits(self, most: int, exact: bool) -> tuple[int, int]:
        """A number of at most so many digits, and how many it had.

        Raises:
            OraError: 1840 at the end, 1858 at something else, 1862 where exact and too short.
        """
        start = self.position
        while (
            self.position < len(self.text)
            and self.position - start < most
            and self.text[self.position] in "0123456789"
        ):
            self.position += 1
        count = self.position - start
        if not count:
            if start >= len(self.text):
                raise OraError(1840, "input value not long enough for date format")
            raise OraError(1858, "a non-numeric character was found where a numeric was expected")
        if exact and count < most:
            raise OraError(1862, "the numeric value does not match the length of the format item")
        return int(self.text[start : self.position]), count

    def name(self, names: tuple[str, ...], error: OraError) -> int:
        """Which of the names comes next."""
        rest = self.rest.upper()
        if not rest:
            raise OraError(1840, "input value not long enough for date format")
        found = [
            (len(name), number)
            for number, name in enumerate(names)
            if rest.startswith(name.upper())
        ]
        if not found:
            raise error
        length, number = max(found)
        self.position += length
        return number


def parse_date(
    text: str,
    model: str,
    today: datetime.date,
    nls: Nls = DEFAULT,
    *,
    zone: datetime.tzinfo | None = None,
    is_date: bool = False,
) -> datetime.datetime:
    """Text to a timestamp: naive, or with a zone if one is given or read.

    Args:
        text: what is converted.
        model: the format model.
        today: gives the year and the month that the text does not name.
        nls: the session's settings.
        zone: of a TIMESTAMP WITH TIME ZONE whose text names none.
        is_date: for TO_DATE; fractions and zones are refused.

    Raises:
        OraError: 1830, 1839 to 1862 as the text fails; 1810 to 1821 as the model is wrong.
    """
    elements = parse_model(model)
    _check_input_model(elements, is_date=is_date)
    reader = _Reader(text, nls, today)
    if not any(element.exact for element in elements):
        reader.skip_blanks()
    for number, element in enumerate(elements):
        following = elements[number + 1] if number + 1 < len(elements) else None
        if reader.position >= len(text) and _may_be_missing(elements[number:]):
            break
        _read(element, following, reader)
    if reader.rest.strip(" "):
        raise OraError(1830, "date format picture ends before converting entire input string")
    return _assemble(reader, zone)


def to_date(text: str, model: str | None, today: datetime.date, nls: Nls = DEFAULT) -> Date:
    """TO_DATE."""
    found = parse_date(text, model or nls.date_format, today, nls, is_date=True)
    return Date(found.year, found.month, found.day, found.hour, found.minute, found.second)


#: Model elements that say the same thing, and the error for having two of them.
_ONCE: tuple[tuple[frozenset[str], int, str], ...] = (
    (
        frozenset({"YYYY", "SYYYY", "YYY", "YY", "Y", "Y,YYY", "RR", "RRRR"}),
        1812,
        "year may only be specified once",
    ),
    (frozenset({"HH", "HH12", "HH24"}), 1813, "hour may only be specified once"),
    (frozenset({"MM", "MON", "MONTH", "RM"}), 1816, "month may only be specified once"),
    (frozenset({"DAY", "DY"}), 1817, "day of week may only be specified once"),
)
_MERIDIANS = frozenset({"AM", "PM", "A.M.", "P.M."})


#: Elements that read a word.
_NAMES = frozenset({"MON", "MONTH", "RM", "DAY", "DY", "AD", "BC", "A.D.", "B.C."}) | _MERIDIANS


def _check_input_model(elements: tuple[Element, ...], *, is_date: bool) -> None:
    names = [element.name for element in elements if element.name]
    for name in names:
        if name in _OUTPUT_ONLY or any(e.suffix and e.name == name for e in elements):
            raise OraError(1820, "format code cannot appear in date input format")
        if is_date and (TIME_FRACTION.fullmatch(name) or name.startswith("TZ") or name == "X"):
            raise OraError(1821, "date format not recognized")
        if names.count(name) > 1:
            raise OraError(1810, "format code appears twice")
    for group, code, text in _ONCE:
        if len(group.intersection(names)) > 1:
            raise OraError(code, text)
    if "HH24" in names and _MERIDIANS.intersection(names):
        raise OraError(1818, "'HH24' precludes use of meridian indicator")
    if "J" in names and "DDD" in names:
        raise OraError(1811, "Julian date precludes use of day of year")


#: With these missing at the end of the text, their fields are zero.
_TIME_ELEMENTS = frozenset({"HH24", "MI", "SS", "FF", "TZH", "TZM", "TZR", "TZD", "X"})


def _may_be_missing(elements: tuple[Element, ...]) -> bool:
    """At the end of the text: only time elements and what separates them are left."""
    return all(
        not e.exact
        and (
            (not e.name and not e.quoted)
            or e.name in _TIME_ELEMENTS
            or e.name.startswith("FF")
            or (e.name in ("HH", "HH12") or e.name in _MERIDIANS)
        )
        for e in elements
    )


def _read(element: Element, following: Element | None, reader: _Reader) -> None:
    if not element.name:
        _read_literal(element, following, reader)
        return
    if not element.exact:
        reader.skip_blanks()
    name = element.name
    if name in _NUMERIC_INPUTS:
        most, store = _NUMERIC_INPUTS[name]
        number, count = _read_number(element, most, reader)
        if number is not None:
            store(reader, number, count)
        return
    if TIME_FRACTION.fullmatch(name):
        most = int(name[2:]) if len(name) > 2 else 9
        start = reader.position
        reader.digits(most, exact=False)
        digits = reader.text[start : reader.position].ljust(9, "0")
        reader.parsed.microsecond = int(digits[:6])
        return
    _read_other(element, reader)


def _read_number(element: Element, most: int, reader: _Reader) -> tuple[int | None, int]:
    """A number; where a month is wanted, its name will do (unless FX)."""
    if element.name == "MM" and not element.exact and reader.rest[:1].isalpha():
        reader.parsed.month = _read_month(reader)
        return None, 0
    # With the year's own digits left to a longer element, YY takes four digits as YYYY does.
    if not element.exact and element.name in ("YY", "RR"):
        following = re.match(r"\d+", reader.rest)
        if following is not None and len(following[0]) in (3, 4):
            most = len(following[0])
    return reader.digits(most, exact=element.exact and element.fill)


def _read_month(reader: _Reader) -> int:
    names = reader.nls.language
    error = OraError(1843, "not a valid month")
    return reader.name(names.months + names.months_short, error) % 12 + 1


def _read_literal(element: Element, following: Element | None, reader: _Reader) -> None:
    literal = element.literal
    if element.exact or element.quoted:
        found = reader.text[reader.position : reader.position + len(literal)]
        if found != literal:
            if not found:
                raise OraError(1840, "input value not long enough for date format")
            raise OraError(1861, "literal does not match format string")
        reader.position += len(literal)
        return
    if literal == " ":
        if reader.rest[:1] and not reader.rest[0].isalnum():
            if reader.rest[0] == " ":
                reader.skip_blanks()
            else:
                reader.position += 1
        return
    reader.skip_blanks()
    char = reader.rest[:1]
    # Punctuation may be another one, or be left out where digits say where each number ends.
    if char and not char.isalnum():
        reader.position += 1
    elif char and following is not None and char.isalpha() != (following.name in _NAMES):
        raise OraError(1861, "literal does not match format string")


def _read_other(element: Element, reader: _Reader) -> None:
    parsed, name = reader.parsed, element.name
    language = reader.nls.language
    match name:
        case "MONTH" | "MON":
            if not reader.rest[:1].isalpha() and reader.rest:
                raise OraError(1843, "not a valid month")
            parsed.month = _read_month(reader)
        case "RM":
            error = OraError(1843, "not a valid month")
            parsed.month = reader.name(ROMAN_MONTHS, error) + 1
        case "DAY" | "DY":
            error = OraError(1846, "not a valid day of the week")
            parsed.weekday = reader.name(language.days + language.days_short, error) % 7
        case "AM" | "PM" | "A.M." | "P.M.":
            error = OraError(1855, "AM/A.M. or PM/P.M. required")
            names = ("AM", "PM") if "." not in name else ("A.M.", "P.M.")
            parsed.afternoon = reader.name(names, error) == 1
        case "AD" | "BC" | "A.D." | "B.C.":
            error = OraError(1856, "BC/B.C. or AD/A.D. required")
            names = ("AD", "BC") if "." not in name else ("A.D.", "B.C.")
            parsed.before_christ = reader.name(names, error) == 1
        case "X":
            if reader.rest[:1] and not reader.rest[0].isalnum():
                reader.position += 1
        case "Y,YYY":
            match = re.match(r"(\d),(\d{3})", reader.rest)
            if match is None:
                raise OraError(1861, "literal does not match format string")
            reader.position += match.end()
            parsed.year = int(match[1] + match[2])
        case "TZH" | "TZM":
            _read_zone_number(name, reader)
        case "TZR" | "TZD":
            _read_zone_name(name, reader)
        case _:
            raise Unsupported(f"date format element {name} in input")


def _read_zone_number(name: str, reader: _Reader) -> None:
    parsed = reader.parsed
    if name == "TZM":
        parsed.zone_minutes = reader.digits(2, exact=False)[0]
        if parsed.zone_minutes > 59:
            raise OraError(1875, "time zone minute must be between -59 and 59")
        return
    if reader.rest[:1] in ("+", "-"):
        parsed.zone_sign = -1 if reader.rest[0] == "-" else 1
        reader.position += 1
    parsed.zone_hours = reader.digits(2, exact=False)[0]
    if parsed.zone_hours > 15:
        raise OraError(1874, "time zone hour must be between -15 and 15")


_OFFSET = re.compile(r"([+-]?)(\d\d?):(\d\d)")


def _read_zone_name(name: str, reader: _Reader) -> None:
    offset = _OFFSET.match(reader.rest)
    if offset is not None and name == "TZR":
        parsed = reader.parsed
        parsed.zone_sign = -1 if offset[1] == "-" else 1
        parsed.zone_hours, parsed.zone_minutes = int(offset[2]), int(offset[3])
        reader.position += offset.end()
        return
    word = re.match(r"[A-Za-z][\w/+-]*", reader.rest)
    if word is None:
        raise OraError(1882, "timezone region not found")
    reader.position += word.end()
    if name == "TZR":
        reader.parsed.zone = find_zone(word[0])
    else:
        reader.parsed.abbreviation = word[0].upper()


# ---- numbers of the text, with their limits ----


def _store_year(reader: _Reader, number: int, count: int) -> None:
    if not 1 <= number <= 9999:
        raise OraError(1841, "(full) year must be between -4713 and +9999, and not be 0")
    reader.parsed.year = number


def _store_short_year(reader: _Reader, number: int, count: int) -> None:
    """YYY, YY, Y: in the current millennium, century or decade."""
    if count == 4:
        _store_year(reader, number, count)
    else:
        size = 10**count
        reader.parsed.year = reader.today.year // size * size + number


def _store_rounded_year(reader: _Reader, number: int, count: int) -> None:
    """RR: the century that is nearer, by the table of the RR element."""
    if count > 2:
        _store_year(reader, number, count)
        return
    century, now = divmod(reader.today.year, 100)
    if now < 50 <= number:
        century -= 1
    elif number < 50 <= now:
        century += 1
    reader.parsed.year = century * 100 + number


def _limited(
    name: str, low: int, high: int, code: int, text: str
) -> Callable[[_Reader, int, int], None]:
    def store(reader: _Reader, number: int, count: int) -> None:
        if not low <= number <= high:
            raise OraError(code, text)
        setattr(reader.parsed, name, number)

    return store


_DAY_TEXT = "day of month must be between 1 and last day of month"
_NUMERIC_INPUTS: dict[str, tuple[int, Callable[[_Reader, int, int], None]]] = {
    "YYYY": (4, _store_year),
    "SYYYY": (4, _store_year),
    "YYY": (3, _store_short_year),
    "YY": (2, _store_short_year),
    "Y": (1, _store_short_year),
    "RR": (2, _store_rounded_year),
    "RRRR": (4, _store_rounded_year),
    "MM": (2, _limited("month", 1, 12, 1843, "not a valid month")),
    "DD": (2, _limited("day", 1, 31, 1847, _DAY_TEXT)),
    "DDD": (
        3,
        _limited(
            "day_of_year",
            1,
            366,
            1848,
            "day of year must be between 1 and 365 (366 for leap year)",
        ),
    ),
    "J": (
        7,
        _limited("julian", 1, 5373484, 1854, "julian date must be between 1 and 5373484"),
    ),
    "HH": (2, _limited("hour12", 1, 12, 1849, "hour must be between 1 and 12")),
    "HH12": (2, _limited("hour12", 1, 12, 1849, "hour must be between 1 and 12")),
    "HH24": (2, _limited("hour", 0, 23, 1850, "hour must be between 0 and 23")),
    "MI": (2, _limited("minute", 0, 59, 1851, "minutes must be between 0 and 59")),
    "SS": (2, _limited("second", 0, 59, 1852, "seconds must be between 0 and 59")),
    "SSSSS": (
        5,
        _limited("seconds_of_day", 0, 86399, 1853, "seconds in day must be between 0 and 86399"),
    ),
}


# ---- from its parts to a timestamp ----


def _assemble(reader: _Reader, zone: datetime.tzinfo | None) -> datetime.datetime:
    parsed = reader.parsed
    if parsed.before_christ:
        raise Unsupported("dates before the year 1")
    day = _day(reader)
    if parsed.weekday is not None and day.isoweekday() % 7 != parsed.weekday:
        raise OraError(1835, "day of week conflicts with Julian date")
    hour, minute, second = _time(parsed)
    if parsed.zone_hours is not None:
        offset = datetime.timedelta(hours=parsed.zone_hours, minutes=parsed.zone_minutes)
        zone = datetime.timezone(offset * parsed.zone_sign)
    elif parsed.zone is not None:
        zone = parsed.zone
    shown = datetime.datetime(
        day.year, day.month, day.day, hour, minute, second, parsed.microsecond
    )
    return shown if zone is None else on_clock(shown, zone, parsed.abbreviation)


def _day(reader: _Reader) -> datetime.date:
    parsed, today = reader.parsed, reader.today
    if parsed.julian is not None:
        ordinal = parsed.julian - JULIAN_OFFSET
        if ordinal < 1:
            raise Unsupported("dates before the year 1")
        return datetime.date.fromordinal(ordinal)
    year = parsed.year if parsed.year is not None else today.year
    if parsed.day_of_year is not None:
        found = datetime.date(year, 1, 1) + datetime.timedelta(days=parsed.day_of_year - 1)
        if found.year != year:
            raise OraError(1848, "day of year must be between 1 and 365 (366 for leap year)")
        if parsed.month not in (None, found.month):
            raise OraError(1833, "month conflicts with Julian date")
        if parsed.day not in (None, found.day):
            raise OraError(1834, "day of month conflicts with Julian date")
        return found
    month = parsed.month if parsed.month is not None else today.month
    day = parsed.day if parsed.day is not None else 1
    if day > calendar.monthrange(year, month)[1]:
        raise OraError(1839, "date not valid for month specified")
    return datetime.date(year, month, day)


def _time(parsed: _Parsed) -> tuple[int, int, int]:
    hour = parsed.hour or 0
    if parsed.hour12 is not None:
        hour = parsed.hour12 % 12 + (12 if parsed.afternoon else 0)
    if parsed.seconds_of_day is None:
        return hour, parsed.minute or 0, parsed.second or 0
    minutes, second = divmod(parsed.seconds_of_day, 60)
    hours, minute = divmod(minutes, 60)
    if (parsed.hour is not None or parsed.hour12 is not None) and hour != hours:
        raise OraError(1836, "hour conflicts with seconds in day")
    if parsed.minute not in (None, minute):
        raise OraError(1837, "minutes of hour conflicts with seconds in day")
    if parsed.second not in (None, second):
        raise OraError(1838, "seconds of minute conflicts with seconds in day")
    return hours, minute, second
