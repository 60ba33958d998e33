-- ASYNC_JOBS_WAITS: how long jobs waited for a worker, by hour and priority.

declare
    c_text constant varchar2(32767) := q'[select
    p.started_hour,
    p.priority,
    count(*) as started,
    round(avg(p.seconds), 3) as average_seconds,
    round(min(case when p.place >= p.places * 0.5 then p.seconds end), 3) as median_seconds,
    round(min(case when p.place >= p.places * 0.95 then p.seconds end), 3) as p95_seconds,
    round(max(p.seconds), 3) as longest_seconds,
    max(case when p.place = p.places then p.job_id end) as longest_job_id
from (
    select
        t.job_id,
        t.started_hour,
        t.priority,
        t.seconds,
        row_number() over (
            partition by t.started_hour, t.priority
            order by t.seconds, t.job_id
        ) as place,
        count(*) over (partition by t.started_hour, t.priority) as places
    from (
        select
            e.job_id,
            e.priority,
            trunc(cast(e.started_at as date), 'HH24') as started_hour,
            greatest(
                extract(day from e.waited) * 86400
                + extract(hour from e.waited) * 3600
                + extract(minute from e.waited) * 60
                + extract(second from e.waited),
                0
            ) as seconds
        from (
            select
                a.job_id,
                j.priority,
                a.started_at,
                a.started_at - coalesce(j.run_after, j.created_at) as waited
            from async_job_attempts a
            join async_jobs j on j.job_id = a.job_id and j.attempt = a.attempt
        ) e
    ) t
) p
group by p.started_hour, p.priority]';
    l_text varchar2(32767);
begin
    -- Made anew only if its text changed.
    for l_view in (
        select text
        from user_views
        where view_name = 'ASYNC_JOBS_WAITS'
    ) loop
        l_text := l_view.text;
    end loop;
    if l_text is null or rtrim(l_text) <> c_text then
        execute immediate 'create or replace view async_jobs_waits as ' || c_text;
    end if;
end;
/

comment on table async_jobs_waits is 'OraQ: how long jobs that were due waited for a worker, by hour and priority. Times are UTC';
comment on column async_jobs_waits.started_hour is 'The hour in which they started';
comment on column async_jobs_waits.started is 'How many';
comment on column async_jobs_waits.longest_job_id is 'The job that waited longest';
