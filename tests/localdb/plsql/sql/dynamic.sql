-- PL/SQL Language Reference 19c, 7 PL/SQL Dynamic SQL
begin
  execute immediate 'create table plsql_dynamic (id number, name varchar2(10))';
end;
/
declare
  l_n    number;
  l_name varchar2(10);
  l_id   number;
  l_row  plsql_dynamic%rowtype;
  type t_ids is table of number;
  l_ids  t_ids;
begin
  for i in 1 .. 3 loop
    execute immediate 'insert into plsql_dynamic values (:1, :2)' using i, 'n' || i;
  end loop;
  dbms_output.put_line(sql%rowcount);  -- expect: 1
  execute immediate 'select count(*), max(name) from plsql_dynamic' into l_n, l_name;
  dbms_output.put_line(l_n || l_name);  -- expect: 3n3
  execute immediate 'select * from plsql_dynamic where id = :x' into l_row using 2;
  dbms_output.put_line(l_row.name);  -- expect: n2
  execute immediate 'select id from plsql_dynamic order by id' bulk collect into l_ids;
  dbms_output.put_line(l_ids.count || l_ids(3));  -- expect: 33
  execute immediate 'update plsql_dynamic set name = :1 where id = :2 returning id into :3'
    using 'z', 3 returning into l_id;
  dbms_output.put_line(l_id);  -- expect: 3
  execute immediate 'begin :result := :a + :b; end;' using out l_n, in 1, in 2;
  dbms_output.put_line(l_n);  -- expect: 3
  execute immediate 'begin select name into :n from plsql_dynamic where id = :i; end;' using out l_name, 3;
  dbms_output.put_line(l_name);  -- expect: z
  execute immediate 'select id from plsql_dynamic where 1 = 0' into l_id;
end;
-- expect error: ORA-01403: no data found
/
declare
  c sys_refcursor;
  l_n number;
begin
  insert into plsql_dynamic values (5, 'five');
  open c for 'select id from plsql_dynamic where id > :1' using 4;
  fetch c into l_n;
  dbms_output.put_line(l_n || case when c%found then 'f' end);  -- expect: 5f
  fetch c into l_n;
  dbms_output.put_line(case when c%notfound then 'nf' end || c%rowcount);  -- expect: nf1
  close c;
  fetch c into l_n;
end;
-- expect error: ORA-01001: invalid cursor
/
begin
  execute immediate null;
end;
-- expect error: ORA-06535: statement string in EXECUTE IMMEDIATE is NULL or 0 length
/
begin
  execute immediate 'begin dbms_output.put_line(:a); end;';
end;
-- expect error: ORA-01008: not all variables bound
/
begin
  execute immediate 'begin nothing_here; end;';
end;
-- expect error: PLS-00201: identifier 'NOTHING_HERE' must be declared
/
declare
  l_n number;
begin
  execute immediate 'create or replace function plsql_doubled(p in number) return number is begin return p * 2; end;';
  execute immediate 'begin :r := plsql_doubled(21); end;' using out l_n;
  dbms_output.put_line(l_n);  -- expect: 42
  execute immediate 'select plsql_doubled(4) from dual' into l_n;
  dbms_output.put_line(l_n);  -- expect: 8
  execute immediate 'drop function plsql_doubled';
  execute immediate 'drop table plsql_dynamic';
end;
/
