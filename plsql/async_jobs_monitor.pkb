create or replace package body async_jobs_monitor is
  c_queue         constant varchar2(30) := 'ASYNC_JOBS_QUEUE';
  c_recovery      constant varchar2(30) := 'ASYNC_JOBS_EVERY_MINUTE';
  c_cleanup       constant varchar2(30) := 'ASYNC_JOBS_EVERY_DAY';
  c_workers_limit constant pls_integer := 500;

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

  function scheduler_running return varchar2 is
    l_count pls_integer;
  begin
    select count(*)
    into l_count
    from user_scheduler_jobs
    where job_name in (c_recovery, c_cleanup)
      and enabled = 'TRUE';
    return case
      when l_count < 2 or async_jobs_health.parameter_value('job_queue_processes') = '0' then 'NO'
      else 'YES'
    end;
  end scheduler_running;

  -- Null where one of them is.
  function seconds_between(p_from in timestamp, p_until in timestamp) return number is
    l_between interval day(9) to second(6) := p_until - p_from;
  begin
    return extract(day from l_between) * 86400
      + extract(hour from l_between) * 3600
      + extract(minute from l_between) * 60
      + extract(second from l_between);
  end seconds_between;

  procedure list_findings(
    p_names      out nocopy t_texts,
    p_severities out nocopy t_texts,
    p_problems   out nocopy t_texts,
    p_remedies   out nocopy t_texts,
    p_runners    out nocopy t_texts
  ) is
    l_findings async_jobs_health.t_findings;
  begin
    async_jobs_health.list_findings(l_findings);
    for i in 1 .. l_findings.count loop
      p_names(i) := l_findings(i).name;
      p_severities(i) := l_findings(i).severity;
      p_problems(i) := l_findings(i).problem;
      p_remedies(i) := l_findings(i).remedy;
      p_runners(i) := l_findings(i).run_by;
    end loop;
  end list_findings;

  procedure queue_state(
    p_queue_open     out varchar2,
    p_ready          out number,
    p_delayed        out number,
    p_oldest_seconds out number,
    p_free           out number,
    p_reserved       out number,
    p_running        out number
  ) is
    l_now    timestamp := sys_extract_utc(systimestamp);
    l_oldest timestamp;
  begin
    p_queue_open := queue_open;
    select count(*)
    into p_ready
    from async_jobs_queue_table
    where q_name = c_queue
      and state = 0;
    -- The delayed ones from the table: the message of a job that is cancelled or deleted meanwhile
    -- stays in the queue until it is due.
    select
      count(case when status = 'pending' and worker is null then 1 end),
      count(case when status = 'pending' and worker is not null then 1 end),
      count(case when status = 'running' then 1 end),
      count(case when status = 'pending' and worker is null and run_after > l_now then 1 end),
      min(case
        when status = 'pending' and worker is null and coalesce(run_after, created_at) <= l_now
          then coalesce(run_after, created_at)
      end)
    into p_free, p_reserved, p_running, p_delayed, l_oldest
    from async_jobs
    where case
        when status = 'pending' and worker is null then 'free'
        when status = 'pending' then 'reserved'
        when status = 'running' then 'running'
      end in ('free', 'reserved', 'running');
    p_oldest_seconds := seconds_between(p_from => l_oldest, p_until => l_now);
  end queue_state;

  procedure ended_jobs(p_completed out number, p_failed out number) is
    l_all  number;
    l_live number;
  begin
    select count(*)
    into l_all
    from async_jobs;
    select count(*)
    into p_failed
    from async_jobs
    where case when status = 'failed' then 'failed' end = 'failed';
    select count(*)
    into l_live
    from async_jobs
    where case
        when status = 'pending' and worker is null then 'free'
        when status = 'pending' then 'reserved'
        when status = 'running' then 'running'
      end in ('free', 'reserved', 'running');
    -- Counted one after the other, so jobs that end meanwhile could make it negative.
    p_completed := greatest(l_all - p_failed - l_live, 0);
  end ended_jobs;

  function lost_attempts return number is
    l_lost number;
  begin
    select coalesce(sum(lost_attempts), 0)
    into l_lost
    from async_job_recovery;
    return l_lost;
  end lost_attempts;

  procedure list_workers(p_workers out nocopy t_texts, p_metrics out nocopy t_texts) is
    c_time_format constant varchar2(40) := 'YYYY-MM-DD"T"HH24:MI:SS.FF6';
    l_now         timestamp := sys_extract_utc(systimestamp);

    cursor c_workers is
      select
        json_object(
          'worker' value w.worker,
          'host' value w.host,
          'pid' value w.pid,
          'slots' value w.slots,
          'version' value w.version,
          'started_at' value to_char(w.started_at, c_time_format),
          'last_seen' value to_char(w.last_seen, c_time_format),
          'idle_milliseconds' value round(1000 * (
            extract(day from w.idle) * 86400
            + extract(hour from w.idle) * 3600
            + extract(minute from w.idle) * 60
            + extract(second from w.idle)
          )),
          'drain' value w.drain,
          'running' value coalesce(h.running, 0),
          'reserved' value coalesce(h.reserved, 0)
          null on null
          returning varchar2(4000)
        ) as worker,
        w.metrics
      from (
        select
          worker,
          host,
          pid,
          slots,
          version,
          started_at,
          last_seen,
          l_now - last_seen as idle,
          drain,
          metrics
        from async_job_workers
      ) w
      left join (
        select
          worker,
          count(case status when 'running' then 1 end) as running,
          count(case status when 'pending' then 1 end) as reserved
        from async_jobs
        where case
            when status = 'pending' and worker is null then 'free'
            when status = 'pending' then 'reserved'
            when status = 'running' then 'running'
          end in ('reserved', 'running')
        group by worker
      ) h
        on h.worker = w.worker
      order by w.last_seen desc, w.worker;
  begin
    open c_workers;
    fetch c_workers bulk collect into p_workers, p_metrics limit c_workers_limit;
    close c_workers;
  end list_workers;
end async_jobs_monitor;
/
