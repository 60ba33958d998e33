"""Values as bytes: known images, and both ways."""

import datetime
import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.tns import datatypes
from deploy.localdb.tns.errors import RemoteProtocolError
from deploy.localdb.values import Date, YearMonth
from deploy.localdb.zones import find_zone, on_clock, region_of

NUMBERS = {
    "0": "80",
    "1": "c1 02",
    "10": "c1 0b",
    "99": "c1 64",
    "100": "c2 02",
    "123": "c2 02 18",
    "9999": "c2 64 64",
    "1000000": "c4 02",
    "0.1": "c0 0b",
    "0.01": "c0 02",
    "0.001": "bf 0b",
    "-1": "3e 64 66",
    "-123.45": "3d 64 4e 38 66",
    "1E+125": "ff 0b",
    "1E-130": "80 02",
    "-1E-130": "7f 64 66",
}


def exact(value):
    return Decimal(value)


@pytest.mark.parametrize(("text", "image"), NUMBERS.items())
def test_a_number_has_its_image(text, image):
    value = Decimal(text)
    data = bytes.fromhex(image)

    assert datatypes.encode_number(value) == data
    assert exact(datatypes.decode_number(data)) == value


@given(st.integers(min_value=-(10**40) + 1, max_value=10**40 - 1))
def test_integers_go_both_ways(value):
    found = datatypes.decode_number(datatypes.encode_number(value))

    assert type(found) is int
    assert found == value


@given(
    st.integers(min_value=-(10**38), max_value=10**38), st.integers(min_value=-120, max_value=80)
)
def test_decimals_go_both_ways(digits, exponent):
    value = Decimal((0 if digits >= 0 else 1, tuple(map(int, str(abs(digits)))), exponent))
    found = datatypes.decode_number(datatypes.encode_number(value))

    assert exact(found) == value


@pytest.mark.parametrize(
    ("value", "stored"),
    [(Decimal("1e-131"), 0), (Decimal("0." + "9" * 45), 1), (int("9" * 45), 10**45)],
    ids=["too small", "rounds up", "long"],
)
def test_what_is_longer_is_rounded(value, stored):
    assert datatypes.decode_number(datatypes.encode_number(value)) == stored


@pytest.mark.parametrize("value", [Decimal("1e126"), 10**126, math.inf, math.nan], ids=str)
def test_what_is_larger_is_an_overflow(value):
    with pytest.raises(OraError, match="ORA-01426"):
        datatypes.encode_number(value)


@pytest.mark.parametrize("image", ["", "c1 00", "c1 ff", "c1" + "02" * 30])
def test_what_is_no_number_is_refused(image):
    with pytest.raises(RemoteProtocolError):
        datatypes.decode_number(bytes.fromhex(image))


@given(st.floats(allow_nan=False))
def test_doubles_go_both_ways(value):
    assert datatypes.decode_double(datatypes.encode_double(value)) == value


@given(st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_images_of_doubles_sort_as_they_do(a, b):
    if a < b:
        assert datatypes.encode_double(a) < datatypes.encode_double(b)


@given(st.datetimes())
def test_timestamps_go_both_ways(value):
    assert datatypes.decode_timestamp(datatypes.encode_timestamp(value)) == value


@given(st.datetimes(timezones=st.just(datetime.timezone(datetime.timedelta(minutes=-210)))))
def test_timestamps_with_a_zone_keep_it(value):
    if value.year not in range(2, 9999):
        return
    found = datatypes.decode_timestamp_tz(datatypes.encode_timestamp_tz(value))

    assert (found, found.utcoffset()) == (value, value.utcoffset())


def test_a_region_is_a_number_that_thin_clients_refuse():
    value = on_clock(Date(2024, 7, 1, 12, 30), find_zone("Europe/Madrid"))
    data = datatypes.encode_timestamp_tz(value)
    found = datatypes.decode_timestamp_tz(data)

    assert data[-2:] == bytes((0x80 | 404 >> 6, (404 & 0x3F) << 2))
    assert (found, region_of(found)) == (value, "Europe/Madrid")
    with pytest.raises(Unsupported, match="region Asia/Kathmandu"):
        datatypes.encode_timestamp_tz(on_clock(value, find_zone("Asia/Kathmandu")))
    with pytest.raises(Unsupported, match="region 8191"):
        datatypes.decode_timestamp_tz(data[:-2] + b"\xff\xfc")


@pytest.mark.parametrize(
    ("date", "zone"),
    [((120, 124, 7, 1, 1, 1, 1), (0x3F, 60)), ((199, 199, 12, 31, 24, 1, 1), (34, 60))],
    ids=["an offset of two days", "after the last year"],
)
def test_times_of_zones_that_cannot_be_are_the_clients_fault(date, zone):
    with pytest.raises(RemoteProtocolError, match="a time with a zone"):
        datatypes.decode_timestamp_tz(bytes((*date, 0, 0, 0, 0, *zone)))


def test_a_date_has_its_image():
    value = Date(2024, 2, 29, 23, 59, 58)
    data = bytes((120, 124, 2, 29, 24, 60, 59))

    assert datatypes.encode_date(value) == data
    assert datatypes.decode_date(data) == value


@pytest.mark.parametrize("image", ["", "78 7c 02", "78 7c 0d 01 01 01 01", "78 7c 02 1f 01 01 01"])
def test_what_is_no_date_is_refused(image):
    with pytest.raises(RemoteProtocolError):
        datatypes.decode_date(bytes.fromhex(image))


@given(
    st.timedeltas(
        min_value=datetime.timedelta(days=-99_999), max_value=datetime.timedelta(days=99_999)
    )
)
def test_intervals_go_both_ways(value):
    assert datatypes.decode_interval_ds(datatypes.encode_interval_ds(value)) == value


@given(st.integers(min_value=-12_000, max_value=12_000))
def test_months_go_both_ways(months):
    value = YearMonth(months)

    assert datatypes.decode_interval_ym(datatypes.encode_interval_ym(value)) == value
