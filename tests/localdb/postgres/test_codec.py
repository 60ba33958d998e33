"""Values survive the way to PostgreSQL and back, and keep all their digits."""

import datetime
from decimal import Decimal

import pytest

from deploy.localdb.database import Database, SqlConnection
from deploy.localdb.errors import Unsupported
from deploy.localdb.postgres.codec import encode
from deploy.localdb.values import Date, Lob, YearMonth

pytestmark = pytest.mark.asyncio(loop_scope="module")

_UTC = datetime.UTC


@pytest.mark.parametrize(
    ("type_", "sent", "expected"),
    [
        pytest.param("numeric", 5, 5, id="integer"),
        pytest.param("numeric", 10**39 + 1, 10**39 + 1, id="40 digits"),
        pytest.param("numeric", Decimal("-0.1"), Decimal("-0.1"), id="fraction"),
        pytest.param("numeric", Decimal("1E-30"), Decimal("1E-30"), id="small"),
        pytest.param("numeric", Decimal("1E+30"), 10**30, id="large"),
        pytest.param("numeric(10,2)", 5, 5, id="integral of a scale"),
        pytest.param("numeric", "12", 12, id="number from text"),
        pytest.param("numeric", None, None, id="null"),
        pytest.param("text", "grün\n\t'\\", "grün\n\t'\\", id="text"),
        pytest.param("text", "", None, id="empty text"),
        pytest.param("bytea", b"\0\xff\\", b"\0\xff\\", id="raw"),
        pytest.param("bytea", b"", None, id="empty raw"),
        pytest.param("float8", 0.1, 0.1, id="double"),
        pytest.param("float8", float("inf"), float("inf"), id="infinity"),
        pytest.param("boolean", True, True, id="boolean"),
        pytest.param("ora.date", Date(1, 2, 3, 4, 5, 6), Date(1, 2, 3, 4, 5, 6), id="date"),
        pytest.param(
            "timestamp",
            datetime.datetime.fromisoformat("2026-01-02 03:04:05.678901"),
            datetime.datetime.fromisoformat("2026-01-02 03:04:05.678901"),
            id="timestamp",
        ),
        pytest.param(
            "timestamptz",
            datetime.datetime(2026, 1, 2, 3, 4, 5, 60, _UTC),
            datetime.datetime(2026, 1, 2, 3, 4, 5, 60, _UTC),
            id="timestamp with time zone",
        ),
        pytest.param(
            "interval",
            datetime.timedelta(days=3, seconds=4, microseconds=5),
            datetime.timedelta(days=3, seconds=4, microseconds=5),
            id="interval",
        ),
        pytest.param(
            "interval",
            -datetime.timedelta(days=3, seconds=4, microseconds=5),
            -datetime.timedelta(days=3, seconds=4, microseconds=5),
            id="negative interval",
        ),
        pytest.param("interval year to month", YearMonth(-14), YearMonth(-14), id="months"),
        pytest.param("interval year to month", YearMonth(0), YearMonth(0), id="no months"),
    ],
)
async def test_values_come_back(connection: SqlConnection, type_, sent, expected):
    rows = await connection.read(f"select $1::{type_}", sent)

    assert rows == [(expected,)]
    assert type(rows[0][0]) is type(expected)


@pytest.mark.parametrize(("type_", "data"), [("clob", "text"), ("clob", ""), ("blob", b"\0\1")])
async def test_lobs_are_those_of_a_table(connection: SqlConnection, type_, data):
    ((found,),) = await connection.read(f"select $1::ora.{type_}", Lob(data))

    assert isinstance(found, Lob)
    assert (found.data, found.temporary) == (data, False)


async def test_a_date_has_a_type_of_its_own(database: Database):
    assert database.codec.own.date


async def test_what_sql_does_not_have_is_refused():
    with pytest.raises(Unsupported):
        encode(object())


async def test_a_null_character_is_refused():
    with pytest.raises(Unsupported, match=r"U\+0000"):
        encode("a\0b")
