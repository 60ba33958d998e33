-- PL/SQL Language Reference 19c, 9 PL/SQL Triggers, "Mutating-Table Restriction"; Error Messages,
-- ORA-04091; SQL Language Reference and Support: the row triggers before INSERT ... VALUES may read
create table trigger_mutants (id number primary key, n number)
/
create or replace function trigger_mutants_count return number is
  l_count number;
begin
  select count(*) into l_count from trigger_mutants;
  return l_count;
end;
/
create or replace trigger trigger_mutants_b before insert or update on trigger_mutants for each row
begin
  :new.n := trigger_mutants_count();
end;
/
declare
  l_n number;
begin
  insert into trigger_mutants (id) values (1);
  insert into trigger_mutants (id) values (2) returning n into l_n;
  dbms_output.put_line(l_n);  -- expect: 1
end;
/
insert into trigger_mutants (id) select 3 from dual
-- expect error: ORA-04091: table ORAQ.TRIGGER_MUTANTS is mutating, trigger/function may not see it
-- expect error: ORA-06512: at "ORAQ.TRIGGER_MUTANTS_COUNT", line 4
-- expect error: ORA-06512: at "ORAQ.TRIGGER_MUTANTS_B", line 2
-- expect error: ORA-04088: error during execution of trigger 'ORAQ.TRIGGER_MUTANTS_B'
/
begin
  insert into trigger_mutants (id) values (1);
  update trigger_mutants set n = 5;
end;
-- expect error: ORA-04091: table ORAQ.TRIGGER_MUTANTS is mutating, trigger/function may not see it
-- expect error: ORA-06512: at line 3
/
create or replace trigger trigger_mutants_b before insert on trigger_mutants for each row
begin
  null;
end;
/
create or replace trigger trigger_mutants_a after insert on trigger_mutants for each row
begin
  insert into trigger_mutants values (:new.id + 1, 1);
end;
/
insert into trigger_mutants (id) values (1)
-- expect error: ORA-04091: table ORAQ.TRIGGER_MUTANTS is mutating, trigger/function may not see it
-- expect error: ORA-06512: at "ORAQ.TRIGGER_MUTANTS_A", line 2
/
create or replace trigger trigger_mutants_a after delete on trigger_mutants for each row
declare
  pragma autonomous_transaction;
begin
  -- another transaction: it sees the table as it was
  dbms_output.put_line(trigger_mutants_count());
end;
/
begin
  insert into trigger_mutants values (1, 1);
  commit;
  delete from trigger_mutants;  -- expect: 1
  commit;
end;
/
create table trigger_logs (id number)
/
create or replace trigger trigger_mutants_a after insert on trigger_mutants for each row
begin
  insert into trigger_logs values (:new.id);
end;
/
create or replace trigger trigger_logs_s before insert on trigger_logs
begin
  dbms_output.put_line(trigger_mutants_count());
end;
/
insert into trigger_mutants values (1, 1)
-- expect error: ORA-04091: table ORAQ.TRIGGER_MUTANTS is mutating, trigger/function may not see it
-- expect error: ORA-06512: at "ORAQ.TRIGGER_LOGS_S", line 2
-- expect error: ORA-04088: error during execution of trigger 'ORAQ.TRIGGER_LOGS_S'
-- expect error: ORA-06512: at "ORAQ.TRIGGER_MUTANTS_A", line 2
-- expect error: ORA-04088: error during execution of trigger 'ORAQ.TRIGGER_MUTANTS_A'
/
create or replace trigger trigger_logs_s before insert on trigger_logs
begin
  null;
end;
/
declare
  l_count number;
begin
  insert into trigger_mutants select level, 1 from dual connect by level <= 3;
  select count(*) into l_count from trigger_logs;
  dbms_output.put_line(sql%rowcount || ' ' || l_count);  -- expect: 1 3
end;
/
create or replace trigger trigger_mutants_a after update on trigger_mutants
begin
  update trigger_mutants set n = 1;
end;
/
begin
  insert into trigger_mutants values (1, 1);
  update trigger_mutants set n = 2;
end;
-- expect error: ORA-00036: maximum number of recursive SQL levels (50) exceeded
/
drop table trigger_mutants
/
drop table trigger_logs
/
drop function trigger_mutants_count
/
