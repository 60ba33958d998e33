"""Every command of the README does what it says, in the README's order, or is marked as not run."""

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from deploy.stack import ROOT, Api, Stack
from tests.client import JobClient
from tests.schemas import log_on
from tests.sqlplus import run_script
from tests.terminal import Terminal

SECONDS = 60
README = (ROOT / "README.md").read_text(encoding="utf-8")

_COMMAND = re.compile(r"(?:\$ )?((?:[A-Z_]+=\S+\s+)*(?:\.venv/bin/)?(?:oraq|make|curl)\b.*)")
#: What stays until it is told to end, and what it says first.
_STAYING = re.compile(r"\boraq (api|worker)\b")
_JOB_ID = re.compile(r"\b[0-9a-f]{32}\b")


def find_commands(text: str) -> Iterator[tuple[int, str]]:
    """The commands of the code blocks with their lines; a line that ends in a backslash goes on."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        found = _COMMAND.fullmatch(line.strip()) if line.startswith("    ") else None
        if found is None:
            continue
        command, following = found[1], number
        # A body in quotes may go on as well.
        while command.endswith("\\") or command.count("'") % 2:
            following += 1
            command = f"{command.removesuffix(chr(92))} {lines[following].strip()}"
        yield number + 1, command


COMMANDS = list(find_commands(README))

#: What an administrator types, outside OraQ's own commands.
_OF_OTHERS = re.compile(r"(?:cp|docker|kubectl|python3|systemctl)\b.*")
_NOT_RUN = "# not run yet"
#: Programs that no machine of a test has.
_ABSENT = ("docker", "kubectl", "systemctl")
OTHERS = [
    line.strip()
    for line in README.splitlines()
    if line.startswith("    ") and _OF_OTHERS.fullmatch(line.strip())
]


@dataclass
class Session:
    """What the reader of the README has at hand."""

    stack: Stack
    api: Api
    folder: Path
    #: The job that he looks at.
    job_id: str = ""
    variables: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    folder = tmp_path_factory.mktemp("readme")
    with Stack(folder=folder, environment=os.environ) as stack:
        # As the owner of grants.sql; its users get the same password, so that one variable will do.
        stack.start_database(password=f"Pw_{secrets.token_hex(8)}")
        _install_for_users(stack)
        api = stack.start_api()
        stack.start_worker("--slots", "4")
        call = {"name": "PROC_TEST_DEMORA", "params": [{"name": "segundos", "value": 0}]}
        (folder / "calls.jsonl").write_text(f"{json.dumps(call)}\n{json.dumps(call)}\n")
        (folder / "oraq").symlink_to(shutil.which("oraq", path=Path(sys.executable).parent) or "")
        session = Session(stack, api, folder)
        with httpx.Client(base_url=api.url, headers=api.headers, timeout=20) as http:
            client = JobClient(http)
            client.run("PROC_TEST_ERROR", {"p_should_fail": 1})
            session.job_id = client.submit("PROC_TEST_DEMORA", {"segundos": 0}, delay=3600)
        yield session


def _install_for_users(stack: Stack) -> None:
    """As the section on the three users says; twice is harmless."""
    database = stack.database
    stack.install(samples=True)
    system = type(database)(dsn=database.dsn, user="SYSTEM", password=database.password)
    with log_on(system) as connection, connection.cursor() as cursor:
        run_script(connection, ROOT / "sql" / "grants.sql", {})
        for user in ("oraq_api", "oraq_worker"):
            cursor.execute(f'alter user {user} identified by "{database.password}" account unlock')


def _environment(session: Session) -> dict[str, str]:
    return {
        "PATH": f"{session.folder}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "JOB_ID": session.job_id,
        "TOKEN": session.api.token,
        "API_TOKEN": session.api.token,
        # Any free one: 3000 may be taken here.
        "PORT": "0",
    }


def test_the_readme_has_commands() -> None:
    assert {command.split()[0] for _, command in COMMANDS} >= {"make", "curl", "oraq"}
    assert len(COMMANDS) > 20


@pytest.mark.parametrize(("line", "command"), COMMANDS, ids=[f"line {n}" for n, _ in COMMANDS])
def test_a_command_of_the_readme_works(session: Session, line: int, command: str) -> None:
    if command.startswith("make"):
        # Other tests run what is behind it, and this one would be among them.
        command = f"make --dry-run --directory {ROOT} {command.removeprefix('make')}"
    command = command.replace(".venv/bin/oraq", "oraq")
    command = command.replace("localhost:3000", session.api.url.removeprefix("http://"))
    if command.startswith("curl"):
        _run_curl(session, command)
    elif _STAYING.search(command) or "--watch" in command or "uninstall" in command:
        _run_on_a_terminal(session, command)
    else:
        _run(session, command)


def test_what_cannot_be_run_here_is_marked() -> None:
    assert OTHERS
    for line in OTHERS:
        assert (_NOT_RUN in line) == line.startswith(_ABSENT), line


@pytest.mark.parametrize("line", [line for line in OTHERS if line.startswith("cp ")])
def test_files_are_copied_as_the_readme_says(tmp_path: Path, line: str) -> None:
    copied = tmp_path / "checkout" / "deploy"
    shutil.copytree(ROOT / "deploy" / "compose", copied / "compose")
    shutil.copytree(ROOT / "deploy" / "systemd", copied / "systemd")
    (tmp_path / "etc/systemd/system").mkdir(parents=True)
    line = line.replace("/etc/", f"{tmp_path}/etc/")

    subprocess.run(["bash", "-c", line], cwd=copied.parent, check=True, timeout=SECONDS)

    *_, target = line.partition("#")[0].split()
    found = copied.parent / target
    assert found.is_file() or {path.name for path in found.iterdir()} == {
        path.name for path in (ROOT / "deploy" / "systemd").iterdir()
    }


@pytest.mark.whole
@pytest.mark.timeout(300)
@pytest.mark.parametrize("line", [line for line in OTHERS if line.startswith("python3 ")])
def test_it_is_installed_as_the_readme_says(tmp_path: Path, line: str) -> None:
    """Needs the package index, as an administrator does."""
    program = f"{sys.executable} -m venv"
    line = line.replace("python3 -m venv", program).replace("/opt/", f"{tmp_path}/")
    checkout = tmp_path / "checkout"
    # What git has, so that no build of the developer's goes along.
    subprocess.run(
        ["git", "clone", "--quiet", str(ROOT), str(checkout)], check=True, timeout=SECONDS
    )

    subprocess.run(["bash", "-c", line], cwd=checkout, check=True, timeout=280)

    done = subprocess.run(
        [tmp_path / "oraq/bin/oraq", "--version"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert done.stdout.startswith("oraq "), done.stderr


def _run(session: Session, command: str) -> str:
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=session.folder,
        env=os.environ | session.stack.database.environment() | _environment(session),
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _run_curl(session: Session, command: str) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    known = session.variables.get("submitted", "")
    answer = json.loads(_run(session, _JOB_ID.sub(known, command)))
    assert "error" not in answer, answer
    if "job_id" in answer:
        session.variables["submitted"] = answer["job_id"]


def _run_on_a_terminal(session: Session, command: str) -> None:
    """What stays is ended by Ctrl-C as soon as it shows that it works."""
    words = command.partition("#")[0].replace("&", "").split()
    given = dict(word.split("=", 1) for word in words[: words.index("oraq")])
    arguments = words[words.index("oraq") + 1 :]
    if "ORACLE_USER" in given:
        # The section before it has removed everything.
        _install_for_users(session.stack)
    with Terminal(session.stack, *arguments, **(_environment(session) | given)) as terminal:
        if "uninstall" in arguments:
            terminal.wait_for("Type ORAQ to remove")
            terminal.type("oraq\n")
            assert terminal.wait() == 0, terminal.text
            return
        terminal.wait_for("that match" if "--watch" in arguments else "(api|worker) ready: ")
        terminal.interrupt()
        code = terminal.wait()
    assert code == (130 if "--watch" in arguments else 0), terminal.text
