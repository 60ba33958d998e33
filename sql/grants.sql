-- The three users of OraQ, with what each needs and no more, and a role for those who look on. To be
-- run by SYS, or by a DBA who may grant on SYS's packages, in SQL*Plus or SQLcl, any number of times.
-- Users that are missing are made, locked until they get a password:
--
--     alter user oraq identified by "..." account unlock;
--
-- Run it before install.sql (which the owner runs), and once more after it: the rights on the owner's
-- objects can be given only when these are there. The names are yours to change in these lines.

define owner = ORAQ
define api_user = ORAQ_API
define worker_user = ORAQ_WORKER
define viewer_role = ORAQ_VIEWER
define tablespace = USERS

set verify off
set sqlblanklines on
whenever sqlerror exit failure rollback

declare
    e_role_exists exception;
    pragma exception_init(e_role_exists, -1921);

    procedure make_user(p_name in varchar2) is
        l_count pls_integer;
    begin
        select count(*)
        into l_count
        from all_users
        where username = p_name;
        if l_count = 0 then
            execute immediate 'create user ' || p_name || ' no authentication account lock';
        end if;
        execute immediate 'grant create session to ' || p_name;
    end make_user;
begin
    make_user(upper('&owner'));
    make_user(upper('&api_user'));
    make_user(upper('&worker_user'));
    begin
        execute immediate 'create role &viewer_role';
    exception
        when e_role_exists then
            null;
    end;
end;
/

-- The owner: tables, queue, packages and scheduler jobs. Not through a role: roles do not reach into
-- definer's packages.
alter user &owner quota unlimited on &tablespace;
grant create table, create view, create procedure, create job to &owner;
grant execute on sys.dbms_aq to &owner;
grant execute on sys.dbms_aqadm to &owner;
grant execute on sys.dbms_lock to &owner;
-- For the health check.
grant select on sys.v_$parameter to &owner;

declare
    c_owner  constant varchar2(128) := upper('&owner');
    c_api    constant varchar2(128) := upper('&api_user');
    c_worker constant varchar2(128) := upper('&worker_user');
    c_viewer constant varchar2(128) := upper('&viewer_role');

    procedure allow(p_privilege in varchar2, p_object in varchar2, p_user in varchar2) is
        l_count pls_integer;
    begin
        select count(*)
        into l_count
        from all_objects
        where owner = c_owner
            and object_name = p_object;
        if l_count > 0 then
            execute immediate 'grant ' || p_privilege || ' on ' || c_owner || '.' || p_object
                || ' to ' || p_user;
        end if;
    end allow;
begin
    -- The API: submit, look, cancel, delete.
    allow(p_privilege => 'execute', p_object => 'ASYNC_JOBS_API', p_user => c_api);
    allow(p_privilege => 'execute', p_object => 'ASYNC_JOBS_MONITOR', p_user => c_api);
    allow(p_privilege => 'execute', p_object => 'CLEANUP_OLD_ASYNC_JOBS', p_user => c_api);
    allow(p_privilege => 'select', p_object => 'ASYNC_JOBS', p_user => c_api);
    -- For `oraq job` and `oraq workers` as this user.
    allow(p_privilege => 'select', p_object => 'ASYNC_JOB_ATTEMPTS', p_user => c_api);
    allow(p_privilege => 'select', p_object => 'ASYNC_JOB_WORKERS', p_user => c_api);

    -- The worker: the protocol. What it is to run has to be granted to it as well.
    allow(p_privilege => 'execute', p_object => 'ASYNC_JOBS_WORKER', p_user => c_worker);
    allow(p_privilege => 'execute', p_object => 'ASYNC_JOBS_PROGRESS', p_user => c_worker);
    allow(p_privilege => 'execute', p_object => 'ASYNC_JOBS_MONITOR', p_user => c_worker);
    allow(p_privilege => 'select', p_object => 'ASYNC_JOBS', p_user => c_worker);

    -- Who looks on: DBAs without more rights, developers, monitoring. Parameters and results of jobs
    -- can be read with it.
    for l_object in (
        select object_name
        from all_objects
        where owner = c_owner
            and (
                object_type = 'VIEW' and object_name like 'ASYNC\_JOBS\_%' escape '\'
                or object_type = 'TABLE'
                    and object_name in ('ASYNC_JOBS', 'ASYNC_JOB_ATTEMPTS', 'ASYNC_JOB_WORKERS')
            )
    ) loop
        allow(p_privilege => 'select', p_object => l_object.object_name, p_user => c_viewer);
    end loop;

    -- The samples, where they are installed.
    for l_object in (
        select object_name
        from all_objects
        where owner = c_owner
            and object_type = 'PROCEDURE'
            and regexp_like(object_name, '^PROC_TEST(_|$)')
    ) loop
        allow(p_privilege => 'execute', p_object => l_object.object_name, p_user => c_worker);
    end loop;
end;
/

-- Without this row the API's user may submit nothing: only the owner is free where the list is empty.
-- A narrower list is one row for each procedure.
declare
    l_count pls_integer;
begin
    select count(*)
    into l_count
    from all_tables
    where owner = upper('&owner')
        and table_name = 'ASYNC_JOB_PROCEDURES';
    if l_count > 0 then
        execute immediate 'insert into &owner..async_job_procedures (procedure_name, submitted_by) '
            || 'select ''*'', upper(''&api_user'') from dual where not exists ('
            || 'select 1 from &owner..async_job_procedures where submitted_by = upper(''&api_user''))';
        commit;
    end if;
end;
/
