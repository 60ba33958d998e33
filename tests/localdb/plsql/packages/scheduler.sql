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
