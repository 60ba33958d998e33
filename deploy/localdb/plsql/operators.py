"""Arithmetic and comparison of values, whatever their types. NULL is None; so is an unknown truth.

Source: PL/SQL Language Reference 19c, Expressions; SQL Language Reference 19c, "Datetime/Interval
Arithmetic".
"""

from __future__ import annotations

import calendar
import datetime
import math
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation, Overflow
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from deploy.localdb.errors import OraError
from deploy.localdb.plsql.builtins import formats
from deploy.localdb.plsql.conversion import (
    MAX_BYTES,
    bounded,
    normal,
    to_datetime,
    to_number,
    to_text,
)
from deploy.localdb.plsql.exceptions import value_error
from deploy.localdb.plsql.values import Collection, Record
from deploy.localdb.values import NUMBER_CONTEXT, Date, Lob, Value, YearMonth
from deploy.localdb.zones import on_clock, settled

if TYPE_CHECKING:
    from deploy.localdb.plsql.interpreter import Interpreter

Operation: TypeAlias = "Callable[[Interpreter, Value, Value], Value]"

_DAY = datetime.timedelta(days=1)
_SECONDS_A_DAY = 86400


def _overflow() -> OraError:
    return OraError(1426, "numeric overflow")


def _pair(session: Interpreter, left: Value, right: Value) -> tuple[Value, Value]:
    """Two numbers of one Python kind."""
    left, right = to_number(session, left), to_number(session, right)
    if left.__class__ is right.__class__:
        return left, right
    if left.__class__ is float or right.__class__ is float:
        return float(left), float(right)
    return left, right


def _exact(number: Value) -> Decimal:
    return number if number.__class__ is Decimal else Decimal(number)


# ---- dates ----


def _days(session: Interpreter, number: Value) -> datetime.timedelta:
    exact = formats.to_decimal(to_number(session, number) or 0)
    try:
        return datetime.timedelta(seconds=int((exact * _SECONDS_A_DAY).to_integral_value()))
    except OverflowError:
        raise _bad_year() from None


def _bad_year() -> OraError:
    return OraError(1841, "(full) year must be between -4713 and +9999, and not be 0")


def _moved(value: datetime.datetime, by: datetime.timedelta) -> datetime.datetime:
    try:
        moved = value + by
    except OverflowError:
        raise _bad_year() from None
    if isinstance(moved, Date):
        return moved.replace(microsecond=0)
    return moved if moved.tzinfo is None else settled(moved)


def _months_later(value: datetime.datetime, months: int) -> datetime.datetime:
    year, month = divmod(value.year * 12 + value.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise _bad_year()
    if value.day > calendar.monthrange(year, month + 1)[1]:
        raise OraError(1839, "date not valid for month specified")
    moved = value.replace(year=year, month=month + 1)
    return moved if moved.tzinfo is None else settled(moved)


def _shifted(session: Interpreter, value: datetime.datetime, by: Value, sign: int) -> Value:
    """A date and what is added to it."""
    if isinstance(by, datetime.timedelta):
        return _moved(value, by * sign)
    if isinstance(by, YearMonth):
        return _months_later(value, by.months * sign)
    if isinstance(by, datetime.datetime | bool):
        raise OraError(975, "date + date not allowed")
    # A number turns a TIMESTAMP into a DATE.
    date = value if isinstance(value, Date) else Date(*value.timetuple()[:6])
    return _moved(date, _days(session, by) * sign)


def _zoned(session: Interpreter, *values: datetime.datetime) -> list[datetime.datetime]:
    """All with a zone where one has it."""
    if all(value.tzinfo is None for value in values):
        return list(values)
    zone = session.host.session_time_zone()
    return [value if value.tzinfo else on_clock(value, zone) for value in values]


def _difference(session: Interpreter, left: datetime.datetime, right: datetime.datetime) -> Value:
    both_dates = isinstance(left, Date) and isinstance(right, Date)
    first, second = _zoned(session, left, right)
    difference = first - second
    if not both_dates:
        return difference
    seconds = difference.days * _SECONDS_A_DAY + difference.seconds
    days, rest = divmod(seconds, _SECONDS_A_DAY)
    if not rest:
        return days
    return NUMBER_CONTEXT.divide(Decimal(seconds), Decimal(_SECONDS_A_DAY))


# ---- arithmetic ----


def add(session: Interpreter, left: Value, right: Value) -> Value:
    if left is None or right is None:
        return None
    if isinstance(left, datetime.datetime):
        return _shifted(session, left, right, 1)
    if isinstance(right, datetime.datetime):
        return _shifted(session, right, left, 1)
    if isinstance(left, datetime.timedelta) and isinstance(right, datetime.timedelta):
        return left + right
    if isinstance(left, YearMonth) and isinstance(right, YearMonth):
        return YearMonth(left.months + right.months)
    left, right = _pair(session, left, right)
    if left.__class__ is int and right.__class__ is int:
        return bounded(left + right)
    if left.__class__ is float:
        return left + right
    return normal(NUMBER_CONTEXT.add(_exact(left), _exact(right)))


def subtract(session: Interpreter, left: Value, right: Value) -> Value:
    if left is None or right is None:
        return None
    if isinstance(left, datetime.datetime):
        if isinstance(right, str):
            right = to_datetime(session, right) if not right.strip().isdigit() else int(right)
        if isinstance(right, datetime.datetime):
            return _difference(session, left, right)
        return _shifted(session, left, right, -1)
    if isinstance(left, datetime.timedelta) and isinstance(right, datetime.timedelta):
        return left - right
    if isinstance(left, YearMonth) and isinstance(right, YearMonth):
        return YearMonth(left.months - right.months)
    left, right = _pair(session, left, right)
    if left.__class__ is int and right.__class__ is int:
        return bounded(left - right)
    if left.__class__ is float:
        return left - right
    return normal(NUMBER_CONTEXT.subtract(_exact(left), _exact(right)))


def multiply(session: Interpreter, left: Value, right: Value) -> Value:
    if left is None or right is None:
        return None
    if isinstance(right, datetime.timedelta | YearMonth):
        left, right = right, left
    if isinstance(left, datetime.timedelta):
        return _scaled(left, formats.to_decimal(to_number(session, right) or 0))
    if isinstance(left, YearMonth):
        factor = formats.to_decimal(to_number(session, right) or 0)
        return YearMonth(int(left.months * factor))
    left, right = _pair(session, left, right)
    if left.__class__ is int and right.__class__ is int:
        return bounded(left * right)
    if left.__class__ is float:
        return left * right
    try:
        return normal(NUMBER_CONTEXT.multiply(_exact(left), _exact(right)))
    except Overflow:
        raise _overflow() from None


def _scaled(interval: datetime.timedelta, factor: Decimal) -> datetime.timedelta:
    micros = interval // datetime.timedelta(microseconds=1)
    return datetime.timedelta(microseconds=int((micros * factor).to_integral_value()))


def divide(session: Interpreter, left: Value, right: Value) -> Value:
    if left is None or right is None:
        return None
    if isinstance(left, datetime.timedelta | YearMonth):
        divisor = formats.to_decimal(to_number(session, right) or 0)
        if divisor == 0:
            raise _zero_divide()
        if isinstance(left, YearMonth):
            return YearMonth(int(left.months / divisor))
        return _scaled(left, 1 / divisor)
    left, right = _pair(session, left, right)
    if left.__class__ is float:
        if right == 0:
            return math.nan if left == 0 or math.isnan(left) else math.copysign(math.inf, left)
        return left / right
    if right == 0:
        raise _zero_divide()
    if left.__class__ is int and right.__class__ is int and left % right == 0:
        return left // right
    return normal(NUMBER_CONTEXT.divide(_exact(left), _exact(right)))


def _zero_divide() -> OraError:
    return OraError(1476, "divisor is equal to zero")


def modulo(session: Interpreter, left: Value, right: Value) -> Value:
    """MOD: the sign is the dividend's; a divisor of 0 gives the dividend."""
    if left is None or right is None:
        return None
    left, right = _pair(session, left, right)
    if right == 0:
        return left
    if left.__class__ is float:
        return math.fmod(left, right)
    if left.__class__ is int and right.__class__ is int:
        rest = abs(left) % abs(right)
        return -rest if left < 0 else rest
    return normal(NUMBER_CONTEXT.remainder(_exact(left), _exact(right)))


def power(session: Interpreter, left: Value, right: Value) -> Value:
    if left is None or right is None:
        return None
    left, right = _pair(session, left, right)
    if left.__class__ is float:
        return float(left**right)
    if left == 0:
        return 1 if right == 0 else 0
    try:
        return normal(NUMBER_CONTEXT.power(_exact(left), _exact(right)))
    except (InvalidOperation, Overflow):
        raise _overflow() from None


def negate(session: Interpreter, value: Value) -> Value:
    if value is None:
        return None
    if isinstance(value, datetime.timedelta):
        return -value
    if isinstance(value, YearMonth):
        return YearMonth(-value.months)
    return -to_number(session, value)  # type: ignore[operator]


def concatenate(session: Interpreter, left: Value, right: Value) -> Value:
    if isinstance(left, Lob) or isinstance(right, Lob):
        if isinstance(left, Lob) and not left.is_binary:
            joined = left.copy()
        else:
            joined = Lob(_text_of_any(session, left))
        joined.append(_text_of_any(session, right))
        return joined
    if left.__class__ is not str:
        left = to_text(session, left) or ""
    if right.__class__ is not str:
        right = to_text(session, right) or ""
    text = left + right
    if len(text) * 4 > MAX_BYTES and len(text.encode()) > MAX_BYTES:
        raise value_error("character string buffer too small")
    return text or None


def _text_of_any(session: Interpreter, value: Value) -> str:
    return str(value.data) if isinstance(value, Lob) else to_text(session, value) or ""


# ---- comparing ----


def _comparable(session: Interpreter, left: Value, right: Value) -> tuple[Value, Value]:
    """Two values as Python compares them."""
    if isinstance(left, Lob):
        left = left.data
    if isinstance(right, Lob):
        right = right.data
    if isinstance(left, datetime.datetime) or isinstance(right, datetime.datetime):
        first, second = to_datetime(session, left), to_datetime(session, right)
        if first is None or second is None:
            return first, second
        one, other = _zoned(session, first, second)
        return one, other
    if left.__class__ is right.__class__:
        return left, right
    if isinstance(left, bool) or isinstance(right, bool):
        raise value_error()
    if isinstance(left, int | Decimal | float) or isinstance(right, int | Decimal | float):
        return to_number(session, left), to_number(session, right)
    if isinstance(left, datetime.timedelta | YearMonth) or isinstance(
        right, datetime.timedelta | YearMonth
    ):
        raise value_error()
    return to_text(session, left), to_text(session, right)


def equal(session: Interpreter, left: Value, right: Value) -> bool | None:
    if left is None or right is None:
        return None
    if isinstance(left, Collection) and isinstance(right, Collection):
        rest = list(right)
        for item in left:
            if item not in rest:
                return False
            rest.remove(item)
        return not rest
    if isinstance(left, Record) or isinstance(right, Record):
        raise value_error()
    left, right = _comparable(session, left, right)
    if left is None or right is None:
        return None
    return bool(left == right)


def less(session: Interpreter, left: Value, right: Value) -> bool | None:
    if left is None or right is None:
        return None
    left, right = _comparable(session, left, right)
    if left is None or right is None:
        return None
    return bool(left < right)


def not_equal(session: Interpreter, left: Value, right: Value) -> bool | None:
    found = equal(session, left, right)
    return None if found is None else not found


def greater(session: Interpreter, left: Value, right: Value) -> bool | None:
    return less(session, right, left)


def at_most(session: Interpreter, left: Value, right: Value) -> bool | None:
    found = less(session, right, left)
    return None if found is None else not found


def at_least(session: Interpreter, left: Value, right: Value) -> bool | None:
    found = less(session, left, right)
    return None if found is None else not found


ARITHMETIC: dict[str, Operation] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "**": power,
    "MOD": modulo,
    "REM": modulo,
    "||": concatenate,
}
COMPARISONS: dict[str, Operation] = {
    "=": equal,
    "<>": not_equal,
    "<": less,
    ">": greater,
    "<=": at_most,
    ">=": at_least,
}


@lru_cache(maxsize=1024)
def _like_pattern(pattern: str, escape: str | None) -> re.Pattern[str]:
    pieces: list[list[str]] = [[]]  # between the %
    characters = iter(pattern)
    for character in characters:
        if character == escape:
            following = next(characters, None)
            if following is None or following not in ("%", "_", escape):
                raise OraError(1424, "missing or illegal character following the escape character")
            pieces[-1].append(re.escape(following))
        elif character == "%":
            pieces.append([])
        elif character == "_":
            pieces[-1].append(".")
        else:
            pieces[-1].append(re.escape(character))
    first, *rest = ("".join(piece) for piece in pieces)
    if rest:
        # The first place of each piece will do, so none is looked for again: time is linear.
        first += "".join(f"(?>.*?{piece})" for piece in rest[:-1] if piece) + f".*{rest[-1]}"
    return re.compile(first, re.DOTALL)


def like(session: Interpreter, value: Value, pattern: Value, escape: Value) -> bool | None:
    """LIKE; escape None: none."""
    if isinstance(value, Lob):
        text: str | None = str(value.data)
    else:
        text = to_text(session, value)
    wanted = to_text(session, pattern)
    if text is None or wanted is None:
        return None
    mark = to_text(session, escape)
    if mark is not None and len(mark) != 1:
        raise OraError(1425, "escape character must be character string of length 1")
    return _like_pattern(wanted, mark).fullmatch(text) is not None
