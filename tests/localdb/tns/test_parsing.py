"""Requests from bytes: whole, byte by byte, and what is refused."""

import pytest

from deploy.localdb.errors import OraError
from deploy.localdb.tns import requests
from deploy.localdb.tns.buffer import Writer
from deploy.localdb.tns.constants import FIELD_VERSION_19, FIELD_VERSION_23_4, WireType
from deploy.localdb.tns.errors import NeedMoreData, RemoteProtocolError
from deploy.localdb.tns.metadata import Metadata
from deploy.localdb.tns.parsing import CursorMemory, RequestParser
from deploy.localdb.tns.replies import Direction
from deploy.localdb.values import TypeName

SQL = "insert into t values (:a, :b, :c)"
TEXT = Metadata(WireType.VARCHAR, 1, 400, 0, False)
LONG_TEXT = Metadata(WireType.VARCHAR, 1, 40_000, 0, False)
NUMBER = Metadata(WireType.NUMBER, 0, 22, 0, False)
NUMBERS = Metadata(WireType.NUMBER, 0, 22, 1000, True)


def header(w, function, sequence=1, token=0, version=FIELD_VERSION_23_4):
    w.u8(3)
    w.u8(function)
    w.u8(sequence)
    if version >= 18:
        w.ub(token)


def write_metadata(w, item):
    w.u8(item.wire_type)
    w.u8(0x41 if item.is_array else 0x01)
    w.raw(b"\0\0")
    w.ub(item.buffer_size)
    w.ub(item.max_elements)
    for _ in range(4):
        w.ub(0)
    w.u8(item.form)
    w.ub(0)
    w.ub(0)


def execute(sql, metadata, rows, *, options=0x29, cursor_id=0, version=FIELD_VERSION_23_4):
    """EXECUTE; each row is bytes."""
    w = Writer()
    header(w, 94, version=version)
    w.ub(options)
    w.ub(cursor_id)
    w.u8(1)
    w.ub(len(sql))
    w.u8(1)
    w.ub(13)
    w.raw(b"\0\0\0")
    w.ub(2)
    w.ub(2**31 - 1)
    w.u8(1)
    w.ub(len(metadata))
    w.raw(bytes(6))
    w.ub(0)
    w.ub(0)
    w.raw(bytes(7))
    w.raw(bytes(3))
    w.raw(bytes(5))
    w.raw(bytes(2))
    if sql:
        w.b1(sql.encode())
    for number in (1, len(rows), 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0):
        w.ub(number)
    for item in metadata:
        write_metadata(w, item)
    for row in rows:
        w.u8(7)
        w.raw(row)
    return bytes(w.data)


def values(*items):
    w = Writer()
    for item in items:
        w.b1(item)
    return bytes(w.data)


def parse_in_pieces(parser, data, size, cursors):
    """As the connection does it: again and again on what has come so far."""
    have = bytearray()
    for start in range(0, len(data), size):
        have += data[start : start + size]
        try:
            return parser.parse(have, cursors), len(have)
        except NeedMoreData:
            continue
    raise AssertionError("not complete")


ROWS = [values(b"x" * n, b"\xc1\x02", b"y" * 300) for n in range(1, 30)]
EXPECTED = tuple(("x" * n, 1, "y" * 300) for n in range(1, 30))


@pytest.mark.parametrize("size", [1, 2, 7, 100, 10**6])
@pytest.mark.parametrize("version", [FIELD_VERSION_19, FIELD_VERSION_23_4])
def test_execute_is_read_however_it_is_cut(size, version):
    data = execute(SQL, [TEXT, NUMBER, TEXT], ROWS, version=version)
    call, used = parse_in_pieces(RequestParser(version), data, size, {})
    request = call.request

    assert isinstance(request, requests.Execute)
    assert (request.sql, request.rows) == (SQL, EXPECTED)
    assert [bind.type.name for bind in request.binds] == [
        TypeName.VARCHAR2,
        TypeName.NUMBER,
        TypeName.VARCHAR2,
    ]
    assert used == len(data)


def test_the_parser_is_ready_for_the_next_request():
    parser = RequestParser(FIELD_VERSION_23_4)
    data = execute(SQL, [TEXT, NUMBER, TEXT], ROWS)
    first, _ = parse_in_pieces(parser, data, 13, {})
    second, _ = parse_in_pieces(parser, data, 11, {})

    assert first.request == second.request


def test_long_values_of_sql_come_last():
    row = values(b"\xc1\x02", b"short", b"z" * 40_000)
    call = RequestParser(FIELD_VERSION_23_4).parse(
        execute(SQL, [LONG_TEXT, NUMBER, TEXT], [row]), {}
    )

    assert isinstance(call.request, requests.Execute)
    assert call.request.rows == (("z" * 40_000, 1, "short"),)


def test_long_values_of_plsql_keep_their_place():
    row = values(b"z" * 40_000, b"\xc1\x02")
    sql = "begin p(:a, :b); end;"
    call = RequestParser(FIELD_VERSION_23_4).parse(execute(sql, [LONG_TEXT, NUMBER], [row]), {})

    assert isinstance(call.request, requests.Execute)
    assert call.request.rows == (("z" * 40_000, 1),)


def test_binds_of_returning_have_no_values():
    sql = "update t set a = :a returning b into :b"
    call = RequestParser(FIELD_VERSION_23_4).parse(
        execute(sql, [TEXT, NUMBER], [values(b"x"), values(b"y")]), {}
    )

    assert isinstance(call.request, requests.Execute)
    assert call.request.rows == (("x", None), ("y", None))


@pytest.mark.parametrize("size", [1, 3, 10**6])
def test_an_array_is_read_however_it_is_cut(size):
    w = Writer()
    w.ub(500)
    for n in range(1, 501):
        w.b1(bytes((0xC1, n % 99 + 2)))
    data = execute("begin p(:a); end;", [NUMBERS], [bytes(w.data)])
    call, _ = parse_in_pieces(RequestParser(FIELD_VERSION_23_4), data, size, {})

    assert isinstance(call.request, requests.Execute)
    assert call.request.rows == (([n % 99 + 1 for n in range(1, 501)],),)


def test_a_repetition_leaves_out_what_only_comes_back():
    memory = CursorMemory(
        "begin p(:a, :b); end;",
        is_plsql=True,
        metadata=(TEXT, NUMBER),
        binds=(TEXT.bind(), NUMBER.bind()),
        directions=(Direction.OUT, Direction.IN),
    )
    w = Writer()
    header(w, 4)
    for number in (5, 1, 0, 1):
        w.ub(number)
    w.u8(7)
    w.raw(values(b"\xc1\x04"))
    call = RequestParser(FIELD_VERSION_23_4).parse(bytes(w.data), {5: memory})

    assert isinstance(call.request, requests.Execute)
    assert call.request.rows == ((None, 3),)
    assert call.request.commit


def test_the_rest_of_what_is_refused_is_passed_over():
    parser = RequestParser(FIELD_VERSION_23_4)
    w = Writer()
    header(w, 125, sequence=255)
    call = parser.parse(bytes(w.data) + b"anything", {})
    following = Writer()
    header(following, 147, sequence=1)

    assert call.refused is not None
    assert "SUBSCRIBE" in str(call.refused)
    assert parser.is_rest(b"\3\x5e\x07 a part of the refused request")
    assert not parser.is_rest(bytes(following.data))
    assert parser.parse(bytes(following.data), {}).request == requests.Ping()
    assert not parser.is_rest(b"anything")


def test_an_unknown_cursor_is_ora_01001():
    w = Writer()
    header(w, 4)
    for number in (5, 1, 0, 1):
        w.ub(number)
    call = RequestParser(FIELD_VERSION_23_4).parse(bytes(w.data), {})

    assert isinstance(call.refused, OraError)
    assert call.refused.code == 1001


@pytest.mark.parametrize(
    "data", [b"\x05\x00\x01\x00", b"\x11\x63\x01\x00\x09", b"\x11\xf0\x01\x00"]
)
def test_what_is_no_request_is_refused(data):
    with pytest.raises(RemoteProtocolError):
        RequestParser(FIELD_VERSION_23_4).parse(data, {})
