-- ASYNC_JOBS_SLOWEST: how long the procedures run, by the attempts that clean-up has left.

declare
    c_text constant varchar2(32767) := q'[select
    p.procedure_name,
    count(*) as runs,
    count(case when p.outcome = 'completed' then 1 end) as completed,
    count(case when p.outcome <> 'completed' then 1 end) as not_completed,
    round(avg(p.seconds), 3) as average_seconds,
    round(min(case when p.place >= p.places * 0.5 then p.seconds end), 3) as median_seconds,
    round(min(case when p.place >= p.places * 0.95 then p.seconds end), 3) as p95_seconds,
    round(max(p.seconds), 3) as longest_seconds,
    max(case when p.place = p.places then p.job_id end) as longest_job_id,
    round(sum(p.seconds), 3) as total_seconds,
    max(p.ended_at) as last_ended_at
from (
    select
        t.job_id,
        t.procedure_name,
        t.outcome,
        t.ended_at,
        t.seconds,
        row_number() over (partition by t.procedure_name order by t.seconds, t.job_id) as place,
        count(*) over (partition by t.procedure_name) as places
    from (
        select
            e.job_id,
            e.procedure_name,
            e.outcome,
            e.ended_at,
            extract(day from e.elapsed) * 86400
                + extract(hour from e.elapsed) * 3600
                + extract(minute from e.elapsed) * 60
                + extract(second from e.elapsed) as seconds
        from (
            select
                a.job_id,
                j.procedure_name,
                a.outcome,
                a.ended_at,
                a.ended_at - a.started_at as elapsed
            from async_job_attempts a
            join async_jobs j on j.job_id = a.job_id
            where a.ended_at is not null
        ) e
    ) t
) p
group by p.procedure_name]';
    l_text varchar2(32767);
begin
    -- Made anew only if its text changed.
    for l_view in (
        select text
        from user_views
        where view_name = 'ASYNC_JOBS_SLOWEST'
    ) loop
        l_text := l_view.text;
    end loop;
    if l_text is null or rtrim(l_text) <> c_text then
        execute immediate 'create or replace view async_jobs_slowest as ' || c_text;
    end if;
end;
/

comment on table async_jobs_slowest is 'OraQ: run times by procedure, of all attempts that have ended. Times are UTC';
comment on column async_jobs_slowest.not_completed is 'Failed, called again later, cancelled, lost or released';
comment on column async_jobs_slowest.total_seconds is 'Time of all runs: what the procedure costs';
comment on column async_jobs_slowest.longest_job_id is 'The job of the longest run';
