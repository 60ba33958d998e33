-- ASYNC_JOB_RECOVERY: one row, whose lock and times make one session at a time recover.

declare
    l_count pls_integer;
begin
    select count(*)
    into l_count
    from user_tables
    where table_name = 'ASYNC_JOB_RECOVERY';
    if l_count = 0 then
        execute immediate q'[
            create table async_job_recovery (
                id number(1)
                    constraint async_job_recovery_pk primary key
                    constraint async_job_recovery_id_ck check (id = 1),
                last_recovery timestamp not null,
                last_message_search timestamp not null,
                last_error varchar2(4000),
                last_error_at timestamp
            )
        ]';
    end if;
end;
/

insert into async_job_recovery (id, last_recovery, last_message_search)
select 1, timestamp '2000-01-01 00:00:00', timestamp '2000-01-01 00:00:00'
from dual
where not exists (
    select 1
    from async_job_recovery
);

commit;

comment on table async_job_recovery is 'OraQ: when the jobs of lost workers were last looked for, in UTC';
comment on column async_job_recovery.last_message_search is 'When jobs without a message were last looked for';
comment on column async_job_recovery.last_error is 'The last error met, with its job';
