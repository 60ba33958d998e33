-- PL/SQL Language Reference 19c, 6 PL/SQL Static SQL, Cursors Overview and "Processing Query Result Sets"
declare
  cursor c (p_top number default 2) is
    select level n from dual connect by level <= p_top;
  l_row c%rowtype;
begin
  dbms_output.put_line(case when c%isopen then 'open' else 'closed' end);  -- expect: closed
  open c;
  dbms_output.put_line(case when c%found is null then 'null' end || c%rowcount);  -- expect: null0
  loop
    fetch c into l_row;
    exit when c%notfound;
    dbms_output.put_line(l_row.n || ' ' || c%rowcount);
  end loop;
  dbms_output.put_line('end ' || c%rowcount);
  close c;
  open c(3);
  fetch c into l_row;
  fetch c into l_row;
  fetch c into l_row;
  dbms_output.put_line(l_row.n);
  close c;
end;
-- expect: 1 1
-- expect: 2 2
-- expect: end 2
-- expect: 3
/
declare
  cursor c is select 1 n from dual;
  n number;
begin
  fetch c into n;  -- expect error: ORA-01001: invalid cursor
end;
/
declare
  cursor c is select 1 n from dual;
begin
  open c;
  open c;  -- expect error: ORA-06511: PL/SQL: cursor already open
end;
/
declare
  cursor c is select 1 n from dual;
begin
  dbms_output.put_line(c%rowcount);  -- expect error: ORA-01001: invalid cursor
end;
/
declare
  n number;
begin
  select 1 into n from dual where 1 = 2;  -- expect error: ORA-01403: no data found
end;
/
declare
  n number;
begin
  select level into n from dual connect by level < 3;
exception
  when too_many_rows then
    dbms_output.put_line('too many ' || sql%rowcount);  -- expect: too many 1
end;
/
declare
  type t_numbers is table of number;
  l_numbers t_numbers;
begin
  select level bulk collect into l_numbers from dual connect by level <= 3;
  dbms_output.put_line(l_numbers.count || ' ' || sql%rowcount);  -- expect: 3 3
  select level bulk collect into l_numbers from dual where 1 = 2 connect by level <= 3;
  dbms_output.put_line(l_numbers.count);  -- expect: 0
end;
/
declare
  type t_numbers is table of number;
  l_numbers t_numbers;
  cursor c is select level n from dual connect by level <= 5;
begin
  open c;
  loop
    fetch c bulk collect into l_numbers limit 2;
    dbms_output.put_line(l_numbers.count || case when c%notfound then ' last' end);
    exit when c%notfound;
  end loop;
  close c;
end;
-- expect: 2
-- expect: 2
-- expect: 1 last
/
declare
  l_cursor sys_refcursor;
  l_text varchar2(10);
  n number;
begin
  open l_cursor for 'select level, ''x'' || level from dual connect by level <= :top' using 2;
  fetch l_cursor into n, l_text;
  dbms_output.put_line(n || l_text);  -- expect: 1x1
  fetch l_cursor into n;  -- expect error: ORA-06504: PL/SQL: Return types of Result Set variables or query do not match
end;
/
declare
  type t_row is record (n number, t varchar2(10));
  type t_cursor is ref cursor return t_row;
  l_cursor t_cursor;
  l_row t_row;
begin
  open l_cursor for select 1, 'a' from dual union all select 2, 'b' from dual;
  loop
    fetch l_cursor into l_row;
    exit when l_cursor%notfound;
    dbms_output.put_line(l_row.n || l_row.t);
  end loop;
  close l_cursor;
end;
-- expect: 1a
-- expect: 2b
/
begin
  for r in (select level n, level * level square from dual connect by level <= 2) loop
    dbms_output.put_line(r.n || ' ' || r.square);
  end loop;
end;
-- expect: 1 1
-- expect: 2 4
/
begin
  for r in (select 1 from dual) loop
    dbms_output.put_line(r.no_such_column);  -- expect error: PLS-00302: component 'NO_SUCH_COLUMN' must be declared
  end loop;
end;
/
