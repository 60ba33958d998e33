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
        p_run_after => :run_after,
        p_trace_context => :trace_context,
        p_max_losses => :max_losses,
        p_idempotency_key => :idempotency_key,
        p_request_hash => :request_hash,
        p_tags => :tags,
        p_status => :status
    );
    commit write immediate wait;
end;
/

-- name: submit_plain_job
-- The same for a job without options, as most are: a third of the binds.
begin
    {owner}.async_jobs_api.submit(
        p_job_id => :job_id,
        p_procedure_name => :procedure_name,
        p_params => :params,
        p_submitter => :submitter,
        p_trace_context => :trace_context,
        p_status => :status
    );
    commit write immediate wait;
end;
/

-- name: add_job
-- Make a job of a batch, which commit_jobs makes durable.
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
        p_run_after => :run_after,
        p_trace_context => :trace_context,
        p_max_losses => :max_losses,
        p_idempotency_key => :idempotency_key,
        p_request_hash => :request_hash,
        p_tags => :tags,
        p_status => :status
    );
end;
/

-- name: commit_jobs
-- Make the jobs of a batch durable together.
commit write immediate wait;

-- name: find_job_of_key
-- The job that an idempotency key has made.
begin
    :job_id := {owner}.async_jobs_api.find_job(
        p_idempotency_key => :idempotency_key,
        p_submitter => :submitter
    );
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
    created_at,
    priority,
    run_after,
    attempt,
    losses,
    failures,
    max_attempts,
    worker,
    progress_note,
    cancel_requested,
    submitter,
    tags,
    idempotency_key
from {owner}.async_jobs
where job_id = :job_id;

-- name: list_jobs
-- The newest jobs that match, after a place in the list; a null filter matches all. The limits of
-- CREATED_AT are written without OR, so that a page deep in the list starts there in the index.
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
    created_at,
    priority,
    run_after,
    attempt,
    losses,
    failures,
    max_attempts,
    worker,
    progress_note,
    cancel_requested,
    submitter,
    tags,
    idempotency_key
from {owner}.async_jobs
where (:statuses is null or instr(',' || :statuses || ',', ',' || status || ',') > 0)
    and (:procedure_name is null or upper(procedure_name) = upper(:procedure_name))
    and (:submitter is null or submitter = :submitter)
    and (:tag is null or instr(tags, ',' || :tag || ',') > 0)
    and created_at >= coalesce(:created_from, timestamp '0001-01-01 00:00:00')
    and created_at < coalesce(:created_to, timestamp '9999-12-31 00:00:00')
    and created_at <= coalesce(:last_created, timestamp '9999-12-31 00:00:00')
    and (:last_created is null or created_at < :last_created or job_id < :last_id)
order by created_at desc, job_id desc
fetch first :row_limit rows only;

-- name: count_jobs
-- How many jobs match, with the filters of list_jobs.
select count(*)
from {owner}.async_jobs
where (:statuses is null or instr(',' || :statuses || ',', ',' || status || ',') > 0)
    and (:procedure_name is null or upper(procedure_name) = upper(:procedure_name))
    and (:submitter is null or submitter = :submitter)
    and (:tag is null or instr(tags, ',' || :tag || ',') > 0)
    and created_at >= coalesce(:created_from, timestamp '0001-01-01 00:00:00')
    and created_at < coalesce(:created_to, timestamp '9999-12-31 00:00:00');

-- name: job_states
-- How far the jobs of ten JSON arrays of ids are; of a missing one there is no row. The hint: nobody
-- knows how many ids there are, and the whole table would be read for them otherwise.
select /*+ leading(w) use_nl(j) index(j async_jobs_pk) */
    j.job_id,
    j.status,
    j.progress,
    j.progress_note,
    j.attempt
from (
    select job_id
    from json_table(:job_ids_0, '$[*]' columns (job_id varchar2(32) path '$'))
    union all
    select job_id
    from json_table(:job_ids_1, '$[*]' columns (job_id varchar2(32) path '$'))
    union all
    select job_id
    from json_table(:job_ids_2, '$[*]' columns (job_id varchar2(32) path '$'))
    union all
    select job_id
    from json_table(:job_ids_3, '$[*]' columns (job_id varchar2(32) path '$'))
    union all
    select job_id
    from json_table(:job_ids_4, '$[*]' columns (job_id varchar2(32) path '$'))
    union all
    select job_id
    from json_table(:job_ids_5, '$[*]' columns (job_id varchar2(32) path '$'))
    union all
    select job_id
    from json_table(:job_ids_6, '$[*]' columns (job_id varchar2(32) path '$'))
    union all
    select job_id
    from json_table(:job_ids_7, '$[*]' columns (job_id varchar2(32) path '$'))
    union all
    select job_id
    from json_table(:job_ids_8, '$[*]' columns (job_id varchar2(32) path '$'))
    union all
    select job_id
    from json_table(:job_ids_9, '$[*]' columns (job_id varchar2(32) path '$'))
) w
join {owner}.async_jobs j
    on j.job_id = w.job_id;

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
