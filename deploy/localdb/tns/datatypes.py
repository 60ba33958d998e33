"""Oracle's values as bytes, both ways.

Source: python-oracledb, base/decoders.pyx and base/encoders.pyx.
"""

from __future__ import annotations

import datetime
import re
import struct
from decimal import Decimal

from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.tns.errors import RemoteProtocolError
from deploy.localdb.tns.regions import IDS, NAMES
from deploy.localdb.values import NUMBER_CONTEXT, Date, YearMonth
from deploy.localdb.zones import find_zone, region_of, settled

_MOST_DIGIT_PAIRS = 20
#: A number written in so many characters needs no rounding.
_MOST_DIGITS = 36
#: Of the last bytes but one of a TIMESTAMP WITH TIME ZONE: what follows is no offset.
_IS_REGION = 0x80
#: And its hour, beside flags of other clients.
_HOUR = 0x3F
_PLAIN = re.compile(r"-?[0-9]*\.?[0-9]*")


def decode_number(data: bytes) -> int | Decimal:
    """A NUMBER, from 1 to 21 bytes: exponent byte, then base-100 digits.

    Raises:
        RemoteProtocolError: the bytes are no number.
    """
    if not data or len(data) > _MOST_DIGIT_PAIRS + 2:
        raise RemoteProtocolError("a NUMBER of no bytes or too many")
    first = data[0]
    if first == 0x80 and len(data) == 1:
        return 0
    if first & 0x80:
        exponent = first - 0xC1
        pairs = [byte - 1 for byte in data[1:]]
    else:
        if len(data) == 1:
            return NUMBER_CONTEXT.create_decimal("-1e126")
        exponent = (~first & 0xFF) - 0xC1
        digits = data[1:-1] if data[-1] == 102 else data[1:]
        pairs = [101 - byte for byte in digits]
    mantissa = 0
    for pair in pairs:
        if not 0 <= pair <= 99:
            raise RemoteProtocolError("a NUMBER with a digit above 99")
        mantissa = mantissa * 100 + pair
    if not first & 0x80:
        mantissa = -mantissa
    shift = 2 * (exponent - len(pairs) + 1)
    if shift >= 0:
        return int(mantissa * 10**shift)
    value = Decimal(mantissa).scaleb(shift, NUMBER_CONTEXT)
    return value.normalize(NUMBER_CONTEXT)


def encode_number(value: int | Decimal | float) -> bytes:
    """A NUMBER; rounded to 40 digits.

    Raises:
        OraError: 1426, too large.
    """
    if type(value) is int:
        if 0 <= value < 10_000:
            return _SMALL[value] if value < 100 else _two_pairs(value)
        negative = value < 0
        digits = str(-value if negative else value)
        exponent = 0
    else:
        text = str(value)
        if len(text) > _MOST_DIGITS or not _PLAIN.fullmatch(text):
            # Rounded, and without an exponent of its own.
            if isinstance(value, float):
                value = Decimal(repr(value))
            number = NUMBER_CONTEXT.create_decimal(value)
            if not number.is_finite():
                raise OraError(1426, "numeric overflow")
            sign, tuple_digits, raw_exponent = number.as_tuple()
            negative = bool(sign)
            exponent = int(raw_exponent)
            digits = "".join(map(str, tuple_digits)).lstrip("0")
        else:
            negative = text[0] == "-"
            whole, _, fraction = (text[1:] if negative else text).partition(".")
            exponent = -len(fraction)
            digits = (whole + fraction).lstrip("0")
        if not digits:
            return b"\x80"
    stripped = digits.rstrip("0")
    exponent += len(digits) - len(stripped)
    digits = stripped
    if exponent % 2:
        digits += "0"
        exponent -= 1
    if len(digits) % 2:
        digits = "0" + digits
    pairs = [int(digits[i : i + 2]) for i in range(0, len(digits), 2)]
    if len(pairs) > _MOST_DIGIT_PAIRS:
        kept, rest = pairs[:_MOST_DIGIT_PAIRS], pairs[_MOST_DIGIT_PAIRS:]
        exponent += 2 * len(rest)
        if rest[0] >= 50:
            number_kept = int("".join(f"{pair:02d}" for pair in kept)) + 1
            return encode_number(
                Decimal(-number_kept if negative else number_kept).scaleb(exponent, NUMBER_CONTEXT)
            )
        pairs = kept
    power = exponent // 2 + len(pairs)
    if power > 63:
        raise OraError(1426, "numeric overflow")
    if power < -64:
        return b"\x80"
    if negative:
        tail = b"\x66" if len(pairs) < _MOST_DIGIT_PAIRS else b""
        return bytes([~(0xC0 + power) & 0xFF, *(101 - pair for pair in pairs)]) + tail
    return bytes([0xC0 + power, *(pair + 1 for pair in pairs)])


#: The whole numbers below 100.
_SMALL = (b"\x80", *(bytes((0xC1, value + 1)) for value in range(1, 100)))


def _two_pairs(value: int) -> bytes:
    high, low = divmod(value, 100)
    return bytes((0xC2, high + 1, low + 1)) if low else bytes((0xC2, high + 1))


def decode_date(data: bytes) -> Date:
    """A DATE; a fraction that is there is dropped.

    Raises:
        RemoteProtocolError: no moment in the years 1 to 9999.
    """
    return Date(*_date_fields(data))


def decode_timestamp(data: bytes) -> datetime.datetime:
    """A TIMESTAMP of 7 or 11 bytes, without zone."""
    fields = _date_fields(data)
    micro = struct.unpack(">I", data[7:11])[0] // 1000 if len(data) >= 11 else 0
    try:
        return datetime.datetime(*fields, micro)
    except ValueError as error:
        raise RemoteProtocolError(f"a timestamp: {error}") from error


def decode_timestamp_tz(data: bytes) -> datetime.datetime:
    """A TIMESTAMP WITH TIME ZONE: fields in UTC, then the offset or the number of a region.

    Raises:
        RemoteProtocolError: no moment in the years 1 to 9999.
        Unsupported: a region whose number is not known.
    """
    moment = decode_timestamp(data)
    if len(data) < 13:
        return moment.replace(tzinfo=datetime.UTC)
    zone: datetime.tzinfo
    if data[11] & _IS_REGION:
        number = (data[11] & ~_IS_REGION) << 6 | data[12] >> 2
        name = NAMES.get(number)
        if name is None:
            raise Unsupported(f"the time zone region {number} from a client")
        zone = find_zone(name)
    try:
        if not data[11] & _IS_REGION:
            offset = datetime.timedelta(hours=(data[11] & _HOUR) - 20, minutes=data[12] - 60)
            zone = datetime.timezone(offset)
        return settled(moment.replace(tzinfo=datetime.UTC).astimezone(zone))
    except (ValueError, OverflowError) as error:
        raise RemoteProtocolError(f"a time with a zone: {error}") from error


def _date_fields(data: bytes) -> tuple[int, int, int, int, int, int]:
    if len(data) < 7:
        raise RemoteProtocolError(f"a date of {len(data)} bytes")
    year = (data[0] - 100) * 100 + data[1] - 100
    fields = (year, data[2], data[3], data[4] - 1, data[5] - 1, data[6] - 1)
    try:
        datetime.datetime(*fields)
    except ValueError as error:
        raise RemoteProtocolError(f"a date: {error}") from error
    return fields


def encode_date(value: datetime.datetime) -> bytes:
    return bytes(
        (
            value.year // 100 + 100,
            value.year % 100 + 100,
            value.month,
            value.day,
            value.hour + 1,
            value.minute + 1,
            value.second + 1,
        )
    )


def encode_timestamp(value: datetime.datetime) -> bytes:
    date = encode_date(value)
    return date + struct.pack(">I", value.microsecond * 1000) if value.microsecond else date


def encode_timestamp_tz(value: datetime.datetime) -> bytes:
    if value.tzinfo is None:
        value = value.replace(tzinfo=datetime.UTC)
    offset = value.utcoffset() or datetime.timedelta()
    utc = value.astimezone(datetime.UTC)
    region = region_of(value)
    if region is not None:
        number = IDS.get(region)
        if number is None:
            raise Unsupported(f"the time zone region {region} to a client")
        zone = bytes((_IS_REGION | number >> 6, (number & 0x3F) << 2))
        return encode_date(utc) + struct.pack(">I", utc.microsecond * 1000) + zone
    minutes = int(offset.total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    sign = -1 if minutes < 0 else 1
    zone = bytes((sign * hours + 20, sign * rest + 60))
    return encode_date(utc) + struct.pack(">I", utc.microsecond * 1000) + zone


def decode_interval_ds(data: bytes) -> datetime.timedelta:
    if len(data) != 11:
        raise RemoteProtocolError("an interval")
    days, nanoseconds = struct.unpack(">I3xI", data)
    return datetime.timedelta(
        days=days - 0x80000000,
        hours=data[4] - 60,
        minutes=data[5] - 60,
        seconds=data[6] - 60,
        microseconds=(nanoseconds - 0x80000000) / 1000,
    )


def encode_interval_ds(value: datetime.timedelta) -> bytes:
    sign = -1 if value < datetime.timedelta() else 1
    value = abs(value)
    minutes, seconds = divmod(value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return (
        struct.pack(">I", sign * value.days + 0x80000000)
        + bytes((sign * hours + 60, sign * minutes + 60, sign * seconds + 60))
        + struct.pack(">I", sign * value.microseconds * 1000 + 0x80000000)
    )


def decode_interval_ym(data: bytes) -> YearMonth:
    if len(data) != 5:
        raise RemoteProtocolError("an interval")
    (years,) = struct.unpack(">I", data[:4])
    return YearMonth((years - 0x80000000) * 12 + data[4] - 60)


def encode_interval_ym(value: YearMonth) -> bytes:
    sign = -1 if value.months < 0 else 1
    years, months = divmod(abs(value.months), 12)
    return struct.pack(">I", sign * years + 0x80000000) + bytes((sign * months + 60,))


def encode_double(value: float) -> bytes:
    """IEEE big endian, changed so that bytes sort as the numbers do."""
    return _ordered(struct.pack(">d", value))


def encode_float(value: float) -> bytes:
    return _ordered(struct.pack(">f", value))


def _ordered(data: bytes) -> bytes:
    if data[0] & 0x80:
        return bytes(~byte & 0xFF for byte in data)
    return bytes((data[0] | 0x80,)) + data[1:]


def decode_double(data: bytes) -> float:
    found: float = struct.unpack(">d", _unordered(data, 8))[0]
    return found


def decode_float(data: bytes) -> float:
    found: float = struct.unpack(">f", _unordered(data, 4))[0]
    return found


def _unordered(data: bytes, size: int) -> bytes:
    if len(data) != size:
        raise RemoteProtocolError("a binary float")
    if data[0] & 0x80:
        return bytes((data[0] & 0x7F,)) + data[1:]
    return bytes(~byte & 0xFF for byte in data)
