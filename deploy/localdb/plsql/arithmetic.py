"""PL/SQL's operators on values; NULL in, NULL out.

Source: PL/SQL Language Reference 19c, "Expressions"; SQL Language Reference 19c, "Datetime/Interval
Arithmetic", "Implicit Data Conversion".
"""

from __future__ import annotations

import datetime
import re
from decimal import Decimal, DecimalException
from functools import lru_cache
from typing import Any

from deploy.localdb.errors import OraError
from deploy.localdb.plsql.builtins.arguments import datetime_of, text_of
from deploy.localdb.plsql.exceptions import value_error
from deploy.localdb.plsql.host import Host
from deploy.localdb.plsql.kinds import NUMBER, plain, to_date
from deploy.localdb.plsql.values import Collection, Record
from deploy.localdb.values import NUMBER_CONTEXT, Date, Lob, Value, YearMonth

_NUMBERS = (int, Decimal, float)
_DAY = datetime.timedelta(days=1)


def _number(host: Host, value: Value) -> Any:
    if type(value) is int or isinstance(value, Decimal | float):
        return value
    return NUMBER.coerce(host, value)


def _decimal(value: Any) -> Decimal:
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def _days(value: Any) -> datetime.timedelta:
    seconds = (_decimal(value) * 86400).quantize(Decimal("0.000001"), context=NUMBER_CONTEXT)
    return datetime.timedelta(seconds=int(seconds), microseconds=int(seconds % 1 * 1_000_000))


def _shift(host: Host, moment: datetime.datetime, value: Value, sign: int) -> Value:
    try:
        if isinstance(value, datetime.timedelta):
            return _same(moment, moment + sign * value)
        if isinstance(value, YearMonth):
            month = moment.year * 12 + moment.month - 1 + sign * value.months
            try:
                return moment.replace(year=month // 12, month=month % 12 + 1)
            except ValueError:
                raise OraError(1839, "date not valid for month specified") from None
        days = _days(_number(host, value))
        if type(moment) is Date:
            return _same(moment, moment + sign * days)
        return to_date(moment + sign * days)
    except OverflowError:
        text = "(full) year must be between -4713 and +9999, and not be 0"
        raise OraError(1841, text) from None


def _same(moment: datetime.datetime, shifted: datetime.datetime) -> datetime.datetime:
    return to_date(shifted) if type(moment) is Date else shifted


def add(host: Host, left: Value, right: Value) -> Value:
    if type(left) is int and type(right) is int:
        return left + right
    if left is None or right is None:
        return None
    if isinstance(left, datetime.datetime):
        return _shift(host, left, right, 1)
    if isinstance(right, datetime.datetime):
        return _shift(host, right, left, 1)
    if isinstance(left, datetime.timedelta) and isinstance(right, datetime.timedelta):
        return left + right
    if isinstance(left, YearMonth) and isinstance(right, YearMonth):
        return YearMonth(left.months + right.months)
    a, b = _number(host, left), _number(host, right)
    if isinstance(a, float) or isinstance(b, float):
        return float(a) + float(b)
    return _checked(NUMBER_CONTEXT.add(Decimal(a), Decimal(b)))


def subtract(host: Host, left: Value, right: Value) -> Value:
    if type(left) is int and type(right) is int:
        return left - right
    if left is None or right is None:
        return None
    if isinstance(left, datetime.datetime):
        if isinstance(right, datetime.datetime):
            return _between(left, right)
        return _shift(host, left, right, -1)
    if isinstance(left, datetime.timedelta) and isinstance(right, datetime.timedelta):
        return left - right
    if isinstance(left, YearMonth) and isinstance(right, YearMonth):
        return YearMonth(left.months - right.months)
    a, b = _number(host, left), _number(host, right)
    if isinstance(a, float) or isinstance(b, float):
        return float(a) - float(b)
    return _checked(NUMBER_CONTEXT.subtract(Decimal(a), Decimal(b)))


def _between(left: datetime.datetime, right: datetime.datetime) -> Value:
    if (left.tzinfo is None) != (right.tzinfo is None):
        left, right = left.replace(tzinfo=None), right.replace(tzinfo=None)
    difference = left - right
    if type(left) is Date and type(right) is Date:
        seconds = difference.days * 86400 + difference.seconds
        return plain(NUMBER_CONTEXT.divide(Decimal(seconds), Decimal(86400)))
    return difference


def multiply(host: Host, left: Value, right: Value) -> Value:
    if left is None or right is None:
        return None
    if isinstance(right, datetime.timedelta | YearMonth):
        left, right = right, left
    if isinstance(left, datetime.timedelta):
        return left * float(_number(host, right))
    if isinstance(left, YearMonth):
        return YearMonth(int(left.months * _number(host, right)))
    a, b = _number(host, left), _number(host, right)
    if type(a) is int and type(b) is int:
        product = a * b
        return (
            product if abs(product) < 10**38 else _checked(NUMBER_CONTEXT.create_decimal(product))
        )
    if isinstance(a, float) or isinstance(b, float):
        return float(a) * float(b)
    return _checked(NUMBER_CONTEXT.multiply(Decimal(a), Decimal(b)))


def divide(host: Host, left: Value, right: Value) -> Value:
    if left is None or right is None:
        return None
    b = _number(host, right)
    if isinstance(left, datetime.timedelta):
        if b == 0:
            raise OraError(1476, "divisor is equal to zero")
        return left / float(b)
    a = _number(host, left)
    if isinstance(a, float) or isinstance(b, float):
        if b == 0:
            raise OraError(1476, "divisor is equal to zero")
        return float(a) / float(b)
    if b == 0:
        raise OraError(1476, "divisor is equal to zero")
    return _checked(NUMBER_CONTEXT.divide(Decimal(a), Decimal(b)))


def power(host: Host, left: Value, right: Value) -> Value:
    if left is None or right is None:
        return None
    a, b = _number(host, left), _number(host, right)
    try:
        return _checked(NUMBER_CONTEXT.power(_decimal(a), _decimal(b)))
    except DecimalException:
        raise OraError(1426, "numeric overflow") from None


def _checked(value: Decimal) -> int | Decimal:
    if not value.is_finite() or (value and value.adjusted() > 125):
        raise OraError(1426, "numeric overflow")
    return plain(value)


def negate(host: Host, value: Value) -> Value:
    if value is None:
        return None
    if isinstance(value, datetime.timedelta):
        return -value
    if isinstance(value, YearMonth):
        return YearMonth(-value.months)
    return -_number(host, value)


def concat(host: Host, left: Value, right: Value) -> Value:
    if type(left) is str and type(right) is str:
        text = left + right
    elif left is None and right is None:
        return None
    elif isinstance(left, Lob) or isinstance(right, Lob):
        return Lob((_text(host, left) or "") + (_text(host, right) or ""))
    elif isinstance(left, bytes) and isinstance(right, bytes):
        return left + right
    else:
        text = (_text(host, left) or "") + (_text(host, right) or "")
    if len(text) > 32767:
        raise value_error("character string buffer too small")
    return text or None


def _text(host: Host, value: Value) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Lob) and isinstance(value.data, str):
        return value.data
    if isinstance(value, bool | Record | Collection):
        raise value_error("expression is of wrong type")
    return text_of(host, value)


def compare(host: Host, left: Value, right: Value) -> int | None:
    """-1, 0, 1; None where one is NULL."""
    if left is None or right is None:
        return None
    kind = type(left)
    if kind is type(right):
        if kind is int or kind is str:
            return (left > right) - (left < right)
    elif isinstance(left, str) or isinstance(right, str):
        left, right = _alike(host, left, right)
    if isinstance(left, Lob):
        left = left.data
    if isinstance(right, Lob):
        right = right.data
    if isinstance(left, datetime.datetime) and isinstance(right, datetime.datetime):
        zone = host.session_time_zone()
        if left.tzinfo is None and right.tzinfo is not None:
            left = left.replace(tzinfo=zone)
        elif right.tzinfo is None and left.tzinfo is not None:
            right = right.replace(tzinfo=zone)
    if isinstance(left, Record | Collection):
        return 0 if _equal(left, right) else 1
    if isinstance(left, float) != isinstance(right, float) and isinstance(right, _NUMBERS):
        left, right = float(left), float(right)
    try:
        return (left > right) - (left < right)
    except TypeError:
        raise value_error("expression is of wrong type") from None


def _equal(left: Value, right: Value) -> bool:
    if isinstance(left, Record) and isinstance(right, Record):
        return left.values == right.values
    if isinstance(left, Collection) and isinstance(right, Collection):
        return left.items == right.items
    return False


def _alike(host: Host, left: Value, right: Value) -> tuple[Any, Any]:
    """A text beside another type becomes that type."""
    other = right if isinstance(left, str) else left
    if isinstance(other, bool):
        raise value_error("expression is of wrong type")
    if isinstance(other, _NUMBERS):
        return _number(host, left), _number(host, right)
    if isinstance(other, datetime.datetime):
        return datetime_of(host, left), datetime_of(host, right)
    if isinstance(other, bytes):
        return (
            bytes.fromhex(left) if isinstance(left, str) else left,
            bytes.fromhex(right) if isinstance(right, str) else right,
        )
    return _text(host, left), _text(host, right)


def like(host: Host, value: Value, pattern: Value, escape: Value) -> bool | None:
    text, wanted = _text(host, value), _text(host, pattern)
    if text is None or wanted is None:
        return None
    return _pattern(wanted, str(escape) if escape is not None else "").fullmatch(text) is not None


@lru_cache(maxsize=256)
def _pattern(pattern: str, escape: str) -> re.Pattern[str]:
    pieces: list[str] = []
    position = 0
    while position < len(pattern):
        c = pattern[position]
        if escape and c == escape:
            position += 1
            if position == len(pattern) or pattern[position] not in ("%", "_", escape):
                raise OraError(1424, "missing or illegal character following the escape character")
            pieces.append(re.escape(pattern[position]))
        elif c == "%":
            pieces.append(".*")
        elif c == "_":
            pieces.append(".")
        else:
            pieces.append(re.escape(c))
        position += 1
    return re.compile("".join(pieces), re.DOTALL)
