-- PL/SQL Language Reference 19c, 10 PL/SQL Packages, SERIALLY_REUSABLE Packages: state lives for one
-- call to the server (examples 10-5 and 10-6)
create or replace package reused authid definer is
  pragma serially_reusable;
  n number := 5;
  cursor c is select 1 as one from dual;
  function next_one return number;
end reused;
/
create or replace package body reused is
  pragma serially_reusable;
  g_calls number := 0;
  function next_one return number is
  begin
    g_calls := g_calls + 1;
    return g_calls;
  end next_one;
begin
  dbms_output.put_line('starts');
end reused;
/
begin
  reused.n := 10;
  dbms_output.put_line(reused.next_one);
  dbms_output.put_line(reused.next_one);
  dbms_output.put_line(reused.n);
end;
-- expect: starts
-- expect: 1
-- expect: 2
-- expect: 10
/
begin
  dbms_output.put_line(reused.n);
  dbms_output.put_line(reused.next_one);
  open reused.c;
end;
-- expect: starts
-- expect: 5
-- expect: 1
/
-- the cursor was closed with the call
begin
  if not reused.c%isopen then
    dbms_output.put_line('closed');
  end if;
  open reused.c;
end;
-- expect: starts
-- expect: closed
/
-- one call of the client is one call to the server, whatever it runs inside
begin
  reused.n := 11;
  execute immediate 'begin dbms_output.put_line(reused.n); end;';
  dbms_output.put_line(reused.n);
end;
-- expect: starts
-- expect: 11
-- expect: 11
/
-- error messages, ORA-06534: no access from PL/SQL that SQL calls
select reused.next_one from dual
-- expect error: ORA-06534: Cannot access Serially Reusable package ORAQ.REUSED
/
-- the pragma stands in both or in neither
create or replace package body reused is
  function next_one return number is
  begin
    return 1;
  end next_one;
end reused;
/
begin
  for error in (select text from user_errors where name = 'REUSED') loop
    dbms_output.put_line(error.text);
  end loop;
end;
-- expect: PLS-00709: pragma SERIALLY_REUSABLE must be declared in package specification and body
/
-- a specification alone may have it
create or replace package reused_alone authid definer is
  pragma serially_reusable;
  n number := 1;
end reused_alone;
/
begin
  reused_alone.n := reused_alone.n + 1;
  dbms_output.put_line(reused_alone.n);  -- expect: 2
end;
/
begin
  dbms_output.put_line(reused_alone.n);  -- expect: 1
end;
/
drop package reused
/
drop package reused_alone
/
