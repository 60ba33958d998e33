-- PL/SQL Language Reference 19c, 6 PL/SQL Static SQL, "Querying a Collection"
-- SQL Language Reference 19c, SELECT, table_collection_expression; "MEMBER Condition"
begin
  execute immediate 'create or replace type rows_names as table of varchar2(10)';
  execute immediate 'create or replace type rows_numbers as varray(10) of number';
  execute immediate 'create table rows_items (id number, name varchar2(10))';
  execute immediate q'[insert into rows_items select level, 'n' || level from dual connect by level <= 5]';
  execute immediate q'[create or replace package rows_types as
  type pair is record (n number, t varchar2(20), d date);
  type pairs is table of pair;
  type items is table of rows_items%rowtype index by pls_integer;
  type days is table of date;
  type by_name is table of number index by varchar2(10);
  function three(p_from in number) return rows_numbers;
end rows_types;]';
  execute immediate q'[create or replace package body rows_types as
  function three(p_from in number) return rows_numbers is
  begin
    return rows_numbers(p_from, null, p_from + 2);
  end three;
end rows_types;]';
  commit;
end;
/
declare
  l_names rows_names := rows_names('n1', 'n5', 'x''"é');
  l_none rows_names;
  l_count pls_integer;
begin
  for r in (select column_value v from table(l_names) order by 1 desc) loop
    dbms_output.put_line(r.v);  -- expect: x'"é
  end loop;  -- expect: n5
  -- expect: n1
  select count(*) into l_count from rows_items where name in (select column_value from table(l_names));
  dbms_output.put_line(l_count);  -- expect: 2
  select count(*) into l_count from table(l_none);
  dbms_output.put_line(l_count);  -- expect: 0
  select count(*) into l_count from rows_items where name member of l_names;
  dbms_output.put_line(l_count);  -- expect: 2
  select count(*) into l_count from rows_items where name not member of l_names;
  dbms_output.put_line(l_count);  -- expect: 3
  select sum(t.column_value) into l_count from table(cast(rows_types.three(4) as rows_numbers)) t;
  dbms_output.put_line(l_count);  -- expect: 10
  update rows_items set name = 'z' where name in (select * from table(l_names));
  dbms_output.put_line(sql%rowcount);  -- expect: 2
  insert into rows_items (name) select column_value from table(l_names);
  dbms_output.put_line(sql%rowcount);  -- expect: 3
end;
/
-- The columns of a collection of records are its fields, in 12.1 and later also of a package's type.
declare
  l_pairs rows_types.pairs := rows_types.pairs(
    rows_types.pair(2, 'b', date '2024-02-29'), rows_types.pair(1, null, null));
  l_items rows_types.items;
  l_days rows_types.days := rows_types.days(date '2024-01-01', date '2025-01-01');
  l_count pls_integer;
begin
  for r in (select n, t, d + 1 d from table(l_pairs) order by n) loop
    dbms_output.put_line(r.n || r.t || to_char(r.d, 'YYYY-MM-DD'));  -- expect: 1
  end loop;  -- expect: 2b2024-03-01
  select * bulk collect into l_items from rows_items where id > 3;
  select count(*) into l_count from table(l_items) t join rows_items i on i.id = t.id;
  dbms_output.put_line(l_count);  -- expect: 2
  select count(*) into l_count from table(l_days) where column_value > date '2024-06-01';
  dbms_output.put_line(l_count);  -- expect: 1
end;
/
declare
  l_rows sys_refcursor;
  l_text varchar2(10);
begin
  open l_rows for 'select max(column_value) from table(rows_names(''p'', ''q''))';
  fetch l_rows into l_text;
  dbms_output.put_line(l_text);  -- expect: q
  close l_rows;
  execute immediate 'select count(column_value) from table(rows_types.three(1))' into l_text;
  dbms_output.put_line(l_text);  -- expect: 2
  execute immediate 'select 1 from table(nobodys_rows(1))' into l_text;
end;  -- expect error: ORA-00904: "NOBODYS_ROWS": invalid identifier
/
declare
  type numbers is table of number;
  l_numbers numbers := numbers(1);
  l_count pls_integer;
begin
  select count(*) into l_count from table(l_numbers);  -- expect error: PLS-00642: local collection types not allowed in SQL statements
end;
/
declare
  l_by_name rows_types.by_name;
  l_count pls_integer;
begin
  select count(*) into l_count from table(l_by_name);  -- expect error: PLS-00642: local collection types not allowed in SQL statements
end;
/
declare
  l_number number := 1;
  l_count pls_integer;
begin
  select count(*) into l_count from table(l_number);  -- expect error: PL/SQL: ORA-22905: cannot access rows from a non-nested table item
end;
/
