-- name: claim_jobs
-- Reserve up to row_limit jobs; waits for the first one only.
begin
    {owner}.async_jobs_worker.claim(
        p_worker => :worker,
        p_limit => :row_limit,
        p_wait => :wait_seconds,
        p_lease => :lease_seconds,
        p_job_ids => :job_ids,
        p_attempts => :attempts,
        p_names => :names,
        p_params => :params,
        p_options => :options
    );
end;
/

-- name: read_params
-- The parameters of a claim that came without them, as they are too long for it.
select params
from {owner}.async_jobs
where job_id = :job_id;

-- name: run_job
-- Start the attempt, call the procedure, note that it has returned. For {call} stands the call.
declare
    l_status varchar2(30);
begin
    {owner}.async_jobs_worker.start_attempt(
        p_job_id => :job_id,
        p_worker => :worker,
        p_attempt => :attempt,
        p_lease => :lease_seconds,
        p_status => l_status
    );
    :status := l_status;
    if l_status = 'started' then
        {call}
        {owner}.async_jobs_worker.executed(
            p_job_id => :job_id,
            p_worker => :worker,
            p_attempt => :attempt,
            p_forget => :forget
        );
        :fingerprint := {owner}.async_jobs_worker.fingerprint(
            sys_context('USERENV', 'CURRENT_SCHEMA')
        );
    end if;
end;
/

-- name: complete_and_run_job
-- Complete one job; only then, in the same round trip, start the next one as run_job does.
declare
    l_status varchar2(30);
begin
    begin
        {owner}.async_jobs_worker.complete(
            p_job_id => :done_job_id,
            p_worker => :worker,
            p_attempt => :done_attempt,
            p_result => :done_result,
            p_status => l_status
        );
    exception
        when others then
            -- Told apart from what the next job raises: beside an error no bind comes back.
            l_status := 'raised';
            :done_error := substr(dbms_utility.format_error_stack, 1, 1000);
    end;
    :done_status := l_status;
    if l_status = 'completed' then
        {owner}.async_jobs_worker.start_attempt(
            p_job_id => :job_id,
            p_worker => :worker,
            p_attempt => :attempt,
            p_lease => :lease_seconds,
            p_status => l_status
        );
        :status := l_status;
        if l_status = 'started' then
            {call}
            {owner}.async_jobs_worker.executed(
                p_job_id => :job_id,
                p_worker => :worker,
                p_attempt => :attempt,
                p_forget => :forget
            );
            :fingerprint := {owner}.async_jobs_worker.fingerprint(
                sys_context('USERENV', 'CURRENT_SCHEMA')
            );
        end if;
    end if;
end;
/

-- name: complete_job
-- Commit the procedure's work and the job's success together, or nothing of both.
begin
    {owner}.async_jobs_worker.complete(
        p_job_id => :job_id,
        p_worker => :worker,
        p_attempt => :attempt,
        p_result => :result,
        p_status => :status
    );
end;
/

-- name: fail_job
-- Roll back, and end the attempt with an error.
begin
    {owner}.async_jobs_worker.fail(
        p_job_id => :job_id,
        p_worker => :worker,
        p_attempt => :attempt,
        p_error => :error,
        p_error_code => :error_code,
        p_retryable => :retryable,
        p_timed_out => :timed_out,
        p_status => :status
    );
end;
/

-- name: fail_unstarted_job
-- Start and fail a reserved job whose procedure cannot even be called.
begin
    {owner}.async_jobs_worker.fail_unstarted(
        p_job_id => :job_id,
        p_worker => :worker,
        p_attempt => :attempt,
        p_lease => :lease_seconds,
        p_error => :error,
        p_error_code => :error_code,
        p_status => :status
    );
    :fingerprint := {owner}.async_jobs_worker.fingerprint(sys_context('USERENV', 'CURRENT_SCHEMA'));
end;
/

-- name: release_job
-- Give a job back: a reserved one, or a running one on the session that runs it.
begin
    {owner}.async_jobs_worker.release(
        p_job_id => :job_id,
        p_worker => :worker,
        p_attempt => :attempt,
        p_status => :status
    );
end;
/

-- name: time_out_job
-- Mark a running attempt as over its time limit, before its call is broken off.
begin
    {owner}.async_jobs_worker.time_out(
        p_job_id => :job_id,
        p_worker => :worker,
        p_attempt => :attempt,
        p_status => :status
    );
end;
/

-- name: heartbeat
-- Renew the leases of the named claims, show the worker as alive, recover what others lost.
begin
    {owner}.async_jobs_worker.heartbeat(
        p_worker => :worker,
        p_host => :host,
        p_pid => :pid,
        p_slots => :slots,
        p_version => :version,
        p_lease => :lease_seconds,
        p_metrics => :metrics,
        p_job_ids => :job_ids,
        p_attempts => :attempts,
        p_states => :states,
        p_drain => :drain
    );
end;
/

-- name: leave
-- The worker has ended in order.
begin
    {owner}.async_jobs_worker.leave(p_worker => :worker);
end;
/

-- name: cancel_requests
-- The same answers as heartbeat, but only looks.
begin
    {owner}.async_jobs_worker.cancel_requests(
        p_job_ids => :job_ids,
        p_attempts => :attempts,
        p_states => :states
    );
end;
/

-- name: session_fingerprint
-- What the answer to run_job is compared with: the session's state right after the log-on. And the
-- version of the tables, which has to be the worker's.
begin
    :schema_version := {owner}.async_jobs_monitor.schema_version;
    :fingerprint := {owner}.async_jobs_worker.fingerprint(sys_context('USERENV', 'CURRENT_SCHEMA'));
end;
/
