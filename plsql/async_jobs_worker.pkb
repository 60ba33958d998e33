create or replace package body async_jobs_worker is
  -- Forget what the job has left in packages. It takes effect at the end of the client's call.
  procedure forget_attempt is
  begin
    async_jobs_current.clear_attempt;
    dbms_session.modify_package_state(dbms_session.reinitialize);
  end forget_attempt;

  procedure claim(
    p_worker   in  varchar2,
    p_limit    in  pls_integer,
    p_wait     in  pls_integer,
    p_lease    in  number,
    p_job_ids  out nocopy t_texts,
    p_attempts out nocopy t_numbers,
    p_names    out nocopy t_texts,
    p_params   out nocopy t_texts,
    p_options  out nocopy t_texts
  ) is
  begin
    async_jobs_claims.claim(
      p_worker   => p_worker,
      p_limit    => p_limit,
      p_wait     => p_wait,
      p_lease    => p_lease,
      p_job_ids  => p_job_ids,
      p_attempts => p_attempts,
      p_names    => p_names,
      p_params   => p_params,
      p_options  => p_options
    );
  end claim;

  -- Make a reserved attempt this session's own. Answers 'started', 'lost' or 'busy'.
  procedure take_over(
    p_job_id      in  varchar2,
    p_worker      in  varchar2,
    p_attempt     in  number,
    p_lease       in  number,
    p_transaction out async_jobs.transaction_mode%type,
    p_status      out varchar2
  ) is
    pragma autonomous_transaction;
    l_job     async_jobs_state.t_job;
    l_answer  varchar2(30);
    l_now     timestamp;
    l_session async_jobs.session_id%type := dbms_session.unique_session_id;
  begin
    async_jobs_state.lock_job(p_job_id => p_job_id, p_job => l_job, p_answer => l_answer);
    if l_answer = 'ok'
      and l_job.status = 'pending'
      and l_job.worker = p_worker
      and l_job.attempt = p_attempt
    then
      l_now := sys_extract_utc(systimestamp);
      update async_jobs
      set status = 'running',
          start_time = l_now,
          progress = 50,
          progress_note = null,
          session_id = l_session,
          lease_until = l_now + numtodsinterval(p_lease, 'SECOND'),
          executed = null
      where job_id = p_job_id;
      insert into async_job_attempts (job_id, attempt, worker, session_id, started_at, touched)
      values (p_job_id, p_attempt, p_worker, l_session, l_now, 'N');
      commit;
      p_transaction := l_job.transaction_mode;
      p_status := 'started';
    else
      rollback;
      p_status := case l_answer when 'busy' then 'busy' else 'lost' end;
    end if;
  end take_over;

  procedure start_attempt(
    p_job_id  in  varchar2,
    p_worker  in  varchar2,
    p_attempt in  number,
    p_lease   in  number,
    p_status  out varchar2
  ) is
    l_transaction async_jobs.transaction_mode%type;
  begin
    rollback;
    take_over(
      p_job_id      => p_job_id,
      p_worker      => p_worker,
      p_attempt     => p_attempt,
      p_lease       => p_lease,
      p_transaction => l_transaction,
      p_status      => p_status
    );
    if p_status <> 'started' then
      return;
    end if;
    async_jobs_current.set_attempt(
      p_job_id  => p_job_id,
      p_worker  => p_worker,
      p_attempt => p_attempt
    );
    if l_transaction = 'managed' then
      -- Whatever isolation level an earlier job has left.
      set transaction isolation level read committed;
      -- The touch: committed, it says that the procedure has committed something.
      update async_job_attempts
      set touched = 'Y'
      where job_id = p_job_id
        and attempt = p_attempt;
    end if;
  end start_attempt;

  procedure note_executed(
    p_job_id   in varchar2,
    p_worker   in varchar2,
    p_attempt  in number,
    p_executed in varchar2
  ) is
    pragma autonomous_transaction;
    l_job    async_jobs_state.t_job;
    l_answer varchar2(30);
  begin
    async_jobs_state.lock_free_job(p_job_id => p_job_id, p_job => l_job, p_answer => l_answer);
    if l_answer = 'ok'
      and async_jobs_state.is_own_attempt(
        p_job     => l_job,
        p_worker  => p_worker,
        p_attempt => p_attempt
      )
    then
      update async_jobs
      set progress = 80,
          executed = p_executed
      where job_id = p_job_id;
    end if;
    commit;
  end note_executed;

  procedure executed(
    p_job_id  in varchar2,
    p_worker  in varchar2,
    p_attempt in number,
    p_forget  in number
  ) is
    l_touched async_job_attempts.touched%type;
  begin
    -- Read in the procedure's own transaction: it may have rolled the touch back.
    select coalesce(max(touched), 'N')
    into l_touched
    from async_job_attempts
    where job_id = p_job_id
      and attempt = p_attempt;
    note_executed(
      p_job_id   => p_job_id,
      p_worker   => p_worker,
      p_attempt  => p_attempt,
      p_executed => case l_touched when 'Y' then 'yes' else 'touch gone' end
    );
    if p_forget = 1 then
      forget_attempt;
    end if;
  end executed;

  -- Whether this session has completed that attempt already.
  function is_completed_here(p_job_id in varchar2, p_attempt in number) return boolean is
    l_session async_jobs.session_id%type := dbms_session.unique_session_id;
    l_count   pls_integer;
  begin
    select count(*)
    into l_count
    from async_job_attempts
    where job_id = p_job_id
      and attempt = p_attempt
      and session_id = l_session
      and outcome = 'completed';
    return l_count > 0;
  end is_completed_here;

  procedure complete(
    p_job_id  in  varchar2,
    p_worker  in  varchar2,
    p_attempt in  number,
    p_result  in  clob,
    p_status  out varchar2
  ) is
    l_job      async_jobs_state.t_job;
    l_answer   varchar2(30);
    l_now      timestamp;
    l_duration async_jobs.duration%type;
  begin
    async_jobs_state.lock_job(p_job_id => p_job_id, p_job => l_job, p_answer => l_answer);
    if l_answer = 'read only' then
      -- The procedure has set its transaction so: there is nothing in it that could be lost.
      commit;
      async_jobs_state.lock_job(p_job_id => p_job_id, p_job => l_job, p_answer => l_answer);
    end if;
    if l_answer = 'busy' then
      p_status := 'busy';
      return;
    end if;
    if l_answer <> 'ok'
      or not async_jobs_state.is_own_attempt(
        p_job     => l_job,
        p_worker  => p_worker,
        p_attempt => p_attempt
      )
    then
      rollback;
      forget_attempt;
      p_status := 'lost';
      if is_completed_here(p_job_id => p_job_id, p_attempt => p_attempt) then
        p_status := 'repeated';
      end if;
      return;
    end if;

    l_now := sys_extract_utc(systimestamp);
    l_duration := async_jobs_state.duration_text(p_start => l_job.start_time, p_end => l_now);
    update async_jobs
    set status = 'completed',
        end_time = l_now,
        duration = l_duration,
        progress = 100,
        result = p_result,
        error_msg = null,
        worker = null,
        lease_until = null,
        session_id = null,
        executed = null
    where job_id = p_job_id;
    update async_job_attempts
    set ended_at = l_now,
        outcome = 'completed',
        touched = 'Y'
    where job_id = p_job_id
      and attempt = p_attempt;
    commit write immediate wait;
    forget_attempt;
    p_status := 'completed';
  end complete;

  procedure fail(
    p_job_id     in  varchar2,
    p_worker     in  varchar2,
    p_attempt    in  number,
    p_error      in  clob,
    p_error_code in  varchar2,
    p_retryable  in  number,
    p_timed_out  in  number,
    p_status     out varchar2
  ) is
    l_job    async_jobs_state.t_job;
    l_answer varchar2(30);
  begin
    rollback;
    async_jobs_state.lock_job(p_job_id => p_job_id, p_job => l_job, p_answer => l_answer);
    if l_answer = 'busy' then
      p_status := 'busy';
      return;
    end if;
    if l_answer = 'ok'
      and async_jobs_state.is_own_attempt(
        p_job     => l_job,
        p_worker  => p_worker,
        p_attempt => p_attempt
      )
    then
      if p_timed_out = 1 and l_job.cancel_requested = 'no' then
        -- Not marked before, as the connection for that was out of order.
        l_job.cancel_requested := 'timeout';
        update async_jobs
        set cancel_requested = 'timeout'
        where job_id = p_job_id;
      end if;
      async_jobs_state.end_failed_attempt(
        p_job        => l_job,
        p_error      => p_error,
        p_error_code => p_error_code,
        p_retryable  => p_retryable,
        p_status     => p_status
      );
      commit write immediate wait;
    else
      rollback;
      p_status := 'lost';
    end if;
    forget_attempt;
  end fail;

  procedure fail_unstarted(
    p_job_id     in  varchar2,
    p_worker     in  varchar2,
    p_attempt    in  number,
    p_lease      in  number,
    p_error      in  clob,
    p_error_code in  varchar2,
    p_status     out varchar2
  ) is
    l_transaction async_jobs.transaction_mode%type;
  begin
    rollback;
    take_over(
      p_job_id      => p_job_id,
      p_worker      => p_worker,
      p_attempt     => p_attempt,
      p_lease       => p_lease,
      p_transaction => l_transaction,
      p_status      => p_status
    );
    if p_status = 'started' then
      fail(
        p_job_id     => p_job_id,
        p_worker     => p_worker,
        p_attempt    => p_attempt,
        p_error      => p_error,
        p_error_code => p_error_code,
        p_retryable  => 0,
        p_timed_out  => 0,
        p_status     => p_status
      );
    end if;
  end fail_unstarted;

  procedure release(
    p_job_id  in  varchar2,
    p_worker  in  varchar2,
    p_attempt in  number,
    p_status  out varchar2
  ) is
    l_job     async_jobs_state.t_job;
    l_answer  varchar2(30);
    l_is_free boolean := true;
    l_touched boolean := false;
  begin
    -- The proof, for which recovery has to look, that nothing more will be committed.
    rollback;
    async_jobs_state.lock_job(p_job_id => p_job_id, p_job => l_job, p_answer => l_answer);
    if l_answer = 'busy' then
      p_status := 'busy';
      return;
    end if;
    p_status := 'lost';
    if l_answer = 'ok'
      and async_jobs_state.is_own_attempt(
        p_job     => l_job,
        p_worker  => p_worker,
        p_attempt => p_attempt
      )
    then
      async_jobs_state.read_touch(p_job => l_job, p_is_free => l_is_free, p_touched => l_touched);
      p_status := 'released';
    elsif l_answer = 'ok'
      and l_job.status = 'pending'
      and l_job.worker = p_worker
      and l_job.attempt = p_attempt
    then
      p_status := 'released';
    end if;
    if p_status = 'released' then
      async_jobs_state.take_back(
        p_job     => l_job,
        p_losses  => l_job.losses,
        p_touched => l_touched,
        p_outcome => 'released',
        p_status  => p_status
      );
    end if;
    commit;
    forget_attempt;
  end release;

  procedure note_worker(
    p_worker  in  varchar2,
    p_host    in  varchar2,
    p_pid     in  number,
    p_slots   in  number,
    p_version in  varchar2,
    p_metrics in  varchar2,
    p_drain   out varchar2
  ) is
    l_now timestamp := sys_extract_utc(systimestamp);
  begin
    update async_job_workers
    set last_seen = l_now,
        slots = p_slots,
        metrics = p_metrics
    where worker = p_worker
    returning drain
    into p_drain;
    if sql%rowcount = 0 then
      p_drain := 'N';
      insert into async_job_workers (
        worker,
        host,
        pid,
        slots,
        version,
        started_at,
        last_seen,
        metrics
      )
      values (p_worker, p_host, p_pid, p_slots, p_version, l_now, l_now, p_metrics);
    end if;
  exception
    when dup_val_on_index then
      -- An earlier heartbeat, whose connection was lost, has just done it.
      null;
  end note_worker;

  -- How a claim stands, by what is committed.
  function claim_state(p_job_id in varchar2, p_attempt in number) return varchar2 is
    l_cancelled async_jobs.cancel_requested%type;
  begin
    select cancel_requested
    into l_cancelled
    from async_jobs
    where job_id = p_job_id
      and attempt = p_attempt
      and worker is not null
      and status in ('pending', 'running');
    return case l_cancelled when 'no' then 'ok' else 'cancelled' end;
  exception
    when no_data_found then
      return 'lost';
  end claim_state;

  procedure renew(
    p_job_id  in  varchar2,
    p_attempt in  number,
    p_worker  in  varchar2,
    p_lease   in  number,
    p_state   out varchar2
  ) is
    l_job    async_jobs_state.t_job;
    l_answer varchar2(30);
  begin
    async_jobs_state.lock_free_job(p_job_id => p_job_id, p_job => l_job, p_answer => l_answer);
    if l_answer = 'locked' then
      -- Never lost: who holds the lock has not said yet what becomes of it.
      p_state := case claim_state(p_job_id => p_job_id, p_attempt => p_attempt)
        when 'cancelled' then 'cancelled'
        else 'ok'
      end;
    elsif l_answer = 'ok'
      and l_job.worker = p_worker
      and l_job.attempt = p_attempt
      and l_job.status in ('pending', 'running')
    then
      update async_jobs
      set lease_until = sys_extract_utc(systimestamp) + numtodsinterval(p_lease, 'SECOND')
      where job_id = p_job_id;
      p_state := case l_job.cancel_requested when 'no' then 'ok' else 'cancelled' end;
    else
      p_state := 'lost';
    end if;
  end renew;

  procedure heartbeat(
    p_worker   in  varchar2,
    p_host     in  varchar2,
    p_pid      in  number,
    p_slots    in  number,
    p_version  in  varchar2,
    p_lease    in  number,
    p_metrics  in  varchar2,
    p_job_ids  in  t_texts,
    p_attempts in  t_numbers,
    p_states   out nocopy t_texts,
    p_drain    out varchar2
  ) is
    l_state varchar2(30);
  begin
    note_worker(
      p_worker  => p_worker,
      p_host    => p_host,
      p_pid     => p_pid,
      p_slots   => p_slots,
      p_version => p_version,
      p_metrics => p_metrics,
      p_drain   => p_drain
    );
    for i in 1 .. p_job_ids.count loop
      renew(
        p_job_id  => p_job_ids(i),
        p_attempt => p_attempts(i),
        p_worker  => p_worker,
        p_lease   => p_lease,
        p_state   => l_state
      );
      p_states(i) := l_state;
    end loop;
    commit;
    async_jobs_recovery.recover_if_due;
  end heartbeat;

  procedure cancel_requests(
    p_job_ids  in  t_texts,
    p_attempts in  t_numbers,
    p_states   out nocopy t_texts
  ) is
  begin
    for i in 1 .. p_job_ids.count loop
      p_states(i) := claim_state(p_job_id => p_job_ids(i), p_attempt => p_attempts(i));
    end loop;
  end cancel_requests;

  procedure leave(p_worker in varchar2) is
  begin
    delete from async_job_workers
    where worker = p_worker;
    commit;
  end leave;

  procedure time_out(
    p_job_id  in  varchar2,
    p_worker  in  varchar2,
    p_attempt in  number,
    p_status  out varchar2
  ) is
    l_job    async_jobs_state.t_job;
    l_answer varchar2(30);
  begin
    async_jobs_state.lock_free_job(p_job_id => p_job_id, p_job => l_job, p_answer => l_answer);
    if l_answer = 'locked' then
      p_status := 'busy';
    elsif l_answer = 'ok'
      and l_job.status = 'running'
      and l_job.worker = p_worker
      and l_job.attempt = p_attempt
    then
      update async_jobs
      set cancel_requested = 'timeout'
      where job_id = p_job_id
        and cancel_requested = 'no';
      p_status := 'ok';
    else
      p_status := 'lost';
    end if;
    commit;
  end time_out;

  function fingerprint(p_current_schema in varchar2) return varchar2 is
    c_time      constant timestamp := timestamp '2001-02-03 04:05:06.7';
    c_separator constant varchar2(1) := chr(10);
  begin
    -- NLS_NUMERIC_CHARACTERS and the timestamp format are in no context: formatted, they show.
    return p_current_schema
      || c_separator || sys_context('USERENV', 'SESSION_EDITION_NAME')
      || c_separator || sys_context('USERENV', 'LANGUAGE')
      || c_separator || sys_context('USERENV', 'NLS_TERRITORY')
      || c_separator || sys_context('USERENV', 'NLS_CURRENCY')
      || c_separator || sys_context('USERENV', 'NLS_CALENDAR')
      || c_separator || sys_context('USERENV', 'NLS_DATE_FORMAT')
      || c_separator || sys_context('USERENV', 'NLS_DATE_LANGUAGE')
      || c_separator || sys_context('USERENV', 'NLS_SORT')
      || c_separator || sessiontimezone
      || c_separator || to_char(1234.5, 'FM9G999D9')
      || c_separator || to_char(c_time);
  end fingerprint;
end async_jobs_worker;
/
