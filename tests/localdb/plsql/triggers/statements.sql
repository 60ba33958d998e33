-- PL/SQL Language Reference 19c, 9 PL/SQL Triggers, "Order in Which Triggers Fire", "Exception
-- Handling in Triggers"; 14 CREATE TRIGGER Statement, FOLLOWS
create table trigger_steps (id number primary key, n number)
/
create or replace trigger trigger_steps_bs before insert or update or delete on trigger_steps
begin
  dbms_output.put_line(
    'before ' || case when inserting then 'insert' when updating('N') then 'update n' when updating then 'update'
      else 'delete' end
  );
end;
/
create or replace trigger trigger_steps_br before insert or update or delete on trigger_steps for each row
begin
  dbms_output.put_line('before ' || coalesce(:new.id, :old.id));
end;
/
create or replace trigger trigger_steps_ar after insert or update or delete on trigger_steps for each row
begin
  dbms_output.put_line('after ' || coalesce(:new.id, :old.id));
  if :new.n < 0 then
    raise_application_error(-20001, 'negative', true);
  end if;
end;
/
create or replace trigger trigger_steps_as after insert or update or delete on trigger_steps
declare
  l_sum number;
begin
  -- the statement's work is done: its table may be read
  select sum(n) into l_sum from trigger_steps;
  dbms_output.put_line('sum ' || nvl(l_sum, 0));
  if l_sum > 100 then
    raise value_error;
  end if;
end;
/
begin
  insert into trigger_steps select level, level from dual connect by level <= 2;
  dbms_output.put_line(sql%rowcount);
  update trigger_steps set id = id where id = 2;
  delete from trigger_steps where id = 3;
  dbms_output.put_line(sql%rowcount);
end;
-- expect: before insert
-- expect: before 1
-- expect: after 1
-- expect: before 2
-- expect: after 2
-- expect: sum 3
-- expect: 2
-- expect: before update
-- expect: before 2
-- expect: after 2
-- expect: sum 3
-- expect: before delete
-- expect: sum 3
-- expect: 0
/
declare
  l_count number;
begin
  insert into trigger_steps values (1, 1);
  -- expect: before insert
  -- expect: before 1
  -- expect: after 1
  -- expect: sum 1
  begin
    insert into trigger_steps select 5 - level, 2 - level from dual connect by level <= 4;
    -- expect: before insert
    -- expect: before 4
    -- expect: after 4
    -- expect: before 3
    -- expect: after 3
    -- expect: before 2
    -- expect: after 2
  exception
    when others then
      dbms_output.put_line(sqlcode || ' ' || sql%rowcount);  -- expect: -20001 1
  end;
  -- all of the statement is undone, and nothing else
  select count(*) into l_count from trigger_steps;
  dbms_output.put_line(l_count);  -- expect: 1
end;
/
insert into trigger_steps values (1, -1)
-- expect: before insert
-- expect: before 1
-- expect: after 1
-- expect error: ORA-20001: negative
-- expect error: ORA-06512: at "ORAQ.TRIGGER_STEPS_AR", line 4
-- expect error: ORA-04088: error during execution of trigger 'ORAQ.TRIGGER_STEPS_AR'
/
begin
  insert into trigger_steps values (1, 101);
end;
-- expect: before insert
-- expect: before 1
-- expect: after 1
-- expect: sum 101
-- expect error: ORA-06502: PL/SQL: numeric or value error
-- expect error: ORA-06512: at "ORAQ.TRIGGER_STEPS_AS", line 8
-- expect error: ORA-04088: error during execution of trigger 'ORAQ.TRIGGER_STEPS_AS'
-- expect error: ORA-06512: at line 2
/
drop table trigger_steps
/
create table trigger_order (id number)
/
create or replace trigger trigger_order_b before insert on trigger_order for each row
begin
  dbms_output.put_line('b ' || :new.id);
  :new.id := :new.id + 1;
end;
/
create or replace trigger trigger_order_c before insert on trigger_order for each row follows trigger_order_b
begin
  dbms_output.put_line(rtrim('c ' || :new.id));
end;
/
create or replace trigger trigger_order_b before insert on trigger_order for each row
begin
  dbms_output.put_line(rtrim('new b ' || :new.id));
  :new.id := :new.id * 10;
end;
/
insert into trigger_order values (1)
-- expect: new b 1
-- expect: c 10
/
create trigger trigger_order_d before insert on trigger_order follows no_such_trigger begin null; end;
-- expect error: ORA-04080: trigger 'NO_SUCH_TRIGGER' does not exist
/
declare
  type t_numbers is table of number;
  l_ids t_numbers := t_numbers(1, null, 3);
begin
  -- a trigger's own statements do not change the counts of the code around
  forall i in 1 .. 3
    insert into trigger_order values (l_ids(i));
  -- expect: new b 1
  -- expect: c 10
  -- expect: new b
  -- expect: c
  -- expect: new b 3
  -- expect: c 30
  dbms_output.put_line(sql%rowcount || ' ' || sql%bulk_rowcount(2));  -- expect: 3 1
end;
/
drop table trigger_order
/
