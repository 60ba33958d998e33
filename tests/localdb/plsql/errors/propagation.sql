-- PL/SQL Language Reference 19c, 11 PL/SQL Error Handling
declare
  e_one exception;
begin
  begin
    raise e_one;
  exception
    when no_data_found then
      dbms_output.put_line('not this one');
  end;
exception
  when e_one then
    dbms_output.put_line('outer ' || sqlcode || ' ' || sqlerrm);  -- expect: outer 1 User-Defined Exception
end;
/
-- an exception raised in a declaration goes to the block around
begin
  declare
    n number(1) := 10;
  begin
    null;
  exception
    when others then
      dbms_output.put_line('not here');
  end;
exception
  when value_error then
    dbms_output.put_line('around');  -- expect: around
end;
/
-- an exception raised in a handler as well
begin
  begin
    raise no_data_found;
  exception
    when no_data_found then
      raise too_many_rows;
  end;
exception
  when too_many_rows then
    dbms_output.put_line(sqlerrm);  -- expect: ORA-01422: exact fetch returns more than requested number of rows
end;
/
begin
  begin
    raise zero_divide;
  exception
    when others then
      dbms_output.put_line('seen ' || sqlcode);  -- expect: seen -1476
      raise;
  end;
exception
  when zero_divide then
    dbms_output.put_line('raised again');  -- expect: raised again
end;
/
begin
  raise;  -- expect error: PLS-00367: a RAISE statement with no exception name must be inside an exception handler
end;
/
declare
  e_mine exception;
  pragma exception_init(e_mine, -20123);
begin
  raise_application_error(-20123, 'said so');
exception
  when e_mine then
    dbms_output.put_line(sqlcode || ': ' || sqlerrm);  -- expect: -20123: ORA-20123: said so
end;
/
begin
  raise_application_error(-19999, 'out of range');  -- expect error: ORA-21000: error number argument to raise_application_error of -19999 is out of range
end;
/
-- outside of a handler there is no error
begin
  dbms_output.put_line(sqlcode || ' ' || sqlerrm);  -- expect: 0 ORA-0000: normal, successful completion
  dbms_output.put_line(sqlerrm(-1403));  -- expect: ORA-01403: no data found
  dbms_output.put_line(sqlerrm(100));  -- expect: ORA-01403: no data found
  dbms_output.put_line(sqlerrm(1));  -- expect: User-Defined Exception
end;
/
declare
  e exception;
begin
  raise e;  -- expect error: ORA-06510: PL/SQL: unhandled user-defined exception
end;
/
-- a handler for OTHERS has to be the last
begin
  null;
exception
  when others then
    null;
  when no_data_found then  -- expect error: PLS-00370: OTHERS handler must be last among the exception handlers of a block
    null;
end;
/
begin
  null;
exception
  when no_data_found then null;
  when no_data_found then null;  -- expect error: PLS-00483: exception 'NO_DATA_FOUND' may appear in at most one exception handler in this block
end;
/
-- OUT parameters keep their old value where the subprogram raises
declare
  n number := 1;
  procedure p(a in out number) is
  begin
    a := 2;
    raise program_error;
  end;
begin
  begin
    p(n);
  exception
    when program_error then
      dbms_output.put_line(n);  -- expect: 1
  end;
end;
/
-- a function that ends without RETURN
declare
  function f return number is
  begin
    if 1 = 2 then
      return 1;
    end if;
  end;
begin
  dbms_output.put_line(f);  -- expect error: ORA-06503: PL/SQL: Function returned without value
end;
/
-- names of exceptions are of their block: the same name inside is another one
declare
  e exception;
begin
  declare
    e exception;
  begin
    raise e;
  end;
exception
  when e then
    dbms_output.put_line('not the inner one');
  when others then
    dbms_output.put_line(sqlcode);  -- expect: 1
end;
/
declare
  l_lines varchar2(4000);
  procedure deep is
  begin
    raise no_data_found;
  end;
begin
  deep;
exception
  when others then
    l_lines := dbms_utility.format_error_backtrace;
    dbms_output.put_line(regexp_count(l_lines, 'ORA-06512'));  -- expect: 2
end;
/
