"""STANDARD's functions on dates and timestamps. Pure.

Source: SQL Language Reference 19c, Functions; "ROUND and TRUNC Date Functions" for the units.
"""

from __future__ import annotations

import calendar
import datetime
import re
from decimal import Decimal

from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.plsql.builtins.formats import as_date
from deploy.localdb.plsql.builtins.nls import Nls
from deploy.localdb.plsql.builtins.number_formats import as_number
from deploy.localdb.values import NUMBER_CONTEXT, Date, YearMonth
from deploy.localdb.zones import find_zone, region_of

_DAY = datetime.timedelta(days=1)


def _last_of(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


def add_months(value: datetime.datetime, months: int) -> Date:
    """The last day of a month stays the last day.

    Raises:
        OraError: 1841 outside of the years 1 to 9999.
    """
    year, month = divmod(value.year * 12 + value.month - 1 + months, 12)
    month += 1
    if not 1 <= year <= 9999:
        raise OraError(1841, "(full) year must be between -4713 and +9999, and not be 0")
    last = _last_of(year, month)
    is_last = value.day == _last_of(value.year, value.month)
    day = last if is_last else min(value.day, last)
    return as_date(value.replace(year=year, month=month, day=day, tzinfo=None))


def months_between(later: datetime.datetime, earlier: datetime.datetime) -> int | Decimal:
    """Whole where the days are the same or both the last; else a 31st of a month per day."""
    later, earlier = as_date(later), as_date(earlier)
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    both_last = later.day == _last_of(later.year, later.month) and earlier.day == _last_of(
        earlier.year, earlier.month
    )
    if later.day == earlier.day or both_last:
        return months
    seconds = (later.day - earlier.day) * 86400 + _seconds(later) - _seconds(earlier)
    fraction = NUMBER_CONTEXT.divide(Decimal(seconds), Decimal(31 * 86400))
    return as_number(NUMBER_CONTEXT.add(Decimal(months), fraction))


def _seconds(value: datetime.datetime) -> int:
    return value.hour * 3600 + value.minute * 60 + value.second


def last_day(value: datetime.datetime) -> Date:
    return as_date(value.replace(day=_last_of(value.year, value.month), tzinfo=None))


def next_day(value: datetime.datetime, day: str | int, nls: Nls) -> Date:
    """The first such day of the week after the date.

    Raises:
        OraError: 1846.
    """
    if isinstance(day, int):
        weekday = day - 1 if 1 <= day <= 7 else -1
    else:
        names = [name.upper() for name in nls.language.days_short]
        wanted = day.strip().upper()
        weekday = next((n for n, name in enumerate(names) if wanted.startswith(name)), -1)
    if weekday < 0:
        raise OraError(1846, "not a valid day of the week")
    ahead = (weekday - value.isoweekday() % 7 - 1) % 7 + 1
    return as_date(value.replace(tzinfo=None) + ahead * _DAY)


# ---- ROUND and TRUNC ----

_UNITS = {
    "CENTURY": ("CC", "SCC"),
    "YEAR": ("SYYYY", "YYYY", "YEAR", "SYEAR", "YYY", "YY", "Y"),
    "ISO_YEAR": ("IYYY", "IYY", "IY", "I"),
    "QUARTER": ("Q",),
    "MONTH": ("MONTH", "MON", "MM", "RM"),
    "WEEK_OF_YEAR": ("WW",),
    "ISO_WEEK": ("IW",),
    "WEEK_OF_MONTH": ("W",),
    "DAY": ("DDD", "DD", "J"),
    "WEEK": ("DAY", "DY", "D"),
    "HOUR": ("HH", "HH12", "HH24"),
    "MINUTE": ("MI",),
}
_UNIT_OF = {model: unit for unit, models in _UNITS.items() for model in models}


def _unit(model: str) -> str:
    unit = _UNIT_OF.get(model.strip().upper())
    if unit is None:
        raise OraError(1898, "too many precision specifiers")
    return unit


def trunc_date(value: datetime.datetime, model: str) -> Date:
    """TRUNC of a date.

    Raises:
        OraError: 1898 for a model that names no unit.
    """
    return _truncate(as_date(value.replace(tzinfo=None)), _unit(model))


def _truncate(value: Date, unit: str) -> Date:
    day = Date(value.year, value.month, value.day)
    match unit:
        case "CENTURY":
            return Date((value.year - 1) // 100 * 100 + 1, 1, 1)
        case "YEAR":
            return Date(value.year, 1, 1)
        case "ISO_YEAR":
            return _date(datetime.date.fromisocalendar(value.isocalendar().year, 1, 1))
        case "QUARTER":
            return Date(value.year, (value.month - 1) // 3 * 3 + 1, 1)
        case "MONTH":
            return Date(value.year, value.month, 1)
        case "WEEK_OF_YEAR":
            return as_date(day - (value.timetuple().tm_yday - 1) % 7 * _DAY)
        case "ISO_WEEK":
            return as_date(day - value.weekday() * _DAY)
        case "WEEK_OF_MONTH":
            return as_date(day - (value.day - 1) % 7 * _DAY)
        case "WEEK":
            return as_date(day - value.isoweekday() % 7 * _DAY)
        case "HOUR":
            return value.replace(minute=0, second=0)
        case "MINUTE":
            return value.replace(second=0)
        case _:
            return day


def _date(value: datetime.date) -> Date:
    return Date(value.year, value.month, value.day)


def round_date(value: datetime.datetime, model: str) -> Date:
    """ROUND of a date: up from half a unit on, by the rules of each unit.

    Raises:
        OraError: 1898 for a model that names no unit.
    """
    unit = _unit(model)
    value = as_date(value.replace(tzinfo=None))
    start = _truncate(value, unit)
    match unit:
        case "CENTURY":
            return Date(start.year + 100, 1, 1) if value.year - start.year >= 50 else start
        case "YEAR":
            return Date(value.year + 1, 1, 1) if value.month >= 7 else start
        case "ISO_YEAR":
            if value.month < 7:
                return start
            return _date(datetime.date.fromisocalendar(value.isocalendar().year + 1, 1, 1))
        case "QUARTER":
            middle = (value.month - 1) % 3 == 1 and value.day >= 16
            return add_months(start, 3) if middle or (value.month - 1) % 3 == 2 else start
        case "MONTH":
            return add_months(start, 1) if value.day >= 16 else start
        case "WEEK_OF_YEAR" | "ISO_WEEK" | "WEEK_OF_MONTH" | "WEEK":
            size = 7 * _DAY
        case "DAY":
            size = _DAY
        case "HOUR":
            size = datetime.timedelta(hours=1)
        case _:
            size = datetime.timedelta(minutes=1)
    return as_date(start + size) if value - start >= size / 2 else start


# ---- parts ----


def extract(
    field: str, value: datetime.datetime | datetime.timedelta | YearMonth
) -> int | Decimal | str:
    """EXTRACT(field FROM value).

    Raises:
        OraError: 30076 for a field that the value does not have.
    """
    field = field.upper()
    if isinstance(value, YearMonth):
        years, months = divmod(abs(value.months), 12)
        sign = -1 if value.months < 0 else 1
        parts: dict[str, int | Decimal | str] = {"YEAR": sign * years, "MONTH": sign * months}
    elif isinstance(value, datetime.timedelta):
        parts = _interval_parts(value)
    else:
        parts = _datetime_parts(value)
    if field not in parts:
        raise OraError(30076, "invalid extract field for extract source")
    return parts[field]


def _interval_parts(value: datetime.timedelta) -> dict[str, int | Decimal | str]:
    sign = -1 if value < datetime.timedelta() else 1
    value = abs(value)
    seconds = Decimal(value.seconds % 60) + Decimal(value.microseconds).scaleb(-6)
    return {
        "DAY": sign * value.days,
        "HOUR": sign * (value.seconds // 3600),
        "MINUTE": sign * (value.seconds // 60 % 60),
        "SECOND": as_number(sign * seconds),
    }


def _datetime_parts(value: datetime.datetime) -> dict[str, int | Decimal | str]:
    parts: dict[str, int | Decimal | str] = {
        "YEAR": value.year,
        "MONTH": value.month,
        "DAY": value.day,
    }
    if isinstance(value, Date):
        return parts
    offset = value.utcoffset()
    if offset is not None:
        minutes = int(offset.total_seconds()) // 60
        sign = -1 if minutes < 0 else 1
        parts["TIMEZONE_HOUR"] = sign * (abs(minutes) // 60)
        parts["TIMEZONE_MINUTE"] = sign * (abs(minutes) % 60)
        region = region_of(value)
        parts["TIMEZONE_REGION"] = region or "UNKNOWN"
        parts["TIMEZONE_ABBR"] = (value.tzname() if region else None) or "UNK"
        value = value.astimezone(datetime.UTC)  # fields of a value with a zone are UTC's
        parts |= {"YEAR": value.year, "MONTH": value.month, "DAY": value.day}
    parts["HOUR"] = value.hour
    parts["MINUTE"] = value.minute
    parts["SECOND"] = as_number(Decimal(value.second) + Decimal(value.microsecond).scaleb(-6))
    return parts


_OFFSET = re.compile(r"\s*([+-])(\d\d?):(\d\d)\s*")


def zone_offset(name: str, now: datetime.datetime) -> str:
    """TZ_OFFSET.

    Raises:
        OraError: 1882 for a region that there is not.
    """
    offset = now.astimezone(find_zone(name)).utcoffset()
    if offset is None:
        raise Unsupported(f"time zone {name}")
    minutes = int(offset.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
