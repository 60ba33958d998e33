-- name: list_workers
-- A JSON object for each worker, and the metrics that it has left.
begin
    {owner}.async_jobs_monitor.list_workers(p_workers => :workers, p_metrics => :metrics);
end;
/

-- name: list_seen_workers
-- The workers without what they hold, in any version of the schema.
select
    worker,
    host,
    pid,
    slots,
    version,
    started_at,
    last_seen,
    sys_extract_utc(systimestamp) as now
from {owner}.async_job_workers
order by last_seen desc, worker;

-- name: schema_version
-- The version of the installed tables; 0: none is finished.
begin
    :schema_version := {owner}.async_jobs_monitor.schema_version;
end;
/

-- name: read_schema_version
-- The same for the owner, where the package is not there.
select coalesce(max(version), 0)
from {owner}.async_job_schema;

-- name: queue_state
-- The wake-ups in the queue, and the jobs that are not ended.
begin
    {owner}.async_jobs_monitor.queue_state(
        p_queue_open => :queue_open,
        p_ready => :ready,
        p_delayed => :delayed,
        p_oldest_seconds => :oldest_seconds,
        p_free => :free,
        p_reserved => :reserved,
        p_running => :running
    );
end;
/

-- name: statistics
-- Everything that monitoring wants to know, at one moment or nearly so.
begin
    {owner}.async_jobs_monitor.queue_state(
        p_queue_open => :queue_open,
        p_ready => :ready,
        p_delayed => :delayed,
        p_oldest_seconds => :oldest_seconds,
        p_free => :free,
        p_reserved => :reserved,
        p_running => :running
    );
    {owner}.async_jobs_monitor.ended_jobs(p_completed => :completed, p_failed => :failed);
    :lost_attempts := {owner}.async_jobs_monitor.lost_attempts;
    {owner}.async_jobs_monitor.list_workers(p_workers => :workers, p_metrics => :metrics);
end;
/

-- name: list_findings
-- What is wrong with the installation, and what mends it.
begin
    {owner}.async_jobs_monitor.list_findings(
        p_names => :names,
        p_severities => :severities,
        p_problems => :problems,
        p_remedies => :remedies,
        p_runners => :runners
    );
end;
/

-- name: drain_workers
-- Ask a worker, or all that are alive, to finish their jobs and end.
begin
    {owner}.async_jobs_admin.drain(p_worker => :worker, p_asked => :asked);
end;
/

-- name: list_attempts
-- A job's started attempts.
select attempt, worker, started_at, ended_at, outcome, error_code, touched
from {owner}.async_job_attempts
where job_id = :job_id
order by attempt;

-- name: database_time
-- The clock that counts.
select sys_extract_utc(systimestamp)
from dual;

-- name: list_procedures
-- The allow list.
select procedure_name, submitted_by, timeout_seconds, max_attempts
from {owner}.async_job_procedures
order by procedure_name, submitted_by;

-- name: set_procedure
-- Put a rule on the allow list, or change its limits. No definer's package does this: who may
-- submit through OraQ must not be able to allow himself more.
declare
    l_is_new number;
begin
    update {owner}.async_job_procedures
    set timeout_seconds = :timeout_seconds,
        max_attempts = :max_attempts
    where procedure_name = :procedure_name
        and submitted_by = :submitted_by;
    l_is_new := case sql%rowcount when 0 then 1 else 0 end;
    if l_is_new = 1 then
        insert into {owner}.async_job_procedures (
            procedure_name,
            submitted_by,
            timeout_seconds,
            max_attempts
        )
        values (:procedure_name, :submitted_by, :timeout_seconds, :max_attempts);
    end if;
    commit;
    :is_new := l_is_new;
end;
/

-- name: remove_procedure
-- Take a rule off the allow list.
begin
    delete from {owner}.async_job_procedures
    where procedure_name = :procedure_name
        and submitted_by = :submitted_by;
    :removed := sql%rowcount;
    commit;
end;
/
