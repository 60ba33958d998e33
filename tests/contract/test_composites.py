"""Records and collections as arguments and results: JSON objects and lists outside."""

import re
from typing import Any

import oracledb
import pytest

from deploy.stack import Stack
from tests.client import JobClient

_TABLE = """create table contract_people (
  id number, name varchar2(30 char), born date, rate number(38, 10), notes clob
)"""
_VIEW = """create or replace view contract_people_known as
select id, name, born, rate from contract_people"""
_SPECIFICATION = """create or replace package contract_composites is
  type t_pair is record (
    a number,
    b varchar2(20) := 'unset',
    c date,
    d boolean,
    e timestamp with time zone,
    f timestamp,
    g raw(4),
    h interval day to second,
    i pls_integer,
    j nvarchar2(10)
  );
  type t_numbers is table of number;
  type t_few is varray(3) of varchar2(10);
  type t_flags is table of boolean index by pls_integer;
  type t_times is table of timestamp with time zone;
  type t_pairs is table of t_pair index by pls_integer;
  type t_people is table of contract_people_known%rowtype;
  type t_rows is table of contract_people%rowtype;
  type t_required is table of pls_integer not null;
  type t_couple is varray(2) of t_pair;
  type t_by_name is table of number index by varchar2(20);
  type t_texts is table of clob;
  type t_outer is record (id number, pair t_pair);
  type t_lists is table of t_numbers;

  procedure echo_pair(p_pair in t_pair, p_out out t_pair);
  procedure raise_pair(p_pair in out t_pair);
  function make_pair(p_a number) return t_pair;
  procedure echo_numbers(p_in in t_numbers, p_out out t_numbers, p_said out varchar2);
  procedure grow(p_numbers in out t_numbers);
  procedure gaps(p_out out t_numbers);
  procedure many(p_count number, p_out out t_numbers);
  procedure few(p_few in out t_few);
  procedure flip(p_flags in out t_flags);
  procedure later(p_times in out t_times);
  procedure echo_pairs(p_in in t_pairs, p_out out t_pairs);
  function people(p_people t_people) return t_people;
  procedure rows_too(p_rows t_rows);
  procedure require(p_values in out t_required);
  procedure swap(p_couple in out t_couple);
  procedure add_up(p_amounts in out t_by_name, p_sum out number);
  procedure take_row(p_row in contract_people%rowtype, p_said out varchar2);
  procedure give_row(p_row out contract_people%rowtype);
  procedure list_of_schema(p_list in out contract_list);
  procedure take_texts(p_texts t_texts);
  procedure take_outer(p_outer t_outer);
  procedure take_lists(p_lists t_lists);
  procedure either(p_value t_pair, p_said out varchar2);
  procedure either(p_value t_numbers, p_said out varchar2);
end contract_composites;"""
_BODY = """create or replace package body contract_composites is
  procedure echo_pair(p_pair in t_pair, p_out out t_pair) is
  begin
    p_out := p_pair;
  end echo_pair;

  procedure raise_pair(p_pair in out t_pair) is
  begin
    p_pair.a := p_pair.a + 1;
    p_pair.b := p_pair.b || '!';
    p_pair.d := not p_pair.d;
  end raise_pair;

  function make_pair(p_a number) return t_pair is
    l_pair t_pair;
  begin
    l_pair.a := p_a;
    return l_pair;
  end make_pair;

  procedure echo_numbers(p_in in t_numbers, p_out out t_numbers, p_said out varchar2) is
  begin
    p_out := p_in;
    p_said := case when p_in is null then 'null' else to_char(p_in.count) end;
  end echo_numbers;

  procedure grow(p_numbers in out t_numbers) is
  begin
    p_numbers.extend;
    p_numbers(p_numbers.last) := 12345678901234567890123456789012345678;
  end grow;

  procedure gaps(p_out out t_numbers) is
  begin
    p_out := t_numbers(1, 2, 3);
    p_out.delete(2);
  end gaps;

  procedure many(p_count number, p_out out t_numbers) is
  begin
    p_out := t_numbers();
    p_out.extend(p_count);
  end many;

  procedure few(p_few in out t_few) is
  begin
    p_few.extend;
    p_few(p_few.count) := 'last';
  end few;

  procedure flip(p_flags in out t_flags) is
  begin
    for i in 1 .. p_flags.count loop
      p_flags(i) := not p_flags(i);
    end loop;
  end flip;

  procedure later(p_times in out t_times) is
  begin
    for i in 1 .. p_times.count loop
      p_times(i) := p_times(i) + interval '1' hour;
    end loop;
  end later;

  procedure echo_pairs(p_in in t_pairs, p_out out t_pairs) is
  begin
    p_out := p_in;
  end echo_pairs;

  function people(p_people t_people) return t_people is
    l_people t_people := p_people;
  begin
    for i in 1 .. l_people.count loop
      l_people(i).name := upper(l_people(i).name);
    end loop;
    return l_people;
  end people;

  procedure rows_too(p_rows t_rows) is
  begin
    null;
  end rows_too;

  procedure require(p_values in out t_required) is
  begin
    p_values.delete(2);
  end require;

  procedure swap(p_couple in out t_couple) is
    l_first t_pair := p_couple(1);
  begin
    p_couple(1) := p_couple(2);
    p_couple(2) := l_first;
  end swap;

  procedure add_up(p_amounts in out t_by_name, p_sum out number) is
    l_name varchar2(20) := p_amounts.first;
  begin
    p_sum := 0;
    while l_name is not null loop
      p_sum := p_sum + p_amounts(l_name);
      l_name := p_amounts.next(l_name);
    end loop;
    p_amounts('sum') := p_sum;
  end add_up;

  procedure take_row(p_row in contract_people%rowtype, p_said out varchar2) is
  begin
    p_said := p_row.id || ' ' || p_row.name || ' ' || to_char(p_row.born, 'YYYY-MM-DD') || ' '
      || length(p_row.notes);
  end take_row;

  procedure give_row(p_row out contract_people%rowtype) is
  begin
    p_row.id := 7;
    p_row.rate := 1234567890123456789012345678.0123456789;
    p_row.notes := 'long';
  end give_row;

  procedure list_of_schema(p_list in out contract_list) is
  begin
    p_list.extend;
    p_list(p_list.count) := 'end';
  end list_of_schema;

  procedure take_texts(p_texts t_texts) is
  begin
    null;
  end take_texts;

  procedure take_outer(p_outer t_outer) is
  begin
    null;
  end take_outer;

  procedure take_lists(p_lists t_lists) is
  begin
    null;
  end take_lists;

  procedure either(p_value t_pair, p_said out varchar2) is
  begin
    p_said := 'record';
  end either;

  procedure either(p_value t_numbers, p_said out varchar2) is
  begin
    p_said := 'list';
  end either;
end contract_composites;"""

_EMPTY = dict.fromkeys("ABCDEFGHIJ")
_PACKAGE = "CONTRACT_COMPOSITES"


@pytest.fixture(scope="module", autouse=True)
def package(stack: Stack) -> None:
    owner = stack.database
    with (
        oracledb.connect(user=owner.user, password=owner.password, dsn=owner.dsn) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("select count(*) from user_tables where table_name = 'CONTRACT_PEOPLE'")
        if cursor.fetchone() == (0,):
            cursor.execute(_TABLE)
        cursor.execute(_VIEW)
        cursor.execute("create or replace type contract_list as table of varchar2(20)")
        cursor.execute(_SPECIFICATION)
        cursor.execute(_BODY)
        cursor.execute("select line, text from user_errors where name = :1", [_PACKAGE])
        assert cursor.fetchall() == []


def run(client: JobClient, name: str, params: dict[str, object], *out: str) -> Any:
    job = client.run(f"{_PACKAGE}.{name}", params, dict.fromkeys(out))
    assert job["status"] == "completed", job
    return job["result"]


def run_function(client: JobClient, name: str, params: dict[str, object]) -> Any:
    job = client.run(f"{_PACKAGE}.{name}", params, isFunction=True)
    assert job["status"] == "completed", job
    return job["result"]["return_value"]


def failure(client: JobClient, name: str, params: dict[str, object]) -> str:
    job = client.run(f"{_PACKAGE}.{name}", params)
    assert job["status"] == "failed", job
    return str(job["error"])


def test_a_record_is_an_object_with_every_scalar_type(client: JobClient) -> None:
    pair = {
        "a": 12345678901234567890123456789012345678,
        "B": "ñ'--;",
        "c": "2026-03-04T05:06:07",
        "d": True,
        "e": "2026-03-04T05:06:07.123456+02:00",
        "f": "2026-03-04T05:06:07.123456",
        "g": "00ff",
        "h": "+01 02:03:04.5",
        "i": 42,
        "j": "naïve",
    }

    echoed = run(client, "ECHO_PAIR", {"p_pair": pair}, "p_out")["p_out"]

    assert re.fullmatch(r"\+0*1 02:03:04\.50*", echoed.pop("H"))
    assert echoed == {
        "A": 12345678901234567890123456789012345678,
        "B": "ñ'--;",
        "C": "2026-03-04T05:06:07",
        "D": True,
        "E": "2026-03-04T03:06:07.123456Z",
        "F": "2026-03-04T05:06:07.123456",
        "G": "00FF",
        "I": 42,
        "J": "naïve",
    }


def test_an_attribute_that_is_not_named_keeps_its_default(client: JobClient) -> None:
    assert run(client, "ECHO_PAIR", {"p_pair": {}}, "p_out") == {"p_out": _EMPTY | {"B": "unset"}}
    assert run(client, "ECHO_PAIR", {"p_pair": None}, "p_out") == {"p_out": _EMPTY | {"B": "unset"}}
    assert run(client, "ECHO_PAIR", {"p_pair": {"b": None}}, "p_out") == {"p_out": _EMPTY}


def test_a_record_goes_in_and_comes_out(client: JobClient) -> None:
    value = {"a": 1.5, "b": "x", "d": False}

    job = client.run(f"{_PACKAGE}.RAISE_PAIR", {"p_pair": value})

    assert job["result"] == {"p_pair": _EMPTY | {"A": 2.5, "B": "x!", "D": True}}


def test_functions_return_composites(client: JobClient) -> None:
    people = [{"id": 1, "name": "ana"}, {"name": "luis", "born": "1990-01-02"}]

    assert run_function(client, "MAKE_PAIR", {"p_a": 3}) == _EMPTY | {"A": 3, "B": "unset"}
    assert run_function(client, "PEOPLE", {"p_people": people}) == [
        {"ID": 1, "NAME": "ANA", "BORN": None, "RATE": None},
        {"ID": None, "NAME": "LUIS", "BORN": "1990-01-02T00:00:00", "RATE": None},
    ]
    assert run_function(client, "PEOPLE", {"p_people": []}) == []


@pytest.mark.parametrize(
    ("value", "said"),
    [([1, None, 2.5, 12345678901234567890123456789012345678], "4"), ([], "0"), (None, "null")],
)
def test_a_nested_table_is_a_list(client: JobClient, value: object, said: str) -> None:
    result = run(client, "ECHO_NUMBERS", {"p_in": value}, "p_out", "p_said")

    assert result == {"p_out": value, "p_said": said}


def test_collections_go_in_and_come_out(client: JobClient) -> None:
    grown = run(client, "GROW", {"p_numbers": [1]})
    flags = run(client, "FLIP", {"p_flags": [True, None, False]})
    times = run(client, "LATER", {"p_times": ["2026-01-02T03:04:05.000006+01:00", None]})
    listed = run(client, "LIST_OF_SCHEMA", {"p_list": ["ñ"]})
    sums = run(client, "ADD_UP", {"p_amounts": {"x": 1, "Y": 2.5}}, "p_sum")

    assert grown == {"p_numbers": [1, 12345678901234567890123456789012345678]}
    assert flags == {"p_flags": [False, None, True]}
    assert times == {"p_times": ["2026-01-02T03:04:05.000006Z", None]}
    assert listed == {"p_list": ["ñ", "end"]}
    assert sums == {"p_amounts": {"x": 1, "Y": 2.5, "sum": 3.5}, "p_sum": 3.5}


def test_elements_may_be_not_null_and_records_stand_in_varrays(client: JobClient) -> None:
    couple = [{"a": 1, "b": None}, {"a": 2, "e": "2026-01-02T03:04:05Z"}]

    required = run(client, "REQUIRE", {"p_values": [1, 2, 3]})
    swapped = run(client, "SWAP", {"p_couple": couple})["p_couple"]

    assert required == {"p_values": [1, 3]}
    assert swapped == [
        _EMPTY | {"A": 2, "B": "unset", "E": "2026-01-02T03:04:05Z"},
        _EMPTY | {"A": 1, "B": None},
    ]


def test_a_text_is_json_where_no_text_is_wanted(client: JobClient) -> None:
    assert run(client, "GROW", {"p_numbers": "[1]"})["p_numbers"][0] == 1
    assert run(client, "RAISE_PAIR", {"p_pair": '{"a": 1}'})["p_pair"]["A"] == 2
    assert "JSON list" in failure(client, "GROW", {"p_numbers": "[1"})


def test_gaps_are_closed_and_long_collections_are_cut_and_named(client: JobClient) -> None:
    many = run(client, "MANY", {"p_count": 10_001}, "p_out")

    assert run(client, "GAPS", {}, "p_out") == {"p_out": [1, 3]}
    assert len(many["p_out"]) == 10_000
    assert many["_truncated"] == ["p_out"]


def test_a_varray_has_its_limit(client: JobClient) -> None:
    assert run(client, "FEW", {"p_few": ["a", "b"]}) == {"p_few": ["a", "b", "last"]}
    error = failure(client, "FEW", {"p_few": ["a", "b", "c", "d"]})
    assert "at most 3 elements" in error
    assert "p_few" in error
    assert "ORA-06532" in failure(client, "FEW", {"p_few": ["a", "b", "c"]})


def test_a_collection_of_records_is_a_list_of_objects(client: JobClient) -> None:
    pairs = [{"a": 1, "d": True}, {"a": 2, "e": "2026-01-02T03:04:05Z"}, {}, None]

    echoed = run(client, "ECHO_PAIRS", {"p_in": pairs}, "p_out")["p_out"]

    assert echoed == [
        _EMPTY | {"A": 1, "B": "unset", "D": True},
        _EMPTY | {"A": 2, "B": "unset", "E": "2026-01-02T03:04:05Z"},
        _EMPTY | {"B": "unset"},
        _EMPTY | {"B": "unset"},
    ]


def test_a_tables_row_is_a_record(client: JobClient) -> None:
    row = {"id": 1, "name": "ñandú", "born": "2001-02-03", "notes": "n" * 40_000}

    said = run(client, "TAKE_ROW", {"p_row": row}, "p_said")
    given = run(client, "GIVE_ROW", {}, "p_row")["p_row"]

    assert said == {"p_said": "1 ñandú 2001-02-03 40000"}
    assert given.pop("NOTES") == "long"
    assert str(given.pop("RATE")).startswith("1.23456789012")
    assert given == {"ID": 7, "NAME": None, "BORN": None}


def test_the_overload_is_chosen_by_the_values_form(client: JobClient) -> None:
    assert run(client, "EITHER", {"p_value": {"a": 1}}, "p_said") == {"p_said": "record"}
    assert run(client, "EITHER", {"p_value": [1]}, "p_said") == {"p_said": "list"}


@pytest.mark.parametrize(
    ("name", "params", "parts"),
    [
        ("RAISE_PAIR", {"p_pair": {"a": 1, "z": 2}}, ["PLS-00306", "'z'", "P_PAIR"]),
        ("RAISE_PAIR", {"p_pair": {"a": 1, "A": 2}}, ["PLS-00306", "there twice", "P_PAIR"]),
        ("RAISE_PAIR", {"p_pair": [1]}, ["ORA-06502", "JSON object", "p_pair"]),
        ("RAISE_PAIR", {"p_pair": {"a": "x"}}, ["ORA-06502", "p_pair.A"]),
        ("RAISE_PAIR", {"p_pair": {'a"; delete': 1}}, ["PLS-00306", "P_PAIR"]),
        ("GROW", {"p_numbers": {"a": 1}}, ["ORA-06502", "JSON list", "p_numbers"]),
        ("GROW", {"p_numbers": [1, "x"]}, ["ORA-06502", "p_numbers[2]"]),
        ("ECHO_PAIRS", {"p_in": [1], "p_out": None}, ["ORA-06502", "p_in[1]"]),
        ("TAKE_TEXTS", {"p_texts": []}, ["PLS-00306", "T_TEXTS cannot be passed", "CLOB"]),
        ("ROWS_TOO", {"p_rows": []}, ["PLS-00306", "attribute NOTES is a CLOB", "P_ROWS"]),
        ("TAKE_OUTER", {"p_outer": {}}, ["PLS-00306", "attribute PAIR", "T_PAIR", "P_OUTER"]),
        ("TAKE_LISTS", {"p_lists": []}, ["PLS-00306", "T_NUMBERS", "P_LISTS"]),
    ],
)
def test_what_does_not_fit_fails_and_says_where(
    client: JobClient, name: str, params: dict[str, object], parts: list[str]
) -> None:
    error = failure(client, name, params)

    assert [part for part in parts if part not in error] == []


def test_the_signature_shows_what_a_record_is_made_of(client: JobClient) -> None:
    error = failure(client, "RAISE_PAIR", {"p_pair": {"z": 1}})

    assert "T_PAIR (A NUMBER, B VARCHAR2, C DATE, D PL/SQL BOOLEAN" in error
