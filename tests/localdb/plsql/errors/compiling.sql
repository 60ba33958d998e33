-- PL/SQL Language Reference 19c, 11 PL/SQL Error Handling, Compile-Time Warnings; Error Messages, PLS
begin
  no_such_procedure(1);
end;
-- expect error: ORA-06550: line 3, column 3:
-- expect error: PLS-00201: identifier 'NO_SUCH_PROCEDURE' must be declared
-- expect error: PL/SQL: Statement ignored
/
begin
  no_package.no_procedure;
end;
-- expect error: PLS-00201: identifier 'NO_PACKAGE.NO_PROCEDURE' must be declared
/
begin
  dbms_output.no_such_line('x');
end;
-- expect error: PLS-00302: component 'NO_SUCH_LINE' must be declared
/
declare
  procedure p(p_a in number, p_b in number default 1) is
  begin
    null;
  end p;
begin
  p(1, 2, 3);
end;
-- expect error: PLS-00306: wrong number or types of arguments in call to 'P'
/
declare
  procedure p(p_a in number) is
  begin
    null;
  end p;
begin
  p(p_x => 1);
end;
-- expect error: PLS-00306: wrong number or types of arguments in call to 'P'
/
begin
  dbms_output.put_line(true);
end;
-- expect error: PLS-00306: wrong number or types of arguments in call to 'PUT_LINE'
/
declare
  c_one constant number := 1;
begin
  c_one := 2;
end;
-- expect error: PLS-00363: expression 'C_ONE' cannot be used as an assignment target
/
declare
  l_x no_such_type;
begin
  l_x := 1;
end;
-- expect error: PLS-00201: identifier 'NO_SUCH_TYPE' must be declared
-- expect error: PL/SQL: Item ignored
-- expect error: PLS-00320: the declaration of the type of this expression is incomplete or malformed
/
declare
  l_x number;
  l_b boolean;
begin
  l_b := l_x;
end;
-- expect error: PLS-00382: expression is of wrong type
/
declare
  type t_r is record (a number);
  l_r t_r;
begin
  l_r.b := 1;
end;
-- expect error: PLS-00302: component 'B' must be declared
/
begin
  null
end;
-- expect error: PLS-00103: Encountered the symbol "END" when expecting one of the following:
/
declare
  function f return number is
  begin
    return 1;
  end f;
begin
  f;
end;
-- expect error: PLS-00221: 'F' is not a procedure or is undefined
/
begin
  raise;
end;
-- expect error: PLS-00367: a RAISE statement with no exception name must be inside an exception handler
/
declare
  l_n number := decode(1, 1, 2);
begin
  null;
end;
-- expect error: PLS-00204: function or pseudo-column 'DECODE' may be used inside a SQL statement only
/
declare
  function f return number is
  begin
    null;
  end f;
begin
  dbms_output.put_line(f);
end;
-- expect error: ORA-06503: PL/SQL: Function returned without value
/
-- PL/SQL Packages and Types Reference 19c: what localdb does not have is said by name
begin
  utl_file.fclose_all;  -- expect error: ORA-03001: unimplemented feature: UTL_FILE
end;
/
begin
  dbms_scheduler.create_chain('C1');  -- expect error: ORA-03001: unimplemented feature: DBMS_SCHEDULER.CREATE_CHAIN
end;
/
begin
  dbms_scheduler.create_window(window_name => 'W1');  -- expect error: ORA-03001: unimplemented feature: DBMS_SCHEDULER.CREATE_WINDOW
end;
/
begin
  sys.dbms_aqadm.create_transactional_event_queue('Q1');  -- expect error: ORA-03001: unimplemented feature: DBMS_AQADM.CREATE_TRANSACTIONAL_EVENT_QUEUE
end;
/
begin
  dbms_scheduler.create_nothing('C1');  -- expect error: PLS-00302: component 'CREATE_NOTHING' must be declared
end;
/
declare
  l_document xmltype;  -- expect error: ORA-03001: unimplemented feature: XMLTYPE
begin
  null;
end;
/
begin
  dbms_nowhere.do_it;  -- expect error: PLS-00201: identifier 'DBMS_NOWHERE.DO_IT' must be declared
end;
/
-- PL/SQL Language Reference 19c, 8 PL/SQL Subprograms, Overloaded Subprograms
declare
  procedure p(a in number) is begin null; end;
  procedure p(a in varchar2) is begin null; end;
begin
  p(null);  -- expect error: PLS-00307: too many declarations of 'P' match this call
end;
/
declare
  procedure p(a in number) is begin dbms_output.put_line('number'); end;
  procedure p(a in varchar2) is begin dbms_output.put_line('text'); end;
  procedure p(a in number, b in number default 1) is begin dbms_output.put_line('two'); end;
begin
  p('x');
  p(1, 2);
  p(1);  -- expect error: PLS-00307: too many declarations of 'P' match this call
end;
/
