-- Database Development Guide 19c, 27 Understanding Schema Object Dependency, "Invalidation of Dependent
-- Objects", "Object Revalidation": what is invalid is compiled again when it is used.
begin
  begin
    execute immediate 'create or replace procedure validity_late is
  l_count pls_integer;
begin
  select count(*) into l_count from validity_rows;
  dbms_output.put_line(l_count);
end validity_late;';
  exception
    when others then null;  -- drivers raise ORA-24344 or give a warning
  end;
  for r in (select status from user_objects where object_name = 'VALIDITY_LATE') loop
    dbms_output.put_line(r.status);  -- expect: INVALID
  end loop;
  execute immediate 'begin validity_late; end;';  -- expect error: PLS-00905: object ORAQ.VALIDITY_LATE is invalid
end;
/
declare
  l_errors pls_integer;
begin
  execute immediate 'create table validity_rows (id number)';
  execute immediate 'begin validity_late; end;';  -- expect: 0
  for r in (select status from user_objects where object_name = 'VALIDITY_LATE') loop
    dbms_output.put_line(r.status);  -- expect: VALID
  end loop;
  select count(*) into l_errors from user_errors where name = 'VALIDITY_LATE';
  dbms_output.put_line(l_errors);  -- expect: 0
end;
/
begin
  execute immediate 'drop table validity_rows';
  begin
    execute immediate 'begin validity_late; end;';
  exception
    when others then
      dbms_output.put_line(sqlcode);  -- expect: -6550
  end;
  for r in (select status from user_objects where object_name = 'VALIDITY_LATE') loop
    dbms_output.put_line(r.status);  -- expect: INVALID
  end loop;
  for r in (select line, text from user_errors where name = 'VALIDITY_LATE' and text like '%ORA-%') loop
    dbms_output.put_line(r.line || ' ' || r.text);  -- expect: 4 PL/SQL: ORA-00942: table or view does not exist
  end loop;
end;
/
-- The body of a package, whose specification stays valid.
begin
  execute immediate 'create or replace package validity_body is procedure go; end;';
  begin
    execute immediate 'create or replace package body validity_body is procedure go is begin validity_helper; end; end;';
  exception
    when others then null;
  end;
  begin
    execute immediate 'begin validity_body.go; end;';
  exception
    when others then
      dbms_output.put_line(substr(sqlerrm, 1, 9));  -- expect: ORA-04063
  end;
  execute immediate q'[create or replace procedure validity_helper is begin dbms_output.put_line('helped'); end;]';
  execute immediate 'begin validity_body.go; end;';  -- expect: helped
  execute immediate 'create or replace procedure validity_helper(p_n in number) is begin null; end;';
  begin
    execute immediate 'begin validity_body.go; end;';
  exception
    when others then
      dbms_output.put_line(substr(sqlerrm, 1, 9));  -- expect: ORA-04063
  end;
end;
/
