create or replace package async_jobs_api
  authid definer
is
  /**
   * Submit, cancel, retry and delete jobs.
   * All answer with a status; none signals by an error of its own.
   */

  /** Submit a procedure call under a given id: the row and its wake-up appear with the caller's
   * commit and vanish with his rollback.
   * @param p_job_id          32 hexadecimal digits in lower case
   * @param p_procedure_name  [schema.][package.]procedure
   * @param p_params          JSON: an array of objects with name, value, direction, type; or one
   *                          object {name: value}
   * @param p_is_function     1: a function is called
   * @param p_schema          where a procedure named without a schema is looked for;
   *                          null: the worker's default
   * @param p_priority        1 is first, 9 is last
   * @param p_delay_seconds   until the job may start
   * @param p_run_after       not before this time, in UTC; with a delay: the later of both
   * @param p_max_attempts    how many times a procedure that raises is called
   * @param p_on_loss         if a worker is lost: 'ask' runs it again unless a part was committed,
   *                          'rerun' always, 'fail' never
   * @param p_transaction     'managed': the procedure's work and the job's outcome are one
   *                          transaction; 'own': it starts without a transaction
   * @param p_timeout_seconds after which the call is broken off; null: never
   * @param p_backoff_seconds before the second call of a procedure that raised; doubles
   * @param p_max_losses      how many times the job may lose its worker and run again
   * @param p_fresh_session   1: runs on a new database session
   * @param p_submitter       who submits; null: the database user
   * @param p_trace_context   W3C traceparent
   * @param p_idempotency_key the submitter's own name for this submission: a second one with the
   *                          same key makes no second job (see find_job)
   * @param p_request_hash    of the submission's content, up to 64 characters; with the same key,
   *                          another hash is another submission
   * @param p_tags            words to find the job by, separated by commas
   * @param p_status          'ok'; 'exists': a job with this id or key is there, nothing was
   *                          changed; 'conflict': this key was used for another submission;
   *                          'refused': the allow list does not have this procedure;
   *                          'invalid': an argument is out of range
   */
  procedure submit(
    p_job_id          in  varchar2,
    p_procedure_name  in  varchar2,
    p_params          in  clob     default null,
    p_is_function     in  number   default 0,
    p_schema          in  varchar2 default null,
    p_priority        in  number   default 5,
    p_delay_seconds   in  number   default 0,
    p_run_after       in  timestamp default null,
    p_max_attempts    in  number   default 1,
    p_on_loss         in  varchar2 default 'ask',
    p_transaction     in  varchar2 default 'managed',
    p_timeout_seconds in  number   default null,
    p_backoff_seconds in  number   default 5,
    p_max_losses      in  number   default 3,
    p_fresh_session   in  number   default 0,
    p_submitter       in  varchar2 default null,
    p_trace_context   in  varchar2 default null,
    p_idempotency_key in  varchar2 default null,
    p_request_hash    in  varchar2 default null,
    p_tags            in  varchar2 default null,
    p_status          out varchar2
  );

  /** The same with an id of its own, for PL/SQL.
   * @return the job's id, with a known idempotency key that of the first job; null: refused or
   *         invalid (the procedure tells which)
   */
  function submit(
    p_procedure_name  in varchar2,
    p_params          in clob     default null,
    p_is_function     in number   default 0,
    p_schema          in varchar2 default null,
    p_priority        in number   default 5,
    p_delay_seconds   in number   default 0,
    p_run_after       in timestamp default null,
    p_max_attempts    in number   default 1,
    p_on_loss         in varchar2 default 'ask',
    p_transaction     in varchar2 default 'managed',
    p_timeout_seconds in number   default null,
    p_backoff_seconds in number   default 5,
    p_max_losses      in number   default 3,
    p_fresh_session   in number   default 0,
    p_submitter       in varchar2 default null,
    p_trace_context   in varchar2 default null,
    p_idempotency_key in varchar2 default null,
    p_tags            in varchar2 default null
  )
    return varchar2;

  /** The job that a submitter's idempotency key has made; null: none.
   * @param p_submitter null: the database user
   */
  function find_job(
    p_idempotency_key in varchar2,
    p_submitter       in varchar2 default null
  )
    return varchar2;

  /** Add an IN parameter to a list for submit, which begins as null. Texts, numbers (to the last
   * digit), dates and timestamps; a BOOLEAN is told to be one.
   */
  procedure add_param(p_params in out nocopy clob, p_name in varchar2, p_value in varchar2);

  procedure add_param(p_params in out nocopy clob, p_name in varchar2, p_value in number);

  procedure add_param(p_params in out nocopy clob, p_name in varchar2, p_value in date);

  procedure add_param(p_params in out nocopy clob, p_name in varchar2, p_value in timestamp);

  procedure add_param(p_params in out nocopy clob, p_name in varchar2, p_value in boolean);

  /** Add an OUT parameter, whose value becomes part of the job's result.
   * @param p_type STRING, NUMBER, DATE and so on; null: as the procedure declares it
   */
  procedure add_out_param(
    p_params in out nocopy clob,
    p_name   in varchar2,
    p_type   in varchar2 default null
  );

  /** Stop a job, in a transaction of its own: a pending one fails at once, a running one is marked
   * and stopped by its worker.
   * @param p_status 'ok', 'missing', 'ended', 'busy' (locked for 5 s: try again)
   */
  procedure cancel_job(p_job_id in varchar2, p_status out varchar2);

  /** Run a failed job again, in a transaction of its own.
   * @param p_status 'ok', 'missing', 'not failed', 'session alive' (the last attempt's session
   *   still lives), 'invalid' (the id was not made by OraQ), 'busy' (locked for 5 s: try again)
   */
  procedure retry_job(p_job_id in varchar2, p_status out varchar2);

  /** Delete a job in any state, in a transaction of its own. If it runs, its open work is rolled
   * back: it cannot complete any more.
   * @param p_status 'ok', 'missing', 'busy' (locked for 5 s: try again)
   */
  procedure delete_job(p_job_id in varchar2, p_status out varchar2);

  /** Delete all jobs to which both filters apply, in transactions of its own. Locked ones stay.
   * @param p_statuses        separated by commas; null: all but running
   * @param p_older_than_days ended so long ago, or submitted if not ended; null: any age
   * @param p_deleted         how many are gone
   */
  procedure delete_jobs(
    p_statuses        in  varchar2,
    p_older_than_days in  number,
    p_deleted         out number
  );
end async_jobs_api;
/
