-- ASYNC_JOBS_BACKLOG: what waits to be run, by priority and procedure. Reads only what is live.

declare
    c_text constant varchar2(32767) := q'[select
    w.priority,
    w.procedure_name,
    count(case when w.live = 'free' and w.due_at <= w.now then 1 end) as ready,
    count(case when w.live = 'free' and w.due_at > w.now then 1 end) as delayed,
    count(case when w.live = 'reserved' then 1 end) as reserved,
    min(w.due_at) as oldest_due_at,
    max(case
        when w.due_at <= w.now then
            round((cast(w.now as date) - cast(w.due_at as date)) * 86400)
    end) as oldest_seconds
from (
    select
        j.priority,
        j.procedure_name,
        coalesce(j.run_after, j.created_at) as due_at,
        sys_extract_utc(systimestamp) as now,
        case
            when j.status = 'pending' and j.worker is null then 'free'
            when j.status = 'pending' then 'reserved'
            when j.status = 'running' then 'running'
        end as live
    from async_jobs j
    where case
            when j.status = 'pending' and j.worker is null then 'free'
            when j.status = 'pending' then 'reserved'
            when j.status = 'running' then 'running'
        end in ('free', 'reserved')
) w
group by w.priority, w.procedure_name]';
    l_text varchar2(32767);
begin
    -- Made anew only if its text changed.
    for l_view in (
        select text
        from user_views
        where view_name = 'ASYNC_JOBS_BACKLOG'
    ) loop
        l_text := l_view.text;
    end loop;
    if l_text is null or rtrim(l_text) <> c_text then
        execute immediate 'create or replace view async_jobs_backlog as ' || c_text;
    end if;
end;
/

comment on table async_jobs_backlog is 'OraQ: what waits to be run, by priority and procedure. Times are UTC';
comment on column async_jobs_backlog.ready is 'Due, and free for any worker';
comment on column async_jobs_backlog.delayed is 'Not due yet: a start time was asked for, or the job is to be called again';
comment on column async_jobs_backlog.reserved is 'Claimed by a worker, not started yet';
comment on column async_jobs_backlog.oldest_seconds is 'How long the oldest one has been due; null: none is';
