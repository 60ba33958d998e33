"""Intervals to text and back. Pure.

Source: SQL Language Reference 19c, Literals, "Interval Literals"; TO_DSINTERVAL, TO_YMINTERVAL,
NUMTODSINTERVAL, NUMTOYMINTERVAL.
"""

from __future__ import annotations

import datetime
import re
from decimal import ROUND_HALF_UP, Decimal

from deploy.localdb.errors import OraError
from deploy.localdb.values import YearMonth

_DAY_SECONDS = 86400
_MICROSECOND = datetime.timedelta(microseconds=1)
#: The widest interval that Oracle has.
_MAX_DAYS, _MAX_MONTHS = 999_999_999, 999_999_999 * 12 + 11

_SQL_DS = re.compile(r"\s*([+-]?)(\d{1,9})\s+(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,9}))?\s*")
_ISO_DS = re.compile(
    r"(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d{1,9}))?S)?)?", re.IGNORECASE
)
_SQL_YM = re.compile(r"\s*([+-]?)(\d{1,9})-(\d{1,2})\s*")
_ISO_YM = re.compile(r"(-?)P(?:(\d+)Y)?(?:(\d+)M)?.*", re.IGNORECASE)


def interval_text(
    value: datetime.timedelta | YearMonth, *, leading: int = 9, fraction: int = 9
) -> str:
    """TO_CHAR of an interval.

    Args:
        value: the interval.
        leading: digits of the days or years; a call has 9, a column its precision.
        fraction: digits of the seconds behind the point.
    """
    if isinstance(value, YearMonth):
        years, months = divmod(abs(value.months), 12)
        sign = "-" if value.months < 0 else "+"
        return f"{sign}{years:0{leading}d}-{months:02d}"
    sign = "-" if value < datetime.timedelta() else "+"
    microseconds = abs(value) // _MICROSECOND
    seconds, microseconds = divmod(microseconds, 1_000_000)
    days, seconds = divmod(seconds, _DAY_SECONDS)
    hours, seconds = divmod(seconds, 3600)
    text = f"{sign}{days:0{leading}d} {hours:02d}:{seconds // 60:02d}:{seconds % 60:02d}"
    if fraction:
        text += "." + f"{microseconds:06d}".ljust(fraction, "0")[:fraction]
    return text


def parse_day_second(text: str) -> datetime.timedelta:
    """TO_DSINTERVAL: '5 08:30:00.5' or ISO's 'P5DT8H30M'.

    Raises:
        OraError: 1867 where it is neither, 1850 to 1852 where a field is too large.
    """
    match = _SQL_DS.fullmatch(text)
    if match is None:
        match = _ISO_DS.fullmatch(text.strip())
        if match is None or not any(match.groups()[1:]):
            raise OraError(1867, "the interval is invalid")
    else:
        _check(int(match[3]), 23, 1850, "hour must be between 0 and 23")
        _check(int(match[4]), 59, 1851, "minutes must be between 0 and 59")
        _check(int(match[5]), 59, 1852, "seconds must be between 0 and 59")
    days, hours, minutes, seconds = (int(match[n] or 0) for n in range(2, 6))
    microseconds = int((match[6] or "0").ljust(6, "0")[:6])
    found = datetime.timedelta(
        days=days, hours=hours, minutes=minutes, seconds=seconds, microseconds=microseconds
    )
    return -found if match[1] == "-" else found


def parse_year_month(text: str) -> YearMonth:
    """TO_YMINTERVAL: '01-02' or ISO's 'P1Y2M'.

    Raises:
        OraError: 1867, 1843 where there are more than 11 months.
    """
    match = _SQL_YM.fullmatch(text)
    if match is None:
        match = _ISO_YM.fullmatch(text.strip())
        if match is None or not any(match.groups()[1:]):
            raise OraError(1867, "the interval is invalid")
    else:
        _check(int(match[3]), 11, 1843, "not a valid month")
    months = int(match[2] or 0) * 12 + int(match[3] or 0)
    return YearMonth(-months if match[1] == "-" else months)


def _check(value: int, most: int, code: int, text: str) -> None:
    if value > most:
        raise OraError(code, text)


_DS_UNITS = {"DAY": 86400, "HOUR": 3600, "MINUTE": 60, "SECOND": 1}


def day_second(number: Decimal | int | float, unit: str) -> datetime.timedelta:
    """NUMTODSINTERVAL.

    Raises:
        OraError: 1760 for another unit, 1873 where it is too large.
    """
    size = _DS_UNITS.get(unit.strip().upper())
    if size is None:
        raise OraError(1760, "illegal argument for function")
    microseconds = (Decimal(number) * size * 1_000_000).to_integral_value(ROUND_HALF_UP)
    try:
        found = datetime.timedelta(microseconds=int(microseconds))
    except OverflowError:
        raise OraError(1873, "the leading precision of the interval is too small") from None
    if abs(found.days) > _MAX_DAYS:
        raise OraError(1873, "the leading precision of the interval is too small")
    return found


def year_month(number: Decimal | int | float, unit: str) -> YearMonth:
    """NUMTOYMINTERVAL.

    Raises:
        OraError: 1760 for another unit, 1873 where it is too large.
    """
    size = {"YEAR": 12, "MONTH": 1}.get(unit.strip().upper())
    if size is None:
        raise OraError(1760, "illegal argument for function")
    months = int((Decimal(number) * size).to_integral_value(ROUND_HALF_UP))
    if abs(months) > _MAX_MONTHS:
        raise OraError(1873, "the leading precision of the interval is too small")
    return YearMonth(months)
