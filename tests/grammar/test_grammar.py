"""An independent grammar of Oracle's language finds no fault in what we ship."""

import hashlib
import re
from importlib.metadata import version
from pathlib import Path

import pytest
from pgrecon.plsql import parse_unit

from deploy.stack import ROOT
from sql.scripts import split_script

SCRIPTS = sorted(
    [
        *(ROOT / "plsql").iterdir(),
        *(ROOT / "sql").glob("*.sql"),
        *(ROOT / "sql" / "schema").glob("*.sql"),
        *(ROOT / "sql" / "migrations").glob("*.sql"),
        *(ROOT / "sql" / "views").glob("*.sql"),
        *(ROOT / "sql" / "examples").glob("*.sql"),
    ]
)

#: Of the judge and of how it is asked.
VERSION = f"{version('pgrecon')} 1 "
#: What the grammar refuses and Oracle takes: the clause after `authid`. Lines keep their numbers.
ACCESSIBLE_BY = re.compile(r"\baccessible by \([^)]*\)")
#: SQL*Plus puts the value in before Oracle sees it.
SUBSTITUTION = re.compile(r"&{1,2}(\w+)\.?")


def find_faults(text: str) -> list[str]:
    """Each fault with the line of the script."""
    faults = []
    for statement, first_line in split_script(text):
        if statement.startswith("@@"):
            continue
        known = ACCESSIBLE_BY.sub(lambda found: "\n" * found[0].count("\n"), statement)
        parsed = parse_unit(SUBSTITUTION.sub(r"\1", known))
        faults += [f"statement at line {first_line}: {error[:200]}" for error in parsed.errors]
    return faults


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_the_grammar_finds_no_fault(script: Path, pytestconfig: pytest.Config) -> None:
    text = script.read_text(encoding="utf-8")
    # The grammar takes seconds a file, and says the same of the same text.
    key = "grammar/" + hashlib.sha256((VERSION + text).encode()).hexdigest()
    faults = pytestconfig.cache.get(key, None)
    if faults is None:
        faults = find_faults(text)
        pytestconfig.cache.set(key, faults)

    assert faults == []


def test_a_fault_is_found() -> None:
    assert find_faults("create or replace procedure p is begin nul l; end p;\n/\n") != []
