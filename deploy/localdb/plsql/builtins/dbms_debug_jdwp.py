"""DBMS_DEBUG_JDWP, as far as it tells which session it is; there is no debugger.

Source: PL/SQL Packages and Types Reference 19c, DBMS_DEBUG_JDWP.
"""

from __future__ import annotations

from deploy.localdb.plsql.builtins.registry import implements
from deploy.localdb.plsql.host import Host
from deploy.localdb.values import Value


@implements("DBMS_DEBUG_JDWP.CURRENT_SESSION_ID")
def current_session_id(host: Host) -> Value:
    return host.session_id()[0]


@implements("DBMS_DEBUG_JDWP.CURRENT_SESSION_SERIAL")
def current_session_serial(host: Host) -> Value:
    return host.session_id()[1]
