"""What is remembered of procedures, and for how long."""

import oracledb
import pytest

from sql.signature import CACHE_SECONDS, Procedure, Signatures
from sql.statements import load_statements


class Described(Signatures):
    """Knows every procedure, and counts how often it was looked up."""

    looked_up = 0

    async def _look_up(self, *args: object) -> Procedure:
        self.looked_up += 1
        return Procedure("APP", None, "P", ())


@pytest.mark.parametrize(("seconds", "times"), [(0, 1), (CACHE_SECONDS - 1, 1), (CACHE_SECONDS, 2)])
async def test_a_procedure_is_described_again_after_a_while(seconds: float, times: int) -> None:
    now = [100.0]
    statements = load_statements("ORAQ")
    signatures = Described(statements, owner="ORAQ", default_schema="APP", clock=lambda: now[0])
    nowhere: oracledb.AsyncConnection = None  # type: ignore[assignment]

    await signatures.resolve(nowhere, "p")
    now[0] += seconds
    assert (signatures.recall("p") is None) is (times == 2)
    await signatures.resolve(nowhere, "p")

    assert signatures.looked_up == times
    signatures.forget("p")
    assert signatures.recall("p") is None
