-- name: check_readiness
-- The schema's version; whether the queue takes and gives messages, and whether the scheduler jobs
-- are enabled ('YES' or 'NO').
begin
    :schema_version := {owner}.async_jobs_monitor.schema_version;
    :queue_open := {owner}.async_jobs_monitor.queue_open;
    :scheduler_running := {owner}.async_jobs_monitor.scheduler_running;
end;
/
