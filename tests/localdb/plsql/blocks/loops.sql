-- PL/SQL Language Reference 19c, 4 PL/SQL Control Statements
begin
  for i in 3 .. 1 loop
    dbms_output.put_line('never');
  end loop;
  for i in reverse 1 .. 3 loop
    dbms_output.put_line(i);
  end loop;
end;
-- expect: 3
-- expect: 2
-- expect: 1
/
-- bounds are evaluated once; the index is a constant of the loop
declare
  l_top pls_integer := 2;
begin
  for i in 1 .. l_top loop
    l_top := 10;
    dbms_output.put_line(i);
  end loop;
end;
-- expect: 1
-- expect: 2
/
begin
  for i in 1 .. 2 loop
    i := 5;  -- expect error: PLS-00363: expression 'I' cannot be used as an assignment target
  end loop;
end;
/
-- the index hides a variable of its name; the label reaches it
<<main>>
declare
  i number := 5;
begin
  for i in 1 .. 2 loop
    dbms_output.put_line(i || ' ' || main.i);
  end loop;
  dbms_output.put_line(i);
end;
-- expect: 1 5
-- expect: 2 5
-- expect: 5
/
begin
  for i in 1.4 .. 2.6 loop
    dbms_output.put_line(i);
  end loop;
end;
-- expect: 1
-- expect: 2
-- expect: 3
/
declare
  n pls_integer := 0;
begin
  <<outer>>
  loop
    n := n + 1;
    for i in 1 .. 5 loop
      continue outer when n = 1;
      exit outer when i = 3;
      dbms_output.put_line(n || '.' || i);
    end loop;
  end loop outer;
  dbms_output.put_line('left with ' || n);
end;
-- expect: 2.1
-- expect: 2.2
-- expect: left with 2
/
declare
  n number;
begin
  while n < 3 loop
    dbms_output.put_line('never: NULL is not TRUE');
  end loop;
  if n = 1 then
    dbms_output.put_line('one');
  elsif not (n = 1) then
    dbms_output.put_line('not one');
  else
    dbms_output.put_line('unknown');  -- expect: unknown
  end if;
end;
/
declare
  l_grade varchar2(1) := 'C';
begin
  case l_grade
    when 'A' then dbms_output.put_line('excellent');
    when 'B' then dbms_output.put_line('good');
  end case;
exception
  when case_not_found then
    dbms_output.put_line(sqlcode || ' ' || sqlerrm);  -- expect: -6592 ORA-06592: CASE not found while executing CASE statement
end;
/
declare
  n number;
begin
  dbms_output.put_line(case n when null then 'null' else 'else' end);  -- expect: else
  dbms_output.put_line(case when n is null then 'null' end);  -- expect: null
  dbms_output.put_line(nvl(case 1 when 2 then 'two' end, 'no branch'));  -- expect: no branch
end;
/
declare
  n number := 0;
begin
  <<again>>
  n := n + 1;
  if n < 3 then
    goto again;
  end if;
  dbms_output.put_line(n);  -- expect: 3
end;
/
begin
  goto inside;  -- expect error: PLS-00375: illegal GOTO statement; this GOTO cannot branch to label 'INSIDE'
  if true then
    <<inside>>
    null;
  end if;
end;
/
begin
  exit;  -- expect error: PLS-00376: illegal EXIT/CONTINUE statement; it must appear inside a loop
end;
/
begin
  null
end;  -- expect error: PLS-00103: Encountered the symbol "END" when expecting one of the following:
/
