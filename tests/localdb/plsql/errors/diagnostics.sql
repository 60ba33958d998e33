-- Database Error Messages 19c, PLS-00001 to PLS-01919; PL/SQL Language Reference 19c where named:
-- which message, at which place, and what is said to be ignored
-- 2 PL/SQL Language Fundamentals, example 2-18, Duplicate Identifiers in Same Scope: wrong where used
declare
  id boolean;
  id varchar2(5);
begin
  id := false;
end;
-- expect error: ORA-06550: line 8, column 3:
-- expect error: PLS-00371: at most one declaration for 'ID' is permitted
-- expect error: PL/SQL: Statement ignored
/
declare
  id boolean;
  id varchar2(5);
begin
  dbms_output.put_line('not used');  -- expect: not used
end;
/
declare
  type t_r is record (a number, a number);
  l_r t_r;
begin
  null;
end;
-- expect error: ORA-06550: line 2, column 33:
-- expect error: PLS-00410: duplicate fields in RECORD,TABLE or argument list are not permitted
-- expect error: PL/SQL: Item ignored
/
declare
  procedure p(a number) is
    a number;
  begin
    null;
  end;
begin
  null;
end;
-- expect error: PLS-00410: duplicate fields in RECORD,TABLE or argument list are not permitted
/
declare
  procedure p(a in out number) is begin a := 2; end;
begin
  p(1);
end;
-- expect error: ORA-06550: line 4, column 5:
-- expect error: PLS-00363: expression '1' cannot be used as an assignment target
/
declare
  x number;
begin
  x(1) := 2;
end;
-- expect error: ORA-06550: line 4, column 3:
-- expect error: PLS-00224: object 'X' must be of type function or array to be used this way
/
declare
  type t is table of number;
  v t := t(1);
begin
  v.no_such;
end;
-- expect error: ORA-06550: line 5, column 5:
-- expect error: PLS-00302: component 'NO_SUCH' must be declared
/
declare
  x dual.no_such%type;
begin
  null;
end;
-- expect error: ORA-06550: line 2, column 10:
-- expect error: PLS-00302: component 'NO_SUCH' must be declared
-- expect error: PL/SQL: Item ignored
/
-- targets of queries
declare
  c constant number := 1;
begin
  select 1 into c from dual;
end;
-- expect error: ORA-06550: line 5, column 17:
-- expect error: PLS-00403: expression 'C' cannot be used as an INTO-target of a SELECT/FETCH statement
-- expect error: PL/SQL: SQL Statement ignored
/
declare
  a number;
  b number;
begin
  select 1 into a, b
  from dual;
end;
-- expect error: ORA-06550: line 6, column 3:
-- expect error: PL/SQL: ORA-00913: too many values
-- expect error: ORA-06550: line 5, column 3:
-- expect error: PL/SQL: SQL Statement ignored
/
declare
  a number;
begin
  select 1, (select 2 from dual) into a from dual;
end;
-- expect error: ORA-06550: line 4, column 41:
-- expect error: PL/SQL: ORA-00947: not enough values
/
declare
  r dual%rowtype;
begin
  select dummy, dummy into r from dual;
end;
-- expect error: PL/SQL: ORA-00947: not enough values
/
declare
  a number;
  cursor c is select 1 as x, 2 as y from dual;
begin
  open c;
  fetch c into a;
end;
-- expect error: ORA-06550: line 6, column 3:
-- expect error: PLS-00394: wrong number of values in the INTO list of a FETCH statement
-- expect error: PL/SQL: SQL Statement ignored
/
declare
  type t_cursor is ref cursor return dual%rowtype;
  c t_cursor;
  a varchar2(1);
  b varchar2(1);
begin
  open c for select dummy from dual;
  fetch c into a, b;
end;
-- expect error: ORA-06550: line 8, column 3:
-- expect error: PLS-00394: wrong number of values in the INTO list of a FETCH statement
/
begin
  select 1 from dual;
end;
-- expect error: ORA-06550: line 2, column 3:
-- expect error: PLS-00428: an INTO clause is expected in this SELECT statement
/
-- cursors
declare
  cursor c is
    select no_such from dual;
  r c%rowtype;
begin
  open c;
  fetch c into r;
end;
-- expect error: ORA-06550: line 4, column 12:
-- expect error: PL/SQL: ORA-00904: "NO_SUCH": invalid identifier
-- expect error: ORA-06550: line 4, column 5:
-- expect error: PL/SQL: SQL Statement ignored
-- expect error: ORA-06550: line 5, column 5:
-- expect error: PLS-00341: declaration of cursor 'C' is incomplete or malformed
-- expect error: PL/SQL: Item ignored
-- expect error: ORA-06550: line 8, column 16:
-- expect error: PLS-00320: the declaration of the type of this expression is incomplete or malformed
/
declare
  cursor c is select no_such from dual;
begin
  for r in c loop
    dbms_output.put_line(r.no_such);
  end loop;
end;
-- expect error: ORA-06550: line 5, column 26:
-- expect error: PLS-00364: loop index variable 'R' use is invalid
/
declare
  c sys_refcursor;
begin
  for r in c loop
    null;
  end loop;
end;
-- expect error: ORA-06550: line 4, column 12:
-- expect error: PLS-00221: 'C' is not a procedure or is undefined
/
declare
  x number;
begin
  open x;
end;
-- expect error: PL/SQL: SQL Statement ignored
/
-- 11 PL/SQL Error Handling: an exception out of its scope
begin
  declare
    e_inner exception;
  begin
    raise e_inner;
  end;
exception
  when e_inner then
    null;
end;
-- expect error: ORA-06550: line 9, column 8:
-- expect error: PLS-00201: identifier 'E_INNER' must be declared
-- expect error: ORA-06550: line 0, column 0:
-- expect error: PL/SQL: Compilation unit analysis terminated
/
begin
  for i in 1 .. 3 loop
    null;
  end loop no_label;
end;
-- expect error: ORA-06550: line 4, column 12:
-- expect error: PLS-00103: Encountered the symbol "NO_LABEL" when expecting one of the following:
/
-- what USER_ERRORS shows of units
create or replace procedure wrong_unit is
begin
  :x := 1;
end wrong_unit;
/
begin
  for e in (select * from user_errors where name = 'WRONG_UNIT' order by sequence) loop
    dbms_output.put_line(e.line || '/' || e.position || ' ' || e.text);
  end loop;
end;
-- expect: 3/3 PLS-00049: bad bind variable 'X'
/
create or replace function wrong_unit(a no_such_type) return number is
begin
  return 1;
end wrong_unit;
-- expect error: ORA-00955: name is already used by an existing object
/
drop procedure wrong_unit
/
create or replace function wrong_unit(a no_such_type) return number is
begin
  return 1;
end wrong_unit;
/
begin
  for e in (select * from user_errors where name = 'WRONG_UNIT' order by sequence) loop
    dbms_output.put_line(e.line || '/' || e.position || ' ' || e.text);
  end loop;
end;
-- expect: 1/23 PLS-00201: identifier 'NO_SUCH_TYPE' must be declared
-- expect: 0/0 PL/SQL: Compilation unit analysis terminated
/
drop function wrong_unit
/
create or replace package body wrong_unit is
  procedure p is begin null; end;
end wrong_unit;
/
begin
  for e in (select * from user_errors where name = 'WRONG_UNIT' order by sequence) loop
    dbms_output.put_line(e.line || '/' || e.position || ' ' || e.text);
  end loop;
end;
-- expect: 1/14 PLS-00201: identifier 'WRONG_UNIT' must be declared
-- expect: 1/14 PLS-00304: cannot compile body of 'WRONG_UNIT' without its specification
-- expect: 0/0 PL/SQL: Compilation unit analysis terminated
/
create or replace package wrong_unit is
  procedure p;
  procedure q;
end wrong_unit;
/
create or replace package body wrong_unit is
  procedure p is begin null; end;
end wrong_unit;
/
begin
  for e in (select * from user_errors where name = 'WRONG_UNIT' order by sequence) loop
    dbms_output.put_line(e.line || '/' || e.position || ' ' || e.text);
  end loop;
end;
-- expect: 3/13 PLS-00323: subprogram or cursor 'Q' is declared in a package specification and must be defined in the package body
/
drop package wrong_unit
/
