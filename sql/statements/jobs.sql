-- name: submit_job
-- Make a job: row and wake-up, durable when this returns. The id makes a repeat harmless.
begin
    {owner}.async_jobs_api.submit(
        p_job_id => :job_id,
        p_procedure_name => :procedure_name,
        p_params => :params,
        p_is_function => :is_function,
        p_schema => :schema_name,
        p_priority => :priority,
        p_delay_seconds => :delay_seconds,
        p_max_attempts => :max_attempts,
        p_on_loss => :on_loss,
        p_transaction => :transaction,
        p_timeout_seconds => :timeout_seconds,
        p_backoff_seconds => :backoff_seconds,
        p_fresh_session => :fresh_session,
        p_submitter => :submitter,
        p_status => :status
    );
    commit write immediate wait;
end;
/

-- name: get_job
-- One job as clients see it.
select
    job_id,
    status,
    procedure_name,
    params,
    start_time,
    end_time,
    duration,
    progress,
    result,
    error_msg,
    created_at
from {owner}.async_jobs
where job_id = :job_id;

-- name: list_jobs
-- The newest jobs that match; a null filter matches all.
select
    job_id,
    status,
    procedure_name,
    params,
    start_time,
    end_time,
    duration,
    progress,
    result,
    error_msg,
    created_at
from {owner}.async_jobs
where (:statuses is null or instr(',' || :statuses || ',', ',' || status || ',') > 0)
    and (:procedure_name is null or upper(procedure_name) = upper(:procedure_name))
order by created_at desc, job_id desc
fetch first :row_limit rows only;

-- name: count_jobs
-- How many jobs match, with the filters of list_jobs.
select count(*)
from {owner}.async_jobs
where (:statuses is null or instr(',' || :statuses || ',', ',' || status || ',') > 0)
    and (:procedure_name is null or upper(procedure_name) = upper(:procedure_name));

-- name: cancel_job
-- Stop a job: a pending one fails, a running one is marked.
begin
    {owner}.async_jobs_api.cancel_job(p_job_id => :job_id, p_status => :status);
end;
/

-- name: retry_job
-- Run a failed job again.
begin
    {owner}.async_jobs_api.retry_job(p_job_id => :job_id, p_status => :status);
end;
/

-- name: delete_job
-- Remove a job whatever its state.
begin
    {owner}.async_jobs_api.delete_job(p_job_id => :job_id, p_status => :status);
end;
/

-- name: delete_jobs
-- Remove the jobs to which both filters apply; without a status all but running ones.
begin
    {owner}.async_jobs_api.delete_jobs(
        p_statuses => :statuses,
        p_older_than_days => :older_than_days,
        p_deleted => :deleted
    );
end;
/

-- name: cleanup_jobs
-- Delete completed and failed jobs that ended so many days ago.
begin
    {owner}.cleanup_old_async_jobs(p_days_old => :days_old, p_deleted_count => :deleted);
end;
/
