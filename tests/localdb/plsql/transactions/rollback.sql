-- PL/SQL Language Reference 19c, 6 Transaction Processing and Control
declare
  l_count number;
  procedure note_it is
    pragma autonomous_transaction;
  begin
    insert into async_jobs_test_rows (table_name, n) values ('autonomous', 1);
    commit;
  end note_it;
begin
  delete from async_jobs_test_rows;
  commit;
  insert into async_jobs_test_rows (table_name, n) values ('main', 1);
  note_it;
  savepoint here;
  update async_jobs_test_rows set n = n + 10;
  dbms_output.put_line(sql%rowcount);  -- expect: 2
  rollback to here;
  begin
    insert into async_jobs_test_rows (table_name, n) values ('kept', 1);
    insert into async_jobs_test_rows (table_name, n) values ('too large', 1 / 0);
  exception
    when zero_divide then
      null;
  end;
  select count(*) into l_count from async_jobs_test_rows;
  dbms_output.put_line(l_count);  -- expect: 3
  rollback;
  select count(*) into l_count from async_jobs_test_rows;
  dbms_output.put_line(l_count);  -- expect: 1
  delete from async_jobs_test_rows;
  commit;
end;
/
declare
  procedure forgets is
    pragma autonomous_transaction;
  begin
    insert into async_jobs_test_rows (table_name, n) values ('open', 1);
  end forgets;
begin
  forgets;
end;
-- expect error: ORA-06519: active autonomous transaction detected and rolled back
/
declare
  type t_ns is table of number;
  l_ns t_ns := t_ns(1, 2, 3);
  l_back t_ns;
begin
  forall i in 1 .. l_ns.count
    insert into async_jobs_test_rows (table_name, n) values ('bulk', l_ns(i))
    returning n * 2 bulk collect into l_back;
  dbms_output.put_line(sql%rowcount || ' ' || l_back(3));  -- expect: 3 6
  forall i in indices of l_ns
    delete from async_jobs_test_rows where table_name = 'bulk' and n = l_ns(i);
  dbms_output.put_line(sql%bulk_rowcount(2));  -- expect: 1
  rollback;
end;
/
