-- PL/SQL Language Reference 19c, 11 PL/SQL Error Handling
begin
  raise no_data_found;  -- expect error: ORA-01403: no data found
end;  -- expect error: ORA-06512: at line 3
/
declare
  e_own exception;
begin
  raise e_own;
end;
-- expect error: ORA-06510: PL/SQL: unhandled user-defined exception
-- expect error: ORA-06512: at line 4
/
declare
  e_check exception;
  pragma exception_init(e_check, -2290);
begin
  raise e_check;
exception
  when e_check then
    dbms_output.put_line(sqlcode);  -- expect: -2290
end;
/
begin
  raise_application_error(-20123, 'own text');
exception
  when others then
    dbms_output.put_line(sqlcode || ' ' || sqlerrm);  -- expect: -20123 ORA-20123: own text
end;
/
declare
  procedure inner_one is
  begin
    raise value_error;
  end inner_one;
begin
  inner_one;
end;
-- expect error: ORA-06502: PL/SQL: numeric or value error
-- expect error: ORA-06512: at line 4
-- expect error: ORA-06512: at line 7
/
begin
  begin
    raise zero_divide;
  exception
    when no_data_found then
      dbms_output.put_line('wrong handler');
  end;
exception
  when zero_divide then
    dbms_output.put_line('outer');  -- expect: outer
end;
/
declare
  l_small varchar2(3);
begin
  l_small := 'four';
end;
-- expect error: ORA-06502: PL/SQL: numeric or value error: character string buffer too small
/
declare
  l_number number;
begin
  l_number := 'x';
end;
-- expect error: ORA-06502: PL/SQL: numeric or value error: character to number conversion error
/
begin
  dbms_output.put_line(1 / 0);  -- expect error: ORA-01476: divisor is equal to zero
end;
/
declare
  l_n pls_integer := 2147483647;
begin
  l_n := l_n + 1;  -- expect error: ORA-01426: numeric overflow
end;
/
begin
  case 3
    when 1 then null;
  end case;
end;
-- expect error: ORA-06592: CASE not found while executing CASE statement
/
declare
  e exception;
begin
  begin
    raise e;
  exception
    when e then
      dbms_output.put_line(sqlcode || ' ' || sqlerrm);  -- expect: 1 User-Defined Exception
      raise;
  end;
exception
  when others then
    dbms_output.put_line('again');  -- expect: again
end;
/
