-- Version 2, the job table: tags, and what tells a repeated submission from a second one.
-- Every step looks first, so the script may be cut off anywhere and run again.

declare
    l_columns pls_integer;
    l_indexes pls_integer;
begin
    select count(*)
    into l_columns
    from user_tab_columns
    where table_name = 'ASYNC_JOBS'
        and column_name = 'TAGS';
    if l_columns = 0 then
        -- Workers may hold the table for a moment; without this the first one in the way ends it.
        execute immediate 'alter session set ddl_lock_timeout = 30';
        execute immediate q'[
            alter table async_jobs add (
                tags varchar2(1000 char),
                request_hash varchar2(64)
            )
        ]';
    end if;

    select count(*)
    into l_indexes
    from user_indexes
    where index_name = 'ASYNC_JOBS_KEY_UX';
    if l_indexes = 0 then
        -- A job without a key has no entry.
        execute immediate q'[
            create unique index async_jobs_key_ux on async_jobs (
                case when idempotency_key is not null then submitter end,
                idempotency_key
            )
            initrans 10
        ]';
    end if;

    select count(*)
    into l_indexes
    from user_indexes
    where index_name = 'ASYNC_JOBS_FAILED_IX';
    if l_indexes = 0 then
        -- To count the failed ones without the table; a job that has not failed has no entry.
        execute immediate q'[
            create index async_jobs_failed_ix on async_jobs (
                case when status = 'failed' then 'failed' end
            )
            initrans 10
        ]';
    end if;
end;
/

comment on column async_jobs.tags is 'Words to find the job by, as ,a,b,';
comment on column async_jobs.request_hash is 'Of the submission that brought the idempotency key';
