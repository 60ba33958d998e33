"""What `oraq` says of its settings and of a database that it cannot use; help and exit codes."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.commands.exits import MEANINGS
from deploy.stack import ROOT, Stack

SECONDS = 30


def test_a_missing_setting_is_named_and_exit_code_2(stack: Stack) -> None:
    done = stack.run(["jobs"], seconds=SECONDS, ORACLE_USER="")

    assert done.returncode == 2
    assert done.stderr == "oraq: ORACLE_USER is not set\n"


#: Every command that needs a database, with the least of arguments.
COMMANDS = [
    ("submit", "P"),
    ("jobs",),
    ("job", "0"),
    ("cancel", "0"),
    ("retry", "0"),
    ("delete", "0"),
    ("cleanup",),
    ("workers",),
    ("queue",),
    ("drain", "--all"),
    ("health",),
    ("install",),
    ("upgrade",),
    ("uninstall", "--yes"),
    ("procedures",),
]


@pytest.mark.parametrize(
    "arguments", [("jobs",), ("health",), ("install",), ("drain", "--all")], ids=lambda a: a[0]
)
def test_a_wrong_password_is_one_line_without_it(stack: Stack, arguments: tuple[str, ...]) -> None:
    done = stack.run(arguments, seconds=SECONDS, ORACLE_PASSWORD="sup3rsecret")

    assert done.returncode == 1
    assert "ORA-01017" in done.stderr
    assert done.stderr.count("\n") == 1
    assert "sup3rsecret" not in done.stderr


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda arguments: arguments[0])
def test_a_database_that_is_away_is_exit_code_3(stack: Stack, arguments: tuple[str, ...]) -> None:
    done = stack.run(arguments, seconds=SECONDS, ORACLE_DSN="127.0.0.1:1/NONE")

    assert done.returncode == 3
    assert done.stderr.startswith("oraq: the database cannot be reached: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("cleanup", "--days", "x"),
        ("jobs", "--limit", "x"),
        ("jobs", "--since", "x"),
        ("api", "--port", "x"),
        ("drain", "--timeout", "x", "--all"),
    ],
    ids=lambda arguments: "".join(arguments[:2]),
)
def test_an_argument_that_does_not_fit_is_named_and_exit_code_2(
    stack: Stack, arguments: tuple[str, ...]
) -> None:
    done = stack.run(arguments, seconds=SECONDS)

    assert done.returncode == 2
    assert f"{arguments[1]}: no " in done.stderr


#: Variables that do not fit, and what is said.
UNFIT = {
    "descriptor": ({"ORACLE_DSN": "(((PASSWORD=t1ger"}, "ORACLE_DSN does not fit: DPY-4017"),
    "alias": ({"ORACLE_DSN": "nowhere", "TNS_ADMIN": "/nowhere"}, "ORACLE_DSN does not fit: DPY-"),
    "owner": ({"ORAQ_OWNER": "a b"}, "ORAQ_OWNER: not a schema's name"),
    "user": ({"ORACLE_USER": "a b"}, "ORACLE_USER (or set ORAQ_OWNER): not a schema's name"),
    "level": ({"LOG_LEVEL": "loud"}, "LOG_LEVEL has to be debug, info, warning or error"),
    "file": ({"ENV_FILE": "/nowhere"}, "the environment file /nowhere cannot be read"),
}


@pytest.mark.parametrize("case", UNFIT)
def test_a_setting_that_does_not_fit_is_named_and_exit_code_2(stack: Stack, case: str) -> None:
    environment, said = UNFIT[case]

    done = stack.run(["jobs"], seconds=SECONDS, **environment)

    assert done.returncode == 2
    assert done.stderr.startswith(f"oraq: {said}")
    assert done.stderr.count("\n") == 1
    assert "t1ger" not in done.stderr


@pytest.mark.parametrize("command", ["job", "jobs --tag", "submit P", "drain"])
def test_an_argument_that_is_no_text_is_wrong_usage(stack: Stack, command: str) -> None:
    done = stack.run([*command.split(), "a=\udcff"], seconds=SECONDS)

    assert (done.returncode, done.stderr) == (2, "oraq: an argument is not UTF-8 text\n")


def test_the_version_is_told_with_that_of_the_schema(stack: Stack) -> None:
    done = stack.run(["--version"], seconds=SECONDS)

    assert done.returncode == 0
    assert re.fullmatch(r"oraq \S+, schema version 3\n", done.stdout)


def test_config_masks_secrets_and_names_the_sources(stack: Stack, tmp_path: Path) -> None:
    file = tmp_path / "oraq.env"
    file.write_text("PORT=3456\nAPI_TOKEN=hush-hush\nORACLE_USER=ignored\n")
    environment = {
        "ENV_FILE": str(file),
        "ORACLE_DSN": "scott/t1ger@db:1521/X",
        "ORACLE_PASSWORD": "sup3rsecret",
    }

    done = stack.run(["config", "--json"], seconds=SECONDS, **environment)
    table = stack.run(["config"], seconds=SECONDS, **environment)

    assert done.returncode == 0, done.stderr
    rows = {row["name"]: row for row in json.loads(done.stdout)["settings"]}
    assert rows["PORT"]["value"] == "3456"
    assert rows["PORT"]["source"] == f"PORT in {file}"
    assert rows["API_TOKEN"]["value"] == "********"
    assert rows["ORACLE_USER"]["source"] == "ORACLE_USER"
    assert rows["ORACLE_DSN"]["value"] == "scott/********@db:1521/X"
    assert rows["WORKER_SLOTS"] == {
        "section": "worker",
        "name": "WORKER_SLOTS",
        "value": "4",
        "source": "default",
    }
    for text in (done.stdout, table.stdout):
        assert not any(secret in text for secret in ("hush-hush", "t1ger", "sup3rsecret"))


def test_config_shows_what_it_can_and_then_what_is_wrong(stack: Stack) -> None:
    done = stack.run(["config"], seconds=SECONDS, ORACLE_PORT="many")

    assert done.returncode == 2
    assert "ORACLE_USER" in done.stdout
    assert done.stderr.startswith("oraq: ORACLE_PORT: ")


def test_help_lists_every_exit_code(stack: Stack) -> None:
    done = stack.run(["--help"], seconds=SECONDS)

    assert done.returncode == 0
    for code, meaning in MEANINGS.items():
        assert f"{code:<4} {meaning}" in done.stdout


def test_the_readme_lists_the_same_exit_codes() -> None:
    readme = (ROOT / "README.md").read_text()

    for code, meaning in MEANINGS.items():
        assert f"| {code:d} | {meaning} |" in readme


COMPLETE = """
source <("$1" -m deploy.cli completion bash)
function=$(complete -p oraq | sed -n 's/.*-F \\([^ ]*\\).*/\\1/p')
COMP_WORDS=(oraq jobs --status c)
COMP_CWORD=3
"$function" oraq c --status
echo "${COMPREPLY[@]}"
COMP_WORDS=(oraq dr)
COMP_CWORD=1
"$function" oraq dr oraq
echo "${COMPREPLY[@]}"
"""


def test_bash_completes_commands_and_values() -> None:
    done = subprocess.run(
        ["bash", "-c", COMPLETE, "bash", sys.executable], cwd=ROOT, capture_output=True, text=True
    )

    assert done.stdout.split("\n")[:2] == ["completed", "drain"], done.stderr


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_have_a_script(stack: Stack, shell: str) -> None:
    done = stack.run(["completion", shell], seconds=SECONDS)

    assert done.returncode == 0, done.stderr
    assert "oraq" in done.stdout
    assert "drain" in done.stdout
