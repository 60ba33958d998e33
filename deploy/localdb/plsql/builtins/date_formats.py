"""Dates and timestamps to text, by Oracle's format models. Pure.

Source: SQL Language Reference 19c, Format Models, "Datetime Format Models".
"""

from __future__ import annotations

import datetime
from collections.abc import Callable

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
from deploy.localdb.zones import region_of


def _cased(text: str, case: str) -> str:
    match case:
        case "upper":
            return text.upper()
        case "lower":
            return text.lower()
        case _:
            return text


def default_model(value: datetime.datetime, nls: Nls = DEFAULT) -> str:
    """The model of a conversion that names none."""
    if isinstance(value, Date):
        return nls.date_format
    return nls.timestamp_format if value.tzinfo is None else nls.timestamp_tz_format


def format_date(value: datetime.datetime, model: str | None = None, nls: Nls = DEFAULT) -> str:
    """TO_CHAR of a date or timestamp.

    Raises:
        OraError: 1821 for an element that there is not, or not for a value of this type.
    """
    if model is None:
        model = default_model(value, nls)
    return "".join(_write(element, value, nls) for element in parse_model(model))


def _write(element: Element, value: datetime.datetime, nls: Nls) -> str:
    name = element.name
    if not name:
        return element.literal
    if name in _WORDS:
        text = _WORDS[name](value, nls)
        width = _WORD_WIDTHS.get(name)
        if element.fill and width is not None:
            text = text.ljust(width(nls))
        return _cased(text, element.case)
    number = _NUMBERS.get(name)
    if number is not None:
        amount, width_ = number(value, nls)
        if element.suffix:
            return _spelled(amount, width_ if element.fill else 0, element)
        if name in ("SYYYY", "SCC"):
            text = str(amount).zfill(width_) if element.fill else str(amount)
            return f" {text}" if element.fill else text
        return str(amount).zfill(width_) if element.fill else str(amount)
    return _write_other(element, value, nls)


def _write_other(element: Element, value: datetime.datetime, nls: Nls) -> str:
    name = element.name
    if TIME_FRACTION.fullmatch(name):
        if isinstance(value, Date):
            raise OraError(1821, "date format not recognized")
        digits = int(name[2:]) if len(name) > 2 else 6
        return f"{value.microsecond:06d}".ljust(9, "0")[:digits]
    match name:
        case "Y,YYY":
            return f"{value.year:,}".rjust(5, "0") if element.fill else f"{value.year:,}"
        case "X":
            return nls.numeric_characters[0]
        case "YEAR" | "SYEAR":
            text = _year_in_words(value.year)
            return _cased(f" {text}" if name == "SYEAR" and element.fill else text, element.case)
        case "DL":
            return format_date(value, "fmDay, Month DD, YYYY", nls)
        case "DS":
            return format_date(value, "fmMM/DD/YYYY", nls)
        case "TS":
            return format_date(value, "fmHH:fmMI:SS AM", nls)
        case "TZH" | "TZM" | "TZR" | "TZD":
            return _write_zone(name, value)
        case _:
            raise Unsupported(f"date format element {name}")


def _write_zone(name: str, value: datetime.datetime) -> str:
    if value.tzinfo is None:
        raise OraError(1821, "date format not recognized")
    offset = value.utcoffset() or datetime.timedelta()
    minutes = int(offset.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    hours, minutes = divmod(abs(minutes), 60)
    match name:
        case "TZH":
            return f"{sign}{hours:02d}"
        case "TZM":
            return f"{minutes:02d}"
        case "TZD":
            return (value.tzname() or "") if region_of(value) else ""
        case _:
            return region_of(value) or f"{sign}{hours:02d}:{minutes:02d}"


def _weekday(value: datetime.datetime) -> int:
    """0 Sunday."""
    return value.isoweekday() % 7


_WORDS: dict[str, Callable[[datetime.datetime, Nls], str]] = {
    "MONTH": lambda value, nls: nls.language.months[value.month - 1],
    "MON": lambda value, nls: nls.language.months_short[value.month - 1],
    "DAY": lambda value, nls: nls.language.days[_weekday(value)],
    "DY": lambda value, nls: nls.language.days_short[_weekday(value)],
    "RM": lambda value, nls: ROMAN_MONTHS[value.month - 1],
    "AD": lambda value, nls: "AD",
    "BC": lambda value, nls: "AD",
    "A.D.": lambda value, nls: "A.D.",
    "B.C.": lambda value, nls: "A.D.",
    "AM": lambda value, nls: "AM" if value.hour < 12 else "PM",
    "PM": lambda value, nls: "AM" if value.hour < 12 else "PM",
    "A.M.": lambda value, nls: "A.M." if value.hour < 12 else "P.M.",
    "P.M.": lambda value, nls: "A.M." if value.hour < 12 else "P.M.",
}
_WORD_WIDTHS: dict[str, Callable[[Nls], int]] = {
    "MONTH": lambda nls: max(map(len, nls.language.months)),
    "MON": lambda nls: max(map(len, nls.language.months_short)),
    "DAY": lambda nls: max(map(len, nls.language.days)),
    "DY": lambda nls: max(map(len, nls.language.days_short)),
    "RM": lambda nls: 4,
}

#: Element -> its number and its width with leading zeros.
_NUMBERS: dict[str, Callable[[datetime.datetime, Nls], tuple[int, int]]] = {
    "CC": lambda v, nls: ((v.year + 99) // 100, 2),
    "SCC": lambda v, nls: ((v.year + 99) // 100, 2),
    "D": lambda v, nls: (_weekday(v) + 1, 1),
    "DD": lambda v, nls: (v.day, 2),
    "DDD": lambda v, nls: (v.timetuple().tm_yday, 3),
    "HH": lambda v, nls: (v.hour % 12 or 12, 2),
    "HH12": lambda v, nls: (v.hour % 12 or 12, 2),
    "HH24": lambda v, nls: (v.hour, 2),
    "IW": lambda v, nls: (v.isocalendar().week, 2),
    "IYYY": lambda v, nls: (v.isocalendar().year, 4),
    "IYY": lambda v, nls: (v.isocalendar().year % 1000, 3),
    "IY": lambda v, nls: (v.isocalendar().year % 100, 2),
    "I": lambda v, nls: (v.isocalendar().year % 10, 1),
    "J": lambda v, nls: (v.toordinal() + JULIAN_OFFSET, 7),
    "MI": lambda v, nls: (v.minute, 2),
    "MM": lambda v, nls: (v.month, 2),
    "Q": lambda v, nls: ((v.month + 2) // 3, 1),
    "RR": lambda v, nls: (v.year % 100, 2),
    "RRRR": lambda v, nls: (v.year, 4),
    "SS": lambda v, nls: (v.second, 2),
    "SSSSS": lambda v, nls: (v.hour * 3600 + v.minute * 60 + v.second, 5),
    "W": lambda v, nls: ((v.day - 1) // 7 + 1, 1),
    "WW": lambda v, nls: ((v.timetuple().tm_yday - 1) // 7 + 1, 2),
    "YYYY": lambda v, nls: (v.year, 4),
    "SYYYY": lambda v, nls: (v.year, 4),
    "YYY": lambda v, nls: (v.year % 1000, 3),
    "YY": lambda v, nls: (v.year % 100, 2),
    "Y": lambda v, nls: (v.year % 10, 1),
}

_UNITS = [
    "Zero",
    "One",
    "Two",
    "Three",
    "Four",
    "Five",
    "Six",
    "Seven",
    "Eight",
    "Nine",
    "Ten",
    "Eleven",
    "Twelve",
    "Thirteen",
    "Fourteen",
    "Fifteen",
    "Sixteen",
    "Seventeen",
    "Eighteen",
    "Nineteen",
]
_TENS = ["_", "_", "Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety"]
_ORDINALS = {
    "One": "First",
    "Two": "Second",
    "Three": "Third",
    "Five": "Fifth",
    "Eight": "Eighth",
    "Nine": "Ninth",
    "Twelve": "Twelfth",
}


def _in_words(number: int) -> str:
    if number < 20:
        return _UNITS[number]
    if number < 100:
        tens, unit = divmod(number, 10)
        return _TENS[tens] + (f"-{_UNITS[unit]}" if unit else "")
    for size, name in ((1_000_000, "Million"), (1000, "Thousand"), (100, "Hundred")):
        if number >= size:
            count, rest = divmod(number, size)
            words = f"{_in_words(count)} {name}"
            return f"{words} {_in_words(rest)}" if rest else words
    raise AssertionError(number)


def _year_in_words(year: int) -> str:
    century, rest = divmod(year, 100)
    if year % 1000 < 10 or century < 10:
        return _in_words(year)
    return f"{_in_words(century)} {_in_words(rest) if rest else 'Hundred'}"


def _spelled(number: int, width: int, element: Element) -> str:
    """A number with the suffix TH, SP or SPTH."""
    if element.suffix == "TH":
        last = (
            "TH" if 10 < number % 100 < 14 else {1: "ST", 2: "ND", 3: "RD"}.get(number % 10, "TH")
        )
        return str(number).zfill(width) + (last if element.case == "upper" else last.lower())
    words = _in_words(number)
    if element.suffix in ("SPTH", "THSP"):
        start, separator, last = words.rpartition("-" if "-" in words.split(" ")[-1] else " ")
        if last in _ORDINALS:
            last = _ORDINALS[last]
        elif last.endswith("y"):
            last = last[:-1] + "ieth"
        else:
            last += "th"
        words = start + separator + last
    return _cased(words, element.case)
