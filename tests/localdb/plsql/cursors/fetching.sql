-- PL/SQL Language Reference 19c, 6 PL/SQL Static SQL
declare
  cursor c_numbers(p_most in number) is
    select level as n from dual connect by level <= p_most;
  l_n number;
begin
  open c_numbers(2);
  loop
    fetch c_numbers into l_n;
    exit when c_numbers%notfound;
    dbms_output.put_line(l_n || ' ' || c_numbers%rowcount);
  end loop;
  close c_numbers;
  for r in c_numbers(3) loop
    dbms_output.put_line('row ' || r.n);
  end loop;
  fetch c_numbers into l_n;
end;
-- expect: 1 1
-- expect: 2 2
-- expect: row 1
-- expect: row 2
-- expect: row 3
-- expect error: ORA-01001: invalid cursor
/
declare
  l_n number;
begin
  select level into l_n from dual connect by level <= 2;
end;
-- expect error: ORA-01422: exact fetch returns more than requested number of rows
/
declare
  type t_numbers is table of number;
  l_all t_numbers;
  l_some t_numbers;
  c sys_refcursor;
begin
  select level bulk collect into l_all from dual connect by level <= 5;
  open c for 'select level from dual connect by level <= :n' using 5;
  fetch c bulk collect into l_some limit 3;
  dbms_output.put_line(l_all.count || ' ' || l_some.count);  -- expect: 5 3
  fetch c bulk collect into l_some limit 3;
  dbms_output.put_line(l_some.count || case when c%notfound then ' end' end);  -- expect: 2 end
  close c;
end;
/
declare
  l_n number;
begin
  execute immediate 'select :a + :b from dual' into l_n using 1, 2;
  dbms_output.put_line(l_n);  -- expect: 3
  execute immediate 'begin :x := :y * 2; end;' using out l_n, 21;
  dbms_output.put_line(l_n);  -- expect: 42
end;
/
