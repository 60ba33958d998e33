-- ASYNC_JOBS_LOCAL: ASYNC_JOBS with its times in the zone of the database's host, as SYSDATE has it,
-- so that TRUNC(START_TIME) = TRUNC(SYSDATE) finds today's jobs.

declare
    l_count pls_integer;
begin
    select count(*)
    into l_count
    from user_tab_columns
    where table_name = 'ASYNC_JOBS_LOCAL'
        and column_name = 'SUBMITTED_BY';
    if l_count = 0 then
        -- Missing, or of a version with fewer columns.
        execute immediate q'[
            create or replace view async_jobs_local as
            select
                j.job_id,
                j.status,
                j.procedure_name,
                j.params,
                j.start_time + z.utc_offset as start_time,
                j.end_time + z.utc_offset as end_time,
                j.duration,
                j.result,
                j.error_msg,
                j.progress,
                j.created_at + z.utc_offset as created_at,
                j.priority,
                j.run_after + z.utc_offset as run_after,
                j.attempt,
                j.losses,
                j.max_losses,
                j.failures,
                j.max_attempts,
                j.backoff_seconds,
                j.timeout_seconds,
                j.worker,
                j.lease_until + z.utc_offset as lease_until,
                j.session_id,
                j.executed,
                j.progress_note,
                j.cancel_requested,
                j.transaction_mode,
                j.on_loss,
                j.fresh_session,
                j.is_function,
                j.call_schema,
                j.idempotency_key,
                j.submitter,
                j.trace_context,
                j.tags,
                j.request_hash,
                j.submitted_by
            from async_jobs j
            cross join (
                select
                    numtodsinterval(
                        round((sysdate - cast(sys_extract_utc(systimestamp) as date)) * 1440),
                        'MINUTE'
                    ) as utc_offset
                from dual
            ) z
        ]';
    end if;
end;
/

comment on table async_jobs_local is 'OraQ: ASYNC_JOBS with its times in the zone of the database host';
