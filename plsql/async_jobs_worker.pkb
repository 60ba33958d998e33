create or replace package body async_jobs_worker is
  c_queue constant varchar2(30) := 'ASYNC_JOBS_QUEUE';

  -- Forget what the job has left in packages. It takes effect at the end of the client's call.
  procedure forget_attempt is
  begin
    async_jobs_current.clear_attempt;
    dbms_session.modify_package_state(dbms_session.reinitialize);
  end forget_attempt;

  function quote_json(p_text in varchar2) return varchar2 is
    l_text varchar2(4000) := replace(replace(p_text, '\', '\\'), '"', '\"');
  begin
    if p_text is null then
      return 'null';
    end if;
    for i in 1 .. 31 loop
      l_text := replace(l_text, chr(i), ' ');
    end loop;
    return '"' || l_text || '"';
  end quote_json;

  function json_flag(p_flag in varchar2) return varchar2 is
  begin
    return case p_flag when 'Y' then 'true' else 'false' end;
  end json_flag;

  -- The parameters as they fit an element of the answer; null: they do not.
  function params_text(p_params in clob) return varchar2 is
    l_text varchar2(32767);
  begin
    if p_params is null then
      return '[]';
    end if;
    if dbms_lob.getlength(p_params) > 32767 then
      return null;
    end if;
    -- The length was in characters; too many bytes raise here.
    l_text := p_params;
    return coalesce(l_text, '[]');
  exception
    when value_error then
      return null;
  end params_text;

  -- The next message's job, in lower case as in the table; null: none came.
  procedure dequeue(
    p_wait     in  pls_integer,
    p_job_id   out async_jobs.job_id%type,
    p_priority out number
  ) is
    l_options    dbms_aq.dequeue_options_t;
    l_properties dbms_aq.message_properties_t;
    l_payload    raw(2000);
    l_message_id raw(16);
    e_nothing    exception;
    pragma exception_init(e_nothing, -25228);
  begin
    -- FIRST_MESSAGE looks again at what is there: with NEXT_MESSAGE a later one of a higher priority
    -- is seen late.
    l_options.navigation := dbms_aq.first_message;
    l_options.wait := p_wait;
    dbms_aq.dequeue(
      queue_name         => sys_context('USERENV', 'CURRENT_SCHEMA') || '.' || c_queue,
      dequeue_options    => l_options,
      message_properties => l_properties,
      payload            => l_payload,
      msgid              => l_message_id
    );
    p_job_id := lower(rawtohex(l_payload));
    p_priority := l_properties.priority;
  exception
    when e_nothing then
      p_job_id := null;
  end dequeue;

  -- Reserve a job if it is free, and append it to the answer.
  procedure reserve(
    p_job_id   in varchar2,
    p_priority in number,
    p_worker   in varchar2,
    p_lease    in number,
    p_job_ids  in out nocopy t_texts,
    p_attempts in out nocopy t_numbers,
    p_names    in out nocopy t_texts,
    p_params   in out nocopy t_texts,
    p_options  in out nocopy t_texts
  ) is
    l_job     async_jobs_state.t_job;
    l_answer  varchar2(30);
    l_count   pls_integer;
    l_n       pls_integer := p_job_ids.count + 1;
    l_name    async_jobs.procedure_name%type;
    l_params  clob;
    l_schema  async_jobs.call_schema%type;
    l_is_function async_jobs.is_function%type;
    l_timeout async_jobs.timeout_seconds%type;
    l_fresh   async_jobs.fresh_session%type;
    l_trace   async_jobs.trace_context%type;
  begin
    async_jobs_state.lock_free_job(p_job_id => p_job_id, p_job => l_job, p_answer => l_answer);
    if l_answer = 'locked' then
      select count(*)
      into l_count
      from async_jobs
      where job_id = p_job_id
        and status = 'pending'
        and worker is null;
      if l_count = 1 then
        -- Whoever holds the lock may leave it free, and this was its message.
        async_jobs_state.send_message(
          p_job_id        => p_job_id,
          p_priority      => p_priority,
          p_delay_seconds => 1
        );
      end if;
      return;
    end if;
    if l_answer <> 'ok' or l_job.status <> 'pending' or l_job.worker is not null then
      return;
    end if;

    update async_jobs
    set worker = p_worker,
        lease_until = sys_extract_utc(systimestamp) + numtodsinterval(p_lease, 'SECOND'),
        attempt = attempt + 1,
        progress = 30
    where job_id = p_job_id
    returning procedure_name, params, call_schema, is_function, timeout_seconds, fresh_session,
      trace_context
    into l_name, l_params, l_schema, l_is_function, l_timeout, l_fresh, l_trace;

    if l_job.transaction_mode = 'own' then
      -- Its ALTER SESSION SET ISOLATION_LEVEL would not show in the fingerprint.
      l_fresh := 'Y';
    end if;
    p_job_ids(l_n) := p_job_id;
    p_attempts(l_n) := l_job.attempt + 1;
    p_names(l_n) := l_name;
    p_params(l_n) := params_text(l_params);
    p_options(l_n) := '{"schema":' || quote_json(l_schema)
      || ',"is_function":' || json_flag(l_is_function)
      || ',"timeout":' || coalesce(rtrim(to_char(l_timeout, 'FM9999999990.999'), '.'), 'null')
      || ',"fresh_session":' || json_flag(l_fresh)
      || ',"transaction":"' || l_job.transaction_mode
      || '","on_loss":"' || l_job.on_loss || '"'
      || ',"trace_context":' || quote_json(l_trace)
      || '}';
  end reserve;

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
    l_job_id   async_jobs.job_id%type;
    l_priority number;
    l_wait     pls_integer := p_wait;
  begin
    -- Messages of jobs that are not free go as well, and do not count. The bound is on messages, so
    -- that a queue full of stale ones does not keep the call, and its row locks, for long.
    for i in 1 .. p_limit * 4 loop
      exit when p_job_ids.count >= p_limit;
      dequeue(p_wait => l_wait, p_job_id => l_job_id, p_priority => l_priority);
      exit when l_job_id is null;
      reserve(
        p_job_id   => l_job_id,
        p_priority => l_priority,
        p_worker   => p_worker,
        p_lease    => p_lease,
        p_job_ids  => p_job_ids,
        p_attempts => p_attempts,
        p_names    => p_names,
        p_params   => p_params,
        p_options  => p_options
      );
      l_wait := 0;
    end loop;
    commit;
  exception
    when others then
      -- Nothing is reserved that the worker does not get to know.
      rollback;
      raise;
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
    async_jobs_current.set_attempt(p_job_id => p_job_id, p_worker => p_worker, p_attempt => p_attempt);
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
    p_attempt in number
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
  end executed;

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

  -- What becomes of an attempt that has raised; its transaction is rolled back, the row locked.
  procedure decide_failure(
    p_job        in  async_jobs_state.t_job,
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
    async_jobs_state.read_touch(p_job => p_job, p_is_free => l_is_free, p_touched => l_touched);
    if p_retryable = 1 then
      l_allowed := l_allowed + p_job.max_losses;
    end if;
    if p_job.cancel_requested <> 'no' then
      l_note := async_jobs_state.cancel_text(p_job);
    elsif p_job.on_loss <> 'rerun' and p_job.transaction_mode = 'managed' and l_touched then
      l_note := 'The procedure had committed a part of its work before this error.';
    elsif p_job.on_loss <> 'rerun' and p_job.transaction_mode = 'own' and l_failures < l_allowed then
      l_note := 'The procedure is not called again: as it had a transaction of its own, '
        || 'nobody knows whether a part of its work was committed before this error.';
    end if;

    if l_note is null and l_failures < l_allowed then
      -- Doubles up to an hour; a quarter more or less, so that jobs do not come back all at once.
      l_delay := least(p_job.backoff_seconds * power(2, least(l_failures - 1, 12)), 3600)
        * (0.75 + mod(abs(dbms_utility.get_time), 51) / 100);
      async_jobs_state.end_attempt(
        p_job        => p_job,
        p_outcome    => 'retried',
        p_error_code => substr(p_error_code, 1, 30)
      );
      async_jobs_state.requeue_job(
        p_job           => p_job,
        p_delay_seconds => l_delay,
        p_losses        => p_job.losses,
        p_failures      => l_failures
      );
      p_status := 'pending';
      return;
    end if;
    async_jobs_state.end_attempt(
      p_job        => p_job,
      p_outcome    => case p_job.cancel_requested when 'no' then 'failed' else 'cancelled' end,
      p_error_code => substr(p_error_code, 1, 30)
    );
    if l_note is null then
      async_jobs_state.fail_job(p_job => p_job, p_error => p_error);
    else
      async_jobs_state.fail_job(p_job => p_job, p_error => l_note || chr(10) || p_error);
    end if;
    p_status := 'failed';
  end decide_failure;

  procedure fail(
    p_job_id     in  varchar2,
    p_worker     in  varchar2,
    p_attempt    in  number,
    p_error      in  clob,
    p_error_code in  varchar2,
    p_retryable  in  number,
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
      decide_failure(
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
    p_worker  in varchar2,
    p_host    in varchar2,
    p_pid     in number,
    p_slots   in number,
    p_version in varchar2
  ) is
    l_now timestamp := sys_extract_utc(systimestamp);
  begin
    update async_job_workers
    set last_seen = l_now,
        slots = p_slots
    where worker = p_worker;
    if sql%rowcount = 0 then
      insert into async_job_workers (worker, host, pid, slots, version, started_at, last_seen)
      values (p_worker, p_host, p_pid, p_slots, p_version, l_now, l_now);
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
    p_job_ids  in  t_texts,
    p_attempts in  t_numbers,
    p_states   out nocopy t_texts
  ) is
    l_state varchar2(30);
  begin
    note_worker(
      p_worker  => p_worker,
      p_host    => p_host,
      p_pid     => p_pid,
      p_slots   => p_slots,
      p_version => p_version
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
