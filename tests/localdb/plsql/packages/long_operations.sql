-- PL/SQL Packages and Types Reference 19c, DBMS_APPLICATION_INFO, SET_SESSION_LONGOPS
declare
  l_row binary_integer := dbms_application_info.set_session_longops_nohint;
  l_slno binary_integer;
begin
  for i in 1 .. 2 loop
    dbms_application_info.set_session_longops(
      rindex => l_row, slno => l_slno, op_name => 'load', target => 7, sofar => i, totalwork => 4,
      target_desc => 'rows', units => 'files');
  end loop;
  for r in (
    select opname, target_desc, sofar, totalwork, units, context, username from v$session_longops
    where sid = sys_context('userenv', 'sid') and opname = 'load'
  ) loop
    dbms_output.put_line(r.opname || ' ' || r.target_desc || ' ' || r.sofar || '/' || r.totalwork || ' ' || r.units);  -- expect: load rows 2/4 files
    dbms_output.put_line(r.context || ' ' || case when r.username = user then 'mine' end);  -- expect: 0 mine
  end loop;
end;
/
