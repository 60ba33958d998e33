-- PL/SQL Language Reference 19c, 3 Language Fundamentals, Expressions; SQL Language Reference 19c, 2
begin
  dbms_output.put_line(10 / 4);                                    -- expect: 2.5
  dbms_output.put_line(2 ** 10);                                   -- expect: 1024
  dbms_output.put_line(mod(7, -3));                                -- expect: 1
  dbms_output.put_line(-7 mod 3);                                  -- expect: -1
  dbms_output.put_line(0.1 + 0.2);                                 -- expect: .3
  dbms_output.put_line('a' || null || 'b');                        -- expect: ab
  dbms_output.put_line(nvl(to_char(null + 1), 'null'));            -- expect: null
  dbms_output.put_line(q'[it's]');                                 -- expect: it's
  dbms_output.put_line(1 + '2');                                   -- expect: 3
  dbms_output.put_line(case when null = null then 't' else 'f' end);        -- expect: f
  dbms_output.put_line(case when not (null = 1) then 't' else 'f' end);     -- expect: f
  dbms_output.put_line(case when 5 not in (1, 2, null) then 't' else 'f' end);  -- expect: f
  dbms_output.put_line(case when 5 between 1 and 10 then 't' else 'f' end); -- expect: t
  dbms_output.put_line(case when 'abc' like 'a%' then 't' else 'f' end);    -- expect: t
  dbms_output.put_line(case when 'a_c' like 'a\_c' escape '\' then 't' else 'f' end);  -- expect: t
  dbms_output.put_line(case when 'abc' like 'a\_c' escape '\' then 't' else 'f' end);  -- expect: f
  dbms_output.put_line(case when 'a ' = 'a' then 't' else 'f' end);         -- expect: t
  dbms_output.put_line(case 3 when 1 then 'one' when 3 then 'three' end);   -- expect: three
  dbms_output.put_line(coalesce(null, null, 'c'));                 -- expect: c
  dbms_output.put_line(date '2024-03-01' - date '2024-02-01');     -- expect: 29
  dbms_output.put_line(to_char(date '2024-02-28' + 1.5, 'DD.MM HH24:MI'));  -- expect: 29.02 12:00
  dbms_output.put_line(to_char(timestamp '2024-01-01 10:00:00' + interval '90' minute, 'HH24:MI'));  -- expect: 11:30
  dbms_output.put_line(extract(year from date '2024-05-01'));      -- expect: 2024
  dbms_output.put_line(trim(both 'x' from 'xxaxx'));               -- expect: a
end;
/
-- VARCHAR2 against VARCHAR2: blanks count.
declare
  l_a varchar2(5) := 'a ';
  l_b varchar2(5) := 'a';
begin
  dbms_output.put_line(case when l_a = l_b then 'equal' else 'not equal' end);  -- expect: not equal
end;
/
declare
  l_n number(5, 2);
begin
  l_n := 123.456;
  dbms_output.put_line(l_n);  -- expect: 123.46
  l_n := 1234.5;
end;
-- expect error: ORA-06502: PL/SQL: numeric or value error: number precision too large
/
declare
  l_n pls_integer := 2147483647;
begin
  l_n := l_n + 1;
end;
-- expect error: ORA-01426: numeric overflow
/
declare
  subtype t_small is pls_integer range 1 .. 5;
  l_n t_small;
begin
  l_n := 5;
  l_n := 6;
end;
-- expect error: ORA-06502: PL/SQL: numeric or value error
/
declare
  l_n number not null := 1;
  l_m number;
begin
  l_n := l_m;
end;
-- expect error: ORA-06502: PL/SQL: numeric or value error
/
declare
  l_text varchar2(3);
begin
  l_text := 'abcd';
end;
-- expect error: ORA-06502: PL/SQL: numeric or value error: character string buffer too small
/
declare
  l_n number;
begin
  l_n := 'abc';
end;
-- expect error: ORA-06502: PL/SQL: numeric or value error: character to number conversion error
/
declare
  l_a clob := 'x';
  l_b clob;
begin
  l_b := l_a;
  dbms_lob.append(l_b, 'y');
  dbms_output.put_line(l_a || '-' || l_b);  -- expect: x-xy
end;
/
declare
  l_b boolean := null;
begin
  if l_b then
    dbms_output.put_line('true');
  elsif not l_b then
    dbms_output.put_line('false');
  else
    dbms_output.put_line('null');  -- expect: null
  end if;
end;
/
declare
  type t_point is record (x number := 3, y varchar2(5));
  type t_points is table of t_point index by pls_integer;
  type t_grid is table of t_points index by varchar2(10);
  l_a    t_point;
  l_b    t_point;
  l_all  t_points;
  l_grid t_grid;
begin
  l_b := l_a;
  l_b.x := 4;
  dbms_output.put_line(l_a.x || l_b.x);  -- expect: 34
  l_all(7).y := 'seven';
  dbms_output.put_line(l_all(7).x || l_all(7).y || l_all.count);  -- expect: 3seven1
  l_grid('a')(2).y := 'deep';
  dbms_output.put_line(l_grid('a')(2).y || l_grid.first);  -- expect: deepa
  l_b := t_point(9, 'nine');
  l_all := t_points(1 => l_b, 5 => t_point(y => 'five', x => 5));
  dbms_output.put_line(l_all(1).y || l_all(5).x || l_all.last);  -- expect: nine55
end;
/
