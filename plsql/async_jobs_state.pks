create or replace package async_jobs_state
  authid definer
  accessible by (
    package async_jobs_api,
    package async_jobs_claims,
    package async_jobs_worker,
    package async_jobs_recovery
  )
is
  /**
   * What the calls of the protocol have in common: a job's row under its lock, its message, and
   * what becomes of a claim that is over. Nothing here commits.
   */

  /** A job's row, without its texts. */
  type t_job is record (
    job_id           async_jobs.job_id%type,
    status           async_jobs.status%type,
    start_time       async_jobs.start_time%type,
    priority         async_jobs.priority%type,
    attempt          async_jobs.attempt%type,
    losses           async_jobs.losses%type,
    failures         async_jobs.failures%type,
    max_attempts     async_jobs.max_attempts%type,
    max_losses       async_jobs.max_losses%type,
    backoff_seconds  async_jobs.backoff_seconds%type,
    worker           async_jobs.worker%type,
    lease_until      async_jobs.lease_until%type,
    run_after        async_jobs.run_after%type,
    session_id       async_jobs.session_id%type,
    executed         async_jobs.executed%type,
    cancel_requested async_jobs.cancel_requested%type,
    on_loss          async_jobs.on_loss%type,
    transaction_mode async_jobs.transaction_mode%type
  );

  /** Lock a row, waiting up to 5 s.
   * @param p_answer 'ok'; 'missing': there is no such row; 'busy': the lock was not to be had;
   *   'read only': the transaction may not lock anything
   */
  procedure lock_job(
    p_job_id in  async_jobs.job_id%type,
    p_job    out nocopy t_job,
    p_answer out varchar2
  );

  /** Lock a row if nobody holds its lock.
   * @param p_answer 'ok'; 'missing': there is no such row; 'locked': another session holds it
   */
  procedure lock_free_job(
    p_job_id in  async_jobs.job_id%type,
    p_job    out nocopy t_job,
    p_answer out varchar2
  );

  /** Whether this session runs that attempt: the fence of all that is written for it. */
  function is_own_attempt(
    p_job     in t_job,
    p_worker  in async_jobs.worker%type,
    p_attempt in async_jobs.attempt%type
  )
    return boolean;

  /** Put a wake-up into the queue; it appears with the caller's commit. */
  procedure send_message(
    p_job_id        in async_jobs.job_id%type,
    p_priority      in async_jobs.priority%type,
    p_delay_seconds in number default 0
  );

  /** Look at the mark that the procedure's transaction has set.
   * @param p_is_free whether no transaction holds the attempt's row
   * @param p_touched whether the mark is committed: the procedure has committed something
   */
  procedure read_touch(
    p_job     in  t_job,
    p_is_free out boolean,
    p_touched out boolean
  );

  /** Note how an attempt ended, unless its row is locked. */
  procedure end_attempt(
    p_job        in t_job,
    p_outcome    in async_job_attempts.outcome%type,
    p_error_code in async_job_attempts.error_code%type default null
  );

  /** Make a locked row failed.
   * @param p_losses       the job's losses from now on; null: as before
   * @param p_keep_session whether the row remembers the session, as that may still live
   */
  procedure fail_job(
    p_job          in t_job,
    p_error        in clob,
    p_losses       in async_jobs.losses%type default null,
    p_keep_session in boolean default false
  );

  /** Make a locked row pending again, with a new message. */
  procedure requeue_job(
    p_job           in t_job,
    p_delay_seconds in number,
    p_losses        in async_jobs.losses%type,
    p_failures      in async_jobs.failures%type
  );

  /** A claim that is over without an answer of the procedure: the row, locked, becomes pending
   * again or failed, as design and on_loss say.
   * @param p_losses  the job's losses from now on
   * @param p_touched whether the procedure has committed something
   * @param p_outcome for the attempt: 'lost' or 'released'
   * @param p_status  the job's new status
   */
  procedure take_back(
    p_job     in  t_job,
    p_losses  in  async_jobs.losses%type,
    p_touched in  boolean,
    p_outcome in  async_job_attempts.outcome%type,
    p_status  out varchar2
  );

  /** An attempt that has raised, its transaction rolled back, the row locked: the job becomes
   * failed, or pending again with a delay.
   * @param p_retryable as of async_jobs_worker.fail
   * @param p_status    the job's new status
   */
  procedure end_failed_attempt(
    p_job        in  t_job,
    p_error      in  clob,
    p_error_code in  varchar2,
    p_retryable  in  number,
    p_status     out varchar2
  );

  /** Why a cancelled job failed, as its owner reads it. */
  function cancel_text(p_job in t_job) return varchar2;

  /** The time between two moments, as '5.2s'. */
  function duration_text(p_start in timestamp, p_end in timestamp) return varchar2;

  /** What the list of procedures says now of a call: at its submission, and again before it runs.
   * @param p_user            database user who submits it; null: not known, as the row is of an
   *   older schema: every row of the list counts
   * @param p_is_named        whether it is allowed by its name, not by '*' or an empty list
   * @param p_timeout_seconds longest time limit; null: any
   * @param p_max_attempts    most calls of a procedure that raises; null: any
   */
  procedure ask_list(
    p_procedure_name  in  varchar2,
    p_schema          in  varchar2,
    p_user            in  varchar2,
    p_is_allowed      out boolean,
    p_is_named        out boolean,
    p_timeout_seconds out number,
    p_max_attempts    out number
  );

  /** A name without quotes and blanks, in the dictionary's spelling where it needs no quotes. */
  function plain_name(p_name in varchar2) return varchar2;

  /** Delete a job's attempts, but those whose row is locked. */
  procedure delete_attempts(p_job_id in async_jobs.job_id%type);
end async_jobs_state;
/
