-- PL/SQL Language Reference 19c, 14 CREATE TRIGGER, ALTER TRIGGER, DROP TRIGGER; SQL Language
-- Reference 19c, ALTER TABLE, "enable_disable_clause"; Error Messages, ORA-04070 to 04099, 25000 to
-- 25099; Database Reference 19c, ALL_TRIGGERS
create table trigger_targets (id number, name varchar2(20))
/
create trigger trigger_x on trigger_targets begin null; end;
-- expect error: ORA-04071: missing BEFORE, AFTER or INSTEAD OF keyword
/
create trigger trigger_x before insert of id on trigger_targets begin null; end;
-- expect error: ORA-04073: column list not valid for this trigger type
/
create trigger trigger_x before update of none on trigger_targets begin null; end;
-- expect error: ORA-00904: "NONE": invalid identifier
/
create trigger trigger_x before insert on no_such_table begin null; end;
-- expect error: ORA-00942: table or view does not exist
/
create trigger trigger_x before insert on trigger_targets when (new.id > 0) begin null; end;
-- expect error: ORA-04077: WHEN clause cannot be used with table level triggers
/
create trigger trigger_x before insert on trigger_targets referencing new as r old as r for each row begin null; end;
-- expect error: ORA-04078: OLD and NEW values cannot be identical
/
create trigger trigger_x before insert on trigger_targets begin dbms_output.put_line(:new.id); end;
-- expect error: ORA-04082: NEW or OLD references not allowed in table level triggers
/
create trigger trigger_x after insert on trigger_targets for each row begin :new.id := 1; end;
-- expect error: ORA-04084: cannot change NEW values for this trigger type
/
create trigger trigger_x before delete on trigger_targets for each row begin :new.id := 1; end;
-- expect error: ORA-04084: cannot change NEW values for this trigger type
/
create trigger trigger_x before update on trigger_targets for each row begin select 1 into :old.id from dual; end;
-- expect error: ORA-04085: cannot change the value of an OLD reference variable
/
create trigger trigger_x instead of insert on trigger_targets begin null; end;
-- expect error: ORA-25002: cannot create INSTEAD OF triggers on tables
/
create trigger trigger_x before insert on dual begin null; end;
-- expect error: ORA-04089: cannot create triggers on objects owned by SYS
/
create trigger trigger_x for update on trigger_targets compound trigger
  before statement is begin null; end before statement;
end;
-- expect error: ORA-03001: unimplemented feature: compound triggers
/
begin
  for t in (select trigger_name from user_triggers where trigger_name = 'TRIGGER_X') loop
    dbms_output.put_line('made');
  end loop;
end;
/
create trigger trigger_x
before update of id, name or insert
on trigger_targets
referencing old as before_it new as after_it
for each row
when (after_it.id > 0)
declare
  l_missing no_such_type;
begin
  :after_it.nothing := 1;
end trigger_x;
/
begin
  for e in (select line, position, text from user_errors where name = 'TRIGGER_X' and type = 'TRIGGER' order by sequence) loop
    dbms_output.put_line(e.line || ' ' || e.text);
  end loop;
  -- lines count from DECLARE
  -- expect: 2 PLS-00201: identifier 'NO_SUCH_TYPE' must be declared
  -- expect: 2 PL/SQL: Item ignored
  -- expect: 4 PLS-00049: bad bind variable 'AFTER_IT.NOTHING'
  -- expect: 4 PL/SQL: Statement ignored
  for t in (select * from user_triggers where trigger_name = 'TRIGGER_X') loop
    dbms_output.put_line(t.trigger_type || ', ' || t.triggering_event || ', ' || t.table_name || ', ' || t.status);
    -- expect: BEFORE EACH ROW, INSERT OR UPDATE, TRIGGER_TARGETS, ENABLED
    dbms_output.put_line(t.when_clause || ', ' || t.referencing_names);
    -- expect: after_it.id > 0, REFERENCING NEW AS AFTER_IT OLD AS BEFORE_IT
  end loop;
  for o in (select status from user_objects where object_name = 'TRIGGER_X' and object_type = 'TRIGGER') loop
    dbms_output.put_line(o.status);  -- expect: INVALID
  end loop;
  for s in (select text from user_source where name = 'TRIGGER_X' and type = 'TRIGGER' and line = 3) loop
    dbms_output.put_line(rtrim(s.text, chr(10)));  -- expect: on trigger_targets
  end loop;
end;
/
insert into trigger_targets values (1, 'x')
-- expect error: ORA-04098: trigger 'ORAQ.TRIGGER_X' is invalid and failed re-validation
/
delete from trigger_targets
/
alter trigger trigger_x disable
/
insert into trigger_targets values (1, 'x')
/
create trigger trigger_x after insert on trigger_targets begin null; end;
-- expect error: ORA-04081: trigger 'TRIGGER_X' already exists
/
create table trigger_others (id number)
/
create or replace trigger trigger_x after insert on trigger_others begin null; end;
-- expect error: ORA-04095: trigger 'TRIGGER_X' already exists on another table, cannot replace it
/
drop table trigger_others
/
create or replace trigger trigger_x before insert on trigger_targets for each row
begin
  dbms_output.put_line('fires ' || :new.id);
  :new.name := 'a name that is too long for it';
end;
/
insert into trigger_targets values (1, 'x')
-- expect: fires 1
-- expect error: ORA-06502: PL/SQL: numeric or value error: character string buffer too small
-- expect error: ORA-06512: at "ORAQ.TRIGGER_X", line 3
/
alter table trigger_targets disable all triggers
/
insert into trigger_targets values (1, 'x')
/
alter table trigger_targets enable all triggers
/
alter table trigger_targets modify (name varchar2(40))
/
declare
  l_name trigger_targets.name%type;
begin
  insert into trigger_targets values (2, 'x') returning name into l_name;  -- expect: fires 2
  dbms_output.put_line(l_name);  -- expect: a name that is too long for it
end;
/
alter trigger trigger_x compile
/
alter trigger no_such_trigger compile
-- expect error: ORA-04080: trigger 'NO_SUCH_TRIGGER' does not exist
/
alter trigger no_such_trigger enable
-- expect error: ORA-04080: trigger 'NO_SUCH_TRIGGER' does not exist
/
rename trigger_targets to trigger_renamed
/
insert into trigger_renamed values (3, 'x')
-- expect: fires 3
/
drop trigger trigger_x
/
insert into trigger_renamed values (4, 'x')
/
drop trigger trigger_x
-- expect error: ORA-04080: trigger 'TRIGGER_X' does not exist
/
drop table trigger_renamed
/
