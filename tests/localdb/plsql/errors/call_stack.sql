-- PL/SQL Packages and Types Reference 19c, DBMS_UTILITY, FORMAT_CALL_STACK Function: the call stack
-- at the point of the call, up to 2000 bytes: handle, line and name of each object
declare
  procedure show is
  begin
    dbms_output.put_line(regexp_replace(dbms_utility.format_call_stack, '0x[[:xdigit:]]+ *', ''));
  end show;
begin
  show;
end;
-- expect: ----- PL/SQL Call Stack -----
-- expect:   object      line  object
-- expect:   handle    number  name
-- expect: 6  anonymous block
-- expect: 9  anonymous block
-- expect:
/
-- a handle of ten places and a line of ten
declare
  l_line varchar2(200);
begin
  l_line := regexp_substr(dbms_utility.format_call_stack, '[^' || chr(10) || ']+', 1, 4);
  dbms_output.put_line(regexp_instr(l_line, '^0x[[:xdigit:]]{8}         5  anonymous block$'));  -- expect: 1
end;
/
create or replace package stack_sample authid definer is
  procedure outer_one;
  function at_start return varchar2;
end stack_sample;
/
create or replace package body stack_sample is
  g_start varchar2(2000);
  function here return varchar2 is
  begin
    return regexp_replace(dbms_utility.format_call_stack, '0x[[:xdigit:]]+ *');
  end here;
  procedure outer_one is
    procedure inner_one is
    begin
      if 1 = 1 then
        for i in 1 .. 1 loop
          dbms_output.put_line(regexp_substr(here, '5  .*', 1, 1, 'n'));
        end loop;
      end if;
    end inner_one;
  begin
    null;
    inner_one;
  end outer_one;
  function at_start return varchar2 is
  begin
    return g_start;
  end at_start;
begin
  g_start := here;
end stack_sample;
/
create or replace procedure stack_sample_caller authid definer is
begin
  stack_sample.outer_one;
end stack_sample_caller;
/
begin
  execute immediate 'begin stack_sample_caller; end;';
end;
-- expect: 5  package body ORAQ.STACK_SAMPLE.HERE
-- expect: 12  package body ORAQ.STACK_SAMPLE.OUTER_ONE.INNER_ONE
-- expect: 18  package body ORAQ.STACK_SAMPLE.OUTER_ONE
-- expect: 3  procedure ORAQ.STACK_SAMPLE_CALLER
-- expect: 1  anonymous block
-- expect: 2  anonymous block
-- expect:
/
begin
  dbms_output.put_line(regexp_substr(stack_sample.at_start, '5  .*', 1, 1, 'n'));
end;
-- expect: 5  package body ORAQ.STACK_SAMPLE.HERE
-- expect: 25  package body ORAQ.STACK_SAMPLE
-- expect: 2  anonymous block
-- expect:
/
-- FORMAT_ERROR_STACK: the errors, each under what was raised while it was handled, and the lines of
-- the calls that they have left; FORMAT_ERROR_BACKTRACE has the handler's own call as well
declare
  procedure third is
  begin
    raise no_data_found;
  exception
    when others then
      raise too_many_rows;
  end third;
  procedure second is
  begin
    third;
  exception
    when others then
      raise dup_val_on_index;
  end second;
begin
  second;
exception
  when others then
    dbms_output.put_line(dbms_utility.format_error_stack);
end;
-- expect: ORA-00001: unique constraint (.) violated
-- expect: ORA-06512: at line 16
-- expect: ORA-01422: exact fetch returns more than requested number of rows
-- expect: ORA-06512: at line 9
-- expect: ORA-01403: no data found
-- expect:
/
declare
  procedure fails is
  begin
    raise no_data_found;
  end fails;
begin
  fails;
exception
  when others then
    dbms_output.put(dbms_utility.format_error_stack);
    dbms_output.put_line('--');
    dbms_output.put_line(dbms_utility.format_error_backtrace);
end;
-- expect: ORA-01403: no data found
-- expect: ORA-06512: at line 4
-- expect: --
-- expect: ORA-06512: at line 4
-- expect: ORA-06512: at line 7
-- expect:
/
begin
  dbms_output.put_line(nvl(dbms_utility.format_error_stack, 'none'));  -- expect: none
  dbms_output.put_line(nvl(dbms_utility.format_error_backtrace, 'none'));  -- expect: none
end;
/
begin
  dbms_output.put_line(utl_call_stack.dynamic_depth);  -- expect error: ORA-03001: unimplemented feature: UTL_CALL_STACK
end;
/
drop procedure stack_sample_caller
/
drop package stack_sample
/
