"""Users of their own for the tests of rights, installation and removal, made and dropped by a DBA."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

import oracledb

from deploy.stack import Database
from tests.sqlplus import ROOT, run_script
from tests.waiting import eventually

UNINSTALL = ROOT / "sql" / "uninstall.sql"
GRANTS = ROOT / "sql" / "grants.sql"


@dataclass(frozen=True)
class Users:
    """The three users of grants.sql, with passwords, and two application schemas."""

    owner: Database
    api: Database
    worker: Database
    #: Has procedures that are run as jobs.
    application: Database
    #: Has nothing to do with OraQ.
    stranger: Database

    def defines(self) -> dict[str, str]:
        """For the first lines of grants.sql."""
        return {
            "owner": self.owner.user,
            "api_user": self.api.user,
            "worker_user": self.worker.user,
            "viewer_role": f"{self.owner.user}_VIEWER",
        }

    def all(self) -> Sequence[Database]:
        return (self.owner, self.api, self.worker, self.application, self.stranger)


def log_on(database: Database) -> oracledb.Connection:
    """SYS gets SYSDBA, as it can connect in no other way."""
    mode = oracledb.AUTH_MODE_SYSDBA if database.user.upper() == "SYS" else None
    return oracledb.connect(
        user=database.user,
        password=database.password,
        dsn=database.dsn,
        mode=mode or oracledb.AUTH_MODE_DEFAULT,
    )


@contextmanager
def fresh_users(dba: Database, prefix: str) -> Iterator[Users]:
    """Users as grants.sql makes them, able to log on, with nothing of theirs yet."""
    names = [f"{prefix}_{end}" for end in ("OWNER", "API", "WORKER", "APP", "OTHER")]
    users = Users(
        *(replace(dba, user=name, password=f"Pw_{secrets.token_hex(8)}") for name in names)
    )
    with log_on(dba) as connection, connection.cursor() as cursor:
        _drop(cursor, users)
        run_script(connection, GRANTS, users.defines())
        for database in (users.application, users.stranger):
            cursor.execute(f"create user {database.user} no authentication account lock")
            cursor.execute(f"alter user {database.user} quota unlimited on users")
            cursor.execute(
                f"grant create session, create table, create view, create procedure to {database.user}"
            )
        for database in users.all():
            cursor.execute(
                f'alter user {database.user} identified by "{database.password}" account unlock'
            )
        try:
            yield users
        finally:
            with log_on(users.owner) as owner:
                run_script(owner, UNINSTALL)
            _drop(cursor, users)


def _drop_user(cursor: oracledb.Cursor, user: str) -> bool:
    """False: a session of this user has not gone yet, though its client has."""
    try:
        cursor.execute(f"drop user {user} cascade")
    except oracledb.DatabaseError as error:
        if error.args[0].code != 1940:
            raise
        return False
    return True


def _drop(cursor: oracledb.Cursor, users: Users) -> None:
    for database in users.all():
        cursor.execute("select count(*) from all_users where username = :name", name=database.user)
        (count,) = cursor.fetchone() or (0,)
        if count:
            eventually(partial(_drop_user, cursor, database.user), seconds=60)
    try:
        cursor.execute(f"drop role {users.defines()['viewer_role']}")
    except oracledb.DatabaseError as error:
        if error.args[0].code != 1919:
            raise
