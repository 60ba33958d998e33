"""Which argument takes which parameter, and the text of the call."""

from dataclasses import replace

import pytest

from sql.call import CallMismatch, Parameter, parse_parameters, plan_call
from sql.composite_call import capacity
from sql.composites import read_types
from sql.errors import DatabaseError
from sql.signature import Argument, Mode, Procedure, Signature, read_procedure
from sql.values import Kind


def argument(
    name: str, position: int, mode: Mode = Mode.IN, kind: str = "VARCHAR2", default: bool = False
) -> Argument:
    return Argument(name, position, mode, kind, default)


def procedure(*signatures: Signature) -> Procedure:
    return Procedure("O", None, "P", signatures)


def signature(*arguments: Argument, result: str | None = None) -> Signature:
    returned = Argument(None, 0, Mode.OUT, result) if result else None
    return Signature("O", None, "P", arguments, returned)


TWO = procedure(signature(argument("P_IN", 1), argument("P_OUT", 2, Mode.OUT, "NUMBER")))


def given(*names: str, **values: object) -> list[Parameter]:
    return [Parameter(name) for name in names]


def test_names_are_matched_without_regard_to_order_and_case() -> None:
    call = plan_call(TWO, given("p_out", "p_in"))

    assert call.text == '"O"."P"("P_IN" => :a0, "P_OUT" => :a1);'
    assert [slot.parameter.name for slot in call.slots] == ["p_in", "p_out"]


def test_foreign_names_go_by_position() -> None:
    call = plan_call(TWO, given("x", "y"))

    assert call.text == '"O"."P"("P_IN" => :a0, "P_OUT" => :a1);'
    assert [slot.parameter.name for slot in call.slots] == ["x", "y"]


@pytest.mark.parametrize("names", [["p_in", "y"], ["p_in"], ["x"], [], ["p_in", "p_out", "z"]])
def test_what_fits_no_way_is_pls_00306_with_the_signature(names: list[str]) -> None:
    with pytest.raises(CallMismatch) as caught:
        plan_call(TWO, given(*names))

    assert caught.value.code == "PLS-00306"
    assert "P(P_IN IN VARCHAR2, P_OUT OUT NUMBER)" in caught.value.hint


@pytest.mark.parametrize(
    ("data_type", "length", "elements"), [("NUMBER", "22", 10_000), ("VARCHAR2", "4000", 2097)]
)
def test_fewer_long_texts_come_back(data_type: str, length: str, elements: int) -> None:
    of_type = ["", "", data_type, "", length, "TABLE", "", ""]
    found = read_types(['"'.join(["C", "O", "P", "T", *of_type])])

    assert capacity(found["O", "P", "T"]) == elements


def test_defaults_may_be_left_out() -> None:
    target = procedure(signature(argument("A", 1), argument("B", 2, default=True)))

    assert plan_call(target, given("a")).text == '"O"."P"("A" => :a0);'
    assert plan_call(target, given("x")).text == '"O"."P"("A" => :a0);'


def test_a_procedure_without_arguments_has_no_brackets() -> None:
    assert plan_call(procedure(signature()), []).text == '"O"."P";'


def test_a_quoted_argument_is_named_exactly() -> None:
    target = procedure(signature(argument("Mixed", 1)))

    assert plan_call(target, given("Mixed")).text == '"O"."P"("Mixed" => :a0);'


@pytest.mark.parametrize(
    ("parameters", "result_name"),
    [
        ([Parameter("n"), Parameter("out", direction="OUT")], "out"),
        ([Parameter("RETURN_VALUE", direction="OUT"), Parameter("n")], "RETURN_VALUE"),
        ([Parameter("n")], "return_value"),
    ],
)
def test_a_function_has_its_result_in_a_parameter(
    parameters: list[Parameter], result_name: str
) -> None:
    target = procedure(signature(argument("N", 1), result="NUMBER"))

    call = plan_call(target, parameters, is_function=True)

    assert call.text == ':a0 := "O"."P"("N" => :a1);'
    assert call.slots[0].parameter.name == result_name
    assert call.slots[0].kind is Kind.NUMBER


def test_a_function_is_known_by_the_dictionary_as_well() -> None:
    target = procedure(signature(argument("N", 1), result="NUMBER"))

    assert plan_call(target, given("n")).text == ':a0 := "O"."P"("N" => :a1);'


def test_overloads_are_chosen_by_names_then_by_types() -> None:
    text = signature(argument("A", 1))
    number = signature(argument("A", 1, kind="NUMBER"))
    other = signature(argument("B", 1))
    target = procedure(text, number, other)

    assert plan_call(target, [Parameter("b", "x")]).text == '"O"."P"("B" => :a0);'
    assert plan_call(target, [Parameter("a", 1)]).slots[0].kind is Kind.NUMBER
    assert plan_call(target, [Parameter("a", "1")]).slots[0].kind is Kind.STRING


def test_overloads_that_fit_alike_are_refused() -> None:
    target = procedure(signature(argument("A", 1)), signature(argument("A", 1, kind="CLOB")))

    with pytest.raises(CallMismatch) as caught:
        plan_call(target, [Parameter("a")])

    assert caught.value.code == "PLS-00307"


@pytest.mark.parametrize(
    ("data_type", "wanted", "kind"),
    [
        ("NUMBER", None, Kind.NUMBER),
        ("NUMBER", "STRING", Kind.STRING),
        ("CLOB", "STRING", Kind.CLOB),
        ("REF CURSOR", "STRING", Kind.CURSOR),
        ("VARCHAR2", "CURSOR", Kind.STRING),
        ("PL/SQL BOOLEAN", "NUMBER", Kind.BOOLEAN),
    ],
)
def test_a_clients_type_counts_where_plsql_converts(
    data_type: str, wanted: str | None, kind: Kind
) -> None:
    target = procedure(signature(argument("A", 1, Mode.OUT, data_type)))

    assert plan_call(target, [Parameter("a", type=wanted)]).slots[0].kind is kind


def test_a_record_cannot_be_passed() -> None:
    target = procedure(signature(argument("A", 1, kind="PL/SQL RECORD")))

    with pytest.raises(CallMismatch, match="PL/SQL RECORD cannot be passed"):
        plan_call(target, given("a"))


@pytest.mark.parametrize(
    ("element", "parameter", "kind"),
    [
        ("DATE", Parameter("a", ["2026-01-01"]), Kind.DATE),
        ("DATE", Parameter("a", type="NUMBER"), Kind.DATE),
        (None, Parameter("a", [1, None, 2.5]), Kind.NUMBER),
        (None, Parameter("a", ["x", None]), Kind.STRING),
        (None, Parameter("a", ["2026-01-01"], type="DATE"), Kind.DATE),
        (None, Parameter("a", type="NUMBER"), Kind.NUMBER),
        # Not to be known, or not to be passed.
        (None, Parameter("a", []), None),
        (None, Parameter("a", [1, "x"]), None),
        ("BFILE", Parameter("a", [1]), None),
        ("CLOB", Parameter("a", ["x"]), None),
    ],
)
def test_an_arrays_elements_are_of_one_kind(
    element: str | None, parameter: Parameter, kind: Kind | None
) -> None:
    array = argument("A", 1, kind="PL/SQL TABLE")
    if element:
        of_type = ["", "", element, "", "", "PL/SQL INDEX TABLE", "", "BINARY_INTEGER"]
        line = '"'.join(["C", "O", "P", "T", *of_type])
        array = replace(array, composite=read_types([line])["O", "P", "T"])
    target = procedure(signature(array))
    if kind is None:
        with pytest.raises(CallMismatch, match=r"elements? "):
            plan_call(target, [parameter])
        return

    assert plan_call(target, [parameter]).slots[0].kind is kind


def test_only_what_outlives_a_call_makes_it_less_than_plain() -> None:
    def is_plain(kind: str, mode: Mode) -> bool:
        return plan_call(procedure(signature(argument("A", 1, mode, kind))), given("a")).is_plain

    assert is_plain("NUMBER", Mode.OUT)
    assert is_plain("CLOB", Mode.IN)
    assert not is_plain("CLOB", Mode.OUT)
    assert not is_plain("BLOB", Mode.IN)
    assert not is_plain("REF CURSOR", Mode.OUT)


def test_stored_parameters_are_an_array_or_an_object() -> None:
    stored = '[{"name":"a","value":1,"direction":"in/out","type":"number"},{"name":"b"}]'

    assert parse_parameters(stored) == [Parameter("a", 1, "INOUT", "NUMBER"), Parameter("b")]
    assert parse_parameters('{"a":1}') == [Parameter("a", 1)]
    assert parse_parameters(None) == []


@pytest.mark.parametrize("text", ["x", "1", "[1]", '[{"value":1}]'])
def test_other_stored_parameters_are_an_error(text: str) -> None:
    with pytest.raises(DatabaseError, match="ORA-40441"):
        parse_parameters(text)


def test_dictionary_rows_become_overloads() -> None:
    rows = [
        (1, 1, "A", "IN", "VARCHAR2", "VARCHAR2", "N"),
        (1, 2, "B", "IN/OUT", "NUMBER", "NUMBER", "Y"),
        (2, 0, None, "OUT", "NUMBER", "NUMBER", "N"),
        (3, None, None, None, None, None, None),
    ]

    found = read_procedure("O", "PKG", "P", [(*row, None, None, None, "N") for row in rows])

    first, second, third = found.signatures
    assert [(a.name, a.mode, a.defaulted) for a in first.arguments] == [
        ("A", Mode.IN, False),
        ("B", Mode.IN_OUT, True),
    ]
    assert second.result is not None
    assert third.arguments == ()
    assert first.names == ("O", "PKG", "P")
