create or replace package body async_jobs_admin is
  c_queue       constant varchar2(30) := 'ASYNC_JOBS_QUEUE';
  c_recovery    constant varchar2(30) := 'ASYNC_JOBS_EVERY_MINUTE';
  c_cleanup     constant varchar2(30) := 'ASYNC_JOBS_EVERY_DAY';
  c_line_feed   constant varchar2(1) := chr(10);

  procedure recover(p_recovered out number) is
  begin
    async_jobs_recovery.recover(p_recovered);
  end recover;

  -- Attempts whose job is gone, as they were locked when it was deleted.
  procedure delete_orphans is
    pragma autonomous_transaction;
    c_batch constant pls_integer := 500;
    type t_ids is table of async_job_attempts.job_id%type index by pls_integer;
    type t_attempts is table of async_job_attempts.attempt%type index by pls_integer;
    l_ids      t_ids;
    l_attempts t_attempts;

    cursor c_orphans is
      select a.job_id, a.attempt
      from async_job_attempts a
      where not exists (
        select 1
        from async_jobs j
        where j.job_id = a.job_id
      )
      for update skip locked;
  begin
    loop
      open c_orphans;
      fetch c_orphans bulk collect into l_ids, l_attempts limit c_batch;
      close c_orphans;
      exit when l_ids.count = 0;
      forall i in 1 .. l_ids.count
        delete from async_job_attempts
        where job_id = l_ids(i)
          and attempt = l_attempts(i);
      commit;
    end loop;
    commit;
  end delete_orphans;

  procedure delete_workers(p_days_old in number) is
    pragma autonomous_transaction;
  begin
    delete from async_job_workers
    where last_seen < sys_extract_utc(systimestamp) - numtodsinterval(p_days_old, 'DAY');
    commit;
  end delete_workers;

  procedure clean_up(
    p_days_old      in  number default 7,
    p_deleted_count out number
  ) is
    l_days number := least(coalesce(p_days_old, 7), 36500);
  begin
    async_jobs_api.delete_jobs(
      p_statuses        => 'completed,failed',
      p_older_than_days => l_days,
      p_deleted         => p_deleted_count
    );
    delete_orphans;
    delete_workers(greatest(l_days, 1));
  end clean_up;

  function has_scheduler_job(p_name in varchar2) return boolean is
    l_count pls_integer;
  begin
    select count(*)
    into l_count
    from user_scheduler_jobs
    where job_name = p_name;
    return l_count > 0;
  end has_scheduler_job;

  procedure create_scheduler_jobs is
  begin
    if not has_scheduler_job(c_recovery) then
      dbms_scheduler.create_job(
        job_name        => c_recovery,
        job_type        => 'PLSQL_BLOCK',
        job_action      => 'declare l_recovered number; '
          || 'begin async_jobs_admin.recover(p_recovered => l_recovered); end;',
        start_date      => systimestamp,
        repeat_interval => 'FREQ=MINUTELY;INTERVAL=1',
        enabled         => true,
        auto_drop       => false,
        comments        => 'OraQ: takes back the jobs of lost workers'
      );
    end if;
    if not has_scheduler_job(c_cleanup) then
      dbms_scheduler.create_job(
        job_name        => c_cleanup,
        job_type        => 'PLSQL_BLOCK',
        job_action      => 'declare l_deleted number; begin cleanup_old_async_jobs('
          || 'p_days_old => 7, p_deleted_count => l_deleted); end;',
        start_date      => systimestamp,
        repeat_interval => 'FREQ=DAILY;BYHOUR=3;BYMINUTE=10;BYSECOND=0',
        enabled         => true,
        auto_drop       => false,
        comments        => 'OraQ: deletes jobs that ended more than a week ago'
      );
    end if;
  end create_scheduler_jobs;

  procedure drop_scheduler_jobs is
  begin
    if has_scheduler_job(c_recovery) then
      dbms_scheduler.drop_job(job_name => c_recovery);
    end if;
    if has_scheduler_job(c_cleanup) then
      dbms_scheduler.drop_job(job_name => c_cleanup);
    end if;
  end drop_scheduler_jobs;

  function schema_version return number is
    l_version number;
  begin
    select coalesce(max(version), 0)
    into l_version
    from async_job_schema;
    return l_version;
  end schema_version;

  function queue_open return varchar2 is
    l_count pls_integer;
  begin
    -- The two columns are padded with blanks.
    select count(*)
    into l_count
    from user_queues
    where name = c_queue
      and trim(enqueue_enabled) = 'YES'
      and trim(dequeue_enabled) = 'YES';
    return case l_count when 0 then 'NO' else 'YES' end;
  end queue_open;

  -- Null: this schema may not see it.
  function parameter_value(p_name in varchar2) return varchar2 is
    l_value varchar2(4000);
  begin
    -- Dynamic, so that the package compiles without the right to see it.
    execute immediate 'select value from v$parameter where name = :name' into l_value using p_name;
    return l_value;
  exception
    when others then
      return null;
  end parameter_value;

  function scheduler_running return varchar2 is
    l_count pls_integer;
  begin
    select count(*)
    into l_count
    from user_scheduler_jobs
    where job_name in (c_recovery, c_cleanup)
      and enabled = 'TRUE';
    return case
      when l_count < 2 or parameter_value('job_queue_processes') = '0' then 'NO'
      else 'YES'
    end;
  end scheduler_running;

  procedure add_finding(p_findings in out nocopy varchar2, p_finding in varchar2) is
  begin
    if p_findings is not null then
      p_findings := p_findings || c_line_feed;
    end if;
    p_findings := p_findings || p_finding;
  end add_finding;

  procedure check_scheduler_job(p_findings in out nocopy varchar2, p_name in varchar2) is
    l_enabled varchar2(10);
    l_state   varchar2(30);
  begin
    select max(enabled), max(state)
    into l_enabled, l_state
    from user_scheduler_jobs
    where job_name = p_name;
    if l_enabled is null then
      add_finding(
        p_findings => p_findings,
        p_finding  => 'Scheduler job ' || p_name || ' is missing: '
          || 'begin async_jobs_admin.create_scheduler_jobs; end;'
      );
    elsif l_enabled <> 'TRUE' then
      add_finding(
        p_findings => p_findings,
        p_finding  => 'Scheduler job ' || p_name || ' is ' || lower(l_state) || ': '
          || 'begin dbms_scheduler.enable(''' || p_name || '''); end;'
      );
    end if;
  end check_scheduler_job;

  procedure check_units(p_findings in out nocopy varchar2) is
    type t_names is table of user_objects.object_name%type index by pls_integer;
    l_names t_names;
    l_types t_names;

    cursor c_invalid is
      select object_name, object_type
      from user_objects
      where object_type in ('PACKAGE', 'PACKAGE BODY', 'PROCEDURE', 'VIEW')
        and (object_name like 'ASYNC_JOB%' or object_name = 'CLEANUP_OLD_ASYNC_JOBS')
        and status <> 'VALID'
      order by object_name, object_type;
  begin
    open c_invalid;
    fetch c_invalid bulk collect into l_names, l_types limit 50;
    close c_invalid;
    for i in 1 .. l_names.count loop
      add_finding(
        p_findings => p_findings,
        p_finding  => lower(l_types(i)) || ' ' || l_names(i) || ' is invalid: alter '
          || case l_types(i)
            when 'PACKAGE BODY' then 'package ' || l_names(i) || ' compile body'
            else lower(l_types(i)) || ' ' || l_names(i) || ' compile'
          end
      );
    end loop;
  end check_units;

  procedure check_parameter(
    p_findings in out nocopy varchar2,
    p_name     in varchar2,
    p_effect   in varchar2,
    p_value    in number
  ) is
    l_value varchar2(4000) := parameter_value(p_name);
  begin
    if l_value is null then
      add_finding(
        p_findings => p_findings,
        p_finding  => 'Parameter ' || p_name || ' cannot be seen: '
          || 'grant select on sys.v_$parameter to '
          || sys_context('USERENV', 'CURRENT_SCHEMA')
      );
    elsif l_value = '0' then
      add_finding(
        p_findings => p_findings,
        p_finding  => p_name || ' = 0: ' || p_effect || ': alter system set ' || p_name
          || ' = ' || to_char(p_value)
      );
    end if;
  end check_parameter;

  procedure check_recovery(p_findings in out nocopy varchar2) is
    l_last_error async_job_recovery.last_error%type;
  begin
    select max(last_error)
    into l_last_error
    from async_job_recovery
    where last_error_at > sys_extract_utc(systimestamp) - numtodsinterval(1, 'DAY');
    if l_last_error is not null then
      add_finding(p_findings => p_findings, p_finding => 'Recovery met an error: ' || l_last_error);
    end if;
  end check_recovery;

  function health return varchar2 is
    l_findings varchar2(32767);
  begin
    if schema_version = 0 then
      add_finding(
        p_findings => l_findings,
        p_finding  => 'The installation is not complete: @sql/install.sql'
      );
    end if;
    if queue_open = 'NO' then
      add_finding(
        p_findings => l_findings,
        p_finding  => 'Queue ' || c_queue || ' is stopped: '
          || 'begin dbms_aqadm.start_queue(queue_name => ''' || c_queue || '''); end;'
      );
    end if;
    check_units(l_findings);
    check_scheduler_job(p_findings => l_findings, p_name => c_recovery);
    check_scheduler_job(p_findings => l_findings, p_name => c_cleanup);
    check_parameter(
      p_findings => l_findings,
      p_name     => 'job_queue_processes',
      p_effect   => 'no scheduler job runs',
      p_value    => 10
    );
    check_parameter(
      p_findings => l_findings,
      p_name     => 'aq_tm_processes',
      p_effect   => 'no delayed message becomes due',
      p_value    => 1
    );
    check_recovery(l_findings);
    return l_findings;
  end health;
end async_jobs_admin;
/
