create or replace package body async_jobs_health is
  c_queue           constant varchar2(30) := 'ASYNC_JOBS_QUEUE';
  c_recovery        constant varchar2(30) := 'ASYNC_JOBS_EVERY_MINUTE';
  c_cleanup         constant varchar2(30) := 'ASYNC_JOBS_EVERY_DAY';
  -- Silence after which a worker counts as gone; it beats every 5 s.
  c_silent_seconds  constant number := 30;
  -- How long a job that could run may wait before it is remarkable, although a slot is free.
  c_waiting_seconds constant number := 60;
  -- How long nobody may have looked for lost workers.
  c_pause_seconds   constant number := 300;
  c_limit           constant pls_integer := 50;

  procedure add_finding(
    p_findings in out nocopy t_findings,
    p_name     in varchar2,
    p_severity in varchar2,
    p_problem  in varchar2,
    p_remedy   in varchar2,
    p_run_by   in varchar2
  ) is
    l_finding t_finding;
  begin
    l_finding.name := p_name;
    l_finding.severity := p_severity;
    l_finding.problem := substrb(p_problem, 1, 2000);
    l_finding.remedy := substrb(p_remedy, 1, 2000);
    l_finding.run_by := p_run_by;
    p_findings(p_findings.count + 1) := l_finding;
  end add_finding;

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

  procedure check_queue(p_findings in out nocopy t_findings) is
    l_enqueue varchar2(30);
    l_dequeue varchar2(30);
  begin
    -- The two columns are padded with blanks.
    select max(trim(enqueue_enabled)), max(trim(dequeue_enabled))
    into l_enqueue, l_dequeue
    from user_queues
    where name = c_queue;
    if l_enqueue is null then
      add_finding(
        p_findings => p_findings,
        p_name     => 'queue_missing',
        p_severity => 'error',
        p_problem  => 'Queue ' || c_queue || ' is missing: no job can be submitted.',
        p_remedy   => 'oraq install',
        p_run_by   => 'shell'
      );
    elsif l_enqueue <> 'YES' or l_dequeue <> 'YES' then
      add_finding(
        p_findings => p_findings,
        p_name     => 'queue_stopped',
        p_severity => 'error',
        p_problem  => 'Queue ' || c_queue || ' is stopped: '
          || case
            when l_enqueue <> 'YES' then 'no job can be submitted.'
            else 'no worker gets a job.'
          end,
        p_remedy   => 'begin dbms_aqadm.start_queue(queue_name => ''' || c_queue || '''); end;',
        p_run_by   => 'owner'
      );
    end if;
  end check_queue;

  -- The first thing that the compiler says about a unit; null: nothing, as it was invalidated only.
  function first_error(p_name in varchar2, p_type in varchar2) return varchar2 is
    l_text varchar2(4000);
  begin
    select max(text) keep (dense_rank first order by sequence)
    into l_text
    from user_errors
    where name = p_name
      and type = p_type
      and attribute = 'ERROR';
    return rtrim(replace(l_text, chr(10), ' '));
  end first_error;

  procedure check_unit(
    p_findings in out nocopy t_findings,
    p_name     in varchar2,
    p_type     in varchar2
  ) is
    l_error   varchar2(4000) := first_error(p_name => p_name, p_type => p_type);
    l_missing varchar2(200) := regexp_substr(l_error, 'identifier ''(SYS\.)?(DBMS_\w+)', 1, 1, 'i', 2);
  begin
    if l_missing is not null then
      add_finding(
        p_findings => p_findings,
        p_name     => 'grant_missing',
        p_severity => 'error',
        p_problem  => lower(p_type) || ' ' || p_name || ' is invalid: the owner may not execute '
          || l_missing || ', or only through a role.',
        p_remedy   => 'grant execute on sys.' || lower(l_missing) || ' to '
          || sys_context('USERENV', 'CURRENT_SCHEMA'),
        p_run_by   => 'dba'
      );
    else
      add_finding(
        p_findings => p_findings,
        p_name     => 'unit_invalid',
        p_severity => 'error',
        p_problem  => lower(p_type) || ' ' || p_name || ' is invalid'
          || case when l_error is not null then ': ' || l_error else '.' end,
        p_remedy   => 'alter ' || lower(replace(p_type, ' BODY')) || ' ' || lower(p_name)
          || ' compile' || case when p_type like '% BODY' then ' body' end,
        p_run_by   => 'owner'
      );
    end if;
  end check_unit;

  procedure check_units(p_findings in out nocopy t_findings) is
    type t_names is table of user_objects.object_name%type index by pls_integer;
    l_names t_names;
    l_types t_names;

    cursor c_invalid is
      select object_name, object_type
      from user_objects
      where object_type in ('PACKAGE', 'PACKAGE BODY', 'PROCEDURE', 'VIEW')
        and (object_name like 'ASYNC\_JOB%' escape '\' or object_name = 'CLEANUP_OLD_ASYNC_JOBS')
        and status <> 'VALID'
      order by object_name, object_type;
  begin
    open c_invalid;
    fetch c_invalid bulk collect into l_names, l_types limit c_limit;
    close c_invalid;
    for i in 1 .. l_names.count loop
      check_unit(p_findings => p_findings, p_name => l_names(i), p_type => l_types(i));
    end loop;
  end check_units;

  procedure check_scheduler_job(
    p_findings in out nocopy t_findings,
    p_name     in varchar2,
    p_effect   in varchar2
  ) is
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
        p_name     => 'scheduler_job_missing',
        p_severity => 'warning',
        p_problem  => 'Scheduler job ' || p_name || ' is missing: ' || p_effect,
        p_remedy   => 'begin async_jobs_admin.create_scheduler_jobs; end;',
        p_run_by   => 'owner'
      );
    elsif l_enabled <> 'TRUE' then
      add_finding(
        p_findings => p_findings,
        p_name     => 'scheduler_job_disabled',
        p_severity => 'warning',
        p_problem  => 'Scheduler job ' || p_name || ' is ' || lower(l_state) || ': ' || p_effect,
        p_remedy   => 'begin dbms_scheduler.enable(name => ''' || p_name || '''); end;',
        p_run_by   => 'owner'
      );
    end if;
  end check_scheduler_job;

  procedure check_parameter(
    p_findings in out nocopy t_findings,
    p_name     in varchar2,
    p_severity in varchar2,
    p_effect   in varchar2,
    p_value    in number
  ) is
    l_value varchar2(4000) := parameter_value(p_name);
  begin
    if l_value = '0' then
      add_finding(
        p_findings => p_findings,
        p_name     => p_name,
        p_severity => p_severity,
        p_problem  => p_name || ' = 0: ' || p_effect,
        p_remedy   => 'alter system set ' || p_name || ' = ' || to_char(p_value),
        p_run_by   => 'dba'
      );
    end if;
  end check_parameter;

  procedure check_parameters(p_findings in out nocopy t_findings) is
  begin
    if parameter_value('job_queue_processes') is null then
      add_finding(
        p_findings => p_findings,
        p_name     => 'parameters_unseen',
        p_severity => 'warning',
        p_problem  => 'Whether job_queue_processes or aq_tm_processes is 0 cannot be seen.',
        p_remedy   => 'grant select on sys.v_$parameter to '
          || sys_context('USERENV', 'CURRENT_SCHEMA'),
        p_run_by   => 'dba'
      );
      return;
    end if;
    check_parameter(
      p_findings => p_findings,
      p_name     => 'job_queue_processes',
      p_severity => 'warning',
      p_effect   => 'no scheduler job runs, so nothing is cleaned up, '
        || 'and without workers nothing is recovered.',
      p_value    => 10
    );
    check_parameter(
      p_findings => p_findings,
      p_name     => 'aq_tm_processes',
      p_severity => 'error',
      p_effect   => 'no delayed message becomes due: no delay and no second attempt ends.',
      p_value    => 1
    );
  end check_parameters;

  procedure check_recovery(p_findings in out nocopy t_findings) is
    l_now           timestamp := sys_extract_utc(systimestamp);
    l_last_recovery timestamp;
    l_last_error    varchar2(4000);
  begin
    select
      max(last_recovery),
      max(case when last_error_at > l_now - numtodsinterval(1, 'DAY') then last_error end)
    into l_last_recovery, l_last_error
    from async_job_recovery;
    if l_last_recovery is null then
      add_finding(
        p_findings => p_findings,
        p_name     => 'recovery_row_missing',
        p_severity => 'error',
        p_problem  => 'The row of ASYNC_JOB_RECOVERY is missing: nothing is recovered.',
        p_remedy   => 'oraq install',
        p_run_by   => 'shell'
      );
    elsif l_last_recovery > timestamp '2000-01-02 00:00:00'
      and l_last_recovery < l_now - numtodsinterval(c_pause_seconds, 'SECOND')
    then
      add_finding(
        p_findings => p_findings,
        p_name     => 'recovery_overdue',
        p_severity => 'warning',
        p_problem  => 'Nobody has looked for the jobs of lost workers since '
          || to_char(l_last_recovery, 'YYYY-MM-DD HH24:MI') || ' UTC.',
        p_remedy   => 'begin dbms_scheduler.run_job(job_name => ''' || c_recovery || '''); end;',
        p_run_by   => 'owner'
      );
    end if;
    if l_last_error is not null then
      add_finding(
        p_findings => p_findings,
        p_name     => 'recovery_failed',
        p_severity => 'warning',
        p_problem  => 'Recovery met an error within the last day: '
          || replace(l_last_error, chr(10), ' '),
        p_remedy   => 'update async_job_recovery set last_error = null',
        p_run_by   => 'owner'
      );
    end if;
  end check_recovery;

  -- Workers that are silent, and jobs that wait although they could run.
  procedure check_workers(p_findings in out nocopy t_findings) is
    l_now    timestamp := sys_extract_utc(systimestamp);
    l_silent timestamp := l_now - numtodsinterval(c_silent_seconds, 'SECOND');
    l_due    timestamp := l_now - numtodsinterval(c_waiting_seconds, 'SECOND');
    l_alive  pls_integer;
    l_slots  number;
    l_dead   pls_integer;
    l_name   varchar2(128);
    l_free   pls_integer;
    l_late   pls_integer;
    l_held   pls_integer;
  begin
    select
      count(case when last_seen >= l_silent then 1 end),
      coalesce(sum(case when last_seen >= l_silent and drain = 'N' then slots end), 0),
      count(case when last_seen < l_silent then 1 end),
      max(case when last_seen < l_silent then worker end)
    into l_alive, l_slots, l_dead, l_name
    from async_job_workers;
    select
      count(case when status = 'pending' and worker is null and run_after <= l_now then 1 end),
      count(case when status = 'pending' and worker is null and run_after <= l_due then 1 end),
      count(worker)
    into l_free, l_late, l_held
    from async_jobs
    where case
        when status = 'pending' and worker is null then 'free'
        when status = 'pending' then 'reserved'
        when status = 'running' then 'running'
      end in ('free', 'reserved', 'running');
    if l_slots = 0 and l_free > 0 then
      add_finding(
        p_findings => p_findings,
        p_name     => 'no_workers',
        p_severity => 'error',
        p_problem  => to_char(l_free)
          || case l_free when 1 then ' job waits, and ' else ' jobs wait, and ' end
          || case l_alive when 0 then 'no worker is alive.' else 'all workers are draining.' end,
        p_remedy   => 'oraq worker',
        p_run_by   => 'shell'
      );
    elsif l_late > 0 and l_held < l_slots then
      add_finding(
        p_findings => p_findings,
        p_name     => 'jobs_late',
        p_severity => 'warning',
        p_problem  => to_char(l_late)
          || case l_late when 1 then ' job has' else ' jobs have' end || ' waited for more than '
          || to_char(c_waiting_seconds) || ' s although slots are free.',
        p_remedy   => 'declare l_recovered number; '
          || 'begin async_jobs_admin.recover(p_recovered => l_recovered); end;',
        p_run_by   => 'owner'
      );
    end if;
    if l_dead > 0 then
      add_finding(
        p_findings => p_findings,
        p_name     => 'workers_silent',
        p_severity => 'warning',
        p_problem  => to_char(l_dead) || case l_dead when 1 then ' worker has' else ' workers have' end
          || ' not been seen for ' || to_char(c_silent_seconds) || ' s and more: ' || l_name
          || case when l_dead > 1 then ' and others' end
          || '. The jobs go to other workers. Start it again, or forget it.',
        p_remedy   => 'delete from async_job_workers where last_seen '
          || '< sys_extract_utc(systimestamp) - interval ''' || to_char(c_silent_seconds)
          || ''' second',
        p_run_by   => 'owner'
      );
    end if;
  end check_workers;

  procedure list_findings(p_findings out nocopy t_findings) is
  begin
    check_queue(p_findings);
    check_units(p_findings);
    check_scheduler_job(
      p_findings => p_findings,
      p_name     => c_recovery,
      p_effect   => 'without workers nothing is recovered.'
    );
    check_scheduler_job(
      p_findings => p_findings,
      p_name     => c_cleanup,
      p_effect   => 'nothing is cleaned up.'
    );
    check_parameters(p_findings);
    check_recovery(p_findings);
    check_workers(p_findings);
  end list_findings;
end async_jobs_health;
/
