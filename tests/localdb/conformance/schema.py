"""The suite's schema, made as SYSTEM; what the database refuses is listed and does not stop it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import oracledb

from tests.localdb.conformance.suite import Login

#: The source distribution brings the suite's Python, but not its SQL scripts: these objects are the
#: ones that the tests of its files mention.
OWN = Path(__file__).parent / "schema.sql"
#: The scripts of a checkout of the driver's repository, in their order.
_SCRIPTS = ("create_schema", "create_schema_21", "create_schema_23_4")


def scripts(folder: Path | None) -> list[Path]:
    """Our own, or those of a checkout's folder `tests/sql`."""
    if folder is None:
        return [OWN]
    return [folder / f"{name}.sql" for name in _SCRIPTS]


def statements(path: Path, login: Login) -> Iterator[str]:
    """A script's statements: each ends at a line with a slash alone."""
    names = {
        "main_user": login.main_user,
        "main_password": login.password,
        "proxy_user": login.proxy_user,
        "proxy_password": login.password,
        "edition_name": login.edition,
    }
    lines: list[str] = []
    for line in path.read_text().splitlines():
        if line.strip() != "/":
            lines.append(line)
            continue
        text = "\n".join(lines).strip()
        lines = []
        for name, value in names.items():
            text = text.replace(f"&{name}.", value).replace(f"&{name}", value)
        if text:
            yield text


def create(login: Login, folder: Path | None) -> list[str]:
    """Run the scripts; returns what was refused, and units that do not compile."""
    refused = []
    connection = oracledb.connect(user=login.admin, password=login.password, dsn=login.dsn)
    with connection, connection.cursor() as cursor:
        for path in scripts(folder):
            for text in statements(path, login):
                try:
                    cursor.execute(text)
                except oracledb.Error as error:
                    head = " ".join(_head(text).replace(login.password, "***").split())
                    refused.append(f"{head[:90]} -> {str(error).splitlines()[0]}")
        connection.commit()
        cursor.execute(
            "select name, type, line, text from dba_errors where owner = upper(:owner)"
            " order by name, type, line",
            owner=login.main_user,
        )
        refused += [
            f"{name} ({kind}), line {line}: {' '.join(text.split())}"
            for name, kind, line, text in cursor
        ]
    return refused


def _head(text: str) -> str:
    """The text without the comments before it."""
    lines = text.splitlines()
    while lines and (lines[0].startswith(("--", "/*", " *")) or not lines[0].strip()):
        del lines[0]
    return "\n".join(lines)
