-- Removes all of OraQ from the connected user's schema, the jobs and the samples included. Stop the
-- workers first. Runs in SQL*Plus and SQLcl, any number of times.

set define off
set sqlblanklines on
whenever sqlerror exit failure rollback

declare
    procedure drop_objects(p_type in varchar2, p_pattern in varchar2) is
        type t_names is table of user_objects.object_name%type index by pls_integer;
        l_names t_names;
    begin
        select object_name
        bulk collect into l_names
        from user_objects
        where object_type = p_type
            and regexp_like(object_name, p_pattern);
        for i in 1 .. l_names.count loop
            execute immediate 'drop ' || p_type || ' ' || l_names(i);
        end loop;
    end drop_objects;

    procedure drop_scheduler_jobs is
        type t_names is table of user_scheduler_jobs.job_name%type index by pls_integer;
        l_names t_names;
    begin
        select job_name
        bulk collect into l_names
        from user_scheduler_jobs
        where job_name in ('ASYNC_JOBS_EVERY_MINUTE', 'ASYNC_JOBS_EVERY_DAY');
        for i in 1 .. l_names.count loop
            dbms_scheduler.drop_job(job_name => l_names(i));
        end loop;
    end drop_scheduler_jobs;

    procedure drop_queue is
        l_count pls_integer;
    begin
        select count(*)
        into l_count
        from user_queues
        where name = 'ASYNC_JOBS_QUEUE';
        if l_count > 0 then
            dbms_aqadm.stop_queue(queue_name => 'ASYNC_JOBS_QUEUE');
            dbms_aqadm.drop_queue(queue_name => 'ASYNC_JOBS_QUEUE');
        end if;

        select count(*)
        into l_count
        from user_queue_tables
        where queue_table = 'ASYNC_JOBS_QUEUE_TABLE';
        if l_count > 0 then
            dbms_aqadm.drop_queue_table(queue_table => 'ASYNC_JOBS_QUEUE_TABLE');
        end if;
    end drop_queue;
begin
    drop_scheduler_jobs;
    drop_objects(
        p_type => 'PROCEDURE',
        p_pattern => '^(CLEANUP_OLD_ASYNC_JOBS|'
            || 'PROC_TEST|PROC_TEST_(DEMORA|PARAMS|CURSOR|ERROR|DML|PROGRESS))$'
    );
    drop_objects(
        p_type => 'PACKAGE',
        p_pattern => '^ASYNC_JOBS_'
            || '(STATE|CURRENT|CLAIMS|RECOVERY|PROGRESS|API|WORKER|HEALTH|MONITOR|ADMIN)$'
    );
    drop_queue;
    drop_objects(
        p_type => 'VIEW',
        p_pattern => '^ASYNC_JOBS_(LOCAL|BACKLOG|RUNNING|WAITS|SLOWEST|FAILURES|WORKER_LOAD)$'
    );
    drop_objects(
        p_type => 'TABLE',
        p_pattern => '^(ASYNC_JOBS|ASYNC_JOBS_TEST_ROWS|'
            || 'ASYNC_JOB_(ATTEMPTS|WORKERS|PROCEDURES|RECOVERY|SCHEMA))$'
    );
end;
/
