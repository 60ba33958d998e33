-- Optional, for DBAs: a procedure with which operators end the database session of a job that neither
-- a cancel nor a break ends (it waits for a remote database, say), without ALTER SYSTEM for them:
--
--     exec oraq_killer.kill_job('f51672363ec4a63c68d7eb4be6086a34')
--
-- To be run by SYS, any number of times. It ends only sessions of the worker's user that say that
-- they run this job; the job is then a lost one, which on_loss decides about: cancel it first, and it
-- is not run again. `drop user oraq_killer cascade` removes it.

define killer = ORAQ_KILLER
define worker_user = ORAQ_WORKER
define operator = ORAQ

set verify off
set sqlblanklines on
whenever sqlerror exit failure rollback

declare
    l_count pls_integer;
begin
    select count(*)
    into l_count
    from all_users
    where username = upper('&killer');
    if l_count = 0 then
        -- Nobody logs on as this user.
        execute immediate 'create user &killer no authentication account lock';
    end if;
end;
/

grant alter system to &killer;
grant select on sys.gv_$session to &killer;

create or replace procedure &killer..kill_job(p_job_id in varchar2)
  authid definer
is
  l_killed pls_integer := 0;
begin
  for l_session in (
    select sid, serial# as serial, inst_id
    from sys.gv_$session
    where username = upper('&worker_user')
      and module = 'oraq-worker'
      and action = p_job_id
  ) loop
    execute immediate 'alter system kill session ''' || l_session.sid || ',' || l_session.serial
      || ',@' || l_session.inst_id || ''' immediate';
    l_killed := l_killed + 1;
  end loop;
  if l_killed = 0 then
    raise_application_error(-20000, 'No session runs this job');
  end if;
end kill_job;
/

grant execute on &killer..kill_job to &operator;
