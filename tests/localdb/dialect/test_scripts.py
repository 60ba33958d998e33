"""Statements against a real database. What is expected stands behind each in scripts/*.sql.

= a | b     a row, in order; null for NULL
# 2         rows that were changed
! ORA-...   the error
~           it works
"""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from deploy.localdb.database import SqlConnection
from deploy.localdb.errors import OraError
from deploy.localdb.statement import Kind
from deploy.localdb.values import Date, Lob, YearMonth

pytestmark = pytest.mark.asyncio(loop_scope="module")

_FOLDER = Path(__file__).parent / "scripts"
_MARKS = ("= ", "# ", "! ", "~")


@dataclass
class Step:
    line: int
    text: str
    expected: list[str] = field(default_factory=list)


def read_steps(path: Path) -> Iterator[Step]:
    step: Step | None = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("--"):
            continue
        if line.startswith("    ") and stripped.startswith(_MARKS) and step is not None:
            step.expected.append(stripped)
        elif line.startswith("    ") and step is not None and not step.expected:
            step.text += f"\n{line}"
        else:
            if step is not None:
                yield step
            step = Step(number, line)
    if step is not None:
        yield step


def shown(value: object) -> str:
    match value:
        case None:
            return "null"
        case Lob():
            return value.data.hex() if isinstance(value.data, bytes) else value.data
        case bytes():
            return value.hex()
        case Date():
            return value.isoformat(sep=" ").removesuffix(" 00:00:00")
        case datetime.datetime():
            return value.isoformat(sep=" ")
        case YearMonth():
            return f"{value.months} months"
        case _:
            return str(value)


async def run(connection: SqlConnection, step: Step) -> list[str]:
    try:
        prepared = await connection.prepare(step.text, schema="SCOTT")
        if prepared.kind is Kind.QUERY:
            cursor = await connection.open(prepared, ())
            rows = await cursor.fetch(1000)
            return ["= " + " | ".join(shown(value) for value in row) for row in rows]
        outcome = await connection.execute(prepared, ())
    except OraError as error:
        return [f"! {error.text}"]
    returned = ["= " + " | ".join(shown(value) for value in row) for row in outcome.rows]
    return [f"# {outcome.row_count}", *returned]


@pytest.mark.parametrize("path", sorted(_FOLDER.glob("*.sql")), ids=lambda path: path.stem)
async def test_script(connection: SqlConnection, path: Path) -> None:
    for step in read_steps(path):
        found = await run(connection, step)

        if step.expected == ["~"]:
            assert not found or not found[0].startswith("!"), f"line {step.line}: {found}"
        else:
            assert found == step.expected, f"line {step.line}: {step.text}"
