-- PL/SQL Language Reference 19c, 10 PL/SQL Packages; 8 PL/SQL Subprograms
begin
  execute immediate 'create table plsql_log (id number generated always as identity, text varchar2(100), made timestamp default systimestamp)';
  execute immediate q'[create or replace package plsql_logger authid definer is
  subtype t_text is plsql_log.text%type;
  type t_lines is table of plsql_log%rowtype;
  cursor c_newest(p_most in number default 2) is
    select id, text
    from (select id, text from plsql_log order by id desc)
    where rownum <= p_most;
  procedure write(p_text in t_text, p_commit in boolean default false);
  procedure write(p_number in number);
  function lines(p_like in varchar2 default '%') return t_lines;
  function last_text return varchar2;
  procedure fail;
end plsql_logger;]';
  execute immediate q'[create or replace package body plsql_logger is
  g_written pls_integer := 0;

  procedure count_one is
  begin
    g_written := g_written + 1;
  end count_one;

  procedure write_own(p_text in t_text) is
    pragma autonomous_transaction;
  begin
    insert into plsql_log (text) values (p_text);
    commit;
  end write_own;

  procedure write(p_text in t_text, p_commit in boolean default false) is
  begin
    count_one;
    if p_commit then
      write_own(p_text);
    else
      insert into plsql_log (text) values (p_text || ' ' || g_written);
    end if;
  end write;

  procedure write(p_number in number) is
  begin
    write(p_text => to_char(p_number, 'FM990.00'));
  end write;

  function lines(p_like in varchar2 default '%') return t_lines is
    l_lines t_lines;
  begin
    select * bulk collect into l_lines from plsql_log where text like p_like order by id;
    return l_lines;
  end lines;

  function last_text return varchar2 is
  begin
    for r in c_newest(1) loop
      return r.text;
    end loop;
    return null;
  end last_text;

  procedure fail is
    l_text t_text;
  begin
    select text into l_text from plsql_log where id = -1;
  exception
    when no_data_found then
      raise_application_error(-20101, 'nothing: ' || sqlerrm);
  end fail;
end plsql_logger;]';
end;
/
declare
  l_row plsql_logger.c_newest%rowtype;
begin
  plsql_logger.write('one');
  plsql_logger.write(2.5);
  plsql_logger.write('kept', p_commit => true);
  dbms_output.put_line(plsql_logger.lines.count || plsql_logger.lines('2%')(1).text);  -- expect: 32.50 2
  dbms_output.put_line(plsql_logger.last_text);  -- expect: kept
  rollback;
  dbms_output.put_line(plsql_logger.lines().count);  -- expect: 1
  open plsql_logger.c_newest;
  fetch plsql_logger.c_newest into l_row;
  dbms_output.put_line(l_row.text || plsql_logger.c_newest%rowcount);  -- expect: kept1
  close plsql_logger.c_newest;
end;
/
begin
  plsql_logger.fail;
end;
-- expect error: ORA-20101: nothing: ORA-01403: no data found
-- expect error: ORA-06512: at "ORAQ.PLSQL_LOGGER", line 52
-- expect error: ORA-06512: at line 2
/
begin
  plsql_logger.write(sysdate, sysdate);
end;
-- expect error: PLS-00306: wrong number or types of arguments in call to 'WRITE'
/
declare
  l_n number;
begin
  execute immediate 'create or replace procedure plsql_wrong is begin plsql_logger.write_own(1); end;';
  select count(*) into l_n from user_errors where name = 'PLSQL_WRONG' and text like 'PLS-00302: component ''WRITE_OWN''%';
  dbms_output.put_line(l_n);  -- expect: 1
  execute immediate 'drop procedure plsql_wrong';
  execute immediate 'drop package plsql_logger';
  execute immediate 'drop table plsql_log';
end;
/
