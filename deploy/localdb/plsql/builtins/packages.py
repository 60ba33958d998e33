"""Importing this module registers what the built-in packages and functions do."""

from deploy.localdb.plsql.builtins import (
    dbms_application_info,
    dbms_aq,
    dbms_aqadm,
    dbms_assert,
    dbms_lob,
    dbms_lock,
    dbms_output,
    dbms_random,
    dbms_scheduler,
    dbms_session,
    dbms_transaction,
    dbms_utility,
    standard,
    utl_raw,
)

__all__ = [
    "dbms_application_info",
    "dbms_aq",
    "dbms_aqadm",
    "dbms_assert",
    "dbms_lob",
    "dbms_lock",
    "dbms_output",
    "dbms_random",
    "dbms_scheduler",
    "dbms_session",
    "dbms_transaction",
    "dbms_utility",
    "standard",
    "utl_raw",
]
