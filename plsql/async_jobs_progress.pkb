create or replace package body async_jobs_progress is
  -- Write if the attempt is still this session's. Answers 'ok', 'cancelled' or 'lost'.
  procedure write_progress(
    p_percent in  number,
    p_note    in  varchar2,
    p_answer  out varchar2
  ) is
    pragma autonomous_transaction;
    -- In variables, as SQL may not call a package that only this one has access to.
    l_job_id    async_jobs.job_id%type := async_jobs_current.job_id;
    l_worker    async_jobs.worker%type := async_jobs_current.worker;
    l_attempt   async_jobs.attempt%type := async_jobs_current.attempt;
    l_session   async_jobs.session_id%type := dbms_session.unique_session_id;
    l_count     pls_integer;
    l_cancelled async_jobs.cancel_requested%type;
    -- The worker breaks the call: that is to reach the procedure.
    e_break     exception;
    pragma exception_init(e_break, -1013);
  begin
    select cancel_requested
    into l_cancelled
    from async_jobs
    where job_id = l_job_id
      and status = 'running'
      and worker = l_worker
      and attempt = l_attempt
      and session_id = l_session
    for update skip locked;
    if l_cancelled <> 'no' then
      p_answer := 'cancelled';
      rollback;
      return;
    end if;
    update async_jobs
    set progress = coalesce(least(greatest(p_percent, 0), 100), progress),
        progress_note = coalesce(substr(p_note, 1, 1000), progress_note)
    where job_id = l_job_id;
    commit;
    p_answer := 'ok';
  exception
    when no_data_found then
      -- Locked, or not this session's: that is seen without a lock as well.
      select count(*)
      into l_count
      from async_jobs
      where job_id = l_job_id
        and status = 'running'
        and worker = l_worker
        and attempt = l_attempt
        and session_id = l_session;
      p_answer := case l_count when 0 then 'lost' else 'ok' end;
      rollback;
    when e_break then
      rollback;
      raise;
    when others then
      -- A table that takes no writes just now must not fail the job that only wanted to tell.
      rollback;
      p_answer := 'ok';
  end write_progress;

  procedure set_progress(
    p_percent in number,
    p_note    in varchar2 default null
  ) is
    l_answer varchar2(30);
  begin
    if async_jobs_current.job_id is null then
      return;
    end if;
    if not async_jobs_current.is_second_over then
      return;
    end if;
    write_progress(p_percent => p_percent, p_note => p_note, p_answer => l_answer);
    if l_answer = 'cancelled' then
      raise_application_error(-20990, 'The job was cancelled or is over its time limit');
    elsif l_answer = 'lost' then
      raise_application_error(-20991, 'The job does not belong to this session any more');
    end if;
  end set_progress;

  function current_job_id return varchar2 is
  begin
    return async_jobs_current.job_id;
  end current_job_id;
end async_jobs_progress;
/
