-- The last step of an installation: until now ASYNC_JOB_SCHEMA has no row, or an older one.

insert into async_job_schema (version, description)
select 1, 'First version'
from dual
where not exists (
    select 1
    from async_job_schema
    where version = 1
);

commit;
