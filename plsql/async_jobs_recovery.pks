create or replace package async_jobs_recovery
  authid definer
  accessible by (package async_jobs_worker, package async_jobs_admin)
is
  /** Finds what lost workers have left, one transaction a row. */

  /** Recover if nobody in the cluster has for 2 s. */
  procedure recover_if_due;

  /** Recover now, unless another session is at it.
   * @param p_recovered how many rows were changed or got a new message
   */
  procedure recover(p_recovered out number);
end async_jobs_recovery;
/
