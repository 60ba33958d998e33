create or replace package body async_jobs_api is
  -- Whether this session may submit that call, and the list's limits for it; null: none.
  procedure check_list(
    p_procedure_name  in  varchar2,
    p_schema          in  varchar2,
    p_user            in  varchar2,
    p_is_allowed      out boolean,
    p_timeout_seconds out number,
    p_max_attempts    out number
  ) is
    l_name     varchar2(400) := async_jobs_state.plain_name(p_procedure_name);
    l_is_named boolean;
  begin
    p_is_allowed := false;
    if instr(p_procedure_name, '@') > 0 then
      return;
    end if;
    if l_name = 'CLEANUP_OLD_ASYNC_JOBS'
      or l_name like '%.CLEANUP\_OLD\_ASYNC\_JOBS' escape '\'
      or l_name like 'ASYNC\_JOBS\_%.%' escape '\'
      or l_name like '%.ASYNC\_JOBS\_%.%' escape '\'
    then
      return;
    end if;
    async_jobs_state.ask_list(
      p_procedure_name  => p_procedure_name,
      p_schema          => p_schema,
      p_user            => p_user,
      p_is_allowed      => p_is_allowed,
      p_is_named        => l_is_named,
      p_timeout_seconds => p_timeout_seconds,
      p_max_attempts    => p_max_attempts
    );
  end check_list;

  function is_job_id(p_job_id in varchar2) return boolean is
  begin
    return length(p_job_id) = 32 and ltrim(p_job_id, '0123456789abcdef') is null;
  end is_job_id;

  -- Whether all arguments are in their range. An absent one is not.
  function is_valid(
    p_job_id          in varchar2,
    p_procedure_name  in varchar2,
    p_schema          in varchar2,
    p_priority        in number,
    p_delay_seconds   in number,
    p_max_attempts    in number,
    p_on_loss         in varchar2,
    p_transaction     in varchar2,
    p_timeout_seconds in number,
    p_backoff_seconds in number,
    p_max_losses      in number,
    p_submitter       in varchar2,
    p_trace_context   in varchar2,
    p_idempotency_key in varchar2,
    p_request_hash    in varchar2,
    p_tags            in varchar2
  )
    return boolean
  is
  begin
    if is_job_id(p_job_id)
      and lengthb(p_procedure_name) <= 200
      and (p_schema is null or length(p_schema) <= 128)
      and p_priority in (1, 2, 3, 4, 5, 6, 7, 8, 9)
      and p_delay_seconds between 0 and 31536000
      and p_max_attempts between 1 and 1000
      and p_on_loss in ('ask', 'rerun', 'fail')
      and p_transaction in ('managed', 'own')
      and (p_timeout_seconds is null or p_timeout_seconds between 0.001 and 31536000)
      and p_backoff_seconds between 0 and 3600
      and p_max_losses between 0 and 1000
      and (p_submitter is null or length(p_submitter) <= 128)
      and (p_trace_context is null or lengthb(p_trace_context) <= 512)
      and (p_idempotency_key is null or length(p_idempotency_key) <= 255)
      and (p_request_hash is null or length(p_request_hash) <= 64)
      and (p_tags is null or length(p_tags) <= 998)
    then
      return true;
    end if;
    return false;
  end is_valid;

  -- Seconds from one time to another; null where one is missing.
  function seconds_between(p_from in timestamp, p_to in timestamp) return number is
    l_interval interval day(9) to second := p_to - p_from;
  begin
    return extract(day from l_interval) * 86400
      + extract(hour from l_interval) * 3600
      + extract(minute from l_interval) * 60
      + extract(second from l_interval);
  end seconds_between;

  -- Whether a key, if there is one, belongs to a submission with another content.
  function is_other_request(
    p_idempotency_key in varchar2,
    p_submitter       in varchar2,
    p_request_hash    in varchar2
  )
    return boolean
  is
    l_count pls_integer;
  begin
    if p_idempotency_key is null then
      return false;
    end if;
    select count(*)
    into l_count
    from async_jobs
    where case when idempotency_key is not null then submitter end = p_submitter
      and idempotency_key = p_idempotency_key
      and coalesce(request_hash, ' ') <> coalesce(p_request_hash, ' ');
    return l_count > 0;
  end is_other_request;

  function find_job(
    p_idempotency_key in varchar2,
    p_submitter       in varchar2 default null
  )
    return varchar2
  is
    l_submitter async_jobs.submitter%type := coalesce(
      p_submitter,
      sys_context('USERENV', 'SESSION_USER')
    );
    l_job_id    async_jobs.job_id%type;
  begin
    select max(job_id)
    into l_job_id
    from async_jobs
    where case when idempotency_key is not null then submitter end = l_submitter
      and idempotency_key = p_idempotency_key;
    return l_job_id;
  end find_job;

  procedure submit(
    p_job_id          in  varchar2,
    p_procedure_name  in  varchar2,
    p_params          in  clob     default null,
    p_is_function     in  number   default 0,
    p_schema          in  varchar2 default null,
    p_priority        in  number   default 5,
    p_delay_seconds   in  number   default 0,
    p_run_after       in  timestamp default null,
    p_max_attempts    in  number   default 1,
    p_on_loss         in  varchar2 default 'ask',
    p_transaction     in  varchar2 default 'managed',
    p_timeout_seconds in  number   default null,
    p_backoff_seconds in  number   default 5,
    p_max_losses      in  number   default 3,
    p_fresh_session   in  number   default 0,
    p_submitter       in  varchar2 default null,
    p_trace_context   in  varchar2 default null,
    p_idempotency_key in  varchar2 default null,
    p_request_hash    in  varchar2 default null,
    p_tags            in  varchar2 default null,
    p_status          out varchar2
  ) is
    l_now         timestamp := sys_extract_utc(systimestamp);
    l_wait        number := coalesce(seconds_between(l_now, p_run_after), 0);
    l_delay       number := greatest(p_delay_seconds, l_wait);
    l_is_function async_jobs.is_function%type;
    l_fresh       async_jobs.fresh_session%type;
    l_user        async_jobs.submitted_by%type := sys_context('USERENV', 'SESSION_USER');
    l_submitter   async_jobs.submitter%type;
    l_tags        async_jobs.tags%type;
    l_is_allowed  boolean;
    l_timeout     number;
    l_attempts    number;
  begin
    if not is_valid(
      p_job_id          => p_job_id,
      p_procedure_name  => p_procedure_name,
      p_schema          => p_schema,
      p_priority        => p_priority,
      p_delay_seconds   => l_delay,
      p_max_attempts    => p_max_attempts,
      p_on_loss         => p_on_loss,
      p_transaction     => p_transaction,
      p_timeout_seconds => p_timeout_seconds,
      p_backoff_seconds => p_backoff_seconds,
      p_max_losses      => p_max_losses,
      p_submitter       => p_submitter,
      p_trace_context   => p_trace_context,
      p_idempotency_key => p_idempotency_key,
      p_request_hash    => p_request_hash,
      p_tags            => p_tags
    ) then
      p_status := 'invalid';
      return;
    end if;
    check_list(
      p_procedure_name  => p_procedure_name,
      p_schema          => p_schema,
      p_user            => l_user,
      p_is_allowed      => l_is_allowed,
      p_timeout_seconds => l_timeout,
      p_max_attempts    => l_attempts
    );
    if not l_is_allowed then
      p_status := 'refused';
      return;
    end if;
    l_is_function := case p_is_function when 1 then 'Y' else 'N' end;
    l_fresh := case p_fresh_session when 1 then 'Y' else 'N' end;
    l_submitter := coalesce(p_submitter, l_user);
    -- Commas at both ends, so that one search finds a tag wherever it stands.
    l_tags := case when p_tags is not null then ',' || replace(p_tags, ' ', '') || ',' end;
    insert into async_jobs (
      job_id,
      status,
      procedure_name,
      params,
      start_time,
      progress,
      created_at,
      call_schema,
      is_function,
      priority,
      run_after,
      max_attempts,
      max_losses,
      backoff_seconds,
      timeout_seconds,
      on_loss,
      transaction_mode,
      fresh_session,
      submitter,
      trace_context,
      idempotency_key,
      request_hash,
      tags,
      submitted_by
    )
    values (
      p_job_id,
      'pending',
      p_procedure_name,
      p_params,
      l_now,
      0,
      l_now,
      p_schema,
      l_is_function,
      p_priority,
      l_now + numtodsinterval(l_delay, 'SECOND'),
      least(p_max_attempts, coalesce(l_attempts, p_max_attempts)),
      p_max_losses,
      p_backoff_seconds,
      coalesce(least(p_timeout_seconds, l_timeout), p_timeout_seconds, l_timeout),
      p_on_loss,
      p_transaction,
      l_fresh,
      l_submitter,
      p_trace_context,
      p_idempotency_key,
      p_request_hash,
      l_tags,
      l_user
    );
    async_jobs_state.send_message(
      p_job_id        => p_job_id,
      p_priority      => p_priority,
      p_delay_seconds => l_delay
    );
    p_status := 'ok';
  exception
    when dup_val_on_index then
      -- Whoever had the id or the key first has committed: until then the insert has waited.
      p_status := case
        when is_other_request(
          p_idempotency_key => p_idempotency_key,
          p_submitter       => l_submitter,
          p_request_hash    => p_request_hash
        ) then 'conflict'
        else 'exists'
      end;
  end submit;

  function submit(
    p_procedure_name  in varchar2,
    p_params          in clob     default null,
    p_is_function     in number   default 0,
    p_schema          in varchar2 default null,
    p_priority        in number   default 5,
    p_delay_seconds   in number   default 0,
    p_run_after       in timestamp default null,
    p_max_attempts    in number   default 1,
    p_on_loss         in varchar2 default 'ask',
    p_transaction     in varchar2 default 'managed',
    p_timeout_seconds in number   default null,
    p_backoff_seconds in number   default 5,
    p_max_losses      in number   default 3,
    p_fresh_session   in number   default 0,
    p_submitter       in varchar2 default null,
    p_trace_context   in varchar2 default null,
    p_idempotency_key in varchar2 default null,
    p_tags            in varchar2 default null
  )
    return varchar2
  is
    l_job_id async_jobs.job_id%type := lower(rawtohex(sys_guid()));
    l_status varchar2(30);
  begin
    submit(
      p_job_id          => l_job_id,
      p_procedure_name  => p_procedure_name,
      p_params          => p_params,
      p_is_function     => p_is_function,
      p_schema          => p_schema,
      p_priority        => p_priority,
      p_delay_seconds   => p_delay_seconds,
      p_run_after       => p_run_after,
      p_max_attempts    => p_max_attempts,
      p_on_loss         => p_on_loss,
      p_transaction     => p_transaction,
      p_timeout_seconds => p_timeout_seconds,
      p_backoff_seconds => p_backoff_seconds,
      p_max_losses      => p_max_losses,
      p_fresh_session   => p_fresh_session,
      p_submitter       => p_submitter,
      p_trace_context   => p_trace_context,
      p_idempotency_key => p_idempotency_key,
      p_tags            => p_tags,
      p_status          => l_status
    );
    if l_status = 'exists' then
      l_job_id := find_job(p_idempotency_key => p_idempotency_key, p_submitter => p_submitter);
    elsif l_status <> 'ok' then
      l_job_id := null;
    end if;
    return l_job_id;
  end submit;

  -- JSON text of a string; null is JSON's null.
  function json_text(p_text in varchar2) return varchar2 is
    l_text varchar2(32767) := replace(replace(p_text, '\', '\\'), '"', '\"');
  begin
    if p_text is null then
      return 'null';
    end if;
    if regexp_like(l_text, '[[:cntrl:]]') then
      for i in 0 .. 31 loop
        l_text := replace(l_text, chr(i), '\u00' || to_char(i, 'FM0X'));
      end loop;
    end if;
    return '"' || l_text || '"';
  end json_text;

  procedure add_object(
    p_params in out nocopy clob,
    p_name   in varchar2,
    p_rest   in varchar2
  ) is
    l_text clob := p_params;
  begin
    -- The list ends in ], which makes room for the next object.
    l_text := case
      when l_text is null then '['
      else rtrim(l_text, ']') || ','
    end;
    p_params := l_text || '{"name":' || json_text(p_name) || p_rest || '}]';
  end add_object;

  procedure add_param(p_params in out nocopy clob, p_name in varchar2, p_value in varchar2) is
  begin
    add_object(p_params => p_params, p_name => p_name, p_rest => ',"value":' || json_text(p_value));
  end add_param;

  procedure add_param(p_params in out nocopy clob, p_name in varchar2, p_value in number) is
    -- As a text: whatever the session's NLS settings, and never through a binary float.
    l_text varchar2(100) := to_char(p_value, 'TM9', 'NLS_NUMERIC_CHARACTERS=''.,''');
  begin
    add_object(p_params => p_params, p_name => p_name, p_rest => ',"value":' || json_text(l_text));
  end add_param;

  procedure add_param(p_params in out nocopy clob, p_name in varchar2, p_value in date) is
    l_text varchar2(100) := to_char(p_value, 'YYYY-MM-DD"T"HH24:MI:SS');
  begin
    add_object(p_params => p_params, p_name => p_name, p_rest => ',"value":' || json_text(l_text));
  end add_param;

  procedure add_param(p_params in out nocopy clob, p_name in varchar2, p_value in timestamp) is
    l_text varchar2(100) := to_char(p_value, 'YYYY-MM-DD"T"HH24:MI:SS.FF6');
  begin
    add_object(p_params => p_params, p_name => p_name, p_rest => ',"value":' || json_text(l_text));
  end add_param;

  procedure add_param(p_params in out nocopy clob, p_name in varchar2, p_value in boolean) is
  begin
    add_object(
      p_params => p_params,
      p_name   => p_name,
      p_rest   => ',"value":'
        || case p_value when true then 'true' when false then 'false' else 'null' end
    );
  end add_param;

  procedure add_out_param(
    p_params in out nocopy clob,
    p_name   in varchar2,
    p_type   in varchar2 default null
  ) is
  begin
    add_object(
      p_params => p_params,
      p_name   => p_name,
      p_rest   => ',"direction":"OUT"'
        || case when p_type is not null then ',"type":' || json_text(p_type) end
    );
  end add_out_param;

  procedure cancel_job(p_job_id in varchar2, p_status out varchar2) is
    pragma autonomous_transaction;
    l_job    async_jobs_state.t_job;
    l_answer varchar2(30);
  begin
    async_jobs_state.lock_job(p_job_id => p_job_id, p_job => l_job, p_answer => l_answer);
    if l_answer <> 'ok' then
      p_status := l_answer;
    elsif l_job.status = 'pending' then
      async_jobs_state.fail_job(p_job => l_job, p_error => async_jobs_state.cancel_text(l_job));
      p_status := 'ok';
    elsif l_job.status = 'running' then
      update async_jobs
      set cancel_requested = 'cancel'
      where job_id = p_job_id
        and cancel_requested = 'no';
      p_status := 'ok';
    else
      p_status := 'ended';
    end if;
    commit;
  end cancel_job;

  procedure retry_job(p_job_id in varchar2, p_status out varchar2) is
    pragma autonomous_transaction;
    l_job        async_jobs_state.t_job;
    l_answer     varchar2(30);
    l_start_time async_jobs.start_time%type := sys_extract_utc(systimestamp);
    l_is_alive   boolean := false;
  begin
    async_jobs_state.lock_job(p_job_id => p_job_id, p_job => l_job, p_answer => l_answer);
    if l_answer = 'ok' and l_job.session_id is not null then
      l_is_alive := dbms_session.is_session_alive(l_job.session_id);
    end if;
    if l_answer <> 'ok' then
      p_status := l_answer;
    elsif l_job.status <> 'failed' then
      p_status := 'not failed';
    elsif not is_job_id(p_job_id) then
      p_status := 'invalid';
    elsif l_is_alive then
      p_status := 'session alive';
    else
      -- ATTEMPT goes on counting: with the job it names a claim for ever.
      update async_jobs
      set start_time = l_start_time,
          end_time = null,
          duration = null,
          error_msg = null,
          result = null,
          cancel_requested = 'no'
      where job_id = p_job_id;
      async_jobs_state.requeue_job(
        p_job           => l_job,
        p_delay_seconds => 0,
        p_losses        => 0,
        p_failures      => 0
      );
      p_status := 'ok';
    end if;
    commit;
  end retry_job;

  procedure delete_job(p_job_id in varchar2, p_status out varchar2) is
    pragma autonomous_transaction;
    l_job    async_jobs_state.t_job;
    l_answer varchar2(30);
  begin
    async_jobs_state.lock_job(p_job_id => p_job_id, p_job => l_job, p_answer => l_answer);
    if l_answer = 'ok' then
      async_jobs_state.delete_attempts(p_job_id);
      delete from async_jobs
      where job_id = p_job_id;
    end if;
    commit;
    p_status := l_answer;
  end delete_job;

  procedure delete_jobs(
    p_statuses        in  varchar2,
    p_older_than_days in  number,
    p_deleted         out number
  ) is
    pragma autonomous_transaction;
    c_batch constant pls_integer := 500;
    type t_ids is table of async_jobs.job_id%type index by pls_integer;
    type t_times is table of async_jobs.created_at%type index by pls_integer;
    l_statuses varchar2(200) := lower(replace(p_statuses, ' ', ''));
    l_until    timestamp := sys_extract_utc(systimestamp)
      - numtodsinterval(least(coalesce(p_older_than_days, 0), 36500), 'DAY');
    l_ids      t_ids;
    l_times    t_times;
    l_last_id  async_jobs.job_id%type;
    l_last     timestamp;

    -- In the order of the index, from where the last batch ended. Locked rows stay.
    cursor c_jobs is
      select job_id, created_at
      from async_jobs
      where (p_older_than_days is null
          or (created_at <= l_until and coalesce(end_time, created_at) <= l_until))
        and (l_statuses is null and status <> 'running'
          or instr(',' || l_statuses || ',', ',' || status || ',') > 0)
        and (l_last is null
          or created_at > l_last
          or (created_at = l_last and job_id > l_last_id))
      order by created_at, job_id
      for update skip locked;
  begin
    p_deleted := 0;
    loop
      open c_jobs;
      fetch c_jobs bulk collect into l_ids, l_times limit c_batch;
      close c_jobs;
      exit when l_ids.count = 0;
      l_last_id := l_ids(l_ids.count);
      l_last := l_times(l_ids.count);
      for i in 1 .. l_ids.count loop
        async_jobs_state.delete_attempts(l_ids(i));
      end loop;
      forall i in 1 .. l_ids.count
        delete from async_jobs
        where job_id = l_ids(i);
      commit;
      p_deleted := p_deleted + l_ids.count;
    end loop;
    commit;
  end delete_jobs;
end async_jobs_api;
/
