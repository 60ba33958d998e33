"""Global temporary tables: one definition, and rows that only their session sees.

The rows of all sessions are in a table `localdb$<name>`, with the session's key in a column of it; the
table's own name is a view of the session's rows. What ON COMMIT DELETE ROWS asks for a deferred trigger
does, at the commit; rows that are preserved go with their session.
"""

from __future__ import annotations

from collections.abc import Sequence

from deploy.localdb.dialect.definition import OWN, SESSION, storage_name
from deploy.localdb.dialect.naming import cut, literal, qualified, quote


def temporary_statements(
    owner: str, name: str, columns: Sequence[str], *, preserves: bool
) -> list[str]:
    """What goes behind the CREATE of the table with the rows."""
    rows = qualified(owner, storage_name(name))
    listed = ", ".join(quote(column) for column in columns)
    index = quote(cut(f"{OWN}of_{name}"))
    found = [
        f"create index {index} on {rows} ({quote(SESSION)})",
        f"create view {qualified(owner, name)} as select {listed} from {rows}"
        f" where {quote(SESSION)} = localdb.session_key()",
    ]
    if not preserves:
        found.append(
            f"create constraint trigger {quote(OWN + 'commit')} after insert on {rows}"
            " deferrable initially deferred for each row"
            f" execute function localdb.delete_rows_of_session({literal(rows)})"
        )
    return found
