"""deploy/GUIA.md: its requests are sent, its statements run, its commands exist."""

import json
import os
import re
import shlex
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from deploy.cli import build_parser
from deploy.stack import ROOT, Api, Database, Stack
from tests.contract.test_takeover import OLD_TABLE
from tests.schemas import fresh_users, log_on

GUIDE = (ROOT / "deploy" / "GUIA.md").read_text(encoding="utf-8")
#: The kind and the text of every block, in order.
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
#: What differs from run to run.
VOLATILE = {"id", "job_id", "start_time", "end_time", "duration", "total", "deleted"}


def check(shown: Any, answer: Any, place: str = "answer") -> None:
    """An answer has all that the guide shows; it may have more."""
    match shown:
        case dict():
            for key, value in shown.items():
                assert key in answer, f"{place}.{key}: {answer}"
                if key == "error":
                    assert value in answer[key]
                elif key in VOLATILE:
                    assert type(value) is type(answer[key]), f"{place}.{key}"
                else:
                    check(value, answer[key], f"{place}.{key}")
        case list():
            assert len(shown) == len(answer), place
            for inner_shown, inner in zip(shown, answer, strict=True):
                check(inner_shown, inner, f"{place}[]")
        case _:
            assert shown == answer, place


def test_every_request_of_the_guide_is_answered_as_it_says(api: Api) -> None:
    environment = {**os.environ, "ORAQ": api.url, "TOKEN": api.token}
    asked = 0
    for (kind, text), (after, shown) in pairwise(BLOCKS):
        if kind != "bash":
            continue
        assert after == "json", text
        done = subprocess.run(
            ["bash", "-euc", text],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        answer = json.loads(done.stdout)
        check(json.loads(shown), answer)
        if answer.get("message") == "Job creado y ejecutándose":
            environment["JOB"] = answer["job_id"]
        asked += 1

    assert asked == len([kind for kind, _ in BLOCKS if kind == "bash"]) >= 10


@pytest.mark.parametrize(
    "line", [line for kind, text in BLOCKS if kind == "sh" for line in text.splitlines()]
)
def test_every_command_of_the_guide_is_one(line: str) -> None:
    program, *arguments = shlex.split(line)

    assert program == "oraq"
    assert callable(build_parser().parse_args(arguments).run)


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`((?:sql|deploy)/[\w./]+)`", GUIDE))))
def test_every_file_of_the_guide_is_there(name: str) -> None:
    assert (ROOT / name).exists()


def statements(*, containing: str) -> list[str]:
    """Those of the block with a text in it."""
    (text,) = (text for kind, text in BLOCKS if kind == "sql" and containing in text)
    return [statement.strip() for statement in text.split(";") if statement.strip()]


def test_the_way_there_and_back_keeps_every_job(dba: Database, tmp_path: Path) -> None:
    with (
        fresh_users(dba, "ORAQ_GU") as users,
        Stack(folder=tmp_path, environment=os.environ, database=users.owner) as stack,
        log_on(users.owner) as connection,
        connection.cursor() as cursor,
    ):
        with log_on(dba) as privileged, privileged.cursor() as granting:
            for statement in statements(containing="dbms_aqadm"):
                granting.execute(statement.replace(" to oraq", f" to {users.owner.user}"))
        cursor.execute(OLD_TABLE)
        cursor.execute(
            "insert into async_jobs (job_id, status, procedure_name, start_time, progress) "
            "select 'old-' || level, case level when 1 then 'completed' else 'pending' end, 'P', "
            "systimestamp, 0 from dual connect by level <= 3"
        )
        connection.commit()

        (count,) = statements(containing="group by status")
        cursor.execute(count)
        assert cursor.fetchall() == [("pending", 2)]
        (copy,) = statements(containing="async_jobs_antes")
        cursor.execute(copy)
        stack.install(samples=True)
        stack.start_worker()
        done = stack.run(
            ["submit", "PROC_TEST", "p_input=x", "p_output:out", "--wait", "--json"], seconds=60
        )
        assert done.returncode == 0, done.stderr
        drained = stack.run(["drain", "--all"], seconds=60)
        assert drained.returncode == 0, drained.stderr

        (history,) = statements(containing="async_jobs_historia as")
        cursor.execute(history)
        removed = stack.run(["uninstall", "--yes"], seconds=60)
        assert removed.returncode == 0, removed.stderr
        for statement in statements(containing="rename to async_jobs"):
            cursor.execute(statement)

        cursor.execute("select status, count(*) from async_jobs group by status order by status")
        assert cursor.fetchall() == [("completed", 2), ("failed", 2)]
        # As the older service inserts: without a list of columns.
        cursor.execute(
            "insert into async_jobs values ('again', 'pending', 'P', null, systimestamp, null, "
            "null, null, null, 0, systimestamp)"
        )
        cursor.execute("select object_name from user_objects where object_name like 'ASYNC%'")
        assert {name for (name,) in cursor} == {"ASYNC_JOBS", "ASYNC_JOBS_ANTES"}
