"""Subprograms of the built-in packages, called as the language calls them."""

import re

import pytest

from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.plsql.builtins import dbms_application_info, register_all
from deploy.localdb.plsql.builtins.registry import IMPLEMENTATIONS, load_package, package_names
from deploy.localdb.plsql.values import Ref
from deploy.localdb.values import Lob, SqlType, TypeName
from tests.localdb.builtins.hosts import PlainHost, call

register_all()


@pytest.fixture
def host():
    return PlainHost()


def fails(code, host, name, **values):
    with pytest.raises(OraError) as caught:
        call(host, name, **values)
    assert caught.value.code == code
    return caught.value


# ---- specifications ----


@pytest.mark.parametrize("package", package_names())
def test_what_is_declared_is_implemented(package):
    text = load_package(package) or ""
    declared = set(re.findall(r"^  (?:procedure|function) ([\w$]+)", text, re.MULTILINE))
    implemented = {
        name.partition(".")[2] for name in IMPLEMENTATIONS if name.partition(".")[0] == package
    }
    assert {name.upper() for name in declared} == implemented


# ---- DBMS_OUTPUT ----


def get_line(host):
    line, status = Ref(), Ref()
    call(host, "DBMS_OUTPUT.GET_LINE", line=line, status=status)
    return line.value, status.value


def test_output_is_off_until_it_is_enabled(host):
    call(host, "DBMS_OUTPUT.PUT_LINE", a="x")
    call(host, "DBMS_OUTPUT.ENABLE")
    assert get_line(host) == (None, 1)


def test_lines_come_in_order(host):
    call(host, "DBMS_OUTPUT.ENABLE", buffer_size=None)
    call(host, "DBMS_OUTPUT.PUT", a="a")
    call(host, "DBMS_OUTPUT.PUT", a=1)
    call(host, "DBMS_OUTPUT.PUT_LINE", a="b")
    call(host, "DBMS_OUTPUT.PUT_LINE", a=None)
    assert [get_line(host) for _ in range(3)] == [("a1b", 0), (None, 0), (None, 1)]


def test_a_put_after_a_get_discards_what_is_left(host):
    call(host, "DBMS_OUTPUT.ENABLE")
    for text in ("a", "b"):
        call(host, "DBMS_OUTPUT.PUT_LINE", a=text)
    get_line(host)
    call(host, "DBMS_OUTPUT.PUT_LINE", a="c")
    assert get_line(host) == ("c", 0)


def test_output_limits(host):
    call(host, "DBMS_OUTPUT.ENABLE", buffer_size=2000)
    error = fails(20000, host, "DBMS_OUTPUT.PUT_LINE", a="x" * 2001)
    assert error.message == "ORU-10027: buffer overflow, limit of 2000 bytes"
    call(host, "DBMS_OUTPUT.ENABLE", buffer_size=None)
    error = fails(20000, host, "DBMS_OUTPUT.PUT", a="x" * 32768)
    assert error.message == "ORU-10028: line length overflow, limit of 32767 bytes per line"


# ---- DBMS_LOB ----


def lob(data):
    return Ref(Lob(data))


def test_lob_appends(host):
    clob = lob("ab")
    call(host, "DBMS_LOB.APPEND", dest_lob=clob, src_lob="cd")
    call(host, "DBMS_LOB.WRITEAPPEND", lob_loc=clob, amount=1, buffer="efg")
    assert clob.value.data == "abcde"


def test_lob_write_beyond_the_end(host):
    clob, blob = lob("ab"), lob(b"ab")
    call(host, "DBMS_LOB.WRITE", lob_loc=clob, amount=1, offset=4, buffer="x")
    call(host, "DBMS_LOB.WRITE", lob_loc=blob, amount=1, offset=4, buffer=b"x")
    assert clob.value.data == "ab x"
    assert blob.value.data == b"ab\0x"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, "abcdef"),
        ({"amount": 2}, "ab"),
        ({"amount": 2, "offset": 5}, "ef"),
        ({"amount": 2, "offset": 7}, None),
        ({"amount": 0}, None),
        ({"amount": 32768}, None),
        ({"amount": None}, None),
        ({"amount": 2, "offset": 0}, None),
    ],
)
def test_lob_substr(host, values, expected):
    assert call(host, "DBMS_LOB.SUBSTR", lob_loc=lob("abcdef"), **values) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [({}, 2), ({"nth": 2}, 5), ({"offset": 3}, 5), ({"nth": 3}, 0), ({"offset": 0}, None)],
)
def test_lob_instr(host, values, expected):
    assert call(host, "DBMS_LOB.INSTR", lob_loc=lob("abcdbc"), pattern="bc", **values) == expected


def test_lob_length(host):
    assert call(host, "DBMS_LOB.GETLENGTH", lob_loc=lob("é")) == 1
    assert call(host, "DBMS_LOB.GETLENGTH", lob_loc=lob("")) == 0
    assert call(host, "DBMS_LOB.GETLENGTH", lob_loc=None) is None


@pytest.mark.parametrize(
    ("first", "second", "expected"), [("ab", "ab", 0), ("a", "ab", -1), ("b", "ab", 1)]
)
def test_lob_compare(host, first, second, expected):
    assert call(host, "DBMS_LOB.COMPARE", lob_1=lob(first), lob_2=lob(second)) == expected
    assert (
        call(
            host,
            "DBMS_LOB.COMPARE",
            lob_1=lob("xab"),
            lob_2=lob("yab"),
            amount=2,
            offset_1=2,
            offset_2=2,
        )
        == 0
    )


def test_lob_copy_trim_and_erase(host):
    clob = lob("abcdef")
    call(
        host,
        "DBMS_LOB.COPY",
        dest_lob=clob,
        src_lob=lob("XYZ"),
        amount=99,
        dest_offset=3,
        src_offset=2,
    )
    assert clob.value.data == "abYZef"
    call(host, "DBMS_LOB.TRIM", lob_loc=clob, newlen=4)
    amount = Ref(9)
    call(host, "DBMS_LOB.ERASE", lob_loc=clob, amount=amount, offset=3)
    assert (clob.value.data, amount.value) == ("ab  ", 2)
    fails(22926, host, "DBMS_LOB.TRIM", lob_loc=clob, newlen=5)


def test_lob_read(host):
    amount, buffer = Ref(4), Ref()
    call(host, "DBMS_LOB.READ", lob_loc=lob("abcdef"), amount=amount, offset=4, buffer=buffer)
    assert (amount.value, buffer.value) == (3, "def")
    fails(1403, host, "DBMS_LOB.READ", lob_loc=lob("abc"), amount=Ref(1), offset=4, buffer=Ref())


def test_temporary_lobs(host):
    blob = Ref(None, SqlType(TypeName.BLOB))
    call(host, "DBMS_LOB.CREATETEMPORARY", lob_loc=blob, cache=True)
    assert blob.value.data == b""
    assert call(host, "DBMS_LOB.ISTEMPORARY", lob_loc=blob) == 1
    call(host, "DBMS_LOB.OPEN", lob_loc=blob, open_mode=1)
    assert call(host, "DBMS_LOB.ISOPEN", lob_loc=blob) == 1
    fails(22293, host, "DBMS_LOB.OPEN", lob_loc=blob, open_mode=1)
    call(host, "DBMS_LOB.CLOSE", lob_loc=blob)
    fails(22289, host, "DBMS_LOB.CLOSE", lob_loc=blob)
    call(host, "DBMS_LOB.FREETEMPORARY", lob_loc=blob)
    assert blob.value is None


@pytest.mark.parametrize(
    ("name", "values", "code"),
    [
        ("APPEND", {"dest_lob": None, "src_lob": "x"}, 6502),
        ("WRITE", {"lob_loc": Lob(""), "amount": 0, "offset": 1, "buffer": "x"}, 21560),
        ("WRITE", {"lob_loc": Lob(""), "amount": 2, "offset": 1, "buffer": "x"}, 21560),
        ("WRITE", {"lob_loc": Lob(""), "amount": 1, "offset": 0, "buffer": "x"}, 21560),
        ("WRITEAPPEND", {"lob_loc": Lob(""), "amount": 1, "buffer": None}, 21560),
        ("APPEND", {"dest_lob": Lob("", temporary=False), "src_lob": "x"}, 3001),
    ],
)
def test_lob_errors(host, name, values, code):
    fails(code, host, f"DBMS_LOB.{name}", **values)


def test_lob_conversion(host):
    blob = lob(b"")
    position, source, context, warning = Ref(1), Ref(1), Ref(0), Ref()
    call(
        host,
        "DBMS_LOB.CONVERTTOBLOB",
        dest_lob=blob,
        src_clob=lob("é"),
        amount=18446744073709551615,
        dest_offset=position,
        src_offset=source,
        blob_csid=873,
        lang_context=context,
        warning=warning,
    )
    assert (blob.value.data, position.value, source.value, warning.value) == ("é".encode(), 3, 2, 0)


# ---- DBMS_SESSION and DBMS_APPLICATION_INFO ----


def test_unique_session_id(host):
    unique = call(host, "DBMS_SESSION.UNIQUE_SESSION_ID")
    assert unique == "000100020001"
    assert call(host, "DBMS_SESSION.IS_SESSION_ALIVE", uniqueid=unique) is True
    assert call(host, "DBMS_SESSION.IS_SESSION_ALIVE", uniqueid="000100030001") is False
    assert call(host, "DBMS_SESSION.IS_SESSION_ALIVE", uniqueid="x") is False


def test_package_state(host):
    call(host, "DBMS_SESSION.MODIFY_PACKAGE_STATE", action_flags=2)
    call(host, "DBMS_SESSION.RESET_PACKAGE")
    fails(6502, host, "DBMS_SESSION.MODIFY_PACKAGE_STATE", action_flags=3)
    assert host.resets == 2


def test_sleep(host):
    call(host, "DBMS_SESSION.SLEEP", seconds=1)
    fails(38148, host, "DBMS_SESSION.SLEEP", seconds=-1)
    assert host.slept == [1.0]


def test_module_and_action_are_cut(host):
    call(host, "DBMS_APPLICATION_INFO.SET_MODULE", module_name="m" * 50, action_name="é" * 20)
    module, action = Ref(), Ref()
    call(host, "DBMS_APPLICATION_INFO.READ_MODULE", module_name=module, action_name=action)
    assert (module.value, action.value) == ("m" * 48, "é" * 16)


def test_long_operations(host):
    rindex, slno = Ref(-1), Ref()
    for done in (1, 2):
        call(
            host,
            "DBMS_APPLICATION_INFO.SET_SESSION_LONGOPS",
            rindex=rindex,
            slno=slno,
            op_name="copy",
            sofar=done,
            totalwork=2,
        )
    (row,) = dbms_application_info.long_operations(host)
    assert (row.opname, row.sofar, row.totalwork, rindex.value) == ("copy", 2, 2, 0)


def test_contexts_of_other_sessions_are_refused(host):
    with pytest.raises(Unsupported, match=r"DBMS_SESSION\.SET_CONTEXT"):
        call(
            host,
            "DBMS_SESSION.SET_CONTEXT",
            namespace="clientcontext",
            attribute="a",
            value="v",
            client_id="another",
        )


# ---- DBMS_ASSERT ----


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("SIMPLE_SQL_NAME", " abc ", "abc"),
        ("SIMPLE_SQL_NAME", '"a b"', '"a b"'),
        ("QUALIFIED_SQL_NAME", "a.b.c@link", "a.b.c@link"),
        ("ENQUOTE_NAME", "abc", '"ABC"'),
        ("ENQUOTE_NAME", '"abc"', '"abc"'),
        ("ENQUOTE_LITERAL", "it''s", "'it''s'"),
        ("ENQUOTE_LITERAL", "'x'", "'x'"),
        ("NOOP", "'", "'"),
    ],
)
def test_names_that_pass(host, name, value, expected):
    assert call(host, f"DBMS_ASSERT.{name}", str=value) == expected


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("SIMPLE_SQL_NAME", "1a", 44003),
        ("SIMPLE_SQL_NAME", "a.b", 44003),
        ("SIMPLE_SQL_NAME", None, 44003),
        ("QUALIFIED_SQL_NAME", "a b", 44004),
        ("ENQUOTE_NAME", 'a"b', 44003),
        ("ENQUOTE_LITERAL", "it's", 6502),
    ],
)
def test_names_that_do_not(host, name, value, code):
    fails(code, host, f"DBMS_ASSERT.{name}", str=value)


# ---- DBMS_UTILITY ----


def tokenize(host, name):
    refs = {key: Ref() for key in ("a", "b", "c", "dblink", "nextpos")}
    call(host, "DBMS_UTILITY.NAME_TOKENIZE", name=name, **refs)
    return tuple(ref.value for ref in refs.values())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("scott.emp", ("SCOTT", "EMP", None, None, 9)),
        ('"a".b.c@d', ("a", "B", "C", "D", 9)),
        ("a;b", ("A", None, None, None, 1)),
    ],
)
def test_name_tokenize(host, name, expected):
    assert tokenize(host, name) == expected


def test_name_tokenize_without_name(host):
    with pytest.raises(OraError, match="ORA-00931"):
        tokenize(host, "1a")


def test_time_is_in_hundredths(host):
    first = call(host, "DBMS_UTILITY.GET_TIME")
    assert isinstance(first, int)
    assert 0 <= call(host, "DBMS_UTILITY.GET_TIME") - first < 100


# ---- DBMS_RANDOM ----


def test_random_values(host):
    call(host, "DBMS_RANDOM.SEED", val=1)
    first = [call(host, "DBMS_RANDOM.VALUE", low=1, high=10) for _ in range(50)]
    call(host, "DBMS_RANDOM.SEED", val=1)
    assert first == [call(host, "DBMS_RANDOM.VALUE", low=1, high=10) for _ in range(50)]
    assert all(1 <= number < 10 for number in first)
    assert re.fullmatch("[A-Z]{5}", call(host, "DBMS_RANDOM.STRING", opt="U", len=5))
    assert re.fullmatch("[A-Z0-9]{5}", call(host, "DBMS_RANDOM.STRING", opt="x", len=5))


# ---- UTL_RAW ----


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("CAST_TO_RAW", {"c": "aé"}, "aé".encode()),
        ("CAST_TO_VARCHAR2", {"r": "aé".encode()}, "aé"),
        ("CONCAT", {"r1": b"a", "r2": None, "r3": b"c"}, b"ac"),
        ("LENGTH", {"r": b"abc"}, 3),
        ("SUBSTR", {"r": b"abcd", "pos": -2, "len": 1}, b"c"),
        ("REVERSE", {"r": b"abc"}, b"cba"),
        ("COPIES", {"r": b"ab", "n": 2}, b"abab"),
        ("BIT_AND", {"r1": b"\x0f\xff", "r2": b"\x3c"}, b"\x0c\xff"),
        ("BIT_XOR", {"r1": b"\x0f", "r2": b"\xff"}, b"\xf0"),
        ("BIT_COMPLEMENT", {"r": b"\x0f"}, b"\xf0"),
        ("COMPARE", {"r1": b"abc", "r2": b"abd"}, 3),
        ("COMPARE", {"r1": b"ab", "r2": b"ab\0"}, 0),
        ("OVERLAY", {"overlay_str": b"XY", "target": b"abcd", "pos": 2}, b"aXYd"),
        ("TRANSLATE", {"r": b"abc", "from_set": b"ab", "to_set": b"x"}, b"xc"),
        ("CAST_FROM_BINARY_INTEGER", {"n": 258}, b"\0\0\1\2"),
        ("CAST_TO_BINARY_INTEGER", {"r": b"\0\0\1\2"}, 258),
    ],
)
def test_raw(host, name, values, expected):
    assert call(host, f"UTL_RAW.{name}", **values) == expected


def test_raw_errors(host):
    fails(6502, host, "UTL_RAW.SUBSTR", r=b"abc", pos=2, len=3)
    fails(6502, host, "UTL_RAW.COPIES", r=b"abc", n=0)
