"""Each rule: Oracle's words in, PostgreSQL's out. The pairs stand in rules/*.sql.

A pair is a statement, then `->` and its translation; lines that begin with `--` say what the pair is
about.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.localdb.dialect import translate
from tests.localdb.dialect.names import Names

_FOLDER = Path(__file__).parent / "rules"


def read_pairs(path: Path) -> Iterator[tuple[str, str, str]]:
    for paragraph in path.read_text(encoding="utf-8").split("\n\n"):
        lines = [line for line in paragraph.splitlines() if line.strip()]
        if not lines:
            continue
        about = " ".join(line[3:] for line in lines if line.startswith("-- "))
        body = "\n".join(line for line in lines if not line.startswith("-- "))
        given, _, wanted = body.partition("\n-> ")
        yield about, given.strip(), wanted.strip()


_PAIRS = [
    pytest.param(given, wanted, id=f"{path.stem}-{about or given[:40]}")
    for path in sorted(_FOLDER.glob("*.sql"))
    for about, given, wanted in read_pairs(path)
]


@pytest.mark.parametrize(("given", "wanted"), _PAIRS)
def test_rule(given: str, wanted: str) -> None:
    assert translate(given, Names(), schema="SCOTT").sql == wanted
