create or replace package body async_jobs_current is
  g_job_id    async_jobs.job_id%type;
  g_worker    async_jobs.worker%type;
  g_attempt   async_jobs.attempt%type;
  g_last_time number;  -- of dbms_utility.get_time: hundredths of a second from any start

  procedure set_attempt(
    p_job_id  in async_jobs.job_id%type,
    p_worker  in async_jobs.worker%type,
    p_attempt in async_jobs.attempt%type
  ) is
  begin
    g_job_id := p_job_id;
    g_worker := p_worker;
    g_attempt := p_attempt;
    g_last_time := null;
  end set_attempt;

  procedure clear_attempt is
  begin
    set_attempt(p_job_id => null, p_worker => null, p_attempt => null);
  end clear_attempt;

  function job_id return varchar2 is
  begin
    return g_job_id;
  end job_id;

  function worker return varchar2 is
  begin
    return g_worker;
  end worker;

  function attempt return number is
  begin
    return g_attempt;
  end attempt;

  function is_second_over return boolean is
    l_time number := dbms_utility.get_time;
  begin
    -- The counter starts again at its other end, so the distance may be negative.
    if g_last_time is null or abs(l_time - g_last_time) >= 100 then
      g_last_time := l_time;
      return true;
    end if;
    return false;
  end is_second_over;
end async_jobs_current;
/
