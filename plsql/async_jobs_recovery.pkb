create or replace package body async_jobs_recovery is
  -- Between two recoveries in the cluster. Well below the time between two heartbeats: a worker that
  -- had a turn and died would else cost its jobs two heartbeats of the next one.
  c_pause_seconds   constant number := 2;
  -- Between two searches for lost messages, and how long a job has to be due for one.
  c_message_seconds constant number := 60;
  -- From the end of its lease until a running row is given up whose session lives on.
  c_lost_seconds    constant number := 3600;
  c_batch           constant pls_integer := 1000;
  -- Hundredths of a second: a heartbeat waits for this.
  c_time_limit      constant number := 200;

  type t_ids is table of async_jobs.job_id%type index by pls_integer;

  -- For DBAs, and for the health check.
  procedure note_error(p_error in varchar2) is
  begin
    update async_job_recovery
    set last_error = p_error,
        last_error_at = sys_extract_utc(systimestamp)
    where id = 1;
    commit;
  end note_error;

  -- Whether the session of a running row is over for sure. Of a session of another instance, while
  -- its lease lasts, nothing is: is_session_alive may only know its own instance.
  function is_session_over(p_session_id in varchar2, p_is_expired in boolean) return boolean is
    l_own varchar2(100) := dbms_session.unique_session_id;
  begin
    if p_session_id is null then
      return true;
    end if;
    if not p_is_expired and substr(p_session_id, -4) <> substr(l_own, -4) then
      return false;
    end if;
    return not dbms_session.is_session_alive(p_session_id);
  end is_session_over;

  -- A reservation that was not started in time.
  procedure recover_reserved(p_job in async_jobs_state.t_job, p_is_done out boolean) is
    l_status varchar2(30);
  begin
    p_is_done := false;
    if p_job.lease_until < sys_extract_utc(systimestamp) then
      async_jobs_state.take_back(
        p_job     => p_job,
        p_losses  => p_job.losses + 1,
        p_touched => false,
        p_outcome => 'lost',
        p_status  => l_status
      );
      p_is_done := true;
    end if;
  end recover_reserved;

  -- An attempt whose lease has expired, or whose session is dead.
  procedure recover_running(p_job in async_jobs_state.t_job, p_is_done out boolean) is
    l_now        timestamp := sys_extract_utc(systimestamp);
    l_is_expired boolean := (p_job.lease_until < l_now);
    l_is_over    boolean;
    l_is_free    boolean;
    l_touched    boolean;
    l_status     varchar2(30);
    l_error      varchar2(1000);
  begin
    p_is_done := false;
    -- First the session, then, in a later statement, what it has committed.
    l_is_over := is_session_over(p_session_id => p_job.session_id, p_is_expired => l_is_expired);
    if not l_is_expired and not l_is_over then
      return;
    end if;
    async_jobs_state.read_touch(p_job => p_job, p_is_free => l_is_free, p_touched => l_touched);
    if (l_is_over and l_is_free) or p_job.executed is not null then
      async_jobs_state.take_back(
        p_job     => p_job,
        p_losses  => p_job.losses + 1,
        p_touched => l_touched,
        p_outcome => 'lost',
        p_status  => l_status
      );
      p_is_done := true;
    elsif l_is_expired
      and (p_job.cancel_requested <> 'no'
        or p_job.lease_until < l_now - numtodsinterval(c_lost_seconds, 'SECOND'))
    then
      -- The fence keeps that session from completing it.
      if p_job.cancel_requested <> 'no' then
        l_error := async_jobs_state.cancel_text(p_job) || ' ';
      end if;
      l_error := l_error || 'The worker was lost, but its database session still lives. '
        || 'What it has open will not be committed.';
      async_jobs_state.end_attempt(p_job => p_job, p_outcome => 'lost');
      async_jobs_state.fail_job(
        p_job          => p_job,
        p_error        => l_error,
        p_losses       => p_job.losses + 1,
        p_keep_session => true
      );
      p_is_done := true;
    end if;
  end recover_running;

  -- One row, in a transaction of its own. What goes wrong with it must not stop the others.
  procedure recover_row(
    p_job_id          in     varchar2,
    p_is_lost_message in     boolean,
    p_recovered       in out number
  ) is
    l_job     async_jobs_state.t_job;
    l_answer  varchar2(30);
    l_is_done boolean := false;
    l_error   varchar2(4000);
  begin
    async_jobs_state.lock_free_job(p_job_id => p_job_id, p_job => l_job, p_answer => l_answer);
    if l_answer = 'ok' then
      if p_is_lost_message then
        if l_job.status = 'pending' and l_job.worker is null then
          async_jobs_state.send_message(p_job_id => p_job_id, p_priority => l_job.priority);
          l_is_done := true;
        end if;
      elsif l_job.status = 'pending' and l_job.worker is not null then
        recover_reserved(p_job => l_job, p_is_done => l_is_done);
      elsif l_job.status = 'running' then
        recover_running(p_job => l_job, p_is_done => l_is_done);
      end if;
    end if;
    if l_is_done then
      commit;
      p_recovered := p_recovered + 1;
    else
      rollback;
    end if;
  exception
    when others then
      l_error := substr(p_job_id || ': ' || dbms_utility.format_error_stack, 1, 1000);
      rollback;
      note_error(l_error);
  end recover_row;

  -- Reserved and running rows that may need it: read without a lock, looked at again under it.
  procedure recover_claims(p_until in number, p_recovered in out number) is
    type t_times is table of async_jobs.lease_until%type index by pls_integer;
    type t_sessions is table of async_jobs.session_id%type index by pls_integer;
    type t_statuses is table of async_jobs.status%type index by pls_integer;
    l_ids        t_ids;
    l_leases     t_times;
    l_sessions   t_sessions;
    l_statuses   t_statuses;
    l_now        timestamp := sys_extract_utc(systimestamp);
    l_is_expired boolean;
    l_is_over    boolean;

    cursor c_claims is
      select job_id, lease_until, session_id, status
      from async_jobs
      where case
          when status = 'pending' and worker is null then 'free'
          when status = 'pending' then 'reserved'
          when status = 'running' then 'running'
        end in ('reserved', 'running')
      order by lease_until;
  begin
    open c_claims;
    fetch c_claims bulk collect into l_ids, l_leases, l_sessions, l_statuses limit c_batch;
    close c_claims;
    for i in 1 .. l_ids.count loop
      exit when dbms_utility.get_time > p_until;
      l_is_expired := (l_leases(i) < l_now);
      l_is_over := false;
      if l_statuses(i) = 'running' and not l_is_expired then
        l_is_over := is_session_over(p_session_id => l_sessions(i), p_is_expired => false);
      end if;
      if l_is_expired or l_is_over then
        recover_row(p_job_id => l_ids(i), p_is_lost_message => false, p_recovered => p_recovered);
      end if;
    end loop;
  end recover_claims;

  -- Free rows long due that have no message. In one statement: in two, a claim in between would
  -- look like a lost message.
  procedure recover_messages(p_recovered in out number) is
    l_ids t_ids;
    l_due timestamp := sys_extract_utc(systimestamp) - numtodsinterval(c_message_seconds, 'SECOND');

    cursor c_lost is
      select j.job_id
      from async_jobs j
      where case
          when j.status = 'pending' and j.worker is null then 'free'
          when j.status = 'pending' then 'reserved'
          when j.status = 'running' then 'running'
        end = 'free'
        and coalesce(j.run_after, j.created_at) < l_due
        and not exists (
          select 1
          from async_jobs_queue_table q
          where q.q_name = 'ASYNC_JOBS_QUEUE'
            and q.state in (0, 1)
            and q.corrid = j.job_id
        );
  begin
    open c_lost;
    fetch c_lost bulk collect into l_ids limit c_batch;
    close c_lost;
    for i in 1 .. l_ids.count loop
      recover_row(p_job_id => l_ids(i), p_is_lost_message => true, p_recovered => p_recovered);
    end loop;
    if l_ids.count < c_batch then
      update async_job_recovery
      set last_message_search = sys_extract_utc(systimestamp)
      where id = 1;
      commit;
    end if;
  end recover_messages;

  -- Take the turn in the cluster. Answers whether there is one, and for lost messages as well.
  procedure take_turn(
    p_pause_seconds   in  number,
    p_is_turn         out boolean,
    p_search_messages out boolean
  ) is
    l_now           timestamp := sys_extract_utc(systimestamp);
    l_last_recovery async_job_recovery.last_recovery%type;
    l_last_search   async_job_recovery.last_message_search%type;
  begin
    p_search_messages := false;
    select last_recovery, last_message_search
    into l_last_recovery, l_last_search
    from async_job_recovery
    where id = 1
    for update skip locked;
    p_is_turn := (l_last_recovery <= l_now - numtodsinterval(p_pause_seconds, 'SECOND'));
    if p_is_turn then
      p_search_messages := (l_last_search <= l_now - numtodsinterval(c_message_seconds, 'SECOND'));
      update async_job_recovery
      set last_recovery = l_now
      where id = 1;
    end if;
    commit;
  exception
    when no_data_found then
      p_is_turn := false;
      rollback;
  end take_turn;

  procedure run_turn(p_search_messages in boolean, p_recovered out number) is
  begin
    p_recovered := 0;
    recover_claims(p_until => dbms_utility.get_time + c_time_limit, p_recovered => p_recovered);
    if p_recovered > 0 then
      update async_job_recovery
      set lost_attempts = lost_attempts + p_recovered
      where id = 1;
      commit;
    end if;
    if p_search_messages then
      recover_messages(p_recovered => p_recovered);
    end if;
  end run_turn;

  procedure recover_if_due is
    l_is_turn   boolean;
    l_search    boolean;
    l_recovered number;
    l_error     varchar2(4000);
  begin
    take_turn(
      p_pause_seconds   => c_pause_seconds,
      p_is_turn         => l_is_turn,
      p_search_messages => l_search
    );
    if l_is_turn then
      run_turn(p_search_messages => l_search, p_recovered => l_recovered);
    end if;
  exception
    when others then
      -- The heartbeat that asked for it has to give its answer.
      l_error := substr(dbms_utility.format_error_stack, 1, 1000);
      rollback;
      note_error(l_error);
  end recover_if_due;

  procedure recover(p_recovered out number) is
    l_is_turn boolean;
    l_search  boolean;
  begin
    p_recovered := 0;
    take_turn(p_pause_seconds => 0, p_is_turn => l_is_turn, p_search_messages => l_search);
    if l_is_turn then
      run_turn(p_search_messages => l_search, p_recovered => p_recovered);
    end if;
  end recover;
end async_jobs_recovery;
/
