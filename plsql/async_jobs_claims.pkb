create or replace package body async_jobs_claims is
  c_queue constant varchar2(30) := 'ASYNC_JOBS_QUEUE';

  -- What the list of procedures says, by user, schema and name.
  type t_answers is table of varchar2(30) index by varchar2(2000);

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

  -- A time span in seconds, as JSON writes numbers.
  function waited_text(p_since in timestamp, p_now in timestamp) return varchar2 is
    l_waited interval day(9) to second(6) := p_now - p_since;
  begin
    return to_char(
      greatest(
        extract(day from l_waited) * 86400
          + extract(hour from l_waited) * 3600
          + extract(minute from l_waited) * 60
          + extract(second from l_waited),
        0
      ),
      'FM9999999990.000'
    );
  end waited_text;

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
    -- FIRST_MESSAGE looks again at what is there: with NEXT_MESSAGE a later one of a higher
    -- priority is seen late.
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

  -- What the list of procedures says of a call now: 'refused', 'listed' by its name, or 'free'. Asked
  -- once a claim for each call and user.
  function list_answer(
    p_name    in     varchar2,
    p_schema  in     varchar2,
    p_user    in     varchar2,
    p_answers in out nocopy t_answers
  )
    return varchar2
  is
    -- No name has this character.
    l_key        varchar2(2000) := p_user || chr(0) || p_schema || chr(0) || p_name;
    l_is_allowed boolean;
    l_is_named   boolean;
    l_timeout    number;
    l_attempts   number;
  begin
    if not p_answers.exists(l_key) then
      async_jobs_state.ask_list(
        p_procedure_name  => p_name,
        p_schema          => p_schema,
        p_user            => p_user,
        p_is_allowed      => l_is_allowed,
        p_is_named        => l_is_named,
        p_timeout_seconds => l_timeout,
        p_max_attempts    => l_attempts
      );
      p_answers(l_key) := case
        when not l_is_allowed then 'refused'
        when l_is_named then 'listed'
        else 'free'
      end;
    end if;
    return p_answers(l_key);
  end list_answer;

  -- Reserve a job if it is free, and append it to the answer.
  procedure reserve(
    p_job_id   in varchar2,
    p_priority in number,
    p_worker   in varchar2,
    p_lease    in number,
    p_answers  in out nocopy t_answers,
    p_job_ids  in out nocopy async_jobs_worker.t_texts,
    p_attempts in out nocopy async_jobs_worker.t_numbers,
    p_names    in out nocopy async_jobs_worker.t_texts,
    p_params   in out nocopy async_jobs_worker.t_texts,
    p_options  in out nocopy async_jobs_worker.t_texts
  ) is
    l_job         async_jobs_state.t_job;
    l_answer      varchar2(30);
    l_count       pls_integer;
    l_now         timestamp;
    l_early       number;  -- seconds until the job may run
    l_n           pls_integer := p_job_ids.count + 1;
    l_name        async_jobs.procedure_name%type;
    l_params      clob;
    l_schema      async_jobs.call_schema%type;
    l_is_function async_jobs.is_function%type;
    l_timeout     async_jobs.timeout_seconds%type;
    l_fresh       async_jobs.fresh_session%type;
    l_trace       async_jobs.trace_context%type;
    l_created_at  async_jobs.created_at%type;
    l_user        async_jobs.submitted_by%type;
    l_list        varchar2(30);
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
    l_now := sys_extract_utc(systimestamp);
    l_early := (cast(l_job.run_after as date) - cast(l_now as date)) * 86400;
    if l_early > 1 then
      -- The second message of a job that waits for its next attempt.
      async_jobs_state.send_message(
        p_job_id        => p_job_id,
        p_priority      => p_priority,
        p_delay_seconds => l_early
      );
      return;
    end if;

    update async_jobs
    set worker = p_worker,
        lease_until = l_now + numtodsinterval(p_lease, 'SECOND'),
        attempt = attempt + 1,
        progress = 30
    where job_id = p_job_id
    returning procedure_name, params, call_schema, is_function, timeout_seconds, fresh_session,
      trace_context, created_at, submitted_by
    into l_name, l_params, l_schema, l_is_function, l_timeout, l_fresh, l_trace, l_created_at,
      l_user;

    if l_job.transaction_mode = 'own' then
      -- Its ALTER SESSION SET ISOLATION_LEVEL would not show in the fingerprint.
      l_fresh := 'Y';
    end if;
    l_list := list_answer(
      p_name    => l_name,
      p_schema  => l_schema,
      p_user    => l_user,
      p_answers => p_answers
    );
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
      || ',"list":"' || l_list || '"'
      || ',"trace_context":' || quote_json(l_trace)
      || ',"waited":' || waited_text(
        p_since => greatest(l_created_at, coalesce(l_job.run_after, l_created_at)),
        p_now   => l_now
      )
      || '}';
  end reserve;

  procedure claim(
    p_worker   in  varchar2,
    p_limit    in  pls_integer,
    p_wait     in  pls_integer,
    p_lease    in  number,
    p_job_ids  out nocopy async_jobs_worker.t_texts,
    p_attempts out nocopy async_jobs_worker.t_numbers,
    p_names    out nocopy async_jobs_worker.t_texts,
    p_params   out nocopy async_jobs_worker.t_texts,
    p_options  out nocopy async_jobs_worker.t_texts
  ) is
    l_job_id   async_jobs.job_id%type;
    l_priority number;
    l_wait     pls_integer := p_wait;
    l_answers  t_answers;
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
        p_answers  => l_answers,
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
end async_jobs_claims;
/
