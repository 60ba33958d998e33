"""STANDARD's functions on numbers, with ROUND and TRUNC of dates.

Source: SQL Language Reference 19c, Functions, "Numeric Functions".
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal, InvalidOperation

from deploy.localdb.errors import OraError
from deploy.localdb.plsql.builtins import date_functions, formats
from deploy.localdb.plsql.builtins.arguments import (
    MISSING,
    decimal_of,
    integer_of,
    number_of,
    text_of,
)
from deploy.localdb.plsql.builtins.number_formats import as_number
from deploy.localdb.plsql.builtins.registry import FUNCTIONS, standard
from deploy.localdb.plsql.host import Host
from deploy.localdb.values import NUMBER_CONTEXT, Value


def _rounded(value: Decimal, places: int, rounding: str) -> Value:
    if places >= 128:
        return as_number(value)
    step = Decimal(1).scaleb(-places)
    try:
        if places >= 0:
            exponent = value.as_tuple().exponent
            if isinstance(exponent, int) and -exponent <= places:
                return as_number(value)
            return as_number(value.quantize(step, rounding, NUMBER_CONTEXT))
        whole = NUMBER_CONTEXT.divide(value, step).quantize(Decimal(1), rounding, NUMBER_CONTEXT)
        return as_number(NUMBER_CONTEXT.multiply(whole, step))
    except InvalidOperation:
        return as_number(value)


@standard("ROUND")
def round_(host: Host, value: Value, places: Value = MISSING) -> Value:
    """ROUND of a number to places, or of a date to a unit."""
    if isinstance(value, datetime.datetime):
        model = "DD" if places is MISSING else text_of(host, places)
        return None if model is None else date_functions.round_date(value, model)
    if isinstance(value, int) and places is MISSING:
        return value
    number = number_of(host, value)
    count = 0 if places is MISSING else integer_of(host, places)
    if number is None or count is None:
        return None
    if isinstance(number, float):
        return float(round(number)) if places is MISSING else round(number, count)
    return _rounded(Decimal(number), count, ROUND_HALF_UP)


@standard("TRUNC")
def trunc(host: Host, value: Value, places: Value = MISSING) -> Value:
    """TRUNC of a number to places, or of a date to a unit."""
    if isinstance(value, datetime.datetime):
        model = "DD" if places is MISSING else text_of(host, places)
        return None if model is None else date_functions.trunc_date(value, model)
    if isinstance(value, int) and places is MISSING:
        return value
    number = number_of(host, value)
    count = 0 if places is MISSING else integer_of(host, places)
    if number is None or count is None:
        return None
    if isinstance(number, float):
        return math.trunc(number * 10**count) / 10**count
    return _rounded(Decimal(number), count, "ROUND_DOWN")


def _numeric(change: Callable[[Decimal], Decimal]) -> Callable[[Host, Value], Value]:
    def body(host: Host, value: Value) -> Value:
        number = number_of(host, value)
        if number is None:
            return None
        found = change(formats.to_decimal(number))
        return float(found) if isinstance(number, float) else as_number(found)

    return body


FUNCTIONS["ABS"] = _numeric(Decimal.copy_abs)
FUNCTIONS["CEIL"] = _numeric(lambda n: n.to_integral_value(ROUND_CEILING))
FUNCTIONS["FLOOR"] = _numeric(lambda n: n.to_integral_value(ROUND_FLOOR))
FUNCTIONS["SIGN"] = _numeric(lambda n: Decimal((n > 0) - (n < 0)))
FUNCTIONS["EXP"] = _numeric(NUMBER_CONTEXT.exp)


def _out_of_range(number: Decimal) -> OraError:
    return OraError(1428, f"argument '{number}' is out of range")


@standard("SQRT")
def sqrt(host: Host, value: Value) -> Value:
    number = decimal_of(host, value)
    if number is None:
        return None
    if number < 0:
        raise _out_of_range(number)
    return as_number(NUMBER_CONTEXT.sqrt(number))


@standard("LN")
def ln(host: Host, value: Value) -> Value:
    number = decimal_of(host, value)
    if number is None:
        return None
    if number <= 0:
        raise _out_of_range(number)
    return as_number(NUMBER_CONTEXT.ln(number))


@standard("LOG")
def log(host: Host, base: Value, value: Value) -> Value:
    bottom, number = decimal_of(host, base), decimal_of(host, value)
    if bottom is None or number is None:
        return None
    if bottom <= 0 or bottom == 1 or number <= 0:
        raise _out_of_range(number if number <= 0 else bottom)
    return as_number(NUMBER_CONTEXT.divide(NUMBER_CONTEXT.ln(number), NUMBER_CONTEXT.ln(bottom)))


@standard("POWER")
def power(host: Host, base: Value, exponent: Value) -> Value:
    bottom, top = decimal_of(host, base), decimal_of(host, exponent)
    if bottom is None or top is None:
        return None
    if bottom < 0 and top != top.to_integral_value():
        raise _out_of_range(bottom)
    if not bottom and not top:
        return 1
    if not bottom and top < 0:
        raise OraError(1476, "divisor is equal to zero")
    try:
        return as_number(NUMBER_CONTEXT.power(bottom, top))
    except ArithmeticError:
        raise OraError(1426, "numeric overflow") from None


@standard("MOD")
def mod(host: Host, value: Value, divisor: Value) -> Value:
    left, right = number_of(host, value), number_of(host, divisor)
    if left is None or right is None:
        return None
    if isinstance(left, int) and isinstance(right, int):
        return _int_mod(left, right)
    top, bottom = formats.to_decimal(left), formats.to_decimal(right)
    return as_number(NUMBER_CONTEXT.remainder(top, bottom) if bottom else top)


def _int_mod(left: int, right: int) -> int:
    """The sign is the dividend's."""
    if not right:
        return left
    rest = abs(left) % abs(right)
    return -rest if left < 0 else rest


@standard("REMAINDER")
def remainder(host: Host, value: Value, divisor: Value) -> Value:
    left, right = decimal_of(host, value), decimal_of(host, divisor)
    if left is None or right is None:
        return None
    if not right:
        raise OraError(1476, "divisor is equal to zero")
    return as_number(NUMBER_CONTEXT.remainder_near(left, right))


@standard("BITAND")
def bitand(host: Host, left: Value, right: Value) -> Value:
    first, second = integer_of(host, left), integer_of(host, right)
    return None if first is None or second is None else first & second


def _real(change: Callable[[float], float]) -> Callable[[Host, Value], Value]:
    """Functions that Python computes to 15 digits only."""

    def body(host: Host, value: Value) -> Value:
        number = number_of(host, value)
        if number is None:
            return None
        try:
            found = change(float(number))
        except ValueError:
            raise _out_of_range(formats.to_decimal(number)) from None
        return found if isinstance(number, float) else as_number(Decimal(f"{found:.15g}"))

    return body


for _name, _change in {
    "SIN": math.sin,
    "COS": math.cos,
    "TAN": math.tan,
    "ASIN": math.asin,
    "ACOS": math.acos,
    "ATAN": math.atan,
    "SINH": math.sinh,
    "COSH": math.cosh,
    "TANH": math.tanh,
}.items():
    FUNCTIONS[_name] = _real(_change)


@standard("ATAN2")
def atan2(host: Host, first: Value, second: Value) -> Value:
    top, bottom = number_of(host, first), number_of(host, second)
    if top is None or bottom is None:
        return None
    return as_number(Decimal(f"{math.atan2(float(top), float(bottom)):.15g}"))
