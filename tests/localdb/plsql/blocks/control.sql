-- PL/SQL Language Reference 19c, 4 PL/SQL Control Statements
begin
  <<outer>>
  for i in reverse 1 .. 3 loop
    for j in 1 .. 3 loop
      continue outer when j = 2;
      exit outer when i = 1;
      dbms_output.put_line(i || j);
    end loop;
  end loop outer;
end;
-- expect: 31
-- expect: 21
/
declare
  i number := 0;
begin
  loop
    i := i + 1;
    continue when i = 2;
    exit when i > 3;
    dbms_output.put_line(i);
  end loop;
  while i < 6 loop
    i := i + 1;
  end loop;
  dbms_output.put_line(i);
  for n in 1 .. 0 loop
    dbms_output.put_line('never');
  end loop;
end;
-- expect: 1
-- expect: 3
-- expect: 6
/
declare
  i pls_integer := 0;
begin
  <<again>>
  i := i + 1;
  if i < 3 then
    goto again;
  end if;
  dbms_output.put_line(i);  -- expect: 3
  goto done;
  dbms_output.put_line('never');
  <<done>>
  null;
end;
/
begin
  goto nowhere;
end;
-- expect error: PLS-00375: illegal GOTO statement; this GOTO cannot branch to label 'NOWHERE'
/
<<around>>
declare
  x number := 1;
begin
  declare
    x number := 2;
  begin
    dbms_output.put_line(around.x || x);  -- expect: 12
  end;
end;
/
begin
  case 5
    when 1 then null;
  end case;
end;
-- expect error: ORA-06592: CASE not found while executing CASE statement
/
begin
  exit;
end;
-- expect error: PLS-00376: illegal EXIT/CONTINUE statement; it must appear inside a loop
/
declare
  i pls_integer;
begin
  for i in 1 .. 2 loop
    i := 5;
  end loop;
end;
-- expect error: PLS-00363: expression 'I' cannot be used as an assignment target
/
begin
  $if dbms_db_version.version >= 12 $then
    dbms_output.put_line('new');  -- expect: new
  $else
    this is no PL/SQL
  $end
end;
/
