-- ASYNC_JOB_PROCEDURES: the allow list. Without a row for a user the owner of OraQ may submit
-- everything that the worker's user may execute, and other schemas nothing.

declare
    l_count pls_integer;
begin
    select count(*)
    into l_count
    from user_tables
    where table_name = 'ASYNC_JOB_PROCEDURES';
    if l_count = 0 then
        execute immediate q'[
            create table async_job_procedures (
                procedure_name varchar2(400 char) not null,
                submitted_by varchar2(128 char) default '*' not null,
                timeout_seconds number,
                max_attempts number(10),
                constraint async_job_procedures_pk primary key (procedure_name, submitted_by)
            )
        ]';
    end if;
end;
/

comment on table async_job_procedures is 'OraQ: which procedures may be submitted, by whom';
comment on column async_job_procedures.procedure_name is 'As it is submitted, in upper case: [SCHEMA.][PACKAGE.]PROCEDURE; *: all';
comment on column async_job_procedures.submitted_by is 'Database user in upper case; *: all';
comment on column async_job_procedures.timeout_seconds is 'Longest time limit; null: any';
comment on column async_job_procedures.max_attempts is 'Most calls of a procedure that raises; null: any';
