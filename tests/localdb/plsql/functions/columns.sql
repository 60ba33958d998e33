-- PL/SQL Language Reference 19c, 8 PL/SQL Subprograms, "PL/SQL Functions that SQL Statements Can Invoke"
-- SQL Language Reference 19c, 5 Expressions, "Function Expressions"
begin
  execute immediate 'create table fun_items (id number primary key, name varchar2(20), price number(8,2), sold date)';
  execute immediate q'[insert into fun_items values (1, 'ink', 10, date '2020-01-31')]';
  execute immediate q'[insert into fun_items values (2, 'pen', 20.5, date '2020-02-29')]';
  execute immediate q'[insert into fun_items values (3, null, null, null)]';
  execute immediate q'[create or replace function fun_twice(p_n in number) return number deterministic is
begin
  return 2 * p_n;
end fun_twice;]';
  execute immediate q'[create or replace function fun_label(p_name in varchar2, p_tail in varchar2 default '!') return varchar2 is
begin
  return upper(p_name) || p_tail;
end fun_label;]';
  execute immediate q'[create or replace package fun_dates as
  g_calls pls_integer := 0;
  function next_day_of(p_day in date) return date;
  function name_of(p_id in number) return varchar2;
  function pick(p_n in number) return varchar2;
  function pick(p_t in varchar2) return varchar2;
end fun_dates;]';
  execute immediate q'[create or replace package body fun_dates as
  function next_day_of(p_day in date) return date is
  begin
    return p_day + 1;
  end next_day_of;
  function name_of(p_id in number) return varchar2 is
    l_name fun_items.name%type;
  begin
    g_calls := g_calls + 1;
    select name into l_name from fun_items where id = p_id;
    return l_name;
  end name_of;
  function pick(p_n in number) return varchar2 is
  begin
    return 'number ' || p_n;
  end pick;
  function pick(p_t in varchar2) return varchar2 is
  begin
    return 'text ' || p_t;
  end pick;
end fun_dates;]';
  execute immediate 'create synonym fun_double for fun_twice';
end;
/
-- select list, ORDER BY
begin
  for r in (select id, fun_twice(price) as twice from fun_items order by fun_twice(id) desc) loop
    dbms_output.put_line(r.id || ' ' || nvl(to_char(r.twice), 'none'));
  end loop;
  -- expect: 3 none
  -- expect: 2 41
  -- expect: 1 20
end;
/
-- WHERE, with a bind and a constant among the arguments; named notation
declare
  l_least number := 30;
  l_count number;
begin
  select count(*) into l_count from fun_items where fun_twice(price) > l_least;
  dbms_output.put_line(l_count);  -- expect: 1
  select count(*) into l_count from fun_items where fun_label(p_tail => '?', p_name => name) = 'INK?';
  dbms_output.put_line(l_count);  -- expect: 1
  select count(*) into l_count from fun_items where fun_label(name) = '!';
  dbms_output.put_line(l_count);  -- expect: 1
end;
/
-- calls in calls, synonyms, packages, schema and package, dates
declare
  l_number number;
  l_day date;
  l_text varchar2(100);
begin
  select fun_twice(fun_double(price)) into l_number from fun_items where id = 2;
  dbms_output.put_line(l_number);  -- expect: 82
  select fun_dates.next_day_of(sold) into l_day from fun_items where id = 2;
  dbms_output.put_line(to_char(l_day, 'YYYY-MM-DD'));  -- expect: 2020-03-01
  select fun_dates.next_day_of(fun_dates.next_day_of(sold)) into l_day from fun_items where id = 1;
  dbms_output.put_line(to_char(l_day, 'YYYY-MM-DD'));  -- expect: 2020-02-02
  select fun_dates.pick(price) || ', ' || fun_dates.pick(name) into l_text from fun_items where id = 1;
  dbms_output.put_line(l_text);  -- expect: number 10, text ink
end;
/
-- aggregates of calls, calls of aggregates, GROUP BY, HAVING, analytic functions
declare
  l_number number;
begin
  select sum(fun_twice(price)) into l_number from fun_items;
  dbms_output.put_line(l_number);  -- expect: 61
  select fun_twice(sum(price)) into l_number from fun_items;
  dbms_output.put_line(l_number);  -- expect: 61
  for r in (select fun_label(substr(name, 2, 1)) as label, count(*) as n from fun_items
            group by fun_label(substr(name, 2, 1)) having fun_twice(count(*)) = 2 order by 1) loop
    dbms_output.put_line(r.label || ' ' || r.n);
  end loop;
  -- expect: ! 1
  -- expect: E! 1
  -- expect: N! 1
  for r in (select distinct fun_twice(mod(id, 2)) as odd from fun_items order by fun_twice(mod(id, 2))) loop
    dbms_output.put_line(r.odd);
  end loop;
  -- expect: 0
  -- expect: 2
  for r in (select id, rank() over (order by fun_twice(-id)) as place from fun_items order by id) loop
    dbms_output.put_line(r.id || ' ' || r.place);
  end loop;
  -- expect: 1 3
  -- expect: 2 2
  -- expect: 3 1
end;
/
-- joins, subqueries, WITH, set operators, CONNECT BY
declare
  l_number number;
begin
  select count(*) into l_number from fun_items a join fun_items b on fun_twice(a.id) = b.id;
  dbms_output.put_line(l_number);  -- expect: 1
  select count(*) into l_number from fun_items a
  where exists (select 1 from fun_items b where fun_twice(b.id) = a.id);
  dbms_output.put_line(l_number);  -- expect: 1
  select sum((select max(fun_twice(a.id + b.id)) from fun_items b)) into l_number from fun_items a;
  dbms_output.put_line(l_number);  -- expect: 30
  with twice as (select fun_twice(id) as n from fun_items)
  select max(fun_twice(n)) into l_number from twice;
  dbms_output.put_line(l_number);  -- expect: 12
  select sum(n) into l_number
  from (select fun_twice(id) as n from fun_items union all select fun_twice(price) from fun_items);
  dbms_output.put_line(l_number);  -- expect: 73
  select count(*) into l_number from fun_items start with id = 1 connect by fun_twice(prior id) = id;
  dbms_output.put_line(l_number);  -- expect: 2
end;
/
-- A function that ends with NO_DATA_FOUND gives NULL: no error in SQL
declare
  l_text varchar2(20);
begin
  select nvl(fun_dates.name_of(id * 10), 'none') into l_text from fun_items where id = 1;
  dbms_output.put_line(l_text);  -- expect: none
  select nvl(fun_dates.name_of(77), 'none') into l_text from dual;
  dbms_output.put_line(l_text);  -- expect: none
  select fun_dates.name_of(id) into l_text from fun_items where id = 2;
  dbms_output.put_line(l_text);  -- expect: pen
end;
/
-- DML: INSERT ... SELECT, UPDATE, DELETE, MERGE, RETURNING
declare
  l_count number;
  l_name fun_items.name%type;
begin
  insert into fun_items (id, name) select fun_twice(id) + 100, fun_label(name) from fun_items where name is not null;
  dbms_output.put_line(sql%rowcount);  -- expect: 2
  select count(*) into l_count from fun_items where id in (102, 104);
  dbms_output.put_line(l_count);  -- expect: 2
  update fun_items set name = fun_label(name, '.') where fun_twice(id) = 204 returning name into l_name;
  dbms_output.put_line(sql%rowcount || ' ' || l_name);  -- expect: 1 INK!.
  merge into fun_items t using (select id, fun_twice(id) as twice from fun_items where id = 3) s
  on (t.id = s.id)
  when matched then update set t.price = fun_twice(s.twice);
  select price into l_count from fun_items where id = 3;
  dbms_output.put_line(l_count);  -- expect: 12
  delete from fun_items where fun_twice(id) > 200;
  dbms_output.put_line(sql%rowcount);  -- expect: 2
  rollback;
  select count(*) into l_count from fun_items;
  dbms_output.put_line(l_count);  -- expect: 3
end;
/
-- CASE tries one after the other
declare
  l_text varchar2(100);
begin
  select listagg(case when fun_twice(id) > 5 then 'much' else fun_label(name) end, ',') within group (order by id)
  into l_text from fun_items;
  dbms_output.put_line(l_text);  -- expect: INK!,PEN!,much
end;
/
