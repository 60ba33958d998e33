create or replace package async_jobs_admin
  authid definer
is
  /** For the installer, the scheduler, and DBAs. */

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

  /** The version of the installed tables; 0: none. */
  function schema_version return number;

  /** 'YES': the queue takes and gives messages; 'NO': it is stopped, or missing. */
  function queue_open return varchar2;

  /** 'YES': recovery and clean-up are scheduled, and the scheduler may run jobs, as far as this
   * schema can see; 'NO': a job is missing or disabled, or job_queue_processes is 0.
   */
  function scheduler_running return varchar2;

  /** What is wrong with the installation, and the statement that mends it.
   * @return a line per finding; null: nothing is wrong
   */
  function health return varchar2;
end async_jobs_admin;
/
