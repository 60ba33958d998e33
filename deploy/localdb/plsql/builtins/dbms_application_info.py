"""DBMS_APPLICATION_INFO: what a session says of what it does. Not transactional.

Source: PL/SQL Packages and Types Reference 19c, DBMS_APPLICATION_INFO.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from deploy.localdb.plsql.builtins.dbms_session import cut
from deploy.localdb.plsql.builtins.registry import implements
from deploy.localdb.plsql.host import Host
from deploy.localdb.plsql.values import Ref

_MODULE_BYTES, _ACTION_BYTES, _INFO_BYTES = 48, 32, 64
_OPERATION_BYTES, _UNITS_BYTES = 64, 32
_NO_HINT = -1


@dataclass
class LongOperation:
    """A row of V$SESSION_LONGOPS."""

    slno: int
    opname: str | None
    target: int
    context: int
    sofar: float
    totalwork: float
    target_desc: str | None
    units: str | None
    start_time: datetime.datetime
    last_update_time: datetime.datetime


_operations: WeakKeyDictionary[Host, list[LongOperation]] = WeakKeyDictionary()


def long_operations(host: Host) -> list[LongOperation]:
    """What a session has told of its long operations."""
    return _operations.get(host, [])


@implements("DBMS_APPLICATION_INFO.SET_MODULE")
def set_module(host: Host, module_name: Ref, action_name: Ref) -> None:
    host.set_attribute("MODULE", cut(module_name.value, _MODULE_BYTES))
    host.set_attribute("ACTION", cut(action_name.value, _ACTION_BYTES))


@implements("DBMS_APPLICATION_INFO.SET_ACTION")
def set_action(host: Host, action_name: Ref) -> None:
    host.set_attribute("ACTION", cut(action_name.value, _ACTION_BYTES))


@implements("DBMS_APPLICATION_INFO.READ_MODULE")
def read_module(host: Host, module_name: Ref, action_name: Ref) -> None:
    module_name.value = host.attribute("MODULE")
    action_name.value = host.attribute("ACTION")


@implements("DBMS_APPLICATION_INFO.SET_CLIENT_INFO")
def set_client_info(host: Host, client_info: Ref) -> None:
    host.set_attribute("CLIENT_INFO", cut(client_info.value, _INFO_BYTES))


@implements("DBMS_APPLICATION_INFO.READ_CLIENT_INFO")
def read_client_info(host: Host, client_info: Ref) -> None:
    client_info.value = host.attribute("CLIENT_INFO")


@implements("DBMS_APPLICATION_INFO.SET_SESSION_LONGOPS")
def set_session_longops(
    host: Host,
    rindex: Ref,
    slno: Ref,
    op_name: Ref | None = None,
    target: Ref | None = None,
    context: Ref | None = None,
    sofar: Ref | None = None,
    totalwork: Ref | None = None,
    target_desc: Ref | None = None,
    units: Ref | None = None,
) -> None:
    rows = _operations.setdefault(host, [])
    index = _NO_HINT if rindex.value is None else int(rindex.value)
    now = host.now()
    if not 0 <= index < len(rows):
        index = len(rows)
        rows.append(LongOperation(index + 1, None, 0, 0, 0, 0, None, None, now, now))
    row = rows[index]
    row.opname = cut(op_name.value, _OPERATION_BYTES) if op_name else row.opname
    row.target = int(target.value or 0) if target else row.target
    row.context = int(context.value or 0) if context else row.context
    row.sofar = sofar.value or 0 if sofar else row.sofar
    row.totalwork = totalwork.value or 0 if totalwork else row.totalwork
    row.target_desc = cut(target_desc.value, _UNITS_BYTES) if target_desc else "unknown_target"
    row.units = cut(units.value, _UNITS_BYTES) if units else row.units
    row.last_update_time = now
    rindex.value, slno.value = index, row.slno
