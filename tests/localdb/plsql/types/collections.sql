-- PL/SQL Language Reference 19c, CREATE TYPE Statement; 5 PL/SQL Collections and Records
begin
  execute immediate 'create or replace type t_types_numbers as table of number';
  execute immediate 'create or replace type t_types_row is varray(2) of varchar2(5)';
  execute immediate 'create or replace type t_types_matrix as table of t_types_numbers;';
end;
/
declare
  l_numbers t_types_numbers := t_types_numbers(3, 1, 2);
  l_matrix t_types_matrix := t_types_matrix(l_numbers, t_types_numbers());
begin
  l_numbers.extend;
  dbms_output.put_line(l_numbers.count || ' ' || l_matrix(1).count || ' ' || l_matrix(2).count);  -- expect: 4 3 0
end;
/
declare
  l_row t_types_row := t_types_row('a', 'b');
begin
  dbms_output.put_line(l_row(1) || l_row(2));  -- expect: ab
  l_row.extend;  -- expect error: ORA-06532: Subscript outside of limit
end;
/
declare
  l_row t_types_row := t_types_row('too long');  -- expect error: ORA-06502: PL/SQL: numeric or value error: character string buffer too small
begin
  null;
end;
/
-- the same type everywhere: what one unit returns fits the variable of another
begin
  execute immediate '
    create or replace function types_first(p_count in number) return t_types_numbers is
      l_numbers t_types_numbers := t_types_numbers();
    begin
      for i in 1 .. p_count loop
        l_numbers.extend;
        l_numbers(i) := i * i;
      end loop;
      return l_numbers;
    end;';
end;
/
declare
  l_numbers t_types_numbers := types_first(3);
begin
  dbms_output.put_line(l_numbers(3) || ' ' || types_first(2)(2));  -- expect: 9 4
end;
/
-- a changed type makes what uses it invalid; the next use compiles it again
begin
  execute immediate 'create or replace type t_types_row is varray(3) of varchar2(20)';
end;
/
declare
  l_row t_types_row := t_types_row('long enough', 'b', 'c');
begin
  dbms_output.put_line(l_row.count || l_row.limit);  -- expect: 33
end;
/
begin
  execute immediate 'create type t_types_row as table of number';  -- expect error: ORA-00955: name is already used by an existing object
end;
/
begin
  execute immediate 'create or replace type t_types_object as object (a number)';  -- expect error: ORA-03001: unimplemented feature: CREATE TYPE ... AS OBJECT
end;
/
declare
  l_count number;
begin
  select count(*) into l_count from user_objects where object_type = 'TYPE' and object_name like 'T\_TYPES\_%' escape '\';
  dbms_output.put_line(l_count);  -- expect: 3
end;
/
begin
  execute immediate 'drop function types_first';
  execute immediate 'drop type t_types_matrix';
  execute immediate 'drop type t_types_numbers';
  execute immediate 'drop type t_types_row force';
end;
/
declare
  l_numbers t_types_numbers;  -- expect error: PLS-00201: identifier 'T_TYPES_NUMBERS' must be declared
begin
  null;
end;
/
-- What is refused is not there: whoever names it afterwards is told so.
declare
  l_count pls_integer;
begin
  begin
    execute immediate 'create type t_types_refused as object (a number)';
  exception
    when others then
      dbms_output.put_line(sqlerrm);  -- expect: ORA-03001: unimplemented feature: CREATE TYPE ... AS OBJECT
  end;
  select count(*) into l_count from user_objects where object_name = 'T_TYPES_REFUSED';
  dbms_output.put_line(l_count);  -- expect: 0
  execute immediate 'declare l t_types_refused; begin null; end;';  -- expect error: PLS-00201: identifier 'T_TYPES_REFUSED' must be declared
end;
/
