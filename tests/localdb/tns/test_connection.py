"""The state machine without sockets: what a client may send when."""

import pytest

from deploy.localdb.tns.connection import Connect, Connection, MarkerReceived
from deploy.localdb.tns.constants import Marker, PacketType
from deploy.localdb.tns.errors import RemoteProtocolError
from deploy.localdb.tns.packets import build_data, build_marker, build_packet

TEXT = b"(DESCRIPTION=(CONNECT_DATA=(SERVICE_NAME=freepdb1)(CID=(PROGRAM=x))))"


def connect_packet(text=TEXT, version=319):
    body = bytearray(66)
    body[0:4] = version.to_bytes(2, "big") + (300).to_bytes(2, "big")
    body[16:20] = len(text).to_bytes(2, "big") + (74).to_bytes(2, "big")
    return build_packet(PacketType.CONNECT, bytes(body) + text, large=False)


def events(connection, data, size=None):
    found = []
    size = size or len(data)
    for start in range(0, len(data), size):
        connection.receive_data(data[start : start + size])
        while (event := connection.next_event()) is not None:
            found.append(event)
    return found


@pytest.fixture
def accepted():
    connection = Connection()
    events(connection, connect_packet())
    connection.accept()
    return connection


@pytest.mark.parametrize("size", [None, 1, 13])
def test_a_client_names_its_service(size):
    assert events(Connection(), connect_packet(), size) == [Connect("freepdb1", "")]


def test_a_long_connect_string_comes_in_a_packet_of_its_own():
    text = TEXT.ljust(400)
    head = connect_packet(b"")
    head = head[:24] + (400).to_bytes(2, "big") + head[26:]
    data = build_packet(PacketType.DATA, b"\0\0" + text, large=False)

    assert events(Connection(), head + data, 7) == [Connect("freepdb1", "")]


@pytest.mark.parametrize("classic", [False, True])
def test_accept_tells_the_version_and_the_size_of_packets(classic):
    connection = Connection(classic=classic, sdu=8192)
    events(connection, connect_packet())
    packet = connection.accept()

    assert packet[4] == PacketType.ACCEPT
    assert int.from_bytes(packet[8:10], "big") == (318 if classic else 319)
    assert int.from_bytes(packet[32:36], "big") == 8192
    assert int.from_bytes(packet[41:45], "big") == (0 if classic else 0x12000000)


def test_markers_are_seen_inside_a_message(accepted):
    begun = build_data(b"\1\6\0begun", 8192, end_of_response=False)

    assert events(accepted, begun + build_marker(Marker.BREAK) + build_marker(Marker.RESET)) == [
        MarkerReceived(Marker.BREAK),
        MarkerReceived(Marker.RESET),
    ]


@pytest.mark.parametrize(
    "message",
    [
        b"\3\x5e\1\0",
        b"\x22\1\1\0\7",
        b"\x63",
        b"\x22\1\1\0\1\6\0x\0" + bytes(6) + b"\7",
    ],
    ids=["a request", "no protocol", "unknown", "no data types"],
)
def test_what_is_no_negotiation_is_refused(accepted, message):
    accepted.receive_data(build_data(message.ljust(600, b"\xff"), 8192, end_of_response=False))

    with pytest.raises(RemoteProtocolError):
        accepted.next_event()


@pytest.mark.parametrize(
    "data",
    [
        build_packet(PacketType.DATA, b"\0\0x", large=False),
        build_packet(PacketType.MARKER, b"\1\0\1", large=False),
        build_packet(PacketType.CONNECT, b"short", large=False),
        connect_packet(version=314),
    ],
    ids=["data", "marker", "short", "old"],
)
def test_nothing_comes_before_connect(data):
    connection = Connection()
    connection.receive_data(data)

    with pytest.raises(RemoteProtocolError):
        connection.next_event()


def test_a_second_connect_is_refused(accepted):
    accepted.receive_data(build_packet(PacketType.CONNECT, bytes(70), large=True))

    with pytest.raises(RemoteProtocolError):
        accepted.next_event()


def test_a_stranger_cannot_send_without_end(accepted):
    part = build_data(b"\2".ljust(8000, b"\xff"), 8192, end_of_response=False)
    with pytest.raises(RemoteProtocolError, match="65536"):
        events(accepted, part * 10)
