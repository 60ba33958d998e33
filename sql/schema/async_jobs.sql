-- ASYNC_JOBS: one row per job. The first eleven columns are a contract with clients and DBAs.
-- A table of the older service is kept: it gets our columns, and its open rows become failed.

declare
    l_tables pls_integer;
    l_columns pls_integer;
    l_keys    pls_integer;
begin
    select count(*)
    into l_tables
    from user_tables
    where table_name = 'ASYNC_JOBS';
    if l_tables = 0 then
        execute immediate q'[
            create table async_jobs (
                job_id varchar2(32) constraint async_jobs_pk primary key,
                status varchar2(20)
                    constraint async_jobs_status_ck
                    check (status in ('pending', 'running', 'completed', 'failed')),
                procedure_name varchar2(200) not null,
                params clob,
                start_time timestamp not null,
                end_time timestamp,
                duration varchar2(50),
                result clob,
                error_msg clob,
                progress number
                    constraint async_jobs_progress_ck check (progress between 0 and 100),
                created_at timestamp default sys_extract_utc(systimestamp)
            )
            pctfree 20
            initrans 10
        ]';
    end if;

    select count(*)
    into l_columns
    from user_tab_columns
    where table_name = 'ASYNC_JOBS'
        and column_name = 'ATTEMPT';
    if l_tables > 0 and l_columns = 0 then
        -- Of the older service: nobody knows how far these are, so none may run.
        -- Without its check constraint the table may have states in another spelling.
        execute immediate q'[
            update async_jobs
            set status = lower(trim(status))
            where lower(trim(status)) in ('completed', 'failed')
                and status not in ('completed', 'failed')
        ]';
        execute immediate q'[
            update async_jobs
            set status = 'failed',
                end_time = coalesce(end_time, sys_extract_utc(systimestamp)),
                progress = 100,
                error_msg = coalesce(
                    error_msg,
                    to_clob('The job had not ended when OraQ was installed. It is not run.')
                )
            where status is null
                or status not in ('completed', 'failed')
        ]';
        execute immediate 'update async_jobs set created_at = start_time where created_at is null';
        commit;
        execute immediate
            'alter table async_jobs modify (created_at default sys_extract_utc(systimestamp))';
        select count(*)
        into l_keys
        from user_constraints
        where table_name = 'ASYNC_JOBS'
            and constraint_type = 'P';
        if l_keys = 0 then
            execute immediate
                'alter table async_jobs add constraint async_jobs_pk primary key (job_id)';
        end if;
    end if;
    if l_columns = 0 then
        execute immediate q'[
            alter table async_jobs add (
                priority number(1) default 5 not null
                    constraint async_jobs_priority_ck check (priority between 1 and 9),
                run_after timestamp,
                attempt number(10) default 0 not null,
                losses number(10) default 0 not null,
                max_losses number(10) default 3 not null,
                failures number(10) default 0 not null,
                max_attempts number(10) default 1 not null,
                backoff_seconds number default 5 not null,
                timeout_seconds number,
                worker varchar2(128),
                lease_until timestamp,
                session_id varchar2(64),
                executed varchar2(10)
                    constraint async_jobs_executed_ck check (executed in ('yes', 'touch gone')),
                progress_note varchar2(1000 char),
                cancel_requested varchar2(10) default 'no' not null
                    constraint async_jobs_cancel_ck
                    check (cancel_requested in ('no', 'cancel', 'timeout')),
                transaction_mode varchar2(10) default 'managed' not null
                    constraint async_jobs_transaction_ck
                    check (transaction_mode in ('managed', 'own')),
                on_loss varchar2(10) default 'ask' not null
                    constraint async_jobs_on_loss_ck check (on_loss in ('ask', 'rerun', 'fail')),
                fresh_session varchar2(1) default 'N' not null
                    constraint async_jobs_fresh_session_ck check (fresh_session in ('Y', 'N')),
                is_function varchar2(1) default 'N' not null
                    constraint async_jobs_is_function_ck check (is_function in ('Y', 'N')),
                call_schema varchar2(128 char),
                idempotency_key varchar2(255 char),
                submitter varchar2(128 char),
                trace_context varchar2(512)
            )
        ]';
    end if;
end;
/

declare
    l_count pls_integer;
begin
    select count(*)
    into l_count
    from user_indexes
    where index_name = 'ASYNC_JOBS_LIVE_IX';
    if l_count = 0 then
        -- What recovery looks at. A job that has ended has no entry.
        execute immediate q'[
            create index async_jobs_live_ix on async_jobs (
                case
                    when status = 'pending' and worker is null then 'free'
                    when status = 'pending' then 'reserved'
                    when status = 'running' then 'running'
                end
            )
            initrans 10
        ]';
    end if;

    select count(*)
    into l_count
    from user_indexes
    where index_name = 'ASYNC_JOBS_CREATED_IX';
    if l_count = 0 then
        -- For lists, newest first, and for clean-up, oldest first.
        execute immediate
            'create index async_jobs_created_ix on async_jobs (created_at, job_id) initrans 10';
    end if;
end;
/

comment on table async_jobs is 'OraQ: procedure calls to be run, running and ended. Times are UTC; see ASYNC_JOBS_LOCAL';
comment on column async_jobs.job_id is '32 hexadecimal digits';
comment on column async_jobs.status is 'pending, running, completed or failed; a cancelled job is failed';
comment on column async_jobs.procedure_name is '[schema.][package.]procedure';
comment on column async_jobs.params is 'JSON: array of objects with name, value, direction, type; or one object';
comment on column async_jobs.start_time is 'Submission, until the job starts; then the start';
comment on column async_jobs.duration is 'From start to end, as 5.2s';
comment on column async_jobs.result is 'JSON: values of the OUT parameters by name';
comment on column async_jobs.error_msg is 'Error stack of a failed job';
comment on column async_jobs.progress is '30 reserved, 50 called, 80 returned, 100 ended; in between what the procedure reports';
comment on column async_jobs.created_at is 'Submission; never changes';
comment on column async_jobs.priority is '1 is first, 9 is last';
comment on column async_jobs.run_after is 'Not before this time';
comment on column async_jobs.attempt is 'Claims so far; (job_id, attempt) names a claim for ever';
comment on column async_jobs.losses is 'How many claims lost their worker since the submission or retry';
comment on column async_jobs.max_losses is 'With more losses the job fails';
comment on column async_jobs.failures is 'How many calls raised since the submission or retry';
comment on column async_jobs.max_attempts is 'How many times a procedure that raises is called';
comment on column async_jobs.backoff_seconds is 'Before the second call; doubles up to an hour';
comment on column async_jobs.timeout_seconds is 'Time limit of a call; null: none';
comment on column async_jobs.worker is 'Who holds the claim; null: nobody';
comment on column async_jobs.lease_until is 'Until when the claim is valid without a heartbeat';
comment on column async_jobs.session_id is 'Database session of the running attempt (DBMS_SESSION.UNIQUE_SESSION_ID)';
comment on column async_jobs.executed is 'The procedure has returned: yes, or touch gone if its transaction was rolled back meanwhile';
comment on column async_jobs.progress_note is 'What the procedure says that it is doing';
comment on column async_jobs.cancel_requested is 'no; cancel: a user asked for it; timeout: over its time limit';
comment on column async_jobs.transaction_mode is 'managed: the work and the outcome are one transaction; own: the procedure starts without one';
comment on column async_jobs.on_loss is 'When a worker is lost: ask (run again unless a part was committed), rerun or fail';
comment on column async_jobs.fresh_session is 'Y: runs on a new database session';
comment on column async_jobs.is_function is 'Y: a function is called';
comment on column async_jobs.call_schema is 'Where a procedure named without a schema is looked for';
comment on column async_jobs.idempotency_key is 'Client''s key: the same key means the same job';
comment on column async_jobs.submitter is 'Who submitted';
comment on column async_jobs.trace_context is 'W3C traceparent';
