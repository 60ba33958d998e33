-- ASYNC_JOB_ATTEMPTS: one row per started attempt. No foreign key: an open attempt of a half-dead
-- session must block neither a delete of its job nor recovery.

declare
    l_count pls_integer;
begin
    select count(*)
    into l_count
    from user_tables
    where table_name = 'ASYNC_JOB_ATTEMPTS';
    if l_count = 0 then
        execute immediate q'[
            create table async_job_attempts (
                job_id varchar2(32) not null,
                attempt number(10) not null,
                worker varchar2(128) not null,
                session_id varchar2(64) not null,
                started_at timestamp not null,
                ended_at timestamp,
                outcome varchar2(20)
                    constraint async_job_attempts_outcome_ck
                    check (
                        outcome in
                            ('completed', 'failed', 'retried', 'cancelled', 'lost', 'released')
                    ),
                error_code varchar2(30),
                touched varchar2(1) default 'N' not null
                    constraint async_job_attempts_touched_ck check (touched in ('Y', 'N')),
                constraint async_job_attempts_pk primary key (job_id, attempt)
            )
            pctfree 20
            initrans 10
        ]';
    end if;
end;
/

comment on table async_job_attempts is 'OraQ: one row per started attempt of a job. Times are UTC';
comment on column async_job_attempts.attempt is 'ASYNC_JOBS.ATTEMPT of that time';
comment on column async_job_attempts.worker is 'Who ran it';
comment on column async_job_attempts.session_id is 'Database session (DBMS_SESSION.UNIQUE_SESSION_ID)';
comment on column async_job_attempts.outcome is 'completed, failed, retried (called again later), cancelled, lost or released by its worker; null: not ended';
comment on column async_job_attempts.error_code is 'As ORA-20001 or PLS-00306';
comment on column async_job_attempts.touched is 'Set in the procedure''s transaction: committed Y means that the procedure has committed something';
