-- PL/SQL Language Reference 19c, 8 PL/SQL Subprograms, "PL/SQL Functions that SQL Statements Can Invoke";
-- Database Error Messages 19c: ORA-06553, ORA-06572, ORA-14551, ORA-14552
begin
  execute immediate 'create table fun_errors (id number, n number)';
  execute immediate 'insert into fun_errors select level, level from dual connect by level < 4';
  execute immediate q'[create or replace function fun_fails(p_n in number) return number is
begin
  if p_n = 2 then
    raise_application_error(-20042, 'not ' || p_n);
  end if;
  return p_n;
end fun_fails;]';
  execute immediate q'[create or replace function fun_writes(p_n in number) return number is
begin
  insert into fun_errors values (p_n + 100, 0);
  return p_n;
end fun_writes;]';
  execute immediate q'[create or replace function fun_commits(p_n in number) return number is
begin
  commit;
  return p_n;
end fun_commits;]';
  execute immediate q'[create or replace function fun_logs(p_n in number) return number is
  pragma autonomous_transaction;
begin
  insert into fun_errors values (p_n + 200, 0);
  commit;
  return p_n;
end fun_logs;]';
  execute immediate q'[create or replace function fun_out(p_n in out number) return number is
begin
  return p_n;
end fun_out;]';
end;
/
declare
  l_sum number;
begin
  select sum(fun_fails(id)) into l_sum from fun_errors;
  -- expect error: ORA-20042: not 2
end;
/
-- rows that are not reached do no harm
declare
  l_sum number;
begin
  select sum(fun_fails(id)) into l_sum from fun_errors where id <> 2;
  dbms_output.put_line(l_sum);  -- expect: 4
  select sum(case when mod(id, 2) = 1 then fun_fails(id) else 0 end) into l_sum from fun_errors;
  dbms_output.put_line(l_sum);  -- expect: 4
end;
/
declare
  l_sum number;
begin
  select sum(fun_writes(id)) into l_sum from fun_errors;
  -- expect error: ORA-14551: cannot perform a DML operation inside a query
end;
/
declare
  l_sum number;
begin
  select fun_writes(7) into l_sum from dual;
  -- expect error: ORA-14551: cannot perform a DML operation inside a query
end;
/
declare
  l_sum number;
begin
  select sum(fun_commits(id)) into l_sum from fun_errors;
  -- expect error: ORA-14552: cannot perform a DDL, commit or rollback inside a query or DML
end;
/
begin
  update fun_errors set n = fun_commits(id);
  -- expect error: ORA-14552: cannot perform a DDL, commit or rollback inside a query or DML
end;
/
declare
  l_sum number;
begin
  select sum(fun_logs(id)) into l_sum from fun_errors where id < 3;
  dbms_output.put_line(l_sum);  -- expect: 3
  select count(*) into l_sum from fun_errors where id > 200;
  dbms_output.put_line(l_sum);  -- expect: 2
end;
/
declare
  l_sum number;
begin
  execute immediate 'select sum(fun_out(id)) from fun_errors' into l_sum;
  -- expect error: ORA-06572: Function FUN_OUT has out arguments
end;
/
declare
  l_sum number;
begin
  execute immediate 'select sum(fun_fails(id, n)) from fun_errors' into l_sum;
  -- expect error: ORA-06553: PLS-306: wrong number or types of arguments in call to 'FUN_FAILS'
end;
/
-- a statement that fails leaves nothing of its own
declare
  l_count number;
begin
  begin
    update fun_errors set n = 10 * fun_fails(id) where id < 4;
  exception
    when others then
      dbms_output.put_line(sqlcode);  -- expect: -20042
  end;
  select count(*) into l_count from fun_errors where n >= 10;
  dbms_output.put_line(l_count);  -- expect: 0
end;
/
-- only what a package shows can be called
declare
  l_sum number;
  function own(p_n in number) return number is
  begin
    return p_n;
  end own;
begin
  select sum(own(id)) into l_sum from fun_errors;
  -- expect error: PLS-00231: function 'OWN' may not be used in SQL
end;
/
