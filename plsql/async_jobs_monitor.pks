create or replace package async_jobs_monitor
  authid definer
is
  /** What the API, workers and monitoring may know: nothing here changes anything. */

  type t_texts is table of varchar2(4000) index by pls_integer;

  /** The version of the installed tables; 0: none. */
  function schema_version return number;

  /** 'YES': the queue takes and gives messages; 'NO': it is stopped, or missing. */
  function queue_open return varchar2;

  /** 'YES': recovery and clean-up are scheduled, and the scheduler may run jobs, as far as this
   * schema can see; 'NO': a job is missing or disabled, or job_queue_processes is 0.
   */
  function scheduler_running return varchar2;

  /** What is wrong with the installation, and what mends it, in arrays with elements 1 to n.
   * @param p_names      stable words, as queue_stopped
   * @param p_severities error: jobs are not taken or not run, or will not be; warning: they are
   * @param p_remedies   null: nothing that could be written down
   * @param p_runners    who runs the remedy: owner (SQL), dba (SQL) or shell
   */
  procedure list_findings(
    p_names      out nocopy t_texts,
    p_severities out nocopy t_texts,
    p_problems   out nocopy t_texts,
    p_remedies   out nocopy t_texts,
    p_runners    out nocopy t_texts
  );

  /** The wake-ups in the queue, and the jobs that are not ended. Reads nothing of those that are.
   * @param p_queue_open     as queue_open
   * @param p_ready          messages that a worker would get now
   * @param p_delayed        free jobs that are not due
   * @param p_oldest_seconds since when the job that has waited longest could run; null: none waits
   * @param p_free           jobs that are pending and held by no worker, due or not
   * @param p_reserved       jobs that are claimed and not started
   * @param p_running        jobs that run
   */
  procedure queue_state(
    p_queue_open     out varchar2,
    p_ready          out number,
    p_delayed        out number,
    p_oldest_seconds out number,
    p_free           out number,
    p_reserved       out number,
    p_running        out number
  );

  /** How many ended jobs there are. Reads an index with all rows, and not the table. */
  procedure ended_jobs(p_completed out number, p_failed out number);

  /** How many claims have lost their worker, ever. */
  function lost_attempts return number;

  /** The workers, those seen last first, at most 500; elements 1 to n.
   * @param p_workers JSON objects: worker, host, pid, slots, version, started_at, last_seen,
   *                  idle_milliseconds, drain, running, reserved
   * @param p_metrics what each has left; null: nothing
   */
  procedure list_workers(p_workers out nocopy t_texts, p_metrics out nocopy t_texts);
end async_jobs_monitor;
/
