-- The last step of an installation: until now ASYNC_JOB_SCHEMA has no row, or an older one.

insert into async_job_schema (version, description)
select v.version, v.description
from (
    select 1 as version, 'First version' as description
    from dual
    union all
    select 2, 'Tags, idempotency keys, metrics and drain of workers'
    from dual
    union all
    select 3, 'The database user who has submitted'
    from dual
) v
where v.version not in (
    select s.version
    from async_job_schema s
);

commit;
