-- PL/SQL Packages and Types Reference 19c, DBMS_SCHEDULER: programs, schedules, and jobs that use them
begin
  execute immediate '
    create or replace procedure scheduled_note(p_text in varchar2, p_number in number) is
    begin
      dbms_output.put_line(p_text || p_number * 2);
    end;';
  dbms_scheduler.create_program(
    program_name        => 'NOTE_PROGRAM',
    program_type        => 'STORED_PROCEDURE',
    program_action      => 'SCHEDULED_NOTE',
    number_of_arguments => 2
  );
  dbms_scheduler.define_program_argument('NOTE_PROGRAM', 1, 'P_TEXT', 'VARCHAR2', 'by default');
end;
/
begin
  dbms_scheduler.enable('NOTE_PROGRAM');  -- expect error: ORA-27456: not all arguments of program "ORAQ"."NOTE_PROGRAM" have been defined
end;
/
begin
  dbms_scheduler.define_program_argument('NOTE_PROGRAM', 2, 'P_NUMBER', 'NUMBER');
  dbms_scheduler.enable('NOTE_PROGRAM');
  dbms_scheduler.create_schedule('NOTE_SCHEDULE', repeat_interval => 'FREQ=YEARLY');
  dbms_scheduler.create_job('NOTE_JOB', program_name => 'NOTE_PROGRAM', schedule_name => 'NOTE_SCHEDULE');
end;
/
begin
  dbms_scheduler.run_job('NOTE_JOB');  -- expect error: ORA-27457: argument 2 of job "ORAQ"."NOTE_JOB" has no value
end;
/
begin
  dbms_scheduler.set_job_argument_value('NOTE_JOB', argument_name => 'P_NUMBER', argument_value => '21');
  dbms_scheduler.run_job('NOTE_JOB');  -- expect: by default42
  dbms_scheduler.set_job_argument_value('NOTE_JOB', 1, 'set ');
  dbms_scheduler.run_job('NOTE_JOB');  -- expect: set 42
end;
/
declare
  l_job user_scheduler_jobs%rowtype;
begin
  dbms_scheduler.enable('NOTE_JOB');
  select * into l_job from user_scheduler_jobs where job_name = 'NOTE_JOB';
  dbms_output.put_line(l_job.program_name || ' ' || l_job.schedule_name || ' ' || l_job.schedule_type || ' ' || l_job.state);  -- expect: NOTE_PROGRAM NOTE_SCHEDULE NAMED SCHEDULED
end;
/
begin
  dbms_scheduler.disable('NOTE_PROGRAM');  -- expect error: ORA-27479: Cannot disable "ORAQ"."NOTE_PROGRAM" because other objects depend on it
end;
/
declare
  l_at timestamp;
begin
  dbms_scheduler.set_attribute('NOTE_SCHEDULE', 'START_DATE', timestamp '2090-03-01 12:00:00 Europe/Madrid');
  dbms_scheduler.set_attribute('NOTE_SCHEDULE', 'REPEAT_INTERVAL', 'FREQ=MONTHLY;BYMONTHDAY=28');
  select sys_extract_utc(next_run_date) into l_at from user_scheduler_jobs where job_name = 'NOTE_JOB';
  -- Summer time begins on the 26th.
  dbms_output.put_line(to_char(l_at, 'YYYY-MM-DD HH24:MI'));  -- expect: 2090-03-28 10:00
  dbms_scheduler.set_attribute('NOTE_PROGRAM', 'COMMENTS', 'noted');
  for r in (select comments from user_scheduler_programs where program_name = 'NOTE_PROGRAM') loop
    dbms_output.put_line(r.comments);  -- expect: noted
  end loop;
  dbms_scheduler.set_attribute('NOTE_PROGRAM', 'REPEAT_INTERVAL', 'FREQ=DAILY');  -- expect error: ORA-27469: REPEAT_INTERVAL is not a valid attribute
end;
/
begin
  dbms_scheduler.set_attribute('NOTE_JOB', 'RESTART_ON_FAILURE', true);
  for r in (select restart_on_failure, retry_count from user_scheduler_jobs where job_name = 'NOTE_JOB') loop
    dbms_output.put_line(r.restart_on_failure || ' ' || r.retry_count);  -- expect: TRUE 0
  end loop;
  dbms_scheduler.set_attribute_null('NOTE_SCHEDULE', 'START_DATE');
end;
/
begin
  dbms_scheduler.drop_program('NOTE_PROGRAM');  -- expect error: ORA-27479: Cannot drop "ORAQ"."NOTE_PROGRAM" because other objects depend on it
end;
/
begin
  dbms_scheduler.create_job('NOTE_SCHEDULE', 'PLSQL_BLOCK', 'null;');  -- expect error: ORA-27477: "ORAQ"."NOTE_SCHEDULE" already exists
end;
/
begin
  dbms_scheduler.create_job('OTHER_JOB', program_name => 'NO_PROGRAM');  -- expect error: ORA-27476: "ORAQ"."NO_PROGRAM" does not exist
end;
/
begin
  dbms_scheduler.create_job('OTHER_JOB', schedule_name => 'NOTE_SCHEDULE', job_type => 'PLSQL_BLOCK', job_action => 'dbms_output.put_line(''inline'');');
  dbms_scheduler.run_job('OTHER_JOB');  -- expect: inline
  dbms_scheduler.drop_job('OTHER_JOB,NOTE_JOB');
  dbms_scheduler.drop_program('NOTE_PROGRAM');
  dbms_scheduler.drop_schedule('NOTE_SCHEDULE');
  execute immediate 'drop procedure scheduled_note';
end;
/
