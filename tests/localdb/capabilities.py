"""The tables of deploy/localdb/README.md, from the lists that the code itself goes by.

`python -m tests.localdb.capabilities` writes them anew; a test holds them against the file.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import resources
from pathlib import Path

from deploy.localdb import settings
from deploy.localdb.dialect import calls, ddl, privileges
from deploy.localdb.tns import constants, metadata, parsing
from deploy.localdb.tns.constants import Function, WireType

README = Path(__file__).resolve().parents[2] / "deploy" / "localdb" / "README.md"
BEGIN = "<!-- tables: made by `python -m tests.localdb.capabilities` -->\n"
END = "<!-- end of the tables -->\n"


def wire() -> list[tuple[str, str]]:
    """What of the protocol is served, and what is refused by name (ORA-03001)."""
    return [
        ("functions", _words(f.name for f in Function if f not in parsing.REFUSED_FUNCTIONS)),
        ("functions that are refused", _words(f.name for f in parsing.REFUSED_FUNCTIONS)),
        ("types of binds", _words(kind.name for kind in metadata.BIND_TYPES)),
        (
            "types of binds that are refused",
            _words(kind.name for kind in WireType if kind not in metadata.BIND_TYPES),
        ),
        ("types of columns", _words(name.value for name in metadata.COLUMN_TYPES)),
        ("LOB operations", _words(parsing.LOB_OPERATIONS.values())),
        (
            "scrolling",
            _words(name for name in vars(constants.Orientation) if not name.startswith("_")),
        ),
    ]


def sql() -> list[tuple[str, str]]:
    """What of SQL is translated; all else is refused by name."""
    return [
        ("functions", _words(calls.known_functions())),
        ("CREATE", _words(" ".join(words) for words in ddl.CREATE)),
        ("ALTER", _words(" ".join(words) for words in ddl.ALTER)),
        ("DROP", _words(" ".join(words) for words in ddl.DROP)),
        ("ALTER SESSION SET", _words(settings.SESSION)),
        ("ALTER SESSION SET, without effect", _words(settings.IGNORED)),
        ("ALTER SYSTEM SET", _words(settings.SYSTEM)),
        ("system privileges", _words(privileges.SYSTEM_PRIVILEGES)),
    ]


def language() -> list[tuple[str, str]]:
    """The packages and types of PL/SQL that there are."""
    folder = resources.files("deploy.localdb.plsql.builtins").joinpath("specs")
    names = (Path(entry.name).stem.upper() for entry in folder.iterdir())
    return [("packages and types", _words(names))]


def _words(names: Iterable[str]) -> str:
    return ", ".join(sorted(set(names))).replace("_", "\\_")


def tables() -> str:
    parts = []
    for title, rows in (("Wire", wire()), ("SQL", sql()), ("PL/SQL", language())):
        lines = [f"| {title} | |", "| --- | --- |"]
        lines += [f"| {name} | {text} |" for name, text in rows]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def renewed(text: str) -> str:
    """The README's text with its tables as they have to be."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{tables()}\n{END}{after}"


if __name__ == "__main__":
    README.write_text(renewed(README.read_text()))
