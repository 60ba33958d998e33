"""`oraq health`: for people, for scripts, and by its exit code."""

import json

import oracledb

from deploy.stack import Stack

SECONDS = 30


def test_health_finds_nothing_wrong(stack: Stack) -> None:
    done = stack.run(["health"], seconds=SECONDS)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Schema version 3, " in done.stdout
    assert "ERROR" not in done.stdout


def test_an_error_is_exit_code_1_and_comes_with_its_remedy(
    stack: Stack, db: oracledb.Connection
) -> None:
    with db.cursor() as cursor:
        cursor.execute("begin dbms_aqadm.stop_queue(queue_name => 'ASYNC_JOBS_QUEUE'); end;")
        text = stack.run(["health"], seconds=SECONDS)
        document = stack.run(["health", "--json"], seconds=SECONDS)
        finding = json.loads(document.stdout)["findings"][0]
        cursor.execute(finding["remedy"])
    mended = stack.run(["health", "--json"], seconds=SECONDS)

    assert (text.returncode, document.returncode) == (1, 1)
    assert "ERROR  Queue ASYNC_JOBS_QUEUE is stopped" in text.stdout
    assert "  SQL, as the owner:\n    begin dbms_aqadm.start_queue(" in text.stdout
    assert finding["name"] == "queue_stopped"
    assert json.loads(mended.stdout)["healthy"] is True


def test_a_warning_is_exit_code_1_only_where_that_is_asked_for(
    stack: Stack, db: oracledb.Connection
) -> None:
    with db.cursor() as cursor:
        cursor.execute("begin dbms_scheduler.disable(name => 'ASYNC_JOBS_EVERY_DAY'); end;")
        plain = stack.run(["health"], seconds=SECONDS)
        strict = stack.run(["health", "--strict"], seconds=SECONDS)
        cursor.execute("begin dbms_scheduler.enable(name => 'ASYNC_JOBS_EVERY_DAY'); end;")

    assert "WARNING  Scheduler job ASYNC_JOBS_EVERY_DAY is disabled" in plain.stdout
    assert (plain.returncode, strict.returncode) == (0, 1)
