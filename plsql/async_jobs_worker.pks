create or replace package async_jobs_worker
  authid definer
is
  /**
   * The worker's side of the protocol, one round trip a call. A claim is named by (job, attempt).
   * What is written for a running attempt is fenced by job, worker, attempt, this session, and the
   * status running.
   */

  type t_texts is table of varchar2(32767) index by pls_integer;
  type t_numbers is table of number index by pls_integer;

  /** Reserve jobs and commit. Waits for the first message only; nothing came: no elements.
   * @param p_limit    at most so many
   * @param p_wait     seconds for the first message; 0: none
   * @param p_lease    seconds until the reservations expire
   * @param p_job_ids  elements 1 to n, as in all arrays
   * @param p_params   JSON; a null element: longer than 32,767 bytes, to be read from the table
   * @param p_options  JSON: schema, is_function, timeout (seconds), fresh_session, transaction,
   *                   on_loss, trace_context, waited (seconds since it could have run), list:
   *                   'refused' by ASYNC_JOB_PROCEDURES, 'listed' there by its name, or 'free'
   */
  procedure claim(
    p_worker   in  varchar2,
    p_limit    in  pls_integer,
    p_wait     in  pls_integer,
    p_lease    in  number,
    p_job_ids  out nocopy t_texts,
    p_attempts out nocopy t_numbers,
    p_names    out nocopy t_texts,
    p_params   out nocopy t_texts,
    p_options  out nocopy t_texts
  );

  /** Begin a reserved attempt on this session; to be followed, in the same call, by the procedure
   * and `executed`. What the session has open is rolled back first.
   * @param p_status 'started'; 'lost': the claim is gone, so the procedure must not be called;
   *   'busy': the row was locked for 5 s, to be tried again
   */
  procedure start_attempt(
    p_job_id  in  varchar2,
    p_worker  in  varchar2,
    p_attempt in  number,
    p_lease   in  number,
    p_status  out varchar2
  );

  /** Note that the procedure has returned. A locked row is not written.
   * @param p_forget 1: what the procedure has left in packages is forgotten at the end of this call,
   *   so that the next one may complete this job and start another; 0: complete forgets it, as a
   *   cursor or LOB that the procedure gives back has to be read first
   */
  procedure executed(
    p_job_id  in varchar2,
    p_worker  in varchar2,
    p_attempt in number,
    p_forget  in number
  );

  /** Commit the procedure's work and the job's success together.
   * @param p_result JSON
   * @param p_status 'completed'; 'repeated': this session has completed it before, and what it has
   *   open now is rolled back; 'lost': nothing was committed, all is rolled back;
   *   'busy': the row was locked for 5 s, to be tried again, the work is still open
   */
  procedure complete(
    p_job_id  in  varchar2,
    p_worker  in  varchar2,
    p_attempt in  number,
    p_result  in  clob,
    p_status  out varchar2
  );

  /** Roll back, then end the attempt with an error.
   * @param p_retryable 1: an error that says nothing about the procedure; it may be called again
   *   max_losses times more than max_attempts says
   * @param p_timed_out 1: the attempt was over its time limit, so the job never runs again
   * @param p_status 'failed'; 'pending': will be called again; 'lost';
   *   'busy': rolled back, but the row was locked for 5 s, to be tried again
   */
  procedure fail(
    p_job_id     in  varchar2,
    p_worker     in  varchar2,
    p_attempt    in  number,
    p_error      in  clob,
    p_error_code in  varchar2,
    p_retryable  in  number,
    p_timed_out  in  number,
    p_status     out varchar2
  );

  /** Start and fail a reserved job in one call: one whose procedure cannot even be called.
   * @param p_status as of fail
   */
  procedure fail_unstarted(
    p_job_id     in  varchar2,
    p_worker     in  varchar2,
    p_attempt    in  number,
    p_lease      in  number,
    p_error      in  clob,
    p_error_code in  varchar2,
    p_status     out varchar2
  );

  /** Give a job back, at shutdown: a reserved one on any session, a running one on its own, with
   * what it has open rolled back.
   * @param p_status 'pending'; 'failed', as a part of its work is committed, or as its on_loss or
   *   transaction says; 'lost'; 'busy': the row was locked for 5 s, to be tried again
   */
  procedure release(
    p_job_id  in  varchar2,
    p_worker  in  varchar2,
    p_attempt in  number,
    p_status  out varchar2
  );

  /** Show the worker as alive and renew the leases of the claims that it names, on a connection of
   * its own. At most once per 2 s in the cluster it also recovers.
   * @param p_metrics JSON for ASYNC_JOB_WORKERS: what the worker has counted since its start
   * @param p_states  for each claim 'ok', 'lost' or 'cancelled'
   * @param p_drain   'Y': the worker is asked to claim no more, to finish its jobs and to end
   */
  procedure heartbeat(
    p_worker   in  varchar2,
    p_host     in  varchar2,
    p_pid      in  number,
    p_slots    in  number,
    p_version  in  varchar2,
    p_lease    in  number,
    p_metrics  in  varchar2,
    p_job_ids  in  t_texts,
    p_attempts in  t_numbers,
    p_states   out nocopy t_texts,
    p_drain    out varchar2
  );

  /** The same answers, without a lock and without a write: for between two heartbeats. */
  procedure cancel_requests(
    p_job_ids  in  t_texts,
    p_attempts in  t_numbers,
    p_states   out nocopy t_texts
  );

  /** The worker has ended in order, so nobody has to look for it. Commits. */
  procedure leave(p_worker in varchar2);

  /** Mark a running attempt as over its time limit, before its call is broken off: whatever
   * happens then, it never runs again. On a connection of its own.
   * @param p_status 'ok', 'lost', 'busy' (locked: try again)
   */
  procedure time_out(
    p_job_id  in  varchar2,
    p_worker  in  varchar2,
    p_attempt in  number,
    p_status  out varchar2
  );

  /** The state that a job could leave to the next one on this session, as one text: compared with
   * that after log-on. There is no transaction after complete, fail and release; the isolation
   * level is set by start_attempt, and jobs with a transaction of their own get a new session.
   * @param p_current_schema of the caller, as a definer's package does not see it:
   *   sys_context('USERENV', 'CURRENT_SCHEMA')
   */
  function fingerprint(p_current_schema in varchar2) return varchar2;
end async_jobs_worker;
/
