"""The privileges that there are: of the system, and on objects by their type.

Source: SQL Language Reference 19c, GRANT, tables 18-1 to 18-4.
"""

from __future__ import annotations

from collections.abc import Mapping

#: ANY object of a type, by what may be done with it.
_ANY = {
    "ALTER": "CLUSTER DIMENSION INDEX MATERIALIZED_VIEW PROCEDURE ROLE SEQUENCE TABLE TRIGGER TYPE",
    "CREATE": (
        "CLUSTER CONTEXT DIMENSION DIRECTORY INDEX INDEXTYPE JOB MATERIALIZED_VIEW OPERATOR"
        " PROCEDURE SEQUENCE SYNONYM TABLE TRIGGER TYPE VIEW"
    ),
    "DROP": (
        "CLUSTER CONTEXT DIMENSION DIRECTORY INDEX INDEXTYPE MATERIALIZED_VIEW OPERATOR PROCEDURE"
        " ROLE SEQUENCE SYNONYM TABLE TRIGGER TYPE VIEW"
    ),
    "EXECUTE": "CLASS INDEXTYPE OPERATOR PROCEDURE PROGRAM TYPE",
    "SELECT": "DICTIONARY SEQUENCE TABLE TRANSACTION",
    "READ": "TABLE",
    "INSERT": "TABLE",
    "UPDATE": "TABLE",
    "DELETE": "TABLE",
    "LOCK": "TABLE",
    "COMMENT": "TABLE",
    "BACKUP": "TABLE",
    "FLASHBACK": "TABLE",
    "UNDER": "TABLE TYPE VIEW",
    "DEBUG": "PROCEDURE",
    "ENQUEUE": "QUEUE",
    "DEQUEUE": "QUEUE",
    "MANAGE": "QUEUE",
    "FORCE": "TRANSACTION",
    "GRANT": "OBJECT_PRIVILEGE PRIVILEGE ROLE",
    "ANALYZE": "",
    "AUDIT": "",
}
SYSTEM_PRIVILEGES: frozenset[str] = frozenset(
    [
        *(
            f"{verb} ANY {what.replace('_', ' ')}".rstrip()
            for verb, listed in _ANY.items()
            for what in listed.split() or [""]
        ),
        "ADMINISTER DATABASE TRIGGER",
        "ADMINISTER RESOURCE MANAGER",
        "ADVISOR",
        "ALTER DATABASE",
        "ALTER PROFILE",
        "ALTER RESOURCE COST",
        "ALTER ROLLBACK SEGMENT",
        "ALTER SESSION",
        "ALTER SYSTEM",
        "ALTER TABLESPACE",
        "ALTER USER",
        "AUDIT SYSTEM",
        "BECOME USER",
        "CHANGE NOTIFICATION",
        "CREATE CLUSTER",
        "CREATE DATABASE LINK",
        "CREATE DIMENSION",
        "CREATE EXTERNAL JOB",
        "CREATE INDEXTYPE",
        "CREATE JOB",
        "CREATE LIBRARY",
        "CREATE MATERIALIZED VIEW",
        "CREATE OPERATOR",
        "CREATE PROCEDURE",
        "CREATE PROFILE",
        "CREATE PUBLIC DATABASE LINK",
        "CREATE PUBLIC SYNONYM",
        "CREATE ROLE",
        "CREATE ROLLBACK SEGMENT",
        "CREATE SEQUENCE",
        "CREATE SESSION",
        "CREATE SYNONYM",
        "CREATE TABLE",
        "CREATE TABLESPACE",
        "CREATE TRIGGER",
        "CREATE TYPE",
        "CREATE USER",
        "CREATE VIEW",
        "DEBUG CONNECT SESSION",
        "DROP PROFILE",
        "DROP PUBLIC DATABASE LINK",
        "DROP PUBLIC SYNONYM",
        "DROP ROLLBACK SEGMENT",
        "DROP TABLESPACE",
        "DROP USER",
        "EXEMPT ACCESS POLICY",
        "FORCE TRANSACTION",
        "GLOBAL QUERY REWRITE",
        "MANAGE SCHEDULER",
        "MANAGE TABLESPACE",
        "ON COMMIT REFRESH",
        "QUERY REWRITE",
        "RESTRICTED SESSION",
        "RESUMABLE",
        "SET CONTAINER",
        "UNLIMITED TABLESPACE",
    ]
)

_TABLE = "ALTER DEBUG DELETE FLASHBACK INDEX INSERT READ REFERENCES SELECT UPDATE"
_UNIT = "DEBUG EXECUTE"
#: What can be granted on an object, by its type; the same words that ALL stands for.
OBJECT_PRIVILEGES: Mapping[str, tuple[str, ...]] = {
    "TABLE": (*_TABLE.split(), "ON COMMIT REFRESH", "QUERY REWRITE"),
    "VIEW": (
        "DEBUG",
        "DELETE",
        "FLASHBACK",
        "INSERT",
        "READ",
        "REFERENCES",
        "SELECT",
        "UNDER",
        "UPDATE",
    ),
    "SEQUENCE": ("ALTER", "KEEP SEQUENCE", "SELECT"),
    "PACKAGE": tuple(_UNIT.split()),
    "PROCEDURE": tuple(_UNIT.split()),
    "FUNCTION": tuple(_UNIT.split()),
    "TYPE": ("DEBUG", "EXECUTE", "UNDER"),
}
#: The error where one is granted that the type does not have.
NOT_FOR_TYPE: Mapping[str, tuple[int, str]] = {
    "TABLE": (2224, "EXECUTE privilege not allowed for tables"),
    "VIEW": (2204, "ALTER, INDEX and EXECUTE not allowed for views"),
    "SEQUENCE": (2205, "only SELECT and ALTER privileges are valid for sequences"),
    "PACKAGE": (2225, "only EXECUTE and DEBUG privileges are valid for procedures"),
    "PROCEDURE": (2225, "only EXECUTE and DEBUG privileges are valid for procedures"),
    "FUNCTION": (2225, "only EXECUTE and DEBUG privileges are valid for procedures"),
    "TYPE": (2305, "only EXECUTE, DEBUG, and UNDER privileges are valid for types"),
}
ALL_OBJECT_PRIVILEGES: frozenset[str] = frozenset(
    privilege for listed in OBJECT_PRIVILEGES.values() for privilege in listed
)

#: What stands in for a privilege on an object that is not SYS's, by type and privilege; DROP, LOCK and
#: COMMENT are no privileges on objects: only these give them.
STAND_INS: Mapping[tuple[str, str], tuple[str, ...]] = {
    **{
        (type_, verb): (f"{verb} ANY TABLE",)
        for type_ in ("TABLE", "VIEW")
        for verb in ("INSERT", "UPDATE", "DELETE", "LOCK", "COMMENT")
    },
    **{
        (type_, verb): listed
        for type_ in ("TABLE", "VIEW")
        for verb, listed in (
            ("SELECT", ("SELECT ANY TABLE",)),
            ("READ", ("SELECT ANY TABLE", "READ ANY TABLE")),
        )
    },
    ("TABLE", "ALTER"): ("ALTER ANY TABLE",),
    ("TABLE", "INDEX"): ("CREATE ANY INDEX",),
    ("TABLE", "DROP"): ("DROP ANY TABLE",),
    ("VIEW", "ALTER"): ("CREATE ANY VIEW",),
    ("VIEW", "DROP"): ("DROP ANY VIEW",),
    ("SEQUENCE", "SELECT"): ("SELECT ANY SEQUENCE",),
    ("SEQUENCE", "ALTER"): ("ALTER ANY SEQUENCE",),
    ("SEQUENCE", "DROP"): ("DROP ANY SEQUENCE",),
    **{
        (type_, verb): (f"{word} ANY PROCEDURE",)
        for type_ in ("PACKAGE", "PROCEDURE", "FUNCTION")
        for verb, word in (
            ("EXECUTE", "EXECUTE"),
            ("DROP", "DROP"),
            ("ALTER", "ALTER"),
            ("DEBUG", "DEBUG"),
        )
    },
    ("TYPE", "EXECUTE"): ("EXECUTE ANY TYPE",),
    ("TYPE", "DROP"): ("DROP ANY TYPE",),
    ("INDEX", "DROP"): ("DROP ANY INDEX",),
    ("INDEX", "ALTER"): ("ALTER ANY INDEX",),
    ("SYNONYM", "DROP"): ("DROP ANY SYNONYM",),
}
#: Whoever has one of these may see that an object of the type is there.
SEES_ANY: Mapping[str, tuple[str, ...]] = {
    **{
        type_: tuple(
            f"{verb} ANY TABLE" for verb in ("SELECT", "READ", "INSERT", "UPDATE", "DELETE", "LOCK")
        )
        for type_ in ("TABLE", "VIEW", "INDEX")
    },
    "SEQUENCE": ("SELECT ANY SEQUENCE", "ALTER ANY SEQUENCE"),
    **dict.fromkeys(
        ("PACKAGE", "PROCEDURE", "FUNCTION"),
        ("EXECUTE ANY PROCEDURE", "CREATE ANY PROCEDURE", "ALTER ANY PROCEDURE"),
    ),
    "TYPE": ("EXECUTE ANY TYPE",),
}

_DEVELOPER = (
    "CREATE JOB|CREATE MATERIALIZED VIEW|CREATE PROCEDURE|CREATE SEQUENCE|CREATE SESSION"
    "|CREATE SYNONYM|CREATE TABLE|CREATE TRIGGER|CREATE TYPE|CREATE VIEW"
)
#: The roles that each database has -> system privileges and roles.
ROLES: Mapping[str, tuple[str, ...]] = {
    "CONNECT": ("CREATE SESSION", "SET CONTAINER"),
    "RESOURCE": tuple(
        f"CREATE {what}"
        for what in [
            "CLUSTER",
            "INDEXTYPE",
            "OPERATOR",
            "PROCEDURE",
            "SEQUENCE",
            "TABLE",
            "TRIGGER",
            "TYPE",
        ]
    ),
    "SELECT_CATALOG_ROLE": (),
    "EXECUTE_CATALOG_ROLE": (),
    "AQ_ADMINISTRATOR_ROLE": ("ENQUEUE ANY QUEUE", "DEQUEUE ANY QUEUE", "MANAGE ANY QUEUE"),
    "AQ_USER_ROLE": (),
    "CTXAPP": (),
    "SCHEDULER_ADMIN": (
        "CREATE JOB",
        "CREATE ANY JOB",
        "CREATE EXTERNAL JOB",
        "EXECUTE ANY PROGRAM",
        "EXECUTE ANY CLASS",
        "MANAGE SCHEDULER",
    ),
    "DB_DEVELOPER_ROLE": (
        *_DEVELOPER.split("|"),
        "CREATE DIMENSION",
        "DEBUG CONNECT SESSION",
        "FORCE TRANSACTION",
        "ON COMMIT REFRESH",
    ),
    "DBA": (
        *sorted(SYSTEM_PRIVILEGES - {"UNLIMITED TABLESPACE", "SET CONTAINER"}),
        "SELECT_CATALOG_ROLE",
        "EXECUTE_CATALOG_ROLE",
        "SCHEDULER_ADMIN",
    ),
}
#: Packages of SYS that not everybody may call -> who may.
RESTRICTED_PACKAGES: Mapping[str, tuple[str, ...]] = {
    "DBMS_AQ": ("SYSTEM", "EXECUTE_CATALOG_ROLE", "AQ_ADMINISTRATOR_ROLE", "AQ_USER_ROLE"),
    "DBMS_AQADM": ("SYSTEM", "EXECUTE_CATALOG_ROLE", "AQ_ADMINISTRATOR_ROLE"),
    "DBMS_LOCK": ("SYSTEM", "EXECUTE_CATALOG_ROLE"),
    "DBMS_SYSTEM": ("EXECUTE_CATALOG_ROLE",),
    "DBMS_CRYPTO": ("EXECUTE_CATALOG_ROLE",),
}
#: What a user has for whom localdb was started (`--user`): what a
#: developer needs, not through a role, so that it reaches into stored units.
DEVELOPER: tuple[str, ...] = (
    *_DEVELOPER.split("|"),
    "ALTER SESSION",
    "UNLIMITED TABLESPACE",
    "SELECT_CATALOG_ROLE",
)
#: And on which objects of SYS.
DEVELOPER_OBJECTS: tuple[tuple[str, str], ...] = (
    ("EXECUTE", "DBMS_AQ"),
    ("EXECUTE", "DBMS_AQADM"),
    ("EXECUTE", "DBMS_LOCK"),
    ("SELECT", "V_$PARAMETER"),
)
