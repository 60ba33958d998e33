-- ASYNC_JOBS_WORKER_LOAD: the workers, what they hold, and since when they have been silent.

declare
    c_text constant varchar2(32767) := q'[select
    k.worker,
    k.host,
    k.pid,
    k.version,
    k.slots,
    coalesce(h.running, 0) as running,
    coalesce(h.reserved, 0) as reserved,
    k.slots - coalesce(h.running, 0) as free_slots,
    k.drain as draining,
    k.started_at,
    k.last_seen,
    round(
        (cast(sys_extract_utc(systimestamp) as date) - cast(k.last_seen as date)) * 86400
    ) as silent_seconds
from async_job_workers k
left join (
    select
        j.worker,
        count(case when j.status = 'running' then 1 end) as running,
        count(case when j.status = 'pending' then 1 end) as reserved
    from async_jobs j
    where case
            when j.status = 'pending' and j.worker is null then 'free'
            when j.status = 'pending' then 'reserved'
            when j.status = 'running' then 'running'
        end in ('reserved', 'running')
    group by j.worker
) h on h.worker = k.worker]';
    l_text varchar2(32767);
begin
    -- Made anew only if its text changed.
    for l_view in (
        select text
        from user_views
        where view_name = 'ASYNC_JOBS_WORKER_LOAD'
    ) loop
        l_text := l_view.text;
    end loop;
    if l_text is null or rtrim(l_text) <> c_text then
        execute immediate 'create or replace view async_jobs_worker_load as ' || c_text;
    end if;
end;
/

comment on table async_jobs_worker_load is 'OraQ: workers that were seen lately, and what they hold. Times are UTC';
comment on column async_jobs_worker_load.reserved is 'Claimed ahead, not started yet';
comment on column async_jobs_worker_load.draining is 'Y: asked to finish its jobs and end';
comment on column async_jobs_worker_load.silent_seconds is 'Since its last heartbeat; a live worker sends one every 5 seconds unless told otherwise';
