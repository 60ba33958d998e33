"""Steps of an exchange that are sent all the time: transactions, the guard of a statement, settings."""

from __future__ import annotations

from deploy.localdb.postgres import messages

_GUARD = '"localdb$statement"'
#: Statements that are sent all the time, prepared under these names at the start.
_FIXED = {
    "begin": "begin isolation level read committed",
    "serializable": "begin isolation level repeatable read",
    "commit": "commit",
    "rollback": "rollback",
    "guard": f"savepoint {_GUARD}",
    "release": f"release {_GUARD}",
    "undo": f"rollback to {_GUARD}",
    "setting": "select set_config($1, $2, false)",
    "local": "select set_config($1, $2, true)",
    # Writes and flushes the log up to here, and so all that was committed before.
    "flush": "select pg_logical_emit_message(false, 'localdb', '', true)",
}
PREPARE_FIXED = (
    b"".join(messages.parse(name, text) for name, text in _FIXED.items()) + messages.SYNC
)


def step(name: str, *parameters: bytes) -> bytes:
    """Run one of the statements above."""
    return messages.bind("", name, parameters) + messages.execute("")


BEGIN = step("begin")
BEGIN_SERIALIZABLE = step("serializable")
COMMIT = step("commit")
FLUSH = step("flush") + messages.SYNC
ROLLBACK = step("rollback") + messages.SYNC
SET_GUARD = step("guard")
RELEASE_GUARD = step("release")
#: Back to the guard: what was locked since is free again.
TO_GUARD = step("undo") + RELEASE_GUARD
UNDO = TO_GUARD + messages.SYNC
NO_LOCK_TIMEOUT = step("local", b"lock_timeout", b"0")
