-- ASYNC_JOB_SCHEMA: the versions of the tables that were installed here.

declare
    l_count pls_integer;
begin
    select count(*)
    into l_count
    from user_tables
    where table_name = 'ASYNC_JOB_SCHEMA';
    if l_count = 0 then
        execute immediate q'[
            create table async_job_schema (
                version number(10) constraint async_job_schema_pk primary key,
                installed_at timestamp default sys_extract_utc(systimestamp) not null,
                description varchar2(200 char) not null
            )
        ]';
    end if;
end;
/

comment on table async_job_schema is 'OraQ: versions of these tables; the highest is in force';
