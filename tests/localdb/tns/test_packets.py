"""Packets: cut anywhere, several at once, and as large as the SDU says."""

import pytest

from deploy.localdb.tns.constants import DataFlag, Marker, PacketType
from deploy.localdb.tns.errors import RemoteProtocolError
from deploy.localdb.tns.packets import PacketReader, build_data, build_marker, build_packet


def read_all(chunks):
    reader = PacketReader()
    reader.large = True
    found = []
    for chunk in chunks:
        reader.feed(chunk)
        while (packet := reader.next()) is not None:
            found.append((packet.type, bytes(packet.body), packet.flags))
    return found


STREAM = (
    build_data(b"first", 8192, end_of_response=False)
    + build_marker(Marker.BREAK)
    + build_data(b"second" * 200, 512, end_of_response=True)
)
EXPECTED = [
    (PacketType.DATA, b"first", 0),
    (PacketType.MARKER, b"\1\0\1", 0),
    (PacketType.DATA, (b"second" * 200)[:502], 0),
    (PacketType.DATA, (b"second" * 200)[502:1004], 0),
    (PacketType.DATA, (b"second" * 200)[1004:], DataFlag.END_OF_RESPONSE),
]


def test_packets_come_whole():
    assert read_all([STREAM]) == EXPECTED


def test_packets_come_byte_by_byte():
    assert read_all(STREAM[i : i + 1] for i in range(len(STREAM))) == EXPECTED


@pytest.mark.parametrize("size", [2, 7, 11, 509])
def test_packets_come_in_pieces(size):
    assert read_all(STREAM[i : i + size] for i in range(0, len(STREAM), size)) == EXPECTED


def test_an_incomplete_packet_stays():
    assert read_all([STREAM + STREAM[:9]]) == EXPECTED


def test_lengths_are_short_before_accept():
    reader = PacketReader()
    reader.feed(build_packet(PacketType.CONNECT, b"hello", large=False))
    packet = reader.next()

    assert packet is not None
    assert (packet.type, packet.body) == (PacketType.CONNECT, b"hello")


@pytest.mark.parametrize(
    "data",
    [b"GET / HTTP/1.1\r\n", bytes(8), b"\0\7\0\0\1\0\0\0", b"\0\0\0\x09\6\0\0\0\0"],
    ids=["http", "zeros", "too short", "no flags"],
)
def test_what_is_no_packet_is_refused(data):
    reader = PacketReader()
    reader.large = data.startswith(b"\0\0\0\x09")
    reader.feed(data)

    with pytest.raises(RemoteProtocolError):
        reader.next()
