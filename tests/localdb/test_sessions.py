"""Who a session is: proxies, contexts, passwords, schemas, killed sessions; through the real driver."""

import os
from collections.abc import Iterator
from typing import Any

import oracledb
import pytest

from deploy.stack import Stack

PASSWORD = "Sesame_1"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(folder=tmp_path_factory.mktemp("sessions"), environment=os.environ) as stack:
        stack.start_database()
        with as_system(stack) as connection, connection.cursor() as cursor:
            for user in ("clerk", "broker"):
                cursor.execute(f'create user {user} identified by "{PASSWORD}"')
                cursor.execute(f"grant create session, create table to {user}")
            cursor.execute("alter user clerk grant connect through broker")
        yield stack


def as_system(stack: Stack) -> oracledb.Connection:
    return oracledb.connect(user="system", password=stack.database.password, dsn=stack.database.dsn)


@pytest.fixture
def system(server: Stack) -> Iterator[oracledb.Connection]:
    with as_system(server) as connection:
        yield connection


def log_on(stack: Stack, user: str = "clerk", **more: Any) -> oracledb.Connection:
    return oracledb.connect(user=user, dsn=stack.database.dsn, **{"password": PASSWORD, **more})


@pytest.fixture
def clerk(server: Stack) -> Iterator[oracledb.Connection]:
    with log_on(server) as connection:
        yield connection


def ask(connection: oracledb.Connection, text: str, *binds: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(text, binds)
        row = cursor.fetchone()
        assert row is not None
        return row if len(row) > 1 else row[0]


def context(connection: oracledb.Connection, name: str, space: str = "userenv") -> Any:
    """SYS_CONTEXT as SQL has it, which PL/SQL has to have as well."""
    found = ask(connection, "select sys_context(:1, :2) from dual", space, name)
    with connection.cursor() as cursor:
        told = cursor.var(str)
        cursor.execute("begin :1 := sys_context(:2, :3); end;", (told, space, name))
        assert told.getvalue() == found
    return found


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("session_user", "CLERK"),
        ("db_name", "FREE"),
        ("db_unique_name", "FREE"),
        ("instance_name", "FREE"),
        ("service_name", "FREEPDB1"),
        ("con_name", "FREEPDB1"),
        ("current_edition_name", "ORA$BASE"),
        ("db_domain", None),
        ("proxy_user", None),
    ],
)
def test_userenv_names_session_and_database(clerk, name, value):
    assert context(clerk, name) == value


def test_the_log_on_tells_the_names_that_the_dictionary_has(clerk, system):
    assert ask(system, "select name from v$database") == clerk.db_name == "FREE"
    assert clerk.instance_name == "FREE"
    assert clerk.service_name == "FREEPDB1"


def test_what_a_client_says_of_itself_is_shown(server, system):
    with log_on(server, program="abacus", machine="desk", osuser="kim", driver_name="ours") as mine:
        sid = mine.session_id
        assert context(mine, "os_user") == "kim"
        assert context(mine, "host") == "desk"
        shown = ask(system, "select program, machine, osuser from v$session where sid = :1", sid)
        driver = ask(
            system,
            "select distinct client_driver from v$session_connect_info where sid = :1",
            sid,
        )

    assert shown == ("abacus", "desk", "kim")
    assert driver.strip() == "ours"


@pytest.mark.parametrize(
    ("attribute", "name"),
    [
        ("action", "action"),
        ("module", "module"),
        ("clientinfo", "client_info"),
        ("client_identifier", "client_identifier"),
    ],
)
def test_end_to_end_attributes_survive_a_rollback_and_go(clerk, attribute, name):
    setattr(clerk, attribute, "something")
    assert context(clerk, name) == "something"
    clerk.rollback()
    assert context(clerk, name) == "something"
    setattr(clerk, attribute, None)

    assert context(clerk, name) is None


def test_a_database_operation_is_monitored_while_it_runs(system):
    system.dbop = "closing the books"

    assert (
        ask(system, "select dbop_name from v$sql_monitor where sid = :1", system.session_id)
        == "closing the books"
    )


def test_a_client_sets_and_clears_its_application_context(clerk):
    clerk.set_app_context("ClientContext", colour="red", size="12")
    assert context(clerk, "COLOUR", "CLIENTCONTEXT") == "red"
    assert context(clerk, "size", "clientcontext") == "12"
    clerk.clear_app_context("CLIENTCONTEXT")

    assert context(clerk, "COLOUR", "CLIENTCONTEXT") is None


def test_plsql_writes_to_the_application_context_too(clerk):
    with clerk.cursor() as cursor:
        cursor.execute("begin dbms_session.set_context('clientcontext', 'colour', 'blue'); end;")
        assert context(clerk, "colour", "clientcontext") == "blue"
        cursor.execute("begin dbms_session.clear_context('clientcontext', null, 'colour'); end;")

    assert context(clerk, "colour", "clientcontext") is None


def test_a_context_comes_with_the_log_on(server):
    with log_on(server, appcontext=[("CLIENTCONTEXT", "COLOUR", "green")]) as connection:
        assert context(connection, "colour", "clientcontext") == "green"


def test_another_namespace_is_refused_and_the_session_goes_on(clerk):
    clerk.set_app_context("SECRETS", colour="red")
    with pytest.raises(oracledb.DatabaseError, match="ORA-28267"):
        clerk.ping()

    clerk.ping()


def test_a_proxy_works_as_its_client(server):
    with log_on(server, "broker", proxy_user="clerk") as connection:
        assert context(connection, "session_user") == "CLERK"
        assert context(connection, "proxy_user") == "BROKER"
        assert ask(connection, "select user from dual") == "CLERK"


def test_who_is_no_proxy_is_refused(server, system):
    with pytest.raises(oracledb.DatabaseError, match="ORA-28150"):
        log_on(server, "clerk", proxy_user="broker")
    with system.cursor() as cursor:
        cursor.execute("alter user clerk revoke connect through broker")
        with pytest.raises(oracledb.DatabaseError, match="ORA-28150"):
            log_on(server, "broker", proxy_user="clerk")
        cursor.execute("alter user clerk grant connect through broker")


def test_a_proxy_needs_its_own_password(server):
    with pytest.raises(oracledb.DatabaseError, match="ORA-01017"):
        log_on(server, "broker", proxy_user="clerk", password="guess")


def test_the_client_hears_of_another_current_schema(clerk):
    heard = [clerk.current_schema]
    with clerk.cursor() as cursor:
        for text in (
            "alter session set current_schema = broker",
            "begin execute immediate 'alter session set current_schema = clerk'; end;",
        ):
            cursor.execute(text)
            heard.append(clerk.current_schema)
    clerk.current_schema = "BROKER"

    assert heard == [None, "BROKER", "CLERK"]
    assert context(clerk, "current_schema") == "BROKER"


def test_a_schema_that_does_not_exist_is_refused(clerk):
    clerk.current_schema = "NOBODY"
    with pytest.raises(oracledb.DatabaseError, match="ORA-01435"):
        clerk.ping()


def test_a_password_is_changed_twice_in_a_session(server, clerk):
    clerk.changepassword(PASSWORD, "Another_1")
    with pytest.raises(oracledb.DatabaseError, match="ORA-28008"):
        clerk.changepassword(PASSWORD, "Third_1")
    with log_on(server, password="Another_1") as other:
        other.changepassword("Another_1", "Third_1")
    clerk.changepassword("Third_1", PASSWORD)

    log_on(server).close()


def test_a_password_that_is_too_long_is_refused(clerk):
    with pytest.raises(oracledb.DatabaseError, match="ORA-28218"):
        clerk.changepassword(PASSWORD, "x" * 1025)


def test_a_killed_session_is_rolled_back_and_told(server, system):
    victim = log_on(server)
    with victim.cursor() as cursor:
        cursor.execute("create table kept (n number)")
        cursor.execute("insert into kept values (1)")
        with system.cursor() as admin:
            admin.execute(
                f"alter system kill session '{victim.session_id},{victim.serial_num}' immediate"
            )
        with pytest.raises(oracledb.DatabaseError, match="DPY-4011"):
            cursor.execute("select 1 from dual")
    assert ask(system, "select count(*) from clerk.kept") == 0
    with system.cursor() as admin:
        admin.execute("drop table clerk.kept")


def test_only_another_session_that_exists_is_killed(system, clerk):
    own = f"'{system.session_id},{system.serial_num}'"
    with system.cursor() as cursor:
        for target, code in ((own, "ORA-00027"), ("'9999,1'", "ORA-00030"), ("'x'", "ORA-00026")):
            with pytest.raises(oracledb.DatabaseError, match=code):
                cursor.execute(f"alter system kill session {target}")
    with clerk.cursor() as cursor, pytest.raises(oracledb.DatabaseError, match="ORA-01031"):
        cursor.execute(f"alter system kill session {own}")


def test_a_client_chooses_a_smaller_packet(server):
    with log_on(server, sdu=1024) as connection:
        assert connection.sdu == 1024
        assert ask(connection, "select rpad('x', 4000, 'x') from dual") == "x" * 4000


def test_a_statement_may_begin_with_a_comment(clerk):
    with clerk.cursor() as cursor:
        cursor.execute("/* of course */ -- yes\nalter session set nls_date_format = 'YYYY'")

    assert ask(clerk, "select to_char(date '2026-11-24') from dual") == "2026"


def test_a_restart_gives_no_session_the_serial_number_of_an_older_one(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Else DBMS_SESSION.IS_SESSION_ALIVE takes the dead session of a job for a live one."""
    folder = tmp_path_factory.mktemp("serials")
    with Stack(folder=folder, environment=os.environ) as stack:
        stack.start_database()
        before = _serials(stack)
        stack.processes[-1].kill()
        stack.start_database(password=stack.database.password)
        after = _serials(stack)

    assert not before & after


def _serials(stack: Stack) -> set[int]:
    """Of more sessions than seconds pass until the next start."""
    connections = [as_system(stack) for _ in range(10)]
    serials = {connection.serial_num for connection in connections}
    for connection in connections:
        connection.close()
    return serials
