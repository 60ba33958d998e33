-- PL/SQL Language Reference 19c, 6 PL/SQL Static SQL, "SELECT FOR UPDATE and FOR UPDATE Cursors"
begin
  execute immediate 'create table current_rows (id number, note varchar2(20), times number default 0)';
  execute immediate 'insert into current_rows (id, note) select level, ''n'' || level from dual connect by level <= 4';
  commit;
end;
/
declare
  cursor c is select id, note from current_rows where id <= 3 order by id for update;
  l_row c%rowtype;
begin
  open c;
  loop
    fetch c into l_row;
    exit when c%notfound;
    update current_rows set note = l_row.note || '!' where current of c;
    dbms_output.put_line(sql%rowcount);
    if l_row.id = 2 then
      delete from current_rows where current of c;
    end if;
  end loop;
  close c;
  commit;
end;
-- expect: 1
-- expect: 1
-- expect: 1
/
begin
  for r in (select id, note from current_rows order by id) loop
    dbms_output.put_line(r.id || r.note);
  end loop;
end;
-- expect: 1n1!
-- expect: 3n3!
-- expect: 4n4
/
-- in a cursor FOR loop, of every column, twice on the same row
declare
  cursor c is select * from current_rows t where id > 2 order by t.id for update of note nowait;
begin
  for r in c loop
    update current_rows set times = times + 1 where current of c;
    update current_rows set times = times + 1, note = r.note || '?' where current of c;
    dbms_output.put_line(r.id || ' ' || r.times || ' ' || c%rowcount);
  end loop;
  for r in (select id, note, times from current_rows order by id) loop
    dbms_output.put_line(r.id || r.note || r.times);
  end loop;
end;
-- expect: 3 0 1
-- expect: 4 0 2
-- expect: 1n1!0
-- expect: 3n3!?2
-- expect: 4n4?2
/
declare
  cursor c (p_id number) is select id from current_rows where id = p_id for update;
  l_id number;
  l_note varchar2(20);
begin
  open c(4);
  fetch c into l_id;
  update current_rows set note = 'returned' where current of c returning note into l_note;
  dbms_output.put_line(l_note);  -- expect: returned
  close c;
end;
/
declare
  cursor c is select id from current_rows for update;
begin
  open c;
  update current_rows set note = 'x' where current of c;  -- expect error: ORA-01410: invalid ROWID
end;
/
declare
  cursor c is select id from current_rows for update;
begin
  update current_rows set note = 'x' where current of c;  -- expect error: ORA-01001: invalid cursor
end;
/
declare
  cursor c is select id from current_rows;
begin
  update current_rows set note = 'x' where current of c;  -- expect error: PLS-00404: cursor 'C' must be declared with FOR UPDATE to use with CURRENT OF
end;
/
declare
  c number;
begin
  update current_rows set note = 'x' where current of c;  -- expect error: PLS-00413: identifier in CURRENT OF clause is not a cursor name
end;
/
begin
  execute immediate 'drop table current_rows';
end;
/
