-- PL/SQL Language Reference 19c, 3 PL/SQL Data Types; SQL Language Reference 19c, Datetime/Interval Arithmetic
begin
  dbms_output.put_line(1 + 1);  -- expect: 2
  dbms_output.put_line(7 / 2);  -- expect: 3.5
  dbms_output.put_line(1 / 4);  -- expect: .25
  dbms_output.put_line(2 ** 10);  -- expect: 1024
  dbms_output.put_line(mod(-7, 3));  -- expect: -1
  dbms_output.put_line(round(2.5) || ' ' || round(-2.5) || ' ' || trunc(-2.7));  -- expect: 3 -3 -2
  dbms_output.put_line(12345678901234567890123456789012345678);  -- expect: 12345678901234567890123456789012345678
  dbms_output.put_line('a' || null || 'b');  -- expect: ab
  dbms_output.put_line(nvl('', 'empty is null'));  -- expect: empty is null
  dbms_output.put_line(length('año'));  -- expect: 3
end;
/
declare
  l_n number(5, 2) := 123.456;
begin
  dbms_output.put_line(l_n);  -- expect: 123.46
  l_n := 1000;
end;
-- expect error: ORA-06502: PL/SQL: numeric or value error: number precision too large
/
declare
  l_a boolean;
begin
  if l_a or not l_a then
    dbms_output.put_line('known');
  else
    dbms_output.put_line('null is neither');  -- expect: null is neither
  end if;
  if null = null then
    dbms_output.put_line('equal');
  end if;
  dbms_output.put_line(case when not (null is null) then 'a' else 'b' end);  -- expect: b
end;
/
declare
  l_day date := date '2024-02-28';
begin
  dbms_output.put_line(to_char(l_day + 2, 'YYYY-MM-DD'));  -- expect: 2024-03-01
  dbms_output.put_line(date '2024-03-01' - l_day);  -- expect: 2
  dbms_output.put_line(to_char(l_day + 0.5, 'DD HH24:MI:SS'));  -- expect: 28 12:00:00
  dbms_output.put_line(to_char(add_months(date '2024-01-31', 1), 'DD/MM/YYYY'));  -- expect: 29/02/2024
  dbms_output.put_line(to_char(timestamp '2024-01-01 00:00:00.25' + interval '90' second, 'MI:SS.FF2'));  -- expect: 01:30.25
  dbms_output.put_line(extract(hour from (timestamp '2024-01-02 05:00:00' - timestamp '2024-01-01 00:00:00')));  -- expect: 5
end;
/
