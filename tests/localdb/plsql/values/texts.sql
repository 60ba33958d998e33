-- SQL Language Reference 19c, Functions; PL/SQL Language Reference 19c, 3 PL/SQL Data Types
declare
  l_text varchar2(10) := '';
  l_char char(5) := 'ab';
begin
  dbms_output.put_line(case when l_text is null then 'empty is null' end);  -- expect: empty is null
  dbms_output.put_line(nvl(to_char(length(l_text)), 'null'));  -- expect: null
  dbms_output.put_line('[' || l_char || ']' || length(l_char));  -- expect: [ab   ]5
  dbms_output.put_line(case when l_char = 'ab' then 'padded comparison' end);  -- expect: padded comparison
  dbms_output.put_line('a' || null || 'b');  -- expect: ab
end;
/
declare
  l_text varchar2(5) := 'ab   ';
begin
  dbms_output.put_line(case when l_text = 'ab' then 'equal' else 'different' end);  -- expect: different
end;
/
begin
  dbms_output.put_line(substr('abcdef', 2, 3) || ' ' || substr('abcdef', -3) || ' ' || substr('abcdef', 0, 2));  -- expect: bcd def ab
  dbms_output.put_line(nvl(substr('abc', 5), 'null') || nvl(substr('abc', 1, 0), 'null'));  -- expect: nullnull
  dbms_output.put_line(instr('banana', 'an') || instr('banana', 'an', 3) || instr('banana', 'an', 1, 2) || instr('banana', 'an', -1) || instr('banana', 'x'));  -- expect: 24440
  dbms_output.put_line(lpad('abc', 5, '*') || rpad('abc', 5) || '|' || lpad('abc', 2));  -- expect: **abcabc  |ab
  dbms_output.put_line(trim('  a ') || ltrim('xxya', 'xy') || rtrim('a...', '.') || trim(both '-' from '--b--') || trim(leading '0' from '007'));  -- expect: aaab7
  dbms_output.put_line(replace('aXbX', 'X') || replace('aXbX', 'X', 'YY') || translate('2-10', '0123-', 'abcd'));  -- expect: abaYYbYYcba
  dbms_output.put_line(initcap('hello big-world') || upper('ñ') || lower('ÁB'));  -- expect: Hello Big-WorldÑáb
  dbms_output.put_line(ascii('a') || chr(98) || concat('c', 'd'));  -- expect: 97bcd
  dbms_output.put_line(greatest('b', 'abc') || least(3, 12) || nvl(to_char(greatest(1, null)), 'null'));  -- expect: b3null
end;
/
begin
  dbms_output.put_line(regexp_replace('John Smith', '(\w+) (\w+)', '\2, \1'));  -- expect: Smith, John
  dbms_output.put_line(regexp_substr('a,b,,d', '[^,]+', 1, 3) || regexp_instr('abc123', '[0-9]') || regexp_count('a1b22', '[0-9]'));  -- expect: d43
  dbms_output.put_line(case when regexp_like('ABC', '^b', 'i') then 'yes' else 'no' end);  -- expect: no
  dbms_output.put_line(regexp_substr('k1=v1;k2=v2', 'k2=([^;]+)', 1, 1, null, 1));  -- expect: v2
  dbms_output.put_line('[' || regexp_replace('  many   blanks ', ' {2,}', ' ') || ']');  -- expect: [ many blanks ]
end;
/
declare
  l_text varchar2(3 char) := 'áéí';
begin
  dbms_output.put_line(length(l_text) || ' ' || lengthb(l_text));  -- expect: 3 6
end;
/
declare
  n number;
begin
  n := '12x';  -- expect error: ORA-06502: PL/SQL: numeric or value error: character to number conversion error
end;
/
declare
  n number := ' 12.5 ';
  l_text varchar2(20) := 1/4;
begin
  dbms_output.put_line(n + '1' || ' ' || l_text);  -- expect: 13.5 .25
end;
/
begin
  dbms_output.put_line('it''s' || q'[ it's]' || q'!x!' || n'n');  -- expect: it's it'sxn
end;
/
begin
  dbms_output.put_line(to_char(-1234.567, '9G999D99') || to_char(0.5, '0D9') || to_char(12, '000') || to_char(1e6, '9.99EEEE') || to_char(255, 'XX') || to_char(5, 'RN'));  -- expect: -1,234.57 0.5 012 1.00E+06 FF              V
  dbms_output.put_line(to_char(1000, '99'));  -- expect: ###
  dbms_output.put_line(to_number('1,234.50', '9G999D99') + to_number('FF', 'XX'));  -- expect: 1489.5
end;
/
begin
  dbms_output.put_line(to_number('12a'));  -- expect error: ORA-06502: PL/SQL: numeric or value error: character to number conversion error
end;
/
