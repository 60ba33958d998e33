"""`oraq jobs`, `job`, `cancel`, `retry`, `delete`, `cleanup`: what they print, and their exit codes."""

import json
import re
import uuid

import pytest

from deploy.stack import Stack
from tests.client import JobClient

SECONDS = 30


def test_jobs_lists_what_is_asked_for(stack: Stack, client: JobClient) -> None:
    good = client.run("PROC_TEST_DEMORA", {"segundos": 0})["id"]
    bad = client.run("PROC_TEST_ERROR", {"p_should_fail": 1})["id"]

    done = stack.run(["jobs", "failed"], seconds=SECONDS)

    assert done.returncode == 0, done.stderr
    assert bad in done.stdout
    assert "ORA-20001: Error intencional de prueba" in done.stdout
    assert good not in done.stdout


def test_filters_combine(stack: Stack, client: JobClient) -> None:
    tag = uuid.uuid4().hex
    wanted = client.run("PROC_TEST_DEMORA", {"segundos": 0}, tags=[tag])["id"]
    client.run("PROC_TEST_ERROR", {"p_should_fail": 1}, tags=[tag])

    arguments = ["jobs", "--tag", tag, "--procedure", "proc_test_demora", "--since", "10m", "--ids"]
    done = stack.run([*arguments, "--status", "completed"], seconds=SECONDS)

    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [wanted]


def test_what_was_submitted_before_is_left_out(stack: Stack, client: JobClient) -> None:
    tag = uuid.uuid4().hex
    client.run("PROC_TEST_DEMORA", {"segundos": 0}, tags=[tag])

    done = stack.run(["jobs", "--tag", tag, "--until", "1h"], seconds=SECONDS)

    assert (done.returncode, done.stdout) == (0, "No jobs match.\n")


def test_pages_have_every_job_once(stack: Stack, client: JobClient) -> None:
    tag = uuid.uuid4().hex
    wanted = {client.submit("PROC_TEST_DEMORA", {"segundos": 0}, tags=[tag]) for _ in range(5)}
    found: list[str] = []
    cursor: list[str] = []
    while True:
        arguments = ["jobs", "--tag", tag, "--limit", "2", "--json", *cursor]
        page = json.loads(stack.run(arguments, seconds=SECONDS).stdout)
        assert page["total"] == 5
        found += [job["id"] for job in page["jobs"]]
        if "next_cursor" not in page:
            break
        cursor = ["--cursor", page["next_cursor"]]

    assert len(found) == 5
    assert set(found) == wanted


def test_a_cursor_that_is_none_is_wrong_usage(stack: Stack) -> None:
    done = stack.run(["jobs", "--cursor", "x"], seconds=SECONDS)

    assert done.returncode == 2
    assert done.stderr.startswith("oraq: the cursor")


def test_job_shows_one_with_its_attempts(stack: Stack, client: JobClient) -> None:
    job_id = client.run("PROC_TEST_ERROR", {"p_should_fail": 1}, max_attempts=2, backoff=0)["id"]

    done = stack.run(["job", job_id, "--json"], seconds=SECONDS)

    assert done.returncode == 0, done.stderr
    job = json.loads(done.stdout)
    assert job["status"] == "failed"
    assert [attempt["outcome"] for attempt in job["attempts"]] == ["retried", "failed"]
    assert {attempt["error_code"] for attempt in job["attempts"]} == {"ORA-20001"}


def test_job_is_readable(stack: Stack, client: JobClient) -> None:
    job_id = client.run("PROC_TEST", {"p_input": "ñ"}, {"p_output": None}, tags=["nightly"])["id"]

    done = stack.run(["job", job_id], seconds=SECONDS)

    assert done.returncode == 0, done.stderr
    for line in (
        r"status +completed",
        r'params +p_input IN = "ñ"',
        r'result +p_output = "Procesado: ñ"',
        r"tags +nightly",
        r"1 +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +0\.\ds +completed",
    ):
        assert re.search(line, done.stdout), (line, done.stdout)


def test_a_job_is_cancelled_retried_and_deleted(stack: Stack, client: JobClient) -> None:
    job_id = client.submit("PROC_TEST_DEMORA", {"segundos": 0}, delay=3600)

    cancelled = stack.run(["cancel", job_id], seconds=SECONDS)
    again = stack.run(["cancel", job_id], seconds=SECONDS)
    shown = stack.run(["job", job_id], seconds=SECONDS)
    retried = stack.run(["retry", job_id], seconds=SECONDS)
    client.wait(job_id)
    deleted = stack.run(["delete", job_id], seconds=SECONDS)

    assert (cancelled.returncode, cancelled.stdout) == (0, f"{job_id} cancelled\n")
    assert again.returncode == 1
    assert again.stderr == f"oraq: job {job_id}: it has ended already\n"
    # It has not run, so it took no time.
    assert re.search(r"^ended +[\d :-]{19} UTC *$", shown.stdout, re.MULTILINE), shown.stdout
    assert (retried.returncode, retried.stdout) == (0, f"{job_id} will run again\n")
    assert (deleted.returncode, deleted.stdout) == (0, f"{job_id} deleted\n")


def test_several_jobs_are_changed_and_the_worst_decides(stack: Stack, client: JobClient) -> None:
    waiting = client.submit("PROC_TEST_DEMORA", {"segundos": 0}, delay=3600)
    ended = client.run("PROC_TEST_DEMORA", {"segundos": 0})["id"]

    done = stack.run(["cancel", waiting, ended, "0" * 32, "--json"], seconds=SECONDS)

    assert done.returncode == 1
    assert json.loads(done.stdout) == {
        "jobs": [
            {"id": waiting, "answer": "ok"},
            {"id": ended, "answer": "ended"},
            {"id": "0" * 32, "answer": "missing"},
        ]
    }


@pytest.mark.parametrize("command", ["job", "cancel", "retry", "delete"])
def test_an_unknown_job_is_exit_code_4(stack: Stack, command: str) -> None:
    done = stack.run([command, "0" * 32], seconds=SECONDS)

    assert done.returncode == 4
    assert done.stderr.count("\n") == 1
    assert "there is no" in done.stderr


def test_cleanup_says_how_many(stack: Stack) -> None:
    done = stack.run(["cleanup", "--days", "3650"], seconds=SECONDS)

    assert done.returncode == 0, done.stderr
    assert done.stdout == "0 jobs deleted\n"


def test_cleanup_can_be_for_one_state(stack: Stack, client: JobClient) -> None:
    good = client.run("PROC_TEST_DEMORA", {"segundos": 0})["id"]
    bad = client.run("PROC_TEST_ERROR", {"p_should_fail": 1})["id"]

    done = stack.run(["cleanup", "--days", "0", "--status", "failed", "--json"], seconds=SECONDS)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["deleted"] >= 1
    assert client.get(good)["status"] == "completed"
    assert client.http.get(f"/jobs/{bad}").status_code == 404
