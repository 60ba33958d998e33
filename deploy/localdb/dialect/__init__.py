"""Oracle's SQL, translated to PostgreSQL's: one rule a function, nothing dropped silently.

`translate(text, catalog, *, schema, types=(), scope=None)` does it, without I/O and without a cache;
`translation.py` says how to run what it returns. What the texts call is in `types.sql` and the scripts
that `database.py` runs behind it.
"""

from deploy.localdb.dialect.translate import translate
from deploy.localdb.dialect.translation import Translation

__all__ = ["Translation", "translate"]
