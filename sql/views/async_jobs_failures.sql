-- ASYNC_JOBS_FAILURES: failed jobs by procedure and error code.

declare
    c_text constant varchar2(32767) := q'[select
    f.procedure_name,
    f.error_code,
    count(*) as failures,
    min(f.end_time) as first_at,
    max(f.end_time) as last_at,
    max(case when f.place = 1 then f.job_id end) as last_job_id,
    max(case when f.place = 1 then f.error_text end) as last_error
from (
    select
        e.job_id,
        e.procedure_name,
        e.error_code,
        e.end_time,
        e.error_text,
        row_number() over (
            partition by e.procedure_name, e.error_code
            order by e.end_time desc, e.job_id
        ) as place
    from (
        select
            j.job_id,
            j.procedure_name,
            j.end_time,
            to_char(substr(j.error_msg, 1, 500)) as error_text,
            case
                when a.outcome in ('cancelled', 'lost', 'released') then a.outcome
                else coalesce(
                    a.error_code,
                    regexp_substr(to_char(substr(j.error_msg, 1, 500)), '(ORA|PLS|DPY)-[0-9]+'),
                    'none'
                )
            end as error_code
        from async_jobs j
        left join async_job_attempts a on a.job_id = j.job_id and a.attempt = j.attempt
        where j.status = 'failed'
    ) e
) f
group by f.procedure_name, f.error_code]';
    l_text varchar2(32767);
begin
    -- Made anew only if its text changed.
    for l_view in (
        select text
        from user_views
        where view_name = 'ASYNC_JOBS_FAILURES'
    ) loop
        l_text := l_view.text;
    end loop;
    if l_text is null or rtrim(l_text) <> c_text then
        execute immediate 'create or replace view async_jobs_failures as ' || c_text;
    end if;
end;
/

comment on table async_jobs_failures is 'OraQ: failed jobs by procedure and error code. Times are UTC';
comment on column async_jobs_failures.error_code is 'As ORA-20001; cancelled (the time limit included), lost, released; none: the error has no code';
comment on column async_jobs_failures.last_error is 'The first 500 characters of the latest';
