create or replace package async_jobs_progress
  authid definer
is
  /**
   * For procedures that run as jobs: the only package that application schemas need.
   * Outside of a job set_progress does nothing, so a procedure may always call it.
   */

  /** The job was cancelled, or is over its time limit. */
  e_cancelled exception;
  pragma exception_init(e_cancelled, -20990);

  /** The job does not belong to this session any more: nothing that it does can be committed. */
  e_claim_lost exception;
  pragma exception_init(e_claim_lost, -20991);

  /** Show how far the running job is. Others see it at once, whatever the caller's transaction
   * does. Written at most once a second (more is dropped); never waits for a lock.
   * @param p_percent 0 to 100; null: as it is
   * @param p_note    what is being done, up to 1,000 characters; null: as it is
   * @throws ORA-20990 the job was cancelled or is over its time limit
   * @throws ORA-20991 the job does not belong to this session any more
   */
  procedure set_progress(
    p_percent in number,
    p_note    in varchar2 default null
  );

  /** The job that this session runs; null outside of a job. */
  function current_job_id return varchar2;
end async_jobs_progress;
/
