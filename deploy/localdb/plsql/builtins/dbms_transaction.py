"""DBMS_TRANSACTION: the statements of transaction control as subprograms.

Source: PL/SQL Packages and Types Reference 19c, DBMS_TRANSACTION.
"""

from __future__ import annotations

from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.plsql.builtins.registry import implements
from deploy.localdb.plsql.values import Ref
from deploy.localdb.queue_definitions import QueueHost
from deploy.localdb.values import Value


@implements("DBMS_TRANSACTION.COMMIT")
def commit(host: QueueHost) -> None:
    host.commit()


@implements("DBMS_TRANSACTION.COMMIT_COMMENT")
def commit_comment(host: QueueHost, cmnt: Ref) -> None:
    host.commit()


@implements("DBMS_TRANSACTION.ROLLBACK")
def rollback(host: QueueHost) -> None:
    host.rollback()


@implements("DBMS_TRANSACTION.SAVEPOINT")
def savepoint(host: QueueHost, savept: Ref) -> None:
    host.savepoint(_name(savept))


@implements("DBMS_TRANSACTION.ROLLBACK_SAVEPOINT")
def rollback_savepoint(host: QueueHost, savept: Ref) -> None:
    host.rollback_to(_name(savept))


def _name(savept: Ref) -> str:
    if not savept.value:
        raise OraError(1086, "savepoint '' never established in this session or is invalid")
    return str(savept.value).strip().upper()


@implements("DBMS_TRANSACTION.READ_ONLY")
def read_only(host: QueueHost) -> None:
    host.set_transaction("set transaction read only")


@implements("DBMS_TRANSACTION.READ_WRITE")
def read_write(host: QueueHost) -> None:
    host.set_transaction("set transaction read write")


@implements("DBMS_TRANSACTION.LOCAL_TRANSACTION_ID")
def local_transaction_id(host: QueueHost, create_transaction: Ref | None = None) -> Value:
    """Undo segment, slot and sequence number in Oracle; here the last is PostgreSQL's number."""
    create = create_transaction is not None and create_transaction.value
    if not create and not host.in_transaction():
        return None
    function = "pg_current_xact_id" if create else "pg_current_xact_id_if_assigned"
    ((number,),) = host.native(f"select {function}()::text")
    return None if number is None else f"1.1.{number}"


@implements("DBMS_TRANSACTION.STEP_ID")
def step_id(host: QueueHost) -> Value:
    raise Unsupported("DBMS_TRANSACTION.STEP_ID")
