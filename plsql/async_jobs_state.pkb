create or replace package body async_jobs_state is
  c_queue constant varchar2(30) := 'ASYNC_JOBS_QUEUE';

  e_no_wait exception;
  pragma exception_init(e_no_wait, -54);
  e_deadlock exception;
  pragma exception_init(e_deadlock, -60);
  e_read_only exception;
  pragma exception_init(e_read_only, -1456);
  e_wait_over exception;
  pragma exception_init(e_wait_over, -30006);

  procedure lock_job(
    p_job_id in  async_jobs.job_id%type,
    p_job    out nocopy t_job,
    p_answer out varchar2
  ) is
  begin
    select
      job_id,
      status,
      start_time,
      priority,
      attempt,
      losses,
      failures,
      max_attempts,
      max_losses,
      backoff_seconds,
      worker,
      lease_until,
      run_after,
      session_id,
      executed,
      cancel_requested,
      on_loss,
      transaction_mode
    into p_job
    from async_jobs
    where job_id = p_job_id
    for update wait 5;
    p_answer := 'ok';
  exception
    when no_data_found then
      p_answer := 'missing';
    when e_no_wait or e_deadlock or e_wait_over then
      p_answer := 'busy';
    when e_read_only then
      p_answer := 'read only';
  end lock_job;

  procedure lock_free_job(
    p_job_id in  async_jobs.job_id%type,
    p_job    out nocopy t_job,
    p_answer out varchar2
  ) is
    l_count pls_integer;
  begin
    select
      job_id,
      status,
      start_time,
      priority,
      attempt,
      losses,
      failures,
      max_attempts,
      max_losses,
      backoff_seconds,
      worker,
      lease_until,
      run_after,
      session_id,
      executed,
      cancel_requested,
      on_loss,
      transaction_mode
    into p_job
    from async_jobs
    where job_id = p_job_id
    for update skip locked;
    p_answer := 'ok';
  exception
    when no_data_found then
      select count(*)
      into l_count
      from async_jobs
      where job_id = p_job_id;
      p_answer := case l_count when 0 then 'missing' else 'locked' end;
  end lock_free_job;

  function is_own_attempt(
    p_job     in t_job,
    p_worker  in async_jobs.worker%type,
    p_attempt in async_jobs.attempt%type
  )
    return boolean
  is
  begin
    -- Not `return a = b`: with a null in it that were neither true nor false to the caller.
    if p_job.status = 'running'
      and p_job.worker = p_worker
      and p_job.attempt = p_attempt
      and p_job.session_id = dbms_session.unique_session_id
    then
      return true;
    end if;
    return false;
  end is_own_attempt;

  procedure send_message(
    p_job_id        in async_jobs.job_id%type,
    p_priority      in async_jobs.priority%type,
    p_delay_seconds in number default 0
  ) is
    l_options    dbms_aq.enqueue_options_t;
    l_properties dbms_aq.message_properties_t;
    l_message_id raw(16);
  begin
    l_properties.correlation := p_job_id;
    l_properties.priority := p_priority;
    l_properties.delay := ceil(p_delay_seconds);
    dbms_aq.enqueue(
      -- In a definer's package the current schema is the owner.
      queue_name         => sys_context('USERENV', 'CURRENT_SCHEMA') || '.' || c_queue,
      enqueue_options    => l_options,
      message_properties => l_properties,
      payload            => hextoraw(p_job_id),
      msgid              => l_message_id
    );
  end send_message;

  procedure read_touch(
    p_job     in  t_job,
    p_is_free out boolean,
    p_touched out boolean
  ) is
    l_touched async_job_attempts.touched%type;
  begin
    select touched
    into l_touched
    from async_job_attempts
    where job_id = p_job.job_id
      and attempt = p_job.attempt
    for update skip locked;
    p_is_free := true;
    p_touched := (l_touched = 'Y');
  exception
    when no_data_found then
      -- Locked: what is committed counts. Missing: nothing is proved, so as if it were touched.
      select coalesce(max(touched), '?')
      into l_touched
      from async_job_attempts
      where job_id = p_job.job_id
        and attempt = p_job.attempt;
      p_is_free := (l_touched = '?');
      p_touched := (l_touched <> 'N');
  end read_touch;

  procedure end_attempt(
    p_job        in t_job,
    p_outcome    in async_job_attempts.outcome%type,
    p_error_code in async_job_attempts.error_code%type default null
  ) is
    l_attempt async_job_attempts.attempt%type;
  begin
    select attempt
    into l_attempt
    from async_job_attempts
    where job_id = p_job.job_id
      and attempt = p_job.attempt
    for update skip locked;
    update async_job_attempts
    set ended_at = sys_extract_utc(systimestamp),
        outcome = p_outcome,
        error_code = p_error_code
    where job_id = p_job.job_id
      and attempt = p_job.attempt;
  exception
    when no_data_found then
      null;
  end end_attempt;

  procedure fail_job(
    p_job          in t_job,
    p_error        in clob,
    p_losses       in async_jobs.losses%type default null,
    p_keep_session in boolean default false
  ) is
    l_now      timestamp := sys_extract_utc(systimestamp);
    l_duration async_jobs.duration%type;
    l_session  async_jobs.session_id%type;
  begin
    if p_job.status = 'running' then
      l_duration := duration_text(p_start => p_job.start_time, p_end => l_now);
    end if;
    if p_keep_session then
      l_session := p_job.session_id;
    end if;
    update async_jobs
    set status = 'failed',
        end_time = l_now,
        duration = l_duration,
        progress = 100,
        error_msg = p_error,
        losses = coalesce(p_losses, losses),
        worker = null,
        lease_until = null,
        session_id = l_session,
        executed = null
    where job_id = p_job.job_id;
  end fail_job;

  procedure requeue_job(
    p_job           in t_job,
    p_delay_seconds in number,
    p_losses        in async_jobs.losses%type,
    p_failures      in async_jobs.failures%type
  ) is
  begin
    update async_jobs
    set status = 'pending',
        progress = 0,
        progress_note = null,
        run_after = sys_extract_utc(systimestamp) + numtodsinterval(p_delay_seconds, 'SECOND'),
        losses = p_losses,
        failures = p_failures,
        worker = null,
        lease_until = null,
        session_id = null,
        executed = null
    where job_id = p_job.job_id;
    send_message(
      p_job_id        => p_job.job_id,
      p_priority      => p_job.priority,
      p_delay_seconds => p_delay_seconds
    );
  end requeue_job;

  procedure take_back(
    p_job     in  t_job,
    p_losses  in  async_jobs.losses%type,
    p_touched in  boolean,
    p_outcome in  async_job_attempts.outcome%type,
    p_status  out varchar2
  ) is
    l_ran   boolean := (p_job.status = 'running');
    l_how   varchar2(100);
    l_error varchar2(1000);
  begin
    l_how := case p_outcome
      when 'released' then 'The worker was shut down'
      else 'The worker was lost'
    end;
    if p_job.cancel_requested <> 'no' then
      l_error := cancel_text(p_job);
    elsif l_ran and p_job.on_loss = 'fail' then
      l_error := l_how || ' while the procedure ran. It is not run again (on_loss: fail).';
    elsif l_ran and p_job.on_loss = 'ask' and p_job.transaction_mode = 'own' then
      l_error := l_how || ' while the procedure ran. As it had a transaction of its own, '
        || 'nobody knows whether a part was committed. It is not run again (on_loss: ask).';
    elsif l_ran and p_job.on_loss = 'ask' and p_touched then
      l_error := l_how || ' after the procedure had committed a part of its work. '
        || 'It is not run again (on_loss: ask).';
    elsif l_ran and p_job.on_loss = 'ask' and p_job.executed = 'touch gone' then
      l_error := l_how || ' after the procedure had rolled back, so nobody knows whether a part '
        || 'was committed later. It is not run again (on_loss: ask).';
    elsif p_losses > p_job.max_losses then
      l_error := 'The job lost its worker ' || to_char(p_losses) || ' times.';
    end if;

    if l_ran then
      end_attempt(p_job => p_job, p_outcome => p_outcome);
    end if;
    if l_error is null then
      requeue_job(
        p_job           => p_job,
        p_delay_seconds => 0,
        p_losses        => p_losses,
        p_failures      => p_job.failures
      );
      p_status := 'pending';
    else
      fail_job(p_job => p_job, p_error => l_error, p_losses => p_losses);
      p_status := 'failed';
    end if;
  end take_back;

  procedure end_failed_attempt(
    p_job        in  t_job,
    p_error      in  clob,
    p_error_code in  varchar2,
    p_retryable  in  number,
    p_status     out varchar2
  ) is
    l_is_free  boolean;
    l_touched  boolean;
    l_failures pls_integer := p_job.failures + 1;
    l_allowed  pls_integer := p_job.max_attempts;
    l_delay    number;
    l_note     varchar2(1000);
  begin
    read_touch(p_job => p_job, p_is_free => l_is_free, p_touched => l_touched);
    if p_retryable = 1 then
      l_allowed := l_allowed + p_job.max_losses;
    end if;
    if p_job.cancel_requested <> 'no' then
      l_note := cancel_text(p_job);
    elsif p_job.on_loss <> 'rerun' and p_job.transaction_mode = 'managed' and l_touched then
      l_note := 'The procedure had committed a part of its work before this error.';
    elsif p_job.on_loss <> 'rerun'
      and p_job.transaction_mode = 'own'
      and l_failures < l_allowed
    then
      l_note := 'The procedure is not called again: as it had a transaction of its own, '
        || 'nobody knows whether a part of its work was committed before this error.';
    end if;

    if l_note is null and l_failures < l_allowed then
      -- Doubles up to an hour; a quarter more or less, so that jobs do not come back all at once.
      l_delay := least(p_job.backoff_seconds * power(2, least(l_failures - 1, 12)), 3600)
        * (0.75 + mod(abs(dbms_utility.get_time), 51) / 100);
      end_attempt(
        p_job        => p_job,
        p_outcome    => 'retried',
        p_error_code => substr(p_error_code, 1, 30)
      );
      requeue_job(
        p_job           => p_job,
        p_delay_seconds => l_delay,
        p_losses        => p_job.losses,
        p_failures      => l_failures
      );
      p_status := 'pending';
      return;
    end if;
    end_attempt(
      p_job        => p_job,
      p_outcome    => case p_job.cancel_requested when 'no' then 'failed' else 'cancelled' end,
      p_error_code => substr(p_error_code, 1, 30)
    );
    if l_note is null then
      fail_job(p_job => p_job, p_error => p_error);
    else
      fail_job(p_job => p_job, p_error => l_note || chr(10) || p_error);
    end if;
    p_status := 'failed';
  end end_failed_attempt;

  function cancel_text(p_job in t_job) return varchar2 is
  begin
    return case p_job.cancel_requested
      when 'timeout' then 'The job was over its time limit and was stopped.'
      else 'The job was cancelled.'
    end;
  end cancel_text;

  function duration_text(p_start in timestamp, p_end in timestamp) return varchar2 is
    l_elapsed interval day(9) to second(6) := p_end - p_start;
    l_seconds number;
  begin
    l_seconds := extract(day from l_elapsed) * 86400
      + extract(hour from l_elapsed) * 3600
      + extract(minute from l_elapsed) * 60
      + extract(second from l_elapsed);
    -- A full stop in a format model is one under any NLS setting.
    return to_char(greatest(l_seconds, 0), 'FM9999999990.0') || 's';
  end duration_text;

  function plain_name(p_name in varchar2) return varchar2 is
  begin
    return upper(replace(replace(p_name, '"', ''), ' ', ''));
  end plain_name;

  procedure ask_list(
    p_procedure_name  in  varchar2,
    p_schema          in  varchar2,
    p_user            in  varchar2,
    p_is_allowed      out boolean,
    p_is_named        out boolean,
    p_timeout_seconds out number,
    p_max_attempts    out number
  ) is
    -- In a definer's package the current schema is the owner.
    l_owner     varchar2(128) := sys_context('USERENV', 'CURRENT_SCHEMA');
    l_name      varchar2(400) := plain_name(p_procedure_name);
    l_full_name varchar2(1000) := plain_name(p_schema) || '.' || l_name;
    l_listed    pls_integer;
    l_matching  pls_integer;
    l_named     pls_integer;
  begin
    select
      count(*),
      count(case when procedure_name in ('*', l_name, l_full_name) then 1 end),
      count(case when procedure_name in (l_name, l_full_name) then 1 end),
      min(case when procedure_name in ('*', l_name, l_full_name) then timeout_seconds end),
      min(case when procedure_name in ('*', l_name, l_full_name) then max_attempts end)
    into l_listed, l_matching, l_named, p_timeout_seconds, p_max_attempts
    from async_job_procedures
    where submitted_by in ('*', p_user)
      or p_user is null;
    if l_listed = 0 then
      -- No list. Other schemas are held to one all the same: through the worker's user they would
      -- run what they may not run themselves.
      p_is_allowed := (p_user is null or p_user = l_owner);
    else
      p_is_allowed := (l_matching > 0);
    end if;
    p_is_named := (l_named > 0);
  end ask_list;

  procedure delete_attempts(p_job_id in async_jobs.job_id%type) is
    type t_attempts is table of async_job_attempts.attempt%type index by pls_integer;
    l_attempts t_attempts;
  begin
    select attempt
    bulk collect into l_attempts
    from async_job_attempts
    where job_id = p_job_id
    for update skip locked;
    forall i in 1 .. l_attempts.count
      delete from async_job_attempts
      where job_id = p_job_id
        and attempt = l_attempts(i);
  end delete_attempts;
end async_jobs_state;
/
