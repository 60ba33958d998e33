-- ASYNC_JOB_WORKERS: who is alive. For people; no decision hangs on it.

declare
    l_count pls_integer;
begin
    select count(*)
    into l_count
    from user_tables
    where table_name = 'ASYNC_JOB_WORKERS';
    if l_count = 0 then
        execute immediate q'[
            create table async_job_workers (
                worker varchar2(128) constraint async_job_workers_pk primary key,
                host varchar2(255 char),
                pid number(10),
                slots number(10),
                version varchar2(50),
                started_at timestamp not null,
                last_seen timestamp not null
            )
        ]';
    end if;
end;
/

comment on table async_job_workers is 'OraQ: worker processes that were seen lately. Times are UTC';
comment on column async_job_workers.slots is 'How many jobs it runs at once';
comment on column async_job_workers.started_at is 'First heartbeat';
comment on column async_job_workers.last_seen is 'Last heartbeat';
