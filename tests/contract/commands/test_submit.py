"""`oraq submit`: one call, many from a file, and what is refused before anything is submitted."""

import json
import re
from pathlib import Path

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
    assert done.stderr == ""


def test_a_failed_job_is_exit_code_1(stack: Stack) -> None:
    done = stack.run(["submit", "PROC_TEST_ERROR", "p_should_fail=1", "--wait"], seconds=SECONDS)

    assert done.returncode == 1
    assert "ORA-20001" in done.stdout


def test_the_options_reach_the_job(stack: Stack) -> None:
    arguments = ["submit", "PROC_TEST_DEMORA", "segundos=0", "--delay", "1h", "--priority", "2"]
    options = ["--max-attempts", "3", "--tag", "a", "--tag", "b", "--key", "the-key-1"]
    first = stack.run([*arguments, *options], seconds=SECONDS)
    repeated = stack.run([*arguments, *options], seconds=SECONDS)
    other = stack.run([*arguments, *options, "--time-limit", "5m"], seconds=SECONDS)
    job_id = first.stdout.strip()

    shown = stack.run(["job", job_id, "--json"], seconds=SECONDS)
    stack.run(["delete", job_id], seconds=SECONDS)

    job = json.loads(shown.stdout)
    assert (job["priority"], job["max_attempts"], job["tags"]) == (2, 3, ["a", "b"])
    assert job["run_after"] > job["created_at"]
    assert repeated.stdout == first.stdout
    assert other.returncode == 1
    assert f"the key 'the-key-1' was used for another submission: job {job_id}" in other.stderr


def test_a_file_of_calls_is_submitted_and_waited_for(
    stack: Stack, client: JobClient, tmp_path: Path
) -> None:
    file = tmp_path / "calls.jsonl"
    good = {"name": "PROC_TEST_DEMORA", "params": [{"name": "segundos", "value": 0}]}
    bad = {"name": "PROC_TEST_ERROR", "params": [{"name": "p_should_fail", "value": 1}]}
    file.write_text(f"{json.dumps(good)}\n\n{json.dumps(bad)}\n{json.dumps(good)}\n")

    done = stack.run(["submit", "--file", str(file), "--wait"], seconds=SECONDS)

    assert done.returncode == 1
    lines = [line.split() for line in done.stdout.splitlines()]
    assert [status for _, status in lines] == ["completed", "failed", "completed"]
    assert [client.get(job_id)["procedure_name"] for job_id, _ in lines] == [
        "PROC_TEST_DEMORA",
        "PROC_TEST_ERROR",
        "PROC_TEST_DEMORA",
    ]
    assert done.stderr == "2 completed, 1 failed\n"


def test_nothing_of_a_file_is_submitted_if_a_line_is_wrong(
    stack: Stack, client: JobClient, tmp_path: Path
) -> None:
    file = tmp_path / "calls.jsonl"
    file.write_text('{"name": "PROC_TEST_DEMORA", "tags": ["half"]}\n{"name": "1x"}\n')

    done = stack.run(["submit", "--file", str(file)], seconds=SECONDS)

    assert done.returncode == 2
    assert done.stderr.startswith("oraq: line 2: name: ")
    assert client.http.get("/jobs", params={"tag": "half"}).json()["total"] == 0


def test_a_refused_call_of_a_file_refuses_all(
    stack: Stack, client: JobClient, tmp_path: Path
) -> None:
    file = tmp_path / "calls.jsonl"
    file.write_text(
        '{"name": "PROC_TEST_DEMORA", "tags": ["none"]}\n{"name": "ASYNC_JOBS_ADMIN.DRAIN"}\n'
    )

    done = stack.run(["submit", "--file", str(file)], seconds=SECONDS)

    assert done.returncode == 1
    assert done.stderr.startswith("oraq: call 2: ASYNC_JOBS_ADMIN.DRAIN was refused")
    assert client.http.get("/jobs", params={"tag": "none"}).json()["total"] == 0


def test_a_line_that_is_no_object_is_named(stack: Stack, tmp_path: Path) -> None:
    file = tmp_path / "calls.jsonl"
    file.write_text('["PROC_TEST"]\n')

    done = stack.run(["submit", "--file", str(file)], seconds=SECONDS)

    assert (done.returncode, done.stderr) == (2, "oraq: line 1: has to be a JSON object\n")


#: Arguments, and what is said of them.
WRONG = {
    "no name": ([], "write a procedure's NAME, or --file FILE"),
    "name and file": (["P", "--file", "x"], "write a procedure's NAME, or --file FILE"),
    "no identifier": (["1x"], "name: not an identifier: '1x'"),
    "twice": (["P", "a=1", "A=2"], "A is there twice"),
    "no form": (["P", "a"], "write name=value or name:out, not 'a'"),
    "priority": (["P", "--priority", "10"], "priority: "),
    "run_after": (["P", "--run-after", "soon"], "run_after: "),
    "tag": (["P", "--tag", "a,b"], "tags.0: "),
    "no file": (["--file", "/nowhere/at/all"], "/nowhere/at/all cannot be read: "),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_usage_is_named_in_one_line(stack: Stack, case: str) -> None:
    arguments, said = WRONG[case]

    done = stack.run(["submit", *arguments], seconds=SECONDS)

    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
