"""Stored units, package state and what the interpreter tells of a block; without a database."""

import pytest

from deploy.localdb.errors import OraError
from deploy.localdb.plsql.interpreter import bind_directions
from deploy.localdb.plsql.parser import parse_block, read_header
from deploy.localdb.plsql.syntax import ParameterMode
from deploy.localdb.plsql.values import Cell, Collection
from deploy.localdb.values import SqlType, TypeName
from tests.localdb.plsql.plain_host import PlainHost

SPECIFICATION = """create or replace package counter authid definer is
  c_step constant pls_integer := 2;
  e_full exception;
  pragma exception_init(e_full, -20005);
  procedure add(p_n in number default 1);
  function total return number;
  procedure fail;
end counter;"""
BODY = """create or replace package body counter is
  g_total number := 0;
  procedure add(p_n in number default 1) is
  begin
    g_total := g_total + p_n * c_step;
  end add;
  function total return number is
  begin
    return g_total;
  end total;
  procedure fail is
  begin
    raise e_full;
  end fail;
begin
  g_total := 100;
end counter;"""
NUMBER = SqlType(TypeName.NUMBER)
TEXT = SqlType(TypeName.VARCHAR2, 100)


@pytest.fixture
def host() -> PlainHost:
    return PlainHost()


@pytest.fixture
def counter(host: PlainHost) -> PlainHost:
    assert host.create(SPECIFICATION) == []
    assert host.create(BODY) == []
    return host


def test_a_package_keeps_its_state_between_calls(counter):
    counter.run("begin counter.add; end;")

    assert counter.run("begin counter.add(3); dbms_output.put_line(owner.counter.total); end;") == [
        "108"
    ]


def test_each_session_has_its_own_state(counter):
    other = PlainHost()
    other.units = counter.units
    counter.run("begin counter.add; end;")

    assert other.run("begin dbms_output.put_line(counter.total); end;") == ["100"]


def test_reset_starts_packages_anew(counter):
    counter.run("begin counter.add; end;")
    counter.interpreter.reset_packages()

    assert counter.run("begin dbms_output.put_line(counter.total); end;") == ["100"]


def test_the_stack_names_units_and_their_lines(counter):
    assert counter.fails("begin\n  null;\n  counter.fail;\nend;").splitlines() == [
        "ORA-20005: ",
        'ORA-06512: at "OWNER.COUNTER", line 13',
        "ORA-06512: at line 3",
    ]


def test_an_exception_of_a_package_is_caught_by_its_name(counter):
    block = (
        "begin counter.fail; exception when counter.e_full then dbms_output.put_line('full'); end;"
    )

    assert counter.run(block) == ["full"]


def test_a_changed_package_discards_its_state_once(counter):
    counter.run("begin counter.add; end;")
    counter.create(BODY.replace("100", "500"))

    assert counter.fails("begin counter.add; end;").startswith("ORA-04068: ")
    assert counter.run("begin dbms_output.put_line(counter.total); end;") == ["500"]


def test_callers_follow_a_changed_specification(counter):
    block = "begin dbms_output.put_line(counter.c_step); end;"
    assert counter.run(block) == ["2"]
    counter.interpreter.reset_packages()
    counter.create(SPECIFICATION.replace(":= 2", ":= 7"))

    assert counter.run(block) == ["7"]


def test_a_body_must_define_what_its_specification_declares(host):
    host.create("create package p is procedure a; procedure b; end;")
    errors = host.create("create package body p is procedure a is begin null; end; end;")

    assert errors == [
        "PLS-00323: subprogram or cursor 'B' is declared in a package specification and must be"
        " defined in the package body"
    ]


def test_a_procedure_may_call_itself_and_others_in_a_circle(host):
    host.create("create procedure b(n number) is begin null; end;")
    host.create("create procedure a(n number) is begin if n > 0 then b(n - 1); end if; end;")
    host.create(
        "create or replace procedure b(n number) is begin"
        " if n > 0 then a(n - 1); else dbms_output.put_line('end'); end if; end;"
    )

    assert host.run("begin b(4); end;") == ["end"]


def test_only_named_units_may_use_a_package_that_says_so(host):
    host.create("create package inner_one accessible by (friend) is procedure p; end;")
    host.create(
        "create package body inner_one is procedure p is begin dbms_output.put_line('in'); end; end;"
    )
    assert host.create("create procedure friend is begin inner_one.p; end;") == []

    assert host.run("begin friend; end;") == ["in"]
    assert "PLS-00904: insufficient privilege to access object INNER_ONE" in host.fails(
        "begin inner_one.p; end;"
    )


def test_a_wrong_unit_tells_all_its_errors(host):
    errors = host.create("create procedure p is\nbegin\n  a;\n  b;\nend;")

    assert errors == [
        "PLS-00201: identifier 'A' must be declared",
        "PL/SQL: Statement ignored",
        "PLS-00201: identifier 'B' must be declared",
        "PL/SQL: Statement ignored",
    ]


def test_a_wrong_unit_cannot_be_called(host):
    host.create("create procedure p is begin a; end;")

    assert "PLS-00905: object OWNER.P is invalid" in host.fails("begin p; end;")


def test_a_package_may_be_called_as_a_function_of_standard_is(host):
    host.create("create package log is c number := 5; end;")

    assert host.run("begin dbms_output.put_line(log.c || round(log(2, 8))); end;") == ["53"]


def test_an_autonomous_transaction_is_around_the_call_alone(host):
    host.run(
        "declare procedure p is pragma autonomous_transaction; begin commit; end;"
        " begin rollback; p; savepoint s; rollback to s; end;"
    )

    assert host.log == [
        "rollback", "begin autonomous", "commit", "end autonomous", "savepoint S", "rollback to S",
    ]  # fmt: skip


def test_a_failed_autonomous_transaction_is_ended_as_such(host):
    host.fails(
        "declare procedure p is pragma autonomous_transaction; begin raise value_error; end;"
        " begin p; end;"
    )

    assert host.log == ["begin autonomous", "failed autonomous"]


def test_binds_come_back(host):
    cells = {"A": Cell(4, NUMBER), "B": Cell(None, TEXT)}
    host.interpreter.run_block(parse_block("begin :b := 'x' || :a; :a := :a * 2; end;"), cells)

    assert (cells["A"].value, cells["B"].value) == (8, "x4")


def test_directions_say_which_binds_a_block_sets(host):
    block = parse_block(
        "declare procedure p(i number, o out number, io in out number) is begin o := i; end;"
        " begin p(:i, :o, :io); end;"
    )
    host.interpreter.run_block(block, {n: Cell(1, NUMBER) for n in block.bind_names})

    assert bind_directions(block) == (
        ParameterMode.IN, ParameterMode.OUT, ParameterMode.IN_OUT,
    )  # fmt: skip


def test_arrays_go_in_and_out(host):
    host.create("create package arrays is type t is table of number index by pls_integer; end;")
    given, taken = Cell([1, 2, None], NUMBER, is_array=True), Cell([], NUMBER, is_array=True)
    block = parse_block(
        "declare procedure double(a arrays.t, b out arrays.t) is begin"
        " for i in 1 .. a.count loop b(i) := a(i) * 2; end loop; end;"
        " begin double(:a, :b); end;"
    )
    host.interpreter.run_block(block, {"A": given, "B": taken})

    assert taken.value == [2, 4, None]


def test_the_same_block_fits_binds_of_another_type(host):
    block = parse_block("begin dbms_output.put_line(:x + 1); end;")
    for cell in (Cell(1, NUMBER), Cell("1", TEXT)):
        host.run("begin null; end;")
        host.interpreter.run_block(block, {"X": cell})

        assert host.lines() == ["2"]


def test_a_block_is_compiled_once_for_texts_of_any_length(host):
    block = parse_block("begin :x := :x || 'b'; end;")
    for size in (2, 3, 4):
        host.interpreter.run_block(block, {"X": Cell("a", SqlType(TypeName.VARCHAR2, size))})

    assert len(block.compiled) == 1


def test_a_text_that_is_longer_than_the_clients_buffer_is_refused(host):
    block = parse_block("begin :x := 'abc'; end;")

    with pytest.raises(OraError, match=r"ORA-06502.*buffer too small"):
        host.interpreter.run_block(block, {"X": Cell(None, SqlType(TypeName.VARCHAR2, 2))})


def test_endless_loops_and_calls_let_others_run(host):
    host.run("begin for i in 1 .. 100000 loop null; end loop; end;")
    turns = host.turns
    host.run(
        "declare procedure p is begin null; end;"
        " begin for i in 1 .. 100 loop for j in 1 .. 100 loop p; end loop; end loop; end;"
    )

    assert turns > 100
    assert host.turns - turns > 100


def test_endless_recursion_is_an_error(host):
    error = host.fails("declare procedure p is begin p; end; begin p; end;")

    assert error.startswith("ORA-06500: PL/SQL: storage error")
    assert host.run("begin dbms_output.put_line('alive'); end;") == ["alive"]


def test_units_are_described_for_the_dictionary(counter):
    unit = counter.units["OWNER", "COUNTER", "PACKAGE"]
    add, total, _ = counter.interpreter.describe(unit)

    assert (add.name, add.parameters[0].name, add.parameters[0].defaulted) == ("ADD", "P_N", True)
    assert total.returns is not None
    assert total.returns.data_type == "NUMBER"


def test_a_function_is_evaluated_for_sql(counter):
    assert counter.interpreter.evaluate("counter.total + 1") == 101


def test_headers_are_read_from_texts_that_do_not_parse():
    header = read_header('create or replace editionable package body "Odd".x is begin')

    assert header is not None
    assert (header.kind, header.owner, header.name) == ("PACKAGE BODY", "Odd", "X")


def test_a_nested_table_is_null_until_it_is_made(host):
    host.create("create package lists is type t is table of number; l t; end;")
    with pytest.raises(OraError, match="ORA-06531"):
        host.run("begin lists.l(1) := 1; end;")

    host.run("begin lists.l := lists.t(5); end;")
    value = host.interpreter.instance(("OWNER", "LISTS")).frame[-1]

    assert isinstance(value, Collection)
    assert list(value) == [5]
