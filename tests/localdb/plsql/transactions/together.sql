-- PL/SQL Language Reference 19c, 6 PL/SQL Static SQL, "Processing Transactions"; 11 PL/SQL Error
-- Handling: statements that follow each other are as atomic, and their errors as exact, as any
declare
  l_count number;
begin
  delete from async_jobs_test_rows;
  insert into async_jobs_test_rows (table_name, n) values ('one', 1);
  insert into async_jobs_test_rows (table_name, n) values ('two', 2);
  update async_jobs_test_rows set n = n + 10;
  dbms_output.put_line(sql%rowcount);  -- expect: 2
  rollback;
  if l_count is null then
    insert into async_jobs_test_rows (table_name, n) values ('three', 3);
    update async_jobs_test_rows set n = n + 1;
  end if;
  commit;
  rollback;
  select n into l_count from async_jobs_test_rows;
  dbms_output.put_line(l_count);  -- expect: 4
  delete from async_jobs_test_rows where n = 4;
  commit;
end;
/
declare
  l_zero  number := 0;
  l_count number;
begin
  delete from async_jobs_test_rows;
  insert into async_jobs_test_rows (table_name, n) values ('one', 1);
  insert into async_jobs_test_rows (table_name, n)
  values ('two', 1 / l_zero);
  commit;
exception
  when zero_divide then
    dbms_output.put_line(sql%rowcount);  -- expect: 1
    -- expect: ORA-06512: at line 7
    dbms_output.put_line(rtrim(dbms_utility.format_error_backtrace, chr(10)));
    select count(*) into l_count from async_jobs_test_rows;
    dbms_output.put_line(l_count);  -- expect: 1
    rollback;
end;
/
declare
  type t_list is table of varchar2(10) index by pls_integer;
  l_list  t_list;
  l_count number;
begin
  insert into async_jobs_test_rows (table_name, n) values ('one', 1);
  insert into async_jobs_test_rows (table_name, n) values (l_list(7), 1);
  commit;
exception
  when no_data_found then
    -- expect: ORA-06512: at line 7
    dbms_output.put_line(rtrim(dbms_utility.format_error_backtrace, chr(10)));
    select count(*) into l_count from async_jobs_test_rows;
    dbms_output.put_line(l_count);  -- expect: 1
    rollback;
end;
/
