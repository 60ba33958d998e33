"""Runs the scripts beside it: blocks that end in a line `/`, and what they have to print.

    dbms_output.put_line(1 + 1);  -- expect: 2
    raise no_data_found;          -- expect error: ORA-01403: no data found

A block prints its expected lines in their order and nothing else; an expected error is in the text
that the client gets, line by line. On a real Oracle the same scripts run unchanged.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import oracledb
import pytest

_FOLDER = Path(__file__).parent
_EXPECT = re.compile(r"--\s*expect: ?(.*)$", re.MULTILINE)
_EXPECT_ERROR = re.compile(r"--\s*expect error: ?(.*)$", re.MULTILINE)


def blocks() -> Iterator[pytest.ParameterSet]:
    for path in sorted(_FOLDER.glob("*/*.sql")):
        text = path.read_text(encoding="utf-8")
        for number, block in enumerate(re.split(r"^/\s*$", text, flags=re.MULTILINE), 1):
            if block.strip():
                name = f"{path.parent.name}/{path.stem}-{number}"
                yield pytest.param(block.strip(), id=name)


def lines_of(cursor: oracledb.Cursor) -> list[str]:
    found: list[str] = []
    line, status = cursor.var(str), cursor.var(int)
    while True:
        cursor.callproc("dbms_output.get_line", [line, status])
        if status.getvalue():
            return found
        found.append(line.getvalue() or "")


@pytest.mark.parametrize("block", [*blocks()])
def test_a_block_does_what_its_comments_say(db, block):
    cursor = db.cursor()
    cursor.callproc("dbms_output.enable", [None])
    wanted_errors = _EXPECT_ERROR.findall(block)
    error = ""
    try:
        cursor.execute(block)
    except oracledb.DatabaseError as failure:
        error = failure.args[0].message
    printed = [part for line in lines_of(cursor) for part in line.split("\n")]
    db.rollback()

    if not wanted_errors:
        assert error == ""
    for wanted in wanted_errors:
        assert wanted.strip() in error.splitlines()
    assert printed == [line.rstrip() for line in _EXPECT.findall(block)]
