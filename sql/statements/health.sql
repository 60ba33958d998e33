-- name: check_readiness
-- The schema's version, and whether the queue takes and gives messages ('YES' or 'NO').
begin
    :schema_version := {owner}.async_jobs_admin.schema_version;
    :queue_open := {owner}.async_jobs_admin.queue_open;
end;
/

-- name: check_health
-- What is wrong with the installation, a line per finding; null: nothing.
begin
    :findings := {owner}.async_jobs_admin.health;
end;
/
