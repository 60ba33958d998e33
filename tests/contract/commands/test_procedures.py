"""`oraq procedures`: the allow list, which also holds those who submit with `oraq`."""

import json
from collections.abc import Iterator

import pytest

from deploy.stack import Stack
from tests.client import JobClient

SECONDS = 30


@pytest.fixture(autouse=True)
def emptied(stack: Stack) -> Iterator[None]:
    yield
    listed = json.loads(stack.run(["procedures", "--json"], seconds=SECONDS).stdout)["procedures"]
    for rule in listed:
        name, user = rule["procedure_name"], rule["submitted_by"]
        stack.run(["procedures", "remove", name, "--user", user], seconds=SECONDS)


def test_an_empty_list_is_explained(stack: Stack) -> None:
    done = stack.run(["procedures"], seconds=SECONDS)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("The list is empty: the owner may submit everything")


def test_only_what_is_allowed_may_be_submitted(stack: Stack, client: JobClient) -> None:
    allowed = stack.run(["procedures", "allow", "proc_test"], seconds=SECONDS)

    good = stack.run(["submit", "PROC_TEST", "p_input=x", "p_output:out"], seconds=SECONDS)
    bad = stack.run(["submit", "PROC_TEST_DEMORA", "segundos=0"], seconds=SECONDS)

    assert allowed.stdout == (
        "PROC_TEST is allowed\nFrom now on everybody may submit only what is on the list.\n"
    )
    assert good.returncode == 0, good.stderr
    assert bad.returncode == 1
    assert bad.stderr == (
        "oraq: PROC_TEST_DEMORA was refused: the allow list does not have it for this user "
        "(oraq procedures)\n"
    )


def test_changes_of_the_list_are_told_to_programs_too(stack: Stack) -> None:
    def run(*arguments: str) -> object:
        done = stack.run(["procedures", *arguments, "--json"], seconds=SECONDS)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    rule = {"procedure_name": "PROC_TEST", "submitted_by": "*"}
    limits = {"timeout_seconds": 300, "max_attempts": None}
    assert run("allow", "proc_test", "--time-limit", "5m") == rule | limits | {"new": True}
    # What is not named stays.
    assert run("limit", "proc_test", "--max-attempts", "3") == rule | limits | {"max_attempts": 3}
    assert run("limit", "proc_test", "--max-attempts", "any") == rule | limits
    assert run("list") == {"procedures": [rule | limits]}
    assert run("remove", "proc_test") == rule | {"removed": True, "list_is_empty": True}


def test_a_limit_holds_for_submissions(stack: Stack) -> None:
    stack.run(["procedures", "allow", "*"], seconds=SECONDS)
    arguments = ["procedures", "limit", "*", "--time-limit", "90", "--max-attempts", "2"]
    limited = stack.run(arguments, seconds=SECONDS)
    shown = stack.run(["procedures", "list"], seconds=SECONDS)

    submit = ["submit", "PROC_TEST_DEMORA", "segundos=0", "--max-attempts", "9", "--wait", "--json"]
    done = stack.run(submit, seconds=SECONDS)

    assert limited.stdout == "everything: time limit 1m 30s, attempts 2\n"
    assert shown.stdout.split("\n")[1].split() == ["*", "*", "1m", "30s", "2"]
    assert json.loads(done.stdout)["max_attempts"] == 2


@pytest.mark.parametrize("action", ["limit", "remove"])
def test_what_is_not_on_the_list_is_exit_code_4(stack: Stack, action: str) -> None:
    done = stack.run(["procedures", action, "s.p", "--user", "scott"], seconds=SECONDS)

    assert done.returncode == 4
    assert done.stderr == "oraq: S.P by SCOTT is not on the list\n"


def test_a_name_that_is_none_is_wrong_usage(stack: Stack) -> None:
    done = stack.run(["procedures", "allow", "1x"], seconds=SECONDS)

    assert done.returncode == 2
