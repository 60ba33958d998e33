create or replace package async_jobs_admin
  authid definer
is
  /** For the installer, the scheduler, operators and DBAs. Not granted to the API's or the worker's
   * user: they have async_jobs_monitor.
   */

  /** Take back what lost workers have left, now.
   * @param p_recovered how many rows were changed or got a new message
   */
  procedure recover(p_recovered out number);

  /** Delete completed and failed jobs that ended so many days ago, with their attempts, orphaned
   * attempts, and workers not seen for as long. In batches, each committed; locked rows stay.
   * @param p_deleted_count how many jobs are gone
   */
  procedure clean_up(
    p_days_old      in  number default 7,
    p_deleted_count out number
  );

  /** Make the scheduler jobs that are missing: recovery every minute, clean-up daily. */
  procedure create_scheduler_jobs;

  procedure drop_scheduler_jobs;

  /** What is wrong with the installation, and the statement that mends it.
   * @return a line per finding; null: nothing is wrong
   */
  function health return varchar2;

  /** Ask a worker, or all that are alive, to finish their jobs and end, in a transaction of its own.
   * @param p_worker null: all
   * @param p_asked  how many were asked, those asked before included
   */
  procedure drain(p_worker in varchar2, p_asked out number);
end async_jobs_admin;
/
