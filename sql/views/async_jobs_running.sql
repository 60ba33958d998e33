-- ASYNC_JOBS_RUNNING: what runs now, and how far it is. Reads only what is live.

declare
    c_text constant varchar2(32767) := q'[select
    r.job_id,
    r.procedure_name,
    r.submitter,
    r.worker,
    r.host,
    r.attempt,
    r.start_time,
    round(
        extract(day from r.elapsed) * 86400
        + extract(hour from r.elapsed) * 3600
        + extract(minute from r.elapsed) * 60
        + extract(second from r.elapsed),
        1
    ) as running_seconds,
    r.timeout_seconds,
    r.progress,
    r.progress_note,
    r.cancel_requested,
    r.touched as has_committed,
    round((cast(r.lease_until as date) - cast(r.now as date)) * 86400) as lease_seconds,
    r.session_id
from (
    select
        j.job_id,
        j.procedure_name,
        j.submitter,
        j.worker,
        k.host,
        j.attempt,
        j.start_time,
        sys_extract_utc(systimestamp) - j.start_time as elapsed,
        sys_extract_utc(systimestamp) as now,
        j.timeout_seconds,
        j.progress,
        j.progress_note,
        j.cancel_requested,
        a.touched,
        j.lease_until,
        j.session_id
    from async_jobs j
    left join async_job_attempts a on a.job_id = j.job_id and a.attempt = j.attempt
    left join async_job_workers k on k.worker = j.worker
    where case
            when j.status = 'pending' and j.worker is null then 'free'
            when j.status = 'pending' then 'reserved'
            when j.status = 'running' then 'running'
        end = 'running'
) r]';
    l_text varchar2(32767);
begin
    -- Made anew only if its text changed.
    for l_view in (
        select text
        from user_views
        where view_name = 'ASYNC_JOBS_RUNNING'
    ) loop
        l_text := l_view.text;
    end loop;
    if l_text is null or rtrim(l_text) <> c_text then
        execute immediate 'create or replace view async_jobs_running as ' || c_text;
    end if;
end;
/

comment on table async_jobs_running is 'OraQ: what runs now. Times are UTC';
comment on column async_jobs_running.running_seconds is 'Since the start of this attempt';
comment on column async_jobs_running.has_committed is 'Y: the procedure has committed a part of its work';
comment on column async_jobs_running.lease_seconds is 'Until the worker counts as lost without a sign of life; negative: it counts as lost';
comment on column async_jobs_running.session_id is 'Database session (DBMS_SESSION.UNIQUE_SESSION_ID)';
