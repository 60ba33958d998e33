-- Version 3, the job table: the database user who has submitted, whom the list of procedures names.

declare
    l_columns pls_integer;
begin
    select count(*)
    into l_columns
    from user_tab_columns
    where table_name = 'ASYNC_JOBS'
        and column_name = 'SUBMITTED_BY';
    if l_columns = 0 then
        -- Workers may hold the table for a moment; without this the first one in the way ends it.
        execute immediate 'alter session set ddl_lock_timeout = 30';
        execute immediate 'alter table async_jobs add (submitted_by varchar2(128 char))';
    end if;
end;
/

comment on column async_jobs.submitted_by is 'Database user of the session that submitted, as in ASYNC_JOB_PROCEDURES; null: of an older version';
