"""Draining, upgrading and removing; old, new, broken and missing schemas; what a terminal shows."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import oracledb
import pytest

from deploy.processes import Process
from deploy.stack import ROOT, Database, Stack
from tests.client import JobClient
from tests.schemas import fresh_users, log_on
from tests.terminal import Terminal
from tests.waiting import eventually

SECONDS = 60

StartWorker = Callable[..., Process]


@pytest.fixture(autouse=True)
def no_ghosts(db: oracledb.Connection) -> None:
    """Workers that other tests have killed count as alive for a while."""
    with db.cursor() as cursor:
        cursor.execute("delete from async_job_workers")
    db.commit()


@pytest.fixture
def start_listed(start_worker: StartWorker, db: oracledb.Connection) -> StartWorker:
    """Starts a worker and waits for its first heartbeat: until then nobody knows of it."""

    def start(*arguments: str) -> Process:
        worker = start_worker(*arguments)
        with db.cursor() as cursor:

            def look() -> bool:
                query = "select count(*) from async_job_workers where pid = :1"
                return bool(cursor.execute(query, [worker.pid]).fetchone() == (1,))

            eventually(look, what="the first heartbeat")
        return worker

    return start


# ---- draining ----


def test_a_drained_worker_finishes_its_job_and_ends(
    stack: Stack, client: JobClient, start_listed: StartWorker
) -> None:
    worker = start_listed("--slots", "1")
    running = client.submit("PROC_TEST_DEMORA", {"segundos": 8})
    client.wait(running, "running")
    waiting = client.submit("PROC_TEST_DEMORA", {"segundos": 0}, run_after=1)

    done = stack.run(["drain", "--all"], seconds=SECONDS)

    assert (done.returncode, done.stdout) == (0, "1 worker ended.\n")
    assert worker.wait(seconds=5) == 0
    assert client.get(running)["status"] == "completed"
    assert client.get(waiting)["status"] == "pending"
    listed = json.loads(stack.run(["workers", "--json"], seconds=SECONDS).stdout)["workers"]
    assert [row for row in listed if row["state"] != "silent"] == []
    client.http.delete(f"/jobs/{waiting}")


def test_draining_says_what_is_left_when_the_time_is_up(
    stack: Stack, client: JobClient, start_listed: StartWorker
) -> None:
    start_listed("--slots", "1")
    job_id = client.submit("PROC_TEST_DEMORA", {"segundos": 60})
    client.wait(job_id, "running")

    done = stack.run(["drain", "--all", "--timeout", "1"], seconds=SECONDS)

    client.http.delete(f"/jobs/{job_id}")
    assert done.returncode == 1
    assert re.fullmatch(r"oraq: after 1\.0s still there: \S+ \(runs 1\)\n", done.stderr)


def test_one_worker_is_drained_by_name(stack: Stack, start_listed: StartWorker) -> None:
    drained, kept = start_listed("--slots", "1"), start_listed("--slots", "1")
    listed = json.loads(stack.run(["workers", "--json"], seconds=SECONDS).stdout)["workers"]
    name = next(row["worker"] for row in listed if row["pid"] == drained.pid)

    done = stack.run(["drain", name, "--json"], seconds=SECONDS)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"asked": [name], "left": [], "waited": True}
    assert drained.wait(seconds=5) == 0
    assert kept.is_running


# ---- upgrading ----


@pytest.fixture
def changed_unit(db: oracledb.Connection) -> None:
    """What an older release would have left: a unit in another text."""
    with db.cursor() as cursor:
        cursor.execute(
            """create or replace procedure cleanup_old_async_jobs(
              p_days_old in number default 7, p_deleted_count out number
            ) is
            begin
              p_deleted_count := -1;
            end cleanup_old_async_jobs;"""
        )


@pytest.mark.usefixtures("changed_unit")
@pytest.mark.parametrize("command", ["install", "upgrade"])
def test_nothing_is_replaced_under_live_workers(
    stack: Stack, start_listed: StartWorker, command: str
) -> None:
    start_listed("--slots", "1")

    refused = stack.run([command], seconds=SECONDS)
    drained = stack.run(["drain", "--all"], seconds=SECONDS)
    done = stack.run([command], seconds=SECONDS)

    assert refused.returncode == 1
    assert "a worker is alive; first: oraq drain --all" in refused.stderr
    assert drained.returncode == 0, drained.stderr
    assert done.returncode == 0, done.stderr
    assert "procedure cleanup_old_async_jobs replaced" in done.stdout


@pytest.mark.usefixtures("changed_unit")
def test_it_can_be_forced(stack: Stack, start_listed: StartWorker) -> None:
    start_listed("--slots", "1")

    done = stack.run(["upgrade", "--force"], seconds=SECONDS)

    assert done.returncode == 0, done.stderr
    assert "procedure cleanup_old_async_jobs replaced" in done.stdout


def test_installing_the_same_again_disturbs_no_worker(
    stack: Stack, start_listed: StartWorker
) -> None:
    start_listed("--slots", "1")

    done = stack.run(["install"], seconds=SECONDS)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "schema ORAQ has version 3; next: oraq health\n"
    told = {"schema": "ORAQ", "version": 3, "before": 3, "steps": []}
    for command in ("install", "upgrade"):
        done = stack.run([command, "--json"], seconds=SECONDS)
        assert json.loads(done.stdout) == told, done.stderr


def health(stack: Stack, **environment: str) -> list[str]:
    """The names of all errors found."""
    done = stack.run(["health", "--json"], seconds=SECONDS, **environment)
    document = json.loads(done.stdout)
    assert done.returncode == (0 if document["healthy"] else 1)
    found = document["findings"]
    return [finding["name"] for finding in found if finding["severity"] == "error"]


def test_an_old_schema_is_told_and_upgraded(stack: Stack, db: oracledb.Connection) -> None:
    with db.cursor() as cursor:
        cursor.execute("delete from async_job_schema where version = 3")
    db.commit()

    assert health(stack) == ["schema_older"]
    done = stack.run(["upgrade"], seconds=SECONDS)

    assert done.returncode == 0, done.stderr
    assert "schema ORAQ has version 3, before it had 2" in done.stdout
    assert health(stack) == []


def test_a_newer_schema_is_left_alone(stack: Stack, db: oracledb.Connection) -> None:
    with db.cursor() as cursor:
        cursor.execute("insert into async_job_schema (version, description) values (99, 'later')")
        db.commit()
        found = health(stack)
        done = [stack.run([command], seconds=SECONDS) for command in ("install", "upgrade")]
        cursor.execute("delete from async_job_schema where version = 99")
        db.commit()

    assert found == ["schema_newer"]
    assert [one.returncode for one in done] == [1, 1]
    assert all("use the newer one" in one.stderr for one in done)


def test_a_package_that_does_not_compile_is_found(stack: Stack, db: oracledb.Connection) -> None:
    with db.cursor() as cursor:
        cursor.execute(
            "create or replace package body async_jobs_recovery is begin nonsense; "
            "end async_jobs_recovery;"
        )
    found = health(stack)

    mended = stack.run(["install"], seconds=SECONDS)

    assert "unit_invalid" in found
    assert mended.returncode == 0, mended.stderr
    assert health(stack) == []


def test_a_package_that_is_gone_is_found(stack: Stack, db: oracledb.Connection) -> None:
    with db.cursor() as cursor:
        cursor.execute("drop package async_jobs_monitor")
    found = health(stack)

    mended = stack.run(["install"], seconds=SECONDS)

    assert found == ["not_installed"]
    assert mended.returncode == 0, mended.stderr
    assert health(stack) == []


def find(stack: Stack, name: str) -> dict[str, str] | None:
    """The finding of this name."""
    done = stack.run(["health", "--json"], seconds=SECONDS)
    assert done.stderr == ""
    document = json.loads(done.stdout)
    found: list[dict[str, str]] = document["findings"]
    return next((finding for finding in found if finding["name"] == name), None)


@pytest.mark.parametrize("name", ["job_queue_processes", "aq_tm_processes"])
def test_a_parameter_that_stops_all_is_found_and_mended_by_a_dba(
    stack: Stack, dba: Database, name: str
) -> None:
    with log_on(dba) as connection, connection.cursor() as cursor:
        cursor.execute(f"alter system set {name} = 0")
        finding = find(stack, name)
        assert finding is not None
        assert finding["run_by"] == "dba"
        cursor.execute(finding["remedy"])

    assert find(stack, name) is None


def test_a_missing_grant_is_found_and_mended_by_a_dba(
    stack: Stack, dba: Database, db: oracledb.Connection
) -> None:
    compile_body = "alter package async_jobs_state compile body"
    with log_on(dba) as connection, connection.cursor() as cursor, db.cursor() as owner:
        cursor.execute("revoke execute on sys.dbms_aq from oraq")
        # Oracle compiles it by itself when it is used next, with the same outcome.
        owner.execute(compile_body)
        finding = find(stack, "grant_missing")
        assert finding is not None
        assert (finding["severity"], finding["run_by"]) == ("error", "dba")
        cursor.execute(finding["remedy"])
        owner.execute(compile_body)

    assert find(stack, "grant_missing") is None
    assert health(stack) == []


def test_jobs_without_workers_are_found(stack: Stack, client: JobClient) -> None:
    job_id = client.submit("PROC_TEST_DEMORA", {"segundos": 0})

    finding = find(stack, "no_workers")

    client.http.delete(f"/jobs/{job_id}")
    assert finding is not None
    assert finding["problem"] == "1 job waits, and no worker is alive."
    assert finding["remedy"] == "oraq worker"


def test_jobs_that_wait_although_slots_are_free_are_found(
    stack: Stack, client: JobClient, db: oracledb.Connection, start_listed: StartWorker
) -> None:
    start_listed("--slots", "1")
    job_id = client.submit("PROC_TEST_DEMORA", {"segundos": 0}, delay=3600)
    with db.cursor() as cursor:
        # Due, but its wake-up is not.
        cursor.execute(
            "update async_jobs set run_after = run_after - interval '2' hour where job_id = :1",
            [job_id],
        )
    db.commit()

    finding = find(stack, "jobs_late")

    client.http.delete(f"/jobs/{job_id}")
    assert finding is not None
    assert finding["problem"].startswith("1 job has waited for more than 60 s")


def test_a_clock_that_is_off_is_found(
    stack: Stack, db: oracledb.Connection, start_listed: StartWorker
) -> None:
    start_listed("--slots", "1")
    with db.cursor() as cursor:
        query = "select worker, metrics from async_job_workers"
        worker, metrics = cursor.execute(query).fetchone() or ("", "")
        # As if it had said so a minute ago, and were seen now.
        said = json.loads(metrics) | {"clock": json.loads(metrics)["clock"] - 60}
        # Under another name, so that the next heartbeat does not put it right.
        cursor.execute(
            "insert into async_job_workers (worker, host, slots, started_at, last_seen, metrics)"
            " select 'late', 'late-host', 1, started_at, last_seen, :1 from async_job_workers"
            " where worker = :2",
            [json.dumps(said), worker],
        )
    db.commit()

    finding = find(stack, "clock_off")

    assert finding is not None
    assert re.match(r"The clock of late-host is (59s|1m|1m \ds) behind", finding["problem"])


# ---- a schema where nothing is installed yet, and where all is removed again ----


@pytest.fixture(scope="module")
def empty(dba: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with fresh_users(dba, "ORAQ_OP") as users:
        folder: Path = tmp_path_factory.mktemp("empty")
        with Stack(folder=folder, environment=os.environ, database=users.owner) as stack:
            yield stack


@pytest.mark.parametrize(
    "arguments",
    [("submit", "P"), ("jobs",), ("job", "0"), ("cancel", "0"), ("workers",), ("queue",)],
    ids=lambda arguments: arguments[0],
)
def test_without_a_schema_a_command_says_how_to_install(
    empty: Stack, arguments: tuple[str, ...]
) -> None:
    done = empty.run(arguments, seconds=SECONDS)

    assert done.returncode == 1
    assert done.stderr.startswith("oraq: OraQ is not installed here (oraq install): ")
    assert done.stderr.count("\n") == 1


def test_without_a_schema_there_is_nothing_to_upgrade(empty: Stack) -> None:
    done = empty.run(["upgrade"], seconds=SECONDS)

    assert done.returncode == 1
    assert "nothing to upgrade in schema ORAQ_OP_OWNER: oraq install" in done.stderr
    assert health(empty) == ["not_installed"]


def test_whoever_may_not_use_it_is_told_so(stack: Stack, empty: Stack) -> None:
    user = empty.database
    environment = {"ORACLE_USER": user.user, "ORACLE_PASSWORD": user.password}

    done = stack.run(["jobs"], seconds=SECONDS, ORAQ_OWNER="ORAQ", **environment)
    found = health(stack, ORAQ_OWNER="ORAQ", **environment)

    assert done.returncode == 1
    assert "user ORAQ_OP_OWNER may not use it (oraq health)" in done.stderr
    assert found == ["not_installed"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("install",), 2, "only the owner can do this: connect as ORAQ, not as ORAQ_OP_OWNER"),
        (("uninstall", "--yes"), 2, "only the owner can do this: connect as ORAQ"),
        (("procedures",), 1, "user ORAQ_OP_OWNER may not see or change the list: connect as ORAQ"),
        (("drain", "--all"), 1, "user ORAQ_OP_OWNER may not drain workers: connect as ORAQ"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_what_only_the_owner_may_do_is_refused_to_others(
    stack: Stack, empty: Stack, arguments: tuple[str, ...], code: int, said: str
) -> None:
    user = empty.database
    environment = {"ORACLE_USER": user.user, "ORACLE_PASSWORD": user.password}

    done = stack.run(arguments, seconds=SECONDS, ORAQ_OWNER="ORAQ", **environment)

    assert done.returncode == code
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_uninstall_asks_first_and_leaves_nothing(empty: Stack) -> None:
    installed = empty.run(["install", "--samples", "--json"], seconds=SECONDS)
    assert installed.returncode == 0, installed.stderr
    assert json.loads(installed.stdout)["steps"]

    unasked = empty.run(["uninstall"], seconds=SECONDS)
    with Terminal(empty, "uninstall") as terminal:
        terminal.wait_for(r"Type ORAQ_OP_OWNER to remove OraQ and all of its jobs from \S+: $")
        terminal.type("y\n")
        doubtful = terminal.wait()
    assert (unasked.returncode, doubtful) == (2, 1)
    assert health(empty) == []

    with Terminal(empty, "uninstall") as terminal:
        terminal.wait_for("Type ORAQ_OP_OWNER")
        terminal.type("oraq_op_owner\n")
        assert terminal.wait() == 0, terminal.text

    with log_on(empty.database) as connection, connection.cursor() as cursor:
        cursor.execute("select object_name from user_objects")
        assert cursor.fetchall() == []
    again = empty.run(["uninstall", "--yes", "--json"], seconds=SECONDS)
    assert json.loads(again.stdout) == {"schema": "ORAQ_OP_OWNER", "removed": True}, again.stderr


# ---- terminals, pipes and Ctrl-C ----


def test_watch_shows_a_job_run_and_ctrl_c_ends_it_quietly(
    stack: Stack, client: JobClient, start_worker: StartWorker
) -> None:
    start_worker("--slots", "1")
    with Terminal(stack, "jobs", "--watch", "--tag", "watched") as terminal:
        terminal.wait_for("0 of 0 that match")
        job_id = client.submit("PROC_TEST_PROGRESS", {"p_seconds": 3}, tags=["watched"])
        terminal.wait_for(rf"{job_id}.*running.*\d%.*step \d+ of \d+")
        terminal.wait_for(rf"{job_id}.*completed")
        terminal.interrupt()
        code = terminal.wait()

    assert code == 130
    assert "Traceback" not in terminal.text


def test_a_submission_shows_its_progress_and_goes_on_after_ctrl_c(
    stack: Stack, client: JobClient, start_worker: StartWorker
) -> None:
    start_worker("--slots", "1")
    arguments = ["submit", "PROC_TEST_PROGRESS", "p_seconds=4", "--wait"]
    with Terminal(stack, *arguments) as terminal:
        terminal.wait_for(r"PROC_TEST_PROGRESS.*\d%.*running  step \d+ of \d+")
        terminal.interrupt()
        code = terminal.wait()

    found = re.search(r"job ([0-9a-f]{32})", terminal.text)
    assert code == 130
    assert "Traceback" not in terminal.text
    assert found is not None
    assert client.wait(found[1])["status"] == "completed"


def test_colours_are_for_those_who_want_them(stack: Stack, client: JobClient) -> None:
    client.submit("PROC_TEST_DEMORA", {"segundos": 0})
    with Terminal(stack, "jobs") as coloured, Terminal(stack, "jobs", NO_COLOR="1") as plain:
        coloured.wait()
        plain.wait()

    colour = re.compile(r"\x1b\[(?:[0-9;]*;)?[349][0-7]m")
    assert colour.search(coloured.text)
    assert not colour.search(plain.text)


def test_a_reader_who_has_enough_is_no_error(stack: Stack, client: JobClient) -> None:
    for _ in range(3):
        client.submit("PROC_TEST_DEMORA", {"segundos": 0}, delay=3600, tags=["piped"])
    # The reader is gone before the command has anything to say.
    command = "'$0' -m deploy.cli jobs --json | true; echo ${PIPESTATUS[0]}".replace("'", '"')

    done = subprocess.run(
        ["bash", "-c", command, sys.executable],
        cwd=ROOT,
        env=os.environ | stack.database.environment(),
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )

    client.http.delete("/jobs", params={"status": "pending", "older_than": 0})
    assert (done.stdout, done.stderr) == ("0\n", "")


def test_a_database_that_goes_away_under_a_view_is_exit_code_3(tmp_path: Path) -> None:
    with Stack(folder=tmp_path, environment=os.environ) as stack:
        stack.start_database()
        stack.install()
        with Terminal(stack, "queue", "--watch") as terminal:
            terminal.wait_for("nothing waits")
            stack.processes[0].kill()
            code = terminal.wait()

    assert code == 3
    assert "the database cannot be reached" in terminal.text
    assert "Traceback" not in terminal.text


def test_a_killed_worker_stays_listed_as_silent(
    stack: Stack, start_listed: StartWorker, db: oracledb.Connection
) -> None:
    worker = start_listed("--slots", "1")
    worker.kill()
    with db.cursor() as cursor:
        # Instead of waiting until so much time has passed.
        cursor.execute("update async_job_workers set last_seen = last_seen - interval '60' second")
    db.commit()

    done = stack.run(["workers", "--json"], seconds=SECONDS)

    (row,) = json.loads(done.stdout)["workers"]
    assert (row["pid"], row["state"]) == (worker.pid, "silent")
