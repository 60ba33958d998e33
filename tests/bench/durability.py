"""Whether the PostgreSQL under localdb really writes what it commits: asked of itself."""

import asyncio
import struct
from pathlib import Path

from deploy.localdb.postgres import messages
from deploy.localdb.postgres.cluster import SOCKET_NAME, SUPERUSER
from deploy.localdb.postgres.wire import Wire

SETTINGS = ("fsync", "synchronous_commit", "full_page_writes")
#: The line of postmaster.pid that names the socket's directory. Source: PostgreSQL, pidfile.h.
SOCKET_LINE = 5


def read_durability(data: Path) -> dict[str, str]:
    """The settings of the running cluster in localdb's data folder."""
    return asyncio.run(_ask(str(find_socket(data))))


def find_socket(data: Path) -> Path:
    """Where the running cluster in localdb's data folder listens."""
    lines = (data / "pgdata" / "postmaster.pid").read_text().splitlines()
    return Path(lines[SOCKET_LINE - 1]) / SOCKET_NAME


async def _ask(path: str) -> dict[str, str]:
    wire = await Wire.connect(path, SUPERUSER, "postgres")
    try:
        answers = {}
        for name in SETTINGS:
            exchange = (await wire.exchange(messages.query(f"show {name}"))).check()
            row = exchange.results[0].rows[0]
            # A row is the number of its columns, then each one's length and bytes.
            (length,) = struct.unpack_from("!i", row, 2)
            answers[name] = row[6 : 6 + length].decode()
        return answers
    finally:
        await wire.close()
