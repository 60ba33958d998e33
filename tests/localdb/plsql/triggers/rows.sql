-- PL/SQL Language Reference 19c, 9 PL/SQL Triggers, "DML Triggers", "Correlation Names and
-- Pseudorecords", "Conditional Predicates for Detecting Triggering DML Statement"
create table trigger_rows (id number primary key, name varchar2(10) not null, sal number(7,2), at date)
/
create sequence trigger_rows_seq
/
create or replace trigger trigger_rows_bi before insert on trigger_rows for each row
begin
  if :new.id is null then
    :new.id := trigger_rows_seq.nextval;
  end if;
  select upper(:new.name) into :new.name from dual;
  if :old.id is null and :old.name is null then
    dbms_output.put_line('before ' || nvl(:new.name, 'nobody'));
  end if;
end trigger_rows_bi;
/
insert into trigger_rows (name) values ('smith')
-- expect: before SMITH
/
insert into trigger_rows (name, sal) select 'a' || level, level from dual connect by level <= 3
-- expect: before A1
-- expect: before A2
-- expect: before A3
/
begin
  insert into trigger_rows (name) values (null);
end;
-- expect: before nobody
-- expect error: ORA-01400: cannot insert NULL into ("ORAQ"."TRIGGER_ROWS"."NAME")
-- expect error: ORA-06512: at line 2
/
begin
  insert into trigger_rows (name) values ('much too long');
end;
-- the value is that of the column before a trigger sees it
-- expect error: ORA-12899: value too large for column "ORAQ"."TRIGGER_ROWS"."NAME" (actual: 13, maximum: 10)
/
declare
  l_id   number;
  l_name trigger_rows.name%type;
begin
  insert into trigger_rows (name, sal) values ('one', 1.005) returning id - id, name into l_id, l_name;
  -- expect: before ONE
  dbms_output.put_line(l_id || l_name || sql%rowcount);  -- expect: 0ONE1
  select sal into l_id from trigger_rows where name = 'ONE';
  dbms_output.put_line(l_id);  -- expect: 1.01
end;
/
create or replace trigger trigger_rows_aud
  after update of sal or delete on trigger_rows
  referencing old as was new as is_now
  for each row
  when (is_now.sal > 2 or was.sal = 1)
declare
  l_what varchar2(20);
begin
  l_what := case when updating('sal') then 'update' when updating then 'other' when deleting then 'delete' end;
  dbms_output.put_line(l_what || ' ' || :was.sal || ' ' || nvl(to_char(:is_now.sal), 'gone'));
end;
/
begin
  insert into trigger_rows (id, name, sal) values (1, 'a', 1);  -- expect: before A
  insert into trigger_rows (id, name, sal) values (2, 'b', 2);  -- expect: before B
  update trigger_rows set sal = sal + 1;
  -- expect: update 1 2
  -- expect: update 2 3
  dbms_output.put_line(sql%rowcount);  -- expect: 2
  update trigger_rows set name = 'c' where id = 1;
  update trigger_rows set sal = 1;
  -- 2 and 3 become 1: the condition is not met
  delete from trigger_rows where id = 1;
  -- expect: delete 1 gone
  dbms_output.put_line(sql%rowcount);  -- expect: 1
  delete from trigger_rows where id = 99;
  dbms_output.put_line(sql%rowcount);  -- expect: 0
end;
/
create or replace trigger trigger_rows_bu before update on trigger_rows for each row
begin
  :new.at := date '2024-02-03';
  :new.sal := :new.sal + :old.sal;
end;
/
declare
  type t_numbers is table of number;
  type t_dates is table of date;
  l_sals t_numbers;
  l_ats  t_dates;
begin
  insert into trigger_rows (id, name, sal) values (1, 'a', 1);  -- expect: before A
  insert into trigger_rows (id, name, sal) values (2, 'b', 2);  -- expect: before B
  update trigger_rows set (name, sal) = (select 'sub', 10 from dual)
  returning sal, at bulk collect into l_sals, l_ats;
  -- expect: update 1 11
  -- expect: update 2 12
  -- expect: 11 12 03
  dbms_output.put_line(l_sals(1) || ' ' || l_sals(2) || ' ' || to_char(l_ats(2), 'DD'));
  forall i in 1 .. 2
    update trigger_rows set sal = i where id = i returning sal bulk collect into l_sals;
  -- expect: update 11 12
  -- expect: update 12 14
  dbms_output.put_line(l_sals(1) || ' ' || l_sals(2) || ' ' || sql%bulk_rowcount(2));  -- expect: 12 14 1
end;
/
create or replace trigger trigger_rows_bi before insert on trigger_rows for each row disable
begin
  raise program_error;
end;
/
insert into trigger_rows (id, name) values (1, 'a')
/
drop table trigger_rows
/
drop sequence trigger_rows_seq
/
begin
  for t in (select trigger_name from user_triggers where table_name = 'TRIGGER_ROWS') loop
    dbms_output.put_line(t.trigger_name);
  end loop;
  execute immediate 'drop trigger trigger_rows_bi';
end;
-- expect error: ORA-04080: trigger 'TRIGGER_ROWS_BI' does not exist
/
