"""Values into variables: implicit conversions and the bounds of a type.

`converter(type)` gives a function (session, value) -> value. It knows a value's type by looking at
it, so that it is right whatever the compiler knew.

Source: PL/SQL Language Reference 19c, "Implicit Data Type Conversion".
"""

from __future__ import annotations

import datetime
import math
import struct
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from deploy.localdb.errors import OraError
from deploy.localdb.plsql.builtins import formats
from deploy.localdb.plsql.builtins.intervals import parse_day_second, parse_year_month
from deploy.localdb.plsql.builtins.nls import session_nls
from deploy.localdb.plsql.builtins.number_formats import as_number
from deploy.localdb.plsql.exceptions import value_error
from deploy.localdb.plsql.types import (
    ArrayBind,
    CollectionType,
    CursorType,
    Family,
    ObjectType,
    RecordType,
    ScalarType,
    Type,
)
from deploy.localdb.plsql.values import Collection, Record, copy_value
from deploy.localdb.values import NUMBER_CONTEXT, Date, Lob, Rowid, TypeName, Value, YearMonth
from deploy.localdb.zones import settled

if TYPE_CHECKING:
    from deploy.localdb.plsql.interpreter import Interpreter

Converter: TypeAlias = "Callable[[Interpreter, Value], Value]"

#: The longest VARCHAR2 and RAW, in bytes.
MAX_BYTES = 32767
_NOT_A_NUMBER = "character to number conversion error"
_NUMBER_LIMIT = 10**126
_FULL_PRECISION = 10**40


# ---- one value ----


def to_number(session: Interpreter, value: Value) -> int | Decimal | float | None:
    """A value as an operand of arithmetic.

    Raises:
        OraError: 6502.
    """
    if value is None:
        return None
    kind = value.__class__
    if kind is int or kind is Decimal or kind is float:
        number: int | Decimal | float = value
        return number
    if kind is str and value.isdigit() and value.isascii():
        return int(value)
    if isinstance(value, str | Lob):
        try:
            return formats.to_number(value, session_nls(session.host))
        except OraError as error:
            if error.code != 1722:
                raise
    elif isinstance(value, int | Decimal | float) and not isinstance(value, bool):
        return value
    raise value_error(_NOT_A_NUMBER)


def to_text(session: Interpreter, value: Value) -> str | None:
    """A value as text.

    Raises:
        OraError: 6502, a CLOB is too long, or the value has no text.
    """
    if value is None or value.__class__ is str:
        return value
    if value.__class__ is int:
        return str(value)
    if isinstance(value, Lob):
        if value.is_binary:
            raise value_error()
        text = str(value.data)
        if len(text) > MAX_BYTES or len(text.encode()) > MAX_BYTES:
            raise value_error()
        return text or None
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool | Record | Collection):
        raise value_error(_NOT_A_NUMBER)
    return formats.to_char(value, None, session_nls(session.host))


def to_datetime(session: Interpreter, value: Value) -> datetime.datetime | None:
    """A value as a DATE or TIMESTAMP, whichever it is."""
    if value is None or isinstance(value, datetime.datetime):
        return value
    if isinstance(value, Lob):
        value = to_text(session, value)
    if not isinstance(value, str):
        raise value_error()
    return formats.to_datetime(value, session.host.now().date(), session_nls(session.host))


def as_whole(number: int | Decimal | float) -> int:
    """Rounded to a whole number, half away from zero."""
    if isinstance(number, int):
        return number
    if isinstance(number, float):
        if not math.isfinite(number):
            raise OraError(1426, "numeric overflow")
        number = Decimal(number)
    return int(number.to_integral_value(ROUND_HALF_UP))


def normal(number: Decimal) -> int | Decimal:
    """A result of arithmetic as a NUMBER: an int where integral.

    Raises:
        OraError: 1426, too large.
    """
    if number == number.to_integral_value():
        whole = int(number)
        if abs(whole) >= _NUMBER_LIMIT:
            raise OraError(1426, "numeric overflow")
        return whole
    return number


def bounded(number: int) -> int | Decimal:
    """A whole result of arithmetic, cut to NUMBER's 40 digits."""
    if -_FULL_PRECISION < number < _FULL_PRECISION:
        return number
    return normal(NUMBER_CONTEXT.create_decimal(number))


# ---- into a type ----


@lru_cache(maxsize=4096)
def _scalar(type_: ScalarType) -> Converter:
    convert = _plain(type_)
    if not type_.not_null:
        return convert

    def not_null(session: Interpreter, value: Value) -> Value:
        if value is None:
            raise value_error()
        return convert(session, value)

    return not_null


def converter(type_: Type) -> Converter:
    """The function that makes a value one of the type."""
    match type_:
        case ScalarType():
            return _scalar(type_)
        case RecordType():
            return _record(type_)
        case CollectionType():
            return _collection(type_)
        case CursorType() | ObjectType() | ArrayBind():
            return _unchanged


def _unchanged(session: Interpreter, value: Value) -> Value:
    return value


def _plain(type_: ScalarType) -> Converter:
    match type_.family:
        case Family.NUMBER:
            return _number(type_)
        case Family.INTEGER:
            return _integer(type_)
        case Family.FLOAT:
            return _float(type_)
        case Family.TEXT:
            return _text(type_)
        case Family.LOB:
            return _lob(type_)
        case Family.BINARY_LOB:
            return _binary_lob
        case Family.RAW:
            return _raw(type_)
        case Family.ROWID:
            return _rowid
        case Family.DATE:
            return _date
        case Family.TIMESTAMP:
            return _timestamp(type_)
        case Family.TIMESTAMP_TZ:
            is_local = type_.sql is not None and type_.sql.name is TypeName.TIMESTAMP_LTZ
            return _timestamp_ltz if is_local else _timestamp_tz
        case Family.INTERVAL_DS:
            return _interval_ds
        case Family.INTERVAL_YM:
            return _interval_ym
        case Family.BOOLEAN:
            return _boolean
        case Family.NULL | Family.UNKNOWN:
            return _unchanged


def _number(type_: ScalarType) -> Converter:
    precision = type_.sql.precision if type_.sql else None
    scale = type_.sql.scale if type_.sql else None
    if precision is None:

        def convert(session: Interpreter, value: Value) -> Value:
            number = to_number(session, value)
            if number.__class__ is float:
                number = as_number(formats.to_decimal(number))
            return number

        return convert

    places = scale or 0
    limit = Decimal(10) ** (precision - places)
    unit = Decimal(1).scaleb(-places)
    low, high = type_.low, type_.high
    unbounded = low is None and high is None
    whole_limit = 10 ** max(precision - places, 0)

    def rounded(session: Interpreter, value: Value) -> Value:
        # A whole number is not compared with a Decimal where it need not be.
        if value.__class__ is int and unbounded and places >= 0:
            if -whole_limit < value < whole_limit:
                return value
            raise value_error("number precision too large")
        number = to_number(session, value)
        if number is None:
            return None
        if number.__class__ is not int or places < 0:
            exact = formats.to_decimal(number)
            if places < 0:
                exact = exact.scaleb(places).to_integral_value(ROUND_HALF_UP).scaleb(-places)
            elif exact.as_tuple().exponent < -places:  # type: ignore[operator]
                exact = exact.quantize(unit, ROUND_HALF_UP, NUMBER_CONTEXT)
            number = as_number(exact)
        if not -limit < number < limit:
            raise value_error("number precision too large")
        if (low is not None and number < low) or (high is not None and number > high):
            raise value_error()
        return number

    return rounded


def _integer(type_: ScalarType) -> Converter:
    low, high = type_.low or 0 if type_.low is not None else -(2**31), type_.high or 0
    if type_.high is None:
        high = 2**31 - 1
    wraps = type_.wraps

    def convert(session: Interpreter, value: Value) -> Value:
        if value is None:
            return None
        if value.__class__ is not int:
            number = to_number(session, value)
            if number is None:
                return None
            value = as_whole(number)
        if low <= value <= high:
            return value
        if wraps:
            return (value + 2**31) % 2**32 - 2**31
        if -(2**31) <= value < 2**31:
            raise value_error()
        raise OraError(1426, "numeric overflow")

    return convert


def _float(type_: ScalarType) -> Converter:
    single = type_.sql is not None and type_.sql.name is TypeName.BINARY_FLOAT

    def convert(session: Interpreter, value: Value) -> Value:
        number = to_number(session, value)
        if number is None:
            return None
        result = float(number)
        if single and math.isfinite(result):
            try:
                result = struct.unpack("f", struct.pack("f", result))[0]
            except OverflowError:
                result = math.copysign(math.inf, result)
        return result

    return convert


def _text(type_: ScalarType) -> Converter:
    size = type_.sql.size if type_.sql else None
    fixed, in_bytes = type_.fixed, type_.in_bytes

    def convert(session: Interpreter, value: Value) -> Value:
        text = value if value.__class__ is str else to_text(session, value)
        if text is None:
            return None
        length = len(text)
        if in_bytes and not text.isascii():
            length = len(text.encode())
        if size is not None and length > size:
            raise value_error("character string buffer too small")
        # A character has at most four bytes.
        if length * 4 > MAX_BYTES and len(text.encode()) > MAX_BYTES:
            raise value_error("character string buffer too small")
        if fixed and size is not None and length < size:
            return text + " " * (size - length)
        return text

    return convert


def _lob(type_: ScalarType) -> Converter:
    national = type_.sql is not None and type_.sql.name is TypeName.NCLOB

    def convert(session: Interpreter, value: Value) -> Value:
        if value is None:
            return None
        if isinstance(value, Lob):
            if value.is_binary:
                raise value_error()
            # A variable's temporary LOB is its own; one of a table stays what it is.
            return value.copy(national=national) if value.temporary else value
        return Lob(to_text(session, value) or "", national=national)

    return convert


def _binary_lob(session: Interpreter, value: Value) -> Value:
    if value is None:
        return None
    if isinstance(value, Lob):
        if not value.is_binary:
            raise value_error()
        return value.copy() if value.temporary else value
    return Lob(_bytes(session, value) or b"")


def _bytes(session: Interpreter, value: Value) -> bytes | None:
    if value is None or isinstance(value, bytes):
        return value
    if isinstance(value, Lob) and isinstance(value.data, bytes):
        if len(value.data) > MAX_BYTES:
            raise value_error("raw variable length too long")
        return value.data or None
    text = to_text(session, value)
    if text is None:
        return None
    try:
        return bytes.fromhex(text if len(text) % 2 == 0 else f"0{text}")
    except ValueError:
        raise value_error("hex to raw conversion error") from None


def _raw(type_: ScalarType) -> Converter:
    size = type_.sql.size if type_.sql else None
    most = MAX_BYTES if size is None else size

    def convert(session: Interpreter, value: Value) -> Value:
        data = _bytes(session, value)
        if data is not None and len(data) > most:
            raise value_error("raw variable length too long")
        return data or None

    return convert


def _rowid(session: Interpreter, value: Value) -> Value:
    if value is None or isinstance(value, Rowid):
        return value
    text = to_text(session, value)
    return None if text is None else Rowid(text)


def _date(session: Interpreter, value: Value) -> Value:
    if value is None or value.__class__ is Date:
        return value
    found = to_datetime(session, value)
    return None if found is None else Date(*found.timetuple()[:6])


def _timestamp(type_: ScalarType) -> Converter:
    digits = type_.sql.scale if type_.sql else None

    whole = digits is None or digits >= 6

    def convert(session: Interpreter, value: Value) -> Value:
        if whole and value.__class__ is datetime.datetime and value.tzinfo is None:
            return value
        if isinstance(value, str | Lob):
            found = formats.to_timestamp(
                to_text(session, value), None, session.host.now().date(), session_nls(session.host)
            )
        else:
            found = to_datetime(session, value)
        if found is None:
            return None
        plain = formats.as_timestamp(found.replace(tzinfo=None))
        return plain if digits is None or digits >= 6 else _rounded_to(plain, digits)

    return convert


def _rounded_to(value: datetime.datetime, digits: int) -> datetime.datetime:
    unit = int(10 ** (6 - digits))
    whole = (value.microsecond + unit // 2) // unit * unit
    return value.replace(microsecond=0) + datetime.timedelta(microseconds=whole)


def _timestamp_tz(session: Interpreter, value: Value) -> Value:
    if value is None:
        return None
    host = session.host
    return formats.to_timestamp_tz(
        to_text(session, value) if isinstance(value, str | Lob) else to_datetime(session, value),
        None,
        host.now().date(),
        host.session_time_zone(),
        session_nls(host),
    )


def _timestamp_ltz(session: Interpreter, value: Value) -> Value:
    """In the session's zone, as it is shown and given back."""
    moment = _timestamp_tz(session, value)
    if not isinstance(moment, datetime.datetime):
        return moment
    return settled(moment.astimezone(session.host.session_time_zone()))


def _interval_ds(session: Interpreter, value: Value) -> Value:
    if value is None or isinstance(value, datetime.timedelta):
        return value
    if isinstance(value, str):
        return parse_day_second(value)
    raise value_error()


def _interval_ym(session: Interpreter, value: Value) -> Value:
    if value is None or isinstance(value, YearMonth):
        return value
    if isinstance(value, str):
        return parse_year_month(value)
    raise value_error()


def _boolean(session: Interpreter, value: Value) -> Value:
    if value is None or value.__class__ is bool:
        return value
    raise value_error()


def _null_record(type_: RecordType) -> Record:
    """NULL in all fields: what a record becomes that NULL is assigned to."""
    return Record(
        type_,
        [
            _null_record(field.type) if isinstance(field.type, RecordType) else None
            for field in type_.fields
        ],
    )


def _record(type_: RecordType) -> Converter:
    def convert(session: Interpreter, value: Value) -> Value:
        if value is None:
            return _null_record(type_)
        if not isinstance(value, Record):
            raise value_error()
        if value.type is type_:
            return value.copy()
        if len(value.values) != len(type_.fields):
            raise value_error()
        return Record(
            type_,
            [
                converter(field.type)(session, item)
                for field, item in zip(type_.fields, value.values, strict=True)
            ],
        )

    return convert


def _collection(type_: CollectionType) -> Converter:
    def convert(session: Interpreter, value: Value) -> Value:
        if isinstance(value, Collection):
            return copy_value(value)
        if isinstance(value, list):
            element = converter(type_.element)
            return Collection.of(type_, [element(session, item) for item in value])
        if value is None:
            return type_.initial(session)
        raise value_error()

    return convert
