"""Compile public PL/SQL libraries in localdb, unchanged: `make libraries`.

Three libraries with free licences, at fixed commits, cloned into a folder that git ignores. Each gets
a schema of its own; a table says how many of its units compile, and below it what the others need.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import oracledb

from deploy.stack import Database, Stack

_ROOT = Path(__file__).resolve().parents[3]
_CACHE = _ROOT / ".libraries"
_PASSWORD = "library"  # of schemas that live as long as this process
#: What SQL*Plus does by itself.
_CLIENT_LINE = re.compile(
    r"\s*(?:set\s+\w+|prompt\b|show\s+err|whenever\b|rem\b|@|alter session set plsql).*",
    re.IGNORECASE,
)
#: What ends at a slash only, behind comments; a comment that is not ended yet is no SQL either.
_PLSQL = re.compile(
    r"(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/)*"
    r"(?:/\*|$|begin\b|declare\b|create\s+(?:or\s+replace\s+)?(?:(?:non)?editionable\s+)?"
    r"(?:package|procedure|function|trigger|type)\b)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Library:
    """Where a library is, and its files in the order in which they are run."""

    name: str
    url: str
    commit: str
    patterns: tuple[str, ...]


LIBRARIES = (
    Library(
        "oos-utils",
        "https://github.com/OraOpenSource/oos-utils",
        "b6217292bc744211eaee9e1d11ca7a0b495bc44d",
        ("source/tables/*.sql", "source/packages/*.pks", "source/packages/*.pkb"),
    ),
    Library(
        "Logger",
        "https://github.com/OraOpenSource/Logger",
        "600f0c44cd0cc7f064776d31de50e9006d3476c4",
        (
            "source/tables/*.sql",
            "source/views/*.sql",
            "source/packages/*.pks",
            "source/packages/*.pkb",
        ),
    ),
    Library(
        "alexandria-plsql-utils",
        "https://github.com/mortenbra/alexandria-plsql-utils",
        "ada48755255df1be0bde6708adf243747c0000bd",
        ("setup/types.sql", "ora/*.pks", "ora/*.pkb"),
    ),
)


@dataclass(frozen=True)
class Result:
    """What became of a library."""

    valid: int
    invalid: int
    #: What the invalid units need, and how many of them name it first.
    causes: Counter[str]


def checkout(library: Library, folder: Path) -> Path:
    """The library's files at its commit, cloned where they are not there yet."""
    path = folder / library.name
    if not path.is_dir():
        folder.mkdir(exist_ok=True)
        subprocess.run(["git", "clone", "--quiet", library.url, str(path)], check=True)
    subprocess.run(["git", "-C", str(path), "checkout", "--quiet", library.commit], check=True)
    return path


def statements(path: Path) -> Iterator[str]:
    """The statements of a script of SQL*Plus: each ends at a line with a slash, SQL also at a `;`."""
    lines: list[str] = []
    for line in [*path.read_text(encoding="utf-8", errors="replace").splitlines(), "/"]:
        ends_sql = line.rstrip().endswith(";") and not _PLSQL.match("\n".join([*lines, line]))
        if ends_sql:
            lines.append(line.rstrip()[:-1])
        if ends_sql or line.strip() == "/":
            text = "\n".join(lines).strip()
            if text:
                yield text
            lines = []
        elif lines or not _CLIENT_LINE.fullmatch(line):
            lines.append(line)


def compile_library(library: Library, folder: Path, database: Database) -> Result:
    """Run the library's files in a schema of its own, then compile once more what is invalid."""
    user = re.sub(r"\W", "", library.name).upper()
    with oracledb.connect(user="SYSTEM", password=database.password, dsn=database.dsn) as system:
        cursor = system.cursor()
        cursor.execute(f"create user {user} identified by {_PASSWORD} quota unlimited on users")
        cursor.execute(f"grant connect, resource, create view to {user}")
    with oracledb.connect(user=user, password=_PASSWORD, dsn=database.dsn) as connection:
        cursor = connection.cursor()
        for pattern in library.patterns:
            for path in sorted(folder.glob(pattern)):
                for text in statements(path):
                    _run(cursor, text)
        for _ in range(3):
            _compile_invalid(cursor)
        return _judge(cursor)


def _run(cursor: oracledb.Cursor, text: str) -> None:
    """What is refused shows in the units that need it."""
    try:
        cursor.execute(text)
    except oracledb.DatabaseError:
        return


def _compile_invalid(cursor: oracledb.Cursor) -> None:
    cursor.execute(
        "select object_name, object_type from user_objects"
        " where status = 'INVALID' and object_type in ('PACKAGE', 'PACKAGE BODY')"
        " order by object_type, object_name"
    )
    for name, kind in cursor.fetchall():
        what = "body" if kind == "PACKAGE BODY" else "specification"
        _run(cursor, f"alter package {name} compile {what}")


def _judge(cursor: oracledb.Cursor) -> Result:
    cursor.execute(
        "select status, count(*) from user_objects where object_type like 'PACKAGE%' group by status"
    )
    counts = dict(cursor.fetchall())
    cursor.execute(
        "select name, type, text from user_errors where type like 'PACKAGE%'"
        " and text not like 'PL/SQL: %ignored' order by name, type, sequence"
    )
    causes: Counter[str] = Counter()
    seen = set()
    for name, kind, text in cursor:
        if (name, kind) not in seen:
            seen.add((name, kind))
            causes[_cause(text)] += 1
    return Result(counts.get("VALID", 0), counts.get("INVALID", 0), causes)


def _cause(text: str) -> str:
    if "PLS-00905" in text:
        return "a unit that is invalid itself"
    return " ".join(text.split()).removeprefix("ORA-03001: unimplemented feature: ")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.localdb.libraries")
    parser.add_argument("--folder", type=Path, default=_CACHE, help="where the clones are, or go")
    folder = parser.parse_args().folder
    with (
        tempfile.TemporaryDirectory() as logs,
        Stack(folder=Path(logs), environment=os.environ) as stack,
    ):
        database = stack.start_database()
        for library in LIBRARIES:
            result = compile_library(library, checkout(library, folder), database)
            total = result.valid + result.invalid
            print(f"{library.name}: {result.valid} of {total} units compile")
            for cause, count in result.causes.most_common():
                print(f"    {count:3} {cause}")


if __name__ == "__main__":
    main()
