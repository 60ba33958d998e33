"""What our scripts use of SQL*Plus, for machines without it: runs a script as a DBA would."""

import re
from collections.abc import Mapping
from pathlib import Path

import oracledb

from sql.scripts import split_script

ROOT = Path(__file__).resolve().parent.parent

_DEFINE = re.compile(r"define\s+(\w+)\s*=\s*(\S+)", re.IGNORECASE)


def run_script(
    connection: oracledb.Connection, path: Path, defines: Mapping[str, str] | None = None
) -> list[str]:
    """Run a script and those that it calls, and commit, as SQL*Plus does at its end.

    Args:
        connection: whose user runs it.
        path: the script.
        defines: values for its `define` lines, as if these had been edited.

    Returns:
        The lines that it has put out with DBMS_OUTPUT.

    Raises:
        oracledb.DatabaseError: of the first statement that failed; all is rolled back that the
            script has not committed.
    """
    output: list[str] = []
    with connection.cursor() as cursor:
        cursor.callproc("dbms_output.enable", [None])
        _run(cursor, path, dict(defines or {}), output)
    connection.commit()
    return output


def _run(cursor: oracledb.Cursor, path: Path, defines: dict[str, str], output: list[str]) -> None:
    text = path.read_text(encoding="utf-8")
    for name, value in _DEFINE.findall(text):
        defines.setdefault(name.lower(), value)
    if not re.search(r"^set define off", text, re.IGNORECASE | re.MULTILINE):
        # A full stop ends a name, so that another one may follow.
        text = re.sub(r"&(\w+)\.?", lambda found: defines[found[1].lower()], text)
    for statement, _line in split_script(text):
        if statement.startswith("@@"):
            _run(cursor, path.parent / statement[2:].strip(" ;"), defines, output)
        else:
            cursor.execute(statement)
            output.extend(_read_output(cursor))


def _read_output(cursor: oracledb.Cursor) -> list[str]:
    lines: list[str] = []
    line, status = cursor.var(str, 32767), cursor.var(int)
    while True:
        cursor.callproc("dbms_output.get_line", [line, status])
        if status.getvalue() != 0:
            return lines
        lines.append(line.getvalue() or "")
