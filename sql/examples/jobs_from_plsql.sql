-- Jobs from PL/SQL, step by step: a procedure that reports its progress, parameters, commit and
-- rollback, waiting for the result, cancel, retry, delete. Runs in SQL*Plus and SQLcl, any number of
-- times, with a worker at work; it puts out what it does and ends with an error where something is
-- not as it says.
--
-- Run it as the owner of OraQ, or as another schema that has (README, "Three users"):
--     grant execute on oraq.async_jobs_api to app;
--     grant execute on oraq.async_jobs_progress to app;
--     grant oraq_viewer to app;
--     insert into oraq.async_job_procedures (procedure_name, submitted_by)
--         values ('APP.EXAMPLE_LOAD_ROWS', 'APP');

-- Whose packages these are, and who the workers connect as.
define oraq = ORAQ
define worker_user = ORAQ_WORKER

set serveroutput on
set verify off
set sqlblanklines on
whenever sqlerror exit failure rollback

prompt a procedure that takes a while and says how far it is

declare
    l_count pls_integer;
begin
    select count(*)
    into l_count
    from user_tables
    where table_name = 'EXAMPLE_ROWS';
    if l_count = 0 then
        execute immediate 'create table example_rows (loaded_on date not null, n number not null)';
    end if;
end;
/

create or replace procedure example_load_rows(
  p_day    in  date,
  p_rows   in  number,
  p_loaded out number
)
  authid definer
is
begin
  for i in 1 .. p_rows loop
    insert into example_rows (loaded_on, n)
    values (p_day, i);
    dbms_session.sleep(0.1);
    -- Others see it at once, though nothing is committed yet. Written at most once a second, so it
    -- may be called for every row. Outside of a job it does nothing.
    &oraq..async_jobs_progress.set_progress(
      p_percent => 100 * i / p_rows,
      p_note    => 'row ' || i || ' of ' || p_rows
    );
  end loop;
  p_loaded := p_rows;
  -- No commit: the rows and the job's outcome are committed together, by the worker.
end example_load_rows;
/

-- What runs as a job, the worker's user has to be allowed to run.
begin
    if upper('&worker_user') <> user then
        execute immediate 'grant execute on example_load_rows to &worker_user';
    end if;
end;
/

prompt jobs belong to their submitter's transaction

declare
    l_params clob;
    l_job_id varchar2(32);
    l_count  pls_integer;
begin
    &oraq..async_jobs_api.add_param(l_params, 'p_day', date '2026-02-28');
    &oraq..async_jobs_api.add_param(l_params, 'p_rows', 3);
    &oraq..async_jobs_api.add_out_param(l_params, 'p_loaded');
    l_job_id := &oraq..async_jobs_api.submit(
        p_procedure_name => user || '.EXAMPLE_LOAD_ROWS',
        p_params         => l_params
    );
    if l_job_id is null then
        raise_application_error(-20000, 'refused: the list does not have this procedure');
    end if;
    rollback;

    select count(*)
    into l_count
    from &oraq..async_jobs
    where job_id = l_job_id;
    dbms_output.put_line('after a rollback: ' || l_count || ' jobs');
    if l_count <> 0 then
        raise_application_error(-20000, 'a job of a rolled back transaction');
    end if;
end;
/

declare
    l_params   clob;
    l_job_id   varchar2(32);
    l_status   varchar2(30);
    l_progress number;
    l_note     varchar2(1000 char);
    l_result   varchar2(4000);
    l_error    varchar2(4000);
    l_before   number := -1;
begin
    &oraq..async_jobs_api.add_param(l_params, 'p_day', date '2026-02-28');
    &oraq..async_jobs_api.add_param(l_params, 'p_rows', 25);
    &oraq..async_jobs_api.add_out_param(l_params, 'p_loaded');

    -- The procedure tells why, where the function of the same name gives null.
    l_job_id := lower(rawtohex(sys_guid()));
    &oraq..async_jobs_api.submit(
        p_job_id         => l_job_id,
        p_procedure_name => user || '.EXAMPLE_LOAD_ROWS',
        p_params         => l_params,
        p_priority       => 3,
        p_tags           => 'example,nightly',
        p_status         => l_status
    );
    dbms_output.put_line('submit: ' || l_status);
    if l_status <> 'ok' then
        raise_application_error(-20000, 'submit: ' || l_status);
    end if;

    -- Now the workers hear of it.
    commit;

    for turn in 1 .. 600 loop
        select status, progress, progress_note, to_char(substr(result, 1, 900)),
            to_char(substr(error_msg, 1, 900))
        into l_status, l_progress, l_note, l_result, l_error
        from &oraq..async_jobs
        where job_id = l_job_id;
        if l_progress <> l_before then
            dbms_output.put_line(l_status || ' ' || l_progress || ' % ' || l_note);
            l_before := l_progress;
        end if;
        exit when l_status in ('completed', 'failed');
        dbms_session.sleep(0.1);
    end loop;
    dbms_output.put_line('result: ' || l_result);
    if l_status <> 'completed' then
        raise_application_error(-20000, l_status || ': ' || l_error);
    end if;
end;
/

prompt cancel, retry, delete answer with a status, each in a transaction of its own

declare
    l_params clob;
    l_job_id varchar2(32);
    l_status varchar2(30);

    procedure expect(p_what in varchar2, p_wanted in varchar2) is
    begin
        dbms_output.put_line(p_what || ': ' || l_status);
        if l_status <> p_wanted then
            raise_application_error(-20000, p_what || ': ' || l_status);
        end if;
    end expect;
begin
    &oraq..async_jobs_api.add_param(l_params, 'p_day', date '2026-03-01');
    &oraq..async_jobs_api.add_param(l_params, 'p_rows', 1);
    &oraq..async_jobs_api.add_out_param(l_params, 'p_loaded');
    l_job_id := &oraq..async_jobs_api.submit(
        p_procedure_name => user || '.EXAMPLE_LOAD_ROWS',
        p_params         => l_params,
        p_delay_seconds  => 3600
    );
    commit;

    &oraq..async_jobs_api.cancel_job(p_job_id => l_job_id, p_status => l_status);
    expect(p_what => 'cancel', p_wanted => 'ok');
    &oraq..async_jobs_api.cancel_job(p_job_id => l_job_id, p_status => l_status);
    expect(p_what => 'cancel again', p_wanted => 'ended');
    &oraq..async_jobs_api.retry_job(p_job_id => l_job_id, p_status => l_status);
    expect(p_what => 'retry', p_wanted => 'ok');
    &oraq..async_jobs_api.delete_job(p_job_id => l_job_id, p_status => l_status);
    expect(p_what => 'delete', p_wanted => 'ok');
    &oraq..async_jobs_api.delete_job(p_job_id => l_job_id, p_status => l_status);
    expect(p_what => 'delete again', p_wanted => 'missing');
end;
/

prompt the same key makes no second job

declare
    l_first  varchar2(32);
    l_second varchar2(32);
begin
    -- For a day, say: as long as the job is there.
    l_first := &oraq..async_jobs_api.submit(
        p_procedure_name  => user || '.EXAMPLE_LOAD_ROWS',
        p_params          => '{"p_day": "2026-03-02", "p_rows": 1}',
        p_delay_seconds   => 3600,
        p_idempotency_key => 'example-2026-03-02'
    );
    l_second := &oraq..async_jobs_api.submit(
        p_procedure_name  => user || '.EXAMPLE_LOAD_ROWS',
        p_params          => '{"p_day": "2026-03-02", "p_rows": 1}',
        p_delay_seconds   => 3600,
        p_idempotency_key => 'example-2026-03-02'
    );
    dbms_output.put_line('same job: ' || case when l_first = l_second then 'yes' else 'no' end);
    if l_first <> l_second or l_second is null then
        raise_application_error(-20000, 'two jobs for one key');
    end if;
    rollback;
end;
/
