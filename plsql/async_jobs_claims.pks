create or replace package async_jobs_claims
  authid definer
  accessible by (package async_jobs_worker)
is
  /** What async_jobs_worker.claim does: messages out of the queue, their rows reserved. */

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
  );
end async_jobs_claims;
/
