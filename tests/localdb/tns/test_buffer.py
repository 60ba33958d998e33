"""The primitive encodings: whole, cut short, with something behind."""

import pytest

from deploy.localdb.tns.buffer import Reader, Writer
from deploy.localdb.tns.errors import NeedMoreData, RemoteProtocolError

INTEGERS = {
    0: "00",
    1: "01 01",
    255: "01 ff",
    256: "02 01 00",
    65_535: "02 ff ff",
    2**32 - 1: "04 ff ff ff ff",
    2**63: "08 80 00 00 00 00 00 00 00",
    -1: "81 01",
    -300: "82 01 2c",
}
SIZES = [1, 251, 252, 253, 254, 255, 256, 32_767, 32_768, 100_000]


def written(write):
    writer = Writer()
    write(writer)
    return bytes(writer.data)


@pytest.mark.parametrize(("value", "encoded"), INTEGERS.items(), ids=str)
def test_an_integer_has_its_length_in_front(value, encoded):
    data = written(lambda w: w.ub(value))

    assert data == bytes.fromhex(encoded)
    assert Reader(data + b"trailer").ub() == value


@pytest.mark.parametrize("size", SIZES)
def test_bytes_come_back_and_nothing_behind_them_is_taken(size):
    value = bytes(range(256)) * (size // 256 + 1)
    value = value[:size]
    data = written(lambda w: w.b1(value))
    reader = Reader(data + b"\7trailer")

    assert reader.b1() == value
    assert reader.u8() == 7


@pytest.mark.parametrize("size", [1, 252, 253, 70_000])
def test_what_is_cut_short_asks_for_more_than_there_is(size):
    data = written(lambda w: w.b2(b"x" * size))

    for end in range(0, len(data), max(1, len(data) // 97)):
        with pytest.raises(NeedMoreData) as caught:
            Reader(data[:end]).b2()
        assert end < caught.value.needed <= len(data)


@pytest.mark.parametrize("lead", [0, 255])
def test_no_bytes_are_null(lead):
    assert Reader(bytes((lead,))).b1() is None


def test_short_and_long_chunks_join():
    data = bytes.fromhex("fe 01 02 61 62 02 00 01 63 00")

    assert Reader(data).b1() == b"abc"


def test_an_integer_of_nine_bytes_is_refused():
    with pytest.raises(RemoteProtocolError):
        Reader(bytes((9,)) + bytes(9)).ub()


def test_more_items_than_allowed_are_refused():
    with pytest.raises(RemoteProtocolError):
        Reader(bytes.fromhex("02 01 00")).count(255)


def test_chunks_are_found_as_they_come():
    """Two long values, a byte more each time; where the first one was must not count for the other."""
    data = written(lambda w: (w.b1(b"x" * 300), w.b1(b"y" * 70_000)))
    walked: list[tuple[int, int]] = []
    found = []
    position = 0
    for end in range(0, len(data) + 1, 97):
        reader = Reader(bytearray(data[:end]), position, walked)
        try:
            found.append(reader.b1())
            position = reader.position
        except NeedMoreData:
            continue
    found.append(Reader(data, position, walked).b1())

    assert found == [b"x" * 300, b"y" * 70_000]
    assert walked == []
