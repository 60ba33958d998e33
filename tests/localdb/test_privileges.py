"""Users, roles and grants as Oracle enforces them; through the unmodified driver."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import oracledb
import pytest

from deploy.stack import Stack
from sql.scripts import split_script

Connect = Callable[..., oracledb.Connection]
Run = Callable[..., list[tuple[object, ...]]]

#: Of all users that the tests make.
_PASSWORD = "Secret-1"
_GRANTS = Path(__file__).parents[2] / "sql" / "grants.sql"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(folder=tmp_path_factory.mktemp("privileges"), environment=os.environ) as stack:
        stack.start_database()
        yield stack


@pytest.fixture(scope="module")
def system(server: Stack) -> Iterator[Run]:
    """Runs statements as SYSTEM."""
    connection = log_on(server, "system", server.database.password)
    yield runner(connection)
    connection.close()


@pytest.fixture
def connect(server: Stack) -> Iterator[Callable[[str], Run]]:
    """Logs a user of the tests on; what comes back runs statements."""
    opened: list[oracledb.Connection] = []

    def log_on_as(user: str) -> Run:
        opened.append(log_on(server, user, _PASSWORD))
        return runner(opened[-1])

    yield log_on_as
    for connection in opened:
        connection.close()


@pytest.fixture(autouse=True)
def users(server: Stack, system: Run) -> Iterator[None]:
    """ANN owns things, BOB may do nothing but log on."""
    for user in ("ann", "bob", "carl"):
        system(f'create user {user} identified by "{_PASSWORD}" quota unlimited on users')
        system(f"grant create session to {user}")
    system("grant create table, create view, create procedure, create sequence to ann")
    ann = log_on(server, "ann", _PASSWORD)
    run = runner(ann)
    run("create table t (id number primary key, note varchar2(10))")
    run("insert into t values (1, 'one')")
    run("commit")
    run("create sequence s")
    run("create view v as select id from t")
    run("create procedure p is begin update t set note = 'p' where id = 1; end;")
    ann.close()
    yield
    for user in ("ann", "bob", "carl"):
        with suppress(oracledb.Error):
            system(f"drop user {user} cascade")
    for role in ("readers", "writers"):
        with suppress(oracledb.Error):
            system(f"drop role {role}")


def log_on(server: Stack, user: str, password: str) -> oracledb.Connection:
    return oracledb.connect(user=user, password=password, dsn=server.database.dsn)


def runner(connection: oracledb.Connection) -> Run:
    def run(text: str, *binds: object) -> list[tuple[object, ...]]:
        cursor = connection.cursor()
        cursor.execute(text, list(binds))
        rows = cursor.fetchall() if cursor.description else []
        cursor.close()
        return rows

    return run


def refusal(run: Run, text: str) -> str:
    with pytest.raises(oracledb.DatabaseError) as caught:
        run(text)
    return str(caught.value.args[0].message)


def code(run: Run, text: str) -> str:
    return refusal(run, text).partition(":")[0]


# ---- log-on ----


def test_without_create_session_nobody_logs_on(server: Stack, system: Run) -> None:
    system("revoke create session from bob")

    with pytest.raises(oracledb.DatabaseError, match="ORA-01045"):
        log_on(server, "bob", _PASSWORD)


# ---- objects ----


@pytest.mark.parametrize(
    "statement",
    [
        "select * from ann.t",
        "insert into ann.t values (2, 'x')",
        "update ann.t set note = 'x'",
        "delete from ann.t",
        "drop table ann.t",
        "alter table ann.t add x number",
        "lock table ann.t in exclusive mode",
        "create index i on ann.t (note)",
        "grant select on ann.t to carl",
        "truncate table ann.t",
        "comment on table ann.t is 'mine'",
        "select * from ann.v",
        "merge into ann.t using dual on (id = 1) when matched then update set note = 'x'",
    ],
)
def test_what_one_may_not_see_is_not_there(connect: Callable[[str], Run], statement: str) -> None:
    assert code(connect("bob"), statement) == "ORA-00942"


def test_other_objects_that_one_may_not_see(connect: Callable[[str], Run]) -> None:
    bob = connect("bob")

    assert code(bob, "select ann.s.nextval from dual") == "ORA-02289"
    assert code(bob, "drop procedure ann.p") == "ORA-04043"
    assert "PLS-00201: identifier 'ANN.P' must be declared" in refusal(bob, "begin ann.p; end;")
    assert code(bob, "grant execute on ann.p to carl") == "ORA-00942"
    assert code(bob, "grant execute on ann.nothing to carl") == "ORA-04042"


@pytest.mark.parametrize(
    ("granted", "allowed", "refused"),
    [
        ("select", "select * from ann.t for update", "insert into ann.t values (2, 'x')"),
        ("read", "select * from ann.t", "select * from ann.t for update"),
        ("insert", "insert into ann.t values (2, 'x')", "select * from ann.t"),
        ("update", "update ann.t set note = 'x'", "update ann.t set note = 'x' where id = 1"),
        ("delete", "delete from ann.t", "delete from ann.t where id = 1"),
        ("select, update", "update ann.t set note = 'x' where id = 1", "delete from ann.t"),
        ("select", "lock table ann.t in share mode", "drop table ann.t"),
        ("select", "select * from ann.t", "truncate table ann.t"),
        ("alter", "alter table ann.t add x number", "select * from ann.t"),
    ],
)
def test_a_privilege_allows_what_it_says_and_no_more(
    connect: Callable[[str], Run], granted: str, allowed: str, refused: str
) -> None:
    connect("ann")(f"grant {granted} on t to bob")
    bob = connect("bob")

    bob(allowed)
    bob("rollback")
    assert code(bob, refused) == "ORA-01031"


def test_a_view_needs_no_right_on_its_table(connect: Callable[[str], Run]) -> None:
    connect("ann")("grant select on v to bob")
    bob = connect("bob")

    assert bob("select * from ann.v") == [(1,)]
    assert code(bob, "select * from ann.t") == "ORA-00942"


def test_revoked_is_refused_at_once(connect: Callable[[str], Run]) -> None:
    ann, bob = connect("ann"), connect("bob")
    ann("grant select on t to bob")
    assert bob("select id from ann.t") == [(1,)]

    ann("revoke select on t from bob")

    assert code(bob, "select id from ann.t") == "ORA-00942"
    assert code(ann, "revoke select on t from bob") == "ORA-01927"


def test_public_is_everybody(connect: Callable[[str], Run]) -> None:
    connect("ann")("grant select on t to public")

    assert connect("carl")("select id from ann.t") == [(1,)]


def test_grant_option_passes_on_and_goes_with_its_giver(connect: Callable[[str], Run]) -> None:
    ann, bob, carl = connect("ann"), connect("bob"), connect("carl")
    ann("grant select on t to bob")
    assert code(bob, "grant select on ann.t to carl") == "ORA-01031"
    ann("grant select on t to bob with grant option")
    bob("grant select on ann.t to carl")
    assert carl("select id from ann.t") == [(1,)]

    ann("revoke select on t from bob")

    assert code(carl, "select id from ann.t") == "ORA-00942"


def test_a_dropped_table_takes_its_grants_along(connect: Callable[[str], Run]) -> None:
    ann, bob = connect("ann"), connect("bob")
    ann("grant select on t to bob")
    ann("drop table t cascade constraints")
    ann("create table t (id number)")

    assert code(bob, "select * from ann.t") == "ORA-00942"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("grant select on t to nobody", "ORA-01917"),
        ("grant fly on t to bob", "ORA-00990"),
        ("grant execute on t to bob", "ORA-02224"),
        ("grant index on v to bob", "ORA-02204"),
        ("grant insert on s to bob", "ORA-02205"),
        ("grant select on p to bob", "ORA-02225"),
        ("grant select on t to ann", "ORA-01749"),
        ("grant select on nothing to bob", "ORA-00942"),
        ("grant create table to bob", "ORA-01031"),
        ("grant no_role to bob", "ORA-01919"),
        ("grant dba to bob", "ORA-01932"),
        ("revoke create session from bob", "ORA-01031"),
        ("create user eve identified by eve", "ORA-01031"),
        ("create role readers", "ORA-01031"),
        ("drop user bob", "ORA-01031"),
        ("alter user bob account lock", "ORA-01031"),
        ("create table bob.x (id number)", "ORA-01031"),
        ("create public synonym t for t", "ORA-01031"),
        ("create synonym x for t", "ORA-01031"),
        ("alter system set job_queue_processes = 5", "ORA-01031"),
        ("create procedure bob.q is begin null; end;", "ORA-01031"),
        ("select * from dba_users", "ORA-00942"),
        ("select * from v$session", "ORA-00942"),
        ("select * from sys.v_$session", "ORA-00942"),
    ],
)
def test_what_an_owner_may_not_do(
    connect: Callable[[str], Run], statement: str, expected: str
) -> None:
    assert code(connect("ann"), statement) == expected


@pytest.mark.parametrize(
    "statement",
    [
        "create table mine (id number)",
        "create view mine as select 1 x from dual",
        "create sequence mine",
        "create synonym mine for ann.t",
        "create procedure mine is begin null; end;",
    ],
)
def test_creating_needs_a_privilege(
    connect: Callable[[str], Run], system: Run, statement: str
) -> None:
    bob = connect("bob")
    assert code(bob, statement) == "ORA-01031"

    system(f"grant create {statement.split()[1]} to bob")

    bob(statement)


def test_own_password_needs_no_privilege(server: Stack, connect: Callable[[str], Run]) -> None:
    connect("bob")('alter user bob identified by "Other-2"')

    log_on(server, "bob", "Other-2").close()


def test_foreign_keys_need_references(connect: Callable[[str], Run], system: Run) -> None:
    system("grant create table to bob")
    ann, bob = connect("ann"), connect("bob")
    child = "create table child (id number references ann.t (id))"
    assert code(bob, child) == "ORA-00942"
    ann("grant select on t to bob")
    assert code(bob, child) == "ORA-01031"

    ann("grant references on t to bob")

    bob(child)


# ---- roles ----


def test_a_role_counts_from_the_next_log_on(connect: Callable[[str], Run], system: Run) -> None:
    system("create role readers")
    system("create role writers")
    system("grant readers to writers")
    ann = connect("ann")
    ann("grant select on t to readers")
    ann("grant insert on t to writers")
    early = connect("bob")
    system("grant writers to bob")

    assert code(early, "select id from ann.t") == "ORA-00942"
    early("set role all")
    assert early("select id from ann.t") == [(1,)]
    late = connect("bob")
    late("insert into ann.t values (2, 'two')")
    assert late("select count(*) from ann.t") == [(2,)]
    late("rollback")
    assert sorted(late("select role from session_roles")) == [("READERS",), ("WRITERS",)]
    late("set role none")
    assert code(late, "select id from ann.t") == "ORA-00942"
    assert code(late, "set role dba") == "ORA-01924"


def test_default_roles(connect: Callable[[str], Run], system: Run) -> None:
    system("create role readers")
    connect("ann")("grant select on t to readers")
    system("grant readers to bob")
    system("alter user bob default role none")
    bob = connect("bob")
    assert code(bob, "select id from ann.t") == "ORA-00942"

    bob("set role readers")

    assert bob("select id from ann.t") == [(1,)]
    assert bob("select granted_role, default_role from user_role_privs") == [("READERS", "NO")]


def test_roles_are_not_granted_in_a_circle(system: Run) -> None:
    system("create role readers")
    system("create role writers")
    system("grant readers to writers")

    assert code(system, "grant writers to readers") == "ORA-01934"
    assert code(system, "create role readers") == "ORA-01921"
    assert code(system, "revoke writers from bob") == "ORA-01951"
    assert code(system, "revoke create table from bob") == "ORA-01952"


def test_admin_option(connect: Callable[[str], Run], system: Run) -> None:
    system("grant create role to ann")
    ann = connect("ann")
    ann("create role readers")
    ann("grant readers to bob with admin option")
    connect("bob")("grant readers to carl")

    assert connect("carl")("select granted_role from user_role_privs") == [("READERS",)]


# ---- PL/SQL ----


def test_a_definers_unit_runs_with_its_owners_rights(
    connect: Callable[[str], Run],
) -> None:
    ann, bob = connect("ann"), connect("bob")
    ann("grant execute on p to bob")

    bob("begin ann.p; end;")
    bob("commit")

    assert ann("select note from t") == [("p",)]
    assert code(bob, "update ann.t set note = 'b'") == "ORA-00942"


def test_a_definers_unit_has_no_roles(connect: Callable[[str], Run], system: Run) -> None:
    system("create role readers")
    connect("ann")("grant select on t to readers")
    system("grant readers, create procedure to bob")
    bob = connect("bob")
    dynamic = "execute immediate 'select id from ann.t' into l_id"
    bob(f"declare l_id number; begin {dynamic}; end;")
    bob(f"create procedure of_definer is l_id number; begin {dynamic}; end;")
    bob(f"create procedure of_invoker authid current_user is l_id number; begin {dynamic}; end;")

    bob("begin of_invoker; end;")
    assert code(bob, "begin of_definer; end;") == "ORA-00942"
    connect("ann")("grant select on t to bob")
    bob("begin of_definer; end;")


def test_an_invokers_unit_runs_with_the_callers_rights(connect: Callable[[str], Run]) -> None:
    ann, bob = connect("ann"), connect("bob")
    ann(
        "create procedure q authid current_user is l_count number; begin"
        " execute immediate 'select count(*) from ann.t' into l_count; end;"
    )
    ann("grant execute on q to bob")

    ann("begin q; end;")
    assert code(bob, "begin ann.q; end;") == "ORA-00942"


def test_a_unit_is_compiled_without_roles(connect: Callable[[str], Run], system: Run) -> None:
    system("create role readers")
    ann = connect("ann")
    ann("grant execute on p to readers")
    system("grant readers, create procedure to bob")
    bob = connect("bob")
    bob("begin ann.p; end;")
    bob("rollback")

    bob("create procedure calls_p is begin ann.p; end;")

    assert bob("select text from user_errors where attribute = 'ERROR' and sequence = 1") == [
        ("PLS-00201: identifier 'ANN.P' must be declared",)
    ]
    ann("grant execute on p to bob")
    bob("alter procedure calls_p compile")
    bob("begin calls_p; end;")


def test_packages_of_sys_that_are_not_public(connect: Callable[[str], Run], system: Run) -> None:
    bob = connect("bob")
    block = "begin dbms_lock.sleep(0); end;"
    assert "PLS-00201: identifier 'DBMS_LOCK" in refusal(bob, block)

    system("grant execute on sys.dbms_lock to bob")

    bob(block)


def test_current_user_is_the_one_whose_rights_count(connect: Callable[[str], Run]) -> None:
    ann, bob = connect("ann"), connect("bob")
    ann(
        "create function who return varchar2 is l_user varchar2(100); begin"
        " select sys_context('userenv', 'current_user') || ' ' || user || ' '"
        " || (select min(table_name) from user_tables) into l_user from dual;"
        " return l_user; end;"
    )
    ann("grant execute on who to bob")

    assert bob("select ann.who from dual") == [("ANN BOB T",)]


# ---- the dictionary ----


def test_all_views_show_what_one_may_use(connect: Callable[[str], Run], system: Run) -> None:
    ann, bob = connect("ann"), connect("bob")
    query = "select object_name from all_objects where owner = 'ANN' order by 1"
    assert bob(query) == []

    ann("grant select on t to bob")
    ann("grant execute on p to bob")

    assert bob(query) == [("P",), ("T",)]
    assert bob("select table_name from all_tables where owner = 'ANN'") == [("T",)]
    assert bob("select count(*) from all_tab_columns where owner = 'ANN'") == [(2,)]
    assert bob("select object_name from all_procedures where owner = 'ANN'") == [("P",)]
    assert bob("select count(*) from all_views where owner = 'ANN'") == [(0,)]
    assert {("P",), ("S",), ("T",), ("V",)} <= set(system(query))


def test_grants_in_the_dictionary(connect: Callable[[str], Run], system: Run) -> None:
    system("create role readers")
    system("grant readers to bob with admin option")
    ann, bob = connect("ann"), connect("bob")
    ann("grant select, insert on t to bob with grant option")
    ann("grant execute on p to readers")

    assert bob(
        "select owner, table_name, grantor, privilege, grantable, type from user_tab_privs"
        " order by privilege"
    ) == [
        ("ANN", "T", "ANN", "INSERT", "YES", "TABLE"),
        ("ANN", "T", "ANN", "SELECT", "YES", "TABLE"),
    ]
    assert bob("select privilege, admin_option from user_sys_privs") == [("CREATE SESSION", "NO")]
    assert bob("select granted_role, admin_option from user_role_privs") == [("READERS", "YES")]
    assert bob("select privilege from session_privs") == [("CREATE SESSION",)]
    assert bob(
        "select owner, table_name, privilege from role_tab_privs where role = 'READERS'"
    ) == [("ANN", "P", "EXECUTE")]
    assert ann("select grantee, table_name, privilege from user_tab_privs_made order by 1, 3") == [
        ("BOB", "T", "INSERT"),
        ("BOB", "T", "SELECT"),
        ("READERS", "P", "EXECUTE"),
    ]
    assert ("CREATE SESSION", "YES") in system(
        "select privilege, admin_option from dba_sys_privs where grantee = 'DBA'"
    )


def test_select_any_dictionary(connect: Callable[[str], Run], system: Run) -> None:
    system("grant select any dictionary to bob")
    bob = connect("bob")

    assert ("ANN",) in bob("select username from dba_users")
    assert code(bob, "select * from ann.t") == "ORA-00942"


def test_any_privileges_stop_at_sys(connect: Callable[[str], Run], system: Run) -> None:
    system("grant select any table, execute any procedure to bob")
    bob = connect("bob")

    assert bob("select id from ann.t") == [(1,)]
    bob("begin ann.p; end;")
    assert code(bob, "select * from dba_users") == "ORA-00942"
    assert "PLS-00201" in refusal(bob, "begin dbms_lock.sleep(0); end;")


# ---- queues and jobs ----


def test_queue_privileges(connect: Callable[[str], Run], system: Run) -> None:
    system("grant execute on dbms_aq to ann, bob")
    system("grant execute on dbms_aqadm to ann")
    ann, bob = connect("ann"), connect("bob")
    ann(
        "begin dbms_aqadm.create_queue_table('QT', 'RAW');"
        " dbms_aqadm.create_queue('Q', 'QT'); dbms_aqadm.start_queue('Q'); end;"
    )
    send = (
        "declare l_options dbms_aq.enqueue_options_t; l_message dbms_aq.message_properties_t;"
        " l_id raw(16); begin dbms_aq.enqueue('ANN.Q', l_options, l_message, hextoraw('01'), l_id);"
        " end;"
    )
    assert code(bob, send) == "ORA-01031"

    ann("begin dbms_aqadm.grant_queue_privilege('ENQUEUE', 'Q', 'BOB'); end;")

    bob(send)
    bob("rollback")
    assert bob("select privilege, type from user_tab_privs where owner = 'ANN'") == [
        ("ENQUEUE", "QUEUE")
    ]


def test_scheduler_jobs_need_create_job(connect: Callable[[str], Run], system: Run) -> None:
    bob = connect("bob")
    create = (
        "begin dbms_scheduler.create_job(job_name => 'J', job_type => 'PLSQL_BLOCK',"
        " job_action => 'begin null; end;'); end;"
    )
    assert code(bob, create) == "ORA-27486"

    system("grant create job to bob")

    bob(create)


def test_the_products_grants_are_enough(
    server: Stack, connect: Callable[[str], Run], system: Run
) -> None:
    """sql/grants.sql for other users, before and after the installation, run twice."""
    text = _GRANTS.read_text(encoding="utf-8")
    names = dict(re.findall(r"^define (\w+) = (\w+)", text, re.MULTILINE))
    names |= {"owner": "ANN", "api_user": "BOB", "worker_user": "CARL"}
    text = re.sub(r"&(\w+)\.?", lambda match: names[match[1].lower()], text)

    def run_grants() -> None:
        for statement, _ in split_script(text):
            system(statement)

    system("drop user bob")
    run_grants()
    system(f'alter user bob identified by "{_PASSWORD}" account unlock')
    ann = connect("ann")
    ann("create table async_jobs (id varchar2(36))")
    ann(
        "create table async_job_procedures (procedure_name varchar2(300), submitted_by varchar2(128))"
    )
    ann("create procedure async_jobs_api is begin insert into async_jobs values ('1'); end;")
    run_grants()
    run_grants()

    bob, carl = connect("bob"), connect("carl")
    bob("begin ann.async_jobs_api; end;")
    assert bob("select id from ann.async_jobs") == [("1",)]
    bob("rollback")
    assert code(bob, "delete from ann.async_jobs") == "ORA-01031"
    assert code(bob, "select * from ann.async_job_procedures") == "ORA-00942"
    assert carl("select id from ann.async_jobs") == []
    assert "PLS-00201" in refusal(carl, "begin ann.async_jobs_api; end;")
    assert ann("select submitted_by from async_job_procedures") == [("BOB",)]
    ann("begin dbms_lock.sleep(0); end;")
    assert ann("select count(*) from v$parameter where name = 'job_queue_processes'") == [(1,)]
