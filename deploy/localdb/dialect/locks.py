"""FOR UPDATE: which tables, and what to do about the locks of others."""

from __future__ import annotations

from sqlglot import exp

from deploy.localdb.dialect.aggregates import is_aggregate
from deploy.localdb.dialect.columns import find_column
from deploy.localdb.dialect.naming import name_of, position_of
from deploy.localdb.dialect.row_limits import outside_subqueries
from deploy.localdb.dialect.scopes import Source
from deploy.localdb.dialect.translation import Waiting
from deploy.localdb.dialect.writer import Writer, check_parts
from deploy.localdb.errors import OraError

_NO_LOCK_WITH = ("distinct", "group", "having", "limit", "offset")


def write_locks(w: Writer, node: exp.Select, top: bool) -> str:
    locks = node.args.get("locks")
    if not locks:
        return ""
    lock = locks[0]
    if not top or len(locks) > 1:
        raise OraError(907, "missing right parenthesis", position=position_of(node))
    check_parts(lock, "update expressions wait")
    inner = [one for item in node.expressions for one in outside_subqueries(item)]
    if any(node.args.get(part) is not None for part in _NO_LOCK_WITH) or any(
        is_aggregate(one) or isinstance(one, exp.Window) for one in inner
    ):
        raise OraError(2014, "cannot select FOR UPDATE from view with DISTINCT, GROUP BY, etc.")
    level = w.level
    if level is None:
        return ""
    wanted: list[Source] = []
    for column in lock.args.get("expressions") or []:
        names = tuple(
            name_of(part)
            for part in (column.args.get("catalog"), column.args.get("db"), column.this)
            if part is not None
        )
        found = find_column(w, names, position_of(column))
        if found is None or found.source is None:
            raise OraError(904, f'"{names[-1]}": invalid identifier', position=position_of(column))
        if found.source not in wanted:
            wanted.append(found.source)
    lockable = [source for source in level.sources if source.relation is not None]
    if not lockable:
        raise OraError(2014, "cannot select FOR UPDATE from view with DISTINCT, GROUP BY, etc.")
    if not wanted and (len(lockable) < len(level.sources) or node.args.get("joins")):
        wanted = lockable
    for source in wanted or lockable:
        if source.relation is not None:
            w.use(source.relation, "SELECT")
    w.for_update = True
    of = f" of {', '.join(source.reference for source in wanted)}" if wanted else ""
    return f" for update{of}{_write_wait(w, lock.args.get('wait'))}"


def _write_wait(w: Writer, wait: object) -> str:
    if wait is True:
        w.wait = Waiting.NEVER
        return " nowait"
    if wait is False:
        w.wait = Waiting.SKIP
        return " skip locked"
    if isinstance(wait, exp.Literal) and wait.name.isdigit():
        w.wait = int(wait.name)
        if w.wait == 0:
            w.wait = Waiting.NEVER
            return " nowait"
    elif wait is not None:
        raise OraError(30005, "missing or invalid WAIT interval")
    return ""
