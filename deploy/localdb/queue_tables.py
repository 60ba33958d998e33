"""Queue tables and queues: what DBMS_AQADM creates, changes and drops.

Every call commits what is open before it, and itself, as DDL does.

Source: PL/SQL Packages and Types Reference 19c, DBMS_AQADM; Database Reference 19c, the columns of
queue tables and AQ$ views.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.queue_columns import TABLE_COLUMNS, VIEW_COLUMNS, QueueColumn
from deploy.localdb.queue_conditions import translate
from deploy.localdb.queue_definitions import (
    DEFINITIONS_CHANNEL,
    Queue,
    QueueHost,
    find_queue,
    parse_name,
    quote,
)
from deploy.localdb.values import TypeName

#: What MAX_RETRIES is where it is not given.
_DEFAULT_MAX_RETRIES = 5
#: AQ adds AQ$_ and _E to the name of a queue table; so it may have only so many bytes.
_MAX_TABLE_NAME, _MAX_QUEUE_NAME = 122, 128


@contextmanager
def _ddl(host: QueueHost) -> Iterator[None]:
    host.commit()
    try:
        yield
    except BaseException:
        host.rollback()
        raise
    host.notify(DEFINITIONS_CHANNEL)
    host.commit()


def _name(host: QueueHost, text: str | None, parameter: str, limit: int) -> tuple[str, str]:
    if not text:
        raise OraError(24031, f"invalid value, {parameter} should be non-NULL")
    found = parse_name(text, host.current_schema)
    if found is None:
        raise OraError(
            24000, f"invalid value {text}, {parameter} should be of the form [SCHEMA.]NAME"
        )
    if found[0] != host.rights.user and not host.has_system("MANAGE ANY QUEUE"):
        raise OraError(1031, "insufficient privileges")
    if len(found[1].encode()) > limit:
        raise OraError(
            24019,
            f"identifier for {parameter} too long, should not be greater than {limit} characters",
        )
    return found


# ---- queue tables ----


def create_queue_table(
    host: QueueHost,
    queue_table: str | None,
    payload_type: str | None,
    *,
    sort_list: str | None = None,
    comment: str | None = None,
) -> None:
    """Create a single-consumer queue table with its view and its default exception queue."""
    owner, name = _name(host, queue_table, "QUEUE_TABLE", _MAX_TABLE_NAME)
    if not payload_type:
        raise OraError(24031, "invalid value, QUEUE_PAYLOAD_TYPE should be non-NULL")
    if payload_type.strip().upper() != "RAW":
        raise Unsupported(f"queue payload type {payload_type}")
    order = _parse_sort_list(sort_list)
    if _table_exists(host, owner, name):
        raise OraError(24001, f"cannot create QUEUE_TABLE, {owner}.{name} already exists")
    if host.native(
        "select 1 from localdb.objects where owner = $1 and name = $2"
        " and type in ('TABLE', 'VIEW', 'SEQUENCE', 'PROCEDURE', 'FUNCTION', 'PACKAGE', 'SYNONYM')",
        owner,
        name,
    ):
        raise OraError(955, "name is already used by an existing object")
    with _ddl(host):
        _create_relations(host, owner, name, order)
        host.native(
            "insert into localdb.queue_tables (owner, name, payload_type, sort_list, comments)"
            " values ($1, $2, 'RAW', $3, $4)",
            owner,
            name,
            ",".join(order),
            comment,
        )
        _insert_queue(
            host, owner, f"AQ$_{name}_E", name, "EXCEPTION_QUEUE", 0, 0, 0, "exception queue"
        )
    host.reload_catalog()


def _parse_sort_list(text: str | None) -> tuple[str, ...]:
    columns = tuple(part.strip().upper() for part in (text or "ENQ_TIME").split(","))
    for column in columns:
        if column == "COMMIT_TIME":
            raise Unsupported("SORT_LIST with COMMIT_TIME")
        if column not in ("ENQ_TIME", "PRIORITY"):
            raise OraError(
                24004,
                f"invalid column name {column} in SORT_LIST, should be ENQ_TIME or PRIORITY",
            )
    if len(set(columns)) != len(columns):
        raise OraError(
            24004, f"invalid column name {columns[-1]} in SORT_LIST, should be ENQ_TIME or PRIORITY"
        )
    return columns


def _create_relations(host: QueueHost, owner: str, name: str, order: tuple[str, ...]) -> None:
    schema, table = quote(owner), quote(name)
    columns = ", ".join(f"{quote(column.name)} {column.sql}" for column in TABLE_COLUMNS)
    # The rows come and go: without frequent vacuuming the scans would meet ever more dead ones.
    host.native(
        f"create table {schema}.{table} ({columns}) with (fillfactor = 70,"
        " autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 200)"
    )
    order = order if "ENQ_TIME" in order else (*order, "ENQ_TIME")
    keys = ", ".join(quote(column) for column in order)
    indexes = {
        f"AQ$_{name}_I": f'("Q_NAME", "STATE", {keys})',
        f"AQ$_{name}_D": '("Q_NAME", "DELAY") where "STATE" = 1',
        f"AQ$_{name}_T": '("Q_NAME", "TIME_MANAGER_INFO") where "STATE" = 0',
        f"AQ$_{name}_C": '("CORRID")',
    }
    for index, definition in indexes.items():
        host.native(f"create index {quote(index)} on {schema}.{table} {definition}")
    view = f"AQ${name}"
    selected = ", ".join(f"{column.sql} as {quote(column.name)}" for column in VIEW_COLUMNS)
    host.native(
        f"create view {schema}.{quote(view)} as select {selected} from {schema}.{table} q"
        ' where q."STATE" <> 2 or q."DEQ_TIME" is not null'
    )
    _record_object(host, owner, name, "TABLE")
    _record_object(host, owner, view, "VIEW")
    for index in indexes:
        _record_object(host, owner, index, "INDEX")
    _record_columns(host, owner, name, TABLE_COLUMNS)
    _record_columns(host, owner, view, VIEW_COLUMNS)


def _record_object(host: QueueHost, owner: str, name: str, type_: str) -> None:
    host.native(
        "insert into localdb.objects (owner, name, type) values ($1, $2, $3)", owner, name, type_
    )


def _record_columns(
    host: QueueHost, owner: str, name: str, columns: tuple[QueueColumn, ...]
) -> None:
    for position, column in enumerate(columns, 1):
        scale = 6 if column.type is TypeName.TIMESTAMP else None
        host.native(
            "insert into localdb.columns (owner, table_name, column_name, position, type, size,"
            " precision, scale, nullable) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            owner,
            name,
            column.name,
            position,
            column.type.value,
            column.size,
            column.precision,
            scale,
            column.nullable,
        )


def _table_exists(host: QueueHost, owner: str, name: str) -> bool:
    return bool(
        host.native(
            "select 1 from localdb.queue_tables where owner = $1 and name = $2", owner, name
        )
    )


def _required_table(host: QueueHost, text: str | None) -> tuple[str, str]:
    owner, name = _name(host, text, "QUEUE_TABLE", _MAX_TABLE_NAME)
    if not _table_exists(host, owner, name):
        raise OraError(24002, f"QUEUE_TABLE {owner}.{name} does not exist")
    return owner, name


def drop_queue_table(host: QueueHost, queue_table: str | None, *, force: bool = False) -> None:
    """Drop a queue table; force: with its queues, whatever their state."""
    owner, name = _required_table(host, queue_table)
    queues = host.native(
        "select name from localdb.queues where owner = $1 and queue_table = $2"
        " and queue_type = 'NORMAL_QUEUE'",
        owner,
        name,
    )
    if queues and not force:
        raise OraError(
            24012, f"cannot drop QUEUE_TABLE, some queues in {owner}.{name} have not been dropped"
        )
    with _ddl(host):
        host.native(f"drop table {quote(owner)}.{quote(name)} cascade")
        dropped = host.native(
            "delete from localdb.queues where owner = $1 and queue_table = $2 returning name",
            owner,
            name,
        )
        for (queue,) in dropped:
            _forget_queue(host, owner, str(queue))
        host.native("delete from localdb.queue_tables where owner = $1 and name = $2", owner, name)
        host.native(
            "delete from localdb.columns where owner = $1 and table_name in ($2, $3)",
            owner,
            name,
            f"AQ${name}",
        )
        host.native(
            "delete from localdb.objects where owner = $1 and (name in ($2, $3)"
            " or name in ($4, $5, $6, $7) and type = 'INDEX')",
            owner,
            name,
            f"AQ${name}",
            *(f"AQ$_{name}_{suffix}" for suffix in "IDTC"),
        )
    host.reload_catalog()


def purge_queue_table(
    host: QueueHost, queue_table: str | None, condition: str | None, *, block: bool = False
) -> None:
    """Delete the messages that meet a condition, in a transaction of its own.

    Args:
        host: the session.
        queue_table: its name.
        condition: on the columns of the AQ$ view, as `qtview.<column>`; None: all messages.
        block: wait for messages that others have locked.
    """
    owner, name = _required_table(host, queue_table)
    where = f"where {_purge_condition(condition)}" if condition else ""
    table = f"{quote(owner)}.{quote(name)}"
    view = f"{quote(owner)}.{quote('AQ$' + name)}"
    skip = "" if block else "skip locked"
    host.begin_autonomous()
    try:
        host.native(
            f'delete from {table} where "MSGID" in (select "MSGID" from {table} where "MSGID" in'
            f' (select qtview."MSG_ID" from {view} qtview {where}) for update {skip})'
        )
        host.commit()
    except BaseException:
        host.end_autonomous(failed=True)
        raise
    host.end_autonomous(failed=False)


def _purge_condition(text: str) -> str:
    columns = {f"QTVIEW.{column.name}": f"qtview.{quote(column.name)}" for column in VIEW_COLUMNS}
    return translate(text, columns, "PURGE_CONDITION")


# ---- queues ----


def create_queue(
    host: QueueHost,
    queue_name: str | None,
    queue_table: str | None,
    *,
    is_exception: bool = False,
    max_retries: float | None = None,
    retry_delay: float | None = 0,
    retention: float | None = 0,
    comment: str | None = None,
) -> None:
    """Create a queue, not yet started."""
    owner, name = _name(host, queue_name, "QUEUE", _MAX_QUEUE_NAME)
    table_owner, table = _required_table(host, queue_table)
    if owner != table_owner:
        raise OraError(
            24000, f"invalid value {queue_name}, QUEUE should be of the form [SCHEMA.]NAME"
        )
    if is_exception and (max_retries or retry_delay):
        raise OraError(
            24074,
            f"RETRY_DELAY and MAX_RETRIES cannot be used for exception queue {owner}.{name}",
        )
    _check_limits(max_retries, retry_delay, retention)
    if find_queue(host, owner, name) is not None:
        raise OraError(24006, f"cannot create QUEUE, {owner}.{name} already exists")
    if is_exception:
        max_retries = 0
    elif max_retries is None:
        max_retries = _DEFAULT_MAX_RETRIES
    with _ddl(host):
        _insert_queue(
            host,
            owner,
            name,
            table,
            "EXCEPTION_QUEUE" if is_exception else "NORMAL_QUEUE",
            max_retries,
            retry_delay or 0,
            retention or 0,
            comment,
        )


def _check_limits(
    max_retries: float | None, retry_delay: float | None, retention: float | None
) -> None:
    if max_retries is not None and (max_retries < 0 or max_retries != int(max_retries)):
        raise OraError(
            24007, f"invalid value {max_retries}, MAX_RETRIES should be non-negative integer"
        )
    if retry_delay is not None and retry_delay < 0:
        raise OraError(24013, f"invalid value {retry_delay}, RETRY_DELAY should be non-negative")
    if retention is not None and retention < -1:
        raise OraError(
            24014, f"invalid value {retention}, RETENTION_TIME should be FOREVER or non-negative"
        )


def _insert_queue(
    host: QueueHost,
    owner: str,
    name: str,
    table: str,
    type_: str,
    max_retries: float,
    retry_delay: float,
    retention: float,
    comment: str | None,
) -> None:
    host.native(
        "insert into localdb.queues (owner, name, queue_table, queue_type, max_retries,"
        " retry_delay, retention, comments) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        owner,
        name,
        table,
        type_,
        max_retries,
        retry_delay,
        retention,
        comment,
    )
    _record_object(host, owner, name, "QUEUE")


def _required_queue(host: QueueHost, text: str | None) -> Queue:
    owner, name = _name(host, text, "QUEUE", _MAX_QUEUE_NAME)
    queue = find_queue(host, owner, name)
    if queue is None:
        raise OraError(24010, f"QUEUE {owner}.{name} does not exist")
    return queue


def _set(host: QueueHost, queue: Queue, assignments: str, *values: object) -> None:
    with _ddl(host):
        host.native(
            f"update localdb.queues set {assignments} where owner = $1 and name = $2",
            queue.owner,
            queue.name,
            *values,
        )
        host.notify(queue.channel)  # who waits for a message sees the change


def start_queue(
    host: QueueHost, queue_name: str | None, *, enqueue: bool = True, dequeue: bool = True
) -> None:
    """Enable a queue; False leaves as it is."""
    queue = _required_queue(host, queue_name)
    if enqueue and queue.is_exception:
        raise OraError(
            24017,
            f"cannot enable enqueue on QUEUE, {queue.owner}.{queue.name} is an exception queue",
        )
    _set(
        host,
        queue,
        "enqueue_enabled = enqueue_enabled or $3, dequeue_enabled = dequeue_enabled or $4",
        enqueue,
        dequeue,
    )


def stop_queue(
    host: QueueHost, queue_name: str | None, *, enqueue: bool = True, dequeue: bool = True
) -> None:
    """Disable a queue; False leaves as it is. Transactions that have used it go on."""
    _set(
        host,
        _required_queue(host, queue_name),
        "enqueue_enabled = enqueue_enabled and not $3,"
        " dequeue_enabled = dequeue_enabled and not $4",
        enqueue,
        dequeue,
    )


def alter_queue(
    host: QueueHost,
    queue_name: str | None,
    *,
    max_retries: float | None = None,
    retry_delay: float | None = None,
    retention: float | None = None,
    comment: str | None = None,
) -> None:
    """Change a queue; None leaves as it is."""
    queue = _required_queue(host, queue_name)
    _check_limits(max_retries, retry_delay, retention)
    if queue.is_exception and (max_retries or retry_delay):
        raise OraError(
            24074,
            "RETRY_DELAY and MAX_RETRIES cannot be used for exception queue"
            f" {queue.owner}.{queue.name}",
        )
    _set(
        host,
        queue,
        "max_retries = coalesce($3, max_retries), retry_delay = coalesce($4, retry_delay),"
        " retention = coalesce($5, retention), comments = coalesce($6, comments)",
        max_retries,
        retry_delay,
        retention,
        comment,
    )


def drop_queue(host: QueueHost, queue_name: str | None) -> None:
    """Drop a stopped queue with its messages."""
    queue = _required_queue(host, queue_name)
    if queue.enqueue_enabled or queue.dequeue_enabled:
        raise OraError(
            24011, f"cannot drop QUEUE, {queue.owner}.{queue.name} should be stopped first"
        )
    with _ddl(host):
        host.native(f'delete from {queue.relation} where "Q_NAME" = $1', queue.name)
        host.native(
            "delete from localdb.queues where owner = $1 and name = $2", queue.owner, queue.name
        )
        _forget_queue(host, queue.owner, queue.name)
    host.buffers.drop((queue.owner, queue.name))


def _forget_queue(host: QueueHost, owner: str, name: str) -> None:
    host.native("delete from localdb.queue_privileges where owner = $1 and queue = $2", owner, name)
    host.native(
        "delete from localdb.objects where owner = $1 and name = $2 and type = 'QUEUE'", owner, name
    )
    host.notify(f"queue:{owner}.{name}")  # who waits for a message of it gets ORA-24010


# ---- privileges ----


def grant(
    host: QueueHost, queue_name: str | None, grantee: str | None, privileges: tuple[str, ...]
) -> None:
    """Let a user send to a queue, or take from it.

    Raises:
        OraError: 24010 no such queue, 1917 no such user.
    """
    queue = _required_queue(host, queue_name)
    user = (grantee or "").strip().strip('"').upper()
    if user != "PUBLIC" and not host.native(
        "select 1 from localdb.users where name = $1"
        " union all select 1 from localdb.roles where name = $1",
        user,
    ):
        raise OraError(1917, f"user or role '{user}' does not exist")
    with _ddl(host):
        for privilege in privileges:
            host.native(
                "insert into localdb.queue_privileges (owner, queue, grantee, privilege)"
                " values ($1, $2, $3, $4) on conflict do nothing",
                queue.owner,
                queue.name,
                user,
                privilege,
            )


def revoke(
    host: QueueHost, queue_name: str | None, grantee: str | None, privileges: tuple[str, ...]
) -> None:
    """Take back what `grant` gave.

    Raises:
        OraError: 24010 no such queue, 1927 what was not granted.
    """
    queue = _required_queue(host, queue_name)
    user = (grantee or "").strip().strip('"').upper()
    with _ddl(host):
        for privilege in privileges:
            if not host.native(
                "delete from localdb.queue_privileges where owner = $1 and queue = $2"
                " and grantee = $3 and privilege = $4 returning 1",
                queue.owner,
                queue.name,
                user,
                privilege,
            ):
                raise OraError(1927, "cannot REVOKE privileges you did not grant")
