"""The `oraq` command: what it prints, and its exit codes."""

import json
import re

import pytest

from deploy.stack import Stack
from tests.client import JobClient

SECONDS = 30


def test_submit_prints_the_id(stack: Stack, client: JobClient) -> None:
    done = stack.run(["submit", "PROC_TEST", "p_input=x", "p_output:out"], seconds=SECONDS)

    job_id = done.stdout.strip()
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"[0-9a-f]{32}", job_id)
    assert client.wait(job_id)["result"] == {"p_output": "Procesado: x"}


def test_submit_can_wait_for_the_result(stack: Stack) -> None:
    arguments = ["submit", "PROC_TEST", "p_input=ñ", "p_output:out", "--wait", "--json"]

    done = stack.run(arguments, seconds=SECONDS)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["result"] == {"p_output": "Procesado: ñ"}


def test_a_failed_job_is_exit_code_1(stack: Stack) -> None:
    done = stack.run(["submit", "PROC_TEST_ERROR", "p_should_fail=1", "--wait"], seconds=SECONDS)

    assert done.returncode == 1
    assert "ORA-20001" in done.stdout


def test_jobs_lists_what_is_asked_for(stack: Stack, client: JobClient) -> None:
    good = client.run("PROC_TEST_DEMORA", {"segundos": 0})["id"]
    bad = client.run("PROC_TEST_ERROR", {"p_should_fail": 1})["id"]

    done = stack.run(["jobs", "failed"], seconds=SECONDS)

    assert done.returncode == 0, done.stderr
    assert bad in done.stdout
    assert good not in done.stdout


def test_job_shows_one(stack: Stack, client: JobClient) -> None:
    job_id = client.run("PROC_TEST_DEMORA", {"segundos": 0})["id"]

    done = stack.run(["job", job_id, "--json"], seconds=SECONDS)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["status"] == "completed"


def test_an_unknown_job_is_exit_code_4(stack: Stack) -> None:
    for command in ("job", "cancel", "retry", "delete"):
        done = stack.run([command, "0" * 32], seconds=SECONDS)

        assert done.returncode == 4, command
        assert done.stderr.count("\n") == 1


def test_cleanup_says_how_many(stack: Stack) -> None:
    done = stack.run(["cleanup", "--days", "3650"], seconds=SECONDS)

    assert done.returncode == 0, done.stderr
    assert done.stdout == "0 jobs deleted\n"


def test_a_missing_setting_is_named_and_exit_code_2(stack: Stack) -> None:
    done = stack.run(["jobs"], seconds=SECONDS, ORACLE_USER="")

    assert done.returncode == 2
    assert done.stderr == "oraq: ORACLE_USER is not set\n"


def test_a_wrong_password_is_one_line_without_it(stack: Stack) -> None:
    done = stack.run(["jobs"], seconds=SECONDS, ORACLE_PASSWORD="sup3rsecret")

    assert done.returncode == 1
    assert "ORA-01017" in done.stderr
    assert done.stderr.count("\n") == 1
    assert "sup3rsecret" not in done.stderr


def test_a_database_that_is_away_is_exit_code_3(stack: Stack) -> None:
    done = stack.run(["jobs"], seconds=SECONDS, ORACLE_DSN="127.0.0.1:1/NONE")

    assert done.returncode == 3
    assert done.stderr.count("\n") == 1


def test_health_finds_nothing_wrong(stack: Stack) -> None:
    done = stack.run(["health"], seconds=SECONDS)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "arguments",
    [("cleanup", "--days", "x"), ("jobs", "--limit", "x"), ("api", "--port", "x")],
    ids=lambda arguments: arguments[0],
)
def test_an_argument_that_is_no_number_is_named_and_exit_code_2(
    stack: Stack, arguments: tuple[str, ...]
) -> None:
    done = stack.run(arguments, seconds=SECONDS)

    assert done.returncode == 2
    assert f"{arguments[1]}: no " in done.stderr
