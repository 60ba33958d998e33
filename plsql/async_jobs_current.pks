create or replace package async_jobs_current
  authid definer
  accessible by (package async_jobs_worker, package async_jobs_progress)
is
  /** Which attempt this session is running. It lives as long as the session's package state. */

  procedure set_attempt(
    p_job_id  in async_jobs.job_id%type,
    p_worker  in async_jobs.worker%type,
    p_attempt in async_jobs.attempt%type
  );

  procedure clear_attempt;

  /** Null outside of a job. */
  function job_id return varchar2;

  function worker return varchar2;

  function attempt return number;

  /** Whether a second has passed since this was last true. The first time it is. */
  function is_second_over return boolean;
end async_jobs_current;
/
