-- PL/SQL Language Reference 19c, 8 PL/SQL Subprograms
declare
  l_out number := 5;
  procedure set_and_fail(p_out out number) is
  begin
    p_out := 42;
    raise program_error;
  end set_and_fail;
  procedure add_one(p_n in out number, p_by number default 1) is
  begin
    p_n := p_n + p_by;
  end add_one;
begin
  add_one(l_out);
  add_one(p_by => 10, p_n => l_out);
  dbms_output.put_line(l_out);  -- expect: 16
  begin
    set_and_fail(l_out);
  exception
    when program_error then
      dbms_output.put_line(l_out);  -- expect: 16
  end;
end;
/
declare
  function kind(p_value in number) return varchar2 is begin return 'number'; end;
  function kind(p_value in varchar2) return varchar2 is begin return 'text'; end;
  function kind(p_value in date) return varchar2 is begin return 'date'; end;
  function fact(n in number) return number is
  begin
    return case when n <= 1 then 1 else n * fact(n - 1) end;
  end fact;
begin
  dbms_output.put_line(kind(1) || ' ' || kind('1') || ' ' || kind(sysdate));  -- expect: number text date
  dbms_output.put_line(fact(20));  -- expect: 2432902008176640000
end;
/
begin
  no_such_thing(1);
end;
-- expect error: PLS-00201: identifier 'NO_SUCH_THING' must be declared
/
declare
  procedure p(a in number) is
  begin
    a := 1;
  end p;
begin
  p(1);
end;
-- expect error: PLS-00363: expression 'A' cannot be used as an assignment target
/
declare
  procedure p(a in number) is begin null; end;
begin
  p(1, 2);
end;
-- expect error: PLS-00306: wrong number or types of arguments in call to 'P'
/
declare
  function nothing return number is
  begin
    null;
  end nothing;
begin
  dbms_output.put_line(nothing);
end;
-- expect error: ORA-06503: PL/SQL: Function returned without value
/
declare
  l_total number := 0;
begin
  <<outer_loop>>
  for i in 1 .. 3 loop
    for j in reverse 1 .. 3 loop
      continue outer_loop when j = 1;
      exit outer_loop when i = 3;
      l_total := l_total + i * 10 + j;
    end loop;
  end loop outer_loop;
  dbms_output.put_line(l_total);  -- expect: 70
end;
/
