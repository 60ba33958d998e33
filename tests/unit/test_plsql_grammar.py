"""What tests/grammar cannot see fits the grammar too: named statements, and DDL in a block's texts.

And the shape of the PL/SQL sources, and that the installer's list has all of them.
"""

import hashlib
import re
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
from pgrecon.plsql import parse_unit

from sql.scripts import split_script
from sql.statements import parse_sections

ROOT = Path(__file__).parents[2]
SCHEMA = [
    path for room in ("schema", "migrations", "views") for path in ROOT.glob(f"sql/{room}/*.sql")
]
STATEMENTS = sorted(ROOT.glob("sql/statements/*.sql"))


def dynamic_texts() -> Iterator[tuple[str, str]]:
    """What blocks of the installer execute."""
    for path in [*SCHEMA, ROOT / "sql/create_test_procedures.sql"]:
        for text, line in split_script(path.read_text(encoding="utf-8")):
            for number, inner in enumerate(re.findall(r"q'\[(.*?)\]'", text, re.DOTALL), 1):
                yield f"{path.name}:{line}, text {number}", inner.strip()


def named_statements() -> Iterator[tuple[str, str]]:
    for path in STATEMENTS:
        for name, text in parse_sections(path.read_text(encoding="utf-8")).items():
            yield name, text.replace("{owner}", "oraq").replace("{call}", "p(a => :b0);")


TEXTS = {**dict(dynamic_texts()), **dict(named_statements())}


@pytest.mark.slow
@pytest.mark.parametrize("name", TEXTS)
def test_a_text_fits_the_grammar(name: str, pytestconfig: pytest.Config) -> None:
    text = TEXTS[name] if TEXTS[name].endswith(";") else f"{TEXTS[name]};"
    key = "grammar/" + hashlib.sha256(f"{version('pgrecon')} {text}".encode()).hexdigest()
    assert pytestconfig.cache is not None
    # The grammar takes seconds a text, and says the same of the same text.
    errors = pytestconfig.cache.get(key, None)
    if errors is None:
        errors = [str(error) for error in parse_unit(text).errors]
        pytestconfig.cache.set(key, errors)

    assert errors == []


@pytest.mark.parametrize("path", sorted(ROOT.glob("plsql/*.pks")), ids=lambda path: path.name)
def test_spec_and_body_are_twins_and_name_their_end(path: Path) -> None:
    spec, body = path.read_text(encoding="utf-8"), path.with_suffix(".pkb").read_text("utf-8")
    name = path.stem

    assert f"create or replace package {name}\n  authid definer" in spec
    assert f"create or replace package body {name} is" in body
    for text in (spec, body):
        assert text.endswith(f"end {name};\n/\n")


@pytest.mark.parametrize("path", sorted(ROOT.glob("plsql/*.pkb")), ids=lambda path: path.name)
def test_subprograms_name_their_end(path: Path) -> None:
    text = re.sub(r"--[^\n]*", "", path.read_text(encoding="utf-8"))
    begun = re.findall(r"^  (?:procedure|function) (\w+)", text, re.MULTILINE)
    ended = re.findall(r"^  end (\w+);", text, re.MULTILINE)

    assert ended == begun


@pytest.mark.parametrize("path", sorted(ROOT.glob("plsql/*.p*")), ids=lambda path: path.name)
def test_sources_keep_to_their_size(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())

    assert lines <= (200 if path.suffix == ".pks" else 600)


def test_the_installers_list_has_every_file_once() -> None:
    script = (ROOT / "sql/install.sql").read_text(encoding="utf-8")
    script += (ROOT / "sql/create_async_jobs_table.sql").read_text(encoding="utf-8")
    called = [line[2:].rsplit("/", 1)[-1] for line in script.splitlines() if line.startswith("@@")]
    files = [path.name for path in [*ROOT.glob("plsql/*.p*"), *SCHEMA]]

    assert sorted(called) == sorted([*files, "create_async_jobs_table.sql"])
