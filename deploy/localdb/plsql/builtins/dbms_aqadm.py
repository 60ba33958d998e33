"""DBMS_AQADM: administration of queue tables and queues.

Source: PL/SQL Packages and Types Reference 19c, DBMS_AQADM.
"""

from __future__ import annotations

from deploy.localdb import queue_tables
from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.plsql.builtins.registry import implements
from deploy.localdb.plsql.values import Ref
from deploy.localdb.queue_definitions import QueueHost

_NORMAL_QUEUE, _EXCEPTION_QUEUE = 0, 1


def _flag(ref: Ref | None, default: bool) -> bool:
    return default if ref is None else bool(ref.value)


def _number(ref: Ref | None) -> float | None:
    return None if ref is None or ref.value is None else float(ref.value)


def _text(ref: Ref | None) -> str | None:
    return None if ref is None else ref.value


@implements("DBMS_AQADM.CREATE_QUEUE_TABLE")
def create_queue_table(
    host: QueueHost,
    queue_table: Ref,
    queue_payload_type: Ref,
    storage_clause: Ref | None = None,
    sort_list: Ref | None = None,
    multiple_consumers: Ref | None = None,
    message_grouping: Ref | None = None,
    comment: Ref | None = None,
    auto_commit: Ref | None = None,
    primary_instance: Ref | None = None,
    secondary_instance: Ref | None = None,
    compatible: Ref | None = None,
    non_repudiation: Ref | None = None,
    secure: Ref | None = None,
) -> None:
    if _flag(multiple_consumers, False):
        raise Unsupported("multiple consumers of a queue")
    if message_grouping is not None and message_grouping.value:
        raise Unsupported("message grouping of queues")
    if _flag(secure, False):
        raise Unsupported("secure queues")
    queue_tables.create_queue_table(
        host,
        queue_table.value,
        queue_payload_type.value,
        sort_list=_text(sort_list),
        comment=_text(comment),
    )


@implements("DBMS_AQADM.DROP_QUEUE_TABLE")
def drop_queue_table(
    host: QueueHost, queue_table: Ref, force: Ref | None = None, auto_commit: Ref | None = None
) -> None:
    queue_tables.drop_queue_table(host, queue_table.value, force=_flag(force, False))


@implements("DBMS_AQADM.PURGE_QUEUE_TABLE")
def purge_queue_table(
    host: QueueHost, queue_table: Ref, purge_condition: Ref, purge_options: Ref
) -> None:
    block = purge_options.value is not None and purge_options.value.get("BLOCK")
    queue_tables.purge_queue_table(
        host, queue_table.value, purge_condition.value, block=bool(block)
    )


@implements("DBMS_AQADM.CREATE_QUEUE")
def create_queue(
    host: QueueHost,
    queue_name: Ref,
    queue_table: Ref,
    queue_type: Ref | None = None,
    max_retries: Ref | None = None,
    retry_delay: Ref | None = None,
    retention_time: Ref | None = None,
    dependency_tracking: Ref | None = None,
    comment: Ref | None = None,
    auto_commit: Ref | None = None,
) -> None:
    kind = _NORMAL_QUEUE if queue_type is None else queue_type.value
    if kind not in (_NORMAL_QUEUE, _EXCEPTION_QUEUE):
        raise Unsupported("non-persistent queues")
    if _flag(dependency_tracking, False):
        raise Unsupported("dependency tracking of queues")
    queue_tables.create_queue(
        host,
        queue_name.value,
        queue_table.value,
        is_exception=kind == _EXCEPTION_QUEUE,
        max_retries=_number(max_retries),
        retry_delay=_number(retry_delay),
        retention=_number(retention_time),
        comment=_text(comment),
    )


@implements("DBMS_AQADM.DROP_QUEUE")
def drop_queue(host: QueueHost, queue_name: Ref, auto_commit: Ref | None = None) -> None:
    queue_tables.drop_queue(host, queue_name.value)


@implements("DBMS_AQADM.START_QUEUE")
def start_queue(
    host: QueueHost, queue_name: Ref, enqueue: Ref | None = None, dequeue: Ref | None = None
) -> None:
    queue_tables.start_queue(
        host, queue_name.value, enqueue=_flag(enqueue, True), dequeue=_flag(dequeue, True)
    )


@implements("DBMS_AQADM.STOP_QUEUE")
def stop_queue(
    host: QueueHost,
    queue_name: Ref,
    enqueue: Ref | None = None,
    dequeue: Ref | None = None,
    wait: Ref | None = None,
    free_memory: Ref | None = None,
) -> None:
    queue_tables.stop_queue(
        host, queue_name.value, enqueue=_flag(enqueue, True), dequeue=_flag(dequeue, True)
    )


@implements("DBMS_AQADM.ALTER_QUEUE")
def alter_queue(
    host: QueueHost,
    queue_name: Ref,
    max_retries: Ref | None = None,
    retry_delay: Ref | None = None,
    retention_time: Ref | None = None,
    auto_commit: Ref | None = None,
    comment: Ref | None = None,
) -> None:
    queue_tables.alter_queue(
        host,
        queue_name.value,
        max_retries=_number(max_retries),
        retry_delay=_number(retry_delay),
        retention=_number(retention_time),
        comment=_text(comment),
    )


def _privileges(privilege: Ref) -> tuple[str, ...]:
    name = (privilege.value or "").strip().upper()
    if name == "ALL":
        return ("ENQUEUE", "DEQUEUE")
    if name not in ("ENQUEUE", "DEQUEUE"):
        raise OraError(24051, "cannot grant object privileges on a queue: invalid privilege")
    return (name,)


@implements("DBMS_AQADM.GRANT_QUEUE_PRIVILEGE")
def grant_queue_privilege(
    host: QueueHost,
    privilege: Ref,
    queue_name: Ref,
    grantee: Ref,
    grant_option: Ref | None = None,
) -> None:
    queue_tables.grant(host, queue_name.value, grantee.value, _privileges(privilege))


@implements("DBMS_AQADM.REVOKE_QUEUE_PRIVILEGE")
def revoke_queue_privilege(host: QueueHost, privilege: Ref, queue_name: Ref, grantee: Ref) -> None:
    queue_tables.revoke(host, queue_name.value, grantee.value, _privileges(privilege))
