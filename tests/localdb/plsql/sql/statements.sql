-- PL/SQL Language Reference 19c, 6 PL/SQL Static SQL; 12 PL/SQL Optimization, FORALL
begin
  execute immediate 'create table plsql_items (id number primary key, name varchar2(20), price number(8,2), made date)';
end;
/
declare
  l_id    plsql_items.id%type;
  l_name  varchar2(20);
  l_item  plsql_items%rowtype;
  l_price number := 2.5;
begin
  insert into plsql_items (id, name, price) values (1, 'one', l_price) returning id, name into l_id, l_name;
  dbms_output.put_line(l_id || l_name || sql%rowcount);  -- expect: 1one1
  l_item.id := 2;
  l_item.name := 'two';
  l_item.price := 3;
  l_item.made := date '2024-01-02';
  insert into plsql_items values l_item;
  l_item.name := 'deux';
  update plsql_items set row = l_item where id = 2;
  select * into l_item from plsql_items where id = 2;
  dbms_output.put_line(l_item.name || to_char(l_item.made, 'YYYY-MM-DD'));  -- expect: deux2024-01-02
  update plsql_items set price = price + 1 where id > 100;
  dbms_output.put_line(case when sql%notfound then 'none' end || sql%rowcount);  -- expect: none0
  delete from plsql_items where id = 1 returning id into l_id;
  dbms_output.put_line(l_id);  -- expect: 1
end;
/
-- A column wins over a variable of the same name.
declare
  id number := 7;
  l_count number;
begin
  insert into plsql_items (id, name) values (7, 'seven');
  insert into plsql_items (id, name) values (8, 'eight');
  select count(*) into l_count from plsql_items where id = id;
  dbms_output.put_line(l_count);  -- expect: 2
end;
/
declare
  l_n number;
begin
  select id into l_n from plsql_items where id = -1;
exception
  when no_data_found then
    dbms_output.put_line(sqlcode || ' ' || sqlerrm);  -- expect: 100 ORA-01403: no data found
end;
/
declare
  l_n number;
begin
  insert into plsql_items (id) values (1);
  begin
    insert into plsql_items (id) values (1);
  exception
    when dup_val_on_index then
      dbms_output.put_line('twice');  -- expect: twice
  end;
  -- The statement that failed has undone itself alone.
  select count(*) into l_n from plsql_items;
  dbms_output.put_line(l_n);  -- expect: 1
end;
/
declare
  type t_ids is table of plsql_items.id%type index by pls_integer;
  type t_items is table of plsql_items%rowtype index by pls_integer;
  l_ids   t_ids;
  l_items t_items;
  l_names dbms_output.chararr;
begin
  for i in 1 .. 5 loop
    l_ids(i) := i * 10;
  end loop;
  forall i in 1 .. l_ids.count
    insert into plsql_items (id, name) values (l_ids(i), 'n' || l_ids(i));
  dbms_output.put_line(sql%rowcount || ' ' || sql%bulk_rowcount(3));  -- expect: 5 1
  select * bulk collect into l_items from plsql_items order by id;
  dbms_output.put_line(l_items.count || l_items(2).name);  -- expect: 5n20
  select name bulk collect into l_names from plsql_items where id > 20 order by id desc;
  dbms_output.put_line(l_names(1));  -- expect: n50
  forall i in indices of l_ids between 2 and 3
    delete from plsql_items where id = l_ids(i);
  dbms_output.put_line(sql%rowcount);  -- expect: 2
  l_items(1).id := 99;
  l_items(2).id := 98;
  forall i in 1 .. 2
    insert into plsql_items values l_items(i);
  update plsql_items set price = 1 returning id bulk collect into l_ids;
  dbms_output.put_line(l_ids.count);  -- expect: 5
  forall i in 1 .. l_ids.count
    delete from plsql_items where id = l_ids(i) returning name bulk collect into l_names;
  dbms_output.put_line(l_names.count || ' ' || sql%rowcount);  -- expect: 5 5
end;
/
declare
  type t_ids is table of number;
  l_ids t_ids := t_ids(1, 1, 2, 2, 3);
  e_bulk exception;
  pragma exception_init(e_bulk, -24381);
begin
  forall i in 1 .. l_ids.count save exceptions
    insert into plsql_items (id) values (l_ids(i));
exception
  when e_bulk then
    dbms_output.put_line(sql%bulk_exceptions.count);  -- expect: 2
    dbms_output.put_line(sql%bulk_exceptions(2).error_index || ' ' || sql%bulk_exceptions(2).error_code);  -- expect: 4 1
    dbms_output.put_line(sql%rowcount);  -- expect: 3
end;
/
declare
  function twice(p in number) return number is
  begin
    return p * 2;
  end twice;
  l_n number;
begin
  insert into plsql_items (id, price) values (twice(2), twice(3.25));
  select price into l_n from plsql_items where id = 4;
  dbms_output.put_line(l_n);
end;
-- expect error: PLS-00231: function 'TWICE' may not be used in SQL
/
declare
  l_id number;
begin
  merge into plsql_items i
  using (select 1 as id, 'm' as name from dual) s on (i.id = s.id)
  when matched then update set i.name = s.name
  when not matched then insert (id, name) values (s.id, s.name);
  dbms_output.put_line(sql%rowcount);  -- expect: 1
  for r in (select id, name from plsql_items) loop
    dbms_output.put_line(r.id || r.name);  -- expect: 1m
  end loop;
end;
/
begin
  select id from plsql_items;
end;
-- expect error: PLS-00428: an INTO clause is expected in this SELECT statement
/
begin
  insert into plsql_missing (id) values (1);
end;
-- expect error: PL/SQL: ORA-00942: table or view does not exist
-- expect error: PL/SQL: SQL Statement ignored
/
begin
  execute immediate 'drop table plsql_items';
end;
/
