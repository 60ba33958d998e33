create or replace package body async_jobs_admin is
  c_recovery    constant varchar2(30) := 'ASYNC_JOBS_EVERY_MINUTE';
  c_cleanup     constant varchar2(30) := 'ASYNC_JOBS_EVERY_DAY';
  c_line_feed   constant varchar2(1) := chr(10);
  -- Silence after which a worker counts as gone; it beats every 5 s.
  c_silent_seconds constant number := 30;

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

  function health return varchar2 is
    l_findings async_jobs_health.t_findings;
    l_text     varchar2(32767);
  begin
    async_jobs_health.list_findings(l_findings);
    for i in 1 .. l_findings.count loop
      l_text := l_text || case when l_text is not null then c_line_feed end
        || l_findings(i).problem
        || case when l_findings(i).remedy is not null then ' ' || l_findings(i).remedy end;
      exit when lengthb(l_text) > 28000;
    end loop;
    return l_text;
  end health;

  procedure drain(p_worker in varchar2, p_asked out number) is
    pragma autonomous_transaction;
  begin
    update async_job_workers
    set drain = 'Y'
    where worker = p_worker
      or (p_worker is null
        and last_seen
          >= sys_extract_utc(systimestamp) - numtodsinterval(c_silent_seconds, 'SECOND'));
    p_asked := sql%rowcount;
    commit;
  end drain;
end async_jobs_admin;
/
